package iameval

import (
	"fmt"
	"slices"
	"strings"
)

// pattern is a text with wildcards: * for any characters, also none, ? for one.
type pattern []symbol

// symbol is one character of a pattern; a wildcard is one that is not literal.
type symbol struct {
	character rune
	literal   bool
}

// wildcards reads a text in which * and ? are wildcards.
func wildcards(text string) pattern {
	var symbols pattern
	for _, character := range text {
		symbols = append(symbols, symbol{character: character, literal: character != '*' && character != '?'})
	}
	return symbols
}

func literally(text string) pattern {
	var symbols pattern
	for _, character := range text {
		symbols = append(symbols, symbol{character: character, literal: true})
	}
	return symbols
}

// text is the pattern as it stands, wildcards and all.
func (p pattern) text() string {
	var text strings.Builder
	for _, each := range p {
		text.WriteRune(each.character)
	}
	return text.String()
}

// matches compares the whole text. Where a * has matched too little, it takes one character more and the rest is tried again.
func (p pattern) matches(text string) bool {
	characters := []rune(text)
	at, star, retry := 0, -1, 0
	for index := 0; index < len(characters); {
		switch {
		case at < len(p) && !p[at].literal && p[at].character == '*':
			star, retry = at, index
			at++
		case at < len(p) && (p[at].character == characters[index] && p[at].literal || !p[at].literal):
			at++
			index++
		case star >= 0:
			retry++
			at, index = star+1, retry
		default:
			return false
		}
	}
	for at < len(p) && !p[at].literal && p[at].character == '*' {
		at++
	}
	return at == len(p)
}

// components are the six parts of an ARN; the last keeps its colons.
const components = 6

func isARN(text string) bool {
	return strings.HasPrefix(text, "arn:") && strings.Count(text, ":") >= components-1
}

// matchesARN compares each of the six components separately, so that a wildcard reaches over no colon but those of the last
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN).
func (p pattern) matchesARN(arn string) bool {
	if !isARN(arn) {
		return false
	}
	wanted := p.components()
	if len(wanted) != components {
		return false
	}
	for index, part := range strings.SplitN(arn, ":", components) {
		if !wanted[index].matches(part) {
			return false
		}
	}
	return true
}

func (p pattern) components() []pattern {
	parts := []pattern{nil}
	for _, each := range p {
		if each.character == ':' && len(parts) < components {
			parts = append(parts, nil)
			continue
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], each)
	}
	return parts
}

// matchesResource: "*" is every resource, and the only thing that covers an action without resources.
func (p pattern) matchesResource(resource string) bool {
	if len(p) == 1 && p[0].character == '*' && !p[0].literal {
		return true
	}
	return p.matchesARN(resource)
}

// template is a text with wildcards and policy variables
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
type template []piece

// piece is a text or, where key is not empty, a variable.
type piece struct {
	text, key, fallback string
	hasFallback         bool
}

func parseTemplate(text string) (template, error) {
	var found template
	for text != "" {
		start := strings.Index(text, "${")
		if start < 0 {
			return append(found, piece{text: text}), nil
		}
		if start > 0 {
			found = append(found, piece{text: text[:start]})
		}
		inner, rest, closed := strings.Cut(text[start+2:], "}")
		if !closed {
			return nil, fmt.Errorf("%q has a variable that does not end", text)
		}
		variable, err := parseVariable(inner)
		if err != nil {
			return nil, err
		}
		found, text = append(found, variable), rest
	}
	return found, nil
}

// parseVariable reads what stands between ${ and }: a key, or a key, a comma and a default in single quotation marks.
func parseVariable(inner string) (piece, error) {
	key, fallback, hasFallback := strings.Cut(inner, ",")
	variable := piece{key: strings.TrimSpace(key), hasFallback: hasFallback}
	if hasFallback {
		quoted := strings.TrimSpace(fallback)
		if len(quoted) < 2 || quoted[0] != '\'' || quoted[len(quoted)-1] != '\'' || strings.Contains(quoted[1:len(quoted)-1], "'") {
			return piece{}, fmt.Errorf("${%s} has a default that is not in single quotation marks", inner)
		}
		variable.fallback = quoted[1 : len(quoted)-1]
	}
	escape := slices.Contains([]string{"*", "?", "$"}, variable.key) && !hasFallback
	if !escape && !strings.Contains(variable.key, ":") {
		return piece{}, fmt.Errorf("${%s} names no condition key", inner)
	}
	return variable, nil
}

// fill puts the request's values in. A variable without a value makes the whole unknown: it is equal to nothing.
func (t template) fill(context Context, wild bool) (filled pattern, known bool, err error) {
	for _, each := range t {
		switch {
		case each.key == "" && wild:
			filled = append(filled, wildcards(each.text)...)
		case each.key == "":
			filled = append(filled, literally(each.text)...)
		case len(each.key) == 1:
			filled = append(filled, literally(each.key)...)
		default:
			value, found, err := each.value(context)
			if err != nil || !found {
				return nil, false, err
			}
			if wild && strings.ContainsAny(value, "*?") {
				return nil, false, fmt.Errorf("${%s} is %q here, and whether AWS takes that for wildcards is not documented", each.key, value)
			}
			filled = append(filled, literally(value)...)
		}
	}
	return filled, true, nil
}

func (p piece) value(context Context) (value string, found bool, err error) {
	switch values := context.values(p.key); len(values) {
	case 0:
		return p.fallback, p.hasFallback, nil
	case 1:
		return values[0], true, nil
	default:
		return "", false, fmt.Errorf("${%s} has several values, of which a variable takes none", p.key)
	}
}
