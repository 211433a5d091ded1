package kinds

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// multiAZFamilies are the families of instances that an RDS Multi-AZ DB cluster may run on.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html#multi-az-db-clusters-concepts.instance-class
var multiAZFamilies = []string{"m5d", "m6gd", "m6id", "m6idn", "r5d", "r6gd", "r6id", "r6idn", "x2iedn", "c6gd"}

// postgresLogs are the logs that PostgreSQL can export.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
var postgresLogs = []string{"postgresql", "upgrade", "iam-db-auth-error", "instance"}

// clusterStorage is where clusters may keep their data; nothing is what Aurora has by default.
var clusterStorage = []string{"", "aurora-iopt1", "gp3", "io1", "io2"}

// isAurora is true for clusters whose instances are resources of their own.
func isAurora(d *Draft) bool { return strings.HasPrefix(d.Text("engine"), "aurora") }

// Sources: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html and API_DeleteDBCluster.html beside it.
var _ = register(&Kind{
	Token:    DBCluster,
	Args:     rds.ClusterArgs{},
	Resource: &rds.Cluster{},
	API:      API{Service: "RDS", Noun: "RDS Cluster", Create: "CreateDBCluster", Update: "ModifyDBCluster", Delete: "DeleteDBCluster"},
	Defaults: []Default{
		{Path: "backupRetentionPeriod", Value: Number(1)}, {Path: "copyTagsToSnapshot", Value: Flag(false)}, {Path: "deleteAutomatedBackups", Value: Flag(true)},
		{Path: "engineMode", Value: Text("provisioned")}, {Path: "skipFinalSnapshot", Value: Flag(false)},
	},
	Secrets: []string{"masterPassword"},
	References: []Reference{
		toSubnetGroup("dbSubnetGroupName"), toDatabaseSecurityGroup(),
		toParameterGroup("dbClusterParameterGroupName", DBClusterParameterGroup, "DBClusterParameterGroupNotFound"),
	},
	Rules: slices.Concat(clusterValues(), databaseNames("clusterIdentifier", "clusterIdentifierPrefix", 63),
		windowRules("preferredBackupWindow", "preferredMaintenanceWindow"), masterRules("masterUsername", "masterPassword"),
		keyRules(), monitoringRules(), []Rule{networkOf("dbSubnetGroupName")}, clusterTopology()),
	DeleteRules: append(databaseDeleteRules("Cluster"), DeleteRule{Name: "instances in it", Code: "InvalidDBClusterStateFault", Blocked: func(d *Draft) string {
		if len(d.UsedBy(DBClusterInstance, "clusterIdentifier", d.ID())) > 0 {
			return "Cluster cannot be deleted, it still contains DB instances in non-deleting state."
		}
		return ""
	}}),
	Replaces: []string{
		"availabilityZones", "clusterIdentifier", "clusterIdentifierPrefix", "databaseName", "dbSubnetGroupName", "engine", "engineMode", "kmsKeyId",
		"masterUsername", "port", "snapshotIdentifier", "sourceRegion", "storageEncrypted", "clusterScalabilityType", "dbSystemId", "restoreToPointInTime", "s3Import",
	},
	Sets:     []string{"availabilityZones", "vpcSecurityGroupIds", "enabledCloudwatchLogsExports", "iamRoles", "clusterMembers"},
	ID:       func(d *Draft) string { return d.Output("clusterIdentifier").Text() },
	Computed: clusterOutputs(),
	Absent: map[string]string{
		"domainIamRoleName": "no directory", "scalingConfiguration": "Aurora Serverless v1 only", "globalClusterIdentifier": "no global database",
	},
})

func clusterValues() []Rule {
	return []Rule{
		lacking("clusters made from something else", "snapshotIdentifier", "restoreToPointInTime", "s3Import", "replicationSourceIdentifier", "globalClusterIdentifier",
			"scalingConfiguration", "serverlessv2ScalingConfiguration", "domain", "dbSystemId"),
		OneOf("engine", clusterEngines...), OneOf("engineMode", "provisioned"),
		Matching("engineVersion", dbVersion, "a version such as 16.6"), Matching("databaseName", dbName, "a letter or underscore first, then letters, digits and underscores, 63 at most"),
		InRange("backupRetentionPeriod", 0, 35), InRange("port", 1150, 65535), OneOf("storageType", clusterStorage...),
		{Name: "logs to export", Stage: AtApply, Code: codeCombination, Broken: postgresExports},
		{Name: "backups of a cluster", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if d.Has("backupRetentionPeriod") && d.Int("backupRetentionPeriod") == 0 {
				return Refuse("backupRetentionPeriod", "Invalid backup retention period: 0. The retention period must be between 1 and 35")
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "DBClusterAlreadyExistsFault", Broken: func(d *Draft) *Refusal {
			if d.Find(DBCluster, d.Text("clusterIdentifier")) != nil {
				return Refuse("clusterIdentifier", "DB Cluster already exists")
			}
			return nil
		}},
	}
}

func postgresExports(d *Draft) *Refusal {
	for _, name := range d.Each("enabledCloudwatchLogsExports[]") {
		if strings.Contains(d.Text("engine"), postgres) && !slices.Contains(postgresLogs, name.Text()) {
			return Refuse(name.Path(), "You cannot use the log types '%s' with engine version %s %s.", name.Text(), d.Text("engine"), d.Text("engineVersion"))
		}
	}
	return nil
}

// clusterTopology are the rules that tell Aurora and Multi-AZ DB clusters apart.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.Limitations.html
func clusterTopology() []Rule {
	return []Rule{
		{Name: "what only Multi-AZ DB clusters have", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			for _, path := range []string{"allocatedStorage", "dbClusterInstanceClass", "iops"} {
				if isAurora(d) && d.Has(path) {
					return Refuse(path, "The parameter %s isn't valid for Aurora DB clusters.", path)
				}
			}
			return nil
		}},
		{Name: "what only Aurora has", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			if !isAurora(d) && d.Bool("enableHttpEndpoint") {
				return Refuse("enableHttpEndpoint", "HTTP endpoints aren't supported for the DB engine %s.", d.Text("engine"))
			}
			return nil
		}},
		{Name: "what a Multi-AZ DB cluster needs", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			for _, path := range []string{"allocatedStorage", "dbClusterInstanceClass", "storageType"} {
				if !isAurora(d) && !d.Has(path) {
					return Refuse(path, "The parameter %s must be provided for a Multi-AZ DB cluster.", path)
				}
			}
			return nil
		}},
		{Name: "classes of Multi-AZ DB clusters", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			class := d.Text("dbClusterInstanceClass")
			if isAurora(d) || class == "" || slices.Contains(multiAZFamilies, familyOfClass(class)) && (strings.HasPrefix(class, "db.c6gd") || !strings.HasSuffix(class, ".medium")) {
				return nil
			}
			return Refuse("dbClusterInstanceClass", "Invalid DB Cluster Instance class: %s", class)
		}},
		{Name: "storage that fits the topology", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			kind := d.Text("storageType")
			if kind != "" && slices.Contains(clusterStorage, kind) && isAurora(d) != (kind == "aurora-iopt1") {
				return Refuse("storageType", "The storage type %s isn't valid for the DB engine %s.", kind, d.Text("engine"))
			}
			return nil
		}},
		{Name: "three zones", Stage: AtApply, Code: "DBSubnetGroupDoesNotCoverEnoughAZs", Broken: func(d *Draft) *Refusal {
			group := d.Text("dbSubnetGroupName")
			if zones := zonesOfGroup(d, group); group != "" && !isAurora(d) && len(zones) > 0 && len(zones) < 3 {
				return Refuse("dbSubnetGroupName", "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %s. Add subnets to cover at least 3 AZs.", strings.Join(zones, ", "))
			}
			return nil
		}},
	}
}

