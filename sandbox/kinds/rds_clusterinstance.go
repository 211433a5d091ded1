package kinds

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// auroraFamilies are the families of instances that Aurora PostgreSQL runs on.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html
var auroraFamilies = []string{
	"serverless", "r8g", "r7g", "r7i", "r6g", "r6gd", "r6i", "r6id", "r5", "r4", "x2g", "t4g", "t3",
}

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
var _ = register(&Kind{
	Token:    DBClusterInstance,
	Args:     rds.ClusterInstanceArgs{},
	Resource: &rds.ClusterInstance{},
	API:      API{Service: "RDS", Noun: "RDS Cluster Instance", Create: "CreateDBInstance", Update: "ModifyDBInstance", Delete: "DeleteDBInstance"},
	Defaults: []Default{
		{Path: "autoMinorVersionUpgrade", Value: Flag(true)}, {Path: "copyTagsToSnapshot", Value: Flag(false)}, {Path: "forceDestroy", Value: Flag(false)},
		{Path: "monitoringInterval", Value: Number(0)}, {Path: "promotionTier", Value: Number(0)},
	},
	References: []Reference{
		{Path: "clusterIdentifier", To: []string{DBCluster}, Code: "DBClusterNotFoundFault", Message: "The source cluster could not be found or cannot be accessed: %s"},
		toSubnetGroup("dbSubnetGroupName"), toParameterGroup("dbParameterGroupName", DBParameterGroup, "DBParameterGroupNotFound"),
	},
	Rules: slices.Concat(databaseNames("identifier", "identifierPrefix", 63), monitoringRules(), []Rule{
		OneOf("engine", clusterEngines...), Matching("engineVersion", dbVersion, "a version such as 16.6"), InRange("promotionTier", 0, 15),
		Matching("preferredBackupWindow", dailyWindow, "must satisfy the format of \"hh24:mi-hh24:mi\""),
		Matching("preferredMaintenanceWindow", weeklyWindow, "must satisfy the format of \"ddd:hh24:mi-ddd:hh24:mi\""),
		{Name: "the cluster's engine", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			cluster := d.Find(DBCluster, d.Text("clusterIdentifier"))
			known := slices.Contains(clusterEngines, d.Text("engine")) // what is not known is refused for that
			if known && cluster != nil && (cluster.Text("engine") != d.Text("engine") || !isAurora(d)) {
				return Refuse("engine", "The engine name requested for your DB instance (%s) doesn't match the engine name of your DB cluster (%s), or the cluster makes its instances itself.",
					d.Text("engine"), cluster.Text("engine"))
			}
			return nil
		}},
		{Name: "classes of Aurora", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			class := d.Text("instanceClass")
			if class == "db.serverless" || slices.Contains(auroraFamilies, familyOfClass(class)) {
				return nil
			}
			return Refuse("instanceClass", "Invalid DB Instance class: %s", class)
		}},
		{Name: "a zone of the subnet group", Stage: AtApply, Code: "InvalidVPCNetworkStateFault", Broken: func(d *Draft) *Refusal {
			cluster := d.Find(DBCluster, d.Text("clusterIdentifier"))
			if zone := d.Text("availabilityZone"); cluster != nil && zone != "" && !slices.Contains(zonesOfGroup(d, cluster.Text("dbSubnetGroupName")), zone) {
				return Refuse("availabilityZone", "The requested Availability Zone %s is not in the DB subnet group of the cluster.", zone)
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "DBInstanceAlreadyExists", Broken: func(d *Draft) *Refusal {
			if id := d.Text("identifier"); d.Find(DBClusterInstance, id) != nil || d.Find(DBInstance, id) != nil {
				return Refuse("identifier", "DB instance already exists")
			}
			return nil
		}},
	}),
	Replaces: []string{"availabilityZone", "clusterIdentifier", "customIamInstanceProfile", "dbSubnetGroupName", "engine", "engineVersion", "identifier", "identifierPrefix"},
	ID:       func(d *Draft) string { return d.Output("identifier").Text() },
	Computed: []Output{
		{Name: "identifier", Value: func(d *Draft) resource.PropertyValue {
			return Text(orElse(d.Text("identifierPrefix"), "tf-") + d.Digits("name", 26))
		}},
		fixed("identifierPrefix", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("rds", "db:"+d.Output("identifier").Text())) }},
		{Name: "dbiResourceId", Value: func(d *Draft) resource.PropertyValue { return Text("db-" + strings.ToUpper(d.Hex("resource", 26))) }},
		{Name: "endpoint", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Output("identifier").Text() + "." + databaseDomain(d))
		}},
		{Name: "writer", Value: func(d *Draft) resource.PropertyValue { return Flag(isWriter(d)) }},
		{Name: "availabilityZone", Value: func(d *Draft) resource.PropertyValue { return Text(memberZone(d)) }},
		ofCluster("dbSubnetGroupName", Text("default")), ofCluster("engineVersion", Text("")), ofCluster("kmsKeyId", Text("")), ofCluster("port", Number(5432)),
		ofCluster("storageEncrypted", Flag(false)), ofCluster("networkType", Text("IPV4")), ofCluster("preferredBackupWindow", Text("")),
		ofCluster("preferredMaintenanceWindow", Text("")),
		{Name: "engineVersionActual", Always: true, Value: func(d *Draft) resource.PropertyValue { return d.Output("engineVersion").Property() }},
		fixed("applyImmediately", Flag(false)), fixed("caCertIdentifier", Text("rds-ca-rsa2048-g1")), fixed("dbParameterGroupName", Text("default")),
		fixed("monitoringRoleArn", Text("")), fixed("performanceInsightsEnabled", Flag(false)), fixed("performanceInsightsKmsKeyId", Text("")),
		fixed("performanceInsightsRetentionPeriod", Number(0)), fixed("publiclyAccessible", Flag(false)),
	},
})

// ofCluster is what a member has from its cluster.
func ofCluster(name string, otherwise resource.PropertyValue) Output {
	return Output{Name: name, Value: func(d *Draft) resource.PropertyValue {
		if cluster := d.Find(DBCluster, d.Text("clusterIdentifier")); cluster != nil && cluster.At(name).Exists() {
			return cluster.At(name).Property()
		}
		return otherwise
	}}
}

// siblings are the other members of the cluster.
func siblings(d *Draft) []*Thing {
	return d.UsedBy(DBClusterInstance, "clusterIdentifier", d.Text("clusterIdentifier"))
}

// isWriter is true for the first member of a cluster, and stays so.
func isWriter(d *Draft) bool {
	if !d.Creating() {
		return d.old.At("writer").Bool()
	}
	return len(siblings(d)) == 0
}

// memberZone is the zone with the fewest members of the cluster.
func memberZone(d *Draft) string {
	cluster := d.Find(DBCluster, d.Text("clusterIdentifier"))
	if cluster == nil {
		return ""
	}
	best, fewest := "", -1
	for _, zone := range zonesOfGroup(d, cluster.Text("dbSubnetGroupName")) {
		members := 0
		for _, other := range siblings(d) {
			if other.Text("availabilityZone") == zone {
				members++
			}
		}
		if fewest < 0 || members < fewest {
			best, fewest = zone, members
		}
	}
	return best
}
