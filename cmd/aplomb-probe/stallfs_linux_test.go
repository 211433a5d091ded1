// Layer: host. A filesystem in user space, in a process of its own, that stalls when it is told to.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// stallFS is the test's handle of the filesystem process. Its folder, fuse, hands everything through to a filesystem in memory,
// except for what it was told to hold.
type stallFS struct {
	t       *testing.T
	fuse    string
	memory  string
	ext4    string
	command io.Writer
	answers *bufio.Reader
	mu      sync.Mutex
}

// startStallFS mounts one, or skips the test where the kernel does not let it.
func startStallFS(t *testing.T) *stallFS {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting a filesystem needs root")
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Skip("this kernel has no FUSE:", err)
	}
	root := t.TempDir()
	server := exec.Command("/proc/self/exe", root)
	server.Env = append(os.Environ(), role+"=stallfs")
	server.Stderr = os.Stderr
	command, err := server.StdinPipe()
	require.NoError(t, err)
	output, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	f := &stallFS{
		t: t, fuse: filepath.Join(root, "fuse"), memory: filepath.Join(root, "memory"), ext4: filepath.Join(root, "ext4"),
		command: command, answers: bufio.NewReader(output),
	}
	t.Cleanup(func() {
		require.NoError(t, command.Close())
		require.NoError(t, server.Wait())
	})
	ready, err := f.answers.ReadString('\n')
	require.NoError(t, err)
	if ready != "ready\n" {
		t.Skip("no filesystem can be mounted here: ", ready)
	}
	return f
}

// tell has the filesystem follow a command: "stall OP", "fail OP", "release", "freeze FOLDER", "thaw FOLDER".
func (f *stallFS) tell(words ...string) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := fmt.Fprintln(f.command, strings.Join(words, " "))
	require.NoError(f.t, err)
	answer, err := f.answers.ReadString('\n')
	require.NoError(f.t, err)
	require.Equal(f.t, "ok\n", answer, "%s", words)
}

// mountExt4 makes a file in the folder the disk behind an ext4. In the folder fuse, it is a block device that stalls.
func (f *stallFS) mountExt4(under string) {
	t := f.t
	t.Helper()
	for _, tool := range []string{"mkfs.ext4", "mount"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("there is no", tool)
		}
	}
	image := filepath.Join(under, "disk")
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, 32<<20))
	output, err := exec.Command("mkfs.ext4", "-q", "-m", "0", image).CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.NoError(t, os.Mkdir(f.ext4, 0o755))
	if output, err := exec.Command("mount", "-n", "-t", "ext4", "-o", "loop", image, f.ext4).CombinedOutput(); err != nil {
		t.Skipf("this kernel mounts no ext4 on a loop device: %s", output)
	}
	t.Cleanup(func() { require.NoError(t, letGo(f.ext4)) })
}

// gate is what the operations of the filesystem pass.
type gate struct {
	mu      sync.Mutex
	changed *sync.Cond
	stalled []string
	failing []string
}

// pass waits while the operation is stalled, and then fails if it is to. It waits through interrupts, as a disk does.
func (g *gate) pass(operation string) syscall.Errno {
	g.mu.Lock()
	defer g.mu.Unlock()
	for slices.Contains(g.stalled, operation) {
		g.changed.Wait()
	}
	if slices.Contains(g.failing, operation) {
		return syscall.EIO
	}
	return 0
}

func (g *gate) follow(command string) error {
	words := strings.Fields(command)
	switch words[0] {
	case "freeze":
		return frozen(words[1], fiFreeze)
	case "thaw":
		return frozen(words[1], fiThaw)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.changed.Broadcast()
	switch words[0] {
	case "stall":
		g.stalled = words[1:]
	case "fail":
		g.failing = words[1:]
	case "release":
		g.stalled, g.failing = nil, nil
	default:
		return fmt.Errorf("%s is no command", words[0])
	}
	return nil
}

// Not in the unix package: https://man7.org/linux/man-pages/man2/ioctl_fs.2.html does not list them, linux/fs.h does.
const (
	fiFreeze = 0xc0045877
	fiThaw   = 0xc0045878
)

// frozen freezes or thaws the filesystem of a folder, as fsfreeze does. It is done here because the tests may be killed, and
// nothing ever ends a wait for a filesystem that stays frozen. A freeze first writes everything out: a disk that this very process
// serves may not be below.
func frozen(folder string, request uint) error {
	opened, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer opened.Close() //nolint:errcheck // nothing was written
	return unix.IoctlSetInt(int(opened.Fd()), request, 0)
}

type gatedNode struct {
	fs.LoopbackNode
	gate *gate
}

func (n *gatedNode) WrapChild(context.Context, fs.InodeEmbedder) fs.InodeEmbedder {
	return &gatedNode{LoopbackNode: fs.LoopbackNode{RootData: n.RootData}, gate: n.gate}
}

func (n *gatedNode) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	if failed := n.gate.opens(flags); failed != 0 {
		return nil, nil, 0, failed
	}
	inode, file, options, failed := n.LoopbackNode.Create(ctx, name, flags&^syscall.O_DIRECT, mode, out)
	return inode, n.gated(file), options, failed
}

