package components_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

func TestWithACertificateEverythingIsHTTPS(t *testing.T) {
	recording := recordService(t, fullArgs())
	https, http := recording.One(t, listenerToken, "tickets-https"), recording.One(t, listenerToken, "tickets-http")
	require.Equal(t, 443, https.Int(t, "port"))
	require.Equal(t, "HTTPS", https.Text(t, "protocol"))
	require.Equal(t, certificate, https.Text(t, "certificateArn"))
	require.Equal(t, "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", https.Text(t, "sslPolicy"))
	require.Equal(t, "forward", https.Text(t, "defaultActions[0].type"))
	require.Equal(t, 80, http.Int(t, "port"))
	require.Equal(t, []any{map[string]any{
		"type": "redirect", "redirect": map[string]any{"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
	}}, http.List(t, "defaultActions"))
}

func TestWithoutACertificateThereIsOneHTTPListener(t *testing.T) {
	recording := recordService(t, serviceArgs())
	require.Len(t, recording.OfType(listenerToken), 1)
	listener := recording.One(t, listenerToken, "tickets-http")
	require.Equal(t, "forward", listener.Text(t, "defaultActions[0].type"))
	require.Equal(t, []string{recording.One(t, targetGroupToken, "tickets-tg").URN}, within(listener.PropertyDependencies["defaultActions"], targetGroupToken))
}

func TestURLIsWhereClientsCall(t *testing.T) {
	plain, secure, named := serviceArgs(), fullArgs(), fullArgs()
	named.HostName = "tickets.support.example.com"
	for want, args := range map[string]*components.ResilientServiceArgs{
		"^http://internal-alpha-alb-.*eu-central-1.elb.amazonaws.com$": plain,
		"^https://internal-alpha-alb-.*":                               secure,
		"^https://tickets.support.example.com$":                        named,
	} {
		recording := recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			service, err := components.NewResilientService(ctx, "alpha", args, provider)
			if err != nil {
				return err
			}
			ctx.Export("url", service.URL)
			ctx.Export("min", service.MinInstances)
			return nil
		}))
		require.Regexp(t, want, recording.Output(t, "url"))
		require.Equal(t, 9, recording.Output(t, "min"))
	}
}

