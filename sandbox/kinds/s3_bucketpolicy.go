package kinds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
)

// mostBucketPolicy is in bytes. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
const mostBucketPolicy = 20 * 1024

// Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
var _ = register(&Kind{
	Token:         BucketPolicy,
	Args:          s3.BucketPolicyArgs{},
	Resource:      &s3.BucketPolicy{},
	RequiredLists: []string{"policy"},
	API:           API{Service: "S3", Noun: "S3 Bucket Policy", Create: "PutBucketPolicy", Update: "PutBucketPolicy", Delete: "DeleteBucketPolicy"},
	Rules: slices.Concat(ofBucket(false), []Rule{
		policyJSON("policy"),
		{Name: "policy", Stage: AtApply, Code: "MalformedPolicy", Broken: func(d *Draft) *Refusal {
			statements, problem := readPolicy(d.Text("policy"))
			for _, statement := range statements {
				if problem == "" {
					problem = bucketStatement(d, statement)
				}
			}
			if problem != "" {
				return Refuse("policy", "%s", problem)
			}
			return nil
		}},
		{Name: "principals of the policy", Stage: AtApply, Code: "MalformedPolicy", Broken: func(d *Draft) *Refusal {
			statements, _ := readPolicy(d.Text("policy"))
			if unknown := unknownPrincipal(d, statements); unknown != "" {
				return Refuse("policy", "Invalid principal in policy (%s)", unknown)
			}
			return nil
		}},
		{Name: "size of the policy", Stage: AtApply, Code: "PolicyTooLarge", Broken: func(d *Draft) *Refusal {
			if len(d.Text("policy")) > mostBucketPolicy {
				return Refuse("policy", "Policy exceeds the maximum allowed document size.")
			}
			return nil
		}},
		{Name: "a public policy", Stage: AtApply, Code: "AccessDenied", Broken: func(d *Draft) *Refusal {
			bucket := ownBucket(d)
			if bucket == nil || !blocksPublicPolicy(d, bucket) {
				return nil
			}
			statements, _ := readPolicy(d.Text("policy"))
			if !slices.ContainsFunc(statements, policyStatement.isPublic) {
				return nil
			}
			return Refuse("policy", "User: %s is not authorized to perform: s3:PutBucketPolicy on resource: %q because public policies are blocked by the BlockPublicPolicy block public access setting.",
				d.GlobalARN("iam", "user/sandbox"), bucket.Text("arn"))
		}},
	}),
	Replaces: []string{"bucket"},
	ID:       bucketID,
})

// blocksPublicPolicy is true for a bucket that nobody opened: since April 2023 every new one blocks.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
func blocksPublicPolicy(d *Draft, bucket *Thing) bool {
	block := companion(d, BucketPublicAccessBlock, bucket)
	return block == nil || block.At("blockPublicPolicy").Bool()
}

// bucketStatement is what S3 refuses of one statement.
func bucketStatement(d *Draft, statement policyStatement) string {
	arn := bucketARN(d, d.Text("bucket"))
	resources := slices.Concat(statement.Resource, statement.NotResource)
	actions := slices.Concat(statement.Action, statement.NotAction)
	switch {
	case len(statement.Principal)+len(statement.NotPrincipal) == 0:
		return "Missing required field Principal"
	case len(actions) == 0:
		return "Missing required field Action"
	case len(resources) == 0:
		return "Missing required field Resource"
	}
	for _, resource := range resources {
		if resource != arn && !strings.HasPrefix(resource, arn+"/") && resource != arn+"*" {
			return fmt.Sprintf("Policy has invalid resource (%s)", resource)
		}
	}
	for _, action := range actions {
		if action != "*" && !strings.HasPrefix(action, "s3:") {
			return fmt.Sprintf("Policy has invalid action (%s)", action)
		}
		if len(statement.Action) > 0 && len(statement.Resource) > 0 && !appliesTo(action, arn, statement.Resource) {
			return fmt.Sprintf("Action does not apply to any resource(s) in statement (%s)", action)
		}
	}
	return ""
}

// onObjects begin the names of the actions that are about objects; all others are about the bucket.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
var onObjects = []string{"GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload", "ListMultipartUploadParts", "Replicate",
	"RestoreObject", "ObjectOwnerOverride", "BypassGovernance", "InitiateReplication"}

// appliesTo is false for an action on objects whose statement names only the bucket, and the other way round.
func appliesTo(action, bucket string, resources []string) bool {
	name := strings.TrimPrefix(action, "s3:")
	if strings.ContainsAny(name, "*?") {
		return true
	}
	wantsObjects := slices.ContainsFunc(onObjects, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	return slices.ContainsFunc(resources, func(resource string) bool {
		return resource == bucket+"*" || wantsObjects == strings.HasPrefix(resource, bucket+"/")
	})
}

// fixesCaller are the condition keys that keep a policy from being public when they are compared with values without wildcards.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
var fixesCaller = []string{"aws:principalorgid", "aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner",
	"aws:sourceaccount", "aws:userid", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount"}

// isPublic is true for an Allow that holds for callers who are not fixed.
func (s policyStatement) isPublic() bool {
	everybody := len(s.NotPrincipal) > 0
	for _, names := range s.Principal {
		everybody = everybody || slices.Contains(names, "*")
	}
	if s.Effect != "Allow" || !everybody {
		return false
	}
	for operator, keys := range s.Condition {
		if strings.Contains(operator, "Not") || strings.HasSuffix(operator, "IfExists") {
			continue
		}
		for key, values := range keys {
			fixed := !slices.ContainsFunc(values, func(value string) bool { return strings.ContainsAny(value, "*?") || value == "0.0.0.0/0" })
			if fixed && slices.Contains(fixesCaller, strings.ToLower(key)) {
				return false
			}
		}
	}
	return true
}
