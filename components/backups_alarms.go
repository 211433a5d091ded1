package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// An alarm looks at the time up to now, every minute, and CloudWatch's metric of a night's job comes within 5 minutes
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html and
// https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html). In 24 hours up to now there is at times no job, though every night had one,
// since none begins and ends as the one before did. So each looks back further: a backup may be 3 hours later than the one before, of which 1 is
// AWS Backup's to start it, and a copy 6. The figures are ours.
const (
	hoursOfDay        = 24
	backupLateHours   = 3
	copyLateHours     = 6
	silentNights      = 3
	secondsOfHour     = 3600
	secondsOfWeek     = 7 * hoursOfDay * secondsOfHour
	completedInAWeek  = 2
	backupsNamespace  = "AWS/Backup"
	zeroWhereNoMetric = "FILL(completed, 0)"
)

// neverHadANight is for whoever reads the ticket of a new stack. Nothing fails where Aurora is not opted in, and nothing pages.
const neverHadANight = ". Where there never was one, this is all that tells: look at the account's opt-in to AWS Backup first" +
	" (aws backup describe-region-settings, in both Regions; Aurora must be true)"

// watched is what should happen every night.
type watched struct {
	name, noun, metric string
	vault              pulumi.StringOutput
	lateHours          int
}

// buildAlarms builds them for recovery points and for copies. Both metrics are of this Region; that of a copy has the vault that received it.
func (b *Backups) buildAlarms(ctx *pulumi.Context) error {
	for _, each := range []watched{
		{name: b.name, noun: "recovery point", metric: "NumberOfBackupJobsCompleted", vault: b.built.vault.Name, lateHours: backupLateHours},
		{name: b.copyName(), noun: "copy of a recovery point in " + b.args.RecoveryRegion, metric: "NumberOfCopyJobsCompleted", vault: b.built.copyVault.Name, lateHours: copyLateHours},
	} {
		if err := b.watch(ctx, each); err != nil {
			return err
		}
	}
	return nil
}

// watch builds a ticket for one night in which something is missing, and a page for three in which there was nothing at all.
//
// AWS reports what happened and nothing for what did not, and an alarm that finds no data goes back to the last that there was, days ago
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html): so a gap is filled with 0. A stack that is new has the
// same gap. That is worth its ticket, which the first night closes, and no page: the page asks as well for two jobs in the last week. So a stack that
// never had a night has that one ticket and nothing more, which its description says.
func (b *Backups) watch(ctx *pulumi.Context, what watched) error {
	if _, err := b.alarm(ctx, what, alarmSpec{
		name: what.name + "-missing", atLeast: b.args.Databases, seconds: (hoursOfDay + what.lateHours) * secondsOfHour, topic: b.args.Tickets,
		description: fmt.Sprintf("A night without a %s of every database of %s%s", what.noun, b.name, neverHadANight),
	}); err != nil {
		return err
	}
	silent, err := b.alarm(ctx, what, alarmSpec{
		name: what.name + "-silent", atLeast: 1, seconds: (silentNights*hoursOfDay + what.lateHours) * secondsOfHour,
		description: fmt.Sprintf("Three nights without any %s of %s", what.noun, b.name),
	})
	if err != nil {
		return err
	}
	lately, err := b.alarm(ctx, what, alarmSpec{
		name: what.name + "-lately", atLeast: completedInAWeek, seconds: secondsOfWeek,
		description: fmt.Sprintf("OK while there are two nights of the last week with a %s of %s: it keeps what is new from paging", what.noun, b.name),
	})
	if err != nil {
		return err
	}
	name := what.name + "-" + nights
	args := &cloudwatch.CompositeAlarmArgs{
		// Its name is fixed, since the policy of the topic of pages knows it by that.
		AlarmName:        pulumi.String(pageAlarmName(b.home(ctx), what.name, nights)),
		AlarmDescription: pulumi.String(fmt.Sprintf("Three nights in a row there was no %s of %s", what.noun, b.name)),
		AlarmRule:        pulumi.Sprintf(`ALARM("%s") AND OK("%s")`, silent.Name, lately.Name),
		Tags:             tagsNamed(b.args.Tags, name),
	}
	if b.args.Pages != nil {
		// It ends by itself when the last week holds no night any more, which is no recovery: nothing is told then.
		args.AlarmActions = pulumi.StringArray{b.args.Pages}
	}
	_, err = cloudwatch.NewCompositeAlarm(ctx, name, transformed(args, b.args.Transform.CompositeAlarm), pulumi.Parent(b))
	return err
}

// alarmSpec is an alarm when there were fewer completed jobs than so many in so many seconds.
type alarmSpec struct {
	name, description string
	atLeast, seconds  int
	topic             pulumi.StringInput
}

func (b *Backups) alarm(ctx *pulumi.Context, what watched, spec alarmSpec) (*cloudwatch.MetricAlarm, error) {
	args := &cloudwatch.MetricAlarmArgs{
		AlarmDescription: pulumi.String(spec.description), ComparisonOperator: pulumi.String("LessThanThreshold"), Threshold: pulumi.Float64(spec.atLeast),
		EvaluationPeriods: pulumi.Int(1), DatapointsToAlarm: pulumi.Int(1),
		TreatMissingData: pulumi.String("breaching"), // of a metric that never was, there is nothing to fill
		MetricQueries: cloudwatch.MetricAlarmMetricQueryArray{
			&cloudwatch.MetricAlarmMetricQueryArgs{
				Id: pulumi.String("nights"), Label: pulumi.String("completed"), Expression: pulumi.String(zeroWhereNoMetric), ReturnData: pulumi.Bool(true),
			},
			&cloudwatch.MetricAlarmMetricQueryArgs{Id: pulumi.String("completed"), Metric: &cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace: pulumi.String(backupsNamespace), MetricName: pulumi.String(what.metric), Dimensions: pulumi.StringMap{"BackupVaultName": what.vault},
				Period: pulumi.Int(spec.seconds), Stat: pulumi.String("Sum"),
			}},
		},
		Tags: tagsNamed(b.args.Tags, spec.name),
	}
	if spec.topic != nil {
		args.AlarmActions, args.OkActions = pulumi.Array{spec.topic}, pulumi.Array{spec.topic}
	}
	return cloudwatch.NewMetricAlarm(ctx, spec.name, transformed(args, b.args.Transform.Alarm), pulumi.Parent(b))
}
