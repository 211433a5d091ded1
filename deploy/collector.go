package deploy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

// family is what the engine says about where a resource belongs.
type family struct {
	typ, parent string
	custom      bool
}

// collector turns the engine's event stream into steps, diagnostics and progress by component.
type collector struct {
	phase    Phase
	tell     func(Event)
	families map[string]family
	steps    map[string]*Step
	doneOf   map[string]int // resources done, by component
	totalOf  map[string]int // resources to do, by component; empty in a preview
	problems []Diagnostic
	warnings []string
	// failed are the URNs of what failed and left nothing in the state.
	failed []string
	// retained are the URNs of what is made and is to be retained when it is deleted.
	retained []string
}

// statusPartial is how the engine marks a failure of which it kept what was done.
const statusPartial = 1

// newCollector starts from the families that the old state knows, because a deletion is announced without its parents.
func newCollector(phase Phase, old *State, totals map[string]int, tell func(Event)) *collector {
	c := &collector{
		phase: phase, tell: tell, totalOf: totals,
		families: map[string]family{}, steps: map[string]*Step{}, doneOf: map[string]int{},
	}
	if old != nil {
		for _, resource := range old.Resources {
			c.families[resource.URN] = family{resource.Type, resource.Parent, resource.Custom}
		}
	}
	return c
}

func (c *collector) handle(event events.EngineEvent) {
	switch {
	case event.ResourcePreEvent != nil:
		c.learn(event.ResourcePreEvent.Metadata)
	case event.ResOutputsEvent != nil:
		c.learn(event.ResOutputsEvent.Metadata)
		c.done(event.ResOutputsEvent.Metadata, false)
	case event.ResOpFailedEvent != nil:
		c.learn(event.ResOpFailedEvent.Metadata)
		c.done(event.ResOpFailedEvent.Metadata, true)
		if event.ResOpFailedEvent.Status != statusPartial {
			c.failed = append(c.failed, event.ResOpFailedEvent.Metadata.URN)
		}
	case event.DiagnosticEvent != nil:
		c.said(*event.DiagnosticEvent)
	}
}

// learn takes over what a step says about its resource. The engine announces a replacement in several steps.
func (c *collector) learn(step apitype.StepEventMetadata) {
	op, known := engineOps[string(step.Op)]
	if !known {
		// What this version does not know may be a loss, so the gate treats it as one.
		op = OpReplace
	}
	state := step.New
	if state == nil {
		state = step.Old
	}
	if _, exists := c.families[step.URN]; !exists && state != nil {
		c.families[step.URN] = family{step.Type, state.Parent, state.Custom}
	}
	if step.New != nil && step.New.RetainOnDelete && !slices.Contains(c.retained, step.URN) {
		c.retained = append(c.retained, step.URN)
	}
	found, exists := c.steps[step.URN]
	if !exists {
		found = &Step{URN: step.URN, Type: step.Type, Name: urnName(step.URN), Op: op}
		c.steps[step.URN] = found
	}
	if rank[op] > rank[found.Op] {
		found.Op = op
	}
	found.Keys = union(found.Keys, step.Keys)
	found.Changed = union(found.Changed, step.Diffs)
	found.Component, found.componentType = c.component(step.URN)
}

func union(all, more []string) []string {
	all = append(all, more...)
	slices.Sort(all)
	return slices.Compact(all)
}

// component is the ancestor right below the stack; see State.Component.
func (c *collector) component(urn string) (name, typ string) {
	for at, steps := urn, 0; steps < len(c.families)+1; steps++ {
		family, known := c.families[at]
		if !known {
			return "", ""
		}
		if parent, known := c.families[family.parent]; !known || parent.typ == stackType {
			if family.custom || family.typ == stackType {
				return "", ""
			}
			return urnName(at), family.typ
		}
		at = family.parent
	}
	return "", ""
}

