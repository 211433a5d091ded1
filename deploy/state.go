package deploy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// State is what the engine knows of a stack, secrets still encrypted.
type State struct {
	Resources []Resource
	// Pending are the operations that were under way when the engine ended.
	Pending []PendingOperation
	byURN   map[string]int
}

// PendingOperation is an operation that the engine began and did not hear the end of.
type PendingOperation struct {
	// Resource is how the engine asked for it. One that was being created has no id.
	Resource Resource `json:"resource"`
	// Type is creating, updating, deleting, reading or importing.
	Type string `json:"type"`
}

// Resource is one resource of a State.
type Resource struct {
	URN    string `json:"urn"`
	Type   string `json:"type"`
	ID     string `json:"id"`
	Parent string `json:"parent"`
	Custom bool   `json:"custom"`
	// Delete is true for the old one of a replacement that was not finished.
	Delete bool `json:"delete"`
	// PendingReplacement is true for what was deleted before its replacement, which was not finished.
	PendingReplacement bool `json:"pendingReplacement"`
	Protect            bool `json:"protect"`
	RetainOnDelete     bool `json:"retainOnDelete"`
	// Inputs and Outputs are the resource's properties. A secret is an object that holds its ciphertext.
	Inputs  json.RawMessage `json:"inputs"`
	Outputs json.RawMessage `json:"outputs"`
	// Provider is the URN and the id of its provider, joined by two colons.
	Provider string `json:"provider"`
	// Dependencies are the URNs of the resources that it was made after.
	Dependencies []string `json:"dependencies"`

	raw rawResource
}

// UnmarshalJSON reads a resource and keeps all that the engine says about it.
func (r *Resource) UnmarshalJSON(text []byte) error {
	type plain Resource
	if err := json.Unmarshal(text, (*plain)(r)); err != nil {
		return err
	}
	return json.Unmarshal(text, &r.raw)
}

const (
	stackType      = "pulumi:pulumi:Stack"
	providerPrefix = "pulumi:providers:"
)

// ParseState reads a state as `pulumi stack export` prints it.
func ParseState(text []byte) (*State, error) {
	var exported struct {
		Version    int `json:"version"`
		Deployment struct {
			Resources []Resource         `json:"resources"`
			Pending   []PendingOperation `json:"pending_operations"`
		} `json:"deployment"`
	}
	if err := json.Unmarshal(text, &exported); err != nil {
		return nil, fmt.Errorf("state of the stack: %w", err)
	}
	if exported.Version < 3 || exported.Version > 4 {
		return nil, fmt.Errorf("state of the stack: version %d is not 3 or 4, which are all that can be read", exported.Version)
	}
	state := &State{Resources: exported.Deployment.Resources, Pending: exported.Deployment.Pending, byURN: map[string]int{}}
	for i, resource := range state.Resources {
		if !resource.Delete {
			state.byURN[resource.URN] = i
		}
	}
	return state, nil
}

// Find is the resource with that URN.
func (s *State) Find(urn string) (Resource, bool) {
	at, exists := s.byURN[urn]
	if !exists {
		return Resource{}, false
	}
	return s.Resources[at], true
}

// Component is the resource's top-level component: its ancestor right below the stack, or the resource itself when that is
// a component. It is empty for what belongs to no component, such as a provider.
func (s *State) Component(urn string) (name, typ string) {
	at, exists := s.Find(urn)
	for steps := 0; exists && steps < len(s.Resources); steps++ {
		parent, known := s.Find(at.Parent)
		if !known || parent.Type == stackType {
			if at.Custom {
				return "", ""
			}
			return at.Name(), at.Type
		}
		at = parent
	}
	return "", ""
}

// Name is the resource's name in the program, the last part of its URN.
func (r Resource) Name() string { return urnName(r.URN) }

func urnName(urn string) string {
	if at := strings.LastIndex(urn, "::"); at >= 0 {
		return urn[at+2:]
	}
	return urn
}

