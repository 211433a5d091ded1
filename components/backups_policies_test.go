package components_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	rdsHere    = "arn:aws:rds:eu-central-1:" + account + ":"
	rdsThere   = "arn:aws:rds:eu-west-1:" + account + ":"
	auroraARN  = rdsHere + "cluster:aplomb-test-tickets-db"
	takenHere  = rdsHere + "cluster-snapshot:awsbackup:job-0b5c1c6d"
	takenThere = rdsThere + "cluster-snapshot:awsbackup:copyjob-0b5c1c6d"
	testedHere = rdsHere + "cluster:awsbackup-restore-test-0b5c1c6d"
)

func TestBackupRolesMayDoExactlyThis(t *testing.T) {
	args := backupsArgs()
	args.Databases = 2
	recording := recordBackups(t, args, components.Aurora, components.MultiAZInstance)
	for file, name := range map[string]string{
		"backup.role": "nightly", "backup.aurora": "nightly-of-tickets-db", "backup.instance": "nightly-of-orders-db",
		"restore.role": "nightly-restore-test", "restore.aurora": "nightly-restore-test-of-tickets-db", "restore.instance": "nightly-restore-test-of-orders-db",
	} {
		golden.JSON(t, "testdata/backups."+file+".golden.json", recording.One(t, rolePolicyToken, name).Text(t, "policy"))
	}
	for _, role := range []string{"nightly", "nightly-restore-test"} {
		golden.JSON(t, "testdata/backups.trust.golden.json", recording.One(t, roleToken, role).Text(t, "assumeRolePolicy"))
	}
}

func TestOnlyAWSBackupOfThisAccountAssumesTheRoles(t *testing.T) {
	trust, err := iameval.ParseTrust(recordBackups(t, backupsArgs()).One(t, roleToken, "nightly").Text(t, "assumeRolePolicy"))
	require.NoError(t, err)
	for _, each := range []struct {
		principal string
		context   iameval.Context
		want      iameval.Decision
	}{
		{"backup.amazonaws.com", iameval.Context{"aws:SourceAccount": {account}}, iameval.Allow},
		{"backup.amazonaws.com", nil, iameval.Allow}, // AWS does not document that it says for whom
		{"backup.amazonaws.com", iameval.Context{"aws:SourceAccount": {"109876543210"}}, iameval.ImplicitDeny},
		{"rds.amazonaws.com", iameval.Context{"aws:SourceAccount": {account}}, iameval.ImplicitDeny},
	} {
		got, err := trust.Evaluate(iameval.Request{Principal: each.principal, Action: "sts:AssumeRole", Resource: "arn:aws:iam::" + account + ":role/nightly", Context: each.context})
		require.NoError(t, err)
		require.Equal(t, each.want, got, "%+v", each)
	}
}

// question is what one of the roles asks for.
type question struct {
	action, resource string
	context          iameval.Context
	want             iameval.Decision
}

// asks puts questions to policies that one role has together.
func asks(t *testing.T, recording *recorder.Recording, policies []string, questions []question) {
	t.Helper()
	for _, each := range questions {
		decision := iameval.ImplicitDeny
		for _, name := range policies {
			policy, err := iameval.ParseIdentity(recording.One(t, rolePolicyToken, name).Text(t, "policy"))
			require.NoError(t, err)
			one, err := policy.Evaluate(iameval.Request{Action: each.action, Resource: each.resource, Context: each.context})
			require.NoError(t, err)
			decision = max(decision, one)
		}
		require.Equal(t, each.want, decision, "%+v", each)
	}
}

