// Layer: sandbox (the real engine and the real program, on the sandbox).
package deploy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aplomb-iac/aplomb/topology"
	"github.com/stretchr/testify/require"
)

// TestTheTopologyThatIsTestedIsTheOneThatStands holds the states that the topology package is tested with to what its stacks really are. With
// APLOMB_UPDATE_GOLDEN=1 it writes them anew.
func TestTheTopologyThatIsTestedIsTheOneThatStands(t *testing.T) {
	for _, stack := range []string{"prod", "dev"} {
		t.Run(stack, func(t *testing.T) {
			d := newDashboard(t, stack)
			d.up(t)
			exported, err := d.open(t).Export(context.Background())
			require.NoError(t, err)
			stands, err := topology.FromState(bytes.NewReader(exported))
			require.NoError(t, err)
			require.NotEmpty(t, stands.Services)

			file := filepath.Join("..", "topology", "testdata", stack+".json")
			if os.Getenv("APLOMB_UPDATE_GOLDEN") != "" {
				require.NoError(t, os.WriteFile(file, trimmed(t, exported), 0o600))
			}
			kept, err := os.ReadFile(file)
			require.NoError(t, err)
			tested, err := topology.FromState(bytes.NewReader(kept))
			require.NoError(t, err)
			require.Equal(t, stands, tested, "the stack has changed: run this test with APLOMB_UPDATE_GOLDEN=1")
		})
	}
}

// trimmed is a state with what the topology is read from, and little else.
func trimmed(t *testing.T, exported []byte) []byte {
	t.Helper()
	var state struct {
		Version    int `json:"version"`
		Deployment struct {
			Resources []map[string]any `json:"resources"`
		} `json:"deployment"`
	}
	require.NoError(t, json.Unmarshal(exported, &state))
	read := []map[string]any{}
	for _, each := range state.Deployment.Resources {
		if !topology.Reads(each["type"].(string)) {
			continue
		}
		kept := map[string]any{}
		for _, key := range []string{"urn", "custom", "type", "id", "parent", "outputs"} {
			if value, exists := each[key]; exists {
				kept[key] = value
			}
		}
		outputs, _ := kept["outputs"].(map[string]any)
		for _, key := range []string{"tags", "tagsAll", "userData", "tagSpecifications", "alarmDescription"} {
			delete(outputs, key)
		}
		read = append(read, kept)
	}
	state.Deployment.Resources = read
	text, err := json.MarshalIndent(state, "", " ")
	require.NoError(t, err)
	return append(text, '\n')
}
