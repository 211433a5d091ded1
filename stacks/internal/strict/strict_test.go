// Layer: rules (pure).
package strict_test

import (
	"errors"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/stacks/internal/strict"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

type colour string

var enums = strict.With(strict.Enums{}, colour("red"), colour("green"))

type leaf struct {
	Name  string `config:"name,required"`
	Count *int   `config:"count"`
}

type root struct {
	Text   string            `config:"text,required"`
	Number int               `config:"number"`
	Switch bool              `config:"switch"`
	Colour colour            `config:"colour,required"`
	Leaves []leaf            `config:"leaves"`
	Labels map[string]string `config:"labels"`
}

func decode(t require.TestingT, text string) (root, []check.Failure) {
	var node yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(text), &node))
	var decoded root
	found := check.New()
	strict.Decode(&node, &decoded, enums, found.At("top"))
	return decoded, found.Failures()
}

func TestEveryKindOfValueIsDecoded(t *testing.T) {
	decoded, failures := decode(t, `
text: "012"
number: 7
switch: true
colour: green
leaves: [{name: a}, {name: b, count: 0}]
labels: {owner: support}
`)
	require.Empty(t, failures)
	zero := 0
	require.Equal(t, root{
		Text: "012", Number: 7, Switch: true, Colour: "green",
		Leaves: []leaf{{Name: "a"}, {Name: "b", Count: &zero}},
		Labels: map[string]string{"owner": "support"},
	}, decoded)
}

func TestEveryFailureIsReportedAtOnceWithItsFullMessage(t *testing.T) {
	_, failures := decode(t, `
text: 012
number: "7"
switch: yes please
colour: gren
leaves: [{nmae: a, count: 1.5}, 3, ~]
labels: [a]
zone: ""
number: 8
`)
	var lines []string
	for _, failure := range failures {
		lines = append(lines, failure.Error())
	}
	require.Equal(t, []string{
		`top.number: 8 is the second value of one key; keep one of them`,
		`top.text: 012 must be text; put it in quotes`,
		`top.number: "7" must be a whole number; write it in digits, without quotes or unit`,
		`top.switch: "yes please" must be true or false; write true or false, without quotes`,
		`top.colour: "gren" must be one of red, green; did you mean green?`,
		`top.leaves[0].name: missing, it has no default; add name`,
		`top.leaves[0].count: 1.5 must be a whole number; write it in digits, without quotes or unit`,
		`top.leaves[0].nmae: "a" is at a key that does not exist; did you mean name?`,
		`top.leaves[1]: 3 must be a set of keys; write one key: value pair a line: name, count`,
		`top.leaves[2]: missing, a list has no empty items; remove the item or give it a value`,
		`top.labels: a list must be a set of names with texts; write one NAME: "value" pair a line`,
		`top.zone: "" is at a key that does not exist; remove it; the keys here are text, number, switch, colour, leaves, labels`,
	}, lines)
}

func TestMissingAndNullAreTheSameAndDifferFromMalformed(t *testing.T) {
	_, failures := decode(t, "text: ~\nnumber: ~")
	require.Equal(t, []check.Failure{
		{Path: "top.text", Limit: "it has no default", Remedy: "add text"},
		{Path: "top.colour", Limit: "it has no default", Remedy: "add colour: one of red, green"},
	}, failures)
}

func TestNearestFindsOneSlipOfThePenAndNothingFurther(t *testing.T) {
	keys := []string{"peakInstances", "port", "image"}
	require.Equal(t, "peakInstances", strict.Nearest("peekInstance", keys))
	require.Equal(t, "port", strict.Nearest("Port", keys))
	require.Equal(t, "port", strict.Nearest("prt", keys))
	require.Empty(t, strict.Nearest("zzz", keys))
	require.Empty(t, strict.Nearest("prrtt", keys[2:]))
}

func TestEveryUnknownKeyIsReportedWhateverItsName(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		key := rapid.StringMatching(`[a-z]{6,12}x`).Draw(r, "key")
		_, failures := decode(r, "text: a\ncolour: red\n"+key+": 1\n")
		require.Len(r, failures, 1)
		require.Equal(r, "top."+key, failures[0].Path)
	})
}

// FuzzDecode holds that any YAML at all gives failures or a value, never a panic.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("text: a\ncolour: red\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("{text: {text: [1, ~]}, colour: !!binary aa}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var node yaml.Node
		if yaml.Unmarshal(text, &node) != nil || node.Kind == 0 {
			return
		}
		var decoded root
		found := check.New()
		strict.Decode(&node, &decoded, enums, found)
		if err := found.Err("fuzz"); err != nil {
			var typed *check.Error
			require.True(t, errors.As(err, &typed))
			require.NotEmpty(t, err.Error())
		}
	})
}
