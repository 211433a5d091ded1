package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func secret(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Key, "one", In{"arn": keyOne, "isEnabled": true})
		lab.Put(kinds.Key, "off", In{"arn": "arn:off", "isEnabled": false})
		lab.Put(kinds.KeyAlias, "alias/web", In{"targetKeyArn": keyOne})
		return changed(In{"name": "web/db", "kmsKeyId": keyOne}, changes)
	}
}

var _ = suite(kinds.Secret, Suite{
	Valid: map[string]Draft{
		"with a key":            secret(nil),
		"with a key's id":       secret(In{"kmsKeyId": "one"}),
		"with a key's alias":    secret(In{"kmsKeyId": "alias/web"}),
		"with AWS's own key":    secret(In{"kmsKeyId": "alias/aws/secretsmanager"}),
		"with a prefix":         secret(In{"name": nil, "namePrefix": "web/", "kmsKeyId": nil, "recoveryWindowInDays": 0}),
		"copied elsewhere":      secret(In{"replicas": []any{In{"region": "eu-west-1"}}}),
		"for another account":   secret(In{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`}),
		"named by the provider": secret(In{"name": nil}),
	},
	Refusals: []Refusal{
		{Rule: "length of name", Draft: secret(In{"name": strings.Repeat("a", 513)}), Says: "range (1 - 512)"},
		{Rule: "length of description", Draft: secret(In{"description": strings.Repeat("a", 2049)}), Says: "range (0 - 2048)"},
		{Rule: "name conflicts with namePrefix", Draft: secret(In{"namePrefix": "a"}), Says: "conflicts with namePrefix"},
		{Rule: "pattern of name", Draft: secret(In{"name": "web db"}), Says: "must contain alphanumeric characters"},
		{Rule: "recovery window", Draft: secret(In{"recoveryWindowInDays": 6}), Says: "to be 0 or in the range (7 - 30), got 6"},
		{Rule: "JSON of policy", Draft: secret(In{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}}`}), Says: "contains an invalid JSON policy"},
		{Rule: "a key that exists", Draft: secret(In{"kmsKeyId": "gone"}), Says: "CreateSecret, api error EncryptionFailure: Secrets Manager can't encrypt the protected secret text using the provided KMS key 'gone'"},
		{Rule: "a key that exists", Draft: secret(In{"kmsKeyId": "off"}), Says: "EncryptionFailure"},
		{Rule: "policy", Draft: secret(In{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/gone"},"Action":"*","Resource":"*"}]}`}),
			Says: "PutResourcePolicy, api error MalformedPolicyDocumentException: This resource policy contains an unsupported principal."},
		{Rule: "policy", Draft: secret(In{"policy": `{"Statement":[]}`}), Says: "Missing required field Statement"},
		{Rule: "Regions of replicas", Draft: secret(In{"replicas": []any{In{"region": "eu-central-1"}}}), Says: "Invalid replica region. (eu-central-1)"},
		{Rule: "Regions of replicas", Draft: secret(In{"replicas": []any{In{"region": "eu-nowhere-1"}}}), Says: "Invalid replica region. (eu-nowhere-1)"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.Secret, "arn:other", In{"name": "web/db"})
			return secret(nil)(lab)
		}, Says: "ResourceExistsException: The operation failed because the secret web/db already exists."},
	},
	Replaces: []Change{{Path: "name", Before: secret(nil), After: secret(In{"name": "web/other"})}},
	Updates:  []Change{{Path: "kmsKeyId", Before: secret(nil), After: secret(In{"kmsKeyId": nil})}},
})

const secretARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:web/db-AbCdEf"

func version(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Secret, secretARN, In{"name": "web/db"})
		lab.Put(kinds.Secret, "arn:locked", In{"name": "web/locked", "kmsKeyId": "gone"})
		return changed(In{"secretId": secretARN, "secretString": "hush"}, changes)
	}
}

var _ = suite(kinds.SecretVersion, Suite{
	Valid: map[string]Draft{"text": version(nil), "bytes": version(In{"secretString": nil, "secretBinary": "aHVzaA=="})},
	Refusals: []Refusal{
		{Rule: "reference secretId", Draft: version(In{"secretId": "arn:gone"}), Says: "PutSecretValue, api error ResourceNotFoundException: Secrets Manager can't find the specified secret. (arn:gone)"},
		{Rule: "secretString conflicts with secretBinary", Draft: version(In{"secretBinary": "aHVzaA=="}), Says: "conflicts with secretBinary"},
		{Rule: "a value", Draft: version(In{"secretString": nil}), Says: "InvalidRequestException: You must provide either SecretString or SecretBinary."},
		{Rule: "size of the value", Draft: version(In{"secretString": strings.Repeat("a", 65537)}), Says: "ValidationException"},
		{Rule: "the key of the secret", Draft: version(In{"secretId": "arn:locked"}), Says: "EncryptionFailure: Secrets Manager can't encrypt the protected secret text using the provided KMS key 'gone'."},
	},
	Replaces: []Change{{Path: "secretString", Before: version(nil), After: version(In{"secretString": "new"})}},
	Updates:  []Change{{Path: "versionStages", Before: version(nil), After: version(In{"versionStages": []any{"AWSCURRENT", "blue"}})}},
})
