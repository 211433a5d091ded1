package components_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/rdsdata"
)

// What takes how long here is of no importance but that it takes a while.
const (
	shortWhile = 60
	longWhile  = 600
)

// serve answers one operation. One that no document needs is not known.
func (f *fakeAWS) serve(_, operation string, input any) (any, error) {
	if err := f.breaks(operation); err != nil {
		return nil, err
	}
	switch in := input.(type) {
	case *rds.RestoreDBClusterToPointInTimeInput:
		return f.restoreCluster(in)
	case *rds.RestoreDBClusterFromSnapshotInput:
		return f.restoreSnapshot(in)
	case *rds.RestoreDBInstanceToPointInTimeInput:
		return f.restoreInstance(in)
	case *rds.CreateDBInstanceInput:
		return f.createMember(in)
	case *rds.DescribeDBClustersInput:
		return f.describeClusters(in)
	case *rds.DescribeDBInstancesInput:
		return f.describeInstances(in)
	case *rds.ModifyDBClusterInput:
		return f.modifyCluster(in)
	case *rds.ModifyDBInstanceInput:
		return f.modifyInstance(in)
	case *rds.EnableHttpEndpointInput:
		return f.enableHTTP(in)
	case *rds.RebootDBInstanceInput:
		return f.rebootInstance(aws.ToString(in.DBInstanceIdentifier))
	case *rds.RebootDBClusterInput:
		return f.rebootCluster(aws.ToString(in.DBClusterIdentifier))
	case *rds.DeleteDBClusterInput:
		return f.deleteCluster(in)
	case *rds.DeleteDBInstanceInput:
		return f.deleteInstance(in)
	case *rdsdata.ExecuteStatementInput:
		return f.execute(in)
	case *iam.PutRolePolicyInput:
		return f.putRolePolicy(in)
	case *backup.ListRecoveryPointsByBackupVaultInput:
		return f.listPoints(in)
	case *backup.DescribeRestoreJobInput:
		if err := f.allow("backup:DescribeRestoreJob", "*"); err != nil {
			return nil, err
		}
		return &backup.DescribeRestoreJobOutput{SourceResourceArn: aws.String(f.jobSource), CreatedResourceArn: aws.String(f.jobCreated)}, nil
	case *backup.PutRestoreValidationResultInput:
		return f.putVerdict(in)
	}
	return nil, fmt.Errorf("%s is not known here", operation)
}

func (f *fakeAWS) taken(kind, id string) error {
	if _, is := f.clusters[id]; is && kind == "cluster" {
		return fmt.Errorf("DBClusterAlreadyExistsFault: %s", id)
	}
	if _, is := f.instances[id]; is && kind == "db" {
		return fmt.Errorf("DBInstanceAlreadyExists: %s", id)
	}
	return nil
}

func tagMap(list []types.Tag) map[string]string {
	tags := map[string]string{}
	for _, each := range list {
		tags[aws.ToString(each.Key)] = aws.ToString(each.Value)
	}
	return tags
}

// make puts what a restore makes there, when the caller may.
func (f *fakeAWS) restored(kind, id, action, key string, resources []string, groups []string, tags []types.Tag) (*fakeDatabase, error) {
	for _, each := range resources {
		if err := f.allow(action, each); err != nil {
			return nil, err
		}
	}
	if err := f.allow("rds:AddTagsToResource", f.arn(kind, id)); err != nil {
		return nil, err
	}
	if err := f.useKey(key, "rds"); err != nil {
		return nil, err
	}
	if err := f.taken(kind, id); err != nil {
		return nil, err
	}
	made := f.add(kind, id, "")
	made.tags, made.groups, made.secret = tagMap(tags), groups, ""
	f.wait(made, "creating", longWhile)
	return made, nil
}

func (f *fakeAWS) restoreCluster(in *rds.RestoreDBClusterToPointInTimeInput) (any, error) {
	id, source := aws.ToString(in.DBClusterIdentifier), aws.ToString(in.SourceDBClusterIdentifier)
	if aws.ToBool(in.UseLatestRestorableTime) == (in.RestoreToTime != nil) {
		return nil, fmt.Errorf("InvalidParameterCombination: one of UseLatestRestorableTime and RestoreToTime")
	}
	if f.clusters[source] == nil {
		return nil, fmt.Errorf("DBClusterNotFoundFault: %s", source)
	}
	made, err := f.restored("cluster", id, "rds:RestoreDBClusterToPointInTime", aws.ToString(in.KmsKeyId), []string{
		f.arn("cluster", source), f.arn("cluster", id), f.arn("subgrp", aws.ToString(in.DBSubnetGroupName)),
		f.arn("cluster-pg", aws.ToString(in.DBClusterParameterGroupName)),
	}, in.VpcSecurityGroupIds, in.Tags)
	if err != nil {
		return nil, err
	}
	made.source = source
	return &rds.RestoreDBClusterToPointInTimeOutput{}, nil
}

