//go:build unix

package deploy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnInterruptFromTheKeyboardReachesTheEngineOnlyThroughUs holds because a terminal interrupts a whole process group, and
// the engine takes a second interrupt as the order to stop at once.
func TestAnInterruptFromTheKeyboardReachesTheEngineOnlyThroughUs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.options.Pulumi = t.TempDir()
	log := filepath.Join(r.options.Pulumi, "log")
	script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = version ] && echo v3.258.0 && exit 0\nps -o pgid= -p $$ >%s\nexit 1\n", log)
	require.NoError(t, os.WriteFile(filepath.Join(r.options.Pulumi, "pulumi"), []byte(script), 0o755))
	require.Error(t, r.preview(t))
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	group, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	require.NotEqual(t, syscall.Getpgrp(), group)
}
