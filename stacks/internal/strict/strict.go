// Package strict decodes YAML or JSON into a Go struct and reports everything that is wrong with it at once: unknown and
// repeated keys at any depth, missing values, and values of the wrong type. Nothing is converted or guessed: the
// number 1 is no text, the text "1" is no number, and null is a missing value.
//
// A struct describes its keys with the tag config:"name" or config:"name,required". Fields may be strings, booleans,
// whole numbers, structs, pointers to any of these (nil when absent), slices, maps from text to text, and named string types
// whose values are listed (see Enums).
package strict

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"gopkg.in/yaml.v3"
)

// Enums are the named string types with a fixed set of values, in the order in which a person should read them. Decode
// refuses every other value.
type Enums map[reflect.Type][]string

// With adds the values of one type.
func With[T ~string](enums Enums, values ...T) Enums {
	texts := make([]string, len(values))
	for i, each := range values {
		texts[i] = string(each)
	}
	enums[reflect.TypeFor[T]()] = texts
	return enums
}

// Decode fills target, a pointer to a struct, from node and adds every failure to found, under found's own path.
// A failed field is left at its zero value, so that the caller can go on checking the others.
func Decode(node *yaml.Node, target any, enums Enums, found *check.Checker) {
	decoder{enums, found}.value(resolve(node), reflect.ValueOf(target).Elem(), "")
}

// Keys are the values of a mapping by their keys. When allowed is not nil, other keys are failures and left out. A node that is
// no mapping, or is null, is one failure.
func Keys(node *yaml.Node, path string, allowed []string, found *check.Checker) map[string]*yaml.Node {
	d := decoder{found: found}
	if node.Kind == 0 {
		return nil
	}
	if node = resolve(node); isNull(node) {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		found.Fail(path, written(node), "must be a set of keys", "write one key: value pair a line")
		return nil
	}
	given := d.pairs(node, path)
	if allowed == nil {
		return given
	}
	for _, key := range keysInOrder(node, given) {
		if !slices.Contains(allowed, key) {
			d.unknown(join(path, key), key, given[key], allowed)
			delete(given, key)
		}
	}
	return given
}

type decoder struct {
	enums Enums
	found *check.Checker
}

func (d decoder) value(node *yaml.Node, into reflect.Value, path string) {
	if allowed, isEnum := d.enums[into.Type()]; isEnum {
		d.enum(node, into, allowed, path)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(into.Type().Elem())
		d.value(node, fresh.Elem(), path)
		into.Set(fresh)
	case reflect.Struct:
		d.structure(node, into, path)
	case reflect.Slice:
		d.list(node, into, path)
	case reflect.Map:
		d.texts(node, into, path)
	default:
		d.scalar(node, into, path)
	}
}

func (d decoder) structure(node *yaml.Node, into reflect.Value, path string) {
	if isNull(node) {
		d.found.Missing(path, "it must be a set of keys", "write one key: value pair a line: "+strings.Join(names(into.Type()), ", "))
		return
	}
	if node.Kind != yaml.MappingNode {
		d.found.Fail(path, written(node), "must be a set of keys", "write one key: value pair a line: "+strings.Join(names(into.Type()), ", "))
		return
	}
	given := d.pairs(node, path)
	for i := range into.NumField() {
		name, required := tag(into.Type().Field(i))
		if name == "" {
			continue
		}
		child := given[name]
		delete(given, name)
		switch {
		case child != nil && !isNull(child):
			d.value(child, into.Field(i), join(path, name))
		case required:
			d.found.Missing(join(path, name), "it has no default", "add "+name+d.choices(into.Type().Field(i).Type))
		}
	}
	for _, key := range keysInOrder(node, given) {
		d.unknown(join(path, key), key, given[key], names(into.Type()))
	}
}

func (d decoder) unknown(path, key string, value *yaml.Node, known []string) {
	remedy := "remove it; the keys here are " + strings.Join(known, ", ")
	if near := Nearest(key, known); near != "" {
		remedy = fmt.Sprintf("did you mean %s?", near)
	}
	d.found.Fail(path, written(value), "is at a key that does not exist", remedy)
}

func (d decoder) list(node *yaml.Node, into reflect.Value, path string) {
	if node.Kind != yaml.SequenceNode {
		d.found.Fail(path, written(node), "must be a list", "write it as [a, b] or with one - item a line")
		return
	}
	list := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		at := path + "[" + strconv.Itoa(i) + "]"
		if item = resolve(item); isNull(item) {
			d.found.Missing(at, "a list has no empty items", "remove the item or give it a value")
			continue
		}
		d.value(item, list.Index(i), at)
	}
	into.Set(list)
}

