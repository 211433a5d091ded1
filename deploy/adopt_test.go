// Layer: rules (pure). Taking things over into a state.
package deploy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	stackURN    = "urn:pulumi:prod::lab::pulumi:pulumi:Stack::lab-prod"
	providerURN = "urn:pulumi:prod::lab::pulumi:providers:fake::home"
)

// entry is a resource of a state.
type entry struct {
	URN                string              `json:"urn"`
	Type               string              `json:"type"`
	Custom             bool                `json:"custom"`
	ID                 string              `json:"id,omitempty"`
	Parent             string              `json:"parent,omitempty"`
	Provider           string              `json:"provider,omitempty"`
	DeletedWith        string              `json:"deletedWith,omitempty"`
	Dependencies       []string            `json:"dependencies,omitempty"`
	ByProperty         map[string][]string `json:"propertyDependencies,omitempty"`
	Delete             bool                `json:"delete,omitempty"`
	PendingReplacement bool                `json:"pendingReplacement,omitempty"`
}

// chain are n things, of which each depends on earlier ones as pick says, below the stack and its provider.
func chain(n int, pick func(label string) bool) []entry {
	all := []entry{
		{URN: stackURN, Type: "pulumi:pulumi:Stack"},
		{URN: providerURN, Type: "pulumi:providers:fake", Custom: true, ID: "u-u-i-d", Parent: stackURN},
	}
	for i := range n {
		made := entry{URN: thingURN(i), Type: "fake:index:Thing", Custom: true, ID: fmt.Sprintf("id-%d", i), Parent: stackURN,
			Provider: providerURN + "::unknown-in-a-plan", ByProperty: map[string][]string{"size": {}}}
		for j := range i {
			if pick(fmt.Sprintf("%d needs %d", i, j)) {
				made.Dependencies = append(made.Dependencies, thingURN(j))
				made.ByProperty["size"] = append(made.ByProperty["size"], thingURN(j))
			}
		}
		if i > 0 && pick(fmt.Sprintf("%d is a child", i)) {
			made.Parent = thingURN(i - 1)
		}
		if i > 1 && pick(fmt.Sprintf("%d goes with another", i)) {
			made.DeletedWith = thingURN(i - 2)
		}
		all = append(all, made)
	}
	return all
}

func thingURN(i int) string {
	return fmt.Sprintf("urn:pulumi:prod::lab::fake:index:Thing::thing-%d", i)
}

func exported(t require.TestingT, resources []entry) string {
	text, err := json.Marshal(map[string]any{"version": 3, "deployment": map[string]any{
		"manifest": "kept", "resources": resources, "pending_operations": []any{map[string]any{"type": "creating", "resource": resources[0]}}}})
	require.NoError(t, err)
	return string(text)
}

