package kinds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// nameLetters are the characters that the provider appends to a logical name, as the real one does.
const nameLetters = 7

// Unknown is a value that only the deployment will tell.
var Unknown = resource.MakeComputed(resource.NewStringProperty(""))

// fillName chooses a physical name where the program gives none: the old one if there is one, otherwise one that
// depends only on the URN and on how many resources of it were created, so that preview and update agree.
func (k *Kind) fillName(s Subject, old, inputs resource.PropertyMap) *Failure {
	if k.Name == nil || isSet(inputs, k.Name.Property) {
		return nil
	}
	for _, other := range k.Name.Unless {
		if isSet(inputs, other) {
			return nil
		}
	}
	property := resource.PropertyKey(k.Name.Property)
	if isSet(old, k.Name.Property) && wasDefault(old, k.Name.Property) {
		inputs[property] = old[property]
		return nil
	}
	d := k.draft(s, emptyWorld{}, inputs, nil)
	logical := s.URN.Name()
	if k.Name.Lower {
		logical = strings.ToLower(logical)
	}
	name := k.Name.Prefix + logical + orElse(k.Name.Separator, "-") + d.nameSuffix() + k.Name.Suffix
	if len(name) > k.Name.Max {
		return &Failure{Path: k.Name.Property, Reason: fmt.Sprintf(
			"failed to use auto-naming: name %q of %d characters is longer than the %d that AWS takes for %s; shorten the resource's name %q by %d or set %s",
			name, len(name), k.Name.Max, k.API.Noun, s.URN.Name(), len(name)-k.Name.Max, k.Name.Property)}
	}
	inputs[property] = Text(name)
	return nil
}

// defaultsKey is where the provider notes, among the inputs, which of them it filled in, as the real one does.
const defaultsKey = "__defaults"

// noteDefaults notes the top-level properties that inputs have and given has not.
func noteDefaults(inputs, given resource.PropertyMap) {
	filled := []resource.PropertyValue{}
	for _, key := range inputs.StableKeys() {
		if given[key].IsNull() {
			filled = append(filled, Text(string(key)))
		}
	}
	inputs[defaultsKey] = resource.NewArrayProperty(filled)
}

// wasDefault is true when the provider filled in a property of inputs. Inputs without a note were all filled in.
func wasDefault(inputs resource.PropertyMap, name string) bool {
	note, has := inputs[defaultsKey]
	return !has || slices.Contains(Value{value: note}.Texts(), name)
}

func (d *Draft) nameSuffix() string {
	return d.Hex("name", nameLetters)
}

// fillTags puts the provider's default tags under the program's own, as the real provider does at plan time.
func (k *Kind) fillTags(s Subject, inputs resource.PropertyMap) {
	if len(s.DefaultTags) == 0 || !k.takesTags() {
		return
	}
	given := inputs["tags"]
	if unknown := unwrap(given); isUnknown(unknown) {
		return
	}
	tags := resource.PropertyMap{}
	for key, value := range s.DefaultTags {
		tags[resource.PropertyKey(key)] = Text(value)
	}
	if own := unwrap(given); own.IsObject() {
		for key, value := range own.ObjectValue() {
			tags[key] = value
		}
	}
	filled := resource.NewObjectProperty(tags)
	if given.IsSecret() {
		filled = resource.MakeSecret(filled)
	}
	inputs["tags"] = filled
}

// takesTags is true when the type has tags that the provider's default tags apply to.
func (k *Kind) takesTags() bool {
	properties, err := k.Schema()
	if err != nil {
		return false
	}
	_, given := properties.Inputs.Field("tags")
	_, answered := properties.Outputs.Field("tagsAll")
	return given && answered
}

// outputs is the computed outputs with those that every taggable type has.
func (k *Kind) outputs() []Output {
	if !k.takesTags() {
		return k.Computed
	}
	return append([]Output{{Name: "tagsAll", Always: true, Value: func(d *Draft) resource.PropertyValue {
		tags := resource.PropertyMap{}
		for key, value := range d.tags {
			tags[resource.PropertyKey(key)] = Text(value)
		}
		for _, key := range d.At("tags").Keys() {
			tags[resource.PropertyKey(key)] = d.At("tags").step(key).value
		}
		return Object(tags)
	}}}, k.Computed...)
}

func (k *Kind) fillSecrets(inputs resource.PropertyMap) {
	for _, name := range k.Secrets {
		key := resource.PropertyKey(name)
		if value, given := inputs[key]; given && !value.IsNull() && !value.IsSecret() && !value.ContainsUnknowns() {
			inputs[key] = resource.MakeSecret(value)
		}
	}
}

// fillDefault sets a default where nothing is set, below parents that exist. It changes a copy of what it descends into.
func fillDefault(inputs resource.PropertyMap, steps []string, value resource.PropertyValue) {
	key := resource.PropertyKey(steps[0])
	current, given := inputs[key]
	if len(steps) == 1 {
		if !given || current.IsNull() {
			inputs[key] = value
		}
		return
	}
	if given {
		inputs[key] = defaulted(current, steps[1:], value)
	}
}

func defaulted(parent resource.PropertyValue, steps []string, value resource.PropertyValue) resource.PropertyValue {
	switch {
	case parent.IsSecret():
		return resource.MakeSecret(defaulted(parent.SecretValue().Element, steps, value))
	case steps[0] == "[]" && parent.IsArray():
		elements := append([]resource.PropertyValue{}, parent.ArrayValue()...)
		for index := range elements {
			elements[index] = defaulted(elements[index], steps[1:], value)
		}
		return resource.NewArrayProperty(elements)
	case parent.IsObject():
		fields := parent.ObjectValue().Copy()
		fillDefault(fields, steps, value)
		return resource.NewObjectProperty(fields)
	default:
		return parent
	}
}

func isSet(inputs resource.PropertyMap, name string) bool {
	value, given := inputs[resource.PropertyKey(name)]
	if !given {
		return false
	}
	plain := unwrap(value)
	return !plain.IsNull() && (!plain.IsString() || plain.StringValue() != "")
}

func put(values resource.PropertyMap, key resource.PropertyKey, value resource.PropertyValue) {
	if value.IsNull() {
		delete(values, key)
		return
	}
	values[key] = value
}

// withoutMarks is a copy that lacks the engine's own marks.
func withoutMarks(values resource.PropertyMap) resource.PropertyMap {
	kept := values.Copy()
	delete(kept, defaultsKey)
	return kept
}

// withoutNulls is a copy that lacks the properties whose value is nothing, at any depth of objects, and the engine's own
// marks.
func withoutNulls(values resource.PropertyMap) resource.PropertyMap {
	kept := resource.PropertyMap{}
	for key, value := range values {
		if value.IsNull() || strings.HasPrefix(string(key), "__") {
			continue
		}
		kept[key] = cleaned(value)
	}
	return kept
}

func cleaned(value resource.PropertyValue) resource.PropertyValue {
	switch {
	case value.IsSecret():
		return resource.MakeSecret(cleaned(value.SecretValue().Element))
	case value.IsOutput():
		inner := value.OutputValue()
		plain := unwrap(value)
		if inner.Known {
			plain = cleaned(inner.Element)
		}
		if inner.Secret {
			return resource.MakeSecret(plain)
		}
		return plain
	case value.IsObject():
		return resource.NewObjectProperty(withoutNulls(value.ObjectValue()))
	case value.IsArray():
		elements := make([]resource.PropertyValue, 0, len(value.ArrayValue()))
		for _, element := range value.ArrayValue() {
			elements = append(elements, cleaned(element))
		}
		return resource.NewArrayProperty(elements)
	default:
		return value
	}
}
