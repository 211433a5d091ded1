package kinds_test

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// groupWorld is a VPC with two subnets, a launch template of version 3, a target group and an alarm.
func groupWorld(lab *Lab) []string {
	subnets := twoSubnets(lab, "vpc-1")
	lab.Put(kinds.SecurityGroup, "sg-1", In{"vpcId": "vpc-1"})
	lab.Put(kinds.SecurityGroup, "sg-2", In{"vpcId": "vpc-2"})
	lab.Put(kinds.LaunchTemplate, "lt-1", In{"name": "web", "latestVersion": 3, "imageId": "ami-1", "instanceType": "m7g.large", "vpcSecurityGroupIds": []any{"sg-1"}})
	lab.Put(kinds.LaunchTemplate, "lt-far", In{"name": "far", "latestVersion": 1, "imageId": "ami-1", "instanceType": "m7g.large", "networkInterfaces": []any{In{"securityGroups": []any{"sg-2"}}}})
	lab.Put(kinds.LaunchTemplate, "lt-bare", In{"name": "bare", "latestVersion": 1, "imageId": "ami-1"})
	lab.Put(kinds.LaunchTemplate, "lt-none", In{"name": "none", "latestVersion": 1, "instanceType": "m7g.large"})
	lab.Put(kinds.TargetGroup, groupARN, In{"vpcId": "vpc-1", "targetType": "instance"})
	lab.Put(kinds.TargetGroup, "arn:far", In{"vpcId": "vpc-2", "targetType": "instance"})
	lab.Put(kinds.TargetGroup, "arn:ip", In{"vpcId": "vpc-1", "targetType": "ip"})
	lab.Put(kinds.MetricAlarm, "rollback", In{"name": "rollback"})
	return subnets
}

func scalingGroup(changes In) Draft {
	return func(lab *Lab) In {
		return changed(In{"minSize": 3, "maxSize": 6, "vpcZoneIdentifiers": groupWorld(lab), "launchTemplate": In{"id": "lt-1", "version": "3"}}, changes)
	}
}

// mixedGroup is a group of several instance types.
func mixedGroup(changes In, overrides ...any) Draft {
	policy := In{"launchTemplate": In{"launchTemplateSpecification": In{"launchTemplateId": "lt-bare", "version": "1"}, "overrides": overrides}}
	return scalingGroup(changed(In{"launchTemplate": nil, "mixedInstancesPolicy": policy}, changes))
}

func instanceType(name string) In { return In{"instanceType": name} }

func spread(changes In) Draft {
	return scalingGroup(In{"launchTemplate": nil, "mixedInstancesPolicy": In{"instancesDistribution": changes,
		"launchTemplate": In{"launchTemplateSpecification": In{"launchTemplateName": "web"}}}})
}

func template(specification In) Draft { return scalingGroup(In{"launchTemplate": specification}) }

func refresh(preferences In) Draft {
	return scalingGroup(In{"instanceRefresh": In{"strategy": "Rolling", "preferences": preferences}})
}

func maintained(least, most int) Draft {
	return scalingGroup(In{"instanceMaintenancePolicy": In{"minHealthyPercentage": least, "maxHealthyPercentage": most}})
}

