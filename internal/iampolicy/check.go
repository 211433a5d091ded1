package iampolicy

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	sidSyntax    = regexp.MustCompile(`^[A-Za-z0-9]+$`)
	actionSyntax = regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9*?]+$`)
)

// Check finds everything that is wrong with the document, before any slot has a value. It returns nil or an *Error.
func (d Document) Check() error {
	found := findings{}
	if _, known := kinds[d.Kind]; !known {
		found.fail("kind", string(d.Kind), "is not a kind of policy", "build the document with Identity, Key, ResourceBased, Endpoint or Trust")
		return found.err("policy")
	}
	if len(d.Statements) == 0 {
		found.missing("statements", "a policy needs at least one", "state a permission or leave the policy out")
	}
	sids := map[string]int{}
	for index, statement := range d.Statements {
		path := fmt.Sprintf("statements[%d]", index)
		statement.check(d.Kind, path, &found)
		if first, taken := sids[statement.Sid]; taken && statement.Sid != "" {
			found.fail(path+".sid", statement.Sid, fmt.Sprintf("is the Sid of statements[%d] too", first), "give each statement its own")
			continue
		}
		sids[statement.Sid] = index
	}
	return found.err(d.Kind)
}

// rules are what differs between the kinds of document.
type rules struct {
	principals func(Statement, string, *findings)
	action     func(Statement, Action) (limit, remedy string)
	resources  func(Statement, string, *findings)
}

var kinds = map[Kind]rules{
	IdentityPolicy: {principals: noPrincipals, action: identityAction, resources: identityResources},
	KeyPolicy:      {principals: somePrincipals, action: keyAction, resources: keyResources},
	ResourcePolicy: {principals: somePrincipals, action: resourceAction, resources: resourceResources},
	EndpointPolicy: {principals: endpointPrincipals, action: identityAction, resources: endpointResources},
	TrustPolicy:    {principals: trustPrincipals, action: trustAction, resources: noResources},
}

func (s Statement) check(kind Kind, path string, found *findings) {
	if s.Sid == "" {
		found.missing(path+".sid", "a statement is found by its Sid", "name what it permits, such as ReadSecrets")
	} else if !sidSyntax.MatchString(s.Sid) {
		found.fail(path+".sid", s.Sid, "may hold letters and digits only", "leave the other characters out")
	}
	switch s.Effect {
	case Allow, Deny:
	case "":
		found.missing(path+".effect", "there is no default", "state Allow or Deny")
	default:
		found.fail(path+".effect", string(s.Effect), "is not an effect", "state Allow or Deny")
	}
	s.checkActions(kinds[kind].action, path, found)
	kinds[kind].principals(s, path, found)
	kinds[kind].resources(s, path, found)
	checkConditions(s.Conditions, path, found)
}

func (s Statement) checkActions(rule func(Statement, Action) (limit, remedy string), path string, found *findings) {
	switch {
	case len(s.NotActions) == 0 && len(s.Actions) == 0:
		found.missing(path+".actions", "a statement needs at least one", "name the actions")
	case len(s.NotActions) > 0 && len(s.Actions) > 0:
		found.fail(path+".notActions", fmt.Sprint(len(s.NotActions)), "stand beside actions, and IAM takes one of the two", "keep the actions, or what is excepted")
	case len(s.NotActions) > 0 && s.Effect == Allow:
		found.fail(path+".notActions", fmt.Sprint(len(s.NotActions)), "in an Allow permit every action that AWS may ever add", "name the actions that are permitted")
	}
	checkActionList(s.Actions, path+".actions", found, func(action Action) (limit, remedy string) { return rule(s, action) })
	checkActionList(s.NotActions, path+".notActions", found, exception)
}

// exception is the rule of NotActions.
func exception(action Action) (limit, remedy string) {
	if hasWildcard(string(action)) {
		return "is a wildcard, which excepts more than what was looked at", "name each action that the Deny must let through"
	}
	return "", ""
}

func checkActionList(actions []Action, path string, found *findings, rule func(Action) (limit, remedy string)) {
	seen := map[Action]bool{}
	for index, action := range actions {
		at := fmt.Sprintf("%s[%d]", path, index)
		switch {
		case seen[action]:
			found.fail(at, string(action), "is listed twice", "list it once")
		case action != wildcard && !actionSyntax.MatchString(string(action)):
			found.fail(at, string(action), "is not an action", "write service:Action, such as s3:GetObject")
		default:
			if limit, remedy := rule(action); limit != "" {
				found.fail(at, string(action), limit, remedy)
			}
		}
		seen[action] = true
	}
}

func identityAction(s Statement, action Action) (limit, remedy string) {
	if s.Effect != Deny && hasWildcard(string(action)) {
		return "is a wildcard, which an Allow may not contain", "name each action"
	}
	return "", ""
}

func keyAction(_ Statement, action Action) (limit, remedy string) {
	if !strings.HasPrefix(string(action), "kms:") {
		return "is not an action on a key", "name kms actions only"
	}
	return "", ""
}

func resourceAction(s Statement, action Action) (limit, remedy string) {
	if s.Effect != Deny && action == wildcard {
		return "permits every action of every service", "name the service at least, such as s3:*"
	}
	return "", ""
}

// trustAction allows what the principals of this package can be given; federated principals have actions of their own.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
func trustAction(_ Statement, action Action) (limit, remedy string) {
	switch action {
	case "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity":
		return "", ""
	}
	return "is not how a service or a role assumes a role", "use sts:AssumeRole, with sts:TagSession or sts:SetSourceIdentity where needed"
}

// values are every literal and slot of the statement.
func (s Statement) values() []value {
	var all []value
	for _, each := range s.Resources {
		if each != nil {
			all = append(all, each.resource())
		}
	}
	for _, condition := range s.Conditions {
		for _, each := range condition.Values {
			if each != nil {
				all = append(all, each.condition())
			}
		}
	}
	return all
}

// narrowedBy says whether a condition on key must hold for the statement to match.
func (s Statement) narrowedBy(key string) bool {
	for _, condition := range s.Conditions {
		if strings.EqualFold(condition.Key, key) && condition.narrows() {
			return true
		}
	}
	return false
}

// narrowed says whether any condition must hold for the statement to match.
func (s Statement) narrowed() bool {
	for _, condition := range s.Conditions {
		if condition.narrows() {
			return true
		}
	}
	return false
}

func hasWildcard(text string) bool { return strings.ContainsAny(text, "*?") }
