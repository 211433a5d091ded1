package stacks

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// backupsName is the name of the stack's backups: a word that buckets of backups do not have, so that each is unlocked by its own.
const backupsName = "db-backups"

// covered are the databases that AWS Backup takes care of.
func (c *Config) covered() []*DatabaseConfig {
	var all []*DatabaseConfig
	for i := range c.Databases {
		if database := &c.Databases[i]; c.RecoveryRegion != "" && !database.NoCopyOutsideRegion && database.Topology != components.MultiAZCluster {
			all = append(all, database)
		}
	}
	return all
}

// backupsArgs leave tags to the provider, as those of buckets do.
func (c *Config) backupsArgs(recovery *aws.Provider) *components.BackupsArgs {
	profile := c.profile()
	args := &components.BackupsArgs{
		AccountID: c.Account, Region: c.homeRegion(), RecoveryRegion: c.RecoveryRegion, RecoveryProvider: recovery, Databases: len(c.covered()),
		EmptyOnDelete: profile.EmptyBuckets, Protect: profile.Protect,
	}
	if profiles[c.Environment].Protect {
		// Stated, and not left to Protect, as the first phase of a destroy lifts protection and does nothing else.
		args.VaultLock = &components.VaultLockArgs{}
	}
	config := c.Backups
	if config == nil {
		return args
	}
	args.Schedule, args.ServiceOptIn = config.Schedule, config.ServiceOptIn
	args.RetentionDays, args.CopyRetentionDays = orZero(config.RetentionDays), orZero(config.CopyRetentionDays)
	if lock := config.VaultLock; lock != nil {
		args.EmptyOnDelete = false // what is locked is not deleted
		args.VaultLock = &components.VaultLockArgs{
			Mode: lock.Mode, MinDays: orZero(lock.MinDays), MaxDays: orZero(lock.MaxDays), ChangeableDays: orZero(lock.ChangeableDays),
			NobodyCanUndoCompliance: lock.NobodyCanUndoCompliance,
		}
	}
	if test := config.RestoreTesting; test != nil {
		args.RestoreTesting = components.RestoreTestingArgs{Day: orZero(test.Day), At: test.At, ValidationHours: orZero(test.ValidationHours)}
	}
	return args
}

// buildBackups builds the backups of every database that is covered; nil when none is.
func (c *Config) buildBackups(
	ctx *pulumi.Context, built *data, home, recovery *aws.Provider,
) (*components.Backups, error) {
	covered := c.covered()
	if len(covered) == 0 {
		return nil, nil
	}
	args := c.backupsArgs(recovery)
	if alerting := built.alerting; alerting != nil {
		args.Pages, args.Tickets, args.RecoveryTickets = alerting.PageTopicARN, alerting.TicketTopicARN, alerting.RecoveryTicketTopicARN
	}
	backups, err := components.NewBackups(ctx, backupsName, args, pulumi.Providers(home))
	if err != nil {
		return nil, err
	}
	for _, database := range covered {
		if err := backups.Cover(built.databases[database.Name]); err != nil {
			return nil, err
		}
	}
	return backups, nil
}

// backupsKey is the configuration's key for what the component calls path. What the recovery Region must be, the stack says, and nobody is
// blamed for a lock that is the default.
func (c *Config) backupsKey(path string) (key string, mine bool) {
	unstated := c.Backups == nil || c.Backups.VaultLock == nil
	if path == "recoveryRegion" || unstated && strings.HasPrefix(path, "vaultLock") {
		return "", false
	}
	return partKey("backups", path)
}

// checkBackups applies the stack's rules to the backups, and then the component's.
func (c *Config) checkBackups(all *check.Checker) {
	if c.Backups != nil {
		zeros(c.Backups, all.At("backups"))
		if lock := c.Backups.VaultLock; lock != nil && lock.Mode == components.VaultLockCompliance && c.profile().EmptyBuckets {
			all.Fail("backups.vaultLock.mode", string(lock.Mode), "keeps development from being taken down until its time is over", "use governance")
		}
	}
	if len(c.covered()) == 0 {
		if c.Backups != nil && len(c.Databases) == 0 {
			all.Fail("backups", literal("it"), "is stated, and there is no database", "add databases, or remove it")
		} else if c.Backups != nil && c.RecoveryRegion != "" {
			all.Fail("backups", literal("it"), "is stated, and no copy of any database may leave the Region", "drop noCopyOutsideRegion where it can be, or remove it")
		}
		return
	}
	args := c.backupsArgs(&aws.Provider{})
	for _, failure := range args.Check(backupsName) {
		if failure.Path == "databases" {
			failure.Path, failure.Limit = "databases", "databases are more than the 30 that one plan of restore tests has room for"
			failure.Remedy = "move some to another stack"
			all.Add(failure)
		} else if path, mine := c.backupsKey(failure.Path); mine {
			failure.Path = path
			all.Add(failure)
		}
	}
	for i := range c.Databases {
		if database := &c.Databases[i]; !database.NoCopyOutsideRegion && database.Topology == components.MultiAZInstance {
			for _, failure := range args.CheckCover(c.databaseArgs(database, c.isolatedPlacement(), nil)) {
				failure.Path = fmt.Sprintf("databases[%d].%s", i, failure.Path)
				all.Add(failure)
			}
		}
	}
}
