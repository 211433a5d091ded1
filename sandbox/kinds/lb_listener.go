package kinds

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	actionForward  = "forward"
	actionRedirect = "redirect"
	actionFixed    = "fixed-response"
	// defaultTLS is what the API chooses for a listener without a policy.
	defaultTLS = "ELBSecurityPolicy-2016-08"
)

// tlsPolicies are the security policies of Application Load Balancers.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
var tlsPolicies = []string{
	"ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
	"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", "ELBSecurityPolicy-TLS13-1-1-2021-06",
	"ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
	"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04",
	"ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04",
	// With post-quantum key exchange.
	"ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-0-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09",
	"ELBSecurityPolicy-TLS-1-2-Ext-2018-06", "ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-TLS-1-1-2017-01",
	"ELBSecurityPolicy-FS-1-2-Res-2020-10", "ELBSecurityPolicy-FS-1-2-Res-2019-08", "ELBSecurityPolicy-FS-1-2-2019-08",
	"ELBSecurityPolicy-FS-1-1-2019-08", "ELBSecurityPolicy-FS-2018-06", "ELBSecurityPolicy-2015-05", defaultTLS,
}

var (
	fixedStatus   = regexp.MustCompile(`^[245][0-9][0-9]$`)
	redirectPort  = regexp.MustCompile(`^(#\{port\}|[0-9]{1,5})$`)
	certificateID = regexp.MustCompile(`^(certificate/[0-9a-f-]{36}|server-certificate/.+)$`)
)

// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
var _ = register(&Kind{
	Token:         Listener,
	Args:          lb.ListenerArgs{},
	Resource:      &lb.Listener{},
	RequiredLists: []string{"defaultActions"},
	API: API{Service: "Elastic Load Balancing v2", Noun: "ELBv2 Listener",
		Create: "CreateListener", Update: "ModifyListener", Delete: "DeleteListener"},
	Defaults: []Default{
		// The provider asks an Application Load Balancer for HTTP, with or without a certificate.
		{Path: "protocol", Value: Text("HTTP")},
		{Path: "defaultActions[].redirect.host", Value: Text("#{host}")}, {Path: "defaultActions[].redirect.path", Value: Text("/#{path}")},
		{Path: "defaultActions[].redirect.port", Value: Text("#{port}")}, {Path: "defaultActions[].redirect.protocol", Value: Text("#{protocol}")},
		{Path: "defaultActions[].redirect.query", Value: Text("#{query}")},
		{Path: "defaultActions[].forward.targetGroups[].weight", Value: Number(1)},
	},
	References: []Reference{
		{Path: "loadBalancerArn", To: []string{LoadBalancer}, Code: "LoadBalancerNotFound", Message: "Load balancer '%s' not found"},
		toTargetGroup("defaultActions[].targetGroupArn"), toTargetGroup("defaultActions[].forward.targetGroups[].arn"),
	},
	Rules:    slices.Concat(listenerRanges(), listenerActions(), listenerRules()),
	Replaces: []string{"loadBalancerArn"},
	Sets:     []string{"defaultActions[].forward.targetGroups"},
	ID:       func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(strings.Replace(d.Text("loadBalancerArn"), ":loadbalancer/", ":listener/", 1) + "/" + d.Hex("arn", 16))
		}},
		{Name: "sslPolicy", Value: func(d *Draft) resource.PropertyValue {
			if d.Text("protocol") == "HTTPS" {
				return Text(defaultTLS)
			}
			return Text("")
		}},
		fixed("protocol", Text("HTTP")), fixed("mutualAuthentication", Object(resource.PropertyMap{"mode": Text("off")})),
		fixed("routingHttpResponseServerEnabled", Flag(true)),
	},
	Absent: listenerHeaders(),
})

func toTargetGroup(path string) Reference {
	return Reference{Path: path, To: []string{TargetGroup}, Code: "TargetGroupNotFound", Message: "Target group '%s' not found"}
}

// listenerHeaders are outputs that AWS leaves unset unless the program sets them.
func listenerHeaders() map[string]string {
	absent := map[string]string{"tcpIdleTimeoutSeconds": "Network Load Balancers only"}
	for _, name := range []string{
		"RequestXAmznMtlsClientcertHeaderName", "RequestXAmznMtlsClientcertIssuerHeaderName", "RequestXAmznMtlsClientcertLeafHeaderName",
		"RequestXAmznMtlsClientcertSerialNumberHeaderName", "RequestXAmznMtlsClientcertSubjectHeaderName", "RequestXAmznMtlsClientcertValidityHeaderName",
		"RequestXAmznTlsCipherSuiteHeaderName", "RequestXAmznTlsVersionHeaderName", "ResponseAccessControlAllowCredentialsHeaderValue",
		"ResponseAccessControlAllowHeadersHeaderValue", "ResponseAccessControlAllowMethodsHeaderValue", "ResponseAccessControlAllowOriginHeaderValue",
		"ResponseAccessControlExposeHeadersHeaderValue", "ResponseAccessControlMaxAgeHeaderValue", "ResponseContentSecurityPolicyHeaderValue",
		"ResponseStrictTransportSecurityHeaderValue", "ResponseXContentTypeOptionsHeaderValue", "ResponseXFrameOptionsHeaderValue",
	} {
		absent["routingHttp"+name] = "no header is added or renamed unless the program says so"
	}
	return absent
}

