// Layer recorder: the document that looks for the proof of a month, which is executed here, and when it is started.
package components_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/automation"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const proveName = "tickets-recovery-prove"

func proven(topology components.DatabaseTopology, testing components.RestoreTestingArgs) pulumi.RunFunc {
	return recovered(topology, func(args *components.DatabaseRecoveryArgs) {
		args.RestoreTestingPlanARN, args.RestoreTesting, args.TicketsTopicARN = pulumi.String(testingPlanARN), testing, pulumi.String(homeTopic)
	})
}

// restoreJob is a restore of AWS Backup: by which plan, and what became of it.
func restoreJob(id, plan, status, verdict string) map[string]any {
	job := map[string]any{"RestoreJobId": id, "Status": status}
	if plan != "" {
		job["CreatedBy"] = map[string]any{"RestoreTestingPlanArn": plan}
	}
	if verdict != "" {
		job["ValidationStatus"] = verdict
	}
	return job
}

// backupWorld is AWS Backup with pages of restore jobs of one database.
type backupWorld struct {
	t        *testing.T
	database string
	pages    [][]map[string]any
	since    time.Time
	err      error
}

func (w *backupWorld) Call(_ context.Context, service, api string, parameters map[string]any) (map[string]any, error) {
	require.Equal(w.t, "backup ListRestoreJobsByProtectedResource", service+" "+api)
	since, err := time.Parse(time.RFC3339, parameters["ByRecoveryPointCreationDateAfter"].(string))
	require.NoError(w.t, err)
	w.since = since
	if w.err != nil || parameters["ResourceArn"] != w.database {
		return map[string]any{"RestoreJobs": []any{}}, w.err
	}
	page := 0
	if token, more := parameters["NextToken"].(string); more {
		_, err := fmt.Sscan(token, &page)
		require.NoError(w.t, err)
	}
	answer := map[string]any{"RestoreJobs": w.pages[page]}
	if page+1 < len(w.pages) {
		answer["NextToken"] = fmt.Sprint(page + 1)
	}
	return answer, nil
}

func (w *backupWorld) Invoke(context.Context, string, string) (string, bool, error) {
	return "", false, errors.New("no function is part of this")
}

func (w *backupWorld) Pass(int) {}

func TestOnlyAVerdictOfThisPlanOnThisDatabaseIsAProof(t *testing.T) {
	const otherPlan = testingPlanARN + "-2"
	for _, topology := range recoverable {
		kind := map[bool]string{true: "db", false: "cluster"}[topology == components.MultiAZInstance]
		database := "arn:aws:rds:eu-central-1:" + account + ":" + kind + ":" + live
		text := documentOf(t, recorder.Run(t, proven(topology, components.RestoreTestingArgs{})), proveName).text
		for name, each := range map[string]struct {
			world backupWorld
			says  string
		}{
			"judged well":                     {backupWorld{pages: [][]map[string]any{{restoreJob("job-1", testingPlanARN, "COMPLETED", "SUCCESSFUL")}}}, ""},
			"judged well, on the second page": {backupWorld{pages: [][]map[string]any{{restoreJob("job-1", testingPlanARN, "FAILED", "")}, {restoreJob("job-2", testingPlanARN, "COMPLETED", "SUCCESSFUL")}}}, ""},
			"no test at all":                  {backupWorld{pages: [][]map[string]any{{}}}, "no restore test of it was started"},
			"the verdict never came":          {backupWorld{pages: [][]map[string]any{{restoreJob("job-1", testingPlanARN, "COMPLETED", "TIMED_OUT")}}}, "job-1 COMPLETED, judged TIMED_OUT"},
			"still waited for":                {backupWorld{pages: [][]map[string]any{{restoreJob("job-1", testingPlanARN, "COMPLETED", "VALIDATING")}}}, "judged VALIDATING"},
			"judged badly":                    {backupWorld{pages: [][]map[string]any{{restoreJob("job-1", testingPlanARN, "COMPLETED", "FAILED")}}}, "judged FAILED"},
			"the restore failed":              {backupWorld{pages: [][]map[string]any{{restoreJob("job-1", testingPlanARN, "FAILED", "")}}}, "job-1 FAILED, judged not at all"},
			"of another plan":                 {backupWorld{pages: [][]map[string]any{{restoreJob("job-1", otherPlan, "COMPLETED", "SUCCESSFUL")}}}, "no restore test of it was started"},
			"of nobody's plan":                {backupWorld{pages: [][]map[string]any{{restoreJob("job-1", "", "COMPLETED", "SUCCESSFUL")}}}, "no restore test of it was started"},
			"of another database":             {backupWorld{database: database + "-2", pages: [][]map[string]any{{restoreJob("job-1", testingPlanARN, "COMPLETED", "SUCCESSFUL")}}}, "no restore test of it was started"},
			"AWS Backup does not answer":      {backupWorld{err: errors.New("AccessDeniedException")}, "AccessDeniedException"},
		} {
			world := each.world
			world.t = t
			if world.database == "" {
				world.database = database
			}
			execution, err := automation.Execute(t.Context(), text, map[string]string{"Days": "19"}, &world)
			if errors.Is(err, automation.ErrNoPython) {
				t.Skip(err)
			}
			require.NoError(t, err, name)
			require.Equal(t, each.says != "", execution.Failed, "%s: %v", name, execution.Err)
			if each.says != "" {
				require.ErrorContains(t, execution.Err, each.says, name)
			}
			require.WithinDuration(t, time.Now().AddDate(0, 0, -19), world.since, time.Hour, name)
		}
	}
}

