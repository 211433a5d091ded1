package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildCopy builds the document that restores the database in the recovery Region, where it stands: what is needed when a Region is lost must
// not be in it. A role is of no Region.
func (r *DatabaseRecovery) buildCopy(ctx *pulumi.Context) error {
	site := r.args.Site
	if site == nil {
		return nil
	}
	scope := r.scope(site.home(ctx), site.args.Zones)
	scope.keys = []iampolicy.Resource{iampolicy.Slot(slotKey, ""), iampolicy.Slot(slotSourceKey, "")}
	parameters, err := r.buildSiteParameters(ctx, scope)
	if err != nil {
		return err
	}
	facts := pulumi.StringMap{
		factSubnets: site.SubnetGroupName, factParameters: parameters, factGroup: site.SecurityGroupID, factKey: site.KeyARN,
	}
	slots := pulumi.StringMap{
		slotSubnets: site.built.subnetGroup.Arn, slotKey: site.KeyARN, slotParameters: pulumi.Sprintf("%s%s", scope.parameterGroupPrefix(), parameters),
	}
	from := []iampolicy.Statement{scope.fromVault(), scope.fromSnapshot()}
	if scope.topology == Aurora {
		facts[factVault] = r.args.CopyVaultName
		slots[slotVault], slots[slotSourceKey] = r.args.CopyVaultARN, r.args.CopyKeyARN
	} else {
		database := r.args.Database.built
		backups := database.replication.ID().ToStringOutput()
		facts[factBackups] = backups
		slots[slotBackups], slots[slotSourceKey] = backups, database.recoveryKey.Arn
		from = []iampolicy.Statement{scope.fromBackups()}
	}
	if !scope.dataAPI() {
		facts[factRunner], slots[slotRunner] = r.args.SiteSQLRunnerARN, r.args.SiteSQLRunnerARN
	}
	document, err := r.buildDocument(ctx, recoveryDocument{
		name: r.name + "-restore-from-copy", description: "Restores database " + r.args.Database.name + " from what reached the recovery Region",
		at: scope.at, provider: r.recoveryProvider(), policy: scope.restorePolicy(from...), facts: facts, slots: slots,
		write: func(facts recoveryFacts) runbook.Document { return scope.restoreFromCopy(facts, r.restoredName()) },
	})
	if err != nil {
		return err
	}
	r.RestoreFromCopy = document.Name
	return nil
}

