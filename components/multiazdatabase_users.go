package components

import (
	"github.com/aplomb-iac/aplomb/internal/dbusers"
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// DatabaseRights is what a user of a database may do in it.
type DatabaseRights string

const (
	// DatabaseRead reads every table that an owner made, or will make.
	DatabaseRead = DatabaseRights(dbusers.Read)
	// DatabaseReadWrite also inserts, updates and deletes rows. It can neither truncate nor change a table.
	DatabaseReadWrite = DatabaseRights(dbusers.ReadWrite)
	// DatabaseOwner also makes, changes and drops tables and schemas: for whoever runs migrations.
	DatabaseOwner = DatabaseRights(dbusers.Owner)
)

// AllDatabaseRights lists every DatabaseRights, the least first.
func AllDatabaseRights() []DatabaseRights {
	return []DatabaseRights{DatabaseRead, DatabaseReadWrite, DatabaseOwner}
}

const (
	masterUser = dbusers.MasterUser
	verifyUser = dbusers.VerifyUser
	// usersAgain is how often the users are made again, which changes nothing while they are as they should be: a database that was restored,
	// or changed by hand, converges within a day.
	usersAgain = "rate(1 day)"
	// userSeconds is for how long an update waits until a user is there. A run takes seconds; before it there is the queue of Automation, in
	// which 100 of an account run at a time (https://docs.aws.amazon.com/general/latest/gr/ssm.html).
	userSeconds = 600
)

// buildUsers builds how users are made: a runbook, and the role that it runs with. Who runs it is a matter of each grant.
func (d *MultiAZDatabase) buildUsers(ctx *pulumi.Context) error {
	at := d.home(ctx)
	name := d.name + "-make-user"
	if d.args.runs() {
		served, err := d.args.Runner.serve(ctx, d)
		if err != nil {
			return err
		}
		d.built.beforeUsers = append(d.built.beforeUsers, served...)
	}
	role, policy, err := newRole(ctx, roleSpec{
		parent: d, name: name, description: "Makes the users of database " + d.name,
		trust: automationTrust(at), policy: d.usersPolicy(at), slots: d.usersSlots(), tags: d.args.Tags,
	})
	if err != nil {
		return err
	}
	d.built.beforeUsers = append(d.built.beforeUsers, policy)
	d.built.usersRole = role
	d.built.usersRunbook, err = ssm.NewDocument(ctx, name, transformed(&ssm.DocumentArgs{
		DocumentType: pulumi.String("Automation"), DocumentFormat: pulumi.String("JSON"), Content: d.usersRunbook(), Tags: tagsNamed(d.args.Tags, name),
	}, d.args.Transform.Document), pulumi.Parent(d))
	if err != nil {
		return err
	}
	return d.tellUsers(ctx, name, d.built.usersRunbook)
}

// tellUsers has every run of the runbook that did not succeed told. An update waits for the first run of a user and sees it fail; the daily
// ones nobody waits for.
func (d *MultiAZDatabase) tellUsers(ctx *pulumi.Context, name string, document *ssm.Document) error {
	if d.args.Tickets == nil {
		return nil
	}
	spec := executionsFailed(d, name, document.Name, d.args.Tickets,
		"The runbook <document>, which makes the users of database "+d.name+" again every day, ended as <status>: execution <execution>. "+
			"Services that are connected go on. What to do: docs/database-users.md.")
	spec.tags = d.args.Tags
	_, err := newEventRule(ctx, spec)
	return err
}

const (
	clusterSlot  = "cluster"
	functionSlot = "function"
)

// usersPolicy lets the runbook send statements to this one cluster as its master user, or invoke the one runner, or both where some
// users are behind a proxy. The Data API reads the secret in the name of whoever calls it
// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.access.html).
func (d *MultiAZDatabase) usersPolicy(at home) iampolicy.Document {
	var statements []iampolicy.Statement
	if d.args.HasDataAPI() {
		statements = append([]iampolicy.Statement{{
			Sid: "MakeUsers", Effect: iampolicy.Allow,
			Actions: []iampolicy.Action{"rds-data:ExecuteStatement"}, Resources: []iampolicy.Resource{iampolicy.Slot(clusterSlot, "")},
		}}, secretStatements(at, []string{masterKey})...)
	}
	if d.args.runs() {
		statements = append(statements, iampolicy.Statement{
			Sid: "InvokeRunner", Effect: iampolicy.Allow,
			Actions: []iampolicy.Action{"lambda:InvokeFunction"}, Resources: []iampolicy.Resource{iampolicy.Slot(functionSlot, "")},
		})
	}
	return iampolicy.Identity(statements...)
}

func (d *MultiAZDatabase) usersSlots() pulumi.StringMap {
	slots := pulumi.StringMap{}
	if d.args.HasDataAPI() {
		slots = pulumi.StringMap{clusterSlot: d.ARN, secretSlot(masterKey): d.MasterSecretARN, keySlot: d.built.key.Arn}
	}
	if d.args.runs() {
		slots[functionSlot] = d.args.Runner.built.function.Arn
	}
	return slots
}

// makeUser has the runbook run for one user: at once, whenever anything about it changes, and every day.
//
// The user is a target and not a mere parameter: an association without targets cannot be changed by the provider
// (https://github.com/hashicorp/terraform-provider-aws/issues/41251). The provider waits for success when an association is made and never
// when it is changed, so what decides about the user makes a new one: an update ends when the user is there, or fails. One that
// failed leaves the association behind; the next update runs it again, but does not wait for it.
func (d *MultiAZDatabase) makeUser(user string, rights DatabaseRights) error {
	name := d.name + "-user_" + user // no name of a database has an underscore, so no two are one
	document := d.built.usersRunbook
	parameters := pulumi.StringMap{roleParameter: d.built.usersRole.Arn, rightsParameter: pulumi.String(string(rights))}
	if d.args.proxied(user) {
		document, parameters[secretParameter] = d.built.proxy.runbook, d.built.proxy.secrets[user].Arn
	}
	_, err := ssm.NewAssociation(d.ctx, name, transformed(&ssm.AssociationArgs{
		Name: document.Name, DocumentVersion: document.DocumentVersion, AssociationName: pulumi.String(name),
		AutomationTargetParameterName: pulumi.String(userParameter),
		Targets: ssm.AssociationTargetArray{ssm.AssociationTargetArgs{
			Key: pulumi.String("ParameterValues"), Values: pulumi.ToStringArray([]string{user}),
		}},
		Parameters:     parameters,
		MaxConcurrency: pulumi.String("1"), MaxErrors: pulumi.String("0"),
		ScheduleExpression: pulumi.String(usersAgain), WaitForSuccessTimeoutSeconds: pulumi.Int(userSeconds), Tags: tagsNamed(d.args.Tags, name),
	}, d.args.Transform.Association), pulumi.Parent(d), pulumi.DependsOn(d.built.beforeUsers),
		pulumi.ReplaceOnChanges([]string{"documentVersion", "parameters", "targets"}))
	return err
}
