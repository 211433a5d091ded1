package components_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	databaseToken              = "aplomb:components:MultiAZDatabase"
	clusterToken               = "aws:rds/cluster:Cluster"
	memberToken                = "aws:rds/clusterInstance:ClusterInstance"
	dbInstanceToken            = "aws:rds/instance:Instance"
	subnetGroupToken           = "aws:rds/subnetGroup:SubnetGroup"
	clusterParameterGroupToken = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	parameterGroupToken        = "aws:rds/parameterGroup:ParameterGroup"
	backupsReplicationToken    = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
)

// databaseArgs is a database of a topology with as little said as possible.
func databaseArgs(topology components.DatabaseTopology) *components.MultiAZDatabaseArgs {
	placement := existingVPC()
	placement.IsolatedSubnetIDs = pulumi.ToStringArray([]string{"subnet-isolated-a", "subnet-isolated-b", "subnet-isolated-c"})
	args := &components.MultiAZDatabaseArgs{Placement: placement, Topology: topology, EngineVersion: "16.6", InstanceClass: "db.r6gd.large", StorageGiB: 100}
	switch topology {
	case components.Aurora:
		args.InstanceClass, args.StorageGiB = "db.r7g.large", 0
	case components.MultiAZInstance:
		args.InstanceClass, args.RecoveryRegion = "db.m7g.large", "eu-west-1"
	case components.MultiAZCluster:
	}
	return args
}

// withDatabase is a program with one database called tickets-db and the service tickets, which then does something with both. A recovery
// Region gets its provider.
func withDatabase(args *components.MultiAZDatabaseArgs, then func(*components.MultiAZDatabase, *components.ResilientService) error) pulumi.RunFunc {
	return inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		if args.RecoveryRegion != "" {
			recovery, err := aws.NewProvider(ctx, args.RecoveryRegion, &aws.ProviderArgs{
				Region: pulumi.String(args.RecoveryRegion), AllowedAccountIds: pulumi.ToStringArray([]string{account}),
			})
			if err != nil {
				return err
			}
			args.RecoveryProvider = recovery
		}
		if err := giveRunner(ctx, args, provider); err != nil {
			return err
		}
		database, err := components.NewMultiAZDatabase(ctx, "tickets-db", args, provider)
		if err != nil || then == nil {
			return err
		}
		consumer := serviceArgs()
		consumer.Environment = database.Connection("tickets")
		service, err := components.NewResilientService(ctx, "tickets", consumer, provider)
		if err != nil {
			return err
		}
		return then(database, service)
	})
}

func recordDatabase(t recorder.TB, args *components.MultiAZDatabaseArgs, options ...recorder.Option) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, withDatabase(args, nil), options...)
}

func grantTickets(database *components.MultiAZDatabase, service *components.ResilientService) error {
	return database.GrantConnect(service, "tickets", components.DatabaseReadWrite)
}

func TestEachTopologyIsExactlyTheseResourcesInPreviewAndUpdate(t *testing.T) {
	for topology, own := range map[components.DatabaseTopology]map[string]int{
		components.Aurora: {clusterToken: 1, memberToken: 3, clusterParameterGroupToken: 1, keyToken: 1, aliasToken: 1, rolePolicyToken: 1},
		components.MultiAZCluster: {
			clusterToken: 1, clusterParameterGroupToken: 1, keyToken: 1, aliasToken: 1, rolePolicyToken: 2, ingressToken: 1, // the runner's policy and its way in
		},
		components.MultiAZInstance: {
			dbInstanceToken: 1, parameterGroupToken: 1, backupsReplicationToken: 1, keyToken: 2, aliasToken: 2, rolePolicyToken: 2, ingressToken: 1,
		},
	} {
		want := map[string]int{subnetGroupToken: 1, securityGroupToken: 1, logGroupToken: 1, roleToken: 1, documentToken: 1}
		for token, count := range own {
			want[token] = count
		}
		require.Equal(t, want, ofDatabase(t, recordDatabase(t, databaseArgs(topology))), topology)
		require.Equal(t, want, ofDatabase(t, recordDatabase(t, databaseArgs(topology), recorder.Preview())), topology)
	}
}

// ofDatabase counts what the database is the parent of, by type.
func ofDatabase(t *testing.T, recording *recorder.Recording) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, child := range recording.ChildrenOf(recording.One(t, databaseToken, "tickets-db").URN) {
		counts[child.Type]++
	}
	return counts
}

