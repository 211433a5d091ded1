package components

import (
	"strconv"

	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// How far a replacement of instances may go, in percent of the group. At 100 a new instance serves before an old one goes, and at
// 150 half the group is replaced at a time. AWS takes 0 to 100 and 100 to 200, at most 100 apart
// (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceMaintenancePolicy.html).
const (
	minHealthyPercent = 100
	maxHealthyPercent = 150
)

// capacityTimeout keeps the provider from waiting for the fleet. Its wait is for one exact number of instances: a group that
// scaling has made larger never shows it, and every change of the peak would fail after the time is up
// (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/autoscaling_group#waiting-for-capacity).
const capacityTimeout = "0"

// groupMetrics are the group's metrics, one a minute, free of charge
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html).
var groupMetrics = []string{
	"GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances",
	"GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances",
}

// buildAutoScalingGroup builds the group over every zone, and how it scales.
func (s *ResilientService) buildAutoScalingGroup(ctx *pulumi.Context) (err error) {
	name := s.name + "-asg"
	s.built.group, err = autoscaling.NewGroup(ctx, name,
		transformed(s.groupArgs(), s.args.Transform.AutoScalingGroup), pulumi.Parent(s),
		// Scaling owns the desired capacity: a deploy must not set it back at peak time, nor may a Transform make it.
		pulumi.IgnoreChanges([]string{"desiredCapacity"}),
		// The first instance needs its permissions, its way out and its place behind a listener; without the last, the group
		// would count targets that are never checked.
		pulumi.DependsOn(s.built.beforeLaunch))
	if err != nil {
		return err
	}
	name = s.name + "-cpu"
	_, err = autoscaling.NewPolicy(ctx, name, transformed(&autoscaling.PolicyArgs{
		AutoscalingGroupName: s.built.group.Name,
		PolicyType:           pulumi.String("TargetTrackingScaling"),
		TargetTrackingConfiguration: &autoscaling.PolicyTargetTrackingConfigurationArgs{
			PredefinedMetricSpecification: &autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs{
				PredefinedMetricType: pulumi.String("ASGAverageCPUUtilization"),
			},
			TargetValue: pulumi.Float64(float64(s.args.TargetCPU)),
		},
	}, s.args.Transform.ScalingPolicy), pulumi.Parent(s))
	return err
}

func (s *ResilientService) groupArgs() *autoscaling.GroupArgs {
	fleet := s.fleet()
	return &autoscaling.GroupArgs{
		VpcZoneIdentifiers: s.args.Placement.PrivateSubnetIDs,
		// Even over the zones, and in the others when one refuses.
		AvailabilityZoneDistribution: &autoscaling.GroupAvailabilityZoneDistributionArgs{
			CapacityDistributionStrategy: pulumi.String("balanced-best-effort"),
		},
		MinSize: pulumi.Int(fleet), MaxSize: pulumi.Int(s.args.MaxInstances),
		MixedInstancesPolicy: s.mixedInstances(),
		TargetGroupArns:      pulumi.StringArray{s.built.targetGroup.Arn},
		// An instance goes when EC2, the load balancer or one of its volumes says so; volumes must be asked for
		// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/monitor-and-replace-instances-with-impaired-ebs-volumes.html).
		HealthCheckType:        pulumi.String("EBS,ELB"),
		HealthCheckGracePeriod: pulumi.Int(s.args.StartupSeconds),
		DefaultInstanceWarmup:  pulumi.Int(s.args.WarmupSeconds),
		InstanceMaintenancePolicy: &autoscaling.GroupInstanceMaintenancePolicyArgs{
			MinHealthyPercentage: pulumi.Int(minHealthyPercent), MaxHealthyPercentage: pulumi.Int(maxHealthyPercent),
		},
		InstanceRefresh: s.instanceRefresh(),
		EnabledMetrics:  pulumi.ToStringArray(groupMetrics), MetricsGranularity: pulumi.String("1Minute"),
		WaitForCapacityTimeout: pulumi.String(capacityTimeout),
		Tags:                   s.groupTags(),
	}
}

// fleet is the number of instances that always run.
func (s *ResilientService) fleet() int {
	return zones.FleetSize(len(s.args.Placement.Zones), s.args.PeakInstances)
}

// mixedInstances lists the types in order of preference, all On-Demand: a Spot instance can be taken away when a zone runs short,
// which is when it is needed. The template's version is a number, so that a new one is a change of the group and replaces its
// instances; $Latest would never differ.
func (s *ResilientService) mixedInstances() *autoscaling.GroupMixedInstancesPolicyArgs {
	var overrides autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArray
	for _, instanceType := range s.args.InstanceTypes {
		overrides = append(overrides, &autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs{
			InstanceType: pulumi.String(string(instanceType)),
		})
	}
	version := s.built.launchTemplate.LatestVersion.ApplyT(strconv.Itoa).(pulumi.StringOutput)
	return &autoscaling.GroupMixedInstancesPolicyArgs{
		InstancesDistribution: &autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs{
			OnDemandAllocationStrategy:          pulumi.String("prioritized"),
			OnDemandPercentageAboveBaseCapacity: pulumi.Int(100),
		},
		LaunchTemplate: &autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs{
			LaunchTemplateSpecification: &autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs{
				LaunchTemplateId: s.built.launchTemplate.ID(), Version: version,
			},
			Overrides: overrides,
		},
	}
}

// instanceRefresh replaces instances when the launch template changes, new before old, and halts when requests fail: the old
// instances that are left go on serving. It does not roll back by itself. AWS rolls back to what was saved on the group before the
// refresh, and the provider saves the new template first, so that AutoRollback would replace the good instances by more of the
// bad ones (https://github.com/hashicorp/terraform-provider-aws/issues/34189). It would also make AWS refuse the
// next deploy while a refresh runs
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html#instance-refresh-limitations).
func (s *ResilientService) instanceRefresh() *autoscaling.GroupInstanceRefreshArgs {
	preferences := &autoscaling.GroupInstanceRefreshPreferencesArgs{
		MinHealthyPercentage: pulumi.Int(minHealthyPercent), MaxHealthyPercentage: pulumi.Int(maxHealthyPercent),
		InstanceWarmup: pulumi.String(strconv.Itoa(s.args.WarmupSeconds)),
		SkipMatching:   pulumi.Bool(true),
		AutoRollback:   pulumi.Bool(false),
	}
	if !s.args.DeployDespiteAlarm {
		preferences.AlarmSpecification = &autoscaling.GroupInstanceRefreshPreferencesAlarmSpecificationArgs{
			Alarms: pulumi.StringArray{s.built.alarm.Name},
		}
	}
	return &autoscaling.GroupInstanceRefreshArgs{Strategy: pulumi.String("Rolling"), Preferences: preferences}
}
