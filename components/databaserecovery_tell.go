package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildTickets builds a rule for each document whose execution did not succeed
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html).
func (r *DatabaseRecovery) buildTickets(ctx *pulumi.Context) error {
	for _, each := range []struct {
		name     string
		built    bool
		provider pulumi.ProviderResource
		document pulumi.StringOutput
		topic    pulumi.StringInput
	}{
		{"restore", true, nil, r.RestoreToPointInTime, r.args.TicketsTopicARN},
		{"cut-over", true, nil, r.CutOver, r.args.TicketsTopicARN},
		{"validate", r.args.RestoreTestingPlanARN != nil, nil, r.ValidateRestoreTest, r.args.TicketsTopicARN},
		{"restore-from-copy", r.args.Site != nil, r.recoveryProvider(), r.RestoreFromCopy, r.args.SiteTicketsTopicARN},
	} {
		if !each.built || each.topic == nil {
			continue
		}
		if _, err := newEventRule(ctx, eventSpec{
			parent: r, provider: each.provider, name: r.name + "-" + each.name + "-failed", description: "Executions of " + r.name + "-" + each.name + " that did not succeed",
			pattern: eventPattern{
				Source: []string{"aws.ssm"}, DetailType: []string{"EC2 Automation Execution Status-change Notification"},
				Detail: map[string][]string{"Status": {"Failed", "TimedOut", "Cancelled"}},
			},
			late: pulumi.StringMap{"Definition": each.document}, topic: each.topic, tags: r.args.Tags,
			sentence: "The document <document> of database " + r.args.Database.name + " ended as <status>: execution <execution>. What to do: docs/restore.md.",
			paths:    map[string]string{"document": "$.detail.Definition", "status": "$.detail.Status", "execution": "$.detail.ExecutionId"},
		}); err != nil {
			return err
		}
	}
	return nil
}

// recoveryProvider is that of the site, if there is one.
func (r *DatabaseRecovery) recoveryProvider() pulumi.ProviderResource {
	if r.args.Site == nil {
		return nil
	}
	return r.args.Site.args.Provider
}
