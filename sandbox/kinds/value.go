package kinds

import (
	"fmt"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Value is one property value of a draft or of another resource, found by path. It unwraps secrets. Every reading is
// safe: what is absent, unknown or of another type reads as the zero value. Reading an unknown value is noted, so that
// the rule that did it cannot refuse.
type Value struct {
	path  string
	value resource.PropertyValue
	seen  *bool // set when something unknown is read; nil when nobody asks
}

// ValueOf reads properties that belong to no draft.
func ValueOf(properties resource.PropertyMap) Value {
	return Value{value: resource.NewObjectProperty(properties)}
}

// Path is where the value is, with indexes, such as subnetMappings[1].subnetId.
func (v Value) Path() string { return v.path }

// Exists is false when nothing was given. It is true for an unknown value.
func (v Value) Exists() bool { return !v.plain().IsNull() }

// Unknown is true during a preview for values that only the deployment will tell. Asking this is no reading: the rule
// may still refuse.
func (v Value) Unknown() bool { return unwrap(v.value).ContainsUnknowns() }

// Text is the string, or "".
func (v Value) Text() string {
	if plain := v.plain(); plain.IsString() {
		return plain.StringValue()
	}
	return ""
}

// Int is the number cut to an integer, or 0.
func (v Value) Int() int { return int(v.Float()) }

// Float is the number, or 0.
func (v Value) Float() float64 {
	if plain := v.plain(); plain.IsNumber() {
		return plain.NumberValue()
	}
	return 0
}

// Bool is the boolean, or false.
func (v Value) Bool() bool {
	plain := v.plain()
	return plain.IsBool() && plain.BoolValue()
}

// List is the elements of a list, or nothing.
func (v Value) List() []Value {
	plain := v.plain()
	if !plain.IsArray() {
		return nil
	}
	values := make([]Value, 0, len(plain.ArrayValue()))
	for index, element := range plain.ArrayValue() {
		values = append(values, Value{path: fmt.Sprintf("%s[%d]", v.path, index), value: element, seen: v.seen})
	}
	return values
}

// Texts is the strings of a list, without its unknown elements.
func (v Value) Texts() []string {
	var texts []string
	for _, element := range v.List() {
		if plain := element.plain(); plain.IsString() {
			texts = append(texts, plain.StringValue())
		}
	}
	return texts
}

// Keys is the keys of a map or object, sorted.
func (v Value) Keys() []string {
	plain := v.plain()
	if !plain.IsObject() {
		return nil
	}
	keys := make([]string, 0, len(plain.ObjectValue()))
	for key := range plain.ObjectValue() {
		keys = append(keys, string(key))
	}
	sort.Strings(keys)
	return keys
}

// At is the value at a path below this one, such as interval or [0].key.
func (v Value) At(path string) Value {
	current := v
	for _, step := range splitPath(path) {
		current = current.step(step)
	}
	return current
}

// Key is the value of one key of a map, whatever characters the key has.
func (v Value) Key(key string) Value { return v.step(key) }

// Each is every value at a path below this one in which [] stands for all indexes. Absent values are left out.
func (v Value) Each(path string) []Value {
	current := []Value{v}
	for _, step := range splitPath(path) {
		var next []Value
		for _, value := range current {
			if step == "[]" {
				next = append(next, value.List()...)
			} else if below := value.step(step); below.Exists() {
				next = append(next, below)
			}
		}
		current = next
	}
	return current
}

// Property is the value as the engine's type, secrets unwrapped.
func (v Value) Property() resource.PropertyValue { return v.plain() }

func (v Value) step(step string) Value {
	plain := v.plain()
	below := Value{path: joinPath(v.path, step), seen: v.seen}
	index, isIndex := parseIndex(step)
	switch {
	case plain.IsObject():
		below.value = plain.ObjectValue()[resource.PropertyKey(step)]
	case plain.IsArray() && isIndex && index < len(plain.ArrayValue()):
		below.value = plain.ArrayValue()[index]
	case isUnknown(plain):
		below.value = plain
	}
	return below
}

func (v Value) plain() resource.PropertyValue {
	plain := unwrap(v.value)
	if v.seen != nil && isUnknown(plain) {
		*v.seen = true
	}
	return plain
}

// unwrap takes the secret and output wrappers off a value. An output that is not known becomes an unknown value.
func unwrap(value resource.PropertyValue) resource.PropertyValue {
	for {
		switch {
		case value.IsSecret():
			value = value.SecretValue().Element
		case value.IsOutput() && value.OutputValue().Known:
			value = value.OutputValue().Element
		case value.IsOutput():
			return resource.MakeComputed(resource.NewStringProperty(""))
		default:
			return value
		}
	}
}

func isUnknown(value resource.PropertyValue) bool { return value.IsComputed() }

// Text, Number, Flag, Texts and Object make the values that a Default or an Output answers.

// Text is a string value.
func Text(text string) resource.PropertyValue { return resource.NewStringProperty(text) }

// Number is a number value.
func Number(number int) resource.PropertyValue { return resource.NewNumberProperty(float64(number)) }

// Flag is a boolean value.
func Flag(flag bool) resource.PropertyValue { return resource.NewBoolProperty(flag) }

// Texts is a list of strings. No text at all is an empty list, not an absent one.
func Texts(texts ...string) resource.PropertyValue {
	values := make([]resource.PropertyValue, 0, len(texts))
	for _, text := range texts {
		values = append(values, Text(text))
	}
	return resource.NewArrayProperty(values)
}

// List is a list of any values.
func List(values ...resource.PropertyValue) resource.PropertyValue {
	return resource.NewArrayProperty(append([]resource.PropertyValue{}, values...))
}

// Object is an object or a map.
func Object(fields resource.PropertyMap) resource.PropertyValue {
	return resource.NewObjectProperty(fields)
}

// Absent is no value: the output stays unset.
func Absent() resource.PropertyValue { return resource.NewNullProperty() }