func TestAuroraHasAMemberOfOneSizeInEveryZoneAndAnOrderOfPromotion(t *testing.T) {
	recording := recordDatabase(t, databaseArgs(components.Aurora))
	zones := map[string]int{}
	for index, name := range []string{"tickets-db-1", "tickets-db-2", "tickets-db-3"} {
		member := recording.One(t, memberToken, name)
		zones[member.Text(t, "availabilityZone")]++
		require.Equal(t, index, member.Int(t, "promotionTier"))
		require.Equal(t, "db.r7g.large", member.Text(t, "instanceClass"))
		require.False(t, member.Bool(t, "publiclyAccessible"))
		require.Equal(t, "aplomb-test-"+name, member.Text(t, "identifier"))
		require.Equal(t, []string{recording.One(t, clusterToken, "tickets-db").URN}, within(member.PropertyDependencies["clusterIdentifier"], clusterToken))
	}
	require.Equal(t, map[string]int{"eu-central-1a": 1, "eu-central-1b": 1, "eu-central-1c": 1}, zones)
	cluster := recording.One(t, clusterToken, "tickets-db")
	require.Equal(t, "aurora-postgresql", cluster.Text(t, "engine"))
	require.False(t, cluster.Has("allocatedStorage"))
	require.False(t, cluster.Has("availabilityZones"), "it forces a replacement and drifts")
}

func TestAMultiAZClusterHasItsThreeInstancesInItself(t *testing.T) {
	cluster := recordDatabase(t, databaseArgs(components.MultiAZCluster)).One(t, clusterToken, "tickets-db")
	require.Equal(t, "postgres", cluster.Text(t, "engine"))
	require.Equal(t, "db.r6gd.large", cluster.Text(t, "dbClusterInstanceClass"))
	require.Equal(t, "gp3", cluster.Text(t, "storageType"))
	require.Equal(t, 100, cluster.Int(t, "allocatedStorage"))
}

// core is what stands for the database itself, whatever the topology.
func core(t *testing.T, recording *recorder.Recording) *recorder.Resource {
	t.Helper()
	if len(recording.OfType(dbInstanceToken)) == 1 {
		return recording.One(t, dbInstanceToken, "tickets-db")
	}
	return recording.One(t, clusterToken, "tickets-db")
}

func TestEveryTopologyKeepsItsDataAndItsSecret(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		args := databaseArgs(topology)
		args.BackupRetentionDays, args.Protect = 35, true
		recording := recordDatabase(t, args)
		database := core(t, recording)
		key := recording.One(t, keyToken, "tickets-db")
		for _, property := range []string{"kmsKeyId", "masterUserSecretKmsKeyId"} {
			require.Equal(t, []string{key.URN}, within(database.PropertyDependencies[property], keyToken), "%s %s", topology, property)
		}
		require.True(t, database.Bool(t, "storageEncrypted"), topology)
		require.True(t, database.Bool(t, "manageMasterUserPassword"), topology)
		require.False(t, database.Has("masterPassword"), topology)
		require.False(t, database.Has("password"), topology)
		require.True(t, database.Bool(t, "iamDatabaseAuthenticationEnabled"), topology)
		require.Equal(t, 35, database.Int(t, "backupRetentionPeriod"), topology)
		require.True(t, database.Bool(t, "deletionProtection"), topology)
		require.False(t, database.Bool(t, "deleteAutomatedBackups"), topology)
		require.False(t, database.Bool(t, "skipFinalSnapshot"), topology)
		require.Equal(t, "aplomb-test-tickets-db-final", database.Text(t, "finalSnapshotIdentifier"), topology)
		require.Equal(t, []string{"postgresql"}, database.Texts(t, "enabledCloudwatchLogsExports"), topology)
		require.Contains(t, database.DependsOn, recording.One(t, logGroupToken, "tickets-db").URN, "RDS would make a log group without key and end")
		require.True(t, database.Protect && database.RetainOnDelete, topology)
		require.Equal(t, []string{"subnet-isolated-a", "subnet-isolated-b", "subnet-isolated-c"}, recording.One(t, subnetGroupToken, "tickets-db").Texts(t, "subnetIds"))
	}
}

