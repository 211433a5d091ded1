package components_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	backupsToken          = "aplomb:components:Backups"
	vaultToken            = "aws:backup/vault:Vault"
	vaultPolicyToken      = "aws:backup/vaultPolicy:VaultPolicy"
	vaultLockToken        = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
	backupPlanToken       = "aws:backup/plan:Plan"
	selectionToken        = "aws:backup/selection:Selection"
	restorePlanToken      = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
	restoreSelectionToken = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
	regionSettingsToken   = "aws:backup/regionSettings:RegionSettings"
	eventRuleToken        = "aws:cloudwatch/eventRule:EventRule"
	eventTargetToken      = "aws:cloudwatch/eventTarget:EventTarget"
	compositeAlarmToken   = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	ticketsTopic          = "arn:aws:sns:eu-central-1:" + account + ":tickets"
	pagesTopic            = "arn:aws:sns:eu-central-1:" + account + ":pages"
	recoveryTicketsTopic  = "arn:aws:sns:eu-west-1:" + account + ":tickets"
	vaultARN              = "arn:aws:backup:eu-central-1:" + account + ":backup-vault:nightly"
	copyVaultARN          = "arn:aws:backup:eu-west-1:" + account + ":backup-vault:nightly-copy"
)

func backupsArgs() *components.BackupsArgs {
	return &components.BackupsArgs{
		AccountID: account, Region: "eu-central-1", RecoveryRegion: "eu-west-1",
		Tickets: pulumi.String(ticketsTopic), Pages: pulumi.String(pagesTopic), RecoveryTickets: pulumi.String(recoveryTicketsTopic),
		// Names that tests can spell.
		Transform: components.BackupsTransforms{Vault: func(args *backup.VaultArgs) {
			args.Name = args.Tags.(pulumi.StringMap)["Name"].(pulumi.String)
		}},
	}
}

// withBackups is a program with the backups nightly, which then does something with them and with a database of each args.
func withBackups(
	args *components.BackupsArgs, then func(*components.Backups, ...*components.MultiAZDatabase) error, databases ...*components.MultiAZDatabaseArgs,
) pulumi.RunFunc {
	return inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		recovery, err := aws.NewProvider(ctx, "eu-west-1", &aws.ProviderArgs{
			Region: pulumi.String("eu-west-1"), AllowedAccountIds: pulumi.ToStringArray([]string{account}),
		})
		if err != nil {
			return err
		}
		args.RecoveryProvider = recovery
		backups, err := components.NewBackups(ctx, "nightly", args, provider)
		if err != nil {
			return err
		}
		var built []*components.MultiAZDatabase
		for index, each := range databases {
			each.RecoveryProvider = recovery
			if err := giveRunner(ctx, each, provider); err != nil {
				return err
			}
			database, err := components.NewMultiAZDatabase(ctx, []string{"tickets-db", "orders-db"}[index], each, provider)
			if err != nil {
				return err
			}
			built = append(built, database)
		}
		if then == nil {
			return nil
		}
		return then(backups, built...)
	})
}

func coverAll(backups *components.Backups, databases ...*components.MultiAZDatabase) error {
	for _, each := range databases {
		if err := backups.Cover(each); err != nil {
			return err
		}
	}
	return nil
}

// recordBackups records backups that cover a database of each topology.
func recordBackups(t recorder.TB, args *components.BackupsArgs, topologies ...components.DatabaseTopology) *recorder.Recording {
	t.Helper()
	var databases []*components.MultiAZDatabaseArgs
	for _, topology := range topologies {
		databases = append(databases, databaseArgs(topology))
	}
	return recorder.Run(t, withBackups(args, coverAll, databases...))
}

// ofBackups counts what the backups are the parent of, by type.
func ofBackups(t *testing.T, recording *recorder.Recording) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, child := range recording.ChildrenOf(recording.One(t, backupsToken, "nightly").URN) {
		counts[child.Type]++
	}
	return counts
}

