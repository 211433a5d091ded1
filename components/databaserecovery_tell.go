package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildTickets builds a rule for each document whose execution did not succeed.
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
		{"prove", r.args.RestoreTestingPlanARN != nil, nil, r.ProveRestoreTest, r.args.TicketsTopicARN},
		{"restore-from-copy", r.args.Site != nil, r.recoveryProvider(), r.RestoreFromCopy, r.args.SiteTicketsTopicARN},
	} {
		if !each.built || each.topic == nil {
			continue
		}
		spec := executionsFailed(r, r.name+"-"+each.name, each.document, each.topic,
			"The document <document> of database "+r.args.Database.name+" ended as <status>: execution <execution>. What to do: docs/restore.md.")
		spec.provider, spec.tags = each.provider, r.args.Tags
		if _, err := newEventRule(ctx, spec); err != nil {
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
