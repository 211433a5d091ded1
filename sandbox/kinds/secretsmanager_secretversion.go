package kinds

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// mostSecret is the size of a secret's value in bytes.
// Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
const mostSecret = 65536

var _ = register(&Kind{
	Token:    SecretVersion,
	Args:     secretsmanager.SecretVersionArgs{},
	Resource: &secretsmanager.SecretVersion{},
	API:      API{Service: "Secrets Manager", Noun: "Secrets Manager Secret Version", Create: "PutSecretValue", Update: "UpdateSecretVersionStage", Delete: "UpdateSecretVersionStage"},
	References: []Reference{
		{Path: "secretId", To: []string{Secret}, Code: "ResourceNotFoundException", Message: "Secrets Manager can't find the specified secret. (%s)"},
	},
	Secrets: []string{"secretString", "secretBinary"},
	Rules: []Rule{
		Conflicting("secretString", "secretBinary"),
		{Name: "a value", Stage: AtApply, Code: "InvalidRequestException", Broken: func(d *Draft) *Refusal {
			if d.Text("secretString")+d.Text("secretBinary") == "" {
				return Refuse("secretString", "You must provide either SecretString or SecretBinary.")
			}
			return nil
		}},
		{Name: "size of the value", Stage: AtApply, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			if len(d.Text("secretString")) > mostSecret {
				return Refuse("secretString", "Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to %d", mostSecret)
			}
			return nil
		}},
		{Name: "the key of the secret", Stage: AtApply, Code: "EncryptionFailure", Broken: func(d *Draft) *Refusal {
			secret := d.Find(Secret, d.Text("secretId"))
			if secret == nil || !unusableKey(d, secret.Text("kmsKeyId")) {
				return nil
			}
			return Refuse("secretId", "Secrets Manager can't encrypt the protected secret text using the provided KMS key '%s'.", secret.Text("kmsKeyId"))
		}},
	},
	Replaces: []string{"secretId", "secretString", "secretBinary"},
	Sets:     []string{"versionStages"},
	ID:       func(d *Draft) string { return d.Text("secretId") + "|" + d.Output("versionId").Text() },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.Text("secretId")) }},
		{Name: "versionId", Value: func(d *Draft) resource.PropertyValue { return Text(d.UUID("version")) }},
		fixed("versionStages", Texts("AWSCURRENT")),
	},
})
