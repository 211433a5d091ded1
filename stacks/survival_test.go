// Layer: recorder over Pulumi mocks. Proves for any stack that its data is asked to survive, not that AWS accepts how.
package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	planToken        = "aws:backup/plan:Plan"
	selectionToken   = "aws:backup/selection:Selection"
	vaultToken       = "aws:backup/vault:Vault"
	replicationToken = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
)

// drawn counts what the stacks had of which a claim was made, so that none is made of nothing.
type drawn struct {
	stacks, buckets map[string]int // by environment
	zones           map[int]int
	kept, refused   map[string]int // by topology
}

// TestDataOfEveryValidStackSurvives holds for any stack with data that is admitted: data stands in two zones at least, it can be taken back to an
// earlier point in time, and a copy of it is kept outside the Region, or the configuration and the outputs say that there is none.
func TestDataOfEveryValidStackSurvives(t *testing.T) {
	seen := drawn{map[string]int{}, map[string]int{}, map[int]int{}, map[string]int{}, map[string]int{}}
	rapid.Check(t, func(r *rapid.T) {
		config, names, buckets := generatedData(r)
		if _, err := stacks.Parse(asJSON(r, config)); err != nil {
			r.Skip(err)
		}
		recording, err := record(r, "any", config)
		require.NoError(r, err)
		outputs, err := stacks.DecodeOutputs(map[string]any{stacks.OutputName: recording.Output(r, stacks.OutputName)})
		require.NoError(r, err)
		require.Len(r, outputs.Databases, len(names))
		for _, name := range names {
			topology := outputs.Databases[name].Topology
			requireSpread(r, recording, name, topology)
			out := outputs.Databases[name].Copy
			require.Equal(r, !out.Refused, leavesTheRegion(r, recording, name), "a copy, or it is said that there is none")
			require.Equal(r, out.Refused, out.Region == "")
			if out.Refused {
				seen.refused[topology]++
			} else {
				seen.kept[topology]++
			}
		}
		require.Len(r, outputs.Buckets, len(buckets))
		for _, name := range buckets {
			requireReplicated(r, recording, name)
			seen.buckets[config["environment"].(string)]++
		}
		seen.stacks[config["environment"].(string)]++
		seen.zones[len(config["zones"].([]string))]++
	})
	for _, environment := range []string{"production", "development"} {
		require.Positive(t, seen.stacks[environment], environment)
		require.Positive(t, seen.buckets[environment], environment)
	}
	for zones := 2; zones <= 4; zones++ {
		require.Positive(t, seen.zones[zones], zones)
	}
	for topology, can := range map[components.DatabaseTopology]struct{ keep, refuse bool }{
		components.Aurora: {true, true}, components.MultiAZCluster: {false, true}, components.MultiAZInstance: {true, false},
	} {
		require.Equal(t, can.keep, seen.kept[string(topology)] > 0, topology)
		require.Equal(t, can.refuse, seen.refused[string(topology)] > 0, topology)
	}
}

// generatedData is a stack of either environment with databases and buckets, most often a valid one.
func generatedData(r *rapid.T) (config map[string]any, databases, buckets []string) {
	config = generated(r)
	if rapid.Bool().Draw(r, "production") {
		toProduction(config)
	}
	config["objectiveSeconds"], config["sqlRunner"] = 131, sqlRunner(config["region"].(string))
	if rapid.IntRange(0, 3).Draw(r, "recovery Region stated") > 0 {
		config["recoveryRegion"] = "eu-central-1"
	}
	databases = rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}`), 0, 3, rapid.ID).Draw(r, "databases")
	var databaseConfigs, bucketConfigs []any
	for _, name := range databases {
		database := generatedDatabase(r, name, len(config["zones"].([]string)))
		if rapid.IntRange(0, 3).Draw(r, "copy refused") == 0 {
			database["noCopyOutsideRegion"] = true
		}
		databaseConfigs = append(databaseConfigs, database)
	}
	buckets = rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}`), 0, 2, rapid.ID).Draw(r, "buckets")
	for _, name := range buckets {
		bucketConfigs = append(bucketConfigs, generatedBucket(r, name))
	}
	config["databases"], config["buckets"] = databaseConfigs, bucketConfigs
	return config, databases, buckets
}

// requireSpread holds one database to two zones, or to the three that AWS insists on for its topology, and to being restorable to a point in
// time.
func requireSpread(t *rapid.T, recording *recorder.Recording, name, topology string) {
	t.Helper()
	admitted := map[string]bool{}
	for _, subnet := range recording.One(t, subnetGroupToken, name).Texts(t, "subnetIds") {
		admitted[recording.ZoneOf(t, subnet)] = true
	}
	require.GreaterOrEqual(t, len(admitted), components.DatabaseTopology(topology).Zones())
	require.GreaterOrEqual(t, len(admitted), 2)
	if topology == string(components.MultiAZInstance) {
		instance := recording.One(t, dbInstanceToken, name)
		require.True(t, instance.Bool(t, "multiAz"))
		require.GreaterOrEqual(t, instance.Int(t, "backupRetentionPeriod"), 7)
		return
	}
	cluster := recording.One(t, clusterToken, name)
	require.GreaterOrEqual(t, cluster.Int(t, "backupRetentionPeriod"), 7)
	if topology == string(components.MultiAZCluster) {
		// AWS puts its three instances into three zones of the subnet group.
		require.True(t, cluster.Has("dbClusterInstanceClass"))
		require.GreaterOrEqual(t, len(admitted), 3)
		return
	}
	zones := map[string]bool{}
	for _, member := range recording.OfType(memberToken) {
		if strings.HasPrefix(member.Name, name+"-") {
			zone := member.Text(t, "availabilityZone")
			require.True(t, admitted[zone], "%s is no zone of the subnet group", zone)
			zones[zone] = true
		}
	}
	require.GreaterOrEqual(t, len(zones), 2)
}