func (n *gatedNode) Open(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if failed := n.gate.opens(flags); failed != 0 {
		return nil, 0, failed
	}
	file, options, failed := n.LoopbackNode.Open(ctx, flags&^syscall.O_DIRECT)
	return n.gated(file), options, failed
}

func (n *gatedNode) Unlink(ctx context.Context, name string) syscall.Errno {
	if failed := n.gate.pass("unlink"); failed != 0 {
		return failed
	}
	return n.LoopbackNode.Unlink(ctx, name)
}

// opens passes "open", and is a filesystem without O_DIRECT while "direct" fails.
func (g *gate) opens(flags uint32) syscall.Errno {
	if flags&syscall.O_DIRECT != 0 && g.pass("direct") != 0 {
		return syscall.EINVAL
	}
	return g.pass("open")
}

func (n *gatedNode) gated(file fs.FileHandle) fs.FileHandle {
	opened, ok := file.(*fs.LoopbackFile)
	if !ok {
		return nil
	}
	return &gatedFile{LoopbackFile: opened, gate: n.gate}
}

type gatedFile struct {
	*fs.LoopbackFile
	gate *gate
}

// PassthroughFd keeps the kernel from going around the gate.
func (*gatedFile) PassthroughFd() (int, bool) { return 0, false }

func (f *gatedFile) Read(ctx context.Context, into []byte, offset int64) (fuse.ReadResult, syscall.Errno) {
	if failed := f.gate.pass("read"); failed != 0 {
		return nil, failed
	}
	return f.LoopbackFile.Read(ctx, into, offset)
}

func (f *gatedFile) Write(ctx context.Context, data []byte, offset int64) (uint32, syscall.Errno) {
	if failed := f.gate.pass("write"); failed != 0 {
		return 0, failed
	}
	return f.LoopbackFile.Write(ctx, data, offset)
}

func (f *gatedFile) Fsync(ctx context.Context, flags uint32) syscall.Errno {
	if failed := f.gate.pass("fsync"); failed != 0 {
		return failed
	}
	return f.LoopbackFile.Fsync(ctx, flags)
}

// serveStallFS is the filesystem process. It ends with its input, and leaves nothing stalled or frozen then.
func serveStallFS(root string, commands io.Reader, answers io.Writer) int {
	say := func(err error) {
		if err != nil {
			fmt.Fprintln(answers, strings.ReplaceAll(err.Error(), "\n", " "))
			return
		}
		fmt.Fprintln(answers, "ok")
	}
	gate := &gate{}
	gate.changed = sync.NewCond(&gate.mu)
	unmount, err := mountGated(root, gate)
	if err != nil {
		say(err)
		return 0
	}
	fmt.Fprintln(answers, "ready")
	lines := bufio.NewScanner(commands)
	for lines.Scan() {
		say(gate.follow(lines.Text()))
	}
	_ = gate.follow("release")
	_ = gate.follow("thaw " + filepath.Join(root, "ext4")) // it seldom is frozen
	if err := unmount(); err != nil {
		fmt.Fprintln(os.Stderr, "stallfs:", err)
		return 1
	}
	return 0
}

// mountGated mounts a filesystem in memory, and the gated one in front of it.
func mountGated(root string, gate *gate) (unmount func() error, err error) {
	memory, mounted := filepath.Join(root, "memory"), filepath.Join(root, "fuse")
	for _, folder := range []string{memory, mounted} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return nil, err
		}
	}
	if err := unix.Mount("tmpfs", memory, "tmpfs", 0, "size=128m"); err != nil {
		return nil, err
	}
	var device unix.Stat_t
	if err := unix.Stat(memory, &device); err != nil {
		return nil, err
	}
	node := &gatedNode{LoopbackNode: fs.LoopbackNode{RootData: &fs.LoopbackRoot{Path: memory, Dev: device.Dev}}, gate: gate}
	options := &fs.Options{MountOptions: fuse.MountOptions{Name: "stallfs", DirectMountStrict: true, DirectMountFlags: unix.MS_NODEV}}
	if _, err := fs.Mount(mounted, node, options); err != nil {
		return nil, err
	}
	return func() error {
		if err := letGo(mounted); err != nil {
			return err
		}
		return letGo(memory)
	}, nil
}

// letGo unmounts a filesystem once nothing holds a file of it: the kernel takes a loop device down in its own time. A process that copied
// every mount of the machine meanwhile, as one with mounts of its own does, holds them for as long as it lives; then the folder is let go of,
// and the filesystem ends when that process does.
func letGo(folder string) error {
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := unix.Unmount(folder, 0)
		if !errors.Is(err, unix.EBUSY) {
			return err
		}
		if time.Now().After(end) {
			return unix.Unmount(folder, unix.MNT_DETACH)
		}
	}
}
