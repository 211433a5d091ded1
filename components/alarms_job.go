package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/schedule"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// mostStalledHours is how far back an alarm on hours can look: 7 days
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
const mostStalledHours = 7 * 24

// WatchJob watches a job: that it is still started, that somebody does its runs, and that none was given up. All of it is tickets. A job that is
// due less often than every six days is not watched for a missing start, since no alarm looks back further; Alarms has no line for it then.
//
// The scheduler's own metrics count a whole schedule group, so that the start is looked for where it arrives, in the job's queue
// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html). A new job has not been started yet, which no alarm can tell
// from one that stalls: that ticket ends with the first run.
func (a *AlertingStack) WatchJob(job *ScheduledJob) error {
	if job == nil {
		return fmt.Errorf("alerting %s: no job is given; pass the one to watch", a.name)
	}
	if err := a.begin("job", job.name, job.args.AccountID, job.args.Region); err != nil {
		return err
	}
	return a.watch(a.ctx, job.name, ticketsOfJob(job)...)
}

// ticketsOfJob are metrics of the job's queues
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html).
func ticketsOfJob(j *ScheduledJob) []Alarm {
	queue, letters := pulumi.StringMap{"QueueName": j.QueueName}, pulumi.StringMap{"QueueName": j.DeadLetterQueueName}
	// Every attempt may take its time before the run is a dead letter.
	waiting := j.args.Attempts*j.args.HandlingSeconds + 300
	alarms := []Alarm{{
		Name: "given-up", Metric: Metric{Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Statistic: "Maximum", Dimensions: letters},
		Comparison: Above, Threshold: 0, Period: 60, Datapoints: 1, Periods: 1, Missing: NotBreaching, Severity: Ticket,
		Why: "A run of job " + j.name + " was given up and lies in the dead-letter queue", Playbook: "job-stalled",
	}, {
		Name: "waiting", Metric: Metric{Namespace: "AWS/SQS", Name: "ApproximateAgeOfOldestMessage", Statistic: "Maximum", Dimensions: queue},
		Comparison: Above, Threshold: float64(waiting), Period: 60, Datapoints: 3, Periods: 3, Missing: NotBreaching, Severity: Ticket,
		Why: fmt.Sprintf("A run of job %s has waited for more than %d s: nobody does it", j.name, waiting), Playbook: "job-stalled",
	}}
	if hours := stalledHours(j.args); hours <= mostStalledHours {
		alarms = append(alarms, Alarm{
			Name: "not-started", Metric: Metric{Namespace: "AWS/SQS", Name: "NumberOfMessagesSent", Statistic: "Sum", Dimensions: queue},
			Comparison: Below, Threshold: 1, Period: 3600, Datapoints: hours, Periods: hours, Missing: Breaching, Severity: Ticket,
			Why: fmt.Sprintf("Job %s was not started for %d hours, although it was due", j.name, hours), Playbook: "job-stalled",
		})
	}
	return alarms
}

// stalledHours is for how many whole hours a job's queue may receive nothing while all is well: the longest that two runs lie apart, the hour that summer
// time adds, the window, the scheduler's retries, and the hours that are only partly within.
func stalledHours(args ScheduledJobArgs) int {
	const hour = 3600
	quiet := int(schedule.LongestGap(args.Schedule).Seconds()) + hour + args.FlexibleMinutes*60 + args.RetrySeconds
	return (quiet+hour-1)/hour + 1
}
