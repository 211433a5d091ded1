package kinds_test

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	trustEC2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com"]},"Action":["sts:AssumeRole"]}]}`
	readOne  = `{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::assets/*"]}]}`
	ssmCore  = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
)

// changed is a draft of these inputs, with some changed; nil takes one away.
func changed(inputs In, changes In) In {
	draft := In{}
	for name, value := range inputs {
		draft[name] = value
	}
	for name, value := range changes {
		if draft[name] = value; value == nil {
			delete(draft, name)
		}
	}
	return draft
}

func role(changes In) Draft {
	return func(*Lab) In { return changed(In{"assumeRolePolicy": trustEC2}, changes) }
}

func trust(statement string) Draft {
	return role(In{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[` + statement + `]}`})
}

func managedPolicies(count int) []any {
	var arns []any
	for index := range count {
		arns = append(arns, fmt.Sprintf("arn:aws:iam::aws:policy/Policy%d", index))
	}
	return arns
}

var large = strings.Repeat("x", 10240)

var _ = suite(kinds.Role, Suite{
	Valid: map[string]Draft{
		"of a service":   role(In{"managedPolicyArns": []any{ssmCore}, "inlinePolicies": []any{In{"name": "read", "policy": readOne}}}),
		"with a prefix":  role(In{"namePrefix": "web-", "path": "/service/"}),
		"of an account":  trust(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}`),
		"of another one": trust(`{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::210987654321:role/ci"]},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}`),
		"of a role here": func(lab *Lab) In {
			lab.Put(kinds.Role, "ci", In{"arn": "arn:aws:iam::123456789012:role/ci"})
			return trust(`{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:role/ci"]},"Action":"sts:AssumeRole"}`)(lab)
		},
	},
	Refusals: []Refusal{
		{Rule: "length of name", Draft: role(In{"name": strings.Repeat("a", 65)}), Says: "range (1 - 64)"},
		{Rule: "pattern of name", Draft: role(In{"name": "web role"}), Says: "only alphanumeric characters"},
		{Rule: "name conflicts with namePrefix", Draft: role(In{"name": "web", "namePrefix": "web-"}), Says: "conflicts with namePrefix"},
		{Rule: "path", Draft: role(In{"path": "service"}), Says: "path must begin and end with /"},
		{Rule: "length of description", Draft: role(In{"description": strings.Repeat("a", 1001)}), Says: "range (0 - 1000)"},
		{Rule: "range of maxSessionDuration", Draft: role(In{"maxSessionDuration": 3599}), Says: "(3600 - 43200), got 3599"},
		{Rule: "JSON of assumeRolePolicy", Draft: role(In{"assumeRolePolicy": trustEC2 + "}"}), Says: "contains an invalid JSON policy"},
		{Rule: "attachable policy in managedPolicyArns[]", Draft: role(In{"managedPolicyArns": []any{"arn:aws:iam::123456789012:policy/own"}}),
			Says: "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/own does not exist or is not attachable."},
		{Rule: "managed policies of a role", Draft: role(In{"managedPolicyArns": managedPolicies(11)}), Says: "Cannot exceed quota for PoliciesPerRole: 10"},
		{Rule: "trust policy", Draft: trust(`{"Effect":"Allow","Action":"sts:AssumeRole"}`), Says: "CreateRole, api error MalformedPolicyDocument: Missing required field Principal"},
		{Rule: "trust policy", Draft: trust(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"s3:GetObject"}`), Says: "may only specify STS AssumeRole actions"},
		{Rule: "trust policy", Draft: trust(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole","Resource":"*"}`), Says: "Has prohibited field Resource"},
		{Rule: "trust policy", Draft: trust(`{"Effect":"Permit","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`), Says: "Invalid effect: Permit"},
		{Rule: "trust policy", Draft: trust(`{"Effect":"Allow","Principals":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`), Says: "Syntax errors in policy."},
		{Rule: "trust policy", Draft: trust(``), Says: "Missing required field Statement"},
		{Rule: "trust policy", Draft: role(In{"assumeRolePolicy": `{"Version":"2020-01-01","Statement":[]}`}), Says: "must contain a valid version string"},
		{Rule: "principals of the trust policy", Draft: trust(`{"Effect":"Allow","Principal":{"Service":"ec2"},"Action":"sts:AssumeRole"}`), Says: `Invalid principal in policy: "SERVICE":"ec2"`},
		{Rule: "principals of the trust policy", Draft: trust(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/gone"},"Action":"sts:AssumeRole"}`), Says: `"AWS":"arn:aws:iam::123456789012:role/gone"`},
		{Rule: "size of the trust policy", Draft: trust(`{"Sid":"` + large[:2048] + `","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`), Says: "ACLSizePerRole: 2048"},
		{Rule: "policies in the role", Draft: role(In{"inlinePolicies": []any{In{"name": "read", "policy": trustEC2}}}), Says: "PutRolePolicy, api error MalformedPolicyDocument: Policy document should not specify a principal."},
		{Rule: "size of the policies in the role", Draft: role(In{"inlinePolicies": []any{In{"name": "read", "policy": strings.Replace(readOne, "assets", large, 1)}}}), Says: "Maximum policy size of 10240 bytes exceeded for role"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.In("us-east-1").Put(kinds.Role, "web", In{"name": "web"})
			return role(In{"name": "web"})(lab)
		}, Says: "EntityAlreadyExists: Role with name web already exists."},
		{Rule: "inline policies", Draft: role(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.RolePolicy, "x", In{"role": made.ID})
		}, Says: "DeleteRole, api error DeleteConflict: Cannot delete entity, must delete policies first."},
		{Rule: "attached policies", Draft: role(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.RolePolicyAttachment, "x", In{"role": made.ID})
		}, Says: "DeleteConflict: Cannot delete entity, must detach all policies first."},
	},
	Replaces: []Change{{Path: "path", Before: role(nil), After: role(In{"path": "/service/"})}, {Path: "name", Before: role(In{"name": "a"}), After: role(In{"name": "b"})}},
	Updates:  []Change{{Path: "assumeRolePolicy", Before: role(nil), After: trust(`{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`)}},
})

