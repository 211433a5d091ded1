package kinds_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
	"github.com/aplomb-iac/aplomb/sandbox/schema"
)

func urnType(kind string) tokens.Type { return tokens.Type(kind) }

// TestKinds plays every suite.
func TestKinds(t *testing.T) {
	for _, kind := range kinds.All() {
		t.Run(kind.Token, func(t *testing.T) {
			s, has := suites[kind.Token]
			require.True(t, has, "%s has no suite: nothing shows that its rules refuse", kind.Token)
			require.NotEmpty(t, s.Valid, "%s has no draft that must be accepted", kind.Token)
			t.Run("valid", func(t *testing.T) { accepts(t, kind, s) })
			t.Run("refused", func(t *testing.T) { refuses(t, kind, s) })
			t.Run("replaced", func(t *testing.T) { replaces(t, kind, s) })
			t.Run("required", func(t *testing.T) { requiresWhatTheSDKRequires(t, kind) })
			t.Run("declared", func(t *testing.T) { declares(t, kind) })
		})
	}
}

// accepts creates each valid draft, and finds every output answered, of the right type, and unknown in preview where it
// is computed.
func accepts(t *testing.T, kind *kinds.Kind, s Suite) {
	properties, err := kind.Schema()
	require.NoError(t, err)
	for name, draft := range s.Valid {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			thing, err := lab.create(kind, "web", draft(lab))
			require.NoError(t, err)
			require.NotEmpty(t, thing.ID)
			require.Empty(t, properties.Outputs.Check(withoutOptional(properties.Outputs, thing.Outputs, kind)))
			again, err := kind.Create(lab.subject(kind, "web"), &memoryWorld{things: others(lab.world, thing)}, thing.Inputs)
			require.NoError(t, err)
			require.Equal(t, thing, again, "the same creation must be answered alike")
			previewed := kind.Preview(lab.subject(kind, "web"), lab.world, thing.Inputs, nil)
			for key := range thing.Outputs {
				require.Contains(t, previewed, key, "an output that the preview does not mention reads as a zero value there")
			}
			require.Empty(t, kind.Diff(lab.subject(kind, "web"), thing, thing.Inputs))
			updated, err := kind.Update(lab.subject(kind, "web"), lab.world, thing.Inputs, thing)
			require.NoError(t, err)
			require.Equal(t, thing, updated, "an update that changes nothing must change nothing")
		})
	}
}

// withoutOptional adds, for each output that is rightly unset, a stand-in, so that what remains missing is a mistake.
func withoutOptional(outputs *schema.Type, values resource.PropertyMap, kind *kinds.Kind) resource.PropertyMap {
	full := values.Copy()
	for _, field := range outputs.Fields {
		key := resource.PropertyKey(field.Name)
		_, explained := kind.Absent[field.Name]
		if _, set := full[key]; !set && (explained || field.Type.Shape == schema.List && isInput(kind, field.Name) ||
			field.Type.Shape == schema.Map && isInput(kind, field.Name)) {
			full[key] = kinds.Unknown
		}
	}
	return full
}

func isInput(kind *kinds.Kind, name string) bool {
	properties, err := kind.Schema()
	if err != nil {
		return false
	}
	_, found := properties.Inputs.Field(name)
	return found
}

func others(world *memoryWorld, except *kinds.Thing) []*kinds.Thing {
	return slices.DeleteFunc(slices.Clone(world.things), func(thing *kinds.Thing) bool { return thing == except })
}

// refuses plays each refusal with the rule and without it, and finds a refusal for every rule.
func refuses(t *testing.T, kind *kinds.Kind, s Suite) {
	deletions := map[string]bool{}
	for _, rule := range kind.DeleteRules {
		deletions[rule.Name] = true
	}
	seen := map[string]bool{}
	for _, refusal := range s.Refusals {
		seen[refusal.Rule] = true
		t.Run(refusal.Rule, func(t *testing.T) {
			require.Contains(t, kind.RuleNames(), refusal.Rule, "no such rule")
			require.NotEmpty(t, refusal.Says)
			err := attempt(t, kind, refusal, deletions[refusal.Rule])
			require.ErrorContains(t, err, refusal.Says)
			require.NoError(t, attempt(t, kind.Without(refusal.Rule), refusal, deletions[refusal.Rule]),
				"without the rule the same draft must be accepted")
		})
	}
	for _, name := range kind.RuleNames() {
		require.True(t, seen[name], "nothing sees rule %q refuse", name)
	}
}

