package components

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// maxTicketEmails is ours: a longer list is a mailing list, which is one address.
const maxTicketEmails = 20

// Check lists everything that is wrong with the arguments of the alerting called name; nothing when it can be built. It registers nothing. The
// integration key arrives later: one of the wrong form fails the preview.
func (a *AlertingStackArgs) Check(name string) []check.Failure {
	c := check.New()
	checkName(c, name, naming.MaxServiceName)
	if a == nil {
		c.Missing("args", "alerting needs arguments", "give account, Region and the mailboxes of tickets")
		return c.Failures()
	}
	checkAccount(c, a.AccountID)
	checkRegion(c, "region", a.Region, "an alarm notifies topics of its own Region")
	switch {
	case a.RecoveryRegion != "":
		checkRecoveryRegion(c, a.Region, a.RecoveryRegion)
		if a.RecoveryProvider == nil {
			c.Missing("recoveryProvider", "the second topic is in another Region", "give the aws provider of "+a.RecoveryRegion)
		}
	case a.RecoveryProvider != nil:
		c.Missing("recoveryRegion", "a provider is given for it", "name its Region, or leave the provider out")
	}
	a.checkEmails(c)
	checkRange(c, "objectiveSeconds", a.withDefaults().ObjectiveSeconds, 10, 3600, "s")
	checkTags(c, a.Tags)
	return c.Failures()
}

// withDefaults is a copy in which every zero value is its default.
func (a AlertingStackArgs) withDefaults() AlertingStackArgs {
	a.ObjectiveSeconds = orDefault(a.ObjectiveSeconds, defaultObjectiveSeconds)
	return a
}

func (a *AlertingStackArgs) checkEmails(c *check.Checker) {
	if len(a.TicketEmails) == 0 {
		c.Missing("ticketEmails", "a ticket that nobody receives is none", "give the address of the team's mailbox")
	}
	if len(a.TicketEmails) > maxTicketEmails {
		c.Fail("ticketEmails", len(a.TicketEmails), fmt.Sprintf("addresses are more than %d", maxTicketEmails), "give the address of a mailing list")
	}
	for i, email := range a.TicketEmails {
		path := fmt.Sprintf("ticketEmails[%d]", i)
		if address, err := mail.ParseAddress(email); err != nil || address.Address != email || strings.ContainsAny(email, " \t\r\n:") {
			c.Fail(path, email, "is no email address", "write it like ops@example.com, without a name before it")
		} else if slices.ContainsFunc(a.TicketEmails[:i], func(other string) bool { return strings.EqualFold(other, email) }) {
			c.Fail(path, email, "is listed twice", "remove one")
		}
	}
}
