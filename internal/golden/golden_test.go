// Package golden_test is of the layer of rules: it feeds the comparison and reads what it tells a test.
package golden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/internal/golden"
)

// probe is a test that keeps its failure instead of failing.
type probe struct{ failure string }

func (p *probe) Helper()      {}
func (p *probe) Name() string { return "TestRoles/web" }
func (p *probe) Fatalf(format string, args ...any) {
	p.failure = fmt.Sprintf(format, args...)
}

func file(t *testing.T, text string) string {
	t.Helper()
	t.Setenv(golden.Update, "")
	path := filepath.Join(t.TempDir(), "role.golden")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestEqualTextPasses(t *testing.T) {
	p := &probe{}
	golden.Text(p, file(t, "a\nb\n"), "a\nb\n")
	require.Empty(t, p.failure)
}

func TestADifferenceIsShownByLineWithTheCommandThatRewrites(t *testing.T) {
	path := file(t, "1\n2\n3\n4\n5\n6\n7\n8\n9\n")
	p := &probe{}
	golden.Text(p, path, "1\n2\n3\n4\n5\nsix\n7\n8\n9\n")
	require.Equal(t, "golden: "+path+" differs (- the file, + what the test got):\n"+
		"  ...\n  3\n  4\n  5\n- 6\n+ six\n  7\n  8\n  9\n"+
		"if the new text is right, write it with:\n  APLOMB_UPDATE_GOLDEN=1 go test -run '^TestRoles$/^web$' .", p.failure)
}

func TestAMissingLineBreakAtTheEndIsADifferenceThatShows(t *testing.T) {
	p := &probe{}
	golden.Text(p, file(t, "a\n"), "a")
	require.Contains(t, p.failure, "- a\n+ a (no line break at the end)\n")
}

func TestAMissingFileFailsAndShowsWhatItWouldHold(t *testing.T) {
	t.Setenv(golden.Update, "")
	path := filepath.Join(t.TempDir(), "new.golden")
	p := &probe{}
	golden.Text(p, path, "hello\n")
	require.Contains(t, p.failure, "there is no "+path)
	require.Contains(t, p.failure, "APLOMB_UPDATE_GOLDEN=1 go test -run '^TestRoles$/^web$' .\nit would hold:\nhello\n")
	require.NoFileExists(t, path)
}

func TestUpdatingWritesTheFileAndItsFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "testdata", "new.golden")
	t.Setenv(golden.Update, "1")
	p := &probe{}
	golden.JSON(p, path, `{"b":[1],"a":"<&>"}`)
	require.Empty(t, p.failure)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "{\n  \"b\": [\n    1\n  ],\n  \"a\": \"<&>\"\n}\n", string(text))
}

func TestUpdatingIsAskedForWithOneOnly(t *testing.T) {
	path := file(t, "old\n")
	t.Setenv(golden.Update, "0")
	p := &probe{}
	golden.Text(p, path, "new\n")
	require.Contains(t, p.failure, "- old\n+ new\n")
}

func TestWhiteSpaceOfJSONIsNoDifference(t *testing.T) {
	p := &probe{}
	golden.JSON(p, file(t, "{\n  \"a\": 1\n}\n"), ` { "a":1 } `)
	require.Empty(t, p.failure)
}

func TestWhatIsNotOneJSONValueFails(t *testing.T) {
	for name, text := range map[string]string{"broken": `{"a":`, "two values": `{} {}`, "trailing text": `{} x`, "empty": ``} {
		t.Run(name, func(t *testing.T) {
			p := &probe{}
			golden.JSON(p, file(t, text), text)
			require.Contains(t, p.failure, "is not JSON")
		})
	}
}

func TestADifferenceRebuildsBothTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), 1, 7)
		want, got := lines.Draw(t, "want"), lines.Draw(t, "got")
		diff := golden.Diff(strings.Join(want, "\n")+"\n", strings.Join(got, "\n")+"\n")
		if strings.Join(want, "\n") == strings.Join(got, "\n") {
			require.Empty(t, diff)
			return
		}
		if strings.Contains(diff, "  ...\n") {
			return
		}
		var before, after []string
		for _, line := range strings.Split(strings.TrimSuffix(diff, "\n"), "\n") {
			if line[0] != '+' {
				before = append(before, line[2:])
			}
			if line[0] != '-' {
				after = append(after, line[2:])
			}
		}
		require.Equal(t, want, before)
		require.Equal(t, got, after)
	})
}