func TestConnectionsWithoutTLSAreRefusedByEveryTopology(t *testing.T) {
	want := []any{map[string]any{"name": "rds.force_ssl", "value": "1"}}
	for topology, group := range map[components.DatabaseTopology]struct{ token, family string }{
		components.Aurora:          {clusterParameterGroupToken, "aurora-postgresql16"},
		components.MultiAZCluster:  {clusterParameterGroupToken, "postgres16"},
		components.MultiAZInstance: {parameterGroupToken, "postgres16"},
	} {
		parameters := recordDatabase(t, databaseArgs(topology)).One(t, group.token, "tickets-db")
		require.Equal(t, want, parameters.List(t, "parameters"), topology)
		require.Equal(t, group.family, parameters.Text(t, "family"), topology)
	}
}

func TestBackupsOfAnInstanceAreReceivedByTheRecoveryRegionUnderItsKey(t *testing.T) {
	args := databaseArgs(components.MultiAZInstance)
	args.Protect = true
	recording := recordDatabase(t, args)
	recovery := recording.One(t, providerToken, "eu-west-1")
	far := map[string]bool{}
	for _, child := range recording.ChildrenOf(recording.One(t, databaseToken, "tickets-db").URN) {
		if child.Provider == recovery.URN+"::"+recovery.ID {
			far[child.Type+" "+child.Name] = true
		}
	}
	require.Equal(t, map[string]bool{
		keyToken + " tickets-db-recovery": true, aliasToken + " tickets-db-recovery": true, backupsReplicationToken + " tickets-db-recovery": true,
	}, far, "and nothing else lands in the recovery Region")
	replication := recording.One(t, backupsReplicationToken, "tickets-db-recovery")
	require.Contains(t, replication.Text(t, "kmsKeyId"), ":kms:eu-west-1:")
	require.Contains(t, replication.Text(t, "sourceDbInstanceArn"), ":rds:eu-central-1:")
	require.Equal(t, 7, replication.Int(t, "retentionPeriod"))
	require.True(t, replication.Protect && replication.RetainOnDelete)
}

func TestAGrantIsOneUserOfOneDatabaseAndTheWayToIt(t *testing.T) {
	for topology, prefix := range map[components.DatabaseTopology]string{
		components.Aurora: "cluster-", components.MultiAZCluster: "cluster-", components.MultiAZInstance: "db-",
	} {
		recording := recorder.Run(t, withDatabase(databaseArgs(topology), grantTickets))
		text := recording.One(t, rolePolicyToken, "tickets-db-as-tickets-for-tickets").Text(t, "policy")
		policy, err := iameval.ParseIdentity(text)
		require.NoError(t, err)
		requests, err := policy.Requests()
		require.NoError(t, err)
		require.Len(t, requests, 1, "one action on one user")
		granted := requests[0]
		require.Equal(t, "rds-db:connect", granted.Action)
		require.Regexp(t, `^arn:aws:rds-db:eu-central-1:`+account+`:dbuser:`+prefix+`[A-Z0-9]+/tickets$`, granted.Resource, topology)
		for _, other := range []string{
			strings.Replace(granted.Resource, "/tickets", "/owner", 1), strings.Replace(granted.Resource, "/tickets", "/tickets2", 1),
			strings.Replace(granted.Resource, "dbuser:"+prefix, "dbuser:"+prefix+"X", 1), strings.Replace(granted.Resource, "eu-central-1", "eu-west-1", 1),
		} {
			decision, err := policy.Evaluate(iameval.Request{Action: "rds-db:connect", Resource: other})
			require.NoError(t, err)
			require.Equal(t, iameval.ImplicitDeny, decision, other)
		}
		in := recording.One(t, ingressToken, "tickets-db-database-from-tickets")
		require.Equal(t, 5432, in.Int(t, "fromPort"))
		require.Equal(t, 5432, in.Int(t, "toPort"))
		require.Equal(t, recording.One(t, securityGroupToken, "tickets-instances").ID, in.Text(t, "referencedSecurityGroupId"))
		require.Equal(t, recording.One(t, securityGroupToken, "tickets-db-database").ID, in.Text(t, "securityGroupId"))
		require.Equal(t, in.Text(t, "securityGroupId"), recording.One(t, egressToken, "tickets-instances-to-database-tickets-db").Text(t, "referencedSecurityGroupId"))
	}
}