func TestBackupsAreExactlyTheseResourcesInPreviewAndUpdate(t *testing.T) {
	want := map[string]int{
		keyToken: 2, aliasToken: 2, vaultToken: 2, vaultPolicyToken: 2, roleToken: 2, rolePolicyToken: 2, backupPlanToken: 1, restorePlanToken: 1,
		alarmToken: 6, compositeAlarmToken: 2, eventRuleToken: 4, eventTargetToken: 4,
	}
	require.Equal(t, want, ofBackups(t, recordBackups(t, backupsArgs())))
	require.Equal(t, want, ofBackups(t, recorder.Run(t, withBackups(backupsArgs(), nil), recorder.Preview())))

	for token, count := range map[string]int{securityGroupToken: 1, rolePolicyToken: 2, selectionToken: 1, restoreSelectionToken: 1} {
		want[token] += 2 * count
	}
	args := backupsArgs()
	args.Databases = 2
	require.Equal(t, want, ofBackups(t, recordBackups(t, args, components.Aurora, components.MultiAZInstance)), "two databases are covered")
}

func TestEverythingOfTheCopiesIsInTheRecoveryRegionAndNothingElse(t *testing.T) {
	args := backupsArgs()
	args.Protect, args.ServiceOptIn = true, true
	recording := recordBackups(t, args, components.Aurora)
	var there []string
	for _, child := range recording.ChildrenOf(recording.One(t, backupsToken, "nightly").URN) {
		if strings.Contains(child.Provider, "::eu-west-1::") {
			there = append(there, child.Type+" "+child.Name)
		}
	}
	require.ElementsMatch(t, []string{
		keyToken + " nightly-copy", aliasToken + " nightly-copy", vaultToken + " nightly-copy", vaultPolicyToken + " nightly-copy", vaultLockToken + " nightly-copy",
		regionSettingsToken + " nightly-copy", eventRuleToken + " nightly-copy-failed-there", eventTargetToken + " nightly-copy-failed-there",
	}, there)
}

func TestEveryNightIsCopiedAndKeptAndNeverMovedToColdStorage(t *testing.T) {
	args := backupsArgs()
	args.RetentionDays, args.CopyRetentionDays, args.Schedule = 14, 90, "cron(30 23 ? * * *)"
	recording := recordBackups(t, args)
	rules := recording.One(t, backupPlanToken, "nightly").List(t, "rules")
	require.Equal(t, []any{map[string]any{
		"ruleName": "nightly", "targetVaultName": "nightly", "schedule": "cron(30 23 ? * * *)", "scheduleExpressionTimezone": "Etc/UTC",
		"startWindow": 60.0, "completionWindow": 720.0, "lifecycle": map[string]any{"deleteAfter": 14.0},
		"copyActions":       []any{map[string]any{"destinationVaultArn": copyVaultARN, "lifecycle": map[string]any{"deleteAfter": 90.0}}},
		"recoveryPointTags": map[string]any{"Name": "nightly"},
	}}, rules)
	for _, name := range []string{"nightly", "nightly-copy"} {
		require.Equal(t, []string{recording.One(t, keyToken, name).URN}, within(recording.One(t, vaultToken, name).PropertyDependencies["kmsKeyArn"], keyToken))
	}
}

func TestACoveredDatabaseIsBackedUpAndRestoredByItsARN(t *testing.T) {
	for topology, kind := range map[components.DatabaseTopology]string{components.Aurora: "Aurora", components.MultiAZInstance: "RDS"} {
		recording := recordBackups(t, backupsArgs(), topology)
		arn := "arn:aws:rds:eu-central-1:" + account + map[string]string{"Aurora": ":cluster:", "RDS": ":db:"}[kind] + "aplomb-test-tickets-db"
		selection := recording.One(t, selectionToken, "nightly-tickets-db")
		require.Equal(t, []string{arn}, selection.Texts(t, "resources"))
		require.False(t, selection.Has("selectionTags"))
		require.Contains(t, selection.DependsOn, recording.One(t, rolePolicyToken, "nightly").URN, "AWS looks at what the role may")
		require.Contains(t, selection.DependsOn, recording.One(t, rolePolicyToken, "nightly-of-tickets-db").URN)

		group := recording.One(t, securityGroupToken, "nightly-tickets-db")
		require.False(t, group.Has("ingress"))
		require.False(t, group.Has("egress"))
		tested := recording.One(t, restoreSelectionToken, "nightly-tickets-db")
		require.Equal(t, kind, tested.Text(t, "protectedResourceType"))
		require.Equal(t, []string{arn}, tested.Texts(t, "protectedResourceArns"))
		require.Equal(t, "tickets_db", tested.Text(t, "name"))
		require.Equal(t, 4, tested.Int(t, "validationWindowHours"))
		require.Equal(t, map[string]any{
			"dbSubnetGroupName": recording.One(t, subnetGroupToken, "tickets-db").ID, "vpcSecurityGroupIds": `["` + group.ID + `"]`,
		}, tested.Map(t, "restoreMetadataOverrides"))
	}
}

