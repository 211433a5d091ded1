package kinds

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var notReserved = regexp.MustCompile(`^($|[^s]|s$|s[^g]|sg$|sg[^-])`)

var _ = register(&Kind{
	Token:      SecurityGroup,
	Args:       ec2.SecurityGroupArgs{},
	Resource:   &ec2.SecurityGroup{},
	API:        API{Service: "EC2", Noun: "Security Group", Create: "CreateSecurityGroup", Update: "AuthorizeSecurityGroupIngress", Delete: "DeleteSecurityGroup"},
	Name:       &AutoName{Property: "name", Max: 255, Unless: []string{"namePrefix"}},
	Defaults:   append(groupDefaults(), Default{Path: "description", Value: Text("Managed by Pulumi")}),
	References: append([]Reference{toVPC("vpcId")}, groupReferences()...),
	Rules: slices.Concat([]Rule{
		// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html has the limits of both texts.
		LengthIn("name", 1, 255), LengthIn("description", 1, 255),
		Matching("name", notReserved, "cannot begin with sg-"),
		Matching("namePrefix", notReserved, "cannot begin with sg-"),
		Conflicting("name", "namePrefix"),
		noDefaultVPC(),
		{Name: "characters", Stage: AtApply, Code: codeInvalidValue, When: OnCreate, Broken: func(d *Draft) *Refusal {
			for _, path := range []string{"name", "description"} {
				if !groupText.MatchString(d.Text(path)) {
					return Refuse(path, "Value (%s) for parameter Group%s is invalid. Valid characters are a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*",
						d.Text(path), strings.ToUpper(path[:1])+path[1:])
				}
			}
			return nil
		}},
		{Name: "reserved name", Stage: AtApply, Code: codeInvalidValue, When: OnCreate, Broken: func(d *Draft) *Refusal {
			if d.Text("name") != "default" {
				return nil
			}
			return Refuse("name", "Cannot use reserved security group name: default")
		}},
		{Name: "name once a VPC", Stage: AtApply, Code: "InvalidGroup.Duplicate", When: OnCreate, Broken: func(d *Draft) *Refusal {
			for _, other := range d.UsedBy(SecurityGroup, "vpcId", d.Text("vpcId")) {
				if d.Has("name") && other.Text("name") == d.Text("name") {
					return Refuse("name", "The security group '%s' already exists for VPC '%s'", d.Text("name"), d.Text("vpcId"))
				}
			}
			return nil
		}},
	}, inlineRules("ingress"), inlineRules("egress")),
	DeleteRules: []DeleteRule{
		{Name: "in use", Code: codeDependencyViolation, Blocked: func(d *Draft) string {
			if groupInUse(d) {
				return fmt.Sprintf("resource %s has a dependent object", d.ID())
			}
			return ""
		}},
	},
	Replaces: []string{"description", "name", "namePrefix", "vpcId"},
	Sets:     groupSets,
	ID:       ec2ID("sg"),
	Computed: append([]Output{
		groupARN(ec2ID("sg")),
		{Name: "name", Value: func(d *Draft) resource.PropertyValue { return Text(d.Text("namePrefix") + d.Digits("name", 26)) }},
		fixed("vpcId", Text("")),
	}, groupOutputs()...),
})

// groupInUse is true while a load balancer or an endpoint has the group or a rule of another group names it. The group's own rules go
// with it.
func groupInUse(d *Draft) bool {
	if len(d.UsedBy(LoadBalancer, "securityGroups[]", d.ID()))+len(d.UsedBy(Function, "vpcConfig.securityGroupIds[]", d.ID()))+endpointsIn(d, "securityGroupIds[]") > 0 {
		return true
	}
	for _, token := range []string{SecurityGroupIngressRule, SecurityGroupEgressRule} {
		for _, rule := range d.UsedBy(token, "referencedSecurityGroupId", d.ID()) {
			if rule.Text("securityGroupId") != d.ID() {
				return true
			}
		}
	}
	for _, token := range []string{SecurityGroup, DefaultSecurityGroup} {
		for _, list := range []string{"ingress", "egress"} {
			if len(d.UsedBy(token, list+"[].securityGroups[]", d.ID())) > 0 {
				return true
			}
		}
	}
	return false
}
