package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// testedAs is how AWS Backup begins the names of what a restore test restores
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html).
const testedAs = "awsbackup-restore-test-"

// buildValidate builds the document that judges a restore test, and the rule that starts it when AWS Backup has restored.
func (r *DatabaseRecovery) buildValidate(ctx *pulumi.Context) error {
	if r.args.RestoreTestingPlanARN == nil {
		return nil
	}
	database := r.args.Database
	scope := r.scope(database.home(ctx), database.args.Placement.Zones)
	scope.prefix, scope.patience = testedAs, r.args.RestoreTesting.ValidationHours*60*60/validationShares
	facts, slots := pulumi.StringMap{factKey: database.KeyARN, factGroup: database.SecurityGroupID}, pulumi.StringMap{}
	if scope.topology == Aurora {
		slots[slotKey], slots[slotSubnets] = database.KeyARN, database.built.subnetGroup.Arn
	} else {
		facts[factRunner], slots[slotRunner] = r.args.SQLRunnerARN, r.args.SQLRunnerARN
	}
	document, role, err := r.buildDocumentAndRole(ctx, recoveryDocument{
		name: r.name + "-validate", description: "Judges the restore tests of database " + database.name, at: scope.at,
		policy: scope.validatePolicy(), facts: facts, slots: slots, write: scope.validate,
	})
	if err != nil {
		return err
	}
	r.ValidateRestoreTest = document.Name
	return r.startWhenRestored(ctx, scope.at, document, role)
}

const jobParameter = "RestoreJobId"

// validationShares is into how many parts the time for a verdict is divided: four waits, each of which
// may be begun anew, and one for all the rest. A verdict that comes later counts for nothing, and what was restored is deleted by then.
const validationShares = 4*waitAttempts + 1

// validate asks what a restore test restored, and tells AWS Backup the verdict. Aurora is restored without an instance; the document makes one
// and deletes it again before the verdict, after which AWS Backup deletes the rest. A plan tests several databases: what is not of this one is left alone.
func (s recoveryScope) validate(facts recoveryFacts) runbook.Document {
	job := runbook.Call{Service: "backup", API: "DescribeRestoreJob", Parameters: runbook.Parameters{jobParameter: "{{ " + jobParameter + " }}"}}
	const id = "{{ findRestored.Identifier }}"
	accepts, rejects := "accept", "reject"
	if s.topology == Aurora {
		accepts, rejects = "acceptRemove", "rejectRemove"
	}
	failed := runbook.GoTo(rejects)
	steps := []runbook.Step{{
		Name: "job", Do: job, Outputs: []runbook.Output{runbook.Text("Source", "$.SourceResourceArn"), runbook.Text("Created", "$.CreatedResourceArn")},
	}, {
		Name: "ours", Do: runbook.Branch{Choices: []runbook.Choice{{Variable: "{{ job.Source }}", Equals: s.liveARN(), Next: "findRestored"}}, Default: "notOurs"},
	}, {
		Name: "findRestored", Do: s.describe("{{ job.Created }}"), OnFailure: runbook.GoTo("rejectUnseen"),
		Outputs: []runbook.Output{runbook.Text("Identifier", s.property("DBClusterIdentifier", "DBInstanceIdentifier"))},
	}, s.awaitAvailable("waitRestored", id, failed)}
	if s.topology == Aurora {
		steps = append(steps, s.openAurora(id, facts, failed)...)
	} else {
		// What is restored admits nobody and knows no tokens; the live database's group admits the function that asks.
		steps = append(steps, runbook.Step{Name: "settle", OnFailure: failed, Do: s.modify(id, runbook.Parameters{
			"EnableIAMDatabaseAuthentication": true, "VpcSecurityGroupIds": []any{facts[factGroup]},
		})})
	}
	steps = append(steps, s.awaitSettled(id, s.topology == Aurora, failed)...)
	steps = append(steps, s.look("restored", id, failed))
	steps = append(steps, s.asked("restored", accepts, askAgain, facts, failed)...)
	steps = append(steps, s.judged("accept", id, "SUCCESSFUL", "the query was answered as it should be")...)
	steps = append(steps, s.judged("reject", id, "FAILED", "see the execution of the document in Systems Manager")...)
	unseen := s.verdict("rejectUnseen", "FAILED", "what was restored cannot be found")
	unseen.End = true
	return runbook.Document{
		Description: "Asks what a restore test restored of " + s.id + ", and tells AWS Backup the verdict.", AssumeRole: facts[factRole],
		Parameters: []runbook.Parameter{{Name: jobParameter, Required: true, Pattern: `^[A-Za-z0-9-]{1,64}$`, Description: "The restore job of AWS Backup."}},
		Steps:      append(steps, unseen, runbook.Step{Name: "notOurs", Do: job, End: true}),
	}
}

