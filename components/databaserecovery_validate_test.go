package components_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	validateName = "tickets-recovery-validate"
	tested       = "awsbackup-restore-test-1a2b"
)

func judged(topology components.DatabaseTopology) pulumi.RunFunc {
	return recovered(topology, func(args *components.DatabaseRecoveryArgs) {
		args.RestoreTestingPlanARN = pulumi.String(testingPlanARN)
	})
}

// testedAWS is AWS when a restore test has restored: what it made, which nobody can ask yet.
func testedAWS(t *testing.T, topology components.DatabaseTopology, recording *recorder.Recording, policy string) (*fakeAWS, *fakeDatabase) {
	t.Helper()
	fake := homeAWS(t, topology, recording, policy)
	kind := map[bool]string{true: "db", false: "cluster"}[topology == components.MultiAZInstance]
	restored := fake.add(kind, tested, "")
	restored.secret = ""
	fake.jobSource, fake.jobCreated = fake.arn(kind, live), fake.arn(kind, tested)
	return fake, restored
}

func TestARestoreTestIsJudgedByAQueryAndLeavesNoInstanceBehind(t *testing.T) {
	for _, topology := range recoverable {
		for holds, verdict := range map[bool]string{true: "job-1 SUCCESSFUL", false: "job-1 FAILED"} {
			recording := recorder.Run(t, judged(topology))
			document := documentOf(t, recording, validateName)
			fake, restored := testedAWS(t, topology, recording, document.policy)
			fake.answer = func(string) bool { return holds }
			execution := fake.run(document.text, map[string]string{"RestoreJobId": "job-1"})
			fake.Pass(longWhile)
			require.Equal(t, !holds, execution.Failed, "%s: %v", topology, execution.Err)
			require.Equal(t, []string{verdict}, fake.verdicts)
			require.Empty(t, fake.members(tested), "AWS Backup could not delete a cluster that has one")
			require.Same(t, restored, fake.database(topology, tested), "AWS Backup deletes what it restored")
			require.Zero(t, fake.database(topology, live).readyAt, "nobody touched the live one")
		}
	}
}

func TestAnyStepOfAJudgementThatFailsIsAVerdictAndLeavesNoInstanceBehind(t *testing.T) {
	recording := recorder.Run(t, judged(components.Aurora))
	document := documentOf(t, recording, validateName)
	for _, operation := range []string{"EnableHttpEndpoint", "CreateDBInstance", "ModifyDBCluster", "DescribeDBClusters", "DescribeDBInstances", "ExecuteStatement"} {
		fake, _ := testedAWS(t, components.Aurora, recording, document.policy)
		fake.broken[operation] = 1
		execution := fake.run(document.text, map[string]string{"RestoreJobId": "job-1"})
		require.True(t, execution.Failed, operation)
		require.Equal(t, []string{"job-1 FAILED"}, fake.verdicts, operation)
		fake.Pass(longWhile)
		require.Empty(t, fake.members(tested), operation)
	}
}

func TestTheInstanceIsDeletedBeforeTheVerdictAlsoWhenItCannotBeAtFirst(t *testing.T) {
	recording := recorder.Run(t, judged(components.Aurora))
	document := documentOf(t, recording, validateName)
	for _, holds := range []bool{true, false} {
		for _, refused := range []int{0, 1, 3} {
			fake, _ := testedAWS(t, components.Aurora, recording, document.policy)
			fake.answer, fake.refused["DeleteDBInstance"] = func(string) bool { return holds }, refused
			execution := fake.run(document.text, map[string]string{"RestoreJobId": "job-1"})
			require.Equal(t, !holds, execution.Failed)
			require.Less(t, slices.Index(fake.calls, "DeleteDBInstance"), slices.Index(fake.calls, "PutRestoreValidationResult"))
			require.Len(t, fake.verdicts, 1)
			fake.Pass(longWhile)
			require.Empty(t, fake.members(tested))
		}
	}
	fake, _ := testedAWS(t, components.Aurora, recording, document.policy)
	fake.broken["DeleteDBInstance"] = 1
	execution := fake.run(document.text, map[string]string{"RestoreJobId": "job-1"})
	require.True(t, execution.Failed, "what is left behind is a ticket")
	require.Equal(t, []string{"job-1 SUCCESSFUL"}, fake.verdicts)
	require.Equal(t, live, fake.instances[tested+"-1"].tags["aplomb:restored-from"], "and says whose it is")
}

