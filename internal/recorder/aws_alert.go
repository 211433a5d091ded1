package recorder

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// topic has its ARN for its id.
func topic(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	arn := p.arn("sns", name)
	return arn, outputs{"arn": arn, "name": name, "owner": p.account}.properties(), nil
}

// ofTopic is the policy of a topic, which has the topic's ARN for its id.
func ofTopic(p place) (string, resource.PropertyMap, error) {
	return p.text("arn"), outputs{"owner": p.account}.properties(), nil
}

// topicSubscription has the topic's ARN and an id of its own for its ARN. It is confirmed at once.
func topicSubscription(p place) (string, resource.PropertyMap, error) {
	arn := p.text("topic") + ":" + p.hex("subscription", 32)
	return arn, outputs{"arn": arn, "ownerId": p.account, "pendingConfirmation": false, "confirmationWasAuthenticated": true}.properties(), nil
}

func compositeAlarm(p place) (string, resource.PropertyMap, error) {
	name := p.text("alarmName")
	return name, outputs{"arn": p.arn("cloudwatch", "alarm:"+name)}.properties(), nil
}
