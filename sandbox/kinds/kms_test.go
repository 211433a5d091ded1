package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	administer = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}`
	keyOne     = "arn:aws:kms:eu-central-1:123456789012:key/one"
)

func keyPolicyOf(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func key(changes In) Draft {
	return func(*Lab) In { return changed(In{"policy": keyPolicyOf(administer)}, changes) }
}

func keyWith(statements ...string) Draft { return key(In{"policy": keyPolicyOf(statements...)}) }

var _ = suite(kinds.Key, Suite{
	Valid: map[string]Draft{
		"with a policy":       key(nil),
		"with AWS's own":      key(In{"policy": nil, "enableKeyRotation": true, "deletionWindowInDays": 7}),
		"of several Regions":  key(In{"multiRegion": true, "enableKeyRotation": true, "rotationPeriodInDays": 90}),
		"to sign":             key(In{"keyUsage": "SIGN_VERIFY", "customerMasterKeySpec": "ECC_NIST_P256"}),
		"by account number":   keyWith(`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["kms:Put*"],"Resource":"*"}`),
		"by caller's account": keyWith(`{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"123456789012"}}}`),
		"locked on purpose":   key(In{"bypassPolicyLockoutSafetyCheck": true, "policy": keyPolicyOf(`{"Effect":"Allow","Principal":{"Service":"logs.eu-central-1.amazonaws.com"},"Action":"kms:*","Resource":"*"}`)}),
	},
	Refusals: []Refusal{
		{Rule: "only what the sandbox has", Draft: key(In{"customKeyStoreId": "cks-1"}), Says: "the sandbox has no custom key stores"},
		{Rule: "range of deletionWindowInDays", Draft: key(In{"deletionWindowInDays": 6}), Says: "(7 - 30), got 6"},
		{Rule: "range of rotationPeriodInDays", Draft: key(In{"enableKeyRotation": true, "rotationPeriodInDays": 89}), Says: "(90 - 2560), got 89"},
		{Rule: "length of description", Draft: key(In{"description": strings.Repeat("a", 8193)}), Says: "range (0 - 8192)"},
		{Rule: "values of keyUsage", Draft: key(In{"keyUsage": "WRAP"}), Says: "got WRAP"},
		{Rule: "values of customerMasterKeySpec", Draft: key(In{"customerMasterKeySpec": "AES_128", "keyUsage": kinds.Unknown}), Says: "got AES_128"},
		{Rule: "a rotation period without rotation", Draft: key(In{"rotationPeriodInDays": 90}), Says: "must be specified"},
		{Rule: "JSON of policy", Draft: key(In{"policy": keyPolicyOf(administer) + "}"}), Says: "contains an invalid JSON policy"},
		{Rule: "usage of the key's spec", Draft: key(In{"keyUsage": "SIGN_VERIFY"}), Says: "ValidationException: KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT"},
		{Rule: "rotation of a symmetric key", Draft: key(In{"customerMasterKeySpec": "RSA_2048", "enableKeyRotation": true}), Says: "EnableKeyRotation, api error UnsupportedOperationException"},
		{Rule: "policy", Draft: keyWith(administer, `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`), Says: "MalformedPolicyDocumentException: Missing required field Principal"},
		{Rule: "policy", Draft: keyWith(administer, `{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-central-1:123456789012:key/one"}`), Says: "the key itself"},
		{Rule: "principals of the policy", Draft: keyWith(administer, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/gone"},"Action":"kms:Decrypt","Resource":"*"}`),
			Says: "one or more invalid principals"},
		{Rule: "a policy that locks the account out", Draft: keyWith(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"kms:*","Resource":"*"}`),
			Says: "CreateKey, api error MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future."},
		{Rule: "a policy that locks the account out", Draft: keyWith(administer, `{"Effect":"Deny","Principal":"*","NotAction":"kms:Decrypt","Resource":"*"}`), Says: "will not allow you"},
		{Rule: "a policy that locks the account out", Draft: keyWith(`{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"ec2.eu-central-1.amazonaws.com"}}}`), Says: "will not allow you"},
		{Rule: "a policy that locks the account out", Before: key(nil), Draft: keyWith(`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:Decrypt","Resource":"*"}`), Says: "PutKeyPolicy, api error MalformedPolicyDocumentException"},
		{Rule: "size of the policy", Draft: keyWith(strings.Replace(administer, `"Effect"`, `"Sid":"`+strings.Repeat("a", 32768)+`","Effect"`, 1)), Says: "LimitExceededException"},
	},
	Replaces: []Change{{Path: "multiRegion", Before: key(nil), After: key(In{"multiRegion": true})}},
	Updates:  []Change{{Path: "policy", Before: key(nil), After: key(In{"policy": keyPolicyOf(administer, administer)})}},
})

