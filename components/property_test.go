package components_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawService is any service that can be built, with every argument over its whole range.
func drawService(t *rapid.T) *components.ResilientServiceArgs {
	pick := func(name string, low, high int) int { return rapid.IntRange(low, high).Draw(t, name) }
	zones := pick("zones", 2, 8)
	args := serviceArgs()
	args.Placement = placementOver(zones)
	args.PeakInstances = pick("peak", 1, 1000/zones*(zones-1))
	args.Port = pick("port", 1024, 65535)
	args.FailOpenPercent = pick("failOpen", 0, 100*(zones-1)/zones-1)
	args.HealthCheck.Interval = pick("interval", 5, 300)
	args.HealthCheck.Timeout = pick("timeout", 2, min(120, args.HealthCheck.Interval-1))
	args.HealthCheck.HealthyThreshold = pick("healthy", 2, 10)
	args.HealthCheck.UnhealthyThreshold = pick("unhealthy", 2, 10)
	args.DrainSeconds, args.KeepAliveSeconds, args.IdleSeconds = pick("drain", 1, 3600), pick("keepAlive", 60, 604800), pick("idle", 1, 4000)
	args.RootVolumeGiB, args.TargetCPU = pick("volume", 30, 16384), pick("cpu", 10, 90)
	args.Protect = rapid.Bool().Draw(t, "protect")
	args.LogRetention = rapid.SampledFrom(components.LogRetentions()).Draw(t, "retention")
	args.Exposure = rapid.SampledFrom(components.Exposures()).Draw(t, "exposure")
	args.ClientCIDRs = blocks(pick("clients", 1, 20))
	args.Egress = manyEgress(pick("egress", 0, 30))
	args.Secrets = manySecrets(pick("secrets", 0, 5))
	if rapid.Bool().Draw(t, "https") {
		args.CertificateARN = certificate
	}
	if rapid.Bool().Draw(t, "zone") {
		args.HostName, args.DNS = hostName, zone("example.com")
	}
	drawEdge(t, args)
	if rapid.Bool().Draw(t, "probe") {
		port := rapid.IntRange(1024, 65535).Filter(func(port int) bool { return port != args.Port }).Draw(t, "probePort")
		args.Probe = &components.ProbeArgs{Image: probeImage, Port: port, DataPaths: []string{"/a", "/b/c"}[:pick("dataPaths", 0, 2)]}
	}
	if rapid.Bool().Draw(t, "x86") {
		args.Architecture, args.InstanceTypes = components.X8664, []components.InstanceType{"m7i.large", "m6a.large"}
	}
	return args
}

// drawEdge is what may stand between clients and the load balancer.
func drawEdge(t *rapid.T, args *components.ResilientServiceArgs) {
	if rapid.Bool().Draw(t, "logs") {
		args.AccessLogs = logsTo("support-logs", rapid.SampledFrom([]string{"", "prod", "prod/eu"}).Draw(t, "prefix"))
	}
	if rapid.Bool().Draw(t, "waf") {
		args.WAF = &components.WAFArgs{
			RuleGroups:  rapid.SliceOfNDistinct(rapid.SampledFrom(components.ManagedRuleGroups()), 1, 10, rapid.ID).Draw(t, "groups"),
			RateLimit:   rapid.SampledFrom([]int{0, 10, 2000, 2_000_000_000}).Draw(t, "rate"),
			MaxCapacity: 5000, CountOnly: rapid.Bool().Draw(t, "count"), FailClosed: rapid.Bool().Draw(t, "closed"),
		}
	}
	if rapid.Bool().Draw(t, "accelerator") {
		args.Accelerator = &components.AcceleratorArgs{Standby: rapid.Bool().Draw(t, "standby")}
		args.ClientCIDRs = append(args.ClientCIDRs[1:], "198.51.100.0/24")
	}
}

