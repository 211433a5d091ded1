package subnets

// layoutOf is the specs that describe, under Auto, what Legacy allocated: the first subnets as many as there are specs,
// with the gaps between them as unused space. Like awsx it drops the specs' names.
func layoutOf(planned []Subnet, zones int) ([]Spec, error) {
	blocks, err := blocksOf(planned)
	if err != nil {
		return nil, err
	}
	perZone := len(planned) / zones
	var layout []Spec
	for index := range perZone {
		if index > 0 {
			for _, gap := range gapsBetween(blocks[index-1], blocks[index]) {
				layout = append(layout, maskedSpec(Unused, gap.Bits()))
			}
		}
		layout = append(layout, maskedSpec(planned[index].Type, blocks[index].Bits()))
	}
	return layout, nil
}

func maskedSpec(kind Type, mask int) Spec { return Spec{Type: kind, CIDRMask: &mask} }

// gapsBetween is the widest blocks that fill the space between two blocks, the first no narrower than a.
func gapsBetween(a, b Block) []Block {
	var gaps []Block
	previous := a.network()
	for previous.Last()+1 < b.First() {
		gap := Block{address: previous.Last() + 1, bits: previous.bits}
		for gap.bits > 0 {
			wider := Block{address: gap.address, bits: gap.bits - 1}.network()
			if wider.Overlaps(Block{address: previous.Last(), bits: 32}) || wider.Overlaps(Block{address: b.First(), bits: 32}) {
				break
			}
			gap = wider
		}
		gaps = append(gaps, gap)
		previous = gap
	}
	return gaps
}
