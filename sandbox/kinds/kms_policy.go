package kinds

import (
	"slices"
	"strings"
)

// Who may use a key is said by its policy alone, so the sandbox reads it: a key that nobody could administer, and a log group
// whose key its service cannot use, are refused as AWS refuses them.
// Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html

// keyContext is what a request carries that the conditions of a key policy look at.
type keyContext map[string]string

// keyAllows says whether the policy lets a principal do all of the actions in a context. A condition on a key that the
// context lacks is not met; a Deny with such a condition is not met either.
func keyAllows(policy string, principal func(kind, name string) bool, actions []string, context keyContext) bool {
	statements, problem := readPolicy(policy)
	if problem != "" {
		return false
	}
	for _, action := range actions {
		allowed := false
		for _, statement := range statements {
			if !statement.concerns(principal) || !statement.covers(action) || !statement.meets(context) {
				continue
			}
			if statement.Effect == "Deny" {
				return false
			}
			allowed = true
		}
		if !allowed {
			return false
		}
	}
	return true
}

func (s policyStatement) concerns(principal func(kind, name string) bool) bool {
	named := func(principals policyPrincipals) bool {
		for _, kind := range principals.kinds() {
			if slices.ContainsFunc(principals[kind], func(name string) bool { return principal(kind, name) }) {
				return true
			}
		}
		return false
	}
	if len(s.NotPrincipal) > 0 {
		return !named(s.NotPrincipal)
	}
	return named(s.Principal)
}

func (s policyStatement) covers(action string) bool {
	if len(s.NotAction) > 0 {
		return !matchesAny(s.NotAction, action)
	}
	return matchesAny(s.Action, action)
}

// meets evaluates the operators that key policies use; of others it cannot be said that they are met.
func (s policyStatement) meets(context keyContext) bool {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			found, carried := context[strings.ToLower(key)]
			if !met(operator, values, found, carried) {
				return false
			}
		}
	}
	return true
}

func met(operator string, values []string, found string, carried bool) bool {
	base, optional := strings.CutSuffix(operator, "IfExists")
	if !carried {
		return optional || strings.Contains(base, "Not")
	}
	switch base {
	case "StringEquals", "Bool":
		return slices.Contains(values, found)
	case "StringEqualsIgnoreCase":
		return slices.ContainsFunc(values, func(value string) bool { return strings.EqualFold(value, found) })
	case "StringNotEquals":
		return !slices.Contains(values, found)
	case "StringLike", "ArnLike", "ArnEquals":
		return matchesAny(values, found)
	case "StringNotLike", "ArnNotLike", "ArnNotEquals":
		return !matchesAny(values, found)
	default:
		return false
	}
}

// byAccount is the account's own administrators: those to whom its identity policies give the key, once the key's policy lets
// the account decide.
func byAccount(d *Draft) func(kind, name string) bool {
	return func(kind, name string) bool {
		return kind == "AWS" && (name == "*" || name == d.Account || name == d.GlobalARN("iam", "root"))
	}
}

// byService is an AWS service by its principal.
func byService(service string) func(kind, name string) bool {
	return func(kind, name string) bool { return kind == "Service" && name == service || name == "*" }
}

// keyBy is a key of this account and Region by its id or ARN, or by the name or ARN of an alias; nil when there is none.
func keyBy(d *Draft, reference string) *Thing {
	if key := d.Find(Key, reference); key != nil {
		return key
	}
	if key := d.FindBy(Key, "arn", reference); key != nil {
		return key
	}
	alias := d.Find(KeyAlias, reference)
	if alias == nil {
		alias = d.FindBy(KeyAlias, "arn", reference)
	}
	if alias == nil {
		return nil
	}
	return d.FindBy(Key, "arn", alias.Text("targetKeyArn"))
}

// keyOfAWS is true for the keys that AWS keeps for its services, which every account has: alias/aws/secretsmanager.
func keyOfAWS(reference string) bool {
	_, name, isARN := strings.Cut(reference, ":alias/")
	if !isARN {
		name, _ = strings.CutPrefix(reference, "alias/")
	}
	return strings.HasPrefix(name, "aws/")
}

// keyEnabled is true when the key can be used.
func keyEnabled(key *Thing) bool { return !key.At("isEnabled").Exists() || key.At("isEnabled").Bool() }
