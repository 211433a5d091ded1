// Layer: sandbox (the real engine, against a provider of the tests).
package deploy_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/stretchr/testify/require"
)

// twoBoxes are four things: one protected in each box.
func twoBoxes() []box {
	return []box{
		{"store", []thing{{label: "key", kind: "x", size: 1, protect: true}, {label: "cache", kind: "x", size: 1}}},
		{"web", []thing{{label: "key", kind: "x", size: 1, protect: true}, {label: "page", kind: "x", size: 1}}},
	}
}

func (r *rig) up(t *testing.T, unlock ...string) (*deploy.Result, error) {
	t.Helper()
	return r.stack(t).Up(context.Background(), deploy.UpOptions{Unlock: unlock})
}

func (r *rig) mustUp(t *testing.T, unlock ...string) *deploy.Result {
	t.Helper()
	result, err := r.up(t, unlock...)
	require.NoError(t, err)
	return result
}

func (r *rig) state(t *testing.T) *deploy.State {
	t.Helper()
	return stateIn(t, r.cloud.state, "prod")
}

// command runs a command of the CLI on the rig's stack, past the package.
func (r *rig) command(t *testing.T, args ...string) {
	t.Helper()
	run := exec.Command(filepath.Join(pulumiDir(t), "pulumi"), append([]string{"--non-interactive"}, args...)...)
	run.Dir = filepath.Join(r.dir, ".aplomb/work/fake/prod/copy")
	run.Env = append(os.Environ(), "PULUMI_BACKEND_URL=file://"+r.cloud.state, "PULUMI_CONFIG_PASSPHRASE=fake")
	output, err := run.CombinedOutput()
	require.NoError(t, err, string(output))
}

func (r *rig) find(t *testing.T, name string) deploy.Resource {
	t.Helper()
	for _, resource := range r.state(t).Resources {
		if resource.Name() == name {
			return resource
		}
	}
	t.Fatalf("no %s in the state", name)
	return deploy.Resource{}
}

func TestTheFirstUpCreatesAndTheSecondChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, twoBoxes()...)
	preview, err := r.stack(t).Preview(context.Background())
	require.NoError(t, err)
	require.Equal(t, deploy.Changes{Create: 6}, preview.Changes)
	require.Empty(t, r.cloud.labels())
	recorded, err := r.stack(t).RecordedTarget()
	require.NoError(t, err)
	require.Empty(t, recorded, "a preview records nothing")

	r.events = nil
	result := r.mustUp(t)
	require.Equal(t, deploy.Changes{Create: 6}, result.Changes)
	require.Equal(t, []string{"cache", "key", "key", "page"}, r.cloud.labels())
	require.Equal(t, "fake", result.Outputs.Target)
	require.Len(t, result.Components, 2)
	require.Equal(t, "store", result.Components[0].Name)
	require.Equal(t, "fake:index:Box", result.Components[0].Type)
	require.Equal(t, deploy.Changes{Create: 3}, result.Components[0].Changes)
	r.requireProgress(t, deploy.PhaseUp, map[string]int{"store": 2, "web": 2})

	before := r.cloud.snapshot()
	result = r.mustUp(t)
	require.Equal(t, deploy.Changes{Same: 6}, result.Changes)
	require.Equal(t, before, r.cloud.snapshot())
	recorded, err = r.stack(t).RecordedTarget()
	require.NoError(t, err)
	require.Equal(t, "fake", recorded)
}

// requireProgress checks that each component counted from 1 to its total in that phase.
func (r *rig) requireProgress(t *testing.T, phase deploy.Phase, totals map[string]int) {
	t.Helper()
	done := map[string]int{}
	for _, event := range r.events {
		if event.Phase != phase || event.Resource == "" {
			continue
		}
		done[event.Component]++
		require.Equal(t, done[event.Component], event.Done)
		require.Equal(t, totals[event.Component], event.Total)
	}
	require.Equal(t, totals, done)
}

func TestTheUsersFilesAreNeverWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t, twoBoxes()...)
	before := "# mine,   oddly spaced\n" + r.read(t, "Pulumi.prod.yaml")
	require.NoError(t, os.WriteFile(filepath.Join(r.dir, "Pulumi.prod.yaml"), []byte(before), 0o444))
	r.mustUp(t)
	_, err := r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.NoError(t, err)
	require.Equal(t, before, r.read(t, "Pulumi.prod.yaml"))
	files, err := os.ReadDir(r.dir)
	require.NoError(t, err)
	require.Len(t, files, 3, "Pulumi.yaml, Pulumi.prod.yaml and .aplomb")
}

