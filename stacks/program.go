package stacks

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// Program is the Pulumi program of every stack. It reads the stack's configuration and builds its network and services. An
// error in the configuration is a *check.Error with every failure, returned before anything is registered.
func Program(ctx *pulumi.Context) error {
	text := config.Get(ctx, KeyConfig)
	if text == "" {
		return fmt.Errorf("%s: missing; every stack states what it is there, as Pulumi.dev.yaml shows", KeyConfig)
	}
	stack, err := Parse(text)
	if err != nil {
		return err
	}
	found := check.New()
	switch lift := config.Get(ctx, KeyLiftProtection); lift {
	case "", "false":
	case "true":
		stack.lifted = true
	default:
		found.Fail(KeyLiftProtection, lift, "must be true or false", "remove it, unless you are about to destroy the stack")
	}
	stack.checkIdentifiers(ctx, found)
	secrets := stack.readSecrets(ctx, found)
	if err := found.Err("stack " + ctx.Stack()); err != nil {
		return err
	}
	return stack.build(ctx, secrets)
}

// readSecrets are the values of the stack's secrets by their configuration keys; every missing one is a failure.
func (c *Config) readSecrets(ctx *pulumi.Context, found *check.Checker) map[string]pulumi.StringOutput {
	secrets := map[string]pulumi.StringOutput{}
	for _, key := range c.SecretKeys() {
		value, err := config.TrySecret(ctx, key)
		if err != nil {
			why := "a service lists it among its secrets"
			if c.pages() && key == pagerDutyKey() {
				why = "alerting.pagerDuty is true, and it is the integration key"
			}
			found.Missing(key, why, "run pulumi config set --secret "+key)
			continue
		}
		secrets[key] = value
	}
	return secrets
}

// checkIdentifiers refuses names of databases that become too long with those of the project and the stack, which only the engine knows.
func (c *Config) checkIdentifiers(ctx *pulumi.Context, found *check.Checker) {
	for i, database := range c.Databases {
		if _, err := components.DatabaseIdentifier(ctx.Project(), ctx.Stack(), database.Name); err != nil {
			found.Fail(fmt.Sprintf("%s.databases[%d].name", KeyConfig, i), database.Name, "is no name in this stack: "+err.Error(), "give it a shorter one")
		}
	}
	if len(c.covered()) > 0 {
		if _, err := components.RestoreTestingPlanName(ctx.Project(), ctx.Stack(), backupsName); err != nil {
			found.Fail("stack", ctx.Stack(), fmt.Sprintf("has too long a name: %v", err), "shorten it")
		}
	}
}

// newProvider is an explicit provider because only then do Region, account and tags hold for every resource, those of the awsx
// package included, whatever the environment of the person who runs this says.
func (c *Config) newProvider(ctx *pulumi.Context, region string) (*aws.Provider, error) {
	return aws.NewProvider(ctx, "aws-"+region, &aws.ProviderArgs{
		Region:            pulumi.String(region),
		AllowedAccountIds: pulumi.ToStringArray([]string{c.Account}),
		DefaultTags:       aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(c.allTags(ctx.Stack()))},
	})
}

func (c *Config) build(ctx *pulumi.Context, secrets map[string]pulumi.StringOutput) error {
	provider, err := c.newProvider(ctx, c.Region)
	if err != nil {
		return err
	}
	target, err := whereItGoes(ctx, provider)
	if err != nil {
		return err
	}
	network, err := components.NewNetwork(ctx, networkName, c.networkArgs(), pulumi.Providers(provider))
	if err != nil {
		return networkRefused(err)
	}
	built, err := c.buildData(ctx, network, provider, secrets)
	if err != nil {
		return err
	}
	services, err := c.buildServices(ctx, network, built, provider, secrets)
	if err != nil {
		return err
	}
	if err := c.grant(built, services); err != nil {
		return err
	}
	if err := c.buildRecoveries(ctx, built, provider); err != nil {
		return err
	}
	if err := c.watch(built, services); err != nil {
		return err
	}
	c.export(ctx, target, network, built, services)
	return nil
}