func inRole(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Role, "web", In{"name": "web"})
		return changed(In{"role": "web", "policy": readOne}, changes)
	}
}

func grant(statement string) Draft {
	return inRole(In{"policy": `{"Version":"2012-10-17","Statement":` + statement + `}`})
}

var _ = suite(kinds.RolePolicy, Suite{
	Valid: map[string]Draft{
		"a list":        inRole(nil),
		"one statement": grant(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`),
		"a denial":      grant(`[{"Effect":"Deny","NotAction":"iam:*","NotResource":"arn:aws:s3:::a"}]`),
		"with a prefix": inRole(In{"namePrefix": "read-"}),
	},
	Refusals: []Refusal{
		{Rule: "reference role", Draft: func(*Lab) In { return In{"role": "gone", "policy": readOne} }, Says: "PutRolePolicy, api error NoSuchEntity: The role with name gone cannot be found."},
		{Rule: "length of name", Draft: inRole(In{"name": strings.Repeat("a", 129)}), Says: "range (1 - 128)"},
		{Rule: "pattern of name", Draft: inRole(In{"name": "a b"}), Says: "only alphanumeric characters"},
		{Rule: "name conflicts with namePrefix", Draft: inRole(In{"name": "a", "namePrefix": "b"}), Says: "conflicts with namePrefix"},
		{Rule: "JSON of policy", Draft: inRole(In{"policy": readOne + "}"}), Says: "contains an invalid JSON policy"},
		{Rule: "policy", Draft: grant(`[{"Effect":"Allow","Action":"s3:GetObject"}]`), Says: "MalformedPolicyDocument: Policy statement must contain resources."},
		{Rule: "policy", Draft: grant(`[{"Effect":"Allow","Resource":"*"}]`), Says: "Policy statement must contain actions."},
		{Rule: "policy", Draft: grant(`[{"Effect":"Allow","Action":"GetObject","Resource":"*"}]`), Says: "Actions/Conditions must be prefaced by a vendor"},
		{Rule: "policy", Draft: grant(`[{"Effect":"Allow","Action":"s3:GetObject","Resource":"assets"}]`), Says: `Resource assets must be in ARN format or "*".`},
		{Rule: "policy", Draft: grant(`[{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"*"},{"Sid":"A","Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]`), Says: "Statement IDs (SID) in a single policy must be unique."},
		{Rule: "size of the role's policies", Draft: func(lab *Lab) In {
			lab.Put(kinds.RolePolicy, "web:other", In{"role": "web", "policy": strings.Replace(readOne, "assets", large[:10200], 1)})
			return inRole(nil)(lab)
		}, Says: "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role web"},
	},
	Replaces: []Change{{Path: "name", Before: inRole(In{"name": "a"}), After: inRole(In{"name": "b"})}},
	Updates:  []Change{{Path: "policy", Before: inRole(nil), After: grant(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)}},
})

func attachedTo(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Role, "web", In{"name": "web"})
		return changed(In{"role": "web", "policyArn": ssmCore}, changes)
	}
}

var _ = suite(kinds.RolePolicyAttachment, Suite{
	Valid: map[string]Draft{"of AWS": attachedTo(nil), "of a service role": attachedTo(In{"policyArn": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"})},
	Refusals: []Refusal{
		{Rule: "reference role", Draft: func(*Lab) In { return In{"role": "gone", "policyArn": ssmCore} }, Says: "NoSuchEntity: The role with name gone cannot be found."},
		{Rule: "attachable policy in policyArn", Draft: attachedTo(In{"policyArn": "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"}), Says: "does not exist or is not attachable"},
		{Rule: "managed policies of the role", Draft: func(lab *Lab) In {
			for _, arn := range managedPolicies(10) {
				lab.Put(kinds.RolePolicyAttachment, arn.(string), In{"role": "web", "policyArn": arn})
			}
			return attachedTo(nil)(lab)
		}, Says: "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10"},
	},
	Replaces: []Change{{Path: "policyArn", Before: attachedTo(nil), After: attachedTo(In{"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})}},
})

func profile(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Role, "web", In{"name": "web"})
		return changed(In{"role": "web"}, changes)
	}
}

var _ = suite(kinds.InstanceProfile, Suite{
	Valid: map[string]Draft{"of a role": profile(nil), "of none": profile(In{"role": nil, "namePrefix": "web-"})},
	Refusals: []Refusal{
		{Rule: "reference role", Draft: profile(In{"role": "gone"}), Says: "NoSuchEntity: The role with name gone cannot be found."},
		{Rule: "length of name", Draft: profile(In{"name": strings.Repeat("a", 129)}), Says: "range (1 - 128)"},
		{Rule: "pattern of name", Draft: profile(In{"name": "a/b"}), Says: "only alphanumeric characters"},
		{Rule: "name conflicts with namePrefix", Draft: profile(In{"name": "a", "namePrefix": "b"}), Says: "conflicts with namePrefix"},
		{Rule: "path", Draft: profile(In{"path": "/a"}), Says: "path must begin and end with /"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.InstanceProfile, "web", In{"name": "web"})
			return profile(In{"name": "web"})(lab)
		}, Says: "EntityAlreadyExists: Instance Profile with name web already exists."},
	},
	Replaces: []Change{{Path: "path", Before: profile(nil), After: profile(In{"path": "/a/"})}},
	Updates:  []Change{{Path: "role", Before: profile(nil), After: func(lab *Lab) In { lab.Put(kinds.Role, "ci", In{}); return In{"role": "ci"} }}},
})
