package components

// ManagedRuleGroup is the name of one of AWS's managed rule groups for AWS WAF. Without a stated version a group follows the one
// that AWS recommends: what it refuses can change without a deploy
// (https://docs.aws.amazon.com/waf/latest/developerguide/waf-managed-rule-groups-versioning.html).
type ManagedRuleGroup string

// The managed rule groups. Names and capacities:
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
const (
	// AmazonIPReputation refuses addresses that Amazon knows for bots and reconnaissance.
	AmazonIPReputation ManagedRuleGroup = "AWSManagedRulesAmazonIpReputationList"
	// CommonRuleSet refuses what is common in attacks on web applications: the core rule set.
	CommonRuleSet ManagedRuleGroup = "AWSManagedRulesCommonRuleSet"
	// KnownBadInputs refuses patterns of known exploits, such as Log4j's.
	KnownBadInputs ManagedRuleGroup = "AWSManagedRulesKnownBadInputsRuleSet"
	// AnonymousIP refuses VPNs, proxies, Tor and hosting providers, other services of yours on AWS among them.
	AnonymousIP ManagedRuleGroup = "AWSManagedRulesAnonymousIpList"
	// AdminProtection refuses paths that administration pages commonly have.
	AdminProtection ManagedRuleGroup = "AWSManagedRulesAdminProtectionRuleSet"
	// SQLInjection is for services in front of an SQL database.
	SQLInjection ManagedRuleGroup = "AWSManagedRulesSQLiRuleSet"
	// LinuxRules is for file inclusion on Linux. AWS asks for UnixRules beside it.
	LinuxRules ManagedRuleGroup = "AWSManagedRulesLinuxRuleSet"
	// UnixRules is for shells of POSIX systems.
	UnixRules ManagedRuleGroup = "AWSManagedRulesUnixRuleSet"
	// PHPRules is for applications in PHP.
	PHPRules ManagedRuleGroup = "AWSManagedRulesPHPRuleSet"
	// WordPressRules is for WordPress. AWS asks for SQLInjection and PHPRules beside it.
	WordPressRules ManagedRuleGroup = "AWSManagedRulesWordPressRuleSet"
)

// managedRuleCapacity is what each group takes of a web ACL's capacity.
var managedRuleCapacity = map[ManagedRuleGroup]int{
	AmazonIPReputation: 25, CommonRuleSet: 700, KnownBadInputs: 200, AnonymousIP: 50, AdminProtection: 100,
	SQLInjection: 200, LinuxRules: 200, UnixRules: 100, PHPRules: 100, WordPressRules: 100,
}

// ManagedRuleGroups lists every ManagedRuleGroup, the defaults first.
func ManagedRuleGroups() []ManagedRuleGroup {
	return []ManagedRuleGroup{
		AmazonIPReputation, CommonRuleSet, KnownBadInputs, AnonymousIP, AdminProtection,
		SQLInjection, LinuxRules, UnixRules, PHPRules, WordPressRules,
	}
}

// defaultRuleGroups are those of the web ACL that AWS itself makes for a load balancer.
func defaultRuleGroups() []ManagedRuleGroup {
	return []ManagedRuleGroup{AmazonIPReputation, CommonRuleSet, KnownBadInputs}
}
