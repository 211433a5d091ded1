package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/globalaccelerator"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
)

// ResilientServiceTransforms are the escape hatches of a ResilientService: each function that is set receives the finished
// arguments of one inner resource, after every default and check, and may change anything. Where there are several
// resources of a kind, the function sees each of them.
type ResilientServiceTransforms struct {
	Key                       func(*kms.KeyArgs)
	LogGroup                  func(*cloudwatch.LogGroupArgs)
	Secret                    func(*secretsmanager.SecretArgs)
	Role                      func(*iam.RoleArgs)
	LoadBalancerSecurityGroup func(*ec2.SecurityGroupArgs)
	InstanceSecurityGroup     func(*ec2.SecurityGroupArgs)
	LoadBalancer              func(*lb.LoadBalancerArgs)
	TargetGroup               func(*lb.TargetGroupArgs)
	Listener                  func(*lb.ListenerArgs)
	Certificate               func(*acm.CertificateArgs)
	ValidationRecord          func(*route53.RecordArgs)
	Record                    func(*route53.RecordArgs)
	WebACL                    func(*wafv2.WebAclArgs)
	Accelerator               func(*globalaccelerator.AcceleratorArgs)
	AcceleratorListener       func(*globalaccelerator.ListenerArgs)
	EndpointGroup             func(*globalaccelerator.EndpointGroupArgs)
	DeployAlarm               func(*cloudwatch.MetricAlarmArgs)
	LaunchTemplate            func(*ec2.LaunchTemplateArgs)
	AutoScalingGroup          func(*autoscaling.GroupArgs)
	ScalingPolicy             func(*autoscaling.PolicyArgs)
}

// transformed applies an escape hatch, if there is one, to the arguments and returns them.
func transformed[T any](args *T, transform func(*T)) *T {
	if transform != nil {
		transform(args)
	}
	return args
}
