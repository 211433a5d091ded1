// Layer: host. What a stalled disk does to the probe's answers, and what it must not do to the probe.
package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// The probe's own defaults, against which its answers are timed.
const (
	interval = 2 * time.Second
	deadline = time.Second
)

// mostThreads is what Go's scheduler may have started when much is going on: a handful, and by no means one for each of the
// thousands of requests of these tests.
const mostThreads = 24

// stall is one way of making a folder hang for real.
type stall struct {
	name string
	// begin prepares a folder and returns it, with what makes it hang and what ends that.
	begin func(t *testing.T) (folder string, hang, release func())
}

var stalls = []stall{
	{"a file held by a lease", leaseStall},
	{"fsync in a FUSE filesystem", fuseStall("fsync")},
	{"write in a FUSE filesystem", fuseStall("write")},
	{"open in a FUSE filesystem", fuseStall("open")},
	{"unlink in a FUSE filesystem", fuseStall("unlink")},
	{"the block device under ext4", blockDeviceStall},
	{"a frozen ext4", freezeStall},
}

// leaseStall needs no privilege: while somebody holds a lease on a file, the kernel has whoever opens it wait, for 45 s by default
// (https://man7.org/linux/man-pages/man2/F_GETLEASE.2const.html). It is no disk that hangs, but a system call that really does not return.
func leaseStall(t *testing.T) (string, func(), func()) {
	folder := diskFolder(t)
	var holder *os.File
	hang := func() {
		name := filepath.Join(folder, writtenName)
		require.Eventually(t, func() bool {
			var err error
			holder, err = os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o600)
			require.NoError(t, err)
			_, err = unix.FcntlInt(holder.Fd(), unix.F_SETLEASE, unix.F_WRLCK)
			if err == nil && sameFile(name, holder) {
				return true
			}
			if err != nil && !errors.Is(err, unix.EAGAIN) {
				t.Skip("no lease can be held here:", err)
			}
			_ = holder.Close()
			return false
		}, patience, time.Millisecond, "the probe removes the file before it is leased")
	}
	return folder, hang, func() {
		if holder != nil {
			_ = holder.Close()
		}
	}
}

func sameFile(name string, opened *os.File) bool {
	named, err := os.Stat(name)
	if err != nil {
		return false
	}
	open, err := opened.Stat()
	return err == nil && os.SameFile(named, open)
}

func fuseStall(operation string) func(t *testing.T) (string, func(), func()) {
	return func(t *testing.T) (string, func(), func()) {
		f := startStallFS(t)
		return f.fuse, func() { f.tell("stall", operation) }, func() { f.tell("release") }
	}
}

// blockDeviceStall is the nearest to a stalled EBS volume: a filesystem of the kernel's on a block device that completes nothing.
func blockDeviceStall(t *testing.T) (string, func(), func()) {
	f := startStallFS(t)
	f.mountExt4(f.fuse)
	return f.ext4, func() { f.tell("stall", "read", "write", "fsync") }, func() { f.tell("release") }
}

func freezeStall(t *testing.T) (string, func(), func()) {
	f := startStallFS(t)
	f.mountExt4(f.memory)
	frozen := false
	return f.ext4, func() { f.tell("freeze", f.ext4); frozen = true }, func() {
		if frozen {
			f.tell("thaw", f.ext4)
			frozen = false
		}
	}
}

func TestAStalledDiskIsToldWithinTwoIntervalsAndLeavesTheProbeAsItWas(t *testing.T) {
	for _, stall := range stalls {
		t.Run(stall.name, func(t *testing.T) {
			t.Parallel()
			binary, workload := probeBinary(t), newHealthyWorkload(t)
			folder, hang, release := stall.begin(t)
			idle := startProbe(t, binary, "--workload", workload, "--disk", folder)
			idle.await(t, 200)
			goroutinesOfAnIdleProbe := idle.goroutines(t)
			require.NotEmpty(t, goroutinesOfAnIdleProbe, "they must have been listed at all: %s", idle.said)

			p := startProbe(t, binary, "--workload", workload, "--disk", folder)
			t.Cleanup(release) // before the probe is killed, which it cannot be while it hangs
			p.await(t, 200)
			p.askByHundreds(t, 200)
			filesBefore := p.files(t)

			hang()
			took, reasons := p.await(t, 503)
			require.Less(t, took, 2*interval)
			require.Len(t, reasons, 1)
			require.Contains(t, reasons[0], "disk "+folder+": a write and fsync have not returned for")

			for stalled := time.Now(); time.Since(stalled) < 2*interval; time.Sleep(interval / 4) {
				p.askByHundreds(t, 503)
			}
			require.Less(t, p.kernel(t, "Threads"), mostThreads, "a stall costs one thread, and requests none")
			if mayLockMemory() {
				require.Less(t, p.kernel(t, "VmHWM"), 15<<10, "kB, the most it ever was")
				require.Positive(t, p.kernel(t, "VmLck"))
			}
			t.Logf("told after %s; %d kB now, %d kB at most, %d threads", took.Round(time.Millisecond), p.kernel(t, "VmRSS"), p.kernel(t, "VmHWM"), p.kernel(t, "Threads"))

			release()
			p.await(t, 200)
			p.askByHundreds(t, 200)
			require.Equal(t, filesBefore, p.files(t))
			require.Equal(t, goroutinesOfAnIdleProbe, p.goroutines(t))
		})
	}
}

// TestItEndsWhileItsWriteHangs shows what the port is worth to the next probe: a process does not go away while one of its threads
// hangs in the kernel, but this one lets go of its port first.
func TestItEndsWhileItsWriteHangs(t *testing.T) {
	t.Parallel()
	binary := probeBinary(t)
	folder, hang, release := blockDeviceStall(t)
	p := startProbe(t, binary, "--workload", newHealthyWorkload(t), "--disk", folder)
	t.Cleanup(release)
	p.await(t, 200)
	hang()
	p.await(t, 503)
	require.NoError(t, p.process.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		_, _, err := p.ask()
		return err != nil && strings.Contains(err.Error(), "connection refused")
	}, patience, 10*time.Millisecond)
	select {
	case err := <-p.ended:
		t.Fatal("no process can end while it hangs in the kernel, so this did not hang:", err)
	default:
	}
	release()
	err := <-p.ended
	p.ended <- err
	require.NoError(t, err)
}
