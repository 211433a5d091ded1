package recorder_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/globalaccelerator"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/internal/recorder"
)

type awsType struct {
	resource pulumi.CustomResource
	args     pulumi.Input
}

var awsTypes = map[string]awsType{
	"aws:acm/certificate:Certificate":                           {&acm.Certificate{}, acm.CertificateArgs{}},
	"aws:acm/certificateValidation:CertificateValidation":       {&acm.CertificateValidation{}, acm.CertificateValidationArgs{}},
	"aws:autoscaling/group:Group":                               {&autoscaling.Group{}, autoscaling.GroupArgs{}},
	"aws:autoscaling/policy:Policy":                             {&autoscaling.Policy{}, autoscaling.PolicyArgs{}},
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":              {&cloudwatch.CompositeAlarm{}, cloudwatch.CompositeAlarmArgs{}},
	"aws:sns/topic:Topic":                                       {&sns.Topic{}, sns.TopicArgs{}},
	"aws:sns/topicPolicy:TopicPolicy":                           {&sns.TopicPolicy{}, sns.TopicPolicyArgs{}},
	"aws:sns/topicSubscription:TopicSubscription":               {&sns.TopicSubscription{}, sns.TopicSubscriptionArgs{}},
	"aws:cloudwatch/logGroup:LogGroup":                          {&cloudwatch.LogGroup{}, cloudwatch.LogGroupArgs{}},
	"aws:cloudwatch/metricAlarm:MetricAlarm":                    {&cloudwatch.MetricAlarm{}, cloudwatch.MetricAlarmArgs{}},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":         {&ec2.DefaultSecurityGroup{}, ec2.DefaultSecurityGroupArgs{}},
	"aws:ec2/eip:Eip":                                           {&ec2.Eip{}, ec2.EipArgs{}},
	"aws:ec2/flowLog:FlowLog":                                   {&ec2.FlowLog{}, ec2.FlowLogArgs{}},
	"aws:ec2/internetGateway:InternetGateway":                   {&ec2.InternetGateway{}, ec2.InternetGatewayArgs{}},
	"aws:ec2/launchTemplate:LaunchTemplate":                     {&ec2.LaunchTemplate{}, ec2.LaunchTemplateArgs{}},
	"aws:ec2/natGateway:NatGateway":                             {&ec2.NatGateway{}, ec2.NatGatewayArgs{}},
	"aws:ec2/route:Route":                                       {&ec2.Route{}, ec2.RouteArgs{}},
	"aws:ec2/routeTable:RouteTable":                             {&ec2.RouteTable{}, ec2.RouteTableArgs{}},
	"aws:ec2/routeTableAssociation:RouteTableAssociation":       {&ec2.RouteTableAssociation{}, ec2.RouteTableAssociationArgs{}},
	"aws:ec2/securityGroup:SecurityGroup":                       {&ec2.SecurityGroup{}, ec2.SecurityGroupArgs{}},
	"aws:ec2/subnet:Subnet":                                     {&ec2.Subnet{}, ec2.SubnetArgs{}},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                           {&ec2.VpcEndpoint{}, ec2.VpcEndpointArgs{}},
	"aws:ec2/vpc:Vpc":                                           {&ec2.Vpc{}, ec2.VpcArgs{}},
	"aws:globalaccelerator/accelerator:Accelerator":             {&globalaccelerator.Accelerator{}, globalaccelerator.AcceleratorArgs{}},
	"aws:globalaccelerator/endpointGroup:EndpointGroup":         {&globalaccelerator.EndpointGroup{}, globalaccelerator.EndpointGroupArgs{}},
	"aws:globalaccelerator/listener:Listener":                   {&globalaccelerator.Listener{}, globalaccelerator.ListenerArgs{}},
	"aws:iam/instanceProfile:InstanceProfile":                   {&iam.InstanceProfile{}, iam.InstanceProfileArgs{}},
	"aws:iam/role:Role":                                         {&iam.Role{}, iam.RoleArgs{}},
	"aws:iam/rolePolicy:RolePolicy":                             {&iam.RolePolicy{}, iam.RolePolicyArgs{}},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment":         {&iam.RolePolicyAttachment{}, iam.RolePolicyAttachmentArgs{}},
	"aws:kms/alias:Alias":                                       {&kms.Alias{}, kms.AliasArgs{}},
	"aws:kms/key:Key":                                           {&kms.Key{}, kms.KeyArgs{}},
	"aws:lb/listener:Listener":                                  {&lb.Listener{}, lb.ListenerArgs{}},
	"aws:lb/loadBalancer:LoadBalancer":                          {&lb.LoadBalancer{}, lb.LoadBalancerArgs{}},
	"aws:lb/targetGroup:TargetGroup":                            {&lb.TargetGroup{}, lb.TargetGroupArgs{}},
	"aws:route53/record:Record":                                 {&route53.Record{}, route53.RecordArgs{}},
	"aws:route53/zone:Zone":                                     {&route53.Zone{}, route53.ZoneArgs{}},
	"aws:secretsmanager/secret:Secret":                          {&secretsmanager.Secret{}, secretsmanager.SecretArgs{}},
	"aws:secretsmanager/secretVersion:SecretVersion":            {&secretsmanager.SecretVersion{}, secretsmanager.SecretVersionArgs{}},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {&vpc.SecurityGroupEgressRule{}, vpc.SecurityGroupEgressRuleArgs{}},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {&vpc.SecurityGroupIngressRule{}, vpc.SecurityGroupIngressRuleArgs{}},
	"aws:wafv2/webAcl:WebAcl":                                   {&wafv2.WebAcl{}, wafv2.WebAclArgs{}},
	"aws:wafv2/webAclAssociation:WebAclAssociation":             {&wafv2.WebAclAssociation{}, wafv2.WebAclAssociationArgs{}},

	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       {&s3.BucketLifecycleConfigurationV2{}, s3.BucketLifecycleConfigurationV2Args{}},
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                                     {&s3.BucketLoggingV2{}, s3.BucketLoggingV2Args{}},
	"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2":                     {&s3.BucketObjectLockConfigurationV2{}, s3.BucketObjectLockConfigurationV2Args{}},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     {&s3.BucketOwnershipControls{}, s3.BucketOwnershipControlsArgs{}},
	"aws:s3/bucketPolicy:BucketPolicy":                                                           {&s3.BucketPolicy{}, s3.BucketPolicyArgs{}},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     {&s3.BucketPublicAccessBlock{}, s3.BucketPublicAccessBlockArgs{}},
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":                                     {&s3.BucketReplicationConfig{}, s3.BucketReplicationConfigArgs{}},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {&s3.BucketServerSideEncryptionConfigurationV2{}, s3.BucketServerSideEncryptionConfigurationV2Args{}},
	"aws:s3/bucketV2:BucketV2":                                                                   {&s3.BucketV2{}, s3.BucketV2Args{}},
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               {&s3.BucketVersioningV2{}, s3.BucketVersioningV2Args{}},

	"aws:backup/plan:Plan":                                       {&backup.Plan{}, backup.PlanArgs{}},
	"aws:backup/regionSettings:RegionSettings":                   {&backup.RegionSettings{}, backup.RegionSettingsArgs{}},
	"aws:backup/restoreTestingPlan:RestoreTestingPlan":           {&backup.RestoreTestingPlan{}, backup.RestoreTestingPlanArgs{}},
	"aws:backup/restoreTestingSelection:RestoreTestingSelection": {&backup.RestoreTestingSelection{}, backup.RestoreTestingSelectionArgs{}},
	"aws:backup/selection:Selection":                             {&backup.Selection{}, backup.SelectionArgs{}},
	"aws:backup/vault:Vault":                                     {&backup.Vault{}, backup.VaultArgs{}},
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration":   {&backup.VaultLockConfiguration{}, backup.VaultLockConfigurationArgs{}},
	"aws:backup/vaultPolicy:VaultPolicy":                         {&backup.VaultPolicy{}, backup.VaultPolicyArgs{}},
	"aws:cloudwatch/eventRule:EventRule":                         {&cloudwatch.EventRule{}, cloudwatch.EventRuleArgs{}},
	"aws:cloudwatch/eventTarget:EventTarget":                     {&cloudwatch.EventTarget{}, cloudwatch.EventTargetArgs{}},
}

