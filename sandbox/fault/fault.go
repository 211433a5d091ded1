// Package fault is what can go wrong between the engine and the sandbox's cloud, one operation at a time: AWS throttles,
// an answer is lost, the engine dies. A fault says what goes wrong, with which operation on what, and how often; a Plan deals
// them out. It knows nothing of providers and of AWS: what a fault looks like there is the provider's business.
package fault

import (
	"fmt"
	"strings"
	"time"
)

// Kind is what goes wrong.
type Kind string

// The kinds of faults.
const (
	// Throttle is AWS refusing because of the rate of requests, for good: what is left after the provider's own retries.
	Throttle Kind = "throttle"
	// NotFound is AWS saying that something is not there which is, as happens while a change spreads.
	NotFound Kind = "not-found"
	// InternalError is a failure inside of AWS, for good, that changed nothing.
	InternalError Kind = "internal-error"
	// Slow is an answer that comes late.
	Slow Kind = "slow"
	// DropBefore is a connection that breaks before anything was done.
	DropBefore Kind = "drop-before"
	// DropAfter is a connection that breaks after the cloud changed, so that the answer is lost.
	DropAfter Kind = "drop-after"
	// Kill is the death of the engine after the cloud changed and before it heard of it.
	Kill Kind = "kill"
)

// Operation is what the engine asks a provider to do.
type Operation string

// The operations. A preview asks for no Create, Update or Delete that could fail.
const (
	Create Operation = "create"
	Read   Operation = "read"
	Update Operation = "update"
	Delete Operation = "delete"
	Check  Operation = "check"
	Diff   Operation = "diff"
	Invoke Operation = "invoke"
)

// Fault is one thing that goes wrong.
type Fault struct {
	Kind      Kind
	Operation Operation
	// Type is the Pulumi token of the resource type, or of the function that is invoked. Empty means any.
	Type string
	// Name is the resource's name in the program. Empty means any.
	Name string
	// Times is how often it goes wrong, 1 at least.
	Times int
	// For is how late the answer comes; only of Slow.
	For time.Duration
}

// String is the fault as Parse reads it.
func (f Fault) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s@%s", f.Kind, f.Operation)
	for _, part := range []struct{ key, value string }{{keyType, f.Type}, {keyName, f.Name}} {
		if part.value != "" {
			fmt.Fprintf(&text, ",%s=%s", part.key, part.value)
		}
	}
	if f.Times > 1 {
		fmt.Fprintf(&text, ",%s=%d", keyTimes, f.Times)
	}
	if f.For > 0 {
		fmt.Fprintf(&text, ",%s=%s", keyFor, f.For)
	}
	return text.String()
}

// strikes says whether the fault is about this operation.
func (f Fault) strikes(on Operation, typ, name string) bool {
	return f.Operation == on && (f.Type == "" || f.Type == typ) && (f.Name == "" || f.Name == name)
}

// changing are the operations that change the cloud.
var changing = []Operation{Create, Update, Delete}

// asking are those for which the provider asks AWS.
var asking = []Operation{Create, Read, Update, Delete, Invoke}

var all = []Operation{Create, Read, Update, Delete, Check, Diff, Invoke}

// kindOf is one kind: what it means to a reader of --help, and the operations it can strike.
type kindOf struct {
	kind    Kind
	meaning string
	strikes []Operation
}

var kinds = []kindOf{
	{Throttle, "AWS throttles, also after the provider's own retries", asking},
	{NotFound, "AWS says that something is not there which is", []Operation{Create, Read, Update, Delete}},
	{InternalError, "AWS fails inside; nothing changed", all},
	{Slow, "the answer comes late, by for=DURATION", all},
	{DropBefore, "the connection breaks before anything was done", all},
	{DropAfter, "the connection breaks after the cloud changed", changing},
	{Kill, "the engine is killed after the cloud changed", changing},
}

// Help lists the kinds, one a line, with the operations that each can strike.
func Help() string {
	var text strings.Builder
	for _, known := range kinds {
		fmt.Fprintf(&text, "\n  %-15s %s", known.kind, known.meaning)
		if len(known.strikes) < len(all) {
			fmt.Fprintf(&text, " (%s)", joined(known.strikes))
		}
	}
	return text.String()
}

func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}
