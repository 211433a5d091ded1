package components

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// proofDays is how old the recovery point may be whose restore is a proof. The document runs 11 days after the test at most, the test takes
	// one that is testedDays old at most, and begins within the hour. What the test before took is 30 days old at least.
	proofDays = 11 + testedDays + 1
	// restoreDays is what a restore may take before its verdict is waited for, since AWS says nothing of how long it takes. The figure is
	// ours; what comes later is a ticket.
	restoreDays   = 1
	daysParameter = "Days"
	factPlan      = "restoreTestingPlan"
	// lastDay is the last day that every month has.
	lastDay = 28
)

// buildProof builds the document that fails unless this month's restore test was judged well, and the rule that starts it when that must
// have happened. Of a test that never started, that restored nothing, and whose verdict never came AWS documents no event. Only
// the failure of the document tells: without tickets there is none.
func (r *DatabaseRecovery) buildProof(ctx *pulumi.Context) error {
	if r.args.RestoreTestingPlanARN == nil || r.args.TicketsTopicARN == nil {
		return nil
	}
	database := r.args.Database
	scope := r.scope(database.home(ctx), database.args.Placement.Zones)
	name := r.name + "-prove"
	document, role, err := r.buildDocumentAndRole(ctx, recoveryDocument{
		name: name, description: "Looks for the proof that database " + database.name + " can be restored", at: scope.at,
		policy: proofPolicy(), facts: pulumi.StringMap{factPlan: r.args.RestoreTestingPlanARN}, slots: pulumi.StringMap{}, write: scope.prove,
	})
	if err != nil {
		return err
	}
	r.ProveRestoreTest = document.Name
	days, err := json.Marshal(map[string][]string{daysParameter: {strconv.Itoa(proofDays)}})
	if err != nil {
		return err
	}
	return r.buildStart(ctx, documentStart{
		name: name + "-start", description: "Starts the document that looks for the proof that database " + database.name + " can be restored",
		at: scope.at, document: document, acting: role,
		rule: cloudwatch.EventRuleArgs{
			Description:        pulumi.String("Once a month, when a restore test of database " + database.name + " must have been judged"),
			ScheduleExpression: pulumi.String(r.args.RestoreTesting.proofSchedule()),
		},
		target: cloudwatch.EventTargetArgs{Input: pulumi.String(days)},
	})
}

// proofSchedule is a time of the month at which the verdict of the month's test must be there: as many days after it as a restore may take
// and a verdict be waited for. Past the last day that every month has, it is in the next one, some days later in the longer months.
func (a RestoreTestingArgs) proofSchedule() string {
	day := a.Day + restoreDays + (a.ValidationHours+hoursOfDay-1)/hoursOfDay
	if day > lastDay {
		day -= lastDay
	}
	return a.monthly(day)
}

// monthly is the time of the tests on some day of the month.
func (a RestoreTestingArgs) monthly(day int) string {
	clock := clockSyntax.FindStringSubmatch(a.At)
	at := minutes(clock[1], clock[2])
	return fmt.Sprintf("cron(%d %d %d * ? *)", at%60, at/60, day)
}

// prove asks AWS Backup for the restores of the database that the plan made of recent recovery points. The operation that lists those of one
// database is used, and not the one that lists those of a plan: the SDK that scripts have need not be new enough to say there of which
// database each was.
func (s recoveryScope) prove(facts recoveryFacts) runbook.Document {
	return runbook.Document{
		Description: "Fails unless a restore test of " + s.id + " was judged well in the last days.", AssumeRole: facts[factRole],
		Parameters: []runbook.Parameter{{
			Name: daysParameter, Default: strconv.Itoa(proofDays), Pattern: `^[1-9][0-9]{0,2}$`, Description: "How old the recovery point may be that was restored, in days.",
		}},
		Steps: []runbook.Step{{Name: "prove", End: true, Attempts: 3, Do: runbook.Script{Handler: "prove", Python: prove, Input: map[string]string{
			"database": s.liveARN(), "plan": facts[factPlan], "days": "{{ " + daysParameter + " }}",
		}}}},
	}
}

// prove fails unless one of the jobs was judged well, and says how each ended. A time as text is what AWS's SDK for Python takes too.
const prove = `import datetime

import boto3

def prove(events, context):
    since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=int(events["days"]))
    pages = boto3.client("backup").get_paginator("list_restore_jobs_by_protected_resource").paginate(
        ResourceArn=events["database"], ByRecoveryPointCreationDateAfter=since.isoformat())
    jobs = [job for page in pages for job in page["RestoreJobs"] if job.get("CreatedBy", {}).get("RestoreTestingPlanArn") == events["plan"]]
    for job in jobs:
        if job.get("ValidationStatus") == "SUCCESSFUL":
            return {"proof": job["RestoreJobId"]}
    said = ["%s %s, judged %s" % (job["RestoreJobId"], job["Status"], job.get("ValidationStatus", "not at all")) for job in jobs]
    raise Exception("nothing proves that %s can be restored: %s" % (events["database"], "; ".join(said) or "no restore test of it was started"))
`

// proofPolicy is the role that looks at restore jobs, and nothing else.
func proofPolicy() iampolicy.Document {
	return iampolicy.Identity(iampolicy.Statement{
		Sid: "Look", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"backup:ListRestoreJobsByProtectedResource"},
		Resources: []iampolicy.Resource{iampolicy.Any}, Reason: "AWS Backup has no resource-level permissions for restore jobs",
	})
}
