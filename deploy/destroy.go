package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
)

// DestroyOptions say what a Destroy may do.
type DestroyOptions struct {
	// Unlock are the protected resources that may be deleted, each by its name or its URN, or "all" for every one.
	Unlock []string
	// Confirm is asked before anything is done. Nil means yes.
	Confirm func(context.Context, *Preview) (bool, error)
	// Remove also removes the empty stack from the backend, and the record of where it went.
	Remove bool
}

// Destroy takes everything in the stack down. It is refused with a ProtectedError, and nothing done, while the stack holds
// protected resources that are not all unlocked. With those unlocked it works in two phases: an update that takes
// protection, retention and AWS's deletion protection off and does nothing else, and then the destroy.
func (s *Stack) Destroy(ctx context.Context, options DestroyOptions) (result *Result, err error) {
	run, err := s.begin(ctx, needs{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.end()) }()
	old, err := run.state(ctx)
	if err != nil {
		return nil, err
	}
	if err := run.gateDestroy(old, options.Unlock); err != nil {
		return nil, err
	}
	doomed := old.deletions()
	if err := run.confirm(ctx, options.Confirm, &plan{steps: doomed}); err != nil {
		return nil, err
	}
	freed := old.protected()
	if len(old.held()) > 0 {
		if old, err = run.lift(ctx, old); err != nil {
			return nil, err
		}
	}
	result, err = run.destroy(ctx, old)
	if err != nil {
		return nil, err
	}
	result.Unlocked = names(freed)
	if options.Remove {
		err = run.remove(ctx)
	}
	return result, err
}

func (s *session) gateDestroy(old *State, unlock []string) error {
	if slices.Contains(unlock, unlockAll) {
		return nil
	}
	if err := checkUnlock(s.name, old, unlock); err != nil {
		return err
	}
	var refused []Refusal
	for _, resource := range old.protected() {
		if !unlocked(resource, unlock) {
			refused = append(refused, Refusal{Step: old.step(resource, OpDelete), ByAWS: resource.ProtectedByAWS()})
		}
	}
	slices.SortStableFunc(refused, func(a, b Refusal) int { return cmp.Compare(a.Name, b.Name) })
	if len(refused) > 0 {
		return &ProtectedError{Stack: s.name, Operation: OperationDestroy, Refused: refused}
	}
	return nil
}

// lift is phase one of a destroy. It runs the program with protection lifted, on the resources that stand and on no others:
// a stack that was only half brought up is not completed first. It returns the state in which nothing is held any more.
func (s *session) lift(ctx context.Context, old *State) (*State, error) {
	if err := s.readyProgram(ctx); err != nil {
		return nil, err
	}
	if err := s.copied.setConfig(stacks.KeyLiftProtection, "true"); err != nil {
		return nil, err
	}
	plan, targets, err := s.planLift(ctx, old)
	defer plan.discard()
	if err != nil {
		return nil, err
	}
	if _, _, err := s.update(ctx, PhaseLift, old, plan, optup.Target(targets)); err != nil {
		return nil, err
	}
	if err := s.copied.setConfig(stacks.KeyLiftProtection, ""); err != nil {
		return nil, err
	}
	lifted, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	if held := lifted.held(); len(held) > 0 {
		return nil, &LiftError{Stack: s.name, Held: names(held)}
	}
	return lifted, nil
}

// planLift finds an update that only lifts. When the configuration no longer fits what stands, it is narrowed to the
// resources that the program would leave or change in place; nothing is created, replaced or deleted by it.
func (s *session) planLift(ctx context.Context, old *State) (*plan, []string, error) {
	whole, err := s.plan(ctx, OperationDestroy, old)
	if losing, _ := sortOut(whole.steps); len(losing) == 0 {
		return whole, nil, err
	}
	whole.discard()
	_, targets := sortOut(whole.steps)
	narrow, err := s.plan(ctx, OperationDestroy, old, optpreview.Target(targets))
	if err != nil {
		return narrow, nil, err
	}
	if losing, _ := sortOut(narrow.steps); len(losing) > 0 {
		return narrow, nil, &LiftError{Stack: s.name, Losing: losing}
	}
	return narrow, targets, nil
}

// sortOut tells the names of what is created, replaced or deleted from the URNs of what is left or changed in place.
func sortOut(steps []Step) (losing, keeping []string) {
	for _, step := range steps {
		switch step.Op {
		case OpSame, OpUpdate, OpRead:
			keeping = append(keeping, step.URN)
		case OpCreate, OpImport, OpDelete, OpReplace:
			losing = append(losing, step.Name)
		}
	}
	return losing, keeping
}

// destroy is the engine's destroy.
func (s *session) destroy(ctx context.Context, old *State) (*Result, error) {
	s.tell(Event{Phase: PhaseDestroy})
	seen := newCollector(PhaseDestroy, old, old.sizes(), s.tell)
	stream, stop := seen.listen()
	_, err := s.engine.Destroy(ctx, optdestroy.EventStreams(stream), optdestroy.Color("never"),
		optdestroy.SuppressProgress(), optdestroy.SuppressOutputs(), optdestroy.UserAgent(userAgent))
	stop()
	if err != nil {
		return nil, s.engineError(ctx, OperationDestroy, seen, err, true)
	}
	return s.resultOf(OperationDestroy, seen.all(), seen.warnings), nil
}

// remove forgets the stack.
func (s *session) remove(ctx context.Context) error {
	if err := s.engine.Workspace().RemoveStack(ctx, s.name); err != nil {
		return s.engineError(ctx, OperationDestroy, nil, err, true)
	}
	if err := s.dropRecord(); err != nil {
		return fmt.Errorf("forgetting where stack %s went: %w", s.name, err)
	}
	return os.RemoveAll(s.copied.dir)
}
