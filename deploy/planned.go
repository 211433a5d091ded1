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
		InputDiff            struct {
			Adds    map[string]json.RawMessage `json:"adds"`
			Updates map[string]json.RawMessage `json:"updates"`
			Deletes []string                   `json:"deletes"`
		} `json:"inputDiff"`
	} `json:"goal"`
	Steps []string `json:"steps"`
}

// plannedResources are the resources of a plan, by URN.
type plannedResources map[string]planned

// parsePlan reads a plan that the engine wrote. Secrets in it are encrypted as they are in the state.
func parsePlan(text []byte) (plannedResources, error) {
	var whole struct {
		ResourcePlans plannedResources `json:"resourcePlans"`
	}
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
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

// unknownValue stands in a plan for what only the update will tell.
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// creation is how the state would have a resource that the plan creates, as far as the plan knows it: without its id, and
// without the inputs that were unknown. ok is false when the plan does not create it.
func (p plannedResources) creation(urn string, before *State) (resource Resource, ok bool, err error) {
	found, exists := p[urn]
	creates := slices.Contains(found.Steps, "create") || slices.Contains(found.Steps, "create-replacement")
	if !exists || !creates || found.Goal == nil || !found.Goal.Custom {
		return Resource{}, false, nil
	}
	goal := found.Goal
	inputs := map[string]json.RawMessage{}
	if old, stood := before.Find(urn); stood && len(old.Inputs) > 0 {
		if err := json.Unmarshal(old.Inputs, &inputs); err != nil {
			return Resource{}, false, err
		}
	}
	for _, changed := range []map[string]json.RawMessage{goal.InputDiff.Adds, goal.InputDiff.Updates} {
		for key, value := range changed {
			inputs[key] = value
			if strings.Contains(string(value), unknownValue) {
				delete(inputs, key)
			}
		}
	}
	for _, key := range goal.InputDiff.Deletes {
		delete(inputs, key)
	}
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
	}{urn, true, goal.Type, inputs, goal.Parent, goal.Protect, goal.Dependencies, goal.Provider, goal.PropertyDependencies, goal.SecretOutputs})
	if err != nil {
		return Resource{}, false, err
	}
	err = json.Unmarshal(text, &resource)
	return resource, err == nil, err
}
