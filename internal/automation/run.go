package automation

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// World is what the document acts on.
type World interface {
	// Call answers an operation of an AWS API: the namespace of the service, the operation and its parameters as the document spells them.
	Call(ctx context.Context, service, api string, parameters map[string]any) (map[string]any, error)
	// Invoke answers a Lambda function. An answer of the function that is an error is failed.
	Invoke(ctx context.Context, function, payload string) (answer string, failed bool, err error)
	// Pass lets seconds pass.
	Pass(seconds int)
}

// Execution is what became of one execution.
type Execution struct {
	// Role is in whose name it acted.
	Role string
	// Steps are the steps that ran, in order, an attempt that failed with its error.
	Steps []Ran
	// Failed says that Systems Manager would report the execution as Failed, and Err why at first.
	Failed bool
	Err    error
	// Outputs are the document's.
	Outputs map[string]string
}

// Ran is one step that ran.
type Ran struct {
	Name string
	Err  error
}

// Names are those of the steps that ran.
func (e Execution) Names() []string {
	var names []string
	for _, each := range e.Steps {
		names = append(names, each.Name)
	}
	return names
}

// mostSteps ends what runs in circles.
const mostSteps = 1000

// Execute runs the document to its end. An error means that the document, or how it was started, is wrong; a step that fails as it may
// in AWS is in the Execution.
func Execute(ctx context.Context, text string, parameters map[string]string, world World) (Execution, error) {
	document, err := read(text)
	if err != nil {
		return Execution{}, err
	}
	values, err := document.values(parameters)
	if err != nil {
		return Execution{}, err
	}
	run := &run{document: document, world: world, values: map[string]any{}, execution: Execution{Role: document.AssumeRole, Outputs: map[string]string{}}}
	for name, value := range values {
		run.values[name] = value
	}
	if err := run.all(ctx); err != nil {
		return run.execution, err
	}
	for _, name := range document.Outputs {
		if value, is := run.values[name]; is {
			run.execution.Outputs[name] = fmt.Sprint(value)
		}
	}
	return run.execution, nil
}

type run struct {
	document  document
	world     World
	values    map[string]any
	execution Execution
}

func (r *run) all(ctx context.Context) error {
	for index, count := 0, 0; index >= 0; count++ {
		if count > mostSteps {
			return fmt.Errorf("%d steps ran and there is no end", mostSteps)
		}
		current := r.document.MainSteps[index]
		next, err := r.attempt(ctx, current)
		if broken := (wrong{}); errors.As(err, &broken) {
			return fmt.Errorf("step %s: %w", current.Name, broken.error)
		}
		r.execution.Steps = append(r.execution.Steps, Ran{Name: current.Name, Err: err})
		if index, err = r.after(index, next, err); err != nil {
			return err
		}
	}
	return nil
}

// wrong is an error of the document: no execution would get there.
type wrong struct{ error }

func wrongf(format string, arguments ...any) error { return wrong{fmt.Errorf(format, arguments...)} }

// attempt runs a step as often as it may be tried. What comes next is named by a branch only.
func (r *run) attempt(ctx context.Context, s step) (next string, err error) {
	for range max(1, s.MaxAttempts) {
		if next, err = r.do(ctx, s); err == nil {
			return next, nil
		}
		if errors.As(err, &wrong{}) {
			return "", err
		}
	}
	return "", err
}

// after is the index of the step that comes next, or less than 0 at the end.
func (r *run) after(index int, next string, failure error) (int, error) {
	s := r.document.MainSteps[index]
	if failure != nil {
		if s.IsCritical == nil || *s.IsCritical {
			r.execution.Failed = true
			if r.execution.Err == nil {
				r.execution.Err = fmt.Errorf("step %s: %w", s.Name, failure)
			}
		}
		switch target, isStep := strings.CutPrefix(s.OnFailure, "step:"); {
		case isStep:
			return r.index(target)
		case s.OnFailure == "Continue":
		case s.OnFailure == "" || s.OnFailure == "Abort":
			r.execution.Failed = true
			return -1, nil
		default:
			return 0, fmt.Errorf("step %s: onFailure %q is not known here", s.Name, s.OnFailure)
		}
	}
	switch {
	case s.IsEnd:
		return -1, nil
	case next != "":
		return r.index(next)
	case s.NextStep != "":
		return r.index(s.NextStep)
	case index == len(r.document.MainSteps)-1:
		return -1, nil
	}
	return index + 1, nil
}

func (r *run) index(name string) (int, error) {
	for index, each := range r.document.MainSteps {
		if each.Name == name {
			return index, nil
		}
	}
	return 0, fmt.Errorf("there is no step %s", name)
}
