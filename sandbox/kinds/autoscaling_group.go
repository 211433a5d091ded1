package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	refreshOperation = "StartInstanceRefresh"
	templateSpec     = "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification"
	overrides        = "mixedInstancesPolicy.launchTemplate.overrides[]"
	noTemplate       = "You must use a valid fully-formed launch template. The specified launch template, %s, does not exist."
)

// The provider takes a group down to no instances before it deletes it, so nothing stands in the way of a deletion.
// Sources: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html,
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-maintenance-policy.html and
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
var _ = register(&Kind{
	Token:    AutoScalingGroup,
	Args:     autoscaling.GroupArgs{},
	Resource: &autoscaling.Group{},
	API: API{Service: "Auto Scaling", Noun: "Auto Scaling Group",
		Create: "CreateAutoScalingGroup", Update: "UpdateAutoScalingGroup", Delete: "DeleteAutoScalingGroup"},
	Name:     &AutoName{Property: "name", Max: 255, Unless: []string{"namePrefix"}},
	Defaults: groupDefaultValues(),
	References: []Reference{
		{Path: "vpcZoneIdentifiers[]", To: []string{Subnet}, Code: "ValidationError", Message: "The subnet ID '%s' does not exist"},
		{Path: "targetGroupArns[]", To: []string{TargetGroup}, Code: "ValidationError",
			Message: "Provided Target Groups may not be valid. Please ensure they exist and try again. (%s)"},
		{Path: "trafficSources[].identifier", To: []string{TargetGroup}, Code: "ValidationError",
			Message: "Provided Traffic Sources may not be valid. Please ensure they exist and try again. (%s)"},
		toTemplate("launchTemplate.id", ""), toTemplate("launchTemplate.name", "name"),
		toTemplate(templateSpec+".launchTemplateId", ""), toTemplate(templateSpec+".launchTemplateName", "name"),
		toTemplate(overrides+".launchTemplateSpecification.launchTemplateId", ""), toTemplate(overrides+".launchTemplateSpecification.launchTemplateName", "name"),
		{Path: "instanceRefresh.preferences.alarmSpecification.alarms[]", To: []string{MetricAlarm}, By: "name", Code: "ValidationError",
			Operation: refreshOperation, Message: "The alarm '%s' of the instance refresh does not exist"},
	},
	Rules:    slices.Concat(groupRanges(), groupCapacityRules(), groupTemplateRules(), groupNetworkRules(), groupRefreshRules()),
	Replaces: []string{"name", "namePrefix"},
	Sets: []string{"vpcZoneIdentifiers", "availabilityZones", "targetGroupArns", "trafficSources", "enabledMetrics", "suspendedProcesses", "tags",
		"loadBalancers", "initialLifecycleHooks", "instanceRefresh.triggers"},
	ID: func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("autoscaling", "autoScalingGroup:"+d.UUID("arn")+":autoScalingGroupName/"+d.Output("name").Text()))
		}},
		{Name: "desiredCapacity", Value: func(d *Draft) resource.PropertyValue { return Number(keptCapacity(d)) }},
		{Name: "availabilityZones", Value: func(d *Draft) resource.PropertyValue { return Texts(groupZones(d)...) }},
		{Name: "serviceLinkedRoleArn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.GlobalARN("iam", "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"))
		}},
		fixed("availabilityZoneDistribution", Object(resource.PropertyMap{"capacityDistributionStrategy": Text("balanced-best-effort")})),
		fixed("capacityReservationSpecification", Object(resource.PropertyMap{"capacityReservationPreference": Text("default")})),
		fixed("defaultCooldown", Number(300)), fixed("healthCheckType", Text("EC2")), fixed("predictedCapacity", Number(0)), fixed("warmPoolSize", Number(0)),
		fixed("vpcZoneIdentifiers", Texts()), fixed("targetGroupArns", Texts()), fixed("loadBalancers", Texts()), fixed("trafficSources", List()),
	},
	Absent: map[string]string{
		"launchTemplate":       "a group with a mixed instances policy answers none",
		"mixedInstancesPolicy": "a group with a launch template answers none",
	},
})

func toTemplate(path, by string) Reference {
	return Reference{Path: path, To: []string{LaunchTemplate}, By: by, Code: "ValidationError", Message: noTemplate}
}

func groupDefaultValues() []Default {
	refresh := "instanceRefresh.preferences."
	return []Default{
		{Path: "forceDelete", Value: Flag(false)}, {Path: "forceDeleteWarmPool", Value: Flag(false)}, {Path: "healthCheckGracePeriod", Value: Number(300)},
		{Path: "ignoreFailedScalingActivities", Value: Flag(false)}, {Path: "metricsGranularity", Value: Text("1Minute")},
		{Path: "protectFromScaleIn", Value: Flag(false)}, {Path: "waitForCapacityTimeout", Value: Text("10m")},
		{Path: "launchTemplate.version", Value: Text(versionDefault)}, {Path: templateSpec + ".version", Value: Text(versionDefault)},
		{Path: refresh + "autoRollback", Value: Flag(false)}, {Path: refresh + "skipMatching", Value: Flag(false)},
		{Path: refresh + "minHealthyPercentage", Value: Number(90)}, {Path: refresh + "maxHealthyPercentage", Value: Number(100)},
		{Path: refresh + "scaleInProtectedInstances", Value: Text("Ignore")}, {Path: refresh + "standbyInstances", Value: Text("Ignore")},
	}
}

// keptCapacity is what AWS answers when the program says nothing: the minimum at first, and later what scaling made of it, as
// far as the bounds allow.
func keptCapacity(d *Draft) int {
	least, most := d.Int("minSize"), d.Int("maxSize")
	if d.old == nil {
		return least
	}
	return max(least, min(most, d.old.At("desiredCapacity").Int()))
}

// groupSubnets is the subnets of the group that exist.
func groupSubnets(d *Draft) []*Thing {
	var subnets []*Thing
	for _, id := range d.Texts("vpcZoneIdentifiers") {
		if subnet := d.Find(Subnet, id); subnet != nil {
			subnets = append(subnets, subnet)
		}
	}
	return subnets
}

// groupZones is the zones of the group's subnets, sorted.
func groupZones(d *Draft) []string {
	var zones []string
	for _, subnet := range groupSubnets(d) {
		zones = append(zones, subnet.Text("availabilityZone"))
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// groupVPC is the VPC of the group's first subnet, or "".
func groupVPC(d *Draft) string {
	for _, subnet := range groupSubnets(d) {
		return subnet.Text("vpcId")
	}
	return ""
}
