package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const resilientServiceType = "aplomb:components:ResilientService"

// ResilientServiceArgs describes a ResilientService. Everything but Placement's ids, Environment and Secrets is a plain
// value. The zero value of an optional field means its default.
type ResilientServiceArgs struct {
	// Placement is where the service runs: Network.Placement(), or filled by hand for a VPC that exists already.
	Placement PlacementArgs `pulumi:"placement"`

	// Image is the container image with its registry and digest, such as
	// 123456789012.dkr.ecr.eu-central-1.amazonaws.com/tickets-api@sha256:… . A digest never changes its content, so an
	// instance launched during an incident runs what the others run. From Amazon ECR the service may pull exactly this
	// repository; any other registry must serve the image without a login, and Egress must let instances reach it.
	Image string `pulumi:"image"`
	// AllowImageTags admits an image named by tag instead of digest. For development only: two instances of one
	// service may then run different code.
	AllowImageTags bool `pulumi:"allowImageTags,optional"`
	// ImageAccount is the one other AWS account whose ECR repositories an image may come from, 12 digits. To set it states
	// that the repository's policy there admits this account
	// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html), which nothing here can see. By
	// default an image of another account is refused. One of another Region always is.
	ImageAccount string `pulumi:"imageAccount,optional"`
	// AMI is the id of the machine image, such as ami-0abcdef1234567890, pinned so that every launch boots the same
	// system. Of AWS's images the ECS-optimized Amazon Linux 2023 is meant
	// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-optimized_AMI.html), whose ECS agent is kept off. One of your own
	// needs cloud-init, systemd 247 or later, bash, Docker 23 or later, and curl 7.88 or later; nothing is installed at boot.
	AMI string `pulumi:"ami"`
	// AMIParameter is the path of the SSM parameter that AMI was read from, such as
	// /aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id. It is written down, as a tag of the launch
	// template, and never read: what boots is AMI, until somebody takes over what the parameter says by then.
	AMIParameter string `pulumi:"amiParameter,optional"`
	// Architecture is the architecture of both AMI and image.
	Architecture Architecture `pulumi:"architecture"`
	// InstanceTypes are the types that may be launched, best first, such as m7g.large, m6g.large. Name several of one
	// size: when a zone has run out of the first, the next is launched. Only Nitro types are admitted, as only they
	// report the health of an attached volume
	// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/monitor-and-replace-instances-with-impaired-ebs-volumes.html).
	InstanceTypes []InstanceType `pulumi:"instanceTypes"`
	// RootVolumeGiB is the size of the encrypted root volume, 30 GiB by default, which is what the ECS-optimized AMI's
	// snapshot needs; 30 to 16384.
	RootVolumeGiB int `pulumi:"rootVolumeGiB,optional"`

	// PeakInstances is the number of instances that carry the service at its peak. The group always runs more:
	// zones * ceil(PeakInstances/(zones-1)), so that losing any one zone leaves at least PeakInstances running and
	// nothing has to be launched to survive.
	PeakInstances int `pulumi:"peakInstances"`
	// MaxInstances bounds what scaling may launch: twice the fleet by default, at most 1000, which is AWS's default quota
	// of targets for a load balancer
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
	MaxInstances int `pulumi:"maxInstances,optional"`
	// TargetCPU is the average CPU utilisation, in percent, that scaling aims at: 50 by default, which leaves room for
	// the load of a lost zone while new instances start; 10 to 90.
	TargetCPU int `pulumi:"targetCPU,optional"`
	// StartupSeconds is for how long a new instance may fail its health checks: 300 s by default, to boot and pull the
	// image; 60 to 7200. It is the group's health check grace period.
	StartupSeconds int `pulumi:"startupSeconds,optional"`
	// DeployDespiteAlarm lets a deploy replace instances although the service's deploy alarm rings. AWS refuses to start, and halts,
	// a replacement whose alarm rings, so that a bad version spreads no further; the fix for a service that is failing already
	// must get through all the same. Set it for that deploy only.
	DeployDespiteAlarm bool `pulumi:"deployDespiteAlarm,optional"`
	// WarmupSeconds is for how long after entering service an instance's CPU is kept out of scaling, and a deploy waits
	// before it replaces the next: 120 s by default; 1 to 3600.
	WarmupSeconds int `pulumi:"warmupSeconds,optional"`

	// Port is the TCP port on which the container listens; it finds it in the environment variable PORT. 8080 by default.
	// The container shares the host's network, so 22 (sshd) is refused. To change it later is an outage: AWS replaces the
	// target group, and instances that listen on the old port fail its checks. With Protect the engine refuses; add a second
	// service instead.
	Port int `pulumi:"port,optional"`
	// HealthCheck is how the load balancer decides that an instance serves.
	HealthCheck HealthCheckArgs `pulumi:"healthCheck,optional"`
	// Probe is the disk probe. With it the load balancer's health check goes to the probe's port, and HealthCheck says how, and what
	// the probe asks of the container. Without it the load balancer asks the container, and a stalled volume is only noticed if
	// HealthCheck.Path exercises the disk; for development.
	Probe *ProbeArgs `pulumi:"probe,optional"`
	// FailOpenPercent is the share of healthy instances below which the load balancer stops trusting the health check and
	// sends requests to every instance, because a broken check is then likelier than a broken fleet. It must stay below
	// 100*(zones-1)/zones, or losing a zone would itself send requests to the dead one. By default half of that: 33 with
	// three zones, 25 with two. At the same share the load balancer leaves DNS, as AWS wants that threshold to be no
	// lower (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html).
	FailOpenPercent int `pulumi:"failOpenPercent,optional"`
	// DrainSeconds is for how long an instance that leaves may finish its requests: 30 s by default, 1 to 3600 (AWS's
	// default is 300). It is the longest a replacement waits, not part of the time to serve.
	DrainSeconds int `pulumi:"drainSeconds,optional"`
	// KeepAliveSeconds is for how long a client may reuse one connection: 300 s by default, 60 to 604800 (AWS's default is
	// 3600). It bounds how long a client holds on to the load balancer's address in a zone that has been shifted away
	// (https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-shift.resource-types.app-load-balancers.html).
	KeepAliveSeconds int `pulumi:"keepAliveSeconds,optional"`
	// IdleSeconds is for how long a connection may stay silent: 60 s by default, as AWS's; 1 to 4000. The application's own
	// keep-alive must be longer, or the load balancer meets closed connections.
	IdleSeconds int `pulumi:"idleSeconds,optional"`

	// Exposure is Internal by default. To change it later replaces the load balancer and with it the address of the service;
	// with Protect the engine refuses.
	Exposure Exposure `pulumi:"exposure,optional"`
	// ClientCIDRs are the IPv4 blocks whose requests are admitted. By default an internal service admits its VPC's block. An
	// internet-facing service must name them; 0.0.0.0/0 is everybody.
	ClientCIDRs []string `pulumi:"clientCIDRs,optional"`
	// OnlyGrantedCallers admits no CIDR block at all: only the services named in GrantInvoke reach an internal service.
	OnlyGrantedCallers bool `pulumi:"onlyGrantedCallers,optional"`
	// CertificateARN is the ACM certificate of the service. With it, or with DNS, clients use HTTPS on port 443 (TLS 1.2 and 1.3)
	// and are redirected there from port 80; without both they use plain HTTP on port 80.
	CertificateARN string `pulumi:"certificateARN,optional"`
	// HostName is the name on the certificate by which clients call the service. URL uses it; without it URL has the accelerator's
	// or the load balancer's own name, which no certificate matches.
	HostName string `pulumi:"hostName,optional"`
	// DNS is the public hosted zone in which HostName lies. With it the service has its record there, and its certificate too unless
	// CertificateARN names one. Without it the record is yours to make. A later change of HostName brings the new name up before the
	// old one goes; both do not stand side by side afterwards.
	DNS *DNSArgs `pulumi:"dns,optional"`
	// AccessLogs has every request and connection written to a bucket. By default nothing is.
	AccessLogs *AccessLogsArgs `pulumi:"accessLogs,optional"`
	// WAF refuses malicious requests before they reach an instance. By default nothing does.
	WAF *WAFArgs `pulumi:"waf,optional"`
	// Accelerator gives clients two static addresses that belong to no zone. By default they use the load balancer's.
	Accelerator *AcceleratorArgs `pulumi:"accelerator,optional"`
	// Egress lists where instances may open connections to, beside AWS's services at their endpoints, the services that were granted,
	// and the VPC's own resolver and time service, which no security group limits. By default nowhere. A destination outside the
	// VPC's block needs a Placement with NAT. Allowing AWS's public addresses does not help to call its services there: the role
	// works through the VPC's endpoints only.
	Egress []EgressArgs `pulumi:"egress,optional"`

	// Environment is handed to the container. It ends up readable in the launch template, so secrets belong in Secrets.
	// PORT, AWS_REGION and AWS_DEFAULT_REGION are set already.
	Environment map[string]pulumi.StringInput `pulumi:"environment,optional"`
	// Secrets become Secrets Manager secrets under the service's own key. For a secret DB_PASSWORD the container finds
	// the secret's ARN in DB_PASSWORD_SECRET_ARN, and its role may read exactly that secret.
	Secrets map[string]pulumi.StringInput `pulumi:"secrets,optional" provider:"secret"`

	// NoSessions keeps people out: instances accept no Session Manager session. By default somebody whose own role allows
	// ssm:StartSession on an instance gets a shell there, through AWS and without an open port; nobody can by SSH, as there is no
	// key pair and no rule for port 22.
	NoSessions bool `pulumi:"noSessions,optional"`

	// LogRetention is for how long the container's output is kept: 30 days by default.
	LogRetention LogRetention `pulumi:"logRetention,optional"`
	// Protect makes AWS refuse to delete the load balancer, whose name clients know, and the engine refuse to delete or
	// replace the accelerator, whose addresses they know, the target group, which is what stands between clients and instances, and what holds state (key, log group,
	// secrets), which stays in AWS should it ever leave the stack.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on every resource beside the provider's default tags, and on the instances, volumes and network
	// interfaces, which default tags do not reach.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform ResilientServiceTransforms
}

