package deploy

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/blang/semver"
)

// command runs the Pulumi CLI. It differs from the Automation API's own in two ways. A canceled context lets the engine finish
// what is under way, for as long as grace; that one kills it after 10 seconds, when AWS may be in the middle of a creation. And
// the engine outlives this process when that is killed: it writes into files, where a pipe would break and end it.
type command struct {
	path    string
	version semver.Version
	grace   time.Duration
	// killed is set when the engine had to be killed, died when it ended by a signal that nobody here sent.
	killed, died bool

	mu      sync.Mutex
	running *os.Process
}

// Version is the version of the CLI.
func (c *command) Version() semver.Version { return c.version }

// Run runs the CLI with args in dir, and returns what it printed and its exit code. What it printed comes when it has ended.
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
	out, err := newOutput()
	if err != nil {
		return "", "", -1, err
	}
	defer out.discard()
	errs, err := newOutput()
	if err != nil {
		return "", "", -1, err
	}
	defer errs.discard()
	run.Stdout, run.Stderr = out.file, errs.file
	ownProcessGroup(run)
	run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
	run.WaitDelay = c.grace

	err = c.wait(run)
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
		c.killed = c.killed || ctx.Err() != nil && code < 0
		c.died = c.died || ctx.Err() == nil && code < 0
	case err != nil:
		code = -1
	}
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	said, outErr := out.text(stdout)
	complained, errsErr := errs.text(stderr)
	if err == nil {
		err = errors.Join(outErr, errsErr)
	}
	return said, complained, code, err
}

// wait runs a process to its end.
func (c *command) wait(run *exec.Cmd) error {
	if err := run.Start(); err != nil {
		return err
	}
	c.setRunning(run.Process)
	defer c.setRunning(nil)
	return run.Wait()
}

func (c *command) setRunning(process *os.Process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = process
}

// kill kills the engine that is at work, with everything that it started, as a crash of the machine would.
func (c *command) kill() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil {
		return errors.New("no engine is at work")
	}
	return killGroup(c.running)
}
