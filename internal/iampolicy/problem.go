package iampolicy

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a document.
type Problem struct {
	// Path leads to the value, such as statements[0].actions[1].
	Path string
	// Value is what was found there, quoted; empty means that nothing was found.
	Value string
	// Limit is the rule it breaks.
	Limit string
	// Remedy is what to do about it.
	Remedy string
}

// Error is the problem on one line: path: value limit; remedy.
func (p Problem) Error() string {
	if p.Value == "" {
		return fmt.Sprintf("%s: missing, %s; %s", p.Path, p.Limit, p.Remedy)
	}
	return fmt.Sprintf("%s: %s %s; %s", p.Path, p.Value, p.Limit, p.Remedy)
}

// Error is every problem of one document. Check and JSON return it; use errors.As to read the problems.
type Error struct {
	Kind     Kind
	Problems []Problem
}

// Error lists every problem, one a line, when there are several.
func (e *Error) Error() string {
	if len(e.Problems) == 1 {
		return string(e.Kind) + ": " + e.Problems[0].Error()
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %d problems", e.Kind, len(e.Problems))
	for _, problem := range e.Problems {
		text.WriteString("\n  - " + problem.Error())
	}
	return text.String()
}

// findings collects problems.
type findings struct{ problems []Problem }

func (f *findings) fail(path, value, limit, remedy string) {
	f.problems = append(f.problems, Problem{Path: path, Value: fmt.Sprintf("%q", value), Limit: limit, Remedy: remedy})
}

func (f *findings) missing(path, limit, remedy string) {
	f.problems = append(f.problems, Problem{Path: path, Limit: limit, Remedy: remedy})
}

func (f *findings) err(kind Kind) error {
	if len(f.problems) == 0 {
		return nil
	}
	return &Error{Kind: kind, Problems: f.problems}
}
