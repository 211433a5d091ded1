package components_test

import (
	"reflect"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
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
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

func TestEveryServiceTransformHasTheLastWord(t *testing.T) {
	text := pulumi.String("changed")
	args := accelerated()
	args.Secrets, args.WAF = fullArgs().Secrets, &components.WAFArgs{}
	args.Transform = components.ResilientServiceTransforms{
		Key:                       func(a *kms.KeyArgs) { a.Description = text },
		LogGroup:                  func(a *cloudwatch.LogGroupArgs) { a.LogGroupClass = text },
		Secret:                    func(a *secretsmanager.SecretArgs) { a.Description = text },
		Role:                      func(a *iam.RoleArgs) { a.PermissionsBoundary = text },
		LoadBalancerSecurityGroup: func(a *ec2.SecurityGroupArgs) { a.Description = text },
		InstanceSecurityGroup:     func(a *ec2.SecurityGroupArgs) { a.Description = text },
		LoadBalancer:              func(a *lb.LoadBalancerArgs) { a.DesyncMitigationMode = text },
		TargetGroup:               func(a *lb.TargetGroupArgs) { a.LoadBalancingAlgorithmType = text },
		Listener:                  func(a *lb.ListenerArgs) { a.AlpnPolicy = text },
		Certificate:               func(a *acm.CertificateArgs) { a.KeyAlgorithm = text },
		ValidationRecord:          func(a *route53.RecordArgs) { a.SetIdentifier = text },
		Record:                    func(a *route53.RecordArgs) { a.SetIdentifier = text },
		WebACL:                    func(a *wafv2.WebAclArgs) { a.Description = text },
		Accelerator:               func(a *globalaccelerator.AcceleratorArgs) { a.IpAddressType = text },
		AcceleratorListener:       func(a *globalaccelerator.ListenerArgs) { a.ClientAffinity = text },
		EndpointGroup:             func(a *globalaccelerator.EndpointGroupArgs) { a.EndpointGroupRegion = text },
		DeployAlarm:               func(a *cloudwatch.MetricAlarmArgs) { a.AlarmDescription = text },
		LaunchTemplate:            func(a *ec2.LaunchTemplateArgs) { a.Description = text },
		AutoScalingGroup:          func(a *autoscaling.GroupArgs) { a.HealthCheckType = text },
		ScalingPolicy:             func(a *autoscaling.PolicyArgs) { a.PolicyType = text },
	}
	transforms := reflect.ValueOf(args.Transform)
	for index := range transforms.NumField() {
		require.False(t, transforms.Field(index).IsNil(), "%s is not tested", transforms.Type().Field(index).Name)
	}
	recording := recordService(t, args)
	for _, each := range []struct{ token, name, input string }{
		{keyToken, "tickets", "description"},
		{logGroupToken, "tickets", "logGroupClass"},
		{secretToken, "tickets-secret-db-password", "description"},
		{roleToken, "tickets", "permissionsBoundary"},
		{securityGroupToken, "tickets-alb", "description"},
		{securityGroupToken, "tickets-instances", "description"},
		{loadBalancerToken, "tickets-alb", "desyncMitigationMode"},
		{targetGroupToken, "tickets-tg", "loadBalancingAlgorithmType"},
		{listenerToken, "tickets-https", "alpnPolicy"},
		{listenerToken, "tickets-http", "alpnPolicy"},
		{certificateToken, "tickets-certificate", "keyAlgorithm"},
		{recordToken, "tickets-certificate", "setIdentifier"},
		{recordToken, "tickets", "setIdentifier"},
		{webACLToken, "tickets-waf", "description"},
		{acceleratorToken, "tickets-accelerator", "ipAddressType"},
		{acceleratorListenerToken, "tickets-accelerator", "clientAffinity"},
		{endpointGroupToken, "tickets-accelerator", "endpointGroupRegion"},
		{alarmToken, "tickets-deploy", "alarmDescription"},
		{launchToken, "tickets-lt", "description"},
		{groupToken, "tickets-asg", "healthCheckType"},
		{scalingToken, "tickets-cpu", "policyType"},
	} {
		require.Equal(t, "changed", recording.One(t, each.token, each.name).Text(t, each.input), "%s %s", each.token, each.name)
	}
}
