package stacks

import (
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// defaultObjective is within how many seconds users are served again where the stack does not say.
const defaultObjective = 90

func (c *Config) objective() int { return orElse(c.ObjectiveSeconds, defaultObjective) }

// databaseArgs leave tags to the provider, as those of buckets do. Automated backups leave the Region by themselves in one topology only.
func (c *Config) databaseArgs(database *DatabaseConfig, placement components.PlacementArgs, recovery *aws.Provider) *components.MultiAZDatabaseArgs {
	profile := c.profile()
	args := &components.MultiAZDatabaseArgs{
		Placement: placement, Topology: database.Topology, EngineVersion: database.EngineVersion, InstanceClass: database.InstanceClass,
		Readers: orZero(database.Readers), StorageGiB: orZero(database.StorageGiB), DatabaseName: database.DatabaseName,
		BackupRetentionDays: orElse(database.BackupRetentionDays, profile.BackupDays),
		BackupWindow:        database.BackupWindow, MaintenanceWindow: database.MaintenanceWindow,
		LogRetention: profile.LogRetention, Protect: profile.Protect && !database.Retiring,
	}
	if database.Topology == components.MultiAZInstance {
		args.RecoveryRegion, args.RecoveryProvider = c.RecoveryRegion, recovery
	}
	return args
}

// buildDatabases builds the stack's databases by their names.
func (c *Config) buildDatabases(
	ctx *pulumi.Context, network *components.Network, stands *data, home, recovery *aws.Provider,
) (map[string]*components.MultiAZDatabase, error) {
	built := map[string]*components.MultiAZDatabase{}
	for i := range c.Databases {
		name, args := c.Databases[i].Name, c.databaseArgs(&c.Databases[i], network.Placement(), recovery)
		args.Runner = stands.runner
		if stands.alerting != nil {
			args.Tickets = stands.alerting.TicketTopicARN
		}
		database, err := components.NewMultiAZDatabase(ctx, name, args, pulumi.Providers(home))
		if err != nil {
			return nil, err
		}
		built[name] = database
	}
	return built, nil
}

// userOf is whom a service connects as.
func (s *ServiceConfig) userOf(connect ConnectConfig) string {
	if connect.User == "" {
		return underscored(s.Name)
	}
	return connect.User
}

// prefixOf is what stands before the names that libpq reads: nothing for the first database of a service.
func (s *ServiceConfig) prefixOf(index int) string {
	if index == 0 {
		return ""
	}
	return variable(s.Databases[index].Database) + "_"
}

// madeAtFirst is the name of the database that the component makes.
func (d *DatabaseConfig) madeAtFirst() string {
	if d.DatabaseName == "" {
		return underscored(d.Name)
	}
	return d.DatabaseName
}

// copies says where of the database a copy is kept, and by what: nothing where the configuration states that none is.
func (c *Config) copies(database *DatabaseConfig) (region, by string) {
	switch {
	case c.RecoveryRegion == "" || database.NoCopyOutsideRegion:
		return "", ""
	case database.Topology == components.MultiAZInstance:
		return c.RecoveryRegion, "replicated automated backups, and AWS Backup every night"
	case database.Topology == components.Aurora:
		return c.RecoveryRegion, "AWS Backup every night"
	}
	return "", ""
}

func underscored(name string) string { return strings.ReplaceAll(name, "-", "_") }

// databaseOutputs is the shape of Outputs.Databases.
func (c *Config) databaseOutputs(built *data) pulumi.Map {
	outputs := pulumi.Map{}
	for i := range c.Databases {
		database := &c.Databases[i]
		stands, times := built.databases[database.Name], database.Topology.FailoverTimes()
		args := c.databaseArgs(database, components.PlacementArgs{}, nil)
		region, by := c.copies(database)
		outputs[database.Name] = pulumi.Map{
			"topology": pulumi.String(database.Topology), "engineVersion": pulumi.String(database.EngineVersion),
			"endpoint": stands.Endpoint, "readerEndpoint": stands.ReaderEndpoint, "identifier": stands.Identifier, "resourceId": stands.ResourceID,
			"databaseName": pulumi.String(database.madeAtFirst()), "storageGiB": pulumi.Int(args.StorageGiB),
			"backupRetentionDays": pulumi.Int(args.BackupRetentionDays), "protected": pulumi.Bool(args.Protect),
			"recovery": pulumi.Map{
				"failoverSeconds": pulumi.Int(times.FailoverSeconds), "nameSeconds": pulumi.Int(times.NameSeconds),
				"connectSeconds": pulumi.Int(times.Addresses * times.ConnectSeconds), "timeToServeSeconds": pulumi.Int(times.TimeToServe()),
				"objectiveSeconds": pulumi.Int(c.objective()),
			},
			"runbooks": runbookOutputs(built.recoveries[database.Name]),
			"copy":     pulumi.Map{"region": pulumi.String(region), "by": pulumi.String(by), "refused": pulumi.Bool(database.NoCopyOutsideRegion)},
		}
	}
	return outputs
}
