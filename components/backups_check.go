package components

import (
	"regexp"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// The defaults of backups are ours. AWS's limits: 30 selections in a restore testing plan, 168 hours of validation
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html#restore-testing-quotas).
const (
	defaultNight           = "cron(0 5 * * ? *)"
	defaultRetentionDays   = 35
	minRetentionDays       = 7
	defaultTestDay         = 3
	lastTestDay            = 28
	defaultTestTime        = "09:00"
	defaultValidationHours = 4
	maxCovered             = 30
)

var (
	// nightSyntax is a cron expression of AWS Backup that fires once a day
	// (https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html).
	nightSyntax = regexp.MustCompile(`^cron\(([0-9]|[1-5][0-9]) ([0-9]|1[0-9]|2[0-3]) (\* \* \?|\? \* \*) \*\)$`)
	clockSyntax = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)
)

// Check lists everything that is wrong with the arguments of the backups called name; nothing when they can be built. It looks at plain
// values only and registers nothing.
func (a *BackupsArgs) Check(name string) []check.Failure {
	c := check.New()
	checkName(c, name, naming.MaxServiceName)
	if strings.HasSuffix(name, "-copy") {
		c.Fail("name", name, "is what the copies of other backups are called", "end it with another word")
	}
	if a == nil {
		c.Missing("args", "backups need arguments", "give account and Regions")
		return c.Failures()
	}
	args := a.withDefaults()
	checkAccount(c, args.AccountID)
	checkRegion(c, "region", args.Region, "policies name the Region")
	checkRecoveryRegion(c, args.Region, args.RecoveryRegion)
	if args.RecoveryProvider == nil {
		c.Missing("recoveryProvider", "the copies are received by the recovery Region", "give an aws provider of that Region")
	}
	checkRange(c, "databases", args.Databases, 1, maxCovered, "databases")
	if !nightSyntax.MatchString(args.Schedule) {
		c.Fail("schedule", args.Schedule, "is not once every day, on which alarms and promises rest", "write cron(0 5 * * ? *) for five o'clock UTC")
	}
	checkRange(c, "retentionDays", args.RetentionDays, minRetentionDays, longestDays, "days")
	checkRange(c, "copyRetentionDays", args.CopyRetentionDays, minRetentionDays, longestDays, "days")
	args.VaultLock.check(c.At("vaultLock"), args.RetentionDays, args.CopyRetentionDays)
	args.RestoreTesting.check(c.At("restoreTesting"))
	checkEmptying(c, args.EmptyOnDelete, args.Protect)
	if args.EmptyOnDelete && a.VaultLock != nil {
		c.Fail("emptyOnDelete", true, "contradicts vaultLock: what is locked is not deleted", "drop one of the two")
	}
	checkTags(c, args.Tags)
	return c.Failures()
}

func (a RestoreTestingArgs) check(c *check.Checker) {
	checkRange(c, "day", a.Day, 1, lastTestDay, "days")
	if !clockSyntax.MatchString(a.At) {
		c.Fail("at", a.At, "is not a time of the day", "give a UTC time such as 09:00")
	}
	checkRange(c, "validationHours", a.ValidationHours, 1, 168, "hours")
}

// withDefaults is a copy in which every zero value is its default.
func (a BackupsArgs) withDefaults() BackupsArgs {
	a.Databases = orDefault(a.Databases, 1)
	a.Schedule = orDefault(a.Schedule, defaultNight)
	a.RetentionDays = orDefault(a.RetentionDays, defaultRetentionDays)
	a.CopyRetentionDays = orDefault(a.CopyRetentionDays, defaultRetentionDays)
	a.RestoreTesting = a.RestoreTesting.withDefaults()
	if a.VaultLock == nil && a.Protect {
		a.VaultLock = &VaultLockArgs{}
	}
	if a.VaultLock != nil {
		lock := a.VaultLock.withDefaults()
		a.VaultLock = &lock
	}
	return a
}

func (a RestoreTestingArgs) withDefaults() RestoreTestingArgs {
	a.Day, a.At = orDefault(a.Day, defaultTestDay), orDefault(a.At, defaultTestTime)
	a.ValidationHours = orDefault(a.ValidationHours, defaultValidationHours)
	return a
}
