package kinds

import (
	"regexp"
	"slices"
	"strings"
)

// How AWS Backup refuses a value, a request, and what is not there.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupPlan.html#API_CreateBackupPlan_Errors
const (
	codeBackupValue   = "InvalidParameterValueException"
	codeBackupRequest = "InvalidRequestException"
	codeBackupMissing = "ResourceNotFoundException"
	codeBackupTaken   = "AlreadyExistsException"
	longestRetention  = 36500
)

var (
	backupVaultName = regexp.MustCompile(`^[0-9A-Za-z_-]{2,50}$`)
	backupName      = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,50}$`)
	testingName     = regexp.MustCompile(`^[0-9A-Za-z_]{1,50}$`)
	// backupCron has six fields; AWS Backup takes no rate.
	backupCron = regexp.MustCompile(`^cron\(\S+( \S+){5}\)$`)
)

// backupRefuses is a rule with the code of most refusals.
func backupRefuses(name string, broken func(d *Draft) *Refusal) Rule {
	return Rule{Name: name, Stage: AtApply, Code: codeBackupValue, Broken: broken}
}

// toVault is a property with the name of a vault.
func toVault(path string) Reference {
	return Reference{Path: path, To: []string{BackupVault}, Code: codeBackupMissing, Message: "Backup Vault %s not found."}
}

// backupRole refuses a role that AWS Backup cannot assume.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html#restore-testing-troubleshooting
func backupRole(d *Draft) *Refusal {
	arn := d.Text("iamRoleArn")
	role := d.FindBy(Role, "arn", arn)
	if role == nil || !keyAllows(role.Text("assumeRolePolicy"), byService("backup.amazonaws.com"), []string{"sts:AssumeRole"}, keyContext{"aws:sourceaccount": d.Account}) {
		return Refuse("iamRoleArn", "IAM Role %s cannot be assumed by AWS Backup", arn)
	}
	return nil
}

// backupRoleARN is the provider's check of the role's ARN.
func backupRoleARN() Rule {
	return Rule{Name: "ARN of the role", Broken: func(d *Draft) *Refusal {
		if role := d.At("iamRoleArn"); !role.Unknown() && !isARN(role.Text()) {
			return Refuse("iamRoleArn", "\"iamRoleArn\" (%s) is an invalid ARN: arn: invalid prefix", role.Text())
		}
		return nil
	}}
}

// roleMay says whether the inline policies of a role, which are resources of their own, allow it an action on everything.
func roleMay(d *Draft, role *Thing, action string) bool {
	for _, policy := range d.UsedBy(RolePolicy, "role", role.ID) {
		statements, problem := readPolicy(policy.Text("policy"))
		if problem == "" && slices.ContainsFunc(statements, func(statement policyStatement) bool {
			return statement.Effect == "Allow" && statement.covers(action) && slices.Contains(statement.Resource, "*")
		}) {
			return true
		}
	}
	return len(d.UsedBy(RolePolicyAttachment, "role", role.ID)) > 0 // AWS's own, which are not read here
}

// vaultByARN is a vault of this account, in whichever Region its ARN names.
func vaultByARN(d *Draft, arn string) *Thing {
	for _, vault := range d.world.All(Place{Account: d.Account, Region: regionOfARN(arn)}, BackupVault) {
		if vault.Text("arn") == arn {
			return vault
		}
	}
	return nil
}

// vaultLock is the lock of a vault, or nil.
func vaultLock(d *Draft, vault *Thing) *Thing {
	for _, lock := range d.world.All(vault.Place, BackupVaultLock) {
		if lock.Text("backupVaultName") == vault.ID {
			return lock
		}
	}
	return nil
}

// arnOf is true for an ARN of a service, or of a pattern of them.
func arnOf(text, service string) bool {
	return strings.HasPrefix(text, "arn:") && strings.Contains(text, ":"+service+":")
}
