package kinds

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// coldDays is for how long at least what was moved to cold storage stays there.
const coldDays = 90

// Sources: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupPlan.html, API_BackupRule.html and API_Lifecycle.html beside it.
var _ = register(&Kind{
	Token:         BackupPlan,
	Args:          backup.PlanArgs{},
	Resource:      &backup.Plan{},
	RequiredLists: []string{"rules"},
	API:           API{Service: "Backup", Noun: "Backup Plan", Create: "CreateBackupPlan", Update: "UpdateBackupPlan", Delete: "DeleteBackupPlan"},
	Name:          &AutoName{Property: "name", Max: 50},
	Defaults: []Default{
		{Path: "rules[].completionWindow", Value: Number(180)}, {Path: "rules[].enableContinuousBackup", Value: Flag(false)},
		{Path: "rules[].scheduleExpressionTimezone", Value: Text("Etc/UTC")}, {Path: "rules[].startWindow", Value: Number(60)},
	},
	References: []Reference{{Path: "rules[].targetVaultName", To: []string{BackupVault}, Code: codeBackupValue, Message: "Target backup vault %s does not exist."}},
	Rules: []Rule{
		Matching("name", backupName, "1 to 50 letters, numbers, hyphens, underscores and periods"),
		Matching("rules[].ruleName", backupName, "must contain only alphanumeric characters, hyphens, underscores, and periods"),
		Matching("rules[].targetVaultName", backupVaultName, "must contain only alphanumeric characters, hyphens, and underscores"),
		{Name: "ARN of a copy's vault", Broken: func(d *Draft) *Refusal {
			for _, arn := range d.Each("rules[].copyActions[].destinationVaultArn") {
				if !arn.Unknown() && !isARN(arn.Text()) {
					return Refuse(arn.Path(), "\"destinationVaultArn\" (%s) is an invalid ARN: arn: invalid prefix", arn.Text())
				}
			}
			return nil
		}},
		lacking("backups of machines by their own agents", "advancedBackupSettings[].resourceType"),
		backupRefuses("rules of a plan", func(d *Draft) *Refusal {
			seen := map[string]bool{}
			for _, name := range d.Each("rules[].ruleName") {
				if seen[name.Text()] {
					return Refuse(name.Path(), "Backup plan contains duplicate rule names: %s", name.Text())
				}
				seen[name.Text()] = true
			}
			if len(seen) == 0 {
				return Refuse("rules", "Backup plan must contain at least one rule")
			}
			return nil
		}),
		backupRefuses("a schedule expression", func(d *Draft) *Refusal {
			for _, schedule := range d.Each("rules[].schedule") {
				if !backupCron.MatchString(schedule.Text()) {
					return Refuse(schedule.Path(), "Invalid schedule expression %s", schedule.Text())
				}
			}
			return nil
		}),
		backupRefuses("a start window", func(d *Draft) *Refusal {
			for _, minutes := range d.Each("rules[].startWindow") {
				if minutes.Int() < 60 {
					return Refuse(minutes.Path(), "Invalid backup window. StartWindowMinutes must be at least 60, not %d", minutes.Int())
				}
			}
			return nil
		}),
		backupRefuses("lifecycles", planLifecycles), backupRefuses("continuous backups", continuousRule),
		backupRefuses("vaults of copies", planCopies), backupRefuses("retentions of locked vaults", planLocks),
	},
	DeleteRules: []DeleteRule{{Name: "selections", Code: codeBackupRequest, Blocked: func(d *Draft) string {
		if len(d.UsedBy(BackupSelection, "planId", d.ID())) > 0 {
			return "Related backup plan selections must be deleted prior to backup plan deletion"
		}
		return ""
	}}},
	Replaces: []string{"name"},
	Sets:     []string{"rules"},
	ID:       func(d *Draft) string { return d.UUID("plan") },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("backup", "backup-plan:"+d.UUID("plan"))) }},
		{Name: "version", Value: func(d *Draft) resource.PropertyValue { return Text(d.Hex("version", 48)) }},
	},
})

// planLifecycles holds each lifecycle to AWS's days.
func planLifecycles(d *Draft) *Refusal {
	for _, lifecycle := range append(d.Each("rules[].lifecycle"), d.Each("rules[].copyActions[].lifecycle")...) {
		keep, cold := lifecycle.At("deleteAfter"), lifecycle.At("coldStorageAfter")
		switch {
		case keep.Exists() && (keep.Int() < 1 || keep.Int() > longestRetention):
			return Refuse(keep.Path(), "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days")
		case keep.Exists() && cold.Exists() && keep.Int() < cold.Int()+coldDays:
			return Refuse(keep.Path(), "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays")
		}
	}
	return nil
}

// continuousRule is what a rule of continuous backups must and must not have.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
func continuousRule(d *Draft) *Refusal {
	for _, rule := range d.Each("rules[]") {
		if !rule.At("enableContinuousBackup").Bool() {
			continue
		}
		if keep := rule.At("lifecycle.deleteAfter").Int(); keep < 1 || keep > 35 {
			return Refuse(rule.Path(), "Lifecycle must be specified for backup rule enabled continuous backup: DeleteAfterDays from 1 to 35")
		}
		if rule.At("lifecycle.coldStorageAfter").Exists() {
			return Refuse(rule.Path(), "MoveToColdStorageAfterDays is unavailable for backup rule enabled continuous backup")
		}
	}
	return nil
}

// planCopies refuses a copy into a vault that is not there, or into the vault it comes from. AWS does not look into another Region: it takes
// the plan, and every copy job fails. So the sandbox answers now what the job would answer then.
func planCopies(d *Draft) *Refusal {
	for _, rule := range d.Each("rules[]") {
		for _, arn := range rule.At("copyActions").List() {
			vault := vaultByARN(d, arn.At("destinationVaultArn").Text())
			switch {
			case !isARN(arn.At("destinationVaultArn").Text()):
				// refused for that
			case vault == nil:
				return Refuse(arn.Path(), "Copy job failed because the destination backup vault %s does not exist.", arn.At("destinationVaultArn").Text())
			case vault.Region == d.Region && vault.Text("name") == rule.At("targetVaultName").Text():
				return Refuse(arn.Path(), "Copy job failed because source and destination are the same backup vault.")
			}
		}
	}
	return nil
}

// planLocks refuses a retention that the lock of a vault does not take. AWS takes the plan, and every job fails: see planCopies.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
func planLocks(d *Draft) *Refusal {
	for _, rule := range d.Each("rules[]") {
		if refusal := outsideLock(d, d.FindBy(BackupVault, "name", rule.At("targetVaultName").Text()), rule.At("lifecycle.deleteAfter")); refusal != nil {
			return refusal
		}
		for _, action := range rule.At("copyActions").List() {
			if refusal := outsideLock(d, vaultByARN(d, action.At("destinationVaultArn").Text()), action.At("lifecycle.deleteAfter")); refusal != nil {
				return refusal
			}
		}
	}
	return nil
}

func outsideLock(d *Draft, vault *Thing, keep Value) *Refusal {
	if vault == nil {
		return nil // refused for that
	}
	lock := vaultLock(d, vault)
	if lock == nil {
		return nil
	}
	shortest, longest := lock.At("minRetentionDays"), lock.At("maxRetentionDays")
	forEver := !keep.Exists()
	if shortest.Exists() && !forEver && keep.Int() < shortest.Int() || longest.Exists() && (forEver || keep.Int() > longest.Int()) {
		return Refuse(keep.Path(), "Backup job failed because its retention does not conform to the lock of vault %s: from %d to %d days", vault.ID, shortest.Int(), longest.Int())
	}
	return nil
}
