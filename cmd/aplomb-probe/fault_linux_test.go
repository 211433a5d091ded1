// Layer: host. Faults of a disk that returns them, and everything else that may not stop an answer.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// fault is one thing that is wrong with a folder, what is said of it, and how it ends.
type fault struct {
	name, said string
	begin      func(t *testing.T) (folder string, breaks, mends func())
}

var faults = []fault{
	{"a write that fails", "write FOLDER/.aplomb-probe: input/output error", failing("write")},
	{"an fsync that fails", "fsync FOLDER/.aplomb-probe: input/output error", failing("fsync")},
	{"no folder", "open FOLDER/.aplomb-probe: no such file or directory", func(t *testing.T) (string, func(), func()) {
		folder := diskFolder(t)
		return folder, func() { require.NoError(t, os.Rename(folder, folder+".away")) }, func() { require.NoError(t, os.Rename(folder+".away", folder)) }
	}},
	{"a link where the file belongs", "open FOLDER/.aplomb-probe: too many levels of symbolic links", func(t *testing.T) (string, func(), func()) {
		folder := diskFolder(t)
		link := filepath.Join(folder, writtenName)
		return folder, func() { require.NoError(t, replaceByLink(link)) }, func() { require.NoError(t, os.Remove(link)) }
	}},
	{"a full disk", "FOLDER/.aplomb-probe: no space left on device", func(t *testing.T) (string, func(), func()) {
		f := startStallFS(t)
		f.mountExt4(f.memory)
		filler := filepath.Join(f.ext4, "filler")
		return f.ext4, func() { fill(t, filler) }, func() { require.NoError(t, os.Remove(filler)) }
	}},
	{"a disk that is mounted read-only", "open FOLDER/.aplomb-probe: read-only file system", func(t *testing.T) (string, func(), func()) {
		f := startStallFS(t)
		f.mountExt4(f.memory)
		remount := func(flags uintptr) func() {
			return func() {
				require.Eventually(t, func() bool { return unix.Mount("", f.ext4, "", unix.MS_REMOUNT|flags, "") == nil }, patience, time.Millisecond, "no write may be outstanding")
			}
		}
		return f.ext4, remount(unix.MS_RDONLY), remount(0)
	}},
	{"a folder in memory", "FOLDER/.aplomb-probe is in memory (tmpfs)", func(t *testing.T) (string, func(), func()) {
		if os.Getuid() != 0 {
			t.Skip("mounting a filesystem needs root")
		}
		folder := diskFolder(t)
		cover := func() {
			if err := unix.Mount("tmpfs", folder, "tmpfs", 0, ""); err != nil {
				t.Skip("nothing can be mounted here:", err)
			}
		}
		uncover := func() { _ = unix.Unmount(folder, unix.MNT_DETACH) }
		t.Cleanup(uncover)
		return folder, cover, uncover
	}},
}

func failing(operation string) func(t *testing.T) (string, func(), func()) {
	return func(t *testing.T) (string, func(), func()) {
		f := startStallFS(t)
		return f.fuse, func() { f.tell("fail", operation) }, func() { f.tell("release") }
	}
}

// replaceByLink puts a link in the place of the file, in one step: the probe goes on writing.
func replaceByLink(name string) error {
	if err := os.Symlink("/dev/null", name+".new"); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// fill writes until nothing more goes in.
func fill(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // the disk is full
	for size := 1 << 20; size >= 512; {
		if _, err := file.Write(make([]byte, size)); err != nil {
			require.ErrorIs(t, err, syscall.ENOSPC)
			size /= 2
		}
	}
}

func TestADiskThatFailsIsToldWithTheReasonUntilItTakesAWriteAgain(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			folder, breaks, mends := fault.begin(t)
			p := startProbe(t, probeBinary(t), "--workload", newHealthyWorkload(t), "--disk", folder, "--interval", "500ms", "--deadline", "500ms")
			p.await(t, 200)
			breaks()
			_, reasons := p.await(t, 503)
			require.Len(t, reasons, 1)
			require.Contains(t, reasons[0], "disk "+folder+": ")
			require.Contains(t, reasons[0], strings.ReplaceAll(fault.said, "FOLDER", folder))
			mends()
			p.await(t, 200)
			require.Eventually(t, func() bool {
				return strings.Contains(p.said.String(), "unhealthy: "+reasons[0]+"\nhealthy\n")
			}, patience, 10*time.Millisecond, "each change of the answer is a line: %s", p.said)
		})
	}
}