func (f *fakeAWS) restoreSnapshot(in *rds.RestoreDBClusterFromSnapshotInput) (any, error) {
	id, snapshot := aws.ToString(in.DBClusterIdentifier), aws.ToString(in.SnapshotIdentifier)
	if err := f.useKey(f.sourceKey, "rds"); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(f.points, func(p fakePoint) bool { return p.arn == snapshot && p.status == "COMPLETED" }) {
		return nil, fmt.Errorf("DBClusterSnapshotNotFoundFault: %s", snapshot)
	}
	made, err := f.restored("cluster", id, "rds:RestoreDBClusterFromSnapshot", aws.ToString(in.KmsKeyId), []string{
		snapshot, f.arn("cluster", id), f.arn("subgrp", aws.ToString(in.DBSubnetGroupName)), f.arn("cluster-pg", aws.ToString(in.DBClusterParameterGroupName)),
	}, in.VpcSecurityGroupIds, in.Tags)
	if err != nil {
		return nil, err
	}
	made.source = snapshot
	return &rds.RestoreDBClusterFromSnapshotOutput{}, nil
}

func (f *fakeAWS) restoreInstance(in *rds.RestoreDBInstanceToPointInTimeInput) (any, error) {
	id, source, from := aws.ToString(in.TargetDBInstanceIdentifier), aws.ToString(in.SourceDBInstanceIdentifier), ""
	switch {
	case aws.ToBool(in.UseLatestRestorableTime) == (in.RestoreTime != nil):
		return nil, fmt.Errorf("InvalidParameterCombination: one of UseLatestRestorableTime and RestoreTime")
	case in.ManageMasterUserPassword != nil:
		return nil, fmt.Errorf("InvalidParameterCombination: ManageMasterUserPassword applies to RDS for Oracle only")
	case in.SourceDBInstanceAutomatedBackupsArn != nil:
		source = aws.ToString(in.SourceDBInstanceAutomatedBackupsArn)
		from = source
	case f.instances[source] == nil:
		return nil, fmt.Errorf("DBInstanceNotFound: %s", source)
	default:
		from = f.arn("db", source)
	}
	made, err := f.restored("db", id, "rds:RestoreDBInstanceToPointInTime", f.keyOf(from), []string{
		from, f.arn("db", id), f.arn("subgrp", aws.ToString(in.DBSubnetGroupName)), f.arn("pg", aws.ToString(in.DBParameterGroupName)),
	}, in.VpcSecurityGroupIds, in.Tags)
	if err != nil {
		return nil, err
	}
	made.source = source
	return &rds.RestoreDBInstanceToPointInTimeOutput{}, nil
}

// keyOf is the key of what is restored without being told one.
func (f *fakeAWS) keyOf(from string) string {
	if strings.Contains(from, ":auto-backup:") {
		return f.sourceKey
	}
	return f.key
}

func (f *fakeAWS) createMember(in *rds.CreateDBInstanceInput) (any, error) {
	id, cluster := aws.ToString(in.DBInstanceIdentifier), aws.ToString(in.DBClusterIdentifier)
	for _, each := range []string{f.arn("db", id), f.arn("cluster", cluster), f.arn("pg", "default.aurora-postgresql16"), f.arn("og", "default:aurora-postgresql-16")} {
		if err := f.allow("rds:CreateDBInstance", each); err != nil {
			return nil, err
		}
	}
	if len(in.Tags) > 0 {
		if err := f.allow("rds:AddTagsToResource", f.arn("db", id)); err != nil {
			return nil, err
		}
	}
	if in.PerformanceInsightsKMSKeyId != nil {
		if err := f.useKey(aws.ToString(in.PerformanceInsightsKMSKeyId), "rds"); err != nil {
			return nil, err
		}
	}
	if f.clusters[cluster] == nil {
		return nil, fmt.Errorf("DBClusterNotFoundFault: %s", cluster)
	}
	if err := f.taken("db", id); err != nil {
		return nil, err
	}
	made := f.add("db", id, cluster)
	made.tags, made.tier, made.zone = tagMap(in.Tags), int(aws.ToInt32(in.PromotionTier)), aws.ToString(in.AvailabilityZone)
	f.wait(made, "creating", longWhile)
	return &rds.CreateDBInstanceOutput{}, nil
}

