package kinds

import (
	"regexp"
	"slices"
)

// wafName is what the provider takes for names of web ACLs and metrics.
var wafName = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

const (
	codeWAFParameter = "WAFInvalidParameterException"
	onlyWAFName      = "must contain only alphanumeric hyphen and underscore characters"
	exactlyOneValue  = "You have used none or multiple values for a field that requires exactly one value."
)

// anyOf refuses properties of things that the sandbox lacks, whatever is in them.
func anyOf(things string, paths ...string) func(d *Draft) *Refusal {
	return func(d *Draft) *Refusal {
		for _, path := range paths {
			for _, value := range d.Each(path) {
				return Refuse(value.Path(), "%s: the sandbox has no %s", value.Path(), things)
			}
		}
		return nil
	}
}

// webACLShape is what the provider refuses at plan time, and what the sandbox lacks.
func webACLShape() []Rule {
	var statements []string
	for _, kind := range []string{"and", "asnMatch", "byteMatch", "ipSetReference", "labelMatch", "not", "or", "regexMatch", "regexPatternSetReference",
		"ruleGroupReference", "sizeConstraint", "sqliMatch", "xssMatch"} {
		statements = append(statements, "rules[].statement."+kind+"Statement")
	}
	return []Rule{
		{Name: notInSandbox, Broken: anyOf("web ACLs with such settings", "associationConfig", "captchaConfig", "challengeConfig", "customResponseBodies[]",
			"dataProtectionConfig", "ruleJson", "tokenDomains[]", "rules[].captchaConfig", "rules[].challengeConfig",
			"rules[].statement.managedRuleGroupStatement.managedRuleGroupConfigs[]", "rules[].statement.managedRuleGroupStatement.scopeDownStatement",
			"rules[].statement.rateBasedStatement.customKeys[]", "rules[].statement.rateBasedStatement.scopeDownStatement",
			"rules[].statement.rateBasedStatement.forwardedIpConfig", "rules[].statement.geoMatchStatement.forwardedIpConfig")},
		{Name: "statements that the sandbox has", Broken: anyOf("rules with such statements", statements...)},
		{Name: "scope that the sandbox has", Broken: func(d *Draft) *Refusal {
			if d.Text("scope") == "CLOUDFRONT" {
				return Refuse("scope", "scope: the sandbox has no CloudFront distributions")
			}
			return nil
		}},
		{Name: "rule groups that the sandbox has", Broken: func(d *Draft) *Refusal {
			for _, name := range d.Each("rules[].statement.managedRuleGroupStatement.name") {
				if slices.Contains(threatGroups, name.Text()) {
					return Refuse(name.Path(), "%s: the sandbox has no managed rule groups that need a configuration, such as %s", name.Path(), name.Text())
				}
			}
			return nil
		}},
		OneOf("scope", "CLOUDFRONT", "REGIONAL"), LengthIn("description", 1, 256), Conflicting("name", "namePrefix"),
		LengthIn("name", 1, 128), Matching("name", wafName, onlyWAFName), LengthIn("rules[].name", 1, 128),
		LengthIn("visibilityConfig.metricName", 1, 128), Matching("visibilityConfig.metricName", wafName, onlyWAFName),
		LengthIn("rules[].visibilityConfig.metricName", 1, 128), Matching("rules[].visibilityConfig.metricName", wafName, onlyWAFName),
		InRange("rules[].statement.rateBasedStatement.limit", 10, 2000000000),
		NumberOneOf("rules[].statement.rateBasedStatement.evaluationWindowSec", 60, 120, 300, 600),
		OneOf("rules[].statement.rateBasedStatement.aggregateKeyType", "CONSTANT", "CUSTOM_KEYS", "FORWARDED_IP", "IP"),
	}
}

// wafRule is a rule of CreateWebACL and UpdateWebACL. The API answers most mistakes with one code, the reason and the field; the
// reasons below that nothing documents say what the API reference requires.
func wafRule(name, field, parameter string, problem func(d *Draft) string) Rule {
	return Rule{Name: name, Stage: AtApply, Code: codeWAFParameter, Broken: func(d *Draft) *Refusal {
		if reason := problem(d); reason != "" {
			return Refuse("", "Error reason: %s, field: %s, parameter: %s", reason, field, parameter)
		}
		return nil
	}}
}

// webACLRules are what AWS WAF refuses.
func webACLRules() []Rule {
	return append(append(webACLActions(), webACLStatements()...), webACLNames()...)
}

