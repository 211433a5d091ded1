package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// VaultLockMode is who may take the lock off a vault, in AWS Backup's words
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html#backup-vault-lock-modes).
type VaultLockMode string

const (
	// VaultLockGovernance lets those take it off who have the permission backup:DeleteBackupVaultLockConfiguration. It keeps away everybody else,
	// and everybody's mistakes; it does not keep away whoever stole an administrator's credentials, who needs one more call. The default.
	VaultLockGovernance VaultLockMode = "governance"
	// VaultLockCompliance lets nobody take it off once ChangeableDays are over, the root user of the account included, and AWS neither.
	// The vault then stays until its last recovery point has expired, and so does its cost. Nothing less keeps an administrator away.
	VaultLockCompliance VaultLockMode = "compliance"
)

// VaultLockModes lists every VaultLockMode, the default first.
func VaultLockModes() []VaultLockMode {
	return []VaultLockMode{VaultLockGovernance, VaultLockCompliance}
}

// VaultLockArgs locks both vaults: nobody deletes a recovery point before its retention is over, nor changes the retention.
type VaultLockArgs struct {
	// Mode is VaultLockGovernance by default.
	Mode VaultLockMode `pulumi:"mode,optional"`
	// MinDays is the shortest retention that a backup or a copy into a vault may have, below which the job fails: 7 by default, at least 1. It is
	// not the plan's retention, so that the retention can be changed without taking the lock off.
	MinDays int `pulumi:"minDays,optional"`
	// MaxDays is the longest: none by default, 36500 at most. VaultLockCompliance must state it: a recovery point that somebody put there
	// for ever could never be deleted.
	MaxDays int `pulumi:"maxDays,optional"`
	// ChangeableDays is for how many days VaultLockCompliance can still be taken back: it must be stated, 3 to 36500.
	ChangeableDays int `pulumi:"changeableDays,optional"`
	// NobodyCanUndoCompliance states that VaultLockCompliance is meant, which is refused without it.
	NobodyCanUndoCompliance bool `pulumi:"nobodyCanUndoCompliance,optional"`
}

// AWS's limits: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
const (
	longestLock       = 36500
	shortestGraceDays = 3
)

func (l VaultLockArgs) withDefaults() VaultLockArgs {
	l.Mode = orDefault(l.Mode, VaultLockGovernance)
	l.MinDays = orDefault(l.MinDays, minRetentionDays)
	return l
}

// check also holds the plan's retentions against the lock, since jobs outside of it fail every night.
func (l *VaultLockArgs) check(c *check.Checker, retentions ...int) {
	if l == nil {
		return
	}
	checkRange(c, "minDays", l.MinDays, 1, longestLock, "days")
	if l.MaxDays != 0 && (l.MaxDays < l.MinDays || l.MaxDays > longestLock) {
		c.Fail("maxDays", l.MaxDays, fmt.Sprintf("must be from minDays, %d, to %d days", l.MinDays, longestLock), "change it, or leave it out for none")
	}
	for _, days := range retentions {
		if days < l.MinDays || l.MaxDays != 0 && days > l.MaxDays {
			c.Fail("minDays", l.MinDays, fmt.Sprintf("to maxDays, %d, does not hold the retention of %d days: every job would fail", l.MaxDays, days),
				"widen the lock, or change retentionDays and copyRetentionDays")
			break
		}
	}
	switch {
	case oneOf(l.Mode, VaultLockModes()) != "":
		c.Fail("mode", string(l.Mode), oneOf(l.Mode, VaultLockModes()), "choose one, or leave it out for governance")
	case l.Mode == VaultLockCompliance:
		l.checkCompliance(c)
	case l.NobodyCanUndoCompliance:
		c.Fail("nobodyCanUndoCompliance", true, "is stated without compliance", "drop it, or set mode")
	case l.ChangeableDays != 0:
		c.Fail("changeableDays", l.ChangeableDays, "would make the lock compliance", "leave it out for governance")
	}
}

func (l *VaultLockArgs) checkCompliance(c *check.Checker) {
	if !l.NobodyCanUndoCompliance {
		c.Fail("mode", string(l.Mode), "can be undone by nobody until the last recovery point has expired, AWS included", "state nobodyCanUndoCompliance, or use governance")
	}
	if l.MaxDays == 0 {
		c.Missing("maxDays", "what is put there for ever could never be deleted", "give the longest retention, in days")
	}
	if l.ChangeableDays == 0 {
		c.Missing("changeableDays", "it is the time to find a mistake in", fmt.Sprintf("give %d to %d days", shortestGraceDays, longestLock))
	} else if l.ChangeableDays < shortestGraceDays || l.ChangeableDays > longestLock {
		c.Fail("changeableDays", l.ChangeableDays, fmt.Sprintf("must be from %d to %d days", shortestGraceDays, longestLock), "change it")
	}
}

// lockVaults locks both. Without ChangeableForDays AWS makes it governance, and with it compliance.
func (b *Backups) lockVaults(ctx *pulumi.Context) error {
	lock := b.args.VaultLock
	if lock == nil {
		return nil
	}
	for _, each := range b.vaults() {
		args := &backup.VaultLockConfigurationArgs{BackupVaultName: each.vault.Name, MinRetentionDays: pulumi.Int(lock.MinDays)}
		if lock.MaxDays != 0 {
			args.MaxRetentionDays = pulumi.Int(lock.MaxDays)
		}
		if lock.Mode == VaultLockCompliance {
			args.ChangeableForDays = pulumi.Int(lock.ChangeableDays)
		}
		if _, err := backup.NewVaultLockConfiguration(ctx, each.name, args, stateful(b, b.args.Protect, each.provider)...); err != nil {
			return err
		}
	}
	return nil
}
