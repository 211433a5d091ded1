package stacks

import "github.com/aplomb-iac/aplomb/components"

// JobConfig is something that is due at set times.
type JobConfig struct {
	// Name is the job's name: a lower-case letter, then lower-case letters, digits and hyphens, 20 at most.
	Name string `config:"name,required"`
	// Schedule is when it is due: `rate(15 minutes)`, or `cron(0 2 * * ? *)` for two o'clock every night. One that never fires is refused.
	Schedule string `config:"schedule,required"`
	// TimeZone is where the schedule's clock hangs, such as `Europe/Berlin`. What falls into the hour that daylight saving time skips does
	// not run that day. Default: UTC.
	TimeZone string `config:"timeZone"`
	// FlexibleMinutes spreads the job over a window that begins when it is due, 1440 at most. Default: no window.
	FlexibleMinutes *int `config:"flexibleMinutes"`
	// RetrySeconds is for how long a run is tried to be put into the queue, 60 to 86400; after that it lies in the dead-letter queue.
	// Default: 3600.
	RetrySeconds *int `config:"retrySeconds"`
	// HandlingSeconds is for how long an instance may work on a run before another is given it, 30 to 43200. Default: 300.
	HandlingSeconds *int `config:"handlingSeconds"`
	// Attempts is how often a run is handed out before it lies in the dead-letter queue, 1000 at most. Default: 3.
	Attempts *int `config:"attempts"`
	// Retiring is true for a job that is to be removed: bring this up first, which takes its protection off, then remove it from the
	// file.
	Retiring bool `config:"retiring"`
}

// DatabaseConfig is a PostgreSQL database.
type DatabaseConfig struct {
	// Name is the database's name in the stack: a lower-case letter, then lower-case letters, digits and hyphens, 20 at most. In AWS
	// project and stack come before it.
	Name string `config:"name,required"`
	// Topology is how it survives the loss of a zone: `aurora`, `multi-az-cluster` or `multi-az-instance`. It cannot change while the
	// database stands. [What each is worth, and what it costs](components/multiazdatabase.md).
	Topology components.DatabaseTopology `config:"topology,required"`
	// EngineVersion is the version of PostgreSQL, major and minor, in quotes, such as `"16.6"`. A later minor one is an upgrade, in
	// the maintenance window; an earlier one and another major one are refused while the database stands.
	EngineVersion string `config:"engineVersion,required"`
	// InstanceClass is what its instances run on, such as `db.r7g.large`. Which there are depends on the topology. A change restarts
	// them in the maintenance window.
	InstanceClass string `config:"instanceClass,required"`
	// Readers is how many readers aurora has, 1 to 8: AWS has room for 15, and the documents that restore them have not. Default: one in every zone but the writer's.
	Readers *int `config:"readers"`
	// StorageGiB is the size of the volumes, 20 to 65536; it only ever grows. Aurora's grow by themselves and take none; the others need it.
	StorageGiB *int `config:"storageGiB"`
	// DatabaseName is the database that is made at first. It cannot change while the database stands. Default: the name, with underscores
	// for hyphens.
	DatabaseName string `config:"databaseName"`
	// BackupRetentionDays is for how many days it can be restored to any second, 7 to 35. Default: 35 in production, 7 in development.
	BackupRetentionDays *int `config:"backupRetentionDays"`
	// BackupWindow is when the daily snapshot is taken, in UTC. Default: `02:00-03:00`.
	BackupWindow string `config:"backupWindow"`
	// MaintenanceWindow is when AWS may patch, in UTC, apart from the backup window. Default: `sun:04:00-sun:05:00`.
	MaintenanceWindow string `config:"maintenanceWindow"`
	// NoCopyOutsideRegion is true to state that the loss of the Region may take the data away, and leaves the database out of backups. A
	// multi-az-cluster needs it, since AWS copies nothing of one to another Region, and so does aurora without recoveryRegion. It
	// shows in the outputs.
	NoCopyOutsideRegion bool `config:"noCopyOutsideRegion"`
	// Check is an SQL query with one boolean answer, such as `SELECT count(*) > 1000 FROM public.orders`, by which a restored database is judged: true
	// when it holds what the business would miss. It has 1000 characters at most, of which <, > and & count for
	// 13, and no semicolon, comment or colon, so CAST stands for ::.
	// Default: that it holds a table at all.
	Check *string `config:"check"`
	// Retiring is true for a database that is to be removed: bring this up first, which takes its protection off, then remove it from the
	// file. AWS keeps a final snapshot, and the automated backups until their time is over.
	Retiring bool `config:"retiring"`
}

