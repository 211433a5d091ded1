package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const schedulerARN = "arn:aws:iam::123456789012:role/scheduler"

func schedulerTrust(service, sourceARN string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole",` +
		`"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"},"ArnEquals":{"aws:SourceArn":"` + sourceARN + `"}}}]}`
}

func scheduleTo(role string, changes In) Draft {
	return func(lab *Lab) In {
		const group = "arn:aws:scheduler:eu-central-1:123456789012:schedule-group/default"
		lab.Put(kinds.Role, "scheduler", In{"arn": schedulerARN, "assumeRolePolicy": schedulerTrust("scheduler.amazonaws.com", group)})
		lab.Put(kinds.Role, "instances", In{"arn": schedulerARN + "-ec2", "assumeRolePolicy": schedulerTrust("ec2.amazonaws.com", group)})
		lab.Put(kinds.Role, "one", In{"arn": schedulerARN + "-one",
			"assumeRolePolicy": schedulerTrust("scheduler.amazonaws.com", strings.Replace(group, "-group/default", "/default/digest", 1))})
		return changed(In{
			"name": "digest", "scheduleExpression": "cron(0 2 * * ? *)", "flexibleTimeWindow": In{"mode": "OFF"},
			"target": In{"arn": queueARN, "roleArn": role, "retryPolicy": In{"maximumRetryAttempts": 10}},
		}, changes)
	}
}

func schedule(changes In) Draft { return scheduleTo(schedulerARN, changes) }

func retries(policy In) Draft {
	return schedule(In{"target": In{"arn": queueARN, "roleArn": schedulerARN, "retryPolicy": policy}})
}

var _ = suite(kinds.Schedule, Suite{
	Valid: map[string]Draft{
		"every night": schedule(nil), "at a rate": schedule(In{"scheduleExpression": "rate(5 minutes)"}), "once": schedule(In{"scheduleExpression": "at(2027-01-01T08:00:00)"}),
		"within an hour": schedule(In{"flexibleTimeWindow": In{"mode": "FLEXIBLE", "maximumWindowInMinutes": 60}}), "at local time": schedule(In{"scheduleExpressionTimezone": "Europe/Berlin"}),
		"named by the provider": schedule(In{"name": nil}), "in the default group": schedule(In{"groupName": "default"}),
	},
	Refusals: []Refusal{
		{Rule: "length of name", Draft: schedule(In{"name": strings.Repeat("a", 65)}), Says: "range (1 - 64)"},
		{Rule: "name conflicts with namePrefix", Draft: schedule(In{"namePrefix": "a"}), Says: "conflicts with namePrefix"},
		{Rule: "pattern of name", Draft: schedule(In{"name": "nightly digest"}), Says: "only letters, digits"},
		{Rule: "length of description", Draft: schedule(In{"description": strings.Repeat("a", 513)}), Says: "range (0 - 512)"},
		{Rule: "length of scheduleExpression", Draft: schedule(In{"scheduleExpression": "cron(" + strings.Repeat("0,", 130) + "0 2 * * ? *)"}), Says: "range (1 - 256)"},
		{Rule: "length of scheduleExpressionTimezone", Draft: schedule(In{"scheduleExpressionTimezone": strings.Repeat("a", 51)}), Says: "range (1 - 50)"},
		{Rule: "values of flexibleTimeWindow.mode", Draft: schedule(In{"flexibleTimeWindow": In{"mode": "off"}}), Says: "to be one of"},
		{Rule: "range of flexibleTimeWindow.maximumWindowInMinutes", Draft: schedule(In{"flexibleTimeWindow": In{"mode": "FLEXIBLE", "maximumWindowInMinutes": 1441}}), Says: "range (1 - 1440)"},
		{Rule: "values of state", Draft: schedule(In{"state": "ON"}), Says: "to be one of"},
		{Rule: "range of target.retryPolicy.maximumEventAgeInSeconds", Draft: retries(In{"maximumEventAgeInSeconds": 59}), Says: "range (60 - 86400)"},
		{Rule: "range of target.retryPolicy.maximumRetryAttempts", Draft: retries(In{"maximumRetryAttempts": 186}), Says: "range (0 - 185)"},
		{Rule: "only what the sandbox has", Draft: schedule(In{"kmsKeyArn": keyOne}), Says: "encryption of schedules"},
		{Rule: "ARN of the role", Draft: scheduleTo("scheduler", nil), Says: "is an invalid ARN"},
		{Rule: "a window that fits its mode", Draft: schedule(In{"flexibleTimeWindow": In{"mode": "FLEXIBLE"}}), Says: "ValidationException"},
		{Rule: "a window that fits its mode", Draft: schedule(In{"flexibleTimeWindow": In{"mode": "OFF", "maximumWindowInMinutes": 5}}), Says: "ValidationException"},
		{Rule: "a schedule expression", Draft: schedule(In{"scheduleExpression": "0 2 * * *"}), Says: "CreateSchedule, api error ValidationException: Invalid Schedule Expression 0 2 * * *."},
		{Rule: "a time zone", Draft: schedule(In{"scheduleExpressionTimezone": "Europe/Berlino"}), Says: "Invalid Schedule Expression Timezone Europe/Berlino."},
		{Rule: "a role that the scheduler may assume", Draft: scheduleTo("arn:aws:iam::123456789012:role/gone", nil), Says: "must allow AWS EventBridge Scheduler to assume the role"},
		{Rule: "a role that the scheduler may assume", Draft: scheduleTo(schedulerARN+"-ec2", nil), Says: "must allow AWS EventBridge Scheduler to assume the role"},
		{Rule: "a role that the scheduler may assume", Draft: scheduleTo(schedulerARN+"-one", nil), Says: "must allow AWS EventBridge Scheduler to assume the role"},
		{Rule: "a group that exists", Draft: schedule(In{"groupName": "nightly"}), Says: "ResourceNotFoundException: Schedule group nightly does not exist."},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.Schedule, "default/digest", In{"name": "digest"})
			return schedule(nil)(lab)
		}, Says: "ConflictException: Schedule digest already exists."},
	},
	Replaces: []Change{{Path: "name", Before: schedule(nil), After: schedule(In{"name": "other"})}},
	Updates:  []Change{{Path: "scheduleExpression", Before: schedule(nil), After: schedule(In{"scheduleExpression": "rate(1 day)"})}},
})
