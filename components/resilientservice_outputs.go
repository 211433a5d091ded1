package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/globalaccelerator"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// serviceParts are the inner resources that later steps refer to.
type serviceParts struct {
	key               *kms.Key
	logGroup          *cloudwatch.LogGroup
	secrets           map[string]*secretsmanager.Secret
	role              *iam.Role
	profile           *iam.InstanceProfile
	loadBalancerGroup *ec2.SecurityGroup
	instanceGroup     *ec2.SecurityGroup
	loadBalancer      *lb.LoadBalancer
	targetGroup       *lb.TargetGroup
	accelerator       *globalaccelerator.Accelerator
	alarm             *cloudwatch.MetricAlarm
	launchTemplate    *ec2.LaunchTemplate
	group             *autoscaling.Group
	// beforeLaunch must exist when the first instance boots, although no property of the group refers to it.
	beforeLaunch []pulumi.Resource
	// certificateARN is the certificate of the listener; of one from the zone it is known once ACM has issued it.
	certificateARN pulumi.StringInput
	// entry must stand before the service's name leads to it.
	entry []pulumi.Resource
}

// registerOutputs assigns the outputs and tells the engine.
func (s *ResilientService) registerOutputs(ctx *pulumi.Context) error {
	s.URL = s.url()
	s.LoadBalancerARN, s.LoadBalancerDNSName, s.LoadBalancerZoneID = s.built.loadBalancer.Arn, s.built.loadBalancer.DnsName, s.built.loadBalancer.ZoneId
	s.AcceleratorDNSName, s.AcceleratorAddresses = s.acceleratorOutputs()
	s.TargetGroupARN = s.built.targetGroup.Arn
	s.AutoScalingGroupName = s.built.group.Name
	s.MinInstances = pulumi.Int(s.fleet()).ToIntOutput()
	s.RoleARN, s.RoleName = s.built.role.Arn, s.built.role.Name
	s.KeyARN = s.built.key.Arn
	s.LogGroupName = s.built.logGroup.Name
	s.LoadBalancerSecurityGroupID = s.built.loadBalancerGroup.ID().ToStringOutput()
	s.InstanceSecurityGroupID = s.built.instanceGroup.ID().ToStringOutput()
	return ctx.RegisterResourceOutputs(s, pulumi.Map{
		"url":                 s.URL,
		"loadBalancerARN":     s.LoadBalancerARN,
		"loadBalancerDNSName": s.LoadBalancerDNSName, "loadBalancerZoneID": s.LoadBalancerZoneID,
		"acceleratorDNSName": s.AcceleratorDNSName, "acceleratorAddresses": s.AcceleratorAddresses,
		"targetGroupARN":       s.TargetGroupARN,
		"autoScalingGroupName": s.AutoScalingGroupName, "minInstances": s.MinInstances,
		"roleARN": s.RoleARN, "roleName": s.RoleName, "keyARN": s.KeyARN, "logGroupName": s.LogGroupName,
		"loadBalancerSecurityGroupID": s.LoadBalancerSecurityGroupID, "instanceSecurityGroupID": s.InstanceSecurityGroupID,
	})
}

func (s *ResilientService) url() pulumi.StringOutput {
	scheme := "http://"
	if s.args.isHTTPS() {
		scheme = "https://"
	}
	switch {
	case s.args.HostName != "":
		return pulumi.String(scheme + s.args.HostName).ToStringOutput()
	case s.args.isAccelerated():
		return pulumi.Sprintf("%s%s", scheme, s.built.accelerator.DnsName)
	default:
		return pulumi.Sprintf("%s%s", scheme, s.built.loadBalancer.DnsName)
	}
}
