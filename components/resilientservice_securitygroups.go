package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The ports of listeners.
const (
	httpPort  = 80
	httpsPort = 443
)

// buildSecurityGroups builds the groups of load balancer and instances. Rules are resources of their own, never inline, so that a
// grant adds one and disturbs none. Their names come from what they say, not from their place in a list.
func (s *ResilientService) buildSecurityGroups(ctx *pulumi.Context) (err error) {
	if s.built.loadBalancerGroup, err = s.securityGroup(ctx, s.name+"-alb",
		"Load balancer of service "+s.name, s.args.Transform.LoadBalancerSecurityGroup); err != nil {
		return err
	}
	if s.built.instanceGroup, err = s.securityGroup(ctx, s.name+"-instances",
		"Instances of service "+s.name, s.args.Transform.InstanceSecurityGroup); err != nil {
		return err
	}
	return runSteps(ctx, s.admitClients, s.connectInstances, s.connectProbe, s.admitEgress)
}

func (s *ResilientService) securityGroup(
	ctx *pulumi.Context, name, description string, transform func(*ec2.SecurityGroupArgs),
) (*ec2.SecurityGroup, error) {
	return ec2.NewSecurityGroup(ctx, name, transformed(&ec2.SecurityGroupArgs{
		Description: pulumi.String(description), VpcId: s.args.Placement.VPCID.ToStringOutput(), Tags: tagsNamed(s.args.Tags, name),
	}, transform), pulumi.Parent(s))
}

// listenerPorts are the ports that clients use.
func (s *ResilientService) listenerPorts() []int {
	if !s.args.isHTTPS() {
		return []int{httpPort}
	}
	return []int{httpPort, httpsPort}
}

// servicePort is the port that requests are served on.
func (s *ResilientService) servicePort() int {
	if !s.args.isHTTPS() {
		return httpPort
	}
	return httpsPort
}

func (s *ResilientService) admitClients(ctx *pulumi.Context) error {
	for _, port := range s.listenerPorts() {
		for _, block := range s.args.ClientCIDRs {
			name := fmt.Sprintf("%s-alb-in-%d-%s", s.name, port, blockName(block))
			if _, err := vpc.NewSecurityGroupIngressRule(ctx, name, &vpc.SecurityGroupIngressRuleArgs{
				SecurityGroupId: s.built.loadBalancerGroup.ID(), CidrIpv4: pulumi.String(block),
				IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(port), ToPort: pulumi.Int(port),
				Description: pulumi.String("Clients"), Tags: tagsNamed(s.args.Tags, name),
			}, pulumi.Parent(s)); err != nil {
				return err
			}
		}
	}
	return nil
}

// connectInstances lets the load balancer reach the container on each instance.
func (s *ResilientService) connectInstances(ctx *pulumi.Context) error {
	out, err := vpc.NewSecurityGroupEgressRule(ctx, s.name+"-alb-to-instances", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: s.built.loadBalancerGroup.ID(), ReferencedSecurityGroupId: s.built.instanceGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(s.args.Port), ToPort: pulumi.Int(s.args.Port),
		Description: pulumi.String("Requests to the container"), Tags: tagsNamed(s.args.Tags, s.name+"-alb-to-instances"),
	}, pulumi.Parent(s))
	if err != nil {
		return err
	}
	in, err := vpc.NewSecurityGroupIngressRule(ctx, s.name+"-instances-from-alb", &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: s.built.instanceGroup.ID(), ReferencedSecurityGroupId: s.built.loadBalancerGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(s.args.Port), ToPort: pulumi.Int(s.args.Port),
		Description: pulumi.String("Requests to the container"), Tags: tagsNamed(s.args.Tags, s.name+"-instances-from-alb"),
	}, pulumi.Parent(s))
	s.built.beforeLaunch = append(s.built.beforeLaunch, out, in)
	return err
}

// admitEgress lets instances reach AWS's services at the VPC's endpoints, and what was declared.
func (s *ResilientService) admitEgress(ctx *pulumi.Context) error {
	endpoints, err := s.egressRule(ctx, s.name+"-out-endpoints", &vpc.SecurityGroupEgressRuleArgs{
		ReferencedSecurityGroupId: s.args.Placement.EndpointSecurityGroupID.ToStringOutput(),
		IpProtocol:                pulumi.String(string(TCP)), FromPort: pulumi.Int(httpsPort), ToPort: pulumi.Int(httpsPort),
		Description: pulumi.String("AWS services at their endpoints"),
	})
	if err != nil {
		return err
	}
	s3, err := s.egressRule(ctx, s.name+"-out-s3", &vpc.SecurityGroupEgressRuleArgs{
		PrefixListId: s.args.Placement.S3PrefixListID.ToStringOutput(),
		IpProtocol:   pulumi.String(string(TCP)), FromPort: pulumi.Int(httpsPort), ToPort: pulumi.Int(httpsPort),
		Description: pulumi.String("Amazon S3 through the gateway endpoint"),
	})
	if err != nil {
		return err
	}
	s.built.beforeLaunch = append(append(s.built.beforeLaunch, endpoints, s3), s.args.Placement.endpoints...)
	for _, egress := range s.args.Egress {
		rule, err := s.egressRule(ctx, s.name+"-out-"+egress.key(), &vpc.SecurityGroupEgressRuleArgs{
			CidrIpv4:   pulumi.String(egress.CIDR),
			IpProtocol: pulumi.String(string(egress.Protocol)), FromPort: pulumi.Int(egress.Port), ToPort: pulumi.Int(egress.Port),
			Description: pulumi.String(egress.Description),
		})
		if err != nil {
			return err
		}
		s.built.beforeLaunch = append(s.built.beforeLaunch, rule)
	}
	return nil
}

// egressRule is a rule of the instances' security group.
func (s *ResilientService) egressRule(ctx *pulumi.Context, name string, args *vpc.SecurityGroupEgressRuleArgs) (*vpc.SecurityGroupEgressRule, error) {
	args.SecurityGroupId, args.Tags = s.built.instanceGroup.ID(), tagsNamed(s.args.Tags, name)
	return vpc.NewSecurityGroupEgressRule(ctx, name, args, pulumi.Parent(s))
}

// key is what one destination is told apart by, in the form of a name.
func (e EgressArgs) key() string {
	return fmt.Sprintf("%s-%d-%s", e.Protocol, e.Port, blockName(e.CIDR))
}

// blockName is a block in characters that read well in names: 10-20-0-0-16.
func blockName(block string) string { return strings.NewReplacer(".", "-", "/", "-").Replace(block) }
