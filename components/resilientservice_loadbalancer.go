package components

import (
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// tlsPolicy is what AWS recommends for load balancers and its console chooses: TLS 1.3 and 1.2, forward secrecy and authenticated
// encryption only, and a post-quantum key exchange with clients that know one
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html).
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

// buildLoadBalancer builds the load balancer, with a node in every zone, and its target group.
func (s *ResilientService) buildLoadBalancer(ctx *pulumi.Context) (err error) {
	subnets := s.args.Placement.PrivateSubnetIDs
	if s.args.Exposure == InternetFacing {
		subnets = s.args.Placement.PublicSubnetIDs
	}
	name := s.name + "-alb"
	s.built.loadBalancer, err = lb.NewLoadBalancer(ctx, name, transformed(&lb.LoadBalancerArgs{
		LoadBalancerType: pulumi.String("application"),
		IpAddressType:    pulumi.String("ipv4"),
		Internal:         pulumi.Bool(s.args.Exposure == Internal),
		Subnets:          subnets,
		SecurityGroups:   pulumi.StringArray{s.built.loadBalancerGroup.ID()},
		// A shift takes a zone out of DNS and stops requests to its instances; it must be enabled before it is needed
		// (https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-shift.resource-types.app-load-balancers.html).
		EnableZonalShift: pulumi.Bool(true),
		ClientKeepAlive:  pulumi.Int(s.args.KeepAliveSeconds),
		IdleTimeout:      pulumi.Int(s.args.IdleSeconds),
		// Malformed headers and ambiguous requests are how requests are smuggled past a load balancer
		// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode).
		DropInvalidHeaderFields:  pulumi.Bool(true),
		DesyncMitigationMode:     pulumi.String("defensive"),
		EnableHttp2:              pulumi.Bool(true),
		EnableDeletionProtection: pulumi.Bool(s.args.Protect),
		EnableWafFailOpen:        pulumi.Bool(s.args.WAF != nil && !s.args.WAF.FailClosed),
		AccessLogs:               s.accessLogs(), ConnectionLogs: s.connectionLogs(),
		Tags: tagsNamed(s.args.Tags, name),
	}, s.args.Transform.LoadBalancer), pulumi.Parent(s))
	if err != nil {
		return err
	}
	name = s.name + "-tg"
	s.built.targetGroup, err = lb.NewTargetGroup(ctx, name,
		transformed(s.targetGroupArgs(name), s.args.Transform.TargetGroup), pulumi.Parent(s), pulumi.Protect(s.args.Protect))
	return err
}

func (s *ResilientService) targetGroupArgs(name string) *lb.TargetGroupArgs {
	failOpen := pulumi.String(strconv.Itoa(s.args.FailOpenPercent))
	return &lb.TargetGroupArgs{
		VpcId:               s.args.Placement.VPCID.ToStringOutput(),
		TargetType:          pulumi.String("instance"),
		Protocol:            pulumi.String("HTTP"),
		Port:                pulumi.Int(s.args.Port),
		DeregistrationDelay: pulumi.Int(s.args.DrainSeconds),
		// Every node sends to every zone. The loss of a zone then spreads evenly, and the thresholds below count over all zones.
		LoadBalancingCrossZoneEnabled: pulumi.String("true"),
		// Between two health checks, an instance that answers with errors or not at all is given fewer requests; it takes three
		// healthy instances (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html).
		LoadBalancingAlgorithmType:     pulumi.String("weighted_random"),
		LoadBalancingAnomalyMitigation: pulumi.String("on"),
		HealthCheck:                    s.targetHealthCheck(),
		TargetGroupHealth: &lb.TargetGroupTargetGroupHealthArgs{
			// The count is stated because the provider turns it off when the block leaves it out; AWS's own default is 1.
			DnsFailover: &lb.TargetGroupTargetGroupHealthDnsFailoverArgs{
				MinimumHealthyTargetsCount: pulumi.String("1"), MinimumHealthyTargetsPercentage: failOpen,
			},
			UnhealthyStateRouting: &lb.TargetGroupTargetGroupHealthUnhealthyStateRoutingArgs{
				MinimumHealthyTargetsCount: pulumi.Int(1), MinimumHealthyTargetsPercentage: failOpen,
			},
		},
		Tags: tagsNamed(s.args.Tags, name),
	}
}

