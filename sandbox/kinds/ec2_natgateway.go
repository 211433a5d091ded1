package kinds

import (
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func toAllocation(path string) Reference {
	return Reference{Path: path, To: []string{EIP}, Code: "InvalidAllocationID.NotFound", Message: "The allocation ID '%s' does not exist"}
}

// A public NAT gateway whose VPC has no internet gateway fails at AWS some minutes after its creation
// (Gateway.NotAttached). No rule refuses it here: programs, and awsx among them, make both at the same time, and in the
// sandbox there are no minutes in between.
var _ = register(&Kind{
	Token:      NATGateway,
	Args:       ec2.NatGatewayArgs{},
	Resource:   &ec2.NatGateway{},
	API:        API{Service: "EC2", Noun: "EC2 NAT Gateway", Create: "CreateNatGateway", Update: "AssociateNatGatewayAddress", Delete: "DeleteNatGateway"},
	Defaults:   []Default{{Path: "connectivityType", Value: Text("public")}},
	References: []Reference{toSubnet("subnetId"), toAllocation("allocationId"), toAllocation("secondaryAllocationIds[]")},
	Rules: []Rule{
		OneOf("connectivityType", "public", "private"),
		Conflicting("secondaryPrivateIpAddressCount", "secondaryPrivateIpAddresses"),
		{Name: "no addresses of the internet for private ones", Broken: func(d *Draft) *Refusal {
			for _, path := range []string{"allocationId", "secondaryAllocationIds"} {
				if d.Text("connectivityType") == "private" && d.Has(path) {
					return Refuse(path, "%s is not supported with connectivityType = \"private\"", path)
				}
			}
			return nil
		}},
		{Name: "no count of addresses for public ones", Broken: func(d *Draft) *Refusal {
			if d.Text("connectivityType") != "public" || !d.Has("secondaryPrivateIpAddressCount") {
				return nil
			}
			return Refuse("secondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount is not supported with connectivityType = \"public\"")
		}},
		{Name: "an address for public ones", Stage: AtApply, Code: codeMissingParameter, Broken: func(d *Draft) *Refusal {
			if d.Text("connectivityType") != "public" || d.Has("allocationId") {
				return nil
			}
			return Refuse("allocationId", "The request must include the AllocationId parameter. Add the required parameter and retry the request.")
		}},
		{Name: "an address of its own", Stage: AtApply, Code: codeAlreadyAssociated, Broken: func(d *Draft) *Refusal {
			for _, allocation := range append(d.Each("allocationId"), d.Each("secondaryAllocationIds[]")...) {
				id := allocation.Text()
				if len(d.UsedBy(NATGateway, "allocationId", id))+len(d.UsedBy(NATGateway, "secondaryAllocationIds[]", id)) > 0 {
					return Refuse(allocation.Path(), "Elastic IP address [%s] is already associated", id)
				}
			}
			return nil
		}},
		{Name: "private address in the subnet", Stage: AtApply, Code: codeInvalidValue, When: OnCreate, Broken: func(d *Draft) *Refusal {
			subnet := d.Find(Subnet, d.Text("subnetId"))
			for _, value := range append(d.Each("privateIp"), d.Each("secondaryPrivateIpAddresses[]")...) {
				address, err := netip.ParseAddr(value.Text())
				if subnet != nil && (err != nil || !block(subnet.Text("cidrBlock")).Contains(address)) {
					return Refuse(value.Path(), "Address %s does not fall within the subnet's address range", value.Text())
				}
			}
			return nil
		}},
	},
	DeleteRules: nil, // AWS lets a NAT gateway go while routes point at it: they become blackholes.
	Replaces:    []string{"allocationId", "connectivityType", "privateIp", "subnetId", "secondaryPrivateIpAddressCount"},
	Sets:        []string{"secondaryAllocationIds", "secondaryPrivateIpAddresses"},
	ID:          ec2ID("nat"),
	Computed: []Output{
		ec2Made("networkInterfaceId", "eni"),
		{Name: "associationId", Value: func(d *Draft) resource.PropertyValue {
			if !d.Has("allocationId") {
				return Text("")
			}
			return Text(d.EC2ID("eipassoc"))
		}},
		{Name: "privateIp", Value: func(d *Draft) resource.PropertyValue {
			subnet := d.Find(Subnet, d.Text("subnetId"))
			if subnet == nil {
				return Text("")
			}
			return Text(addressIn(block(subnet.Text("cidrBlock")), d.Octet("privateIp")*256+d.Octet("privateIp low")))
		}},
		{Name: "publicIp", Value: func(d *Draft) resource.PropertyValue {
			address := d.Find(EIP, d.Text("allocationId"))
			if address == nil {
				return Text("")
			}
			return Text(address.Text("publicIp"))
		}},
		fixed("secondaryAllocationIds", List()), fixed("secondaryPrivateIpAddresses", List()),
		{Name: "secondaryPrivateIpAddressCount", Value: func(d *Draft) resource.PropertyValue {
			return Number(max(len(d.Texts("secondaryPrivateIpAddresses")), len(d.Texts("secondaryAllocationIds"))))
		}},
	},
})
