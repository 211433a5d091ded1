package subnets

import (
	"errors"
	"fmt"
	"math/bits"
)

// smallestZoneMask is the smallest zone, a /26, that awsx divides without being told how.
const smallestZoneMask = 26

// largestDefaultMask caps what the default subnets take of a very large VPC: never more than a /16 a zone.
const largestDefaultMask = 16

// allocateInOrder gives every zone an even share of the VPC, or a block of ZoneMask, and in it every spec a block in the
// order of the specs, each on a boundary of its own size.
func allocateInOrder(request Request) ([]Subnet, error) {
	vpc, err := ParseBlock(request.VPCBlock)
	if err != nil {
		return nil, err
	}
	zoneMask := vpc.Bits() + bitsFor(len(request.Zones))
	if request.ZoneMask != nil {
		zoneMask = *request.ZoneMask
	}
	specs := request.Specs
	if specs == nil {
		if specs, err = defaultSpecs(zoneMask); err != nil {
			return nil, err
		}
	}
	if len(specs) == 0 {
		return nil, errors.New("no subnets specified")
	}
	masks := masksOf(specs, zoneMask+bitsFor(len(specs)))
	zone, err := newBlock(vpc.First(), zoneMask)
	if err != nil {
		return nil, err
	}
	if err := refuseTooLarge(zone, masks); err != nil {
		return nil, err
	}
	var planned []Subnet
	for number := range request.Zones {
		base, err := zone.network().split(0, number)
		if err != nil {
			return nil, err
		}
		blocks, err := inSequence(base, masks)
		if err != nil {
			return nil, err
		}
		for index, spec := range specs {
			planned = append(planned, request.subnet(number, index, spec, blocks[index].String()))
		}
	}
	if request.Specs == nil {
		for index := range planned {
			planned[index].Spec = -1
		}
	}
	return planned, nil
}

// inSequence lays blocks of the given masks one after the other from the start of a zone.
func inSequence(zone Block, masks []int) ([]Block, error) {
	laid := make([]Block, 0, len(masks))
	for index, mask := range masks {
		var block Block
		var err error
		if index == 0 {
			block, err = newBlock(zone.First(), mask)
		} else {
			block, err = laid[index-1].next(mask)
		}
		if err != nil {
			return nil, err
		}
		laid = append(laid, block.network())
	}
	return laid, nil
}

// defaultSpecs is one private subnet of half the zone and one public of a quarter.
func defaultSpecs(zoneMask int) ([]Spec, error) {
	if zoneMask > smallestZoneMask {
		return nil, fmt.Errorf("automatic subnet creation requires a VPC with at least /%d available per AZ, but only /%d is available; if you do need very small subnets, please specify them explicitly", smallestZoneMask, zoneMask)
	}
	half, quarter := max(zoneMask, largestDefaultMask)+1, max(zoneMask, largestDefaultMask)+2
	return []Spec{{Type: Private, CIDRMask: &half}, {Type: Public, CIDRMask: &quarter}}, nil
}

func masksOf(specs []Spec, byDefault int) []int {
	masks := make([]int, len(specs))
	for index, spec := range specs {
		masks[index] = byDefault
		if spec.CIDRMask != nil {
			masks[index] = *spec.CIDRMask
		}
	}
	return masks
}

func refuseTooLarge(zone Block, masks []int) error {
	var needed uint64
	for _, mask := range masks {
		block, err := newBlock(zone.First(), mask)
		if err != nil {
			return err
		}
		needed += block.Size()
	}
	if needed > zone.Size() {
		return fmt.Errorf("subnets are too large for VPC: each zone has %d addresses, but its subnets require %d addresses", zone.Size(), needed)
	}
	return nil
}

// bitsFor is how many bits number count things: 0 for none or one, 2 for three or four.
func bitsFor(count int) int {
	if count < 2 {
		return 0
	}
	return bits.Len(uint(count - 1))
}
