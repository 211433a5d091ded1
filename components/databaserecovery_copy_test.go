package components_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const copyName = "tickets-recovery-restore-from-copy"

// recoverable are the topologies of which something leaves the Region.
var recoverable = []components.DatabaseTopology{components.Aurora, components.MultiAZInstance}

func atSite(topology components.DatabaseTopology) pulumi.RunFunc {
	return recoveredAt(topology, func(args *components.DatabaseRecoveryArgs, site *components.RecoverySite) {
		args.Site = site
		if topology == components.Aurora {
			args.CopyVaultName, args.CopyKeyARN = pulumi.String(copyVault), pulumi.String(copyKey)
			args.CopyVaultARN = pulumi.String("arn:aws:backup:eu-west-1:" + account + ":backup-vault:" + copyVault)
		} else {
			args.SiteSQLRunnerARN = pulumi.String(siteRunnerARN)
		}
	})
}

func snapshot(name string) string {
	return "arn:aws:rds:eu-west-1:" + account + ":cluster-snapshot:awsbackup:copyjob-" + name
}

// farAWS is AWS in the recovery Region when the Region of the database is lost: copies, and nothing else.
func farAWS(t *testing.T, recording *recorder.Recording, policy string) *fakeAWS {
	t.Helper()
	fake := newFakeAWS(t, "eu-west-1", policy)
	fake.key = "arn:aws:kms:eu-west-1:" + account + ":key/" + recording.One(t, keyToken, "recovery").ID
	fake.sourceKey = copyKey
	if keys := recording.OfType(backupsReplicationToken); len(keys) > 0 {
		fake.sourceKey = "arn:aws:kms:eu-west-1:" + account + ":key/" + recording.One(t, keyToken, "tickets-db-recovery").ID
	}
	resource := "arn:aws:rds:eu-central-1:" + account + ":cluster:" + live
	fake.points = []fakePoint{
		{copyVault, snapshot("older"), resource, "2026-02-27T05:10:00Z", "COMPLETED"},
		{copyVault, snapshot("newest"), resource, "2026-02-28T05:10:00Z", "COMPLETED"},
		{copyVault, snapshot("unfinished"), resource, "2026-03-01T05:10:00Z", "PARTIAL"},
		{copyVault, snapshot("oldest"), resource, "2026-02-26T05:10:00Z", "COMPLETED"},
		{copyVault, snapshot("orders"), resource + "-orders", "2026-03-01T05:20:00Z", "COMPLETED"},
	}
	return fake
}

func TestTheNewestCopyIsRestoredAtTheSiteAndAskedThere(t *testing.T) {
	for _, topology := range recoverable {
		recording := recorder.Run(t, atSite(topology))
		document := documentOf(t, recording, copyName)
		fake := farAWS(t, recording, document.policy)
		execution := fake.run(document.text, nil)
		require.NoError(t, execution.Err)
		require.False(t, execution.Failed)
		restored := fake.database(topology, live+"-r-copy")
		require.NotNil(t, restored)
		require.Equal(t, []string{recording.One(t, securityGroupToken, "recovery-restored").ID}, restored.groups)
		require.True(t, restored.protected)
		require.NotEmpty(t, restored.secret)
		require.Len(t, fake.events, 1)
		require.Contains(t, execution.Outputs["restored.Endpoint"], ".eu-west-1.")
		if topology == components.Aurora {
			require.Equal(t, snapshot("newest"), restored.source)
			require.Contains(t, execution.Outputs["findCopy.Created"], "2026-02-28")
			require.Len(t, fake.members(restored.id), 3)
			for index, id := range fake.members(restored.id) {
				require.Equal(t, fmt.Sprintf("eu-west-1%c", 'a'+index), fake.instances[id].zone)
			}
		} else {
			require.Contains(t, restored.source, ":auto-backup:")
		}
	}
}

func TestAnInstanceIsRestoredAtTheSiteToAPointInTime(t *testing.T) {
	recording := recorder.Run(t, atSite(components.MultiAZInstance))
	document := documentOf(t, recording, copyName)
	fake := farAWS(t, recording, document.policy)
	execution := fake.run(document.text, map[string]string{"RestoreTo": "2026-03-01T02:00:00Z", "Name": "drill"})
	require.NoError(t, execution.Err)
	require.Contains(t, execution.Names(), "restoreToTime")
	require.NotNil(t, fake.instances[live+"-r-drill"])
}

func TestAVaultWithoutACopyIsToldAndNothingIsMade(t *testing.T) {
	recording := recorder.Run(t, atSite(components.Aurora))
	document := documentOf(t, recording, copyName)
	fake := farAWS(t, recording, document.policy)
	fake.points = fake.points[4:]
	execution := fake.run(document.text, nil)
	require.ErrorContains(t, execution.Err, "the vault tickets-copies has no copy of arn:aws:rds:eu-central-1:")
	require.Empty(t, fake.clusters)
}

