package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Not in the syscall package: https://man7.org/linux/man-pages/man2/mlockall.2.html, https://man7.org/linux/man-pages/man2/prctl.2.html.
const (
	mclOnFault      = 4
	prSetTHPDisable = 41
)

// lockMemory has the kernel keep every page that the probe has or will have, and brings the whole binary in. A page that was
// dropped would have to be read back from the disk that is gone, and the code that answers 503 may never have run before.
//
// MCL_FUTURE alone would also bring in each mapping as it is made, and Go reserves its heap in mappings of 64 MB: hence
// MCL_ONFAULT, which locks a page once it is used, and mlock for what must be there before it is.
func lockMemory() error {
	// A huge page would be locked whole for the sake of its first bytes. An old kernel that refuses only costs memory.
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, prSetTHPDisable, 1, 0, 0, 0, 0)
	if err := syscall.Mlockall(syscall.MCL_CURRENT | syscall.MCL_FUTURE | mclOnFault); err != nil {
		return fmt.Errorf("mlockall: %w; run it as root or with CAP_IPC_LOCK, or try it out with --lock-memory=false", err)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return err
	}
	own, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	mappings := mappingsOf(maps, own)
	if len(mappings) == 0 {
		return errors.New("/proc/self/maps does not show the binary")
	}
	for _, m := range mappings {
		if _, _, failed := syscall.Syscall(syscall.SYS_MLOCK, m.from, m.to-m.from, 0); failed != 0 {
			return fmt.Errorf("mlock of %d bytes of the binary: %w", m.to-m.from, failed)
		}
	}
	return nil
}

// mapping is a range of addresses.
type mapping struct{ from, to uintptr }

// mappingsOf are those of the file in the text of /proc/PID/maps (https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html).
func mappingsOf(maps []byte, file string) []mapping {
	var found []mapping
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		// address perms offset dev inode path, and the path may hold spaces.
		fields := strings.SplitN(lines.Text(), " ", 6)
		if len(fields) < 6 || strings.TrimLeft(fields[5], " ") != file {
			continue
		}
		low, high, _ := strings.Cut(fields[0], "-")
		from, errFrom := strconv.ParseUint(low, 16, 64)
		to, errTo := strconv.ParseUint(high, 16, 64)
		if errFrom == nil && errTo == nil && from < to {
			found = append(found, mapping{from: uintptr(from), to: uintptr(to)})
		}
	}
	return found
}
