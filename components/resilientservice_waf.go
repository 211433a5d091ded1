package components

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The name of the rate limit among the rules, and the rule of the core rule set that refuses bodies above 8 KB
// (https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html).
const (
	rateRuleName  = "rate-limit"
	bodySizesRule = "SizeRestrictions_BODY"
)

// buildWAF builds the web ACL and puts it before the load balancer. Requests that no rule refuses are allowed.
func (s *ResilientService) buildWAF(ctx *pulumi.Context) error {
	if s.args.WAF == nil {
		return nil
	}
	name := s.name + "-waf"
	acl, err := wafv2.NewWebAcl(ctx, name, transformed(&wafv2.WebAclArgs{
		Description:   pulumi.String("Requests to service " + s.name),
		Scope:         pulumi.String("REGIONAL"),
		DefaultAction: &wafv2.WebAclDefaultActionArgs{Allow: &wafv2.WebAclDefaultActionAllowArgs{}},
		Rules:         s.args.WAF.rules(s.name),
		VisibilityConfig: &wafv2.WebAclVisibilityConfigArgs{
			CloudwatchMetricsEnabled: pulumi.Bool(true), SampledRequestsEnabled: pulumi.Bool(true), MetricName: pulumi.String(s.name),
		},
		Tags: tagsNamed(s.args.Tags, name),
	}, s.args.Transform.WebACL), pulumi.Parent(s))
	if err != nil {
		return err
	}
	association, err := wafv2.NewWebAclAssociation(ctx, name, &wafv2.WebAclAssociationArgs{
		WebAclArn: acl.Arn, ResourceArn: s.built.loadBalancer.Arn,
	}, pulumi.Parent(s),
		// A load balancer has one web ACL, and taking an old association away takes away whichever is there: the old one goes first
		// (https://github.com/pulumi/pulumi-aws/issues/4782).
		pulumi.DeleteBeforeReplace(true))
	// No instance answers, and no name leads here, before the rules hold.
	s.built.beforeLaunch, s.built.entry = append(s.built.beforeLaunch, association), append(s.built.entry, association)
	return err
}

// rules are the rate limit, which is cheapest to judge, and then the groups in the order given.
func (w *WAFArgs) rules(service string) wafv2.WebAclRuleArray {
	var rules wafv2.WebAclRuleArray
	if w.RateLimit > 0 {
		rules = append(rules, w.rateRule(service))
	}
	for _, group := range w.RuleGroups {
		rules = append(rules, w.groupRule(service, group, len(rules)))
	}
	return rules
}

func (w *WAFArgs) rateRule(service string) *wafv2.WebAclRuleArgs {
	action := &wafv2.WebAclRuleActionArgs{Block: &wafv2.WebAclRuleActionBlockArgs{}}
	if w.CountOnly {
		action = &wafv2.WebAclRuleActionArgs{Count: &wafv2.WebAclRuleActionCountArgs{}}
	}
	return &wafv2.WebAclRuleArgs{
		Name: pulumi.String(rateRuleName), Priority: pulumi.Int(0), Action: action,
		Statement: &wafv2.WebAclRuleStatementArgs{
			RateBasedStatement: &wafv2.WebAclRuleStatementRateBasedStatementArgs{
				AggregateKeyType: pulumi.String("IP"), Limit: pulumi.Int(w.RateLimit), EvaluationWindowSec: pulumi.Int(w.RateWindowSeconds),
			},
		},
		VisibilityConfig: ruleMetric(service, rateRuleName),
	}
}

func (w *WAFArgs) groupRule(service string, group ManagedRuleGroup, priority int) *wafv2.WebAclRuleArgs {
	override := &wafv2.WebAclRuleOverrideActionArgs{None: &wafv2.WebAclRuleOverrideActionNoneArgs{}}
	if w.CountOnly {
		override = &wafv2.WebAclRuleOverrideActionArgs{Count: &wafv2.WebAclRuleOverrideActionCountArgs{}}
	}
	statement := &wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs{
		VendorName: pulumi.String("AWS"), Name: pulumi.String(string(group)),
	}
	if group == CommonRuleSet && !w.LimitBodies {
		statement.RuleActionOverrides = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArray{
			&wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs{
				Name: pulumi.String(bodySizesRule),
				ActionToUse: &wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs{
					Count: &wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs{},
				},
			},
		}
	}
	return &wafv2.WebAclRuleArgs{
		Name: pulumi.String(string(group)), Priority: pulumi.Int(priority), OverrideAction: override,
		Statement:        &wafv2.WebAclRuleStatementArgs{ManagedRuleGroupStatement: statement},
		VisibilityConfig: ruleMetric(service, string(group)),
	}
}

// ruleMetric names the metric of a rule after the service and the rule, in the characters that a metric's name may have: letters, digits, - and _
// (https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html).
func ruleMetric(service, rule string) *wafv2.WebAclRuleVisibilityConfigArgs {
	return &wafv2.WebAclRuleVisibilityConfigArgs{
		CloudwatchMetricsEnabled: pulumi.Bool(true), SampledRequestsEnabled: pulumi.Bool(true),
		MetricName: pulumi.String(service + "-" + rule),
	}
}

func (w *WAFArgs) withDefaults() *WAFArgs {
	if w == nil {
		return nil
	}
	full := *w
	full.MaxCapacity = orDefault(w.MaxCapacity, includedCapacity)
	if w.RuleGroups == nil {
		full.RuleGroups = defaultRuleGroups()
	}
	full.RuleGroups = slices.Clone(full.RuleGroups)
	if w.RateLimit != 0 {
		full.RateWindowSeconds = orDefault(w.RateWindowSeconds, 300)
	}
	return &full
}
