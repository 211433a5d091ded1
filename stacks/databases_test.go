// Layer: recorder over Pulumi mocks. Proves what a stack's databases ask for, not that AWS accepts it.
package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	clusterToken     = "aws:rds/cluster:Cluster"
	dbInstanceToken  = "aws:rds/instance:Instance"
	memberToken      = "aws:rds/clusterInstance:ClusterInstance"
	subnetGroupToken = "aws:rds/subnetGroup:SubnetGroup"
)

func databaseOf(config map[string]any, index int) map[string]any {
	return config["databases"].([]any)[index].(map[string]any)
}

func TestServicesFindTheirDatabaseAndConnectAsTheirOwnUser(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	granted := map[string]string{}
	for _, policy := range recording.OfType(rolePolicyToken) {
		if strings.Contains(policy.Parent, "MultiAZDatabase") && strings.Contains(policy.Name, "-as-") {
			granted[policy.Name] = policy.Text(t, "role")
		}
	}
	role := func(service string) string { return recording.One(t, "aws:iam/role:Role", service).ID }
	require.Equal(t, map[string]string{
		"tickets-db-as-tickets-for-tickets": role("tickets"), "tickets-db-as-search-for-search": role("search"),
	}, granted)
	require.NotContains(t, environmentOf(t, recording, "web"), "PGHOST")
	for _, service := range []string{"tickets", "search"} {
		environment := environmentOf(t, recording, service)
		require.Contains(t, environment, "PGUSER="+service+"\n")
		require.Contains(t, environment, "PGDATABASE=tickets\n")
		require.Regexp(t, `PGHOST=aplomb-prod-tickets-db\.cluster-[a-z0-9]+\.eu-central-1\.rds\.amazonaws\.com\n`, environment)
	}
}

func TestASecondDatabaseOfAServiceIsFoundUnderItsName(t *testing.T) {
	config := committed(t, "prod")
	second := map[string]any{"name": "reports", "topology": "aurora", "engineVersion": "16.6", "instanceClass": "db.r7g.large"}
	config["databases"] = append(config["databases"].([]any), second)
	tickets := config["services"].([]any)[1].(map[string]any)
	tickets["databases"] = append(tickets["databases"].([]any), map[string]any{"database": "reports"}, map[string]any{"database": "tickets-db", "user": "migrations"})
	recording, err := record(t, "prod", config)
	require.NoError(t, err)
	environment := environmentOf(t, recording, "tickets")
	for _, line := range []string{"PGUSER=tickets\n", "REPORTS_PGUSER=tickets\n", "REPORTS_PGDATABASE=reports\n", "TICKETS_DB_PGUSER=migrations\n"} {
		require.Contains(t, environment, line)
	}
	require.Equal(t, 3, strings.Count(environment, "PGHOST="))
}

func TestEnvironmentsDifferInWhatADatabaseKeeps(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	cluster := recording.One(t, clusterToken, "tickets-db")
	require.Equal(t, 35, cluster.Int(t, "backupRetentionPeriod"))
	require.True(t, cluster.Bool(t, "deletionProtection"))
	require.True(t, cluster.Protect)
	require.True(t, cluster.RetainOnDelete)
	require.Len(t, recording.OfType(memberToken), 3)

	recording, err = record(t, "dev", committed(t, "dev"))
	require.NoError(t, err)
	instance := recording.One(t, dbInstanceToken, "tickets-db")
	require.Equal(t, 7, instance.Int(t, "backupRetentionPeriod"))
	require.False(t, instance.Bool(t, "deletionProtection"))
	require.False(t, instance.Protect)
	require.True(t, instance.Bool(t, "multiAz"))
	require.Len(t, recording.One(t, subnetGroupToken, "tickets-db").Texts(t, "subnetIds"), 2)
	replication := recording.One(t, "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication", "tickets-db-recovery")
	require.Contains(t, replication.Provider, "aws-eu-west-1")

	config := committed(t, "prod")
	databaseOf(config, 0)["retiring"] = true
	recording, err = record(t, "prod", config)
	require.NoError(t, err)
	cluster = recording.One(t, clusterToken, "tickets-db")
	require.False(t, cluster.Protect)
	require.False(t, cluster.Bool(t, "deletionProtection"))
	require.False(t, cluster.Bool(t, "skipFinalSnapshot"), "its last state is kept all the same")
}

func TestTheOutputSaysHowADatabaseSurvivesAndWhereItsCopyIs(t *testing.T) {
	for stack, want := range map[string]stacks.DatabaseOutputs{
		"prod": {
			Topology: "aurora", BackupRetentionDays: 35, Protected: true,
			Recovery: stacks.RecoveryOutputs{FailoverSeconds: 60, NameSeconds: 5, ConnectSeconds: 9, TimeToServeSeconds: 74, ObjectiveSeconds: 90},
			Copy:     stacks.CopyOutputs{Region: "eu-west-1", By: "AWS Backup every night"},
		},
		"dev": {
			Topology: "multi-az-instance", StorageGiB: 20, BackupRetentionDays: 7,
			Recovery: stacks.RecoveryOutputs{FailoverSeconds: 120, NameSeconds: 5, ConnectSeconds: 6, TimeToServeSeconds: 131, ObjectiveSeconds: 180},
			Copy:     stacks.CopyOutputs{Region: "eu-west-1", By: "replicated automated backups, and AWS Backup every night"},
		},
	} {
		recording, err := record(t, stack, committed(t, stack))
		require.NoError(t, err)
		outputs, err := stacks.DecodeOutputs(map[string]any{stacks.OutputName: recording.Output(t, stacks.OutputName)})
		require.NoError(t, err)
		got := outputs.Databases["tickets-db"]
		require.NotEmpty(t, got.Endpoint)
		require.NotEmpty(t, got.ResourceID)
		require.NotEmpty(t, got.Runbooks.RestoreToPointInTime)
		require.NotEmpty(t, got.Runbooks.CutOver)
		require.NotEmpty(t, got.Runbooks.ValidateRestoreTest)
		require.Equal(t, stack == "prod", got.Runbooks.RestoreFromCopy != "")
		want.Runbooks = got.Runbooks
		want.Endpoint, want.ReaderEndpoint, want.ResourceID = got.Endpoint, got.ReaderEndpoint, got.ResourceID
		want.EngineVersion, want.DatabaseName, want.Identifier = "16.6", "tickets", "aplomb-"+stack+"-tickets-db"
		require.Equal(t, want, got)
	}
}

