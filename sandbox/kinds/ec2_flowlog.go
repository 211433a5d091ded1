package kinds

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	// flowLogFormat is the default format: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html.
	flowLogFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
	toLogs        = "cloud-watch-logs"
	flowLogs      = "vpc-flow-logs.amazonaws.com"
)

// flowLogSubjects are the properties of which a flow log has one.
var flowLogSubjects = []string{"vpcId", "subnetId", "eniId", "transitGatewayId", "transitGatewayAttachmentId"}

// A flow log to CloudWatch Logs needs no existing log group: AWS creates one of that name.
var _ = register(&Kind{
	Token:    FlowLog,
	Args:     ec2.FlowLogArgs{},
	Resource: &ec2.FlowLog{},
	API:      API{Service: "EC2", Noun: "Flow Log", Create: "CreateFlowLogs", Update: "CreateTags", Delete: "DeleteFlowLogs"},
	Defaults: []Default{
		{Path: "logDestinationType", Value: Text(toLogs)},
		{Path: "maxAggregationInterval", Value: Number(600)},
		{Path: "destinationOptions.fileFormat", Value: Text("plain-text")},
		{Path: "destinationOptions.hiveCompatiblePartitions", Value: Flag(false)},
		{Path: "destinationOptions.perHourPartition", Value: Flag(false)},
	},
	References: []Reference{
		toVPC("vpcId"), toSubnet("subnetId"),
		{Path: "iamRoleArn", To: []string{Role}, By: "arn", Code: codeInvalidParameter, Message: "Unable to assume given IAM role %s"},
	},
	Rules: []Rule{
		lacking("network interfaces, transit gateways, buckets and delivery streams", "eniId", "transitGatewayId", "transitGatewayAttachmentId",
			"deliverCrossAccountRole", "destinationOptions.fileFormat"),
		ExactlyOne(flowLogSubjects...),
		OneOf("logDestinationType", toLogs, "s3", "kinesis-data-firehose"),
		OneOf("trafficType", "ACCEPT", "REJECT", "ALL"),
		NumberOneOf("maxAggregationInterval", 60, 600),
		Conflicting("logDestination", "logGroupName"),
		{Name: "a destination that exists", Stage: AtApply, Code: "LogDestinationNotFoundException", Broken: func(d *Draft) *Refusal {
			if kind := d.Text("logDestinationType"); kind != "s3" && kind != "kinesis-data-firehose" {
				return nil
			}
			return Refuse("logDestination", "LogDestination: %s does not exist: the sandbox has no buckets and no delivery streams", d.Text("logDestination"))
		}},
		{Name: "traffic type", Stage: AtApply, Code: codeMissingParameter, Broken: func(d *Draft) *Refusal {
			if d.Has("trafficType") {
				return nil
			}
			return Refuse("trafficType", "TrafficType can't be empty")
		}},
		{Name: "a destination", Stage: AtApply, Code: codeInvalidParameter, Broken: func(d *Draft) *Refusal {
			if d.Has("logDestination") || d.Has("logGroupName") {
				return nil
			}
			return Refuse("logDestination", "LogDestination or LogGroupName can't be empty")
		}},
		{Name: "a role for logs", Stage: AtApply, Code: codeInvalidParameter, Broken: func(d *Draft) *Refusal {
			if d.Text("logDestinationType") != toLogs || d.Has("iamRoleArn") {
				return nil
			}
			return Refuse("iamRoleArn", "DeliverLogsPermissionArn can't be empty if LogDestinationType is %s.", toLogs)
		}},
		// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
		{Name: "a role that flow logs may assume", Stage: AtApply, Code: codeInvalidParameter, Broken: func(d *Draft) *Refusal {
			role := d.FindBy(Role, "arn", d.Text("iamRoleArn"))
			if role == nil || strings.Contains(role.Text("assumeRolePolicy"), flowLogs) {
				return nil
			}
			return Refuse("iamRoleArn", "Unable to assume given IAM role: its trust policy does not name %s", flowLogs)
		}},
		{Name: "once a destination", Stage: AtApply, Code: "FlowLogAlreadyExists", Broken: func(d *Draft) *Refusal {
			for _, other := range d.Others(FlowLog) {
				if sameFlowLog(d, other) {
					return Refuse("logDestination", "Error. There is an existing Flow Log with the same configuration and log destination.")
				}
			}
			return nil
		}},
	},
	// Everything but the tags.
	Replaces: append([]string{"deliverCrossAccountRole", "destinationOptions", "iamRoleArn", "logDestination", "logDestinationType",
		"logFormat", "logGroupName", "maxAggregationInterval", "trafficType"}, flowLogSubjects...),
	ID: ec2ID("fl"),
	Computed: []Output{
		ec2ARN("vpc-flow-log", "fl"),
		{Name: "logDestination", Always: true, Value: func(d *Draft) resource.PropertyValue { return Text(logDestination(d)) }},
		{Name: "logGroupName", Value: func(d *Draft) resource.PropertyValue {
			return Text(logDestination(d)[strings.LastIndex(logDestination(d), ":")+1:])
		}},
		fixed("logFormat", Text(flowLogFormat)),
	},
})

func flowLogSubject(at func(path string) Value) string {
	for _, path := range flowLogSubjects {
		if id := at(path).Text(); id != "" {
			return id
		}
	}
	return ""
}

// sameFlowLog compares what EC2 calls the configuration and the destination.
func sameFlowLog(d *Draft, other *Thing) bool {
	format := d.Text("logFormat")
	if format == "" {
		format = flowLogFormat
	}
	return flowLogSubject(d.At) == flowLogSubject(other.At) && logDestination(d) == other.Text("logDestination") &&
		d.Text("trafficType") == other.Text("trafficType") && format == other.Text("logFormat") &&
		d.Int("maxAggregationInterval") == other.At("maxAggregationInterval").Int()
}

// logDestination is the ARN of the log group as AWS answers it, without the :* that may end it.
func logDestination(d *Draft) string {
	if d.Has("logDestination") {
		return strings.TrimSuffix(d.Text("logDestination"), ":*")
	}
	return d.ARN("logs", fmt.Sprintf("log-group:%s", d.Text("logGroupName")))
}