// SQLRunnerConfig is the function that makes users of databases.
type SQLRunnerConfig struct {
	// Image is the container image of aplomb-sql, in Amazon ECR in the stack's Region, by digest: `make sql-image` builds it.
	Image string `config:"image,required"`
	// Architecture is what the image was built for, `arm64` or `x86_64`. Default: arm64.
	Architecture components.Architecture `config:"architecture"`
}

// ConnectConfig is a database that a service connects to.
type ConnectConfig struct {
	// Database is the name of one of the stack's databases.
	Database string `config:"database,required"`
	// User is the database user: lower-case letters, digits and underscores, a letter first. Default: the service's name, with underscores
	// for hyphens.
	User string `config:"user"`
	// Rights are what the user may do: `read`; `read-write`, which changes rows; or `owner`, which also makes and changes tables and is for
	// whoever runs migrations. One user has the same rights wherever it is named. Default: read-write.
	Rights components.DatabaseRights `config:"rights"`
}

// BackupsConfig is how databases are backed up beside their own automated backups.
type BackupsConfig struct {
	// Schedule is when the night's backup is due, once a day, in UTC. It keeps an hour away from the windows of a multi-az-instance.
	// Default: `cron(0 5 * * ? *)`.
	Schedule string `config:"schedule"`
	// RetentionDays is for how long a backup is kept in the Region, 7 to 3650. Default: 35.
	RetentionDays *int `config:"retentionDays"`
	// CopyRetentionDays is for how long its copy is kept in the recovery Region, 7 to 3650. Default: 35.
	CopyRetentionDays *int `config:"copyRetentionDays"`
	// VaultLock keeps anybody from deleting a backup before its time. Default: `governance` in production, none in development.
	VaultLock *VaultLockConfig `config:"vaultLock"`
	// RestoreTesting is when a backup of each database is restored, every month, to prove that it can be. Default: as restoreTesting says
	// below.
	RestoreTesting *RestoreTestingConfig `config:"restoreTesting"`
	// ServiceOptIn is true for the one stack of an account that opts it in to AWS Backup for Aurora and RDS, in both Regions. Without
	// the opt-in Aurora is never backed up, and the ticket of the first night does not close; a multi-az-instance is backed up all the
	// same. It stays when the stack goes. Default: the account's setting is left alone.
	ServiceOptIn bool `config:"serviceOptIn"`
}

// VaultLockConfig is the lock on both vaults of the backups.
type VaultLockConfig struct {
	// Mode is `governance`, which those can take off who have backup:DeleteBackupVaultLockConfiguration, or `compliance`, which nobody can
	// once changeableDays are over, AWS included; development refuses that one. Default: `governance`.
	Mode components.VaultLockMode `config:"mode"`
	// MinDays is the shortest retention that a backup may have, below which it fails. Default: 7.
	MinDays *int `config:"minDays"`
	// MaxDays is the longest, 36500 at most; compliance must state it. Default: none.
	MaxDays *int `config:"maxDays"`
	// ChangeableDays is for how many days compliance can still be taken back, 3 to 36500; it must state it.
	ChangeableDays *int `config:"changeableDays"`
	// NobodyCanUndoCompliance is true to state that compliance is meant, which is refused without it.
	NobodyCanUndoCompliance bool `config:"nobodyCanUndoCompliance"`
}

// RestoreTestingConfig is when restores are tested.
type RestoreTestingConfig struct {
	// Day is the day of the month, 1 to 28. Default: 3.
	Day *int `config:"day"`
	// At is the time of that day, in UTC. Default: `09:00`.
	At string `config:"at"`
	// ValidationHours is for how long what was restored stands before it is deleted, 1 to 168; it is paid for as long. Default: 4.
	ValidationHours *int `config:"validationHours"`
}

// AlertingConfig is who is told of what does not heal by itself.
type AlertingConfig struct {
	// TicketEmails are the addresses that receive what can wait until morning, 20 at most. AWS asks each of them once to confirm, and sends
	// nothing before.
	TicketEmails []string `config:"ticketEmails,required"`
	// PagerDuty is true to call somebody through PagerDuty when users are affected. The integration key is set with
	// `pulumi config set --secret aplomb:secret.alerting.pagerduty-key`. Default: what would be a page is a ticket.
	PagerDuty bool `config:"pagerDuty"`
}

// RecoveryConfig is where copies of databases are restored in the recovery Region.
type RecoveryConfig struct {
	// Zones are the Availability Zones of that Region, three at least.
	Zones []string `config:"zones,required"`
	// CIDR is the network's IPv4 range, between /16 and /20, apart from that of the stack's own.
	CIDR string `config:"cidr,required"`
}