func TestARefusedCopyShowsInTheOutput(t *testing.T) {
	config := committed(t, "prod")
	databaseOf(config, 0)["topology"], databaseOf(config, 0)["instanceClass"] = "multi-az-cluster", "db.m6gd.large"
	databaseOf(config, 0)["storageGiB"], databaseOf(config, 0)["noCopyOutsideRegion"] = 100, true
	config["sqlRunner"] = sqlRunner("eu-central-1")
	delete(config, "recovery")
	recording, err := record(t, "prod", config)
	require.NoError(t, err)
	outputs, err := stacks.DecodeOutputs(map[string]any{stacks.OutputName: recording.Output(t, stacks.OutputName)})
	require.NoError(t, err)
	require.Equal(t, stacks.CopyOutputs{Refused: true}, outputs.Databases["tickets-db"].Copy)
}

func TestAStackWhoseNameLeavesNoRoomForADatabaseRegistersNothing(t *testing.T) {
	recording, err := record(t, "production-of-the-support-team-in-frankfurt-am-main", committed(t, "prod"))
	require.ErrorContains(t, err, `aplomb:config.databases[0].name: "tickets-db" is no name in this stack`)
	require.Empty(t, recording.All())
}

// generatedDatabase is one that is valid in so many zones with a recovery Region, and with a long objective.
func generatedDatabase(r *rapid.T, name string, zones int) map[string]any {
	fitting := slices.DeleteFunc(components.DatabaseTopologies(), func(topology components.DatabaseTopology) bool { return topology.Zones() > zones })
	topology := rapid.SampledFrom(fitting).Draw(r, "topology")
	database := map[string]any{"name": name, "topology": string(topology), "engineVersion": "16.6"}
	switch topology {
	case components.Aurora:
		database["instanceClass"] = rapid.SampledFrom([]string{"db.r7g.large", "db.t4g.medium"}).Draw(r, "class")
		if rapid.Bool().Draw(r, "readers stated") {
			database["readers"] = rapid.IntRange(1, 8).Draw(r, "readers")
		}
	case components.MultiAZCluster:
		database["instanceClass"], database["storageGiB"], database["noCopyOutsideRegion"] = "db.m6gd.large", rapid.IntRange(20, 65536).Draw(r, "GiB"), true
	case components.MultiAZInstance:
		database["instanceClass"], database["storageGiB"] = "db.m7g.large", rapid.IntRange(20, 65536).Draw(r, "GiB")
	}
	if rapid.Bool().Draw(r, "retention stated") {
		database["backupRetentionDays"] = rapid.IntRange(7, 35).Draw(r, "days")
	}
	return database
}

// TestEveryValidStackOfDatabasesIsBuilt holds that no configuration which is admitted fails halfway: no two resources are one to the engine,
// no two instances have one name, and a role has room for what its service is granted.
func TestEveryValidStackOfDatabasesIsBuilt(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		config := generated(r)
		config["recoveryRegion"], config["objectiveSeconds"] = "eu-central-1", 131
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[ab](-[1-3]|-recovery|-as-a)?(-for-a)?`), 1, 3, rapid.ID).Draw(r, "databases")
		var databases []any
		for _, name := range names {
			databases = append(databases, generatedDatabase(r, name, len(config["zones"].([]string))))
		}
		config["databases"] = databases
		config["sqlRunner"] = sqlRunner(config["region"].(string))
		for _, service := range config["services"].([]any) {
			var connects []any
			for range rapid.IntRange(0, 3).Draw(r, "connects") {
				connects = append(connects, map[string]any{
					"database": rapid.SampledFrom(names).Draw(r, "database"), "user": rapid.SampledFrom([]string{"", "a", "a_for_a"}).Draw(r, "user"),
				})
			}
			service.(map[string]any)["databases"] = connects
		}
		if _, err := stacks.Parse(asJSON(r, config)); err != nil {
			r.Skip(err)
		}
		recording, err := record(r, "any", config, previewing(r)...)
		require.NoError(r, err)
		require.Equal(r, len(names), recording.Count()[subnetGroupToken])
		identifiers := map[string]bool{}
		for _, instance := range append(recording.OfType(memberToken), recording.OfType(dbInstanceToken)...) {
			identifier := instance.Text(r, "identifier")
			require.False(r, identifiers[identifier], identifier)
			identifiers[identifier] = true
		}
		for _, policy := range recording.OfType(rolePolicyToken) {
			if strings.Contains(policy.Parent, "MultiAZDatabase") && !policy.Unknown("policy") && strings.Contains(policy.Text(r, "policy"), "rds-db:connect") {
				require.LessOrEqual(r, len(policy.Text(r, "policy")), 350, "what is counted on")
			}
		}
	})
}
