//go:build unix

// Layer: sandbox (the real engine on the sandbox, whose caller is killed).
package deploy_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/stretchr/testify/require"
)

// suicidal is a sandbox that, where it is to kill the engine, kills the process that it is in itself.
type suicidal struct{ *sandbox.Target }

func (s suicidal) KillEngine(func() error) {
	s.Target.KillEngine(func() error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) })
}

// childEnv, when it is set, makes the test binary bring a lab up and die at a fault. Its value is the lab's folder, the fault and the
// folder of the CLI.
const childEnv = "APLOMB_TEST_DIES"

func dieAt(words string) error {
	parts := strings.Split(words, "\n")
	faults, err := sandbox.ParseFaults(parts[1:2])
	if err != nil {
		return err
	}
	target := suicidal{sandbox.New(filepath.Join(parts[0], ".aplomb", "sandbox"), sandbox.WithFaults(faults...))}
	stack, err := deploy.Open(deploy.Options{Stack: "lab", Dir: parts[0], Target: target, Pulumi: parts[2]})
	if err != nil {
		return err
	}
	stack.SetProgram(after.program)
	_, err = stack.Up(context.Background(), deploy.UpOptions{})
	return err
}

// loggingPIDs is a CLI that writes down the process of every command.
func loggingPIDs(t *testing.T) (dir, log string) {
	t.Helper()
	dir = t.TempDir()
	log = filepath.Join(dir, "log")
	script := fmt.Sprintf("#!/bin/sh\necho \"$$ $@\" >>%s\nexec %s \"$@\"\n", log, filepath.Join(pulumiDir(t), "pulumi"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pulumi"), []byte(script), 0o755))
	return dir, log
}

// lastPID is the process of the last command.
func lastPID(t *testing.T, log string) int {
	t.Helper()
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	pid, err := strconv.Atoi(strings.Fields(lines[len(lines)-1])[0])
	require.NoError(t, err)
	require.Contains(t, lines[len(lines)-1], " up --yes ")
	return pid
}

// TestAnEngineWhoseCallerIsKilledFinishesAndTheNextUpConverges is about a machine that is out of memory, and about an impatient kill -9.
// The caller dies when the cloud has changed, and with it the sandbox's provider: the engine never hears of the change.
func TestAnEngineWhoseCallerIsKilledFinishesAndTheNextUpConverges(t *testing.T) {
	t.Parallel()
	for _, strike := range []string{strikes["create"], strikes["delete"]} {
		t.Run(strike, func(t *testing.T) {
			t.Parallel()
			l := standing(t)
			cli, log := loggingPIDs(t)
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), childEnv+"="+strings.Join([]string{l.dir, "kill@" + strike, cli}, "\n"))
			said, err := child.CombinedOutput()
			require.EqualError(t, err, "signal: killed", "%s", said)

			engine := lastPID(t, log)
			require.Eventually(t, func() bool { return !isRunning(engine) }, time.Minute, 10*time.Millisecond, "the engine never ended")
			locks, err := filepath.Glob(filepath.Join(l.dir, ".aplomb/sandbox/state/.pulumi/locks/organization/*/lab/*"))
			require.NoError(t, err)
			require.Empty(t, locks, "it was not killed by its broken output: it let go of the stack")
			require.Empty(t, l.state(t).Pending, "and wrote down what it knew")
			l.requireSound(t)
		})
	}
}

// isRunning says whether a process that nobody here waits for still runs.
func isRunning(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(status), ") Z ")
}
