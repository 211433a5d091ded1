package recorder

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// outputs are the computed properties of one resource: strings, booleans, whole numbers, lists of strings, and whatever else
// as the engine's type.
type outputs map[string]any

func (o outputs) properties() resource.PropertyMap {
	properties := resource.PropertyMap{}
	for key, value := range o {
		switch typed := value.(type) {
		case string:
			properties[resource.PropertyKey(key)] = resource.NewProperty(typed)
		case int:
			properties[resource.PropertyKey(key)] = resource.NewProperty(float64(typed))
		case bool:
			properties[resource.PropertyKey(key)] = resource.NewProperty(typed)
		case []string:
			properties[resource.PropertyKey(key)] = texts(typed)
		case resource.PropertyValue:
			properties[resource.PropertyKey(key)] = typed
		}
	}
	return properties
}

// computed says, by type, the id and the computed outputs of what AWS creates.
var computed = map[string]func(place) (string, resource.PropertyMap, error){
	"aws:acm/certificate:Certificate":                     certificate,
	"aws:acm/certificateValidation:CertificateValidation": certificateValidation,
	"aws:autoscaling/group:Group":                         group,
	"aws:autoscaling/policy:Policy":                       scalingPolicy,
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":        compositeAlarm,
	"aws:cloudwatch/logGroup:LogGroup":                    logGroup,
	"aws:cloudwatch/metricAlarm:MetricAlarm":              metricAlarm,
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":   defaultSecurityGroup,
	"aws:ec2/eip:Eip":                                     eip,
	"aws:ec2/flowLog:FlowLog":                             ec2Resource("fl", "vpc-flow-log"),
	"aws:ec2/internetGateway:InternetGateway":             ec2Resource("igw", "internet-gateway"),
	"aws:ec2/launchTemplate:LaunchTemplate":               launchTemplate,
	"aws:ec2/natGateway:NatGateway":                       natGateway,
	"aws:ec2/route:Route":                                 route,
	"aws:ec2/routeTable:RouteTable":                       ec2Resource("rtb", "route-table"),
	"aws:ec2/routeTableAssociation:RouteTableAssociation": ec2Resource("rtbassoc", ""),
	"aws:ec2/securityGroup:SecurityGroup":                 securityGroup,
	"aws:ec2/subnet:Subnet":                               ec2Resource("subnet", "subnet"),
	"aws:ec2/vpcEndpoint:VpcEndpoint":                     vpcEndpoint,
	"aws:ec2/vpc:Vpc":                                     vpc,
	"aws:globalaccelerator/accelerator:Accelerator":       accelerator,
	"aws:globalaccelerator/endpointGroup:EndpointGroup":   endpointGroup,
	"aws:globalaccelerator/listener:Listener":             acceleratorListener,
	"aws:iam/instanceProfile:InstanceProfile":             instanceProfile,
	"aws:iam/role:Role":                                   role,
	"aws:iam/rolePolicy:RolePolicy":                       rolePolicy,
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment":   rolePolicyAttachment,
	"aws:kms/alias:Alias":                                 kmsAlias,
	"aws:kms/key:Key":                                     kmsKey,
	"aws:lambda/function:Function":                        function,
	"aws:lb/listener:Listener":                            listener,
	"aws:lb/loadBalancer:LoadBalancer":                    loadBalancer,
	"aws:lb/targetGroup:TargetGroup":                      targetGroup,
	"aws:route53/record:Record":                           dnsRecord,
	"aws:route53/zone:Zone":                               hostedZone,
	"aws:rds/cluster:Cluster":                             cluster,
	"aws:rds/clusterInstance:ClusterInstance":             clusterInstance,
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": ofGroup("cluster-pg"),
	"aws:rds/instance:Instance":                           instance,
	"aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": backupsReplication,
	"aws:rds/parameterGroup:ParameterGroup":                                           ofGroup("pg"),
	"aws:rds/proxy:Proxy":                                                             proxy,
	"aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup":                         proxyTargetGroup,
	"aws:rds/proxyEndpoint:ProxyEndpoint":                                             proxyEndpoint,
	"aws:rds/proxyTarget:ProxyTarget":                                                 proxyTarget,
	"aws:rds/subnetGroup:SubnetGroup":                                                 ofGroup("subgrp"),
	"aws:scheduler/schedule:Schedule":                                                 schedule,
	"aws:secretsmanager/secret:Secret":                                                secret,
	"aws:secretsmanager/secretVersion:SecretVersion":                                  secretVersion,
	"aws:sns/topic:Topic":                                                             topic,
	"aws:sns/topicPolicy:TopicPolicy":                                                 ofTopic,
	"aws:sns/topicSubscription:TopicSubscription":                                     topicSubscription,
	"aws:sqs/queue:Queue":                                                             queue,
	"aws:sqs/queuePolicy:QueuePolicy":                                                 ofQueue,
	"aws:sqs/redriveAllowPolicy:RedriveAllowPolicy":                                   ofQueue,
	"aws:ssm/association:Association":                                                 association,
	"aws:ssm/document:Document":                                                       document,
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":                         securityGroupRule,
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":                       securityGroupRule,
	"aws:wafv2/webAcl:WebAcl":                                                         webACL,
	"aws:wafv2/webAclAssociation:WebAclAssociation":                                   webACLAssociation,

	"aws:backup/plan:Plan":                                       backupPlan,
	"aws:backup/regionSettings:RegionSettings":                   backupRegionSettings,
	"aws:backup/restoreTestingPlan:RestoreTestingPlan":           restoreTestingPlan,
	"aws:backup/restoreTestingSelection:RestoreTestingSelection": restoreTestingSelection,
	"aws:backup/selection:Selection":                             backupSelection,
	"aws:backup/vault:Vault":                                     backupVault,
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration":   ofVault,
	"aws:backup/vaultPolicy:VaultPolicy":                         ofVault,
	"aws:cloudwatch/eventRule:EventRule":                         eventRule,
	"aws:cloudwatch/eventTarget:EventTarget":                     eventTarget,

	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       ofBucket,
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                                     ofBucket,
	"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2":                     ofBucket,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     ofBucket,
	"aws:s3/bucketPolicy:BucketPolicy":                                                           ofBucket,
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     ofBucket,
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":                                     ofBucket,
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": ofBucket,
	"aws:s3/bucketV2:BucketV2":                                                                   bucket,
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               ofBucket,
}