// accessLogs are off without a bucket. Turned off, AWS still wants a bucket named, so the block is left out.
func (s *ResilientService) accessLogs() lb.LoadBalancerAccessLogsPtrInput {
	if s.args.AccessLogs == nil {
		return nil
	}
	return lb.LoadBalancerAccessLogsArgs{
		Bucket: s.args.AccessLogs.Bucket, Prefix: pulumi.String(s.logPrefix()), Enabled: pulumi.Bool(true),
	}
}

func (s *ResilientService) connectionLogs() lb.LoadBalancerConnectionLogsPtrInput {
	if s.args.AccessLogs == nil {
		return nil
	}
	return lb.LoadBalancerConnectionLogsArgs{
		Bucket: s.args.AccessLogs.Bucket, Prefix: pulumi.String(s.logPrefix()), Enabled: pulumi.Bool(true),
	}
}

// logPrefix is one for both logs: AWS tells their objects apart by name.
func (s *ResilientService) logPrefix() string { return orDefault(s.args.AccessLogs.Prefix, s.name) }

// buildListeners builds what clients connect to: HTTPS with everything else redirected to it, or plain HTTP without a certificate.
// Nothing tells browsers to insist on HTTPS (Strict-Transport-Security): they would remember it for longer than a mistake should last,
// and AWS does not say what becomes of a header that the application sets itself. Transform.Listener can.
func (s *ResilientService) buildListeners(ctx *pulumi.Context) error {
	forward := lb.ListenerDefaultActionArray{&lb.ListenerDefaultActionArgs{
		Type: pulumi.String("forward"), TargetGroupArn: s.built.targetGroup.Arn,
	}}
	if !s.args.isHTTPS() {
		_, err := s.listener(ctx, s.name+"-http", &lb.ListenerArgs{
			Port: pulumi.Int(httpPort), Protocol: pulumi.String("HTTP"), DefaultActions: forward,
		})
		return err
	}
	https, err := s.listener(ctx, s.name+"-https", &lb.ListenerArgs{
		Port: pulumi.Int(httpsPort), Protocol: pulumi.String("HTTPS"), DefaultActions: forward,
		CertificateArn: s.built.certificateARN.ToStringOutput(), SslPolicy: pulumi.String(tlsPolicy),
	})
	if err != nil {
		return err
	}
	_, err = s.listener(ctx, s.name+"-http", &lb.ListenerArgs{
		Port: pulumi.Int(httpPort), Protocol: pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{&lb.ListenerDefaultActionArgs{
			Type: pulumi.String("redirect"),
			Redirect: &lb.ListenerDefaultActionRedirectArgs{
				Protocol: pulumi.String("HTTPS"), Port: pulumi.String(strconv.Itoa(httpsPort)), StatusCode: pulumi.String("HTTP_301"),
			},
		}},
		// A service that has been on plain HTTP redirects its clients once there is something to redirect them to.
	}, pulumi.DependsOn([]pulumi.Resource{https}))
	return err
}

func (s *ResilientService) listener(
	ctx *pulumi.Context, name string, args *lb.ListenerArgs, opts ...pulumi.ResourceOption,
) (*lb.Listener, error) {
	args.LoadBalancerArn = s.built.loadBalancer.Arn
	args.Tags = tagsNamed(s.args.Tags, name)
	// A target group belongs to one load balancer at a time, so a listener of a new load balancer waits until the old one's is gone
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html).
	opts = append(opts, pulumi.Parent(s), pulumi.DeleteBeforeReplace(true))
	listener, err := lb.NewListener(ctx, name, transformed(args, s.args.Transform.Listener), opts...)
	s.built.beforeLaunch, s.built.entry = append(s.built.beforeLaunch, listener), append(s.built.entry, listener)
	return listener, err
}
