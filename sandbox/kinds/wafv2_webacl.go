package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	// mostCapacity is the most web ACL capacity units (WCU) of one web ACL. Above 1,500 AWS charges more.
	// Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
	mostCapacity = 5000
	// rateCapacity is what a rate-based statement takes, and geoCapacity what a geographic match does.
	// Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html and
	// waf-rule-statement-type-geo-match.html beside it.
	rateCapacity, geoCapacity = 2, 1
)

// ruleGroups are the managed rule groups of AWS that need no configuration, with the capacity that each takes.
// Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html and the pages behind it.
var ruleGroups = map[string]int{
	"AWSManagedRulesCommonRuleSet": 700, "AWSManagedRulesAdminProtectionRuleSet": 100, "AWSManagedRulesKnownBadInputsRuleSet": 200,
	"AWSManagedRulesSQLiRuleSet": 200, "AWSManagedRulesLinuxRuleSet": 200, "AWSManagedRulesUnixRuleSet": 100,
	"AWSManagedRulesWindowsRuleSet": 200, "AWSManagedRulesPHPRuleSet": 100, "AWSManagedRulesWordPressRuleSet": 100,
	"AWSManagedRulesAmazonIpReputationList": 25, "AWSManagedRulesAnonymousIpList": 50,
}

// threatGroups are the managed rule groups of AWS that need a configuration and cost extra.
var threatGroups = []string{
	"AWSManagedRulesACFPRuleSet", "AWSManagedRulesATPRuleSet", "AWSManagedRulesBotControlRuleSet", "AWSManagedRulesAntiDDoSRuleSet",
}

// Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html and API_DeleteWebACL.html beside it.
var _ = register(&Kind{
	Token:    WebACL,
	Args:     wafv2.WebAclArgs{},
	Resource: &wafv2.WebAcl{},
	API:      API{Service: "WAFV2", Noun: "WAFv2 WebACL", Create: "CreateWebACL", Update: "UpdateWebACL", Delete: "DeleteWebACL"},
	Name:     &AutoName{Property: "name", Max: 128, Unless: []string{"namePrefix"}},
	Defaults: []Default{
		{Path: "rules[].statement.rateBasedStatement.aggregateKeyType", Value: Text("IP")},
		{Path: "rules[].statement.rateBasedStatement.evaluationWindowSec", Value: Number(300)},
	},
	Rules: slices.Concat(webACLShape(), webACLRules()),
	DeleteRules: []DeleteRule{
		{Name: "in use", Code: "WAFAssociatedItemException", Blocked: func(d *Draft) string {
			if len(d.UsedBy(WebACLAssociation, "webAclArn", d.Output("arn").Text())) == 0 {
				return ""
			}
			return "AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource."
		}},
	},
	Replaces: []string{"name", "namePrefix", "scope"},
	Sets:     []string{"rules"},
	ID:       func(d *Draft) string { return d.UUID("id") },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")), fixed("applicationIntegrationUrl", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("wafv2", "regional/webacl/"+d.Output("name").Text()+"/"+d.UUID("id")))
		}},
		{Name: "capacity", Value: func(d *Draft) resource.PropertyValue { return Number(webACLCapacity(d)) }},
		// AWS gives another one with every update; nothing but the provider itself uses it.
		{Name: "lockToken", Value: func(d *Draft) resource.PropertyValue { return Text(d.UUID("lock")) }},
	},
})

// webACLCapacity is the WCU of all rules.
func webACLCapacity(d *Draft) int {
	units := 0
	for _, statement := range d.Each("rules[].statement") {
		units += ruleGroups[statement.At("managedRuleGroupStatement.name").Text()]
		if statement.At("rateBasedStatement").Exists() {
			units += rateCapacity
		}
		if statement.At("geoMatchStatement").Exists() {
			units += geoCapacity
		}
	}
	return units
}
