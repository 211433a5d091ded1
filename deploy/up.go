package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aplomb-iac/aplomb/stacks"
)

// Result is what an operation did.
type Result struct {
	Operation Operation `json:"operation"`
	Stack     string    `json:"stack"`
	Target    string    `json:"target"`
	// Changes counts resources in total, Components by component. After a Refresh, Update counts what was found changed
	// and Delete what was found gone.
	Changes    Changes            `json:"changes"`
	Components []ComponentChanges `json:"components"`
	// Settled is what became of an earlier operation that was cut off, nil when there was none.
	Settled *Settled `json:"settled,omitempty"`
	// Pending are, after a Refresh, those things of which nobody knows whether they stand.
	Pending []Pending `json:"pending,omitempty"`
	// Unlocked are the protected resources that were replaced or deleted because they were unlocked.
	Unlocked []string      `json:"unlocked,omitempty"`
	Warnings []string      `json:"warnings,omitempty"`
	Duration time.Duration `json:"durationNanoseconds"`
	// Outputs are the stack's outputs after an Up, nil after anything else.
	Outputs *stacks.Outputs `json:"outputs,omitempty"`
}

// UpOptions say what an Up may do.
type UpOptions struct {
	// Unlock are the resources that may be replaced or deleted although they are protected or hold data, each by its URN, or by its name, which means every one of that name. A name that no
	// such resource has is an error.
	Unlock []string
	// Settling says what has become of things whose creation was cut off, where the target cannot be asked.
	Settling
	// Confirm is asked once the preview has passed the gate and before anything is written. Nil means yes.
	Confirm func(context.Context, *Preview) (bool, error)
}

// Up makes the stack what its configuration says. It previews first, refuses with a ProtectedError and nothing done when
// something protected that is not unlocked would be replaced or deleted, or something that holds data replaced, and then holds the engine to what was previewed.
// Anything else to do by then stops it with ErrDiffers. Before all that it settles what an earlier operation left open when it was
// cut off, or is refused with a PendingError; that writes nothing but the state.
func (s *Stack) Up(ctx context.Context, options UpOptions) (result *Result, err error) {
	run, err := s.begin(ctx, needs{program: true, create: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.end()) }()
	old, err := run.standing(ctx)
	if err != nil {
		return nil, err
	}
	old, settled, err := run.settle(ctx, OperationUp, old, options.Settling)
	if err != nil {
		return nil, err
	}
	if result, err = run.up(ctx, old, options); result != nil {
		result.Settled = settled
	}
	return result, err
}

// up is an update with its preview, the gate and the question.
func (s *session) up(ctx context.Context, old *State, options UpOptions) (*Result, error) {
	if err := checkUnlock(s.name, old, options.Unlock); err != nil {
		return nil, err
	}
	plan, err := s.plan(ctx, OperationUp, old)
	defer plan.discard()
	refused, freed := gate(plan.steps, old, options.Unlock)
	switch {
	case len(refused) > 0 && !interrupted(err):
		return nil, &ProtectedError{Stack: s.name, Operation: OperationUp, Refused: refused}
	case len(freed) > 0 && !interrupted(err):
		return s.upUnlocked(ctx, old, plan, freed, options)
	case err != nil:
		return nil, err
	}
	if err := s.confirm(ctx, options.Confirm, plan); err != nil {
		return nil, err
	}
	return s.write(ctx, old, plan)
}

func (s *session) confirm(ctx context.Context, ask func(context.Context, *Preview) (bool, error), plan *plan) error {
	if ask == nil {
		return nil
	}
	yes, err := ask(ctx, s.previewOf(plan.steps, nil, plan.warnings))
	switch {
	case ctx.Err() != nil:
		// Whatever was answered, it was answered too late.
		return &InterruptedError{Stack: s.name, Idle: true, Cause: ctx.Err()}
	case err != nil:
		return err
	case !yes:
		return ErrDeclined
	}
	return nil
}

// upUnlocked makes an update that replaces or deletes protected resources which were unlocked. The engine refuses that, even
// in a preview, so their mark is taken off the state first, and put back on whatever is left of them when the update does not
// come off. The question comes before that: nothing is unprotected while a person thinks. The gate is passed again, because a
// preview that fails does not show all it would do, and what is lost beyond what was shown is asked about again.
func (s *session) upUnlocked(ctx context.Context, old *State, shown *plan, freed []Resource, options UpOptions) (result *Result, err error) {
	if err := s.confirm(ctx, options.Confirm, shown); err != nil {
		return nil, err
	}
	var marked []string
	for _, resource := range freed {
		if resource.Protect {
			marked = append(marked, resource.URN)
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.protectAgain(context.WithoutCancel(ctx), marked))
		}
	}()
	if err := s.mark(ctx, "unprotect", marked); err != nil {
		return nil, err
	}
	plan, err := s.plan(ctx, OperationUp, old)
	defer plan.discard()
	if refused, _ := gate(plan.steps, old, options.Unlock); len(refused) > 0 && !interrupted(err) {
		return nil, &ProtectedError{Stack: s.name, Operation: OperationUp, Refused: refused}
	}
	if err != nil {
		return nil, err
	}
	if losesMore(plan.steps, shown.steps) {
		if err := s.confirm(ctx, options.Confirm, plan); err != nil {
			return nil, err
		}
	}
	result, err = s.write(ctx, old, plan)
	if result != nil {
		result.Unlocked = names(freed)
	}
	return result, err
}

// losesMore says whether steps replace or delete something that the steps shown before do not.
func losesMore(steps, shown []Step) bool {
	lost := map[string]bool{}
	for _, step := range shown {
		lost[step.URN] = step.Op == OpReplace || step.Op == OpDelete
	}
	return slices.ContainsFunc(steps, func(step Step) bool {
		return (step.Op == OpReplace || step.Op == OpDelete) && !lost[step.URN]
	})
}

// mark runs `pulumi state protect` or `unprotect`.
func (s *session) mark(ctx context.Context, verb string, urns []string) error {
	if len(urns) == 0 {
		return nil
	}
	_, err := s.pulumi(ctx, nil, append([]string{"state", verb, "--yes", "--stack", s.name}, urns...)...)
	return err
}

func (s *session) protectAgain(ctx context.Context, urns []string) error {
	now, err := s.state(ctx)
	if err != nil {
		return fmt.Errorf("protecting again what was unlocked: %w", err)
	}
	var left []string
	for _, urn := range urns {
		if resource, stands := now.Find(urn); stands && !resource.Protect {
			left = append(left, urn)
		}
	}
	return s.mark(ctx, "protect", left)
}

// write carries out a plan that passed the gate.
func (s *session) write(ctx context.Context, old *State, plan *plan) (*Result, error) {
	if err := s.keepRecord(s.target.Name()); err != nil {
		return nil, fmt.Errorf("recording where stack %s goes: %w", s.name, err)
	}
	seen, err := s.update(ctx, PhaseUp, old, plan)
	if err != nil {
		return nil, err
	}
	now, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	outputs, err := now.Outputs()
	if err != nil && !errors.Is(err, stacks.ErrNoOutputs) {
		return nil, err
	}
	result := s.resultOf(OperationUp, seen.all(), seen.warnings)
	result.Outputs = outputs
	return result, nil
}

func (s *session) resultOf(operation Operation, steps []Step, warnings []string) *Result {
	total, components := summarize(steps)
	return &Result{
		Operation: operation, Stack: s.name, Target: s.target.Name(), Changes: total, Components: components,
		Warnings: warnings, Duration: time.Since(s.began),
	}
}