// buildSiteParameters builds the parameter group that refuses connections without TLS in the recovery Region too.
func (r *DatabaseRecovery) buildSiteParameters(ctx *pulumi.Context, scope recoveryScope) (pulumi.StringOutput, error) {
	name := r.name + "-site"
	family, about := pulumi.String(scope.engine()+scope.major()), pulumi.String("Parameters of what is restored of database "+scope.name)
	if scope.topology == MultiAZInstance {
		group, err := rds.NewParameterGroup(ctx, name, transformed(&rds.ParameterGroupArgs{
			Family: family, Description: about, Tags: tagsNamed(r.args.Tags, name),
			Parameters: rds.ParameterGroupParameterArray{rds.ParameterGroupParameterArgs{Name: pulumi.String(forceTLS), Value: pulumi.String("1")}},
		}, r.args.Transform.ParameterGroup), childOf(r, r.recoveryProvider())...)
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		return group.Name, nil
	}
	group, err := rds.NewClusterParameterGroup(ctx, name, transformed(&rds.ClusterParameterGroupArgs{
		Family: family, Description: about, Tags: tagsNamed(r.args.Tags, name),
		Parameters: rds.ClusterParameterGroupParameterArray{rds.ClusterParameterGroupParameterArgs{Name: pulumi.String(forceTLS), Value: pulumi.String("1")}},
	}, r.args.Transform.ClusterParameterGroup), childOf(r, r.recoveryProvider())...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return group.Name, nil
}

// restoreFromCopy restores from the newest copy in the vault, or from the replicated backups, and cleans up what it made when anything fails.
func (s recoveryScope) restoreFromCopy(facts recoveryFacts, room int) runbook.Document {
	id := s.id + restoredInfix + "{{ " + nameParameter + " }}"
	document := runbook.Document{
		Description: "Restores the database " + s.id + " from what reached " + s.at.region + ", there, and says done when what was restored has answered a query.",
		AssumeRole:  facts[factRole], Parameters: []runbook.Parameter{restoredNameParameter("copy", room)}, Outputs: restoreOutputs(),
	}
	if s.topology == Aurora {
		document.Outputs = append(document.Outputs, "findCopy.Created")
		document.Steps = []runbook.Step{{
			Name: "findCopy", Do: runbook.Script{Handler: "newest", Python: newestCopy, Input: map[string]string{"vault": facts[factVault], "resource": s.liveARN()}},
			Outputs: []runbook.Output{runbook.Text("ARN", "$.Payload.arn"), runbook.Text("Created", "$.Payload.created")},
		}, {
			Name: "restoreCopy", Do: s.restoreSnapshot(id, facts),
		}}
	} else {
		document.Parameters = append(document.Parameters, restoreTimeParameter())
		document.Steps = s.chooseTime(func(when runbook.Parameters) runbook.Call {
			call := s.restoreCall(id, facts, when)
			delete(call.Parameters, "SourceDBInstanceIdentifier")
			call.Parameters["SourceDBInstanceAutomatedBackupsArn"] = facts[factBackups]
			return call
		})
	}
	document.Steps = append(document.Steps, s.finish(id, facts)...)
	return document
}

// liveARN is the live database's, in its own Region.
func (s recoveryScope) liveARN() string {
	region := s.database.Placement.region()
	return naming.ARN(naming.Partition(region), "rds", region, s.at.account, s.kind()+":"+s.id)
}

func (s recoveryScope) restoreSnapshot(id string, facts recoveryFacts) runbook.Call {
	parameters := s.restoreParameters(facts)
	parameters["DBClusterIdentifier"], parameters["SnapshotIdentifier"], parameters["Engine"] = id, "{{ findCopy.ARN }}", s.engine()
	s.clusterParameters(parameters, facts)
	return runbook.Call{Service: "rds", API: "RestoreDBClusterFromSnapshot", Parameters: parameters}
}

// newestCopy finds the newest recovery point of the database in the vault: AWS does not say in which order it lists them.
const newestCopy = `import boto3

def newest(events, context):
    pages = boto3.client("backup").get_paginator("list_recovery_points_by_backup_vault").paginate(
        BackupVaultName=events["vault"], ByResourceArn=events["resource"])
    points = [point for page in pages for point in page.get("RecoveryPoints", []) if point["Status"] in ("COMPLETED", "AVAILABLE")]
    if not points:
        raise Exception("the vault " + events["vault"] + " has no copy of " + events["resource"])
    point = max(points, key=lambda each: each["CreationDate"])
    return {"arn": point["RecoveryPointArn"], "created": str(point["CreationDate"])}
`

// fromVault lets the copies be listed.
func (s recoveryScope) fromVault() iampolicy.Statement {
	return iampolicy.Statement{
		Sid: "FindCopy", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"backup:ListRecoveryPointsByBackupVault"},
		Resources: []iampolicy.Resource{iampolicy.Slot(slotVault, "")},
	}
}

// fromSnapshot lets a copy be restored. AWS Backup names snapshots after its jobs and not after databases, so the policy cannot tell one
// database's from another's; the document does.
func (s recoveryScope) fromSnapshot() iampolicy.Statement {
	return iampolicy.Statement{
		Sid: "Restore", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds:RestoreDBClusterFromSnapshot"},
		Resources: []iampolicy.Resource{
			iampolicy.ARN(s.arn("cluster-snapshot", "awsbackup:*")), s.restored("cluster"), iampolicy.Slot(slotParameters, ""), iampolicy.Slot(slotSubnets, ""), s.optionGroup(),
		},
	}
}

// fromBackups lets the replicated backups of this one instance be restored.
func (s recoveryScope) fromBackups() iampolicy.Statement {
	return iampolicy.Statement{
		Sid: "Restore", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds:RestoreDBInstanceToPointInTime"},
		Resources: []iampolicy.Resource{
			iampolicy.Slot(slotBackups, ""), s.restored("db"), iampolicy.Slot(slotParameters, ""), iampolicy.Slot(slotSubnets, ""), s.optionGroup(),
		},
	}
}
