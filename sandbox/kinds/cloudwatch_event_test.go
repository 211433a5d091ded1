package kinds_test

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const failedJobs = `{"source":["aws.backup"],"detail-type":["Backup Job State Change"],"detail":{"state":["FAILED"]}}`

func eventRule(changes In) Draft {
	return func(*Lab) In {
		return changed(In{"name": "failed", "description": "Backups that failed", "eventPattern": failedJobs}, changes)
	}
}

var _ = suite(kinds.EventRule, Suite{
	Valid: map[string]Draft{
		"of a pattern": eventRule(nil), "on a schedule": eventRule(In{"eventPattern": nil, "scheduleExpression": "cron(0 5 * * ? *)"}),
		"at a rate": eventRule(In{"eventPattern": nil, "scheduleExpression": "rate(5 minutes)"}), "off": eventRule(In{"state": "DISABLED"}),
		"named by the provider": eventRule(In{"name": nil}), "with a prefix": eventRule(In{"name": nil, "namePrefix": "failed-"}), "on the default bus": eventRule(In{"eventBusName": "default"}),
	},
	Refusals: []Refusal{
		{Rule: "pattern of name", Draft: eventRule(In{"name": "failed jobs"}), Says: "1 to 64 letters"},
		{Rule: "pattern of name", Draft: eventRule(In{"name": strings.Repeat("a", 65)}), Says: "1 to 64 letters"},
		{Rule: "name conflicts with namePrefix", Draft: eventRule(In{"namePrefix": "a"}), Says: "conflicts with namePrefix"},
		{Rule: "length of description", Draft: eventRule(In{"description": strings.Repeat("a", 513)}), Says: "range (0 - 512)"},
		{Rule: "length of scheduleExpression", Draft: eventRule(In{"scheduleExpression": "cron(" + strings.Repeat("0,", 130) + "0 2 * * ? *)"}), Says: "range (0 - 256)"},
		{Rule: "values of state", Draft: eventRule(In{"state": "ON"}), Says: "got ON"},
		{Rule: "state conflicts with isEnabled", Draft: eventRule(In{"state": "ENABLED", "isEnabled": true}), Says: "conflicts with isEnabled"},
		{Rule: "JSON of eventPattern", Draft: eventRule(In{"eventPattern": "{"}), Says: "contains an invalid JSON"},
		{Rule: "a pattern or a schedule", Draft: eventRule(In{"eventPattern": nil}), Says: "one of eventPattern, scheduleExpression must be specified"},
		{Rule: "the default event bus", Draft: eventRule(In{"eventBusName": "orders"}), Says: "PutRule, api error ResourceNotFoundException: Event bus orders does not exist."},
		{Rule: "an event pattern", Draft: eventRule(In{"eventPattern": `[]`}), Says: "InvalidEventPatternException: Event pattern is not valid. Reason: Event pattern must be a JSON object"},
		{Rule: "an event pattern", Draft: eventRule(In{"eventPattern": `{"source":"aws.backup"}`}), Says: `"source" must be an object or an array`},
		{Rule: "an event pattern", Draft: eventRule(In{"eventPattern": `{"source":[]}`}), Says: "Empty arrays are not allowed: source"},
		{Rule: "an event pattern", Draft: eventRule(In{"eventPattern": `{"detail":{"state":{}}}`}), Says: "Empty objects are not allowed: state"},
		{Rule: "size of the event pattern", Draft: eventRule(In{"eventPattern": `{"source":["` + strings.Repeat("a", 2048) + `"]}`}), Says: "LimitExceededException"},
		{Rule: "a schedule expression", Draft: eventRule(In{"scheduleExpression": "every night"}), Says: "ValidationException: Parameter ScheduleExpression is not valid."},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.EventRule, "failed", In{"name": "failed"})
			return eventRule(nil)(lab)
		}, Says: "Rule failed exists already"},
		{Rule: "targets", Draft: eventRule(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.EventTarget, "failed-one", In{"rule": made.ID})
		}, Says: "DeleteRule, api error ValidationException: Rule can't be deleted since it has targets."},
	},
	Replaces: []Change{
		{Path: "name", Before: eventRule(nil), After: eventRule(In{"name": "other"})},
		{Path: "namePrefix", Before: eventRule(In{"name": nil, "namePrefix": "a-"}), After: eventRule(In{"name": nil, "namePrefix": "b-"})},
	},
	Updates: []Change{
		{Path: "eventPattern", Before: eventRule(nil), After: eventRule(In{"eventPattern": `{"source":["aws.backup"]}`})},
		{Path: "description", Before: eventRule(nil), After: eventRule(In{"description": "Others"})},
	},
})

const eventsMay = `{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*"}`

// toTopic is a target whose topic and key have these policies.
func toTopic(ofKey, ofTopic string, changes In) Draft {
	return func(lab *Lab) In {
		alarmTopic(lab, ofKey, ofTopic)
		lab.Put(kinds.EventRule, "failed", In{"name": "failed"})
		lab.Put(kinds.EventRule, "late", In{"name": "late"})
		return changed(In{"rule": "failed", "targetId": "ticket", "arn": topicARN}, changes)
	}
}