// ec2Resource is a resource of EC2 that computes nothing but its id, its owner and, if kind is not empty, its ARN.
func ec2Resource(prefix, kind string) func(place) (string, resource.PropertyMap, error) {
	return func(p place) (string, resource.PropertyMap, error) {
		id := p.ec2ID(prefix)
		if kind == "" {
			return id, nil, nil
		}
		return id, outputs{"arn": p.arn("ec2", kind+"/"+id), "ownerId": p.account}.properties(), nil
	}
}

func vpc(p place) (string, resource.PropertyMap, error) {
	id := p.ec2ID("vpc")
	return id, outputs{
		"arn": p.arn("ec2", "vpc/"+id), "ownerId": p.account,
		"defaultSecurityGroupId": p.ec2ID("sg"), "defaultNetworkAclId": p.ec2ID("acl"),
		"defaultRouteTableId": p.ec2ID("rtb"), "mainRouteTableId": p.ec2ID("rtb"), "dhcpOptionsId": p.ec2ID("dopt"),
	}.properties(), nil
}

func eip(p place) (string, resource.PropertyMap, error) {
	id := p.ec2ID("eipalloc")
	return id, outputs{
		"arn": p.arn("ec2", "elastic-ip/"+id), "allocationId": id, "domain": "vpc", "publicIp": p.address("203.0.113."),
	}.properties(), nil
}

func natGateway(p place) (string, resource.PropertyMap, error) {
	return p.ec2ID("nat"), outputs{
		"networkInterfaceId": p.ec2ID("eni"), "privateIp": p.address("10.0.0."), "publicIp": p.address("203.0.113."),
	}.properties(), nil
}

func route(p place) (string, resource.PropertyMap, error) {
	return "r-" + p.text("routeTableId") + p.hex("route", 10), outputs{"origin": "CreateRoute", "state": "active"}.properties(), nil
}

func securityGroup(p place) (string, resource.PropertyMap, error) {
	id := p.ec2ID("sg")
	return id, outputs{"arn": p.arn("ec2", "security-group/"+id), "ownerId": p.account, "name": p.autoName("name")}.properties(), nil
}

func defaultSecurityGroup(p place) (string, resource.PropertyMap, error) {
	id := p.ec2ID("sg")
	return id, outputs{
		"arn": p.arn("ec2", "security-group/"+id), "ownerId": p.account, "name": "default", "description": "default VPC security group",
	}.properties(), nil
}

func securityGroupRule(p place) (string, resource.PropertyMap, error) {
	id := p.ec2ID("sgr")
	return id, outputs{"arn": p.arn("ec2", "security-group-rule/"+id), "securityGroupRuleId": id}.properties(), nil
}

func launchTemplate(p place) (string, resource.PropertyMap, error) {
	id := p.ec2ID("lt")
	return id, outputs{
		"arn": p.arn("ec2", "launch-template/"+id), "name": p.autoName("name"), "latestVersion": 1, "defaultVersion": 1,
	}.properties(), nil
}

