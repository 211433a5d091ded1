package kinds

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Sources: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html and API_DeleteDBInstance.html beside it.
var _ = register(&Kind{
	Token:    DBInstance,
	Args:     rds.InstanceArgs{},
	Resource: &rds.Instance{},
	API:      API{Service: "RDS", Noun: "RDS DB Instance", Create: "CreateDBInstance", Update: "ModifyDBInstance", Delete: "DeleteDBInstance"},
	Name:     &AutoName{Property: "identifier", Max: 63, Unless: []string{"identifierPrefix"}},
	Defaults: []Default{
		{Path: "autoMinorVersionUpgrade", Value: Flag(true)}, {Path: "copyTagsToSnapshot", Value: Flag(false)}, {Path: "deleteAutomatedBackups", Value: Flag(true)},
		{Path: "monitoringInterval", Value: Number(0)}, {Path: "performanceInsightsEnabled", Value: Flag(false)},
		{Path: "publiclyAccessible", Value: Flag(false)}, {Path: "skipFinalSnapshot", Value: Flag(false)}, {Path: "applyImmediately", Value: Flag(false)},
	},
	Secrets: []string{"password"},
	References: []Reference{
		toSubnetGroup("dbSubnetGroupName"), toDatabaseSecurityGroup(), toParameterGroup("parameterGroupName", DBParameterGroup, "DBParameterGroupNotFound"),
	},
	Rules: slices.Concat(instanceValues(), databaseNames("identifier", "identifierPrefix", 63), windowRules("backupWindow", "maintenanceWindow"),
		masterRules("username", "password"), keyRules(), monitoringRules(), []Rule{networkOf("dbSubnetGroupName")}, instanceStorage()),
	DeleteRules: append(databaseDeleteRules("DB Instance"), DeleteRule{Name: "replicated backups", Code: "InvalidDBInstanceState", Blocked: func(d *Draft) string {
		for _, region := range RegionNames() {
			for _, replication := range d.world.All(Place{Account: d.Account, Region: region}, DBBackupsReplication) {
				if replication.Text("sourceDbInstanceArn") == d.Output("arn").Text() {
					return "Stop the replication of automated backups to " + region + " before deleting the source."
				}
			}
		}
		return ""
	}}),
	Replaces: []string{
		"availabilityZone", "backupTarget", "characterSetName", "customIamInstanceProfile", "dbName", "engine", "kmsKeyId", "ncharCharacterSetName",
		"snapshotIdentifier", "storageEncrypted", "timezone", "username", "restoreToPointInTime", "s3Import",
	},
	Sets: []string{"vpcSecurityGroupIds", "enabledCloudwatchLogsExports", "domainDnsIps"},
	// The provider takes AWS's resource id for the id, so that the identifier may change.
	ID:       func(d *Draft) string { return d.Output("resourceId").Text() },
	Computed: instanceOutputs(),
	Absent: map[string]string{
		"blueGreenUpdate": "none is asked for", "domainFqdn": "no directory", "name": "deprecated", "optionGroupName": "PostgreSQL has no options",
		"snapshotIdentifier": "not made from a snapshot", "timezone": "SQL Server only", "characterSetName": "Oracle and SQL Server only",
		"ncharCharacterSetName": "Oracle only", "latestRestorableTime": "the sandbox has no clock",
	},
})

func instanceValues() []Rule {
	return []Rule{
		lacking("instances made from something else", "snapshotIdentifier", "restoreToPointInTime", "s3Import", "replicateSourceDb", "domain", "name", "blueGreenUpdate"),
		OneOf("engine", postgres, mySQL, "mariadb"), Matching("engineVersion", dbVersion, "a version such as 16.6"),
		Matching("dbName", dbName, "a letter or underscore first, then letters, digits and underscores, 63 at most"),
		InRange("backupRetentionPeriod", 0, 35), InRange("port", 1150, 65535), OneOf("storageType", "standard", "gp2", "gp3", "io1", "io2"),
		{Name: "an engine", Stage: AtApply, When: OnCreate, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			for _, path := range []string{"engine", "allocatedStorage"} {
				if !d.Has(path) {
					return Refuse(path, "The parameter %s must be provided and must not be blank.", path)
				}
			}
			return nil
		}},
		{Name: "classes of instances", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if family := familyOfClass(d.Text("instanceClass")); family == "" || family[0] == 'c' && family != "c6gd" {
				return Refuse("instanceClass", "Invalid DB Instance class: %s", d.Text("instanceClass"))
			}
			return nil
		}},
		{Name: "a zone of its own and a standby", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			if d.Bool("multiAz") && d.Has("availabilityZone") {
				return Refuse("availabilityZone", "Requesting a specific availability zone is not valid for Multi-AZ instances.")
			}
			return nil
		}},
		{Name: "logs to export", Stage: AtApply, Code: codeCombination, Broken: postgresExports},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "DBInstanceAlreadyExists", Broken: func(d *Draft) *Refusal {
			if id := d.Text("identifier"); d.Find(DBClusterInstance, id) != nil || d.FindBy(DBInstance, "identifier", id) != nil {
				return Refuse("identifier", "DB instance already exists")
			}
			return nil
		}},
	}
}

