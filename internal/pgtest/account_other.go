//go:build !unix

package pgtest

import "os/exec"

func handOver(string) error { return nil }

func asServer(command *exec.Cmd) *exec.Cmd { return command }
