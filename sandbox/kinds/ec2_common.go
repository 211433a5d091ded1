package kinds

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The EC2 error codes that several types share, from
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
const (
	codeDependencyViolation = "DependencyViolation"
	codeInvalidParameter    = "InvalidParameter"
	codeInvalidValue        = "InvalidParameterValue"
	codeInvalidCombination  = "InvalidParameterCombination"
	codeMissingParameter    = "MissingParameter"
	codeGroupNotFound       = "InvalidGroup.NotFound"
	codeAlreadyAssociated   = "Resource.AlreadyAssociated"
)

// refusing what the sandbox lacks is better than accepting a reference to it that nothing can check.
const notInSandbox = "only what the sandbox has"

// lacking refuses properties that point at things of which the sandbox has no kind, such as transit gateways.
func lacking(things string, paths ...string) Rule {
	return Rule{Name: notInSandbox, Broken: func(d *Draft) *Refusal {
		for _, path := range paths {
			for _, value := range d.Each(path) {
				if value.Unknown() || value.Text() != "" || value.Property().IsNumber() || value.Bool() {
					return Refuse(value.Path(), "%s: the sandbox has no %s", value.Path(), things)
				}
			}
		}
		return nil
	}}
}

func toVPC(path string) Reference {
	return Reference{Path: path, To: []string{VPC}, Code: "InvalidVpcID.NotFound", Message: "The vpc ID '%s' does not exist"}
}

func toSubnet(path string) Reference {
	return Reference{Path: path, To: []string{Subnet}, Code: "InvalidSubnetID.NotFound", Message: "The subnet ID '%s' does not exist"}
}

func toRouteTable(path string) Reference {
	return Reference{Path: path, To: []string{RouteTable}, Code: "InvalidRouteTableID.NotFound", Message: "The routeTable ID '%s' does not exist"}
}

func toSecurityGroup(path string) Reference {
	return Reference{Path: path, To: []string{SecurityGroup, DefaultSecurityGroup}, Code: codeGroupNotFound, Message: "The security group '%s' does not exist"}
}

func toInternetGateway(path string) Reference {
	return Reference{Path: path, To: []string{InternetGateway}, Code: "InvalidInternetGatewayID.NotFound", Message: "The internetGateway ID '%s' does not exist"}
}

func toNATGateway(path string) Reference {
	return Reference{Path: path, To: []string{NATGateway}, Code: "InvalidNatGatewayID.NotFound", Message: "The natGateway ID '%s' does not exist"}
}

// securityGroup is a group by id, whether a program made it or adopted a VPC's default one.
func securityGroup(d *Draft, id string) *Thing {
	if group := d.Find(SecurityGroup, id); group != nil {
		return group
	}
	return d.Find(DefaultSecurityGroup, id)
}

// ec2ID is the id of an EC2 resource: prefix-0 and sixteen hexadecimal characters.
func ec2ID(prefix string) func(d *Draft) string {
	return func(d *Draft) string { return d.EC2ID(prefix) }
}

// ec2ARN is the arn output of an EC2 resource: arn:aws:ec2:REGION:ACCOUNT:noun/prefix-ID.
func ec2ARN(noun, prefix string) Output {
	return Output{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
		return Text(d.ARN("ec2", noun+"/"+d.EC2ID(prefix)))
	}}
}

// ownerID is the account.
func ownerID() Output {
	return Output{Name: "ownerId", Value: func(d *Draft) resource.PropertyValue { return Text(d.Account) }}
}

// fixed is an output that is always the same when the program does not set the input of that name.
func fixed(name string, value resource.PropertyValue) Output {
	return Output{Name: name, Value: func(*Draft) resource.PropertyValue { return value }}
}

// ec2Made is an output that is an id of something that AWS makes beside the resource, such as a network interface.
func ec2Made(name, prefix string) Output {
	return Output{Name: name, Value: func(d *Draft) resource.PropertyValue {
		return Text(prefix + "-0" + d.Hex(name, 16))
	}}
}

// networkAddress refuses a text that is not a CIDR block whose address is the network's own, as the provider does:
// 10.0.0.1/24 is refused, 10.0.0.0/24 is not. bits is 32 for IPv4 and 128 for IPv6.
func networkAddress(path string, bits int) Rule {
	return Rule{Name: "network address of " + path, Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			if value.Unknown() {
				continue
			}
			text := value.Text()
			block, err := netip.ParsePrefix(text)
			if err == nil && block.Addr().BitLen() == bits && block == block.Masked() {
				continue
			}
			if err == nil && block.Addr().BitLen() == bits {
				return Refuse(value.Path(), "%q is not a valid CIDR block; did you mean %q?", text, block.Masked())
			}
			return Refuse(value.Path(), "%q is not a valid CIDR block", text)
		}
		return nil
	}}
}

// block is a CIDR block, or one that contains nothing when the text is none.
func block(text string) netip.Prefix {
	parsed, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}
	}
	return parsed
}

// within is true when outer contains all of inner. Of what is no block nothing is known, so it is true.
func within(outer, inner netip.Prefix) bool {
	if !outer.IsValid() || !inner.IsValid() {
		return true
	}
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// addressIn is an address of an IPv4 block, past the four first ones, which AWS keeps
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html). number picks it and may be any.
func addressIn(of netip.Prefix, number int) string {
	const keptFirst, kept = 4, 5
	if !of.IsValid() || !of.Addr().Is4() || of.Bits() > 28 {
		return ""
	}
	size := 1 << (32 - of.Bits())
	octets := of.Masked().Addr().As4()
	position := binary.BigEndian.Uint32(octets[:]) + uint32(keptFirst+number%(size-kept))
	binary.BigEndian.PutUint32(octets[:], position)
	return netip.AddrFrom4(octets).String()
}

// noDefaultVPC refuses a draft that relies on the account's default VPC: the sandbox's accounts have none, like those in
// which it was deleted.
func noDefaultVPC() Rule {
	return Rule{Name: "no default VPC", Stage: AtApply, Code: "VPCIdNotSpecified", When: OnCreate, Broken: func(d *Draft) *Refusal {
		if d.Has("vpcId") {
			return nil
		}
		return Refuse("vpcId", "No default VPC for this user")
	}}
}

// zoneOfRegion refuses an Availability Zone that the Region does not have.
func zoneOfRegion(path string) Rule {
	return Rule{Name: "zone of the Region in " + path, Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
		zone := d.Text(path)
		if zone == "" || RegionOf(d.Region).ZoneID(zone) != "" {
			return nil
		}
		return Refuse(path, "Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: %s.",
			zone, strings.Join(d.Zones(), ", "))
	}}
}

// dependent is AWS's answer to the deletion of something that others still need.
func dependent(noun, id string) string {
	return fmt.Sprintf("The %s '%s' has dependencies and cannot be deleted.", noun, id)
}