func TestRestoreTestsRunOnceAMonthFromTheVaultOfTheRegion(t *testing.T) {
	args := backupsArgs()
	args.RestoreTesting = components.RestoreTestingArgs{Day: 28, At: "14:05", ValidationHours: 168}
	plan := recordBackups(t, args).One(t, restorePlanToken, "nightly")
	require.Equal(t, "aplomb_test_nightly", plan.Text(t, "name"))
	require.Equal(t, "cron(5 14 28 * ? *)", plan.Text(t, "scheduleExpression"))
	require.Equal(t, 1, plan.Int(t, "startWindowHours"))
	require.Equal(t, map[string]any{
		"algorithm": "LATEST_WITHIN_WINDOW", "includeVaults": []any{vaultARN}, "recoveryPointTypes": []any{"SNAPSHOT"}, "selectionWindowDays": 7.0,
	}, plan.Map(t, "recoveryPointSelection"))
	_, err := recorder.RunErr(withBackups(backupsArgs(), nil), recorder.Project(strings.Repeat("p", 40)))
	require.ErrorContains(t, err, "is longer than the 50 characters that a restore testing plan's name may have; shorten one of them")
}

func TestProtectKeepsVaultsLocksKeysAndTheBackupRole(t *testing.T) {
	args := backupsArgs()
	require.Empty(t, protected(recordBackups(t, args)))
	require.Empty(t, recordBackups(t, args).OfType(vaultLockToken), "a development stack can be taken down")
	args.Protect = true
	recording := recordBackups(t, args)
	var want []string
	for _, token := range []string{keyToken, vaultToken, vaultLockToken} {
		want = append(want, token+" nightly", token+" nightly-copy")
	}
	require.ElementsMatch(t, append(want, roleToken+" nightly"), protected(recording))
	for _, lock := range recording.OfType(vaultLockToken) {
		require.Equal(t, 7, lock.Int(t, "minRetentionDays"))
		require.False(t, lock.Has("maxRetentionDays"))
		require.False(t, lock.Has("changeableForDays"), "it would be compliance")
	}
}

func TestOnlyAStatedComplianceLockCannotBeUndone(t *testing.T) {
	args := backupsArgs()
	args.VaultLock = &components.VaultLockArgs{
		Mode: components.VaultLockCompliance, MinDays: 30, MaxDays: 365, ChangeableDays: 14, NobodyCanUndoCompliance: true,
	}
	for _, lock := range recordBackups(t, args).OfType(vaultLockToken) {
		require.Equal(t, 14, lock.Int(t, "changeableForDays"))
		require.Equal(t, 30, lock.Int(t, "minRetentionDays"))
		require.Equal(t, 365, lock.Int(t, "maxRetentionDays"))
	}
}

