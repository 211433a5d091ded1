package components_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/stretchr/testify/require"
)

func TestWithAProbeTheHealthCheckGoesToItAndItAsksTheContainer(t *testing.T) {
	args := probedArgs()
	args.Port = 9200
	args.HealthCheck = components.HealthCheckArgs{Path: "/_health", Matcher: "200-299"}
	args.Probe.Port = 9900
	recording := recordService(t, args)
	require.Equal(t, map[string]any{
		"enabled": true, "protocol": "HTTP", "port": "9900", "path": "/healthz", "matcher": "200",
		"interval": 5.0, "timeout": 2.0, "healthyThreshold": 2.0, "unhealthyThreshold": 2.0,
	}, recording.One(t, targetGroupToken, "tickets-tg").Map(t, "healthCheck"))
	require.Equal(t, 9200, recording.One(t, targetGroupToken, "tickets-tg").Int(t, "port"), "requests go to the container as before")
	unit, _ := booted(t, args).file(t, "/etc/systemd/system/aplomb-probe.service")
	require.Contains(t, unit, `--listen :9900 \`)
	require.Contains(t, unit, `--workload "http://127.0.0.1:9200/_health" --workload-timeout 1500ms --matcher 200-299 \`)
}

func TestOnlyTheLoadBalancerReachesTheProbe(t *testing.T) {
	without, with := recordService(t, fullArgs()), recordService(t, probedArgs())
	want := without.Count()
	want[ingressToken]++
	want[egressToken]++
	require.Equal(t, want, with.Count(), "two rules and nothing else")
	in, out := with.One(t, ingressToken, "tickets-probe-from-alb"), with.One(t, egressToken, "tickets-alb-to-probe")
	balancer, instances := with.One(t, securityGroupToken, "tickets-alb").ID, with.One(t, securityGroupToken, "tickets-instances").ID
	require.Equal(t, []string{instances, balancer}, []string{in.Text(t, "securityGroupId"), in.Text(t, "referencedSecurityGroupId")})
	require.Equal(t, []string{balancer, instances}, []string{out.Text(t, "securityGroupId"), out.Text(t, "referencedSecurityGroupId")})
	before := with.One(t, groupToken, "tickets-asg").DependsOn
	for _, rule := range []string{in.URN, out.URN} {
		require.Contains(t, before, rule, "the first instance must not fail its checks for want of a rule")
	}
	require.Equal(t, []int{9808, 9808, 9808, 9808}, []int{in.Int(t, "fromPort"), in.Int(t, "toPort"), out.Int(t, "fromPort"), out.Int(t, "toPort")})
}

func TestTheRoleMayPullTheProbeAndNothingElseBesideTheContainer(t *testing.T) {
	require.Equal(t, 2, strings.Count(recordService(t, probedArgs()).One(t, rolePolicyToken, "tickets").Text(t, "policy"), "arn:aws:ecr:"))
	public := publicArgs()
	public.Probe = &components.ProbeArgs{Image: probeImage}
	policy := recordService(t, public).One(t, rolePolicyToken, "tickets").Text(t, "policy")
	require.Equal(t, 1, strings.Count(policy, "arn:aws:ecr:"), "a public image takes no permission")
	same := serviceArgs()
	same.Probe = &components.ProbeArgs{Image: image}
	policy = recordService(t, same).One(t, rolePolicyToken, "tickets").Text(t, "policy")
	require.Equal(t, 1, strings.Count(policy, "arn:aws:ecr:"), "one repository is named once")
}

func probe(change func(*components.ProbeArgs)) func(*faulty) {
	return func(a *faulty) {
		a.Probe = &components.ProbeArgs{Image: probeImage}
		change(a.Probe)
	}
}

func dataPaths(paths ...string) func(*faulty) {
	return probe(func(p *components.ProbeArgs) { p.DataPaths = paths })
}

func TestEachFaultOfAProbeIsNamedWithItsLimit(t *testing.T) {
	for want, fault := range map[string]func(*faulty){
		`probe.image: missing, the probe comes in a container image`: probe(func(p *components.ProbeArgs) { p.Image = "" }),
		`probe.image: "probe" does not name its registry`:            probe(func(p *components.ProbeArgs) { p.Image = "probe" }),
		`probe.image: "public.ecr.aws/aplomb/probe:1" names a tag`:   probe(func(p *components.ProbeArgs) { p.Image = "public.ecr.aws/aplomb/probe:1" }),
		`probe.image: "111111111111.dkr.ecr.eu-central-1.amazonaws.com/probe@` + digest + `" belongs to account 111111111111`: probe(func(p *components.ProbeArgs) {
			p.Image = "111111111111.dkr.ecr.eu-central-1.amazonaws.com/probe@" + digest
		}),
		`probe.image: "` + account + `.dkr.ecr.us-east-1.amazonaws.com/probe@` + digest + `" is in us-east-1`: probe(func(p *components.ProbeArgs) {
			p.Image = account + ".dkr.ecr.us-east-1.amazonaws.com/probe@" + digest
		}),
		`probe.port: 8080 is the port of the container, which shares the host's network; choose another port, such as 9808`: probe(func(p *components.ProbeArgs) { p.Port = 8080 }),
		`probe.port: 22 is where sshd listens on the host`:                                                                  probe(func(p *components.ProbeArgs) { p.Port = 22 }),
		`probe.port: 65536 must be from 1 to 65535 as a TCP port`:                                                           probe(func(p *components.ProbeArgs) { p.Port = 65536 }),
		`probe.port: -1 must be from 1 to 65535 as a TCP port`:                                                              probe(func(p *components.ProbeArgs) { p.Port = -1 }),
		`probe.dataPaths[0]: "data" is not the path of a folder`:                                                            dataPaths("data"),
		`probe.dataPaths[0]: "/" is not the path of a folder`:                                                               dataPaths("/"),
		`probe.dataPaths[0]: "/data/" is not the path of a folder`:                                                          dataPaths("/data/"),
		`probe.dataPaths[0]: "/data/../etc" is not the path of a folder`:                                                    dataPaths("/data/../etc"),
		`probe.dataPaths[0]: "/my data" is not the path of a folder`:                                                        dataPaths("/my data"),
		`probe.dataPaths[0]: "/data/%h" is not the path of a folder`:                                                        dataPaths("/data/%h"),
		`probe.dataPaths[0]: "/run/data" is in memory, where no volume can stall`:                                           dataPaths("/run/data"),
		`probe.dataPaths[0]: "/tmp" is in memory`:                                                                           dataPaths("/tmp"),
		`probe.dataPaths[1]: "/data" is dataPaths[0] too`:                                                                   dataPaths("/data", "/data"),
		`probe.dataPaths: 9 folders are more than 8`:                                                                        dataPaths("/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h", "/i"),
	} {
		a := serviceArgs()
		fault(a)
		got := lines(a.Check("tickets"))
		require.Len(t, got, 1, want)
		require.Truef(t, strings.HasPrefix(got[0], want), "want %s\ngot  %s", want, got[0])
	}
	for _, fine := range []func(*faulty){dataPaths("/data", "/tmpfiles", "/srv/a.b-c_d"), probe(func(p *components.ProbeArgs) { p.Port = 9809 })} {
		a := serviceArgs()
		fine(a)
		require.Empty(t, lines(a.Check("tickets")))
		require.NotEqual(t, 9808, a.Probe.Port, "the check leaves the arguments alone")
	}
}
