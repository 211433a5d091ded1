package schema

import (
	"fmt"
	"math"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Problem is one property that does not fit a type.
type Problem struct {
	// Path is the property, such as listeners[0].port.
	Path string
	// Reason says what is wrong with it.
	Reason string
}

// Check holds values against an Object type: unknown names, missing required properties and wrong types, by path. required
// names further top-level properties that must be there. Unknown and secret values fit where a known, plain one would.
func (t *Type) Check(values resource.PropertyMap, required ...string) []Problem {
	problems := t.checkFields("", values)
	for _, name := range required {
		if value, given := values[resource.PropertyKey(name)]; !given || value.IsNull() {
			problems = append(problems, missing(name))
		}
	}
	return problems
}

func missing(path string) Problem {
	return Problem{Path: path, Reason: fmt.Sprintf("missing required property %q", path)}
}

func (t *Type) checkFields(path string, values resource.PropertyMap) []Problem {
	var problems []Problem
	for _, key := range values.StableKeys() {
		name := string(key)
		if strings.HasPrefix(name, "__") { // the engine's own marks, such as __defaults
			continue
		}
		field, known := t.Field(name)
		if !known {
			problems = append(problems, Problem{Path: join(path, name), Reason: unknownName(name, t.Fields)})
			continue
		}
		problems = append(problems, field.Type.check(join(path, name), values[key])...)
	}
	for _, field := range t.Fields {
		if value := values[resource.PropertyKey(field.Name)]; !field.Optional && value.IsNull() {
			problems = append(problems, missing(join(path, field.Name)))
		}
	}
	return problems
}

func (t *Type) check(path string, value resource.PropertyValue) []Problem {
	switch {
	case value.IsSecret():
		return t.check(path, value.SecretValue().Element)
	case value.IsOutput():
		return t.check(path, value.OutputValue().Element)
	case value.IsNull(), value.IsComputed(), t.Shape == Any:
		return nil
	case t.Shape == List && value.IsArray():
		var problems []Problem
		for index, element := range value.ArrayValue() {
			problems = append(problems, t.Elem.check(fmt.Sprintf("%s[%d]", path, index), element)...)
		}
		return problems
	case t.Shape == Map && value.IsObject():
		var problems []Problem
		for _, key := range value.ObjectValue().StableKeys() {
			problems = append(problems, t.Elem.check(join(path, string(key)), value.ObjectValue()[key])...)
		}
		return problems
	case t.Shape == Object && value.IsObject():
		return t.checkFields(path, value.ObjectValue())
	case t.fits(value):
		return nil
	}
	return []Problem{{Path: path, Reason: fmt.Sprintf("%s must be %s, not %s", path, t.Shape, describe(value))}}
}

// fits is true when a scalar has the type's shape.
func (t *Type) fits(value resource.PropertyValue) bool {
	switch t.Shape {
	case Text:
		return value.IsString()
	case Flag:
		return value.IsBool()
	case Number:
		return value.IsNumber()
	case Integer:
		return value.IsNumber() && value.NumberValue() == math.Trunc(value.NumberValue())
	default:
		return false
	}
}

func describe(value resource.PropertyValue) string {
	switch {
	case value.IsString():
		return fmt.Sprintf("the string %q", value.StringValue())
	case value.IsNumber():
		return fmt.Sprintf("the number %v", value.NumberValue())
	case value.IsBool():
		return fmt.Sprintf("the boolean %v", value.BoolValue())
	default:
		return value.TypeString()
	}
}

func unknownName(name string, fields []Property) string {
	names := make([]string, 0, len(fields))
	for _, field := range fields {
		names = append(names, field.Name)
	}
	if nearest := Nearest(name, names); nearest != "" {
		return fmt.Sprintf("unknown property %q; did you mean %q?", name, nearest)
	}
	return fmt.Sprintf("unknown property %q; known are %s", name, strings.Join(names, ", "))
}

// Nearest is the candidate with the fewest edits from name, or "" when every one needs more than a third of its letters
// changed. Case costs nothing. Ties go to the first.
func Nearest(name string, candidates []string) string {
	best, fewest := "", max(2, len(name)/3)+1
	for _, candidate := range candidates {
		if edits := distance(strings.ToLower(name), strings.ToLower(candidate)); edits < fewest {
			best, fewest = candidate, edits
		}
	}
	return best
}

// distance is the number of bytes to insert, delete, change or swap with their neighbour to make b of a.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
