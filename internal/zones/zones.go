// Package zones knows Availability Zones by name: what Region they belong to, which part of a VPC each of them owns for
// ever, and how many instances it takes to lose one of them unharmed. Standard library only.
package zones

import (
	"errors"
	"regexp"
)

// MaxZones is how many zones one VPC plan has room for: the letters a to h. No Region offers more
// (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html).
const MaxZones = 8

// MinZones is the fewest zones that survive the loss of one.
const MinZones = 2

// A zone's name is its Region and a letter. Local Zones (us-west-2-lax-1a) and Wavelength Zones
// (us-east-1-wl1-bos-wlz-1) do not match: they hold one zone's worth of capacity and neither Aurora nor NAT gateways.
var zoneName = regexp.MustCompile(`^([a-z]{2}(?:-[a-z]+){1,2}-[0-9])([a-z])$`)

// Zone is an Availability Zone. Its letter is the account's own: which building it stands for differs between accounts
// (https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html).
type Zone struct {
	// Name is the whole name, such as eu-central-1a.
	Name string
	// Region is the name without the letter, such as eu-central-1.
	Region string
	// Index is the letter's place in the alphabet: 0 for a, 7 for h.
	Index int
}

// Parse reads a zone's name. The error says what is wrong with the name without repeating it, as the limit of a check.Failure
// does.
func Parse(name string) (Zone, error) {
	match := zoneName.FindStringSubmatch(name)
	if match == nil {
		return Zone{}, errors.New("is not the name of an Availability Zone")
	}
	index := int(match[2][0] - 'a')
	if index >= MaxZones {
		return Zone{}, errors.New("is beyond h, the last zone that an address plan has room for")
	}
	return Zone{Name: name, Region: match[1], Index: index}, nil
}

// Region is the Region of the first zone. The zones have been checked before: of a list that does not parse it is empty.
func Region(names []string) string {
	if len(names) == 0 {
		return ""
	}
	zone, err := Parse(names[0])
	if err != nil {
		return ""
	}
	return zone.Region
}
