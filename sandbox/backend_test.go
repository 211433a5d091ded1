package sandbox_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox"
)

// deadProcess is the number of a process that has ended.
func deadProcess(t *testing.T) int {
	t.Helper()
	short := exec.Command("true")
	require.NoError(t, short.Run())
	return short.Process.Pid
}

// zombie is a process that has ended and that nobody has waited for, as an engine whose parent was killed may stay.
func zombie(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return deadProcess(t) // only there can it be told
	}
	short := exec.Command("true")
	require.NoError(t, short.Start())
	t.Cleanup(func() { _ = short.Wait() })
	require.Eventually(t, func() bool {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", short.Process.Pid))
		return err == nil && strings.Contains(string(status), ") Z ")
	}, time.Minute, time.Millisecond)
	return short.Process.Pid
}

func TestWhatAKilledEngineLeavesInTheBackendIsTakenAwayAndNothingElse(t *testing.T) {
	directory := t.TempDir()
	host, err := os.Hostname()
	require.NoError(t, err)
	lock := func(pid int, host string) string {
		return fmt.Sprintf(`{"pid":%d,"username":"me","hostname":%q,"timestamp":"2026-11-24T20:00:00Z"}`, pid, host)
	}
	kept := map[string]string{
		"stacks/lab/dev.json": "{}", "stacks/lab/dev.json.bak": "", "stacks/lab/sound.json.attrs": "{}", "meta.yaml": "",
		"locks/organization/lab/dev/alive.json":     lock(os.Getpid(), host),
		"locks/organization/lab/dev/elsewhere.json": lock(deadProcess(t), host+"-2"),
	}
	gone := map[string]string{
		"stacks/lab/dev.json.attrs": "", "stacks/lab/dev.json.bak.attrs": `{"user.cache`, "meta.yaml.attrs": "",
		"locks/organization/lab/dev/dead.json":    lock(deadProcess(t), host),
		"locks/organization/lab/prod/cut.json":    "",
		"locks/organization/lab/dev/alive.attrs":  "",
		"locks/organization/lab/dev/zombies.json": lock(zombie(t), host),
	}
	for _, files := range []map[string]string{kept, gone} {
		for name, content := range files {
			path := filepath.Join(directory, "state", ".pulumi", name)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		}
	}
	_, detach, err := sandbox.New(directory).Attach(context.Background())
	require.NoError(t, err)
	require.NoError(t, detach())
	left := map[string]string{}
	require.NoError(t, filepath.WalkDir(filepath.Join(directory, "state"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(filepath.Join(directory, "state", ".pulumi"), path)
		left[filepath.ToSlash(name)] = string(content)
		return err
	}))
	require.Equal(t, kept, left)
}

func TestAStateWhoseAttributesAreCutOffIsReadAllTheSameAndNoneAreWritten(t *testing.T) {
	target := sandbox.New(t.TempDir())
	s := open(t, target)
	s.up(standard())
	checkpoint := filepath.Join(target.Directory(), "state", ".pulumi", "stacks", "sandboxed", "dev.json")
	_, err := os.Stat(checkpoint)
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(target.Directory(), func(path string, _ fs.DirEntry, err error) error {
		require.False(t, strings.HasSuffix(path, ".attrs"), path)
		return err
	}))
	// As an engine without that option left it.
	require.NoError(t, os.WriteFile(checkpoint+".attrs", nil, 0o600))
	_, err = s.Export(t.Context())
	require.ErrorContains(t, err, "failed to load checkpoint", "the engine cannot read its state")
	again := open(t, target)
	require.Equal(t, map[string]int{"same": 10}, changes(again.up(standard())))
}

func TestStandingTellsWhatAStackMadeAndNothingOfOthers(t *testing.T) {
	target := sandbox.New(t.TempDir())
	s := open(t, target)
	s.up(standard())
	found := map[string]string{}
	for _, stack := range []string{"urn:pulumi:dev::sandboxed", "urn:pulumi:de", "urn:pulumi:dev2::sandboxed"} {
		require.NoError(t, target.Standing(t.Context(), stack, func(urn, id string) { found[urn] = id }))
	}
	all, err := s.cloud().List()
	require.NoError(t, err)
	require.Len(t, found, len(all))
	for _, resource := range all {
		require.Equal(t, resource.ID, found[resource.URN])
	}
}
