package stacks

// Environment is what a stack is for. It stands for a Profile.
type Environment string

// The environments.
const (
	Production  Environment = "production"
	Development Environment = "development"
)

// Values are the environments a configuration may name.
func (Environment) Values() []string { return []string{string(Production), string(Development)} }

// NATStrategy is how instances reach what is outside the VPC.
type NATStrategy string

// The NAT strategies, in words a configuration uses.
const (
	NATPerZone NATStrategy = "per-zone"
	NATSingle  NATStrategy = "single"
	NATNone    NATStrategy = "none"
)

// Values are the NAT strategies a configuration may name.
func (NATStrategy) Values() []string {
	return []string{string(NATPerZone), string(NATSingle), string(NATNone)}
}

// Architecture is the processor architecture of an instance.
type Architecture string

// The architectures.
const (
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// Values are the architectures a configuration may name.
func (Architecture) Values() []string { return []string{string(ARM64), string(X8664)} }

// Exposure is who can reach a service's load balancer at all.
type Exposure string

// The exposures.
const (
	Internal       Exposure = "internal"
	InternetFacing Exposure = "internet-facing"
)

// Values are the exposures a configuration may name.
func (Exposure) Values() []string { return []string{string(Internal), string(InternetFacing)} }
