package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
)

// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
var _ = register(&Kind{
	Token:         RolePolicy,
	Args:          iam.RolePolicyArgs{},
	Resource:      &iam.RolePolicy{},
	Global:        true,
	RequiredLists: []string{"policy", "role"},
	API:           API{Service: "IAM", Noun: "IAM Role Policy", Create: "PutRolePolicy", Update: "PutRolePolicy", Delete: "DeleteRolePolicy"},
	Name:          &AutoName{Property: "name", Max: 128, Unless: []string{"namePrefix"}},
	References:    []Reference{toRole("role")},
	Rules: slices.Concat(iamNames(128), []Rule{
		policyJSON("policy"),
		{Name: "policy", Stage: AtApply, Code: "MalformedPolicyDocument", Broken: func(d *Draft) *Refusal {
			statements, problem := readPolicy(d.Text("policy"))
			if problem = orElse(problem, identityPolicy(statements)); problem != "" {
				return Refuse("policy", "%s", problem)
			}
			return nil
		}},
		{Name: "size of the role's policies", Stage: AtApply, Code: "LimitExceeded", Broken: func(d *Draft) *Refusal {
			size := policySize(d.Text("policy"))
			for _, other := range d.Others(RolePolicy) {
				if other.Text("role") == d.Text("role") {
					size += policySize(other.Text("policy"))
				}
			}
			if size > mostInline {
				return Refuse("policy", "%s", inlineTooLarge(d.Text("role")))
			}
			return nil
		}},
	}),
	Replaces: []string{"name", "namePrefix", "role"},
	ID:       func(d *Draft) string { return d.Text("role") + ":" + d.Output("name").Text() },
	Computed: []Output{prefixedName(), fixed("namePrefix", Text(""))},
})
