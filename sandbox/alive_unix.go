//go:build unix

package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// alive says whether there is a process of that number which still runs. One that ended and that nobody waited for does not.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil {
		return errors.Is(err, syscall.EPERM)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true // no /proc here: the signal has to do
	}
	// The state follows the command's name, which stands in parentheses and may have some itself.
	state := status[bytes.LastIndexByte(status, ')')+1:]
	return len(state) < 2 || state[1] != 'Z' && state[1] != 'X'
}
