package kinds

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Trouble is how AWS fails where the request itself is right.
type Trouble struct {
	kind *Kind
	// doing is the provider's phrase; operation is the API's name, empty where the kind does not say it.
	doing, operation string
	inputs           resource.PropertyMap
}

// Verb is what the provider was doing.
type Verb string

// The verbs.
const (
	Creating Verb = "creating"
	Reading  Verb = "reading"
	Updating Verb = "updating"
	Deleting Verb = "deleting"
)

// Trouble is for errors of one operation on the resource with an id, or with these inputs when it has none yet.
func (k *Kind) Trouble(verb Verb, id string, inputs resource.PropertyMap) Trouble {
	operation := map[Verb]string{Creating: k.API.Create, Updating: k.API.Update, Deleting: k.API.Delete}[verb]
	doing := string(verb) + " " + k.API.Noun
	if id == "" && k.Name != nil {
		id = Value{value: inputs[resource.PropertyKey(k.Name.Property)]}.Text()
	}
	if id != "" {
		doing += " (" + id + ")"
	}
	return Trouble{kind: k, doing: doing, operation: operation, inputs: inputs}
}

// AnyTrouble is for errors of what belongs to no kind; doing is what the provider was doing.
func AnyTrouble(doing string) Trouble { return Trouble{kind: &Kind{}, doing: doing} }

// attempts is how often the provider tries a request that is throttled, or that fails inside of AWS, before it gives up:
// its max_retries, by default (https://registry.terraform.io/providers/hashicorp/aws/latest/docs#max_retries-1).
const attempts = 25

// answer is an error code of AWS and its message.
type answer struct{ code, message string }

// throttles are the answers of services to too many requests. All of these codes are among those that the SDKs wait and try
// again for (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
var throttles = map[string]answer{
	// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
	"EC2": {"RequestLimitExceeded", "Request limit exceeded."},
	// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
	"S3": {"SlowDown", "Please reduce your request rate."},
	// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
	"Route 53": {"Throttling", "Rate exceeded"},
	// https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
	"Lambda": {"TooManyRequestsException", "Rate exceeded"},
	// The services with AWS's query protocol.
	"Auto Scaling": {"Throttling", "Rate exceeded"}, "CloudWatch": {"Throttling", "Rate exceeded"},
	"Elastic Load Balancing v2": {"Throttling", "Rate exceeded"}, "IAM": {"Throttling", "Rate exceeded"},
	"RDS": {"Throttling", "Rate exceeded"},
}

// commonThrottle is that of all others, which have a JSON protocol, such as
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
var commonThrottle = answer{"ThrottlingException", "Rate exceeded"}

// failures are the answers of services that failed inside.
var failures = map[string]answer{
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
	"EC2": {"InternalError", "An internal error has occurred."},
	// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html#API_CreateRole_Errors
	"IAM": {"ServiceFailure", "The request processing has failed because of an unknown error, exception or failure."},
	// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#API_CreateKey_Errors
	"KMS": {"KMSInternalException", "The request was rejected because an internal exception occurred. The request can be retried."},
	// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
	"S3": {"InternalError", "We encountered an internal error. Please try again."},
	// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html#API_CreateSecret_Errors
	"Secrets Manager": {"InternalServiceError", "An error occurred on the server side."},
}

// commonFailure is that of all others (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html).
var commonFailure = answer{"InternalFailure", "The request processing has failed because of an unknown error, exception or failure."}

// Throttled is what is left of throttling after the provider's own retries.
func (t Trouble) Throttled() *APIError { return t.after(throttles, commonThrottle) }

// Failed is what is left of a failure inside of AWS after the provider's own retries.
func (t Trouble) Failed() *APIError { return t.after(failures, commonFailure) }

func (t Trouble) after(answers map[string]answer, common answer) *APIError {
	given, own := answers[t.kind.API.Service]
	if !own {
		given = common
	}
	return &APIError{Code: given.code, Message: given.message, Doing: t.doing, Service: t.kind.API.Service,
		Operation: t.operation, Attempts: attempts}
}

// NotFound is AWS not seeing, yet, the first thing that the resource refers to, or the provider not seeing the resource
// itself when it refers to nothing.
func (t Trouble) NotFound() error {
	for _, reference := range t.kind.References {
		for _, value := range (Value{value: resource.NewObjectProperty(t.inputs)}).Each(reference.Path) {
			if text := value.Text(); text != "" {
				return &APIError{Code: reference.Code, Message: fmt.Sprintf(reference.Message, text), Doing: t.doing,
					Service: t.kind.API.Service, Operation: orElse(reference.Operation, t.operation)}
			}
		}
	}
	return fmt.Errorf("%s: couldn't find resource", t.doing)
}
