package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func cluster(changes In) Draft {
	return func(lab *Lab) In {
		databaseNetwork(lab)
		return changed(In{
			"clusterIdentifier": "tickets", "engine": "aurora-postgresql", "engineVersion": "16.6", "databaseName": "tickets", "masterUsername": "owner",
			"manageMasterUserPassword": true, "dbSubnetGroupName": "three", "vpcSecurityGroupIds": []any{"sg-1"}, "storageEncrypted": true, "kmsKeyId": keyOne,
			"backupRetentionPeriod": 35, "preferredBackupWindow": "02:00-03:00", "preferredMaintenanceWindow": "sun:04:00-sun:05:00",
			"dbClusterParameterGroupName": "ours", "enabledCloudwatchLogsExports": []any{"postgresql"}, "finalSnapshotIdentifier": "tickets-final",
		}, changes)
	}
}

// standbys is a Multi-AZ DB cluster.
func standbys(changes In) Draft {
	return cluster(changed(In{"engine": "postgres", "dbClusterInstanceClass": "db.m6gd.large", "allocatedStorage": 100, "storageType": "gp3"}, changes))
}

var _ = suite(kinds.DBCluster, Suite{
	Valid: map[string]Draft{
		"aurora": cluster(nil), "two readable standbys": standbys(nil), "a password of its own": cluster(In{"manageMasterUserPassword": nil, "masterPassword": "hush-hush"}),
		"named by the provider": cluster(In{"clusterIdentifier": nil}), "with a prefix": cluster(In{"clusterIdentifier": nil, "clusterIdentifierPrefix": "tickets-"}),
		"AWS's parameters": cluster(In{"dbClusterParameterGroupName": "default.aurora-postgresql16"}), "aurora over two zones": cluster(In{"dbSubnetGroupName": "two"}),
		"Performance Insights": cluster(In{"performanceInsightsEnabled": true, "performanceInsightsRetentionPeriod": 93, "performanceInsightsKmsKeyId": keyOne}),
		"monitored":            cluster(In{"monitoringInterval": 60, "monitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring"}),
		"windows back to back": cluster(In{"preferredBackupWindow": "03:00-04:00"}), "the smallest class": standbys(In{"dbClusterInstanceClass": "db.c6gd.medium"}),
		"a window over midnight": cluster(In{"preferredBackupWindow": "23:30-00:30"}), "the Data API": cluster(In{"enableHttpEndpoint": true}),
	},
	Refusals: append(append(clusterTopologyRefusals(), databaseRefusals("CreateDBCluster", cluster)...),
		Refusal{Rule: "reference dbClusterParameterGroupName", Draft: cluster(In{"dbClusterParameterGroupName": "gone"}), Says: "DBClusterParameterGroupNotFound"},
		Refusal{Rule: "only what the sandbox has", Draft: cluster(In{"snapshotIdentifier": "old"}), Says: "clusters made from something else"},
		Refusal{Rule: "values of engine", Draft: cluster(In{"engine": "aurora-oracle"}), Says: "to be one of"},
		Refusal{Rule: "values of engineMode", Draft: cluster(In{"engineMode": "serverless"}), Says: "to be one of"},
		Refusal{Rule: "pattern of databaseName", Draft: cluster(In{"databaseName": "tickets-db"}), Says: "letters, digits and underscores"},
		Refusal{Rule: "values of storageType", Draft: cluster(In{"storageType": "gp2"}), Says: "to be one of"},
		Refusal{Rule: "backups of a cluster", Draft: cluster(In{"backupRetentionPeriod": 0}), Says: "Invalid backup retention period: 0"},
		Refusal{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.DBCluster, "tickets", In{})
			return cluster(nil)(lab)
		}, Says: "DBClusterAlreadyExistsFault"},
		Refusal{Rule: "length of clusterIdentifier", Draft: cluster(In{"clusterIdentifier": strings.Repeat("a", 64)}), Says: "range (1 - 63)"},
		Refusal{Rule: "clusterIdentifier conflicts with clusterIdentifierPrefix", Draft: cluster(In{"clusterIdentifierPrefix": "a"}), Says: "conflicts with"},
		Refusal{Rule: "pattern of clusterIdentifier", Draft: cluster(In{"clusterIdentifier": "tickets--db"}), Says: "single hyphens"},
		Refusal{Rule: "pattern of preferredBackupWindow", Draft: cluster(In{"preferredBackupWindow": "2:00-3:00"}), Says: "hh24:mi-hh24:mi"},
		Refusal{Rule: "pattern of preferredMaintenanceWindow", Draft: cluster(In{"preferredMaintenanceWindow": "04:00-05:00"}), Says: "ddd:hh24:mi-ddd:hh24:mi"},
		Refusal{Rule: "length of the windows", Draft: cluster(In{"preferredBackupWindow": "02:00-02:29"}), Says: "at least 30 minutes"},
		Refusal{Rule: "windows that overlap", Draft: cluster(In{"preferredBackupWindow": "04:30-05:30"}), Says: "must not overlap"},
		Refusal{Rule: "windows that overlap", Draft: cluster(In{"preferredBackupWindow": "03:00-04:01"}), Says: "must not overlap"},
		Refusal{Rule: "windows that overlap", Draft: cluster(In{"preferredBackupWindow": "23:30-00:30", "preferredMaintenanceWindow": "mon:00:00-mon:00:30"}), Says: "must not overlap"},
		Refusal{Rule: "a password and a managed one", Draft: cluster(In{"masterPassword": "hush-hush"}), Says: "conflicts with manageMasterUserPassword"},
		Refusal{Rule: "a user that the engine keeps", Draft: cluster(In{"masterUsername": "admin"}), Says: "reserved word"},
		Refusal{Rule: "keys that exist", Draft: cluster(In{"kmsKeyId": "arn:gone"}), Says: "KMSKeyNotAccessibleFault"},
		Refusal{Rule: "deletion protection", Draft: cluster(In{"deletionProtection": true}), Says: "DeleteDBCluster, api error InvalidParameterCombination: Cannot delete protected Cluster"},
		Refusal{Rule: "instances in it", Draft: cluster(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.DBClusterInstance, "tickets-1", In{"clusterIdentifier": made.ID})
		}, Says: "InvalidDBClusterStateFault: Cluster cannot be deleted, it still contains DB instances"},
	),
	Replaces: []Change{
		{Path: "clusterIdentifier", Before: cluster(nil), After: cluster(In{"clusterIdentifier": "other"})},
		{Path: "storageEncrypted", Before: cluster(In{"kmsKeyId": nil}), After: cluster(In{"kmsKeyId": nil, "storageEncrypted": false})},
		{Path: "databaseName", Before: cluster(nil), After: cluster(In{"databaseName": "other"})},
		{Path: "dbSubnetGroupName", Before: cluster(nil), After: cluster(In{"dbSubnetGroupName": "two"})},
	},
	Updates: []Change{
		{Path: "backupRetentionPeriod", Before: cluster(nil), After: cluster(In{"backupRetentionPeriod": 7})},
		{Path: "engineVersion", Before: cluster(nil), After: cluster(In{"engineVersion": "16.8"})},
		{Path: "deletionProtection", Before: cluster(nil), After: cluster(In{"deletionProtection": true})},
	},
})

