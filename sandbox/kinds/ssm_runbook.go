package kinds

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"
)

// automationSchema is the one schema of runbooks.
const automationSchema = "0.3"

// runbook is a document of the type Automation.
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html
type runbook struct {
	SchemaVersion string                      `json:"schemaVersion"`
	Description   string                      `json:"description"`
	AssumeRole    string                      `json:"assumeRole"`
	Parameters    map[string]runbookParameter `json:"parameters"`
	Variables     map[string]runbookParameter `json:"variables"`
	MainSteps     []runbookStep               `json:"mainSteps"`
	Outputs       []string                    `json:"outputs"`
	Files         map[string]any              `json:"files"`
}

type runbookParameter struct {
	Type           string `json:"type"`
	Description    string `json:"description"`
	DisplayType    string `json:"displayType"`
	Default        any    `json:"default"`
	AllowedValues  []any  `json:"allowedValues"`
	AllowedPattern string `json:"allowedPattern"`
	MinItems       *int   `json:"minItems"`
	MaxItems       *int   `json:"maxItems"`
	MinChars       *int   `json:"minChars"`
	MaxChars       *int   `json:"maxChars"`
}

// readRunbook is the content of a document, or why AWS cannot read it.
func readRunbook(d *Draft) (runbook, string) {
	return parseRunbook(d.Text("content"), d.Text("documentFormat"))
}

func parseRunbook(content, format string) (read runbook, problem string) {
	switch format {
	case "YAML":
		var any any
		if err := yaml.Unmarshal([]byte(content), &any); err != nil {
			return read, "YAML not well-formed. " + err.Error()
		}
		text, err := json.Marshal(any)
		if err != nil {
			return read, "YAML not well-formed. " + err.Error()
		}
		content = string(text)
	case "TEXT":
		return read, "Document format TEXT is not supported for the document type Automation."
	default:
		if !json.Valid([]byte(content)) {
			return read, "JSON not well-formed."
		}
	}
	if err := strictJSON(content, &read); err != nil {
		return runbook{}, "Document content is invalid: " + err.Error()
	}
	return read, ""
}

func (r runbook) schemaProblem() string {
	if r.SchemaVersion != automationSchema {
		return fmt.Sprintf("Document schema version %q is not supported for the document type Automation. The supported version is %s.", r.SchemaVersion, automationSchema)
	}
	return ""
}

var (
	parameterTypes = []string{"String", "StringList", "Boolean", "Integer", "MapList", "StringMap"}
	// resourceType is a parameter that the console knows how to fill in, such as AWS::IAM::Role::Arn or List<AWS::EC2::Instance::Id>.
	resourceType  = regexp.MustCompile(`^(List<)?AWS::[A-Za-z0-9]+::[A-Za-z0-9:]+>?$`)
	parameterName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
)

func (r runbook) parameterProblem() string {
	for _, name := range sortedKeys(r.Parameters) {
		parameter := r.Parameters[name]
		switch {
		case !parameterName.MatchString(name):
			return fmt.Sprintf("Parameter name %s is invalid.", name)
		case !slices.Contains(parameterTypes, parameter.Type) && !resourceType.MatchString(parameter.Type):
			return fmt.Sprintf("Parameter type %q of parameter %s is not supported.", parameter.Type, name)
		}
		if _, err := regexp.Compile(parameter.AllowedPattern); err != nil {
			return fmt.Sprintf("The allowedPattern of parameter %s is no regular expression.", name)
		}
		if standard, isText := parameter.Default.(string); isText && !strings.HasPrefix(standard, "{{") {
			if problem := parameter.refuses(standard); standard != "" && problem != "" {
				return fmt.Sprintf("The default value of parameter %s %s", name, problem)
			}
		}
	}
	return ""
}

// refuses says why a value does not fit, or nothing.
func (p runbookParameter) refuses(value string) string {
	allowed := slices.ContainsFunc(p.AllowedValues, func(one any) bool { return fmt.Sprint(one) == value })
	pattern, err := regexp.Compile(p.AllowedPattern)
	switch {
	case len(p.AllowedValues) > 0 && !allowed:
		return fmt.Sprintf("must be one of %v, not %s.", p.AllowedValues, value)
	case err == nil && p.AllowedPattern != "" && !pattern.MatchString(value):
		return fmt.Sprintf("must match the pattern %s; %s does not.", p.AllowedPattern, value)
	case p.MinChars != nil && len(value) < *p.MinChars, p.MaxChars != nil && len(value) > *p.MaxChars:
		return fmt.Sprintf("has a wrong number of characters: %s.", value)
	case p.Type == "Boolean" && value != "true" && value != "false":
		return fmt.Sprintf("must be true or false, not %s.", value)
	}
	return ""
}

var runbookReference = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// kept are the prefixes of what is no parameter and no output of a step
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-variables.html).
var kept = []string{"automation:", "global:", "ssm:", "variable:", "loop:"}

// referenceProblem finds what {{ }} names and nothing has: a parameter that is not declared, a step that is not there.
func (r runbook) referenceProblem() string {
	var texts []string
	texts = append(texts, r.AssumeRole)
	texts = append(texts, r.Outputs...)
	for _, step := range r.steps() {
		inputs, err := json.Marshal(step.Inputs)
		if err == nil {
			texts = append(texts, string(inputs))
		}
	}
	for _, text := range texts {
		for _, found := range runbookReference.FindAllStringSubmatch(text, -1) {
			if problem := r.dangles(found[1]); problem != "" {
				return problem
			}
		}
	}
	for _, output := range r.Outputs {
		if step, _, isOutput := strings.Cut(output, "."); isOutput && !strings.Contains(output, "{{") && !r.hasStep(step) {
			return fmt.Sprintf("Output %s refers to a step that does not exist.", output)
		}
	}
	return ""
}

func (r runbook) dangles(name string) string {
	if slices.ContainsFunc(kept, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
		return ""
	}
	if _, declared := r.Parameters[name]; declared {
		return ""
	}
	step, _, isOutput := strings.Cut(name, ".")
	if isOutput && r.hasStep(step) {
		return ""
	}
	if _, indexed := r.Parameters[strings.SplitN(step, "[", 2)[0]]; indexed {
		return ""
	}
	return fmt.Sprintf("Undefined parameters: {{ %s }} is neither a parameter nor the output of a step.", name)
}

func sortedKeys[V any](from map[string]V) []string {
	keys := make([]string, 0, len(from))
	for key := range from {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
