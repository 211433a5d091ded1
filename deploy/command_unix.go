//go:build unix

package deploy

import (
	"os/exec"
	"syscall"
)

// ownProcessGroup keeps an interrupt from the keyboard away from the CLI. It would get it from the terminal and from us, and
// takes the second as the order to stop at once.
func ownProcessGroup(run *exec.Cmd) {
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
