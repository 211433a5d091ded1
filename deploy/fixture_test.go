package deploy_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// fixture is a folder that is made once, by whichever test needs it first, and copied for each: bringing a stack up takes much longer than
// copying one that stands. Nothing in a project folder or in a state knows where it lies.
type fixture struct {
	once sync.Once
	dir  string
}

// fixtures are the folders to remove in the end.
var fixtures struct {
	sync.Mutex
	dirs []string
}

func removeFixtures() {
	for _, dir := range fixtures.dirs {
		_ = os.RemoveAll(dir) // they lie where the system clears up
	}
}

// copied is a copy of the fixture, which fill makes. When that failed, no other test tries again.
func (f *fixture) copied(t *testing.T, fill func(dir string)) (dir string) {
	t.Helper()
	f.once.Do(func() {
		made, err := os.MkdirTemp("", "aplomb-fixture-*")
		require.NoError(t, err)
		fixtures.Lock()
		fixtures.dirs = append(fixtures.dirs, made)
		fixtures.Unlock()
		fill(made)
		f.dir = made
	})
	require.NotEmpty(t, f.dir, "another test could not make what this one needs, and said why")
	dir = filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.CopyFS(dir, os.DirFS(f.dir)))
	return dir
}

// standingDashboard is a dashboard that stands, and what its up said.
type standingDashboard struct {
	fixture
	// stack is the repository's own, of which edit, if it is set, makes another one.
	stack string
	edit  func(config map[string]any)
	up    *deploy.Result
	// logged is what was told while it came up.
	logged []byte
}

// standingDashboards are the repository's own stacks, and a small one for what is about protection and not about the whole of production.
var standingDashboards = map[string]*standingDashboard{"prod": {stack: "prod"}, "dev": {stack: "dev"}, "small": {stack: "prod", edit: makeSmall}}

// makeSmall leaves of production two zones, the services web and search, and the bucket assets.
func makeSmall(config map[string]any) {
	keep := func(from map[string]any, keys ...string) {
		maps.DeleteFunc(from, func(key string, _ any) bool { return !slices.Contains(keys, key) })
	}
	keep(config, "account", "region", "zones", "environment", "network", "machine", "probe", "dns", "recoveryRegion", "services", "buckets")
	web, search := serviceOf(config, "web"), serviceOf(config, "search")
	for _, service := range []map[string]any{web, search} {
		keep(service, "name", "image", "port", "peakInstances", "clientCIDRs", "secrets", "calls", "healthCheck", "buckets", "hostName", "certificateARN")
	}
	web["calls"] = []string{"search"}
	config["zones"] = config["zones"].([]any)[:2]
	config["services"], config["buckets"] = []any{web, search}, []any{bucketOf(config, "assets")}
}

// broughtUp is a copy of a stack that was brought up in an empty sandbox.
func broughtUp(t *testing.T, name string) *dashboard {
	t.Helper()
	t.Parallel()
	made := standingDashboards[name]
	dir := made.copied(t, func(dir string) {
		first := dashboardIn(dir, made.stack)
		writeProject(t, dir, made.stack, made.stack)
		if made.edit != nil {
			first.change(t, made.edit)
		}
		made.up, made.logged = first.up(t), first.logged.Bytes()
	})
	d := dashboardIn(dir, made.stack)
	d.first = made.up
	d.logged.Write(made.logged)
	return d
}

// twoBoxesUp is a rig of two boxes that stands.
var twoBoxesUp struct {
	fixture
	things map[string]*structpb.Struct
	serial int
}

// newRigUp is a copy of a rig of two boxes that was brought up.
func newRigUp(t *testing.T) *rig {
	t.Helper()
	dir := twoBoxesUp.copied(t, func(dir string) {
		r := newRig(t, twoBoxes()...)
		r.mustUp(t)
		require.NoError(t, os.CopyFS(filepath.Join(dir, "project"), os.DirFS(r.dir)))
		require.NoError(t, os.CopyFS(filepath.Join(dir, "state"), os.DirFS(r.cloud.state)))
		twoBoxesUp.things, twoBoxesUp.serial = r.cloud.things, r.cloud.serial
	})
	r := newRigIn(t, filepath.Join(dir, "project"), filepath.Join(dir, "state"), twoBoxes()...)
	for id, thing := range twoBoxesUp.things {
		r.cloud.things[id] = proto.CloneOf(thing)
	}
	r.cloud.serial = twoBoxesUp.serial
	return r
}

// writeProject writes the project of a stack of this repository into a folder, with the stack under another name.
func writeProject(t *testing.T, dir, from, to string) {
	t.Helper()
	for copied, file := range map[string]string{"Pulumi.yaml": "Pulumi.yaml", stacks.StackFile(to): stacks.StackFile(from)} {
		text, err := os.ReadFile(filepath.Join("..", file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, copied), text, 0o600))
	}
}

// stateIn reads the state of a stack out of the engine's own file. Exporting it takes several runs of the CLI.
func stateIn(t *testing.T, dir, stack string) *deploy.State {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, ".pulumi", "stacks", "*", stack+".json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	var kept struct {
		Version    int `json:"version"`
		Checkpoint struct {
			Latest json.RawMessage `json:"latest"`
		} `json:"checkpoint"`
	}
	require.NoError(t, json.Unmarshal(text, &kept))
	text, err = json.Marshal(map[string]any{"version": kept.Version, "deployment": kept.Checkpoint.Latest})
	require.NoError(t, err)
	state, err := deploy.ParseState(text)
	require.NoError(t, err)
	return state
}
