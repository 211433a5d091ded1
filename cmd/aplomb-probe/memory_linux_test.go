// Layers: rules (pure), and host: the probe while the filesystem of its own binary is stalled.
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestItAnswersWhileItsOwnBinaryCannotBeRead(t *testing.T) {
	t.Parallel()
	if !mayLockMemory() {
		t.Skip("locking memory needs root")
	}
	p := stallUnderBinary(t)
	for range 5 {
		p.askByHundreds(t, 503)
	}
	_, reasons := p.await(t, 503)
	require.Contains(t, reasons[0], "a write and fsync have not returned for")
}

// TestWithoutTheLockItWouldNot is what the test above is worth: the same, but for the lock.
func TestWithoutTheLockItWouldNot(t *testing.T) {
	t.Parallel()
	p := stallUnderBinary(t, "--lock-memory=false")
	_, _, err := p.ask()
	var slow net.Error
	require.ErrorAs(t, err, &slow)
	require.True(t, slow.Timeout(), "%v", err)
}

// stallUnderBinary runs a probe whose binary lies on the disk that it observes, stalls that disk and has the kernel drop
// whatever it may of the binary, as it does when memory runs short.
func stallUnderBinary(t *testing.T, args ...string) *probe {
	t.Helper()
	folder, hang, release := blockDeviceStall(t)
	binary := copied(t, probeBinary(t), filepath.Join(folder, "aplomb-probe"))
	p := startProbe(t, binary, append([]string{"--workload", newHealthyWorkload(t), "--disk", folder}, args...)...)
	t.Cleanup(release)
	p.await(t, 200)
	hang()
	time.Sleep(interval + deadline) // by now it would say so
	pageOut(t, p.process.Process.Pid, binary)
	return p
}

func copied(t *testing.T, from, to string) string {
	t.Helper()
	text, err := os.ReadFile(from)
	require.NoError(t, err)
	file, err := os.OpenFile(to, os.O_CREATE|os.O_RDWR, 0o755)
	require.NoError(t, err)
	_, err = file.Write(text)
	require.NoError(t, err)
	// The kernel has it in its cache from the writing, and would need no disk to run it.
	require.NoError(t, file.Sync())
	require.NoError(t, unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED))
	require.NoError(t, file.Close())
	return to
}

// pageOut asks the kernel to drop the pages of a file that a process has mapped. It refuses to where they are locked.
func pageOut(t *testing.T, pid int, file string) {
	t.Helper()
	process, err := unix.PidfdOpen(pid, 0)
	require.NoError(t, err)
	defer unix.Close(process) //nolint:errcheck // nothing was written
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	require.NoError(t, err)
	mappings := mappingsOf(maps, file)
	require.NotEmpty(t, mappings)
	for _, m := range mappings {
		// An iovec of another process's addresses, which Go must not take for pointers.
		vector := [2]uintptr{m.from, m.to - m.from}
		_, _, failed := unix.Syscall6(unix.SYS_PROCESS_MADVISE, uintptr(process), uintptr(unsafe.Pointer(&vector)), 1, unix.MADV_PAGEOUT, 0, 0)
		if failed == unix.ENOSYS || failed == unix.EPERM {
			t.Skip("this kernel drops no pages of another process:", failed)
		}
		if failed != 0 && !errors.Is(failed, syscall.EINVAL) {
			t.Fatal("process_madvise:", failed)
		}
	}
}

const someMaps = `00400000-00702000 r-xp 00000000 fd:00 1571                               /run/aplomb/aplomb-probe
00702000-00a11000 r--p 00302000 fd:00 1571                               /run/aplomb/aplomb-probe
00a11000-00a5e000 rw-p 00611000 fd:00 1571                               /run/aplomb/aplomb-probe
00a5e000-00aa1000 rw-p 00000000 00:00 0 
c000000000-c000400000 rw-p 00000000 00:00 0 
7f0000000000-7f0000001000 r--p 00000000 fd:00 1571                       /run/aplomb/aplomb-probe (deleted)
7ffd5b9f3000-7ffd5ba14000 rw-p 00000000 00:00 0                          [stack]
`

func TestMappingsAreThoseOfTheBinary(t *testing.T) {
	require.Equal(t, []mapping{{0x400000, 0x702000}, {0x702000, 0xa11000}, {0xa11000, 0xa5e000}}, mappingsOf([]byte(someMaps), "/run/aplomb/aplomb-probe"))
	require.Empty(t, mappingsOf([]byte(someMaps), "/run/aplomb"))
	spaced := []byte("00400000-00702000 r-xp 00000000 fd:00 1571   /run/a b/probe\n")
	require.Equal(t, []mapping{{0x400000, 0x702000}}, mappingsOf(spaced, "/run/a b/probe"))
}

func FuzzMappingsNeverRunBackwards(f *testing.F) {
	f.Add([]byte(someMaps))
	f.Add([]byte("2-1 r-xp 0 0 0 /f\nz-1 r-xp 0 0 0 /f\n1- r-xp 0 0 0 /f"))
	f.Fuzz(func(t *testing.T, maps []byte) {
		for _, m := range mappingsOf(maps, "/run/aplomb/aplomb-probe") {
			require.Less(t, m.from, m.to)
		}
	})
}
