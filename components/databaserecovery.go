package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const databaseRecoveryType = "aplomb:components:DatabaseRecovery"

// DatabaseRecoveryArgs describes a DatabaseRecovery. What is given and what is not is decided when the program runs; the inputs may arrive
// late.
type DatabaseRecoveryArgs struct {
	// Database is what is recovered. Every grant of it is made before: the recovery knows those that stand.
	Database *MultiAZDatabase
	// Site is where the database is restored in the recovery Region. Without it nothing is restored there. MultiAZCluster takes none, since
	// nothing of it leaves its Region.
	Site *RecoverySite
	// CopyVaultName and CopyVaultARN are the vault of the recovery Region that AWS Backup copies Aurora's snapshots into, CopyKeyARN its key.
	// Aurora takes them with a Site. The others take none: an instance's automated backups are replicated by RDS.
	CopyVaultName pulumi.StringInput `pulumi:"copyVaultName,optional"`
	CopyVaultARN  pulumi.StringInput `pulumi:"copyVaultARN,optional"`
	CopyKeyARN    pulumi.StringInput `pulumi:"copyKeyARN,optional"`
	// RestoreTestingPlanARN is the restore-testing plan of AWS Backup whose restores of this database are validated. Without it none are.
	RestoreTestingPlanARN pulumi.StringInput `pulumi:"restoreTestingPlanARN,optional"`
	// RestoreTesting is when that plan restores, and for how long AWS Backup waits for the verdict, as its Backups was told. The four waits of
	// a judgement together take no longer than eight ninths of ValidationHours; some days after the test, a document looks for the verdict.
	RestoreTesting RestoreTestingArgs `pulumi:"restoreTesting,optional"`
	// SQLRunnerARN is the function that asks a database in the database's VPC, and SiteSQLRunnerARN the one in the site's. Aurora needs
	// neither, unless its class is of the t families: its Data API needs no way into the VPC. The others need them, since nothing is restored that nobody has asked.
	SQLRunnerARN     pulumi.StringInput `pulumi:"sqlRunnerARN,optional"`
	SiteSQLRunnerARN pulumi.StringInput `pulumi:"siteSQLRunnerARN,optional"`
	// Query is the SQL query with one boolean answer that says whether a restored database holds what it should: by default, that it holds at
	// least one table of a user. A better one counts what the business would miss.
	Query string `pulumi:"query,optional"`
	// ProtectRestored gives what takes over AWS's deletion protection, as it has where the database has it. For whoever takes the database's
	// protection off for a moment, to destroy it, and wants the documents to stay as they are.
	ProtectRestored bool `pulumi:"protectRestored,optional"`
	// TicketsTopicARN receives a message for every document that fails. SiteTicketsTopicARN is the topic of the recovery Region: an event does
	// not leave its Region.
	TicketsTopicARN     pulumi.StringInput `pulumi:"ticketsTopicARN,optional"`
	SiteTicketsTopicARN pulumi.StringInput `pulumi:"siteTicketsTopicARN,optional"`
	// Tags are put on every resource beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform DatabaseRecoveryTransforms
}

// DatabaseRecoveryTransforms are the escape hatches of a DatabaseRecovery: each function that is set receives the finished arguments of one
// inner resource, after every default and check, and may change anything. Document sees every document.
type DatabaseRecoveryTransforms struct {
	Document              func(*ssm.DocumentArgs)
	Fence                 func(*ec2.SecurityGroupArgs)
	ClusterParameterGroup func(*rds.ClusterParameterGroupArgs)
	ParameterGroup        func(*rds.ParameterGroupArgs)
}

// DatabaseRecovery is what restores a database without a person at hand: Systems Manager Automation documents that anyone who may start them
// starts with one command, and that say done only when the restored database has answered a query. Each acts in the name of a role of its
// own, which can do what its document does and nothing else. Nothing runs, and nothing is paid for, until one is started.
//
// Restoring makes a second database beside the live one and touches nothing that stands. Cutting over gives it the live one's name, and with
// the name its endpoint, so that services follow without a deployment. Nothing is ever deleted but what a failed restore had made
// itself.
//
// How long a restore takes AWS does not say: it depends on the size of the database and on how much was written since its last snapshot
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html). Loss of data (RPO): up to 5 minutes for a restore to a point in
// time, as there; the age of the last copy, a day by default, for Aurora's restore in the recovery Region.
type DatabaseRecovery struct {
	pulumi.ResourceState

	// RestoreToPointInTime is the name of the document that restores the database beside the live one.
	RestoreToPointInTime pulumi.StringOutput `pulumi:"restoreToPointInTime"`
	// CutOver is the name of the document that gives a restored database the live one's name.
	CutOver pulumi.StringOutput `pulumi:"cutOver"`
	// RestoreFromCopy is the name of the document, in the recovery Region, that restores the database there; empty without a site.
	RestoreFromCopy pulumi.StringOutput `pulumi:"restoreFromCopy"`
	// ValidateRestoreTest is the name of the document that judges a restore test; empty without a plan.
	ValidateRestoreTest pulumi.StringOutput `pulumi:"validateRestoreTest"`

	// ProveRestoreTest is the name of the document that fails when the month brought no proof that the database can be restored; empty
	// without a plan, and without tickets, since only its failure tells.
	ProveRestoreTest pulumi.StringOutput `pulumi:"proveRestoreTest"`

	ctx   *pulumi.Context
	name  string
	args  DatabaseRecoveryArgs
	id    string
	built recoveryParts
}

// recoveryParts are the inner resources that later steps refer to.
type recoveryParts struct {
	fence *ec2.SecurityGroup
}

// NewDatabaseRecovery checks args whole (see DatabaseRecoveryArgs.Check) and registers the documents. Pass the aws provider of the database's
// Region as a resource option.
func NewDatabaseRecovery(
	ctx *pulumi.Context, name string, args *DatabaseRecoveryArgs, opts ...pulumi.ResourceOption,
) (*DatabaseRecovery, error) {
	if args == nil {
		args = &DatabaseRecoveryArgs{}
	}
	if err := failuresAsError("recovery "+name, args.Check(name)); err != nil {
		return nil, err
	}
	id, err := args.Database.identifier(ctx)
	if err != nil {
		return nil, err
	}
	recovery := &DatabaseRecovery{ctx: ctx, name: name, args: args.withDefaults(), id: id}
	if err := recovery.checkIdentifier(); err != nil {
		return nil, err
	}
	if err := ctx.RegisterComponentResource(databaseRecoveryType, name, recovery, opts...); err != nil {
		return nil, err
	}
	args.Database.built.recovered = true
	none := pulumi.String("").ToStringOutput()
	recovery.CutOver, recovery.RestoreFromCopy, recovery.ValidateRestoreTest, recovery.ProveRestoreTest = none, none, none, none
	return recovery, runSteps(ctx,
		recovery.buildVerifyUser, recovery.buildRestore, recovery.buildCutOver, recovery.buildCopy, recovery.buildValidate, recovery.buildProof,
		recovery.buildTickets, recovery.registerOutputs,
	)
}

func (r *DatabaseRecovery) registerOutputs(ctx *pulumi.Context) error {
	return ctx.RegisterResourceOutputs(r, pulumi.Map{
		"restoreToPointInTime": r.RestoreToPointInTime, "cutOver": r.CutOver, "restoreFromCopy": r.RestoreFromCopy,
		"validateRestoreTest": r.ValidateRestoreTest, "proveRestoreTest": r.ProveRestoreTest,
	})
}
