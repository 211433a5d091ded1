package kinds

import (
	"regexp"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var (
	scheduleName   = regexp.MustCompile(`^[0-9A-Za-z_.-]+$`)
	scheduleSyntax = regexp.MustCompile(`^(rate\([1-9][0-9]* (minutes?|hours?|days?)\)|cron\(\S+( \S+){5}\)|at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\))$`)
)

// Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html and API_Target.html beside it.
var _ = register(&Kind{
	Token:    Schedule,
	Args:     scheduler.ScheduleArgs{},
	Resource: &scheduler.Schedule{},
	API:      API{Service: "Scheduler", Noun: "EventBridge Scheduler Schedule", Create: "CreateSchedule", Update: "UpdateSchedule", Delete: "DeleteSchedule"},
	Name:     &AutoName{Property: "name", Max: 64, Unless: []string{"namePrefix"}},
	Defaults: []Default{
		{Path: "scheduleExpressionTimezone", Value: Text("UTC")}, {Path: "state", Value: Text("ENABLED")},
		{Path: "target.retryPolicy.maximumEventAgeInSeconds", Value: Number(86400)}, {Path: "target.retryPolicy.maximumRetryAttempts", Value: Number(185)},
	},
	Rules: []Rule{
		LengthIn("name", 1, 64), Conflicting("name", "namePrefix"), Matching("name", scheduleName, "only letters, digits and _.- allowed"),
		LengthIn("description", 0, 512), LengthIn("scheduleExpression", 1, 256), LengthIn("scheduleExpressionTimezone", 1, 50),
		OneOf("flexibleTimeWindow.mode", "OFF", "FLEXIBLE"), InRange("flexibleTimeWindow.maximumWindowInMinutes", 1, 1440), OneOf("state", "ENABLED", "DISABLED"),
		InRange("target.retryPolicy.maximumEventAgeInSeconds", 60, 86400), InRange("target.retryPolicy.maximumRetryAttempts", 0, 185),
		lacking("encryption of schedules under keys of their own", "kmsKeyArn"),
		{Name: "ARN of the role", Broken: func(d *Draft) *Refusal {
			if role := d.At("target.roleArn"); !role.Unknown() && !isARN(role.Text()) {
				return Refuse("target.roleArn", "\"target.roleArn\" (%s) is an invalid ARN: arn: invalid prefix", role.Text())
			}
			return nil
		}},
		schedulerRefuses("a window that fits its mode", func(d *Draft) *Refusal {
			if has := d.Has("flexibleTimeWindow.maximumWindowInMinutes"); has != (d.Text("flexibleTimeWindow.mode") == "FLEXIBLE") {
				return Refuse("flexibleTimeWindow", "The MaximumWindowInMinutes of a flexible time window must be set when its mode is FLEXIBLE, and only then.")
			}
			return nil
		}),
		schedulerRefuses("a schedule expression", func(d *Draft) *Refusal {
			if text := d.Text("scheduleExpression"); !scheduleSyntax.MatchString(text) {
				return Refuse("scheduleExpression", "Invalid Schedule Expression %s.", text)
			}
			return nil
		}),
		schedulerRefuses("a time zone", func(d *Draft) *Refusal {
			name := d.Text("scheduleExpressionTimezone")
			if _, err := time.LoadLocation(name); len(name) <= 50 && (err != nil || name == "Local") {
				return Refuse("scheduleExpressionTimezone", "Invalid Schedule Expression Timezone %s.", name)
			}
			return nil
		}),
		schedulerRefuses("a role that the scheduler may assume", schedulerRole),
		{Name: "a group that exists", Stage: AtApply, Code: "ResourceNotFoundException", Broken: func(d *Draft) *Refusal {
			if group := d.Text("groupName"); group != "" && group != "default" {
				return Refuse("groupName", "Schedule group %s does not exist.", group)
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "ConflictException", Broken: func(d *Draft) *Refusal {
			if d.FindBy(Schedule, "name", d.Text("name")) != nil {
				return Refuse("name", "Schedule %s already exists.", d.Text("name"))
			}
			return nil
		}},
	},
	Replaces: []string{"name", "namePrefix", "groupName"},
	ID:       func(d *Draft) string { return d.Output("groupName").Text() + "/" + d.Output("name").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")), fixed("groupName", Text("default")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("scheduler", "schedule/"+d.Output("groupName").Text()+"/"+d.Output("name").Text()))
		}},
	},
})

func schedulerRefuses(name string, broken func(d *Draft) *Refusal) Rule {
	return Rule{Name: name, Stage: AtApply, Code: "ValidationException", Broken: broken}
}

// schedulerRole refuses a role that is not there, or whose trust policy does not admit the service. What the target needs is asked
// for only when the schedule fires, and a target that is not there is not noticed before.
// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/troubleshooting.html
func schedulerRole(d *Draft) *Refusal {
	arn := d.Text("target.roleArn")
	if group := d.Text("groupName"); !isARN(arn) || group != "" && group != "default" {
		return nil // refused for that
	}
	refusal := Refuse("target.roleArn", "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	role := d.FindBy(Role, "arn", arn)
	if role == nil {
		return refusal
	}
	context := keyContext{
		"aws:sourceaccount": d.Account,
		"aws:sourcearn":     d.ARN("scheduler", "schedule-group/default"),
	}
	if !keyAllows(role.Text("assumeRolePolicy"), byService("scheduler.amazonaws.com"), []string{"sts:AssumeRole"}, context) {
		return refusal
	}
	return nil
}
