package components

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/zones"
)

// A security group has room for 60 rules in each direction by default
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups). Each client block takes
// one for each of up to two listeners, and callers that are granted need some too.
const maxClientCIDRs = 20

const sshPort = 22

var pathSyntax = regexp.MustCompile(`^/[\x21-\x7e]*$`)

// check holds the health check against https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html.
func (h HealthCheckArgs) check(c *check.Checker) {
	if len(h.Path) > 1024 || !pathSyntax.MatchString(h.Path) {
		c.Fail("path", h.Path, "must begin with / and be at most 1024 printable characters", "give a path such as /healthz")
	}
	checkRange(c, "interval", h.Interval, 5, 300, "s")
	checkRange(c, "timeout", h.Timeout, 2, 120, "s")
	if h.Timeout >= h.Interval {
		c.Fail("timeout", h.Timeout, fmt.Sprintf("must be shorter than the interval of %d s", h.Interval), fmt.Sprintf("lower it to %d or less", h.Interval-1))
	}
	checkRange(c, "healthyThreshold", h.HealthyThreshold, 2, 10, "checks")
	checkRange(c, "unhealthyThreshold", h.UnhealthyThreshold, 2, 10, "checks")
	for _, part := range strings.Split(h.Matcher, ",") {
		if !isStatusRange(part) {
			c.Fail("matcher", h.Matcher, "must be HTTP status codes from 200 to 499", "give codes such as 200,204 or ranges such as 200-299")
			break
		}
	}
}

func isStatusRange(text string) bool {
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	from, errFrom := strconv.Atoi(low)
	to, errTo := strconv.Atoi(high)
	return errFrom == nil && errTo == nil && len(low) == 3 && len(high) == 3 && from >= 200 && from <= to && to <= 499
}

func (a ResilientServiceArgs) checkTraffic(c *check.Checker) {
	checkRange(c, "port", a.Port, 1, 65535, "as a TCP port")
	if a.Port == sshPort {
		c.Fail("port", a.Port, "is where sshd listens on the host, whose network the container shares", "choose another port, such as 8080")
	}
	checkRange(c, "drainSeconds", a.DrainSeconds, 1, 3600, "s")
	checkRange(c, "keepAliveSeconds", a.KeepAliveSeconds, 60, 604800, "s")
	checkRange(c, "idleSeconds", a.IdleSeconds, 1, 4000, "s")
	zoneCount := len(a.Placement.Zones)
	if zoneCount < zones.MinZones {
		return // the zones have failed already, and without them there is no ceiling
	}
	if a.FailOpenPercent < 1 || a.FailOpenPercent*zoneCount >= 100*(zoneCount-1) {
		c.Fail("failOpenPercent", a.FailOpenPercent,
			fmt.Sprintf("must be at least 1 and below the %d %% of the fleet that are left when one of %d zones is lost", failOpenCeiling(zoneCount), zoneCount),
			fmt.Sprintf("lower it, or leave it out for %d", failOpenCeiling(zoneCount)/2))
	}
}

func (a ResilientServiceArgs) checkClients(c *check.Checker) {
	if limit := oneOf(a.Exposure, Exposures()); limit != "" {
		c.Fail("exposure", string(a.Exposure), limit, "choose one, or leave it out for internal")
	}
	if a.Exposure == InternetFacing {
		if len(a.ClientCIDRs) == 0 {
			c.Missing("clientCIDRs", "an internet-facing service states whom it admits", "list blocks; 0.0.0.0/0 is everybody")
		}
		if a.Placement.PublicSubnetIDs == nil {
			c.Missing("placement.publicSubnetIDs", "an internet-facing load balancer needs public subnets", "give one for each zone")
		}
	}
	if a.OnlyGrantedCallers && len(a.ClientCIDRs) > 0 {
		c.Fail("clientCIDRs", a.ClientCIDRs, "contradict onlyGrantedCallers, which admits no block", "keep one of the two")
	}
	if len(a.ClientCIDRs) > maxClientCIDRs {
		c.Fail("clientCIDRs", len(a.ClientCIDRs), fmt.Sprintf("blocks are more than %d, beyond which a security group runs out of rules", maxClientCIDRs), "merge blocks")
	}
	checkBlocks(c, "clientCIDRs", a.ClientCIDRs)
}

// checkBlocks holds a list of IPv4 blocks against CIDR notation and against each other: of two that overlap, one has no effect.
func checkBlocks(c *check.Checker, path string, blocks []string) {
	var earlier []netip.Prefix
	for index, block := range blocks {
		at := fmt.Sprintf("%s[%d]", path, index)
		prefix, ok := checkBlock(c, at, block)
		if !ok {
			continue
		}
		for _, other := range earlier {
			if other.Overlaps(prefix) {
				c.Fail(at, block, fmt.Sprintf("overlaps %s", other), "keep the wider of the two")
				break
			}
		}
		earlier = append(earlier, prefix)
	}
}

func checkBlock(c *check.Checker, path, block string) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(block)
	switch {
	case err != nil || !prefix.Addr().Is4():
		c.Fail(path, block, "is not an IPv4 block in CIDR notation", "give a block such as 10.20.0.0/16")
	case prefix.Masked() != prefix:
		c.Fail(path, block, "has host bits set", "give "+prefix.Masked().String())
	default:
		return prefix, true
	}
	return netip.Prefix{}, false
}
