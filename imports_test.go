// Layer: rules (pure). Who may import whom, as docs/architecture.md tells it.
package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/aplomb-iac/aplomb"
	pulumi = "github.com/pulumi/pulumi/sdk/"
	awsSDK = "github.com/aws/"
	pulAWS = "github.com/pulumi/pulumi-aws"
)

// wall is what one package, and every package below its folder, may import of ours and must never import of others'.
// Both hold for everything that it reaches, not only for what it names.
type wall struct {
	ours  []string
	never []string
}

var anyPulumi = []string{pulumi, pulAWS, awsSDK}

// walls is the import table. A package that is not in it fails the test: add it here and to docs/architecture.md.
var walls = map[string]wall{
	".":                   {ours: []string{"stacks", "components", "internal"}},
	"internal/check":      {never: anyPulumi},
	"internal/dbusers":    {never: anyPulumi},
	"internal/iampolicy":  {never: anyPulumi},
	"internal/naming":     {never: anyPulumi},
	"internal/runbook":    {never: anyPulumi},
	"internal/automation": {never: []string{pulumi, pulAWS}},
	"internal/paging":     {ours: []string{"internal/check"}, never: anyPulumi},
	"internal/schedule":   {never: anyPulumi},
	"internal/zones":      {never: anyPulumi},
	"internal/recorder":   {},
	"internal/benchtable": {never: anyPulumi},
	"internal/golden":     {never: anyPulumi},
	"internal/iameval":    {never: anyPulumi},
	"internal/pgtest":     {never: anyPulumi},
	"components": {
		ours:  []string{"internal/check", "internal/dbusers", "internal/iampolicy", "internal/naming", "internal/paging", "internal/runbook", "internal/schedule", "internal/zones"},
		never: []string{pulumi + "v3/go/auto", pulumi + "v3/go/pulumi/config"},
	},
	"topology": {never: anyPulumi},
	"stacks": {
		ours:  []string{"components", "internal/check", "internal/dbusers", "internal/iampolicy", "internal/naming", "internal/paging", "internal/runbook", "internal/schedule", "internal/zones"},
		never: []string{pulumi + "v3/go/auto"},
	},
	"sandbox": {ours: []string{"internal/check"}},
	"deploy": {
		// The program comes along with stacks, and its components with it; deploy itself names neither.
		ours: []string{"stacks", "components", "internal/check", "internal/dbusers", "internal/iampolicy", "internal/naming", "internal/paging", "internal/runbook", "internal/schedule", "internal/zones"},
	},
	"cmd/pulumi-resource-aws":  {ours: []string{"sandbox", "internal/check"}},
	"cmd/pulumi-resource-awsx": {ours: []string{"sandbox", "internal/check"}},
	"cmd/aplomb":               {ours: []string{"deploy", "stacks", "sandbox", "components", "internal"}},
	"cmd/aplomb-probe":         {ours: []string{"internal/check"}, never: anyPulumi},
	"cmd/aplomb-sql":           {ours: []string{"internal/check", "internal/dbusers"}, never: []string{pulumi, pulAWS}},
}

// direct lists what a package may not name itself although something it may import reaches it.
var direct = map[string][]string{
	"deploy":     {"components", "internal/dbusers", "internal/iampolicy", "internal/naming", "internal/paging", "internal/runbook", "internal/schedule", "internal/zones"},
	"cmd/aplomb": {"components"},
}

// componentsMayNotUse is the standard library that would let a component depend on where and when it runs.
var componentsMayNotUse = []string{"os", "time", "math/rand", "math/rand/v2", "net/http"}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestEveryPackageImportsOnlyWhatItsWallAllows(t *testing.T) {
	packages := list(t)
	require.Greater(t, len(packages), 5, "the packages must have been found at all")
	for _, pkg := range packages {
		name := short(pkg.ImportPath)
		owner, known := ownerOf(name)
		if !known {
			t.Errorf("package %s has no wall: add it to the table", name)
			continue
		}
		for _, dep := range pkg.Deps {
			checkDep(t, name, owner, dep)
		}
		for _, imported := range pkg.Imports {
			if slices.Contains(direct[owner], short(imported)) {
				t.Errorf("%s imports %s itself", name, short(imported))
			}
			if owner == "components" && slices.Contains(componentsMayNotUse, imported) {
				t.Errorf("%s imports %s: a component may not know where or when it runs", name, imported)
			}
		}
	}
}

func checkDep(t *testing.T, name, owner, dep string) {
	t.Helper()
	for _, banned := range walls[owner].never {
		if strings.HasPrefix(dep, banned) {
			t.Errorf("%s reaches %s", name, dep)
		}
	}
	if !strings.HasPrefix(dep, module) {
		return
	}
	target := short(dep)
	if within(target, owner) && owner != "." {
		return
	}
	if !slices.ContainsFunc(walls[owner].ours, func(allowed string) bool { return within(target, allowed) }) {
		t.Errorf("%s reaches %s", name, target)
	}
}

// TestTheTestOnlyPackagesAreImportedByTestsAlone holds because go list without -test leaves test imports out.
func TestTheTestOnlyPackagesAreImportedByTestsAlone(t *testing.T) {
	for _, pkg := range list(t) {
		for _, only := range []string{"internal/recorder", "internal/golden", "internal/iameval", "internal/pgtest", "internal/automation", "internal/automation/awsmodel"} {
			require.NotContains(t, pkg.Imports, module+"/"+only, "%s", pkg.ImportPath)
		}
	}
}

// TestTheProbeIsMadeOfTheStandardLibraryAlone keeps small what is locked into the memory of every host, and keeps others' code out of
// what runs there as root.
func TestTheProbeIsMadeOfTheStandardLibraryAlone(t *testing.T) {
	for _, pkg := range list(t) {
		if short(pkg.ImportPath) != "cmd/aplomb-probe" {
			continue
		}
		require.NotEmpty(t, pkg.Deps)
		for _, dep := range pkg.Deps {
			first, _, _ := strings.Cut(dep, "/")
			require.False(t, strings.Contains(first, ".") && dep != module+"/internal/check", "the probe reaches %s", dep)
		}
		return
	}
	t.Fatal("the probe was not found")
}

func list(t *testing.T) []listed {
	t.Helper()
	output, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...").Output()
	require.NoError(t, err)
	var packages []listed
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var pkg listed
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return packages
		} else {
			require.NoError(t, err)
		}
		packages = append(packages, pkg)
	}
}

func short(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// ownerOf is the entry of walls that a package falls under: itself or the nearest folder above it.
func ownerOf(name string) (string, bool) {
	for at := name; ; {
		if _, listed := walls[at]; listed {
			return at, true
		}
		cut := strings.LastIndex(at, "/")
		if cut < 0 {
			return "", false
		}
		at = at[:cut]
	}
}

func within(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }
