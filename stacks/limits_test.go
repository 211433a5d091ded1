// Layer: recorder over Pulumi mocks, and rules (pure). Proves on which side of a limit a stack is refused.
package stacks_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

// withDatabase is the committed production stack with a database of another topology, and with what that needs.
func withDatabase(t *testing.T, topology components.DatabaseTopology) map[string]any {
	t.Helper()
	config := committed(t, "prod")
	database := databaseOf(config, 0)
	database["topology"] = string(topology)
	if topology == components.Aurora {
		return config
	}
	delete(config, "recovery")
	config["sqlRunner"] = sqlRunner("eu-central-1")
	database["storageGiB"], database["instanceClass"] = 100, "db.m7g.large"
	if topology == components.MultiAZCluster {
		database["instanceClass"], database["noCopyOutsideRegion"] = "db.m6gd.large", true
	}
	return config
}

// TestTheObjectiveIsHeldAgainstTheTimeUntilUsersAreServedAndNotTheFailoverAlone tries what lies between the two.
func TestTheObjectiveIsHeldAgainstTheTimeUntilUsersAreServedAndNotTheFailoverAlone(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		times := topology.FailoverTimes()
		require.Less(t, times.FailoverSeconds+1, times.TimeToServe()-1, "there is something between them")
		config := withDatabase(t, topology)
		for _, objective := range []int{times.FailoverSeconds, times.FailoverSeconds + 1, times.FailoverSeconds + times.NameSeconds, times.TimeToServe() - 1} {
			config["objectiveSeconds"] = objective
			_, err := stacks.Parse(asJSON(t, config))
			require.ErrorContains(t, err, fmt.Sprintf("which is above the objective of %d s", objective), topology)
			require.ErrorContains(t, err, fmt.Sprintf("state objectiveSeconds: %d or more", times.TimeToServe()), topology)
		}
		config["objectiveSeconds"] = times.TimeToServe()
		_, err := stacks.Parse(asJSON(t, config))
		require.NoError(t, err, topology)
	}
}

func TestARecoveryNetworkSharesNoAddressWithTheStacks(t *testing.T) {
	for _, each := range []struct {
		own, there string
		overlaps   bool
	}{
		{"10.40.0.0/16", "10.40.0.0/16", true},
		{"10.40.0.0/16", "10.40.0.0/20", true},
		{"10.40.0.0/16", "10.40.240.0/20", true},
		{"10.40.0.0/16", "10.40.128.0/17", true},
		{"10.40.16.0/20", "10.40.0.0/16", true},
		{"10.40.240.0/20", "10.40.128.0/17", true},
		{"10.40.0.0/17", "10.40.128.0/17", false},
		{"10.40.0.0/16", "10.41.0.0/16", false},
		{"10.40.0.0/20", "10.40.16.0/20", false},
	} {
		config := committed(t, "prod")
		config["network"].(map[string]any)["cidr"], config["recovery"].(map[string]any)["cidr"] = each.own, each.there
		_, err := stacks.Parse(asJSON(t, config))
		if !each.overlaps {
			require.NoError(t, err, each)
			continue
		}
		require.ErrorContains(t, err, fmt.Sprintf("recovery.cidr: %q overlaps network.cidr, %s", each.there, each.own))
	}
}

func TestTheRunnersLogOutlivesItInProduction(t *testing.T) {
	for stack, config := range map[string]map[string]any{"prod": withDatabase(t, components.MultiAZCluster), "dev": committed(t, "dev")} {
		recording, err := record(t, stack, config)
		require.NoError(t, err)
		log := recording.One(t, "aws:cloudwatch/logGroup:LogGroup", "sql-runner")
		require.Equal(t, stack == "prod", log.Protect, stack)
		key := within(log.PropertyDependencies["kmsKeyId"], "aws:kms/key:Key")
		require.Len(t, key, 1)
		require.Equal(t, stack == "prod", recording.ByURN(t, key[0]).Protect, stack)
	}
}

// connections are the entries in the databases of all services.
func connections(config map[string]any) (all []any) {
	for _, service := range config["services"].([]any) {
		if entries, any := service.(map[string]any)["databases"].([]any); any {
			all = append(all, entries...)
		}
	}
	return all
}

// TestADatabaseOfAsManyReadersAsAreAdmittedAndWithTheLongestCheckIsBuilt holds that no document outgrows what AWS takes, in names of every length.
func TestADatabaseOfAsManyReadersAsAreAdmittedAndWithTheLongestCheckIsBuilt(t *testing.T) {
	query := "SELECT '" + strings.Repeat("<", 70) + "' = ''"
	for _, class := range []string{"db.r7g.large", "db.t4g.medium"} {
		config := committed(t, "prod")
		services := config["services"].([]any)
		for i := len(connections(config)); i < 12; i++ {
			service := maps.Clone(services[1].(map[string]any))
			name := fmt.Sprintf("a-service-of-name-%02d", i)
			service["name"], service["hostName"] = name, name+".support.example.com"
			for _, key := range []string{"jobs", "calls", "buckets", "egress"} {
				delete(service, key)
			}
			service["databases"] = []any{map[string]any{"database": databaseOf(config, 0)["name"], "user": fmt.Sprintf("u%062d", i), "rights": "read-write"}}
			services = append(services, service)
		}
		config["services"] = services
		database := databaseOf(config, 0)
		database["instanceClass"], database["readers"], database["check"] = class, 8, query
		if class == "db.t4g.medium" {
			delete(config, "recovery")
			config["sqlRunner"] = sqlRunner("eu-central-1")
		}
		recording, err := record(t, "a-stack-with-a-name-of-many-let", config)
		require.NoError(t, err, class)
		asking := 0
		for _, document := range recording.OfType("aws:ssm/document:Document") {
			if content := document.Text(t, "content"); strings.Contains(content, strings.Repeat("<", 70)) || strings.Count(content, "u003c") >= 70 {
				asking++
			}
		}
		require.GreaterOrEqual(t, asking, 2, "%s: the documents judge by the query", class)
	}
}