func TestEveryValidServiceIsBuiltAndSurvivesAZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		args := drawService(t)
		require.Empty(t, lines(args.Check("tickets")))
		recording := recordService(t, args)
		zones := len(args.Placement.Zones)
		group := recording.One(t, groupToken, "tickets-asg")
		fleet := group.Int(t, "minSize")
		require.Zero(t, fleet%zones)
		require.GreaterOrEqual(t, fleet-fleet/zones, args.PeakInstances)
		require.GreaterOrEqual(t, group.Int(t, "maxSize"), fleet)
		require.LessOrEqual(t, group.Int(t, "maxSize"), 1000)
		require.Len(t, group.List(t, "vpcZoneIdentifiers"), zones)
		require.Len(t, recording.One(t, loadBalancerToken, "tickets-alb").List(t, "subnets"), zones)

		target := recording.One(t, targetGroupToken, "tickets-tg")
		failOpen, err := strconv.Atoi(target.Text(t, "targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsPercentage"))
		require.NoError(t, err)
		require.Less(t, failOpen*zones, 100*(zones-1), "losing a zone would send requests to it")
		require.Positive(t, failOpen)
		require.Equal(t, strconv.Itoa(failOpen), target.Text(t, "targetGroupHealth.dnsFailover.minimumHealthyTargetsPercentage"))
		require.Less(t, target.Int(t, "healthCheck.timeout"), target.Int(t, "healthCheck.interval"))
		require.Equal(t, "false", recording.One(t, launchToken, "tickets-lt").Text(t, "networkInterfaces[0].associatePublicIpAddress"))

		listeners := 1
		if args.CertificateARN != "" || args.DNS != nil {
			listeners = 2
		}
		require.Len(t, recording.OfType(listenerToken), listeners)
		probes := 0
		if args.Probe != nil {
			probes = 1
		}
		require.Len(t, recording.OfType(ingressToken), listeners*len(args.ClientCIDRs)+1+probes)
		require.LessOrEqual(t, listeners*len(args.ClientCIDRs), 60, "a security group has room for 60 rules")
		require.Len(t, recording.OfType(egressToken), len(args.Egress)+3+probes)
		require.Len(t, recording.ChildrenOf(recording.One(t, serviceToken, "tickets").URN), len(recording.All())-2)
	})
}

func TestPreviewAndUpdateOfAnyServiceRegisterTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		args := drawService(t)
		require.Equal(t, recordService(t, args).Count(), recordService(t, args, recorder.Preview()).Count())
	})
}

// A value that no rule has thought of must be refused or built, but never panic or fail half-way.
func TestWhatPassesTheCheckIsBuilt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		args := drawService(t)
		spoil(t, args)
		name := rapid.OneOf(rapid.Just("tickets"), rapid.StringMatching(`[a-z-]{0,22}`)).Draw(t, "name")
		failures := args.Check(name)
		recording, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			_, err := components.NewResilientService(ctx, name, args, provider)
			return err
		}))
		if len(failures) > 0 {
			require.ErrorContains(t, err, failures[0].Error())
			require.Empty(t, recording.OfType(serviceToken))
			return
		}
		require.NoError(t, err)
	})
}

// spoil overwrites one argument with something that may be wrong.
func spoil(t *rapid.T, args *components.ResilientServiceArgs) {
	text, number := rapid.String().Draw(t, "text"), rapid.Int().Draw(t, "number")
	for _, spoiled := range []func(){
		func() { args.Image = text },
		func() { args.Image = "public.ecr.aws/" + text + "@" + digest },
		func() { args.AMI = text },
		func() { args.InstanceTypes = []components.InstanceType{components.InstanceType(text)} },
		func() { args.PeakInstances = number },
		func() { args.MaxInstances = number },
		func() { args.HealthCheck.Path = "/" + text },
		func() { args.HealthCheck.Matcher = text },
		func() { args.FailOpenPercent = number },
		func() { args.ClientCIDRs = []string{text, fmt.Sprintf("%d.0.0.0/8", number)} },
		func() { args.Placement.Zones = []string{text, "eu-central-1a"} },
		func() { args.Placement.VPCCIDR = text },
		func() { args.Placement.AccountID = text },
		func() { args.CertificateARN = text },
		func() { args.HostName = text },
		func() { args.Environment = inputs(text) },
		func() { args.Secrets = inputs(text) },
		func() { args.Tags = map[string]string{text: text} },
		func() { args.Egress = egress(text, text, number) },
		func() { args.DrainSeconds, args.IdleSeconds = number, number },
		func() { args.Probe = &components.ProbeArgs{Image: text, Port: number, DataPaths: []string{"/" + text}} },
		func() { args.AMIParameter, args.ImageAccount = text, text },
		func() { args.DNS = &components.DNSArgs{ZoneID: text, ZoneName: text} },
		func() { args.HostName, args.DNS = text+".example.com", zone("example.com") },
		func() { args.AccessLogs = logsTo(text, text) },
		func() {
			args.WAF = &components.WAFArgs{RuleGroups: []components.ManagedRuleGroup{components.ManagedRuleGroup(text)}, RateLimit: number}
		},
		func() { args.WAF = &components.WAFArgs{RateWindowSeconds: number, MaxCapacity: number} },
		func() { args.Accelerator, args.ClientCIDRs = &components.AcceleratorArgs{}, []string{text} },
		func() {},
	}[rapid.IntRange(0, 28).Draw(t, "which"):] {
		spoiled()
		return
	}
}