// instanceStorage are the rules of an instance's volume.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
func instanceStorage() []Rule {
	return []Rule{
		{Name: "size of the volume", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if size := d.Int("allocatedStorage"); d.Has("allocatedStorage") && (size < 20 || size > 65536) {
				return Refuse("allocatedStorage", "Invalid storage size for engine name %s and storage type %s: %d", d.Text("engine"), d.Text("storageType"), size)
			}
			return nil
		}},
		{Name: "a volume that does not shrink", Stage: AtApply, When: OnUpdate, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			if d.Int("allocatedStorage") < d.Was("allocatedStorage").Int() {
				return Refuse("allocatedStorage", "Requested size cannot be less than the current size")
			}
			return nil
		}},
		{Name: "throughput of a small volume", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			if d.Text("storageType") == "gp3" && d.Int("allocatedStorage") < 400 && (d.Has("storageThroughput") || d.Has("iops")) {
				return Refuse("storageThroughput", "You can't specify IOPS or storage throughput for engine %s and a storage size less than 400.", d.Text("engine"))
			}
			return nil
		}},
		{Name: "room to grow", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			if most := d.Int("maxAllocatedStorage"); most != 0 && most*10 < d.Int("allocatedStorage")*11 {
				return Refuse("maxAllocatedStorage", "Max storage size must be greater than storage size by at least 10%%")
			}
			return nil
		}},
	}
}

func instanceOutputs() []Output {
	return []Output{
		{Name: "identifier", Value: func(d *Draft) resource.PropertyValue { return Text(d.Text("identifierPrefix") + d.Digits("name", 26)) }},
		fixed("identifierPrefix", Text("")),
		{Name: "resourceId", Value: func(d *Draft) resource.PropertyValue { return Text("db-" + strings.ToUpper(d.Hex("resource", 26))) }},
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("rds", "db:"+d.Output("identifier").Text())) }},
		{Name: "address", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Output("identifier").Text() + "." + databaseDomain(d))
		}},
		{Name: "port", Value: func(d *Draft) resource.PropertyValue { return Number(portOf(d.Text("engine"))) }},
		{Name: "endpoint", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Output("address").Text() + ":" + strconv.Itoa(d.Output("port").Int()))
		}},
		{Name: "hostedZoneId", Value: func(d *Draft) resource.PropertyValue { return Text("Z" + strings.ToUpper(d.Hex("zone", 13))) }},
		{Name: "availabilityZone", Value: func(d *Draft) resource.PropertyValue {
			if zones := zonesOfGroup(d, d.Text("dbSubnetGroupName")); len(zones) > 0 {
				return Text(zones[0])
			}
			return Text("")
		}},
		fixed("engine", Text(postgres)), fixed("engineVersion", Text("16.6")),
		{Name: "engineVersionActual", Always: true, Value: func(d *Draft) resource.PropertyValue { return d.Output("engineVersion").Property() }},
		masterSecret("db"), fixed("masterUserSecretKmsKeyId", Text("")), fixed("username", Text("postgres")), fixed("status", Text("available")),
		{Name: "kmsKeyId", Value: func(d *Draft) resource.PropertyValue {
			if d.Bool("storageEncrypted") {
				return Text(d.ARN("kms", "alias/aws/rds"))
			}
			return Text("")
		}},
		fixed("allocatedStorage", Number(20)), fixed("backupRetentionPeriod", Number(0)), fixed("backupTarget", Text("region")), fixed("backupWindow", Text("03:00-03:30")),
		fixed("caCertIdentifier", Text("rds-ca-rsa2048-g1")), fixed("databaseInsightsMode", Text("standard")), fixed("dbName", Text("")), fixed("dbSubnetGroupName", Text("default")),
		fixed("engineLifecycleSupport", Text("open-source-rds-extended-support")), fixed("iops", Number(0)), fixed("licenseModel", Text("postgresql-license")),
		fixed("listenerEndpoints", List()), fixed("maintenanceWindow", Text("sun:05:00-sun:05:30")), fixed("monitoringRoleArn", Text("")), fixed("multiAz", Flag(false)), fixed("replicaMode", Text("")), fixed("replicas", Texts()),
		fixed("networkType", Text("IPV4")), fixed("parameterGroupName", Text("default.postgres16")), fixed("performanceInsightsKmsKeyId", Text("")),
		fixed("performanceInsightsRetentionPeriod", Number(0)), fixed("storageThroughput", Number(0)), fixed("storageType", Text("gp2")), fixed("vpcSecurityGroupIds", Texts()),
	}
}