// dashboard is three services that call each other: web calls tickets and search, tickets calls search.
func dashboard(grant bool) pulumi.RunFunc {
	return inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		services := map[string]*components.ResilientService{}
		for _, name := range []string{"search", "tickets", "web"} {
			args := serviceArgs()
			args.Port = map[string]int{"search": 9200, "tickets": 8080, "web": 3000}[name]
			switch name {
			case "web":
				args.Exposure, args.ClientCIDRs, args.CertificateARN = components.InternetFacing, []string{"198.51.100.0/24", "203.0.113.0/24"}, certificate
			case "search":
				args.OnlyGrantedCallers = true
			case "tickets":
				args.CertificateARN = certificate
				args.Egress = []components.EgressArgs{{Description: "mail relay", CIDR: "10.9.0.0/24", Port: 587}, {Description: "time", CIDR: "10.9.1.0/24", Port: 123, Protocol: components.UDP}}
			}
			service, err := components.NewResilientService(ctx, name, args, provider)
			if err != nil {
				return err
			}
			services[name] = service
		}
		if !grant {
			return nil
		}
		for _, call := range [][2]string{{"web", "tickets"}, {"web", "search"}, {"tickets", "search"}} {
			if err := services[call[1]].GrantInvoke(services[call[0]]); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestWhoCanReachWhom(t *testing.T) {
	golden.Text(t, "testdata/dashboard.reachability.golden.txt", reachability(t, recorder.Run(t, dashboard(true))))
}

// reachability lists who can open connections to whom. Between two security groups it takes a rule on both sides.
func reachability(t *testing.T, recording *recorder.Recording) string {
	t.Helper()
	names := map[string]string{}
	for _, group := range recording.OfType(securityGroupToken) {
		names[group.ID] = group.Name
		require.False(t, group.Has("ingress"), "rules are resources of their own")
		require.False(t, group.Has("egress"), "rules are resources of their own")
	}
	sides := map[string][]string{}
	for _, token := range []string{ingressToken, egressToken} {
		for _, rule := range recording.OfType(token) {
			group, other := names[rule.Text(t, "securityGroupId")], ""
			switch {
			case rule.Has("cidrIpv4"):
				other = rule.Text(t, "cidrIpv4")
			case rule.Has("prefixListId"):
				other = "S3"
			default:
				other = rule.Text(t, "referencedSecurityGroupId")
				if name, built := names[other]; built {
					other = name
				}
			}
			require.Equal(t, rule.Int(t, "fromPort"), rule.Int(t, "toPort"), "one port a rule")
			port := fmt.Sprintf("%s/%d", rule.Text(t, "ipProtocol"), rule.Int(t, "fromPort"))
			if token == ingressToken {
				edge := other + " -> " + group + " " + port
				sides[edge] = append(sides[edge], "in")
			} else {
				edge := group + " -> " + other + " " + port
				sides[edge] = append(sides[edge], "out")
			}
		}
	}
	var lines []string
	for edge, rules := range sides {
		slices.Sort(rules)
		lines = append(lines, edge+" ("+strings.Join(rules, " and ")+")")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

func TestAGrantAddsItsTwoRulesAndChangesNothingElse(t *testing.T) {
	before, after := recorder.Run(t, dashboard(false)), recorder.Run(t, dashboard(true))
	known := map[string]*recorder.Resource{}
	for _, each := range before.All() {
		known[each.URN] = each
	}
	added := 0
	for _, each := range after.All() {
		old, existed := known[each.URN]
		if !existed {
			added++
			require.Contains(t, []string{ingressToken, egressToken}, each.Type)
			continue
		}
		require.Equal(t, old.Plain(), each.Plain(), each.URN)
		require.Equal(t, old.DependsOn, each.DependsOn, each.URN)
	}
	require.Equal(t, 6, added)
	require.Len(t, after.All(), len(known)+6)
}

func TestTheSidesOfAGrantBelongToTheServiceTheyOpen(t *testing.T) {
	recording := recorder.Run(t, dashboard(true))
	in, out := recording.One(t, ingressToken, "tickets-alb-from-web"), recording.One(t, egressToken, "web-instances-to-tickets")
	require.Equal(t, recording.One(t, serviceToken, "tickets").URN, in.Parent)
	require.Equal(t, recording.One(t, serviceToken, "web").URN, out.Parent)
	require.Equal(t, 443, in.Int(t, "fromPort"), "tickets has a certificate")
	require.Equal(t, 80, recording.One(t, ingressToken, "search-alb-from-web").Int(t, "fromPort"), "search has none")
}

func TestGrantsThatCannotWorkAreRefused(t *testing.T) {
	elsewhere, abroad, public, behind := serviceArgs(), serviceArgs(), serviceArgs(), accelerated()
	elsewhere.Placement.AccountID, elsewhere.ImageAccount = "111111111111", account
	abroad.Placement.Zones = []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}
	abroad.Image = strings.Replace(image, "eu-central-1", "eu-west-1", 1)
	public.Exposure, public.ClientCIDRs = components.InternetFacing, []string{"0.0.0.0/0"}
	recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		build := func(name string, args *components.ResilientServiceArgs) *components.ResilientService {
			service, err := components.NewResilientService(ctx, name, args, provider)
			require.NoError(t, err)
			return service
		}
		callee, caller := build("callee", serviceArgs()), build("caller", serviceArgs())
		require.NoError(t, callee.GrantInvoke(caller))
		require.ErrorContains(t, callee.GrantInvoke(caller), "grant of callee to caller is made already")
		require.ErrorContains(t, callee.GrantInvoke(callee), "grant of callee to itself")
		require.ErrorContains(t, callee.GrantInvoke(nil), "grant of callee: no caller is given")
		require.ErrorContains(t, callee.GrantInvoke(build("elsewhere", elsewhere)), "crosses accounts 210987654321 and 111111111111")
		require.ErrorContains(t, callee.GrantInvoke(build("abroad", abroad)), "crosses Regions eu-central-1 and eu-west-1")
		require.ErrorContains(t, build("public", public).GrantInvoke(caller), "public addresses, which no security group stands for")
		require.ErrorContains(t, build("behind", behind).GrantInvoke(caller), "a service behind an accelerator is called at public addresses")
		behind.Accelerator.Standby = true
		require.NoError(t, build("standby", behind).GrantInvoke(caller))
		return nil
	}))
}

func TestServicesCoexistWithoutSharingAnything(t *testing.T) {
	recording := recorder.Run(t, dashboard(false)) // the monitor fails on two resources with one URN
	requireCounts(t, map[string]int{
		serviceToken: 3, keyToken: 3, aliasToken: 3, logGroupToken: 3, roleToken: 3, rolePolicyToken: 3, profileToken: 3,
		securityGroupToken: 6, ingressToken: 3 + 4 + 2, egressToken: 3 + 3*2 + 2, loadBalancerToken: 3, targetGroupToken: 3, listenerToken: 5,
		alarmToken: 3, launchToken: 3, groupToken: 3, scalingToken: 3,
	}, recording)
	for _, service := range recording.OfType(serviceToken) {
		for _, child := range recording.ChildrenOf(service.URN) {
			for _, dependency := range child.DependsOn {
				if !strings.Contains(dependency, providerToken) {
					require.Equal(t, service.URN, recording.ByURN(t, dependency).Parent, "%s depends on another service", child.URN)
				}
			}
		}
	}
}

func TestAddingAServiceChangesNothingOfTheOthers(t *testing.T) {
	record := func(names ...string) *recorder.Recording {
		return recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			for _, name := range names {
				if _, err := components.NewResilientService(ctx, name, serviceArgs(), provider); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	before, after := record("tickets", "web"), record("search", "tickets", "web")
	require.Len(t, after.All(), len(before.All())+len(before.ChildrenOf(before.One(t, serviceToken, "web").URN))+1)
	for _, each := range before.All() {
		require.Equal(t, each.Plain(), after.ByURN(t, each.URN).Plain(), each.URN)
	}
}
