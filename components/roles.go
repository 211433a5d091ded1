package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// roleSpec is a role with one inline policy. The policy is checked before anything is registered; its slots arrive late.
type roleSpec struct {
	parent      pulumi.Resource
	name        string
	description string
	trust       iampolicy.Document
	policy      iampolicy.Document
	slots       pulumi.StringMap
	tags        map[string]string
	transform   func(*iam.RoleArgs)
}

// newRole builds the role and its policy.
func newRole(ctx *pulumi.Context, spec roleSpec) (*iam.Role, *iam.RolePolicy, error) {
	trust, err := spec.trust.JSON(nil)
	if err != nil {
		return nil, nil, err
	}
	if err := spec.policy.Check(); err != nil {
		return nil, nil, err
	}
	role, err := iam.NewRole(ctx, spec.name, transformed(&iam.RoleArgs{
		Description:      pulumi.String(spec.description),
		AssumeRolePolicy: pulumi.String(trust),
		Tags:             tagsNamed(spec.tags, spec.name),
	}, spec.transform), pulumi.Parent(spec.parent))
	if err != nil {
		return nil, nil, err
	}
	text := spec.slots.ToStringMapOutput().ApplyT(func(slots map[string]string) (string, error) {
		return spec.policy.JSON(slots)
	}).(pulumi.StringOutput)
	policy, err := iam.NewRolePolicy(ctx, spec.name, &iam.RolePolicyArgs{
		Role: role.Name, Policy: text,
	}, pulumi.Parent(spec.parent))
	return role, policy, err
}
