// Package automation executes a Systems Manager Automation document as Systems Manager would, against a world that a test scripts. It is
// for tests only, and shares no code with the package that writes documents, so that a test runs the text that AWS is given.
//
// It is strict where AWS is lenient. An action, a field or a form that it does not know is an error, as is whatever AWS's documentation
// does not say the outcome of: a document must not pass because something was skipped. Time passes only where a document waits.
//
// The semantics are those of https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html and the pages about
// each action beside it.
package automation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
)

// document is what is read of a document; anything else in it is an error.
type document struct {
	SchemaVersion string               `json:"schemaVersion"`
	Description   string               `json:"description"`
	AssumeRole    string               `json:"assumeRole"`
	Parameters    map[string]parameter `json:"parameters"`
	MainSteps     []step               `json:"mainSteps"`
	Outputs       []string             `json:"outputs"`
}

type parameter struct {
	Type           string  `json:"type"`
	Description    string  `json:"description"`
	Default        *string `json:"default"`
	AllowedPattern string  `json:"allowedPattern"`
}

type step struct {
	Name           string         `json:"name"`
	Action         string         `json:"action"`
	OnFailure      string         `json:"onFailure"`
	IsCritical     *bool          `json:"isCritical"`
	TimeoutSeconds int            `json:"timeoutSeconds"`
	MaxAttempts    int            `json:"maxAttempts"`
	Inputs         map[string]any `json:"inputs"`
	Outputs        []output       `json:"outputs"`
	NextStep       string         `json:"nextStep"`
	IsEnd          bool           `json:"isEnd"`
}

type output struct {
	Name     string `json:"Name"`
	Selector string `json:"Selector"`
	Type     string `json:"Type"`
}

func read(text string) (document, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	read := document{}
	if err := decoder.Decode(&read); err != nil {
		return document{}, fmt.Errorf("document: %w", err)
	}
	if read.SchemaVersion != "0.3" || read.AssumeRole == "" || len(read.MainSteps) == 0 {
		return document{}, fmt.Errorf("document: schema version %q, role %q, %d steps", read.SchemaVersion, read.AssumeRole, len(read.MainSteps))
	}
	names := map[string]bool{}
	for _, each := range read.MainSteps {
		if names[each.Name] {
			return document{}, fmt.Errorf("document: two steps are called %s", each.Name)
		}
		names[each.Name] = true
	}
	return read, nil
}

// values are the parameters of an execution: what is given, and the defaults of the others.
func (d document) values(given map[string]string) (map[string]string, error) {
	values := map[string]string{}
	for name, each := range d.Parameters {
		value, is := given[name]
		switch {
		case each.Type != "String":
			return nil, fmt.Errorf("parameter %s: type %q is not known here", name, each.Type)
		case !is && each.Default == nil:
			return nil, fmt.Errorf("parameter %s is required", name)
		case !is:
			value = *each.Default
		}
		if each.AllowedPattern != "" {
			pattern, err := regexp.Compile(each.AllowedPattern)
			if err != nil {
				return nil, fmt.Errorf("parameter %s: %w", name, err)
			}
			if !pattern.MatchString(value) {
				return nil, fmt.Errorf("parameter %s: %q does not match %s", name, value, each.AllowedPattern)
			}
		}
		values[name] = value
	}
	for name := range given {
		if _, known := d.Parameters[name]; !known {
			return nil, fmt.Errorf("there is no parameter %s", name)
		}
	}
	return values, nil
}
