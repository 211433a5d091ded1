package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

func (r *rig) write(t *testing.T, file, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(r.dir, file), []byte(text), 0o644))
}

func TestAFailureOfAWSIsToldInItsOwnWords(t *testing.T) {
	t.Parallel()
	r := newRig(t, twoBoxes()...)
	r.cloud.fail = "page"
	_, err := r.up(t)
	var failed *deploy.EngineError
	require.ErrorAs(t, fmt.Errorf("wrapped: %w", err), &failed)
	require.True(t, failed.Started)
	require.Equal(t, "web-page", failed.Diagnostics[0].Name)
	require.Equal(t, "web", failed.Diagnostics[0].Component)
	require.Contains(t, failed.Diagnostics[0].Message, "ThingLimitExceeded: no more things")
	for _, dump := range []string{"stdout:", "stderr:", "code:", "goroutine", "exit status"} {
		require.NotContains(t, err.Error(), dump)
	}
	r.cloud.fail = ""
	r.mustUp(t)
	require.Equal(t, []string{"cache", "key", "key", "page"}, r.cloud.labels())
}

var errProgram = errors.New("the program's own error")

func TestTheProgramsErrorKeepsItsType(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, program := range map[string]pulumi.RunFunc{
		"returned": func(*pulumi.Context) error { return fmt.Errorf("no: %w", errProgram) },
		"panicked": func(*pulumi.Context) error { panic("at the disco") },
	} {
		stack := r.stack(t)
		stack.SetProgram(program)
		_, err := stack.Up(context.Background(), deploy.UpOptions{})
		var failed *deploy.EngineError
		require.ErrorAs(t, err, &failed, name)
		require.False(t, failed.Started)
		require.NotContains(t, err.Error(), "goroutine")
		if name == "returned" {
			require.ErrorIs(t, err, errProgram)
			require.Equal(t, 1, strings.Count(err.Error(), errProgram.Error()), err.Error())
		} else {
			require.ErrorContains(t, err, "at the disco")
		}
	}
}

func TestAnInterruptLeavesTheStackUnlockedAndWhatWasUnderWayInItsState(t *testing.T) {
	t.Parallel()
	r := newRig(t, twoBoxes()...)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.cloud.before = func(string) { cancel() }
	_, err := r.stack(t).Up(ctx, deploy.UpOptions{})
	var interrupted *deploy.InterruptedError
	require.ErrorAs(t, err, &interrupted)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, interrupted.Killed)
	r.cloud.before = nil
	r.mustUp(t)
	require.Equal(t, []string{"cache", "key", "key", "page"}, r.cloud.labels())
}

func TestAnEngineThatDoesNotEndIsKilledAndTheErrorSaysHowToUnlock(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x"}}})
	r.options.Grace = 100 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stuck, once := make(chan struct{}), sync.Once{}
	r.cloud.before = func(string) { once.Do(cancel); <-stuck }
	_, err := r.stack(t).Up(ctx, deploy.UpOptions{})
	close(stuck)
	var interrupted *deploy.InterruptedError
	require.ErrorAs(t, err, &interrupted)
	require.True(t, interrupted.Killed)
	require.Contains(t, interrupted.Hint(), "pulumi cancel --yes --stack prod")

	_, err = r.up(t)
	var locked *deploy.LockedError
	require.ErrorAs(t, err, &locked)
	require.Contains(t, locked.Hint(), "pulumi cancel --yes --stack prod")
}

func TestASecondOperationOnTheSameStackIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, twoBoxes()...)
	_, err := r.stack(t).Up(context.Background(), deploy.UpOptions{
		Confirm: func(context.Context, *deploy.Preview) (bool, error) {
			_, err := r.up(t)
			var locked *deploy.LockedError
			require.ErrorAs(t, err, &locked)
			return false, nil
		},
	})
	require.ErrorIs(t, err, deploy.ErrDeclined)
}

// spy is a CLI that writes every command line down.
func spy(t *testing.T) (dir, log string) {
	t.Helper()
	dir = t.TempDir()
	log = filepath.Join(dir, "log")
	script := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>%s\nexec %s \"$@\"\n", log, filepath.Join(pulumiDir(t), "pulumi"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pulumi"), []byte(script), 0o755))
	return dir, log
}

func TestNoSecretIsAnywhereInClear(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x", secret: true}}})
	var log string
	r.options.Pulumi, log = spy(t)
	looked := 0
	look := func() {
		for _, root := range []string{r.dir, filepath.Dir(r.cloud.state), temporary, filepath.Dir(log)} {
			looked += requireAbsent(t, root, dummySecret)
		}
	}
	work := filepath.Join(r.dir, ".aplomb", "work", "fake", "prod")
	require.NoError(t, os.MkdirAll(work, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(work, "plan-killed.json"), []byte("{}"), 0o600))
	result, err := r.stack(t).Up(context.Background(), deploy.UpOptions{
		Confirm: func(context.Context, *deploy.Preview) (bool, error) {
			plans, err := filepath.Glob(filepath.Join(r.dir, ".aplomb/work/fake/prod/plan-*.json"))
			require.NoError(t, err)
			require.Len(t, plans, 1, "the plan exists while it is waiting, and that of a killed run is gone")
			info, err := os.Stat(plans[0])
			require.NoError(t, err)
			require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
			look()
			return true, nil
		},
	})
	require.NoError(t, err)
	look()
	require.Greater(t, looked, 10)
	require.NotContains(t, fmt.Sprintf("%+v %+v", result, r.events), dummySecret)
	text, err := r.stack(t).Export(context.Background())
	require.NoError(t, err)
	require.NotContains(t, string(text), dummySecret)
	require.Contains(t, string(text), "ciphertext")
	require.Contains(t, r.cloud.snapshot(), dummySecret, "it did reach the provider")
	commands, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Contains(t, string(commands), "config set --secret")
	require.NotContains(t, string(commands), "--show-secrets", "what is never asked for cannot leak")
	plans, err := filepath.Glob(filepath.Join(r.dir, ".aplomb/work/fake/prod/plan-*.json"))
	require.NoError(t, err)
	require.Empty(t, plans)
}

func requireAbsent(t *testing.T, root, secret string) (files int) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		require.False(t, bytes.Contains(text, []byte(secret)), "%s holds the secret in clear", path)
		return nil
	}))
	return files
}

func TestThePrivateCopyIsItsOwnersAloneAndCanBeLost(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x", secret: true}}})
	r.mustUp(t)
	home := filepath.Join(r.dir, ".aplomb")
	for _, dir := range []string{"work", "work/fake/prod", "work/fake/prod/copy", "targets"} {
		info, err := os.Stat(filepath.Join(home, dir))
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o700), info.Mode().Perm(), dir)
	}
	before := r.cloud.snapshot()
	require.NoError(t, os.RemoveAll(filepath.Join(home, "work")))
	result := r.mustUp(t)
	require.Equal(t, deploy.Changes{Same: 2}, result.Changes)
	require.Equal(t, before, r.cloud.snapshot())
}