// inputsFor are the inputs that the outputs of a type are made from.
var inputsFor = map[string]pulumi.Map{
	"aws:lb/listener:Listener": {"loadBalancerArn": pulumi.String("arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/0123456789abcdef")},
	"aws:kms/alias:Alias":      {"targetKeyId": pulumi.String("0b5c1c6d-0000-4000-8000-000000000000")},
	"aws:secretsmanager/secretVersion:SecretVersion": {
		"secretId": pulumi.String("arn:aws:secretsmanager:eu-central-1:123456789012:secret:web-AbCdEf"), "secretString": pulumi.String("x"),
	},
	"aws:acm/certificate:Certificate":                     {"domainName": pulumi.String("app.example.com")},
	"aws:globalaccelerator/listener:Listener":             {"acceleratorArn": pulumi.String("arn:aws:globalaccelerator::123456789012:accelerator/1")},
	"aws:globalaccelerator/endpointGroup:EndpointGroup":   {"listenerArn": pulumi.String("arn:aws:globalaccelerator::123456789012:accelerator/1/listener/2")},
	"aws:acm/certificateValidation:CertificateValidation": {"certificateArn": pulumi.String("arn")},
	"aws:route53/record:Record":                           {"zoneId": pulumi.String("Z1"), "name": pulumi.String("App.example.com."), "type": pulumi.String("A")},
	"aws:ec2/vpcEndpoint:VpcEndpoint": {
		"serviceName": pulumi.String("com.amazonaws.eu-central-1.ecr.api"), "vpcEndpointType": pulumi.String("Interface"),
		"subnetIds": pulumi.ToStringArray([]string{"subnet-a", "subnet-b"}),
	},
	"aws:cloudwatch/compositeAlarm:CompositeAlarm": {"alarmName": pulumi.String("web")},
	"aws:sns/topicPolicy:TopicPolicy":              {"arn": pulumi.String("arn:aws:sns:eu-central-1:123456789012:web")},
	"aws:sns/topicSubscription:TopicSubscription":  {"topic": pulumi.String("arn:aws:sns:eu-central-1:123456789012:web")},
	"aws:ec2/route:Route":                          {"routeTableId": pulumi.String("rtb-00000000000000001")},
	"aws:autoscaling/policy:Policy":                {"autoscalingGroupName": pulumi.String("web")},
	"aws:iam/rolePolicy:RolePolicy":                {"role": pulumi.String("web")},
	"aws:lb/loadBalancer:LoadBalancer":             {"internal": pulumi.Bool(true), "name": pulumi.String("web")},

	"aws:backup/vaultLockConfiguration:VaultLockConfiguration": {"backupVaultName": pulumi.String("web")},
	"aws:backup/vaultPolicy:VaultPolicy":                       {"backupVaultName": pulumi.String("web")},

	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       {"bucket": pulumi.String("web")},
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                                     {"bucket": pulumi.String("web")},
	"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2":                     {"bucket": pulumi.String("web")},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     {"bucket": pulumi.String("web")},
	"aws:s3/bucketPolicy:BucketPolicy":                                                           {"bucket": pulumi.String("web")},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     {"bucket": pulumi.String("web")},
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":                                     {"bucket": pulumi.String("web")},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {"bucket": pulumi.String("web")},
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               {"bucket": pulumi.String("web")},
}

