package stacks

import (
	"fmt"
	"slices"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// runnerName is the one runner of a stack: it serves every database that needs one.
const runnerName = "sql-runner"

func (c *Config) needsRunner() bool {
	return slices.ContainsFunc(c.Databases, func(database DatabaseConfig) bool {
		return slices.Contains(components.DatabaseTopologies(), database.Topology) && !c.databaseArgs(&database, components.PlacementArgs{}, nil).HasDataAPI()
	})
}

func (c *Config) runnerArgs(placement components.PlacementArgs) *components.SQLRunnerArgs {
	profile := c.profile()
	return &components.SQLRunnerArgs{
		Placement: placement, Image: c.SQLRunner.Image, Architecture: c.SQLRunner.Architecture, LogRetention: profile.LogRetention, Protect: profile.Protect,
	}
}

// buildRunner is nil where none is stated.
func (c *Config) buildRunner(ctx *pulumi.Context, network *components.Network, home *aws.Provider) (*components.SQLRunner, error) {
	if c.SQLRunner == nil {
		return nil, nil //nolint:nilnil // there is none, and nothing went wrong
	}
	return components.NewSQLRunner(ctx, runnerName, c.runnerArgs(network.Placement()), pulumi.Providers(home))
}

// checkRunner wants a runner where a database needs one.
func (c *Config) checkRunner(all *check.Checker) {
	if c.SQLRunner == nil {
		if c.needsRunner() {
			all.Missing("sqlRunner", "AWS has no Data API for one of the databases, by which its users could be made", "add it, with the image that make sql-image builds")
		}
		return
	}
	for _, failure := range c.runnerArgs(c.isolatedPlacement()).Check(runnerName) {
		if failure.Path == "image" || failure.Path == "architecture" {
			failure.Path = "sqlRunner." + failure.Path
			all.Add(failure)
		}
	}
}

// rightsOf is what a service's user may do.
func rightsOf(connect ConnectConfig) components.DatabaseRights {
	if connect.Rights == "" {
		return components.DatabaseReadWrite
	}
	return connect.Rights
}

// checkRights refuses rights that there are not, and one user of a database with different ones.
func (c *Config) checkRights(all *check.Checker) {
	type user struct{ database, name string }
	before := map[user]components.DatabaseRights{}
	for i := range c.Services {
		for j, connect := range c.Services[i].Databases {
			rights, key := rightsOf(connect), user{connect.Database, c.Services[i].userOf(connect)}
			path := fmt.Sprintf("services[%d].databases[%d].rights", i, j)
			if !slices.Contains(components.AllDatabaseRights(), rights) {
				all.Fail(path, string(rights), "must be one of read, read-write, owner", "choose one")
				continue
			}
			if earlier, named := before[key]; named && earlier != rights {
				all.Fail(path, string(rights), "is not what "+key.name+" may do elsewhere in the stack: "+string(earlier), "state the same, or another user")
			}
			before[key] = rights
		}
	}
}
