package kinds

import (
	"fmt"
	"slices"
	"strings"
)

// instanceSizes is the sizes of the general purpose, compute optimized and memory optimized families that are current,
// from https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html, co.html and mo.html beside it. Families for
// accelerated computing, storage and mainframes are not in the table.
var instanceSizes = func() map[string][]string {
	sizes := strings.Fields
	small := sizes("nano micro small medium large xlarge 2xlarge")
	fifth := sizes("large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge")
	fifthMetal := append(slices.Clone(fifth), "metal")
	sixthIntel := append(slices.Clone(fifth), "32xlarge", "metal")
	sixthAMD := append(slices.Clone(fifth), "32xlarge", "48xlarge", "metal")
	graviton := sizes("medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge metal")
	graviton4 := sizes("medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge metal-24xl metal-48xl")
	seventhIntel := append(slices.Clone(fifth), "48xlarge", "metal-24xl", "metal-48xl")
	seventhAMD := append([]string{"medium"}, append(slices.Clone(fifth), "32xlarge", "48xlarge", "metal-48xl")...)
	flex := sizes("large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge")
	table := map[string][]string{
		"t2": small, "t3": small, "t3a": small, "t4g": small,
		"m5": fifthMetal, "m5d": fifthMetal, "m5n": fifthMetal, "m5a": fifth, "r5": fifthMetal, "r5d": fifthMetal, "r5n": fifthMetal, "r5a": fifth,
		"c5": sizes("large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge metal"), "c5a": fifth,
		"m7i-flex": flex, "c7i-flex": flex,
	}
	for _, letter := range []string{"m", "c", "r"} {
		table[letter+"6i"], table[letter+"6a"] = sixthIntel, sixthAMD
		table[letter+"7i"], table[letter+"7a"] = seventhIntel, seventhAMD
		for _, family := range []string{"6g", "6gd", "7g", "7gd"} {
			table[letter+family] = graviton
		}
		table[letter+"8g"] = graviton4
	}
	return table
}()

// knownInstanceType is true for the instance types of the table.
func knownInstanceType(name string) bool {
	family, size, _ := strings.Cut(name, ".")
	return slices.Contains(instanceSizes[family], size)
}

// unknownInstanceType is EC2's answer to a type that it does not have, with what is in the table for the family.
func unknownInstanceType(name string) string {
	family, _, _ := strings.Cut(name, ".")
	if sizes := instanceSizes[family]; len(sizes) > 0 {
		return fmt.Sprintf("Invalid value '%s' for InstanceType. %s has the sizes %s.", name, family, strings.Join(sizes, ", "))
	}
	return fmt.Sprintf("Invalid value '%s' for InstanceType. The sandbox does not know the family '%s'.", name, family)
}
