package components

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ProbeArgs is the disk probe of a service: a small agent on every instance that the load balancer's health check goes to. It
// fails when a volume takes no write, which a container that only reads, or answers from memory, would not notice, and
// otherwise says what the container's own health path says.
type ProbeArgs struct {
	// Image is the container image that the agent is distributed in, by digest, for the architectures of the instances. It holds the
	// agent as /aplomb-probe; the host copies it into memory at each boot and runs it outside any container.
	Image string `pulumi:"image"`
	// Port is the TCP port on which the agent answers: 9808 by default. Neither the container's nor 22. To change it
	// later, or to give a service that runs its first probe, makes every instance fail its checks until it is replaced: docs/probe.md says
	// how to do it.
	Port int `pulumi:"port,optional"`
	// DataPaths are the folders where further volumes are mounted, such as /data; the root volume is watched anyway. The agent writes
	// into a folder of its own there. 8 at most.
	DataPaths []string `pulumi:"dataPaths,optional"`
}

const defaultProbePort = 9808

// The agent writes every 2 s and gives each write 1 s, so that it knows of a stall after 3 s at the latest. It gives the container
// half a second less than the load balancer gives it, so that there is time to say so.
const (
	probeInterval        = "2s"
	probeDeadline        = "1s"
	probeReserveMillis   = 500
	probeHealthPath      = "/healthz"
	probeHealthMatcher   = "200"
	probeFolder          = ".aplomb-probe"
	maxDataPaths         = 8
	maxDataPathCharacter = 128
)

func (p *ProbeArgs) withDefaults() *ProbeArgs {
	if p == nil {
		return nil
	}
	probe := *p
	probe.Port = orDefault(probe.Port, defaultProbePort)
	return &probe
}

// evictSeconds is for how long a failing instance goes on getting requests, counted conservatively: one interval more than
// unhealthyThreshold*interval+timeout, as the Recovery section explains.
func (h HealthCheckArgs) evictSeconds() int {
	return (h.UnhealthyThreshold+1)*h.Interval + h.Timeout
}

// targetHealthCheck is what the load balancer asks: the probe where there is one, and otherwise the container.
func (s *ResilientService) targetHealthCheck() *lb.TargetGroupHealthCheckArgs {
	check := s.args.HealthCheck
	port, path, matcher := "traffic-port", check.Path, check.Matcher
	if s.args.Probe != nil {
		port, path, matcher = strconv.Itoa(s.args.Probe.Port), probeHealthPath, probeHealthMatcher
	}
	return &lb.TargetGroupHealthCheckArgs{
		Enabled: pulumi.Bool(true), Protocol: pulumi.String("HTTP"), Port: pulumi.String(port),
		Path: pulumi.String(path), Matcher: pulumi.String(matcher),
		Interval: pulumi.Int(check.Interval), Timeout: pulumi.Int(check.Timeout),
		HealthyThreshold: pulumi.Int(check.HealthyThreshold), UnhealthyThreshold: pulumi.Int(check.UnhealthyThreshold),
	}
}

// connectProbe lets the load balancer reach the probe on each instance.
func (s *ResilientService) connectProbe(ctx *pulumi.Context) error {
	if s.args.Probe == nil {
		return nil
	}
	port, name := pulumi.Int(s.args.Probe.Port), s.name+"-alb-to-probe"
	out, err := vpc.NewSecurityGroupEgressRule(ctx, name, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: s.built.loadBalancerGroup.ID(), ReferencedSecurityGroupId: s.built.instanceGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: port, ToPort: port,
		Description: pulumi.String("Health checks"), Tags: tagsNamed(s.args.Tags, name),
	}, pulumi.Parent(s))
	if err != nil {
		return err
	}
	name = s.name + "-probe-from-alb"
	in, err := vpc.NewSecurityGroupIngressRule(ctx, name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: s.built.instanceGroup.ID(), ReferencedSecurityGroupId: s.built.loadBalancerGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: port, ToPort: port,
		Description: pulumi.String("Health checks"), Tags: tagsNamed(s.args.Tags, name),
	}, pulumi.Parent(s))
	s.built.beforeLaunch = append(s.built.beforeLaunch, out, in)
	return err
}

// probeData is what the probe's unit says.
type probeData struct {
	ProbeArgs
	Workload, WorkloadTimeout, Matcher, Interval, Deadline string
}

func (s *ResilientService) probeData() *probeData {
	if s.args.Probe == nil {
		return nil
	}
	check := s.args.HealthCheck
	return &probeData{
		ProbeArgs:       *s.args.Probe,
		Workload:        unitText(fmt.Sprintf("http://127.0.0.1:%d%s", s.args.Port, check.Path)),
		WorkloadTimeout: fmt.Sprintf("%dms", 1000*check.Timeout-probeReserveMillis),
		Matcher:         check.Matcher, Interval: probeInterval, Deadline: probeDeadline,
	}
}

// Mounts are the folders that must be mounted before the probe starts.
func (p *probeData) Mounts() string { return strings.Join(p.DataPaths, " ") }

// DataFolders are the folders that the probe writes into, beside its own on the root volume.
func (p *probeData) DataFolders() []string {
	var folders []string
	for _, each := range p.DataPaths {
		folders = append(folders, path.Join(each, probeFolder))
	}
	return folders
}

// unitText is text as one word of a command line in a systemd unit
// (https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines).
func unitText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`).Replace(text) + `"`
}