func (d decoder) texts(node *yaml.Node, into reflect.Value, path string) {
	if node.Kind != yaml.MappingNode {
		d.found.Fail(path, written(node), "must be a set of names with texts", `write one NAME: "value" pair a line`)
		return
	}
	given := d.pairs(node, path)
	texts := reflect.MakeMap(into.Type())
	for _, key := range keysInOrder(node, given) {
		text := reflect.New(into.Type().Elem()).Elem()
		d.value(given[key], text, join(path, key))
		texts.SetMapIndex(reflect.ValueOf(key), text)
	}
	into.Set(texts)
}

func (d decoder) scalar(node *yaml.Node, into reflect.Value, path string) {
	switch into.Kind() {
	case reflect.String:
		if node.Kind == yaml.ScalarNode && node.Tag == "!!str" {
			into.SetString(node.Value)
			return
		}
		d.found.Fail(path, written(node), "must be text", "put it in quotes")
	case reflect.Bool:
		if parsed, err := strconv.ParseBool(node.Value); err == nil && node.Tag == "!!bool" {
			into.SetBool(parsed)
			return
		}
		d.found.Fail(path, written(node), "must be true or false", "write true or false, without quotes")
	case reflect.Int:
		// A leading zero means octal to some readers of YAML and nothing to others, so only the plain form is a number.
		if parsed, err := strconv.Atoi(node.Value); err == nil && strconv.Itoa(parsed) == node.Value && node.Tag == "!!int" {
			into.SetInt(int64(parsed))
			return
		}
		d.found.Fail(path, written(node), "must be a whole number", "write it in digits, without quotes or unit")
	default:
		panic(fmt.Sprintf("strict: a field of type %s cannot be configured", into.Type()))
	}
}

func (d decoder) enum(node *yaml.Node, into reflect.Value, allowed []string, path string) {
	if node.Kind == yaml.ScalarNode && slices.Contains(allowed, node.Value) {
		into.SetString(node.Value)
		return
	}
	remedy := "write one of them"
	if near := Nearest(node.Value, allowed); near != "" {
		remedy = fmt.Sprintf("did you mean %s?", near)
	}
	d.found.Fail(path, written(node), "must be one of "+strings.Join(allowed, ", "), remedy)
}

// pairs are the key and value nodes of a mapping; a key given twice is a failure and its first value stands.
func (d decoder) pairs(node *yaml.Node, path string) map[string]*yaml.Node {
	given := make(map[string]*yaml.Node, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, child := node.Content[i].Value, resolve(node.Content[i+1])
		if _, twice := given[key]; twice {
			d.found.Fail(join(path, key), written(child), "is the second value of one key", "keep one of them")
			continue
		}
		given[key] = child
	}
	return given
}

// keysInOrder are the keys left in given, in the order in which they were written.
func keysInOrder(node *yaml.Node, given map[string]*yaml.Node) []string {
	var keys []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i].Value
		if _, left := given[key]; left && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func resolve(node *yaml.Node) *yaml.Node {
	switch {
	case node.Kind == yaml.AliasNode:
		return resolve(node.Alias)
	case node.Kind == yaml.DocumentNode && len(node.Content) == 1:
		return resolve(node.Content[0])
	default:
		return node
	}
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// shown is text that a failure prints as it stands.
type shown string

// written is a value as a failure shows it: numbers as in the file, texts quoted, anything larger by its kind.
func written(node *yaml.Node) shown {
	switch {
	case node.Kind == yaml.MappingNode:
		return "a set of keys"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Tag == "!!str":
		return shown(strconv.Quote(node.Value))
	default:
		return shown(node.Value)
	}
}

func tag(field reflect.StructField) (name string, required bool) {
	name, option, _ := strings.Cut(field.Tag.Get("config"), ",")
	return name, option == "required"
}

func names(of reflect.Type) []string {
	var all []string
	for i := range of.NumField() {
		if name, _ := tag(of.Field(i)); name != "" {
			all = append(all, name)
		}
	}
	return all
}

func (d decoder) choices(of reflect.Type) string {
	if allowed, isEnum := d.enums[of]; isEnum {
		return ": one of " + strings.Join(allowed, ", ")
	}
	return ""
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
