package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/paging"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The figures of a service's signals are ours, not AWS's, but for the days of certificates: ACM begins to renew 60 days before the end, so that at 30
// a month of attempts has failed (https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html).
const (
	slowSeconds           = 3
	ticketMinutes         = 15
	expiringDays          = 30
	certificateDaySeconds = 86400
)

// Watch watches a service. What its users feel pages, and only when it outlasts what heals by itself: more than 5 % of at least 20 requests a
// minute fail, in a row or again and again, or no instance is healthy. The rest are tickets. Watching twice, or a service of
// another account or Region, is an error.
//
// A service whose first instances take longer than the quiet rule waits pages when it is brought up for the first time: nobody could tell
// that from an outage.
func (a *AlertingStack) Watch(service *ResilientService) error {
	if service == nil {
		return fmt.Errorf("alerting %s: no service is given; pass the one to watch", a.name)
	}
	placement := service.args.Placement
	if err := a.begin("service", service.name, placement.AccountID, placement.region()); err != nil {
		return err
	}
	var names pulumi.StringArray
	for _, alarm := range append(a.pagesOf(service), a.ticketsOf(service)...) {
		built, err := a.alarm(a.ctx, service.name, alarm)
		if err != nil {
			return err
		}
		if alarm.Severity == Page {
			names = append(names, built.Name)
		}
	}
	return a.impactOf(service, names)
}

// begin refuses what cannot be watched: what is watched already, and what is elsewhere.
func (a *AlertingStack) begin(kind, name, account, region string) error {
	switch {
	case a.watched[kind+" "+name]:
		return fmt.Errorf("alerting %s watches %s %s already; watch it once", a.name, kind, name)
	case account != a.args.AccountID:
		return fmt.Errorf("alerting %s is in account %s and %s %s in %s, whose alarms cannot reach it; give that account its own", a.name, a.args.AccountID, kind, name, account)
	case region != a.args.Region:
		return fmt.Errorf("alerting %s is in %s and %s %s in %s, and an alarm notifies topics of its own Region only; give that Region its own", a.name, a.args.Region, kind, name, region)
	}
	a.watched[kind+" "+name] = true
	return nil
}

// pagesOf are the signals of the impact alarm. Sources of metrics and dimensions:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (a *AlertingStack) pagesOf(s *ResilientService) []Alarm {
	// A request that began while it was broken may hang for as long as the load balancer waits.
	incident := paging.Incident{Objective: a.args.ObjectiveSeconds, Timeout: s.args.IdleSeconds}
	row := quietDatapoints(incident)
	failed := Alarm{
		Name: "errors", Expression: haltExpression, Terms: failedRequests(s), Comparison: Above, Threshold: haltErrorPercent,
		Period: pagePeriodSeconds, Datapoints: row, Periods: row, Missing: NotBreaching, Severity: Page,
		Why: fmt.Sprintf("More than %d %% of the requests to %s fail, for longer than what heals by itself takes", haltErrorPercent, s.name), Playbook: "service-impact",
	}
	again := failed
	again.Name, again.Why = "errors-again", fmt.Sprintf("More than %d %% of the requests to %s fail again and again", haltErrorPercent, s.name)
	again.Datapoints, again.Periods = flappingDatapoints(incident)
	return []Alarm{failed, again, {
		// It is reported with and without requests, so that a dead service at night is no silence. Before there are any targets there is no data.
		Name: "no-hosts", Metric: hosts(s, ""), Comparison: Below, Threshold: 1,
		Period: pagePeriodSeconds, Datapoints: row, Periods: row, Missing: Unchanged, Severity: Page,
		Why: "No instance of " + s.name + " is healthy", Playbook: "service-impact",
	}}
}

// failedRequests are the terms of haltExpression.
func failedRequests(s *ResilientService) []Term {
	balancer := pulumi.StringMap{"LoadBalancer": s.built.loadBalancer.ArnSuffix}
	return []Term{
		{ID: "requests", Metric: Metric{Namespace: "AWS/ApplicationELB", Name: "RequestCount", Statistic: "Sum", Dimensions: balancer}},
		{ID: "targetErrors", Metric: Metric{Namespace: "AWS/ApplicationELB", Name: "HTTPCode_Target_5XX_Count", Statistic: "Sum", Dimensions: targets(s)}},
		{ID: "balancerErrors", Metric: Metric{Namespace: "AWS/ApplicationELB", Name: "HTTPCode_ELB_5XX_Count", Statistic: "Sum", Dimensions: balancer}},
	}
}

func targets(s *ResilientService) pulumi.StringMap {
	return pulumi.StringMap{"LoadBalancer": s.built.loadBalancer.ArnSuffix, "TargetGroup": s.built.targetGroup.ArnSuffix}
}

// hosts is how many instances are healthy, in a zone or in all.
func hosts(s *ResilientService, zone string) Metric {
	dimensions := targets(s)
	if zone != "" {
		dimensions["AvailabilityZone"] = pulumi.String(zone)
	}
	return Metric{Namespace: "AWS/ApplicationELB", Name: "HealthyHostCount", Statistic: "Maximum", Dimensions: dimensions}
}