func (r *rig) read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, file))
	require.NoError(t, err)
	return string(text)
}

func TestAChangeIsMadeInPlaceOrByReplacementAndLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.boxes[0].things[1].size = 2
	r.boxes[1].things[1].kind = "y"
	result := r.mustUp(t)
	require.Equal(t, deploy.Changes{Update: 1, Replace: 1, Same: 4}, result.Changes)
	require.Equal(t, []string{"size"}, result.Components[0].Steps[0].Changed)
	require.Equal(t, []string{"kind"}, result.Components[1].Steps[0].Keys)
	require.Len(t, r.cloud.labels(), 4)
}

func TestARefreshFindsOutsideEditsAndTheNextUpPutsThemRight(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.cloud.edit("cache", "size", 7)
	r.cloud.edit("page", "", nil)
	result, err := r.stack(t).Refresh(context.Background())
	require.NoError(t, err)
	require.Equal(t, 1, result.Changes.Update)
	require.Equal(t, 1, result.Changes.Delete)
	result = r.mustUp(t)
	require.Equal(t, deploy.Changes{Create: 1, Update: 1, Same: 4}, result.Changes)
	require.Equal(t, []string{"cache", "key", "key", "page"}, r.cloud.labels())
}

func TestWhatChangesAfterThePreviewIsNotWritten(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	before := r.cloud.snapshot()
	r.boxes[0].things[1].size = 2
	_, err := r.stack(t).Up(context.Background(), deploy.UpOptions{
		Confirm: func(context.Context, *deploy.Preview) (bool, error) {
			r.boxes[0].things[1].size = 3
			return true, nil
		},
	})
	require.ErrorIs(t, err, deploy.ErrDiffers)
	require.Equal(t, before, r.cloud.snapshot())
}

func TestDecliningLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	r := newRig(t, twoBoxes()...)
	no := func(_ context.Context, preview *deploy.Preview) (bool, error) {
		require.True(t, preview.Changes.Any())
		return false, nil
	}
	_, err := r.stack(t).Up(context.Background(), deploy.UpOptions{Confirm: no})
	require.ErrorIs(t, err, deploy.ErrDeclined)
	require.Empty(t, r.cloud.labels())
	r.mustUp(t)
	before := r.cloud.snapshot()
	_, err = r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{Confirm: no, Unlock: []string{"all"}})
	require.ErrorIs(t, err, deploy.ErrDeclined)
	require.Equal(t, before, r.cloud.snapshot())
}

func TestAnInterruptWhileTheQuestionWaitsDoesAndRecordsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, twoBoxes()...)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := r.stack(t).Up(ctx, deploy.UpOptions{Confirm: func(context.Context, *deploy.Preview) (bool, error) {
		cancel()
		return true, nil
	}})
	require.EqualError(t, err, "interrupted: nothing was done")
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, r.cloud.labels())
	recorded, err := r.stack(t).RecordedTarget()
	require.NoError(t, err)
	require.Empty(t, recorded)
}

func TestWhatCannotBecomeOfAStandingStackIsRefusedWithNothingDone(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	before := r.cloud.snapshot()
	config := r.read(t, "Pulumi.prod.yaml")
	r.write(t, "Pulumi.prod.yaml", regexp.MustCompile(`(?m)cidr: .*$`).ReplaceAllString(config, "cidr: 10.99.0.0/16"))
	r.boxes[0].things[1].size = 2
	_, err := r.up(t)
	for _, err := range []error{err, r.preview(t)} {
		var refused *deploy.ConfigError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, "Pulumi.prod.yaml", refused.Subject)
		require.Len(t, refused.Failures, 1)
		require.Equal(t, "aplomb:config.network.cidr", refused.Failures[0].Path)
	}
	require.Equal(t, before, r.cloud.snapshot())
}

func TestOutputsAreThoseOfTheStack(t *testing.T) {
	t.Parallel()
	r := newRig(t, twoBoxes()...)
	_, err := r.stack(t).Outputs(context.Background())
	require.ErrorIs(t, err, deploy.ErrNoStack)
	r.mustUp(t)
	outputs, err := r.stack(t).Outputs(context.Background())
	require.NoError(t, err)
	require.Equal(t, "fake", outputs.Target)
}
