package stacks

import (
	"fmt"
	"slices"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// checkAlerting applies the stack's rules to its alerting, and then the component's.
func (c *Config) checkAlerting(all *check.Checker) {
	if c.Alerting == nil {
		if profile, known := profiles[c.Environment]; known && !profile.NoAlerting && len(c.Databases) > 0 {
			all.Missing("alerting", "nobody would be told when a backup or a restore of a production database fails", "add it, with ticketEmails")
		}
		return
	}
	for i := range c.Services {
		service := &c.Services[i]
		if at := slices.Index(service.Secrets, pagerDutySecret); c.pages() && service.Name == alertingName && at >= 0 {
			all.Fail(fmt.Sprintf("services[%d].secrets[%d]", i, at), pagerDutySecret, "would stand at the key of PagerDuty's integration key, "+pagerDutyKey(), "rename the secret or the service")
		}
	}
	for _, failure := range c.alertingArgs(nil, pulumi.String("")).Check(alertingName) {
		if failure.Path == "objectiveSeconds" {
			continue // the stack says it in its own words
		}
		if path, mine := partKey("alerting", failure.Path); mine {
			failure.Path = path
			all.Add(failure)
		}
	}
}
