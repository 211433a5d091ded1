package runbook

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// schemaVersion is that of every Automation document.
const schemaVersion = "0.3"

// MaxBytes is AWS's limit of a document's size
// (https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm).
const MaxBytes = 64 * 1024

// document, parameter and step are the shape that AWS reads.
type document struct {
	SchemaVersion string               `json:"schemaVersion"`
	Description   string               `json:"description"`
	AssumeRole    string               `json:"assumeRole"`
	Parameters    map[string]parameter `json:"parameters,omitempty"`
	MainSteps     []step               `json:"mainSteps"`
	Outputs       []string             `json:"outputs,omitempty"`
}

type parameter struct {
	Type           string  `json:"type"`
	Description    string  `json:"description"`
	Default        *string `json:"default,omitempty"`
	AllowedPattern string  `json:"allowedPattern"`
}

type step struct {
	Name           string         `json:"name"`
	Action         string         `json:"action"`
	OnFailure      string         `json:"onFailure,omitempty"`
	IsCritical     *bool          `json:"isCritical,omitempty"`
	TimeoutSeconds int            `json:"timeoutSeconds,omitempty"`
	MaxAttempts    int            `json:"maxAttempts,omitempty"`
	Inputs         map[string]any `json:"inputs"`
	Outputs        []output       `json:"outputs,omitempty"`
	NextStep       string         `json:"nextStep,omitempty"`
	IsEnd          bool           `json:"isEnd,omitempty"`
}

type output struct {
	Name     string `json:"Name"`
	Selector string `json:"Selector"`
	Type     Type   `json:"Type"`
}

// JSON is the document as text. Equal documents give equal texts.
func (d Document) JSON() (string, error) {
	if err := d.Check(); err != nil {
		return "", err
	}
	shape := document{SchemaVersion: schemaVersion, Description: d.Description, AssumeRole: d.AssumeRole, Parameters: map[string]parameter{}, Outputs: d.Outputs}
	for _, each := range d.Parameters {
		shape.Parameters[each.Name] = each.shape()
	}
	for _, each := range d.Steps {
		shape.MainSteps = append(shape.MainSteps, each.shape())
	}
	text := bytes.Buffer{}
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // SQL and ARNs stay readable
	if err := encoder.Encode(shape); err != nil {
		return "", err
	}
	if text.Len() > MaxBytes {
		return "", fmt.Errorf("the document has %d bytes, more than the %d that AWS takes; state fewer steps", text.Len(), MaxBytes)
	}
	return string(bytes.TrimSpace(text.Bytes())), nil
}

func (p Parameter) shape() parameter {
	shape := parameter{Type: string(String), Description: p.Description, AllowedPattern: p.Pattern}
	if !p.Required {
		shape.Default = &p.Default
	}
	return shape
}

func (s Step) shape() step {
	shape := step{
		Name: s.Name, Action: s.Do.action(), OnFailure: s.OnFailure.text, TimeoutSeconds: s.TimeoutSeconds, MaxAttempts: s.Attempts,
		Inputs: s.Do.inputs(), NextStep: s.Next, IsEnd: s.End,
	}
	if s.Optional {
		no := false
		shape.IsCritical = &no
	}
	for _, each := range s.Outputs {
		shape.Outputs = append(shape.Outputs, output(each))
	}
	return shape
}
