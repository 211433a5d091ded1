package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	nightVaultARN = "arn:aws:backup:eu-central-1:123456789012:backup-vault:night"
	copyVaultARN  = "arn:aws:backup:eu-west-1:123456789012:backup-vault:copies"
	backupRoleARN = "arn:aws:iam::123456789012:role/backup"
	databaseARN   = "arn:aws:rds:eu-central-1:123456789012:cluster:main"
	findsTags     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"tag:GetResources","Resource":"*"}]}`
)

// backups is a world with a vault in each of two Regions, and roles: one for AWS Backup, one that finds nothing, one for machines.
func backups(lab *Lab) {
	trust := schedulerTrust("backup.amazonaws.com", "arn:aws:backup:eu-central-1:123456789012:*")
	trust = strings.Replace(trust, `,"ArnEquals":{"aws:SourceArn":"arn:aws:backup:eu-central-1:123456789012:*"}`, "", 1)
	lab.Put(kinds.Key, "one", In{"arn": keyOne, "isEnabled": true})
	lab.Put(kinds.BackupVault, "night", In{"arn": nightVaultARN, "name": "night"})
	lab.In("eu-west-1").Put(kinds.BackupVault, "copies", In{"arn": copyVaultARN, "name": "copies"})
	lab.Put(kinds.Role, "backup", In{"arn": backupRoleARN, "assumeRolePolicy": trust})
	lab.Put(kinds.RolePolicy, "backup:jobs", In{"role": "backup", "policy": findsTags})
	lab.Put(kinds.Role, "backup-blind", In{"arn": backupRoleARN + "-blind", "assumeRolePolicy": trust})
	lab.Put(kinds.RolePolicy, "backup-blind:jobs", In{"role": "backup-blind", "policy": strings.Replace(findsTags, "tag:GetResources", "rds:CreateDBClusterSnapshot", 1)})
	lab.Put(kinds.Role, "backup-managed", In{"arn": backupRoleARN + "-managed", "assumeRolePolicy": trust})
	lab.Put(kinds.RolePolicyAttachment, "backup-managed:aws", In{"role": "backup-managed"})
	lab.Put(kinds.Role, "machines", In{"arn": backupRoleARN + "-ec2", "assumeRolePolicy": trustEC2})
}

func vault(changes In) Draft {
	return func(lab *Lab) In {
		backups(lab)
		return changed(In{"name": "main", "kmsKeyArn": keyOne}, changes)
	}
}

var _ = suite(kinds.BackupVault, Suite{
	Valid: map[string]Draft{
		"under a key": vault(nil), "under AWS's own": vault(In{"kmsKeyArn": nil}), "named by the provider": vault(In{"name": nil}), "that empties itself": vault(In{"forceDestroy": true}),
	},
	Refusals: []Refusal{
		{Rule: "pattern of name", Draft: vault(In{"name": "the vault"}), Says: "2 to 50 letters"},
		{Rule: "pattern of name", Draft: vault(In{"name": strings.Repeat("a", 51)}), Says: "2 to 50 letters"},
		{Rule: "a key of the Region", Draft: vault(In{"kmsKeyArn": keyOne + "-gone"}), Says: "CreateBackupVault, api error InvalidParameterValueException: The specified KMS key"},
		{Rule: "a key of the Region", Draft: vault(In{"kmsKeyArn": strings.Replace(keyOne, "eu-central-1", "eu-west-1", 1)}), Says: "does not exist"},
		{Rule: "name taken", Draft: vault(In{"name": "night"}), Says: "AlreadyExistsException: Backup vault with the same name already exists"},
	},
	Replaces: []Change{
		{Path: "name", Before: vault(nil), After: vault(In{"name": "other"})},
		{Path: "kmsKeyArn", Before: vault(nil), After: vault(In{"kmsKeyArn": "alias/aws/backup"})},
	},
	Updates: []Change{{Path: "forceDestroy", Before: vault(nil), After: vault(In{"forceDestroy": true})}},
})

func denying(principal, action string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Deny",` + principal + `"Action":"` + action + `","Resource":"*"}]}`
}

func ofVault(changes In) Draft {
	return func(lab *Lab) In {
		backups(lab)
		lab.Put(kinds.BackupVault, "other", In{"arn": nightVaultARN + "-other", "name": "other"})
		return changed(In{"backupVaultName": "night", "policy": denying(`"Principal":"*",`, "backup:DeleteRecoveryPoint")}, changes)
	}
}

