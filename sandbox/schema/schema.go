// Package schema reads from the Pulumi SDK, by reflection, which properties a resource type has, of which types, and
// which scalars are required. It knows nothing of AWS.
package schema

import (
	"fmt"
	"reflect"
	"sort"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Shape is the outermost form of a type.
type Shape int

// The shapes.
const (
	// Any takes every value: the SDK declares an interface, as for JSON documents that may be text or an object.
	Any Shape = iota
	// Text, Integer, Number and Flag are the scalars.
	Text
	// Integer is a number without fraction.
	Integer
	// Number is any number.
	Number
	// Flag is a boolean.
	Flag
	// List is an ordered list of Elem.
	List
	// Map has text keys and values of Elem.
	Map
	// Object has the properties Fields.
	Object
)

// String is the word for the shape in an error.
func (s Shape) String() string {
	return [...]string{"any value", "a string", "an integer", "a number", "a boolean", "a list", "a map", "an object"}[s]
}

// Type is the type of a property.
type Type struct {
	Shape Shape
	// Elem is the type of the elements of a List or a Map.
	Elem *Type
	// Fields are the properties of an Object, by name.
	Fields []Property
}

// Field is the property of an Object by name.
func (t *Type) Field(name string) (Property, bool) {
	index := sort.Search(len(t.Fields), func(i int) bool { return t.Fields[i].Name >= name })
	if index < len(t.Fields) && t.Fields[index].Name == name {
		return t.Fields[index], true
	}
	return Property{}, false
}

// Property is one property of a resource or of an object below it.
type Property struct {
	Name string
	// Optional is what the SDK's Go type says: a pointer. Lists, maps and interfaces cannot say, and count as optional.
	Optional bool
	Type     *Type
}

// Resource is the two faces of one resource type: what a program gives and what it can read.
type Resource struct {
	Inputs, Outputs *Type
}

// Of reads a resource type from the SDK: args is the zero value of its argument struct, such as lb.LoadBalancerArgs{},
// and outputs a pointer to its resource struct, such as &lb.LoadBalancer{}.
func Of(args pulumi.Input, outputs pulumi.Resource) (*Resource, error) {
	plain := args.ElementType()
	if plain.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%T: the plain form of an argument struct must be a struct, not %s", args, plain)
	}
	result := reflect.TypeOf(outputs)
	if result.Kind() != reflect.Pointer || result.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("%T: a resource must be a pointer to a struct", outputs)
	}
	outputFields, err := outputType(result.Elem())
	if err != nil {
		return nil, err
	}
	return &Resource{Inputs: typeOf(plain), Outputs: outputFields}, nil
}

// OfPlain reads a plain struct of the SDK, such as aws.GetRegionArgs{} of an invoke, or the ElementType of a provider's
// argument struct.
func OfPlain(plain reflect.Type) *Type { return typeOf(plain) }

// outputType reads a resource struct, whose fields are tagged outputs.
func outputType(result reflect.Type) (*Type, error) {
	object := &Type{Shape: Object}
	for index := range result.NumField() {
		field := result.Field(index)
		name := field.Tag.Get("pulumi")
		if name == "" {
			continue
		}
		output, isOutput := reflect.Zero(field.Type).Interface().(pulumi.Output)
		if !isOutput {
			return nil, fmt.Errorf("%s.%s: a tagged field of a resource must be an output, not %s", result, field.Name, field.Type)
		}
		element := output.ElementType()
		object.Fields = append(object.Fields, Property{Name: name, Optional: element.Kind() == reflect.Pointer, Type: typeOf(element)})
	}
	sortFields(object.Fields)
	return object, nil
}

var (
	known      = map[reflect.Type]*Type{}
	knownGuard sync.Mutex
)

// typeOf is the Type of a plain Go type of the SDK. Types may contain themselves.
func typeOf(plain reflect.Type) *Type {
	knownGuard.Lock()
	defer knownGuard.Unlock()
	return build(plain)
}

func build(plain reflect.Type) *Type {
	if built, done := known[plain]; done {
		return built
	}
	built := &Type{}
	known[plain] = built
	switch plain.Kind() {
	case reflect.Pointer:
		*built = *build(plain.Elem())
	case reflect.String:
		built.Shape = Text
	case reflect.Int, reflect.Int32, reflect.Int64:
		built.Shape = Integer
	case reflect.Float32, reflect.Float64:
		built.Shape = Number
	case reflect.Bool:
		built.Shape = Flag
	case reflect.Slice:
		built.Shape, built.Elem = List, build(plain.Elem())
	case reflect.Map:
		built.Shape, built.Elem = Map, build(plain.Elem())
	case reflect.Struct:
		built.Shape = Object
		for index := range plain.NumField() {
			field := plain.Field(index)
			if name := field.Tag.Get("pulumi"); name != "" {
				built.Fields = append(built.Fields, Property{Name: name, Optional: mayBeAbsent(field.Type), Type: build(field.Type)})
			}
		}
		sortFields(built.Fields)
	default: // an interface: a JSON document, for example
		built.Shape = Any
	}
	return built
}

// mayBeAbsent is true for the Go types that have a nil.
func mayBeAbsent(plain reflect.Type) bool {
	switch plain.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	default:
		return false
	}
}

func sortFields(fields []Property) {
	sort.Slice(fields, func(i, j int) bool { return fields[i].Name < fields[j].Name })
}
