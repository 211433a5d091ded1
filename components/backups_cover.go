package components

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The types of resources by which AWS Backup knows databases
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingSelectionForCreate.html).
const (
	auroraResources = "Aurora"
	rdsResources    = "RDS"
)

// quietMinutes is for how long before and during its own windows a database takes no snapshot of AWS Backup: the job would fail. Aurora is exempt
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/troubleshooting.html).
const quietMinutes = 60

// Cover backs the database up every night, copies it, and restores it every month: one selection of the plan and one of the restore tests, by
// its ARN, what the two roles need for it, and a security group, which admits nobody, for what is restored.
//
// Of a MultiAZInstance, the hour before its windows and the windows themselves must be clear of when jobs start, or they would fail; every
// window that is not is named. A MultiAZCluster is refused: AWS copies nothing of it to another Region. So are a database that is covered already, one of
// another account or Region, and one more than Databases says.
func (b *Backups) Cover(database *MultiAZDatabase) error {
	if err := b.checkCover(database); err != nil {
		return err
	}
	name := b.name + "-" + database.name
	group, err := ec2.NewSecurityGroup(b.ctx, name, transformed(&ec2.SecurityGroupArgs{
		Description: pulumi.String("Restore tests of database " + database.name), VpcId: database.args.Placement.VPCID.ToStringOutput(), Tags: tagsNamed(b.args.Tags, name),
	}, b.args.Transform.SecurityGroup), pulumi.Parent(b))
	if err != nil {
		return err
	}
	b.covered[database.name] = group
	ready, err := b.allow(database)
	if err != nil {
		return err
	}
	if _, err := backup.NewSelection(b.ctx, name, transformed(&backup.SelectionArgs{
		PlanId: b.built.plan.ID(), IamRoleArn: b.built.role.Arn, Resources: pulumi.StringArray{database.ARN},
	}, b.args.Transform.Selection), pulumi.Parent(b), pulumi.DependsOn(ready)); err != nil {
		return err
	}
	return b.testRestores(database, group, ready)
}

// RestoreTestSecurityGroupID is the security group of what is restored of a covered database. It admits nobody: whatever verifies over the
// network adds its rule. Of another database it is empty.
func (b *Backups) RestoreTestSecurityGroupID(database *MultiAZDatabase) pulumi.StringOutput {
	if group := b.covered[database.name]; group != nil {
		return group.ID().ToStringOutput()
	}
	return pulumi.String("").ToStringOutput()
}

// testRestores restores into the database's own subnets: without a default VPC, which AWS infers, no restore would succeed. A list in the
// metadata is JSON in a text
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html).
func (b *Backups) testRestores(database *MultiAZDatabase, group *ec2.SecurityGroup, ready []pulumi.Resource) error {
	name := b.name + "-" + database.name
	_, err := backup.NewRestoreTestingSelection(b.ctx, name, transformed(&backup.RestoreTestingSelectionArgs{
		// Hyphens are refused, which auto-naming would put there.
		Name: pulumi.String(strings.ReplaceAll(database.name, "-", "_")), RestoreTestingPlanName: b.built.restoreTesting.Name,
		IamRoleArn: b.built.restoreRole.Arn, ProtectedResourceType: pulumi.String(database.backupResources()),
		ProtectedResourceArns: pulumi.StringArray{database.ARN},
		RestoreMetadataOverrides: pulumi.StringMap{
			"dbSubnetGroupName": database.built.subnetGroup.Name, "vpcSecurityGroupIds": pulumi.Sprintf(`["%s"]`, group.ID()),
		},
		ValidationWindowHours: pulumi.Int(b.args.RestoreTesting.ValidationHours),
	}, b.args.Transform.RestoreTestSelection), pulumi.Parent(b), pulumi.DependsOn(ready))
	return err
}

func (d *MultiAZDatabase) backupResources() string {
	if d.args.Topology == Aurora {
		return auroraResources
	}
	return rdsResources
}

// Slots of what a covered database adds to the roles.
const (
	databaseSlot    = "database"
	databaseKeySlot = "databaseKey"
	subnetGroupSlot = "subnetGroup"
)