func TestAMissingNightIsATicketAndThreeSilentOnesAPage(t *testing.T) {
	args := backupsArgs()
	args.Databases = 3
	recording := recordBackups(t, args)
	for _, each := range []struct {
		name, metric, vault string
		late                int
	}{{"nightly", "NumberOfBackupJobsCompleted", "nightly", 3}, {"nightly-copy", "NumberOfCopyJobsCompleted", "nightly-copy", 6}} {
		for suffix, want := range map[string]struct{ atLeast, hours int }{
			"-missing": {3, 24 + each.late}, "-silent": {1, 72 + each.late}, "-lately": {2, 168},
		} {
			alarm := recording.One(t, alarmToken, each.name+suffix)
			require.Equal(t, "LessThanThreshold", alarm.Text(t, "comparisonOperator"))
			require.InDelta(t, want.atLeast, alarm.Number(t, "threshold"), 0, suffix)
			require.Equal(t, "breaching", alarm.Text(t, "treatMissingData"))
			queries := alarm.List(t, "metricQueries")
			require.Equal(t, map[string]any{"id": "nights", "label": "completed", "expression": "FILL(completed, 0)", "returnData": true}, queries[0],
				"without it an alarm goes back to the last night that there was")
			require.Equal(t, map[string]any{"id": "completed", "metric": map[string]any{
				"namespace": "AWS/Backup", "metricName": each.metric, "dimensions": map[string]any{"BackupVaultName": each.vault}, "period": float64(want.hours * 3600), "stat": "Sum",
			}}, queries[1])
			require.Equal(t, suffix == "-missing", alarm.Has("alarmActions"), suffix)
		}
		missing := recording.One(t, alarmToken, each.name+"-missing")
		require.Contains(t, missing.Text(t, "alarmDescription"), "look at the account's opt-in to AWS Backup first", "of a stack that never had a night nothing else tells")
		require.Equal(t, []any{ticketsTopic}, missing.List(t, "alarmActions"))
		require.Equal(t, []any{ticketsTopic}, missing.List(t, "okActions"))
		page := recording.One(t, compositeAlarmToken, each.name+"-three-nights")
		require.Equal(t, "aplomb-test-"+each.name+"-three-nights", page.Text(t, "alarmName"))
		require.Equal(t, `ALARM("`+recording.One(t, alarmToken, each.name+"-silent").ID+`") AND OK("`+recording.One(t, alarmToken, each.name+"-lately").ID+`")`, page.Text(t, "alarmRule"))
		require.Equal(t, []any{pagesTopic}, page.List(t, "alarmActions"))
		require.False(t, page.Has("okActions"), "the last week runs out of nights before anything has recovered")
	}
}

func TestWithoutTopicsAlarmsStandWithoutActionsAndNoRuleIsBuilt(t *testing.T) {
	args := backupsArgs()
	args.Tickets, args.Pages, args.RecoveryTickets = nil, nil, nil
	recording := recordBackups(t, args)
	require.Empty(t, recording.OfType(eventRuleToken))
	alarms := append(recording.OfType(alarmToken), recording.OfType(compositeAlarmToken)...)
	require.Len(t, alarms, 8)
	for _, alarm := range alarms {
		for _, list := range []string{"alarmActions", "okActions", "insufficientDataActions"} {
			require.False(t, alarm.Has(list), "%s %s", alarm.Name, list)
		}
	}
}

func TestFailedJobsAreToldInASentence(t *testing.T) {
	var restorePlan string
	recording := recorder.Run(t, withBackups(backupsArgs(), func(backups *components.Backups, _ ...*components.MultiAZDatabase) error {
		backups.RestoreTestingPlanARN.ApplyT(func(arn string) string {
			restorePlan = arn
			return arn
		})
		return nil
	}))
	require.Regexp(t, "^arn:aws:backup:eu-central-1:"+account+":restore-testing-plan:aplomb_test_nightly-", restorePlan)
	for name, want := range map[string]struct{ topic, pattern, sentence string }{
		"nightly-failed": {ticketsTopic,
			`{"source":["aws.backup"],"detail-type":["Backup Job State Change"],"detail":{"backupVaultName":["nightly"],"state":["FAILED","EXPIRED","ABORTED","PARTIAL"]}}`,
			`"The backup of <database> is <state>, and there is none of this night. AWS Backup says: <why> (backup job <job>)"`},
		"nightly-copy-failed": {ticketsTopic,
			`{"source":["aws.backup"],"detail-type":["Copy Job State Change"],"detail":{"sourceBackupVaultArn":["` + vaultARN + `"],"state":["FAILED","PARTIAL"]}}`,
			`"The copy of <database> to another Region is <state>, and there is none of this night. AWS Backup says: <why> (copy job <job>)"`},
		"nightly-copy-failed-there": {recoveryTicketsTopic,
			`{"source":["aws.backup"],"detail-type":["Copy Job State Change"],"detail":{"destinationBackupVaultArn":["` + copyVaultARN + `"],"state":["FAILED","PARTIAL"]}}`,
			`"The copy of <database> to another Region is <state>, and there is none of this night. AWS Backup says: <why> (copy job <job>)"`},
		"nightly-restore-test-failed": {ticketsTopic,
			`{"source":["aws.backup"],"detail-type":["Restore Job State Change"],"detail":{"restoreTestingPlanArn":["RESTORE"],"status":["FAILED","ABORTED"]}}`,
			`"The restore test of <database> is <status>: nothing proves this month that its backups can be restored. AWS Backup says: <why> (restore job <job>)"`},
	} {
		rule, target := recording.One(t, eventRuleToken, name), recording.One(t, eventTargetToken, name)
		require.JSONEq(t, strings.Replace(want.pattern, "RESTORE", restorePlan, 1), rule.Text(t, "eventPattern"), name)
		require.Equal(t, rule.ID, target.Text(t, "rule"))
		require.Equal(t, want.topic, target.Text(t, "arn"))
		require.False(t, target.Has("roleArn"), "a topic is reached by its own policy")
		require.Equal(t, want.sentence, target.Text(t, "inputTransformer.inputTemplate"))
		require.True(t, json.Valid([]byte(target.Text(t, "inputTransformer.inputTemplate"))))
		paths := target.Map(t, "inputTransformer.inputPaths")
		for placeholder := range paths {
			require.Contains(t, want.sentence, "<"+placeholder+">", "%s: a path that nothing says", name)
		}
		require.Equal(t, len(paths), strings.Count(want.sentence, "<"), "%s: what is said has a path", name)
	}
}

