package iameval

import (
	"errors"
	"fmt"
	"strings"
)

// Requests are the requests that the policy's Allow statements are made for: one for each action and resource, with the wildcards
// of the resource filled and the condition keys that the statement asks for. Nothing is said about what a Deny or another policy
// makes of them. A statement that no such request can be made of is an error: it allows a wildcard action, names what it
// excepts, or has a condition that a value of its own does not satisfy.
func (p Policy) Requests() ([]Request, error) {
	var requests []Request
	for _, each := range p.statements {
		if each.effect != "Allow" {
			continue
		}
		made, err := each.requests()
		if err != nil {
			return nil, fmt.Errorf("statement %s: %w", each.name, err)
		}
		requests = append(requests, made...)
	}
	return requests, nil
}

func (s statement) requests() ([]Request, error) {
	if s.actions == nil || s.resources == nil {
		return nil, errors.New("it does not name its actions and resources")
	}
	context := Context{}
	for _, each := range s.conditions {
		value, needed, err := each.satisfied()
		if err != nil {
			return nil, err
		}
		if needed {
			context[each.key] = []string{value}
		}
	}
	var requests []Request
	for _, action := range s.actions {
		for _, resource := range s.resources {
			filled, err := resource.sample()
			if err != nil {
				return nil, err
			}
			request := Request{Action: action.name, Resource: filled, Context: context}
			if err := request.check(); err != nil {
				return nil, err
			}
			if applies, err := (statement{actions: s.actions, resources: s.resources, conditions: s.conditions}).applies(request); err != nil {
				return nil, err
			} else if !applies {
				return nil, fmt.Errorf("a condition on %s does not hold for a value of its own", request.Action)
			}
			requests = append(requests, request)
		}
	}
	return requests, nil
}

// satisfied is a value of the key with which the condition holds. A negated operator needs none: it holds without the key.
func (c condition) satisfied() (value string, needed bool, err error) {
	switch {
	case c.operator.negated, c.operator.exists, c.operator.base == "Null" && c.values[0][0].text == "true":
		return "", false, nil
	case c.operator.base == "Null":
		return "", false, fmt.Errorf("%s %s: which value the key has is not said", c.operator.name, c.key)
	}
	value, err = c.values[0].sample()
	return value, true, err
}

// sample is a text that the template matches.
func (t template) sample() (string, error) {
	var text strings.Builder
	for _, each := range t {
		if each.key != "" {
			return "", fmt.Errorf("${%s} is known to AWS only", each.key)
		}
		text.WriteString(each.text)
	}
	if text.String() == everything {
		return everything, nil
	}
	return strings.NewReplacer("*", "any", "?", "x").Replace(text.String()), nil
}
