package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildInstance builds an instance with a standby, and has its automated backups received by the recovery Region.
func (d *MultiAZDatabase) buildInstance(ctx *pulumi.Context) error {
	identifier, err := d.identifier(ctx)
	if err != nil {
		return err
	}
	parameters, err := rds.NewParameterGroup(ctx, d.name, transformed(&rds.ParameterGroupArgs{
		Family: pulumi.String("postgres" + d.major()), Description: pulumi.String("Parameters of database " + d.name),
		Parameters: rds.ParameterGroupParameterArray{
			rds.ParameterGroupParameterArgs{Name: pulumi.String(forceTLS), Value: pulumi.String("1")},
		},
		Tags: tagsNamed(d.args.Tags, d.name),
	}, d.args.Transform.ParameterGroup), pulumi.Parent(d))
	if err != nil {
		return err
	}
	d.built.parameterGroup = parameters.Name
	options := append(stateful(d, d.args.Protect), pulumi.DependsOn([]pulumi.Resource{d.built.logGroup}))
	instance, err := rds.NewInstance(ctx, d.name, transformed(&rds.InstanceArgs{
		Identifier: pulumi.String(identifier), Engine: pulumi.String("postgres"), EngineVersion: pulumi.String(d.args.EngineVersion),
		InstanceClass: pulumi.String(d.args.InstanceClass), MultiAz: pulumi.Bool(true),
		AllocatedStorage: pulumi.Int(d.args.StorageGiB), StorageType: pulumi.String("gp3"), StorageEncrypted: pulumi.Bool(true), KmsKeyId: d.built.key.Arn,
		DbName: pulumi.String(d.args.DatabaseName), Port: pulumi.Int(postgresPort),
		Username: pulumi.String(masterUser), ManageMasterUserPassword: pulumi.Bool(true), MasterUserSecretKmsKeyId: d.built.key.Arn,
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true), PubliclyAccessible: pulumi.Bool(false),
		DbSubnetGroupName: d.built.subnetGroup.Name, VpcSecurityGroupIds: pulumi.StringArray{d.built.securityGroup.ID()},
		ParameterGroupName: parameters.Name, EnabledCloudwatchLogsExports: pulumi.ToStringArray([]string{"postgresql"}),
		BackupRetentionPeriod: pulumi.Int(d.args.BackupRetentionDays), BackupWindow: pulumi.String(d.args.BackupWindow),
		MaintenanceWindow: pulumi.String(d.args.MaintenanceWindow), CopyTagsToSnapshot: pulumi.Bool(true), AutoMinorVersionUpgrade: pulumi.Bool(false),
		PerformanceInsightsEnabled: pulumi.Bool(true), PerformanceInsightsKmsKeyId: d.built.key.Arn,
		PerformanceInsightsRetentionPeriod: pulumi.Int(insightsDays),
		DeletionProtection:                 pulumi.Bool(d.args.Protect), DeleteAutomatedBackups: pulumi.Bool(false),
		SkipFinalSnapshot: pulumi.Bool(false), FinalSnapshotIdentifier: pulumi.String(identifier + "-final"),
		// A change that restarts the database waits for the maintenance window.
		ApplyImmediately: pulumi.Bool(false), Tags: tagsNamed(d.args.Tags, d.name),
	}, d.args.Transform.Instance), options...)
	if err != nil {
		return err
	}
	d.Endpoint, d.ReaderEndpoint, d.Port = instance.Address, pulumi.String("").ToStringOutput(), instance.Port
	d.ARN, d.Identifier, d.ResourceID = instance.Arn, instance.Identifier, instance.ResourceId
	d.MasterSecretARN = instance.MasterUserSecrets.ApplyT(func(secrets []rds.InstanceMasterUserSecret) string {
		// There is none while a preview or a mock knows none.
		if len(secrets) == 0 || secrets[0].SecretArn == nil {
			return ""
		}
		return *secrets[0].SecretArn
	}).(pulumi.StringOutput)
	d.built.beforeUsers = append(d.built.beforeUsers, instance)
	return d.replicateBackups(ctx, instance)
}

// replicateBackups makes the recovery Region receive snapshots and transaction logs, under a key of its own
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html).
func (d *MultiAZDatabase) replicateBackups(ctx *pulumi.Context, instance *rds.Instance) error {
	at := homeOf(ctx, d.args.Placement.AccountID, d.args.RecoveryRegion)
	name := d.name + "-recovery"
	key, err := newKey(ctx, keySpec{
		parent: d, provider: d.args.RecoveryProvider, name: name, alias: at.alias("database", name),
		description: "Encrypts the replicated backups of database " + d.name,
		statements:  []iampolicy.Statement{at.accountAdministers()},
		protect:     d.args.Protect, tags: d.args.Tags, transform: d.args.Transform.Key,
	})
	if err != nil {
		return err
	}
	d.built.recoveryKey = key
	options := append(stateful(d, d.args.Protect), pulumi.Provider(d.args.RecoveryProvider))
	d.built.replication, err = rds.NewInstanceAutomatedBackupsReplication(ctx, name, &rds.InstanceAutomatedBackupsReplicationArgs{
		SourceDbInstanceArn: instance.Arn, KmsKeyId: key.Arn, RetentionPeriod: pulumi.Int(d.args.BackupRetentionDays),
	}, options...)
	return err
}
