package deploy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// adopt takes candidates over into an exported state, each under the ids that it stands under. The engine's own way, `pulumi
// refresh --import-pending-creates`, drops what was under way and takes nothing over (tried with 3.258). What the state has is
// as it was asked for, without outputs; a refresh of these then says what they are. Providers read what has no outputs like an
// import (https://github.com/pulumi/pulumi-terraform-bridge/blob/main/pkg/tfbridge/provider.go, Read).
// A provider that the state lacks comes from the state before, which may be nil.
func adopt(exported string, candidates []candidate, before *State) (string, error) {
	edited, err := parseEditable(exported)
	if err != nil {
		return "", err
	}
	for _, one := range candidates {
		if err := edited.bringProvider(one.resource, before); err != nil {
			return "", err
		}
	}
	delete(edited.deployment, "pending_operations")
	for left := slices.Clone(candidates); len(left) > 0; {
		next := nextToAdopt(left)
		for position, id := range left[next].ids {
			living := left[next].newest && position == len(left[next].ids)-1
			if err := edited.insert(left[next].resource, id, living); err != nil {
				return "", err
			}
		}
		left = slices.Delete(left, next, next+1)
	}
	return edited.text()
}

// nextToAdopt is one that depends on none of the others.
func nextToAdopt(left []candidate) int {
	for i, one := range left {
		refs := one.resource.references()
		if !slices.ContainsFunc(left, func(other candidate) bool {
			return other.resource.URN != one.resource.URN && slices.Contains(refs, other.resource.URN)
		}) {
			return i
		}
	}
	return 0
}

// references are the URNs of everything that must come before the resource in a state.
func (r Resource) references() []string {
	refs := append([]string{r.Parent, r.raw.word("deletedWith")}, r.Dependencies...)
	if at := strings.LastIndex(r.Provider, "::"); at >= 0 {
		refs = append(refs, r.Provider[:at])
	}
	var byProperty map[string][]string
	if json.Unmarshal(r.raw["propertyDependencies"], &byProperty) == nil {
		for _, urns := range byProperty {
			refs = append(refs, urns...)
		}
	}
	return refs
}

// bringProvider puts the provider of a resource into the state, from the one before, when it is missing there.
func (e *editable) bringProvider(of Resource, before *State) error {
	at := strings.LastIndex(of.Provider, "::")
	if before == nil || at < 0 || e.provider(of.Provider[:at]) != nil {
		return nil
	}
	provider, stood := before.Find(of.Provider[:at])
	if !stood {
		return nil
	}
	return e.insert(provider, provider.ID, true)
}

// provider is the provider with a URN, nil when there is none.
func (e *editable) provider(urn string) rawResource {
	for _, other := range e.resources {
		if other.word("urn") == urn && string(other["delete"]) != "true" {
			return other
		}
	}
	return nil
}

// insert puts a resource into the state, behind everything that it refers to. A living one takes the place of what has its
// URN: that is to be deleted by the next update, or is gone already when it was deleted first. One that is not living is itself
// to be deleted.
func (e *editable) insert(resource Resource, id string, living bool) error {
	made := rawResource{}
	for key, value := range resource.raw {
		made[key] = value
	}
	made["id"] = jsonString(id)
	delete(made, "pendingReplacement")
	if !living {
		made["delete"] = json.RawMessage("true")
	}
	present := map[string]bool{}
	for _, other := range e.resources {
		present[other.word("urn")] = true
	}
	if err := made.keepReferences(e, present); err != nil {
		return err
	}
	refs := resource.references()
	at := 0
	for i, other := range e.resources {
		if slices.Contains(refs, other.word("urn")) {
			at = i + 1
		}
	}
	if living {
		at = e.makeRoom(resource.URN, at)
	}
	e.resources = slices.Insert(e.resources, at, made)
	return nil
}

// makeRoom marks what has the URN of a newer resource for deletion, or drops it when it was deleted already, and returns where
// position at is then.
func (e *editable) makeRoom(urn string, at int) int {
	for i := 0; i < len(e.resources); i++ {
		other := e.resources[i]
		if other.word("urn") != urn || string(other["delete"]) == "true" {
			continue
		}
		if string(other["pendingReplacement"]) != "true" {
			other["delete"] = json.RawMessage("true")
			continue
		}
		e.resources = slices.Delete(e.resources, i, i+1)
		if i < at {
			at--
		}
		i--
	}
	return at
}

// keepReferences drops references to what the state does not have, and makes the provider's the one that it has.
func (r rawResource) keepReferences(e *editable, present map[string]bool) error {
	missing := func(urn string) bool { return !present[urn] }
	if missing(r.word("parent")) {
		delete(r, "parent")
	}
	if missing(r.word("deletedWith")) {
		delete(r, "deletedWith")
	}
	var dependencies []string
	if json.Unmarshal(r["dependencies"], &dependencies) == nil {
		r.set("dependencies", slices.DeleteFunc(dependencies, missing))
	}
	var byProperty map[string][]string
	if json.Unmarshal(r["propertyDependencies"], &byProperty) == nil {
		for property, urns := range byProperty {
			byProperty[property] = slices.DeleteFunc(urns, missing)
		}
		r.set("propertyDependencies", byProperty)
	}
	provider := r.word("provider")
	at := strings.LastIndex(provider, "::")
	if at < 0 {
		return nil
	}
	if found := e.provider(provider[:at]); found != nil {
		r["provider"] = jsonString(provider[:at] + "::" + found.word("id"))
		return nil
	}
	return fmt.Errorf("state of the stack: %s stands and its provider %s is not in the state: remove it from the cloud and try again",
		r.word("urn"), provider[:at])
}

func (r rawResource) word(key string) string {
	var text string
	if json.Unmarshal(r[key], &text) != nil {
		return ""
	}
	return text
}

func (r rawResource) set(key string, value any) {
	if text, err := json.Marshal(value); err == nil { // lists and maps of texts always can
		r[key] = text
	}
}
