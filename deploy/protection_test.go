package deploy_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/stretchr/testify/require"
)

// refused runs an operation that must be refused and returns the error, having seen that nothing was done: neither the cloud
// nor the state differ.
func (r *rig) refused(t *testing.T, operate func() error) *deploy.ProtectedError {
	t.Helper()
	cloud, state := r.cloud.snapshot(), r.state(t)
	err := operate()
	var refused *deploy.ProtectedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, cloud, r.cloud.snapshot())
	require.Equal(t, state, r.state(t))
	return refused
}

func TestAReplacementOfSomethingProtectedIsRefusedWithNothingElseDone(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.boxes[0].things[0].kind = "y"
	r.boxes[0].things[1].size = 2
	r.boxes[1].things = append(r.boxes[1].things, thing{label: "new", kind: "x"})
	refused := r.refused(t, func() error { _, err := r.up(t); return err })
	require.Len(t, refused.Refused, 1)
	require.Equal(t, "store-key", refused.Refused[0].Name)
	require.Equal(t, deploy.OpReplace, refused.Refused[0].Op)
	require.Equal(t, []string{"kind"}, refused.Refused[0].Keys)
	require.ErrorContains(t, refused, "store-key (fake:index:Thing) would be replaced because of kind")
	require.Contains(t, refused.Hint(), "--unlock store-key")

	preview, err := r.stack(t).Preview(context.Background())
	require.NoError(t, err, "a preview tells instead of failing")
	require.Equal(t, refused.Refused, preview.Refused)
}

func TestADeletionOfSomethingProtectedIsRefusedWithNothingElseDone(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.boxes = []box{r.boxes[1], {"more", []thing{{label: "new", kind: "x"}}}}
	refused := r.refused(t, func() error { _, err := r.up(t); return err })
	require.Len(t, refused.Refused, 1)
	require.Equal(t, deploy.OpDelete, refused.Refused[0].Op)
	require.Equal(t, "store", refused.Refused[0].Component)
}

// The engine gives up at the first thing that it may not delete, and says nothing of what would have been next.
func TestEveryProtectedThingThatWouldBeDeletedIsRefusedByNameAndGoesWhenUnlocked(t *testing.T) {
	t.Parallel()
	chain := box{"chain", []thing{
		{label: "first", kind: "x", protect: true}, {label: "second", kind: "x", chained: true}, {label: "third", kind: "x", protect: true, chained: true},
	}}
	r := newRig(t, box{"web", []thing{{label: "key", kind: "x"}}}, chain)
	r.mustUp(t)
	r.boxes = r.boxes[:1]
	refused := r.refused(t, func() error { _, err := r.up(t); return err })
	require.Equal(t, []string{"chain-first", "chain-third"}, []string{refused.Refused[0].Name, refused.Refused[len(refused.Refused)-1].Name})
	require.Len(t, refused.Refused, 2)

	for _, unlock := range [][]string{nil, {"chain-first", "chain-third"}} {
		preview, err := r.stack(t).Preview(context.Background(), unlock...)
		require.NoError(t, err)
		require.Equal(t, 4, preview.Changes.Delete, "the component and the three things in it")
		require.Len(t, preview.Refused, 2-len(unlock))
	}
	result := r.mustUp(t, "chain-first", "chain-third")
	require.Equal(t, 4, result.Changes.Delete)
	require.ElementsMatch(t, []string{"chain-first", "chain-third"}, result.Unlocked)
}

func TestLiftingProtectionInTheSameUpdateUnlocksNothing(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.boxes[0].things[0].kind = "y"
	r.boxes[0].things[0].protect = false
	refused := r.refused(t, func() error { _, err := r.up(t); return err })
	require.Len(t, refused.Refused, 1)
}

func TestUnlockingOneThingUnlocksNoOther(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.boxes[0].things[0].kind = "y"
	r.boxes[1].things[0].kind = "y"
	refused := r.refused(t, func() error { _, err := r.up(t, "store-key"); return err })
	require.Len(t, refused.Refused, 1)
	require.Equal(t, "web-key", refused.Refused[0].Name)
}

func TestAnUnlockedReplacementIsMadeAndTheNewOneIsProtectedAgain(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	old := r.find(t, "store-key")
	r.boxes[0].things[0].kind = "y"
	result := r.mustUp(t, old.URN)
	require.Equal(t, deploy.Changes{Replace: 1, Same: 5}, result.Changes)
	require.Equal(t, []string{"store-key"}, result.Unlocked)
	now := r.find(t, "store-key")
	require.NotEqual(t, old.ID, now.ID)
	require.True(t, now.Protect)
}

func TestNothingIsUnprotectedWhileAPersonThinks(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.boxes[0].things[0].kind = "y"
	asked := 0
	_, err := r.stack(t).Up(context.Background(), deploy.UpOptions{
		Unlock: []string{"store-key"},
		Confirm: func(context.Context, *deploy.Preview) (bool, error) {
			asked++
			require.Equal(t, 2, r.protectedInState(t))
			return false, nil
		},
	})
	require.ErrorIs(t, err, deploy.ErrDeclined)
	require.Equal(t, 1, asked)
	require.Equal(t, 2, r.protectedInState(t))
}

// protectedInState counts the protected resources in the engine's own file, which can be read while an operation runs.
func (r *rig) protectedInState(t *testing.T) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.cloud.state, ".pulumi", "stacks", "*", "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return strings.Count(strings.ReplaceAll(string(text), " ", ""), `"protect":true`)
}

func TestAnUnlockedDeletionIsMade(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.boxes = r.boxes[1:]
	result := r.mustUp(t, "store-key")
	require.Equal(t, deploy.Changes{Delete: 3, Same: 3}, result.Changes)
	require.Equal(t, []string{"key", "page"}, r.cloud.labels())
}