func replaces(t *testing.T, kind *kinds.Kind, s Suite) {
	for _, change := range s.Replaces {
		t.Run("replaces "+change.Path, func(t *testing.T) { require.Contains(t, replacing(t, kind, change), change.Path) })
	}
	for _, change := range s.Updates {
		t.Run("updates "+change.Path, func(t *testing.T) { require.Empty(t, replacing(t, kind, change)) })
	}
}

// replacing is the paths of a change that force a new resource. The change must change its path.
func replacing(t *testing.T, kind *kinds.Kind, change Change) []string {
	lab := newLab(t)
	old, err := lab.create(kind, "web", change.Before(lab))
	require.NoError(t, err)
	inputs, err := check(kind, lab.subject(kind, "web"), old.Inputs, change.After(lab))
	require.NoError(t, err)
	var paths, forced []string
	for _, found := range kind.Diff(lab.subject(kind, "web"), old, inputs) {
		paths = append(paths, found.Path)
		if found.Replaces {
			forced = append(forced, found.Path)
		}
	}
	require.Contains(t, paths, change.Path)
	return forced
}

// declares finds every path and output that a kind names in the SDK.
func declares(t *testing.T, kind *kinds.Kind) {
	properties, err := kind.Schema()
	require.NoError(t, err)
	names := kind.RuleNames()
	sort.Strings(names)
	require.Equal(t, slices.Compact(slices.Clone(names)), names, "rule names must be unique")
	for _, output := range kind.Computed {
		_, found := properties.Outputs.Field(output.Name)
		require.True(t, found, "output %q is not in the SDK", output.Name)
	}
	paths := slices.Concat(kind.Replaces, kind.Sets, kind.Secrets, kind.RequiredLists)
	for _, reference := range kind.References {
		paths = append(paths, reference.Path)
		require.Equal(t, 1, strings.Count(reference.Message, "%s"), reference.Message)
	}
	for _, missing := range kind.Defaults {
		paths = append(paths, missing.Path)
	}
	for _, path := range paths {
		require.True(t, hasPath(properties.Inputs, path), "property %q is not in the SDK", path)
	}
	for _, rule := range kind.Rules {
		require.Equal(t, rule.Stage == kinds.AtApply, rule.Code != "", "rule %q: a code belongs to AtApply", rule.Name)
	}
}

func hasPath(object *schema.Type, path string) bool {
	current := object
	for _, step := range strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".") {
		switch {
		case step == "[]" && current.Shape == schema.List, current.Shape == schema.Map:
			current = current.Elem
		case current.Shape == schema.Any:
			return true
		default:
			field, found := current.Field(step)
			if !found {
				return false
			}
			current = field.Type
		}
	}
	return true
}

// requiresWhatTheSDKRequires reads the source of the SDK's constructor: the arguments that it insists on are those that
// the kind insists on.
func requiresWhatTheSDKRequires(t *testing.T, kind *kinds.Kind) {
	properties, err := kind.Schema()
	require.NoError(t, err)
	want := requiredBySDK(t, reflect.TypeOf(kind.Resource).Elem())
	got := append([]string{}, kind.RequiredLists...)
	for _, field := range properties.Inputs.Fields {
		if !field.Optional {
			got = append(got, field.Name)
		}
	}
	sort.Strings(got)
	require.Equal(t, want, got, "required properties: the SDK's, and the kind's (see RequiredLists)")
}

func requiredBySDK(t *testing.T, result reflect.Type) []string {
	found, err := build.Default.Import(result.PkgPath(), ".", build.FindOnly)
	require.NoError(t, err)
	base := string(unicode.ToLower(rune(result.Name()[0]))) + result.Name()[1:]
	file, err := parser.ParseFile(token.NewFileSet(), found.Dir+"/"+base+".go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	required := []string{}
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, isLiteral := node.(*ast.BasicLit); isLiteral && strings.HasPrefix(literal.Value, `"invalid value for required argument '`) {
			name := strings.Split(literal.Value, "'")[1]
			required = append(required, strings.ToLower(name[:1])+name[1:])
		}
		return true
	})
	sort.Strings(required)
	return required
}