// leavesTheRegion says whether something of a database is kept in the other Region: by RDS itself, or by a plan that selects it and copies to a
// vault there.
func leavesTheRegion(t *rapid.T, recording *recorder.Recording, name string) bool {
	t.Helper()
	for _, replication := range recording.OfType(replicationToken) {
		if replication.Name == name+"-recovery" {
			return strings.Contains(replication.Provider, "::aws-eu-central-1::")
		}
	}
	selected := slices.ContainsFunc(recording.OfType(selectionToken), func(selection *recorder.Resource) bool {
		return slices.ContainsFunc(selection.Texts(t, "resources"), func(arn string) bool { return strings.HasSuffix(arn, ":aplomb-any-"+name) })
	})
	if !selected {
		return false
	}
	var there []string
	for _, vault := range recording.OfType(vaultToken) {
		if strings.Contains(vault.Provider, "::aws-eu-central-1::") {
			there = append(there, ":backup-vault:"+vault.ID)
		}
	}
	to := recording.OfType(planToken)[0].Text(t, "rules[0].copyActions[0].destinationVaultArn")
	return slices.ContainsFunc(there, func(vault string) bool {
		return strings.HasPrefix(to, "arn:aws:backup:eu-central-1:") && strings.HasSuffix(to, vault)
	})
}

// requireReplicated holds one bucket to versions and to a copy of each in the other Region.
func requireReplicated(t *rapid.T, recording *recorder.Recording, name string) {
	t.Helper()
	require.Contains(t, recording.One(t, bucketToken, name+"-replica").Provider, "::aws-eu-central-1::")
	rule := recording.One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", name)
	require.Equal(t, "Enabled", rule.Text(t, "rules[0].status"))
	require.Contains(t, rule.Text(t, "rules[0].destination.bucket"), recording.One(t, bucketToken, name+"-replica").ID)
	if bucket := recording.One(t, bucketToken, name); bucket.Has("objectLockEnabled") && bucket.Bool(t, "objectLockEnabled") {
		return // with a lock versions are there from the beginning
	}
	require.Equal(t, "Enabled", recording.One(t, "aws:s3/bucketVersioningV2:BucketVersioningV2", name).Text(t, "versioningConfiguration.status"))
}

// TestWhatHoldsDataIsEncryptedUnderItsComponentsKeyAndProtectedInProduction looks at everything in the committed stacks that holds data.
func TestWhatHoldsDataIsEncryptedUnderItsComponentsKeyAndProtectedInProduction(t *testing.T) {
	keys := map[string]string{ // by the input that names the key
		clusterToken: "kmsKeyId", dbInstanceToken: "kmsKeyId", vaultToken: "kmsKeyArn", queueToken: "kmsMasterKeyId",
		replicationToken: "kmsKeyId", "aws:secretsmanager/secret:Secret": "kmsKeyId", "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId",
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": "rules",
	}
	for stack, protects := range map[string]bool{"prod": true, "dev": false} {
		recording, err := record(t, stack, committed(t, stack))
		require.NoError(t, err)
		seen := map[string]int{}
		for _, each := range recording.All() {
			input, holds := keys[each.Type]
			if !holds || each.Name == "access-logs" { // which load balancers can only write to under a key of S3's
				continue
			}
			seen[each.Type]++
			key := within(each.PropertyDependencies[input], "aws:kms/key:Key")
			require.Len(t, key, 1, each.URN)
			require.Equal(t, each.Parent, recording.ByURN(t, key[0]).Parent, "the component's own key")
			require.Equal(t, protects, recording.ByURN(t, key[0]).Protect, key[0])
			require.Equal(t, each.Provider, recording.ByURN(t, key[0]).Provider, "a key is of its Region")
			if input != "rules" {
				require.Equal(t, protects, each.Protect, each.URN)
			}
		}
		for _, token := range []string{vaultToken, queueToken, "aws:secretsmanager/secret:Secret", "aws:cloudwatch/logGroup:LogGroup"} {
			require.Positive(t, seen[token], token)
		}
		require.Equal(t, 1, seen[clusterToken]+seen[dbInstanceToken])
		require.Equal(t, 4, seen["aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"])
	}
}

// within keeps the URNs of a type.
func within(urns []string, token string) []string {
	return slices.DeleteFunc(slices.Clone(urns), func(urn string) bool { return !strings.Contains(urn, "$"+token+"::") })
}