func clusterTopologyRefusals() []Refusal {
	return []Refusal{
		{Rule: "what only Multi-AZ DB clusters have", Draft: cluster(In{"allocatedStorage": 100}), Says: "isn't valid for Aurora DB clusters"},
		{Rule: "what only Aurora has", Draft: standbys(In{"enableHttpEndpoint": true}), Says: "HTTP endpoints aren't supported"},
		{Rule: "what a Multi-AZ DB cluster needs", Draft: standbys(In{"storageType": nil}), Says: "storageType must be provided"},
		{Rule: "classes of Multi-AZ DB clusters", Draft: standbys(In{"dbClusterInstanceClass": "db.t4g.large"}), Says: "Invalid DB Cluster Instance class: db.t4g.large"},
		{Rule: "classes of Multi-AZ DB clusters", Draft: standbys(In{"dbClusterInstanceClass": "db.m6gd.medium"}), Says: "Invalid DB Cluster Instance class: db.m6gd.medium"},
		{Rule: "storage that fits the topology", Draft: standbys(In{"storageType": "aurora-iopt1"}), Says: "isn't valid for the DB engine postgres"},
		{Rule: "storage that fits the topology", Draft: cluster(In{"storageType": "gp3"}), Says: "isn't valid for the DB engine aurora-postgresql"},
		{Rule: "three zones", Draft: standbys(In{"dbSubnetGroupName": "two"}), Says: "Current AZ coverage: eu-central-1a, eu-central-1b. Add subnets to cover at least 3 AZs."},
	}
}

