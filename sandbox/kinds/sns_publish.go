package kinds

import (
	"fmt"
	"slices"
)

// Who may publish to a topic is said by two policies, the topic's and its key's. AWS takes an alarm whose topic it cannot publish to, and
// says so only in the alarm's history, after the night in which nobody was called. The sandbox never publishes, so it refuses at once.

// unpublishable is why a service cannot publish to a topic of this account and Region; nothing when it can. context is what its request
// carries to the topic; to the key it carries the same.
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
func unpublishable(d *Draft, arn, service string, context keyContext) string {
	topic := d.Find(Topic, arn)
	if topic == nil {
		return fmt.Sprintf("topic %s does not exist", arn)
	}
	context["aws:securetransport"] = "true"
	if !keyAllows(policyOfTopic(d, topic), byService(service), []string{"sns:Publish"}, context) {
		return fmt.Sprintf("the policy of %s does not let %s do sns:Publish", arn, service)
	}
	reference := topic.Text("kmsMasterKeyId")
	if reference == "" {
		return ""
	}
	if keyOfAWS(reference) {
		return fmt.Sprintf("%s is encrypted under %s, whose policy does not let %s use it", arn, reference, service)
	}
	key := keyBy(d, reference)
	if key == nil || !keyAllows(key.Text("policy"), byService(service), []string{"kms:Decrypt", "kms:GenerateDataKey"}, context) {
		return fmt.Sprintf("the policy of the key of %s does not let %s do kms:Decrypt and kms:GenerateDataKey", arn, service)
	}
	return ""
}

// policyOfTopic is the policy that holds: that of the resource of its own, else that which the topic was made with.
func policyOfTopic(d *Draft, topic *Thing) string {
	if policy := d.Find(TopicPolicy, topic.ID); policy != nil {
		return policy.Text("policy")
	}
	return topic.Text("policy")
}

func alarmActions(d *Draft) []Value {
	var actions []Value
	for _, list := range alarmActionLists {
		actions = append(actions, d.Each(list+"[]")...)
	}
	return actions
}

// lostAction refuses an action on a topic of this account that the alarm could not publish to.
// Source: https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
func lostAction(d *Draft, name string) *Refusal {
	for _, action := range alarmActions(d) {
		arn := splitARN(action.Text())
		if arn == nil || arn.service != "sns" || arn.region != d.Region || arn.account != d.Account {
			continue // refused for that
		}
		context := keyContext{
			"aws:sourceaccount": d.Account, "aws:sourceowner": d.Account, "aws:sourcearn": d.ARN("cloudwatch", "alarm:"+name),
		}
		if reason := unpublishable(d, action.Text(), "cloudwatch.amazonaws.com", context); reason != "" {
			return Refuse(action.Path(), "Failed to execute action %s: %s (AWS says this only when the alarm changes its state)", action.Text(), reason)
		}
	}
	return nil
}

// unsendable is why SNS cannot put what it failed to deliver into a queue; nothing when it can.
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
func unsendable(d *Draft, queue *Thing, topic string) string {
	policy := queue.Text("policy")
	for _, of := range d.Others(QueuePolicy) {
		if of.ID == queue.ID {
			policy = of.Text("policy")
		}
	}
	context := keyContext{"aws:securetransport": "true", "aws:sourceaccount": d.Account, "aws:sourcearn": topic}
	sns := byService("sns.amazonaws.com")
	if !keyAllows(policy, sns, []string{"sqs:SendMessage"}, context) {
		return "its policy does not let sns.amazonaws.com do sqs:SendMessage for the topic"
	}
	reference := queue.Text("kmsMasterKeyId")
	if reference == "" {
		return ""
	}
	key := keyBy(d, reference)
	if key == nil || !keyAllows(key.Text("policy"), sns, []string{"kms:Decrypt", "kms:GenerateDataKey"}, keyContext{}) {
		return "the policy of its key does not let sns.amazonaws.com do kms:Decrypt and kms:GenerateDataKey"
	}
	return ""
}

// subscribedAlike is another subscription of the same endpoint to the same topic.
func subscribedAlike(d *Draft) *Thing {
	for _, other := range d.Others(TopicSubscription) {
		if slices.IndexFunc([]string{"topic", "protocol", "endpoint"}, func(path string) bool { return other.Text(path) != d.Text(path) }) < 0 {
			return other
		}
	}
	return nil
}