func (f *fakeAWS) describeClusters(in *rds.DescribeDBClustersInput) (any, error) {
	id := nameOf(aws.ToString(in.DBClusterIdentifier))
	found := f.clusters[id]
	asked := f.arn("cluster", id)
	if len(in.Filters) > 0 {
		found, asked = filtered(f.clusters, "db-cluster-resource-id", in.Filters), f.arn("cluster", "*")
	}
	if err := f.allow("rds:DescribeDBClusters", asked); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, fmt.Errorf("DBClusterNotFoundFault: %s", id)
	}
	cluster := types.DBCluster{
		DBClusterIdentifier: aws.String(found.id), DBClusterArn: aws.String(f.arn("cluster", found.id)), Status: aws.String(found.state(f.now)),
		DbClusterResourceId: aws.String(found.resource), Endpoint: aws.String(found.id + ".cluster-cfake." + f.region + ".rds.amazonaws.com"),
		HttpEndpointEnabled: aws.Bool(found.http),
	}
	cluster.MasterUserSecret = found.masterSecret(f.now)
	return &rds.DescribeDBClustersOutput{DBClusters: []types.DBCluster{cluster}}, nil
}

func (d *fakeDatabase) masterSecret(now int) *types.MasterUserSecret {
	if d.secret == "" {
		return nil
	}
	status := "active"
	if d.secretAt > now {
		status = "creating"
	}
	return &types.MasterUserSecret{SecretArn: aws.String(d.secret), SecretStatus: aws.String(status)}
}

func filtered(all map[string]*fakeDatabase, name string, filters []types.Filter) *fakeDatabase {
	for _, each := range all {
		if len(filters) == 1 && aws.ToString(filters[0].Name) == name && len(filters[0].Values) == 1 && filters[0].Values[0] == each.resource {
			return each
		}
	}
	return nil
}

func (f *fakeAWS) describeInstances(in *rds.DescribeDBInstancesInput) (any, error) {
	id := nameOf(aws.ToString(in.DBInstanceIdentifier))
	found := f.instances[id]
	asked := f.arn("db", id)
	if len(in.Filters) > 0 {
		found, asked = filtered(f.instances, "dbi-resource-id", in.Filters), f.arn("db", "*")
	}
	if err := f.allow("rds:DescribeDBInstances", asked); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, fmt.Errorf("DBInstanceNotFound: %s", id)
	}
	instance := types.DBInstance{
		DBInstanceIdentifier: aws.String(found.id), DBInstanceArn: aws.String(f.arn("db", found.id)), DBInstanceStatus: aws.String(found.state(f.now)),
		DbiResourceId: aws.String(found.resource),
	}
	if found.readyAt <= f.now {
		instance.Endpoint = &types.Endpoint{Address: aws.String(found.id + ".cfake." + f.region + ".rds.amazonaws.com"), Port: aws.Int32(5432)}
	}
	if found.cluster != "" {
		instance.DBClusterIdentifier = aws.String(found.cluster)
	}
	instance.MasterUserSecret = found.masterSecret(f.now)
	return &rds.DescribeDBInstancesOutput{DBInstances: []types.DBInstance{instance}}, nil
}

// change is what a modification does to a cluster or an instance.
func (f *fakeAWS) change(kind string, d *fakeDatabase, action, id, renamed, secretKey string, manage bool, groups []string, protect *bool) error {
	if err := f.allow(action, f.arn(kind, id)); err != nil {
		return err
	}
	if renamed != "" {
		if err := f.allow(action, f.arn(kind, renamed)); err != nil {
			return err
		}
		if err := f.taken(kind, renamed); err != nil {
			return err
		}
	}
	if d == nil {
		return fmt.Errorf("NotFound: %s", id)
	}
	if err := d.busy(f.now); err != nil {
		return err
	}
	f.wait(d, "modifying", shortWhile)
	if renamed != "" {
		d.rename = renamed
		f.wait(d, "renaming", shortWhile)
	}
	if manage {
		d.secret = fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:rds!%s-%s-Ab12Cd", f.region, account, kind, d.resource)
		d.secretAt = f.now + 2*shortWhile
		if err := f.allAllowed(d.secret, nil, "secretsmanager:CreateSecret", "secretsmanager:TagResource"); err != nil {
			return err
		}
		if err := f.useKey(secretKey, "secretsmanager"); err != nil {
			return err
		}
	}
	if groups != nil {
		d.groups = groups
	}
	if protect != nil {
		d.protected = *protect
	}
	return nil
}

