package kinds

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var _ = register(&Kind{
	Token:    EIP,
	Args:     ec2.EipArgs{},
	Resource: &ec2.Eip{},
	API:      API{Service: "EC2", Noun: "EC2 EIP", Create: "AllocateAddress", Update: "AssociateAddress", Delete: "ReleaseAddress"},
	Rules: []Rule{
		lacking("addresses of your own, and no single instances or network interfaces", "address", "associateWithPrivateIp",
			"customerOwnedIpv4Pool", "instance", "ipamPoolId", "networkInterface", "publicIpv4Pool"),
		// The other value, standard, was for EC2-Classic, which is gone.
		OneOf("domain", "vpc"),
		Conflicting("domain", "vpc"),
		{Name: "border group of the Region", Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			if group := d.Text("networkBorderGroup"); group != "" && group != d.Region {
				return Refuse("networkBorderGroup", "Value (%s) for parameter networkBorderGroup is invalid.", group)
			}
			return nil
		}},
	},
	DeleteRules: []DeleteRule{
		{Name: "in use", Code: "InvalidIPAddress.InUse", Blocked: func(d *Draft) string {
			if len(d.UsedBy(NATGateway, "allocationId", d.ID()))+len(d.UsedBy(NATGateway, "secondaryAllocationIds[]", d.ID())) == 0 {
				return ""
			}
			return fmt.Sprintf("The address with allocation id [%s] is in use. Disassociate it first.", d.ID())
		}},
	},
	Replaces: []string{"address", "customerOwnedIpv4Pool", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool", "vpc"},
	ID:       ec2ID("eipalloc"),
	Computed: []Output{
		ec2ARN("elastic-ip", "eipalloc"),
		{Name: "allocationId", Value: func(d *Draft) resource.PropertyValue { return Text(d.EC2ID("eipalloc")) }},
		{Name: "publicIp", Value: func(d *Draft) resource.PropertyValue { return Text(publicAddress(d)) }},
		{Name: "publicDns", Value: func(d *Draft) resource.PropertyValue {
			return Text(fmt.Sprintf("ec2-%s.%s.%s", strings.ReplaceAll(publicAddress(d), ".", "-"), computeDomain(d), d.DNSSuffix()))
		}},
		{Name: "networkBorderGroup", Value: func(d *Draft) resource.PropertyValue { return Text(d.Region) }},
		fixed("domain", Text("vpc")), fixed("vpc", Flag(true)), fixed("publicIpv4Pool", Text("amazon")),
		fixed("associationId", Text("")), fixed("carrierIp", Text("")), fixed("customerOwnedIp", Text("")),
		fixed("instance", Text("")), fixed("ipamPoolId", Text("")), fixed("networkInterface", Text("")),
		fixed("privateDns", Text("")), fixed("privateIp", Text("")), fixed("ptrRecord", Text("")),
	},
})

// publicAddress is an address of 198.18.0.0/15, which is for benchmarks and belongs to nobody
// (https://www.rfc-editor.org/rfc/rfc2544): an address of AWS's would be somebody's.
func publicAddress(d *Draft) string {
	return fmt.Sprintf("198.%d.%d.%d", 18+d.Octet("net")%2, d.Octet("third"), d.Octet("fourth"))
}

// computeDomain is the middle of public host names; us-east-1 is older than the rule.
func computeDomain(d *Draft) string {
	if d.Region == "us-east-1" {
		return "compute-1"
	}
	return d.Region + ".compute"
}
