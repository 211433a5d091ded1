package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// GrantInvoke lets the caller's instances call this service: its load balancer admits them, and their own security group
// lets them out to it. Two security group rules are added and nothing else changes, so granting disturbs no other caller.
// Granting twice, to the service itself, for an internet-facing service or one behind an accelerator, or across accounts or
// Regions is an error. Both services must be in one VPC or in peered ones.
func (s *ResilientService) GrantInvoke(caller *ResilientService) error {
	if err := s.checkGrant(caller); err != nil {
		return err
	}
	s.granted[caller.name] = true
	port := pulumi.Int(s.servicePort())
	in := s.name + "-alb-from-" + caller.name
	if _, err := vpc.NewSecurityGroupIngressRule(s.ctx, in, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: s.built.loadBalancerGroup.ID(), ReferencedSecurityGroupId: caller.built.instanceGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: port, ToPort: port,
		Description: pulumi.String("Calls from service " + caller.name), Tags: tagsNamed(s.args.Tags, in),
	}, pulumi.Parent(s)); err != nil {
		return err
	}
	out := caller.name + "-instances-to-" + s.name
	_, err := vpc.NewSecurityGroupEgressRule(s.ctx, out, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: caller.built.instanceGroup.ID(), ReferencedSecurityGroupId: s.built.loadBalancerGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: port, ToPort: port,
		Description: pulumi.String("Calls to service " + s.name), Tags: tagsNamed(caller.args.Tags, out),
	}, pulumi.Parent(caller))
	return err
}

func (s *ResilientService) checkGrant(caller *ResilientService) error {
	if caller == nil {
		return fmt.Errorf("grant of %s: no caller is given; pass the service that calls", s.name)
	}
	switch there, here := caller.args.Placement, s.args.Placement; {
	case caller == s:
		return fmt.Errorf("grant of %s to itself: instances answer to their load balancer only; remove the grant", s.name)
	case s.args.Exposure == InternetFacing:
		return fmt.Errorf("grant of %s to %s: an internet-facing service is called at public addresses, which no security group stands for; list the NAT gateways' addresses in clientCIDRs",
			s.name, caller.name)
	case s.args.isAccelerated():
		return fmt.Errorf("grant of %s to %s: a service behind an accelerator is called at public addresses, which no security group stands for; list the NAT gateways' addresses in clientCIDRs",
			s.name, caller.name)
	case s.granted[caller.name]:
		return fmt.Errorf("grant of %s to %s is made already; remove one", s.name, caller.name)
	case there.AccountID != here.AccountID:
		return fmt.Errorf("grant of %s to %s crosses accounts %s and %s, where a security group cannot name the other's; list the caller in clientCIDRs",
			s.name, caller.name, here.AccountID, there.AccountID)
	case there.region() != here.region():
		return fmt.Errorf("grant of %s to %s crosses Regions %s and %s, where a security group cannot name the other's; list the caller in clientCIDRs",
			s.name, caller.name, here.region(), there.region())
	}
	return nil
}
