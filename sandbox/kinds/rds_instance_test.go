package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func instance(changes In) Draft {
	return func(lab *Lab) In {
		databaseNetwork(lab)
		return changed(In{
			"identifier": "tickets", "engine": "postgres", "engineVersion": "16.6", "instanceClass": "db.m7g.large", "allocatedStorage": 100, "storageType": "gp3",
			"dbName": "tickets", "username": "owner", "manageMasterUserPassword": true, "dbSubnetGroupName": "two", "vpcSecurityGroupIds": []any{"sg-1"},
			"storageEncrypted": true, "kmsKeyId": keyOne, "multiAz": true, "backupRetentionPeriod": 7, "backupWindow": "02:00-03:00",
			"maintenanceWindow": "sun:04:00-sun:05:00", "parameterGroupName": "ours", "finalSnapshotIdentifier": "tickets-final",
		}, changes)
	}
}

var _ = suite(kinds.DBInstance, Suite{
	Valid: map[string]Draft{
		"with a standby": instance(nil), "in one zone": instance(In{"multiAz": false, "availabilityZone": "eu-central-1a"}), "named by the provider": instance(In{"identifier": nil}),
		"with a prefix": instance(In{"identifier": nil, "identifierPrefix": "tickets-"}), "a large volume": instance(In{"allocatedStorage": 400, "storageThroughput": 500, "iops": 12000}),
		"room to grow": instance(In{"maxAllocatedStorage": 200}), "a password of its own": instance(In{"manageMasterUserPassword": nil, "password": "hush-hush"}),
	},
	Refusals: append(append(instanceVolumeRefusals(), databaseRefusals("CreateDBInstance", instance)...),
		Refusal{Rule: "reference parameterGroupName", Draft: instance(In{"parameterGroupName": "gone"}), Says: "DBParameterGroupNotFound"},
		Refusal{Rule: "only what the sandbox has", Draft: instance(In{"replicateSourceDb": "other"}), Says: "instances made from something else"},
		Refusal{Rule: "values of engine", Draft: instance(In{"engine": "aurora-postgresql"}), Says: "to be one of"},
		Refusal{Rule: "pattern of dbName", Draft: instance(In{"dbName": "tickets-db"}), Says: "letters, digits and underscores"},
		Refusal{Rule: "values of storageType", Draft: instance(In{"storageType": "gp4"}), Says: "to be one of"},
		Refusal{Rule: "an engine", Draft: instance(In{"engine": nil, "enabledCloudwatchLogsExports": nil}), Says: "The parameter engine must be provided"},
		Refusal{Rule: "classes of instances", Draft: instance(In{"instanceClass": "m7g.large"}), Says: "Invalid DB Instance class: m7g.large"},
		Refusal{Rule: "a zone of its own and a standby", Draft: instance(In{"availabilityZone": "eu-central-1a"}), Says: "not valid for Multi-AZ instances"},
		Refusal{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.DBInstance, "db-OTHER", In{"identifier": "tickets"})
			return instance(nil)(lab)
		}, Says: "DBInstanceAlreadyExists"},
		Refusal{Rule: "length of identifier", Draft: instance(In{"identifier": strings.Repeat("a", 64)}), Says: "range (1 - 63)"},
		Refusal{Rule: "identifier conflicts with identifierPrefix", Draft: instance(In{"identifierPrefix": "a"}), Says: "conflicts with"},
		Refusal{Rule: "pattern of identifier", Draft: instance(In{"identifier": "tickets-"}), Says: "no hyphen at the end"},
		Refusal{Rule: "pattern of backupWindow", Draft: instance(In{"backupWindow": "night"}), Says: "hh24:mi-hh24:mi"},
		Refusal{Rule: "pattern of maintenanceWindow", Draft: instance(In{"maintenanceWindow": "sunday"}), Says: "ddd:hh24:mi"},
		Refusal{Rule: "length of the windows", Draft: instance(In{"maintenanceWindow": "sun:04:00-sun:04:10"}), Says: "at least 30 minutes"},
		Refusal{Rule: "windows that overlap", Draft: instance(In{"backupWindow": "04:30-05:30"}), Says: "must not overlap"},
		Refusal{Rule: "a password and a managed one", Draft: instance(In{"password": "hush-hush"}), Says: "conflicts with manageMasterUserPassword"},
		Refusal{Rule: "a user that the engine keeps", Draft: instance(In{"username": "rdsadmin"}), Says: "reserved word"},
		Refusal{Rule: "keys that exist", Draft: instance(In{"masterUserSecretKmsKeyId": "arn:gone"}), Says: "KMSKeyNotAccessibleFault"},
		Refusal{Rule: "deletion protection", Draft: instance(In{"deletionProtection": true}), Says: "Cannot delete protected DB Instance"},
		Refusal{Rule: "replicated backups", Draft: instance(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.In("eu-west-1").Put(kinds.DBBackupsReplication, "ab-1", In{"sourceDbInstanceArn": made.Text("arn")})
		}, Says: "Stop the replication of automated backups to eu-west-1"},
	),
	Replaces: []Change{
		{Path: "dbName", Before: instance(nil), After: instance(In{"dbName": "other"})},
		{Path: "username", Before: instance(nil), After: instance(In{"username": "other"})},
		{Path: "engine", Before: instance(In{"parameterGroupName": nil}), After: instance(In{"engine": "mysql", "parameterGroupName": nil})},
	},
	Updates: []Change{
		{Path: "multiAz", Before: instance(nil), After: instance(In{"multiAz": false})},
		{Path: "identifier", Before: instance(nil), After: instance(In{"identifier": "other"})},
		{Path: "allocatedStorage", Before: instance(nil), After: instance(In{"allocatedStorage": 200})},
	},
})

