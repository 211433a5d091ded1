package subnets

// legacyOrder is the order in which Legacy allocates the types in a zone, and the largest block that it gives a subnet
// whose mask is not stated: private /19, public /20, isolated /24.
var legacyOrder = []struct {
	kind Type
	mask int
}{{Private, 19}, {Public, 20}, {Isolated, 24}}

// allocateLegacy divides the VPC by the next power of two of the zones and allocates by type in each. It knows nothing
// of stated blocks and of unused space.
func allocateLegacy(request Request) ([]Subnet, error) {
	vpc, err := ParseBlock(request.VPCBlock)
	if err != nil {
		return nil, err
	}
	bases := make([]Block, len(request.Zones))
	for number := range request.Zones {
		if bases[number], err = vpc.split(bitsFor(len(request.Zones)), number); err != nil {
			return nil, err
		}
	}
	if request.Specs == nil {
		return legacyDefaults(request, bases)
	}
	var planned []Subnet
	for number, base := range bases {
		inZone, err := legacyZone(request, number, base)
		if err != nil {
			return nil, err
		}
		planned = append(planned, inZone...)
	}
	return planned, nil
}

// legacyDefaults is a private half and a public quarter in each zone; all private subnets come before the public.
func legacyDefaults(request Request, bases []Block) ([]Subnet, error) {
	var private, public []Subnet
	for number, base := range bases {
		half, err := base.split(1, 0)
		if err != nil {
			return nil, err
		}
		rest, err := half.split(0, 1)
		if err != nil {
			return nil, err
		}
		quarter, err := rest.split(1, 0)
		if err != nil {
			return nil, err
		}
		private = append(private, request.subnet(number, -1, Spec{Type: Private}, half.String()))
		public = append(public, request.subnet(number, -1, Spec{Type: Public}, quarter.String()))
	}
	return append(private, public...), nil
}

// legacyZone allocates one zone. The first block of a type is counted from the block after the last one of the type
// before; a block that would overlap its predecessor moves to the next boundary of its size.
func legacyZone(request Request, number int, base Block) ([]Subnet, error) {
	var planned []Subnet
	var current *Block // the last block allocated in this zone
	for _, order := range legacyOrder {
		before, nth := current, 0
		for index, spec := range request.Specs {
			if spec.Type != order.kind {
				continue
			}
			mask := legacyMask(request, spec, base, order.mask)
			block, err := legacyStart(base, before, mask, nth)
			if err == nil {
				block, err = clearOf(current, base, block)
			}
			if err != nil {
				return nil, err
			}
			planned = append(planned, request.subnet(number, index, spec, block.String()))
			current = &block
			nth++
		}
	}
	return planned, nil
}

func legacyMask(request Request, spec Spec, base Block, largest int) int {
	if spec.CIDRMask != nil {
		return *spec.CIDRMask
	}
	if len(request.Specs) == 1 {
		return max(base.Bits(), largest) // a lone subnet may take the whole zone
	}
	return max(base.Bits()+1, largest)
}

// legacyStart is the nth block of a mask, counted from the block that follows the last one of the type before, or from
// the start of the zone when there is none.
func legacyStart(base Block, before *Block, mask, nth int) (Block, error) {
	if before == nil {
		return base.split(mask-base.Bits(), nth)
	}
	following, err := before.split(0, 1)
	if err != nil {
		return Block{}, err
	}
	return following.split(mask-following.Bits(), nth)
}

// clearOf is block, or the next block of its size when it overlaps the one allocated last. Before the first allocation
// that is the address below the zone, which only a mask wider than the zone's can reach.
func clearOf(current *Block, base, block Block) (Block, error) {
	switch {
	case current == nil && block.First() < base.First():
		return (Block{address: base.First() - 1, bits: 32}).next(block.Bits())
	case current != nil && current.Overlaps(block):
		return current.next(block.Bits())
	}
	return block, nil
}
