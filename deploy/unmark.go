package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// rawResource is a resource of a state with everything that the engine keeps about it.
type rawResource map[string]json.RawMessage

// ofProgram are what the engine takes from the program's options. A resource that a liftProgram registered has lost them, and a
// destroy goes by them.
var ofProgram = []string{"dependencies", "propertyDependencies", "deletedWith", "customTimeouts", "additionalSecretOutputs", "aliases"}

// unmark takes the engine's protection and retention off every resource of the state, those included that are pending deletion,
// and gives the lifted ones back what they had from their program. Secrets stay encrypted.
func (s *session) unmark(ctx context.Context, old *State, lifted []string) error {
	text, err := s.export(ctx)
	if err != nil {
		return err
	}
	edited, err := editState(text, func(resource rawResource, urn string) {
		delete(resource, "protect")
		delete(resource, "retainOnDelete")
		before, exists := old.Find(urn)
		if !exists || !slices.Contains(lifted, urn) || string(resource["delete"]) == "true" {
			return
		}
		for _, key := range ofProgram {
			if value, had := before.raw[key]; had {
				resource[key] = value
			} else {
				delete(resource, key)
			}
		}
	})
	if err != nil {
		return err
	}
	_, err = s.pulumi(ctx, strings.NewReader(edited), "stack", "import", "--stack", s.name)
	return err
}

// editState lets edit change each resource of an exported state.
func editState(text string, edit func(resource rawResource, urn string)) (string, error) {
	var whole, deployment map[string]json.RawMessage
	var resources []rawResource
	err := json.Unmarshal([]byte(text), &whole)
	if err == nil {
		err = json.Unmarshal(whole["deployment"], &deployment)
	}
	if err == nil {
		err = json.Unmarshal(deployment["resources"], &resources)
	}
	if err != nil {
		return "", fmt.Errorf("state of the stack: %w", err)
	}
	for _, resource := range resources {
		var urn string
		if err := json.Unmarshal(resource["urn"], &urn); err != nil {
			return "", fmt.Errorf("state of the stack: %w", err)
		}
		edit(resource, urn)
	}
	if deployment["resources"], err = json.Marshal(resources); err != nil {
		return "", err
	}
	if whole["deployment"], err = json.Marshal(deployment); err != nil {
		return "", err
	}
	edited, err := json.Marshal(whole)
	return string(edited), err
}