func TestTheBackupRoleBacksUpWhatIsCoveredAndNothingElse(t *testing.T) {
	recording := recordBackups(t, backupsArgs(), components.Aurora)
	keyOf := func(token, name, property string) string { return recording.One(t, token, name).Text(t, property) }
	databaseKey, copyKey := keyOf(clusterToken, "tickets-db", "kmsKeyId"), keyOf(vaultToken, "nightly-copy", "kmsKeyArn")
	forRDS := func(region string) iameval.Context {
		return iameval.Context{"kms:GrantIsForAWSResource": {"true"}, "kms:ViaService": {"rds." + region + ".amazonaws.com"}}
	}
	const yes, no = iameval.Allow, iameval.ImplicitDeny
	asks(t, recording, []string{"nightly", "nightly-of-tickets-db"}, []question{
		{"tag:GetResources", "*", nil, yes},
		{"rds:DescribeDBClusters", auroraARN, nil, yes},
		{"rds:CreateDBClusterSnapshot", auroraARN, nil, yes},
		{"rds:CreateDBClusterSnapshot", takenHere, nil, yes},
		{"rds:CopyDBClusterSnapshot", takenHere, nil, yes},
		{"rds:CopyDBClusterSnapshot", takenThere, nil, yes},
		{"rds:AddTagsToResource", takenThere, nil, yes},
		{"rds:DeleteDBClusterSnapshot", takenHere, nil, yes},
		{"backup:CopyFromBackupVault", takenHere, nil, yes},
		{"backup:CopyIntoBackupVault", copyVaultARN, nil, yes},
		{"kms:DescribeKey", databaseKey, nil, yes},
		{"kms:CreateGrant", databaseKey, forRDS("eu-central-1"), yes},
		{"kms:CreateGrant", databaseKey, forRDS("eu-west-1"), yes},
		{"kms:CreateGrant", copyKey, forRDS("eu-west-1"), yes},
		// another database, another's snapshot, another vault, key or Region
		{"rds:CreateDBClusterSnapshot", rdsHere + "cluster:aplomb-test-orders-db", nil, no},
		{"rds:CreateDBClusterSnapshot", rdsThere + "cluster:aplomb-test-tickets-db", nil, no},
		{"rds:DeleteDBClusterSnapshot", rdsHere + "cluster-snapshot:aplomb-test-tickets-db-final", nil, no},
		{"rds:CopyDBClusterSnapshot", strings.Replace(takenHere, "eu-central-1", "us-east-1", 1), nil, no},
		{"rds:CopyDBClusterSnapshot", strings.Replace(takenHere, account, "109876543210", 1), nil, no},
		{"backup:CopyIntoBackupVault", vaultARN, nil, no},
		{"backup:CopyIntoBackupVault", copyVaultARN + "2", nil, no},
		{"kms:CreateGrant", copyKey, forRDS("eu-central-1"), no},
		{"kms:CreateGrant", copyKey, forRDS("eu-west-1").Without("kms:GrantIsForAWSResource"), no},
		{"kms:CreateGrant", databaseKey, nil, no},
		{"kms:CreateGrant", databaseKey + "0", forRDS("eu-central-1"), no},
		{"kms:Decrypt", databaseKey, forRDS("eu-central-1"), no},
		// what a backup never takes
		{"rds:ModifyDBClusterSnapshotAttribute", takenHere, nil, no},
		{"rds:DeleteDBCluster", auroraARN, nil, no},
		{"rds:RestoreDBClusterFromSnapshot", takenHere, nil, no},
		{"backup:DeleteRecoveryPoint", takenHere, nil, no},
	})
}

func TestTheRestoreTestRoleMakesAndDeletesOnlyWhatIsNamedAsATest(t *testing.T) {
	recording := recordBackups(t, backupsArgs(), components.Aurora)
	subnets := recording.One(t, subnetGroupToken, "tickets-db")
	subnetARN := rdsHere + "subgrp:" + subnets.ID
	key := recording.One(t, clusterToken, "tickets-db").Text(t, "kmsKeyId")
	through := func(service, region string) iameval.Context {
		return iameval.Context{"kms:ViaService": {service + "." + region + ".amazonaws.com"}}
	}
	const yes, no = iameval.Allow, iameval.ImplicitDeny
	asks(t, recording, []string{"nightly-restore-test", "nightly-restore-test-of-tickets-db"}, []question{
		{"rds:RestoreDBClusterFromSnapshot", testedHere, nil, yes},
		{"rds:RestoreDBClusterFromSnapshot", takenHere, nil, yes},
		{"rds:RestoreDBClusterFromSnapshot", subnetARN, nil, yes},
		{"rds:RestoreDBClusterFromSnapshot", rdsHere + "cluster-pg:default.aurora-postgresql16", nil, yes},
		{"rds:RestoreDBClusterFromSnapshot", rdsHere + "og:default:aurora-postgresql-16", nil, yes},
		{"rds:AddTagsToResource", testedHere, nil, yes},
		{"rds:DeleteDBCluster", testedHere, nil, yes},
		{"kms:Decrypt", key, through("rds", "eu-central-1"), yes},
		{"kms:Encrypt", key, through("rds", "eu-central-1"), yes},
		{"kms:GenerateDataKey", key, through("rds", "eu-central-1"), yes},
		{"kms:GenerateDataKeyWithoutPlaintext", key, through("rds", "eu-central-1"), yes},
		{"kms:ReEncryptFrom", key, through("rds", "eu-central-1"), yes},
		{"kms:ReEncryptTo", key, through("rds", "eu-central-1"), yes},
		{"kms:DescribeKey", key, nil, yes},
		{"kms:Decrypt", key, nil, no},
		{"kms:Decrypt", key, through("rds", "eu-west-1"), no},
		{"kms:Decrypt", key, through("s3", "eu-central-1"), no},
		{"kms:Decrypt", key + "0", through("rds", "eu-central-1"), no},
		{"kms:GenerateDataKeyPair", key, through("rds", "eu-central-1"), no},
		{"kms:ScheduleKeyDeletion", key, through("rds", "eu-central-1"), no},
		{"rds:RestoreDBClusterFromSnapshot", auroraARN, nil, no},
		{"rds:RestoreDBClusterFromSnapshot", subnetARN + "0", nil, no},
		{"rds:RestoreDBClusterFromSnapshot", takenThere, nil, no},
		{"rds:RestoreDBClusterFromSnapshot", rdsHere + "cluster-snapshot:aplomb-test-tickets-db-final", nil, no},
		{"rds:DeleteDBCluster", auroraARN, nil, no},
		{"rds:DeleteDBClusterSnapshot", takenHere, nil, no},
		{"rds:CreateDBClusterSnapshot", auroraARN, nil, no},
	})
}

