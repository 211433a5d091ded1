// Layer: rules (pure).
package stacks_test

import (
	"encoding/json"
	"testing"

	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

// decode reads the JSON of a stack's one output.
func decode(t *testing.T, text string) (*stacks.Outputs, error) {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(text), &value))
	return stacks.DecodeOutputs(map[string]any{stacks.OutputName: value})
}

func TestOutputsFromBeforeThereWereAcceleratorsAreRead(t *testing.T) {
	outputs, err := decode(t, `{"version": 1, "target": "aws", "zones": [], "services": {"web": {"url": "https://support.example.com", "fleetSize": 6}}}`)
	require.NoError(t, err)
	require.Nil(t, outputs.Services["web"].Accelerator)
	require.Equal(t, 6, outputs.Services["web"].FleetSize)

	outputs, err = decode(t, `{"version": 1, "services": {"web": {"accelerator": {"dnsName": "a1.awsglobalaccelerator.com", "addresses": ["198.51.100.1", "198.51.100.2"]}}}}`)
	require.NoError(t, err)
	require.Equal(t, &stacks.AcceleratorOutputs{DNSName: "a1.awsglobalaccelerator.com", Addresses: []string{"198.51.100.1", "198.51.100.2"}},
		outputs.Services["web"].Accelerator)
}

func TestOutputsOfAnotherShapeAreRefusedByName(t *testing.T) {
	_, err := decode(t, `{"version": 1, "services": {"web": {"accelerators": {}}}}`)
	require.ErrorContains(t, err, `unknown field "accelerators"`)
	_, err = decode(t, `{"version": 2}`)
	require.ErrorContains(t, err, "version 2 is not the version 1 that this program reads")
}
