package kinds

import "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
var _ = register(&Kind{
	Token:         RolePolicyAttachment,
	Args:          iam.RolePolicyAttachmentArgs{},
	Resource:      &iam.RolePolicyAttachment{},
	Global:        true,
	RequiredLists: []string{"role"},
	API:           API{Service: "IAM", Noun: "IAM Role Policy Attachment", Create: "AttachRolePolicy", Update: "AttachRolePolicy", Delete: "DetachRolePolicy"},
	References:    []Reference{toRole("role")},
	Rules: []Rule{
		attachable("policyArn"),
		{Name: "managed policies of the role", Stage: AtApply, Code: "LimitExceeded", Broken: func(d *Draft) *Refusal {
			attached := 1
			for _, other := range d.Others(RolePolicyAttachment) {
				if other.Text("role") == d.Text("role") && other.Text("policyArn") != d.Text("policyArn") {
					attached++
				}
			}
			if attached > mostManaged {
				return Refuse("policyArn", "Cannot exceed quota for PoliciesPerRole: %d", mostManaged)
			}
			return nil
		}},
	},
	Replaces: []string{"role", "policyArn"},
	ID:       func(d *Draft) string { return d.Text("role") + "-" + d.Digits("id", 26) },
})
