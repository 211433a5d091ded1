// Layer: host (the real binary, on filesystems that really stall). This file sets the stage.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// role is the environment variable that says what this test binary is started for.
const role = "APLOMB_PROBE_TEST"

// TestMain runs the tests in a mount namespace of their own where it may: whatever they mount goes away with them, even when they
// are killed.
func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "stallfs":
		os.Exit(serveStallFS(os.Args[1], os.Stdin, os.Stdout))
	case "tests":
		os.Exit(runTests(m))
	}
	if os.Getuid() != 0 {
		os.Exit(runTests(m))
	}
	// The child is killed with the thread that started it.
	runtime.LockOSThread()
	tests := exec.Command("/proc/self/exe", os.Args[1:]...)
	tests.Env = append(os.Environ(), role+"=tests")
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	tests.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	err := tests.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &ended):
		os.Exit(ended.ExitCode())
	case errors.Is(err, syscall.EPERM):
		os.Exit(runTests(m)) // root of a container that may not mount
	default:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runTests(m *testing.M) int {
	defer func() {
		if built.folder != "" {
			_ = os.RemoveAll(built.folder)
		}
	}()
	return m.Run()
}

var built struct {
	once   sync.Once
	folder string
	err    error
}

// probeBinary builds the probe once, with the flags of the image.
func probeBinary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "aplomb-probe"); built.err != nil {
			return
		}
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", built.folder, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := build.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w\n%s", err, output)
		}
	})
	require.NoError(t, built.err)
	return filepath.Join(built.folder, "aplomb-probe")
}

// mayLockMemory is true where the probe may lock more than the usual limit.
var mayLockMemory = sync.OnceValue(func() bool {
	var limit unix.Rlimit
	return os.Getuid() == 0 || unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit) == nil && limit.Cur == unix.RLIM_INFINITY
})

// diskFolder is a new folder that is not in memory.
func diskFolder(t *testing.T) string {
	t.Helper()
	for _, parent := range []string{os.TempDir(), "/var/tmp", "."} {
		var kind unix.Statfs_t
		if unix.Statfs(parent, &kind) != nil || kind.Type == tmpfsMagic || kind.Type == ramfsMagic {
			continue
		}
		folder, err := os.MkdirTemp(parent, "aplomb-probe-disk")
		if err != nil {
			continue
		}
		t.Cleanup(func() { _ = os.RemoveAll(folder) })
		absolute, err := filepath.Abs(folder)
		require.NoError(t, err)
		return absolute
	}
	t.Skip("there is no folder here that is not in memory")
	return ""
}
