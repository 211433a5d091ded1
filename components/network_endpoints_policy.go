package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// passage is what a network lets through to one service: actions on resources of its own account, and actions that have no
// resources, which cannot be told apart by account.
type passage struct{ own, without []iampolicy.Action }

// passages are the actions that workloads of this product use, and not whatever a service offers: an endpoint is the way out of a
// network without any other, so what it lets through is what could be carried away. A role still needs its own permission. Which
// actions have no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
// (the page of each service). The registry is not here: its images may be of other accounts.
var passages = map[EndpointService]passage{
	EndpointAutoScaling: {
		own:     []iampolicy.Action{"autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat", "autoscaling:SetInstanceHealth"},
		without: []iampolicy.Action{"autoscaling:DescribeAutoScalingInstances"},
	},
	EndpointEC2Messages: {without: []iampolicy.Action{
		"ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint",
		"ec2messages:GetMessages", "ec2messages:SendReply",
	}},
	EndpointEvents: {own: []iampolicy.Action{"events:PutEvents"}},
	EndpointKMS: {own: []iampolicy.Action{
		"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
		"kms:ReEncryptFrom", "kms:ReEncryptTo",
	}},
	EndpointLogs: {
		own:     []iampolicy.Action{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
		without: []iampolicy.Action{"logs:DescribeLogGroups"},
	},
	EndpointMonitoring: {without: []iampolicy.Action{"cloudwatch:PutMetricData"}},
	EndpointRDSData: {own: []iampolicy.Action{
		"rds-data:BatchExecuteStatement", "rds-data:BeginTransaction", "rds-data:CommitTransaction", "rds-data:ExecuteStatement",
		"rds-data:RollbackTransaction",
	}},
	// Writing is for the runner, which makes the passwords behind a proxy.
	EndpointSecretsManager: {own: []iampolicy.Action{
		"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
	}},
	EndpointSNS: {own: []iampolicy.Action{"sns:Publish"}},
	EndpointSQS: {own: []iampolicy.Action{
		"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage",
		"sqs:SendMessage",
	}},
	// What SSM Agent does for sessions, associations and the documents of this account.
	EndpointSSM: {
		own: []iampolicy.Action{
			"ssm:DescribeAssociation", "ssm:DescribeDocument", "ssm:GetDocument", "ssm:GetParameter", "ssm:GetParameters",
			"ssm:ListInstanceAssociations", "ssm:PutComplianceItems", "ssm:UpdateAssociationStatus",
			"ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation",
		},
		without: []iampolicy.Action{"ssm:ListAssociations", "ssm:PutInventory"},
	},
	EndpointSSMMessages: {without: []iampolicy.Action{
		"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
		"ssmmessages:OpenDataChannel",
	}},
	EndpointSTS: {own: []iampolicy.Action{"sts:AssumeRole"}, without: []iampolicy.Action{"sts:GetCallerIdentity"}},
	EndpointXRay: {without: []iampolicy.Action{
		"xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets", "xray:PutSpans",
		"xray:PutTelemetryRecords", "xray:PutTraceSegments",
	}},
}

// endpointPolicy is what the endpoint of a service lets through. Both endpoints of the registry have one policy, as AWS advises
// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-vpc-endpoint-policy).
func (n *Network) endpointPolicy(at home, service EndpointService) iampolicy.Document {
	if service == EndpointECR || service == EndpointECRDocker {
		return iampolicy.Endpoint(n.pullPassages(at)...)
	}
	var statements []iampolicy.Statement
	through := passages[service]
	if len(through.own) > 0 {
		statements = append(statements, throughEndpoint(at, "OwnResources", through.own,
			iampolicy.When(iampolicy.StringEquals, "aws:ResourceAccount", at.account)))
	}
	if len(through.without) > 0 {
		statement := throughEndpoint(at, "WithoutResources", through.without)
		statement.Reason = "the actions have no resources, so there is no account to compare"
		statements = append(statements, statement)
	}
	return iampolicy.Endpoint(statements...)
}

// throughEndpoint lets principals of the account through, for any resource that the conditions admit.
func throughEndpoint(at home, sid string, actions []iampolicy.Action, conditions ...iampolicy.Condition) iampolicy.Statement {
	return iampolicy.Statement{
		Sid: sid, Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Anyone()}, Actions: actions, Resources: []iampolicy.Resource{iampolicy.Any},
		Conditions: append(conditions, iampolicy.When(iampolicy.StringEquals, "aws:PrincipalAccount", at.account)),
	}
}

// pullPassages let the account's principals pull from the repositories of this account and of those whose images were stated.
func (n *Network) pullPassages(at home) []iampolicy.Statement {
	pull := throughEndpoint(at, "PullImages", []iampolicy.Action{
		"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
	})
	pull.Resources = nil
	for _, owner := range append([]string{at.account}, n.args.RegistryAccounts...) {
		pull.Resources = append(pull.Resources, iampolicy.ARN(naming.ARN(naming.Partition(at.region), "ecr", at.region, owner, "repository/*")))
	}
	login := throughEndpoint(at, "LogIn", []iampolicy.Action{"ecr:GetAuthorizationToken"})
	login.Reason = "the action has no resources; the token opens what PullImages lets through"
	return []iampolicy.Statement{pull, login}
}

// gatewayPolicy is what the S3 gateway lets through: reading and writing the account's own buckets, but not deleting a version for
// good, and the layers of images, which Amazon ECR keeps in a bucket of its own and hands out by URLs that it signs itself
// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms).
func gatewayPolicy(at home) iampolicy.Document {
	layers := naming.ARN(naming.Partition(at.region), "s3", "", "", "prod-"+at.region+"-starport-layer-bucket/*")
	return iampolicy.Endpoint(throughEndpoint(at, "OwnBuckets", []iampolicy.Action{
		"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectAttributes",
		"s3:GetObjectTagging", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions",
		"s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging",
	}, iampolicy.When(iampolicy.StringEquals, "aws:ResourceAccount", at.account)), iampolicy.Statement{
		Sid: "ImageLayers", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions: []iampolicy.Action{"s3:GetObject"}, Resources: []iampolicy.Resource{iampolicy.ARN(layers)},
		Reason: "an account of Amazon ECR signs the requests, and the bucket is read only",
	})
}
