package components_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	alertingToken     = "aplomb:components:AlertingStack"
	compositeToken    = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	topicToken        = "aws:sns/topic:Topic"
	topicPolicyToken  = "aws:sns/topicPolicy:TopicPolicy"
	subscriptionToken = "aws:sns/topicSubscription:TopicSubscription"
	integrationKey    = "0123456789abcdef0123456789abcdef"
	pageTopic         = "arn:aws:sns:eu-central-1:" + account + ":alerting-page"
	ticketTopic       = "arn:aws:sns:eu-central-1:" + account + ":alerting-ticket"
)

func alertingArgs() *components.AlertingStackArgs {
	return &components.AlertingStackArgs{
		AccountID: account, Region: "eu-central-1", TicketEmails: []string{"ops@example.com"},
		PagerDutyKey: pulumi.String(integrationKey),
		// Names that tests can spell.
		Transform: components.AlertingStackTransforms{Topic: func(args *sns.TopicArgs) {
			args.Name = args.Tags.(pulumi.StringMap)["Name"].(pulumi.String)
		}},
	}
}

// alertingIn runs a program with alerting, whose recovery Region has a provider where it is named.
func alertingIn(args *components.AlertingStackArgs, then func(*pulumi.Context, *components.AlertingStack, pulumi.ResourceOption) error) pulumi.RunFunc {
	return inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		copied := *args
		if copied.RecoveryRegion != "" {
			recovery, err := aws.NewProvider(ctx, copied.RecoveryRegion, &aws.ProviderArgs{
				Region: pulumi.String(copied.RecoveryRegion), AllowedAccountIds: pulumi.ToStringArray([]string{account}),
			})
			if err != nil {
				return err
			}
			copied.RecoveryProvider, args.RecoveryProvider = recovery, recovery
		}
		alerting, err := components.NewAlertingStack(ctx, "alerting", &copied, provider)
		if err != nil || then == nil {
			return err
		}
		return then(ctx, alerting, provider)
	})
}

func recordAlerting(t recorder.TB, args *components.AlertingStackArgs, options ...recorder.Option) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, alertingIn(args, nil), options...)
}

func TestAlertingIsTopicsAndWhoReadsThem(t *testing.T) {
	want := map[string]int{
		alertingToken: 1, keyToken: 1, aliasToken: 1, topicToken: 2, topicPolicyToken: 2, subscriptionToken: 2,
		queueToken: 1, queuePolicyToken: 1, alarmToken: 2,
	}
	requireCounts(t, want, recordAlerting(t, alertingArgs()))
	requireCounts(t, want, recordAlerting(t, alertingArgs(), recorder.Preview()))

	args := alertingArgs()
	args.RecoveryRegion, args.TicketEmails = "eu-west-1", []string{"ops@example.com", "lead@example.com"}
	want[keyToken], want[aliasToken], want[topicToken], want[topicPolicyToken] = 2, 2, 3, 3
	want[subscriptionToken] = 1 + 2*2
	requireCounts(t, want, recordAlerting(t, args))
}

func TestWithoutAnIntegrationKeyThereAreTicketsOnlyAndItSaysSo(t *testing.T) {
	args := alertingArgs()
	args.PagerDutyKey = nil
	recording := recorder.Run(t, alertingIn(args, func(ctx *pulumi.Context, alerting *components.AlertingStack, _ pulumi.ResourceOption) error {
		require.False(t, alerting.Paging)
		ctx.Export("page", alerting.PageTopicARN)
		ctx.Export("queue", alerting.DeadLetterQueueName)
		return nil
	}))
	requireCounts(t, map[string]int{alertingToken: 1, keyToken: 1, aliasToken: 1, topicToken: 1, topicPolicyToken: 1, subscriptionToken: 1}, recording)
	require.Equal(t, ticketTopic, recording.Output(t, "page"), "what would be a page is a ticket")
	require.Equal(t, "", recording.Output(t, "queue"))
	require.NotContains(t, recording.One(t, keyToken, "alerting").Text(t, "policy"), "sns.amazonaws.com", "nobody fills a queue that is not there")
}

