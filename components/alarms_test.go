package components_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// everything watches a service, a database of a topology, a bucket and a job, with a topic in the recovery Region too.
func everything(args *components.AlertingStackArgs, topology components.DatabaseTopology, then func(*components.AlertingStack)) pulumi.RunFunc {
	args.RecoveryRegion = "eu-west-1"
	return alertingIn(args, func(ctx *pulumi.Context, alerting *components.AlertingStack, provider pulumi.ResourceOption) error {
		service, err := components.NewResilientService(ctx, "tickets", publicArgs(), provider)
		if err != nil {
			return err
		}
		data := databaseArgs(topology)
		if data.RecoveryRegion != "" {
			data.RecoveryProvider = args.RecoveryProvider
		}
		if err := giveRunner(ctx, data, provider); err != nil {
			return err
		}
		database, err := components.NewMultiAZDatabase(ctx, "helpdesk", data, provider)
		if err != nil {
			return err
		}
		copied := *bucketArgs()
		copied.RecoveryProvider = args.RecoveryProvider
		bucket, err := components.NewReplicatedBucket(ctx, "assets", &copied, provider)
		if err != nil {
			return err
		}
		job, err := components.NewScheduledJob(ctx, jobName, jobArgs(), provider)
		if err != nil {
			return err
		}
		for _, err := range []error{alerting.Watch(service), alerting.WatchDatabase(database), alerting.WatchBucket(bucket), alerting.WatchJob(job)} {
			if err != nil {
				return err
			}
		}
		then(alerting)
		return nil
	})
}

// table is a table as people read it.
func table(alarms []components.AlarmLine) string {
	var text strings.Builder
	for _, each := range alarms {
		fmt.Fprintf(&text, "%-44s %-6s %2d of %2d × %5d s  %-12s %s  %s\n", each.Alarm, each.Severity, each.Datapoints, each.Periods, each.Period, each.Missing, each.Breaches, each.Signal)
	}
	return text.String()
}

func recordEverything(t *testing.T, topology components.DatabaseTopology) (*recorder.Recording, []components.AlarmLine) {
	t.Helper()
	var lines []components.AlarmLine
	recording := recorder.Run(t, everything(alertingArgs(), topology, func(alerting *components.AlertingStack) { lines = alerting.Alarms() }))
	return recording, lines
}

func TestTheTableOfSignalsIsExactlyThis(t *testing.T) {
	var text strings.Builder
	for _, topology := range []components.DatabaseTopology{components.Aurora, components.MultiAZCluster, components.MultiAZInstance} {
		recording, lines := recordEverything(t, topology)
		fmt.Fprintf(&text, "with a database of topology %s\n%s\n", topology, table(lines))
		deploy := 1 // halts a deploy, tells nobody
		require.Len(t, recording.OfType(alarmToken), len(lines)+deploy)
		requirePlaybooks(t, lines)
	}
	golden.Text(t, "testdata/alarms.golden.txt", text.String())
}

func TestAlarmsAreBuiltAsTheTableSays(t *testing.T) {
	recording, lines := recordEverything(t, components.MultiAZCluster)
	for _, line := range lines {
		alarm := recording.One(t, alarmToken, line.Alarm)
		require.Equal(t, line.Datapoints, alarm.Int(t, "datapointsToAlarm"), line.Alarm)
		require.Equal(t, line.Periods, alarm.Int(t, "evaluationPeriods"), line.Alarm)
		require.Equal(t, string(line.Missing), alarm.Text(t, "treatMissingData"), line.Alarm)
		require.Equal(t, line.Why+". What to do: playbooks/"+line.Playbook+".md", alarm.Text(t, "alarmDescription"))
		topic := ticketTopic
		if strings.HasSuffix(line.Alarm, "-recovery") {
			topic = strings.Replace(ticketTopic, "eu-central-1", "eu-west-1", 1) + "-recovery"
		}
		if line.Severity == components.Page {
			require.False(t, alarm.Has("alarmActions") || alarm.Has("okActions"), "%s calls nobody by itself", line.Alarm)
			continue
		}
		require.Equal(t, []string{topic}, alarm.Texts(t, "alarmActions"), line.Alarm)
		require.Equal(t, []string{topic}, alarm.Texts(t, "okActions"), "what is over says so")
	}
	zone := recording.One(t, alarmToken, "tickets-no-hosts-eu-central-1b").Map(t, "dimensions")
	whole := recording.One(t, alarmToken, "tickets-no-hosts").Map(t, "dimensions")
	require.Equal(t, "eu-central-1b", zone["AvailabilityZone"])
	delete(zone, "AvailabilityZone")
	require.Equal(t, whole, zone)
	require.Len(t, whole, 2, "load balancer and target group")
}

func TestOnlyOneCompositeAlarmAServiceReachesTheTopicOfPages(t *testing.T) {
	recording, lines := recordEverything(t, components.Aurora)
	impact := recording.One(t, compositeToken, "tickets-impact")
	require.Len(t, recording.OfType(compositeToken), 1)
	require.Equal(t, "aplomb-test-tickets-impact", impact.Text(t, "alarmName"), "the topic's policy knows it by its name")
	require.Equal(t, []string{pageTopic}, impact.Texts(t, "alarmActions"))
	require.Equal(t, []string{pageTopic}, impact.Texts(t, "okActions"), "PagerDuty resolves its incident by it")
	require.Contains(t, impact.Text(t, "alarmDescription"), "playbooks/service-impact.md")
	var terms []string
	for _, line := range lines {
		if line.Severity == components.Page {
			terms = append(terms, `ALARM("`+recording.One(t, alarmToken, line.Alarm).ID+`")`)
		}
	}
	require.Len(t, terms, 3)
	require.Equal(t, strings.Join(terms, " OR "), impact.Text(t, "alarmRule"))
	reaching := 0
	for _, each := range recording.All() {
		if each.Type != subscriptionToken && each.Type != topicPolicyToken && strings.Contains(fmt.Sprint(each.Plain()), pageTopic) && each.Type != queuePolicyToken && each.Type != topicToken {
			reaching++
			if each.Name != "alerting-page-lost" { // whose dimension is the topic
				require.Equal(t, compositeToken, each.Type, each.URN)
			}
		}
	}
	require.Equal(t, 1, reaching, "the composite alarm and nothing else")
}

