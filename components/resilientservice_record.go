package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildRecord points the host name at the accelerator, if clients are to use one, and otherwise at the load balancer: an alias,
// which costs nothing and follows the addresses that stand behind it. The load balancer has IPv4 addresses only, so there is no AAAA record.
// A record of that name which exists already is not taken over but refused by AWS: it belongs to somebody.
//
// Evaluating the target's health takes a load balancer out of DNS answers when one of its target groups has no healthy target, in
// favor of another record of the name (https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html). This record is
// the only one, and when no record is healthy Route 53 answers with all
// (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html): it changes
// nothing until somebody adds a second record, for another Region. For an accelerator AWS documents no such rule.
func (s *ResilientService) buildRecord(ctx *pulumi.Context) error {
	if s.args.DNS == nil {
		return nil
	}
	target := route53.RecordAliasArgs{
		Name: s.built.loadBalancer.DnsName, ZoneId: s.built.loadBalancer.ZoneId, EvaluateTargetHealth: pulumi.Bool(true),
	}
	if s.args.isAccelerated() {
		target.Name, target.ZoneId = s.built.accelerator.DnsName, s.built.accelerator.HostedZoneId
	}
	_, err := route53.NewRecord(ctx, s.name, transformed(&route53.RecordArgs{
		ZoneId: pulumi.String(s.args.DNS.ZoneID), Name: pulumi.String(s.args.HostName), Type: pulumi.String("A"),
		Aliases: route53.RecordAliasArray{target},
	}, s.args.Transform.Record), pulumi.Parent(s),
		// The name leads to the service once something answers there.
		pulumi.DependsOn(s.built.entry))
	return err
}