func TestProtectionIsBackWhenAnUnlockedUpdateFails(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.boxes[0].things[0].kind = "y"
	r.cloud.fail = "key"
	_, err := r.up(t, "store-key")
	var failed *deploy.EngineError
	require.ErrorAs(t, err, &failed)
	require.True(t, r.find(t, "store-key").Protect)
}

func TestANameThatUnlocksNothingIsAnError(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	before := r.cloud.snapshot()
	_, err := r.up(t, "stroe-key")
	var unknown *deploy.UnlockError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, []string{"stroe-key"}, unknown.Names)
	require.Equal(t, []string{"store-key", "web-key"}, unknown.Protected)
	require.Equal(t, before, r.cloud.snapshot())
}

func TestADestroyOfProtectedThingsIsRefusedWithNothingDone(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	refused := r.refused(t, func() error {
		_, err := r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"web-key"}})
		return err
	})
	require.Len(t, refused.Refused, 1)
	require.Equal(t, "store-key", refused.Refused[0].Name)
}

// guarded is a box with every kind of protection in it.
func guarded() box {
	return box{"db", []thing{
		{label: "data", kind: "x", protect: true, aws: true, retain: true}, {label: "plain", kind: "x"}, {label: "kept", kind: "x", retain: true},
	}}
}

func TestADestroyInTwoPhasesLeavesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, guarded())
	r.mustUp(t)
	r.events = nil
	result, err := r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"db-data"}})
	require.NoError(t, err)
	require.Empty(t, r.cloud.labels())
	require.Equal(t, deploy.Changes{Delete: 4}, result.Changes)
	require.Equal(t, []string{"db-data"}, result.Unlocked)
	require.Equal(t, []deploy.Phase{deploy.PhasePreview, deploy.PhaseLift, deploy.PhaseDestroy}, r.phases())
	require.Empty(t, r.state(t).Resources)

	result, err = r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{Remove: true})
	require.NoError(t, err, "a destroy of nothing is no error")
	require.False(t, result.Changes.Any())
	_, err = r.stack(t).Export(context.Background())
	require.ErrorIs(t, err, deploy.ErrNoStack)
}

func TestWhatIsOnlyRetainedNeedsNoUnlockAndIsNotLeftBehind(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "kept", kind: "x", retain: true}}})
	r.mustUp(t)
	_, err := r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{})
	require.NoError(t, err)
	require.Empty(t, r.cloud.labels())
}

func (r *rig) phases() []deploy.Phase {
	var phases []deploy.Phase
	for _, event := range r.events {
		if event.Resource == "" {
			phases = append(phases, event.Phase)
		}
	}
	return phases
}

func TestAHalfMadeStackIsDestroyedWithoutBeingCompletedFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, guarded())
	r.boxes[0].things = append(r.boxes[0].things, thing{label: "late", kind: "x"})
	r.cloud.fail = "late"
	r.cloud.before = func(label string) {
		for label == "late" && len(r.cloud.labels()) < 3 {
			time.Sleep(time.Millisecond) // the others are being made at the same time
		}
	}
	_, err := r.up(t)
	require.Error(t, err)
	r.cloud.fail = ""
	require.Equal(t, []string{"data", "kept", "plain"}, r.cloud.labels())
	_, err = r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.NoError(t, err)
	require.Empty(t, r.cloud.labels())
	require.Equal(t, 3, r.cloud.serial, "nothing was made in order to be destroyed")
}

// TestAHalfReplacedStackIsDestroyed has the old and the new one of a replacement in its state, and a protected thing that the
// program lifting it must neither change otherwise nor take out of the order of deletions.
func TestAHalfReplacedStackIsDestroyed(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"db", []thing{
		{label: "base", kind: "x", protect: true, retain: true},
		{label: "data", kind: "x", size: 3, protect: true, aws: true, retain: true, secret: true, chained: true},
	}}, box{"web", []thing{{label: "page", kind: "x"}}})
	r.mustUp(t)
	r.boxes[1].things = []thing{{label: "page", kind: "y"}, {label: "late", kind: "x", chained: true}}
	r.cloud.fail = "late"
	_, err := r.up(t)
	require.Error(t, err)
	require.Equal(t, []string{"base", "data", "page", "page"}, r.cloud.labels(), "the old page is pending deletion")
	r.cloud.fail = ""
	r.boxes[1].things[0].kind = "x" // as when the file is put back
	r.events = nil
	result, err := r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.NoError(t, err)
	require.Empty(t, r.cloud.labels())
	require.Equal(t, []string{"db-base", "db-data"}, result.Unlocked)
	require.Less(t, slices.Index(r.cloud.deleted, "data"), slices.Index(r.cloud.deleted, "base"), "what depends on another goes first")
	r.requireProgress(t, deploy.PhaseLift, map[string]int{"db": 1})
}

func TestAStackWithNothingProtectedIsDestroyedThoughItsConfigurationIsBroken(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x"}}})
	r.mustUp(t)
	r.write(t, "Pulumi.prod.yaml", "config:\n  nonsense: true\n")
	_, err := r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{})
	require.NoError(t, err)
	require.Empty(t, r.cloud.labels())
}

func TestAWSsOwnProtectionIsHeededAndCannotBeUnlockedInAnUpdate(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "lb", kind: "x", aws: true}}})
	r.mustUp(t)
	r.boxes[0].things[0].kind = "y"
	refused := r.refused(t, func() error { _, err := r.up(t, "web-lb"); return err })
	require.True(t, refused.Refused[0].ByAWS)
	require.Contains(t, refused.Hint(), "set retiring: true on it")
}