func TestAJudgementWaitsNoLongerThanAWSBackupDoes(t *testing.T) {
	for hours, seconds := range map[int]int{0: 4 * 3600, 1: 3600, 24: 24 * 3600} {
		recording := recorder.Run(t, recovered(components.Aurora, func(args *components.DatabaseRecoveryArgs) {
			args.RestoreTestingPlanARN, args.RestoreTesting.ValidationHours = pulumi.String(testingPlanARN), hours
		}))
		parsed := struct {
			MainSteps []struct {
				Action                      string
				TimeoutSeconds, MaxAttempts int
			}
		}{}
		require.NoError(t, json.Unmarshal([]byte(documentOf(t, recording, validateName).text), &parsed))
		sum, waits := 0, 0
		for _, each := range parsed.MainSteps {
			if each.Action == "aws:waitForAwsResourceProperty" {
				waits, sum = waits+1, sum+each.TimeoutSeconds*max(1, each.MaxAttempts)
			}
		}
		require.Equal(t, 4, waits)
		require.Equal(t, seconds/9*8, sum)
	}
	require.Contains(t, recoveryFailure(components.Aurora, func(a *components.DatabaseRecoveryArgs) { a.RestoreTesting.ValidationHours = 169 }), "must be from 1 to 168 hours")
}

func TestARestoreTestOfAnotherDatabaseIsLeftAlone(t *testing.T) {
	recording := recorder.Run(t, judged(components.Aurora))
	document := documentOf(t, recording, validateName)
	fake, _ := testedAWS(t, components.Aurora, recording, document.policy)
	fake.jobSource += "-orders"
	execution := fake.run(document.text, map[string]string{"RestoreJobId": "job-1"})
	require.False(t, execution.Failed)
	require.Empty(t, fake.verdicts)
	require.Equal(t, []string{"job", "ours", "notOurs"}, execution.Names())
}

func TestAJudgementNeedsEveryActionOfItsRole(t *testing.T) {
	for _, topology := range recoverable {
		recording := recorder.Run(t, judged(topology))
		document := documentOf(t, recording, validateName)
		for _, each := range actionsOf(t, document.policy) {
			fake, _ := testedAWS(t, topology, recording, withoutAction(t, document.policy, each[0], each[1]))
			execution := fake.run(document.text, map[string]string{"RestoreJobId": "job-1"})
			require.True(t, execution.Failed, "%s: no step needs %s in %s", topology, each[1], each[0])
		}
	}
}

func TestTheRolesOfJudgementsMayDoExactlyThis(t *testing.T) {
	for _, topology := range recoverable {
		recording := recorder.Run(t, judged(topology))
		document := documentOf(t, recording, validateName)
		golden.JSON(t, "testdata/recovery."+string(topology)+".validate.role.golden.json", document.policy)
		golden.JSON(t, "testdata/recovery."+string(topology)+".validate.document.golden.json", document.text)
		golden.JSON(t, "testdata/recovery.home.trust.golden.json", document.role)
		golden.JSON(t, "testdata/recovery.validate.start.role.golden.json", recording.One(t, rolePolicyToken, validateName+"-start").Text(t, "policy"))
		golden.JSON(t, "testdata/recovery.validate.start.trust.golden.json", recording.One(t, roleToken, validateName+"-start").Text(t, "assumeRolePolicy"))
	}
}

