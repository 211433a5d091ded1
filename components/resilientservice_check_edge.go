package components

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The web ACL capacity that the basic price includes, and the most there is
// (https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html); what a rate limit takes of it
// (https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html); and how high it may be.
const (
	includedCapacity  = 1500
	maxCapacity       = 5000
	rateLimitCapacity = 2
	minRateLimit      = 10
	maxRateLimit      = 2_000_000_000
)

var (
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
	bucketSyntax = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// The characters that S3 calls safe: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
	prefixSyntax = regexp.MustCompile(`^[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*$`)
)

func rateWindows() []int { return []int{60, 120, 300, 600} }

// check holds a bucket's name against S3's rules where it is known already.
func (l *AccessLogsArgs) check(c *check.Checker) {
	if l == nil {
		return
	}
	if l.Bucket == nil {
		c.Missing("bucket", "logs are written to a bucket", "give the name of an S3 bucket in the load balancer's Region")
	}
	if name, known := l.Bucket.(pulumi.String); known && !bucketSyntax.MatchString(string(name)) {
		c.Fail("bucket", string(name), "is not the name of an S3 bucket", "give the name alone: 3 to 63 lower-case letters, digits, dots and hyphens")
	}
	switch {
	case strings.Contains(l.Prefix, "AWSLogs"):
		c.Fail("prefix", l.Prefix, "contains AWSLogs, which AWS puts after it", "leave that part out")
	case l.Prefix != "" && !prefixSyntax.MatchString(l.Prefix):
		c.Fail("prefix", l.Prefix, "must be letters, digits and !_.*'()- with single slashes between", "change it, or leave it out for the service's name")
	}
}

func (w *WAFArgs) check(c *check.Checker) {
	if w == nil {
		return
	}
	capacity := 0
	for index, group := range w.RuleGroups {
		path := fmt.Sprintf("ruleGroups[%d]", index)
		if limit := oneOf(group, ManagedRuleGroups()); limit != "" {
			c.Fail(path, string(group), limit, "choose one of AWS's groups")
		} else if first := slices.Index(w.RuleGroups, group); first != index {
			c.Fail(path, string(group), fmt.Sprintf("is ruleGroups[%d] too", first), "name each group once")
		}
		capacity += managedRuleCapacity[group]
	}
	w.checkRate(c)
	if w.RateLimit != 0 {
		capacity += rateLimitCapacity
	}
	if len(w.RuleGroups) == 0 && w.RateLimit == 0 {
		c.Missing("ruleGroups", "a web ACL without rules refuses nothing", "name groups, leave it out for the default, or state rateLimit")
	}
	if w.LimitBodies && !slices.Contains(w.RuleGroups, CommonRuleSet) {
		c.Fail("limitBodies", true, "is about a rule of "+string(CommonRuleSet)+", which is not among ruleGroups", "add the group, or remove limitBodies")
	}
	checkRange(c, "maxCapacity", w.MaxCapacity, includedCapacity, maxCapacity, "capacity units")
	if capacity > w.MaxCapacity {
		c.Fail("ruleGroups", capacity, fmt.Sprintf("capacity units are more than the %d that they may take", w.MaxCapacity),
			fmt.Sprintf("drop groups, or set maxCapacity to %d; above %d AWS charges more", capacity, includedCapacity))
	}
}

func (w *WAFArgs) checkRate(c *check.Checker) {
	switch {
	case w.RateLimit == 0 && w.RateWindowSeconds != 0:
		c.Fail("rateWindowSeconds", w.RateWindowSeconds, "has no effect without a rateLimit", "state rateLimit, or remove it")
	case w.RateLimit != 0:
		checkRange(c, "rateLimit", w.RateLimit, minRateLimit, maxRateLimit, "requests")
		if limit := oneOf(w.RateWindowSeconds, rateWindows()); limit != "" {
			c.Fail("rateWindowSeconds", w.RateWindowSeconds, limit, "choose one, or leave it out for 300")
		}
	}
}

// checkAccelerator refuses an accelerator that AWS does not offer or that no client could get through.
func (a ResilientServiceArgs) checkAccelerator(c *check.Checker) {
	if a.Accelerator == nil {
		return
	}
	if region := a.Placement.region(); region != "" && naming.Partition(region) != "aws" {
		c.Fail("accelerator", region, "is a Region to which Global Accelerator does not lead", "remove the accelerator")
	}
	switch {
	case a.OnlyGrantedCallers:
		c.Fail("onlyGrantedCallers", true, "contradicts an accelerator, whose clients come from outside", "remove one of the two")
	case len(a.ClientCIDRs) == 0 && a.Exposure != InternetFacing: // of which the same has been said
		c.Missing("clientCIDRs", "clients come through an accelerator with their own addresses", "list blocks; 0.0.0.0/0 is everybody")
	case len(a.ClientCIDRs) > 0 && !slices.ContainsFunc(a.ClientCIDRs, isPublic):
		c.Fail("clientCIDRs", a.ClientCIDRs, "are private addresses, with which nobody comes through an accelerator", "add the clients' public addresses")
	}
}

// isPublic is false for a block of private addresses. What is no block at all has failed as such.
func isPublic(block string) bool {
	prefix, err := netip.ParsePrefix(block)
	return err != nil || !prefix.Addr().IsPrivate()
}
