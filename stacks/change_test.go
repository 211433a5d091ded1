// Layer: rules (pure).
package stacks_test

import (
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

func standing() *stacks.Outputs {
	return &stacks.Outputs{
		Account: "210987654321", Environment: "production", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
		Network: stacks.NetworkOutputs{CIDR: "10.40.0.0/16"},
	}
}

func TestZonesMayBeAppendedAndRemovedAtTheEndOnly(t *testing.T) {
	config, err := stacks.ReadStack("..", "prod")
	require.NoError(t, err)
	require.NoError(t, config.CheckChange(standing()))
	config.Zones = config.Zones[:2]
	require.NoError(t, config.CheckChange(standing()))
	config.Zones = append(config.Zones, "eu-central-1c", "eu-central-1d")
	require.NoError(t, config.CheckChange(standing()))
	config.Zones = []string{"eu-central-1b", "eu-central-1c", "eu-central-1a"}
	require.EqualError(t, config.CheckChange(standing()), `aplomb:config: zones[0]: "eu-central-1b" stands where the network has eu-central-1a: `+
		`subnets are named by position; keep eu-central-1a, eu-central-1b, eu-central-1c in this order; append new zones, or remove them, at the end`)
}

func TestAProductionStackStaysOne(t *testing.T) {
	config, err := stacks.ReadStack("..", "prod")
	require.NoError(t, err)
	config.Environment = stacks.Development
	require.EqualError(t, config.CheckChange(standing()), `aplomb:config: environment: "development" would take the protection off everything `+
		`in a production stack; set retiring on the services that may go, or destroy the stack`)
}

func TestAStackThatStandsMovesToNoOtherPlace(t *testing.T) {
	config, err := stacks.ReadStack("..", "prod")
	require.NoError(t, err)
	elsewhere := standing()
	elsewhere.Account, elsewhere.Region, elsewhere.Network.CIDR = "109876543210", "eu-west-1", "10.50.0.0/16"
	require.EqualError(t, config.CheckChange(elsewhere), `aplomb:config: 3 problems
  - account: "210987654321" is not the account 109876543210 in which the stack stands; destroy the stack first, or configure a new one beside it
  - region: "eu-central-1" is not the Region eu-west-1 in which the stack stands; destroy the stack first, or configure a new one beside it
  - network.cidr: "10.40.0.0/16" is not the range 10.50.0.0/16 of the network that stands; destroy the stack first, or configure a new one beside it`)
}

// standingDatabase is a stack in which the database of the committed one stands.
func standingDatabase(change func(*stacks.DatabaseOutputs)) *stacks.Outputs {
	old := standing()
	database := stacks.DatabaseOutputs{
		Topology: "aurora", EngineVersion: "16.6", DatabaseName: "tickets", Protected: true, Copy: stacks.CopyOutputs{Region: "eu-west-1", By: "AWS Backup every night"},
	}
	if change != nil {
		change(&database)
	}
	old.RecoveryRegion, old.Databases = "eu-west-1", map[string]stacks.DatabaseOutputs{"tickets-db": database}
	return old
}

func TestWhatWouldPutAnEmptyDatabaseInPlaceOfAnotherIsRefused(t *testing.T) {
	const beside = "; keep it; to have it otherwise, add a database beside it, move the data, then retire this one"
	config, err := stacks.ReadStack("..", "prod")
	require.NoError(t, err)
	require.NoError(t, config.CheckChange(standingDatabase(nil)))
	for want, change := range map[string]func(*stacks.DatabaseOutputs){
		`topology: "aurora" is not multi-az-instance, which stands: an empty database would take its place`:       func(o *stacks.DatabaseOutputs) { o.Topology = "multi-az-instance" },
		`databaseName: "tickets" is not desk, which was made at first: an empty database would take its place`:    func(o *stacks.DatabaseOutputs) { o.DatabaseName = "desk" },
		`engineVersion: "16.6" is earlier than 16.10, which stands: AWS does not go back`:                         func(o *stacks.DatabaseOutputs) { o.EngineVersion = "16.10" },
		`engineVersion: "16.6" is earlier than 17.2, which stands: AWS does not go back`:                          func(o *stacks.DatabaseOutputs) { o.EngineVersion = "17.2" },
		`engineVersion: "16.6" is another major version than 15.10, which stands, and is not reached by a deploy`: func(o *stacks.DatabaseOutputs) { o.EngineVersion = "15.10" },
		`storageGiB: 0 is less than the 100 GiB that stand: AWS takes no storage away`:                            func(o *stacks.DatabaseOutputs) { o.StorageGiB = 100 },
	} {
		require.EqualError(t, config.CheckChange(standingDatabase(change)), "aplomb:config: databases[0]."+want+beside)
	}
	require.NoError(t, config.CheckChange(standingDatabase(func(o *stacks.DatabaseOutputs) { o.EngineVersion = "16.4" })), "a minor upgrade")
	config.Databases[0].Topology = components.MultiAZCluster
	require.ErrorContains(t, config.CheckChange(standingDatabase(nil)), `topology: "multi-az-cluster" is not aurora`)
}

func TestAProductionDatabaseLeavesTheFileOnlyOnceItIsRetired(t *testing.T) {
	config, err := stacks.ReadStack("..", "prod")
	require.NoError(t, err)
	config.Databases = nil
	require.EqualError(t, config.CheckChange(standingDatabase(nil)), `aplomb:config: databases: "tickets-db" stands in production and is missing here; `+
		`put it back; to remove it, set retiring on it and bring that up first`)
	require.NoError(t, config.CheckChange(standingDatabase(func(o *stacks.DatabaseOutputs) { o.Protected = false })), "it was retired")
}

func TestTheRecoveryRegionOfADatabasesCopyStays(t *testing.T) {
	config, err := stacks.ReadStack("..", "prod")
	require.NoError(t, err)
	old := standingDatabase(nil)
	old.RecoveryRegion = "eu-north-1"
	require.ErrorContains(t, config.CheckChange(old), `recoveryRegion: "eu-west-1" is not the Region eu-north-1 in which copies stand`)
	old = standingDatabase(func(o *stacks.DatabaseOutputs) { o.Copy = stacks.CopyOutputs{Refused: true} })
	old.RecoveryRegion = ""
	require.NoError(t, config.CheckChange(old), "a stack without a copy gets one")
}
