package iampolicy

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkSlots holds the values against what the document asks for.
func (d Document) checkSlots(slots map[string]string, found *findings) {
	wanted := d.Slots()
	arns := d.arnSlots()
	for _, name := range wanted {
		at := "slots." + name
		content, given := slots[name]
		switch {
		case !given || content == "":
			found.missing(at, "the document has a slot of that name", "give its value")
		case arns[name]:
			if limit, remedy := slotARN(content); limit != "" {
				found.fail(at, content, limit, remedy)
			}
		case !printable(content):
			found.fail(at, content, "is not text", "leave control characters out")
		}
	}
	for _, name := range sortedKeys(slots) {
		if !slices.Contains(wanted, name) {
			found.fail("slots."+name, slots[name], "fills no slot of the document", "leave it out, or name the slot it is for")
		}
	}
}

// arnSlots are the slots that stand where a resource does.
func (d Document) arnSlots() map[string]bool {
	names := map[string]bool{}
	for _, statement := range d.Statements {
		for _, each := range statement.Resources {
			if slot := each.resource().slot; slot != "" {
				names[slot] = true
			}
		}
	}
	return names
}

func slotARN(content string) (limit, remedy string) {
	if limit, remedy = narrowARN(content); limit != "" {
		return limit, remedy
	}
	if hasWildcard(content) {
		return "holds a wildcard", "give the ARN of one resource; a wildcard belongs in the suffix of the slot"
	}
	return "", ""
}

// checkSize holds the text against the limit of the kind. Resource policies have a limit for each service: none is checked.
func (d Document) checkSize(text string, found *findings) {
	switch d.Kind {
	case IdentityPolicy:
		tooLong(characters(text), MaxInline, "the inline policies of a role", found)
	case TrustPolicy:
		tooLong(characters(text), MaxTrust, "a trust policy", found)
	case KeyPolicy:
		tooLong(len(text), MaxKey, "a key policy", found)
	case EndpointPolicy:
		tooLong(utf8.RuneCountInString(text), MaxEndpoint, "an endpoint policy", found)
	case ResourcePolicy:
	}
}

// CheckInline holds the inline policies of one role together against MaxInline.
func CheckInline(documents ...string) error {
	found := findings{}
	tooLong(characters(strings.Join(documents, "")), MaxInline, "the inline policies of a role", &found)
	return found.err(IdentityPolicy)
}

func tooLong(size, limit int, of string, found *findings) {
	if size > limit {
		found.fail("size", fmt.Sprint(size), fmt.Sprintf("is over the %d characters of %s", limit, of), "state fewer permissions, or share the work between roles")
	}
}

// characters counts as IAM does, which leaves white space out.
func characters(text string) int {
	count := 0
	for _, character := range text {
		if !unicode.IsSpace(character) {
			count++
		}
	}
	return count
}

func sortedKeys(slots map[string]string) []string {
	names := make([]string, 0, len(slots))
	for name := range slots {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
