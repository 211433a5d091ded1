package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// plan is a plan of one nightly rule that copies to the other Region.
func plan(changes In) Draft { return planOf([]any{nightly(nil)}, changes) }

func planOf(rules []any, changes In) Draft {
	return func(lab *Lab) In {
		backups(lab)
		return changed(In{"name": "nightly", "rules": rules}, changes)
	}
}

func nightly(changes In) In {
	return changed(In{
		"ruleName": "nightly", "targetVaultName": "night", "schedule": "cron(0 5 * * ? *)", "lifecycle": In{"deleteAfter": 35}, "copyActions": []any{copyTo(copyVaultARN, 90)},
	}, changes)
}

func copyTo(vault string, days int) In {
	return In{"destinationVaultArn": vault, "lifecycle": In{"deleteAfter": days}}
}

// oneRule is a plan whose only rule has these changes.
func oneRule(changes In) Draft { return planOf([]any{nightly(changes)}, nil) }

// intoLocked is a plan whose vaults take from 30 to 60 days.
func intoLocked(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.BackupVaultLock, "night", In{"backupVaultName": "night", "minRetentionDays": 30, "maxRetentionDays": 60})
		lab.In("eu-west-1").Put(kinds.BackupVaultLock, "copies", In{"backupVaultName": "copies", "minRetentionDays": 30, "maxRetentionDays": 60})
		return planOf([]any{changed(nightly(In{"copyActions": []any{copyTo(copyVaultARN, 35)}}), changes)}, nil)(lab)
	}
}

var _ = suite(kinds.BackupPlan, Suite{
	Valid: map[string]Draft{
		"copied": plan(nil), "not copied": oneRule(In{"copyActions": nil}), "in a Region's time": oneRule(In{"scheduleExpressionTimezone": "Europe/Berlin"}),
		"of two rules":  planOf([]any{nightly(nil), nightly(In{"ruleName": "weekly", "schedule": "cron(0 5 ? * SUN *)"})}, nil),
		"kept for ever": oneRule(In{"lifecycle": nil}), "by AWS's default": oneRule(In{"schedule": nil}), "named by the provider": plan(In{"name": nil}),
		"frozen": oneRule(In{"lifecycle": In{"coldStorageAfter": 30, "deleteAfter": 120}}), "continuous": oneRule(In{"enableContinuousBackup": true}),
		"into locked vaults": intoLocked(nil),
	},
	Refusals: []Refusal{
		{Rule: "pattern of name", Draft: plan(In{"name": "every night"}), Says: "1 to 50 letters"},
		{Rule: "pattern of rules[].ruleName", Draft: oneRule(In{"ruleName": "every night"}), Says: "must contain only alphanumeric characters, hyphens, underscores, and periods"},
		{Rule: "pattern of rules[].targetVaultName", Draft: vaultNamed("a.b"), Says: "must contain only alphanumeric characters, hyphens, and underscores"},
		{Rule: "ARN of a copy's vault", Draft: oneRule(In{"copyActions": []any{copyTo("copies", 90)}}), Says: "\"destinationVaultArn\" (copies) is an invalid ARN"},
		{Rule: "only what the sandbox has", Draft: plan(In{"advancedBackupSettings": []any{In{"resourceType": "EC2", "backupOptions": In{"WindowsVSS": "enabled"}}}}), Says: "the sandbox has no backups of machines"},
		{Rule: "reference rules[].targetVaultName", Draft: oneRule(In{"targetVaultName": "gone"}), Says: "CreateBackupPlan, api error InvalidParameterValueException: Target backup vault gone does not exist."},
		{Rule: "rules of a plan", Draft: planOf([]any{nightly(nil), nightly(In{"schedule": "cron(0 6 * * ? *)"})}, nil), Says: "duplicate rule names: nightly"},
		{Rule: "rules of a plan", Draft: planOf([]any{}, nil), Says: "at least one rule"},
		{Rule: "a schedule expression", Draft: oneRule(In{"schedule": "cron(0 5 * * *)"}), Says: "Invalid schedule expression cron(0 5 * * *)"},
		{Rule: "a schedule expression", Draft: oneRule(In{"schedule": "rate(1 day)"}), Says: "Invalid schedule expression"},
		{Rule: "a start window", Draft: oneRule(In{"startWindow": 59}), Says: "StartWindowMinutes must be at least 60, not 59"},
		{Rule: "lifecycles", Draft: oneRule(In{"lifecycle": In{"deleteAfter": 36501}}), Says: "cannot be less than 1 or more than 36500 days"},
		{Rule: "lifecycles", Draft: oneRule(In{"lifecycle": In{"coldStorageAfter": 30, "deleteAfter": 119}}), Says: "90 days apart"},
		{Rule: "lifecycles", Draft: oneRule(In{"copyActions": []any{copyTo(copyVaultARN, 0)}}), Says: "cannot be less than 1"},
		{Rule: "continuous backups", Draft: oneRule(In{"enableContinuousBackup": true, "lifecycle": In{"deleteAfter": 36}}), Says: "DeleteAfterDays from 1 to 35"},
		{Rule: "continuous backups", Draft: oneRule(In{"enableContinuousBackup": true, "lifecycle": nil}), Says: "Lifecycle must be specified"},
		{Rule: "vaults of copies", Draft: oneRule(In{"copyActions": []any{copyTo(copyVaultARN+"-gone", 90)}}), Says: "destination backup vault " + copyVaultARN + "-gone does not exist."},
		{Rule: "vaults of copies", Draft: oneRule(In{"copyActions": []any{copyTo(strings.Replace(copyVaultARN, "eu-west-1", "eu-north-1", 1), 90)}}), Says: "does not exist."},
		{Rule: "vaults of copies", Draft: oneRule(In{"copyActions": []any{copyTo(nightVaultARN, 90)}}), Says: "source and destination are the same"},
		{Rule: "retentions of locked vaults", Draft: intoLocked(In{"lifecycle": In{"deleteAfter": 29}}), Says: "lock of vault night: from 30 to 60 days"},
		{Rule: "retentions of locked vaults", Draft: intoLocked(In{"lifecycle": nil}), Says: "lock of vault night"},
		{Rule: "retentions of locked vaults", Draft: intoLocked(In{"copyActions": []any{copyTo(copyVaultARN, 61)}}), Says: "lock of vault copies: from 30 to 60 days"},
		{Rule: "selections", Draft: plan(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.BackupSelection, "one", In{"planId": made.ID})
		}, Says: "InvalidRequestException: Related backup plan selections must be deleted"},
	},
	Replaces: []Change{{Path: "name", Before: plan(nil), After: plan(In{"name": "other"})}},
	Updates:  []Change{{Path: "rules[0].schedule", Before: plan(nil), After: oneRule(In{"schedule": "cron(0 4 * * ? *)"})}},
})

