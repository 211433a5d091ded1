package components_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	hostedZone = "Z0123456789ABCDEFGHIJ"
	hostName   = "tickets.support.example.com"
)

// inZone is a service whose name, and whose certificate, come from a hosted zone.
func inZone() *components.ResilientServiceArgs {
	args := serviceArgs()
	args.HostName, args.DNS = hostName, &components.DNSArgs{ZoneID: hostedZone, ZoneName: "support.example.com"}
	return args
}

// accelerated is a service in a zone behind an accelerator.
func accelerated() *components.ResilientServiceArgs {
	args := inZone()
	args.ClientCIDRs, args.Accelerator = []string{"198.51.100.0/24"}, &components.AcceleratorArgs{}
	return args
}

// inputsOf are the inputs of a resource without its tags.
func inputsOf(each *recorder.Resource) map[string]any {
	inputs := each.Plain()
	delete(inputs, "tags")
	return inputs
}

func TestWithAZoneTheServiceHasACertificateItsProofAndItsName(t *testing.T) {
	recording := recordService(t, inZone())
	requireCounts(t, map[string]int{
		serviceToken: 1, keyToken: 1, aliasToken: 1, logGroupToken: 1, roleToken: 1, rolePolicyToken: 1, profileToken: 1,
		securityGroupToken: 2, ingressToken: 3, egressToken: 3, loadBalancerToken: 1, targetGroupToken: 1, listenerToken: 2,
		certificateToken: 1, validationToken: 1, recordToken: 2,
		alarmToken: 1, launchToken: 1, groupToken: 1, scalingToken: 1,
	}, recording)
	certificate := recording.One(t, certificateToken, "tickets-certificate")
	require.Equal(t, map[string]any{"domainName": hostName, "validationMethod": "DNS"}, inputsOf(certificate))

	proof := recording.One(t, recordToken, "tickets-certificate")
	require.Equal(t, []string{certificate.URN}, within(proof.PropertyDependencies["name"], certificateToken))
	require.Regexp(t, `^_[0-9a-f]{32}\.tickets\.support\.example\.com\.$`, proof.Text(t, "name"))
	require.Equal(t, "CNAME", proof.Text(t, "type"))
	require.Regexp(t, `^_[0-9a-f]{32}\.acm-validations\.aws\.$`, proof.Texts(t, "records")[0])
	require.Len(t, proof.Texts(t, "records"), 1)
	require.Equal(t, hostedZone, proof.Text(t, "zoneId"))
	require.Equal(t, 60, proof.Int(t, "ttl"))
	require.True(t, proof.Bool(t, "allowOverwrite"), "ACM asks for one record for all certificates of a name")

	validated := recording.One(t, validationToken, "tickets-certificate")
	require.Equal(t, certificate.ID, validated.Text(t, "certificateArn"))
	require.Equal(t, []string{proof.URN}, within(validated.PropertyDependencies["validationRecordFqdns"], recordToken))
}

func TestTheListenerWaitsForTheIssuedCertificate(t *testing.T) {
	recording := recordService(t, inZone())
	listener := recording.One(t, listenerToken, "tickets-https")
	validated := recording.One(t, validationToken, "tickets-certificate")
	require.Equal(t, recording.One(t, certificateToken, "tickets-certificate").ID, listener.Text(t, "certificateArn"))
	require.Equal(t, []string{validated.URN}, within(listener.PropertyDependencies["certificateArn"], validationToken))
	require.Contains(t, recording.One(t, groupToken, "tickets-asg").DependsOn, listener.URN)
}

func TestNothingInAPreviewDependsOnWhatACMWillSay(t *testing.T) {
	preview := recordService(t, inZone(), recorder.Preview())
	require.Equal(t, recordService(t, inZone()).Count(), preview.Count())
	require.True(t, preview.One(t, listenerToken, "tickets-https").Unknown("certificateArn"))
	require.True(t, preview.One(t, recordToken, "tickets-certificate").Unknown("name"))
	require.Equal(t, hostName, preview.One(t, recordToken, "tickets").Text(t, "name"))
}

func TestTheNamePointsAtTheLoadBalancerAndEvaluatesItsHealth(t *testing.T) {
	recording := recordService(t, inZone())
	record := recording.One(t, recordToken, "tickets")
	aliases := record.List(t, "aliases")
	require.Len(t, aliases, 1)
	alias := aliases[0].(map[string]any)
	require.Regexp(t, `^internal-tickets-alb-.*\.eu-central-1\.elb\.amazonaws\.com$`, alias["name"])
	require.Regexp(t, `^Z[0-9A-Z]+$`, alias["zoneId"])
	require.NotEqual(t, hostedZone, alias["zoneId"], "the load balancer's zone, not the service's")
	require.Equal(t, true, alias["evaluateTargetHealth"])
	require.Equal(t, map[string]any{"zoneId": hostedZone, "name": hostName, "type": "A", "aliases": aliases}, record.Plain(),
		"neither a TTL nor leave to take over somebody's record")
	require.Subset(t, record.DependsOn, []string{
		recording.One(t, listenerToken, "tickets-https").URN, recording.One(t, listenerToken, "tickets-http").URN,
	}, "a name leads to what listens")
}

