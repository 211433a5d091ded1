package deploy

import (
	"fmt"
	"slices"
	"strings"
)

// Diagnostic is one thing that the engine or a provider said about a failure.
type Diagnostic struct {
	// URN is the resource it is about, empty when it is about none.
	URN string `json:"urn,omitempty"`
	// Name and Component name that resource and the component it belongs to.
	Name      string `json:"name,omitempty"`
	Component string `json:"component,omitempty"`
	// Message is what was said, without color codes.
	Message string `json:"message"`
}

func (d Diagnostic) String() string {
	switch {
	case d.Name == "":
		return d.Message
	case d.Component == "" || d.Component == d.Name:
		return d.Name + ": " + d.Message
	default:
		return d.Component + ", " + d.Name + ": " + d.Message
	}
}

// EngineError is an operation that the engine, a provider or AWS refused or could not finish.
type EngineError struct {
	// Operation is preview, up, refresh or destroy.
	Operation Operation
	Stack     string
	// Diagnostics are what was said about it.
	Diagnostics []Diagnostic
	// Started is true when writing had begun: some steps may have been taken.
	Started bool
	// Pending are those things of which nobody knows by now whether they stand: AWS did not answer.
	Pending []Pending
	// Cause is the program's own error, or the engine's.
	Cause error
}

func (e *EngineError) Error() string {
	head := fmt.Sprintf("%s of stack %s failed", e.Operation, e.Stack)
	switch len(e.Diagnostics) {
	case 0:
		return fmt.Sprintf("%s: %v", head, e.Cause)
	case 1:
		return head + ": " + e.Diagnostics[0].String()
	}
	lines := make([]string, len(e.Diagnostics))
	for i, diagnostic := range e.Diagnostics {
		lines[i] = "\n  - " + diagnostic.String()
	}
	return fmt.Sprintf("%s, %d problems:%s", head, len(lines), strings.Join(lines, ""))
}

// Unwrap is the cause.
func (e *EngineError) Unwrap() error { return e.Cause }

// Hint is the next step.
func (e *EngineError) Hint() string {
	if !e.Started {
		return "nothing was done"
	}
	return "what was done before the failure is in the stack's state; " + tellLater(e.Pending) + "run the same command again to go on from there"
}

// tellLater says what the next operation must be told.
func tellLater(pending []Pending) string {
	if len(pending) == 0 {
		return ""
	}
	var words []string
	for _, one := range pending {
		words = append(words, strings.Join(append([]string{one.Name + " (" + one.Type + ")"}, one.LookFor...), ", "))
	}
	return "AWS gave no answer about " + strings.Join(words, "; ") + ": look there whether it stands; "
}

// EngineDiedError is an engine that somebody else killed, or the system for want of memory, while it was at work. Its state has
// what was under way as not finished, and the next Up, Refresh or Destroy finds out first what became of it.
type EngineDiedError struct {
	Stack     string
	Operation Operation
	// Unlock is the command that removes the lock which it may have left.
	Unlock string
	// Cause is how it ended.
	Cause error
}

func (e *EngineDiedError) Error() string {
	return fmt.Sprintf("%s of stack %s: the engine was killed: %v", e.Operation, e.Stack, e.Cause)
}

// Unwrap is the cause.
func (e *EngineDiedError) Unwrap() error { return e.Cause }

// Hint is the next step.
func (e *EngineDiedError) Hint() string {
	return "run the same command again, which finds out first what was under way; if the stack is locked then: " + e.Unlock
}

// StateUnreadableError is a state that the engine cannot read.
type StateUnreadableError struct {
	Stack string
	// Cause is what the engine says about it.
	Cause error
}

func (e *StateUnreadableError) Error() string {
	return fmt.Sprintf("the state of stack %s cannot be read: %v", e.Stack, e.Cause)
}

// Unwrap is the cause.
func (e *StateUnreadableError) Unwrap() error { return e.Cause }

// Hint is the next step.
func (e *StateUnreadableError) Hint() string {
	return "in a file backend, an engine that was killed can leave an empty file " + e.Stack + ".json.attrs beside the state: remove that one, " +
		"it holds nothing that is needed; the state before the last change is " + e.Stack + ".json.bak"
}

