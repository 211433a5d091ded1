package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"syscall"
	"unsafe"
)

// block is what is written: one page, which every disk's block size divides.
const block = 4096

// writtenName is the file that is there while a write is outstanding, and text what it holds, for whoever finds one left over.
const (
	writtenName = ".aplomb-probe"
	text        = "aplomb-probe writes this file to see whether the disk takes it, and removes it again.\n"
)

// The two filesystems that are memory and would always be healthy: https://man7.org/linux/man-pages/man2/statfs.2.html.
const (
	tmpfsMagic = 0x01021994
	ramfsMagic = 0x858458f6
)

// writeDurably writes a file into the folder, waits until the disk has it, and removes it. A new file each time, because a
// write over blocks that a file already has succeeds on a full disk.
//
// O_DIRECT hands the block to the disk itself: the write neither waits for dirty pages of other processes nor passes because
// the page cache took it. Fsync then has the filesystem commit its journal and the disk empty its cache. On a filesystem without O_DIRECT, fsync
// alone is the proof.
func writeDurably(folder string) error {
	name := path.Join(folder, writtenName)
	err := writeFile(name, syscall.O_DIRECT)
	if errors.Is(err, syscall.EINVAL) {
		err = writeFile(name, 0)
	}
	return err
}

func writeFile(name string, direct int) (err error) {
	// Not the os package's files: they would have the runtime's poller look after what is no business of it.
	const flags = syscall.O_WRONLY | syscall.O_CREAT | syscall.O_TRUNC | syscall.O_NOFOLLOW | syscall.O_CLOEXEC
	var file, written int
	if err := step("open", name, func() (err error) { file, err = syscall.Open(name, flags|direct, 0o600); return err }); err != nil {
		return err
	}
	defer func() {
		if closing := syscall.Close(file); err == nil && closing != nil {
			err = fmt.Errorf("close %s: %w", name, closing)
		}
	}()
	if err := refuseMemory(file, name); err != nil {
		return err
	}
	if err := step("write", name, func() (err error) { written, err = syscall.Write(file, aligned()); return err }); err != nil {
		return err
	}
	if written < block {
		return fmt.Errorf("write %s: %w", name, io.ErrShortWrite)
	}
	if err := step("fsync", name, func() error { return syscall.Fsync(file) }); err != nil {
		return err
	}
	return step("remove", name, func() error { return syscall.Unlink(name) })
}

// step makes one system call, again if a signal of Go's own scheduler interrupted it, and names what failed.
func step(what, name string, call func() error) error {
	err := call()
	for errors.Is(err, syscall.EINTR) {
		err = call()
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, name, err)
	}
	return nil
}

// refuseMemory fails for a file that no disk is behind.
func refuseMemory(file int, name string) error {
	var kind syscall.Statfs_t
	if err := step("statfs", name, func() error { return syscall.Fstatfs(file, &kind) }); err != nil {
		return err
	}
	if kind.Type == tmpfsMagic || kind.Type == ramfsMagic {
		_ = syscall.Unlink(name)
		return fmt.Errorf("%s is in memory (tmpfs), where no write says anything about a disk", name)
	}
	return nil
}

// aligned is the block to write, at an address that O_DIRECT takes.
func aligned() []byte {
	room := make([]byte, 2*block)
	from := -uintptr(unsafe.Pointer(unsafe.SliceData(room))) % block
	page := room[from : from+block]
	copy(page, bytes.Repeat([]byte(text), block/len(text)))
	return page
}
