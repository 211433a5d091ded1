package components

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// startMinutes is within how long AWS Backup starts a job that is due: the shortest that it takes. completionMinutes is after how long
	// a job that is not done is cancelled: half a day, so that it is over before the next night. Copies are not counted in
	// (https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html).
	startMinutes      = 60
	completionMinutes = 12 * 60
	// maxTestPlanName is AWS's limit in characters
	// (https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html#restore-testing-quotas).
	maxTestPlanName = 50
	// testedDays is how old what is restored may be: a test restores the latest of them. A database that has none is left out of a test
	// without a word, which is why the alarms tell first.
	testedDays = 7
)

// buildPlan builds the plan with its one rule. Databases have no cold storage, to which AWS Backup could move what is seldom read
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-feature-availability.html), and their own automated backups restore to any second,
// so there is neither here.
func (b *Backups) buildPlan(ctx *pulumi.Context) (err error) {
	b.built.plan, err = backup.NewPlan(ctx, b.name, transformed(&backup.PlanArgs{
		Rules: backup.PlanRuleArray{backup.PlanRuleArgs{
			RuleName: pulumi.String("nightly"), TargetVaultName: b.built.vault.Name, Schedule: pulumi.String(b.args.Schedule),
			ScheduleExpressionTimezone: pulumi.String("Etc/UTC"), StartWindow: pulumi.Int(startMinutes), CompletionWindow: pulumi.Int(completionMinutes),
			Lifecycle: backup.PlanRuleLifecycleArgs{DeleteAfter: pulumi.Int(b.args.RetentionDays)},
			CopyActions: backup.PlanRuleCopyActionArray{backup.PlanRuleCopyActionArgs{
				DestinationVaultArn: b.built.copyVault.Arn, Lifecycle: backup.PlanRuleCopyActionLifecycleArgs{DeleteAfter: pulumi.Int(b.args.CopyRetentionDays)},
			}},
			RecoveryPointTags: tagsNamed(b.args.Tags, b.name),
		}},
		Tags: tagsNamed(b.args.Tags, b.name),
	}, b.args.Transform.Plan), pulumi.Parent(b))
	return err
}

// buildRestoreTesting builds the plan of the restore tests, in the databases' Region.
func (b *Backups) buildRestoreTesting(ctx *pulumi.Context) error {
	name, err := b.restoreTestingName(ctx)
	if err != nil {
		return err
	}
	b.built.restoreTesting, err = backup.NewRestoreTestingPlan(ctx, b.name, transformed(&backup.RestoreTestingPlanArgs{
		Name:                       pulumi.String(name),
		ScheduleExpression:         pulumi.String(b.args.RestoreTesting.monthly(b.args.RestoreTesting.Day)),
		ScheduleExpressionTimezone: pulumi.String("Etc/UTC"), StartWindowHours: pulumi.Int(1),
		RecoveryPointSelection: backup.RestoreTestingPlanRecoveryPointSelectionArgs{
			Algorithm: pulumi.String("LATEST_WITHIN_WINDOW"), IncludeVaults: pulumi.StringArray{b.built.vault.Arn},
			RecoveryPointTypes: pulumi.ToStringArray([]string{"SNAPSHOT"}), SelectionWindowDays: pulumi.Int(testedDays),
		},
		Tags: tagsNamed(b.args.Tags, b.name),
	}, b.args.Transform.RestoreTestPlan), pulumi.Parent(b))
	return err
}

// restoreTestingName is made of project, stack and name: it is unique in the account and Region, and takes no hyphens, which
// auto-naming would put there.
func (b *Backups) restoreTestingName(ctx *pulumi.Context) (string, error) {
	return RestoreTestingPlanName(ctx.Project(), ctx.Stack(), b.name)
}

// RestoreTestingPlanName is what AWS calls the restore testing plan of the backups of that name in a stack of a project, or an error that says
// what to shorten.
func RestoreTestingPlanName(project, stack, name string) (string, error) {
	text := strings.ToLower(strings.Join([]string{project, stack, name}, "_"))
	text = notInIdentifiers.ReplaceAllString(text, "_")
	if len(text) > maxTestPlanName {
		return "", fmt.Errorf("backups %s: %q, made of project, stack and name, is longer than the %d characters that a restore testing plan's name may have; shorten one of them",
			name, text, maxTestPlanName)
	}
	return text, nil
}

// nightly is when jobs may start, every day.
func (a BackupsArgs) nightly() span {
	match := nightSyntax.FindStringSubmatch(a.Schedule)
	minute, _ := strconv.Atoi(match[1]) // the syntax has digits there
	hour, _ := strconv.Atoi(match[2])
	return span{begin: hour*60 + minute, length: startMinutes}
}
