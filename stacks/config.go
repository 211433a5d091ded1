// Package stacks turns the configuration of one stack into components. It is the only reader of Pulumi configuration:
// everything under the key aplomb:config is decoded strictly into one Config, and every failure is reported at once, before
// anything reaches the engine.
package stacks

// Config is one stack, as Pulumi.STACK.yaml states it under aplomb:config. Defaults are given as behaviour.
type Config struct {
	// Account is the AWS account the stack belongs to, twelve digits, in quotes. The provider refuses every other account.
	Account string `config:"account,required"`
	// Region is the AWS Region everything runs in.
	Region string `config:"region,required"`
	// Zones are the Availability Zones in use, two at least. Append new ones at the end: subnets are named by position.
	Zones []string `config:"zones,required"`
	// Environment decides what is refused and what is protected; see Profile.
	Environment Environment `config:"environment,required"`
	// Tags are put on every resource, beside aplomb:stack and aplomb:environment.
	Tags map[string]string `config:"tags"`
	// Network is the VPC.
	Network NetworkConfig `config:"network,required"`
	// Machine is what the instances of every service are, unless a service states its own.
	Machine *MachineConfig `config:"machine"`
	// Services are the applications. Their order means nothing; their names are what everything hangs on.
	Services []ServiceConfig `config:"services,required"`
}

// NetworkConfig is the VPC of a stack.
type NetworkConfig struct {
	// CIDR is the VPC's IPv4 range, between /16 and /20. It should overlap no network that will ever be peered.
	CIDR string `config:"cidr,required"`
	// NAT is how instances reach what is outside the VPC: per-zone (a zone's loss takes only its own way out), single
	// (cheaper, but the loss of one zone cuts every zone off) or none. Default: per-zone.
	NAT NATStrategy `config:"nat"`
}

// MachineConfig is the kind of instance a service runs on.
type MachineConfig struct {
	// AMI is the id of the machine image, which must exist in the Region and fit the architecture.
	AMI string `config:"ami,required"`
	// Architecture is arm64 or x86_64.
	Architecture Architecture `config:"architecture,required"`
	// InstanceTypes are the types to launch, most wanted first. Several are several pools of capacity to heal from.
	InstanceTypes []string `config:"instanceTypes,required"`
}

// ServiceConfig is one service behind its own load balancer.
type ServiceConfig struct {
	// Name is the service's name: a lower-case letter, then lower-case letters, digits and hyphens, 20 at most.
	Name string `config:"name,required"`
	// Image is the container image, by digest.
	Image string `config:"image,required"`
	// Port is the TCP port on which the container serves HTTP.
	Port int `config:"port,required"`
	// PeakInstances is how many instances the service needs at its peak. The group runs enough for that with a zone gone.
	PeakInstances int `config:"peakInstances,required"`
	// MaxInstances is the most that scaling may launch. Default: twice the standing fleet.
	MaxInstances *int `config:"maxInstances"`
	// Machine is what this service runs on. Default: the stack's machine.
	Machine *MachineConfig `config:"machine"`
	// HealthCheck is how the load balancer finds out that an instance is no use. Default: as HealthCheckConfig says.
	HealthCheck *HealthCheckConfig `config:"healthCheck"`
	// Exposure is internal or internet-facing. Default: internal.
	Exposure Exposure `config:"exposure"`
	// ClientCIDRs are the networks that may connect. Default for internal services: the VPC.
	ClientCIDRs []string `config:"clientCidrs"`
	// CertificateARN is the ACM certificate of the HTTPS listener. Default: plain HTTP, which production refuses.
	CertificateARN string `config:"certificateArn"`
	// Environment is what the container finds in its environment.
	Environment map[string]string `config:"environment"`
	// Secrets are the names of this service's secrets. Each is set with
	// `pulumi config set --secret aplomb:secret.SERVICE.NAME`, is kept in Secrets Manager, and reaches the container as
	// NAME_SECRET_ARN.
	Secrets []string `config:"secrets"`
	// Calls are the services that this one sends requests to. It finds each at NAME_URL in its environment.
	Calls []string `config:"calls"`
}

// HealthCheckConfig is the load balancer's health check of a service.
type HealthCheckConfig struct {
	// Path is requested by the load balancer and must answer 200. Default: /healthz.
	Path string `config:"path"`
	// IntervalSeconds is the time between two checks. Default: 5.
	IntervalSeconds *int `config:"intervalSeconds"`
	// TimeoutSeconds is how long an answer may take, less than the interval. Default: 2.
	TimeoutSeconds *int `config:"timeoutSeconds"`
	// HealthyThreshold is how many passes in a row readmit an instance. Default: 2.
	HealthyThreshold *int `config:"healthyThreshold"`
	// UnhealthyThreshold is how many failures in a row evict an instance. Default: 2.
	UnhealthyThreshold *int `config:"unhealthyThreshold"`
}
