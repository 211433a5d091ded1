package runbook

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	// nameSyntax is that of steps; parameters and outputs take no more
	// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html).
	nameSyntax      = regexp.MustCompile(`^[a-zA-Z0-9_]{3,128}$`)
	referenceSyntax = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)
)

// builtIn are the outputs that every step of an action has.
var builtIn = map[string][]string{
	"aws:invokeLambdaFunction": {"Payload", "StatusCode"},
	"aws:executeScript":        {"OutputPayload"},
}

// Check says everything that is wrong with the document.
func (d Document) Check() error {
	c := checker{document: d, steps: map[string]int{}, outputs: map[string]bool{}, parameters: map[string]bool{}}
	c.collect()
	for index, each := range d.Steps {
		c.step(index, each)
	}
	for _, each := range d.Outputs {
		if !c.outputs[each] {
			c.fail("outputs: %q is no output of a step", each)
		}
	}
	return errors.Join(c.found...)
}

type checker struct {
	document            Document
	steps               map[string]int
	outputs, parameters map[string]bool
	found               []error
}

func (c *checker) fail(format string, arguments ...any) {
	c.found = append(c.found, fmt.Errorf("runbook: "+format, arguments...))
}

func (c *checker) collect() {
	if c.document.Description == "" || c.document.AssumeRole == "" {
		c.fail("it has no description or no role")
	}
	if len(c.document.Steps) == 0 {
		c.fail("it has no steps")
	}
	for _, each := range c.document.Parameters {
		pattern, err := regexp.Compile(each.Pattern)
		switch {
		case !nameSyntax.MatchString(each.Name) || c.parameters[each.Name]:
			c.fail("parameter %q is no name, or the second of that name", each.Name)
		case err != nil || !strings.HasPrefix(each.Pattern, "^") || !strings.HasSuffix(each.Pattern, "$"):
			c.fail("parameter %s: %q is no pattern of a whole value", each.Name, each.Pattern)
		case !each.Required && !pattern.MatchString(each.Default):
			c.fail("parameter %s: its default %q does not match %s", each.Name, each.Default, each.Pattern)
		}
		c.parameters[each.Name] = true
	}
	for index, each := range c.document.Steps {
		if _, twice := c.steps[each.Name]; twice || !nameSyntax.MatchString(each.Name) || each.Do == nil {
			c.fail("step %q is no name, the second of that name, or does nothing", each.Name)
		}
		c.steps[each.Name] = index
		for _, output := range each.Outputs {
			c.outputs[each.Name+"."+output.Name] = true
		}
		if each.Do != nil {
			for _, name := range builtIn[each.Do.action()] {
				c.outputs[each.Name+"."+name] = true
			}
		}
	}
}

func (c *checker) step(index int, s Step) {
	if s.Do == nil {
		return
	}
	targets := []string{s.Next, strings.TrimPrefix(s.OnFailure.text, "step:")}
	if branch, is := s.Do.(Branch); is {
		targets = append(targets, branch.Default)
		for _, each := range branch.Choices {
			targets = append(targets, each.Next)
		}
		if s.Next != "" || s.End || branch.Default == "" || len(branch.Choices) == 0 {
			c.fail("step %s: a branch has choices and a default, and nothing comes after it otherwise", s.Name)
		}
	} else if last := index == len(c.document.Steps)-1; last && s.Next == "" && !s.End || s.End && s.Next != "" {
		c.fail("step %s: it says neither or both of what comes next and that it is the end", s.Name)
	}
	if sleep, is := s.Do.(Sleep); is && (sleep.Seconds < 1 || sleep.Seconds > MaxSleepSeconds) {
		c.fail("step %s sleeps %d s, and may 1 to %d", s.Name, sleep.Seconds, MaxSleepSeconds)
	}
	for _, each := range targets {
		if _, known := c.steps[each]; each != "" && each != Continue.text && !known {
			c.fail("step %s leads to %q, which is no step", s.Name, each)
		}
	}
	text, err := json.Marshal(s.Do.inputs())
	if err != nil {
		c.fail("step %s: %w", s.Name, err)
	}
	for _, match := range referenceSyntax.FindAllStringSubmatch(string(text), -1) {
		c.reference(index, match[1])
	}
}

// reference: what is referred to is a parameter, or an output of a step that stands before.
func (c *checker) reference(index int, name string) {
	step, _, isOutput := strings.Cut(name, ".")
	switch {
	case !isOutput && !c.parameters[name]:
		c.fail("step %s refers to {{ %s }}, which is no parameter", c.document.Steps[index].Name, name)
	case isOutput && (!c.outputs[name] || c.steps[step] >= index):
		c.fail("step %s refers to {{ %s }}, which is no output of a step before it", c.document.Steps[index].Name, name)
	}
}
