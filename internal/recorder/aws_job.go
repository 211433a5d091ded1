package recorder

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// queue has its URL for its id.
func queue(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	domain := "amazonaws.com"
	if p.partition == "aws-cn" {
		domain = "amazonaws.com.cn"
	}
	url := "https://sqs." + p.region + "." + domain + "/" + p.account + "/" + name
	return url, outputs{"arn": p.arn("sqs", name), "url": url, "name": name}.properties(), nil
}

// ofQueue is a policy of a queue, which has the queue's URL for its id.
func ofQueue(p place) (string, resource.PropertyMap, error) { return p.text("queueUrl"), nil, nil }

// schedule has the name of its group and its own for its id.
func schedule(p place) (string, resource.PropertyMap, error) {
	name, group := p.autoName("name"), p.text("groupName")
	if group == "" {
		group = "default"
	}
	return group + "/" + name, outputs{"arn": p.arn("scheduler", "schedule/"+group+"/"+name), "name": name, "groupName": group}.properties(), nil
}
