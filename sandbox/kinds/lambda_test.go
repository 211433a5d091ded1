package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	functionRoleARN = "arn:aws:iam::123456789012:role/sql"
	sqlImage        = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/aplomb-sql@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	interfaces      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*",` +
		`"Action":["ec2:CreateNetworkInterface","ec2:DescribeNetworkInterfaces","ec2:DeleteNetworkInterface"]},` +
		`{"Effect":"Deny","Resource":"*","Action":"ec2:*","Condition":{"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:eu-central-1:123456789012:function:sql"}}}]}`
)

func trustOfLambda(service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`
}

func function(changes In) Draft { return functionAs(interfaces, changes) }

// functionAs is a function whose role has one policy.
func functionAs(policy string, changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Role, "sql", In{"arn": functionRoleARN, "assumeRolePolicy": trustOfLambda("lambda.amazonaws.com")})
		lab.Put(kinds.Role, "ec2", In{"arn": functionRoleARN + "-ec2", "assumeRolePolicy": trustOfLambda("ec2.amazonaws.com")})
		lab.Put(kinds.Role, "inline", In{"arn": functionRoleARN + "-inline", "assumeRolePolicy": trustOfLambda("lambda.amazonaws.com"),
			"inlinePolicies": []any{In{"name": "interfaces", "policy": interfaces}}})
		lab.Put(kinds.RolePolicy, "sql:interfaces", In{"role": "sql", "policy": policy})
		lab.Put(kinds.RolePolicy, "ec2:interfaces", In{"role": "ec2", "policy": policy})
		lab.Put(kinds.Key, "one", In{"arn": keyOne})
		for _, number := range []string{"1", "2"} {
			lab.Put(kinds.Subnet, "subnet-"+number, In{"vpcId": "vpc-" + number})
			lab.Put(kinds.SecurityGroup, "sg-"+number, In{"vpcId": "vpc-" + number})
		}
		return changed(In{
			"name": "sql", "packageType": "Image", "imageUri": sqlImage, "role": functionRoleARN, "architectures": []any{"arm64"}, "timeout": 60, "memorySize": 256,
			"vpcConfig":     In{"subnetIds": []any{"subnet-1"}, "securityGroupIds": []any{"sg-1"}},
			"loggingConfig": In{"logFormat": "JSON", "logGroup": "sql"},
		}, changes)
	}
}

func inVPC(subnet, group string) Draft {
	return function(In{"vpcConfig": In{"subnetIds": []any{"subnet-1", subnet}, "securityGroupIds": []any{group}}})
}

func withVariables(variables In) Draft {
	return function(In{"environment": In{"variables": variables}})
}

var _ = suite(kinds.Function, Suite{
	Valid: map[string]Draft{
		"in a VPC": function(nil), "outside": functionAs("{}", In{"vpcConfig": nil}), "named by the provider": function(In{"name": nil}),
		"with variables under a key":         function(In{"environment": In{"variables": In{"A": "b"}}, "kmsKeyArn": keyOne}),
		"with the last that can be reserved": function(In{"reservedConcurrentExecutions": 900}),
		"without any, where all is reserved": func(lab *Lab) In {
			lab.Put(kinds.Function, "other", In{"name": "other", "reservedConcurrentExecutions": 900})
			return function(nil)(lab)
		},
		"policies in the role": function(In{"role": functionRoleARN + "-inline"}), "as AWS has it": function(In{"architectures": nil, "loggingConfig": nil, "timeout": nil}),
	},
	Refusals: []Refusal{
		{Rule: "length of name", Draft: function(In{"name": strings.Repeat("a", 65)}), Says: "range (1 - 64)"},
		{Rule: "pattern of name", Draft: function(In{"name": "sql runner"}), Says: "letters, digits, hyphens and underscores"},
		{Rule: "length of description", Draft: function(In{"description": strings.Repeat("a", 257)}), Says: "range (0 - 256)"},
		{Rule: "values of architectures[]", Draft: function(In{"architectures": []any{"arm"}}), Says: "to be one of"},
		{Rule: "range of timeout", Draft: function(In{"timeout": 901}), Says: "range (1 - 900)"},
		{Rule: "range of memorySize", Draft: function(In{"memorySize": 64}), Says: "range (128 - 10240)"},
		{Rule: "range of ephemeralStorage.size", Draft: function(In{"ephemeralStorage": In{"size": 128}}), Says: "range (512 - 10240)"},
		{Rule: "values of tracingConfig.mode", Draft: function(In{"tracingConfig": In{"mode": "On"}}), Says: "to be one of"},
		{Rule: "values of loggingConfig.logFormat", Draft: function(In{"loggingConfig": In{"logFormat": "XML"}}), Says: "to be one of"},
		{Rule: "only what the sandbox has", Draft: function(In{"layers": []any{"arn:aws:lambda:eu-central-1:123456789012:layer:a:1"}}), Says: "functions from archives, layers"},
		{Rule: "images only", Draft: function(In{"packageType": nil}), Says: "container images only"},
		{Rule: "an image", Draft: function(In{"imageUri": nil}), Says: "must be specified"},
		{Rule: "ARN of the role", Draft: function(In{"role": "sql"}), Says: "is an invalid ARN"},
		{Rule: "one architecture", Draft: function(In{"architectures": []any{"arm64", "x86_64"}}), Says: "at most 1"},
		{Rule: "subnets and security groups", Draft: function(In{"vpcConfig": In{"subnetIds": []any{"subnet-1"}}}), Says: "needs subnetIds and securityGroupIds"},
		{Rule: "an image of this Region", Draft: function(In{"imageUri": strings.Replace(sqlImage, "eu-central-1", "eu-west-1", 1)}), Says: "CreateFunction, api error InvalidParameterValueException: Source image"},
		{Rule: "an image of this Region", Draft: function(In{"imageUri": "public.ecr.aws/aplomb/sql:1"}), Says: "Provide a valid source image."},
		{Rule: "no runtime in an image", Draft: function(In{"handler": "main"}), Says: "Please don't provide Handler"},
		{Rule: "a role that Lambda may assume", Draft: function(In{"role": functionRoleARN + "-gone"}), Says: "cannot be assumed by Lambda"},
		{Rule: "a role that Lambda may assume", Draft: function(In{"role": functionRoleARN + "-ec2"}), Says: "cannot be assumed by Lambda"},
		{Rule: "a role that may use the VPC", Draft: functionAs(strings.Replace(interfaces, "ec2:Create", "ec2:Attach", 1), nil), Says: "permissions to call CreateNetworkInterface on EC2"},
		{Rule: "a role that may use the VPC", Draft: functionAs(strings.Replace(interfaces, "ArnEquals", "ArnNotEquals", 1), nil), Says: "permissions to call CreateNetworkInterface on EC2"},
		{Rule: "subnets that exist", Draft: inVPC("gone", "sg-1"), Says: "EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'gone' does not exist"},
		{Rule: "security groups that exist", Draft: inVPC("subnet-1", "gone"), Says: "The security group 'gone' does not exist"},
		{Rule: "one VPC", Draft: inVPC("subnet-2", "sg-1"), Says: "they are in vpc-1 and vpc-2"},
		{Rule: "one VPC", Draft: inVPC("subnet-1", "sg-2"), Says: "they are in vpc-1 and vpc-2"},
		{Rule: "a key that exists", Draft: function(In{"kmsKeyArn": keyOne + "-gone"}), Says: "KMS key is invalid"},
		{Rule: "variables that Lambda keeps", Draft: withVariables(In{"AWS_REGION": "eu-west-1"}), Says: "Reserved keys used in this request: AWS_REGION"},
		{Rule: "size of the variables", Draft: withVariables(In{"A": strings.Repeat("a", 4096)}), Says: "exceeded the 4KB limit"},
		{Rule: "concurrency that the account has", Draft: function(In{"reservedConcurrentExecutions": 901}), Says: "below its minimum value of [100]"},
		{Rule: "concurrency that the account has", Draft: func(lab *Lab) In {
			lab.Put(kinds.Function, "other", In{"name": "other", "reservedConcurrentExecutions": 899})
			return function(In{"reservedConcurrentExecutions": 2})(lab)
		}, Says: "PutFunctionConcurrency, api error InvalidParameterValueException"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.Function, "sql", In{"name": "sql"})
			return function(nil)(lab)
		}, Says: "ResourceConflictException: Function already exist: sql"},
	},
	Replaces: []Change{{Path: "name", Before: function(nil), After: function(In{"name": "other"})}},
	Updates: []Change{
		{Path: "imageUri", Before: function(nil), After: function(In{"imageUri": strings.Replace(sqlImage, "0123", "4567", 1)})},
		{Path: "timeout", Before: function(nil), After: function(In{"timeout": 90})},
	},
})
