// Layer: sandbox (the real engine and the real main.go, with the sandbox's providers as plugins that the engine starts itself).
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

// buildPlugins builds what make plugins builds, and returns the folder. The flags are the test's own, so that nothing is
// compiled twice.
func buildPlugins(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "sandbox")
	args := []string{"build", "-o", folder + string(filepath.Separator)}
	info, known := debug.ReadBuildInfo()
	require.True(t, known)
	for _, setting := range info.Settings {
		if setting.Key == "-race" && setting.Value == "true" {
			args = append(args, "-race")
		}
	}
	printed, err := exec.Command("go", append(args, "./cmd/pulumi-resource-aws", "./cmd/pulumi-resource-awsx")...).CombinedOutput()
	require.NoError(t, err, string(printed))
	return folder
}

// newAmbient is a project, with plugins, in a shell in which tools/sandbox.sh was sourced.
func newAmbient(t *testing.T, plugins string) *plain {
	t.Helper()
	dir := newProject(t)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "bin"), 0o700))
	require.NoError(t, os.Symlink(plugins, filepath.Join(dir, "bin", "sandbox")))
	script, err := filepath.Abs(filepath.Join("tools", "sandbox.sh"))
	require.NoError(t, err)
	shell := exec.Command("sh", "-c", `. "$1" 2>/dev/null && env -0`, "sh", script)
	shell.Dir = dir
	shell.Env = append(os.Environ(), "AWS_PROFILE=production", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE")
	exported, err := shell.Output()
	require.NoError(t, err)
	host, port := startLanguageHost(t)
	p := &plain{dir: dir, host: host, target: sandbox.New(filepath.Join(dir, ".aplomb", "sandbox"))}
	p.setEnv(append(strings.Split(strings.TrimSuffix(string(exported), "\x00"), "\x00"),
		fmt.Sprintf("PULUMI_DEBUG_LANGUAGES=go:%d", port), "PULUMI_SKIP_CHECKPOINTS=true"))
	return p
}

func TestThePluginsOfTheSandbox(t *testing.T) {
	plugins := buildPlugins(t)
	t.Run("serve plain Pulumi in the cloud and state that aplomb uses", func(t *testing.T) { servePlainPulumi(t, plugins) })
	t.Run("do nothing where no sandbox is named", func(t *testing.T) { refuseWithoutSandbox(t, plugins) })
	t.Run("do not pass for AWS", func(t *testing.T) { doNotPassForAWS(t, plugins) })
}

func servePlainPulumi(t *testing.T, plugins string) {
	p := newAmbient(t, plugins)
	for _, variable := range p.env {
		require.False(t, strings.HasPrefix(variable, "AWS_PROFILE=") || strings.HasPrefix(variable, "AWS_ACCESS_KEY_ID="), variable)
	}
	p.begin(t)
	printed := p.must(t, "up", "--stack", "dev", "--yes", "--skip-preview")
	require.Contains(t, printed, "using pulumi-resource-aws from $PATH at "+filepath.Join(p.dir, "bin", "sandbox"))
	outputs, err := p.state(t).Outputs()
	require.NoError(t, err)
	require.Equal(t, "sandbox", outputs.Target)
	require.NotEmpty(t, p.standing(t))

	stack, err := deploy.Open(deploy.Options{Stack: "dev", Dir: p.dir, Target: p.target, Pulumi: filepath.Dir(pulumiCLI(t))})
	require.NoError(t, err)
	same, err := stack.Outputs(t.Context())
	require.NoError(t, err)
	require.Equal(t, outputs, same)
	refreshed, err := stack.Refresh(t.Context())
	require.NoError(t, err)
	require.Equal(t, deploy.Changes{Same: refreshed.Changes.Same}, refreshed.Changes)

	p.must(t, "up", "--stack", "dev", "--yes", "--skip-preview", "--expect-no-changes")
	p.must(t, "destroy", "--stack", "dev", "--yes", "--skip-preview")
	require.Empty(t, p.standing(t))
	p.must(t, "stack", "rm", "dev", "--yes")
	require.NoFileExists(t, filepath.Join(p.dir, stacks.StackFile("dev")), "as docs/plain-pulumi.md says")
}

func refuseWithoutSandbox(t *testing.T, plugins string) {
	p := newAmbient(t, plugins)
	p.begin(t)
	p.must(t, "up", "--stack", "dev", "--yes", "--skip-preview")
	stood, state := p.standing(t), urns(p.state(t))
	p.setEnv(append(p.env, "APLOMB_SANDBOX="))
	for _, command := range []string{"up", "refresh", "destroy"} {
		printed, code := p.run(t, command, "--stack", "dev", "--yes", "--skip-preview")
		require.NotZero(t, code, command)
		require.Contains(t, printed, "this aws plugin is the one of Aplomb's sandbox, and APLOMB_SANDBOX names no sandbox", command)
		require.NotContains(t, printed, "exited prematurely", command)
	}
	require.Equal(t, stood, p.standing(t))
	require.Equal(t, state, urns(p.state(t)))
}

// doNotPassForAWS runs aplomb for AWS where a shell is set up for the sandbox.
func doNotPassForAWS(t *testing.T, plugins string) {
	p := newAmbient(t, plugins)
	p.begin(t)
	for _, variable := range p.env {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	stack, err := deploy.Open(deploy.Options{Stack: "dev", Dir: p.dir, Target: deploy.AWS(), Pulumi: filepath.Dir(pulumiCLI(t))})
	require.NoError(t, err)
	_, err = stack.Up(t.Context(), deploy.UpOptions{})
	require.ErrorContains(t, err, "this aws plugin is the one of Aplomb's sandbox")
	require.Empty(t, p.standing(t))
}