func TestNobodyReachesADatabaseThatIsGrantedToNobody(t *testing.T) {
	recording := recordDatabase(t, databaseArgs(components.Aurora))
	require.Empty(t, recording.OfType(ingressToken))
	require.False(t, recording.One(t, securityGroupToken, "tickets-db-database").Has("ingress"))
}

func TestTheServiceFindsSettingsThatHealFast(t *testing.T) {
	data := userData(t, recorder.Run(t, withDatabase(databaseArgs(components.Aurora), grantTickets)))
	for _, line := range []string{
		"PGHOST=aplomb-test-tickets-db.cluster-", "PGPORT=5432\n", "PGDATABASE=tickets_db\n", "PGUSER=tickets\n", "PGSSLMODE=verify-full\n", "PGCONNECT_TIMEOUT=3\n",
		"PGTARGETSESSIONATTRS=read-write\n", "PGOPTIONS=-c statement_timeout=10000\n",
	} {
		require.Contains(t, data, line)
	}
}

func TestTheKeyOfADatabaseServesItsLogGroup(t *testing.T) {
	golden.JSON(t, "testdata/tickets-db.key.golden.json", recordDatabase(t, databaseArgs(components.Aurora)).One(t, keyToken, "tickets-db").Text(t, "policy"))
	require.Equal(t, "/aws/rds/instance/aplomb-test-tickets-db/postgresql",
		recordDatabase(t, databaseArgs(components.MultiAZInstance)).One(t, logGroupToken, "tickets-db").Text(t, "name"))
}

