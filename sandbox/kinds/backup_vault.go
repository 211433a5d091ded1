package kinds

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The sandbox has no data plane: a vault never holds a recovery point, which is what keeps AWS from deleting one.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html
var _ = register(&Kind{
	Token:    BackupVault,
	Args:     backup.VaultArgs{},
	Resource: &backup.Vault{},
	API:      API{Service: "Backup", Noun: "Backup Vault", Create: "CreateBackupVault", Update: "TagResource", Delete: "DeleteBackupVault"},
	Name:     &AutoName{Property: "name", Max: 50},
	Defaults: []Default{{Path: "forceDestroy", Value: Flag(false)}},
	Rules: []Rule{
		Matching("name", backupVaultName, "2 to 50 letters, numbers, hyphens and underscores"),
		backupRefuses("a key of the Region", func(d *Draft) *Refusal {
			if id := d.Text("kmsKeyArn"); unusableKey(d, id) {
				return Refuse("kmsKeyArn", "The specified KMS key %s does not exist, is not enabled or you do not have permissions to access it", id)
			}
			return nil
		}),
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: codeBackupTaken, Broken: func(d *Draft) *Refusal {
			if d.FindBy(BackupVault, "name", d.Text("name")) != nil {
				return Refuse("name", "Backup vault with the same name already exists")
			}
			return nil
		}},
	},
	Replaces: []string{"name", "kmsKeyArn"},
	ID:       func(d *Draft) string { return d.Text("name") },
	Computed: []Output{
		vaultARN("arn", "name"), fixed("recoveryPoints", Number(0)),
		{Name: "kmsKeyArn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("kms", "key/"+d.UUID("aws/backup"))) }},
	},
})

func vaultARN(output, name string) Output {
	return Output{Name: output, Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("backup", "backup-vault:"+d.Text(name))) }}
}

// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
var _ = register(&Kind{
	Token:      BackupVaultPolicy,
	Args:       backup.VaultPolicyArgs{},
	Resource:   &backup.VaultPolicy{},
	API:        API{Service: "Backup", Noun: "Backup Vault Policy", Create: "PutBackupVaultAccessPolicy", Update: "PutBackupVaultAccessPolicy", Delete: "DeleteBackupVaultAccessPolicy"},
	References: []Reference{toVault("backupVaultName")},
	Rules: []Rule{
		policyJSON("policy"), backupRefuses("policy", vaultPolicy),
	},
	Replaces: []string{"backupVaultName"},
	ID:       func(d *Draft) string { return d.Text("backupVaultName") },
	Computed: []Output{vaultARN("backupVaultArn", "backupVaultName")},
})

func vaultPolicy(d *Draft) *Refusal {
	if !json.Valid([]byte(d.Text("policy"))) {
		return nil // refused for that
	}
	statements, problem := readPolicy(d.Text("policy"))
	if unknown := unknownPrincipal(d, statements); unknown != "" {
		problem = orElse(problem, "Invalid principal in policy: "+unknown)
	}
	for _, statement := range statements {
		if len(statement.Principal)+len(statement.NotPrincipal) == 0 {
			problem = orElse(problem, "Missing required field Principal")
		}
		problem = orElse(problem, policyActions(statement))
		for _, action := range slices.Concat(statement.Action, statement.NotAction) {
			if !strings.HasPrefix(strings.ToLower(action), "backup:") || strings.ContainsAny(action, "*?") {
				problem = orElse(problem, "Action "+action+" is not supported: access policies take actions of AWS Backup, without wildcards")
			}
		}
	}
	if problem == "" {
		return nil
	}
	return Refuse("policy", "Policy document is invalid: %s", problem)
}

// A lock is compliance when it can be changed for some days, and nobody can undo it then. The sandbox has no clock, and takes those days for over.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
var _ = register(&Kind{
	Token:      BackupVaultLock,
	Args:       backup.VaultLockConfigurationArgs{},
	Resource:   &backup.VaultLockConfiguration{},
	API:        API{Service: "Backup", Noun: "Backup Vault Lock Configuration", Create: "PutBackupVaultLockConfiguration", Delete: "DeleteBackupVaultLockConfiguration"},
	References: []Reference{toVault("backupVaultName")},
	Rules: []Rule{
		{Name: "least of changeableForDays", Broken: func(d *Draft) *Refusal {
			if days := d.At("changeableForDays"); days.Exists() && !days.Unknown() && days.Int() < 3 {
				return Refuse("changeableForDays", "expected changeableForDays to be at least (3), got %d", days.Int())
			}
			return nil
		}},
		backupRefuses("days of a lock", func(d *Draft) *Refusal {
			for _, path := range []string{"changeableForDays", "minRetentionDays", "maxRetentionDays"} {
				if days := d.Int(path); d.Has(path) && (days < 1 || days > longestRetention) {
					return Refuse(path, "Invalid lock configuration. %s must be from 1 to %d, not %d", path, longestRetention, days)
				}
			}
			if longest := d.Int("maxRetentionDays"); d.Has("maxRetentionDays") && longest < d.Int("minRetentionDays") {
				return Refuse("maxRetentionDays", "Invalid lock configuration. MaxRetentionDays cannot be less than MinRetentionDays")
			}
			return nil
		}),
	},
	DeleteRules: []DeleteRule{{Name: "compliance", Code: codeBackupRequest, Blocked: func(d *Draft) string {
		if d.Has("changeableForDays") {
			return "Vault lock configuration is immutable and cannot be deleted."
		}
		return ""
	}}},
	Replaces: []string{"backupVaultName", "changeableForDays", "maxRetentionDays", "minRetentionDays"},
	ID:       func(d *Draft) string { return d.Text("backupVaultName") },
	Computed: []Output{vaultARN("backupVaultArn", "backupVaultName")},
})
