//go:build !linux

package main

import (
	"errors"
	"os"
	"path/filepath"
)

// The probe serves Linux hosts. Elsewhere it compiles and answers, so that it can be tried.

func writeDurably(folder string) error {
	name := filepath.Join(folder, ".aplomb-probe")
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, 4096))
	return errors.Join(err, file.Sync(), file.Close(), os.Remove(name))
}

func lockMemory() error {
	return errors.New("memory is locked on Linux only; --lock-memory=false tries the probe elsewhere")
}

func drainSignals() <-chan os.Signal { return nil }

func ignoreBrokenPipe() {}