func (f *fakeAWS) modifyCluster(in *rds.ModifyDBClusterInput) (any, error) {
	id := aws.ToString(in.DBClusterIdentifier)
	if !aws.ToBool(in.ApplyImmediately) {
		return nil, fmt.Errorf("a change that waits for the maintenance window is of no use")
	}
	if err := f.change("cluster", f.clusters[id], "rds:ModifyDBCluster", id, aws.ToString(in.NewDBClusterIdentifier), aws.ToString(in.MasterUserSecretKmsKeyId),
		aws.ToBool(in.ManageMasterUserPassword), in.VpcSecurityGroupIds, in.DeletionProtection); err != nil {
		return nil, err
	}
	if in.EnableHttpEndpoint != nil {
		return nil, fmt.Errorf("InvalidParameterCombination: EnableHttpEndpoint is for Aurora Serverless v1")
	}
	return &rds.ModifyDBClusterOutput{}, nil
}

func (f *fakeAWS) modifyInstance(in *rds.ModifyDBInstanceInput) (any, error) {
	id := aws.ToString(in.DBInstanceIdentifier)
	if !aws.ToBool(in.ApplyImmediately) {
		return nil, fmt.Errorf("a change that waits for the maintenance window is of no use")
	}
	if err := f.change("db", f.instances[id], "rds:ModifyDBInstance", id, aws.ToString(in.NewDBInstanceIdentifier), aws.ToString(in.MasterUserSecretKmsKeyId),
		aws.ToBool(in.ManageMasterUserPassword), in.VpcSecurityGroupIds, in.DeletionProtection); err != nil {
		return nil, err
	}
	return &rds.ModifyDBInstanceOutput{}, nil
}

func (f *fakeAWS) enableHTTP(in *rds.EnableHttpEndpointInput) (any, error) {
	arn := aws.ToString(in.ResourceArn)
	if err := f.allow("rds:EnableHttpEndpoint", arn); err != nil {
		return nil, err
	}
	found := f.clusters[nameOf(arn)]
	if found == nil {
		return nil, fmt.Errorf("ResourceNotFoundFault: %s", arn)
	}
	if err := found.busy(f.now); err != nil {
		return nil, err
	}
	found.http, found.httpAt = true, f.now+shortWhile
	return &rds.EnableHttpEndpointOutput{HttpEndpointEnabled: aws.Bool(true)}, nil
}

func (f *fakeAWS) rebootInstance(id string) (any, error) {
	if err := f.allow("rds:RebootDBInstance", f.arn("db", id)); err != nil {
		return nil, err
	}
	found := f.instances[id]
	if found == nil {
		return nil, fmt.Errorf("DBInstanceNotFound: %s", id)
	}
	if err := found.busy(f.now); err != nil {
		return nil, err
	}
	found.reboots++
	f.wait(found, "rebooting", shortWhile)
	return &rds.RebootDBInstanceOutput{}, nil
}

func (f *fakeAWS) rebootCluster(id string) (any, error) {
	if err := f.allow("rds:RebootDBCluster", f.arn("cluster", id)); err != nil {
		return nil, err
	}
	found := f.clusters[id]
	if found == nil {
		return nil, fmt.Errorf("DBClusterNotFoundFault: %s", id)
	}
	if err := found.busy(f.now); err != nil {
		return nil, err
	}
	found.reboots++
	f.wait(found, "rebooting", shortWhile)
	return &rds.RebootDBClusterOutput{}, nil
}

func (f *fakeAWS) deleteCluster(in *rds.DeleteDBClusterInput) (any, error) {
	id := aws.ToString(in.DBClusterIdentifier)
	found := f.clusters[id]
	if found == nil {
		return nil, fmt.Errorf("DBClusterNotFoundFault: %s", id)
	}
	if err := f.allow("rds:DeleteDBCluster", f.arn("cluster", id), tagContext(found.tags)); err != nil {
		return nil, err
	}
	if found.protected {
		return nil, fmt.Errorf("InvalidParameterCombination: %s is protected", id)
	}
	for _, each := range f.members(id) {
		if !f.instances[each].gone {
			return nil, fmt.Errorf("InvalidDBClusterStateFault: %s still has %s", id, each)
		}
	}
	found.gone = true
	f.wait(found, "deleting", shortWhile)
	return &rds.DeleteDBClusterOutput{}, nil
}

func (f *fakeAWS) deleteInstance(in *rds.DeleteDBInstanceInput) (any, error) {
	id := aws.ToString(in.DBInstanceIdentifier)
	found := f.instances[id]
	if found == nil {
		return nil, fmt.Errorf("DBInstanceNotFound: %s", id)
	}
	if err := f.allow("rds:DeleteDBInstance", f.arn("db", id), tagContext(found.tags)); err != nil {
		return nil, err
	}
	if found.protected {
		return nil, fmt.Errorf("InvalidParameterCombination: %s is protected", id)
	}
	found.gone = true
	f.wait(found, "deleting", shortWhile)
	return &rds.DeleteDBInstanceOutput{}, nil
}
