package subnets

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// largestSizeMask is the smallest block that a size may state: a /30 of 4 addresses.
const largestSizeMask = 30

func validTypes(request Request) error {
	if !slices.Contains([]Strategy{Legacy, Auto, Exact}, request.Strategy) {
		return fmt.Errorf("subnetStrategy: %q is not one of Legacy, Auto, Exact", request.Strategy)
	}
	for index, spec := range request.Specs {
		if spec.Type != Unused && rank(spec.Type) < 0 {
			return fmt.Errorf("subnetSpecs[%d].type: %q is not one of Public, Private, Isolated, Unused", index, spec.Type)
		}
	}
	return nil
}

// normalize checks the specs against themselves and the number of zones, and completes mask and size from each other.
// It reports all that is wrong at once. explicit says that the specs state blocks.
func normalize(specs []Spec, zones int) (normal []Spec, explicit bool, err error) {
	if specs == nil {
		return nil, false, nil
	}
	issues := invalidSizes(specs)
	explicit = slices.ContainsFunc(specs, func(spec Spec) bool { return spec.CIDRBlocks != nil })
	normal = make([]Spec, 0, len(specs))
	for index, spec := range specs {
		var issue string
		if explicit {
			issue = explicitIssue(index, spec, zones)
		} else {
			spec, issue = completed(spec)
		}
		if issue != "" {
			issues = append(issues, issue)
		}
		normal = append(normal, spec)
	}
	if len(issues) > 0 {
		return nil, false, errors.New("invalid subnet specifications:\n - " + strings.Join(issues, "\n - "))
	}
	return normal, explicit, nil
}

func invalidSizes(specs []Spec) []string {
	var invalid []string
	for _, spec := range specs {
		if spec.Size == nil {
			continue
		}
		if _, ok := maskOfSize(*spec.Size); !ok {
			invalid = append(invalid, fmt.Sprint(*spec.Size))
		}
	}
	if len(invalid) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("the following subnet sizes are invalid: %s; valid sizes are the powers of two from 4 to 4294967296", strings.Join(invalid, ", "))}
}

func maskOfSize(size int) (int, bool) {
	for mask := 0; mask <= largestSizeMask; mask++ {
		if addressCount>>mask == uint64(size) {
			return mask, true
		}
	}
	return 0, false
}

func explicitIssue(index int, spec Spec, zones int) string {
	if spec.CIDRBlocks == nil {
		return "If any subnet spec has explicit cidrBlocks, all subnets must have explicit cidrBlocks."
	}
	if len(spec.CIDRBlocks) != zones {
		return fmt.Sprintf("The number of CIDR blocks in subnetSpecs[%d] must match the number of availability zones (%d).", index, zones)
	}
	for _, text := range spec.CIDRBlocks {
		block, err := ParseBlock(text)
		switch {
		case err != nil:
			return fmt.Sprintf("subnetSpecs[%d].cidrBlocks: %s", index, err)
		case spec.CIDRMask != nil && *spec.CIDRMask != block.Bits():
			return fmt.Sprintf("The cidrMask in subnetSpecs[%d] must match all cidrBlocks or be left undefined.", index)
		case spec.Size != nil && uint64(*spec.Size) != block.Size():
			return fmt.Sprintf("The size in subnetSpecs[%d] must match all cidrBlocks or be left undefined.", index)
		}
	}
	return ""
}

// completed states mask and size both when either was given.
func completed(spec Spec) (Spec, string) {
	if spec.CIDRMask == nil && spec.Size == nil {
		return spec, ""
	}
	var mask int
	if spec.CIDRMask != nil {
		mask = *spec.CIDRMask
	} else {
		var valid bool
		if mask, valid = maskOfSize(*spec.Size); !valid {
			return spec, "" // reported by invalidSizes
		}
	}
	spec.CIDRMask = &mask
	if mask < 0 || mask > largestSizeMask {
		return spec, "" // the allocation refuses it by its mask
	}
	size := int(addressCount >> mask)
	if spec.Size != nil && *spec.Size != size {
		return spec, fmt.Sprintf("Subnet size %d does not match the expected size for a /%d subnet (%d).", *spec.Size, mask, size)
	}
	spec.Size = &size
	return spec, ""
}

func refuseOverlaps(planned []Subnet) error {
	blocks, err := blocksOf(planned)
	if err != nil {
		return err
	}
	var listed []string
	for index, subnet := range planned {
		for other := range planned {
			if other != index && blocks[index].Overlaps(blocks[other]) {
				listed = append(listed, fmt.Sprintf("%d. %s: %s", len(listed)+1, subnet.Name, subnet.CIDRBlock))
				break
			}
		}
	}
	if len(listed) == 0 {
		return nil
	}
	return errors.New("the following subnets overlap with at least one other subnet; make the CIDR for the VPC larger, reduce the size of the subnets per AZ, or use less Availability Zones:\n\n" + strings.Join(listed, "\n"))
}

// refuseGaps checks that the subnets, in order of allocation, fill the VPC from its first address to its last.
func refuseGaps(vpcBlock string, planned []Subnet) error {
	vpc, err := ParseBlock(vpcBlock)
	if err != nil {
		return err
	}
	blocks, err := blocksOf(planned)
	if err != nil {
		return err
	}
	if len(planned) == 0 {
		return errors.New("no subnets specified")
	}
	var gaps []string
	if blocks[0].First() != vpc.First() {
		gaps = append(gaps, fmt.Sprintf("%s (%s) does not start at the beginning of the VPC (%s)", planned[0].Name, planned[0].CIDRBlock, vpcBlock))
	}
	for index := 1; index < len(planned); index++ {
		if blocks[index].First() != blocks[index-1].Last()+1 {
			gaps = append(gaps, fmt.Sprintf("%s (%s) <=> %s (%s)", planned[index-1].Name, planned[index-1].CIDRBlock, planned[index].Name, planned[index].CIDRBlock))
		}
	}
	if last := blocks[len(blocks)-1]; last.Last() != vpc.Last() {
		gaps = append(gaps, fmt.Sprintf("%s (ending %s) ends before VPC ends (at %s)", planned[len(planned)-1].Name, dotted(last.Last()), dotted(vpc.Last())))
	}
	if len(gaps) == 0 {
		return nil
	}
	return errors.New("there are gaps in the subnet ranges; please fix the following gaps: " + strings.Join(gaps, ", "))
}

func blocksOf(planned []Subnet) ([]Block, error) {
	blocks := make([]Block, len(planned))
	for index, subnet := range planned {
		block, err := ParseBlock(subnet.CIDRBlock)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", subnet.Name, err)
		}
		blocks[index] = block
	}
	return blocks, nil
}