// HealthCheckArgs is how a load balancer decides that an instance serves. Ranges and AWS's own defaults:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
type HealthCheckArgs struct {
	// Path is requested from every instance: /healthz by default; from the container in any case, by the probe where there is one. Let it
	// say whether the container can serve, but leave out the database: a failover would otherwise take every instance out at
	// once. Without a probe, let it exercise the local disk (a small write and fsync with a deadline).
	Path string `pulumi:"path,optional"`
	// Interval is the seconds between two checks: 5 by default, 5 to 300 (AWS's default is 30).
	Interval int `pulumi:"interval,optional"`
	// Timeout is the seconds without an answer that fail a check: 2 by default, 2 to 120, below Interval. A probe gives the container
	// half a second less.
	Timeout int `pulumi:"timeout,optional"`
	// HealthyThreshold is the number of passing checks that bring an instance back: 2 by default, 2 to 10.
	HealthyThreshold int `pulumi:"healthyThreshold,optional"`
	// UnhealthyThreshold is the number of failing checks that take an instance out: 2 by default, 2 to 10.
	UnhealthyThreshold int `pulumi:"unhealthyThreshold,optional"`
	// Matcher is the HTTP status codes of a healthy answer of the container: 200 by default; values such as 200,204 and ranges such as
	// 200-299, from 200 to 499.
	Matcher string `pulumi:"matcher,optional"`
}

