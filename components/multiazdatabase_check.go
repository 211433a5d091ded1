package components

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// The defaults of a database are ours. AWS's default is one day of backups, and windows of its own choice in the Region's night
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html).
const (
	defaultBackupDays        = 7
	minBackupDays            = 7
	maxBackupDays            = 35
	defaultBackupWindow      = "02:00-03:00"
	defaultMaintenanceWindow = "sun:04:00-sun:05:00"
	minStorageGiB            = 20
	maxStorageGiB            = 65536
	// maxReaders is AWS's limit of replicas of an Aurora cluster
	// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html).
	maxReaders = 15
	// threeZones is what Aurora's storage and a Multi-AZ DB cluster span.
	threeZones = 3
)

var (
	engineVersionSyntax = regexp.MustCompile(`^([1-9][0-9])\.[0-9]{1,2}$`)
	databaseNameSyntax  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	classSyntax         = regexp.MustCompile(`^db\.([a-z0-9]+)\.(medium|large|[0-9]*xlarge|metal)$`)
)

// databaseFamilies are the families of instances that each topology runs on. Families with small instances (t) are left to those that
// may be slow now and then, which is why Aurora and instances have t4g.
// Sources: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html,
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html and
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
var databaseFamilies = map[DatabaseTopology][]string{
	Aurora:          strings.Fields("r8g r7g r7i r6g r6i r5 x2g t4g t3"),
	MultiAZCluster:  strings.Fields("m5d m6gd m6id m6idn r5d r6gd r6id r6idn x2iedn c6gd"),
	MultiAZInstance: strings.Fields("m8g m7g m7i m6g m6i m5 r8g r7g r7i r6g r6i r5 x2g t4g t3"),
}

// Check lists everything that is wrong with the arguments of the database called name; nothing when it can be built. It looks at plain
// values only and registers nothing.
func (a *MultiAZDatabaseArgs) Check(name string) []check.Failure {
	c := check.New()
	checkName(c, name, naming.MaxServiceName)
	if a == nil {
		c.Missing("args", "a database needs arguments", "give placement, topology, engine version and instance class")
		return c.Failures()
	}
	args := a.withDefaults(name)
	args.checkPlacement(c.At("placement"))
	if a.Topology == "" {
		c.Missing("topology", "it decides how long a failover takes and whether backups leave the Region", "choose aurora, multi-az-cluster or multi-az-instance")
	} else if limit := oneOf(args.Topology, DatabaseTopologies()); limit != "" {
		c.Fail("topology", string(args.Topology), limit, "choose one")
	}
	args.checkEngine(c)
	args.checkStorage(c)
	args.checkWindows(c)
	args.checkRecovery(c)
	args.checkUsers(c, name)
	args.checkProxy(c)
	checkRange(c, "backupRetentionDays", args.BackupRetentionDays, minBackupDays, maxBackupDays, "days")
	if limit := oneOf(args.LogRetention, LogRetentions()); limit != "" {
		c.Fail("logRetention", int(args.LogRetention), limit, "choose a number of days that CloudWatch Logs offers")
	}
	checkTags(c, args.Tags)
	return c.Failures()
}

func (a MultiAZDatabaseArgs) checkPlacement(c *check.Checker) {
	a.Placement.check(c)
	if a.Placement.IsolatedSubnetIDs == nil {
		c.Missing("isolatedSubnetIDs", "a database runs where there is no way out", "give one subnet for each zone, in the order of the zones")
	}
	checkSubnets(c, "isolatedSubnetIDs", a.Placement.IsolatedSubnetIDs, len(a.Placement.Zones))
	if a.Topology != MultiAZInstance && len(a.Placement.Zones) > 0 && len(a.Placement.Zones) < threeZones {
		c.Fail("zones", a.Placement.Zones, fmt.Sprintf("are fewer than the %d that %s spans", threeZones, a.Topology), "add a zone, or choose multi-az-instance and an objective above its failover")
	}
}

func (a MultiAZDatabaseArgs) checkEngine(c *check.Checker) {
	if a.EngineVersion == "" {
		c.Missing("engineVersion", "a default would drift", "give the major and minor version of PostgreSQL, such as 16.6")
	} else if !engineVersionSyntax.MatchString(a.EngineVersion) {
		c.Fail("engineVersion", a.EngineVersion, "is not a major and minor version of PostgreSQL", "give a version such as 16.6")
	}
	families := databaseFamilies[a.Topology]
	match := classSyntax.FindStringSubmatch(a.InstanceClass)
	switch {
	case a.InstanceClass == "":
		c.Missing("instanceClass", "a database runs on some class of instance", "give a class such as db.r7g.large")
	case match == nil:
		c.Fail("instanceClass", a.InstanceClass, "is not a class of instance", "give a class such as db.r7g.large")
	case families != nil && !slices.Contains(families, match[1]):
		c.Fail("instanceClass", a.InstanceClass, fmt.Sprintf("is not offered for %s, whose families are %s", a.Topology, strings.Join(families, ", ")), "choose a class of one of them")
	case a.Topology == MultiAZCluster && match[2] == "medium" && match[1] != "c6gd":
		c.Fail("instanceClass", a.InstanceClass, "is too small for multi-az-cluster", "choose large or more, or db.c6gd.medium")
	}
	if !databaseNameSyntax.MatchString(a.DatabaseName) {
		c.Fail("databaseName", a.DatabaseName, "must be lower-case letters, digits and underscores, a letter first, 63 at most", "give a name such as tickets")
	}
	if a.Topology == Aurora {
		checkRange(c, "readers", a.Readers, 1, maxReaders, "readers")
	} else if a.Readers != 0 {
		c.Fail("readers", a.Readers, fmt.Sprintf("cannot be chosen for %s", a.Topology), "leave it out")
	}
}

