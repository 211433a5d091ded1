// Package check is validation as data: a list of failures that is reported whole, each naming the path, the value,
// the limit and the remedy. Nothing here prints, exits or stops at the first failure.
package check

import (
	"fmt"
	"strings"
)

// Failure is one thing that is wrong with one value.
type Failure struct {
	// Path leads to the value as the user wrote it, such as services[1].healthCheck.timeout.
	Path string `json:"path"`
	// Value is what was found there, as the user would write it. Empty means that nothing was found.
	Value string `json:"value,omitempty"`
	// Limit is the rule that the value breaks, such as "must be shorter than the interval of 5 s".
	Limit string `json:"limit"`
	// Remedy is what to do about it, such as "lower it to 4 or less".
	Remedy string `json:"remedy"`
}

// Error is the failure on one line, lower case, without a full stop: path: value limit; remedy.
func (f Failure) Error() string {
	var line strings.Builder
	if f.Path != "" {
		line.WriteString(f.Path + ": ")
	}
	if f.Value == "" {
		line.WriteString("missing")
		if f.Limit != "" {
			line.WriteString(", " + f.Limit)
		}
	} else {
		line.WriteString(f.Value + " " + f.Limit)
	}
	if f.Remedy != "" {
		line.WriteString("; " + f.Remedy)
	}
	return line.String()
}

// Error is every failure of one subject. It is what Checker.Err returns; use errors.As to read the failures.
type Error struct {
	// Subject is what was checked, such as "Pulumi.prod.yaml" or "network prod".
	Subject string
	// Failures holds at least one failure, in the order in which they were found.
	Failures []Failure
}

// Error lists every failure, one a line, under the subject and their count.
func (e *Error) Error() string {
	if len(e.Failures) == 1 {
		return e.Subject + ": " + e.Failures[0].Error()
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %d problems", e.Subject, len(e.Failures))
	for _, failure := range e.Failures {
		text.WriteString("\n  - " + failure.Error())
	}
	return text.String()
}

// Checker collects failures. Its zero value is ready; At gives a view of the same list under a longer path.
type Checker struct {
	prefix   string
	failures *[]Failure
}

// New is a Checker whose paths begin at the root.
func New() *Checker { return &Checker{failures: &[]Failure{}} }

// At is a Checker that adds to the same list, with path put before the paths it is given. Paths join with a dot,
// except before an index: New().At("services").At("[1]").At("image") is services[1].image.
func (c *Checker) At(path string) *Checker {
	return &Checker{prefix: join(c.prefix, path), failures: c.list()}
}

// Fail records that the value at path breaks limit. A value of type string is quoted, so that an empty one is seen.
func (c *Checker) Fail(path string, value any, limit, remedy string) {
	list := c.list()
	*list = append(*list, Failure{Path: join(c.prefix, path), Value: Show(value), Limit: limit, Remedy: remedy})
}

// Missing records that there is no value at path although why asks for one, such as "every service needs one".
func (c *Checker) Missing(path, why, remedy string) {
	list := c.list()
	*list = append(*list, Failure{Path: join(c.prefix, path), Limit: why, Remedy: remedy})
}

// Add takes over failures that were found elsewhere, under this Checker's path.
func (c *Checker) Add(failures ...Failure) {
	list := c.list()
	for _, failure := range failures {
		failure.Path = join(c.prefix, failure.Path)
		*list = append(*list, failure)
	}
}

// Failures is the list so far, in the order of finding.
func (c *Checker) Failures() []Failure { return append([]Failure(nil), *c.list()...) }

// Err is nil when nothing failed, otherwise an *Error about subject with every failure.
func (c *Checker) Err(subject string) error {
	if len(*c.list()) == 0 {
		return nil
	}
	return &Error{Subject: subject, Failures: c.Failures()}
}

func (c *Checker) list() *[]Failure {
	if c.failures == nil {
		c.failures = &[]Failure{}
	}
	return c.failures
}

// Show is a value as a failure prints it: strings quoted, everything else as Go prints it.
func Show(value any) string {
	if text, isString := value.(string); isString {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(value)
}

func join(prefix, path string) string {
	switch {
	case prefix == "":
		return path
	case path == "":
		return prefix
	case strings.HasPrefix(path, "["):
		return prefix + path
	default:
		return prefix + "." + path
	}
}
