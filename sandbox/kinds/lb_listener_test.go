package kinds_test

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	balancerARN    = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188"
	groupARN       = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/73e2d6bc24d8a067"
	certificateARN = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
)

func forwardTo(arn string) []any { return []any{In{"type": "forward", "targetGroupArn": arn}} }

func listener(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.LoadBalancer, balancerARN, In{"vpcId": "vpc-1"})
		lab.Put(kinds.TargetGroup, groupARN, In{"vpcId": "vpc-1", "protocol": "HTTP"})
		return changed(In{"loadBalancerArn": balancerARN, "port": 80, "protocol": "HTTP", "defaultActions": forwardTo(groupARN)}, changes)
	}
}

// secureListener is one that speaks TLS.
func secureListener(changes In) Draft {
	return listener(changed(In{"port": 443, "protocol": "HTTPS", "certificateArn": certificateARN, "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}, changes))
}

// ofSandbox is a listener with a certificate of the sandbox, some of whose records are missing.
func ofSandbox(missing int) Draft {
	return func(lab *Lab) In {
		made := lab.Make(kinds.Certificate, certificate(nil)(lab))
		prove(lab, made, missing)
		return secureListener(In{"certificateArn": made.ID})(lab)
	}
}

func acting(action In) Draft { return listener(In{"defaultActions": []any{action}}) }

func redirect(changes In) Draft {
	return acting(In{"type": "redirect", "redirect": changed(In{"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}, changes)})
}

func fixedResponse(changes In) Draft {
	return acting(In{"type": "fixed-response", "fixedResponse": changed(In{"contentType": "text/plain", "statusCode": "503"}, changes)})
}

func weighted(weight, groups int) Draft {
	return func(lab *Lab) In {
		var targets []any
		for index := range groups {
			arn := fmt.Sprintf("%s%d", groupARN, index)
			lab.Put(kinds.TargetGroup, arn, In{"vpcId": "vpc-1", "protocol": "HTTP"})
			targets = append(targets, In{"arn": arn, "weight": weight})
		}
		return acting(In{"type": "forward", "forward": In{"targetGroups": targets}})(lab)
	}
}

var _ = suite(kinds.Listener, Suite{
	Valid: map[string]Draft{
		"plain":                             listener(nil),
		"secure":                            secureListener(nil),
		"secure by default":                 secureListener(In{"sslPolicy": nil}),
		"redirecting":                       redirect(nil),
		"to another path":                   redirect(In{"protocol": nil, "port": nil, "path": "/new"}),
		"answering":                         fixedResponse(nil),
		"by weight":                         weighted(50, 2),
		"with IAM certificate":              secureListener(In{"certificateArn": "arn:aws:iam::123456789012:server-certificate/web"}),
		"with a certificate of the sandbox": ofSandbox(0),
		"beside another port": func(lab *Lab) In {
			lab.Put(kinds.Listener, "arn:other", In{"loadBalancerArn": balancerARN, "port": 443, "defaultActions": forwardTo(groupARN)})
			return listener(nil)(lab)
		},
		"asking who it is": listener(In{"defaultActions": []any{In{"type": "authenticate-oidc", "order": 1}, In{"type": "forward", "targetGroupArn": groupARN, "order": 2}}}),
	},
	Refusals: []Refusal{
		{Rule: "reference loadBalancerArn", Draft: listener(In{"loadBalancerArn": "arn:gone"}), Says: "CreateListener, api error LoadBalancerNotFound: Load balancer 'arn:gone' not found"},
		{Rule: "reference defaultActions[].targetGroupArn", Draft: acting(In{"type": "forward", "targetGroupArn": "arn:gone"}), Says: "TargetGroupNotFound: Target group 'arn:gone' not found"},
		{Rule: "reference defaultActions[].forward.targetGroups[].arn", Draft: acting(In{"type": "forward", "forward": In{"targetGroups": []any{In{"arn": "arn:gone"}}}}), Says: "TargetGroupNotFound"},
		{Rule: "only what the sandbox has", Draft: listener(In{"alpnPolicy": "None"}), Says: "the sandbox has no Network Load Balancers"},
		{Rule: "range of port", Draft: listener(In{"port": 65536}), Says: "(1 - 65535), got 65536"},
		{Rule: "values of protocol", Draft: func(lab *Lab) In {
			return changed(listener(nil)(lab), In{"protocol": "SPDY", "loadBalancerArn": kinds.Unknown})
		}, Says: "got SPDY"},
		{Rule: "values of mutualAuthentication.mode", Draft: secureListener(In{"mutualAuthentication": In{"mode": "strict"}}), Says: "got strict"},
		{Rule: "values of defaultActions[].type", Draft: acting(In{"type": "drop"}), Says: "got drop"},
		{Rule: "values of defaultActions[].redirect.statusCode", Draft: redirect(In{"statusCode": "HTTP_308"}), Says: "got HTTP_308"},
		{Rule: "values of defaultActions[].redirect.protocol", Draft: redirect(In{"protocol": "TCP"}), Says: "got TCP"},
		{Rule: "pattern of defaultActions[].redirect.port", Draft: redirect(In{"port": "https"}), Says: "#{port} or a port"},
		{Rule: "values of defaultActions[].fixedResponse.contentType", Draft: fixedResponse(In{"contentType": "image/png"}), Says: "got image/png"},
		{Rule: "pattern of defaultActions[].fixedResponse.statusCode", Draft: fixedResponse(In{"statusCode": "301"}), Says: "2XX, 4XX or 5XX"},
		{Rule: "length of defaultActions[].fixedResponse.messageBody", Draft: fixedResponse(In{"messageBody": strings.Repeat("a", 1025)}), Says: "range (0 - 1024)"},
		{Rule: "range of defaultActions[].forward.targetGroups[].weight", Draft: weighted(1000, 2), Says: "(0 - 999), got 1000"},
		{Rule: "range of defaultActions[].order", Draft: acting(In{"type": "forward", "targetGroupArn": groupARN, "order": 50001}), Says: "(1 - 50000), got 50001"},
		{Rule: "a port", Draft: listener(In{"port": nil}), Says: `"port" is required`},
		{Rule: "what an action needs", Draft: acting(In{"type": "redirect"}), Says: "one of `redirect` must be specified"},
		{Rule: "what another action needs", Draft: acting(In{"type": "fixed-response", "targetGroupArn": groupARN, "fixedResponse": In{"contentType": "text/plain"}}), Says: `"targetGroupArn" may be specified only when the type is "forward"`},
		{Rule: "target groups of a forward", Draft: weighted(1, 6), Says: "ValidationError: A forward action must have from 1 to 5 target groups"},
		{Rule: "target groups of a forward", Draft: weighted(1, 0), Says: "from 1 to 5 target groups"},
		{Rule: "a redirect to itself", Draft: redirect(In{"protocol": nil, "port": nil}), Says: "InvalidLoadBalancerAction: The redirect configuration is not valid because it creates a loop."},
		{Rule: "an action that ends the request", Draft: acting(In{"type": "authenticate-oidc"}), Says: "exactly one action of type forward"},
		{Rule: "protocol of the load balancer", Draft: func(lab *Lab) In {
			lab.Put(kinds.TargetGroup, "arn:tcp", In{"vpcId": "vpc-1"})
			return listener(In{"protocol": "TCP", "defaultActions": forwardTo("arn:tcp")})(lab)
		}, Says: "UnsupportedProtocol: Listener protocol 'TCP' is not supported"},
		{Rule: "a certificate", Draft: secureListener(In{"certificateArn": nil}), Says: "ValidationError: A certificate must be specified for HTTPS listeners"},
		{Rule: "a certificate without TLS", Draft: listener(In{"certificateArn": certificateARN}), Says: "ValidationError: A certificate cannot be specified for HTTP listeners"},
		{Rule: "a security policy without TLS", Draft: listener(In{"sslPolicy": "ELBSecurityPolicy-2016-08"}), Says: "An SSL policy cannot be specified for HTTP listeners"},
		{Rule: "certificate", Draft: secureListener(In{"certificateArn": strings.Replace(certificateARN, "eu-central-1", "us-east-1", 1)}), Says: "CertificateNotFound: Certificate 'arn:aws:acm:us-east-1:"},
		{Rule: "certificate", Draft: secureListener(In{"certificateArn": strings.Replace(certificateARN, "123456789012:", "210987654321:", 1)}), Says: "CertificateNotFound"},
		{Rule: "certificate", Draft: secureListener(In{"certificateArn": "web"}), Says: "CertificateNotFound: Certificate 'web' not found"},
		{Rule: "certificate", Draft: secureListener(In{"certificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-8234-8234-123456789012"}), Says: "CertificateNotFound"},
		{Rule: "an issued certificate", Draft: ofSandbox(1), Says: "UnsupportedCertificate: The certificate 'arn:aws:acm:eu-central-1:123456789012:certificate/"},
		{Rule: "security policy", Draft: secureListener(In{"sslPolicy": "ELBSecurityPolicy-TLS14"}), Says: "SSLPolicyNotFound: SSL policy 'ELBSecurityPolicy-TLS14' not found"},
		{Rule: "listener on the port", Draft: func(lab *Lab) In {
			lab.Put(kinds.Listener, "arn:other", In{"loadBalancerArn": balancerARN, "port": 80})
			return listener(nil)(lab)
		}, Says: "DuplicateListener: A listener already exists on this port for this load balancer"},
		{Rule: "target group of another VPC", Draft: func(lab *Lab) In {
			lab.Put(kinds.TargetGroup, "arn:far", In{"vpcId": "vpc-2", "protocol": "HTTP"})
			return listener(In{"defaultActions": forwardTo("arn:far")})(lab)
		}, Says: "InvalidConfigurationRequest: The target group 'arn:far' is in VPC vpc-2 and the load balancer in vpc-1"},
		{Rule: "protocol of the target group", Draft: func(lab *Lab) In {
			lab.Put(kinds.TargetGroup, "arn:tcp", In{"vpcId": "vpc-1", "protocol": "TCP"})
			return listener(In{"defaultActions": forwardTo("arn:tcp")})(lab)
		}, Says: "Listener protocol 'HTTP' is not supported with a target group with the protocol TCP"},
		{Rule: "target group of another load balancer", Draft: func(lab *Lab) In {
			lab.Put(kinds.Listener, "arn:other", In{"loadBalancerArn": "arn:otherbalancer", "port": 80, "defaultActions": forwardTo(groupARN)})
			return listener(nil)(lab)
		}, Says: "TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: " + groupARN},
	},
	Replaces: []Change{{Path: "loadBalancerArn", Before: listener(nil), After: func(lab *Lab) In {
		lab.Put(kinds.LoadBalancer, "arn:new", In{"vpcId": "vpc-1"})
		return listener(In{"loadBalancerArn": "arn:new"})(lab)
	}}},
	Updates: []Change{{Path: "port", Before: listener(nil), After: listener(In{"port": 8080})}},
})