func TestPagerDutyIsCalledAndTheKeyIsASecretWhereverItStands(t *testing.T) {
	recording := recordAlerting(t, alertingArgs())
	subscription := recording.One(t, subscriptionToken, "alerting-page-pagerduty")
	require.Equal(t, "https://events.pagerduty.com/integration/"+integrationKey+"/enqueue", subscription.Text(t, "endpoint"))
	require.True(t, subscription.Secret("endpoint"))
	require.Equal(t, "https", subscription.Text(t, "protocol"))
	require.True(t, subscription.Bool(t, "endpointAutoConfirms"))
	require.False(t, subscription.Bool(t, "rawMessageDelivery"), "PagerDuty reads the envelope")
	require.Equal(t, pageTopic, subscription.Text(t, "topic"))
	require.Contains(t, subscription.DependsOn, recording.One(t, queuePolicyToken, "alerting-page-dead-letter").URN, "a first page that fails must find the queue open")
	queue := recording.One(t, queueToken, "alerting-page-dead-letter")
	require.Equal(t, []string{queue.URN}, within(subscription.PropertyDependencies["redrivePolicy"], queueToken))
	require.Equal(t, []string{recording.One(t, keyToken, "alerting").URN}, within(queue.PropertyDependencies["kmsMasterKeyId"], keyToken))
	for _, each := range recording.All() {
		for name, value := range each.Plain() {
			holds := strings.Contains(fmt.Sprint(value), integrationKey)
			require.Equal(t, holds, holds && each.Secret(name), "%s %s holds the key in clear", each.URN, name)
		}
	}
}

func TestAnIntegrationKeyOfTheWrongFormIsRefusedAndNotRepeated(t *testing.T) {
	for _, wrong := range []string{"", "short", integrationKey + "0", "0123456789abcdef0123456789abcde/"} {
		args := alertingArgs()
		args.PagerDutyKey = pulumi.ToSecret(pulumi.String(wrong)).(pulumi.StringOutput)
		_, err := recorder.RunErr(alertingIn(args, nil))
		require.ErrorContains(t, err, "is not the integration key of PagerDuty's Amazon CloudWatch integration, which has 32 letters and digits")
		if wrong != "" {
			require.NotContains(t, err.Error(), wrong)
		}
	}
}

func TestWhoMayPublishIsExactlyThis(t *testing.T) {
	args := alertingArgs()
	args.RecoveryRegion = "eu-west-1"
	recording := recordAlerting(t, args)
	golden.JSON(t, "testdata/alerting.page.golden.json", recording.One(t, topicPolicyToken, "alerting-page").Text(t, "policy"))
	golden.JSON(t, "testdata/alerting.ticket.golden.json", recording.One(t, topicPolicyToken, "alerting-ticket").Text(t, "policy"))
	golden.JSON(t, "testdata/alerting.ticket-recovery.golden.json", recording.One(t, topicPolicyToken, "alerting-ticket-recovery").Text(t, "policy"))
	golden.JSON(t, "testdata/alerting.key.golden.json", recording.One(t, keyToken, "alerting").Text(t, "policy"))
	golden.JSON(t, "testdata/alerting.queue.golden.json", recording.One(t, queuePolicyToken, "alerting-page-dead-letter").Text(t, "policy"))
}

