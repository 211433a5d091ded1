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
	edited, err := parseEditable(text)
	if err != nil {
		return "", err
	}
	for _, resource := range edited.resources {
		edit(resource, resource.word("urn"))
	}
	return edited.text()
}

// editable is an exported state of which every part that is not edited stays as it is.
type editable struct {
	whole, deployment map[string]json.RawMessage
	resources         []rawResource
}

func parseEditable(text string) (*editable, error) {
	e := &editable{}
	err := json.Unmarshal([]byte(text), &e.whole)
	if err == nil {
		err = json.Unmarshal(e.whole["deployment"], &e.deployment)
	}
	if err == nil && e.deployment["resources"] != nil {
		err = json.Unmarshal(e.deployment["resources"], &e.resources)
	}
	if err != nil {
		return nil, fmt.Errorf("state of the stack: %w", err)
	}
	return e, nil
}

func (e *editable) text() (string, error) {
	var err error
	if e.deployment["resources"], err = json.Marshal(e.resources); err != nil {
		return "", err
	}
	if e.whole["deployment"], err = json.Marshal(e.deployment); err != nil {
		return "", err
	}
	edited, err := json.Marshal(e.whole)
	return string(edited), err
}
