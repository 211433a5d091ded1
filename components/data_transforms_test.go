// Layer recorder: a transform of what holds and restores data reaches every resource that its documentation names.
package components_test

import (
	"reflect"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// tagEverything sets every transform to one that replaces the tags by changed = yes. It answers the names of those whose resource has no tags,
// which it leaves out.
func tagEverything(transforms any) (without []string) {
	all := reflect.ValueOf(transforms).Elem()
	for index := range all.NumField() {
		field := all.Field(index)
		if _, tagged := field.Type().In(0).Elem().FieldByName("Tags"); !tagged {
			without = append(without, all.Type().Field(index).Name)
			continue
		}
		field.Set(reflect.MakeFunc(field.Type(), func(in []reflect.Value) []reflect.Value {
			in[0].Elem().FieldByName("Tags").Set(reflect.ValueOf(pulumi.StringMap{"changed": pulumi.String("yes")}))
			return nil
		}))
	}
	return without
}

// changedUnder counts the children of a component that have those tags and no other, by type.
func changedUnder(t *testing.T, recording *recorder.Recording, token, name string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, child := range recording.ChildrenOf(recording.One(t, token, name).URN) {
		if child.Has("tags.changed") {
			require.Equal(t, map[string]any{"changed": "yes"}, child.Map(t, "tags"), "%s %s", child.Type, child.Name)
			counts[child.Type]++
		}
	}
	return counts
}

func TestEveryDatabaseTransformHasTheLastWord(t *testing.T) {
	cluster := map[string]int{
		keyToken: 1, logGroupToken: 1, securityGroupToken: 1, subnetGroupToken: 1, clusterParameterGroupToken: 1, clusterToken: 1, documentToken: 1, associationToken: 1,
	}
	for topology, want := range map[components.DatabaseTopology]map[string]int{
		components.Aurora:         and(cluster, map[string]int{memberToken: 3}),
		components.MultiAZCluster: cluster,
		components.MultiAZInstance: {
			keyToken: 2, logGroupToken: 1, securityGroupToken: 1, subnetGroupToken: 1, parameterGroupToken: 1, dbInstanceToken: 1, documentToken: 1, associationToken: 1,
		},
	} {
		args := databaseArgs(topology)
		require.Equal(t, []string{"ProxyTargetGroup"}, tagEverything(&args.Transform), "a test of the proxy has it")
		recording := recorder.Run(t, withDatabase(args, grantTickets))
		require.Equal(t, want, changedUnder(t, recording, databaseToken, "tickets-db"), topology)
	}
	args := proxyArgs(components.Aurora)
	tagEverything(&args.Transform)
	users := len(args.Proxy.Users)
	recording := recorder.Run(t, withDatabase(args, nil))
	require.Equal(t, and(cluster, map[string]int{
		memberToken: 3, securityGroupToken: 2, documentToken: 2, secretToken: users, proxyToken: 1, proxyEndpointToken: 1, associationToken: 0,
	}), changedUnder(t, recording, databaseToken, "tickets-db"), "with a proxy, and nobody granted")
}

// and is the counts with some in the place of theirs; none is left out.
func and(counts, others map[string]int) map[string]int {
	both := map[string]int{}
	for _, each := range []map[string]int{counts, others} {
		for token, count := range each {
			both[token] = count
			if count == 0 {
				delete(both, token)
			}
		}
	}
	return both
}

func TestEveryRunnerTransformHasTheLastWord(t *testing.T) {
	args := runnerArgs()
	require.Empty(t, tagEverything(&args.Transform))
	require.Equal(t, map[string]int{keyToken: 1, logGroupToken: 1, securityGroupToken: 1, roleToken: 1, functionToken: 1},
		changedUnder(t, recordRunner(t, args), runnerToken, "sql"))
}

func TestEverySiteTransformHasTheLastWord(t *testing.T) {
	args := siteArgs()
	require.Empty(t, tagEverything(&args.Transform))
	require.Equal(t, map[string]int{keyToken: 1, vpcToken: 1, subnetToken: 3, securityGroupToken: 1, subnetGroupToken: 1},
		changedUnder(t, recordSite(t, args), siteToken, "recovery"))
}

func TestEveryRecoveryTransformHasTheLastWord(t *testing.T) {
	for topology, want := range map[components.DatabaseTopology]map[string]int{
		components.Aurora:          {documentToken: 4, securityGroupToken: 1, clusterParameterGroupToken: 1},
		components.MultiAZCluster:  {documentToken: 2, securityGroupToken: 1},
		components.MultiAZInstance: {documentToken: 4, securityGroupToken: 1, parameterGroupToken: 1},
	} {
		recording := recorder.Run(t, recoveredAt(topology, func(args *components.DatabaseRecoveryArgs, site *components.RecoverySite) {
			require.Empty(t, tagEverything(&args.Transform))
			switch topology {
			case components.MultiAZCluster:
				return
			case components.Aurora:
				args.CopyVaultName, args.CopyVaultARN = pulumi.String(copyVault), pulumi.String("arn:aws:backup:eu-west-1:"+account+":backup-vault:"+copyVault)
				args.CopyKeyARN = pulumi.String(copyKey)
			case components.MultiAZInstance:
				args.SiteSQLRunnerARN = pulumi.String(siteRunnerARN)
			}
			args.Site, args.RestoreTestingPlanARN = site, pulumi.String(testingPlanARN)
		}))
		require.Equal(t, want, changedUnder(t, recording, recoveryToken, "tickets-recovery"), topology)
	}
}
