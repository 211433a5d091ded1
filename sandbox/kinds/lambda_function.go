package kinds

import (
	"regexp"
	"slices"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var (
	functionName  = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)
	functionImage = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?/[a-z0-9._/-]+(:[A-Za-z0-9_.-]+|@sha256:[0-9a-f]{64})$`)
)

// Sources: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html and
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. The sandbox has functions from container images only.
var _ = register(&Kind{
	Token:    Function,
	Args:     lambda.FunctionArgs{},
	Resource: &lambda.Function{},
	API:      API{Service: "Lambda", Noun: "Lambda Function", Create: "CreateFunction", Update: "UpdateFunctionConfiguration", Delete: "DeleteFunction"},
	Name:     &AutoName{Property: "name", Max: 64},
	Defaults: []Default{
		{Path: "memorySize", Value: Number(128)}, {Path: "timeout", Value: Number(3)}, {Path: "packageType", Value: Text("Zip")}, {Path: "publish", Value: Flag(false)},
		{Path: "reservedConcurrentExecutions", Value: Number(-1)}, {Path: "skipDestroy", Value: Flag(false)},
	},
	Rules: slices.Concat([]Rule{
		LengthIn("name", 1, 64), Matching("name", functionName, "letters, digits, hyphens and underscores"), LengthIn("description", 0, 256),
		OneOf("architectures[]", "x86_64", "arm64"), InRange("timeout", 1, 900), InRange("memorySize", 128, 10240),
		InRange("ephemeralStorage.size", 512, 10240), OneOf("tracingConfig.mode", "Active", "PassThrough"), OneOf("loggingConfig.logFormat", "JSON", "Text"),
		lacking("functions from archives, layers, file systems, signing, snapshots and dead letters", "s3Bucket", "s3Key", "layers[]", "fileSystemConfig.arn",
			"codeSigningConfigArn", "snapStart.applyOn", "deadLetterConfig.targetArn"),
		{Name: "images only", Broken: func(d *Draft) *Refusal {
			if kind := d.At("packageType"); !kind.Unknown() && kind.Text() != "Image" || d.Has("code") {
				return Refuse("packageType", "packageType: the sandbox has functions from container images only, of package type Image")
			}
			return nil
		}},
		{Name: "an image", Broken: func(d *Draft) *Refusal {
			if !d.Has("imageUri") && d.Text("packageType") == "Image" {
				return Refuse("imageUri", "one of `code,imageUri,s3Bucket` must be specified")
			}
			return nil
		}},
		{Name: "ARN of the role", Broken: func(d *Draft) *Refusal {
			if role := d.At("role"); !role.Unknown() && !isARN(role.Text()) {
				return Refuse("role", "\"role\" (%s) is an invalid ARN: arn: invalid prefix", role.Text())
			}
			return nil
		}},
		{Name: "one architecture", Broken: func(d *Draft) *Refusal {
			if len(d.At("architectures").List()) > 1 {
				return Refuse("architectures", "Too many list items: at most 1 is allowed")
			}
			return nil
		}},
		{Name: "subnets and security groups", Broken: func(d *Draft) *Refusal {
			if d.Has("vpcConfig") && (!d.Has("vpcConfig.subnetIds") || !d.Has("vpcConfig.securityGroupIds")) {
				return Refuse("vpcConfig", "The argument \"vpcConfig\" needs subnetIds and securityGroupIds")
			}
			return nil
		}},
	}, functionRules()),
	Replaces: []string{"name", "packageType"},
	Sets:     []string{"vpcConfig.subnetIds", "vpcConfig.securityGroupIds", "replacementSecurityGroupIds"},
	ID:       func(d *Draft) string { return d.Output("name").Text() },
	Computed: functionOutputs(),
	Absent:   map[string]string{"code": "images only"},
})

func functionOutputs() []Output {
	arn := func(suffix string) func(d *Draft) resource.PropertyValue {
		return func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("lambda", "function:"+d.Output("name").Text()+suffix))
		}
	}
	invoke := func(suffix string) func(d *Draft) resource.PropertyValue {
		return func(d *Draft) resource.PropertyValue {
			return Text("arn:" + d.Partition() + ":apigateway:" + d.Region + ":lambda:path/2015-03-31/functions/" +
				d.ARN("lambda", "function:"+d.Output("name").Text()+suffix) + "/invocations")
		}
	}
	return []Output{
		{Name: "arn", Value: arn("")}, {Name: "qualifiedArn", Value: arn(":$LATEST")},
		{Name: "invokeArn", Value: invoke("")}, {Name: "qualifiedInvokeArn", Value: invoke(":$LATEST")},
		{Name: "codeSha256", Value: func(d *Draft) resource.PropertyValue { return Text(d.Hex("code"+d.Text("imageUri"), 64)) }},
		{Name: "sourceCodeHash", Value: func(d *Draft) resource.PropertyValue { return Text(d.Hex("code"+d.Text("imageUri"), 64)) }},
		{Name: "lastModified", Value: func(d *Draft) resource.PropertyValue { return Text(d.Created().Format(time.RFC3339)) }},
		fixed("architectures", Texts("x86_64")), fixed("ephemeralStorage", Object(resource.PropertyMap{"size": Number(512)})),
		{Name: "loggingConfig", Value: func(d *Draft) resource.PropertyValue {
			return Object(resource.PropertyMap{"logFormat": Text("Text"), "logGroup": Text("/aws/lambda/" + d.Output("name").Text())})
		}},
		fixed("signingJobArn", Text("")), fixed("signingProfileVersionArn", Text("")), fixed("sourceCodeSize", Number(0)),
		fixed("tracingConfig", Object(resource.PropertyMap{"mode": Text("PassThrough")})), fixed("version", Text("$LATEST")),
	}
}
