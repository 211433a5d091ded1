package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
)

// DestroyOptions say what a Destroy may do.
type DestroyOptions struct {
	// Unlock are the protected resources that may be deleted, each by its URN or by its name, which means every one of that name,
	// or "all".
	Unlock []string
	// Confirm is asked before anything is done. Nil means yes.
	Confirm func(context.Context, *Preview) (bool, error)
	// Settling says what has become of things whose creation was cut off, where the target cannot be asked.
	Settling
	// Remove also removes the empty stack from the backend, and the record of where it went.
	Remove bool
}

// Destroy takes everything in the stack down. It is refused with a ProtectedError, and nothing done, while the stack holds
// protected resources that are not all unlocked, and with a PendingError while nobody knows what it would leave behind. With those unlocked it works in two phases: an update that takes
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
	old, settled, err := run.settle(ctx, OperationDestroy, old, options.Settling)
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
	result.Unlocked, result.Settled = names(freed), settled
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

// destroy is the engine's destroy.
func (s *session) destroy(ctx context.Context, old *State) (*Result, error) {
	s.tell(Event{Phase: PhaseDestroy})
	seen := newCollector(PhaseDestroy, old, old.sizes(), s.tell)
	lost, err := s.recorded(ctx, nil, func() (*collector, error) {
		stream, stop := seen.listen()
		_, err := s.engine.Destroy(ctx, optdestroy.EventStreams(stream), optdestroy.Color("never"),
			optdestroy.SuppressProgress(), optdestroy.SuppressOutputs(), optdestroy.UserAgent(userAgent))
		stop()
		if err != nil {
			err = s.engineError(ctx, OperationDestroy, seen, err, true)
		}
		return seen, err
	})
	if err != nil {
		return nil, err
	}
	if len(lost) > 0 {
		return nil, &StrayError{Stack: s.name, Operation: OperationDestroy, Strays: lost}
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
