package subnets

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// NATStrategy is how many NAT gateways there are. Its case does not matter.
type NATStrategy string

// The strategies. OnePerAz is the default.
const (
	NATNone     NATStrategy = "None"
	NATSingle   NATStrategy = "Single"
	NATOnePerAz NATStrategy = "OnePerAz"
)

// Is compares without regard to case, as awsx does.
func (s NATStrategy) Is(other NATStrategy) bool { return strings.EqualFold(string(s), string(other)) }

// Wants says whether the public subnet that is being made in a zone gets a NAT gateway, when there are made gateways
// already: the first of all under Single, the first of each zone under OnePerAz.
func (s NATStrategy) Wants(made, zone int) bool {
	return s.Is(NATSingle) && made < 1 || s.Is(NATOnePerAz) && made < zone+1
}

// ValidAllocations checks the number of Elastic IP allocations given for the NAT gateways. It may be zero under any
// strategy: awsx then allocates addresses itself.
func (s NATStrategy) ValidAllocations(given, zones int) error {
	switch {
	case s.Is(NATNone) && given > 0:
		return fmt.Errorf("elastic IP allocation IDs cannot be specified when NAT Gateway strategy is '%s'", s)
	case s.Is(NATSingle) && given > 1:
		return fmt.Errorf("exactly one Elastic IP may be specified when NAT Gateway strategy is '%s'", s)
	case s.Is(NATOnePerAz) && given > 0 && given != zones:
		return fmt.Errorf("the number of Elastic IPs, if specified, must match the number of availability zones for the VPC (%d) when NAT Gateway strategy is '%s'", zones, s)
	}
	return s.known()
}

func (s NATStrategy) known() error {
	if s.Is(NATNone) || s.Is(NATSingle) || s.Is(NATOnePerAz) {
		return nil
	}
	return fmt.Errorf("unknown NatGatewayStrategy '%s': want None, Single or OnePerAz", s)
}

func validNAT(strategy NATStrategy, planned []Subnet) error {
	if err := strategy.known(); err != nil {
		return err
	}
	has := func(kind Type) bool {
		return slices.ContainsFunc(planned, func(subnet Subnet) bool { return subnet.Type == kind })
	}
	if strategy.Is(NATNone) || has(Public) && has(Private) {
		return nil
	}
	return errors.New("if NAT Gateway strategy is 'OnePerAz' or 'Single', both private and public subnets must be declared: the private subnet creates the need for a NAT Gateway, and the public subnet is required to host the NAT Gateway resource")
}