// TestTheProofOfEveryMonthIsLookedForAfterItsTestAndIsThatOfNoOther goes through years of tests: whatever is restored on whatever day, however
// long its verdict may be waited for.
func TestTheProofOfEveryMonthIsLookedForAfterItsTestAndIsThatOfNoOther(t *testing.T) {
	const lookBack, oldest, begins = 19, 7, time.Hour // the first two in days
	for _, day := range []int{1, 3, 19, 20, 25, 26, 27, 28} {
		for _, hours := range []int{1, 24, 25, 168} {
			recording := recorder.Run(t, proven(components.Aurora, components.RestoreTestingArgs{Day: day, At: "23:30", ValidationHours: hours}))
			require.Equal(t, fmt.Sprintf(`{"Days":["%d"]}`, lookBack), recording.One(t, eventTargetToken, proveName+"-start").Text(t, "input"))
			checkDay := 0
			_, err := fmt.Sscanf(recording.One(t, eventRuleToken, proveName+"-start").Text(t, "scheduleExpression"), "cron(30 23 %d * ? *)", &checkDay)
			require.NoError(t, err)
			require.LessOrEqual(t, checkDay, 28, "every month has it")
			for month := range 50 {
				test := time.Date(2024, time.January+time.Month(month), day, 23, 30, 0, 0, time.UTC)
				looked := time.Date(test.Year(), test.Month(), checkDay, 23, 30, 0, 0, time.UTC)
				if !looked.After(test) {
					looked = time.Date(test.Year(), test.Month()+1, checkDay, 23, 30, 0, 0, time.UTC)
				}
				since := looked.AddDate(0, 0, -lookBack)
				require.GreaterOrEqual(t, looked.Sub(test), begins+23*time.Hour+time.Duration(hours)*time.Hour, "day %d, %d h, %s: a restore has 23 h", day, hours, test)
				require.True(t, since.Before(test.AddDate(0, 0, -oldest)), "day %d, %d h, %s: what it restored counts", day, hours, test)
				require.True(t, since.After(time.Date(test.Year(), test.Month()-1, day, 23, 30, 0, 0, time.UTC).Add(begins)), "day %d, %d h, %s: the month before does not", day, hours, test)
			}
		}
	}
}

func TestAMonthWithoutAProofIsATicket(t *testing.T) {
	recording := recorder.Run(t, proven(components.Aurora, components.RestoreTestingArgs{}))
	require.Equal(t, "cron(0 9 5 * ? *)", recording.One(t, eventRuleToken, proveName+"-start").Text(t, "scheduleExpression"))
	rule := recording.One(t, eventRuleToken, proveName+"-failed")
	require.Regexp(t, `"Definition":\["`+proveName+`-[0-9a-f]{7}"\],"Status":\["Failed","TimedOut","Cancelled"\]`, rule.Text(t, "eventPattern"))
	require.Equal(t, homeTopic, recording.One(t, eventTargetToken, proveName+"-failed").Text(t, "arn"))
	require.Regexp(t, `^arn:aws:ssm:eu-central-1:`+account+`:automation-definition/`+proveName+`-[0-9a-f]{7}:\$DEFAULT$`,
		recording.One(t, eventTargetToken, proveName+"-start").Text(t, "arn"))

	for _, without := range []pulumi.RunFunc{judged(components.Aurora), recovered(components.Aurora, func(args *components.DatabaseRecoveryArgs) {
		args.TicketsTopicARN = pulumi.String(homeTopic)
	})} {
		for _, each := range recorder.Run(t, without).OfType(documentToken) {
			require.NotContains(t, each.URN, "prove", "nobody would be told, or nothing is tested")
		}
	}
}

func TestTheRoleThatLooksForProofsMayDoExactlyThis(t *testing.T) {
	recording := recorder.Run(t, proven(components.Aurora, components.RestoreTestingArgs{}))
	document := documentOf(t, recording, proveName)
	golden.JSON(t, "testdata/recovery.prove.role.golden.json", document.policy)
	golden.JSON(t, "testdata/recovery.aurora.prove.document.golden.json", document.text)
	golden.JSON(t, "testdata/recovery.home.trust.golden.json", document.role)
	golden.JSON(t, "testdata/recovery.prove.start.role.golden.json", recording.One(t, rolePolicyToken, proveName+"-start").Text(t, "policy"))
	golden.JSON(t, "testdata/recovery.validate.start.trust.golden.json", recording.One(t, roleToken, proveName+"-start").Text(t, "assumeRolePolicy"))
	policy, err := iameval.ParseIdentity(document.policy)
	require.NoError(t, err)
	for action, want := range map[string]iameval.Decision{
		"backup:ListRestoreJobsByProtectedResource": iameval.Allow, "backup:PutRestoreValidationResult": iameval.ImplicitDeny,
		"backup:StartRestoreJob": iameval.ImplicitDeny, "rds:DescribeDBClusters": iameval.ImplicitDeny,
	} {
		decision, err := policy.Evaluate(iameval.Request{Action: action, Resource: "*"})
		require.NoError(t, err)
		require.Equal(t, want, decision, action)
	}
}

func TestARecoveryIsToldOfATimeOfTestsThatThereIs(t *testing.T) {
	_, err := recorder.RunErr(proven(components.Aurora, components.RestoreTestingArgs{Day: 29, At: "9", ValidationHours: 169}))
	for _, path := range []string{"restoreTesting.day", "restoreTesting.at", "restoreTesting.validationHours"} {
		require.ErrorContains(t, err, path)
	}
}