func alias(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Key, "one", In{"arn": keyOne, "policy": keyPolicyOf(administer)})
		return changed(In{"name": "alias/web", "targetKeyId": "one"}, changes)
	}
}

var _ = suite(kinds.KeyAlias, Suite{
	Valid: map[string]Draft{"by id": alias(nil), "by ARN": alias(In{"targetKeyId": keyOne}), "named by the provider": alias(In{"name": nil}), "with a prefix": alias(In{"name": nil, "namePrefix": "alias/web-"})},
	Refusals: []Refusal{
		{Rule: "length of name", Draft: alias(In{"name": "alias/" + strings.Repeat("a", 251)}), Says: "range (1 - 256)"},
		{Rule: "name conflicts with namePrefix", Draft: alias(In{"namePrefix": "alias/a"}), Says: "conflicts with namePrefix"},
		{Rule: "pattern of name", Draft: alias(In{"name": "web"}), Says: "must begin with 'alias/'"},
		{Rule: "pattern of namePrefix", Draft: alias(In{"name": nil, "namePrefix": "web-"}), Says: "must begin with 'alias/'"},
		{Rule: "an alias of AWS", Draft: alias(In{"name": "alias/aws/web"}), Says: "CreateAlias, api error NotAuthorizedException"},
		{Rule: "a key that exists", Draft: alias(In{"targetKeyId": "gone"}), Says: "NotFoundException: Key 'gone' does not exist"},
		{Rule: "a key that exists", Draft: func(lab *Lab) In {
			lab.In("us-east-1").Put(kinds.Key, "far", In{})
			return alias(In{"targetKeyId": "far"})(lab)
		}, Says: "NotFoundException: Key 'far' does not exist"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.KeyAlias, "alias/web", In{"name": "alias/web"})
			return alias(nil)(lab)
		}, Says: "AlreadyExistsException: An alias with the name arn:aws:kms:eu-central-1:123456789012:alias/web already exists"},
	},
	Replaces: []Change{{Path: "name", Before: alias(nil), After: alias(In{"name": "alias/other"})}},
	Updates:  []Change{{Path: "targetKeyId", Before: alias(nil), After: alias(In{"targetKeyId": keyOne})}},
})

// logsMay lets CloudWatch Logs of a Region use a key for what the condition says.
func logsMay(region, condition string) string {
	return `{"Effect":"Allow","Principal":{"Service":"logs.` + region + `.amazonaws.com"},"Action":["kms:Encrypt*","kms:Decrypt*","kms:ReEncrypt*","kms:GenerateDataKey*","kms:Describe*"],"Resource":"*","Condition":{` + condition + `}}`
}

func logGroup(changes In) Draft {
	return func(*Lab) In { return changed(In{"name": "/aplomb/web"}, changes) }
}

func logGroupWithKey(statements ...string) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Key, "one", In{"arn": keyOne, "policy": keyPolicyOf(statements...)})
		return In{"name": "/aplomb/web", "kmsKeyId": keyOne}
	}
}

const ofLogGroup = `"ArnEquals":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:eu-central-1:123456789012:log-group:/aplomb/web"}`

