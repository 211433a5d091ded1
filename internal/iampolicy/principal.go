package iampolicy

import (
	"fmt"
	"regexp"
	"strings"
)

var serviceSyntax = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)

func noPrincipals(s Statement, path string, found *findings) {
	for index, principal := range s.Principals {
		found.fail(fmt.Sprintf("%s.principals[%d]", path, index), principal.value,
			"cannot stand in an identity policy, whose principal is the role it is attached to", "leave the principals out")
	}
}

// somePrincipals is the rule of key and resource policies. An Allow for everyone needs a condition, and so does, unless a
// reason is given, an Allow for a service: without one the service may be used on behalf of another account.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func somePrincipals(s Statement, path string, found *findings) {
	checkPrincipals(s, path, found)
	if s.Effect == Deny || s.narrowed() {
		return
	}
	for index, principal := range s.Principals {
		at := fmt.Sprintf("%s.principals[%d]", path, index)
		if principal.value == wildcard {
			found.fail(at, principal.value, "is everyone, and no condition narrows it", "name the principals or add a condition")
		}
		if principal.kind == principalService && strings.TrimSpace(s.Reason) == "" {
			found.fail(at, principal.value, "is a service that could act for another account",
				"add a condition such as aws:SourceAccount, or a Reason why none is possible")
		}
	}
}

// endpointPrincipals is the rule of endpoint policies. AWS wants "*" as the principal at a gateway endpoint and takes it at every
// other, so that who may pass is a condition.
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func endpointPrincipals(s Statement, path string, found *findings) {
	checkPrincipals(s, path, found)
	for index, principal := range s.Principals {
		if at := fmt.Sprintf("%s.principals[%d]", path, index); principal.kind == principalAWS && principal.value != wildcard {
			found.fail(at, principal.value, "is not whom a gateway endpoint takes", "state Anyone, and a condition such as aws:PrincipalAccount")
		} else if s.Effect != Deny && principal.value == wildcard && !s.narrowed() && strings.TrimSpace(s.Reason) == "" {
			found.fail(at, principal.value, "is everyone, and no condition narrows it", "add a condition such as aws:PrincipalAccount, or a Reason why none is possible")
		}
	}
}

// trustPrincipals is the rule of trust policies: never everyone, and a whole account only under a condition.
func trustPrincipals(s Statement, path string, found *findings) {
	checkPrincipals(s, path, found)
	if s.Effect == Deny {
		return
	}
	for index, principal := range s.Principals {
		at := fmt.Sprintf("%s.principals[%d]", path, index)
		if principal.value == wildcard {
			found.fail(at, principal.value, "is everyone", "name the service or the role that may assume this one")
		}
		if strings.HasSuffix(principal.value, ":root") && !s.narrowed() {
			found.fail(at, principal.value, "is a whole account, and no condition narrows it", "name the role, or add a condition")
		}
	}
}

func checkPrincipals(s Statement, path string, found *findings) {
	if len(s.Principals) == 0 {
		found.missing(path+".principals", "this kind of policy says who", "name a Service or an AWS principal")
	}
	seen := map[Principal]bool{}
	for index, principal := range s.Principals {
		at := fmt.Sprintf("%s.principals[%d]", path, index)
		switch {
		case seen[principal]:
			found.fail(at, principal.value, "is listed twice", "list it once")
		case principal.kind == principalService && !serviceSyntax.MatchString(principal.value):
			found.fail(at, principal.value, "is not a service principal", "write it as AWS does, such as ec2.amazonaws.com")
		case principal.kind == principalAWS && principal.value != wildcard:
			if problem := principalARN(principal.value); problem != "" {
				found.fail(at, principal.value, problem, "write the ARN of a role, a user or an account root")
			}
		case principal.kind == "":
			found.missing(at, "an empty principal is nobody", "build it with Service, AWS or Anyone")
		}
		seen[principal] = true
	}
}

func principalARN(text string) string {
	parts, err := parseARN(text)
	switch {
	case err != "":
		return err
	case hasWildcard(text):
		return "holds a wildcard, which AWS does not expand in a principal"
	case parts.service != "iam" && parts.service != "sts":
		return "is not the ARN of a principal"
	case parts.account == "":
		return "names no account"
	case parts.resource != "root" && !strings.Contains(parts.resource, "/"):
		return "is not the ARN of a role, a user or an account root"
	}
	return ""
}