func (a MultiAZDatabaseArgs) checkStorage(c *check.Checker) {
	switch {
	case a.Topology.Zones() == 0: // unknown, which is said already
	case a.Topology == Aurora && a.StorageGiB != 0:
		c.Fail("storageGiB", a.StorageGiB, "cannot be chosen for aurora, whose storage grows by itself", "leave it out")
	case a.Topology != Aurora && a.StorageGiB == 0:
		c.Missing("storageGiB", "the volumes have some size", fmt.Sprintf("give %d to %d", minStorageGiB, maxStorageGiB))
	case a.Topology != Aurora:
		checkRange(c, "storageGiB", a.StorageGiB, minStorageGiB, maxStorageGiB, "GiB")
	}
}

// checkRecovery tells what cannot leave the Region, and what must.
func (a MultiAZDatabaseArgs) checkRecovery(c *check.Checker) {
	region := a.Placement.region()
	switch {
	case a.Topology == MultiAZCluster && a.RecoveryRegion != "":
		c.Fail("recoveryRegion", a.RecoveryRegion, "cannot receive anything of a Multi-AZ DB cluster: AWS copies neither its snapshots nor its backups",
			"choose aurora, or multi-az-instance with an objective above its failover")
	case a.Topology == Aurora && a.RecoveryRegion != "":
		c.Fail("recoveryRegion", a.RecoveryRegion, "is not where aurora sends its backups by itself", "leave it out: AWS Backup copies them")
	case a.Topology == MultiAZInstance && a.RecoveryRegion == "":
		c.Missing("recoveryRegion", "the loss of the Region would be the loss of the data", "give another Region, which receives the automated backups")
	case a.RecoveryRegion != "" && !regionSyntax.MatchString(a.RecoveryRegion):
		c.Fail("recoveryRegion", a.RecoveryRegion, "is not the name of a Region", "give a name such as eu-west-1")
	case a.RecoveryRegion != "" && a.RecoveryRegion == region:
		c.Fail("recoveryRegion", a.RecoveryRegion, "is the Region of the database itself", "give another Region")
	case a.RecoveryRegion != "" && region != "" && naming.Partition(a.RecoveryRegion) != naming.Partition(region):
		c.Fail("recoveryRegion", a.RecoveryRegion, fmt.Sprintf("is not in %s, the partition of %s", naming.Partition(region), region), "give a Region of the same partition")
	}
	if a.Topology == MultiAZInstance && a.RecoveryRegion != "" && a.RecoveryProvider == nil {
		c.Missing("recoveryProvider", "the backups are received by the recovery Region", "pass the aws provider of "+a.RecoveryRegion)
	}
}

// withDefaults is a copy in which every zero value is its default.
func (a MultiAZDatabaseArgs) withDefaults(name string) MultiAZDatabaseArgs {
	a.DatabaseName = orDefault(a.DatabaseName, strings.ReplaceAll(name, "-", "_"))
	a.BackupRetentionDays = orDefault(a.BackupRetentionDays, defaultBackupDays)
	a.BackupWindow = orDefault(a.BackupWindow, defaultBackupWindow)
	a.MaintenanceWindow = orDefault(a.MaintenanceWindow, defaultMaintenanceWindow)
	a.LogRetention = orDefault(a.LogRetention, Retain1Month)
	a.Proxy = a.Proxy.withDefaults(a.Topology)
	if a.Topology == Aurora {
		a.Readers = orDefault(a.Readers, max(1, len(a.Placement.Zones)-1))
	}
	return a
}

// HasDataAPI says whether statements can be sent to the database over HTTPS: AWS offers that for Aurora, but not on instances of the t
// families (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html#data-api.limitations).
func (a MultiAZDatabaseArgs) HasDataAPI() bool {
	return a.Topology == Aurora && !strings.HasPrefix(a.InstanceClass, "db.t")
}

// checkUsers tells how users are made. The runbook is named after the database, and its name may not begin as AWS's own
// (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html).
func (a MultiAZDatabaseArgs) checkUsers(c *check.Checker, name string) {
	for _, prefix := range []string{"aws", "amazon", "amzn"} {
		if strings.HasPrefix(strings.ToLower(name), prefix) {
			c.Fail("name", name, "begins with "+prefix+", which AWS keeps for its own runbooks", "choose another name")
		}
	}
	switch {
	case a.Runner == nil && !a.runs(), oneOf(a.Topology, DatabaseTopologies()) != "":
	case a.Runner == nil && a.HasDataAPI():
		c.Missing("runner", "nothing else can set the passwords that a proxy logs in with", "build a SQLRunner in the VPC and pass it, or leave the proxy out")
	case a.Runner == nil && a.Topology == Aurora:
		c.Missing("runner", "instances of the t families have no Data API by which users could be made", "build a SQLRunner and pass it, or choose another class")
	case a.Runner == nil:
		c.Missing("runner", fmt.Sprintf("%s has no Data API by which users could be made", a.Topology), "build a SQLRunner in the VPC and pass it")
	case a.Runner.args.Placement.AccountID != a.Placement.AccountID:
		c.Fail("runner", a.Runner.name, "is in another account, "+a.Runner.args.Placement.AccountID, "build a SQLRunner in the account of the database")
	case a.Runner.args.Placement.region() != a.Placement.region():
		c.Fail("runner", a.Runner.name, "is in another Region, "+a.Runner.args.Placement.region(), "build a SQLRunner in the VPC of the database")
	}
}
