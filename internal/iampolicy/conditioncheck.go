package iampolicy

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	conditionKey = regexp.MustCompile(`^[A-Za-z0-9./-]+:\S+$`)
	epochSeconds = regexp.MustCompile(`^[0-9]+$`)
)

func checkConditions(conditions []Condition, path string, found *findings) {
	seen := map[string]bool{}
	for index, condition := range conditions {
		at := fmt.Sprintf("%s.conditions[%d]", path, index)
		if !condition.Operator.known() {
			found.fail(at+".operator", string(condition.Operator), "is not a condition operator of IAM", "use one of the operators of this package")
		}
		if !conditionKey.MatchString(condition.Key) {
			found.fail(at+".key", condition.Key, "is not a condition key", "write prefix:name, such as aws:SourceAccount")
		}
		// IAM compares the names of keys without regard to case, so a second spelling would be the same member twice.
		once := string(condition.Operator) + " " + strings.ToLower(condition.Key)
		if seen[once] {
			found.fail(at+".key", condition.Key, "has a condition with this operator already", "put the values into one condition")
		}
		seen[once] = true
		condition.checkValues(at, found)
	}
}

func (c Condition) checkValues(path string, found *findings) {
	if len(c.Values) == 0 {
		found.missing(path+".values", "a condition compares with something", "give a value")
	}
	seen := map[value]bool{}
	for index, each := range c.Values {
		at := fmt.Sprintf("%s.values[%d]", path, index)
		if each == nil {
			found.missing(at, "nil is not a value", "give a Text, an ARN or a Slot")
			continue
		}
		content := each.condition()
		switch {
		case seen[content]:
			found.fail(at, content.text(), "is listed twice", "list it once")
		case content.slot == "" && content.suffix == "":
			c.checkLiteral(at, content.literal, found)
		case !slotSyntax.MatchString(content.slot):
			found.fail(at, content.slot, "is not the name of a slot", "begin with a letter; go on with letters, digits, dots, - and _")
		}
		seen[content] = true
	}
}

// checkLiteral holds a value against the type that the operator compares. A value with a policy variable is known to AWS only.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (c Condition) checkLiteral(path, text string, found *findings) {
	if text == "" {
		found.missing(path, "an empty value matches no request", "give a value")
		return
	}
	if !printable(text) {
		found.fail(path, text, "is not text", "leave control characters out")
		return
	}
	if strings.Contains(text, "${") {
		return
	}
	if limit, remedy := c.Operator.misfit(text); limit != "" {
		found.fail(path, text, limit, remedy)
	}
}

func (o Operator) misfit(text string) (limit, remedy string) {
	base := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(string(o), forAnyValue), forAllValues), ifExists)
	switch {
	case base == string(Bool) || base == string(Null):
		if text != "true" && text != "false" {
			return "is not what " + base + " compares", "write true or false"
		}
	case strings.HasPrefix(base, "Numeric"):
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return "is not a number", "write a number"
		}
	case strings.HasPrefix(base, "Date"):
		if _, err := time.Parse(time.RFC3339, text); err != nil && !epochSeconds.MatchString(text) {
			return "is not a date", "write it as 2026-01-31T00:00:00Z"
		}
	case strings.HasSuffix(base, "IpAddress"):
		return misfitAddress(text)
	case strings.HasPrefix(base, "Arn"):
		if _, problem := splitARN(text); problem != "" {
			return problem, "write an ARN, with wildcards where they are wanted"
		}
	case strings.HasPrefix(base, "String") && !strings.HasSuffix(base, "Like") && hasWildcard(text):
		return "holds a wildcard, which " + base + " compares as it stands", "use StringLike, or write the whole value"
	}
	return "", ""
}

func misfitAddress(text string) (limit, remedy string) {
	if _, err := netip.ParseAddr(text); err == nil {
		return "", ""
	}
	if prefix, err := netip.ParsePrefix(text); err != nil || prefix.Masked() != prefix {
		return "is not an address or a range of addresses", "write it as 10.0.0.0/16"
	}
	return "", ""
}
