package components

import (
	"regexp"
	"slices"
	"strings"
)

// InstanceType is an EC2 instance type, such as m7g.large.
type InstanceType string

var instanceTypeSyntax = regexp.MustCompile(`^([a-z][a-z0-9-]*)\.(nano|micro|small|medium|large|xlarge|[1-9][0-9]?xlarge)$`)

// Family is the part before the dot, such as m7g; empty when the type is not spelt family.size. Bare metal has no size here:
// it takes too long to start to replace anything.
func (t InstanceType) Family() string {
	match := instanceTypeSyntax.FindStringSubmatch(string(t))
	if match == nil {
		return ""
	}
	return match[1]
}

// nitroFamilies are the general-purpose, compute, memory and storage families on the Nitro System, whose attached volumes report
// their health (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-nitro-instances.html). Families with accelerators
// are left out: a service that needs them needs another component.
var nitroFamilies = map[Architecture][]string{
	ARM64: strings.Fields(`
		t4g
		m6g m6gd m7g m7gd m8g m8gd
		c6g c6gd c6gn c7g c7gd c7gn c8g c8gd c8gn
		r6g r6gd r7g r7gd r8g r8gd
		x2gd x8g i4g i8g im4gn is4gen`),
	X8664: strings.Fields(`
		t3 t3a
		m5 m5a m5ad m5d m5dn m5n m5zn m6a m6i m6id m6idn m6in m7a m7i m7i-flex m8i m8i-flex
		c5 c5a c5ad c5d c5n c6a c6i c6id c6in c7a c7i c7i-flex c8i c8i-flex
		r5 r5a r5ad r5b r5d r5dn r5n r6a r6i r6id r6idn r6in r7a r7i r7iz r8i r8i-flex
		x2idn x2iedn x2iezn z1d i3en i4i i7i i7ie d3 d3en`),
}

// architectureOf is the architecture of a family, empty when the family is not known.
func architectureOf(family string) Architecture {
	for _, architecture := range Architectures() {
		if slices.Contains(nitroFamilies[architecture], family) {
			return architecture
		}
	}
	return ""
}