func hook(changes In) Draft {
	return scalingGroup(In{"initialLifecycleHooks": []any{changed(In{"name": "boot", "lifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}, changes)}})
}

func manyTypes(count int) []any {
	var overrides []any
	for index := range count {
		overrides = append(overrides, In{"launchTemplateSpecification": In{"launchTemplateId": "lt-1", "version": fmt.Sprint(1 + index%3)}})
	}
	return overrides
}

func alarmNames(count int) []any {
	names := []any{}
	for range count {
		names = append(names, "rollback")
	}
	return names
}

var _ = suite(kinds.AutoScalingGroup, Suite{
	Valid: map[string]Draft{
		"from a template":  scalingGroup(In{"targetGroupArns": []any{groupARN}, "healthCheckType": "EBS,ELB", "enabledMetrics": []any{"GroupTotalInstances"}}),
		"by name":          template(In{"name": "web", "version": "$Latest"}),
		"of several types": mixedGroup(nil, instanceType("m7g.large"), instanceType("m6g.large")),
		"with a prefix":    scalingGroup(In{"namePrefix": "web-", "desiredCapacity": 4}),
		"from a source":    scalingGroup(In{"trafficSources": []any{In{"identifier": groupARN}}}),
		"that rolls back":  refresh(In{"autoRollback": true, "minHealthyPercentage": 100, "maxHealthyPercentage": 150, "instanceWarmup": "60", "alarmSpecification": In{"alarms": []any{"rollback"}}}),
		"maintained":       maintained(100, 150),
		"unmaintained":     maintained(-1, -1),
		"of none":          scalingGroup(In{"minSize": 0, "maxSize": 0}),
	},
	Refusals: []Refusal{
		{Rule: "reference vpcZoneIdentifiers[]", Draft: scalingGroup(In{"vpcZoneIdentifiers": []any{"vpc-1a", "subnet-gone"}}), Says: "CreateAutoScalingGroup, api error ValidationError: The subnet ID 'subnet-gone' does not exist"},
		{Rule: "reference targetGroupArns[]", Draft: scalingGroup(In{"targetGroupArns": []any{"arn:gone"}}), Says: "Provided Target Groups may not be valid. Please ensure they exist and try again. (arn:gone)"},
		{Rule: "reference trafficSources[].identifier", Draft: scalingGroup(In{"trafficSources": []any{In{"identifier": "arn:gone"}}}), Says: "Provided Traffic Sources may not be valid"},
		{Rule: "reference launchTemplate.id", Draft: template(In{"id": "lt-gone"}), Says: "The specified launch template, lt-gone, does not exist."},
		{Rule: "reference launchTemplate.name", Draft: template(In{"name": "gone"}), Says: "The specified launch template, gone, does not exist."},
		{Rule: "reference mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateId", Draft: mixedGroup(In{"mixedInstancesPolicy": In{"launchTemplate": In{"launchTemplateSpecification": In{"launchTemplateId": "lt-gone"}}}}), Says: "lt-gone, does not exist"},
		{Rule: "reference mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateName", Draft: mixedGroup(In{"mixedInstancesPolicy": In{"launchTemplate": In{"launchTemplateSpecification": In{"launchTemplateName": "gone"}}}}), Says: "gone, does not exist"},
		{Rule: "reference mixedInstancesPolicy.launchTemplate.overrides[].launchTemplateSpecification.launchTemplateId", Draft: mixedGroup(nil, In{"instanceType": "m7g.large", "launchTemplateSpecification": In{"launchTemplateId": "lt-gone"}}), Says: "lt-gone, does not exist"},
		{Rule: "reference mixedInstancesPolicy.launchTemplate.overrides[].launchTemplateSpecification.launchTemplateName", Draft: mixedGroup(nil, In{"instanceType": "m7g.large", "launchTemplateSpecification": In{"launchTemplateName": "gone"}}), Says: "gone, does not exist"},
		{Rule: "reference instanceRefresh.preferences.alarmSpecification.alarms[]", Draft: refresh(In{"alarmSpecification": In{"alarms": []any{"gone"}}}), Says: "StartInstanceRefresh, api error ValidationError: The alarm 'gone'"},
		{Rule: "only what the sandbox has", Draft: scalingGroup(In{"placementGroup": "close"}), Says: "the sandbox has no launch configurations"},
		{Rule: "exactly one of launchConfiguration, launchTemplate, mixedInstancesPolicy", Draft: scalingGroup(In{"launchTemplate": nil}), Says: "none is set"},
		{Rule: "name conflicts with namePrefix", Draft: scalingGroup(In{"name": "a", "namePrefix": "b"}), Says: "conflicts with namePrefix"},
		{Rule: "length of name", Draft: scalingGroup(In{"name": strings.Repeat("a", 256)}), Says: "range (1 - 255)"},
		{Rule: "targetGroupArns conflicts with trafficSources", Draft: scalingGroup(In{"targetGroupArns": []any{groupARN}, "trafficSources": []any{In{"identifier": groupARN}}}), Says: "conflicts with trafficSources"},
		{Rule: "launchTemplate.id conflicts with launchTemplate.name", Draft: template(In{"id": "lt-1", "name": "web"}), Says: "conflicts with launchTemplate.name"},
		{Rule: "values of availabilityZoneDistribution.capacityDistributionStrategy", Draft: scalingGroup(In{"availabilityZoneDistribution": In{"capacityDistributionStrategy": "even"}}), Says: "got even"},
		{Rule: "values of metricsGranularity", Draft: scalingGroup(In{"metricsGranularity": "5Minute"}), Says: "got 5Minute"},
		{Rule: "values of enabledMetrics[]", Draft: scalingGroup(In{"enabledMetrics": []any{"GroupCPU"}}), Says: "got GroupCPU"},
		{Rule: "values of suspendedProcesses[]", Draft: scalingGroup(In{"suspendedProcesses": []any{"Heal"}}), Says: "got Heal"},
		{Rule: "values of desiredCapacityType", Draft: scalingGroup(In{"desiredCapacityType": "cores"}), Says: "got cores"},
		{Rule: "values of warmPool.poolState", Draft: scalingGroup(In{"warmPool": In{"poolState": "Warm"}}), Says: "got Warm"},
		{Rule: "values of initialLifecycleHooks[].lifecycleTransition", Draft: hook(In{"lifecycleTransition": "boot"}), Says: "got boot"},
		{Rule: "range of initialLifecycleHooks[].heartbeatTimeout", Draft: hook(In{"heartbeatTimeout": 29}), Says: "(30 - 7200), got 29"},
		{Rule: "values of mixedInstancesPolicy.instancesDistribution.onDemandAllocationStrategy", Draft: spread(In{"onDemandAllocationStrategy": "cheap"}), Says: "got cheap"},
		{Rule: "values of mixedInstancesPolicy.instancesDistribution.spotAllocationStrategy", Draft: spread(In{"spotAllocationStrategy": "cheap"}), Says: "got cheap"},
		{Rule: "range of mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity", Draft: spread(In{"onDemandPercentageAboveBaseCapacity": 101}), Says: "(0 - 100), got 101"},
		{Rule: "values of instanceRefresh.strategy", Draft: scalingGroup(In{"instanceRefresh": In{"strategy": "Replace"}}), Says: "got Replace"},
		{Rule: "values of instanceRefresh.preferences.scaleInProtectedInstances", Draft: refresh(In{"scaleInProtectedInstances": "Skip"}), Says: "got Skip"},
		{Rule: "values of instanceRefresh.preferences.standbyInstances", Draft: refresh(In{"standbyInstances": "Skip"}), Says: "got Skip"},
		{Rule: "range of instanceRefresh.preferences.minHealthyPercentage", Draft: refresh(In{"minHealthyPercentage": 101}), Says: "(0 - 100), got 101"},
		{Rule: "range of instanceRefresh.preferences.maxHealthyPercentage", Draft: refresh(In{"maxHealthyPercentage": 99}), Says: "(100 - 200), got 99"},
		{Rule: "most seconds of an instance", Draft: scalingGroup(In{"maxInstanceLifetime": 3600}), Says: "0 or in the range (86400 - 31536000), got 3600"},
		{Rule: "percentages of the maintenance policy", Draft: maintained(101, 150), Says: "(-1 - 100), got 101"},
		{Rule: "percentages of the maintenance policy", Draft: maintained(90, 99), Says: "-1 or in the range (100 - 200), got 99"},
		{Rule: "bounds", Draft: scalingGroup(In{"maxSize": 2}), Says: "Max bound, 2, must be greater than or equal to min bound, 3"},
		{Rule: "desired capacity within the bounds", Draft: scalingGroup(In{"desiredCapacity": 7}), Says: "Desired capacity:7 must be between the specified min size:3 and max size:6"},
		{Rule: "health check type", Draft: scalingGroup(In{"healthCheckType": "EBS, ELB"}), Says: "Invalid HealthCheckType"},
		{Rule: "health check grace period", Draft: scalingGroup(In{"healthCheckGracePeriod": -1}), Says: "must not be negative"},
		{Rule: "span of the maintenance policy", Draft: maintained(50, 151), Says: "The difference between MaxHealthyPercentage 151 and MinHealthyPercentage 50"},
		{Rule: "span of the maintenance policy", Draft: maintained(-1, 100), Says: "must be -1 to clear the policy"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.AutoScalingGroup, "web", In{"name": "web"})
			return scalingGroup(In{"name": "web"})(lab)
		}, Says: "AlreadyExists: AutoScalingGroup by this name already exists"},
		{Rule: "version of the launch template", Draft: template(In{"id": "lt-1", "version": "4"}), Says: "Could not find the specified version 4 for the launch template with ID lt-1."},
		{Rule: "version of the launch template", Draft: template(In{"id": "lt-1", "version": "latest"}), Says: "Could not find the specified version latest"},
		{Rule: "image of the launch template", Draft: template(In{"id": "lt-none"}), Says: "The request must contain the parameter ImageId"},
		{Rule: "an instance type", Draft: template(In{"id": "lt-bare"}), Says: "The request must contain the parameter InstanceType"},
		{Rule: "instance types", Draft: mixedGroup(nil, instanceType("m7g.huge")), Says: "Invalid value 'm7g.huge' for InstanceType"},
		{Rule: "an instance type twice", Draft: mixedGroup(nil, instanceType("m7g.large"), instanceType("m7g.large")), Says: "Duplicate instance type 'm7g.large'"},
		{Rule: "instance types of the image", Draft: mixedGroup(nil, instanceType("m7g.large"), instanceType("m7i.large")), Says: "The architecture 'x86_64' of the specified instance type m7i.large does not match the architecture 'arm64'"},
		{Rule: "instance types of a policy", Draft: mixedGroup(nil, manyTypes(41)...), Says: "at most 40"},
		{Rule: "weights of instance types", Draft: mixedGroup(nil, In{"instanceType": "m7g.large", "weightedCapacity": "1000"}), Says: "Invalid weighted capacity '1000'"},
		{Rule: "weights of instance types", Draft: mixedGroup(nil, In{"instanceType": "m7g.large", "weightedCapacity": "2"}, instanceType("m6g.large")), Says: "Either all launch template overrides or none"},
		{Rule: "a subnet", Draft: scalingGroup(In{"vpcZoneIdentifiers": nil}), Says: "At least one Availability Zone or VPC Subnet is required."},
		{Rule: "a subnet", Draft: scalingGroup(In{"vpcZoneIdentifiers": nil, "availabilityZones": []any{"eu-central-1a"}}), Says: "No default subnet for availability zone: 'eu-central-1a'"},
		{Rule: "subnets of several VPCs", Draft: func(lab *Lab) In {
			lab.Put(kinds.Subnet, "foreign", In{"vpcId": "vpc-2", "availabilityZone": "eu-central-1c"})
			return scalingGroup(In{"vpcZoneIdentifiers": append(groupWorld(lab), "foreign")})(lab)
		}, Says: "must belong to one VPC: foreign does not belong to vpc-1"},
		{Rule: "security groups of another VPC", Draft: template(In{"id": "lt-far"}), Says: "are not linked to the VPCs configured in the Auto Scaling group"},
		{Rule: "target groups of another VPC", Draft: scalingGroup(In{"targetGroupArns": []any{"arn:far"}}), Says: "arn:far is in VPC vpc-2 and the Auto Scaling group in vpc-1"},
		{Rule: "target groups of instances", Draft: scalingGroup(In{"targetGroupArns": []any{"arn:ip"}}), Says: "The target type of arn:ip is ip, not instance"},
		{Rule: "a version to roll back to", Draft: scalingGroup(In{"launchTemplate": In{"id": "lt-1"}, "instanceRefresh": In{"strategy": "Rolling", "preferences": In{"autoRollback": true}}}), Says: "StartInstanceRefresh, api error ValidationError: Auto rollback is not supported when the launch template version is $Default"},
		{Rule: "span of the instance refresh", Draft: refresh(In{"minHealthyPercentage": 90, "maxHealthyPercentage": 191}), Says: "The difference between MaxHealthyPercentage 191 and MinHealthyPercentage 90"},
		{Rule: "alarms of the instance refresh", Draft: refresh(In{"alarmSpecification": In{"alarms": alarmNames(11)}}), Says: "from 1 to 10 alarms"},
		{Rule: "alarms of the instance refresh", Draft: refresh(In{"alarmSpecification": In{"alarms": alarmNames(0)}}), Says: "from 1 to 10 alarms"},
		{Rule: "seconds of the instance refresh", Draft: refresh(In{"instanceWarmup": "1m"}), Says: "Invalid value '1m' for instanceWarmup"},
		{Rule: "seconds of the instance refresh", Draft: refresh(In{"checkpointDelay": "172801"}), Says: "Invalid value '172801' for checkpointDelay"},
	},
	Replaces: []Change{{Path: "name", Before: scalingGroup(In{"name": "a"}), After: scalingGroup(In{"name": "b"})}},
	Updates:  []Change{{Path: "maxSize", Before: scalingGroup(nil), After: scalingGroup(In{"maxSize": 9})}, {Path: "launchTemplate.version", Before: scalingGroup(nil), After: template(In{"id": "lt-1", "version": "2"})}},
})

func policy(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.AutoScalingGroup, "web", In{"name": "web"})
		return changed(In{"autoscalingGroupName": "web", "policyType": "TargetTrackingScaling", "targetTrackingConfiguration": track("ASGAverageCPUUtilization", nil)}, changes)
	}
}

func track(metric string, changes In) In {
	return changed(In{"targetValue": 50, "predefinedMetricSpecification": In{"predefinedMetricType": metric}}, changes)
}

func simple(changes In) Draft {
	return policy(changed(In{"targetTrackingConfiguration": nil, "policyType": nil, "adjustmentType": "ChangeInCapacity", "scalingAdjustment": 1, "cooldown": 60}, changes))
}

func steps(changes In, each ...any) Draft {
	return policy(changed(In{"targetTrackingConfiguration": nil, "policyType": "StepScaling", "adjustmentType": "ChangeInCapacity", "stepAdjustments": each}, changes))
}

func step(low, high string) In {
	bounds := In{"scalingAdjustment": 1}
	if low != "" {
		bounds["metricIntervalLowerBound"] = low
	}
	if high != "" {
		bounds["metricIntervalUpperBound"] = high
	}
	return bounds
}

var _ = suite(kinds.AutoScalingPolicy, Suite{
	Valid: map[string]Draft{
		"tracking":          policy(nil),
		"tracking requests": policy(In{"targetTrackingConfiguration": track("ALBRequestCountPerTarget", In{"predefinedMetricSpecification": In{"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": "app/web/1/targetgroup/web/2"}})}),
		"simple":            simple(nil),
		"in steps":          steps(In{"estimatedInstanceWarmup": 60}, step("0", "10"), step("10", "")),
		"beside another": func(lab *Lab) In {
			lab.Put(kinds.AutoScalingPolicy, "other", In{"autoscalingGroupName": "web", "name": "other", "targetTrackingConfiguration": track("ASGAverageNetworkIn", nil)})
			return policy(nil)(lab)
		},
	},
	Refusals: []Refusal{
		{Rule: "reference autoscalingGroupName", Draft: policy(In{"autoscalingGroupName": "gone"}), Says: "PutScalingPolicy, api error ValidationError: Group gone not found"},
		{Rule: "length of name", Draft: policy(In{"name": strings.Repeat("a", 256)}), Says: "range (1 - 255)"},
		{Rule: "values of policyType", Draft: policy(In{"policyType": "Magic", "targetTrackingConfiguration": nil}), Says: "got Magic"},
		{Rule: "values of adjustmentType", Draft: simple(In{"adjustmentType": "Double"}), Says: "got Double"},
		{Rule: "values of metricAggregationType", Draft: steps(In{"metricAggregationType": "Sum"}, step("0", "")), Says: "got Sum"},
		{Rule: "values of targetTrackingConfiguration.predefinedMetricSpecification.predefinedMetricType", Draft: policy(In{"targetTrackingConfiguration": track("CPU", nil)}), Says: "got CPU"},
		{Rule: "one metric to track", Draft: policy(In{"targetTrackingConfiguration": In{"targetValue": 50}}), Says: "exactly one of"},
		{Rule: "scalingAdjustment of the policy type", Draft: policy(In{"scalingAdjustment": 1}), Says: "scalingAdjustment is only supported for the policy type SimpleScaling"},
		{Rule: "cooldown of the policy type", Draft: policy(In{"cooldown": 60}), Says: "cooldown is only supported"},
		{Rule: "stepAdjustments of the policy type", Draft: policy(In{"stepAdjustments": []any{step("0", "")}}), Says: "only supported for the policy type StepScaling"},
		{Rule: "metricAggregationType of the policy type", Draft: policy(In{"metricAggregationType": "Average"}), Says: "only supported for the policy type StepScaling"},
		{Rule: "estimatedInstanceWarmup of the policy type", Draft: simple(In{"estimatedInstanceWarmup": 60}), Says: "only supported for the policy type StepScaling"},
		{Rule: "targetTrackingConfiguration of the policy type", Draft: simple(In{"targetTrackingConfiguration": track("ASGAverageCPUUtilization", nil)}), Says: "only supported for the policy type TargetTrackingScaling"},
		{Rule: "predictiveScalingConfiguration of the policy type", Draft: policy(In{"predictiveScalingConfiguration": In{"metricSpecification": In{"targetValue": 50}}}), Says: "only supported for the policy type PredictiveScaling"},
		{Rule: "adjustmentType of the policy type", Draft: policy(In{"adjustmentType": "ExactCapacity"}), Says: "adjustmentType is only supported"},
		{Rule: "policy type without adjustmentType", Draft: simple(In{"adjustmentType": nil}), Says: "adjustmentType must be specified for the policy type SimpleScaling"},
		{Rule: "policy type without stepAdjustments", Draft: steps(In{"stepAdjustments": nil}), Says: "stepAdjustments must be specified"},
		{Rule: "policy type without targetTrackingConfiguration", Draft: policy(In{"targetTrackingConfiguration": nil}), Says: "must be specified for the policy type TargetTrackingScaling"},
		{Rule: "policy type without predictiveScalingConfiguration", Draft: policy(In{"policyType": "PredictiveScaling", "targetTrackingConfiguration": nil}), Says: "must be specified for the policy type PredictiveScaling"},
		{Rule: "a target above 0", Draft: policy(In{"targetTrackingConfiguration": track("ASGAverageCPUUtilization", In{"targetValue": 0})}), Says: "TargetValue must be greater than 0"},
		{Rule: "the load balancer of a metric", Draft: policy(In{"targetTrackingConfiguration": track("ALBRequestCountPerTarget", nil)}), Says: "A resource label must be specified"},
		{Rule: "a metric tracked twice", Draft: func(lab *Lab) In {
			lab.Put(kinds.AutoScalingPolicy, "other", In{"autoscalingGroupName": "web", "name": "other", "targetTrackingConfiguration": track("ASGAverageCPUUtilization", nil)})
			return policy(nil)(lab)
		}, Says: "Only one TargetTrackingScaling policy for a given metric specification is allowed."},
		{Rule: "least change in percent", Draft: simple(In{"minAdjustmentMagnitude": 2}), Says: "only with the adjustment type PercentChangeInCapacity"},
		{Rule: "bounds of steps", Draft: steps(nil, step("10", "0")), Says: "a lower bound below its upper bound"},
		{Rule: "bounds of steps", Draft: steps(nil, step("", "")), Says: "a lower bound below its upper bound"},
	},
	Replaces: []Change{{Path: "name", Before: policy(In{"name": "a"}), After: policy(In{"name": "b"})}},
	Updates:  []Change{{Path: "targetTrackingConfiguration.targetValue", Before: policy(nil), After: policy(In{"targetTrackingConfiguration": track("ASGAverageCPUUtilization", In{"targetValue": 60})})}},
})