func member(changes In) Draft {
	return func(lab *Lab) In {
		databaseNetwork(lab)
		lab.Put(kinds.DBCluster, "tickets", In{"engine": "aurora-postgresql", "dbSubnetGroupName": "three", "engineVersion": "16.6"})
		lab.Put(kinds.DBCluster, "standbys", In{"engine": "postgres", "dbSubnetGroupName": "three", "engineVersion": "16.6"})
		return changed(In{"identifier": "tickets-1", "clusterIdentifier": "tickets", "engine": "aurora-postgresql", "instanceClass": "db.r7g.large"}, changes)
	}
}

var _ = suite(kinds.DBClusterInstance, Suite{
	Valid: map[string]Draft{
		"a writer": member(nil), "named by the provider": member(In{"identifier": nil}), "in a zone": member(In{"availabilityZone": "eu-central-1b", "promotionTier": 1}),
		"serverless": member(In{"instanceClass": "db.serverless"}), "with parameters": member(In{"dbParameterGroupName": "ours"}),
	},
	Refusals: append(monitoringRefusals(member), []Refusal{
		{Rule: "reference clusterIdentifier", Draft: member(In{"clusterIdentifier": "gone"}), Says: "DBClusterNotFoundFault"},
		{Rule: "reference dbSubnetGroupName", Draft: member(In{"dbSubnetGroupName": "gone"}), Says: "DBSubnetGroupNotFoundFault"},
		{Rule: "reference dbParameterGroupName", Draft: member(In{"dbParameterGroupName": "gone"}), Says: "DBParameterGroupNotFound"},
		{Rule: "length of identifier", Draft: member(In{"identifier": strings.Repeat("a", 64)}), Says: "range (1 - 63)"},
		{Rule: "identifier conflicts with identifierPrefix", Draft: member(In{"identifierPrefix": "a"}), Says: "conflicts with"},
		{Rule: "pattern of identifier", Draft: member(In{"identifier": "Tickets"}), Says: "lowercase"},
		{Rule: "values of engine", Draft: member(In{"engine": "oracle"}), Says: "to be one of"},
		{Rule: "pattern of engineVersion", Draft: member(In{"engineVersion": "latest"}), Says: "a version such as 16.6"},
		{Rule: "range of promotionTier", Draft: member(In{"promotionTier": 16}), Says: "range (0 - 15)"},
		{Rule: "pattern of preferredBackupWindow", Draft: member(In{"preferredBackupWindow": "night"}), Says: "hh24:mi-hh24:mi"},
		{Rule: "pattern of preferredMaintenanceWindow", Draft: member(In{"preferredMaintenanceWindow": "sunday"}), Says: "ddd:hh24:mi"},
		{Rule: "the cluster's engine", Draft: member(In{"engine": "aurora-mysql"}), Says: "doesn't match the engine name of your DB cluster"},
		{Rule: "the cluster's engine", Draft: member(In{"clusterIdentifier": "standbys", "engine": "postgres"}), Says: "the cluster makes its instances itself"},
		{Rule: "classes of Aurora", Draft: member(In{"instanceClass": "db.m7g.large"}), Says: "Invalid DB Instance class: db.m7g.large"},
		{Rule: "a zone of the subnet group", Draft: member(In{"availabilityZone": "eu-central-1d"}), Says: "is not in the DB subnet group"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.DBClusterInstance, "tickets-1", In{})
			return member(nil)(lab)
		}, Says: "DBInstanceAlreadyExists"},
	}...),
	Replaces: []Change{
		{Path: "identifier", Before: member(nil), After: member(In{"identifier": "other"})},
		{Path: "availabilityZone", Before: member(In{"availabilityZone": "eu-central-1a"}), After: member(In{"availabilityZone": "eu-central-1b"})},
	},
	Updates: []Change{
		{Path: "instanceClass", Before: member(nil), After: member(In{"instanceClass": "db.r7g.xlarge"})},
		{Path: "promotionTier", Before: member(nil), After: member(In{"promotionTier": 2})},
	},
})
