package components

// EndpointService is an AWS service to which a network can have an interface endpoint, by the last part of the name that AWS gives
// the endpoint service: com.amazonaws.REGION.NAME
// (https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html). S3 is not among them: every
// network has its gateway endpoint.
type EndpointService string

const (
	// EndpointAutoScaling takes what an instance says about its own lifecycle: hooks that are done, health.
	EndpointAutoScaling EndpointService = "autoscaling"
	// EndpointEC2Messages carries Run Command to SSM Agents that are too old to use ssmmessages for it
	// (https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html).
	EndpointEC2Messages EndpointService = "ec2messages"
	// EndpointECR is the registry's API, where an instance gets its login. On the boot path.
	EndpointECR EndpointService = "ecr.api"
	// EndpointECRDocker is the registry as Docker speaks to it. On the boot path, together with the S3 gateway, from which the layers
	// come (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html).
	EndpointECRDocker EndpointService = "ecr.dkr"
	// EndpointEvents takes events for EventBridge.
	EndpointEvents EndpointService = "events"
	// EndpointKMS is for workloads that encrypt with a key themselves. Secrets, queues and buckets under a key need it not: AWS calls
	// KMS on the role's behalf.
	EndpointKMS EndpointService = "kms"
	// EndpointLogs is CloudWatch Logs, which takes the container's output. On the serve path.
	EndpointLogs EndpointService = "logs"
	// EndpointMonitoring takes CloudWatch metrics.
	EndpointMonitoring EndpointService = "monitoring"
	// EndpointRDSData is the RDS Data API, SQL over HTTPS.
	EndpointRDSData EndpointService = "rds-data"
	// EndpointSecretsManager is where a workload reads its secrets. On the boot path.
	EndpointSecretsManager EndpointService = "secretsmanager"
	// EndpointSNS publishes to topics.
	EndpointSNS EndpointService = "sns"
	// EndpointSQS sends to and receives from queues.
	EndpointSQS EndpointService = "sqs"
	// EndpointSSM is Systems Manager, where an instance registers and learns of its associations. Session Manager needs it.
	EndpointSSM EndpointService = "ssm"
	// EndpointSSMMessages carries sessions and Run Command to an instance. Session Manager needs it.
	EndpointSSMMessages EndpointService = "ssmmessages"
	// EndpointSTS is for workloads that ask who they are, or assume another role of the account.
	EndpointSTS EndpointService = "sts"
	// EndpointXRay takes traces.
	EndpointXRay EndpointService = "xray"
)

// DefaultEndpoints are the services that booting and serving take: registry, logs, secrets, and sessions for people. KMS is not
// among them: only other services call it, on the role's behalf.
func DefaultEndpoints() []EndpointService {
	return []EndpointService{
		EndpointECR, EndpointECRDocker, EndpointLogs, EndpointSecretsManager, EndpointSSM, EndpointSSMMessages,
	}
}

// EndpointServices lists every EndpointService.
func EndpointServices() []EndpointService {
	return []EndpointService{
		EndpointAutoScaling, EndpointEC2Messages, EndpointECR, EndpointECRDocker, EndpointEvents, EndpointKMS, EndpointLogs,
		EndpointMonitoring, EndpointRDSData, EndpointSecretsManager, EndpointSNS, EndpointSQS, EndpointSSM, EndpointSSMMessages,
		EndpointSTS, EndpointXRay,
	}
}
