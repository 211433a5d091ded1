package deploy

import (
	"context"
	"slices"

	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
)

// lift is phase one of a destroy: it takes protection, retention and AWS's deletion protection off what stands, and does
// nothing else. It returns the state in which nothing is held any more.
func (s *session) lift(ctx context.Context, old *State) (*State, error) {
	if err := s.readyProgram(ctx); err != nil {
		return nil, err
	}
	done, err := s.liftByProgram(ctx, old)
	if err == nil && !done {
		err = s.liftByState(ctx, old)
	}
	if err != nil {
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

// liftByProgram runs the program with protection lifted. It does nothing and returns false when that would create, replace or
// delete anything, or change more than protection: the configuration then no longer fits what stands, or the stack was only half
// brought up or half replaced.
func (s *session) liftByProgram(ctx context.Context, old *State) (done bool, err error) {
	if err := s.copied.setConfig(stacks.KeyLiftProtection, "true"); err != nil {
		return false, err
	}
	plan, err := s.plan(ctx, OperationDestroy, old)
	defer plan.discard()
	fits := len(losing(plan.steps)) == 0 && changesProtectionOnly(plan.steps)
	switch {
	case interrupted(err) || err != nil && fits:
		return false, err
	case fits:
		if _, err := s.update(ctx, PhaseLift, old, plan); err != nil {
			return false, err
		}
	}
	return fits, s.copied.setConfig(stacks.KeyLiftProtection, "")
}

// liftByState goes by what the state says alone. What AWS protects is updated by a program that changes nothing else; the
// engine's own marks are taken off the state.
func (s *session) liftByState(ctx context.Context, old *State) error {
	var targets []string
	for _, resource := range old.protected() {
		if resource.ProtectedByAWS() && !resource.Delete {
			targets = append(targets, resource.URN)
		}
	}
	if len(targets) > 0 {
		s.lifter = liftProgram(old)
		defer func() { s.lifter = nil }()
		plan, err := s.plan(ctx, OperationDestroy, old, optpreview.Target(targets))
		defer plan.discard()
		if err != nil {
			return err
		}
		if losing := losing(plan.steps); len(losing) > 0 {
			return &LiftError{Stack: s.name, Losing: losing}
		}
		if _, err := s.update(ctx, PhaseLift, old, plan, optup.Target(targets)); err != nil {
			return err
		}
	}
	return s.unmark(ctx, old, targets)
}

// changesProtectionOnly says whether no step changes a property but AWS's protection.
func changesProtectionOnly(steps []Step) bool {
	return !slices.ContainsFunc(steps, func(step Step) bool {
		return step.Op == OpUpdate && slices.ContainsFunc(step.Changed, func(path string) bool { return !slices.Contains(awsProtections, path) })
	})
}

// losing are the names of what is created, replaced or deleted.
func losing(steps []Step) []string {
	var names []string
	for _, step := range steps {
		switch step.Op {
		case OpSame, OpUpdate, OpRead:
		case OpCreate, OpImport, OpDelete, OpReplace:
			names = append(names, step.Name)
		}
	}
	return names
}