// ticketsOf are the causes, and the redundancy that is missing.
func (a *AlertingStack) ticketsOf(s *ResilientService) []Alarm {
	group := pulumi.StringMap{"AutoScalingGroupName": s.built.group.Name}
	balancer := pulumi.StringMap{"LoadBalancer": s.built.loadBalancer.ArnSuffix}
	alarms := []Alarm{{
		Name: "slow", Expression: "IF(FILL(requests, 0) >= 20, slowest, 0)", Terms: []Term{
			{ID: "requests", Metric: Metric{Namespace: "AWS/ApplicationELB", Name: "RequestCount", Statistic: "Sum", Dimensions: balancer}},
			{ID: "slowest", Metric: Metric{Namespace: "AWS/ApplicationELB", Name: "TargetResponseTime", Statistic: "p99", Dimensions: balancer}},
		},
		Comparison: Above, Threshold: slowSeconds, Period: 60, Datapoints: ticketMinutes, Periods: ticketMinutes, Missing: NotBreaching, Severity: Ticket,
		Why: fmt.Sprintf("One of a hundred requests to %s takes more than %d s", s.name, slowSeconds), Playbook: "service-degraded",
	}, {
		// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html
		Name:       "below-fleet",
		Metric:     Metric{Namespace: "AWS/AutoScaling", Name: "GroupInServiceInstances", Statistic: "Minimum", Dimensions: group},
		Comparison: Below, Threshold: float64(s.fleet()), Period: 60, Datapoints: ticketMinutes, Periods: ticketMinutes, Missing: NotBreaching, Severity: Ticket,
		Why: fmt.Sprintf("Fewer than the %d instances of %s stand that survive the loss of a zone", s.fleet(), s.name), Playbook: "service-degraded",
	}, {
		// Instances have detailed monitoring, by which EC2's metrics have the group for a dimension
		// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html).
		Name:       "volume-impaired",
		Metric:     Metric{Namespace: "AWS/EC2", Name: "StatusCheckFailed_AttachedEBS", Statistic: "Maximum", Dimensions: group},
		Comparison: Above, Threshold: 0, Period: 60, Datapoints: 2, Periods: 3, Missing: NotBreaching, Severity: Ticket,
		Why: "A volume of an instance of " + s.name + " does not answer; the instance should be out of routing and replaced", Playbook: "service-degraded",
	}}
	for _, zone := range s.args.Placement.Zones {
		alarms = append(alarms, Alarm{
			// Without a target in the zone there is no datapoint, and that is what it is about.
			Name: "no-hosts-" + zone, Metric: hosts(s, zone), Comparison: Below, Threshold: 1,
			Period: 60, Datapoints: ticketMinutes, Periods: ticketMinutes, Missing: Breaching, Severity: Ticket,
			Why: "No instance of " + s.name + " is healthy in " + zone, Playbook: "service-degraded",
		})
	}
	if s.args.isHTTPS() {
		// https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html
		alarms = append(alarms, Alarm{
			Name: "certificate-expires",
			Metric: Metric{Namespace: "AWS/CertificateManager", Name: "DaysToExpiry", Statistic: "Minimum",
				Dimensions: pulumi.StringMap{"CertificateArn": s.built.certificateARN}},
			Comparison: Below, Threshold: expiringDays, Period: certificateDaySeconds, Datapoints: 1, Periods: 1, Missing: NotBreaching, Severity: Ticket,
			Why: fmt.Sprintf("The certificate of %s expires within %d days and was not renewed", s.name, expiringDays), Playbook: "certificate-expires",
		})
	}
	return alarms
}

// impactOf builds the one alarm of a service that calls somebody. Its name is fixed, since the topic's policy knows it by that.
func (a *AlertingStack) impactOf(s *ResilientService, names pulumi.StringArray) error {
	name := s.name + "-" + impact
	rule := names.ToStringArrayOutput().ApplyT(anyInAlarm).(pulumi.StringOutput)
	topic := pulumi.StringArray{a.built.page.arn}
	_, err := cloudwatch.NewCompositeAlarm(a.ctx, name, transformed(&cloudwatch.CompositeAlarmArgs{
		AlarmName:        pulumi.String(pageAlarmName(homeOf(a.ctx, a.args.AccountID, a.args.Region), s.name, impact)),
		AlarmDescription: pulumi.String("Users of " + s.name + " are affected, and it does not heal. What to do: playbooks/service-impact.md"),
		AlarmRule:        rule, AlarmActions: topic, OkActions: topic,
		Tags: tagsNamed(a.args.Tags, name),
	}, a.args.Transform.CompositeAlarm), pulumi.Parent(a), pulumi.DependsOn(a.built.policies))
	return err
}

// anyInAlarm is the rule of an alarm that is in ALARM when one of the others is.
func anyInAlarm(names []string) string {
	rule := ""
	for i, name := range names {
		if i > 0 {
			rule += " OR "
		}
		rule += fmt.Sprintf("ALARM(%q)", name)
	}
	return rule
}
