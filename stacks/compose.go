package stacks

import (
	"maps"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// networkName is the name of the stack's one network.
const networkName = "network"

// networkArgs leave tags to the provider: all of the network takes its default tags.
func (c *Config) networkArgs() *components.NetworkArgs {
	profile := c.profile()
	return &components.NetworkArgs{
		AccountID: c.Account, Zones: c.Zones, CIDR: c.Network.CIDR, NAT: c.Network.NAT,
		Endpoints: c.endpoints(), RegistryAccounts: c.registryAccounts(),
		FlowLogRetention: profile.LogRetention, Protect: profile.Protect,
	}
}

// endpoints are those of every stack, then those that are configured, then the one through which consumers take the runs of jobs.
func (c *Config) endpoints() []components.EndpointService {
	all := append(components.DefaultEndpoints(), c.Network.Endpoints...)
	if len(c.Jobs) > 0 && !slices.Contains(all, components.EndpointSQS) {
		all = append(all, components.EndpointSQS)
	}
	return all
}

// natByNeed is a way out of every zone where a service declares a destination outside the VPC, and none otherwise.
func (c *Config) natByNeed() components.NATStrategy {
	for _, service := range c.Services {
		for _, egress := range service.Egress {
			if components.IsInternetEgress(egress.CIDR, c.Network.CIDR) {
				return components.NATPerZone
			}
		}
	}
	return components.NATNone
}

// registryAccounts are the accounts, beside the stack's own, whose images may pass the endpoints.
func (c *Config) registryAccounts() []string {
	if !naming.IsAccountID(c.ImageAccount) || c.ImageAccount == c.Account {
		return nil
	}
	return []string{c.ImageAccount}
}

// late is what a service needs beside its configuration: values that other resources have first.
type late struct {
	// secrets are the values of its secrets, by their configured names.
	secrets map[string]pulumi.StringInput
	// environment are the variables in which it finds the services, buckets and jobs it uses.
	environment map[string]pulumi.StringInput
	// logs is the bucket that its load balancer writes to, nil for none.
	logs pulumi.StringInput
}

func newLate() late {
	return late{secrets: map[string]pulumi.StringInput{}, environment: map[string]pulumi.StringInput{}}
}

func (c *Config) serviceArgs(service *ServiceConfig, placement components.PlacementArgs, tags map[string]string, late late) *components.ResilientServiceArgs {
	profile := c.profile()
	args := &components.ResilientServiceArgs{
		Placement: placement, Image: service.Image, AllowImageTags: profile.ImageTags, ImageAccount: c.ImageAccount,
		PeakInstances: service.PeakInstances, MaxInstances: orZero(service.MaxInstances), TargetCPU: orZero(service.TargetCPU),
		StartupSeconds: orZero(service.StartupSeconds), WarmupSeconds: orZero(service.WarmupSeconds),
		Port: orZero(service.Port), FailOpenPercent: orZero(service.FailOpenPercent), DrainSeconds: orZero(service.DrainSeconds),
		KeepAliveSeconds: orZero(service.KeepAliveSeconds), IdleSeconds: orZero(service.IdleSeconds),
		Exposure: service.Exposure, ClientCIDRs: service.ClientCIDRs, OnlyGrantedCallers: service.OnlyGrantedCallers,
		DeployDespiteAlarm: service.DeployDespiteAlarm, NoSessions: service.NoSessions, CertificateARN: service.CertificateARN, HostName: service.HostName,
		Environment: map[string]pulumi.StringInput{}, Secrets: map[string]pulumi.StringInput{},
		LogRetention: profile.LogRetention, Protect: profile.Protect && !service.Retiring, Tags: tags,
	}
	if machine := service.Machine; machine != nil {
		args.AMI, args.AMIParameter = machine.AMIs[c.homeRegion()], machine.AMIParameter
		args.Architecture, args.InstanceTypes = machine.Architecture, machine.InstanceTypes
		args.RootVolumeGiB = orZero(machine.RootVolumeGiB)
	}
	if check := service.HealthCheck; check != nil {
		args.HealthCheck = components.HealthCheckArgs{
			Path: check.Path, Interval: orZero(check.Interval), Timeout: orZero(check.Timeout), Matcher: check.Matcher,
			HealthyThreshold: orZero(check.HealthyThreshold), UnhealthyThreshold: orZero(check.UnhealthyThreshold),
		}
	}
	for _, egress := range service.Egress {
		args.Egress = append(args.Egress, components.EgressArgs{Description: egress.Description, CIDR: egress.CIDR, Port: egress.Port})
	}
	c.composeEdge(service, late.logs, args)
	c.composeProbe(service, args)
	for name, value := range service.Environment {
		args.Environment[name] = pulumi.String(value)
	}
	maps.Copy(args.Environment, late.environment)
	for _, name := range service.Secrets {
		args.Secrets[variable(name)] = late.secrets[name]
	}
	return args
}

// variable is a configured name as an environment variable writes it: session-key is SESSION_KEY.
func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// urlVariable is where a service finds the URL of another.
func urlVariable(callee string) string { return variable(callee) + "_URL" }

func orZero(value *int) int {
	if value == nil {
		return 0
	}
	return *value
}
