// Layer: rules (pure). What an update may not do to what holds data.
package deploy_test

import (
	"fmt"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/stretchr/testify/require"
)

// TestWhateverHoldsDataIsReplacedOnlyWhenItIsUnlockedByName tries each type of it without any protection, as in development.
func TestWhateverHoldsDataIsReplacedOnlyWhenItIsUnlockedByName(t *testing.T) {
	for typ, holds := range map[string]bool{
		"aws:rds/cluster:Cluster": true, "aws:rds/instance:Instance": true, "aws:s3/bucketV2:BucketV2": true, "aws:kms/key:Key": true,
		"aws:backup/vault:Vault": true, "aws:lb/loadBalancer:LoadBalancer": false, "aws:rds/clusterInstance:ClusterInstance": false,
	} {
		const own, other = "urn:pulumi:dev::lab::own", "urn:pulumi:dev::lab::other"
		urn, beside := own+"::"+typ+"::data", other+"::"+typ+"::beside"
		state, err := deploy.ParseState(fmt.Appendf(nil, `{"version": 3, "deployment": {"resources": [
			{"urn": %q, "type": %q, "id": "1", "custom": true, "outputs": {}}, {"urn": %q, "type": %q, "id": "2", "custom": true, "outputs": {}}]}}`,
			urn, typ, beside, typ))
		require.NoError(t, err)
		steps := func(op deploy.Op) []deploy.Step {
			return []deploy.Step{{URN: urn, Type: typ, Name: "data", Op: op}, {URN: beside, Type: typ, Name: "beside", Op: deploy.OpSame}}
		}
		for _, unlock := range [][]string{nil, {"beside"}} {
			refused, freed := deploy.Gate(steps(deploy.OpReplace), state, unlock)
			require.Empty(t, freed, typ)
			if !holds {
				require.Empty(t, refused, typ)
				continue
			}
			require.Equal(t, []deploy.Refusal{{Step: steps(deploy.OpReplace)[0], Data: true}}, refused, typ)
		}
		for _, name := range []string{"data", urn} {
			refused, freed := deploy.Gate(steps(deploy.OpReplace), state, []string{name})
			require.Empty(t, refused, typ)
			if holds {
				require.Len(t, freed, 1, typ)
				require.Equal(t, urn, freed[0].URN)
			}
		}
		for _, op := range []deploy.Op{deploy.OpUpdate, deploy.OpDelete, deploy.OpSame} {
			refused, _ := deploy.Gate(steps(op), state, nil)
			require.Empty(t, refused, "%s of %s: whoever removes it knows what goes", op, typ)
		}
	}
}
