package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// A default security group is not created but adopted: its id is the one that its VPC answered. The provider replaces its
// rules with those of the program, so that no rule at all locks it.
var _ = register(&Kind{
	Token:    DefaultSecurityGroup,
	Args:     ec2.DefaultSecurityGroupArgs{},
	Resource: &ec2.DefaultSecurityGroup{},
	API:      API{Service: "EC2", Noun: "Default Security Group", Create: "DescribeSecurityGroups", Update: "AuthorizeSecurityGroupIngress", Delete: "RevokeSecurityGroupIngress"},
	Defaults: groupDefaults(),
	References: append([]Reference{{
		Path: "vpcId", To: []string{VPC}, Code: codeGroupNotFound, Message: "The security group 'default' of VPC '%s' does not exist",
	}}, groupReferences()...),
	Rules: slices.Concat([]Rule{
		noDefaultVPC(),
		{Name: "adopted once", Stage: AtApply, Code: "InvalidGroup.Duplicate", When: OnCreate, Broken: func(d *Draft) *Refusal {
			if !d.Has("vpcId") || len(d.UsedBy(DefaultSecurityGroup, "vpcId", d.Text("vpcId"))) == 0 {
				return nil
			}
			return Refuse("vpcId", "The default security group of VPC '%s' is managed by another resource already: the two would undo each other's rules", d.Text("vpcId"))
		}},
	}, inlineRules("ingress"), inlineRules("egress")),
	Replaces: []string{"vpcId"},
	Sets:     groupSets,
	ID:       defaultGroupID,
	Computed: append([]Output{
		groupARN(defaultGroupID), fixed("name", Text("default")), fixed("description", Text("default VPC security group")),
		{Name: "vpcId", Value: func(*Draft) resource.PropertyValue { return Text("") }},
	}, groupOutputs()...),
})

func defaultGroupID(d *Draft) string {
	if d.ID() != "" {
		return d.ID()
	}
	if network := d.Find(VPC, d.Text("vpcId")); network != nil {
		return network.Text("defaultSecurityGroupId")
	}
	return d.EC2ID("sg")
}
