package iameval

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// version is the only language version that is understood: the older one has no policy variables
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html).
const version = "2012-10-17"

const everything = "*"

var (
	plainAction   = regexp.MustCompile(`^[A-Za-z0-9-]+:[A-Za-z0-9]+$`)
	actionPattern = regexp.MustCompile(`^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$`)
)

// Policy is a policy that has been read.
type Policy struct{ statements []statement }

// kind says which elements a statement has.
type kind struct{ principals, resources bool }

// ParseIdentity reads a policy that is attached to a role: statements have resources and no principals.
func ParseIdentity(text string) (Policy, error) { return parse(text, kind{resources: true}) }

// ParseResource reads the policy of a resource, be it a bucket, a key or a VPC endpoint: statements have principals and resources.
func ParseResource(text string) (Policy, error) {
	return parse(text, kind{principals: true, resources: true})
}

// ParseTrust reads the policy that says who may assume a role: statements have principals and no resources.
func ParseTrust(text string) (Policy, error) { return parse(text, kind{principals: true}) }

func parse(text string, kind kind) (Policy, error) {
	if err := one([]byte(text)); err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	elements, err := members(json.RawMessage(text))
	if err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	var policy Policy
	hasVersion := false
	for _, element := range elements {
		switch element.name {
		case "Version":
			hasVersion = string(element.value) == strconv.Quote(version)
		case "Id":
			if _, err := scalar(element.value); err != nil {
				return Policy{}, fmt.Errorf("policy: Id: %w", err)
			}
		case "Statement":
			if policy.statements, err = parseStatements(element.value, kind); err != nil {
				return Policy{}, err
			}
		default:
			return Policy{}, fmt.Errorf("policy: %q is not an element that is known here", element.name)
		}
	}
	switch {
	case !hasVersion:
		return Policy{}, fmt.Errorf("policy: Version is not %s", version)
	case len(policy.statements) == 0:
		return Policy{}, fmt.Errorf("policy: there is no Statement")
	}
	return policy, nil
}

func parseStatements(raw json.RawMessage, kind kind) ([]statement, error) {
	list := []json.RawMessage{raw}
	if isList(raw) {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, fmt.Errorf("statements: %w", err)
		}
	}
	var statements []statement
	for index, each := range list {
		parsed, err := parseStatement(each, kind)
		if err != nil {
			return nil, fmt.Errorf("statement %d: %w", index, err)
		}
		if parsed.name == "" {
			parsed.name = strconv.Itoa(index)
		}
		if slices.ContainsFunc(statements, func(earlier statement) bool { return earlier.name == parsed.name }) {
			return nil, fmt.Errorf("statement %d: the Sid %q is taken", index, parsed.name)
		}
		statements = append(statements, parsed)
	}
	return statements, nil
}

func parseStatement(raw json.RawMessage, kind kind) (statement, error) {
	elements, err := members(raw)
	if err != nil {
		return statement{}, err
	}
	var s statement
	for _, element := range elements {
		if err := s.read(element); err != nil {
			return statement{}, fmt.Errorf("%s: %w", element.name, err)
		}
	}
	switch {
	case s.effect == "":
		return statement{}, fmt.Errorf("there is no Effect")
	case (s.actions == nil) == (s.notActions == nil):
		return statement{}, fmt.Errorf("there must be either Action or NotAction")
	case s.resources != nil && s.notResources != nil:
		return statement{}, fmt.Errorf("there are both Resource and NotResource")
	case kind.resources != (s.resources != nil || s.notResources != nil):
		return statement{}, fmt.Errorf("whether it names resources does not fit this kind of policy")
	case kind.principals != (s.principals != nil):
		return statement{}, fmt.Errorf("whether it names principals does not fit this kind of policy")
	}
	return s, nil
}

func (s *statement) read(element member) (err error) {
	switch element.name {
	case "Sid":
		s.name, err = scalar(element.value)
	case "Effect":
		if s.effect, err = scalar(element.value); err == nil && s.effect != "Allow" && s.effect != "Deny" {
			err = fmt.Errorf("%q is neither Allow nor Deny", s.effect)
		}
	case "Principal":
		s.principals, err = parsePrincipals(element.value)
	case "Action":
		s.actions, err = parseActions(element.value)
	case "NotAction":
		s.notActions, err = parseActions(element.value)
	case "Resource":
		s.resources, err = parseResources(element.value)
	case "NotResource":
		s.notResources, err = parseResources(element.value)
	case "Condition":
		s.conditions, err = parseConditions(element.value)
	default:
		err = fmt.Errorf("is not an element that is known here")
	}
	return err
}

func parseActions(raw json.RawMessage) ([]action, error) {
	names, err := texts(raw)
	if err != nil {
		return nil, err
	}
	var found []action
	for _, name := range names {
		if !actionPattern.MatchString(name) {
			return nil, fmt.Errorf("%q is not an action", name)
		}
		found = append(found, action{name: name, pattern: wildcards(strings.ToLower(name))})
	}
	return found, nil
}

func parseResources(raw json.RawMessage) ([]template, error) {
	names, err := texts(raw)
	if err != nil {
		return nil, err
	}
	var found []template
	for _, name := range names {
		if name != everything && !isARN(name) {
			return nil, fmt.Errorf("%q is neither an ARN nor *", name)
		}
		parsed, err := parseTemplate(name)
		if err != nil {
			return nil, err
		}
		found = append(found, parsed)
	}
	return found, nil
}
