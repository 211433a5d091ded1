package kinds_test

// databaseRefusals are what AWS refuses alike of a cluster and of an instance, which are made by different operations.
func databaseRefusals(operation string, database func(In) Draft) []Refusal {
	return append(monitoringRefusals(database), []Refusal{
		{Rule: "reference dbSubnetGroupName", Draft: database(In{"dbSubnetGroupName": "gone"}), Says: operation + ", api error DBSubnetGroupNotFoundFault: DB subnet group 'gone' does not exist."},
		{Rule: "reference vpcSecurityGroupIds[]", Draft: database(In{"vpcSecurityGroupIds": []any{"gone"}}), Says: "Invalid security group , groupId= gone"},
		{Rule: "pattern of engineVersion", Draft: database(In{"engineVersion": "latest"}), Says: "a version such as 16.6"},
		{Rule: "range of backupRetentionPeriod", Draft: database(In{"backupRetentionPeriod": 36}), Says: "range (0 - 35)"},
		{Rule: "range of port", Draft: database(In{"port": 80}), Says: "range (1150 - 65535)"},
		{Rule: "logs to export", Draft: database(In{"enabledCloudwatchLogsExports": []any{"audit"}}), Says: "You cannot use the log types 'audit'"},
		{Rule: "a password", Draft: database(In{"manageMasterUserPassword": nil}), Says: "MasterUserPassword must be provided"},
		{Rule: "a key without encryption", Draft: database(In{"storageEncrypted": false}), Says: "unencrypted"},
		{Rule: "security group of another VPC", Draft: database(In{"vpcSecurityGroupIds": []any{"sg-2"}}), Says: "are in different VPCs"},
		{Rule: "a name for the final snapshot", Draft: database(In{"finalSnapshotIdentifier": nil}), Says: "FinalSnapshotIdentifier is required"},
	}...)
}

// monitoringRefusals are what AWS refuses alike of a cluster, of an instance and of an instance in a cluster.
func monitoringRefusals(database func(In) Draft) []Refusal {
	const role = "arn:aws:iam::123456789012:role/monitoring"
	return []Refusal{
		{Rule: "values of monitoringInterval", Draft: database(In{"monitoringInterval": 2, "monitoringRoleArn": role}), Says: "to be one of"},
		{Rule: "months of Performance Insights", Draft: database(In{"performanceInsightsRetentionPeriod": 30}), Says: "a multiple of 31"},
		{Rule: "a role for monitoring", Draft: database(In{"monitoringInterval": 60}), Says: "MonitoringRoleARN value is required"},
	}
}