func TestOnlyImpactAlarmsOfThisStackPage(t *testing.T) {
	recording := recordAlerting(t, alertingArgs())
	alarms := "arn:aws:cloudwatch:eu-central-1:" + account + ":alarm:"
	from := func(arn string) iameval.Context {
		return iameval.Context{"aws:SourceAccount": {strings.Split(arn, ":")[4]}, "aws:SourceArn": {arn}, "aws:SecureTransport": {"true"}}
	}
	inClear := from(alarms + "aplomb-test-tickets-impact")
	inClear["aws:SecureTransport"] = []string{"false"}
	const cloudWatch, events, sns = "cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"
	for _, each := range []struct {
		policy, name, service, action string
		context                       iameval.Context
		want                          iameval.Decision
	}{
		{"page", "an impact alarm", cloudWatch, "sns:Publish", from(alarms + "aplomb-test-tickets-impact"), iameval.Allow},
		{"page", "three nights without a backup", cloudWatch, "sns:Publish", from(alarms + "aplomb-test-db-backups-backup-three-nights"), iameval.Allow},
		{"page", "an alarm of a cause", cloudWatch, "sns:Publish", from(alarms + "tickets-errors-1a2b3c4"), iameval.ImplicitDeny},
		{"page", "another stack's", cloudWatch, "sns:Publish", from(alarms + "aplomb-other-tickets-impact"), iameval.ImplicitDeny},
		{"page", "another Region's", cloudWatch, "sns:Publish", from(strings.Replace(alarms, "eu-central-1", "eu-west-1", 1) + "aplomb-test-tickets-impact"), iameval.ImplicitDeny},
		{"page", "another account's", cloudWatch, "sns:Publish", from(strings.Replace(alarms, account, "123456789012", 1) + "aplomb-test-tickets-impact"), iameval.ImplicitDeny},
		{"page", "in clear", cloudWatch, "sns:Publish", inClear, iameval.ExplicitDeny},
		{"page", "an event", events, "sns:Publish", nil, iameval.ImplicitDeny},
		{"page", "a subscription", cloudWatch, "sns:Subscribe", from(alarms + "aplomb-test-tickets-impact"), iameval.ImplicitDeny},
		{"ticket", "an alarm of a cause", cloudWatch, "sns:Publish", from(alarms + "tickets-errors-1a2b3c4"), iameval.Allow},
		{"ticket", "another account's alarm", cloudWatch, "sns:Publish", from(strings.Replace(alarms, account, "123456789012", 1) + "x"), iameval.ImplicitDeny},
		{"ticket", "an event, which carries nothing", events, "sns:Publish", nil, iameval.Allow},
		{"ticket", "a budget", "budgets.amazonaws.com", "sns:Publish", from(alarms + "x"), iameval.ImplicitDeny},
		{"key", "an alarm", cloudWatch, "kms:GenerateDataKey", from(alarms + "x"), iameval.Allow},
		{"key", "another account's alarm", cloudWatch, "kms:GenerateDataKey", from(strings.Replace(alarms, account, "123456789012", 1) + "x"), iameval.ImplicitDeny},
		{"key", "an event", events, "kms:Decrypt", nil, iameval.Allow},
		{"key", "an event that grants", events, "kms:CreateGrant", nil, iameval.ImplicitDeny},
		{"key", "a dead letter", sns, "kms:GenerateDataKey", nil, iameval.Allow},
		{"key", "a budget", "budgets.amazonaws.com", "kms:Decrypt", nil, iameval.ImplicitDeny},
		{"queue", "the topic of pages", sns, "sqs:SendMessage", from(pageTopic), iameval.Allow},
		{"queue", "the topic of tickets", sns, "sqs:SendMessage", from(ticketTopic), iameval.ImplicitDeny},
		{"queue", "a reader", sns, "sqs:ReceiveMessage", from(pageTopic), iameval.ImplicitDeny},
	} {
		text, resource := map[string]string{
			"page":   recording.One(t, topicPolicyToken, "alerting-page").Text(t, "policy"),
			"ticket": recording.One(t, topicPolicyToken, "alerting-ticket").Text(t, "policy"),
			"key":    recording.One(t, keyToken, "alerting").Text(t, "policy"),
			"queue":  recording.One(t, queuePolicyToken, "alerting-page-dead-letter").Text(t, "policy"),
		}[each.policy], map[string]string{"page": pageTopic, "ticket": ticketTopic, "key": "*",
			"queue": recordedQueue(t, recording)}[each.policy]
		policy, err := iameval.ParseResource(text)
		require.NoError(t, err)
		got, err := policy.Evaluate(iameval.Request{Principal: each.service, Action: each.action, Resource: resource, Context: each.context})
		require.NoError(t, err, "%s: %s", each.policy, each.name)
		require.Equal(t, each.want, got, "%s: %s", each.policy, each.name)
	}
}