// requireOrdered checks what the engine wants of a state: everything comes after what it refers to.
func requireOrdered(t require.TestingT, text string) []entry {
	var read struct {
		Deployment struct {
			Manifest  string           `json:"manifest"`
			Resources []entry          `json:"resources"`
			Pending   *json.RawMessage `json:"pending_operations"`
		} `json:"deployment"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &read))
	require.Equal(t, "kept", read.Deployment.Manifest)
	require.Nil(t, read.Deployment.Pending)
	seen := map[string]bool{"": true}
	living := map[string]bool{}
	for _, one := range read.Deployment.Resources {
		refs := append([]string{one.Parent, one.DeletedWith}, one.Dependencies...)
		if one.Provider != "" {
			require.Equal(t, providerURN+"::u-u-i-d", one.Provider)
			refs = append(refs, providerURN)
		}
		for _, ref := range append(refs, one.ByProperty["size"]...) {
			require.True(t, seen[ref], "%s comes before %s", one.URN, ref)
		}
		seen[one.URN] = true
		require.False(t, !one.Delete && living[one.URN], "%s lives twice", one.URN)
		living[one.URN] = living[one.URN] || !one.Delete
	}
	return read.Deployment.Resources
}

func TestWhateverIsMissingIsTakenOverBehindWhatItRefersTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := chain(rapid.IntRange(1, 8).Draw(t, "things"), func(label string) bool { return rapid.Bool().Draw(t, label) })
		var adopted []deploy.Adoptee
		kept := slices.Clone(all)
		for _, one := range all[2:] {
			if !rapid.Bool().Draw(t, "misses "+one.URN) {
				continue
			}
			// Nothing that is left in the state refers to what is missing, as the engine sees to.
			for i := range kept {
				kept[i] = without(kept[i], one.URN)
			}
			kept = slices.DeleteFunc(kept, func(e entry) bool { return e.URN == one.URN })
			adopted = append(adopted, adoptee(t, one, true, one.ID))
		}
		for i := range kept {
			if kept[i].Provider != "" {
				kept[i].Provider = providerURN + "::u-u-i-d"
			}
		}
		slices.Reverse(adopted) // the order in which they are found means nothing
		edited, err := deploy.Adopt(exported(t, kept), adopted)
		require.NoError(t, err)
		got := requireOrdered(t, edited)
		require.Len(t, got, len(all))
		for _, one := range adopted {
			at := slices.IndexFunc(got, func(e entry) bool { return e.URN == one.URN() })
			want := slices.IndexFunc(all, func(e entry) bool { return e.URN == one.URN() })
			require.Equal(t, all[want].Dependencies, got[at].Dependencies, "nothing that stands is forgotten")
			require.Equal(t, all[want].DeletedWith, got[at].DeletedWith)
			require.Equal(t, all[want].ID, got[at].ID)
		}
	})
}

func without(one entry, urn string) entry {
	one.Dependencies = slices.DeleteFunc(slices.Clone(one.Dependencies), func(other string) bool { return other == urn })
	if one.ByProperty != nil {
		one.ByProperty = map[string][]string{"size": slices.DeleteFunc(slices.Clone(one.ByProperty["size"]), func(other string) bool { return other == urn })}
	}
	if one.Parent == urn {
		one.Parent = stackURN
	}
	if one.DeletedWith == urn {
		one.DeletedWith = ""
	}
	return one
}

func adoptee(t require.TestingT, one entry, newest bool, ids ...string) deploy.Adoptee {
	one.ID = ""
	text, err := json.Marshal(one)
	require.NoError(t, err)
	made, err := deploy.NewAdoptee(text, newest, ids...)
	require.NoError(t, err)
	return made
}

func TestAReplacementThatStandsTakesThePlaceOfWhatItReplaces(t *testing.T) {
	for name, test := range map[string]struct {
		old    func(*entry)
		newest bool
		ids    []string
		want   []string
	}{
		"beside the old one":            {func(*entry) {}, true, []string{"new"}, []string{"new", "id-0 deleted"}},
		"after the old one was deleted": {func(old *entry) { old.PendingReplacement = true }, true, []string{"new"}, []string{"new"}},
		"twice":                         {func(*entry) {}, true, []string{"new-1", "new-2"}, []string{"new-1 deleted", "new-2", "id-0 deleted"}},
		"older than what the state has": {func(*entry) {}, false, []string{"older"}, []string{"older deleted", "id-0"}},
	} {
		t.Run(name, func(t *testing.T) {
			all := chain(2, func(label string) bool { return strings.HasSuffix(label, "needs 0") })
			for i := range all[2:] {
				all[2+i].Provider = providerURN + "::u-u-i-d"
			}
			test.old(&all[2])
			edited, err := deploy.Adopt(exported(t, all), []deploy.Adoptee{adoptee(t, all[2], test.newest, test.ids...)})
			require.NoError(t, err)
			var got []string
			for _, one := range requireOrdered(t, edited) {
				if one.URN == thingURN(0) {
					got = append(got, one.ID+map[bool]string{true: " deleted"}[one.Delete])
				}
			}
			slices.Sort(got)
			slices.Sort(test.want)
			require.Equal(t, test.want, got)
		})
	}
}

func TestWhatStandsWithoutItsProviderInTheStateIsAnErrorThatSaysSo(t *testing.T) {
	all := chain(1, func(string) bool { return false })
	_, err := deploy.Adopt(exported(t, all[:1]), []deploy.Adoptee{adoptee(t, all[2], true, "new")})
	require.ErrorContains(t, err, thingURN(0)+" stands and its provider "+providerURN+" is not in the state")
}
