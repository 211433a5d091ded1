package components_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEachFaultOfBackupsIsNamedWithItsRemedy(t *testing.T) {
	type args = components.BackupsArgs
	lock := func(change func(*components.VaultLockArgs)) func(*args) {
		return func(a *args) {
			a.VaultLock = &components.VaultLockArgs{Mode: components.VaultLockCompliance, MaxDays: 365, ChangeableDays: 3, NobodyCanUndoCompliance: true}
			change(a.VaultLock)
		}
	}
	for want, fault := range map[string]func(*args){
		`accountID: missing, policies name the account; give the 12 digits of the AWS account, in quotes`:                                                                    func(a *args) { a.AccountID = "" },
		`region: missing, policies name the Region; give the name of a Region, such as eu-central-1`:                                                                         func(a *args) { a.Region = "" },
		`recoveryRegion: missing, what the loss of a Region must not take away is kept in a second one; give the name of a Region, such as eu-central-1`:                     func(a *args) { a.RecoveryRegion = "" },
		`recoveryRegion: "eu-central-1" is the Region itself, whose loss would take the copy along; choose another Region`:                                                   func(a *args) { a.RecoveryRegion = "eu-central-1" },
		`databases: 31 must be from 1 to 30 databases; change it, or leave it out for the default`:                                                                           func(a *args) { a.Databases = 31 },
		`schedule: "rate(1 day)" is not once every day, on which alarms and promises rest; write cron(0 5 * * ? *) for five o'clock UTC`:                                     func(a *args) { a.Schedule = "rate(1 day)" },
		`schedule: "cron(0 5 ? * SUN *)" is not once every day, on which alarms and promises rest; write cron(0 5 * * ? *) for five o'clock UTC`:                             func(a *args) { a.Schedule = "cron(0 5 ? * SUN *)" },
		`schedule: "cron(0 24 * * ? *)" is not once every day, on which alarms and promises rest; write cron(0 5 * * ? *) for five o'clock UTC`:                              func(a *args) { a.Schedule = "cron(0 24 * * ? *)" },
		`retentionDays: 6 must be from 7 to 3650 days; change it, or leave it out for the default`:                                                                           func(a *args) { a.RetentionDays = 6 },
		`copyRetentionDays: 3651 must be from 7 to 3650 days; change it, or leave it out for the default`:                                                                    func(a *args) { a.CopyRetentionDays = 3651 },
		`restoreTesting.day: 29 must be from 1 to 28 days; change it, or leave it out for the default`:                                                                       func(a *args) { a.RestoreTesting.Day = 29 },
		`restoreTesting.at: "9:00" is not a time of the day; give a UTC time such as 09:00`:                                                                                  func(a *args) { a.RestoreTesting.At = "9:00" },
		`restoreTesting.validationHours: 169 must be from 1 to 168 hours; change it, or leave it out for the default`:                                                        func(a *args) { a.RestoreTesting.ValidationHours = 169 },
		`emptyOnDelete: true contradicts protect: what is protected is not emptied; drop one of the two`:                                                                     func(a *args) { a.EmptyOnDelete, a.Protect = true, true },
		`emptyOnDelete: true contradicts vaultLock: what is locked is not deleted; drop one of the two`:                                                                      func(a *args) { a.EmptyOnDelete, a.VaultLock = true, &components.VaultLockArgs{} },
		`tags.aws:owner: "aws:owner" begins with aws:, which AWS reserves; rename the tag`:                                                                                   func(a *args) { a.Tags = map[string]string{"aws:owner": "x"} },
		`vaultLock.mode: "locked" must be one of governance, compliance; choose one, or leave it out for governance`:                                                         lock(func(l *components.VaultLockArgs) { l.Mode = "locked" }),
		`vaultLock.mode: "compliance" can be undone by nobody until the last recovery point has expired, AWS included; state nobodyCanUndoCompliance, or use governance`:     lock(func(l *components.VaultLockArgs) { l.NobodyCanUndoCompliance = false }),
		`vaultLock.maxDays: missing, what is put there for ever could never be deleted; give the longest retention, in days`:                                                 lock(func(l *components.VaultLockArgs) { l.MaxDays = 0 }),
		`vaultLock.maxDays: 36501 must be from minDays, 7, to 36500 days; change it, or leave it out for none`:                                                               lock(func(l *components.VaultLockArgs) { l.MaxDays = 36501 }),
		`vaultLock.changeableDays: missing, it is the time to find a mistake in; give 3 to 36500 days`:                                                                       lock(func(l *components.VaultLockArgs) { l.ChangeableDays = 0 }),
		`vaultLock.changeableDays: 2 must be from 3 to 36500 days; change it`:                                                                                                lock(func(l *components.VaultLockArgs) { l.ChangeableDays = 2 }),
		`vaultLock.changeableDays: 3 would make the lock compliance; leave it out for governance`:                                                                            lock(func(l *components.VaultLockArgs) { l.Mode, l.NobodyCanUndoCompliance = "", false }),
		`vaultLock.nobodyCanUndoCompliance: true is stated without compliance; drop it, or set mode`:                                                                         lock(func(l *components.VaultLockArgs) { l.Mode = "" }),
		`vaultLock.minDays: 36 to maxDays, 365, does not hold the retention of 35 days: every job would fail; widen the lock, or change retentionDays and copyRetentionDays`: lock(func(l *components.VaultLockArgs) { l.MinDays = 36 }),
		`vaultLock.minDays: 7 to maxDays, 34, does not hold the retention of 35 days: every job would fail; widen the lock, or change retentionDays and copyRetentionDays`:   lock(func(l *components.VaultLockArgs) { l.MaxDays = 34 }),
	} {
		args := backupsArgs()
		fault(args)
		require.Equal(t, []string{want}, without(lines(args.Check("nightly")), "recoveryProvider: "))
		_, err := recorder.RunErr(withBackups(args, nil))
		require.ErrorContains(t, err, want)
	}
	require.Equal(t, []string{`recoveryProvider: missing, the copies are received by the recovery Region; give an aws provider of that Region`}, lines(backupsArgs().Check("nightly")))
	require.Len(t, (&components.BackupsArgs{}).Check("Nightly"), 5, "name, account, both Regions and the provider at once")
	require.Equal(t, []string{`name: "nightly-copy" is what the copies of other backups are called; end it with another word`}, without(lines(backupsArgs().Check("nightly-copy")), "recoveryProvider: "))
}

