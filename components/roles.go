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
	protect     bool
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
	}, spec.transform), stateful(spec.parent, spec.protect)...)
	if err != nil {
		return nil, nil, err
	}
	policy, err := iam.NewRolePolicy(ctx, spec.name, &iam.RolePolicyArgs{
		Role: role.Name, Policy: filled(spec.policy, spec.slots),
	}, pulumi.Parent(spec.parent))
	return role, policy, err
}

// filled is a document as text, once what its slots stand for has arrived. Check it before.
func filled(document iampolicy.Document, slots pulumi.StringMap) pulumi.StringOutput {
	return slots.ToStringMapOutput().ApplyT(document.JSON).(pulumi.StringOutput)
}

// grantTo adds one policy to the role of a service. Each grant is a policy of its own, so that none disturbs another, nor a revocation
// of sessions that was put there in an incident. The owner of the data is the parent.
func grantTo(
	ctx *pulumi.Context, owner pulumi.Resource, service *ResilientService, name string, document iampolicy.Document, slots pulumi.StringMap,
) error {
	_, err := newGrant(ctx, owner, service, name, document, slots)
	return err
}

// newGrant is grantTo for an owner who goes on with the policy.
func newGrant(
	ctx *pulumi.Context, owner pulumi.Resource, service *ResilientService, name string, document iampolicy.Document, slots pulumi.StringMap,
) (*iam.RolePolicy, error) {
	if err := document.Check(); err != nil {
		return nil, err
	}
	return iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
		Role: service.built.role.Name, Policy: filled(document, slots),
	}, pulumi.Parent(owner))
}
