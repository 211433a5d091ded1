// Layer: rules (pure).
package stacks_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

// TestEveryFaultIsRefusedWithItsPathValueLimitAndRemedy reads each file of testdata/refused, a stack with the fault that
// its name tells, and compares the whole message with the file of the same name that ends in .golden.
func TestEveryFaultIsRefusedWithItsPathValueLimitAndRemedy(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/refused/*.yaml")
	require.NoError(t, err)
	require.Greater(t, len(fixtures), 25, "the fixtures must have been found at all")
	for _, fixture := range fixtures {
		fault := strings.TrimSuffix(filepath.Base(fixture), ".yaml")
		t.Run(fault, func(t *testing.T) {
			text, err := os.ReadFile(fixture)
			require.NoError(t, err)
			config, err := stacks.ReadStack(project(t, "faulty", string(text)), "faulty")
			require.Nil(t, config)
			var typed *check.Error
			require.True(t, errors.As(err, &typed), "%v", err)
			for _, failure := range typed.Failures {
				require.NotEmpty(t, failure.Remedy, "%s has no remedy", failure.Path)
			}
			golden.Text(t, strings.TrimSuffix(fixture, ".yaml")+".golden", err.Error()+"\n")
		})
	}
}

// project is a folder with a Pulumi.yaml and the file of one stack.
func project(t *testing.T, stack, text string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: aplomb\nruntime: go\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, stacks.StackFile(stack)), []byte(text), 0o600))
	return dir
}
