package kinds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const maintenance = "instanceMaintenancePolicy."

// groupMetrics are what EnableMetricsCollection takes.
// Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnableMetricsCollection.html
var groupMetrics = strings.Fields(`GroupMinSize GroupMaxSize GroupDesiredCapacity GroupInServiceInstances GroupPendingInstances
	GroupStandbyInstances GroupTerminatingInstances GroupTotalInstances GroupInServiceCapacity GroupPendingCapacity GroupStandbyCapacity
	GroupTerminatingCapacity GroupTotalCapacity WarmPoolDesiredCapacity WarmPoolWarmedCapacity WarmPoolPendingCapacity
	WarmPoolTerminatingCapacity WarmPoolTotalCapacity GroupAndWarmPoolDesiredCapacity GroupAndWarmPoolTotalCapacity`)

// groupProcesses are what SuspendProcesses takes.
// Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SuspendProcesses.html
var groupProcesses = strings.Fields(`Launch Terminate HealthCheck ReplaceUnhealthy AZRebalance AlarmNotification ScheduledActions
	AddToLoadBalancer InstanceRefresh RemoveFromLoadBalancerLowPriority`)

// healthChecks are what a group may look at, one or several joined by commas.
// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
var healthChecks = []string{"EC2", "ELB", "VPC_LATTICE", "EBS"}

// groupRanges are what the provider checks of one value alone.
func groupRanges() []Rule {
	refresh := "instanceRefresh.preferences."
	return []Rule{
		lacking("launch configurations, Classic Load Balancers and placement groups", "launchConfiguration", "loadBalancers[]", "placementGroup"),
		ExactlyOne("launchConfiguration", "launchTemplate", "mixedInstancesPolicy"), Conflicting("name", "namePrefix"), LengthIn("name", 1, 255),
		Conflicting("targetGroupArns", "trafficSources"), Conflicting("launchTemplate.id", "launchTemplate.name"),
		OneOf("availabilityZoneDistribution.capacityDistributionStrategy", "balanced-only", "balanced-best-effort"),
		OneOf("metricsGranularity", "1Minute"), OneOf("enabledMetrics[]", groupMetrics...), OneOf("suspendedProcesses[]", groupProcesses...),
		OneOf("desiredCapacityType", "vcpu", "memory-mib", "units"), OneOf("warmPool.poolState", "Hibernated", "Running", "Stopped"),
		OneOf("initialLifecycleHooks[].lifecycleTransition", "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"),
		InRange("initialLifecycleHooks[].heartbeatTimeout", 30, 7200),
		OneOf("mixedInstancesPolicy.instancesDistribution.onDemandAllocationStrategy", "prioritized", "lowest-price"),
		OneOf("mixedInstancesPolicy.instancesDistribution.spotAllocationStrategy", "lowest-price", "capacity-optimized", "capacity-optimized-prioritized", "price-capacity-optimized"),
		InRange("mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity", 0, 100),
		OneOf("instanceRefresh.strategy", "Rolling"), OneOf(refresh+"scaleInProtectedInstances", "Refresh", "Ignore", "Wait"),
		OneOf(refresh+"standbyInstances", "Terminate", "Ignore", "Wait"), InRange(refresh+"minHealthyPercentage", 0, 100), InRange(refresh+"maxHealthyPercentage", 100, 200),
		{Name: "most seconds of an instance", Broken: func(d *Draft) *Refusal {
			if n := d.Int("maxInstanceLifetime"); !d.At("maxInstanceLifetime").Unknown() && n != 0 && (n < 86400 || n > 31536000) {
				return Refuse("maxInstanceLifetime", "expected maxInstanceLifetime to be 0 or in the range (86400 - 31536000), got %d", n)
			}
			return nil
		}},
		{Name: "percentages of the maintenance policy", Broken: func(d *Draft) *Refusal {
			least, most := d.At(maintenance+"minHealthyPercentage"), d.At(maintenance+"maxHealthyPercentage")
			if !least.Unknown() && least.Exists() && (least.Int() < -1 || least.Int() > 100) {
				return Refuse(least.Path(), "expected %s to be in the range (-1 - 100), got %d", least.Path(), least.Int())
			}
			if !most.Unknown() && most.Exists() && most.Int() != -1 && (most.Int() < 100 || most.Int() > 200) {
				return Refuse(most.Path(), "expected %s to be -1 or in the range (100 - 200), got %d", most.Path(), most.Int())
			}
			return nil
		}},
	}
}

