package iampolicy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	slotSyntax      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*$`)
	partitionSyntax = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	serviceName     = regexp.MustCompile(`^[a-z0-9-]+$`)
	regionSyntax    = regexp.MustCompile(`^([a-z]{2,}(-[a-z]+)+-[0-9]+)?$`)
	accountSyntax   = regexp.MustCompile(`^([0-9]{12}|aws)?$`)
)

// arnParts are the six parts of an ARN after the prefix.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type arnParts struct{ partition, service, region, account, resource string }

// splitARN takes an ARN apart, wildcards and all; what is wrong is said as a limit.
func splitARN(text string) (parts arnParts, problem string) {
	fields := strings.SplitN(text, ":", 6)
	if len(fields) != 6 || fields[0] != "arn" || fields[5] == "" || !printable(text) {
		return arnParts{}, "is not an ARN"
	}
	return arnParts{partition: fields[1], service: fields[2], region: fields[3], account: fields[4], resource: fields[5]}, ""
}

// parseARN takes apart an ARN that names one partition, service, Region and account; the resource may hold wildcards.
func parseARN(text string) (parts arnParts, problem string) {
	parts, problem = splitARN(text)
	if problem != "" {
		return parts, problem
	}
	for _, part := range []struct {
		name, text string
		syntax     *regexp.Regexp
	}{
		{"partition", parts.partition, partitionSyntax},
		{"service", parts.service, serviceName},
		{"Region", parts.region, regionSyntax},
		{"account", parts.account, accountSyntax},
	} {
		if hasWildcard(part.text) {
			return parts, "has a wildcard in its " + part.name
		}
		if !part.syntax.MatchString(part.text) {
			return parts, fmt.Sprintf("is an ARN whose %s is %q", part.name, part.text)
		}
	}
	return parts, ""
}

// checkResources finds what no kind of policy may have, and hands each literal ARN to the rule of the kind.
func checkResources(s Statement, path string, found *findings, rule func(arn string) (limit, remedy string)) {
	if len(s.Resources) == 0 {
		found.missing(path+".resources", "a statement says what it covers", "name an ARN or a Slot")
	}
	seen := map[value]bool{}
	for index, each := range s.Resources {
		at := fmt.Sprintf("%s.resources[%d]", path, index)
		if each == nil {
			found.missing(at, "nil is not a resource", "name an ARN, a Slot or Any")
			continue
		}
		resource := each.resource()
		switch {
		case seen[resource]:
			found.fail(at, resource.text(), "is listed twice", "list it once")
		case resource.any:
			if len(s.Resources) > 1 {
				found.fail(at, wildcard, "covers the other resources of the statement too", "leave out Any or the others")
			}
		case resource.literal == "":
			if !slotSyntax.MatchString(resource.slot) {
				found.fail(at, resource.slot, "is not the name of a slot", "begin with a letter; go on with letters, digits, dots, - and _")
			}
		default:
			if limit, remedy := rule(resource.literal); limit != "" {
				found.fail(at, resource.literal, limit, remedy)
			}
		}
		seen[resource] = true
	}
}

func identityResources(s Statement, path string, found *findings) {
	if s.Effect == Deny {
		checkResources(s, path, found, wideARN)
		return
	}
	checkResources(s, path, found, narrowARN)
	if slices.ContainsFunc(s.Resources, func(each Resource) bool { return each != nil && each.resource().any }) {
		checkAny(s, path, found)
	}
}

// keyResources: in a key policy the resource is always "*", which means the key that carries the policy.
// Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
func keyResources(s Statement, path string, found *findings) {
	if len(s.Resources) == 1 && s.Resources[0] != nil && s.Resources[0].resource().any {
		return
	}
	found.missing(path+".resources", "in a key policy the resource is the key itself", "state Any and nothing else")
}

func resourceResources(s Statement, path string, found *findings) {
	checkResources(s, path, found, wideARN)
	for index, each := range s.Resources {
		if s.Effect != Deny && each != nil && each.resource().any {
			found.fail(fmt.Sprintf("%s.resources[%d]", path, index), wildcard, "does not say which resource", "name the resource that carries the policy")
		}
	}
}

// endpointResources: Any is every resource of the endpoint's service, so an Allow says whose, or why that cannot be said.
func endpointResources(s Statement, path string, found *findings) {
	checkResources(s, path, found, wideARN)
	for index, each := range s.Resources {
		if s.Effect != Deny && each != nil && each.resource().any && !s.narrowedBy(resourceAccount) && strings.TrimSpace(s.Reason) == "" {
			found.fail(fmt.Sprintf("%s.resources[%d]", path, index), wildcard, "does not say whose resources",
				"add a condition on "+resourceAccount+", or a Reason why none is possible")
		}
	}
}

// resourceAccount is the condition key for the account that a resource belongs to.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount
const resourceAccount = "aws:ResourceAccount"

func noResources(s Statement, path string, found *findings) {
	if len(s.Resources) > 0 {
		found.fail(path+".resources", fmt.Sprint(len(s.Resources)), "cannot stand in a trust policy, whose resource is the role itself", "leave the resources out")
	}
}

// narrowARN is the rule of an Allow: one partition, service, Region and account, and not every resource in it.
func narrowARN(text string) (limit, remedy string) {
	if text == wildcard {
		return "is every resource", "name the resource, or state Any where AWS has no resource-level permission"
	}
	parts, problem := parseARN(text)
	if problem != "" {
		return problem, "name the partition, service, Region and account; only the resource may hold a wildcard"
	}
	if strings.Trim(parts.resource, "*?") == "" {
		return "is every resource of the service", "name the resource"
	}
	return "", ""
}

// wideARN is the rule of a Deny and of resource policies: an ARN, with wildcards wherever they are wanted.
func wideARN(text string) (limit, remedy string) {
	if _, problem := splitARN(text); problem != "" {
		return problem, "write arn:partition:service:region:account:resource, or Any"
	}
	return "", ""
}

// printable says whether IAM stores the text as it is: characters up to U+00FF; control characters are left out although
// IAM takes line breaks, which no ARN and no condition needs.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html (pattern of PolicyDocument).
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(character rune) bool {
		return character > unicode.MaxLatin1 || unicode.IsControl(character)
	})
}

func (v value) text() string {
	if v.slot != "" {
		return "slot " + v.slot + v.suffix
	}
	return v.literal
}
