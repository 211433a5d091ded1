package kinds_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func metric(name string) In {
	return In{"cloudwatchMetricsEnabled": true, "sampledRequestsEnabled": true, "metricName": name}
}

func webACL(changes In) Draft {
	return plain(changed(In{"scope": "REGIONAL", "defaultAction": In{"allow": In{}}, "visibilityConfig": metric("web"),
		"rules": []any{rateRule(nil, nil), groupRule("AWSManagedRulesCommonRuleSet", nil)}}, changes))
}

func rateRule(statement, changes In) In {
	return changed(In{"name": "rate", "priority": 0, "action": In{"block": In{}}, "visibilityConfig": metric("web-rate"),
		"statement": In{"rateBasedStatement": changed(In{"limit": 2000}, statement)}}, changes)
}

func groupRule(name string, changes In) In {
	return changed(In{"name": name, "priority": 1, "overrideAction": In{"none": In{}}, "visibilityConfig": metric("web-group"),
		"statement": In{"managedRuleGroupStatement": In{"vendorName": "AWS", "name": name}}}, changes)
}

// ruled is a web ACL with other rules.
func ruled(rules ...any) Draft { return webACL(In{"rules": rules}) }

// manyGroups is a number of core rule sets, 700 capacity units each.
func manyGroups(number int) []any {
	var rules []any
	for index := range number {
		rules = append(rules, groupRule("AWSManagedRulesCommonRuleSet", In{"name": fmt.Sprintf("group-%d", index), "priority": index}))
	}
	return rules
}

var geoRule = rateRule(nil, In{"name": "geo", "priority": 5, "statement": In{"geoMatchStatement": In{"countryCodes": []any{"DE"}}}})

