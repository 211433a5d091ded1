package automation

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var reference = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// filled are inputs in which every reference is replaced by what it stands for. One to a step that did not run is an error: AWS would
// hand on the reference itself.
func (r *run) filled(inputs map[string]any) (map[string]any, error) {
	all := map[string]any{}
	for name, value := range inputs {
		filled, err := r.fill(value)
		if err != nil {
			return nil, err
		}
		all[name] = filled
	}
	return all, nil
}

func (r *run) fill(value any) (any, error) {
	switch typed := value.(type) {
	case map[string]any:
		return r.filled(typed)
	case []any:
		all := []any{}
		for _, each := range typed {
			filled, err := r.fill(each)
			if err != nil {
				return nil, err
			}
			all = append(all, filled)
		}
		return all, nil
	case string:
		return r.text(typed)
	}
	return value, nil
}

// text keeps the type of a value where the text is the reference and nothing else.
func (r *run) text(text string) (any, error) {
	var unknown error
	look := func(match string) any {
		name := reference.FindStringSubmatch(match)[1]
		value, is := r.values[name]
		if !is {
			unknown = wrongf("{{ %s }} has no value here", name)
		}
		return value
	}
	if match := reference.FindString(text); match != "" && match == text {
		return look(match), unknown
	}
	return reference.ReplaceAllStringFunc(text, func(match string) string { return fmt.Sprint(look(match)) }), unknown
}

// absent is a property that an answer does not have.
type absent struct{ path string }

func (a absent) Error() string { return "the answer has no " + a.path }

var part = regexp.MustCompile(`^([A-Za-z0-9_]+)((?:\[[0-9]+\])*)$`)

// selected takes a value out of an answer by a JSONPath of names and indexes, such as $.DBClusters[0].Status. Other forms are not known
// here.
func selected(answer map[string]any, selector string) (any, error) {
	rest, is := strings.CutPrefix(selector, "$.")
	if !is {
		return nil, wrongf("the selector %q is not known here", selector)
	}
	var value any = answer
	for _, name := range strings.Split(rest, ".") {
		match := part.FindStringSubmatch(name)
		if match == nil {
			return nil, wrongf("the selector %q is not known here", selector)
		}
		members, isMap := value.(map[string]any)
		if value, is = members[match[1]]; !isMap || !is {
			return nil, absent{selector}
		}
		for _, index := range strings.FieldsFunc(match[2], func(r rune) bool { return r == '[' || r == ']' }) {
			at, _ := strconv.Atoi(index) // the syntax has digits there
			list, isList := value.([]any)
			if !isList || at >= len(list) {
				return nil, absent{selector}
			}
			value = list[at]
		}
	}
	return value, nil
}
