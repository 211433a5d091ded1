package deploy

import (
	"encoding/json"
	"slices"
	"strings"
)

// planned is what a plan of the engine says about one resource.
type planned struct {
	Goal *struct {
		Type                 string                     `json:"type"`
		Custom               bool                       `json:"custom"`
		Protect              bool                       `json:"protect"`
		Parent               string                     `json:"parent"`
		Provider             string                     `json:"provider"`
		Dependencies         []string                   `json:"dependencies"`
		PropertyDependencies map[string]json.RawMessage `json:"propertyDependencies"`
		SecretOutputs        []string                   `json:"additionalSecretOutputs"`
		IgnoreChanges        []string                   `json:"ignoreChanges"`
		CustomTimeouts       json.RawMessage            `json:"customTimeouts"`
		InputDiff            struct {
			Adds    map[string]json.RawMessage `json:"adds"`
			Updates map[string]json.RawMessage `json:"updates"`
			Deletes []string                   `json:"deletes"`
		} `json:"inputDiff"`
	} `json:"goal"`
	Steps []string `json:"steps"`
	// retain is true for what is to be retained when it is deleted. The engine does not write that into its plan.
	retain bool
}

// plannedResources are the resources of a plan, by URN.
type plannedResources map[string]planned

// retainedKey is where a kept plan has the URNs of what is to be retained when it is deleted.
const retainedKey = "aplomb:retained"

// withRetained is a plan that the engine wrote, with the URNs of what is to be retained.
func withRetained(plan []byte, urns []string) ([]byte, error) {
	whole := map[string]json.RawMessage{}
	if err := json.Unmarshal(plan, &whole); err != nil {
		return nil, err
	}
	text, err := json.Marshal(urns)
	if err != nil {
		return nil, err
	}
	whole[retainedKey] = text
	return json.Marshal(whole)
}

// parsePlan reads a plan that was kept. Secrets in it are encrypted as they are in the state.
func parsePlan(text []byte) (plannedResources, error) {
	var whole struct {
		ResourcePlans plannedResources `json:"resourcePlans"`
		Retained      []string         `json:"aplomb:retained"`
	}
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	for _, urn := range whole.Retained {
		if found, exists := whole.ResourcePlans[urn]; exists {
			found.retain = true
			whole.ResourcePlans[urn] = found
		}
	}
	return whole.ResourcePlans, nil
}

// changed are the URNs of what the plan changes or deletes.
func (p plannedResources) changed() []string {
	var urns []string
	for urn, found := range p {
		if slices.ContainsFunc(found.Steps, func(step string) bool { return step != "same" && step != "create" }) {
			urns = append(urns, urn)
		}
	}
	slices.Sort(urns)
	return urns
}

// letsGoOf says whether the plan deletes or replaces what has a URN.
func (p plannedResources) letsGoOf(urn string) bool {
	return slices.ContainsFunc(p[urn].Steps, func(step string) bool {
		return strings.HasPrefix(step, "delete") || strings.HasPrefix(step, "discard") || strings.HasPrefix(step, "replace")
	})
}

// unknownValue stands in a plan for what only the update will tell.
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// creation is how the state would have a resource that the plan creates, as far as the plan knows it: without its id, and
// without the inputs that were unknown. Neither has the engine's state aliases, nor the plan what a new resource is deleted with. ok is false when the plan does not create it.
func (p plannedResources) creation(urn string, before *State) (resource Resource, ok bool, err error) {
	found, exists := p[urn]
	creates := slices.Contains(found.Steps, "create") || slices.Contains(found.Steps, "create-replacement")
	if !exists || !creates || found.Goal == nil || !found.Goal.Custom {
		return Resource{}, false, nil
	}
	old, _ := before.Find(urn)
	inputs, err := found.inputs(old)
	if err != nil {
		return Resource{}, false, err
	}
	goal := found.Goal
	text, err := json.Marshal(struct {
		URN                  string                     `json:"urn"`
		Custom               bool                       `json:"custom"`
		Type                 string                     `json:"type"`
		Inputs               map[string]json.RawMessage `json:"inputs"`
		Parent               string                     `json:"parent,omitempty"`
		Protect              bool                       `json:"protect,omitempty"`
		Dependencies         []string                   `json:"dependencies,omitempty"`
		Provider             string                     `json:"provider,omitempty"`
		PropertyDependencies map[string]json.RawMessage `json:"propertyDependencies,omitempty"`
		SecretOutputs        []string                   `json:"additionalSecretOutputs,omitempty"`
		CustomTimeouts       json.RawMessage            `json:"customTimeouts,omitempty"`
		RetainOnDelete       bool                       `json:"retainOnDelete,omitempty"`
		DeletedWith          string                     `json:"deletedWith,omitempty"`
		IgnoreChanges        []string                   `json:"ignoreChanges,omitempty"`
	}{urn, true, goal.Type, inputs, goal.Parent, goal.Protect, goal.Dependencies, goal.Provider, goal.PropertyDependencies, goal.SecretOutputs,
		goal.CustomTimeouts, found.retain, old.raw.word("deletedWith"), goal.IgnoreChanges})
	if err != nil {
		return Resource{}, false, err
	}
	err = json.Unmarshal(text, &resource)
	return resource, err == nil, err
}

// inputs are those of the old resource with what the plan changes, as far as it is known.
func (p planned) inputs(old Resource) (map[string]json.RawMessage, error) {
	inputs := map[string]json.RawMessage{}
	if len(old.Inputs) > 0 {
		if err := json.Unmarshal(old.Inputs, &inputs); err != nil {
			return nil, err
		}
	}
	diff := p.Goal.InputDiff
	for _, changed := range []map[string]json.RawMessage{diff.Adds, diff.Updates} {
		for key, value := range changed {
			inputs[key] = value
			if strings.Contains(string(value), unknownValue) {
				delete(inputs, key)
			}
		}
	}
	for _, key := range diff.Deletes {
		delete(inputs, key)
	}
	return inputs, nil
}