// awsProtection are the properties in which AWS's own protection against deletion stands, whatever the type.
type awsProtection struct {
	DeletionProtection       any `json:"deletionProtection"`
	EnableDeletionProtection any `json:"enableDeletionProtection"`
	DisableAPITermination    any `json:"disableApiTermination"`
}

// ProtectedByAWS says whether AWS itself would refuse to delete the resource, as far as its state tells.
func (r Resource) ProtectedByAWS() bool {
	// A template's property is about the instances launched from it, not about the template.
	if !r.Custom || r.Type == "aws:ec2/launchTemplate:LaunchTemplate" {
		return false
	}
	var is awsProtection
	if err := json.Unmarshal(r.Outputs, &is); err != nil {
		return false
	}
	return is.DeletionProtection == true || is.EnableDeletionProtection == true || is.DisableAPITermination == true
}

// Protected says whether the resource must not be replaced or deleted without being unlocked.
func (r Resource) Protected() bool { return r.Protect || r.ProtectedByAWS() }

// protected are the resources that must not be lost, by URN in the order of the state.
func (s *State) protected() []Resource {
	var found []Resource
	for _, resource := range s.Resources {
		if resource.Protected() {
			found = append(found, resource)
		}
	}
	return found
}

// dataTypes are the types whose replacement is an empty thing in place of a full one: databases, buckets, keys and vaults. What was encrypted under
// a key is lost with it.
var dataTypes = []string{
	"aws:rds/cluster:Cluster", "aws:rds/instance:Instance", "aws:s3/bucketV2:BucketV2", "aws:kms/key:Key", "aws:backup/vault:Vault",
}

// data are the resources that hold data, or the key to it.
func (s *State) data() []Resource {
	var found []Resource
	for _, resource := range s.Resources {
		if resource.Custom && slices.Contains(dataTypes, resource.Type) {
			found = append(found, resource)
		}
	}
	return found
}

// held are the resources that a plain destroy would fail on or leave behind.
func (s *State) held() []Resource {
	var found []Resource
	for _, resource := range s.Resources {
		if resource.Protected() || resource.RetainOnDelete {
			found = append(found, resource)
		}
	}
	return found
}

// counted says whether a resource of that type counts as one of the stack's: everything but the stack itself and the
// providers that the engine makes up.
func counted(typ, name string) bool {
	madeUp := strings.HasPrefix(typ, providerPrefix) && strings.HasPrefix(name, "default")
	return typ != stackType && !madeUp
}

func names(resources []Resource) []string {
	var all []string
	for _, resource := range resources {
		all = append(all, resource.Name())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// step is what happens to a resource of this state.
func (s *State) step(resource Resource, op Op) Step {
	component, typ := s.Component(resource.URN)
	return Step{
		URN: resource.URN, Type: resource.Type, Name: resource.Name(), Component: component, Op: op, componentType: typ,
	}
}

// deletions is what a destroy does.
func (s *State) deletions() []Step {
	var steps []Step
	for _, resource := range s.Resources {
		steps = append(steps, s.step(resource, OpDelete))
	}
	return steps
}

// Counted is how many resources a Changes counts: those that stand, but for the stack itself and the providers that the engine
// makes up.
func (s *State) Counted() int {
	all := 0
	for _, resource := range s.Resources {
		if !resource.Delete && counted(resource.Type, resource.Name()) {
			all++
		}
	}
	return all
}

// sizes are how many resources of AWS each component has.
func (s *State) sizes() map[string]int {
	sizes := map[string]int{}
	for _, resource := range s.Resources {
		if resource.Custom && !strings.HasPrefix(resource.Type, providerPrefix) {
			component, _ := s.Component(resource.URN)
			sizes[component]++
		}
	}
	return sizes
}

// properties are a resource's properties as maps, lists and values.
func properties(raw json.RawMessage) (map[string]any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var all map[string]any
	return all, json.Unmarshal(raw, &all)
}
