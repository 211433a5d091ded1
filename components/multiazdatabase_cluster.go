package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	postgresPort = 5432
	// forceTLS refuses connections without TLS
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html).
	forceTLS = "rds.force_ssl"
	// insightsDays is for how long Performance Insights keeps what it saw, free of charge
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.cost.html).
	insightsDays = 7
)

// buildCluster builds an Aurora cluster with its members, or a Multi-AZ DB cluster, which has its three instances in itself.
func (d *MultiAZDatabase) buildCluster(ctx *pulumi.Context) error {
	args, err := d.clusterArgs(ctx)
	if err != nil {
		return err
	}
	options := append(stateful(d, d.args.Protect), pulumi.DependsOn([]pulumi.Resource{d.built.logGroup}))
	cluster, err := rds.NewCluster(ctx, d.name, transformed(args, d.args.Transform.Cluster), options...)
	if err != nil {
		return err
	}
	d.Endpoint, d.ReaderEndpoint, d.Port = cluster.Endpoint, cluster.ReaderEndpoint, cluster.Port
	d.ARN, d.Identifier, d.ResourceID = cluster.Arn, cluster.ClusterIdentifier, cluster.ClusterResourceId
	d.MasterSecretARN = cluster.MasterUserSecrets.ApplyT(func(secrets []rds.ClusterMasterUserSecret) string {
		// There is none while a preview or a mock knows none.
		if len(secrets) == 0 || secrets[0].SecretArn == nil {
			return ""
		}
		return *secrets[0].SecretArn
	}).(pulumi.StringOutput)
	d.built.beforeUsers = append(d.built.beforeUsers, cluster)
	if d.args.Topology == MultiAZCluster {
		return nil
	}
	return d.buildMembers(ctx, cluster)
}

func (d *MultiAZDatabase) clusterArgs(ctx *pulumi.Context) (*rds.ClusterArgs, error) {
	identifier, err := d.identifier(ctx)
	if err != nil {
		return nil, err
	}
	family, engine := "aurora-postgresql", "aurora-postgresql"
	if d.args.Topology == MultiAZCluster {
		family, engine = "postgres", "postgres"
	}
	parameters, err := rds.NewClusterParameterGroup(ctx, d.name, transformed(&rds.ClusterParameterGroupArgs{
		Family: pulumi.String(family + d.major()), Description: pulumi.String("Parameters of database " + d.name),
		Parameters: rds.ClusterParameterGroupParameterArray{
			rds.ClusterParameterGroupParameterArgs{Name: pulumi.String(forceTLS), Value: pulumi.String("1")},
		},
		Tags: tagsNamed(d.args.Tags, d.name),
	}, d.args.Transform.ClusterParameterGroup), pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	d.built.parameterGroup = parameters.Name
	args := &rds.ClusterArgs{
		ClusterIdentifier: pulumi.String(identifier), Engine: pulumi.String(engine), EngineVersion: pulumi.String(d.args.EngineVersion),
		DatabaseName: pulumi.String(d.args.DatabaseName), Port: pulumi.Int(postgresPort),
		MasterUsername: pulumi.String(masterUser), ManageMasterUserPassword: pulumi.Bool(true), MasterUserSecretKmsKeyId: d.built.key.Arn,
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),
		DbSubnetGroupName:                d.built.subnetGroup.Name, VpcSecurityGroupIds: pulumi.StringArray{d.built.securityGroup.ID()},
		StorageEncrypted: pulumi.Bool(true), KmsKeyId: d.built.key.Arn,
		DbClusterParameterGroupName: parameters.Name, EnabledCloudwatchLogsExports: pulumi.ToStringArray([]string{"postgresql"}),
		BackupRetentionPeriod: pulumi.Int(d.args.BackupRetentionDays), PreferredBackupWindow: pulumi.String(d.args.BackupWindow),
		PreferredMaintenanceWindow: pulumi.String(d.args.MaintenanceWindow), CopyTagsToSnapshot: pulumi.Bool(true),
		DeletionProtection: pulumi.Bool(d.args.Protect), DeleteAutomatedBackups: pulumi.Bool(false),
		SkipFinalSnapshot: pulumi.Bool(false), FinalSnapshotIdentifier: pulumi.String(identifier + "-final"),
		// A change that restarts the database waits for the maintenance window.
		ApplyImmediately: pulumi.Bool(false), Tags: tagsNamed(d.args.Tags, d.name),
	}
	if d.args.HasDataAPI() {
		args.EnableHttpEndpoint = pulumi.Bool(true)
	}
	if d.args.Topology == MultiAZCluster {
		args.DbClusterInstanceClass, args.AllocatedStorage = pulumi.String(d.args.InstanceClass), pulumi.Int(d.args.StorageGiB)
		args.StorageType = pulumi.String("gp3")
		args.PerformanceInsightsEnabled, args.PerformanceInsightsKmsKeyId = pulumi.Bool(true), d.built.key.Arn
		args.PerformanceInsightsRetentionPeriod = pulumi.Int(insightsDays)
	}
	return args, nil
}

// buildMembers builds the writer and the readers of Aurora, one zone after the other. Which of them writes changes with every failover;
// the tiers say who is promoted first: members of the same size, so that whoever it is carries the load.
func (d *MultiAZDatabase) buildMembers(ctx *pulumi.Context, cluster *rds.Cluster) error {
	identifier, err := d.identifier(ctx)
	if err != nil {
		return err
	}
	zones := d.args.Placement.Zones
	for index := range d.args.Readers + 1 {
		name := fmt.Sprintf("%s-%d", d.name, index+1)
		member, err := rds.NewClusterInstance(ctx, name, transformed(&rds.ClusterInstanceArgs{
			Identifier: pulumi.String(fmt.Sprintf("%s-%d", identifier, index+1)), ClusterIdentifier: cluster.ID(),
			Engine: rds.EngineType("aurora-postgresql"), InstanceClass: pulumi.String(d.args.InstanceClass),
			AvailabilityZone: pulumi.String(zones[index%len(zones)]), PromotionTier: pulumi.Int(min(index, 15)),
			PubliclyAccessible: pulumi.Bool(false), AutoMinorVersionUpgrade: pulumi.Bool(false), CopyTagsToSnapshot: pulumi.Bool(true),
			PerformanceInsightsEnabled: pulumi.Bool(true), PerformanceInsightsKmsKeyId: d.built.key.Arn,
			PerformanceInsightsRetentionPeriod: pulumi.Int(insightsDays), Tags: tagsNamed(d.args.Tags, name),
		}, d.args.Transform.Member), pulumi.Parent(d))
		if err != nil {
			return err
		}
		d.built.beforeUsers = append(d.built.beforeUsers, member) // a cluster without a member answers nothing
	}
	return nil
}
