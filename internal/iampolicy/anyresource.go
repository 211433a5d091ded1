package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// checkAny is the rule for an identity Allow on every resource: a written reason; actions that AWS cannot limit to a resource;
// and the condition key that narrows the action where there is one, or its name in the reason that says why it is not used.
func checkAny(s Statement, path string, found *findings) {
	if strings.TrimSpace(s.Reason) == "" {
		found.missing(path+".reason", "an Allow on every resource is justified in writing", "say why no resource can be named")
	}
	for index, action := range s.Actions {
		at := fmt.Sprintf("%s.actions[%d]", path, index)
		keys, listed := unscoped(action)
		if !listed {
			found.fail(at, string(action), "can be limited to a resource, or is not known to be unlimitable", "name the resources instead of Any")
			continue
		}
		if len(keys) == 0 || slices.ContainsFunc(keys, s.narrowedBy) ||
			slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(s.Reason, key) }) {
			continue
		}
		found.fail(at, string(action), "is not narrowed by "+strings.Join(keys, " or "),
			"add the condition, or say in the Reason why that key cannot be used")
	}
}

// unscoped says whether AWS has no resource-level permission for action, and which condition keys narrow it instead.
func unscoped(action Action) (keys []string, listed bool) {
	if keys, listed = withoutResource[action]; listed {
		return keys, true
	}
	service, name, _ := strings.Cut(string(action), ":")
	if keys, listed = describing[service]; listed && strings.HasPrefix(name, "Describe") {
		return keys, true
	}
	return nil, false
}

// describing are the services whose Describe actions have no resource-level permission, with the key that narrows them.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html,
// .../list_amazonec2autoscaling.html and .../list_awselasticloadbalancingv2.html.
var describing = map[string][]string{
	"autoscaling":          nil,
	"ec2":                  {"ec2:Region"},
	"elasticloadbalancing": nil,
}

// withoutResource are the actions that have no resource-level permission, each with the keys that narrow it.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
// (the page of each service).
var withoutResource = map[Action][]string{
	"arc-zonal-shift:ListAutoshifts":            nil,
	"arc-zonal-shift:ListManagedResources":      nil,
	"arc-zonal-shift:ListZonalShifts":           nil,
	"backup:DescribeRestoreJob":                 nil,
	"backup:ListRestoreJobsByProtectedResource": nil,
	"backup:PutRestoreValidationResult":         nil,
	"cloudwatch:DescribeAlarmsForMetric":        nil,
	"cloudwatch:GetMetricData":                  nil,
	"cloudwatch:GetMetricStatistics":            nil,
	"cloudwatch:GetMetricWidgetImage":           nil,
	"cloudwatch:ListMetrics":                    nil,
	"cloudwatch:PutMetricData":                  {"cloudwatch:namespace"},
	"ec2:InjectApiError":                        {"ec2:FisActionId", "ec2:FisTargetArns"},
	"ec2messages:AcknowledgeMessage":            nil,
	"ec2messages:DeleteMessage":                 nil,
	"ec2messages:FailMessage":                   nil,
	"ec2messages:GetEndpoint":                   nil,
	"ec2messages:GetMessages":                   {"ec2:SourceInstanceARN"},
	"ec2messages:SendReply":                     {"ec2:SourceInstanceARN"},
	"ecr:GetAuthorizationToken":                 nil,
	"iam:ListRoles":                             nil,
	"kms:ListAliases":                           nil,
	"logs:CreateLogDelivery":                    nil,
	"logs:DescribeLogGroups":                    nil,
	"logs:DescribeResourcePolicies":             nil,
	"logs:PutResourcePolicy":                    nil,
	"s3:ListAllMyBuckets":                       nil,
	"secretsmanager:GetRandomPassword":          nil,
	"secretsmanager:ListSecrets":                nil,
	"ssm:CancelCommand":                         nil,
	"ssm:DescribeInstanceInformation":           nil,
	"ssm:GetDeployablePatchSnapshotForInstance": nil,
	"ssm:GetManifest":                           nil,
	"ssm:ListAssociations":                      nil,
	"ssm:ListCommands":                          nil,
	"ssm:PutConfigurePackageResult":             nil,
	"ssm:PutInventory":                          {"ssm:InventoryTypeName"},
	"ssmmessages:CreateControlChannel":          {"ec2:SourceInstanceARN", "ssm:SourceInstanceARN"},
	"ssmmessages:CreateDataChannel":             nil,
	"ssmmessages:OpenControlChannel":            nil,
	"ssmmessages:OpenDataChannel":               nil,
	"sts:GetCallerIdentity":                     nil,
	"tag:GetResources":                          nil,
	"xray:BatchGetTraces":                       nil,
	"xray:GetSamplingRules":                     nil,
	"xray:GetSamplingStatisticSummaries":        nil,
	"xray:GetSamplingTargets":                   nil,
	"xray:GetServiceGraph":                      nil,
	"xray:GetTraceSummaries":                    nil,
	"xray:PutSpans":                             {"logs:LogGeneratingResourceArns"},
	"xray:PutTelemetryRecords":                  nil,
	"xray:PutTraceSegments":                     {"logs:LogGeneratingResourceArns"},
	"xray:UpdateIndexingRule":                   nil,
	"xray:UpdateTraceSegmentDestination":        {"xray:TraceSegmentDestination"},
}
