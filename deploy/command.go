package deploy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/blang/semver"
)

// command runs the Pulumi CLI. It differs from the Automation API's own in that a canceled context lets the engine finish
// what is under way, for as long as grace; that one kills it after 10 seconds, when AWS may be in the middle of a creation.
type command struct {
	path    string
	version semver.Version
	grace   time.Duration
	// killed is set when the engine had to be killed.
	killed bool
}

// Version is the version of the CLI.
func (c *command) Version() semver.Version { return c.version }

// Run runs the CLI with args in dir, and returns what it printed and its exit code.
func (c *command) Run(
	ctx context.Context, dir string, stdin io.Reader, stdout, stderr []io.Writer, env []string, args ...string,
) (string, string, int, error) {
	if !slices.Contains(args, "--non-interactive") {
		args = append([]string{"--non-interactive"}, args...)
	}
	run := exec.CommandContext(ctx, c.path, args...)
	run.Dir, run.Stdin = dir, stdin
	// Plugins that lie beside the CLI belong to it.
	run.Env = slices.Concat(os.Environ(), []string{
		"PATH=" + filepath.Dir(c.path) + string(os.PathListSeparator) + os.Getenv("PATH"), "PULUMI_AUTOMATION_API=true",
	}, env)
	var out, errs bytes.Buffer
	run.Stdout = io.MultiWriter(append(slices.Clone(stdout), &out)...)
	run.Stderr = io.MultiWriter(append(slices.Clone(stderr), &errs)...)
	ownProcessGroup(run)
	run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
	run.WaitDelay = c.grace

	err := run.Run()
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
		c.killed = c.killed || ctx.Err() != nil && code < 0
	case err != nil:
		code = -1
	}
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return out.String(), errs.String(), code, err
}
