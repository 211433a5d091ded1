package kinds

import (
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var secretName = regexp.MustCompile(`^[0-9A-Za-z/_+=.@-]+$`)

// Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html and API_DeleteSecret.html
// beside it.
var _ = register(&Kind{
	Token:    Secret,
	Args:     secretsmanager.SecretArgs{},
	Resource: &secretsmanager.Secret{},
	API:      API{Service: "Secrets Manager", Noun: "Secrets Manager Secret", Create: "CreateSecret", Update: "UpdateSecret", Delete: "DeleteSecret"},
	Name:     &AutoName{Property: "name", Max: 512, Unless: []string{"namePrefix"}},
	Defaults: []Default{{Path: "forceOverwriteReplicaSecret", Value: Flag(false)}, {Path: "recoveryWindowInDays", Value: Number(30)}},
	Rules: []Rule{
		LengthIn("name", 1, 512), LengthIn("description", 0, 2048), Conflicting("name", "namePrefix"),
		Matching("name", secretName, "must contain alphanumeric characters and any of the following characters: /_+=.@-"),
		{Name: "recovery window", Broken: func(d *Draft) *Refusal {
			if days := d.Int("recoveryWindowInDays"); !d.At("recoveryWindowInDays").Unknown() && days != 0 && (days < 7 || days > 30) {
				return Refuse("recoveryWindowInDays", "expected recoveryWindowInDays to be 0 or in the range (7 - 30), got %d", days)
			}
			return nil
		}},
		policyJSON("policy"),
		{Name: "a key that exists", Stage: AtApply, Code: "EncryptionFailure", Broken: func(d *Draft) *Refusal {
			if id := d.Text("kmsKeyId"); unusableKey(d, id) {
				return Refuse("kmsKeyId", "Secrets Manager can't encrypt the protected secret text using the provided KMS key '%s'. Check that the key is available, enabled, and not in an invalid state.", id)
			}
			return nil
		}},
		{Name: "policy", Stage: AtApply, Code: "MalformedPolicyDocumentException", Operation: "PutResourcePolicy", Broken: func(d *Draft) *Refusal {
			if !d.Has("policy") {
				return nil
			}
			statements, problem := readPolicy(d.Text("policy"))
			if unknown := unknownPrincipal(d, statements); problem == "" && unknown != "" {
				problem = "This resource policy contains an unsupported principal. (" + unknown + ")"
			}
			if problem != "" {
				return Refuse("policy", "%s", problem)
			}
			return nil
		}},
		{Name: "Regions of replicas", Stage: AtApply, Code: "InvalidParameterException", Broken: func(d *Draft) *Refusal {
			for _, region := range d.Each("replicas[].region") {
				if region.Text() == d.Region || !KnownRegion(region.Text()) {
					return Refuse(region.Path(), "Invalid replica region. (%s)", region.Text())
				}
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "ResourceExistsException", Broken: func(d *Draft) *Refusal {
			if d.FindBy(Secret, "name", d.Text("name")) != nil {
				return Refuse("name", "The operation failed because the secret %s already exists.", d.Text("name"))
			}
			return nil
		}},
	},
	Replaces: []string{"name", "namePrefix"},
	Sets:     []string{"replicas"},
	ID:       func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")), fixed("policy", Text("")), fixed("replicas", List()),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("secretsmanager", "secret:"+d.Output("name").Text()+"-"+d.Hex("arn", 6)))
		}},
	},
})

// unusableKey is true for a key that is not there or not enabled. AWS's own key needs no mention.
func unusableKey(d *Draft, id string) bool {
	if id == "" || keyOfAWS(id) {
		return false
	}
	key := keyBy(d, id)
	return key == nil || !keyEnabled(key)
}