func TestACertificateOfOnesOwnLeavesTheZoneOneRecord(t *testing.T) {
	args := inZone()
	args.CertificateARN = certificate
	recording := recordService(t, args)
	require.Empty(t, recording.OfType(certificateToken))
	require.Empty(t, recording.OfType(validationToken))
	require.Len(t, recording.OfType(recordToken), 1)
	require.Equal(t, hostName, recording.One(t, recordToken, "tickets").Text(t, "name"))
	require.Equal(t, certificate, recording.One(t, listenerToken, "tickets-https").Text(t, "certificateArn"))
}

func TestAServiceThatMovesToHTTPSRedirectsOnlyWhenThereIsHTTPS(t *testing.T) {
	recording := recordService(t, inZone())
	require.Contains(t, recording.One(t, listenerToken, "tickets-http").DependsOn, recording.One(t, listenerToken, "tickets-https").URN)
}

func TestAServiceMayHaveTheZonesOwnName(t *testing.T) {
	args := inZone()
	args.HostName = args.DNS.ZoneName
	require.Empty(t, args.Check("tickets"))
	require.Equal(t, "support.example.com", recordService(t, args).One(t, recordToken, "tickets").Text(t, "name"))
}

func TestCallersOfAServiceInAZoneUseHTTPS(t *testing.T) {
	recording := recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		callee, err := components.NewResilientService(ctx, "callee", inZone(), provider)
		if err != nil {
			return err
		}
		caller, err := components.NewResilientService(ctx, "caller", serviceArgs(), provider)
		if err != nil {
			return err
		}
		return callee.GrantInvoke(caller)
	}))
	require.Equal(t, 443, recording.One(t, ingressToken, "callee-alb-from-caller").Int(t, "toPort"))
}

func TestRequestsAndConnectionsAreLoggedUnderTheServicesName(t *testing.T) {
	args := serviceArgs()
	args.AccessLogs = &components.AccessLogsArgs{Bucket: pulumi.String("support-logs")}
	balancer := recordService(t, args).One(t, loadBalancerToken, "tickets-alb")
	want := map[string]any{"bucket": "support-logs", "prefix": "tickets", "enabled": true}
	require.Equal(t, want, balancer.Map(t, "accessLogs"))
	require.Equal(t, want, balancer.Map(t, "connectionLogs"))

	args.AccessLogs = &components.AccessLogsArgs{Bucket: pulumi.String("support-logs"), Prefix: "prod/tickets"}
	require.Equal(t, "prod/tickets", recordService(t, args).One(t, loadBalancerToken, "tickets-alb").Text(t, "connectionLogs.prefix"))

	balancer = recordService(t, serviceArgs()).One(t, loadBalancerToken, "tickets-alb")
	require.False(t, balancer.Has("accessLogs"))
	require.False(t, balancer.Has("connectionLogs"))
}

func TestTheLogBucketMayBeMadeByTheSameProgram(t *testing.T) {
	args := serviceArgs()
	args.AccessLogs = &components.AccessLogsArgs{Bucket: pulumi.String("support-logs").ToStringOutput()}
	require.Empty(t, args.Check("tickets"))
	require.Equal(t, "support-logs", recordService(t, args).One(t, loadBalancerToken, "tickets-alb").Text(t, "accessLogs.bucket"))
}

func TestEveryOptionTogetherIsExactlyTheseResourcesMore(t *testing.T) {
	args := accelerated()
	args.WAF, args.AccessLogs = &components.WAFArgs{}, &components.AccessLogsArgs{Bucket: pulumi.String("support-logs")}
	for _, options := range [][]recorder.Option{nil, {recorder.Preview()}} {
		more, count := recordService(t, args, options...).Count(), recordService(t, serviceArgs(), options...).Count()
		for token, number := range count {
			if more[token] -= number; more[token] == 0 {
				delete(more, token)
			}
		}
		require.Equal(t, map[string]int{
			listenerToken: 1, ingressToken: 1, certificateToken: 1, validationToken: 1, recordToken: 2,
			webACLToken: 1, webACLAssociationToken: 1, acceleratorToken: 1, acceleratorListenerToken: 1, endpointGroupToken: 1,
		}, more)
	}
}

var metricName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