func TestTheRoleOfAJudgementMayNot(t *testing.T) {
	document := documentOf(t, recorder.Run(t, judged(components.Aurora)), validateName)
	policy, err := iameval.ParseIdentity(document.policy)
	require.NoError(t, err)
	rds := func(kind, id string) string { return "arn:aws:rds:eu-central-1:" + account + ":" + kind + ":" + id }
	secret := "arn:aws:secretsmanager:eu-central-1:" + account + ":secret:rds!cluster-1-Ab12Cd"
	for _, request := range []iameval.Request{
		{Action: "rds:ModifyDBCluster", Resource: rds("cluster", live)}, {Action: "rds:DeleteDBInstance", Resource: rds("db", live+"-1")},
		{Action: "rds:DeleteDBInstance", Resource: rds("db", tested+"-1"), Context: iameval.Context{"aws:ResourceTag/aplomb:restored-from": {live + "-orders"}}},
		{Action: "rds:DeleteDBCluster", Resource: rds("cluster", tested)}, {Action: "rds:ModifyDBCluster", Resource: rds("cluster", live+"-r-pitr")},
		{Action: "rds-data:ExecuteStatement", Resource: rds("cluster", live)}, {Action: "backup:StartRestoreJob", Resource: "*"},
		{Action: "secretsmanager:GetSecretValue", Resource: secret, Context: iameval.Context{"aws:ResourceTag/aws:rds:primaryDBClusterArn": {rds("cluster", live)}}},
	} {
		decision, err := policy.Evaluate(request)
		require.NoError(t, err)
		require.Equal(t, iameval.ImplicitDeny, decision, request)
	}
}

func TestEveryCompletedRestoreOfThePlanStartsTheDocument(t *testing.T) {
	recording := recorder.Run(t, judged(components.Aurora))
	name := validateName + "-start"
	require.JSONEq(t, `{"source":["aws.backup"],"detail-type":["Restore Job State Change"],"detail":{"status":["COMPLETED"],"restoreTestingPlanArn":["`+testingPlanARN+`"]}}`,
		recording.One(t, eventRuleToken, name).Text(t, "eventPattern"))
	target := recording.One(t, eventTargetToken, name)
	require.Regexp(t, `^arn:aws:ssm:eu-central-1:`+account+`:automation-definition/tickets-recovery-validate-[0-9a-f]{7}:\$DEFAULT$`, target.Text(t, "arn"))
	require.Equal(t, `{"RestoreJobId":["<job>"]}`, target.Text(t, "inputTransformer.inputTemplate"))
	require.Equal(t, map[string]any{"job": "$.detail.restoreJobId"}, target.Map(t, "inputTransformer.inputPaths"))
	require.Empty(t, recorder.Run(t, recovered(components.Aurora, nil)).OfType(eventRuleToken))
}

func TestEachDocumentThatFailsIsATicketInItsRegion(t *testing.T) {
	recording := recorder.Run(t, recoveredAt(components.MultiAZInstance, func(args *components.DatabaseRecoveryArgs, site *components.RecoverySite) {
		args.Site, args.SiteSQLRunnerARN = site, pulumi.String(siteRunnerARN)
		args.RestoreTestingPlanARN = pulumi.String(testingPlanARN)
		args.TicketsTopicARN, args.SiteTicketsTopicARN = pulumi.String(homeTopic), pulumi.String(siteTopic)
	}))
	for name, topic := range map[string]string{
		restoreName: homeTopic, cutOverName: homeTopic, validateName: homeTopic, copyName: siteTopic,
	} {
		rule := recording.One(t, eventRuleToken, name+"-failed")
		require.Contains(t, rule.Text(t, "eventPattern"), `"Status":["Failed","TimedOut","Cancelled"]`)
		require.Regexp(t, `"Definition":\["`+name+`-[0-9a-f]{7}"\]`, rule.Text(t, "eventPattern"))
		require.Equal(t, topic, recording.One(t, eventTargetToken, name+"-failed").Text(t, "arn"))
		require.Equal(t, topic == siteTopic, strings.HasPrefix(rule.Provider, recording.One(t, providerToken, "eu-west-1").URN))
	}
}
