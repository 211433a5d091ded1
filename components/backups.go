package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const backupsType = "aplomb:components:Backups"

// BackupsArgs describes Backups. Everything but RecoveryProvider and the ARNs of topics is a plain value.
type BackupsArgs struct {
	// AccountID is the AWS account of the databases and of both vaults, 12 digits.
	AccountID string `pulumi:"accountID"`
	// Region is the Region of the databases. It must be that of the provider that the component is given as an option.
	Region string `pulumi:"region"`
	// RecoveryRegion is the Region of the copies: another one, of the same partition.
	RecoveryRegion string `pulumi:"recoveryRegion"`
	// RecoveryProvider is the aws provider of RecoveryRegion.
	RecoveryProvider pulumi.ProviderResource
	// Databases is how many databases are covered: 1 by default, at most 30. Alarms ask for so many recovery points every night, and Cover
	// refuses one more.
	Databases int `pulumi:"databases,optional"`
	// Schedule is when the night's backup is due, in UTC, once a day: cron(0 5 * * ? *) by default, five o'clock. AWS Backup starts it
	// within 60 minutes of that. It keeps away from the windows of the databases that are covered (see Cover).
	Schedule string `pulumi:"schedule,optional"`
	// RetentionDays is for how long a recovery point is kept in Region, CopyRetentionDays in RecoveryRegion: 35 by default, 7 to 3650.
	RetentionDays     int `pulumi:"retentionDays,optional"`
	CopyRetentionDays int `pulumi:"copyRetentionDays,optional"`
	// VaultLock keeps recovery points in both vaults from being deleted before their time. By default both are locked in VaultLockGovernance
	// when Protect is set, and not otherwise.
	VaultLock *VaultLockArgs `pulumi:"vaultLock,optional"`
	// RestoreTesting is when a recovery point of each database is restored to prove that it can be.
	RestoreTesting RestoreTestingArgs `pulumi:"restoreTesting,optional"`
	// ServiceOptIn opts the account in to AWS Backup for Aurora and RDS, in both Regions. The setting is the account's and not the stack's
	// (https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRegionSettings.html): one stack of an account sets it, and it stays
	// when that stack goes. By default nothing is set. Where the account is not opted in, Aurora is never backed up, though its ARN is
	// selected; an instance that is selected by its ARN is backed up all the same
	// (https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources-json.html). No job starts then and none fails: all that
	// tells is the ticket of the first night, which does not close.
	ServiceOptIn bool `pulumi:"serviceOptIn,optional"`
	// Tickets and Pages are the ARNs of SNS topics in Region, whose policies admit CloudWatch, and Tickets EventBridge as well. Without
	// them nobody is told: alarms stand without actions, and rules for failed jobs, which could do nothing, are not built.
	Tickets pulumi.StringInput `pulumi:"tickets,optional"`
	Pages   pulumi.StringInput `pulumi:"pages,optional"`
	// RecoveryTickets is the ARN of a topic in RecoveryRegion: an EventBridge rule publishes to topics of its own Region only
	// (https://repost.aws/knowledge-center/sns-not-getting-eventbridge-notification).
	RecoveryTickets pulumi.StringInput `pulumi:"recoveryTickets,optional"`
	// EmptyOnDelete lets the deletion of the vaults take their recovery points along. For development only; AWS refuses otherwise to
	// delete a vault that holds any.
	EmptyOnDelete bool `pulumi:"emptyOnDelete,optional"`
	// Protect makes the engine refuse to delete or replace vaults, locks, keys and the backup role, which stay in AWS should they ever
	// leave the stack.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on every resource beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform BackupsTransforms
}

// RestoreTestingArgs is when restore tests run, and for how long what they restored stands.
type RestoreTestingArgs struct {
	// Day is the day of the month: 3 by default, 1 to 28, so that there is one every month.
	Day int `pulumi:"day,optional"`
	// At is the time of that day in UTC: 09:00 by default, when somebody is there. AWS Backup starts the test within the hour.
	At string `pulumi:"at,optional"`
	// ValidationHours is for how long a restored database waits for its verdict before it is deleted: 4 h by default, 1 to 168
	// (https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-validation.html). It is paid for as long as it stands.
	ValidationHours int `pulumi:"validationHours,optional"`
}

// BackupsTransforms are the escape hatches of Backups: each function that is set receives the finished arguments of one inner resource,
// after every default and check, and may change anything. Key and Vault see both, Role both roles, Alarm every metric alarm, and
// SecurityGroup and the Selections one for each database.
type BackupsTransforms struct {
	Key                  func(*kms.KeyArgs)
	Vault                func(*backup.VaultArgs)
	Role                 func(*iam.RoleArgs)
	Plan                 func(*backup.PlanArgs)
	Selection            func(*backup.SelectionArgs)
	RestoreTestPlan      func(*backup.RestoreTestingPlanArgs)
	RestoreTestSelection func(*backup.RestoreTestingSelectionArgs)
	SecurityGroup        func(*ec2.SecurityGroupArgs)
	Alarm                func(*cloudwatch.MetricAlarmArgs)
	CompositeAlarm       func(*cloudwatch.CompositeAlarmArgs)
}

