package components

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// maxEgress leaves room in the instances' security group for the endpoints and for grants: it holds 60 rules by default
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups).
const maxEgress = 30

func (a ResilientServiceArgs) checkEgress(c *check.Checker) {
	if len(a.Egress) > maxEgress {
		c.Fail("egress", len(a.Egress), fmt.Sprintf("destinations are more than %d, beyond which a security group runs out of rules", maxEgress), "merge blocks")
	}
	first := map[string]int{}
	for index, egress := range a.Egress {
		at := c.At(fmt.Sprintf("egress[%d]", index))
		a.checkDestination(at, egress.CIDR)
		checkRange(at, "port", egress.Port, 1, 65535, "as a port")
		if limit := oneOf(egress.Protocol, Protocols()); limit != "" {
			at.Fail("protocol", string(egress.Protocol), limit, "choose one, or leave it out for tcp")
		}
		if !isDescription(egress.Description) {
			at.Fail("description", egress.Description, "must be 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*", "say why in plain characters")
		}
		key := egress.key()
		if earlier, taken := first[key]; taken {
			at.Fail("", egress.CIDR, fmt.Sprintf("is egress[%d] too", earlier), "list each destination once")
			continue
		}
		first[key] = index
	}
}

// What the description of a security group rule may hold:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html.
var descriptionSyntax = regexp.MustCompile(`^[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

func isDescription(text string) bool { return descriptionSyntax.MatchString(text) }

// checkDestination refuses what lies outside the VPC while nothing leads there.
func (a ResilientServiceArgs) checkDestination(c *check.Checker, block string) {
	if _, ok := checkBlock(c, "cidr", block); ok && a.Placement.NAT == NATNone && IsInternetEgress(block, a.Placement.VPCCIDR) {
		c.Fail("cidr", block, fmt.Sprintf("is outside the VPC (%s), and its private subnets have no way out", a.Placement.VPCCIDR),
			fmt.Sprintf("give the network NAT (%s, or %s in development), or remove the destination", NATPerZone, NATSingle))
	}
}

// IsInternetEgress says whether block reaches beyond the VPC whose block is vpcCIDR, so that the network needs NAT. What is no
// block reaches nowhere.
func IsInternetEgress(block, vpcCIDR string) bool {
	destination, err := netip.ParsePrefix(block)
	vpc, errVPC := netip.ParsePrefix(vpcCIDR)
	return err == nil && errVPC == nil && (destination.Bits() < vpc.Bits() || !vpc.Contains(destination.Addr()))
}

// checkRegistry refuses an image that no instance can reach: a registry other than Amazon ECR has no endpoint.
func (a ResilientServiceArgs) checkRegistry(c *check.Checker, path string, image naming.Image) {
	port := httpsPort
	if _, stated, found := strings.Cut(image.Registry, ":"); found {
		port, _ = strconv.Atoi(stated)
	}
	for _, egress := range a.Egress {
		if egress.Protocol == TCP && egress.Port == port {
			return
		}
	}
	c.Fail(path, image.String(), fmt.Sprintf("is at a registry that no endpoint leads to, and egress has no destination with port %d", port),
		"copy the image to Amazon ECR, or add the registry to egress")
}
