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
	// beginWhile is how long a status reads available although a change was taken, dnsWhile how long a new name is not known: AWS says about 10
	// minutes (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html).
	beginWhile = 45
	dnsWhile   = 600
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
	if in.DBClusterInstanceClass != nil {
		made.ofRDS = true
		resources := append(f.madeByRDS(id), f.arn("cluster", id), f.arn("subgrp", aws.ToString(in.DBSubnetGroupName)), f.arn("pg", "default.postgres16"), f.arn("og", "default:postgres-16"))
		for _, each := range resources {
			if err := f.allow("rds:CreateDBInstance", each); err != nil {
				delete(f.clusters, id)
				return nil, err
			}
		}
	}
	return &rds.RestoreDBClusterToPointInTimeOutput{}, nil
}

// madeByRDS are the members of a Multi-AZ DB cluster, which RDS makes and deletes in the caller's name
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html: dependent actions).
func (f *fakeAWS) madeByRDS(cluster string) []string {
	var all []string
	for n := 1; n <= 3; n++ {
		all = append(all, f.arn("db", fmt.Sprintf("%s-instance-%d", cluster, n)))
	}
	return all
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
	found, err := f.found("cluster", "rds:DescribeDBClusters", f.clusters, aws.ToString(in.DBClusterIdentifier), in.Filters)
	if err != nil {
		return nil, err
	}
	clusters := []types.DBCluster{} // an empty list is a list, on the wire
	for _, each := range found {
		cluster := types.DBCluster{
			DBClusterIdentifier: aws.String(each.id), DBClusterArn: aws.String(f.arn("cluster", each.id)), Status: aws.String(each.state(f.now)),
			DbClusterResourceId: aws.String(each.resource), Endpoint: aws.String(each.id + ".cluster-cfake." + f.region + ".rds.amazonaws.com"),
			HttpEndpointEnabled: aws.Bool(each.http), MasterUserSecret: each.masterSecret(f.now), DBClusterMembers: []types.DBClusterMember{},
		}
		for _, id := range f.members(each.id) {
			cluster.DBClusterMembers = append(cluster.DBClusterMembers, types.DBClusterMember{DBInstanceIdentifier: aws.String(id), IsClusterWriter: aws.Bool(f.instances[id].writer)})
		}
		clusters = append(clusters, cluster)
	}
	return &rds.DescribeDBClustersOutput{DBClusters: clusters}, nil
}

// found are those that are asked for: by a name, where none is an error, or by one filter, where it is not.
func (f *fakeAWS) found(kind, action string, all map[string]*fakeDatabase, asked string, filters []types.Filter) ([]*fakeDatabase, error) {
	id := nameOf(asked)
	resource := f.arn(kind, id)
	if len(filters) > 0 {
		resource = f.arn(kind, "*")
	}
	if err := f.allow(action, resource); err != nil {
		return nil, err
	}
	if len(filters) == 0 {
		if all[id] == nil {
			return nil, fmt.Errorf("NotFound: %s %s", kind, id)
		}
		return []*fakeDatabase{all[id]}, nil
	}
	if len(filters) != 1 {
		return nil, fmt.Errorf("InvalidParameterValue: %d filters", len(filters))
	}
	value, known := map[string]func(*fakeDatabase) string{
		"cluster/db-cluster-resource-id": func(d *fakeDatabase) string { return d.resource }, "cluster/db-cluster-id": func(d *fakeDatabase) string { return d.id },
		"db/dbi-resource-id": func(d *fakeDatabase) string { return d.resource }, "db/db-instance-id": func(d *fakeDatabase) string { return d.id },
		"db/db-cluster-id": func(d *fakeDatabase) string { return d.cluster },
	}[kind+"/"+aws.ToString(filters[0].Name)]
	if !known {
		return nil, fmt.Errorf("InvalidParameterValue: unrecognized filter name %s", aws.ToString(filters[0].Name))
	}
	var found []*fakeDatabase
	for _, each := range all {
		if slices.Contains(filters[0].Values, value(each)) {
			found = append(found, each)
		}
	}
	return found, nil
}

func (d *fakeDatabase) masterSecret(now int) *types.MasterUserSecret {
	if d.secret == "" || d.secretFrom > now {
		return nil
	}
	status := "active"
	if d.secretAt > now {
		status = "creating"
	}
	return &types.MasterUserSecret{SecretArn: aws.String(d.secret), SecretStatus: aws.String(status)}
}

func (f *fakeAWS) describeInstances(in *rds.DescribeDBInstancesInput) (any, error) {
	found, err := f.found("db", "rds:DescribeDBInstances", f.instances, aws.ToString(in.DBInstanceIdentifier), in.Filters)
	if err != nil {
		return nil, err
	}
	instances := []types.DBInstance{}
	for _, each := range found {
		instance := types.DBInstance{
			DBInstanceIdentifier: aws.String(each.id), DBInstanceArn: aws.String(f.arn("db", each.id)), DBInstanceStatus: aws.String(each.state(f.now)),
			DbiResourceId: aws.String(each.resource), MasterUserSecret: each.masterSecret(f.now),
		}
		if each.readyAt <= f.now {
			instance.Endpoint = &types.Endpoint{Address: aws.String(each.id + ".cfake." + f.region + ".rds.amazonaws.com"), Port: aws.Int32(5432)}
		}
		if each.cluster != "" {
			instance.DBClusterIdentifier = aws.String(each.cluster)
		}
		instances = append(instances, instance)
	}
	return &rds.DescribeDBInstancesOutput{DBInstances: instances}, nil
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
	f.begin(d, "modifying")
	if renamed != "" {
		d.rename = renamed
		f.begin(d, "renaming")
		f.renames = append(f.renames, id+" "+renamed)
	}
	if manage {
		d.secret = fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:rds!%s-%s-Ab12Cd", f.region, account, kind, d.resource)
		d.secretFrom, d.secretAt = f.now+shortWhile, f.now+4*shortWhile
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
	if cluster := f.clusters[found.cluster]; cluster != nil && cluster.busy(f.now) != nil {
		return nil, cluster.busy(f.now)
	}
	found.reboots++
	f.begin(found, "rebooting")
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
	f.begin(found, "rebooting")
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
	if found.ofRDS {
		for _, each := range f.madeByRDS(id) {
			if err := f.allow("rds:DeleteDBInstance", each); err != nil {
				return nil, err
			}
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
