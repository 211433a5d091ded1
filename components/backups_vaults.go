package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// optIn sets the account's preferences. AWS answers with every service that it knows, of which two are ours, so what is read is
// not held against what was asked.
func (b *Backups) optIn(ctx *pulumi.Context) error {
	if !b.args.ServiceOptIn {
		return nil
	}
	for _, each := range []builtVault{{name: b.name}, {name: b.copyName(), provider: b.args.RecoveryProvider}} {
		if _, err := backup.NewRegionSettings(ctx, each.name, &backup.RegionSettingsArgs{
			ResourceTypeOptInPreference: pulumi.BoolMap{auroraResources: pulumi.Bool(true), rdsResources: pulumi.Bool(true)},
		}, append(childOf(b, each.provider), pulumi.IgnoreChanges([]string{"resourceTypeOptInPreference"}))...); err != nil {
			return err
		}
	}
	return nil
}

// buildKeys builds a key in each Region. A copy is encrypted under the key of the vault that receives it. A snapshot stays under its
// database's key, as AWS Backup does not encrypt databases itself
// (https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html). Identity policies decide who uses the keys.
func (b *Backups) buildKeys(ctx *pulumi.Context) (err error) {
	if b.built.key, err = b.buildKey(ctx, b.name, b.home(ctx), nil); err != nil {
		return err
	}
	b.built.copyKey, err = b.buildKey(ctx, b.copyName(), b.away(ctx), b.args.RecoveryProvider)
	return err
}

func (b *Backups) buildKey(ctx *pulumi.Context, name string, at home, provider pulumi.ProviderResource) (*kms.Key, error) {
	return newKey(ctx, keySpec{
		parent: b, provider: provider, name: name, alias: at.alias("backups", name), description: "Encrypts what is in backup vault " + name,
		statements: []iampolicy.Statement{at.accountAdministers()},
		protect:    b.args.Protect, tags: b.args.Tags, transform: b.args.Transform.Key,
	})
}

// builtVault is one of the two vaults, where it is, and the other one, to which alone its recovery points may be copied.
type builtVault struct {
	name         string
	provider     pulumi.ProviderResource
	vault, other *backup.Vault
}

func (b *Backups) vaults() []builtVault {
	return []builtVault{
		{name: b.name, vault: b.built.vault, other: b.built.copyVault},
		{name: b.copyName(), provider: b.args.RecoveryProvider, vault: b.built.copyVault, other: b.built.vault},
	}
}

func (b *Backups) buildVaults(ctx *pulumi.Context) (err error) {
	if b.built.vault, err = b.buildVault(ctx, b.name, b.built.key, nil); err != nil {
		return err
	}
	if b.built.copyVault, err = b.buildVault(ctx, b.copyName(), b.built.copyKey, b.args.RecoveryProvider); err != nil {
		return err
	}
	document := iampolicy.ResourceBased(b.vaultStatements()...)
	if err := document.Check(); err != nil {
		return err
	}
	for _, each := range b.vaults() {
		if _, err := backup.NewVaultPolicy(ctx, each.name, &backup.VaultPolicyArgs{
			BackupVaultName: each.vault.Name, Policy: filled(document, pulumi.StringMap{otherVaultSlot: each.other.Arn}),
		}, childOf(b, each.provider)...); err != nil {
			return err
		}
	}
	return nil
}

func (b *Backups) buildVault(ctx *pulumi.Context, name string, key *kms.Key, provider pulumi.ProviderResource) (*backup.Vault, error) {
	return backup.NewVault(ctx, name, transformed(&backup.VaultArgs{
		KmsKeyArn: key.Arn, ForceDestroy: pulumi.Bool(b.args.EmptyOnDelete), Tags: tagsNamed(b.args.Tags, name),
	}, b.args.Transform.Vault), stateful(b, b.args.Protect, provider)...)
}

const otherVaultSlot = "otherVault"

// vaultStatements deny everybody, whatever their own policies allow, to delete a recovery point or to change when it is deleted, and to copy it
// anywhere but to the other vault. What expires, AWS Backup still deletes. Changing the policy is not denied: that would lock the owner
// out as well (https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html).
func (b *Backups) vaultStatements() []iampolicy.Statement {
	elsewhere := iampolicy.Statement{
		Sid: "DenyCopiesElsewhere", Effect: iampolicy.Deny, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions: []iampolicy.Action{"backup:CopyFromBackupVault"}, Resources: []iampolicy.Resource{iampolicy.Any},
		Conditions: []iampolicy.Condition{{
			Operator: iampolicy.ARNNotEquals.ForAnyValue(), Key: "backup:CopyTargets", Values: []iampolicy.Value{iampolicy.Slot(otherVaultSlot, "")},
		}},
	}
	if b.args.EmptyOnDelete {
		return []iampolicy.Statement{elsewhere}
	}
	return []iampolicy.Statement{{
		Sid: "DenyDeletion", Effect: iampolicy.Deny, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions: []iampolicy.Action{
			"backup:DeleteRecoveryPoint", "backup:DisassociateRecoveryPoint", "backup:UpdateRecoveryPointLifecycle",
		},
		Resources: []iampolicy.Resource{iampolicy.Any},
	}, elsewhere}
}