func visibility(metric string) map[string]any {
	return map[string]any{"cloudwatchMetricsEnabled": true, "sampledRequestsEnabled": true, "metricName": metric}
}

// groupRule is a managed rule group as AWS ships it.
func groupRule(priority float64, group string) map[string]any {
	return map[string]any{
		"name": group, "priority": priority, "overrideAction": map[string]any{"none": map[string]any{}},
		"statement":        map[string]any{"managedRuleGroupStatement": map[string]any{"vendorName": "AWS", "name": group}},
		"visibilityConfig": visibility("tickets-" + group),
	}
}

func TestTheDefaultRulesAreThoseThatAWSChoosesButForLargeBodies(t *testing.T) {
	args := serviceArgs()
	args.WAF = &components.WAFArgs{}
	recording := recordService(t, args)
	acl := recording.One(t, webACLToken, "tickets-waf")
	common := groupRule(1, "AWSManagedRulesCommonRuleSet")
	common["statement"].(map[string]any)["managedRuleGroupStatement"].(map[string]any)["ruleActionOverrides"] = []any{
		map[string]any{"name": "SizeRestrictions_BODY", "actionToUse": map[string]any{"count": map[string]any{}}},
	}
	require.Equal(t, map[string]any{
		"description": "Requests to service tickets", "scope": "REGIONAL", "defaultAction": map[string]any{"allow": map[string]any{}},
		"rules":            []any{groupRule(0, "AWSManagedRulesAmazonIpReputationList"), common, groupRule(2, "AWSManagedRulesKnownBadInputsRuleSet")},
		"visibilityConfig": visibility("tickets"),
	}, inputsOf(acl))

	association := recording.One(t, webACLAssociationToken, "tickets-waf")
	require.Equal(t, []string{acl.URN}, within(association.PropertyDependencies["webAclArn"], webACLToken))
	require.Equal(t, recording.One(t, loadBalancerToken, "tickets-alb").ID, association.Text(t, "resourceArn"))
	require.Contains(t, recording.One(t, groupToken, "tickets-asg").DependsOn, association.URN, "no instance answers unfiltered")
}

func TestRateLimitComesFirstAndCountsByClientAddress(t *testing.T) {
	args := serviceArgs()
	args.WAF = &components.WAFArgs{RateLimit: 2000, LimitBodies: true, RuleGroups: []components.ManagedRuleGroup{components.CommonRuleSet}}
	rules := recordService(t, args).One(t, webACLToken, "tickets-waf").List(t, "rules")
	require.Equal(t, []any{
		map[string]any{
			"name": "rate-limit", "priority": 0.0, "action": map[string]any{"block": map[string]any{}},
			"statement":        map[string]any{"rateBasedStatement": map[string]any{"aggregateKeyType": "IP", "limit": 2000.0, "evaluationWindowSec": 300.0}},
			"visibilityConfig": visibility("tickets-rate-limit"),
		},
		groupRule(1, "AWSManagedRulesCommonRuleSet"),
	}, rules)
}

func TestCountingRulesRefuseNothing(t *testing.T) {
	args := serviceArgs()
	args.WAF = &components.WAFArgs{RateLimit: 100, RateWindowSeconds: 60, CountOnly: true}
	for _, each := range recordService(t, args).One(t, webACLToken, "tickets-waf").List(t, "rules") {
		rule := each.(map[string]any)
		action := rule["overrideAction"]
		if rule["name"] == "rate-limit" {
			action = rule["action"]
		}
		require.Equal(t, map[string]any{"count": map[string]any{}}, action, rule["name"])
	}
}

func TestAWAFThatDoesNotAnswerTakesNothingDownUnlessAskedTo(t *testing.T) {
	for _, each := range []struct {
		waf      *components.WAFArgs
		failOpen bool
	}{{nil, false}, {&components.WAFArgs{}, true}, {&components.WAFArgs{FailClosed: true}, false}} {
		args := serviceArgs()
		args.WAF = each.waf
		require.Equal(t, each.failOpen, recordService(t, args).One(t, loadBalancerToken, "tickets-alb").Bool(t, "enableWafFailOpen"))
	}
}

func TestEveryManagedRuleGroupHasACapacityAndAMetricsName(t *testing.T) {
	for _, group := range components.ManagedRuleGroups() {
		args := serviceArgs()
		args.WAF = &components.WAFArgs{RuleGroups: []components.ManagedRuleGroup{group}}
		require.Empty(t, args.Check("tickets"), group)
		rule := recordService(t, args).One(t, webACLToken, "tickets-waf").List(t, "rules")[0].(map[string]any)
		require.Regexp(t, metricName, rule["visibilityConfig"].(map[string]any)["metricName"])
	}
	args := serviceArgs()
	args.WAF = &components.WAFArgs{RuleGroups: components.ManagedRuleGroups(), RateLimit: 10}
	require.Equal(t, []string{"waf.ruleGroups: 1777 capacity units are more than the 1500 that they may take; " +
		"drop groups, or set maxCapacity to 1777; above 1500 AWS charges more"}, lines(args.Check("tickets")))
	args.WAF.MaxCapacity = 1777
	require.Empty(t, args.Check("tickets"))
}