func loadBalancer(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	suffix := "app/" + name + "/" + p.hex("lb", 16)
	arn := p.arn("elasticloadbalancing", "loadbalancer/"+suffix)
	host := name
	if internal, _ := p.find("internal"); internal.exists && internal.value.IsBool() && internal.value.BoolValue() {
		host = "internal-" + name
	}
	return arn, outputs{
		"arn": arn, "arnSuffix": suffix, "name": name,
		"dnsName": host + "-" + p.digits("dns", 10) + "." + p.region + ".elb." + p.domain(),
		"zoneId":  "Z" + strings.ToUpper(p.hex("zone "+p.region, 13)),
		// Mocks do not know the VPC of the subnets; an id of its own shows, where "" would pass for nothing.
		"vpcId": p.ec2ID("vpc"),
	}.properties(), nil
}

func targetGroup(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	suffix := "targetgroup/" + name + "/" + p.hex("tg", 16)
	arn := p.arn("elasticloadbalancing", suffix)
	return arn, outputs{"arn": arn, "arnSuffix": suffix, "name": name, "loadBalancerArns": []string{}}.properties(), nil
}

func listener(p place) (string, resource.PropertyMap, error) {
	_, balancer, _ := strings.Cut(p.text("loadBalancerArn"), ":loadbalancer/")
	arn := p.arn("elasticloadbalancing", "listener/"+balancer+"/"+p.hex("listener", 16))
	return arn, outputs{"arn": arn}.properties(), nil
}

func group(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{
		"arn": p.arn("autoscaling", "autoScalingGroup:"+p.uuid()+":autoScalingGroupName/"+name), "name": name,
	}.properties(), nil
}

func scalingPolicy(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	arn := p.arn("autoscaling", "scalingPolicy:"+p.uuid()+":autoScalingGroupName/"+p.text("autoscalingGroupName")+":policyName/"+name)
	return name, outputs{"arn": arn, "name": name}.properties(), nil
}

func role(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{
		"arn": p.globalARN("iam", "role/"+name), "name": name, "uniqueId": p.unique("AROA"), "createDate": createDate,
	}.properties(), nil
}

func rolePolicy(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return p.text("role") + ":" + name, outputs{"name": name}.properties(), nil
}

func rolePolicyAttachment(p place) (string, resource.PropertyMap, error) {
	return p.text("role") + "-" + p.hex("attachment", 26), nil, nil
}

func instanceProfile(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{
		"arn": p.globalARN("iam", "instance-profile/"+name), "name": name, "uniqueId": p.unique("AIPA"), "createDate": createDate,
	}.properties(), nil
}

func kmsKey(p place) (string, resource.PropertyMap, error) {
	id := p.uuid()
	return id, outputs{"arn": p.arn("kms", "key/"+id), "keyId": id}.properties(), nil
}

func kmsAlias(p place) (string, resource.PropertyMap, error) {
	name := p.text("name")
	if name == "" {
		name = "alias/" + p.autoName("name")
	}
	target := p.text("targetKeyId")
	if target != "" && !strings.HasPrefix(target, "arn:") {
		target = p.arn("kms", "key/"+target)
	}
	return name, outputs{"arn": p.arn("kms", name), "name": name, "targetKeyArn": target}.properties(), nil
}

func logGroup(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{"arn": p.arn("logs", "log-group:"+name), "name": name}.properties(), nil
}

func metricAlarm(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{"arn": p.arn("cloudwatch", "alarm:"+name), "name": name}.properties(), nil
}

func secret(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	arn := p.arn("secretsmanager", "secret:"+name+"-"+p.hex("secret", 6))
	return arn, outputs{"arn": arn, "name": name}.properties(), nil
}

func secretVersion(p place) (string, resource.PropertyMap, error) {
	arn := p.text("secretId")
	return arn + "|" + p.uuid(), outputs{"arn": arn, "versionId": p.uuid(), "versionStages": []string{"AWSCURRENT"}}.properties(), nil
}

// callerIdentity is a role that somebody assumed, as it is where people sign in through an identity provider.
func callerIdentity(p place, _ resource.PropertyMap) (resource.PropertyMap, error) {
	return outputs{
		"id": p.account, "accountId": p.account, "userId": "AROA0123456789ABCDEFG:recorder",
		"arn": "arn:" + p.partition + ":sts::" + p.account + ":assumed-role/deployer/recorder",
	}.properties(), nil
}

// createDate stands for every date: the recorder has no clock.
const createDate = "2026-01-01T00:00:00Z"

// address is one of 200 addresses under a prefix of three bytes.
func (p place) address(prefix string) string { return prefix + p.number(prefix, 200) }