// vaultNamed is a plan into a vault that is there, by a name that no vault can have.
func vaultNamed(name string) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.BackupVault, name, In{"name": name})
		return oneRule(In{"targetVaultName": name})(lab)
	}
}

func selection(changes In) Draft {
	return func(lab *Lab) In {
		backups(lab)
		lab.Put(kinds.BackupPlan, "nightly", In{"name": "nightly"})
		lab.Put(kinds.BackupPlan, "weekly", In{"name": "weekly"})
		return changed(In{"name": "main", "planId": "nightly", "iamRoleArn": backupRoleARN, "resources": []any{databaseARN}}, changes)
	}
}

var tagged = []any{In{"type": "STRINGEQUALS", "key": "backup", "value": "yes"}}

var _ = suite(kinds.BackupSelection, Suite{
	Valid: map[string]Draft{
		"by ARN": selection(nil), "of everything": selection(In{"resources": []any{"*"}}), "by tag": selection(In{"resources": nil, "selectionTags": tagged}),
		"of all but one": selection(In{"resources": nil, "notResources": []any{databaseARN}}), "named by the provider": selection(In{"name": nil}),
		"by AWS's own policy": selection(In{"iamRoleArn": backupRoleARN + "-managed"}),
	},
	Refusals: []Refusal{
		{Rule: "pattern of name", Draft: selection(In{"name": "the database"}), Says: "must contain only alphanumeric, hyphen, underscore, and period characters"},
		{Rule: "values of selectionTags[].type", Draft: selection(In{"selectionTags": []any{In{"type": "STRINGLIKE", "key": "a", "value": "b"}}}), Says: "got STRINGLIKE"},
		{Rule: "ARN of the role", Draft: byNoARN(selection), Says: "\"iamRoleArn\" (backup) is an invalid ARN"},
		{Rule: "reference planId", Draft: selection(In{"planId": "gone"}), Says: "CreateBackupSelection, api error InvalidParameterValueException: Cannot find Backup plan with ID gone"},
		{Rule: "a role that AWS Backup may assume", Draft: selection(In{"iamRoleArn": backupRoleARN + "-gone"}), Says: "role/backup-gone cannot be assumed by AWS Backup"},
		{Rule: "a role that AWS Backup may assume", Draft: selectionByMachines, Says: "role/backup-ec2 cannot be assumed by AWS Backup"},
		{Rule: "a role that finds resources", Draft: selection(In{"iamRoleArn": backupRoleARN + "-blind"}), Says: "role/backup-blind is not authorized to call tag:GetResources"},
		{Rule: "something that is selected", Draft: selection(In{"resources": nil}), Says: "at least one resource or a tag condition"},
		{Rule: "ARNs of resources", Draft: selection(In{"resources": []any{"main"}}), Says: "Invalid ARN: main"},
		{Rule: "ARNs of resources", Draft: selection(In{"notResources": []any{"main"}}), Says: "Invalid ARN: main"},
	},
	Replaces: []Change{
		{Path: "name", Before: selection(nil), After: selection(In{"name": "other"})},
		{Path: "planId", Before: selection(nil), After: selection(In{"planId": "weekly"})},
		{Path: "iamRoleArn", Before: selection(nil), After: selection(In{"iamRoleArn": backupRoleARN + "-managed"})},
		{Path: "resources[0]", Before: selection(nil), After: selection(In{"resources": []any{databaseARN + "-2"}})},
		{Path: "notResources", Before: selection(nil), After: selection(In{"notResources": []any{databaseARN + "-2"}})},
		{Path: "selectionTags", Before: selection(nil), After: selection(In{"selectionTags": tagged})},
	},
})

// byNoARN is a draft by a role whose ARN is no ARN.
func byNoARN(draft func(In) Draft) Draft {
	return func(lab *Lab) In {
		made := draft(In{"iamRoleArn": "backup"})(lab)
		for _, role := range lab.world.Everywhere(kinds.Role) {
			if role.ID == "backup" {
				role.Outputs = In{"arn": "backup", "assumeRolePolicy": role.Text("assumeRolePolicy")}.properties()
			}
		}
		return made
	}
}

// selectionByMachines is one by a role that only machines assume, and that finds resources.
func selectionByMachines(lab *Lab) In {
	lab.Put(kinds.RolePolicy, "machines:jobs", In{"role": "machines", "policy": findsTags})
	return selection(In{"iamRoleArn": backupRoleARN + "-ec2"})(lab)
}