func TestTheAcceleratorsAddressesEndAtTheLoadBalancer(t *testing.T) {
	recording := recordService(t, accelerated())
	accelerator := recording.One(t, acceleratorToken, "tickets-accelerator")
	require.Equal(t, map[string]any{"ipAddressType": "IPV4", "enabled": true}, inputsOf(accelerator))
	listener := recording.One(t, acceleratorListenerToken, "tickets-accelerator")
	port := func(number float64) map[string]any { return map[string]any{"fromPort": number, "toPort": number} }
	require.Equal(t, map[string]any{
		"acceleratorArn": accelerator.ID, "protocol": "TCP", "clientAffinity": "NONE", "portRanges": []any{port(80), port(443)},
	}, listener.Plain())
	require.Equal(t, map[string]any{
		"listenerArn": listener.ID, "endpointGroupRegion": "eu-central-1",
		"endpointConfigurations": []any{map[string]any{
			"endpointId": recording.One(t, loadBalancerToken, "tickets-alb").ID, "clientIpPreservationEnabled": true, "weight": 128.0,
		}},
	}, recording.One(t, endpointGroupToken, "tickets-accelerator").Plain(), "health is the load balancer's own: nothing is said of it")
	for _, name := range []string{"tickets-alb-in-80-198-51-100-0-24", "tickets-alb-in-443-198-51-100-0-24"} {
		require.Equal(t, recording.One(t, securityGroupToken, "tickets-alb").ID, recording.One(t, ingressToken, name).Text(t, "securityGroupId"))
	}
}

func TestOnPlainHTTPTheAcceleratorHasOnePort(t *testing.T) {
	args := accelerated()
	args.DNS, args.HostName = nil, ""
	recording := recordService(t, args)
	require.Equal(t, []any{map[string]any{"fromPort": 80.0, "toPort": 80.0}},
		recording.One(t, acceleratorListenerToken, "tickets-accelerator").List(t, "portRanges"))
}

func TestTheNamePointsAtTheAcceleratorUntilThatIsOnStandby(t *testing.T) {
	args := accelerated()
	record := recordService(t, args).One(t, recordToken, "tickets")
	alias := record.List(t, "aliases")[0].(map[string]any)
	require.Regexp(t, `^a[0-9a-f]+\.awsglobalaccelerator\.com$`, alias["name"])
	require.Equal(t, "Z2BJ6XQ5FK7U4H", alias["zoneId"], "the one zone of all accelerators")
	require.NotEmpty(t, within(record.DependsOn, endpointGroupToken), "not before connections lead on to the load balancer")

	args.Accelerator.Standby = true
	recording := recordService(t, args)
	require.Len(t, recording.OfType(endpointGroupToken), 1, "whoever uses the addresses is served")
	alias = recording.One(t, recordToken, "tickets").List(t, "aliases")[0].(map[string]any)
	require.Regexp(t, `\.elb\.amazonaws\.com$`, alias["name"])
}

func TestProtectKeepsTheAcceleratorsAddresses(t *testing.T) {
	args := accelerated()
	args.Protect = true
	require.True(t, slices.Contains(protected(recordService(t, args)), "protected only: "+acceleratorToken+" tickets-accelerator"))
}

func TestOutputsSayWhereTheServiceIsReached(t *testing.T) {
	nameless := accelerated()
	nameless.DNS, nameless.HostName = nil, ""
	for _, each := range []struct {
		args      *components.ResilientServiceArgs
		url, name string
		addresses int
	}{
		{inZone(), `^https://tickets\.support\.example\.com$`, `^$`, 0},
		{accelerated(), `^https://tickets\.support\.example\.com$`, `\.awsglobalaccelerator\.com$`, 2},
		{nameless, `^http://a[0-9a-f]+\.awsglobalaccelerator\.com$`, `\.awsglobalaccelerator\.com$`, 2},
	} {
		recording := recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			service, err := components.NewResilientService(ctx, "tickets", each.args, provider)
			if err != nil {
				return err
			}
			ctx.Export("url", service.URL)
			ctx.Export("name", service.AcceleratorDNSName)
			ctx.Export("addresses", service.AcceleratorAddresses)
			return nil
		}))
		require.Regexp(t, each.url, recording.Output(t, "url"))
		require.Regexp(t, each.name, recording.Output(t, "name"))
		require.Len(t, recording.Output(t, "addresses"), each.addresses)
	}
}
