// Package strict decodes YAML or JSON into a Go struct and reports everything that is wrong with it at once: unknown and
// repeated keys at any depth, missing values, and values of the wrong type. Nothing is converted or guessed: the
// number 1 is no text, the text "1" is no number, and null is a missing value.
//
// A struct describes its keys with the tag config:"name" or config:"name,required". Fields may be strings, booleans,
// whole numbers, structs, pointers to any of these (nil when absent), slices, maps from text to text, and named string types
// that list their values (see Enum).
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

// Enum is a named string type with a fixed set of values; Decode refuses every other.
type Enum interface {
	// Values are the allowed texts, in the order in which a person should read them.
	Values() []string
}

// Decode fills target, a pointer to a struct, from node and adds every failure to found, under found's own path.
// A failed field is left at its zero value, so that the caller can go on checking the others.
func Decode(node *yaml.Node, target any, found *check.Checker) {
	value(resolve(node), reflect.ValueOf(target).Elem(), "", found)
}

func value(node *yaml.Node, into reflect.Value, path string, found *check.Checker) {
	if enum, isEnum := into.Interface().(Enum); isEnum && into.Kind() == reflect.String {
		decodeEnum(node, into, enum, path, found)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(into.Type().Elem())
		value(node, fresh.Elem(), path, found)
		into.Set(fresh)
	case reflect.Struct:
		decodeStruct(node, into, path, found)
	case reflect.Slice:
		decodeSlice(node, into, path, found)
	case reflect.Map:
		decodeMap(node, into, path, found)
	default:
		decodeScalar(node, into, path, found)
	}
}

func decodeStruct(node *yaml.Node, into reflect.Value, path string, found *check.Checker) {
	if node.Kind != yaml.MappingNode {
		found.Fail(path, written(node), "must be a set of keys", "write one key: value pair a line: "+strings.Join(names(into.Type()), ", "))
		return
	}
	given := pairs(node, path, found)
	for i := range into.NumField() {
		name, required := tag(into.Type().Field(i))
		child := given[name]
		delete(given, name)
		switch {
		case child != nil && !isNull(child):
			value(child, into.Field(i), join(path, name), found)
		case required:
			found.Missing(join(path, name), "it has no default", "add "+name+remedyFor(into.Field(i)))
		}
	}
	known := names(into.Type())
	for _, key := range keysInOrder(node, given) {
		remedy := "remove it; the keys here are " + strings.Join(known, ", ")
		if near := Nearest(key, known); near != "" {
			remedy = fmt.Sprintf("did you mean %s?", near)
		}
		found.Fail(join(path, key), written(given[key]), "is at a key that does not exist", remedy)
	}
}

func decodeSlice(node *yaml.Node, into reflect.Value, path string, found *check.Checker) {
	if node.Kind != yaml.SequenceNode {
		found.Fail(path, written(node), "must be a list", "write it as [a, b] or with one - item a line")
		return
	}
	list := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		at := path + "[" + strconv.Itoa(i) + "]"
		if item = resolve(item); isNull(item) {
			found.Missing(at, "a list has no empty items", "remove the item or give it a value")
			continue
		}
		value(item, list.Index(i), at, found)
	}
	into.Set(list)
}

func decodeMap(node *yaml.Node, into reflect.Value, path string, found *check.Checker) {
	if node.Kind != yaml.MappingNode {
		found.Fail(path, written(node), "must be a set of names with texts", `write one NAME: "value" pair a line`)
		return
	}
	given := pairs(node, path, found)
	texts := reflect.MakeMap(into.Type())
	for _, key := range keysInOrder(node, given) {
		text := reflect.New(into.Type().Elem()).Elem()
		value(given[key], text, join(path, key), found)
		texts.SetMapIndex(reflect.ValueOf(key), text)
	}
	into.Set(texts)
}

func decodeScalar(node *yaml.Node, into reflect.Value, path string, found *check.Checker) {
	switch into.Kind() {
	case reflect.String:
		if node.Kind == yaml.ScalarNode && node.Tag == "!!str" {
			into.SetString(node.Value)
			return
		}
		found.Fail(path, written(node), "must be text", "put it in quotes")
	case reflect.Bool:
		if parsed, err := strconv.ParseBool(node.Value); err == nil && node.Tag == "!!bool" {
			into.SetBool(parsed)
			return
		}
		found.Fail(path, written(node), "must be true or false", "write true or false, without quotes")
	case reflect.Int:
		// A leading zero means octal to some readers of YAML and nothing to others, so only the plain form is a number.
		if parsed, err := strconv.Atoi(node.Value); err == nil && strconv.Itoa(parsed) == node.Value && node.Tag == "!!int" {
			into.SetInt(int64(parsed))
			return
		}
		found.Fail(path, written(node), "must be a whole number", "write it in digits, without quotes or unit")
	default:
		panic(fmt.Sprintf("strict: a field of type %s cannot be configured", into.Type()))
	}
}

func decodeEnum(node *yaml.Node, into reflect.Value, enum Enum, path string, found *check.Checker) {
	if node.Kind == yaml.ScalarNode && slices.Contains(enum.Values(), node.Value) {
		into.SetString(node.Value)
		return
	}
	remedy := "write one of them"
	if near := Nearest(node.Value, enum.Values()); near != "" {
		remedy = fmt.Sprintf("did you mean %s?", near)
	}
	found.Fail(path, written(node), "must be one of "+strings.Join(enum.Values(), ", "), remedy)
}

// pairs are the key and value nodes of a mapping; a key given twice is a failure and its first value stands.
func pairs(node *yaml.Node, path string, found *check.Checker) map[string]*yaml.Node {
	given := make(map[string]*yaml.Node, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, child := node.Content[i].Value, resolve(node.Content[i+1])
		if _, twice := given[key]; twice {
			found.Fail(join(path, key), written(child), "is the second value of one key", "keep one of them")
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

func remedyFor(field reflect.Value) string {
	if enum, isEnum := field.Interface().(Enum); isEnum && field.Kind() == reflect.String {
		return ": one of " + strings.Join(enum.Values(), ", ")
	}
	return ""
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