var _ = suite(kinds.BackupVaultPolicy, Suite{
	Valid: map[string]Draft{
		"against everybody": ofVault(nil),
		"against a role":    ofVault(In{"policy": denying(`"Principal":{"AWS":"`+backupRoleARN+`"},`, "backup:CopyFromBackupVault")}),
	},
	Refusals: []Refusal{
		{Rule: "reference backupVaultName", Draft: ofVault(In{"backupVaultName": "gone"}), Says: "PutBackupVaultAccessPolicy, api error ResourceNotFoundException: Backup Vault gone not found."},
		{Rule: "JSON of policy", Draft: ofVault(In{"policy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "policy", Draft: ofVault(In{"policy": denying("", "backup:DeleteRecoveryPoint")}), Says: "Missing required field Principal"},
		{Rule: "policy", Draft: ofVault(In{"policy": denying(`"Principal":"*",`, "backup:*")}), Says: "without wildcards"},
		{Rule: "policy", Draft: ofVault(In{"policy": denying(`"Principal":"*",`, "rds:DeleteDBCluster")}), Says: "Action rds:DeleteDBCluster is not supported"},
		{Rule: "policy", Draft: ofVault(In{"policy": denying(`"Principal":{"AWS":"`+backupRoleARN+`-gone"},`, "backup:DeleteRecoveryPoint")}), Says: "Invalid principal in policy"},
	},
	Replaces: []Change{{Path: "backupVaultName", Before: ofVault(nil), After: ofVault(In{"backupVaultName": "other"})}},
	Updates:  []Change{{Path: "policy", Before: ofVault(nil), After: ofVault(In{"policy": denying(`"Principal":"*",`, "backup:CopyFromBackupVault")})}},
})

func lock(changes In) Draft {
	return func(lab *Lab) In {
		ofVault(nil)(lab)
		return changed(In{"backupVaultName": "night", "minRetentionDays": 7, "maxRetentionDays": 400}, changes)
	}
}

var _ = suite(kinds.BackupVaultLock, Suite{
	Valid: map[string]Draft{"governance": lock(nil), "compliance": lock(In{"changeableForDays": 3}), "with no longest": lock(In{"maxRetentionDays": nil})},
	Refusals: []Refusal{
		{Rule: "reference backupVaultName", Draft: lock(In{"backupVaultName": "gone"}), Says: "PutBackupVaultLockConfiguration, api error ResourceNotFoundException"},
		{Rule: "least of changeableForDays", Draft: lock(In{"changeableForDays": 2}), Says: "expected changeableForDays to be at least (3), got 2"},
		{Rule: "days of a lock", Draft: lock(In{"minRetentionDays": 0}), Says: "minRetentionDays must be from 1 to 36500, not 0"},
		{Rule: "days of a lock", Draft: lock(In{"maxRetentionDays": 36501}), Says: "maxRetentionDays must be from 1 to 36500"},
		{Rule: "days of a lock", Draft: lock(In{"maxRetentionDays": 6}), Says: "MaxRetentionDays cannot be less than MinRetentionDays"},
		{Rule: "compliance", Draft: lock(In{"changeableForDays": 3}), Says: "InvalidRequestException: Vault lock configuration is immutable"},
	},
	Replaces: []Change{
		{Path: "backupVaultName", Before: lock(nil), After: lock(In{"backupVaultName": "other"})},
		{Path: "minRetentionDays", Before: lock(nil), After: lock(In{"minRetentionDays": 8})},
		{Path: "maxRetentionDays", Before: lock(nil), After: lock(In{"maxRetentionDays": 500})},
		{Path: "changeableForDays", Before: lock(nil), After: lock(In{"changeableForDays": 3})},
	},
})

func settings(changes In) Draft {
	return func(*Lab) In {
		return changed(In{"resourceTypeOptInPreference": In{"Aurora": true, "RDS": true}}, changes)
	}
}

var _ = suite(kinds.BackupRegionSettings, Suite{
	Valid: map[string]Draft{"two services": settings(nil), "who manages them": settings(In{"resourceTypeManagementPreference": In{"DynamoDB": true}})},
	Refusals: []Refusal{
		{Rule: "services with a preference", Draft: settings(In{"resourceTypeOptInPreference": In{"Postgres": true}}), Says: "UpdateRegionSettings, api error InvalidParameterValueException: Invalid resource type: Postgres"},
		{Rule: "services with a preference", Draft: settings(In{"resourceTypeManagementPreference": In{"aurora": true}}), Says: "Invalid resource type: aurora"},
	},
	Updates: []Change{{Path: "resourceTypeOptInPreference.RDS", Before: settings(nil), After: settings(In{"resourceTypeOptInPreference": In{"Aurora": true, "RDS": false}})}},
})
