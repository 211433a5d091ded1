package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// What AWS Backup does with databases is read from AWS's own policies, of which these are the part that snapshots, their copies and restores
// of them take; continuous backups, other accounts and other services are left out. They cover every database, and these cover what
// Cover names (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html and
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html).

// Slots of the roles' policies.
const (
	vaultSlot     = "vault"
	copyVaultSlot = "copyVault"
	copyKeySlot   = "copyKey"
)

// buildRoles builds the role that takes, copies and expires recovery points, and the one that restores them for a test. The first is as protected
// as the vaults: AWS Backup expires with it what it once took
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-iam.html).
func (b *Backups) buildRoles(ctx *pulumi.Context) error {
	role, policy, err := newRole(ctx, roleSpec{
		parent: b, name: b.name, description: "Takes the backups of " + b.name + ", copies them to " + b.args.RecoveryRegion + " and expires them",
		trust: backupTrust(b.args.AccountID), policy: iampolicy.Identity(b.backupStatements(ctx)...),
		slots: pulumi.StringMap{vaultSlot: b.built.vault.Arn, copyVaultSlot: b.built.copyVault.Arn, copyKeySlot: b.built.copyKey.Arn},
		tags:  b.args.Tags, transform: b.args.Transform.Role, protect: b.args.Protect,
	})
	if err != nil {
		return err
	}
	restoreRole, restorePolicy, err := newRole(ctx, roleSpec{
		parent: b, name: b.name + "-restore-test", description: "Restores the backups of " + b.name + " to prove that it can be done",
		trust: backupTrust(b.args.AccountID), policy: iampolicy.Identity(b.restoreStatements(ctx)...), slots: pulumi.StringMap{},
		tags: b.args.Tags, transform: b.args.Transform.Role,
	})
	b.built.role, b.built.restoreRole = role, restoreRole
	b.built.before = []pulumi.Resource{policy, restorePolicy}
	return err
}

// backupTrust admits AWS Backup, for this account only. AWS documents the condition and not whether the service says for whom it assumes a role, so
// one that says nothing is admitted: nobody of another account can hand it the role, which takes iam:PassRole here
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-service-confused-deputy-prevention.html).
func backupTrust(account string) iampolicy.Document {
	return iampolicy.Trust(iampolicy.Statement{
		Sid: "Backup", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Service("backup.amazonaws.com")},
		Actions:    []iampolicy.Action{"sts:AssumeRole"},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals.IfExists(), "aws:SourceAccount", account)},
	})
}

// inRDS is resources of RDS in one Region, such as snapshot:awsbackup:*.
func (h home) inRDS(names ...string) []iampolicy.Resource {
	list := make([]iampolicy.Resource, 0, len(names))
	for _, name := range names {
		list = append(list, iampolicy.ARN(naming.ARN(naming.Partition(h.region), "rds", h.region, h.account, name)))
	}
	return list
}

// takenSnapshots is what AWS Backup calls the snapshots that it takes and copies, the name by which its own policy tells them apart.
var takenSnapshots = []string{"snapshot:awsbackup:*", "cluster-snapshot:awsbackup:*"}

// backupStatements are what every night takes, whatever is covered. What reads is not narrowed to the databases: some of it names no database.
func (b *Backups) backupStatements(ctx *pulumi.Context) []iampolicy.Statement {
	here, there := b.home(ctx), b.away(ctx)
	snapshots := append(here.inRDS(takenSnapshots...), there.inRDS(takenSnapshots...)...)
	return []iampolicy.Statement{{
		Sid: "FindDatabases", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"tag:GetResources"}, Resources: []iampolicy.Resource{iampolicy.Any},
		Reason: "AWS Backup refuses a role that may not, even where a selection names its resources; it reads tags and nothing else",
	}, {
		Sid: "ReadDatabases", Effect: iampolicy.Allow,
		Actions:   []iampolicy.Action{"rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"},
		Resources: append(here.inRDS("cluster:*", "db:*", "cluster-snapshot:*", "snapshot:*"), there.inRDS("cluster-snapshot:*", "snapshot:*")...),
	}, {
		Sid: "KeepSnapshots", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{
			"rds:AddTagsToResource", "rds:CopyDBClusterSnapshot", "rds:CopyDBSnapshot", "rds:CreateDBClusterSnapshot", "rds:CreateDBSnapshot",
			"rds:DeleteDBClusterSnapshot", "rds:DeleteDBSnapshot",
		},
		Resources: snapshots,
	}, {
		Sid: "LeaveTheVault", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"backup:CopyFromBackupVault"}, Resources: here.inRDS(takenSnapshots...),
	}, {
		Sid: "ReadVaults", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"backup:DescribeBackupVault"},
		Resources: []iampolicy.Resource{iampolicy.Slot(vaultSlot, ""), iampolicy.Slot(copyVaultSlot, "")},
	}, {
		Sid: "FillTheCopyVault", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"backup:CopyIntoBackupVault"}, Resources: []iampolicy.Resource{iampolicy.Slot(copyVaultSlot, "")},
	}, {
		Sid: "SeeTheCopyKey", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"kms:DescribeKey"}, Resources: []iampolicy.Resource{iampolicy.Slot(copyKeySlot, "")},
	}, {
		Sid: "EncryptCopies", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"kms:CreateGrant"}, Resources: []iampolicy.Resource{iampolicy.Slot(copyKeySlot, "")},
		Conditions: grantsForRDS(there.region),
	}}
}

// testedName begins the names of what restore tests restore
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html).
const testedName = "awsbackup-restore-test*"

// restoreStatements are what every restore test takes. It reads recovery points of this Region and makes and deletes what is named as a test.
func (b *Backups) restoreStatements(ctx *pulumi.Context) []iampolicy.Statement {
	here := b.home(ctx)
	return []iampolicy.Statement{{
		Sid: "ReadDatabases", Effect: iampolicy.Allow,
		Actions:   []iampolicy.Action{"rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"},
		Resources: here.inRDS("cluster:*", "db:*", "cluster-snapshot:*", "snapshot:*"),
	}, {
		Sid: "Restore", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"rds:AddTagsToResource", "rds:RestoreDBClusterFromSnapshot", "rds:RestoreDBInstanceFromDBSnapshot"},
		// AWS asks for each thing that a restore refers to; parameter and option groups are the defaults.
		Resources: here.inRDS(append([]string{"cluster:" + testedName, "db:" + testedName, "cluster-pg:default*", "pg:default*", "og:default*"}, takenSnapshots...)...),
	}, {
		Sid: "CleanUp", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds:DeleteDBCluster", "rds:DeleteDBInstance"},
		Resources: here.inRDS("cluster:"+testedName, "db:"+testedName, "cluster-snapshot:"+testedName),
	}}
}

// grantsForRDS are the conditions on a grant: for a service of AWS to use, and asked for through RDS or AWS Backup in one of the Regions.
func grantsForRDS(regions ...string) []iampolicy.Condition {
	var through []string
	for _, region := range regions {
		through = append(through, naming.ServiceEndpoint("backup", region), naming.ServiceEndpoint("rds", region))
	}
	return []iampolicy.Condition{
		iampolicy.When(iampolicy.Bool, "kms:GrantIsForAWSResource", "true"), iampolicy.When(iampolicy.StringEquals, "kms:ViaService", through...),
	}
}
