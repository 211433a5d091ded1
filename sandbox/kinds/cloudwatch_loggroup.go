package kinds

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var logGroupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]+$`)

// logRetentions are the days that a log group may keep its events; 0 is for ever.
// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var logRetentions = []int{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// logsUse is what CloudWatch Logs does with the key of a log group.
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
var logsUse = []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptTo", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:DescribeKey"}

// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
var _ = register(&Kind{
	Token:    LogGroup,
	Args:     cloudwatch.LogGroupArgs{},
	Resource: &cloudwatch.LogGroup{},
	API:      API{Service: "CloudWatch Logs", Noun: "CloudWatch Logs Log Group", Create: "CreateLogGroup", Update: "PutRetentionPolicy", Delete: "DeleteLogGroup"},
	Name:     &AutoName{Property: "name", Max: 512, Unless: []string{"namePrefix"}},
	Defaults: []Default{{Path: "retentionInDays", Value: Number(0)}, {Path: "skipDestroy", Value: Flag(false)}},
	Rules: []Rule{
		LengthIn("name", 1, 512), Matching("name", logGroupName, "only letters, digits and ._-/# allowed"), Conflicting("name", "namePrefix"),
		NumberOneOf("retentionInDays", logRetentions...), OneOf("logGroupClass", "STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
		{Name: "ARN in kmsKeyId", Broken: func(d *Draft) *Refusal {
			if id := d.Text("kmsKeyId"); id != "" && !isARN(id) {
				return Refuse("kmsKeyId", "\"kmsKeyId\" (%s) is an invalid ARN: arn: invalid prefix", id)
			}
			return nil
		}},
		{Name: "a name of AWS", Stage: AtApply, Code: "InvalidParameterException", Broken: func(d *Draft) *Refusal {
			if strings.HasPrefix(d.Text("name"), "aws/") {
				return Refuse("name", "Log groups starting with AWS/ are reserved for AWS.")
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "ResourceAlreadyExistsException", Broken: func(d *Draft) *Refusal {
			if d.FindBy(LogGroup, "name", d.Text("name")) != nil {
				return Refuse("name", "The specified log group already exists")
			}
			return nil
		}},
		{Name: "a key that exists", Stage: AtApply, Code: "InvalidParameterException", Broken: func(d *Draft) *Refusal {
			if id := d.Text("kmsKeyId"); id != "" && d.FindBy(Key, "arn", id) == nil {
				return Refuse("kmsKeyId", "The specified KMS Key Id could not be found. '%s'", d.Text("name"))
			}
			return nil
		}},
		{Name: "a key that CloudWatch Logs may use", Stage: AtApply, Code: "AccessDeniedException", Broken: logGroupKey},
	},
	Replaces: []string{"name", "namePrefix", "logGroupClass"},
	ID:       func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")), fixed("logGroupClass", Text("STANDARD")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("logs", "log-group:"+d.Output("name").Text()))
		}},
	},
})

// logGroupKey asks the key's policy whether the service of this Region may use it for this log group.
func logGroupKey(d *Draft) *Refusal {
	key := d.FindBy(Key, "arn", d.Text("kmsKeyId"))
	if key == nil {
		return nil
	}
	arn := d.ARN("logs", "log-group:"+orElse(d.Text("name"), d.Text("namePrefix")))
	context := keyContext{
		"kms:encryptioncontext:aws:logs:arn": arn, "kms:encryptioncontextkeys": "aws:logs:arn",
		"aws:sourcearn": arn, "aws:sourceaccount": d.Account, "kms:calleraccount": d.Account,
	}
	service := byService("logs." + d.Region + "." + d.DNSSuffix())
	if keyEnabled(key) && (keyAllows(key.Text("policy"), service, logsUse, context) ||
		keyAllows(key.Text("policy"), byService("logs.amazonaws.com"), logsUse, context)) {
		return nil
	}
	return Refuse("kmsKeyId", "The specified KMS key does not exist or is not allowed to be used with Arn '%s'", arn)
}