func TestWithoutPagingWhatWouldPageIsATicket(t *testing.T) {
	args := alertingArgs()
	args.PagerDutyKey = nil
	recording := recorder.Run(t, everything(args, components.Aurora, func(*components.AlertingStack) {}))
	require.Equal(t, []string{ticketTopic}, recording.One(t, compositeToken, "tickets-impact").Texts(t, "alarmActions"))
}

func TestAFailoverIsATicketWhenItHappens(t *testing.T) {
	for topology, detailType := range map[components.DatabaseTopology]string{
		components.Aurora: "RDS DB Cluster Event", components.MultiAZCluster: "RDS DB Cluster Event", components.MultiAZInstance: "RDS DB Instance Event",
	} {
		recording, _ := recordEverything(t, topology)
		require.JSONEq(t, `{"source":["aws.rds"],"detail-type":["`+detailType+`"],"detail":{"EventCategories":["failover"],"SourceIdentifier":["aplomb-test-helpdesk"]}}`,
			recording.One(t, eventRuleToken, "helpdesk-failover").Text(t, "eventPattern"))
		require.Equal(t, ticketTopic, recording.One(t, eventTargetToken, "helpdesk-failover").Text(t, "arn"))
	}
}

func TestWhatCannotBeWatchedIsRefused(t *testing.T) {
	watch := func(change func(*components.ResilientServiceArgs), times int) error {
		_, err := recorder.RunErr(alertingIn(alertingArgs(), func(ctx *pulumi.Context, alerting *components.AlertingStack, provider pulumi.ResourceOption) error {
			if times == 0 {
				for _, err := range []error{alerting.WatchDatabase(nil), alerting.WatchBucket(nil), alerting.WatchJob(nil)} {
					require.ErrorContains(t, err, "is given; pass the one to watch")
				}
				return alerting.Watch(nil)
			}
			args := serviceArgs()
			change(args)
			service, err := components.NewResilientService(ctx, "tickets", args, provider)
			for range times {
				if err == nil {
					err = alerting.Watch(service)
				}
			}
			return err
		}))
		return err
	}
	same := func(*components.ResilientServiceArgs) {}
	require.NoError(t, watch(same, 1))
	require.ErrorContains(t, watch(same, 0), "no service is given")
	require.ErrorContains(t, watch(same, 2), "watches service tickets already; watch it once")
	require.ErrorContains(t, watch(func(a *components.ResilientServiceArgs) {
		a.Placement.AccountID = "109876543210"
		a.Image = "109876543210.dkr.ecr.eu-central-1.amazonaws.com/support/tickets@" + digest
	}, 1), "whose alarms cannot reach it")
}

func TestACompositeAlarmHasItsTransform(t *testing.T) {
	args := alertingArgs()
	args.Transform.CompositeAlarm = func(a *cloudwatch.CompositeAlarmArgs) { a.ActionsEnabled = pulumi.Bool(false) }
	recording := recorder.Run(t, everything(args, components.Aurora, func(*components.AlertingStack) {}))
	require.False(t, recording.One(t, compositeToken, "tickets-impact").Bool(t, "actionsEnabled"))
}

// An incident begins anywhere within a period and lasts as long as healing and a hanging request take. Every period that it reaches
// into may breach. This counts them instead of repeating the formula.
func TestNoIncidentThatHealsPagesHoweverItLiesToThePeriods(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		idle := rapid.IntRange(1, 4000).Draw(r, "idle seconds")
		args := serviceArgs()
		args.IdleSeconds = idle
		objective := rapid.IntRange(10, 3600).Draw(r, "objective seconds")
		row, again := pagingOf(t, args, objective)
		start := rapid.IntRange(0, 59).Draw(r, "seconds into a period")
		breaching := (start+objective+idle-1)/60 + 1
		require.Less(r, breaching, row.Datapoints, "one that heals")
		require.LessOrEqual(r, row.Datapoints, breaching+2, "nor later than it must be")
		require.GreaterOrEqual(r, again.Datapoints, 2*breaching, "two that heal within the window touch no more than it takes")
		require.GreaterOrEqual(r, (again.Periods+1)/2, again.Datapoints, "every other period comes to a page")
	})
}

func pagingOf(t *testing.T, args *components.ResilientServiceArgs, objective int) (row, again components.AlarmLine) {
	t.Helper()
	telling := alertingArgs()
	telling.ObjectiveSeconds = objective
	recorder.Run(t, alertingIn(telling, func(ctx *pulumi.Context, alerting *components.AlertingStack, provider pulumi.ResourceOption) error {
		service, err := components.NewResilientService(ctx, "tickets", args, provider)
		if err != nil {
			return err
		}
		err = alerting.Watch(service)
		for _, line := range alerting.Alarms() {
			switch line.Alarm {
			case "tickets-errors":
				row = line
			case "tickets-errors-again":
				again = line
			}
		}
		return err
	}))
	return row, again
}
