package recorder

import (
	"math"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Resource is one registration: what the program passed, before any provider saw it.
type Resource struct {
	// Type is the token, such as aws:lb/targetGroup:TargetGroup.
	Type string
	Name string
	URN  string
	// Parent is a URN; at the root it is the stack's.
	Parent string
	// ID is what the recorder answered; empty in a preview and for components.
	ID string
	// Custom is true for what a provider manages, false for components.
	Custom bool
	// Remote is true for components that a plugin builds, such as awsx:ec2:Vpc. Their children are not registered here.
	Remote bool
	// Read is true for a resource that is looked up, not created.
	Read bool
	// Provider is URN::id of the explicit provider; empty for the default provider.
	Provider string
	// Providers are the explicit providers of a component by package, those of its parent components included.
	Providers map[string]string
	// DependsOn holds the URNs of explicit dependencies and of those that follow from the inputs.
	DependsOn []string
	// PropertyDependencies holds the URNs that each input was computed from.
	PropertyDependencies    map[string][]string
	Protect                 bool
	RetainOnDelete          bool
	DeleteBeforeReplace     bool
	IgnoreChanges           []string
	ReplaceOnChanges        []string
	AdditionalSecretOutputs []string
	// Version is that of the provider plugin.
	Version string
	// Inputs is what was registered, with secret and unknown values marked as the engine marks them.
	Inputs resource.PropertyMap
}

// Has says whether there is an input at path, known or not. A path is written as in the engine: healthCheck.interval,
// subnets[0], tags["aws:x"].
func (r *Resource) Has(path string) bool {
	found, _ := r.find(path)
	return found.exists
}

// Unknown says whether the input at path is unknown until resources exist, as many are in a preview.
func (r *Resource) Unknown(path string) bool {
	found, _ := r.find(path)
	return found.exists && found.value.ContainsUnknowns()
}

// Secret says whether the input at path is a secret, or lies in one, or holds one.
func (r *Resource) Secret(path string) bool {
	found, _ := r.find(path)
	return found.exists && (found.secret || found.value.ContainsSecrets())
}

// Input is the value at path as plain Go: string, float64, bool, []any, map[string]any. Secrets are unwrapped. An absent or
// unknown value fails the test.
func (r *Resource) Input(t TB, path string) any {
	t.Helper()
	found, err := r.find(path)
	switch {
	case err != nil:
		t.Fatalf("recorder: %s: %q is not a path: %v", r.URN, path, err)
	case !found.exists:
		t.Fatalf("recorder: %s: there is no input %s", r.URN, path)
	case found.value.ContainsUnknowns():
		t.Fatalf("recorder: %s: the input %s is unknown in a preview", r.URN, path)
	default:
		return plain(found.value)
	}
	return nil
}

// Plain is every input as plain Go, with secrets unwrapped and unknown values left out.
func (r *Resource) Plain() map[string]any {
	inputs := map[string]any{}
	for key, value := range r.Inputs {
		if !value.ContainsUnknowns() {
			inputs[string(key)] = plain(value)
		}
	}
	return inputs
}

// Text is the string at path; anything else fails the test.
func (r *Resource) Text(t TB, path string) string {
	t.Helper()
	return typed[string](t, r, path, "a string")
}

// Bool is the boolean at path; anything else fails the test.
func (r *Resource) Bool(t TB, path string) bool {
	t.Helper()
	return typed[bool](t, r, path, "a boolean")
}

// Number is the number at path; anything else fails the test.
func (r *Resource) Number(t TB, path string) float64 {
	t.Helper()
	return typed[float64](t, r, path, "a number")
}

// Int is the whole number at path; anything else fails the test.
func (r *Resource) Int(t TB, path string) int {
	t.Helper()
	number := typed[float64](t, r, path, "a number")
	if number != math.Trunc(number) {
		t.Fatalf("recorder: %s: the input %s is %v, not a whole number", r.URN, path, number)
	}
	return int(number)
}

// List is the list at path; anything else fails the test.
func (r *Resource) List(t TB, path string) []any {
	t.Helper()
	return typed[[]any](t, r, path, "a list")
}

// Map is the object at path; anything else fails the test.
func (r *Resource) Map(t TB, path string) map[string]any {
	t.Helper()
	return typed[map[string]any](t, r, path, "an object")
}

// Texts is the list of strings at path; anything else fails the test.
func (r *Resource) Texts(t TB, path string) []string {
	t.Helper()
	var texts []string
	for index, element := range typed[[]any](t, r, path, "a list") {
		text, isText := element.(string)
		if !isText {
			t.Fatalf("recorder: %s: the input %s[%d] is %#v, not a string", r.URN, path, index, element)
		}
		texts = append(texts, text)
	}
	return texts
}

func typed[T any](t TB, r *Resource, path, want string) T {
	t.Helper()
	value := r.Input(t, path)
	asked, fits := value.(T)
	if !fits {
		t.Fatalf("recorder: %s: the input %s is %#v, not %s", r.URN, path, value, want)
	}
	return asked
}

type found struct {
	value  resource.PropertyValue
	exists bool
	secret bool
}

// find follows path through objects, lists and secrets.
func (r *Resource) find(path string) (found, error) {
	steps, err := resource.ParsePropertyPathStrict(path)
	if err != nil {
		return found{}, err
	}
	at := found{value: resource.NewProperty(r.Inputs), exists: true}
	for _, step := range steps {
		at = at.open()
		switch key := step.(type) {
		case string:
			if !at.value.IsObject() {
				return found{}, nil
			}
			at.value, at.exists = at.value.ObjectValue()[resource.PropertyKey(key)]
		case int:
			if !at.value.IsArray() || key >= len(at.value.ArrayValue()) {
				return found{}, nil
			}
			at.value = at.value.ArrayValue()[key]
		}
		if !at.exists {
			return found{}, nil
		}
	}
	return at.open(), nil
}

// open takes the secret wrapper off.
func (f found) open() found {
	for f.value.IsSecret() {
		f.value, f.secret = f.value.SecretValue().Element, true
	}
	return f
}

func plain(value resource.PropertyValue) any {
	switch {
	case value.IsSecret():
		return plain(value.SecretValue().Element)
	case value.IsArray():
		list := make([]any, 0, len(value.ArrayValue()))
		for _, element := range value.ArrayValue() {
			list = append(list, plain(element))
		}
		return list
	case value.IsObject():
		object := make(map[string]any, len(value.ObjectValue()))
		for key, element := range value.ObjectValue() {
			object[string(key)] = plain(element)
		}
		return object
	case value.IsResourceReference():
		return string(value.ResourceReferenceValue().URN)
	default:
		return value.V
	}
}
