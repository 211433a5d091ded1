package kinds

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	simpleScaling   = "SimpleScaling"
	stepScaling     = "StepScaling"
	targetTracking  = "TargetTrackingScaling"
	predictive      = "PredictiveScaling"
	tracking        = "targetTrackingConfiguration"
	requestsMetric  = "ALBRequestCountPerTarget"
	predefinedKind  = tracking + ".predefinedMetricSpecification"
	customizedKind  = tracking + ".customizedMetricSpecification"
	requestsMissing = "A resource label must be specified for the metric type ALBRequestCountPerTarget"
)

// Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html
var _ = register(&Kind{
	Token:    AutoScalingPolicy,
	Args:     autoscaling.PolicyArgs{},
	Resource: &autoscaling.Policy{},
	API:      API{Service: "Auto Scaling", Noun: "Auto Scaling Policy", Create: "PutScalingPolicy", Update: "PutScalingPolicy", Delete: "DeletePolicy"},
	Name:     &AutoName{Property: "name", Max: 255},
	Defaults: []Default{
		{Path: "policyType", Value: Text(simpleScaling)}, {Path: "enabled", Value: Flag(true)}, {Path: tracking + ".disableScaleIn", Value: Flag(false)},
	},
	References: []Reference{{Path: "autoscalingGroupName", To: []string{AutoScalingGroup}, Code: "ValidationError", Message: "Group %s not found"}},
	Rules: []Rule{
		LengthIn("name", 1, 255), OneOf("policyType", simpleScaling, stepScaling, targetTracking, predictive),
		OneOf("adjustmentType", "ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"), OneOf("metricAggregationType", "Minimum", "Maximum", "Average"),
		OneOf(predefinedKind+".predefinedMetricType", "ASGAverageCPUUtilization", "ASGAverageNetworkIn", "ASGAverageNetworkOut", requestsMetric),
		{Name: "one metric to track", Broken: func(d *Draft) *Refusal {
			if d.Has(tracking) && d.Has(predefinedKind) == d.Has(customizedKind) {
				return Refuse(tracking, "exactly one of %s and %s must be specified", predefinedKind, customizedKind)
			}
			return nil
		}},
		onlyFor("scalingAdjustment", simpleScaling), onlyFor("cooldown", simpleScaling), onlyFor("stepAdjustments", stepScaling),
		onlyFor("metricAggregationType", stepScaling), onlyFor("estimatedInstanceWarmup", stepScaling, targetTracking),
		onlyFor(tracking, targetTracking), onlyFor("predictiveScalingConfiguration", predictive), onlyFor("adjustmentType", simpleScaling, stepScaling),
		neededFor("adjustmentType", simpleScaling, stepScaling), neededFor("stepAdjustments", stepScaling),
		neededFor(tracking, targetTracking), neededFor("predictiveScalingConfiguration", predictive),
		apiRule("a target above 0", tracking+".targetValue", func(d *Draft) bool { return d.Has(tracking) && d.At(tracking+".targetValue").Float() <= 0 },
			"TargetValue must be greater than 0"),
		apiRule("the load balancer of a metric", predefinedKind, func(d *Draft) bool {
			return d.Text(predefinedKind+".predefinedMetricType") == requestsMetric && d.Text(predefinedKind+".resourceLabel") == ""
		}, requestsMissing),
		apiRule("a metric tracked twice", tracking, trackedTwice, "Only one TargetTrackingScaling policy for a given metric specification is allowed."),
		apiRule("least change in percent", "minAdjustmentMagnitude", func(d *Draft) bool {
			return d.Has("minAdjustmentMagnitude") && d.Text("adjustmentType") != "PercentChangeInCapacity"
		}, "MinAdjustmentMagnitude is supported only with the adjustment type PercentChangeInCapacity"),
		apiRule("bounds of steps", "stepAdjustments", stepsBroken, "Each step adjustment needs a lower bound below its upper bound"),
	},
	Replaces: []string{"name", "autoscalingGroupName"},
	Sets:     []string{"stepAdjustments"},
	ID:       func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("autoscaling", "scalingPolicy:"+d.UUID("arn")+":autoScalingGroupName/"+d.Text("autoscalingGroupName")+":policyName/"+d.Output("name").Text()))
		}},
		{Name: "metricAggregationType", Value: func(d *Draft) resource.PropertyValue {
			if d.Text("policyType") == stepScaling {
				return Text("Average")
			}
			return Text("")
		}},
	},
})

// onlyFor refuses a property that belongs to other types of policy.
func onlyFor(property string, types ...string) Rule {
	return Rule{Name: property + " of the policy type", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
		if !d.Has(property) || slices.Contains(types, d.Text("policyType")) {
			return nil
		}
		return Refuse(property, "%s is only supported for the policy type %s", property, types[0])
	}}
}

// neededFor refuses a policy without what its type is about.
func neededFor(property string, types ...string) Rule {
	return Rule{Name: "policy type without " + property, Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
		if d.Has(property) || !slices.Contains(types, d.Text("policyType")) {
			return nil
		}
		return Refuse(property, "%s must be specified for the policy type %s", property, d.Text("policyType"))
	}}
}

func trackedTwice(d *Draft) bool {
	for _, other := range d.Others(AutoScalingPolicy) {
		if d.Has(tracking) && other.Text("autoscalingGroupName") == d.Text("autoscalingGroupName") &&
			other.Text("name") != d.Text("name") && other.At(tracking).Exists() &&
			reflect.DeepEqual(Bare(other.At(predefinedKind).Property()), Bare(d.At(predefinedKind).Property())) &&
			reflect.DeepEqual(Bare(other.At(customizedKind).Property()), Bare(d.At(customizedKind).Property())) {
			return true
		}
	}
	return false
}

func stepsBroken(d *Draft) bool {
	for _, step := range d.Each("stepAdjustments[]") {
		low, high := step.At("metricIntervalLowerBound").Text(), step.At("metricIntervalUpperBound").Text()
		from, errFrom := strconv.ParseFloat(low, 64)
		to, errTo := strconv.ParseFloat(high, 64)
		switch {
		case low != "" && errFrom != nil, high != "" && errTo != nil, low == "" && high == "":
			return true
		case low != "" && high != "" && from >= to:
			return true
		}
	}
	return false
}