// unread are computed outputs that are empty on AWS too, or that nothing should be decided by.
var unread = map[string]bool{
	"tagsAll": true, // deprecated by the provider
	"aws:acm/certificate:Certificate.notBefore":                      true, // set when the certificate is issued
	"aws:acm/certificate:Certificate.notAfter":                       true,
	"aws:acm/certificate:Certificate.pendingRenewal":                 true,
	"aws:acm/certificate:Certificate.renewalSummaries":               true,
	"aws:acm/certificate:Certificate.validationEmails":               true, // validation by email only
	"aws:globalaccelerator/accelerator:Accelerator.dualStackDnsName": true, // dual stack only
	"aws:wafv2/webAcl:WebAcl.applicationIntegrationUrl":              true, // rule groups for fraud only
	"aws:ec2/eip:Eip.associationId":                                  true, // set when the address is associated
	"aws:ec2/eip:Eip.carrierIp":                                      true, // Wavelength Zones only
	"aws:ec2/eip:Eip.customerOwnedIp":                                true, // Outposts only
	"aws:ec2/eip:Eip.privateIp":                                      true,
	"aws:ec2/eip:Eip.privateDns":                                     true,
	"aws:ec2/eip:Eip.ptrRecord":                                      true,
	"aws:ec2/eip:Eip.publicDns":                                      true,
	"aws:ec2/natGateway:NatGateway.associationId":                    true,
	"aws:ec2/vpc:Vpc.ipv6AssociationId":                              true, // without IPv6 there is none
	"aws:ec2/subnet:Subnet.ipv6CidrBlockAssociationId":               true, // without IPv6 there is none
	"aws:ec2/vpcEndpoint:VpcEndpoint.prefixListId":                   true, // gateways only
	"aws:ec2/vpcEndpoint:VpcEndpoint.cidrBlocks":                     true, // gateways only
	"aws:ec2/vpcEndpoint:VpcEndpoint.requesterManaged":               true, // false for endpoints that a program makes
	"aws:ec2/route:Route.instanceId":                                 true, // routes to instances only
	"aws:ec2/route:Route.instanceOwnerId":                            true, // routes to instances only
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup.namePrefix":   true, // it is always called default
	"aws:autoscaling/group:Group.predictedCapacity":                  true, // 0 without predictive scaling
	"aws:autoscaling/group:Group.warmPoolSize":                       true, // 0 without a warm pool

	"aws:sns/topic:Topic.beginningArchiveTime":                        true, // first in, first out only
	"aws:sns/topicSubscription:TopicSubscription.pendingConfirmation": true, // false once it is confirmed

	"aws:backup/vault:Vault.recoveryPoints": true, // there are none

	"aws:s3/bucketV2:BucketV2.hostedZoneId":    true, // for websites only
	"aws:s3/bucketV2:BucketV2.websiteDomain":   true, // deprecated by the provider
	"aws:s3/bucketV2:BucketV2.websiteEndpoint": true, // deprecated by the provider
}

