//go:build unix

package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is what the server runs as when the tests run as root, whom PostgreSQL refuses.
const account = "postgres"

func accountIDs() (uid, gid int, err error) {
	found, err := user.Lookup(account)
	if err != nil {
		return 0, 0, fmt.Errorf("PostgreSQL does not run as root, and there is no account %s to run it as: %w", account, err)
	}
	if uid, err = strconv.Atoi(found.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(found.Gid)
	return uid, gid, err
}

// handOver gives a folder and what is directly in it to the account of the server.
func handOver(folder string) error {
	if os.Getuid() != 0 {
		return nil
	}
	uid, gid, err := accountIDs()
	if err != nil {
		return err
	}
	inside, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		return err
	}
	for _, each := range append(inside, folder) {
		if err := os.Chown(each, uid, gid); err != nil {
			return err
		}
	}
	return nil
}

// asServer makes a command run as the account of the server.
func asServer(command *exec.Cmd) *exec.Cmd {
	if os.Getuid() != 0 {
		return command
	}
	// That there is such an account, handOver has seen.
	uid, gid, err := accountIDs()
	if err == nil {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return command
}
