package iameval

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// condition is one operator on one key. Every condition of a statement must hold; of its values one must match, or none where
// the operator is negated
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html).
type condition struct {
	operator operator
	key      string
	values   []template
}

// operator is an operator taken apart. A negated one is the base that it negates.
type operator struct {
	name, base, set string
	negated, exists bool
}

// The set operators
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).
const (
	anyValue  = "ForAnyValue"
	allValues = "ForAllValues"
)

// negations are the operators with a Not, each with the one that it negates.
var negations = map[string]string{
	"StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase", "StringNotLike": "StringLike",
	"ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike", "NotIpAddress": "IpAddress",
	"NumericNotEquals": "NumericEquals", "DateNotEquals": "DateEquals",
}

func parseOperator(name string) (operator, error) {
	found := operator{name: name, base: name}
	if set, rest, qualified := strings.Cut(name, ":"); qualified {
		if set != anyValue && set != allValues {
			return operator{}, fmt.Errorf("%q is not an operator that is known here", name)
		}
		found.set, found.base = set, rest
	}
	found.base, found.exists = strings.CutSuffix(found.base, "IfExists")
	if base, negated := negations[found.base]; negated {
		found.base, found.negated = base, true
	}
	_, known := operators[found.base]
	if !known || found.base == "Null" && name != "Null" {
		return operator{}, fmt.Errorf("%q is not an operator that is known here", name)
	}
	return found, nil
}

func parseConditions(raw json.RawMessage) ([]condition, error) {
	blocks, err := members(raw)
	if err != nil {
		return nil, err
	}
	var found []condition
	for _, block := range blocks {
		operator, err := parseOperator(block.name)
		if err != nil {
			return nil, err
		}
		keys, err := members(block.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", block.name, err)
		}
		for _, key := range keys {
			parsed, err := parseCondition(operator, key)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", block.name, key.name, err)
			}
			if slices.ContainsFunc(found, parsed.repeats) {
				return nil, fmt.Errorf("%s: has %q twice", block.name, key.name)
			}
			found = append(found, parsed)
		}
	}
	return found, nil
}

// repeats: names of keys are compared without regard to case.
func (c condition) repeats(earlier condition) bool {
	return c.operator.name == earlier.operator.name && strings.EqualFold(c.key, earlier.key)
}

func parseCondition(operator operator, key member) (condition, error) {
	parsed := condition{operator: operator, key: key.name}
	if !strings.Contains(key.name, ":") {
		return condition{}, fmt.Errorf("is not a condition key")
	}
	values, err := texts(key.value)
	if err != nil {
		return condition{}, err
	}
	rule := operators[operator.base]
	for _, text := range values {
		value := template{{text: text}}
		if rule.variables {
			if value, err = parseTemplate(text); err != nil {
				return condition{}, err
			}
		}
		variable := strings.Contains(text, "${")
		if variable && !rule.variables || !variable && rule.valid != nil && !rule.valid(text) {
			return condition{}, fmt.Errorf("%q is nothing that %s compares", text, operator.base)
		}
		parsed.values = append(parsed.values, value)
	}
	if operator.base == "Null" && len(parsed.values) != 1 {
		return condition{}, fmt.Errorf("has several values")
	}
	return parsed, nil
}

// holds says whether the condition holds for a request. What an absent key does depends on the operator: with IfExists and with a
// negated operator the condition holds, otherwise it does not.
func (c condition) holds(context Context) (bool, error) {
	values := context.values(c.key)
	switch {
	case c.operator.base == "Null":
		return (len(values) == 0) == (c.values[0][0].text == "true"), nil
	case len(values) == 0:
		return c.holdsWithout()
	case len(values) > 1 && c.operator.set == "":
		return false, fmt.Errorf("%s %s: the request has several values, which take ForAnyValue or ForAllValues", c.operator.name, c.key)
	}
	for _, value := range values {
		matches, err := c.matchesOne(context, value)
		if err != nil {
			return false, fmt.Errorf("%s %s: %w", c.operator.name, c.key, err)
		}
		if holds := matches != c.operator.negated; holds != (c.operator.set == allValues) {
			return holds, nil
		}
	}
	return c.operator.set == allValues, nil
}

// holdsWithout is for a key that the request does not have. AWS says of ForAllValues that it is then true, and shows an example in
// which the negated form is not: that one is an error here.
func (c condition) holdsWithout() (bool, error) {
	switch {
	case c.operator.exists:
		return true, nil
	case c.operator.set == anyValue:
		return false, nil
	case c.operator.set == allValues && c.operator.negated:
		return false, fmt.Errorf("%s %s: the request has no such key, and AWS's documentation says both", c.operator.name, c.key)
	case c.operator.set == allValues:
		return true, nil
	}
	return c.operator.negated, nil
}

// matchesOne says whether one value of the request matches any of the policy's. One with a variable that has no value matches nothing
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value).
func (c condition) matchesOne(context Context, value string) (bool, error) {
	rule := operators[c.operator.base]
	for _, each := range c.values {
		wanted, known, err := each.fill(context, rule.wild)
		if err != nil {
			return false, err
		}
		if !known {
			continue
		}
		if matches, err := rule.matches(wanted, value); err != nil || matches {
			return matches, err
		}
	}
	return false, nil
}
