package kinds

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The sizes of a VPC's and of a subnet's IPv4 block: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
// and https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html.
const (
	widestVPC    = 16
	narrowestVPC = 28
)

var _ = register(&Kind{
	Token:    VPC,
	Args:     ec2.VpcArgs{},
	Resource: &ec2.Vpc{},
	API:      API{Service: "EC2", Noun: "EC2 VPC", Create: "CreateVpc", Update: "ModifyVpcAttribute", Delete: "DeleteVpc"},
	Defaults: []Default{
		{Path: "enableDnsSupport", Value: Flag(true)},
		{Path: "instanceTenancy", Value: Text("default")},
	},
	Rules: []Rule{
		lacking("IPAM pools", "ipv4IpamPoolId", "ipv4NetmaskLength", "ipv6IpamPoolId", "ipv6NetmaskLength", "ipv6CidrBlock"),
		OneOf("instanceTenancy", "default", "dedicated"),
		{Name: "size of the block", Broken: vpcBlockSize},
		{Name: "a block is given", Stage: AtApply, Code: codeMissingParameter, When: OnCreate, Broken: func(d *Draft) *Refusal {
			if d.Has("cidrBlock") {
				return nil
			}
			return Refuse("cidrBlock", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
		}},
		{Name: "host names need DNS support", Stage: AtApply, Code: codeInvalidCombination, Operation: "ModifyVpcAttribute",
			// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html, EnableDnsHostnames.
			Broken: func(d *Draft) *Refusal {
				if !d.Bool("enableDnsHostnames") || d.Bool("enableDnsSupport") {
					return nil
				}
				return Refuse("enableDnsHostnames", "You can only enable DNS hostnames if you've enabled DNS support.")
			}},
	},
	DeleteRules: []DeleteRule{
		{Name: "in use", Code: codeDependencyViolation, Blocked: func(d *Draft) string {
			for _, token := range []string{Subnet, InternetGateway, SecurityGroup, RouteTable, VPCEndpoint} {
				if len(d.UsedBy(token, "vpcId", d.ID())) > 0 {
					return dependent("vpc", d.ID())
				}
			}
			return ""
		}},
	},
	Replaces: []string{"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"},
	// A VPC can stop being dedicated but not become so.
	ReplacesWhen: func(d *Draft) []string {
		if d.Was("instanceTenancy").Text() == "dedicated" && d.Text("instanceTenancy") == "default" {
			return nil
		}
		return []string{"instanceTenancy"}
	},
	ID: ec2ID("vpc"),
	Computed: []Output{
		ec2ARN("vpc", "vpc"), ownerID(),
		ec2Made("defaultNetworkAclId", "acl"), ec2Made("defaultRouteTableId", "rtb"), ec2Made("defaultSecurityGroupId", "sg"),
		ec2Made("dhcpOptionsId", "dopt"),
		{Name: "mainRouteTableId", Value: func(d *Draft) resource.PropertyValue { return Text(d.Output("defaultRouteTableId").Text()) }},
		fixed("enableDnsHostnames", Flag(false)), fixed("enableNetworkAddressUsageMetrics", Flag(false)),
		{Name: "ipv6CidrBlock", Value: func(d *Draft) resource.PropertyValue {
			if !d.Bool("assignGeneratedIpv6CidrBlock") {
				return Text("")
			}
			// Documentation addresses, https://www.rfc-editor.org/rfc/rfc3849: they belong to nobody.
			return Text(fmt.Sprintf("2001:db8:%s:%s00::/56", d.Hex("ipv6 network", 4), d.Hex("ipv6 subnet", 2)))
		}},
		{Name: "ipv6AssociationId", Value: func(d *Draft) resource.PropertyValue {
			if !d.Bool("assignGeneratedIpv6CidrBlock") {
				return Text("")
			}
			return Text(d.EC2ID("vpc-cidr-assoc"))
		}},
		{Name: "ipv6CidrBlockNetworkBorderGroup", Value: func(d *Draft) resource.PropertyValue {
			if !d.Bool("assignGeneratedIpv6CidrBlock") {
				return Text("")
			}
			return Text(d.Region)
		}},
	},
})

func vpcBlockSize(d *Draft) *Refusal {
	value := d.At("cidrBlock")
	if !value.Exists() || value.Unknown() {
		return nil
	}
	given, err := netip.ParsePrefix(value.Text())
	if err == nil && given.Addr().Is4() && given == given.Masked() && given.Bits() >= widestVPC && given.Bits() <= narrowestVPC {
		return nil
	}
	return Refuse("cidrBlock", "expected cidrBlock to contain a valid network CIDR with significant bits between %d and %d, got: %s (AWS: InvalidVpc.Range)",
		widestVPC, narrowestVPC, value.Text())
}
