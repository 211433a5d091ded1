// Layer: rules (pure).
package components_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// TestTheFiguresOfAFailoverAreTheDocumentedOnes reads the table in the documentation of MultiAZDatabase.
func TestTheFiguresOfAFailoverAreTheDocumentedOnes(t *testing.T) {
	source, err := os.ReadFile("multiazdatabase.go")
	require.NoError(t, err)
	lines := regexp.MustCompile(`(?m)^//\t(\S+) +(\d+) s +(\d+) s +(\d+) × (\d+) s +(\d+) s$`).FindAllStringSubmatch(string(source), -1)
	require.Len(t, lines, len(components.DatabaseTopologies()))
	for i, topology := range components.DatabaseTopologies() {
		times := topology.FailoverTimes()
		require.Equal(t, []string{string(topology), fmt.Sprint(times.FailoverSeconds), fmt.Sprint(times.NameSeconds),
			fmt.Sprint(times.Addresses), fmt.Sprint(times.ConnectSeconds), fmt.Sprint(times.TimeToServe())}, lines[i][1:])
		require.Regexp(t, `^https://docs\.aws\.amazon\.com/`, times.Source)
		require.Contains(t, string(source), times.Source, "the same page stands where the topology is described")
		require.GreaterOrEqual(t, topology.Zones(), 2)
	}
	require.Equal(t, "60 s failover + 5 s DNS + 3 × 3 s connect = 74 s", components.Aurora.FailoverTimes().String())
	require.Zero(t, components.DatabaseTopology("serverless").FailoverTimes())
}

func TestAConnectionHasExactlyTheVariablesThatAreListed(t *testing.T) {
	var names []string
	var timeout pulumi.StringInput
	recorder.Run(t, withDatabase(databaseArgs(components.Aurora), func(database *components.MultiAZDatabase, _ *components.ResilientService) error {
		connection := database.Connection("tickets")
		timeout, names = connection["PGCONNECT_TIMEOUT"], slices.Collect(maps.Keys(connection))
		return nil
	}))
	slices.Sort(names)
	require.Equal(t, components.ConnectionVariables(), names)
	require.Equal(t, pulumi.String(fmt.Sprint(components.Aurora.FailoverTimes().ConnectSeconds)), timeout, "the arithmetic counts on it")
}
