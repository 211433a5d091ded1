package naming

import (
	"errors"
	"regexp"
	"strings"
)

// partitions are the AWS partitions other than aws, by the beginning of their Regions' names, and the DNS suffix of their
// endpoints (https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html).
var partitions = []struct{ prefix, partition, suffix string }{
	{"cn-", "aws-cn", "amazonaws.com.cn"},
	{"us-gov-", "aws-us-gov", "amazonaws.com"},
	{"eusc-", "aws-eusc", "amazonaws.eu"},
}

// Partition is the first part of the ARNs of a Region: aws, aws-cn, aws-us-gov or aws-eusc.
func Partition(region string) string {
	for _, each := range partitions {
		if strings.HasPrefix(region, each.prefix) {
			return each.partition
		}
	}
	return "aws"
}

// DNSSuffix is the end of the host names of a Region's endpoints: amazonaws.com but for China and the European
// Sovereign Cloud.
func DNSSuffix(region string) string {
	for _, each := range partitions {
		if strings.HasPrefix(region, each.prefix) {
			return each.suffix
		}
	}
	return "amazonaws.com"
}

// ServiceEndpoint is a service's name in a Region, such as logs.eu-central-1.amazonaws.com: how a regional service
// principal and the condition key kms:ViaService spell it.
func ServiceEndpoint(service, region string) string {
	return service + "." + region + "." + DNSSuffix(region)
}

// ARN spells an Amazon Resource Name. Region and account are empty where the service has none.
func ARN(partition, service, region, account, resource string) string {
	return strings.Join([]string{"arn", partition, service, region, account, resource}, ":")
}

// AccountRoot is the principal that stands for a whole account in a resource policy.
func AccountRoot(region, account string) string {
	return ARN(Partition(region), "iam", "", account, "root")
}

// LogGroupARN is the ARN of a CloudWatch log group, without the ":*" that stands for its streams.
func LogGroupARN(region, account, name string) string {
	return ARN(Partition(region), "logs", region, account, "log-group:"+name)
}

// Certificate is what an ACM certificate's ARN says about it.
type Certificate struct{ Partition, Region, Account, ID string }

var certificateSyntax = regexp.MustCompile(`^arn:(aws[a-z-]*):acm:([a-z0-9-]+):([0-9]{12}):certificate/([0-9a-f-]{36})$`)

// ParseCertificate reads the ARN of an ACM certificate
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html).
func ParseCertificate(arn string) (Certificate, error) {
	match := certificateSyntax.FindStringSubmatch(arn)
	if match == nil {
		return Certificate{}, errors.New("is not the ARN of an ACM certificate")
	}
	return Certificate{Partition: match[1], Region: match[2], Account: match[3], ID: match[4]}, nil
}