// familyOfClass is m6gd of db.m6gd.large.
func familyOfClass(class string) string {
	parts := strings.Split(class, ".")
	if len(parts) != 3 || parts[0] != "db" {
		return ""
	}
	return parts[1]
}

func clusterOutputs() []Output {
	return []Output{
		{Name: "clusterIdentifier", Value: func(d *Draft) resource.PropertyValue {
			return Text(orElse(d.Text("clusterIdentifierPrefix"), "tf-") + d.Digits("name", 26))
		}},
		fixed("clusterIdentifierPrefix", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("rds", "cluster:"+d.Output("clusterIdentifier").Text()))
		}},
		{Name: "clusterResourceId", Value: func(d *Draft) resource.PropertyValue {
			return Text("cluster-" + strings.ToUpper(d.Hex("resource", 26)))
		}},
		{Name: "endpoint", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Output("clusterIdentifier").Text() + ".cluster-" + databaseDomain(d))
		}},
		{Name: "readerEndpoint", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Output("clusterIdentifier").Text() + ".cluster-ro-" + databaseDomain(d))
		}},
		{Name: "hostedZoneId", Value: func(d *Draft) resource.PropertyValue { return Text("Z" + strings.ToUpper(d.Hex("zone", 13))) }},
		{Name: "port", Value: func(d *Draft) resource.PropertyValue { return Number(portOf(d.Text("engine"))) }},
		{Name: "availabilityZones", Value: func(d *Draft) resource.PropertyValue {
			zones := zonesOfGroup(d, d.Text("dbSubnetGroupName"))
			return Texts(zones[:min(3, len(zones))]...)
		}},
		{Name: "engineVersion", Value: func(*Draft) resource.PropertyValue { return Text("16.6") }},
		{Name: "engineVersionActual", Always: true, Value: func(d *Draft) resource.PropertyValue { return d.Output("engineVersion").Property() }},
		masterSecret("cluster"), fixed("masterUserSecretKmsKeyId", Text("")), fixed("masterUsername", Text("postgres")),
		{Name: "kmsKeyId", Value: func(d *Draft) resource.PropertyValue {
			if d.Bool("storageEncrypted") {
				return Text(d.ARN("kms", "alias/aws/rds"))
			}
			return Text("")
		}},
		fixed("allocatedStorage", Number(1)), fixed("applyImmediately", Flag(false)), fixed("caCertificateIdentifier", Text("rds-ca-rsa2048-g1")),
		fixed("caCertificateValidTill", Text("2061-05-21T00:00:00Z")), fixed("clusterMembers", Texts()), fixed("clusterScalabilityType", Text("")),
		fixed("databaseInsightsMode", Text("standard")), fixed("databaseName", Text("")), fixed("dbClusterParameterGroupName", Text("default")), fixed("dbSubnetGroupName", Text("default")),
		fixed("dbSystemId", Text("")), fixed("engineLifecycleSupport", Text("open-source-rds-extended-support")), fixed("iamRoles", Texts()),
		fixed("monitoringInterval", Number(0)), fixed("monitoringRoleArn", Text("")), fixed("networkType", Text("IPV4")),
		fixed("performanceInsightsKmsKeyId", Text("")), fixed("performanceInsightsRetentionPeriod", Number(0)),
		fixed("preferredBackupWindow", Text("03:00-03:30")), fixed("preferredMaintenanceWindow", Text("sun:05:00-sun:05:30")),
		fixed("storageEncrypted", Flag(false)), fixed("storageType", Text("")), fixed("vpcSecurityGroupIds", Texts()), fixed("enabledCloudwatchLogsExports", Texts()),
	}
}
