// Layer: rules (pure).
package stacks_test

import (
	"testing"

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