// EgressArgs is one destination that instances may open connections to.
type EgressArgs struct {
	// Description says why, in at most 255 characters.
	Description string `pulumi:"description"`
	// CIDR is the IPv4 block of the destination; 0.0.0.0/0 is anywhere.
	CIDR string `pulumi:"cidr"`
	// Port is the destination port.
	Port int `pulumi:"port"`
	// Protocol is TCP by default.
	Protocol Protocol `pulumi:"protocol,optional"`
}

// ResilientService is an HTTP service with its own Application Load Balancer, its own Auto Scaling group over every
// zone, and its own role, key, log group and secrets. Nothing is shared with another service, so what one can do or
// break ends with it. Instances have private addresses only and answer to their load balancer only.
//
// What the role may do it may do from the service's own instances only, each with the credentials that were issued to it, through
// the endpoints of its own VPC and to its own Region; all else is denied to it, whatever a grant allows later. Excepted is what
// AWS does on the role's behalf, and connections to databases. A URL that the workload presigns is of no use elsewhere either.
//
// # Recovery
//
// Loss of a zone, or of instances in it (nothing is launched to get through this):
//
//	detection                                       5 s best, 12 s worst, 17 s counted conservatively
//	  best (unhealthyThreshold-1)*interval, worst unhealthyThreshold*interval+timeout, conservative one interval more
//	  because AWS says "exceed UnhealthyThresholdCount consecutive failures"
//	a request sent to a dead instance meanwhile     504 after at most 10 s (the load balancer's connect timeout)
//	time to serve, clients of other zones' nodes    17 s + 10 s = 27 s
//
// A stopped or terminated instance is out of routing at once. Sources:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html.
// The capacity left is fleet - fleet/zones, never below PeakInstances.
//
// A client that holds the address of the load balancer's node in the dead zone is served as soon as it tries another
// address. One that does not waits until AWS takes the address out of DNS, for which there is no documented figure, and
// then for the 60 s that DNS answers may be kept
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html). Zonal
// shift is enabled for it, but it is a control plane and not part of this sum.
//
// With Accelerator, DNS is not on that way: the client's addresses stay, and are those of no zone. What it takes away is the 60 s,
// any resolver or client that keeps an answer for longer, and the undocumented removal. What it puts there:
//
//	a new connection                                no documented figure. AWS's network opens one to the load balancer for each
//	                                                that it takes from a client, through an interface in each of its subnets; how soon it
//	                                                leaves out the subnet of a dead zone AWS does not say
//	an established connection                       stays where it is until the client gives it up, or for at most 340 s
//	                                                in which no byte passes
//
// So the accelerator takes out what is known, 60 s and what caches add, and leaves an unknown that no client can retry around: only a
// game day can tell. In particular AWS counts the load balancer as healthy while its target group has one healthy
// target, so the loss of a zone is no failure in its eyes, and the "instant" redirection to another endpoint that it
// documents needs a second one, which a single Region does not have. One of the two addresses can also fail, for which the client tries the
// other. Sources: https://docs.aws.amazon.com/global-accelerator/latest/dg/introduction-how-it-works.html (340 s),
// https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoint-groups-health-check-options.html (one healthy target),
// https://docs.aws.amazon.com/global-accelerator/latest/dg/disaster-recovery-resiliency.html (two addresses). Of a zonal shift of a
// load balancer behind an accelerator AWS's present documentation says nothing; earlier editions said it is not supported.
//
// The certificate, its renewal and the records are control planes that nothing waits for when something fails.
//
// Stall of a volume, with Probe:
//
//	the probe notices                               1 s best, 3 s worst: it writes every 2 s and gives each write 1 s
//	the load balancer notices the probe             as above: 5 s best, 12 s worst, 17 s counted conservatively
//	time to serve, new requests                     3 s + 17 s = 20 s
//	a request that was sent there meanwhile         waits until the container gives it up, or for IdleSeconds
//
// Without Probe, the same from the second line on if HealthCheck.Path exercises the disk. If it does not, the instance goes on
// answering its checks and serves errors until Auto Scaling replaces it: EC2 checks attached volumes every minute, then
// Auto Scaling waits "a few minutes" (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html).
// That is outside any 90 s objective.
//
// A stop that the load balancer knows of (a deploy, scaling in) costs nothing: it deregisters the instance first and lets it finish
// for DrainSeconds. Of one that it does not know of (a reboot, a stop in the console) it learns from the probe, which fails for the 17 s
// before the container is told to stop. Without Probe such a stop loses the requests of up to 17 s.
//
// Time to redundancy (the full fleet again) has no documented figure: a launch, the boot, the image pull and a passing health
// check. Auto Scaling launches in the remaining zones while the failed one refuses. Such a launch is no part of the time to serve, and
// needs from outside the instance: EC2 and EBS in its zone, the service's KMS key, one answer of Amazon ECR and the image's
// layers in S3, through the network's endpoints and no NAT gateway. While a zone is down, the addresses of its endpoints
// may stay in DNS, for how long is not documented; curl then loses 3 s at its one call and Docker 5 to 10 s at each of its
// connections before they take the next address (Go spreads a dialer's timeout, 30 s and 15 s here, over the addresses:
// https://pkg.go.dev/net#Dialer, https://github.com/moby/moby/blob/v25.0.0/distribution/registry.go). CloudWatch Logs and Systems Manager
// may be missing altogether. A reboot, or a container that ends, needs none of this: the image is on the disk.
//
// Not covered: a Region; a database (it has a budget of its own); code that fails in every zone alike, against which a deploy
// is halted only while its instance refresh runs, and taken back only by deploying the version before; requests in flight in the dead zone, which clients must retry.
type ResilientService struct {
	pulumi.ResourceState

	// URL is where clients call the service: https://HostName or the load balancer's name, without a path.
	URL pulumi.StringOutput `pulumi:"url"`
	// LoadBalancerARN is the ARN of the load balancer.
	LoadBalancerARN pulumi.StringOutput `pulumi:"loadBalancerARN"`
	// LoadBalancerDNSName is the load balancer's own DNS name, for an alias record.
	LoadBalancerDNSName pulumi.StringOutput `pulumi:"loadBalancerDNSName"`
	// LoadBalancerZoneID is the hosted zone of LoadBalancerDNSName, for an alias record.
	LoadBalancerZoneID pulumi.StringOutput `pulumi:"loadBalancerZoneID"`
	// AcceleratorDNSName is the DNS name of the accelerator, empty without one.
	AcceleratorDNSName pulumi.StringOutput `pulumi:"acceleratorDNSName"`
	// AcceleratorAddresses are the two static addresses of the accelerator, empty without one.
	AcceleratorAddresses pulumi.StringArrayOutput `pulumi:"acceleratorAddresses"`
	// TargetGroupARN is the ARN of the target group.
	TargetGroupARN pulumi.StringOutput `pulumi:"targetGroupARN"`
	// AutoScalingGroupName is the name of the Auto Scaling group.
	AutoScalingGroupName pulumi.StringOutput `pulumi:"autoScalingGroupName"`
	// MinInstances is the fleet that always runs: zones * ceil(PeakInstances/(zones-1)).
	MinInstances pulumi.IntOutput `pulumi:"minInstances"`
	// RoleARN is the ARN of the role that the workload runs with.
	RoleARN pulumi.StringOutput `pulumi:"roleARN"`
	// RoleName is the name of that role, for further policies.
	RoleName pulumi.StringOutput `pulumi:"roleName"`
	// KeyARN is the ARN of the service's KMS key.
	KeyARN pulumi.StringOutput `pulumi:"keyARN"`
	// LogGroupName is the CloudWatch log group that receives the container's output.
	LogGroupName pulumi.StringOutput `pulumi:"logGroupName"`
	// LoadBalancerSecurityGroupID is the security group of the load balancer.
	LoadBalancerSecurityGroupID pulumi.StringOutput `pulumi:"loadBalancerSecurityGroupID"`
	// InstanceSecurityGroupID is the security group of the instances.
	InstanceSecurityGroupID pulumi.StringOutput `pulumi:"instanceSecurityGroupID"`

	name  string
	args  ResilientServiceArgs
	built serviceParts
	// ctx is kept for grants, which add rules to a service that has been built.
	ctx     *pulumi.Context
	granted map[string]bool
}