func TestEveryComputedOutputThatTheSDKDeclaresHasAValue(t *testing.T) {
	for token, each := range awsTypes {
		t.Run(token, func(t *testing.T) {
			var empty []string
			rec := recorder.Run(t, inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
				if err := ctx.RegisterResource(token, "web", inputsFor[token], each.resource, parent); err != nil {
					return err
				}
				var err error
				empty, err = emptyOutputs(ctx, token, each)
				return err
			}))
			require.Empty(t, empty)
			require.NotEmpty(t, rec.One(t, token, "web").ID)
		})
	}
}

// emptyOutputs are the outputs that are no inputs, are not optional, and have the zero value.
func emptyOutputs(ctx *pulumi.Context, token string, each awsType) ([]string, error) {
	inputs := map[string]bool{}
	argsType := each.args.ElementType()
	for index := range argsType.NumField() {
		inputs[argsType.Field(index).Tag.Get("pulumi")] = true
	}
	var empty []string
	made := reflect.ValueOf(each.resource).Elem()
	for index := range made.NumField() {
		name := made.Type().Field(index).Tag.Get("pulumi")
		output, isOutput := made.Field(index).Interface().(pulumi.Output)
		if !isOutput || name == "" || inputs[name] || unread[name] || unread[token+"."+name] {
			continue
		}
		if strings.HasSuffix(made.Field(index).Type().Name(), "PtrOutput") {
			continue
		}
		result, err := internals.UnsafeAwaitOutput(ctx.Context(), output)
		if err != nil {
			return nil, err
		}
		if value := reflect.ValueOf(result.Value); !value.IsValid() || value.IsZero() {
			empty = append(empty, name)
		}
	}
	return empty, nil
}

