package kinds

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	symmetricKey = "SYMMETRIC_DEFAULT"
	// mostKeyPolicy is in bytes: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html.
	mostKeyPolicy = 32768
)

// keySpecs are what a key may be, by what it may be used for.
// Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
var keySpecs = map[string][]string{
	"ENCRYPT_DECRYPT":     {symmetricKey, "RSA_2048", "RSA_3072", "RSA_4096", "SM2"},
	"SIGN_VERIFY":         {"RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "SM2"},
	"GENERATE_VERIFY_MAC": {"HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"},
	"KEY_AGREEMENT":       {"ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "SM2"},
}

// A key is never refused its deletion: AWS schedules it, and whatever was encrypted with it is lost when the time has come.
// Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html and API_EnableKeyRotation.html beside it.
var _ = register(&Kind{
	Token:    Key,
	Args:     kms.KeyArgs{},
	Resource: &kms.Key{},
	API:      API{Service: "KMS", Noun: "KMS Key", Create: "CreateKey", Update: "PutKeyPolicy", Delete: "ScheduleKeyDeletion"},
	Defaults: []Default{
		{Path: "bypassPolicyLockoutSafetyCheck", Value: Flag(false)}, {Path: "customerMasterKeySpec", Value: Text(symmetricKey)},
		{Path: "enableKeyRotation", Value: Flag(false)}, {Path: "isEnabled", Value: Flag(true)}, {Path: "keyUsage", Value: Text("ENCRYPT_DECRYPT")},
	},
	Rules: []Rule{
		lacking("custom key stores and CloudHSM clusters", "customKeyStoreId", "xksKeyId"),
		InRange("deletionWindowInDays", 7, 30), InRange("rotationPeriodInDays", 90, 2560), LengthIn("description", 0, 8192),
		OneOf("keyUsage", "ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"),
		{Name: "values of customerMasterKeySpec", Broken: func(d *Draft) *Refusal {
			for _, usage := range []string{"ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"} {
				if slices.Contains(keySpecs[usage], d.Text("customerMasterKeySpec")) {
					return nil
				}
			}
			return Refuse("customerMasterKeySpec", "expected customerMasterKeySpec to be a key spec of KMS, got %s", d.Text("customerMasterKeySpec"))
		}},
		{Name: "a rotation period without rotation", Broken: func(d *Draft) *Refusal {
			if d.Has("rotationPeriodInDays") && !d.Bool("enableKeyRotation") {
				return Refuse("rotationPeriodInDays", "\"rotationPeriodInDays\": all of `enableKeyRotation,rotationPeriodInDays` must be specified")
			}
			return nil
		}},
		policyJSON("policy"),
		{Name: "usage of the key's spec", Stage: AtApply, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			usage, spec := d.Text("keyUsage"), d.Text("customerMasterKeySpec")
			if allowed := keySpecs[usage]; allowed != nil && !slices.Contains(allowed, spec) && spec != "" {
				return Refuse("keyUsage", "KeyUsage %s is not compatible with KeySpec %s", usage, spec)
			}
			return nil
		}},
		{Name: "rotation of a symmetric key", Stage: AtApply, Code: "UnsupportedOperationException", Operation: "EnableKeyRotation", Broken: func(d *Draft) *Refusal {
			if spec := d.Text("customerMasterKeySpec"); d.Bool("enableKeyRotation") && spec != symmetricKey {
				return Refuse("enableKeyRotation", "%s keys are not rotated automatically", spec)
			}
			return nil
		}},
		{Name: "policy", Stage: AtApply, Code: "MalformedPolicyDocumentException", Broken: keyPolicy},
		{Name: "principals of the policy", Stage: AtApply, Code: "MalformedPolicyDocumentException", Broken: func(d *Draft) *Refusal {
			statements, _ := readPolicy(d.Text("policy"))
			if unknown := unknownPrincipal(d, statements); unknown != "" {
				return Refuse("policy", "Policy contains a statement with one or more invalid principals. (%s)", unknown)
			}
			return nil
		}},
		{Name: "a policy that locks the account out", Stage: AtApply, Code: "MalformedPolicyDocumentException", Broken: lockedOut},
		{Name: "size of the policy", Stage: AtApply, Code: "LimitExceededException", Broken: func(d *Draft) *Refusal {
			if size := len(d.Text("policy")); size > mostKeyPolicy {
				return Refuse("policy", "The key policy of %d bytes is over the limit of %d", size, mostKeyPolicy)
			}
			return nil
		}},
	},
	Replaces: []string{"customerMasterKeySpec", "keyUsage", "multiRegion", "customKeyStoreId", "xksKeyId"},
	ID:       func(d *Draft) string { return d.Output("keyId").Text() },
	Computed: []Output{
		{Name: "keyId", Value: func(d *Draft) resource.PropertyValue {
			if d.Bool("multiRegion") {
				return Text("mrk-" + d.Hex("key", 32))
			}
			return Text(d.UUID("key"))
		}},
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("kms", "key/"+d.Output("keyId").Text())) }},
		{Name: "policy", Value: func(d *Draft) resource.PropertyValue {
			return Text(fmt.Sprintf(`{"Id":"key-default-1","Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":%q},"Resource":"*","Sid":"Enable IAM User Permissions"}],"Version":"2012-10-17"}`,
				d.GlobalARN("iam", "root")))
		}},
		{Name: "rotationPeriodInDays", Value: func(d *Draft) resource.PropertyValue {
			if d.Bool("enableKeyRotation") {
				return Number(365)
			}
			return Number(0)
		}},
		fixed("multiRegion", Flag(false)), fixed("description", Text("")),
	},
})

// keyPolicy is what KMS refuses of a policy without looking at who it names.
func keyPolicy(d *Draft) *Refusal {
	if !d.Has("policy") {
		return nil
	}
	statements, problem := readPolicy(d.Text("policy"))
	for _, statement := range statements {
		switch {
		case problem != "":
		case len(statement.Principal)+len(statement.NotPrincipal) == 0:
			problem = "Missing required field Principal"
		case !slices.Equal(statement.Resource, []string{"*"}):
			problem = "The resource of a key policy must be \"*\", which is the key itself"
		default:
			problem = policyActions(statement)
		}
	}
	if problem == "" {
		return nil
	}
	return Refuse("policy", "%s", problem)
}

// lockedOut refuses a policy under which nobody of the account could change the policy again.
// Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
func lockedOut(d *Draft) *Refusal {
	if !d.Has("policy") || d.Bool("bypassPolicyLockoutSafetyCheck") {
		return nil
	}
	context := keyContext{"kms:calleraccount": d.Account, "aws:principalaccount": d.Account}
	if keyAllows(d.Text("policy"), byAccount(d), []string{"kms:PutKeyPolicy"}, context) {
		return nil
	}
	return Refuse("policy", "The new key policy will not allow you to update the key policy in the future.")
}