// recordedQueue is the ARN that the mocks gave the queue of dead letters.
func recordedQueue(t *testing.T, recording *recorder.Recording) string {
	t.Helper()
	redrive := recording.One(t, subscriptionToken, "alerting-page-pagerduty").Text(t, "redrivePolicy")
	return strings.TrimSuffix(strings.TrimPrefix(redrive, `{"deadLetterTargetArn":"`), `"}`)
}

func TestEverythingOfARegionIsInIt(t *testing.T) {
	args := alertingArgs()
	args.RecoveryRegion = "eu-west-1"
	recording := recordAlerting(t, args)
	home, recovery := recording.One(t, providerToken, "eu-central-1"), recording.One(t, providerToken, "eu-west-1")
	far := 0
	for _, child := range recording.ChildrenOf(recording.One(t, alertingToken, "alerting").URN) {
		want := home
		if strings.Contains(child.Name, "-recovery") {
			want, far = recovery, far+1
		}
		require.Equal(t, want.URN+"::"+want.ID, child.Provider, child.URN)
	}
	require.Equal(t, 5, far, "key, alias, topic, policy and mailbox")
	require.Contains(t, recording.One(t, topicToken, "alerting-ticket-recovery").Text(t, "kmsMasterKeyId"), ":kms:eu-west-1:")
}

func TestAPageThatIsNotDeliveredIsATicketThroughTheOtherChannel(t *testing.T) {
	recording := recordAlerting(t, alertingArgs())
	for _, name := range []string{"alerting-page-undelivered", "alerting-page-lost"} {
		alarm := recording.One(t, alarmToken, name)
		require.Equal(t, []string{ticketTopic}, alarm.Texts(t, "alarmActions"))
		require.Equal(t, []string{ticketTopic}, alarm.Texts(t, "okActions"), "what is over says so")
		require.Contains(t, alarm.DependsOn, recording.One(t, topicPolicyToken, "alerting-ticket").URN)
	}
	require.Equal(t, map[string]any{"TopicName": "alerting-page"}, recording.One(t, alarmToken, "alerting-page-lost").Map(t, "dimensions"))
}

func TestProtectKeepsKeysTopicsAndUndeliveredPages(t *testing.T) {
	args := alertingArgs()
	require.Empty(t, protected(recordAlerting(t, args)))
	args.Protect, args.RecoveryRegion = true, "eu-west-1"
	require.ElementsMatch(t, []string{
		keyToken + " alerting", keyToken + " alerting-recovery", topicToken + " alerting-page", topicToken + " alerting-ticket",
		topicToken + " alerting-ticket-recovery", queueToken + " alerting-page-dead-letter",
	}, protected(recordAlerting(t, args)))
}

func TestEveryAlertingTransformHasTheLastWord(t *testing.T) {
	args := alertingArgs()
	args.Transform = components.AlertingStackTransforms{
		Key:          func(a *kms.KeyArgs) { a.Description = pulumi.String("changed") },
		Topic:        func(a *sns.TopicArgs) { a.DisplayName = pulumi.String("changed") },
		Subscription: func(a *sns.TopicSubscriptionArgs) { a.ConfirmationTimeoutInMinutes = pulumi.Int(7) },
		Queue:        func(a *sqs.QueueArgs) { a.DelaySeconds = pulumi.Int(7) },
		Alarm:        func(a *cloudwatch.MetricAlarmArgs) { a.Threshold = pulumi.Float64(7) },
	}
	recording := recordAlerting(t, args)
	require.Equal(t, "changed", recording.One(t, keyToken, "alerting").Text(t, "description"))
	require.Equal(t, 7, recording.One(t, queueToken, "alerting-page-dead-letter").Int(t, "delaySeconds"))
	for _, topic := range recording.OfType(topicToken) {
		require.Equal(t, "changed", topic.Text(t, "displayName"))
	}
	for _, subscription := range recording.OfType(subscriptionToken) {
		require.Equal(t, 7, subscription.Int(t, "confirmationTimeoutInMinutes"))
	}
	for _, alarm := range recording.OfType(alarmToken) {
		require.Equal(t, 7, alarm.Int(t, "threshold"))
	}
}