func listenerRanges() []Rule {
	return []Rule{
		lacking("Network Load Balancers", "tcpIdleTimeoutSeconds", "alpnPolicy"),
		InRange("port", 1, 65535), OneOf("protocol", "GENEVE", "HTTP", "HTTPS", "TCP", "TCP_UDP", "TLS", "UDP"),
		OneOf("mutualAuthentication.mode", "off", "verify", "passthrough"),
		OneOf("defaultActions[].type", actionForward, actionRedirect, actionFixed, "authenticate-cognito", "authenticate-oidc"),
		OneOf("defaultActions[].redirect.statusCode", "HTTP_301", "HTTP_302"), OneOf("defaultActions[].redirect.protocol", "#{protocol}", "HTTP", "HTTPS"),
		Matching("defaultActions[].redirect.port", redirectPort, "#{port} or a port"),
		OneOf("defaultActions[].fixedResponse.contentType", "text/plain", "text/css", "text/html", "application/javascript", "application/json"),
		Matching("defaultActions[].fixedResponse.statusCode", fixedStatus, "2XX, 4XX or 5XX"), LengthIn("defaultActions[].fixedResponse.messageBody", 0, 1024),
		InRange("defaultActions[].forward.targetGroups[].weight", 0, 999), InRange("defaultActions[].order", 1, 50000),
		{Name: "a port", Broken: func(d *Draft) *Refusal {
			if !d.Has("port") {
				return Refuse("port", "\"port\" is required for listeners of this load balancer")
			}
			return nil
		}},
	}
}

// listenerActions are what the provider and the API refuse of the actions.
func listenerActions() []Rule {
	blocks := map[string][]string{actionForward: {"targetGroupArn", "forward"}, actionRedirect: {"redirect"}, actionFixed: {"fixedResponse"}}
	each := func(broken func(d *Draft, action Value) *Refusal) func(d *Draft) *Refusal {
		return func(d *Draft) *Refusal {
			for _, action := range d.Each("defaultActions[]") {
				if refusal := broken(d, action); refusal != nil {
					return refusal
				}
			}
			return nil
		}
	}
	return []Rule{
		{Name: "what an action needs", Broken: each(func(_ *Draft, action Value) *Refusal {
			needs := blocks[action.At("type").Text()]
			if len(needs) == 0 || slices.ContainsFunc(needs, func(name string) bool { return action.At(name).Exists() }) {
				return nil
			}
			return Refuse(action.Path(), "%s: one of `%s` must be specified when the type is %q", action.Path(), strings.Join(needs, ","), action.At("type").Text())
		})},
		{Name: "what another action needs", Broken: each(func(_ *Draft, action Value) *Refusal {
			for _, kind := range []string{actionForward, actionRedirect, actionFixed} {
				for _, name := range blocks[kind] {
					if action.At("type").Text() != kind && action.At(name).Exists() {
						return Refuse(action.Path(), "%s: %q may be specified only when the type is %q", action.Path(), name, kind)
					}
				}
			}
			return nil
		})},
		{Name: "target groups of a forward", Stage: AtApply, Code: "ValidationError", Broken: each(func(_ *Draft, action Value) *Refusal {
			if groups := len(action.Each("forward.targetGroups[]")); groups > 5 || action.At("forward").Exists() && groups == 0 {
				return Refuse(action.Path(), "A forward action must have from 1 to 5 target groups")
			}
			return nil
		})},
		{Name: "a redirect to itself", Stage: AtApply, Code: "InvalidLoadBalancerAction", Broken: each(redirectLoop)},
		{Name: "an action that ends the request", Stage: AtApply, Code: "InvalidLoadBalancerAction", Broken: func(d *Draft) *Refusal {
			ending := 0
			for _, kind := range d.Each("defaultActions[].type") {
				if !strings.HasPrefix(kind.Text(), "authenticate-") {
					ending++
				}
			}
			if ending != 1 {
				return Refuse("defaultActions", "The default actions must have exactly one action of type forward, redirect or fixed-response")
			}
			return nil
		}},
	}
}

func redirectLoop(d *Draft, action Value) *Refusal {
	redirect := action.At("redirect")
	if !redirect.Exists() {
		return nil
	}
	samePort := redirect.At("port").Text() == "#{port}"
	sameProtocol := slices.Contains([]string{"#{protocol}", d.Text("protocol")}, redirect.At("protocol").Text())
	sameRest := redirect.At("host").Text() == "#{host}" && redirect.At("path").Text() == "/#{path}" && redirect.At("query").Text() == "#{query}"
	if samePort && sameProtocol && sameRest {
		return Refuse(redirect.Path(), "The redirect configuration is not valid because it creates a loop.")
	}
	return nil
}

// listenerTargets is every target group that the listener forwards to and that exists.
func listenerTargets(d *Draft) []*Thing {
	var groups []*Thing
	for _, path := range []string{"defaultActions[].targetGroupArn", "defaultActions[].forward.targetGroups[].arn"} {
		for _, arn := range d.Each(path) {
			if group := d.Find(TargetGroup, arn.Text()); group != nil {
				groups = append(groups, group)
			}
		}
	}
	return groups
}