func TestARestoreFromACopyThatFailsLeavesNothingBehind(t *testing.T) {
	for _, topology := range recoverable {
		recording := recorder.Run(t, atSite(topology))
		document := documentOf(t, recording, copyName)
		fake := farAWS(t, recording, document.policy)
		fake.answer = func(string) bool { return false }
		execution := fake.run(document.text, nil)
		require.ErrorContains(t, execution.Err, "restoredAnswers")
		fake.Pass(longWhile)
		require.Empty(t, fake.clusters)
		require.Empty(t, fake.instances)
	}
}

func TestARestoreFromACopyNeedsEveryActionOfItsRole(t *testing.T) {
	for _, topology := range recoverable {
		recording := recorder.Run(t, atSite(topology))
		document := documentOf(t, recording, copyName)
		for _, each := range actionsOf(t, document.policy) {
			less := withoutAction(t, document.policy, each[0], each[1])
			good, bad := farAWS(t, recording, less), farAWS(t, recording, less)
			bad.answer = func(string) bool { return false }
			execution := good.run(document.text, nil)
			bad.run(document.text, nil)
			bad.Pass(longWhile)
			require.True(t, execution.Failed || len(bad.clusters)+len(bad.instances) > 0, "%s: nothing needs %s in %s", topology, each[1], each[0])
		}
	}
}

func TestWhatRestoresInTheRecoveryRegionStandsThere(t *testing.T) {
	for _, topology := range recoverable {
		recording := recorder.Run(t, atSite(topology))
		recovery := recording.One(t, providerToken, "eu-west-1")
		far := map[string]int{}
		for _, child := range recording.ChildrenOf(recording.One(t, recoveryToken, "tickets-recovery").URN) {
			if strings.HasPrefix(child.Provider, recovery.URN) {
				far[child.Type+" "+child.Name]++
			}
		}
		parameters := clusterParameterGroupToken
		if topology == components.MultiAZInstance {
			parameters = parameterGroupToken
		}
		require.Equal(t, map[string]int{documentToken + " " + copyName: 1, parameters + " tickets-recovery-site": 1}, far)
		require.Equal(t, []any{map[string]any{"name": "rds.force_ssl", "value": "1"}}, recording.One(t, parameters, "tickets-recovery-site").List(t, "parameters"))
	}
}

func TestTheRolesOfRestoresFromACopyMayDoExactlyThis(t *testing.T) {
	for _, topology := range recoverable {
		document := documentOf(t, recorder.Run(t, atSite(topology)), copyName)
		golden.JSON(t, "testdata/recovery."+string(topology)+".copy.role.golden.json", document.policy)
		golden.JSON(t, "testdata/recovery."+string(topology)+".copy.document.golden.json", document.text)
		golden.JSON(t, "testdata/recovery.site.trust.golden.json", document.role)
	}
}

func TestTheRoleOfARestoreFromACopyMayNot(t *testing.T) {
	document := documentOf(t, recorder.Run(t, atSite(components.Aurora)), copyName)
	policy, err := iameval.ParseIdentity(document.policy)
	require.NoError(t, err)
	far := func(kind, id string) string { return "arn:aws:rds:eu-west-1:" + account + ":" + kind + ":" + id }
	for why, request := range map[string]iameval.Request{
		"look into another vault":             {Action: "backup:ListRecoveryPointsByBackupVault", Resource: "arn:aws:backup:eu-west-1:" + account + ":backup-vault:orders"},
		"delete a copy":                       {Action: "backup:DeleteRecoveryPoint", Resource: snapshot("newest")},
		"restore a snapshot that a user took": {Action: "rds:RestoreDBClusterFromSnapshot", Resource: far("cluster-snapshot", "mine")},
		"restore under another name":          {Action: "rds:RestoreDBClusterFromSnapshot", Resource: far("cluster", "aplomb-test-orders-db-r-copy")},
		"do anything in the home Region":      {Action: "rds:DescribeDBClusters", Resource: "arn:aws:rds:eu-central-1:" + account + ":cluster:" + live + "-r-copy"},
		"use the copies' key by itself":       {Action: "kms:Decrypt", Resource: copyKey, Context: iameval.Context{}},
		"use the copies' key in another Region": {Action: "kms:Decrypt", Resource: copyKey,
			Context: iameval.Context{"kms:ViaService": {"rds.eu-central-1.amazonaws.com"}}},
		"delete a snapshot": {Action: "rds:DeleteDBClusterSnapshot", Resource: snapshot("newest")},
	} {
		decision, err := policy.Evaluate(request)
		require.NoError(t, err, why)
		require.Equal(t, iameval.ImplicitDeny, decision, "it may %s", why)
	}
}