func target(changes In) Draft {
	return toTopic(keyPolicyOf(administer, eventsMay), strings.Replace(publishing(topicARN), "cloudwatch.", "events.", 1), changes)
}

func sentence(text string, paths In) In {
	return In{"inputTransformer": In{"inputTemplate": text, "inputPaths": paths}}
}

func manyPaths(count int) In {
	paths := In{}
	for i := range count {
		paths[fmt.Sprintf("path%d", i)] = "$.detail.state"
	}
	return paths
}

var jobPath = In{"job": "$.detail.backupJobId"}

var _ = suite(kinds.EventTarget, Suite{
	Valid: map[string]Draft{
		"a topic": target(nil), "told in a sentence": target(sentence(`"Job <job> failed at <aws.events.event.ingestion-time>."`, jobPath)), "as JSON": target(sentence(`{"job":"<job>"}`, jobPath)),
		"a constant": target(In{"input": `{"a":1}`}), "a part": target(In{"inputPath": "$.detail"}), "named by the provider": target(In{"targetId": nil}),
		"a queue": target(In{"arn": queueARN}), "with retries": target(In{"retryPolicy": In{"maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 5}}),
	},
	Refusals: []Refusal{
		{Rule: "pattern of targetId", Draft: target(In{"targetId": "a ticket"}), Says: "1 to 64 letters"},
		{Rule: "input conflicts with inputPath", Draft: target(In{"input": "{}", "inputPath": "$.detail"}), Says: "conflicts with inputPath"},
		{Rule: "input conflicts with inputTransformer", Draft: target(changed(sentence(`"Failed."`, nil), In{"input": "{}"})), Says: "conflicts with inputTransformer"},
		{Rule: "inputPath conflicts with inputTransformer", Draft: target(changed(sentence(`"Failed."`, nil), In{"inputPath": "$"})), Says: "conflicts with inputTransformer"},
		{Rule: "length of input", Draft: target(In{"input": strings.Repeat("a", 8193)}), Says: "range (0 - 8192)"},
		{Rule: "length of inputPath", Draft: target(In{"inputPath": "$." + strings.Repeat("a", 256)}), Says: "range (0 - 256)"},
		{Rule: "length of inputTransformer.inputTemplate", Draft: target(sentence(strings.Repeat("a", 8193), nil)), Says: "range (1 - 8192)"},
		{Rule: "range of retryPolicy.maximumEventAgeInSeconds", Draft: target(In{"retryPolicy": In{"maximumEventAgeInSeconds": 86401}}), Says: "range (0 - 86400)"},
		{Rule: "range of retryPolicy.maximumRetryAttempts", Draft: target(In{"retryPolicy": In{"maximumRetryAttempts": 186}}), Says: "range (0 - 185)"},
		{Rule: "only what the sandbox has", Draft: target(In{"sqsTarget": In{"messageGroupId": "one"}}), Says: "the sandbox has no targets of that kind"},
		{Rule: "ARN of the target", Draft: target(In{"arn": "pages"}), Says: "\"arn\" (pages) is an invalid ARN"},
		{Rule: "paths of a template", Draft: target(sentence(`"Failed."`, manyPaths(101))), Says: "at most 100 paths"},
		{Rule: "paths of a template", Draft: target(sentence(`"Failed."`, In{"AWSjob": "$.detail"})), Says: "must not start with"},
		{Rule: "reference rule", Draft: target(In{"rule": "gone"}), Says: "PutTargets, api error ResourceNotFoundException: Rule gone does not exist on EventBus default."},
		{Rule: "the default event bus", Draft: target(In{"eventBusName": "orders"}), Says: "Event bus orders does not exist."},
		{Rule: "a target of the Region", Draft: target(In{"arn": strings.Replace(topicARN, "eu-central-1", "eu-west-1", 1)}), Says: "the target is not in eu-central-1, the Region of the rule."},
		{Rule: "a template", Draft: target(sentence(`"Job <jobs> failed."`, jobPath)), Says: "it contains invalid placeholder jobs."},
		{Rule: "a template", Draft: target(sentence(`"Job <job> failed.`, jobPath)), Says: "it is not a JSON text."},
		{Rule: "a topic that can be reached", Draft: target(In{"arn": topicARN + "-gone"}), Says: "topic " + topicARN + "-gone does not exist"},
		{Rule: "a topic that can be reached", Draft: toTopic(keyPolicyOf(administer, eventsMay), publishing(topicARN), nil), Says: "does not let events.amazonaws.com do sns:Publish"},
		{Rule: "a topic that can be reached", Draft: toTopic(keyPolicyOf(administer), strings.Replace(publishing(topicARN), "cloudwatch.", "events.", 1), nil), Says: "does not let events.amazonaws.com do kms:Decrypt"},
	},
	Replaces: []Change{
		{Path: "rule", Before: target(nil), After: target(In{"rule": "late"})},
		{Path: "targetId", Before: target(nil), After: target(In{"targetId": "other"})},
	},
	Updates: []Change{{Path: "inputPath", Before: target(nil), After: target(In{"inputPath": "$.detail"})}},
})