// allow adds a policy to each role for one database. It returns what must stand before AWS Backup looks at the roles.
func (b *Backups) allow(database *MultiAZDatabase) ([]pulumi.Resource, error) {
	ready := append([]pulumi.Resource{}, b.built.before...)
	regions := []string{b.args.Region, b.args.RecoveryRegion}
	snapshot, restore := iampolicy.Action("rds:CreateDBSnapshot"), iampolicy.Action("rds:RestoreDBInstanceFromDBSnapshot")
	if database.args.Topology == Aurora {
		snapshot, restore = "rds:CreateDBClusterSnapshot", "rds:RestoreDBClusterFromSnapshot"
	}
	useKey := []iampolicy.Statement{{
		Sid: "SeeItsKey", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"kms:DescribeKey"}, Resources: []iampolicy.Resource{iampolicy.Slot(databaseKeySlot, "")},
	}, {
		Sid: "UseItsKey", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"kms:CreateGrant"}, Resources: []iampolicy.Resource{iampolicy.Slot(databaseKeySlot, "")},
		Conditions: grantsForRDS(regions...),
	}}
	for _, each := range []struct {
		name       string
		role       *iam.Role
		statements []iampolicy.Statement
		slots      pulumi.StringMap
	}{
		{b.name + "-of-" + database.name, b.built.role, []iampolicy.Statement{{
			Sid: "TakeSnapshots", Effect: iampolicy.Allow, Actions: []iampolicy.Action{snapshot}, Resources: []iampolicy.Resource{iampolicy.Slot(databaseSlot, "")},
		}}, pulumi.StringMap{databaseSlot: database.ARN}},
		{b.name + "-restore-test-of-" + database.name, b.built.restoreRole, []iampolicy.Statement{{
			Sid: "RestoreIntoItsSubnets", Effect: iampolicy.Allow, Actions: []iampolicy.Action{restore}, Resources: []iampolicy.Resource{iampolicy.Slot(subnetGroupSlot, "")},
		}, b.decryptForRDS()}, pulumi.StringMap{subnetGroupSlot: database.built.subnetGroup.Arn}},
	} {
		document := iampolicy.Identity(append(each.statements, useKey...)...)
		if err := document.Check(); err != nil {
			return nil, err
		}
		each.slots[databaseKeySlot] = database.KeyARN
		policy, err := iam.NewRolePolicy(b.ctx, each.name, &iam.RolePolicyArgs{Role: each.role.Name, Policy: filled(document, each.slots)}, pulumi.Parent(b))
		if err != nil {
			return nil, err
		}
		ready = append(ready, policy)
	}
	return ready, nil
}

// decryptForRDS lets what is restored be read and written under the database's key: what AWS's own policy for restores allows for every key,
// through RDS of this Region only
// (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html).
func (b *Backups) decryptForRDS() iampolicy.Statement {
	return iampolicy.Statement{
		Sid: "ReadAndWriteUnderItsKey", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{
			"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
		},
		Resources:  []iampolicy.Resource{iampolicy.Slot(databaseKeySlot, "")},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "kms:ViaService", naming.ServiceEndpoint("rds", b.args.Region))},
	}
}

func (b *Backups) checkCover(database *MultiAZDatabase) error {
	if database == nil {
		return fmt.Errorf("backups %s: no database is given; pass the one to cover", b.name)
	}
	at := database.args.Placement
	switch {
	case b.covered[database.name] != nil:
		return fmt.Errorf("backups %s cover database %s already; remove one", b.name, database.name)
	case len(b.covered) == b.args.Databases:
		return fmt.Errorf("backups %s: database %s is one more than the %d that the alarms ask for; set databases to how many are covered", b.name, database.name, b.args.Databases)
	case at.AccountID != b.args.AccountID:
		return fmt.Errorf("backups %s of database %s cross accounts %s and %s; build both in one", b.name, database.name, b.args.AccountID, at.AccountID)
	case at.region() != b.args.Region:
		return fmt.Errorf("backups %s of database %s cross Regions %s and %s; build both in one", b.name, database.name, b.args.Region, at.region())
	}
	return failuresAsError("backups "+b.name+" of database "+database.name, b.args.checkDatabase(database.args))
}

// CheckCover lists why a database with these arguments cannot be covered by backups with those; nothing when it can. It looks at plain values
// only and registers nothing.
func (a *BackupsArgs) CheckCover(database *MultiAZDatabaseArgs) []check.Failure {
	args := a.withDefaults()
	if !nightSyntax.MatchString(args.Schedule) {
		return nil // Check says so
	}
	return args.checkDatabase(database.withDefaults(""))
}

// checkDatabase lists why the database cannot be covered.
func (a BackupsArgs) checkDatabase(database MultiAZDatabaseArgs) []check.Failure {
	c := check.New()
	switch database.Topology {
	case Aurora: // takes snapshots at any time
	case MultiAZCluster:
		c.Fail("topology", string(database.Topology), "cannot be copied to "+a.RecoveryRegion+": AWS copies no snapshot of a Multi-AZ DB cluster",
			"choose aurora, or multi-az-instance with an objective above its failover")
	case MultiAZInstance:
		const limit = "in or in the hour before which AWS Backup fails, meets %s, whose jobs start within 60 minutes"
		jobs := a.nightly()
		if window, isWindow := dailyWindow(database.BackupWindow); isWindow && jobs.overlapsDaily(window.from(quietMinutes)) {
			c.Fail("backupWindow", database.BackupWindow, fmt.Sprintf(limit, a.Schedule), "move it, or the schedule of the backups")
		}
		if window, isWindow := weeklyWindow(database.MaintenanceWindow); isWindow && jobs.overlapsWeekly(window.from(quietMinutes)) {
			c.Fail("maintenanceWindow", database.MaintenanceWindow, fmt.Sprintf(limit, a.Schedule), "move it, or the schedule of the backups")
		}
	}
	return c.Failures()
}

// overlapsDaily says whether two windows of every day meet.
func (s span) overlapsDaily(other span) bool {
	return modulo(other.begin-s.begin, minutesOfDay) < s.length || modulo(s.begin-other.begin, minutesOfDay) < other.length
}

// from is a window that begins some minutes sooner.
func (s span) from(sooner int) span { return span{begin: s.begin - sooner, length: s.length + sooner} }