func TestDatabasesThatCannotBeCoveredAreRefused(t *testing.T) {
	type cover = func(*components.Backups, ...*components.MultiAZDatabase) error
	refused := func(then cover, change func(*components.BackupsArgs), databases ...*components.MultiAZDatabaseArgs) error {
		args := backupsArgs()
		if change != nil {
			change(args)
		}
		_, err := recorder.RunErr(withBackups(args, then, databases...))
		return err
	}
	aurora, twice := func() *components.MultiAZDatabaseArgs { return databaseArgs(components.Aurora) }, func(a *components.BackupsArgs) { a.Databases = 2 }
	require.ErrorContains(t, refused(func(b *components.Backups, _ ...*components.MultiAZDatabase) error { return b.Cover(nil) }, nil), "no database is given")
	require.ErrorContains(t, refused(func(b *components.Backups, d ...*components.MultiAZDatabase) error { return coverAll(b, d[0], d[0]) }, twice, aurora()),
		"backups nightly cover database tickets-db already; remove one")
	require.ErrorContains(t, refused(coverAll, nil, aurora(), aurora()), "database orders-db is one more than the 1 that the alarms ask for; set databases to how many are covered")
	require.NoError(t, refused(coverAll, twice, aurora(), aurora()))
	foreign := aurora()
	foreign.Placement.AccountID = "109876543210"
	require.ErrorContains(t, refused(coverAll, nil, foreign), "cross accounts 210987654321 and 109876543210")
	require.ErrorContains(t, refused(coverAll, func(a *components.BackupsArgs) { a.Region = "eu-north-1" }, aurora()), "cross Regions eu-north-1 and eu-central-1")
	require.ErrorContains(t, refused(coverAll, nil, databaseArgs(components.MultiAZCluster)),
		`topology: "multi-az-cluster" cannot be copied to eu-west-1: AWS copies no snapshot of a Multi-AZ DB cluster; choose aurora, or multi-az-instance with an objective above its failover`)
	both := databaseArgs(components.MultiAZInstance)
	both.BackupWindow, both.MaintenanceWindow = "05:30-06:30", "wed:06:40-wed:07:40"
	err := refused(coverAll, nil, both)
	const limit = " in or in the hour before which AWS Backup fails, meets cron(0 5 * * ? *), whose jobs start within 60 minutes; move it, or the schedule of the backups"
	require.ErrorContains(t, err, "2 problems")
	require.ErrorContains(t, err, `backupWindow: "05:30-06:30"`+limit)
	require.ErrorContains(t, err, `maintenanceWindow: "wed:06:40-wed:07:40"`+limit)
	require.NoError(t, refused(coverAll, nil, databaseArgs(components.MultiAZInstance)), "the defaults of both go together")
}

// A job that starts in a window, or in the hour before it, fails: counting minutes is the oracle. Aurora is exempt.
func TestADatabaseIsRefusedWhenAJobCouldStartInOrBeforeItsWindows(t *testing.T) {
	topologies := []components.DatabaseTopology{components.Aurora, components.MultiAZInstance}
	rapid.Check(t, func(t *rapid.T) {
		daily, weekly := rapid.IntRange(0, 1439).Draw(t, "daily"), rapid.IntRange(0, 7*1440-1).Draw(t, "weekly")
		dailyLength, weeklyLength := rapid.IntRange(30, 600).Draw(t, "daily length"), rapid.IntRange(30, 1440).Draw(t, "weekly length")
		minute, hour := rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour")
		topology := rapid.SampledFrom(topologies).Draw(t, "topology")
		database := databaseArgs(topology)
		database.BackupWindow = clock(daily) + "-" + clock(daily+dailyLength)
		database.MaintenanceWindow = weekday(weekly) + clock(weekly) + "-" + weekday(weekly+weeklyLength) + clock(weekly+weeklyLength)
		if len(without(lines(database.Check("tickets-db")), "recoveryProvider: ")) > 0 {
			t.Skip("the two windows overlap each other, which AWS refuses")
		}
		fails := false
		for start := range 60 {
			for day := range 7 {
				at := day*1440 + hour*60 + minute + start
				fails = fails || (at-daily+60+14*1440)%1440 < dailyLength+60 || (at-weekly+60+14*1440)%(7*1440) < weeklyLength+60
			}
		}
		args := backupsArgs()
		args.Schedule = fmt.Sprintf("cron(%d %d * * ? *)", minute, hour)
		_, err := recorder.RunErr(withBackups(args, coverAll, database))
		refused := err != nil && strings.Contains(err.Error(), "in the hour before which AWS Backup fails")
		if err != nil && !refused {
			t.Fatal(err)
		}
		if want := fails && topology != components.Aurora; refused != want {
			t.Fatalf("%02d:%02d, %s and %s of %s: refused %v, a job fails %v", hour, minute, database.BackupWindow, database.MaintenanceWindow, topology, refused, want)
		}
	})
}
