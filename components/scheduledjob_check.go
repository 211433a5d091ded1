package components

import (
	"regexp"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/schedule"
)

// The defaults of a job are ours; the ranges are AWS's
// (https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html,
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html). AWS would take a visibility timeout
// of 0 to 29 s, in which a run is handed out again before it can be done.
const (
	defaultTimeZone        = "UTC"
	defaultRetrySeconds    = 3600
	defaultHandlingSeconds = 300
	defaultAttempts        = 3
)

var regionSyntax = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)

// Check lists everything that is wrong with the arguments of the job called name; nothing when it can be built. It registers nothing.
func (a *ScheduledJobArgs) Check(name string) []check.Failure {
	c := check.New()
	checkName(c, name, naming.MaxServiceName)
	if a == nil {
		c.Missing("args", "a job needs arguments", "give account, Region and schedule")
		return c.Failures()
	}
	args := a.withDefaults()
	checkAccount(c, args.AccountID)
	if args.Region == "" {
		c.Missing("region", "policies name the Region", "give the Region of the services that consume the job")
	} else if !regionSyntax.MatchString(args.Region) {
		c.Fail("region", args.Region, "is not the name of a Region", "give a name such as eu-central-1")
	}
	if args.Schedule == "" {
		c.Missing("schedule", "a job is due at some time", "write rate(15 minutes), or cron(0 2 * * ? *) for two o'clock every night")
	} else if problem := schedule.Check(args.Schedule); problem.Limit != "" {
		c.Fail("schedule", args.Schedule, problem.Limit, problem.Remedy)
	}
	if problem := schedule.CheckTimeZone(args.TimeZone); problem.Limit != "" {
		c.Fail("timeZone", args.TimeZone, problem.Limit, problem.Remedy)
	}
	checkRange(c, "flexibleMinutes", args.FlexibleMinutes, 0, 1440, "minutes")
	checkRange(c, "retrySeconds", args.RetrySeconds, 60, 86400, "s")
	checkRange(c, "handlingSeconds", args.HandlingSeconds, 30, 43200, "s")
	checkRange(c, "attempts", args.Attempts, 1, 1000, "attempts")
	checkTags(c, args.Tags)
	return c.Failures()
}

// withDefaults is a copy in which every zero value is its default.
func (a ScheduledJobArgs) withDefaults() ScheduledJobArgs {
	a.TimeZone = orDefault(a.TimeZone, defaultTimeZone)
	a.RetrySeconds = orDefault(a.RetrySeconds, defaultRetrySeconds)
	a.HandlingSeconds = orDefault(a.HandlingSeconds, defaultHandlingSeconds)
	a.Attempts = orDefault(a.Attempts, defaultAttempts)
	return a
}