// Backups takes a snapshot of databases every night with AWS Backup, copies it to a vault in a second Region, restores one every month to
// prove that it can be, and tells when any of it fails or does not happen. It stands beside the automated backups of a database, which
// restore to any second of the last days and are lost with the database's Region: this is for what they do not survive.
//
// # Recovery
//
// Loss of data that was committed (RPO), when the database is restored from a recovery point; AWS gives no figure for how long a snapshot or a copy takes:
//
//	in Region            24 h + 1 h to begin + the snapshot
//	in RecoveryRegion    the same + the copy, which begins when the snapshot is done
//
// Time to serve from a recovery point is not promised: nothing here points anybody at what was restored.
//
// A night without a recovery point, or without a copy, is told by a ticket at most 27 h, or 30 h, after the last one; a vault that
// received nothing for three nights by a page at most 75 h, or 78 h, after (see docs/components/backups.md for what the alarms see).
//
// Not covered: whoever may change the vaults' policies and locks, unless the lock is VaultLockCompliance; recovery points whose database's
// key was deleted, but for the copies, which are under a key of their own; what the copies are worth: restore tests run in Region,
// since a restore in RecoveryRegion needs a VPC and subnets there that a database does not have.
type Backups struct {
	pulumi.ResourceState

	// VaultName and VaultARN are the vault in Region, KeyARN its key.
	VaultName pulumi.StringOutput `pulumi:"vaultName"`
	VaultARN  pulumi.StringOutput `pulumi:"vaultARN"`
	KeyARN    pulumi.StringOutput `pulumi:"keyARN"`
	// CopyVaultName and CopyVaultARN are the vault in RecoveryRegion, CopyKeyARN the key under which copies are.
	CopyVaultName pulumi.StringOutput `pulumi:"copyVaultName"`
	CopyVaultARN  pulumi.StringOutput `pulumi:"copyVaultARN"`
	CopyKeyARN    pulumi.StringOutput `pulumi:"copyKeyARN"`
	// PlanID is the id of the backup plan.
	PlanID pulumi.StringOutput `pulumi:"planID"`
	// BackupRoleARN is the role with which AWS Backup takes, copies and expires recovery points.
	BackupRoleARN pulumi.StringOutput `pulumi:"backupRoleARN"`
	// RestoreTestingPlanName and RestoreTestingPlanARN are the plan of the restore tests. An event Restore Job State Change of source
	// aws.backup has the ARN in detail.restoreTestingPlanArn: what verifies a restored database listens for its status COMPLETED there and answers with
	// backup:PutRestoreValidationResult within ValidationHours.
	RestoreTestingPlanName pulumi.StringOutput `pulumi:"restoreTestingPlanName"`
	RestoreTestingPlanARN  pulumi.StringOutput `pulumi:"restoreTestingPlanARN"`
	// RestoreTestRoleARN is the role with which restore tests restore.
	RestoreTestRoleARN pulumi.StringOutput `pulumi:"restoreTestRoleARN"`

	ctx     *pulumi.Context
	name    string
	args    BackupsArgs
	built   backupsParts
	covered map[string]*ec2.SecurityGroup
}

// backupsParts are the inner resources that later steps refer to.
type backupsParts struct {
	key, copyKey      *kms.Key
	vault, copyVault  *backup.Vault
	role, restoreRole *iam.Role
	plan              *backup.Plan
	restoreTesting    *backup.RestoreTestingPlan
	// before is what must stand before a selection does.
	before []pulumi.Resource
}

// NewBackups checks args whole (see BackupsArgs.Check) and registers vaults, plan and restore tests. Pass the aws provider of args.Region as
// a resource option, and that of args.RecoveryRegion in args. Cover then names the databases.
func NewBackups(ctx *pulumi.Context, name string, args *BackupsArgs, opts ...pulumi.ResourceOption) (*Backups, error) {
	if args == nil {
		args = &BackupsArgs{}
	}
	if err := failuresAsError("backups "+name, args.Check(name)); err != nil {
		return nil, err
	}
	backups := &Backups{ctx: ctx, name: name, args: args.withDefaults(), covered: map[string]*ec2.SecurityGroup{}}
	if err := ctx.RegisterComponentResource(backupsType, name, backups, opts...); err != nil {
		return nil, err
	}
	return backups, runSteps(ctx, backups.optIn, backups.buildKeys, backups.buildVaults, backups.lockVaults, backups.buildRoles,
		backups.buildPlan, backups.buildRestoreTesting, backups.buildAlarms, backups.tell, backups.registerOutputs)
}

func (b *Backups) registerOutputs(ctx *pulumi.Context) error {
	b.VaultName, b.VaultARN, b.KeyARN = b.built.vault.Name, b.built.vault.Arn, b.built.key.Arn
	b.CopyVaultName, b.CopyVaultARN, b.CopyKeyARN = b.built.copyVault.Name, b.built.copyVault.Arn, b.built.copyKey.Arn
	b.PlanID, b.BackupRoleARN, b.RestoreTestRoleARN = b.built.plan.ID().ToStringOutput(), b.built.role.Arn, b.built.restoreRole.Arn
	b.RestoreTestingPlanName, b.RestoreTestingPlanARN = b.built.restoreTesting.Name, b.built.restoreTesting.Arn
	return ctx.RegisterResourceOutputs(b, pulumi.Map{
		"vaultName": b.VaultName, "vaultARN": b.VaultARN, "keyARN": b.KeyARN,
		"copyVaultName": b.CopyVaultName, "copyVaultARN": b.CopyVaultARN, "copyKeyARN": b.CopyKeyARN,
		"planID": b.PlanID, "backupRoleARN": b.BackupRoleARN, "restoreTestRoleARN": b.RestoreTestRoleARN,
		"restoreTestingPlanName": b.RestoreTestingPlanName, "restoreTestingPlanARN": b.RestoreTestingPlanARN,
	})
}

// home is the component's Region, away its recovery Region.
func (b *Backups) home(ctx *pulumi.Context) home { return homeOf(ctx, b.args.AccountID, b.args.Region) }
func (b *Backups) away(ctx *pulumi.Context) home {
	return homeOf(ctx, b.args.AccountID, b.args.RecoveryRegion)
}

// copyName is what everything in the recovery Region is called.
func (b *Backups) copyName() string { return b.name + "-copy" }
