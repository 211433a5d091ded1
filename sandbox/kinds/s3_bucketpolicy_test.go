package kinds_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	tlsOnly = `{"Sid":"TLSOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::assets","arn:aws:s3:::assets/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	toAll   = `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::assets/*"}`
)

var bucketPolicy = ofAssets(In{"policy": policyOf(tlsOnly)})

func policyOf(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func saying(statements ...string) Draft { return bucketPolicy(In{"policy": policyOf(statements...)}) }

// allows lets a principal do something with a resource, under a condition.
func allows(principal, action, resource, condition string) string {
	statement := `{"Effect":"Allow","Principal":` + principal + `,"Action":` + action + `,"Resource":` + resource
	if condition != "" {
		statement += `,"Condition":{` + condition + `}`
	}
	return statement + "}"
}

const (
	objects = `"arn:aws:s3:::assets/*"`
	get     = `"s3:GetObject"`
)

// open is the bucket whose public access somebody unblocked.
func open(draft Draft) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.BucketPublicAccessBlock, "assets", In{"bucket": "assets", "blockPublicPolicy": false})
		return draft(lab)
	}
}

var _ = suite(kinds.BucketPolicy, Suite{
	Valid: map[string]Draft{
		"TLS only":             bucketPolicy(nil),
		"public and open":      open(saying(toAll)),
		"of the account":       saying(allows(`{"AWS":"123456789012"}`, `["s3:ListBucket","s3:GetObject"]`, `["arn:aws:s3:::assets","arn:aws:s3:::assets/*"]`, "")),
		"of an organisation":   saying(allows(`"*"`, get, objects, `"StringEquals":{"aws:PrincipalOrgID":"o-1"}`)),
		"of a VPC endpoint":    saying(allows(`{"AWS":"*"}`, `"s3:*"`, objects, `"StringEquals":{"aws:SourceVpce":"vpce-1"}`)),
		"of a service":         saying(allows(`{"Service":"logdelivery.elasticloadbalancing.amazonaws.com"}`, `"s3:PutObject"`, objects, "")),
		"everything but a few": saying(`{"Effect":"Deny","NotPrincipal":{"AWS":"123456789012"},"NotAction":"s3:GetObject","NotResource":"arn:aws:s3:::assets/public/*"}`),
	},
	Refusals: append(elsewhere("PutBucketPolicy", false, func(changes In) Draft {
		if name, given := changes["bucket"].(string); given { // so that the policy is of that bucket
			changes = changed(In{"policy": strings.ReplaceAll(policyOf(tlsOnly), "assets", name)}, changes)
		}
		return bucketPolicy(changes)
	}), []Refusal{
		{Rule: "JSON of policy", Draft: bucketPolicy(In{"policy": policyOf(tlsOnly) + "}"}), Says: "contains an invalid JSON policy"},
		{Rule: "policy", Draft: bucketPolicy(In{"policy": `{"Statement":[]}`}), Says: "PutBucketPolicy, api error MalformedPolicy: Syntax errors in policy. (Missing required field Statement)"},
		{Rule: "policy", Draft: saying(`{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::assets"}`), Says: "MalformedPolicy: Missing required field Principal"},
		{Rule: "policy", Draft: saying(`{"Effect":"Deny","Principal":"*","Resource":"arn:aws:s3:::assets"}`), Says: "Missing required field Action"},
		{Rule: "policy", Draft: saying(`{"Effect":"Deny","Principal":"*","Action":"s3:*"}`), Says: "Missing required field Resource"},
		{Rule: "policy", Draft: saying(strings.ReplaceAll(tlsOnly, "assets", "other")), Says: "Policy has invalid resource (arn:aws:s3:::other)"},
		{Rule: "policy", Draft: saying(strings.ReplaceAll(tlsOnly, "s3:*", "kms:Decrypt")), Says: "Policy has invalid action (kms:Decrypt)"},
		{Rule: "policy", Draft: saying(allows(`{"AWS":"123456789012"}`, get, `"arn:aws:s3:::assets"`, "")), Says: "Action does not apply to any resource(s) in statement (s3:GetObject)"},
		{Rule: "policy", Draft: saying(allows(`{"AWS":"123456789012"}`, `"s3:ListBucket"`, objects, "")), Says: "Action does not apply to any resource(s) in statement (s3:ListBucket)"},
		{Rule: "principals of the policy", Draft: saying(allows(`{"AWS":"arn:aws:iam::123456789012:role/gone"}`, get, objects, "")), Says: "MalformedPolicy: Invalid principal in policy"},
		{Rule: "principals of the policy", Draft: saying(allows(`{"Service":"logging.s3"}`, `"s3:PutObject"`, objects, "")), Says: "Invalid principal in policy"},
		{Rule: "size of the policy", Draft: saying(tlsOnly, strings.Replace(tlsOnly, "TLSOnly", strings.Repeat("a", 20480), 1)), Says: "PolicyTooLarge: Policy exceeds the maximum allowed document size."},
		{Rule: "a public policy", Draft: saying(toAll), Says: "AccessDenied: User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: s3:PutBucketPolicy"},
		{Rule: "a public policy", Draft: saying(allows(`"*"`, get, objects, `"StringLike":{"aws:SourceArn":"arn:aws:s3:::*"}`)), Says: "BlockPublicPolicy"},
		{Rule: "a public policy", Draft: saying(allows(`"*"`, get, objects, `"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}`)), Says: "BlockPublicPolicy"},
		{Rule: "a public policy", Draft: saying(allows(`"*"`, get, objects, `"StringNotEquals":{"aws:SourceVpce":"vpce-1"}`)), Says: "BlockPublicPolicy"},
		{Rule: "a public policy", Draft: saying(allows(`"*"`, get, objects, `"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}`)), Says: "BlockPublicPolicy"},
		{Rule: "a public policy", Draft: saying(`{"Effect":"Allow","NotPrincipal":{"AWS":"210987654321"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::assets/*"}`), Says: "BlockPublicPolicy"},
	}...),
	Replaces: []Change{{Path: "bucket", Before: bucketPolicy(nil), After: bucketPolicy(In{"bucket": "other"})}},
	Updates:  []Change{{Path: "policy", Before: bucketPolicy(nil), After: saying(tlsOnly, strings.Replace(tlsOnly, "TLSOnly", "Again", 1))}},
})

func TestAPolicyIsRefusedOnceItsBucketBlocksPublicOnes(t *testing.T) {
	kind, known := kinds.Of(kinds.BucketPolicy)
	require.True(t, known)
	lab := newLab(t)
	inputs := saying(toAll)(lab)
	lab.Put(kinds.BucketPublicAccessBlock, "assets", In{"bucket": "assets", "blockPublicPolicy": true})
	_, err := lab.create(kind, "assets", inputs)
	require.ErrorContains(t, err, "public policies are blocked by the BlockPublicPolicy block public access setting")
}
