package iampolicy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The sizes of policies, in characters without white space.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	// MaxInline is the limit for all inline policies of one role together.
	MaxInline = 10240
	// MaxTrust is the default limit for the trust policy of a role.
	MaxTrust = 2048
	// MaxKey is the limit for a key policy, in bytes.
	// Source: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
	MaxKey = 32768
	// MaxEndpoint is the limit for the policy of a VPC endpoint, white space included.
	// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html
	MaxEndpoint = 20480
)

// wire is a policy document as AWS reads it. Its field order is the order in the text.
type wire struct {
	Version   string
	Statement []wireStatement
}

type wireStatement struct {
	Sid       string
	Effect    Effect
	Principal map[string][]string              `json:",omitempty"`
	Action    []Action                         `json:",omitempty"`
	NotAction []Action                         `json:",omitempty"`
	Resource  []string                         `json:",omitempty"`
	Condition map[Operator]map[string][]string `json:",omitempty"`
}

// Slots are the names that JSON needs a value for, sorted.
func (d Document) Slots() []string {
	var names []string
	for _, statement := range d.Statements {
		for _, each := range statement.values() {
			if each.slot != "" {
				names = append(names, each.slot)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// JSON prints the document with its slots filled. It checks the document first, and then that slots holds a value for every
// slot, no value for anything else, and ARNs where resources stand. Statements keep their order; principals, actions,
// resources and values are sorted and free of duplicates, and stay lists when there is one. The text is compact and the same every time. A document over
// its kind's size limit is refused.
func (d Document) JSON(slots map[string]string) (string, error) {
	if err := d.Check(); err != nil {
		return "", err
	}
	found := findings{}
	d.checkSlots(slots, &found)
	if err := found.err(d.Kind); err != nil {
		return "", err
	}
	text, err := encode(d.fill(slots))
	if err != nil {
		return "", fmt.Errorf("%s: %w", d.Kind, err)
	}
	d.checkSize(text, &found)
	if err := found.err(d.Kind); err != nil {
		return "", err
	}
	return text, nil
}

func (d Document) fill(slots map[string]string) wire {
	document := wire{Version: Version}
	for _, statement := range d.Statements {
		document.Statement = append(document.Statement, statement.fill(slots))
	}
	return document
}

func (s Statement) fill(slots map[string]string) wireStatement {
	filled := wireStatement{Sid: s.Sid, Effect: s.Effect, Action: sorted(s.Actions), NotAction: sorted(s.NotActions)}
	for _, principal := range s.Principals {
		if filled.Principal == nil {
			filled.Principal = map[string][]string{}
		}
		filled.Principal[principal.kind] = sorted(append(filled.Principal[principal.kind], principal.value))
	}
	for _, each := range s.Resources {
		filled.Resource = append(filled.Resource, each.resource().fill(slots))
	}
	filled.Resource = sorted(filled.Resource)
	for _, condition := range s.Conditions {
		if filled.Condition == nil {
			filled.Condition = map[Operator]map[string][]string{}
		}
		if filled.Condition[condition.Operator] == nil {
			filled.Condition[condition.Operator] = map[string][]string{}
		}
		filled.Condition[condition.Operator][condition.Key] = condition.fill(slots)
	}
	return filled
}

func (c Condition) fill(slots map[string]string) []string {
	values := make([]string, 0, len(c.Values))
	for _, each := range c.Values {
		values = append(values, each.condition().fill(slots))
	}
	return sorted(values)
}

func (v value) fill(slots map[string]string) string {
	if v.slot == "" {
		return v.literal
	}
	return slots[v.slot] + v.suffix
}

func sorted[T ~string](values []T) []T {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

// encode prints without escaping <, > and &, which IAM would count as six characters each.
func encode(document wire) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return "", err
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}