func TestTheAccountIsOptedInOnlyWhenAsked(t *testing.T) {
	require.Empty(t, recordBackups(t, backupsArgs()).OfType(regionSettingsToken))
	args := backupsArgs()
	args.ServiceOptIn = true
	settings := recordBackups(t, args).OfType(regionSettingsToken)
	require.Len(t, settings, 2)
	for _, each := range settings {
		require.Equal(t, map[string]any{"Aurora": true, "RDS": true}, each.Map(t, "resourceTypeOptInPreference"))
	}
}

func TestVaultPoliciesAndKeysAreExactlyThese(t *testing.T) {
	recording := recordBackups(t, backupsArgs(), components.Aurora)
	golden.JSON(t, "testdata/backups.vault.golden.json", recording.One(t, vaultPolicyToken, "nightly").Text(t, "policy"))
	golden.JSON(t, "testdata/backups.copy-vault.golden.json", recording.One(t, vaultPolicyToken, "nightly-copy").Text(t, "policy"))
	args := backupsArgs()
	args.EmptyOnDelete = true
	recording = recordBackups(t, args)
	require.NotContains(t, recording.One(t, vaultPolicyToken, "nightly").Text(t, "policy"), "DeleteRecoveryPoint", "what nobody may delete does not go with the vault")
	require.True(t, recording.One(t, vaultToken, "nightly-copy").Bool(t, "forceDestroy"))
}

func TestEveryBackupsTransformHasTheLastWord(t *testing.T) {
	args := backupsArgs()
	changed := pulumi.StringMap{"changed": pulumi.String("yes")}
	args.Transform = components.BackupsTransforms{
		Key:                  func(a *kms.KeyArgs) { a.Tags = changed },
		Vault:                func(a *backup.VaultArgs) { a.Tags = changed },
		Role:                 func(a *iam.RoleArgs) { a.Tags = changed },
		Plan:                 func(a *backup.PlanArgs) { a.Tags = changed },
		Selection:            func(a *backup.SelectionArgs) { a.Name = pulumi.String("changed") },
		RestoreTestPlan:      func(a *backup.RestoreTestingPlanArgs) { a.Tags = changed },
		RestoreTestSelection: func(a *backup.RestoreTestingSelectionArgs) { a.Name = pulumi.String("changed") },
		SecurityGroup:        func(a *ec2.SecurityGroupArgs) { a.Tags = changed },
		Alarm:                func(a *cloudwatch.MetricAlarmArgs) { a.Tags = changed },
		CompositeAlarm:       func(a *cloudwatch.CompositeAlarmArgs) { a.Tags = changed },
	}
	recording := recordBackups(t, args, components.Aurora)
	seen := map[string]int{}
	for _, child := range recording.ChildrenOf(recording.One(t, backupsToken, "nightly").URN) {
		if child.Has("tags.changed") || child.Has("name") && child.Text(t, "name") == "changed" {
			seen[child.Type]++
		}
	}
	require.Equal(t, map[string]int{
		keyToken: 2, vaultToken: 2, roleToken: 2, backupPlanToken: 1, selectionToken: 1, restorePlanToken: 1, restoreSelectionToken: 1, securityGroupToken: 1, alarmToken: 6,
		compositeAlarmToken: 2,
	}, seen)
}
