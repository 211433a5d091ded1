package deploy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Pending is something that may stand in the cloud although the state does not have it: its creation was cut off.
type Pending struct {
	URN  string `json:"urn"`
	Type string `json:"type"`
	Name string `json:"name"`
	// Component is the name of the component it belongs to, empty for none.
	Component string `json:"component,omitempty"`
	// Reason is why nobody knows whether it stands.
	Reason string `json:"reason"`
	// LookFor is what identifies it in AWS, such as "tag Name=web-alb".
	LookFor []string `json:"lookFor,omitempty"`
	// Known is true when the target could be asked. ID is then the id under which it stands, empty when it does not.
	Known bool   `json:"known"`
	ID    string `json:"id,omitempty"`
}

// Adoption says that something pending stands.
type Adoption struct {
	// What is its URN, or its name where only one pending thing is called so.
	What string
	// ID is what AWS calls it, in the form in which `pulumi import` takes it.
	ID string
}

// Settling says what has become of pending things, where the target cannot be asked.
type Settling struct {
	// Adopt are those that stand: they are taken over into the state, as AWS has them.
	Adopt []Adoption
	// Forget are those that do not stand, each by its URN or its name. What is forgotten and stands all the same is lost to the
	// stack: it is made a second time, and no destroy removes the first.
	Forget []string
}

// Settled is what became of an earlier operation that was cut off.
type Settled struct {
	// Adopted are those that stood and are in the state now, Forgotten those that did not.
	Adopted   []Pending `json:"adopted,omitempty"`
	Forgotten []Pending `json:"forgotten,omitempty"`
	// Looked are the URNs of those that were looked at again because it was not known how far a change of them had come.
	Looked []string `json:"looked,omitempty"`
}

// pending is the doubt as the caller sees it.
func (d doubt) pending(in *State) Pending {
	component, _ := in.Component(d.resource.URN)
	if component == "" {
		component, _ = in.Component(d.resource.Parent)
	}
	return Pending{
		URN: d.resource.URN, Type: d.resource.Type, Name: d.resource.Name(), Component: component, Reason: d.reason, LookFor: d.lookFor(),
	}
}

// identifying are the properties by which people know a resource, in the order in which they tell most.
var identifying = []string{"name", "bucket", "identifier", "clusterIdentifier", "roleName", "namePrefix"}

// telling is how many properties are told of a resource that has neither a name nor tags.
const telling = 3

// lookFor is what identifies the resource in AWS, as far as its inputs say it.
func (d doubt) lookFor() []string {
	inputs, err := properties(d.resource.Inputs)
	if err != nil {
		return nil
	}
	var found []string
	for _, key := range identifying {
		if text, is := inputs[key].(string); is && text != "" {
			found = append(found, key+" "+text)
			break
		}
	}
	tags, _ := inputs["tags"].(map[string]any)
	for _, key := range []string{"aplomb:stack", "Name"} {
		if text, is := tags[key].(string); is {
			found = append(found, "tag "+key+"="+text)
		}
	}
	if len(found) > 0 {
		return found
	}
	for _, key := range sortedKeys(inputs) {
		if text, is := inputs[key].(string); is && len(found) < telling {
			found = append(found, key+" "+text)
		}
	}
	return found
}

func sortedKeys(all map[string]any) []string {
	keys := make([]string, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func (p Pending) describe() string {
	text := fmt.Sprintf("%s (%s): %s", p.Name, p.Type, p.Reason)
	if len(p.LookFor) > 0 {
		text += "; look for " + strings.Join(p.LookFor, ", ")
	}
	return text
}

// PendingError is an operation that was refused, with nothing done, because nobody knows whether things stand whose creation
// was cut off: going on would make them twice, or leave them behind.
type PendingError struct {
	Stack     string
	Operation Operation
	// Pending are those that nobody decided on.
	Pending []Pending
}

func (e *PendingError) Error() string {
	lines := make([]string, len(e.Pending))
	for i, pending := range e.Pending {
		lines[i] = "\n  - " + pending.describe()
	}
	return fmt.Sprintf("refused: nobody knows whether AWS made %s of stack %s%s",
		count(len(e.Pending), "resource"), e.Stack, strings.Join(lines, ""))
}

// Hint is the next step, with the flags to add.
func (e *PendingError) Hint() string {
	called := map[string]int{}
	for _, pending := range e.Pending {
		called[pending.Name]++
	}
	var flags []string
	for _, pending := range e.Pending {
		what := pending.Name
		if called[what] > 1 {
			what = pending.URN
		}
		flags = append(flags, fmt.Sprintf("--adopt '%s=ID' or --forget '%s'", what, what))
	}
	return "nothing was done; look in AWS, then add for each, as it stands there or does not: " + strings.Join(flags, "; ")
}

// SettlingError is a word about pending things that cannot be followed.
type SettlingError struct {
	Stack string
	// Failures is everything that is wrong with it.
	Failures []Failure
	// Pending are those that could be decided on.
	Pending []Pending
}

func (e *SettlingError) Error() string {
	lines := make([]string, len(e.Failures))
	for i, failure := range e.Failures {
		lines[i] = failure.Error()
	}
	return fmt.Sprintf("stack %s: %s", e.Stack, strings.Join(lines, "\n  - "))
}

// Hint is the next step.
func (e *SettlingError) Hint() string {
	if len(e.Pending) == 0 {
		return "nothing was done; no creation of this stack was cut off: leave --adopt and --forget out"
	}
	var urns []string
	for _, pending := range e.Pending {
		urns = append(urns, "'"+pending.URN+"'")
	}
	return "nothing was done; those that can be decided on are " + strings.Join(urns, ", ")
}

// AdoptError is something that was to be adopted and that the provider does not find.
type AdoptError struct{ Stack, URN, Name, Type, ID string }

func (e *AdoptError) Error() string {
	return fmt.Sprintf("stack %s: the provider finds no %s with the id %s, which %s was said to be", e.Stack, e.Type, e.ID, e.Name)
}

// Hint is the next step.
func (e *AdoptError) Hint() string {
	return "nothing was changed in AWS; look up the id in the form in which pulumi import takes it, or --forget it"
}

// StrayError is an operation that ended well but for things that still stand and that the state no longer has, because AWS was
// wrong about them.
type StrayError struct {
	Stack     string
	Operation Operation
	// Strays are the URNs of those things.
	Strays []string
}

func (e *StrayError) Error() string {
	lines := make([]string, len(e.Strays))
	for i, urn := range e.Strays {
		lines[i] = "\n  - " + urn
	}
	return fmt.Sprintf("%s of stack %s: AWS said that %s was gone, and it still stands%s",
		e.Operation, e.Stack, count(len(e.Strays), "resource"), strings.Join(lines, ""))
}

// Hint is the next step.
func (e *StrayError) Hint() string {
	return "run the same command again: it takes up again what still stands"
}

// jsonString is a JSON string of a text.
func jsonString(text string) json.RawMessage {
	encoded, err := json.Marshal(text)
	if err != nil {
		return json.RawMessage(`""`) // no text fails
	}
	return encoded
}
