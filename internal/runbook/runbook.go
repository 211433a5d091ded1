// Package runbook is Systems Manager Automation documents, which AWS calls runbooks, as types: schema 0.3 and the actions that are used
// here.
//
// A document is plain data. [Document.JSON] checks it whole and prints it: a step that nobody defined, an output that no step
// before has, a parameter that does not exist are errors of the program that writes the document, found before AWS is given it.
//
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html and
// https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
package runbook

// Document is one runbook. The first step is where it begins.
type Document struct {
	Description string
	// AssumeRole is the ARN of the role in whose name every step acts.
	AssumeRole string
	Parameters []Parameter
	Steps      []Step
	// Outputs are outputs of steps, STEP.NAME, that the whole execution shows.
	Outputs []string
}

// Parameter is what whoever starts the document may say. Every one is a text. One with a default may be left out.
type Parameter struct {
	Name, Description string
	// Default is what it is when it is left out. Required demands that it is said.
	Default  string
	Required bool
	// Pattern is a regular expression that the whole value matches. It is required: what is started at night must not go wrong late.
	Pattern string
}

// Step is one step. Without Next the following one comes after it.
type Step struct {
	Name string
	Do   Action
	// Outputs are what later steps may refer to as {{ STEP.NAME }}.
	Outputs []Output
	// Next is the step that comes after this one; End says that none does.
	Next string
	End  bool
	// OnFailure is where a failure leads: the end of the execution by default. The execution counts as failed wherever it goes on, unless
	// the step is Optional.
	OnFailure Failure
	// Optional steps may fail without failing the execution: they ask whether something is there.
	Optional bool
	// TimeoutSeconds and Attempts are AWS's defaults when they are 0.
	TimeoutSeconds, Attempts int
}

// Failure is where the failure of a step leads.
type Failure struct{ text string }

// Abort ends the execution, Continue goes on with the next step.
var (
	Abort    = Failure{}
	Continue = Failure{text: "Continue"}
)

// GoTo goes on with a step.
func GoTo(step string) Failure { return Failure{text: "step:" + step} }

// Output takes a value out of a step's response: a JSONPath such as $.DBClusters[0].Status.
type Output struct {
	Name, Selector string
	Type           Type
}

// Type is the type of an output.
type Type string

// The types of outputs that are used here.
const (
	String  Type = "String"
	Boolean Type = "Boolean"
)

// Text is an output of type String.
func Text(name, selector string) Output { return Output{Name: name, Selector: selector, Type: String} }
