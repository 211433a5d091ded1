package stacks

import (
	"github.com/aplomb-iac/aplomb/components"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// alertingName is the name of the stack's alerting, and the word in its secret key where others have their service.
	alertingName = "alerting"
	// pagerDutySecret is the last word of that key.
	pagerDutySecret = "pagerduty-key"
)

// pagerDutyKey is the configuration key of PagerDuty's integration key.
func pagerDutyKey() string { return secretKey(alertingName, pagerDutySecret) }

// pages says whether the stack calls somebody.
func (c *Config) pages() bool { return c.Alerting != nil && c.Alerting.PagerDuty }

// alertingArgs leave tags to the provider, as those of buckets do. recovery is nil where nothing of the stack stands in the recovery Region.
func (c *Config) alertingArgs(recovery *aws.Provider, key pulumi.StringInput) *components.AlertingStackArgs {
	args := &components.AlertingStackArgs{
		AccountID: c.Account, Region: c.homeRegion(), TicketEmails: c.Alerting.TicketEmails, ObjectiveSeconds: c.objective(), Protect: c.profile().Protect,
	}
	if recovery != nil {
		args.RecoveryRegion, args.RecoveryProvider = c.RecoveryRegion, recovery
	}
	if c.pages() {
		args.PagerDutyKey = key
	}
	return args
}

// buildAlerting builds the stack's alerting; nil without any.
func (c *Config) buildAlerting(
	ctx *pulumi.Context, home, recovery *aws.Provider, secrets map[string]pulumi.StringOutput,
) (*components.AlertingStack, error) {
	if c.Alerting == nil {
		return nil, nil
	}
	return components.NewAlertingStack(ctx, alertingName, c.alertingArgs(recovery, secrets[pagerDutyKey()]), pulumi.Providers(home))
}

// watch has everything watched that the stack has, in configured order.
func (c *Config) watch(built *data, services map[string]*components.ResilientService) error {
	alerting := built.alerting
	if alerting == nil {
		return nil
	}
	for i := range c.Services {
		if err := alerting.Watch(services[c.Services[i].Name]); err != nil {
			return err
		}
	}
	for i := range c.Databases {
		if err := alerting.WatchDatabase(built.databases[c.Databases[i].Name]); err != nil {
			return err
		}
	}
	for i := range c.Buckets {
		if err := alerting.WatchBucket(built.buckets[c.Buckets[i].Name]); err != nil {
			return err
		}
	}
	for i := range c.Jobs {
		if err := alerting.WatchJob(built.jobs[c.Jobs[i].Name]); err != nil {
			return err
		}
	}
	return nil
}

// alertingOutputs is the shape of Outputs.Alerting.
func alertingOutputs(alerting *components.AlertingStack) pulumi.Map {
	return pulumi.Map{
		"paging": pulumi.Bool(alerting.Paging), "pageTopic": alerting.PageTopicARN, "ticketTopic": alerting.TicketTopicARN,
		"recoveryTicketTopic": alerting.RecoveryTicketTopicARN, "deadLetterQueue": alerting.DeadLetterQueueName,
	}
}