func TestAFilesystemWithoutDirectWritesIsJudgedByItsFsync(t *testing.T) {
	t.Parallel()
	f := startStallFS(t)
	f.tell("fail", "direct")
	require.NoError(t, writeDurably(f.fuse))
	f.tell("fail", "direct", "fsync")
	require.ErrorIs(t, writeDurably(f.fuse), syscall.EIO)
	require.FileExists(t, filepath.Join(f.fuse, writtenName), "what could not be written is left")
	f.tell("release")
	require.NoError(t, writeDurably(f.fuse), "and is no obstacle")
	require.NoFileExists(t, filepath.Join(f.fuse, writtenName))
}

// TestItAnswersWhileNobodyReadsItsErrors stands for a journald that hangs: its socket is full.
func TestItAnswersWhileNobodyReadsItsErrors(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()  //nolint:errcheck // a pipe
	defer write.Close() //nolint:errcheck // a pipe
	require.NoError(t, fillPipe(write))
	folder := diskFolder(t)
	p := startProbeSaying(t, write, &said{}, probeBinary(t), "--workload", newHealthyWorkload(t), "--disk", folder, "--interval", "200ms", "--deadline", "200ms")
	for range 3 {
		p.await(t, 200)
		require.NoError(t, os.Rename(folder, folder+".away"))
		p.await(t, 503)
		require.NoError(t, os.Rename(folder+".away", folder))
	}
	require.NoError(t, p.process.Process.Signal(syscall.SIGTERM))
	err = <-p.ended
	p.ended <- err
	require.NoError(t, err, "it does not wait for the reader even to end")
}

// fillPipe writes into a pipe until a write would wait, and has later writes wait.
func fillPipe(pipe *os.File) error {
	descriptor := int(pipe.Fd()) // from here on, it blocks
	if err := unix.SetNonblock(descriptor, true); err != nil {
		return err
	}
	for {
		if _, err := unix.Write(descriptor, []byte{'\n'}); errors.Is(err, unix.EAGAIN) {
			return unix.SetNonblock(descriptor, false)
		} else if err != nil {
			return err
		}
	}
}

// TestItOutlivesWhoeverReadsItsErrors stands for a journald that has crashed.
func TestItOutlivesWhoeverReadsItsErrors(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer write.Close() //nolint:errcheck // a pipe
	require.NoError(t, read.Close())
	folder := diskFolder(t)
	p := startProbeSaying(t, write, &said{}, probeBinary(t), "--workload", newHealthyWorkload(t), "--disk", folder, "--interval", "200ms", "--deadline", "200ms")
	p.await(t, 200)
	require.NoError(t, os.Rename(folder, folder+".away"))
	p.await(t, 503)
	require.NoError(t, os.Rename(folder+".away", folder))
	p.await(t, 200)
}

func TestItDrainsWithOneSignalAndEndsWithAnother(t *testing.T) {
	t.Parallel()
	p := startProbe(t, probeBinary(t), "--workload", newHealthyWorkload(t), "--disk", diskFolder(t))
	p.await(t, 200)
	require.NoError(t, p.process.Process.Signal(syscall.SIGUSR1))
	_, reasons := p.await(t, 503)
	require.Equal(t, []string{"draining"}, reasons)
	require.NoError(t, p.process.Process.Signal(syscall.SIGTERM))
	err := <-p.ended
	p.ended <- err
	require.NoError(t, err, "%s", p.said)
}

func TestATakenPortEndsItWithOneLine(t *testing.T) {
	t.Parallel()
	p := startProbe(t, probeBinary(t), "--workload", newHealthyWorkload(t), "--disk", diskFolder(t))
	taken := strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/healthz")
	second := exec.Command(probeBinary(t), "--listen", taken, "--workload", "http://127.0.0.1:1/", "--disk", "/", "--lock-memory=false")
	output, err := second.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, exitFailed, second.ProcessState.ExitCode())
	require.Equal(t, fmt.Sprintf("error: listen tcp %s: bind: address already in use\n", taken), string(output))
}
