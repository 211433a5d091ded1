//go:build unix

package deploy

import (
	"os"
	"os/exec"
	"syscall"
)

// ownProcessGroup keeps an interrupt from the keyboard away from the CLI. It would get it from the terminal and from us, and
// takes the second as the order to stop at once.
func ownProcessGroup(run *exec.Cmd) {
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup kills a process that has a group of its own, and the group.
func killGroup(process *os.Process) error { return syscall.Kill(-process.Pid, syscall.SIGKILL) }