// NewResilientService checks args whole (see ResilientServiceArgs.Check) and registers the service. Pass the aws provider
// of the zones' Region as a resource option. The name is at most 20 characters, since AWS allows a load balancer 32 and
// the name of ours ends in "-alb-" and seven characters that make it unique.
func NewResilientService(
	ctx *pulumi.Context, name string, args *ResilientServiceArgs, opts ...pulumi.ResourceOption,
) (*ResilientService, error) {
	if args == nil {
		args = &ResilientServiceArgs{}
	}
	if err := failuresAsError("service "+name, args.Check(name)); err != nil {
		return nil, err
	}
	service := &ResilientService{name: name, args: args.withDefaults(), ctx: ctx, granted: map[string]bool{}}
	if err := ctx.RegisterComponentResource(resilientServiceType, name, service, opts...); err != nil {
		return nil, err
	}
	return service, runSteps(ctx,
		service.buildKey, service.buildLogGroup, service.buildSecrets, service.buildRole,
		service.buildSecurityGroups, service.buildLoadBalancer, service.buildCertificate, service.buildListeners,
		service.buildWAF, service.buildAccelerator, service.buildRecord, service.buildDeployAlarm,
		service.buildLaunchTemplate, service.buildAutoScalingGroup, service.registerOutputs,
	)
}
