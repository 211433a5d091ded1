package zones

import (
	"errors"
	"fmt"
	"net/netip"
)

// Bounds of a VPC plan, as prefix lengths. A VPC may be a /16 at most
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html). Below a /20 the isolated subnet of a zone, a
// sixty-fourth of the VPC, would be smaller than the /26 that keeps room for databases and endpoints.
const (
	WidestVPC    = 16
	NarrowestVPC = 20
)

// Subnets are the blocks that one zone owns in a VPC.
type Subnets struct {
	// Private is half of the zone's block: instances and internal load balancers.
	Private netip.Prefix
	// Public is a quarter of it: internet-facing load balancers and NAT gateways.
	Public netip.Prefix
	// Isolated is an eighth of it: databases.
	Isolated netip.Prefix
	// Spare is the last eighth, free for what nobody has thought of yet.
	Spare netip.Prefix
}

// ParseVPC reads the block of a VPC that can be planned: IPv4, private, a /16 to /20, without host bits. The error says what
// is wrong with the block without repeating it, as the limit of a check.Failure does.
func ParseVPC(cidr string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil:
		return netip.Prefix{}, errors.New("is not a block in CIDR notation")
	case !prefix.Addr().Is4():
		return netip.Prefix{}, errors.New("is not IPv4")
	case prefix.Masked() != prefix:
		return netip.Prefix{}, fmt.Errorf("has host bits set: the block would be %s", prefix.Masked())
	case prefix.Bits() < WidestVPC || prefix.Bits() > NarrowestVPC:
		return netip.Prefix{}, fmt.Errorf("is not between /%d and /%d in size", WidestVPC, NarrowestVPC)
	case !prefix.Addr().IsPrivate():
		return netip.Prefix{}, errors.New("is not private address space (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)")
	}
	return prefix, nil
}

// Plan is the table from zone to blocks. It depends on the VPC's block and the zone's letter alone: the same zone owns the
// same blocks for ever, whichever zones are configured beside it.
func Plan(vpc netip.Prefix, zone Zone) (Subnets, error) {
	if !vpc.IsValid() || !vpc.Addr().Is4() || vpc.Bits() < WidestVPC || vpc.Bits() > NarrowestVPC {
		return Subnets{}, fmt.Errorf("%s cannot be planned: it is not an IPv4 block between /%d and /%d", vpc, WidestVPC, NarrowestVPC)
	}
	if zone.Index < 0 || zone.Index >= MaxZones {
		return Subnets{}, fmt.Errorf("zone %q has no block: only the letters a to h have", zone.Name)
	}
	block := part(vpc.Masked(), 3, zone.Index)
	return Subnets{
		Private: part(block, 1, 0), Public: part(block, 2, 2), Isolated: part(block, 3, 6), Spare: part(block, 3, 7),
	}, nil
}

// part is the index-th of the 2^bits equal parts of a block.
func part(block netip.Prefix, bits, index int) netip.Prefix {
	length := block.Bits() + bits
	base := block.Addr().As4()
	address := uint32(base[0])<<24 | uint32(base[1])<<16 | uint32(base[2])<<8 | uint32(base[3])
	address += uint32(index) << (32 - length)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{
		byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address),
	}), length)
}