func TestIDsAndARNsLookLikeAWSs(t *testing.T) {
	for token, want := range map[string]string{
		"aws:ec2/vpc:Vpc":                                   `^vpc-0[0-9a-f]{16}$`,
		"aws:ec2/launchTemplate:LaunchTemplate":             `^lt-0[0-9a-f]{16}$`,
		"aws:ec2/vpcEndpoint:VpcEndpoint":                   `^vpce-0[0-9a-f]{16}$`,
		"aws:lb/loadBalancer:LoadBalancer":                  `^arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/[0-9a-f]{16}$`,
		"aws:lb/targetGroup:TargetGroup":                    `^arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-[0-9a-f]{7}/[0-9a-f]{16}$`,
		"aws:lb/listener:Listener":                          `^arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/web/0123456789abcdef/[0-9a-f]{16}$`,
		"aws:acm/certificate:Certificate":                   `^arn:aws:acm:eu-central-1:123456789012:certificate/[0-9a-f-]{36}$`,
		"aws:route53/record:Record":                         `^Z1_app\.example\.com_A$`,
		"aws:wafv2/webAcl:WebAcl":                           `^[0-9a-f-]{36}$`,
		"aws:globalaccelerator/accelerator:Accelerator":     `^arn:aws:globalaccelerator::123456789012:accelerator/[0-9a-f-]{36}$`,
		"aws:globalaccelerator/listener:Listener":           `^arn:aws:globalaccelerator::123456789012:accelerator/1/listener/[0-9a-f]{8}$`,
		"aws:globalaccelerator/endpointGroup:EndpointGroup": `^arn:aws:globalaccelerator::123456789012:accelerator/1/listener/2/endpoint-group/[0-9a-f]{12}$`,
		"aws:kms/key:Key":                                   `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`,
		"aws:kms/alias:Alias":                               `^alias/web-[0-9a-f]{7}$`,
		"aws:iam/role:Role":                                 `^web-[0-9a-f]{7}$`,
		"aws:iam/rolePolicy:RolePolicy":                     `^web:web-[0-9a-f]{7}$`,
		"aws:sns/topic:Topic":                               `^arn:aws:sns:eu-central-1:123456789012:web-[0-9a-f]{7}$`,
		"aws:cloudwatch/logGroup:LogGroup":                  `^web-[0-9a-f]{7}$`,
		"aws:secretsmanager/secret:Secret":                  `^arn:aws:secretsmanager:eu-central-1:123456789012:secret:web-[0-9a-f]{7}-[0-9a-f]{6}$`,
		"aws:ec2/route:Route":                               `^r-rtb-00000000000000001[0-9a-f]{10}$`,
		"aws:autoscaling/group:Group":                       `^web-[0-9a-f]{7}$`,
		"aws:cloudwatch/metricAlarm:MetricAlarm":            `^web-[0-9a-f]{7}$`,
		"aws:s3/bucketV2:BucketV2":                          `^web-[0-9a-f]{7}$`,
		"aws:s3/bucketPolicy:BucketPolicy":                  `^web$`,
	} {
		t.Run(token, func(t *testing.T) {
			rec := recorder.Run(t, inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
				return ctx.RegisterResource(token, "web", inputsFor[token], &pulumi.CustomResourceState{}, parent)
			}))
			require.Regexp(t, want, rec.One(t, token, "web").ID)
		})
	}
}

func TestALoadBalancerIsNamedByItsRegionAndPartition(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1":     `^internal-web-[1-9][0-9]{9}\.eu-west-1\.elb\.amazonaws\.com arn:aws:elasticloadbalancing:eu-west-1:`,
		"cn-north-1":    `^internal-web-[1-9][0-9]{9}\.cn-north-1\.elb\.amazonaws\.com\.cn arn:aws-cn:elasticloadbalancing:cn-north-1:`,
		"us-gov-west-1": `^internal-web-[1-9][0-9]{9}\.us-gov-west-1\.elb\.amazonaws\.com arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:`,
	} {
		t.Run(region, func(t *testing.T) {
			rec := recorder.Run(t, inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
				var balancer lb.LoadBalancer
				if err := ctx.RegisterResource("aws:lb/loadBalancer:LoadBalancer", "web", inputsFor["aws:lb/loadBalancer:LoadBalancer"], &balancer, parent); err != nil {
					return err
				}
				ctx.Export("names", pulumi.Sprintf("%s %s", balancer.DnsName, balancer.Arn))
				return nil
			}), recorder.Config(map[string]string{"aws:region": region}))
			require.Regexp(t, want, fmt.Sprint(rec.Output(t, "names")))
		})
	}
}
