package kinds

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	roundRobin     = "round_robin"
	leastRequests  = "least_outstanding_requests"
	weightedRandom = "weighted_random"
	thresholdOff   = "off"
)

var (
	targetGroupName = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$`)
	checkPort       = regexp.MustCompile(`^(traffic-port|[0-9]{1,5})$`)
	checkPath       = regexp.MustCompile(`^/`)
	percentOrOff    = regexp.MustCompile(`^(off|[1-9][0-9]?|100)$`)
	countOrOff      = regexp.MustCompile(`^(off|[1-9][0-9]*)$`)
	statusMatcher   = regexp.MustCompile(`^[0-9]{1,3}([,-][0-9]{1,3})*$`)
	cookieName      = regexp.MustCompile(`^[\x21-\x7e]{0,255}$`)
)

// Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
var _ = register(&Kind{
	Token:    TargetGroup,
	Args:     lb.TargetGroupArgs{},
	Resource: &lb.TargetGroup{},
	API: API{Service: "Elastic Load Balancing v2", Noun: "ELBv2 Target Group",
		Create: "CreateTargetGroup", Update: "ModifyTargetGroupAttributes", Delete: "DeleteTargetGroup"},
	Name:     &AutoName{Property: "name", Max: 32, Unless: []string{"namePrefix"}},
	Defaults: targetGroupDefaults(),
	References: []Reference{
		{Path: "vpcId", To: []string{VPC}, Code: "ValidationError", Message: "The VPC ID '%s' is not found"},
	},
	Rules:       slices.Concat(targetGroupRanges(), targetGroupRules()),
	DeleteRules: []DeleteRule{{Name: "in use", Code: "ResourceInUse", Blocked: targetGroupInUse}},
	Replaces:    []string{"name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId", "ipAddressType"},
	ID:          func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		{Name: "name", Value: func(d *Draft) resource.PropertyValue {
			prefix := d.Text("namePrefix")
			return Text(prefix + d.Digits("name", 26)[:min(26, 32-len(prefix))])
		}},
		fixed("namePrefix", Text("")),
		{Name: "arnSuffix", Value: func(d *Draft) resource.PropertyValue {
			return Text("targetgroup/" + d.Output("name").Text() + "/" + d.Hex("arn", 16))
		}},
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("elasticloadbalancing", d.Output("arnSuffix").Text()))
		}},
		{Name: "loadBalancerArns", Value: func(d *Draft) resource.PropertyValue { return Texts(balancersOf(d, d.Output("arn").Text(), "")...) }},
		{Name: "protocolVersion", Value: func(d *Draft) resource.PropertyValue {
			if overHTTP(d.Text("protocol")) {
				return Text("HTTP1")
			}
			return Text("")
		}},
		{Name: "healthCheck", Value: func(*Draft) resource.PropertyValue {
			return Object(resource.PropertyMap{"enabled": Flag(true), "healthyThreshold": Number(5), "interval": Number(30), "matcher": Text("200"),
				"path": Text("/"), "port": Text("traffic-port"), "protocol": Text("HTTP"), "timeout": Number(5), "unhealthyThreshold": Number(2)})
		}},
		fixed("stickiness", Object(resource.PropertyMap{"cookieDuration": Number(86400), "cookieName": Text(""), "enabled": Flag(false), "type": Text("lb_cookie")})),
		fixed("targetGroupHealth", Object(resource.PropertyMap{
			"dnsFailover":           Object(resource.PropertyMap{"minimumHealthyTargetsCount": Text("1"), "minimumHealthyTargetsPercentage": Text(thresholdOff)}),
			"unhealthyStateRouting": Object(resource.PropertyMap{"minimumHealthyTargetsCount": Number(1), "minimumHealthyTargetsPercentage": Text(thresholdOff)}),
		})),
		fixed("ipAddressType", Text("ipv4")), fixed("connectionTermination", Flag(false)), fixed("preserveClientIp", Text("")),
		fixed("loadBalancingAlgorithmType", Text(roundRobin)), fixed("loadBalancingAnomalyMitigation", Text(thresholdOff)),
		fixed("loadBalancingCrossZoneEnabled", Text("use_load_balancer_configuration")),
		fixed("targetFailovers", List()), fixed("targetHealthStates", List()),
	},
})

// targetGroupDefaults: the provider counts health checks otherwise than the API (3 and 3, not 5 and 2), and a dnsFailover block
// without a count turns DNS failover off, where the API's default is 1.
func targetGroupDefaults() []Default {
	return []Default{
		{Path: "targetType", Value: Text("instance")}, {Path: "deregistrationDelay", Value: Number(300)}, {Path: "slowStart", Value: Number(0)},
		{Path: "proxyProtocolV2", Value: Flag(false)}, {Path: "lambdaMultiValueHeadersEnabled", Value: Flag(false)},
		{Path: "healthCheck.enabled", Value: Flag(true)}, {Path: "healthCheck.healthyThreshold", Value: Number(3)},
		{Path: "healthCheck.unhealthyThreshold", Value: Number(3)}, {Path: "healthCheck.interval", Value: Number(30)},
		{Path: "healthCheck.port", Value: Text("traffic-port")}, {Path: "healthCheck.protocol", Value: Text("HTTP")},
		{Path: "healthCheck.timeout", Value: Number(5), When: checkedOverHTTP}, {Path: "healthCheck.path", Value: Text("/"), When: checkedOverHTTP},
		{Path: "healthCheck.matcher", Value: Text("200"), When: checkedOverHTTP},
		{Path: "stickiness.enabled", Value: Flag(true)}, {Path: "stickiness.cookieDuration", Value: Number(86400)},
		{Path: "targetGroupHealth.dnsFailover.minimumHealthyTargetsCount", Value: Text(thresholdOff)},
		{Path: "targetGroupHealth.dnsFailover.minimumHealthyTargetsPercentage", Value: Text(thresholdOff)},
		{Path: "targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsCount", Value: Number(1)},
		{Path: "targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsPercentage", Value: Text(thresholdOff)},
	}
}

func overHTTP(protocol string) bool { return protocol == "HTTP" || protocol == "HTTPS" }

func checkedOverHTTP(d *Draft) bool { return overHTTP(orElse(d.Text("healthCheck.protocol"), "HTTP")) }

// targetGroupRanges are what the provider checks of one value alone.
func targetGroupRanges() []Rule {
	return []Rule{
		Matching("name", targetGroupName, "only alphanumeric characters and hyphens, no hyphen at either end"), LengthIn("name", 1, 32),
		LengthIn("namePrefix", 1, 6), Conflicting("name", "namePrefix"),
		OneOf("targetType", "instance", "ip", "lambda", "alb"), OneOf("ipAddressType", "ipv4", "ipv6"),
		OneOf("protocol", "GENEVE", "HTTP", "HTTPS", "TCP", "TCP_UDP", "TLS", "UDP"), OneOf("protocolVersion", "GRPC", "HTTP1", "HTTP2"),
		InRange("port", 1, 65535), InRange("deregistrationDelay", 0, 3600),
		OneOf("loadBalancingAlgorithmType", roundRobin, leastRequests, weightedRandom),
		OneOf("loadBalancingAnomalyMitigation", "on", "off"), OneOf("loadBalancingCrossZoneEnabled", "true", "false", "use_load_balancer_configuration"),
		{Name: "slow start", Broken: func(d *Draft) *Refusal {
			if n := d.Int("slowStart"); !d.At("slowStart").Unknown() && n != 0 && (n < 30 || n > 900) {
				return Refuse("slowStart", "\"slowStart\" must be zero (0) or between 30 and 900 seconds, got %d", n)
			}
			return nil
		}},
		InRange("healthCheck.interval", 5, 300), InRange("healthCheck.timeout", 2, 120),
		InRange("healthCheck.healthyThreshold", 2, 10), InRange("healthCheck.unhealthyThreshold", 2, 10),
		OneOf("healthCheck.protocol", "HTTP", "HTTPS", "TCP"), Matching("healthCheck.port", checkPort, "traffic-port or a port"),
		Matching("healthCheck.path", checkPath, "begins with /"), LengthIn("healthCheck.path", 1, 1024),
		OneOf("stickiness.type", "lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"),
		InRange("stickiness.cookieDuration", 1, 604800), Matching("stickiness.cookieName", cookieName, "at most 255 characters without spaces"),
		Matching("targetGroupHealth.dnsFailover.minimumHealthyTargetsCount", countOrOff, "off or a whole number from 1"),
		Matching("targetGroupHealth.dnsFailover.minimumHealthyTargetsPercentage", percentOrOff, "off or a whole number from 1 to 100"),
		atLeastOne("targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsCount"),
		Matching("targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsPercentage", percentOrOff, "off or a whole number from 1 to 100"),
		{Name: "what a target needs", Broken: func(d *Draft) *Refusal {
			for _, property := range []string{"port", "protocol", "vpcId"} {
				if kind := d.Text("targetType"); kind != "lambda" && !d.At("targetType").Unknown() && !d.Has(property) {
					return Refuse(property, "%q should be set when target type is %s", property, kind)
				}
			}
			return nil
		}},
		{Name: "a cookie of the application", Broken: func(d *Draft) *Refusal {
			if d.Text("stickiness.type") == "app_cookie" && d.Bool("stickiness.enabled") && !d.Has("stickiness.cookieName") {
				return Refuse("stickiness.cookieName", "cookieName must be set when stickiness type is app_cookie")
			}
			return nil
		}},
	}
}

// targetGroupRules are what the API refuses of several values together.
func targetGroupRules() []Rule {
	together := func(name, path string, broken func(d *Draft) bool, message string) Rule {
		return Rule{Name: name, Stage: AtApply, Code: "InvalidConfigurationRequest", Broken: func(d *Draft) *Refusal {
			if broken(d) {
				return Refuse(path, "%s", message)
			}
			return nil
		}}
	}
	return []Rule{
		apiRule("timeout within the interval", "healthCheck.timeout", func(d *Draft) bool {
			return d.Has("healthCheck.timeout") && d.Int("healthCheck.timeout") >= d.Int("healthCheck.interval")
		}, "Health check interval must be greater than the timeout."),
		apiRule("status codes of the health check", "healthCheck.matcher", wrongMatcher, "Health check matcher must be HTTP codes from 200 to 499, or gRPC codes from 0 to 99"),
		together("slow start and the algorithm", "slowStart", func(d *Draft) bool {
			return d.Int("slowStart") > 0 && slices.Contains([]string{leastRequests, weightedRandom}, d.Text("loadBalancingAlgorithmType"))
		}, "Slow start is supported only with the round_robin load balancing algorithm"),
		together("anomaly mitigation and the algorithm", "loadBalancingAnomalyMitigation", func(d *Draft) bool {
			return d.Text("loadBalancingAnomalyMitigation") == "on" && d.Text("loadBalancingAlgorithmType") != weightedRandom
		}, "Anomaly mitigation is supported only with the weighted_random load balancing algorithm"),
		together("anomaly mitigation and stickiness", "stickiness", func(d *Draft) bool {
			return d.Text("loadBalancingAnomalyMitigation") == "on" && d.Bool("stickiness.enabled")
		}, "Anomaly mitigation is not supported with stickiness"),
		together("stickiness across zones", "stickiness", func(d *Draft) bool {
			return overHTTP(d.Text("protocol")) && d.Text("loadBalancingCrossZoneEnabled") == "false" && d.Bool("stickiness.enabled")
		}, "Stickiness is not supported when cross-zone load balancing is off"),
		together("stickiness of the protocol", "stickiness.type", func(d *Draft) bool {
			return overHTTP(d.Text("protocol")) && d.Bool("stickiness.enabled") && strings.HasPrefix(d.Text("stickiness.type"), "source_ip")
		}, "Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol"),
		together("threshold of DNS failover", "targetGroupHealth.dnsFailover", failoverBelowRouting,
			"The thresholds for DNS failover must be greater than or equal to the thresholds for unhealthy state routing"),
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "DuplicateTargetGroupName", Broken: func(d *Draft) *Refusal {
			if d.FindBy(TargetGroup, "name", d.Text("name")) != nil {
				return Refuse("name", "A target group with the same name '%s' exists, but with different settings", d.Text("name"))
			}
			return nil
		}},
	}
}

// wrongMatcher: codes are single, listed or ranges; HTTP has 200 to 499, gRPC 0 to 99.
func wrongMatcher(d *Draft) bool {
	text := d.Text("healthCheck.matcher")
	if text == "" {
		return false
	}
	low, high := 200, 499
	if d.Text("protocolVersion") == "GRPC" {
		low, high = 0, 99
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '-' }) {
		if code, err := strconv.Atoi(part); err != nil || code < low || code > high {
			return true
		}
	}
	return !statusMatcher.MatchString(text)
}

// failoverBelowRouting compares counts with counts and percentages with percentages; what is off is not compared.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
func failoverBelowRouting(d *Draft) bool {
	dns, routing := "targetGroupHealth.dnsFailover.", "targetGroupHealth.unhealthyStateRouting."
	below := func(failover string, threshold int) bool {
		n, err := strconv.Atoi(failover)
		return err == nil && n < threshold
	}
	percentage, err := strconv.Atoi(d.Text(routing + "minimumHealthyTargetsPercentage"))
	return below(d.Text(dns+"minimumHealthyTargetsCount"), d.Int(routing+"minimumHealthyTargetsCount")) ||
		err == nil && below(d.Text(dns+"minimumHealthyTargetsPercentage"), percentage)
}

// balancersOf is the load balancers whose listeners forward to a target group, without those of one listener, sorted.
func balancersOf(d *Draft, arn, exceptListener string) []string {
	var balancers []string
	for _, path := range []string{"defaultActions[].targetGroupArn", "defaultActions[].forward.targetGroups[].arn"} {
		for _, listener := range d.UsedBy(Listener, path, arn) {
			if listener.ID != exceptListener || exceptListener == "" {
				balancers = append(balancers, listener.Text("loadBalancerArn"))
			}
		}
	}
	slices.Sort(balancers)
	return slices.Compact(balancers)
}

func targetGroupInUse(d *Draft) string {
	if len(balancersOf(d, d.ID(), "")) == 0 {
		return ""
	}
	return "Target group '" + d.ID() + "' is currently in use by a listener or a rule"
}