func instanceVolumeRefusals() []Refusal {
	return []Refusal{
		{Rule: "size of the volume", Draft: instance(In{"allocatedStorage": 19}), Says: "Invalid storage size for engine name postgres"},
		{Rule: "a volume that does not shrink", Before: instance(nil), Draft: instance(In{"allocatedStorage": 50}), Says: "cannot be less than the current size"},
		{Rule: "throughput of a small volume", Draft: instance(In{"storageThroughput": 500}), Says: "a storage size less than 400"},
		{Rule: "room to grow", Draft: instance(In{"maxAllocatedStorage": 105}), Says: "by at least 10%"},
	}
}

const sourceInstance = "arn:aws:rds:eu-west-1:123456789012:db:tickets"

func backupsReplication(changes In) Draft {
	return func(lab *Lab) In {
		databaseNetwork(lab)
		source := lab.In("eu-west-1")
		source.Put(kinds.DBInstance, "db-1", In{"arn": sourceInstance, "backupRetentionPeriod": 7, "storageEncrypted": true})
		source.Put(kinds.DBInstance, "db-2", In{"arn": sourceInstance + "-none", "backupRetentionPeriod": 0})
		lab.Put(kinds.DBInstance, "db-3", In{"arn": strings.Replace(sourceInstance, "west", "central", 1), "backupRetentionPeriod": 7})
		return changed(In{"sourceDbInstanceArn": sourceInstance, "kmsKeyId": keyOne, "retentionPeriod": 14}, changes)
	}
}

var _ = suite(kinds.DBBackupsReplication, Suite{
	Valid: map[string]Draft{"of an encrypted instance": backupsReplication(nil), "for a week": backupsReplication(In{"retentionPeriod": nil})},
	Refusals: []Refusal{
		{Rule: "range of retentionPeriod", Draft: backupsReplication(In{"retentionPeriod": 36}), Says: "range (1 - 35)"},
		{Rule: "ARN of the source", Draft: backupsReplication(In{"sourceDbInstanceArn": "tickets"}), Says: "is an invalid ARN"},
		{Rule: "another Region", Draft: backupsReplication(In{"sourceDbInstanceArn": strings.Replace(sourceInstance, "west", "central", 1)}), Says: "must be different from the destination Region"},
		{Rule: "a source that exists", Draft: backupsReplication(In{"sourceDbInstanceArn": sourceInstance + "-gone"}), Says: "DBInstanceNotFound"},
		{Rule: "a source with backups", Draft: backupsReplication(In{"sourceDbInstanceArn": sourceInstance + "-none"}), Says: "Automated backups aren't enabled"},
		{Rule: "a key of this Region", Draft: backupsReplication(In{"kmsKeyId": nil}), Says: "KMSKeyNotAccessibleFault"},
		{Rule: "a key of this Region", Draft: backupsReplication(In{"kmsKeyId": strings.Replace(keyOne, "eu-central-1", "eu-west-1", 1)}), Says: "KMSKeyNotAccessibleFault"},
		{Rule: "replicated already", Draft: func(lab *Lab) In {
			lab.Put(kinds.DBBackupsReplication, "ab-1", In{"sourceDbInstanceArn": sourceInstance})
			return backupsReplication(nil)(lab)
		}, Says: "replicated to this Region already"},
	},
	Replaces: []Change{{Path: "retentionPeriod", Before: backupsReplication(nil), After: backupsReplication(In{"retentionPeriod": 7})}},
})
