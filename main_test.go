// Layer: sandbox (the real engine and the real main.go, driven by the Pulumi CLI alone, on the sandbox).
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

// plain is a project folder in which a person runs the Pulumi CLI, and a sandbox.
type plain struct {
	dir    string
	env    []string
	host   *languageHost
	target *sandbox.Target
}

// pulumiCLI is the Pulumi CLI that make pulumi built.
func pulumiCLI(t *testing.T) string {
	t.Helper()
	root := os.Getenv("APLOMB_PULUMI_ROOT")
	if root == "" {
		root = filepath.Join(".aplomb", "pulumi")
	}
	path, err := filepath.Abs(filepath.Join(root, "bin", "pulumi"))
	require.NoError(t, err)
	_, err = os.Stat(path)
	require.NoError(t, err, "there is no Pulumi CLI: run make pulumi")
	return path
}

// newProject is a copy of the development stack, as a clone of the repository has it.
func newProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"Pulumi.yaml", stacks.StackFile("dev")} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o600))
	}
	return dir
}

// newPlain is a project whose engine finds this program and the providers of a sandbox running.
func newPlain(t *testing.T, target *sandbox.Target) *plain {
	t.Helper()
	attached, detach, err := target.Attach(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, detach()) })
	host, port := startLanguageHost(t)
	p := &plain{dir: newProject(t), host: host, target: target, env: append(os.Environ(),
		fmt.Sprintf("PULUMI_DEBUG_LANGUAGES=go:%d", port), "PULUMI_SKIP_CHECKPOINTS=true")}
	for name, value := range attached {
		p.env = append(p.env, name+"="+value)
	}
	p.setEnv(p.env)
	return p
}

// setEnv sets the environment of the engine, which the language host passes on to the program.
func (p *plain) setEnv(env []string) {
	p.env = env
	p.host.setEnv(env)
}

// run runs one command of the Pulumi CLI and returns everything that it printed, and its exit code.
func (p *plain) run(t *testing.T, args ...string) (printed string, code int) {
	t.Helper()
	command := exec.Command(pulumiCLI(t), append([]string{"--non-interactive", "--color", "never"}, args...)...)
	command.Dir, command.Env = p.dir, p.env
	text, err := command.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(text), exit.ExitCode()
	}
	require.NoError(t, err)
	return string(text), 0
}

// must runs a command that must succeed.
func (p *plain) must(t *testing.T, args ...string) string {
	t.Helper()
	printed, code := p.run(t, args...)
	require.Zero(t, code, "pulumi %s: %s%s", strings.Join(args, " "), printed, p.host.output())
	return printed
}

// begin makes the stack, with every secret that its file lists.
func (p *plain) begin(t *testing.T) {
	t.Helper()
	config, err := stacks.ReadStack(p.dir, "dev")
	require.NoError(t, err)
	p.must(t, "stack", "init", "dev")
	for _, key := range config.SecretKeys() {
		p.must(t, "config", "set", "--stack", "dev", "--secret", key, "0123456789abcdef0123456789abcdef")
	}
}

func (p *plain) state(t *testing.T) *deploy.State {
	t.Helper()
	state, err := deploy.ParseState([]byte(p.must(t, "stack", "export", "--stack", "dev")))
	require.NoError(t, err)
	return state
}

// standing is everything in the sandbox's cloud.
func (p *plain) standing(t *testing.T) []cloud.Resource {
	t.Helper()
	opened, err := p.target.Cloud()
	require.NoError(t, err)
	found, err := opened.List()
	require.NoError(t, err)
	return found
}

func urns(state *deploy.State) []string {
	var found []string
	for _, resource := range state.Resources {
		found = append(found, resource.URN)
	}
	slices.Sort(found)
	return found
}