// done counts a resource that the engine is done with and passes it on. The engine says so of AWS resources, not of
// components.
func (c *collector) done(step apitype.StepEventMetadata, failed bool) {
	op, known := engineOps[string(step.Op)]
	if family := c.families[step.URN]; !known || !family.custom || strings.HasPrefix(step.Type, providerPrefix) {
		return
	}
	if op == OpSame && c.phase != PhaseRefresh && !failed {
		return
	}
	component, typ := c.component(step.URN)
	c.doneOf[component]++
	if c.phase == PhasePreview {
		return
	}
	c.tell(Event{
		Phase: c.phase, Component: component, Type: typ, Resource: urnName(step.URN), Op: op, Failed: failed,
		Done: c.doneOf[component], Total: max(c.totalOf[component], c.doneOf[component]),
	})
}

// said keeps errors and warnings. The engine repeats that the program ended in an error; what it ended in is said before.
func (c *collector) said(event apitype.DiagnosticEvent) {
	text := strings.TrimSpace(colors.Never.Colorize(event.Message))
	if text == "" {
		return
	}
	switch event.Severity {
	case "error":
		name := ""
		component, _ := c.component(event.URN)
		if event.URN != "" && !strings.Contains(event.URN, "::"+stackType+"::") {
			name = urnName(event.URN)
		}
		problem := Diagnostic{URN: event.URN, Name: name, Component: component, Message: trimEngine(text)}
		if !slices.Contains(c.problems, problem) {
			c.problems = append(c.problems, problem)
		}
	case "warning":
		if !slices.Contains(c.warnings, text) {
			c.warnings = append(c.warnings, text)
		}
	}
}

// trimEngine takes off what the engine puts before a message, so that it begins with what is wrong.
func trimEngine(text string) string {
	text = strings.TrimPrefix(text, "error: ")
	text = strings.TrimSpace(strings.TrimPrefix(text, "an unhandled error occurred: "))
	return text
}

// unsaid are the steps that failed and may have been taken all the same.
func (c *collector) unsaid() []Step {
	var steps []Step
	for _, urn := range c.failed {
		if slices.ContainsFunc(c.problems, func(d Diagnostic) bool { return d.URN == urn && leavesDoubt(d.Message) }) {
			steps = append(steps, *c.steps[urn])
		}
	}
	return steps
}

// addUnreached adds the deletions that the engine did not come to, because it gave up at one of something protected: it deletes what
// nothing depends on first, and never says what would have been next. By then the program has said everything that it wants, and so the
// engine has said something of all that stays.
func (c *collector) addUnreached(old *State) {
	gaveUp := slices.ContainsFunc(c.problems, func(d Diagnostic) bool {
		step := c.steps[d.URN]
		return step != nil && step.Op == OpDelete
	})
	if !gaveUp || old == nil {
		return
	}
	for _, resource := range old.Resources {
		if _, said := c.steps[resource.URN]; said || resource.Delete {
			continue
		}
		step := &Step{URN: resource.URN, Type: resource.Type, Name: resource.Name(), Op: OpDelete}
		step.Component, step.componentType = c.component(resource.URN)
		c.steps[resource.URN] = step
	}
}

// all are the steps by URN.
func (c *collector) all() []Step {
	steps := make([]Step, 0, len(c.steps))
	for _, step := range c.steps {
		steps = append(steps, *step)
	}
	slices.SortFunc(steps, func(a, b Step) int { return cmp.Compare(a.URN, b.URN) })
	return steps
}

// counts are how many resources of each component the engine was done with.
func (c *collector) counts() map[string]int { return c.doneOf }

// listen drains a stream of events into the collector until the engine ends it or the returned function is called, which
// waits for what is already under way. A stream that nobody drains blocks the engine.
func (c *collector) listen() (stream chan events.EngineEvent, stop func()) {
	stream = make(chan events.EngineEvent)
	ended, quit := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case event, open := <-stream:
				if !open {
					return
				}
				c.handle(event)
			case <-quit:
				return
			}
		}
	}()
	return stream, func() {
		// The engine's server has closed the stream by now, unless the engine never came to open it.
		close(quit)
		<-ended
	}
}