var _ = suite(kinds.WebACL, Suite{
	Valid: map[string]Draft{
		"plain": webACL(nil), "empty": ruled(), "blocking": webACL(In{"defaultAction": In{"block": In{}}}), "named": webACL(In{"name": "web"}),
		"by prefix": webACL(In{"namePrefix": "web-"}), "the lowest rate": ruled(rateRule(In{"limit": 10, "evaluationWindowSec": 60}, nil)),
		"the highest rate": ruled(rateRule(In{"limit": 2000000000}, nil)), "geographic": ruled(geoRule),
		"counting":   ruled(groupRule("AWSManagedRulesKnownBadInputsRuleSet", In{"overrideAction": In{"count": In{}}})),
		"4900 units": ruled(manyGroups(7)...),
		"beside one": func(lab *Lab) In {
			lab.Put(kinds.WebACL, "other", In{"name": "other"})
			return webACL(In{"name": "web"})(lab)
		},
		"overriding":  ruled(groupRule("AWSManagedRulesCommonRuleSet", In{"statement": In{"managedRuleGroupStatement": In{"vendorName": "AWS", "name": "AWSManagedRulesCommonRuleSet", "ruleActionOverrides": []any{In{"name": "SizeRestrictions_BODY", "actionToUse": In{"count": In{}}}}}}})),
		"without All": webACL(In{"visibilityConfig": metric("AllOfIt")}),
	},
	Refusals: []Refusal{
		{Rule: "only what the sandbox has", Draft: webACL(In{"tokenDomains": []any{"example.com"}}), Says: "tokenDomains[0]: the sandbox has no web ACLs with such settings"},
		{Rule: "statements that the sandbox has", Draft: ruled(rateRule(nil, In{"statement": In{"xssMatchStatement": In{"fieldToMatch": In{"method": In{}}, "textTransformations": []any{In{"priority": 0, "type": "NONE"}}}}})), Says: "rules[0].statement.xssMatchStatement: the sandbox has no rules with such statements"},
		{Rule: "scope that the sandbox has", Draft: webACL(In{"scope": "CLOUDFRONT"}), Says: "no CloudFront distributions"},
		{Rule: "rule groups that the sandbox has", Draft: ruled(groupRule("AWSManagedRulesBotControlRuleSet", nil)), Says: "such as AWSManagedRulesBotControlRuleSet"},
		{Rule: "values of scope", Draft: webACL(In{"scope": "GLOBAL"}), Says: "got GLOBAL"},
		{Rule: "length of description", Draft: webACL(In{"description": strings.Repeat("d", 257)}), Says: "(1 - 256)"},
		{Rule: "name conflicts with namePrefix", Draft: webACL(In{"name": "web", "namePrefix": "web-"}), Says: "conflicts with namePrefix"},
		{Rule: "length of name", Draft: webACL(In{"name": strings.Repeat("n", 129)}), Says: "(1 - 128)"},
		{Rule: "pattern of name", Draft: webACL(In{"name": "web acl"}), Says: "alphanumeric hyphen and underscore"},
		{Rule: "length of rules[].name", Draft: ruled(rateRule(nil, In{"name": strings.Repeat("n", 129)})), Says: "(1 - 128)"},
		{Rule: "length of visibilityConfig.metricName", Draft: webACL(In{"visibilityConfig": metric(strings.Repeat("n", 129))}), Says: "(1 - 128)"},
		{Rule: "pattern of visibilityConfig.metricName", Draft: webACL(In{"visibilityConfig": metric("web.acl")}), Says: "alphanumeric hyphen and underscore"},
		{Rule: "length of rules[].visibilityConfig.metricName", Draft: ruled(rateRule(nil, In{"visibilityConfig": metric(strings.Repeat("n", 129))})), Says: "(1 - 128)"},
		{Rule: "pattern of rules[].visibilityConfig.metricName", Draft: ruled(rateRule(nil, In{"visibilityConfig": metric("a b")})), Says: "alphanumeric hyphen and underscore"},
		{Rule: "range of rules[].statement.rateBasedStatement.limit", Draft: ruled(rateRule(In{"limit": 9}, nil)), Says: "(10 - 2000000000), got 9"},
		{Rule: "range of rules[].statement.rateBasedStatement.limit", Draft: ruled(rateRule(In{"limit": 2000000001}, nil)), Says: "(10 - 2000000000)"},
		{Rule: "values of rules[].statement.rateBasedStatement.evaluationWindowSec", Draft: ruled(rateRule(In{"evaluationWindowSec": 90}, nil)), Says: "got 90"},
		{Rule: "values of rules[].statement.rateBasedStatement.aggregateKeyType", Draft: ruled(rateRule(In{"aggregateKeyType": "ip"}, nil)), Says: "got ip"},
		{Rule: "one default action", Draft: webACL(In{"defaultAction": In{}}), Says: "CreateWebACL, api error WAFInvalidParameterException: Error reason: You have used none or multiple values for a field that requires exactly one value., field: DEFAULT_ACTION"},
		{Rule: "one default action", Draft: webACL(In{"defaultAction": In{"allow": In{}, "block": In{}}}), Says: "DEFAULT_ACTION"},
		{Rule: "one statement", Draft: ruled(rateRule(nil, In{"statement": In{}})), Says: "field: STATEMENT"},
		{Rule: "one action", Draft: ruled(rateRule(nil, In{"action": nil})), Says: "field: RULE, parameter: Rule"},
		{Rule: "one action", Draft: ruled(rateRule(nil, In{"action": In{"block": In{}, "count": In{}}})), Says: "field: RULE, parameter: Rule"},
		{Rule: "an action that fits the statement", Draft: ruled(groupRule("AWSManagedRulesCommonRuleSet", In{"overrideAction": nil, "action": In{"block": In{}}})), Says: "A reference in your rule statement is not valid., field: RULE, parameter: Statement"},
		{Rule: "no rate that allows", Draft: ruled(rateRule(nil, In{"action": In{"allow": In{}}})), Says: "any action but Allow"},
		{Rule: "what is counted together", Draft: ruled(rateRule(In{"aggregateKeyType": "CONSTANT"}, nil)), Says: "aggregate key type CONSTANT needs"},
		{Rule: "a priority once", Draft: ruled(rateRule(nil, nil), groupRule("AWSManagedRulesCommonRuleSet", In{"priority": 0})), Says: "The priority must be unique within the web ACL."},
		{Rule: "a rule name once", Draft: ruled(rateRule(nil, nil), rateRule(nil, In{"priority": 7})), Says: "The name must be unique within the web ACL."},
		{Rule: "no negative priority", Draft: ruled(rateRule(nil, In{"priority": -1})), Says: "must not be negative"},
		{Rule: "no reserved metric name", Draft: webACL(In{"visibilityConfig": metric("All")}), Says: "The metric name All is reserved"},
		{Rule: "no reserved metric name", Draft: ruled(rateRule(nil, In{"visibilityConfig": metric("Default_Action")})), Says: "Default_Action is reserved"},
		{Rule: "managed rule group", Draft: ruled(groupRule("AWSManagedRulesCoreRuleSet", nil)), Says: "A reference in your rule statement is not valid., field: RULE_STATEMENT"},
		{Rule: "managed rule group", Draft: ruled(groupRule("AWSManagedRulesCommonRuleSet", In{"statement": In{"managedRuleGroupStatement": In{"vendorName": "Acme", "name": "AWSManagedRulesCommonRuleSet"}}})), Says: "field: RULE_STATEMENT"},
		{Rule: "capacity", Draft: ruled(manyGroups(8)...), Says: "WAFLimitsExceededException: AWS WAF couldn’t perform the operation because you exceeded your resource limit. (5600 web ACL capacity units of 5000)"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.WebACL, "other", In{"name": "web"})
			return webACL(In{"name": "web"})(lab)
		}, Says: "WAFDuplicateItemException"},
		{Rule: "in use", Draft: webACL(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.WebACLAssociation, "a", In{"webAclArn": made.Text("arn")})
		}, Says: "DeleteWebACL, api error WAFAssociatedItemException: AWS WAF couldn’t perform the operation because your resource is being used"},
	},
	Replaces: []Change{{Path: "name", Before: webACL(In{"name": "web"}), After: webACL(In{"name": "new"})}},
	Updates: []Change{
		{Path: "rules", Before: webACL(In{"rules": nil}), After: webACL(nil)},
		{Path: "description", Before: webACL(nil), After: webACL(In{"description": "web"})},
	},
})