func TestPlainPulumiMakesExactlyWhatAplombMakes(t *testing.T) {
	t.Parallel()
	byHand := newPlain(t, sandbox.New(filepath.Join(t.TempDir(), "sandbox")))
	byHand.begin(t)
	byHand.must(t, "preview", "--stack", "dev")
	require.Empty(t, byHand.state(t).Resources, "a preview makes nothing")
	byHand.must(t, "up", "--stack", "dev", "--yes", "--skip-preview")
	made := byHand.state(t)
	outputs, err := made.Outputs()
	require.NoError(t, err)
	require.Equal(t, "sandbox", outputs.Target, "nobody said where the stack goes, but the provider")

	dir := newProject(t)
	stack, err := deploy.Open(deploy.Options{
		Stack: "dev", Dir: dir, Target: sandbox.New(filepath.Join(dir, ".aplomb", "sandbox")), Pulumi: filepath.Dir(pulumiCLI(t)),
	})
	require.NoError(t, err)
	_, err = stack.Up(t.Context(), deploy.UpOptions{})
	require.NoError(t, err)
	exported, err := stack.Export(t.Context())
	require.NoError(t, err)
	state, err := deploy.ParseState(exported)
	require.NoError(t, err)
	require.Equal(t, urns(state), urns(made))
	require.Greater(t, len(made.Resources), 100)

	byHand.must(t, "up", "--stack", "dev", "--yes", "--expect-no-changes")
	byHand.must(t, "destroy", "--stack", "dev", "--yes", "--skip-preview")
	require.Empty(t, byHand.state(t).Resources)
	require.Empty(t, byHand.standing(t))
	require.Empty(t, byHand.host.output(), "the program prints nothing beside what the engine shows")
}

func TestPlainPulumiRefusesABadConfigurationWholeAndRegistersNothing(t *testing.T) {
	t.Parallel()
	p := newPlain(t, sandbox.New(filepath.Join(t.TempDir(), "sandbox")))
	p.begin(t)
	path := filepath.Join(p.dir, stacks.StackFile("dev"))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	broken := strings.NewReplacer("account:", "acount:", "zones: [eu-central-1a, eu-central-1b]", "zones: [eu-central-1a]",
		"peakInstances: 1", "peakInstances: -1").Replace(string(text))
	require.NoError(t, os.WriteFile(path, []byte(broken), 0o600))
	for _, command := range []string{"preview", "up"} {
		printed := p.refused(t, command)
		require.Contains(t, printed, "aplomb:config: 6 problems")
		for _, problem := range []string{
			`acount: "109876543210" is at a key that does not exist`, "account: missing", "zones: [eu-central-1a] must be at least 2 zones",
			"services[0].peakInstances: -1", "services[1].peakInstances: -1", "services[2].peakInstances: -1",
		} {
			require.Contains(t, printed, "  - "+problem)
		}
	}
}

func TestPlainPulumiNamesEveryMissingSecretAndRegistersNothing(t *testing.T) {
	t.Parallel()
	p := newPlain(t, sandbox.New(filepath.Join(t.TempDir(), "sandbox")))
	p.must(t, "stack", "init", "dev")
	for _, command := range []string{"preview", "up"} {
		printed := p.refused(t, command)
		require.Contains(t, printed, "stack dev: 2 problems")
		require.Contains(t, printed, "run pulumi config set --secret aplomb:secret.tickets.helpdesk-token")
		require.Contains(t, printed, "run pulumi config set --secret aplomb:secret.web.session-key")
	}
}

func TestPlainPulumisPreviewHoldsWhatIsProtected(t *testing.T) {
	t.Parallel()
	p := newPlain(t, sandbox.New(filepath.Join(t.TempDir(), "sandbox")))
	path := filepath.Join(p.dir, stacks.StackFile("dev"))
	text, err := os.ReadFile(stacks.StackFile("prod"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	p.begin(t)
	p.must(t, "up", "--stack", "dev", "--yes", "--skip-preview")
	stood := p.standing(t)
	// The port is the target group's, which is protected and cannot change; the size of a fleet can.
	written, err := os.ReadFile(path)
	require.NoError(t, err)
	replacing := strings.NewReplacer("port: 9200", "port: 9300", "peakInstances: 6", "peakInstances: 8").Replace(string(written))
	require.NoError(t, os.WriteFile(path, []byte(replacing), 0o600))
	for _, command := range []string{"up", "destroy"} {
		printed, code := p.run(t, command, "--stack", "dev", "--yes")
		require.NotZero(t, code, command)
		require.Contains(t, printed, "error: preview failed", command)
		require.Contains(t, printed, "search-tg", command)
	}
	require.Equal(t, stood, p.standing(t))
}

// refused runs a command that the program must refuse, and returns what was printed: a message for people, with nothing made.
func (p *plain) refused(t *testing.T, command string) string {
	t.Helper()
	args := []string{command, "--stack", "dev"}
	if command == "up" {
		args = append(args, "--yes", "--skip-preview")
	}
	printed, code := p.run(t, args...)
	require.NotZero(t, code)
	for _, trace := range []string{"goroutine ", "panic: ", ".go:"} {
		require.NotContains(t, printed+p.host.output(), trace)
	}
	for _, resource := range p.state(t).Resources {
		require.Equal(t, "pulumi:pulumi:Stack", resource.Type, "the SDK registers that one before the program begins")
	}
	require.Empty(t, p.standing(t))
	return printed
}