// webACLActions are about what a web ACL and its rules do.
func webACLActions() []Rule {
	return []Rule{
		wafRule("one default action", "DEFAULT_ACTION", "DefaultAction", func(d *Draft) string {
			if d.Has("defaultAction.allow") == d.Has("defaultAction.block") {
				return exactlyOneValue
			}
			return ""
		}),
		wafRule("one action", "RULE", "Rule", func(d *Draft) string {
			for _, rule := range d.Each("rules[]") {
				if rule.At("action").Exists() == rule.At("overrideAction").Exists() || len(rule.At("action").Keys())+len(rule.At("overrideAction").Keys()) != 1 {
					return exactlyOneValue
				}
			}
			return ""
		}),
		wafRule("an action that fits the statement", "RULE", "Statement", func(d *Draft) string {
			for _, rule := range d.Each("rules[]") {
				if rule.At("overrideAction").Exists() != rule.At("statement.managedRuleGroupStatement").Exists() {
					return "A reference in your rule statement is not valid."
				}
			}
			return ""
		}),
		// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html
		wafRule("no rate that allows", "RULE", "Action", func(d *Draft) string {
			for _, rule := range d.Each("rules[]") {
				if rule.At("statement.rateBasedStatement").Exists() && rule.At("action.allow").Exists() {
					return "A rate-based rule can have any action but Allow."
				}
			}
			return ""
		}),
	}
}

// webACLStatements are about what rules look for.
func webACLStatements() []Rule {
	return []Rule{
		wafRule("one statement", "STATEMENT", "Statement", func(d *Draft) string {
			for _, statement := range d.Each("rules[].statement") {
				if len(statement.Keys()) != 1 {
					return exactlyOneValue
				}
			}
			return ""
		}),
		wafRule("what is counted together", "RATE_BASED_STATEMENT", "AggregateKeyType", func(d *Draft) string {
			for _, key := range d.Each("rules[].statement.rateBasedStatement.aggregateKeyType") {
				if slices.Contains([]string{"CONSTANT", "CUSTOM_KEYS", "FORWARDED_IP"}, key.Text()) {
					return "The aggregate key type " + key.Text() + " needs a scope-down statement, custom keys or a forwarded IP configuration."
				}
			}
			return ""
		}),
		wafRule("managed rule group", "RULE_STATEMENT", "ManagedRuleGroupStatement", func(d *Draft) string {
			for _, group := range d.Each("rules[].statement.managedRuleGroupStatement") {
				name := group.At("name").Text()
				if _, known := ruleGroups[name]; name != "" && (!known && !slices.Contains(threatGroups, name) || group.At("vendorName").Text() != "AWS") {
					return "A reference in your rule statement is not valid."
				}
			}
			return ""
		}),
		{Name: "capacity", Stage: AtApply, Code: "WAFLimitsExceededException", Broken: func(d *Draft) *Refusal {
			if units := webACLCapacity(d); units > mostCapacity {
				return Refuse("rules", "AWS WAF couldn’t perform the operation because you exceeded your resource limit. (%d web ACL capacity units of %d)", units, mostCapacity)
			}
			return nil
		}},
	}
}

// webACLNames are about names and priorities.
func webACLNames() []Rule {
	return []Rule{
		// https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html, Priority, and API_WebACL.html, Rules.
		wafRule("a priority once", "RULE", "Priority", func(d *Draft) string { return repeated(d.Each("rules[].priority"), "priority") }),
		wafRule("a rule name once", "RULE", "Name", func(d *Draft) string { return repeated(d.Each("rules[].name"), "name") }),
		wafRule("no negative priority", "RULE", "Priority", func(d *Draft) string {
			for _, priority := range d.Each("rules[].priority") {
				if priority.Int() < 0 {
					return "The priority must not be negative."
				}
			}
			return ""
		}),
		// https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html, MetricName.
		wafRule("no reserved metric name", "METRIC_NAME", "MetricName", func(d *Draft) string {
			for _, name := range append(d.Each("visibilityConfig.metricName"), d.Each("rules[].visibilityConfig.metricName")...) {
				if name.Text() == "All" || name.Text() == "Default_Action" {
					return "The metric name " + name.Text() + " is reserved for AWS WAF."
				}
			}
			return ""
		}),
		{Name: "name taken", Stage: AtApply, Code: "WAFDuplicateItemException", When: OnCreate, Broken: func(d *Draft) *Refusal {
			if d.FindBy(WebACL, "name", d.Text("name")) == nil {
				return nil
			}
			return Refuse("name", "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.")
		}},
	}
}

// repeated says which value is there twice.
func repeated(values []Value, what string) string {
	seen := map[string]bool{}
	for _, value := range values {
		text := value.Property().String()
		if !value.Unknown() && seen[text] {
			return "The " + what + " must be unique within the web ACL."
		}
		seen[text] = true
	}
	return ""
}