func TestEachFaultOfADatabaseIsNamedWithItsRemedy(t *testing.T) {
	aurora, cluster, instance := components.Aurora, components.MultiAZCluster, components.MultiAZInstance
	for _, each := range []struct {
		topology components.DatabaseTopology
		want     string
		fault    func(*components.MultiAZDatabaseArgs)
	}{
		{aurora, `topology: "cluster" must be one of aurora, multi-az-cluster, multi-az-instance; choose one`, func(a *components.MultiAZDatabaseArgs) { a.Topology, a.StorageGiB = "cluster", 100 }},
		{aurora, `engineVersion: missing, a default would drift; give the major and minor version of PostgreSQL, such as 16.6`, func(a *components.MultiAZDatabaseArgs) { a.EngineVersion = "" }},
		{aurora, `engineVersion: "16" is not a major and minor version of PostgreSQL; give a version such as 16.6`, func(a *components.MultiAZDatabaseArgs) { a.EngineVersion = "16" }},
		{aurora, `instanceClass: missing, a database runs on some class of instance; give a class such as db.r7g.large`, func(a *components.MultiAZDatabaseArgs) { a.InstanceClass = "" }},
		{aurora, `instanceClass: "r7g.large" is not a class of instance; give a class such as db.r7g.large`, func(a *components.MultiAZDatabaseArgs) { a.InstanceClass = "r7g.large" }},
		{cluster, `instanceClass: "db.t4g.large" is not offered for multi-az-cluster, whose families are m5d, m6gd, m6id, m6idn, r5d, r6gd, r6id, r6idn, x2iedn, c6gd; choose a class of one of them`, func(a *components.MultiAZDatabaseArgs) { a.InstanceClass = "db.t4g.large" }},
		{cluster, `instanceClass: "db.m6gd.medium" is too small for multi-az-cluster; choose large or more, or db.c6gd.medium`, func(a *components.MultiAZDatabaseArgs) { a.InstanceClass = "db.m6gd.medium" }},
		{aurora, `databaseName: "tickets-db" must be lower-case letters, digits and underscores, a letter first, 63 at most; give a name such as tickets`, func(a *components.MultiAZDatabaseArgs) { a.DatabaseName = "tickets-db" }},
		{aurora, `readers: 16 must be from 1 to 15 readers; change it, or leave it out for the default`, func(a *components.MultiAZDatabaseArgs) { a.Readers = 16 }},
		{cluster, `readers: 2 cannot be chosen for multi-az-cluster; leave it out`, func(a *components.MultiAZDatabaseArgs) { a.Readers = 2 }},
		{aurora, `storageGiB: 100 cannot be chosen for aurora, whose storage grows by itself; leave it out`, func(a *components.MultiAZDatabaseArgs) { a.StorageGiB = 100 }},
		{cluster, `storageGiB: missing, the volumes have some size; give 20 to 65536`, func(a *components.MultiAZDatabaseArgs) { a.StorageGiB = 0 }},
		{instance, `storageGiB: 19 must be from 20 to 65536 GiB; change it, or leave it out for the default`, func(a *components.MultiAZDatabaseArgs) { a.StorageGiB = 19 }},
		{aurora, `backupRetentionDays: 6 must be from 7 to 35 days; change it, or leave it out for the default`, func(a *components.MultiAZDatabaseArgs) { a.BackupRetentionDays = 6 }},
		{aurora, `backupWindow: "02:00-02:20" is not a window of at least 30 minutes of every day; give UTC times such as 02:00-03:00`, func(a *components.MultiAZDatabaseArgs) { a.BackupWindow = "02:00-02:20" }},
		{aurora, `maintenanceWindow: "sunday" is not a window of 30 minutes to 24 hours of every week; give UTC times such as sun:04:00-sun:05:00`, func(a *components.MultiAZDatabaseArgs) { a.MaintenanceWindow = "sunday" }},
		{aurora, `maintenanceWindow: "sun:02:30-sun:03:30" overlaps the backup window 02:00-03:00, which AWS refuses; move one of the two`, func(a *components.MultiAZDatabaseArgs) { a.MaintenanceWindow = "sun:02:30-sun:03:30" }},
		{cluster, `recoveryRegion: "eu-west-1" cannot receive anything of a Multi-AZ DB cluster: AWS copies neither its snapshots nor its backups; choose aurora, or multi-az-instance with an objective above its failover`, func(a *components.MultiAZDatabaseArgs) { a.RecoveryRegion = "eu-west-1" }},
		{aurora, `recoveryRegion: "eu-west-1" is not where aurora sends its backups by itself; leave it out: AWS Backup copies them`, func(a *components.MultiAZDatabaseArgs) { a.RecoveryRegion = "eu-west-1" }},
		{instance, `recoveryRegion: missing, the loss of the Region would be the loss of the data; give another Region, which receives the automated backups`, func(a *components.MultiAZDatabaseArgs) { a.RecoveryRegion = "" }},
		{aurora, `placement.zones: [eu-central-1a eu-central-1b] are fewer than the 3 that aurora spans; add a zone, or choose multi-az-instance and an objective above its failover`, func(a *components.MultiAZDatabaseArgs) {
			a.Placement = placementOver(2)
			a.Placement.IsolatedSubnetIDs = pulumi.ToStringArray([]string{"subnet-a", "subnet-b"})
		}},
		{aurora, `placement.isolatedSubnetIDs: missing, a database runs where there is no way out; give one subnet for each zone, in the order of the zones`, func(a *components.MultiAZDatabaseArgs) { a.Placement.IsolatedSubnetIDs = nil }},
	} {
		args := databaseArgs(each.topology)
		each.fault(args)
		failures := without(lines(args.Check("tickets-db")), "runner: ") // it is made by the program
		if args.RecoveryRegion != "" {                                   // so is its provider
			failures = without(failures, "recoveryProvider: ")
		}
		require.Equal(t, []string{each.want}, failures)
		_, err := recorder.RunErr(withDatabase(args, nil))
		require.ErrorContains(t, err, each.want)
	}
}

// without drops what begins with a prefix.
func without(list []string, prefix string) []string {
	var kept []string
	for _, each := range list {
		if !strings.HasPrefix(each, prefix) {
			kept = append(kept, each)
		}
	}
	return kept
}

func TestRecoveryRegionsThatAreNoneAreRefused(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1": "is the Region of the database itself", "Ireland": "is not the name of a Region", "cn-north-1": "is not in aws, the partition of eu-central-1",
	} {
		args := databaseArgs(components.MultiAZInstance)
		args.RecoveryRegion = region
		failures := lines(args.Check("tickets-db"))
		require.Len(t, failures, 3, "the Region, its provider and the runner")
		require.Contains(t, failures[0], want)
	}
}