var _ = suite(kinds.LogGroup, Suite{
	Valid: map[string]Draft{
		"named by the provider":   logGroup(In{"name": nil}),
		"with a prefix":           logGroup(In{"name": nil, "namePrefix": "/aplomb/"}),
		"with its own key":        logGroupWithKey(administer, logsMay("eu-central-1", ofLogGroup)),
		"with a key of all":       logGroupWithKey(administer, logsMay("eu-central-1", `"ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:eu-central-1:123456789012:*"},"StringEquals":{"aws:SourceAccount":"123456789012"}`)),
		"with a key for everyone": logGroupWithKey(administer, `{"Effect":"Allow","Principal":{"Service":"logs.amazonaws.com"},"Action":"kms:*","Resource":"*"}`),
		"kept for a while":        logGroup(In{"retentionInDays": 3653, "logGroupClass": "INFREQUENT_ACCESS"}),
	},
	Refusals: []Refusal{
		{Rule: "length of name", Draft: logGroup(In{"name": strings.Repeat("a", 513)}), Says: "range (1 - 512)"},
		{Rule: "pattern of name", Draft: logGroup(In{"name": "a b"}), Says: "only letters, digits and ._-/#"},
		{Rule: "name conflicts with namePrefix", Draft: logGroup(In{"namePrefix": "a"}), Says: "conflicts with namePrefix"},
		{Rule: "values of retentionInDays", Draft: logGroup(In{"retentionInDays": 31}), Says: "got 31"},
		{Rule: "values of logGroupClass", Draft: logGroup(In{"logGroupClass": "COLD"}), Says: "got COLD"},
		{Rule: "ARN in kmsKeyId", Draft: func(lab *Lab) In {
			lab.Put(kinds.Key, "one", In{"arn": "one", "policy": keyPolicyOf(logsMay("eu-central-1", ofLogGroup))})
			return In{"name": "/aplomb/web", "kmsKeyId": "one"}
		}, Says: "(one) is an invalid ARN"},
		{Rule: "a name of AWS", Draft: logGroup(In{"name": "aws/web"}), Says: "CreateLogGroup, api error InvalidParameterException: Log groups starting with AWS/ are reserved for AWS."},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.LogGroup, "/aplomb/web", In{"name": "/aplomb/web"})
			return logGroup(nil)(lab)
		}, Says: "ResourceAlreadyExistsException: The specified log group already exists"},
		{Rule: "a key that exists", Draft: logGroup(In{"kmsKeyId": keyOne}), Says: "InvalidParameterException: The specified KMS Key Id could not be found. '/aplomb/web'"},
		{Rule: "a key that CloudWatch Logs may use", Draft: logGroupWithKey(administer), Says: "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:eu-central-1:123456789012:log-group:/aplomb/web'"},
		{Rule: "a key that CloudWatch Logs may use", Draft: logGroupWithKey(administer, logsMay("us-east-1", ofLogGroup)), Says: "AccessDeniedException"},
		{Rule: "a key that CloudWatch Logs may use", Draft: logGroupWithKey(administer, logsMay("eu-central-1", strings.Replace(ofLogGroup, "web", "other", 1))), Says: "AccessDeniedException"},
		{Rule: "a key that CloudWatch Logs may use", Draft: logGroupWithKey(administer, logsMay("eu-central-1", `"StringEquals":{"aws:SourceAccount":"210987654321"}`)), Says: "AccessDeniedException"},
		{Rule: "a key that CloudWatch Logs may use", Draft: logGroupWithKey(logsMay("eu-central-1", ofLogGroup), `{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"}`), Says: "AccessDeniedException"},
		{Rule: "a key that CloudWatch Logs may use", Draft: logGroupWithKey(`{"Effect":"Allow","Principal":{"Service":"logs.eu-central-1.amazonaws.com"},"Action":["kms:Decrypt"],"Resource":"*"}`), Says: "AccessDeniedException"},
	},
	Replaces: []Change{{Path: "name", Before: logGroup(nil), After: logGroup(In{"name": "/aplomb/other"})}},
	Updates:  []Change{{Path: "retentionInDays", Before: logGroup(nil), After: logGroup(In{"retentionInDays": 7})}},
})