func TestEachFaultOfAlertingIsNamedWithItsRemedy(t *testing.T) {
	for want, fault := range map[string]func(*components.AlertingStackArgs){
		`accountID: missing, policies name the account; give the 12 digits of the AWS account, in quotes`:              func(a *components.AlertingStackArgs) { a.AccountID = "" },
		`region: missing, an alarm notifies topics of its own Region; give the name of a Region, such as eu-central-1`: func(a *components.AlertingStackArgs) { a.Region = "" },
		`recoveryRegion: "eu-central-1" is the Region itself, whose loss would take the copy along; choose another Region`: func(a *components.AlertingStackArgs) {
			a.RecoveryRegion, a.RecoveryProvider = a.Region, &aws.Provider{}
		},
		`recoveryProvider: missing, the second topic is in another Region; give the aws provider of eu-west-1`:                  func(a *components.AlertingStackArgs) { a.RecoveryRegion = "eu-west-1" },
		`recoveryRegion: missing, a provider is given for it; name its Region, or leave the provider out`:                       func(a *components.AlertingStackArgs) { a.RecoveryProvider = &aws.Provider{} },
		`ticketEmails: missing, a ticket that nobody receives is none; give the address of the team's mailbox`:                  func(a *components.AlertingStackArgs) { a.TicketEmails = nil },
		`ticketEmails[0]: "Ops <ops@example.com>" is no email address; write it like ops@example.com, without a name before it`: func(a *components.AlertingStackArgs) { a.TicketEmails = []string{"Ops <ops@example.com>"} },
		`objectiveSeconds: 9 must be from 10 to 3600 s; change it, or leave it out for the default`:                             func(a *components.AlertingStackArgs) { a.ObjectiveSeconds = 9 },
		`ticketEmails[1]: "OPS@example.com" is listed twice; remove one`:                                                        func(a *components.AlertingStackArgs) { a.TicketEmails = append(a.TicketEmails, "OPS@example.com") },
		`tags.aws:owner: "aws:owner" begins with aws:, which AWS reserves; rename the tag`:                                      func(a *components.AlertingStackArgs) { a.Tags = map[string]string{"aws:owner": "x"} },
	} {
		args := alertingArgs()
		fault(args)
		require.Equal(t, []string{want}, lines(args.Check("alerting")))
	}
	require.Len(t, (&components.AlertingStackArgs{}).Check("Alerting"), 4, "name, account, Region and mailboxes at once")
	var nothing *components.AlertingStackArgs
	require.Len(t, nothing.Check("alerting"), 1)
}

func TestEveryAlarmOfThePathToPagerDutyHasItsPlaybook(t *testing.T) {
	recorder.Run(t, alertingIn(alertingArgs(), func(_ *pulumi.Context, alerting *components.AlertingStack, _ pulumi.ResourceOption) error {
		requirePlaybooks(t, alerting.Alarms())
		require.Len(t, alerting.Alarms(), 2)
		return nil
	}))
}

// requirePlaybooks finds the playbook of every line of a table.
func requirePlaybooks(t *testing.T, alarms []components.AlarmLine) {
	t.Helper()
	require.NotEmpty(t, alarms)
	for _, alarm := range alarms {
		text, err := os.ReadFile("../playbooks/" + alarm.Playbook + ".md")
		require.NoError(t, err, "%s has no playbook", alarm.Alarm)
		name := strings.TrimSuffix(strings.TrimPrefix(alarm.Alarm, alarm.Subject+"-"), "-recovery")
		if strings.HasPrefix(name, "no-hosts-") {
			name = "no-hosts-ZONE"
		}
		require.Contains(t, string(text), "`"+name+"`", "playbooks/%s.md does not name %s", alarm.Playbook, name)
	}
}
