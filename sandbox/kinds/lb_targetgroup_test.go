package kinds_test

import (
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func targetGroup(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.VPC, "vpc-1", In{})
		return changed(In{"port": 8080, "protocol": "HTTP", "vpcId": "vpc-1", "healthCheck": In{"interval": 5, "timeout": 2, "path": "/healthz"}}, changes)
	}
}

func healthCheck(changes In) Draft {
	return targetGroup(In{"healthCheck": changed(In{"interval": 10}, changes)})
}

func thresholds(dns, routing In) Draft {
	return targetGroup(In{"targetGroupHealth": In{"dnsFailover": dns, "unhealthyStateRouting": routing}})
}

var _ = suite(kinds.TargetGroup, Suite{
	Valid: map[string]Draft{
		"of instances":     targetGroup(nil),
		"with defaults":    targetGroup(In{"healthCheck": nil}),
		"with a prefix":    targetGroup(In{"namePrefix": "web-"}),
		"of functions":     func(*Lab) In { return In{"targetType": "lambda"} },
		"over TCP":         targetGroup(In{"protocol": "TCP", "healthCheck": In{"protocol": "TCP"}}),
		"sticky":           targetGroup(In{"stickiness": In{"type": "lb_cookie"}}),
		"mitigating":       targetGroup(In{"loadBalancingAlgorithmType": "weighted_random", "loadBalancingAnomalyMitigation": "on"}),
		"failing over":     thresholds(In{"minimumHealthyTargetsPercentage": "50", "minimumHealthyTargetsCount": "1"}, In{"minimumHealthyTargetsPercentage": "50"}),
		"failing over off": thresholds(In{}, In{"minimumHealthyTargetsPercentage": "50"}),
		"over gRPC":        targetGroup(In{"protocolVersion": "GRPC", "healthCheck": In{"matcher": "0-99"}}),
	},
	Refusals: []Refusal{
		{Rule: "reference vpcId", Draft: func(*Lab) In { return In{"port": 80, "protocol": "HTTP", "vpcId": "vpc-gone"} }, Says: "CreateTargetGroup, api error ValidationError: The VPC ID 'vpc-gone' is not found"},
		{Rule: "pattern of name", Draft: targetGroup(In{"name": "web-"}), Says: "no hyphen at either end"},
		{Rule: "length of name", Draft: targetGroup(In{"name": "a23456789-123456789-123456789-123"}), Says: "range (1 - 32)"},
		{Rule: "length of namePrefix", Draft: targetGroup(In{"namePrefix": "tickets-"}), Says: "range (1 - 6)"},
		{Rule: "name conflicts with namePrefix", Draft: targetGroup(In{"name": "web", "namePrefix": "web-"}), Says: "conflicts with namePrefix"},
		{Rule: "values of targetType", Draft: targetGroup(In{"targetType": "pod"}), Says: "got pod"},
		{Rule: "values of ipAddressType", Draft: targetGroup(In{"ipAddressType": "ipx"}), Says: "got ipx"},
		{Rule: "values of protocol", Draft: targetGroup(In{"protocol": "SPDY"}), Says: "got SPDY"},
		{Rule: "values of protocolVersion", Draft: targetGroup(In{"protocolVersion": "HTTP3"}), Says: "got HTTP3"},
		{Rule: "range of port", Draft: targetGroup(In{"port": 0}), Says: "(1 - 65535), got 0"},
		{Rule: "range of deregistrationDelay", Draft: targetGroup(In{"deregistrationDelay": 3601}), Says: "(0 - 3600), got 3601"},
		{Rule: "values of loadBalancingAlgorithmType", Draft: targetGroup(In{"loadBalancingAlgorithmType": "roundRobin"}), Says: "got roundRobin"},
		{Rule: "values of loadBalancingAnomalyMitigation", Draft: targetGroup(In{"loadBalancingAnomalyMitigation": "true"}), Says: "got true"},
		{Rule: "values of loadBalancingCrossZoneEnabled", Draft: targetGroup(In{"loadBalancingCrossZoneEnabled": "on"}), Says: "got on"},
		{Rule: "slow start", Draft: targetGroup(In{"slowStart": 29}), Says: "zero (0) or between 30 and 900 seconds, got 29"},
		{Rule: "range of healthCheck.interval", Draft: healthCheck(In{"interval": 4, "timeout": 2}), Says: "(5 - 300), got 4"},
		{Rule: "range of healthCheck.timeout", Draft: healthCheck(In{"timeout": 1}), Says: "(2 - 120), got 1"},
		{Rule: "range of healthCheck.healthyThreshold", Draft: healthCheck(In{"healthyThreshold": 1}), Says: "(2 - 10), got 1"},
		{Rule: "range of healthCheck.unhealthyThreshold", Draft: healthCheck(In{"unhealthyThreshold": 11}), Says: "(2 - 10), got 11"},
		{Rule: "values of healthCheck.protocol", Draft: healthCheck(In{"protocol": "UDP"}), Says: "got UDP"},
		{Rule: "pattern of healthCheck.port", Draft: healthCheck(In{"port": "http"}), Says: "traffic-port or a port"},
		{Rule: "pattern of healthCheck.path", Draft: healthCheck(In{"path": "healthz"}), Says: "begins with /"},
		{Rule: "length of healthCheck.path", Draft: healthCheck(In{"path": "/" + large}), Says: "range (1 - 1024)"},
		{Rule: "values of stickiness.type", Draft: targetGroup(In{"stickiness": In{"type": "cookie"}}), Says: "got cookie"},
		{Rule: "range of stickiness.cookieDuration", Draft: targetGroup(In{"stickiness": In{"type": "lb_cookie", "cookieDuration": 604801}}), Says: "(1 - 604800), got 604801"},
		{Rule: "pattern of stickiness.cookieName", Draft: targetGroup(In{"stickiness": In{"type": "app_cookie", "cookieName": "a b"}}), Says: "without spaces"},
		{Rule: "pattern of targetGroupHealth.dnsFailover.minimumHealthyTargetsCount", Draft: thresholds(In{"minimumHealthyTargetsCount": "none"}, nil), Says: "off or a whole number from 1"},
		{Rule: "pattern of targetGroupHealth.dnsFailover.minimumHealthyTargetsPercentage", Draft: thresholds(In{"minimumHealthyTargetsPercentage": "101"}, nil), Says: "from 1 to 100"},
		{Rule: "least of targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsCount", Draft: thresholds(nil, In{"minimumHealthyTargetsCount": 0}), Says: "at least (1), got 0"},
		{Rule: "pattern of targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsPercentage", Draft: thresholds(nil, In{"minimumHealthyTargetsPercentage": "50%"}), Says: "from 1 to 100"},
		{Rule: "what a target needs", Draft: targetGroup(In{"port": nil}), Says: `"port" should be set when target type is instance`},
		{Rule: "a cookie of the application", Draft: targetGroup(In{"stickiness": In{"type": "app_cookie"}}), Says: "cookieName must be set"},
		{Rule: "timeout within the interval", Draft: healthCheck(In{"interval": 5}), Says: "ValidationError: Health check interval must be greater than the timeout."},
		{Rule: "timeout within the interval", Before: healthCheck(nil), Draft: healthCheck(In{"timeout": 10}), Says: "Health check interval must be greater than the timeout."},
		{Rule: "status codes of the health check", Draft: healthCheck(In{"matcher": "200-599"}), Says: "from 200 to 499"},
		{Rule: "status codes of the health check", Draft: healthCheck(In{"matcher": "ok"}), Says: "from 200 to 499"},
		{Rule: "slow start and the algorithm", Draft: targetGroup(In{"slowStart": 30, "loadBalancingAlgorithmType": "least_outstanding_requests"}), Says: "InvalidConfigurationRequest: Slow start is supported only"},
		{Rule: "anomaly mitigation and the algorithm", Draft: targetGroup(In{"loadBalancingAnomalyMitigation": "on"}), Says: "InvalidConfigurationRequest: Anomaly mitigation is supported only"},
		{Rule: "anomaly mitigation and stickiness", Draft: targetGroup(In{"loadBalancingAlgorithmType": "weighted_random", "loadBalancingAnomalyMitigation": "on", "stickiness": In{"type": "lb_cookie"}}), Says: "not supported with stickiness"},
		{Rule: "stickiness across zones", Draft: targetGroup(In{"loadBalancingCrossZoneEnabled": "false", "stickiness": In{"type": "lb_cookie"}}), Says: "cross-zone load balancing is off"},
		{Rule: "stickiness of the protocol", Draft: targetGroup(In{"stickiness": In{"type": "source_ip"}}), Says: "'source_ip' is not supported"},
		{Rule: "threshold of DNS failover", Draft: thresholds(In{"minimumHealthyTargetsPercentage": "49"}, In{"minimumHealthyTargetsPercentage": "50"}), Says: "InvalidConfigurationRequest: The thresholds for DNS failover must be greater"},
		{Rule: "threshold of DNS failover", Draft: thresholds(In{"minimumHealthyTargetsCount": "1"}, In{"minimumHealthyTargetsCount": 2}), Says: "InvalidConfigurationRequest"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.TargetGroup, "arn:other", In{"name": "web"})
			return targetGroup(In{"name": "web"})(lab)
		}, Says: "DuplicateTargetGroupName: A target group with the same name 'web' exists"},
		{Rule: "in use", Draft: targetGroup(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.Listener, "x", In{"loadBalancerArn": "lb", "defaultActions": []any{In{"type": "forward", "targetGroupArn": made.ID}}})
		}, Says: "DeleteTargetGroup, api error ResourceInUse"},
		{Rule: "in use", Draft: targetGroup(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.Listener, "x", In{"loadBalancerArn": "lb", "defaultActions": []any{In{"type": "forward", "forward": In{"targetGroups": []any{In{"arn": made.ID}}}}}})
		}, Says: "is currently in use by a listener or a rule"},
	},
	Replaces: []Change{{Path: "port", Before: targetGroup(nil), After: targetGroup(In{"port": 8081})}, {Path: "protocol", Before: targetGroup(nil), After: targetGroup(In{"protocol": "HTTPS"})}},
	Updates:  []Change{{Path: "healthCheck.interval", Before: healthCheck(nil), After: healthCheck(In{"interval": 20})}, {Path: "deregistrationDelay", Before: targetGroup(nil), After: targetGroup(In{"deregistrationDelay": 30})}},
})
