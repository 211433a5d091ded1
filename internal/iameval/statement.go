package iameval

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// statement is one statement, each list nil where the element is not there.
type statement struct {
	name, effect            string
	principals              []principal
	actions, notActions     []action
	resources, notResources []template
	conditions              []condition
}

// decision is what the statement says about a request that it applies to.
func (s statement) decision(request Request) Decision {
	if s.effect == "Deny" {
		return ExplicitDeny
	}
	if s.principals == nil {
		return Allow
	}
	for _, each := range s.principals {
		if each.matches(request.Principal) && !each.isAccount() {
			return Allow
		}
	}
	return Delegate
}

func (s statement) applies(request Request) (bool, error) {
	if s.principals != nil && !s.namesPrincipal(request.Principal) {
		return false, nil
	}
	if !s.namesAction(request.Action) {
		return false, nil
	}
	if named, err := s.namesResource(request); err != nil || !named {
		return false, err
	}
	for _, each := range s.conditions {
		if holds, err := each.holds(request.Context); err != nil || !holds {
			return false, err
		}
	}
	return true, nil
}

func (s statement) namesPrincipal(of string) bool {
	for _, each := range s.principals {
		if each.matches(of) {
			return true
		}
	}
	return false
}

// action is one entry of Action or NotAction, as it is written and, in lower case, as it is compared.
type action struct {
	name    string
	pattern pattern
}

// namesAction compares without regard to case
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html).
func (s statement) namesAction(name string) bool {
	list, named := s.actions, true
	if s.notActions != nil {
		list, named = s.notActions, false
	}
	for _, each := range list {
		if each.pattern.matches(strings.ToLower(name)) {
			return named
		}
	}
	return !named
}

func (s statement) namesResource(request Request) (bool, error) {
	list, named := s.resources, true
	if s.notResources != nil {
		list, named = s.notResources, false
	}
	if list == nil {
		return true, nil
	}
	for _, each := range list {
		resolved, known, err := each.fill(request.Context, true)
		if err != nil {
			return false, err
		}
		if known && resolved.matchesResource(request.Resource) {
			return named, nil
		}
	}
	return !named, nil
}

// principal is one entry of Principal.
type principal struct{ kind, name string }

var (
	accountID    = regexp.MustCompile(`^[0-9]{12}$`)
	principalARN = regexp.MustCompile(`^arn:[a-z-]+:iam::([0-9]{12}):(root|(role|user)/\S+)$`)
	serviceName  = regexp.MustCompile(`^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$`)
)

func parsePrincipals(raw json.RawMessage) ([]principal, error) {
	if text, err := scalar(raw); err == nil {
		if text != everything {
			return nil, fmt.Errorf("%q is not *", text)
		}
		return []principal{{kind: "AWS", name: everything}}, nil
	}
	kinds, err := members(raw)
	if err != nil {
		return nil, err
	}
	var found []principal
	for _, kind := range kinds {
		names, err := texts(kind.value)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			known := kind.name == "Service" && serviceName.MatchString(name) ||
				kind.name == "AWS" && (name == everything || accountID.MatchString(name) || principalARN.MatchString(name))
			if !known || name != everything && strings.ContainsAny(name, "*?$") {
				return nil, fmt.Errorf("%s %q is not a principal that is known here", kind.name, name)
			}
			found = append(found, principal{kind: kind.name, name: name})
		}
	}
	if found == nil {
		return nil, fmt.Errorf("names nobody")
	}
	return found, nil
}

// isAccount says whether the principal is a whole account.
func (p principal) isAccount() bool {
	return accountID.MatchString(p.name) || strings.HasSuffix(p.name, ":root")
}

func (p principal) matches(of string) bool {
	switch {
	case p.name == everything || p.name == of:
		return true
	case p.kind == "AWS" && p.isAccount():
		match, own := principalARN.FindStringSubmatch(of), p.name
		if named := principalARN.FindStringSubmatch(p.name); named != nil {
			own = named[1]
		}
		return match != nil && match[1] == own
	}
	return false
}
