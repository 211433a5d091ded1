package sandbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/sandbox/fault"
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
	"github.com/aplomb-iac/aplomb/sandbox/provider"
)

// Option is something that a sandbox has beside its directory.
type Option func(*Target)

// WithFaults lets faults strike the operations of this sandbox, for as long as this Target is used. Another Target of the
// same directory has none of them.
func WithFaults(faults ...fault.Fault) Option {
	return func(t *Target) { t.faults = fault.NewPlan(faults...) }
}

// ParseFaults reads faults as package fault writes them, of the resource types and functions that the sandbox knows. The
// error has everything that is wrong with any of them.
func ParseFaults(texts []string) ([]fault.Fault, error) {
	known := fault.Known{Functions: provider.Functions()}
	for _, kind := range kinds.All() {
		known.Types = append(known.Types, kind.Token)
	}
	return fault.Parse(texts, known)
}

// Faults is what has come of each fault so far.
func (t *Target) Faults() []fault.Outcome { return t.faults.Outcomes() }

// engine is how to kill the engine that is at work.
type engine struct {
	sync.Mutex
	kill func() error
}

// KillEngine is told how to kill the engine that is at work, for the faults that do. Nil means that there is none.
func (t *Target) KillEngine(kill func() error) {
	t.engine.Lock()
	defer t.engine.Unlock()
	t.engine.kill = kill
}

func (t *Target) killEngine() error {
	t.engine.Lock()
	defer t.engine.Unlock()
	if t.engine.kill == nil {
		return errors.New("there is no engine that could be killed")
	}
	return t.engine.kill()
}

// Standing tells of everything that stands in the cloud and was made under a URN of a stack, which is given as the beginning
// of its URNs, such as urn:pulumi:prod::aplomb. Of several things with one URN the oldest comes first.
func (t *Target) Standing(_ context.Context, stack string, each func(urn, id string)) error {
	opened, err := t.Cloud()
	if err != nil {
		return err
	}
	all, err := opened.List()
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b cloud.Resource) int {
		return cmp.Or(cmp.Compare(a.URN, b.URN), cmp.Compare(a.Serial, b.Serial))
	})
	for _, resource := range all {
		if strings.HasPrefix(resource.URN, stack+"::") {
			each(resource.URN, resource.ID)
		}
	}
	return nil
}
