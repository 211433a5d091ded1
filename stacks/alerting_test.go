// Layer: recorder over Pulumi mocks. Proves what a stack's alerting asks for, not that AWS accepts it.
package stacks_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

const (
	topicToken     = "aws:sns/topic:Topic"
	compositeToken = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	metricAlarm    = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

// alerted is a committed stack with alerting.
func alerted(t *testing.T, stack string, pagerDuty bool) map[string]any {
	t.Helper()
	config := committed(t, stack)
	config["alerting"] = map[string]any{"ticketEmails": []any{"ops@example.com"}, "pagerDuty": pagerDuty}
	return config
}

func TestEverythingOfAStackIsWatchedAndOnePageAServiceCallsSomebody(t *testing.T) {
	without := committed(t, "prod")
	delete(without, "alerting")
	without["environment"] = "development" // production with a database would not go without
	before, err := record(t, "prod", without)
	require.NoError(t, err)
	recording, err := record(t, "prod", alerted(t, "prod", true))
	require.NoError(t, err)
	require.Len(t, recording.OfType(topicToken), 3, "pages, tickets, and tickets of the recovery Region")
	for _, topic := range recording.OfType(topicToken) {
		require.True(t, topic.Protect, topic.URN)
	}
	watched := map[string]bool{}
	for _, alarm := range recording.OfType(metricAlarm) {
		watched[alarm.Name] = true
	}
	for _, name := range []string{"web-errors", "tickets-no-hosts", "search-below-fleet", "assets-copy-failed", "backups-copy-behind", "reindex-not-started", "ticket-export-given-up"} {
		require.True(t, watched[name], name)
	}
	page := recording.One(t, topicToken, "alerting-page").ID
	var paging []string
	for _, alarm := range recording.OfType(compositeToken) {
		require.Equal(t, []string{page}, alarm.Texts(t, "alarmActions"))
		paging = append(paging, alarm.Text(t, "alarmName"))
	}
	project := "aplomb-prod-"
	require.ElementsMatch(t, []string{
		project + "web-impact", project + "tickets-impact", project + "search-impact",
		project + "db-backups-three-nights", project + "db-backups-copy-three-nights",
	}, paging, "the names that the topic's policy admits")
	for token, count := range before.Count() {
		require.GreaterOrEqual(t, recording.Count()[token], count, "alerting takes nothing away: %s", token)
	}
}

func TestDevelopmentHasTicketsOnlyAndSaysSo(t *testing.T) {
	recording, err := record(t, "dev", alerted(t, "dev", false))
	require.NoError(t, err)
	outputs, err := stacks.DecodeOutputs(map[string]any{stacks.OutputName: recording.Output(t, stacks.OutputName)})
	require.NoError(t, err)
	require.False(t, outputs.Alerting.Paging)
	require.Equal(t, outputs.Alerting.TicketTopic, outputs.Alerting.PageTopic)
	require.Empty(t, outputs.Alerting.DeadLetterQueue)
	require.NotEmpty(t, outputs.Alerting.RecoveryTicketTopic)
	require.False(t, recording.OutputSecret(stacks.OutputName), "a secret in it would hide it all")
}

func TestTheIntegrationKeyIsASecretThatIsAskedForOnlyWhereSomebodyIsCalled(t *testing.T) {
	const key = "aplomb:secret.alerting.pagerduty-key"
	for pagerDuty, asked := range map[bool]bool{true: true, false: false} {
		config, err := stacks.Parse(asJSON(t, alerted(t, "prod", pagerDuty)))
		require.NoError(t, err)
		require.Equal(t, asked, strings.Contains(strings.Join(config.SecretKeys(), " "), key))
	}
}

func TestFaultsOfAlertingAreNamedAtTheirKeys(t *testing.T) {
	config := alerted(t, "prod", true)
	config["alerting"].(map[string]any)["ticketEmails"] = []any{"ops", "a@example.com", "A@example.com"}
	service := config["services"].([]any)[0].(map[string]any)
	service["name"], service["secrets"] = "alerting", []any{"pagerduty-key"}
	_, err := stacks.Parse(asJSON(t, config))
	require.ErrorContains(t, err, `alerting.ticketEmails[0]: "ops" is no email address; write it like ops@example.com`)
	require.ErrorContains(t, err, `alerting.ticketEmails[2]: "A@example.com" is listed twice; remove one`)
	require.ErrorContains(t, err, `services[0].secrets[0]: "pagerduty-key" would stand at the key of PagerDuty's integration key, aplomb:secret.alerting.pagerduty-key; rename the secret or the service`)
	delete(config["alerting"].(map[string]any), "ticketEmails")
	_, err = stacks.Parse(asJSON(t, config))
	require.ErrorContains(t, err, "alerting.ticketEmails: missing")
}