// buildServices builds the services, those that are called before their callers.
func (c *Config) buildServices(
	ctx *pulumi.Context, network *components.Network, built *data, provider *aws.Provider, secrets map[string]pulumi.StringOutput,
) (map[string]*components.ResilientService, error) {
	ordered, circle := c.calleesFirst()
	if circle != nil {
		return nil, fmt.Errorf("services call each other in a circle: %v", circle)
	}
	services := map[string]*components.ResilientService{}
	for _, service := range ordered {
		late := newLate()
		late.logs = built.logs
		for _, callee := range service.Calls {
			late.environment[urlVariable(callee)] = services[callee].URL
		}
		built.find(service, late.environment)
		for _, name := range service.Secrets {
			late.secrets[name] = secrets[secretKey(service.Name, name)]
		}
		args := c.serviceArgs(service, network.Placement(), c.allTags(ctx.Stack()), late)
		resilient, err := components.NewResilientService(ctx, service.Name, args, pulumi.Providers(provider))
		if err != nil {
			return nil, err
		}
		for _, callee := range service.Calls {
			if err := services[callee].GrantInvoke(resilient); err != nil {
				return nil, err
			}
		}
		services[service.Name] = resilient
	}
	return services, nil
}

// export writes the one typed output, in the shape of Outputs.
func (c *Config) export(ctx *pulumi.Context, target string, network *components.Network, built *data, standing map[string]*components.ResilientService) {
	services := pulumi.Map{}
	for i := range c.Services {
		service := &c.Services[i]
		resilient := standing[service.Name]
		entry := pulumi.Map{
			"url": resilient.URL, "loadBalancer": resilient.LoadBalancerARN, "autoScalingGroup": resilient.AutoScalingGroupName,
			"role": resilient.RoleARN, "peakInstances": pulumi.Int(service.PeakInstances), "fleetSize": resilient.MinInstances,
			"ami": pulumi.String(service.Machine.AMIs[c.homeRegion()]), "amiParameter": pulumi.String(service.Machine.AMIParameter),
			"calls": pulumi.ToStringArray(service.Calls), "diskProbe": pulumi.Bool(c.Probe != nil),
		}
		if service.Accelerator != nil {
			entry["accelerator"] = pulumi.Map{"dnsName": resilient.AcceleratorDNSName, "addresses": resilient.AcceleratorAddresses}
		}
		services[service.Name] = entry
	}
	outputs := pulumi.Map{
		"version": pulumi.Int(1), "target": pulumi.String(target), "environment": pulumi.String(c.Environment),
		"account": pulumi.String(c.Account), "region": pulumi.String(c.Region), "zones": pulumi.ToStringArray(c.Zones),
		"network":  pulumi.Map{"vpcId": network.VPCID, "cidr": pulumi.String(c.Network.CIDR), "nat": pulumi.String(c.Network.NAT)},
		"services": services,
	}
	if c.keepsCopies() {
		outputs["recoveryRegion"] = pulumi.String(c.RecoveryRegion)
	}
	if len(built.buckets) > 0 {
		outputs["buckets"] = bucketOutputs(built.buckets)
	}
	if built.backups != nil {
		outputs["backups"] = pulumi.Map{"vault": built.backups.VaultName, "copyVault": built.backups.CopyVaultName, "restoreTestingPlan": built.backups.RestoreTestingPlanName}
	}
	if len(built.databases) > 0 {
		outputs["databases"] = c.databaseOutputs(built)
	}
	if built.alerting != nil {
		outputs["alerting"] = alertingOutputs(built.alerting)
	}
	if len(built.jobs) > 0 {
		outputs["jobs"] = c.jobOutputs(built.jobs)
	}
	ctx.Export(OutputName, outputs)
}