func TestGrantsOfADatabaseThatCannotBeMadeAreRefused(t *testing.T) {
	for want, grant := range map[string]func(*components.MultiAZDatabase, *components.ResilientService) error{
		"no service is given": func(d *components.MultiAZDatabase, _ *components.ResilientService) error {
			return d.GrantConnect(nil, "tickets", components.DatabaseRead)
		},
		`user "*" must be 1 to 63 lower-case letters`: func(d *components.MultiAZDatabase, s *components.ResilientService) error {
			return d.GrantConnect(s, "*", components.DatabaseRead)
		},
		`user "aplomb_admin" may do everything`: func(d *components.MultiAZDatabase, s *components.ResilientService) error {
			return d.GrantConnect(s, "aplomb_admin", components.DatabaseRead)
		},
		`user "aplomb_verify" is reserved`: func(d *components.MultiAZDatabase, s *components.ResilientService) error {
			return d.GrantConnect(s, "aplomb_verify", components.DatabaseRead)
		},
		`rights "all" must be one of read, read-write, owner; choose one`: func(d *components.MultiAZDatabase, s *components.ResilientService) error {
			return d.GrantConnect(s, "tickets", "all")
		},
		"as tickets with owner: the user has read-write already, by another grant; give both the same rights": func(d *components.MultiAZDatabase, s *components.ResilientService) error {
			if err := grantTickets(d, s); err != nil {
				return err
			}
			return d.GrantConnect(s, "tickets", components.DatabaseOwner)
		},
		"as tickets is made already": func(d *components.MultiAZDatabase, s *components.ResilientService) error {
			if err := grantTickets(d, s); err != nil {
				return err
			}
			return grantTickets(d, s)
		},
	} {
		_, err := recorder.RunErr(withDatabase(databaseArgs(components.Aurora), grant))
		require.ErrorContains(t, err, want)
	}
	elsewhere := databaseArgs(components.Aurora)
	elsewhere.Placement.VPCID = pulumi.String("vpc-other")
	_, err := recorder.RunErr(withDatabase(elsewhere, grantTickets))
	require.ErrorContains(t, err, "grant of database tickets-db to tickets crosses VPCs vpc-other and vpc-")
	elsewhere.Placement.VPCID = pulumi.String("vpc-other").ToStringOutput()
	_, err = recorder.RunErr(withDatabase(elsewhere, grantTickets))
	require.NoError(t, err, "what arrives late cannot be compared")
	recording := recorder.Run(t, withDatabase(databaseArgs(components.Aurora), func(d *components.MultiAZDatabase, s *components.ResilientService) error {
		if err := grantTickets(d, s); err != nil {
			return err
		}
		return d.GrantConnect(s, "tickets_reader", components.DatabaseRead)
	}))
	require.Len(t, within(urnsOf(recording.OfType(ingressToken)), ingressToken), 3, "clients and load balancer of the service, and one way to the database for both users")
}

func urnsOf(resources []*recorder.Resource) []string {
	var urns []string
	for _, each := range resources {
		urns = append(urns, each.URN)
	}
	return urns
}

// A window of every day meets one of the week when some minute lies in both; counting minutes is the oracle.
func TestWindowsOverlapWhenTheyShareAMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		daily, weekly := rapid.IntRange(0, 1439).Draw(t, "daily"), rapid.IntRange(0, 7*1440-1).Draw(t, "weekly")
		dailyLength, weeklyLength := rapid.IntRange(30, 600).Draw(t, "daily length"), rapid.IntRange(30, 1440).Draw(t, "weekly length")
		shared := false
		for minute := weekly; minute < weekly+weeklyLength; minute++ {
			shared = shared || (minute-daily+14*1440)%1440 < dailyLength
		}
		args := databaseArgs(components.Aurora)
		args.BackupWindow = clock(daily) + "-" + clock(daily+dailyLength)
		args.MaintenanceWindow = weekday(weekly) + clock(weekly) + "-" + weekday(weekly+weeklyLength) + clock(weekly+weeklyLength)
		if failed := len(args.Check("tickets-db")) > 0; failed != shared {
			t.Fatalf("%s and %s: refused %v, shared %v", args.BackupWindow, args.MaintenanceWindow, failed, shared)
		}
	})
}

func clock(minute int) string {
	minute %= 1440
	return string([]byte{'0' + byte(minute/600), '0' + byte(minute/60%10), ':', '0' + byte(minute%60/10), '0' + byte(minute%10)})
}

func weekday(minute int) string {
	return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}[minute/1440%7] + ":"
}