// groupCapacityRules are what the API refuses of sizes, health checks and the maintenance policy.
func groupCapacityRules() []Rule {
	return []Rule{
		{Name: "bounds", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
			least, most := d.Int("minSize"), d.Int("maxSize")
			if least < 0 || most < least {
				return Refuse("maxSize", "Max bound, %d, must be greater than or equal to min bound, %d, and neither may be negative", most, least)
			}
			return nil
		}},
		{Name: "desired capacity within the bounds", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
			if desired := d.Int("desiredCapacity"); d.Has("desiredCapacity") && (desired < d.Int("minSize") || desired > d.Int("maxSize")) {
				return Refuse("desiredCapacity", "Desired capacity:%d must be between the specified min size:%d and max size:%d", desired, d.Int("minSize"), d.Int("maxSize"))
			}
			return nil
		}},
		apiRule("health check type", "healthCheckType", func(d *Draft) bool {
			if !d.Has("healthCheckType") {
				return false
			}
			kinds := strings.Split(d.Text("healthCheckType"), ",")
			return slices.ContainsFunc(kinds, func(kind string) bool { return !slices.Contains(healthChecks, kind) })
		}, "Invalid HealthCheckType: want EC2, ELB, VPC_LATTICE or EBS, or several joined by commas"),
		apiRule("health check grace period", "healthCheckGracePeriod", func(d *Draft) bool { return d.Int("healthCheckGracePeriod") < 0 }, "Health check grace period must not be negative"),
		{Name: "span of the maintenance policy", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
			least, most := d.Int(maintenance+"minHealthyPercentage"), d.Int(maintenance+"maxHealthyPercentage")
			if (least == -1) != (most == -1) {
				return Refuse("instanceMaintenancePolicy", "Both MinHealthyPercentage and MaxHealthyPercentage must be -1 to clear the policy")
			}
			if most-least > 100 {
				return Refuse("instanceMaintenancePolicy", "The difference between MaxHealthyPercentage %d and MinHealthyPercentage %d must not be greater than 100", most, least)
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "AlreadyExists", Broken: func(d *Draft) *Refusal {
			if d.FindBy(AutoScalingGroup, "name", d.Text("name")) != nil {
				return Refuse("name", "AutoScalingGroup by this name already exists - A group with the name %s already exists", d.Text("name"))
			}
			return nil
		}},
	}
}

// groupRefreshRules are what StartInstanceRefresh refuses. The API is asked when the group's configuration changes; the
// sandbox refuses as soon as it is stated, since the first change would fail.
func groupRefreshRules() []Rule {
	refresh := "instanceRefresh.preferences."
	refused := func(name, path string, broken func(d *Draft) string) Rule {
		return Rule{Name: name, Stage: AtApply, Code: "ValidationError", Operation: refreshOperation, Broken: func(d *Draft) *Refusal {
			if message := broken(d); message != "" {
				return Refuse(path, "%s", message)
			}
			return nil
		}}
	}
	return []Rule{
		refused("a version to roll back to", refresh+"autoRollback", func(d *Draft) string {
			for _, template := range groupTemplates(d) {
				if d.Bool(refresh+"autoRollback") && (template.version == versionLatest || template.version == versionDefault) {
					return "Auto rollback is not supported when the launch template version is " + template.version + ": specify its number"
				}
			}
			return ""
		}),
		refused("span of the instance refresh", refresh+"maxHealthyPercentage", func(d *Draft) string {
			least, most := d.Int(refresh+"minHealthyPercentage"), d.Int(refresh+"maxHealthyPercentage")
			if most-least > 100 {
				return fmt.Sprintf("The difference between MaxHealthyPercentage %d and MinHealthyPercentage %d must not be greater than 100", most, least)
			}
			return ""
		}),
		refused("alarms of the instance refresh", refresh+"alarmSpecification", func(d *Draft) string {
			if alarms := d.At(refresh + "alarmSpecification"); alarms.Exists() && (len(alarms.Each("alarms[]")) == 0 || len(alarms.Each("alarms[]")) > 10) {
				return "An alarm specification must have from 1 to 10 alarms"
			}
			return ""
		}),
		refused("seconds of the instance refresh", refresh+"instanceWarmup", func(d *Draft) string {
			for _, name := range []string{"instanceWarmup", "checkpointDelay"} {
				text := d.Text(refresh + name)
				if n, err := strconv.Atoi(text); text != "" && (err != nil || n < 0 || name == "checkpointDelay" && n > 172800) {
					return fmt.Sprintf("Invalid value '%s' for %s: want seconds", text, name)
				}
			}
			return ""
		}),
	}
}