// Refusal is one resource that an operation would replace or delete, although it is protected, or replace, although it holds data.
type Refusal struct {
	Step
	// ByAWS is true when AWS's own deletion protection is on, which no unlocking lifts in an update.
	ByAWS bool `json:"byAws,omitempty"`
	// Data is true when nothing protects it but that it holds data.
	Data bool `json:"data,omitempty"`
}

// ProtectedError is an operation that was refused, with nothing done, because it would replace or delete what is protected, or replace what
// holds data.
type ProtectedError struct {
	Stack     string
	Operation Operation
	// Refused are those resources, by name.
	Refused []Refusal
}

func (e *ProtectedError) Error() string {
	lines := make([]string, len(e.Refused))
	for i, refused := range e.Refused {
		lines[i] = "\n  - " + refused.describe()
	}
	noun := "protected resource"
	if slices.ContainsFunc(e.Refused, func(refused Refusal) bool { return refused.Data }) {
		noun = "resource"
	}
	return fmt.Sprintf("refused: %s of stack %s would lose %s%s", e.Operation, e.Stack, count(len(e.Refused), noun), strings.Join(lines, ""))
}

func (r Refusal) describe() string {
	text := fmt.Sprintf("%s (%s) would be %sd", r.Name, r.Type, r.Op)
	if len(r.Keys) > 0 {
		text += " because of " + strings.Join(r.Keys, ", ")
	}
	if r.ByAWS {
		text += "; AWS's deletion protection is on"
	}
	if r.Data {
		text += "; what it holds would be gone"
	}
	return text
}

// Hint is the next step.
func (e *ProtectedError) Hint() string {
	var names []string
	for _, refused := range e.Refused {
		if refused.ByAWS && e.Operation != OperationDestroy {
			return "nothing was done; no unlock lifts AWS's own deletion protection: to remove a service or a database, set retiring: true on it, " +
				"bring that up, then remove it; to replace " + refused.Name + " itself, turn the protection off in AWS, refresh, and unlock it"
		}
		if !slices.Contains(names, refused.Name) {
			names = append(names, refused.Name)
		}
	}
	unlock := "--unlock " + strings.Join(names, " --unlock ")
	switch {
	case e.Operation == OperationDestroy && len(names) > fewNames:
		unlock = "--unlock NAME for each of them, or --unlock all"
	case len(names) > fewNames:
		unlock = "--unlock NAME for each of them"
	case e.Operation == OperationDestroy:
		unlock += ", or --unlock all"
	}
	deletes := slices.ContainsFunc(e.Refused, func(r Refusal) bool { return r.Op == OpDelete })
	if e.Operation != OperationDestroy && deletes {
		return "nothing was done; to remove a service, database, bucket or job, set retiring: true on it, bring that up, then remove it; to let it go at once: " + unlock
	}
	return "nothing was done; if it is meant: " + unlock
}

// fewNames is how many names a hint lists before it says NAME.
const fewNames = 3

// UnlockError is a name to unlock that nothing in the stack has which is protected or holds data.
type UnlockError struct {
	Stack string
	// Names are those that fit nothing, Protected those that would fit something.
	Names, Protected []string
}

func (e *UnlockError) Error() string {
	return fmt.Sprintf("stack %s has no protected resource called %s", e.Stack, strings.Join(e.Names, ", "))
}

// Hint is the next step.
func (e *UnlockError) Hint() string {
	if len(e.Protected) == 0 {
		return "nothing in it is protected; leave --unlock out"
	}
	return "nothing was done; protected are " + strings.Join(e.Protected, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// LiftError is a destroy that stopped before anything was destroyed, because protection could not be taken off first.
type LiftError struct {
	Stack string
	// Losing are the resources that lifting would have created, replaced or deleted.
	Losing []string
	// Held are the resources that are still protected or retained.
	Held []string
}

func (e *LiftError) Error() string {
	if len(e.Losing) > 0 {
		return fmt.Sprintf("destroy of stack %s: taking protection off would also touch %s", e.Stack, strings.Join(e.Losing, ", "))
	}
	return fmt.Sprintf("destroy of stack %s: still protected or retained: %s", e.Stack, strings.Join(e.Held, ", "))
}

// Hint is the next step.
func (e *LiftError) Hint() string {
	return "nothing was destroyed; bring the stack up with its present configuration first, then destroy it"
}
