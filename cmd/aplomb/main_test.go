// Layers: rules (pure), and sandbox: the commands as scripts in testdata/script, on the real engine.
package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aplomb": main})
}

// TestScripts runs testdata/script. Each script finds the repository's own stacks in its working folder, and the Pulumi CLI
// on PATH.
func TestScripts(t *testing.T) {
	root := os.Getenv("APLOMB_PULUMI_ROOT")
	if root == "" {
		root = filepath.Join("..", "..", ".aplomb", "pulumi")
	}
	bin, err := filepath.Abs(filepath.Join(root, "bin"))
	require.NoError(t, err)
	_, err = os.Stat(filepath.Join(bin, "pulumi"))
	require.NoError(t, err, "there is no Pulumi CLI: run make pulumi")
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			own, _, _ := strings.Cut(env.Getenv("PATH"), string(os.PathListSeparator))
			env.Setenv("OWN", own) // where aplomb itself is
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("HOME", env.WorkDir)
			for _, file := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
				text, err := os.ReadFile(filepath.Join("..", "..", file))
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(env.WorkDir, file), text, 0o644); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": code},
	})
}
