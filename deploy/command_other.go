//go:build !unix

package deploy

import (
	"os"
	"os/exec"
)

func ownProcessGroup(*exec.Cmd) {}

func killGroup(process *os.Process) error { return process.Kill() }