// openAurora are the steps that make Aurora answer: the Data API, an instance, and a password that AWS keeps.
func (s recoveryScope) openAurora(id string, facts recoveryFacts, failed runbook.Failure) []runbook.Step {
	return []runbook.Step{
		{Name: "enableDataAPI", OnFailure: failed, Do: runbook.Call{
			Service: "rds", API: "EnableHttpEndpoint", Parameters: runbook.Parameters{"ResourceArn": "{{ job.Created }}"},
		}},
		{Name: "createMember", OnFailure: failed, Do: runbook.Call{Service: "rds", API: "CreateDBInstance", Parameters: runbook.Parameters{
			"DBInstanceIdentifier": member(id, 0), "DBClusterIdentifier": id, "Engine": s.engine(), "DBInstanceClass": s.database.InstanceClass,
			"PubliclyAccessible": false, "Tags": s.apiTags(member(s.name, 0)),
		}}},
		s.awaitMember("waitMember", member(id, 0), failed),
		{Name: "settle", OnFailure: failed, Do: s.modify(id, runbook.Parameters{"ManageMasterUserPassword": true, "MasterUserSecretKmsKeyId": facts[factKey]})},
	}
}

// judged are the steps that end a judgement: Aurora's instance goes first, because it is paid for and AWS Backup does not know it. One that cannot be
// deleted yet, because it is still being made, can be a while later. The verdict is told whatever becomes of it.
func (s recoveryScope) judged(step, id, status, message string) []runbook.Step {
	verdict := s.verdict(step, status, message)
	verdict.End = true
	if s.topology != Aurora {
		return []runbook.Step{verdict}
	}
	remove := runbook.Call{Service: "rds", API: "DeleteDBInstance", Parameters: runbook.Parameters{"DBInstanceIdentifier": member(id, 0)}}
	pause := step + "Pause"
	return []runbook.Step{
		{Name: step + "Remove", Do: remove, Optional: true, OnFailure: runbook.GoTo(pause), Next: step},
		{Name: pause, Do: runbook.Sleep{Seconds: removeSeconds}, OnFailure: runbook.Continue},
		{Name: step + "RemoveAgain", Do: remove, OnFailure: runbook.Continue, Attempts: 3},
		verdict,
	}
}

// removeSeconds is how long a judgement waits before it tries once more to delete what it made.
const removeSeconds = 5 * 60

// verdict tells AWS Backup
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutRestoreValidationResult.html).
func (s recoveryScope) verdict(step, status, message string) runbook.Step {
	return runbook.Step{Name: step, Attempts: 3, Do: runbook.Call{Service: "backup", API: "PutRestoreValidationResult", Parameters: runbook.Parameters{
		jobParameter: "{{ " + jobParameter + " }}", "ValidationStatus": status, "ValidationStatusMessage": message,
	}}}
}

// validatePolicy is the role that opens what restore tests restored, and nothing else.
func (s recoveryScope) validatePolicy() iampolicy.Document {
	tested := []iampolicy.Resource{s.restored(s.kind())}
	statements := []iampolicy.Statement{{
		Sid: "Judge", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"backup:DescribeRestoreJob", "backup:PutRestoreValidationResult"},
		Resources: []iampolicy.Resource{iampolicy.Any}, Reason: "AWS Backup has no resource-level permissions for restore jobs",
	}}
	allow := func(sid string, resources []iampolicy.Resource, actions ...iampolicy.Action) {
		statements = append(statements, iampolicy.Statement{Sid: sid, Effect: iampolicy.Allow, Actions: actions, Resources: resources})
	}
	if s.topology != Aurora {
		allow("Open", tested, "rds:DescribeDBInstances", "rds:ModifyDBInstance")
		return iampolicy.Identity(append(statements, s.askStatements(tested)...)...)
	}
	members := []iampolicy.Resource{s.restored("db")}
	allow("Open", tested, "rds:DescribeDBClusters", "rds:EnableHttpEndpoint", "rds:ModifyDBCluster")
	allow("OpenMember", members, "rds:AddTagsToResource", "rds:DescribeDBInstances")
	statements = append(statements, iampolicy.Statement{
		Sid: "RemoveMember", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds:DeleteDBInstance"}, Resources: members,
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "aws:ResourceTag/"+restoredTag, s.id)},
	})
	allow("CreateMember", append(append([]iampolicy.Resource{}, tested...), members[0], iampolicy.Slot(slotSubnets, ""), s.memberParameters(), s.optionGroup()), "rds:CreateDBInstance")
	statements = append(statements, s.secretStatements(s.arn("cluster", testedAs+"*"))...)
	return iampolicy.Identity(append(statements, s.askStatements(tested)...)...)
}

// startWhenRestored starts the document with every restore job of the plan that is completed
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-validation.html).
func (r *DatabaseRecovery) startWhenRestored(ctx *pulumi.Context, at home, document *ssm.Document, acting *iam.Role) error {
	pattern := eventPattern{Source: []string{"aws.backup"}, DetailType: []string{"Restore Job State Change"}, Detail: map[string][]string{"status": {"COMPLETED"}}}
	return r.buildStart(ctx, documentStart{
		name: r.name + "-validate-start", description: "Starts the document that judges restore tests of database " + r.args.Database.name,
		at: at, document: document, acting: acting,
		rule: cloudwatch.EventRuleArgs{
			Description:  pulumi.String("Restore tests of database " + r.args.Database.name + " that are to be judged"),
			EventPattern: pattern.text(pulumi.StringMap{"restoreTestingPlanArn": r.args.RestoreTestingPlanARN}),
		},
		target: cloudwatch.EventTargetArgs{InputTransformer: cloudwatch.EventTargetInputTransformerArgs{
			InputPaths: pulumi.ToStringMap(map[string]string{"job": "$.detail.restoreJobId"}), InputTemplate: pulumi.String(`{"` + jobParameter + `":["<job>"]}`),
		}},
	})
}
