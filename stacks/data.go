package stacks

import (
	"maps"
	"slices"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// data is what services find in existence, by the names in the configuration.
type data struct {
	buckets   map[string]*components.ReplicatedBucket
	databases map[string]*components.MultiAZDatabase
	jobs      map[string]*components.ScheduledJob
	// backups is nil where AWS Backup takes care of no database.
	backups *components.Backups
	// runner is nil where none is stated, recovery where nothing of the stack stands in the recovery Region.
	runner   *components.SQLRunner
	recovery *aws.Provider
	// recoveries are what restores databases.
	recoveries map[string]*components.DatabaseRecovery
	// alerting is nil where nobody is told.
	alerting *components.AlertingStack
	// logs is nil where nothing is logged.
	logs pulumi.StringInput
}

// buildData builds what services use, and a provider of the recovery Region where anything is kept there.
func (c *Config) buildData(
	ctx *pulumi.Context, network *components.Network, home *aws.Provider, secrets map[string]pulumi.StringOutput,
) (*data, error) {
	built := &data{}
	var recovery *aws.Provider
	var err error
	if c.keepsCopies() {
		if recovery, err = c.newProvider(ctx, c.RecoveryRegion); err != nil {
			return nil, err
		}
	}
	built.recovery = recovery
	if built.alerting, err = c.buildAlerting(ctx, home, recovery, secrets); err != nil {
		return nil, err
	}
	if built.logs, err = c.buildLogs(ctx, home); err != nil {
		return nil, err
	}
	if built.buckets, err = c.buildBuckets(ctx, home, recovery, built.logs); err != nil {
		return nil, err
	}
	if built.runner, err = c.buildRunner(ctx, network, home); err != nil {
		return nil, err
	}
	if built.databases, err = c.buildDatabases(ctx, network, built, home, recovery); err != nil {
		return nil, err
	}
	if built.backups, err = c.buildBackups(ctx, built, home, recovery); err != nil {
		return nil, err
	}
	built.jobs, err = c.buildJobs(ctx, home)
	return built, err
}

// keepsCopies says whether something of the stack stands in the recovery Region.
func (c *Config) keepsCopies() bool {
	return len(c.Buckets) > 0 || slices.ContainsFunc(c.Databases, func(database DatabaseConfig) bool {
		region, _ := c.copies(&database)
		return region != ""
	})
}

// find puts what a service needs to find the data that it uses into its environment.
func (d *data) find(service *ServiceConfig, environment map[string]pulumi.StringInput) {
	for _, grant := range service.Buckets {
		environment[bucketVariable(grant.Bucket)] = d.buckets[grant.Bucket].BucketName
	}
	for i, connect := range service.Databases {
		for name, value := range d.databases[connect.Database].Connection(service.userOf(connect)) {
			environment[service.prefixOf(i)+name] = value
		}
	}
	for _, job := range service.Jobs {
		maps.Copy(environment, d.jobs[job].Environment())
	}
}

// grant lets every service do with the data what the configuration says.
func (c *Config) grant(built *data, services map[string]*components.ResilientService) error {
	for i := range c.Services {
		service := &c.Services[i]
		resilient := services[service.Name]
		for _, grant := range service.Buckets {
			if err := built.buckets[grant.Bucket].Grant(resilient, grant.Prefix, grant.Access); err != nil {
				return err
			}
		}
		for _, connect := range service.Databases {
			if err := built.databases[connect.Database].GrantConnect(resilient, service.userOf(connect), rightsOf(connect)); err != nil {
				return err
			}
		}
		for _, job := range service.Jobs {
			if err := built.jobs[job].GrantConsume(resilient); err != nil {
				return err
			}
		}
	}
	return nil
}