func TestNobodyDeletesARecoveryPointOrCopiesItElsewhereAndTheOwnerKeepsTheVault(t *testing.T) {
	recording := recordBackups(t, backupsArgs(), components.Aurora)
	const admin = "arn:aws:iam::" + account + ":role/admin"
	for vault, other := range map[string]string{"nightly": copyVaultARN, "nightly-copy": vaultARN} {
		policy, err := iameval.ParseResource(recording.One(t, vaultPolicyToken, vault).Text(t, "policy"))
		require.NoError(t, err)
		for _, each := range []question{
			{"backup:DeleteRecoveryPoint", takenHere, nil, iameval.ExplicitDeny},
			{"backup:UpdateRecoveryPointLifecycle", takenHere, nil, iameval.ExplicitDeny},
			{"backup:DisassociateRecoveryPoint", takenHere, nil, iameval.ExplicitDeny},
			{"backup:CopyFromBackupVault", takenHere, iameval.Context{"backup:CopyTargets": {"arn:aws:backup:us-east-1:" + account + ":backup-vault:mine"}}, iameval.ExplicitDeny},
			{"backup:CopyFromBackupVault", takenHere, iameval.Context{"backup:CopyTargets": {other, other + "2"}}, iameval.ExplicitDeny},
			{"backup:CopyFromBackupVault", takenHere, iameval.Context{"backup:CopyTargets": {other}}, iameval.ImplicitDeny}, // left to identity policies
			{"backup:StartRestoreJob", takenHere, nil, iameval.ImplicitDeny},
			{"backup:PutBackupVaultAccessPolicy", vaultARN, nil, iameval.ImplicitDeny},
			{"backup:DeleteBackupVaultLockConfiguration", vaultARN, nil, iameval.ImplicitDeny},
		} {
			got, err := policy.Evaluate(iameval.Request{Principal: admin, Action: each.action, Resource: each.resource, Context: each.context})
			require.NoError(t, err)
			require.Equal(t, each.want, got, "%s: %+v", vault, each)
		}
	}
}

func TestWhatIsRestoredHasASecurityGroupThatOthersCanOpen(t *testing.T) {
	covered, other := "", "nobody has said so yet"
	recording := recorder.Run(t, withBackups(backupsArgs(), func(backups *components.Backups, databases ...*components.MultiAZDatabase) error {
		if err := backups.Cover(databases[0]); err != nil {
			return err
		}
		// Both in one, as nothing waits for what no resource is behind.
		pulumi.All(backups.RestoreTestSecurityGroupID(databases[0]), backups.RestoreTestSecurityGroupID(databases[1])).ApplyT(func(ids []any) bool {
			covered, other = ids[0].(string), ids[1].(string)
			return true
		})
		return nil
	}, databaseArgs(components.Aurora), databaseArgs(components.Aurora)))
	require.Equal(t, recording.One(t, securityGroupToken, "nightly-tickets-db").ID, covered)
	require.Empty(t, other, "nothing of it is restored")
	require.NotEqual(t, pulumi.String(""), covered)
}