const aclARN = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/web/12345678-1234-1234-1234-123456789012"

func association(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.LoadBalancer, balancerARN, In{"vpcId": "vpc-1"})
		lab.Put(kinds.WebACL, "1", In{"arn": aclARN})
		lab.Put(kinds.WebACL, "2", In{"arn": aclARN + "2"})
		return changed(In{"webAclArn": aclARN, "resourceArn": balancerARN}, changes)
	}
}

var _ = suite(kinds.WebACLAssociation, Suite{
	Valid: map[string]Draft{"plain": association(nil), "beside another's": func(lab *Lab) In {
		lab.Put(kinds.WebACLAssociation, "other", In{"webAclArn": aclARN, "resourceArn": "arn:other"})
		return association(nil)(lab)
	}},
	Refusals: []Refusal{
		{Rule: "reference webAclArn", Draft: association(In{"webAclArn": aclARN + "3"}), Says: "AssociateWebACL, api error WAFNonexistentItemException: AWS WAF couldn’t perform the operation because your resource doesn’t exist. (" + aclARN + "3)"},
		{Rule: "reference webAclArn", Draft: func(lab *Lab) In {
			lab.In("eu-west-1").Put(kinds.WebACL, "3", In{"arn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/web/3"})
			return association(In{"webAclArn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/web/3"})(lab)
		}, Says: "WAFNonexistentItemException"},
		{Rule: "reference resourceArn", Draft: association(In{"resourceArn": balancerARN + "0"}), Says: "WAFNonexistentItemException"},
		{Rule: "ARN in webAclArn", Draft: func(lab *Lab) In {
			lab.Put(kinds.WebACL, "w", In{"arn": "web"})
			return association(In{"webAclArn": "web"})(lab)
		}, Says: `"webAclArn" (web) is an invalid ARN`},
		{Rule: "ARN in resourceArn", Draft: association(In{"resourceArn": "web"}), Says: `"resourceArn" (web) is an invalid ARN`},
		{Rule: "only what the sandbox has", Draft: association(In{"resourceArn": "arn:aws:apigateway:eu-central-1::/restapis/a/stages/b"}), Says: "web ACLs of Application Load Balancers only"},
		{Rule: "one web ACL a load balancer", Draft: func(lab *Lab) In {
			lab.Put(kinds.WebACLAssociation, "other", In{"webAclArn": aclARN + "2", "resourceArn": balancerARN})
			return association(nil)(lab)
		}, Says: "creating WAFv2 WebACL Association: " + balancerARN + " has the web ACL " + aclARN + "2 already"},
	},
	Replaces: []Change{{Path: "webAclArn", Before: association(nil), After: association(In{"webAclArn": aclARN + "2"})}},
})

func TestAWebACLKnowsTheCapacityOfItsRules(t *testing.T) {
	for units, draft := range map[int]Draft{0: ruled(), 702: webACL(nil), 1: ruled(geoRule), 975: ruled(rateRule(nil, nil),
		groupRule("AWSManagedRulesAmazonIpReputationList", In{"priority": 2}), groupRule("AWSManagedRulesCommonRuleSet", nil),
		groupRule("AWSManagedRulesKnownBadInputsRuleSet", In{"priority": 3}), groupRule("AWSManagedRulesAnonymousIpList", In{"priority": 4}))} {
		acl := made(t, kinds.WebACL, draft)
		if units == 975 {
			units += rateUnits
		}
		require.Equal(t, units, acl.At("capacity").Int())
		require.Regexp(t, `^arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/web-[0-9a-f]{7}/`+acl.ID+`$`, acl.Text("arn"))
	}
}

// rateUnits is what a rate-based rule takes.
const rateUnits = 2
