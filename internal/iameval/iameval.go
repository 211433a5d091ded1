// Package iameval decides what an exported IAM policy does with a request: allow it, deny it, or say nothing. It is for tests
// only, and shares no code with the package that writes policies, so that a test judges the text AWS is given and not
// the program that wrote it.
//
// It is strict where IAM is lenient. An element, an operator or a shape that it does not know is an error, and so is a request that
// AWS's documentation does not say the outcome of: a test must not pass because something was skipped.
//
// The semantics are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and the
// pages about each element beside it.
package iameval

import (
	"fmt"
	"strings"
)

// Decision is what a policy says about a request.
type Decision int

// The decisions. Delegate is that of a resource policy whose only matching Allow names a whole account: it leaves the decision to
// the account's identity policies
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts).
const (
	ImplicitDeny Decision = iota
	Delegate
	Allow
	ExplicitDeny
)

// String is the decision in words.
func (d Decision) String() string {
	return [...]string{"implicit deny", "delegate", "allow", "explicit deny"}[d]
}

// Request is one API request as IAM sees it.
type Request struct {
	// Principal is the ARN of the role or user, never of a session, or a service principal such as ec2.amazonaws.com. Empty is
	// an anonymous request. Identity policies do not look at it: the principal is whom they are attached to.
	Principal string
	// Action is service:Name, such as s3:GetObject.
	Action string
	// Resource is the ARN that the action is on, or "*" for an action that has no resources.
	Resource string
	// Context holds the condition keys.
	Context Context
}

// Context is the condition keys of a request with their values. Names of keys are compared without regard to case; a key that is
// not there is absent from the request.
type Context map[string][]string

// With is a copy in which key has these values, under whatever spelling it was there.
func (c Context) With(key string, values ...string) Context {
	changed := c.Without(key)
	changed[key] = values
	return changed
}

// Without is a copy without key.
func (c Context) Without(key string) Context {
	changed := Context{}
	for name, values := range c {
		if !strings.EqualFold(name, key) {
			changed[name] = values
		}
	}
	return changed
}

func (c Context) values(key string) []string {
	for name, values := range c {
		if strings.EqualFold(name, key) {
			return values
		}
	}
	return nil
}

func (c Context) check() error {
	seen := map[string]bool{}
	for key, values := range c {
		if lower := strings.ToLower(key); seen[lower] {
			return fmt.Errorf("the request has the key %s twice", key)
		} else {
			seen[lower] = true
		}
		for _, value := range values {
			if value == "" {
				return fmt.Errorf("the request has the key %s with an empty value; leave the key out", key)
			}
		}
	}
	return nil
}

// Evaluate decides about one request. An explicit Deny outweighs every Allow; what nothing allows is denied.
func (p Policy) Evaluate(request Request) (Decision, error) {
	if err := request.check(); err != nil {
		return ImplicitDeny, err
	}
	decision := ImplicitDeny
	for _, each := range p.statements {
		applies, err := each.applies(request)
		if err != nil {
			return ImplicitDeny, fmt.Errorf("statement %s: %w", each.name, err)
		}
		if applies {
			decision = max(decision, each.decision(request))
		}
	}
	return decision, nil
}

func (r Request) check() error {
	if !plainAction.MatchString(r.Action) {
		return fmt.Errorf("the request's action %q is not service:Name", r.Action)
	}
	if r.Resource != everything && !isARN(r.Resource) {
		return fmt.Errorf("the request's resource %q is neither an ARN nor *", r.Resource)
	}
	return r.Context.check()
}

// Through is the decision on a request that must pass every one of the policies, as it must pass the endpoint's policy beside
// those of its principal (https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html).
func Through(decisions ...Decision) Decision {
	outcome := Allow
	for _, each := range decisions {
		switch each {
		case ExplicitDeny:
			return ExplicitDeny
		case Allow:
		default:
			outcome = ImplicitDeny
		}
	}
	return outcome
}

// SameAccount is the decision on a request whose principal and resource are of one account: either policy may allow it
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-id-rdp.html).
func SameAccount(identity, resource Decision) Decision {
	switch {
	case identity == ExplicitDeny || resource == ExplicitDeny:
		return ExplicitDeny
	case identity == Allow || resource == Allow:
		return Allow
	}
	return ImplicitDeny
}

// OnKey is the decision on a request to use a KMS key: the key's policy must allow it, or leave it to identity policies
// (https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html).
func OnKey(identity, key Decision) Decision {
	switch {
	case identity == ExplicitDeny || key == ExplicitDeny:
		return ExplicitDeny
	case key == Allow, key == Delegate && identity == Allow:
		return Allow
	}
	return ImplicitDeny
}
