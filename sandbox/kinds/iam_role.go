package kinds

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
)

// mostTrust is the size of a trust policy, in characters without white space, unless the account's quota was raised.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const mostTrust = 2048

// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html and API_DeleteRole.html beside it.
var _ = register(&Kind{
	Token:         Role,
	Args:          iam.RoleArgs{},
	Resource:      &iam.Role{},
	Global:        true,
	RequiredLists: []string{"assumeRolePolicy"},
	API:           API{Service: "IAM", Noun: "IAM Role", Create: "CreateRole", Update: "UpdateRole", Delete: "DeleteRole"},
	Name:          &AutoName{Property: "name", Max: 64, Unless: []string{"namePrefix"}},
	Defaults: []Default{
		{Path: "path", Value: Text("/")}, {Path: "maxSessionDuration", Value: Number(3600)}, {Path: "forceDetachPolicies", Value: Flag(false)},
	},
	Rules: slices.Concat(iamNames(64), []Rule{
		iamPaths(), LengthIn("description", 0, 1000), InRange("maxSessionDuration", 3600, 43200), policyJSON("assumeRolePolicy"),
		attachable("managedPolicyArns[]"),
		{Name: "managed policies of a role", Stage: AtApply, Code: "LimitExceeded", Operation: "AttachRolePolicy", Broken: func(d *Draft) *Refusal {
			if len(d.Each("managedPolicyArns[]")) > mostManaged {
				return Refuse("managedPolicyArns", "Cannot exceed quota for PoliciesPerRole: %d", mostManaged)
			}
			return nil
		}},
		{Name: "trust policy", Stage: AtApply, Code: "MalformedPolicyDocument", Broken: trustPolicy},
		{Name: "principals of the trust policy", Stage: AtApply, Code: "MalformedPolicyDocument", Broken: func(d *Draft) *Refusal {
			statements, _ := readPolicy(d.Text("assumeRolePolicy"))
			if unknown := unknownPrincipal(d, statements); unknown != "" {
				return Refuse("assumeRolePolicy", "Invalid principal in policy: %s", unknown)
			}
			return nil
		}},
		{Name: "size of the trust policy", Stage: AtApply, Code: "LimitExceeded", Broken: func(d *Draft) *Refusal {
			if policySize(d.Text("assumeRolePolicy")) > mostTrust {
				return Refuse("assumeRolePolicy", "Cannot exceed quota for ACLSizePerRole: %d", mostTrust)
			}
			return nil
		}},
		{Name: "policies in the role", Stage: AtApply, Code: "MalformedPolicyDocument", Operation: "PutRolePolicy", Broken: func(d *Draft) *Refusal {
			for _, policy := range d.Each("inlinePolicies[].policy") {
				statements, problem := readPolicy(policy.Text())
				if problem = orElse(problem, identityPolicy(statements)); problem != "" {
					return Refuse(policy.Path(), "%s", problem)
				}
			}
			return nil
		}},
		{Name: "size of the policies in the role", Stage: AtApply, Code: "LimitExceeded", Operation: "PutRolePolicy", Broken: func(d *Draft) *Refusal {
			size := 0
			for _, policy := range d.Each("inlinePolicies[].policy") {
				size += policySize(policy.Text())
			}
			if size > mostInline {
				return Refuse("inlinePolicies", "%s", inlineTooLarge(d.Text("name")))
			}
			return nil
		}},
		nameTaken("Role", Role),
	}),
	DeleteRules: []DeleteRule{
		{Name: "inline policies", Code: "DeleteConflict", Blocked: func(d *Draft) string {
			if !d.Bool("forceDetachPolicies") && len(d.UsedBy(RolePolicy, "role", d.ID())) > 0 {
				return "Cannot delete entity, must delete policies first."
			}
			return ""
		}},
		{Name: "attached policies", Code: "DeleteConflict", Blocked: func(d *Draft) string {
			if !d.Bool("forceDetachPolicies") && len(d.UsedBy(RolePolicyAttachment, "role", d.ID())) > 0 {
				return "Cannot delete entity, must detach all policies first."
			}
			return ""
		}},
	},
	Replaces: []string{"name", "namePrefix", "path"},
	Sets:     []string{"managedPolicyArns", "inlinePolicies"},
	ID:       func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")), iamPathARN("role"), uniqueID("AROA"), createDate(),
		fixed("managedPolicyArns", Texts()), fixed("inlinePolicies", List()),
	},
})

// trustPolicy is what IAM refuses of a policy that says who may assume a role.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
func trustPolicy(d *Draft) *Refusal {
	statements, problem := readPolicy(d.Text("assumeRolePolicy"))
	for _, statement := range statements {
		switch {
		case problem != "":
		case len(statement.Resource)+len(statement.NotResource) > 0:
			problem = "Has prohibited field Resource"
		case len(statement.Principal)+len(statement.NotPrincipal) == 0:
			problem = "Missing required field Principal"
		default:
			problem = trustActions(statement)
		}
	}
	if problem == "" {
		return nil
	}
	return Refuse("assumeRolePolicy", "%s", problem)
}

func trustActions(statement policyStatement) string {
	if problem := policyActions(statement); problem != "" {
		return problem
	}
	known := []string{"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"}
	for _, action := range statement.Action {
		if action != "*" && action != "sts:*" && !slices.Contains(known, action) {
			return fmt.Sprintf("AssumeRole policy may only specify STS AssumeRole actions. (%s)", action)
		}
	}
	return ""
}
