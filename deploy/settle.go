package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
)

// settle takes up what an earlier operation left open, before anything else is done: what stands is taken over into the state,
// what does not is forgotten, and what may have been changed is looked at. Nothing but the state is written. When it cannot be
// known what stands and nobody said, it does nothing and returns a PendingError.
func (s *session) settle(ctx context.Context, operation Operation, old *State, say Settling) (*State, *Settled, error) {
	left, err := s.findUnsettled(ctx, old)
	if err == nil && !left.empty() {
		if old, err = s.alone(ctx, old); err == nil {
			left, err = s.findUnsettled(ctx, old)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	if err := left.heed(s.name, say, old); err != nil {
		return nil, nil, err
	}
	refused := &PendingError{Stack: s.name, Operation: operation}
	for _, one := range left.candidates {
		if !one.known {
			refused.Pending = append(refused.Pending, one.shown(old))
		}
	}
	if len(refused.Pending) > 0 {
		return nil, nil, refused
	}
	if left.empty() {
		if left.strict {
			err = s.ledger().over()
		}
		return old, nil, err
	}
	return s.settleNow(ctx, operation, old, left)
}

// settleNow carries out what was decided. What is open stays in the ledger until the state has it: the engine forgets what was
// under way when its state is replaced.
func (s *session) settleNow(ctx context.Context, operation Operation, old *State, left *unsettled) (*State, *Settled, error) {
	s.tell(Event{Phase: PhaseSettle})
	kept, err := s.ledger().open()
	if err != nil {
		return nil, nil, err
	}
	before := standing{state: s.exported}
	kept.Doubts, kept.HalfDone = nil, nil
	done, look := &Settled{Looked: left.halfDone}, slices.Clone(left.halfDone)
	var adopted []candidate
	for _, one := range left.candidates {
		kept.Doubts = append(kept.Doubts, one.doubt)
		if len(one.ids) == 0 {
			done.Forgotten = append(done.Forgotten, one.shown(old))
			continue
		}
		done.Adopted = append(done.Adopted, one.shown(old))
		adopted = append(adopted, one)
		look = append(look, one.resource.URN)
	}
	before.open, kept.HalfDone = kept, look
	before.open.HalfDone = left.halfDone
	if len(adopted) > 0 || left.stale {
		if err := s.ledger().keep(kept); err != nil {
			return nil, nil, err
		}
		edited, err := adopt(s.exported, adopted, left.before)
		if err != nil {
			return nil, nil, err
		}
		if _, err := s.pulumi(ctx, strings.NewReader(edited), "stack", "import", "--stack", s.name); err != nil {
			return nil, nil, err
		}
		before.edited = true
	}
	if len(look) > 0 {
		if err := s.refreshOnly(ctx, operation, old, look); err != nil {
			return nil, nil, errors.Join(err, s.takeBack(ctx, before))
		}
	}
	now, err := s.state(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, one := range adopted {
		// Its id may be another by now: that of an import is not always the resource's own.
		if _, stands := now.Find(one.resource.URN); !stands {
			id := one.ids[len(one.ids)-1]
			unfound := &AdoptError{Stack: s.name, URN: one.resource.URN, Name: one.resource.Name(), Type: one.resource.Type, ID: id}
			return nil, nil, errors.Join(unfound, s.takeBack(ctx, before))
		}
	}
	return now, done, s.ledger().over()
}

// takeBack makes the state what it was before anything was adopted, so that an id of the wrong thing, or a provider that could not be
// asked, decides nothing: what was open is as open as before, and what serves is not marked for deletion.
func (s *session) takeBack(ctx context.Context, before standing) error {
	if !before.edited {
		return nil
	}
	if _, err := s.pulumi(context.WithoutCancel(ctx), strings.NewReader(before.state), "stack", "import", "--stack", s.name); err != nil {
		return fmt.Errorf("putting the state back as it was: %w", err)
	}
	return s.ledger().keep(before.open)
}

// standing is the state before anything was settled, what was open then, and whether the state has been edited since. The engine drops
// what is under way from a state that it is given, so that stands among what is open.
type standing struct {
	state  string
	open   open
	edited bool
}

// refreshOnly makes the state of these say what really stands.
func (s *session) refreshOnly(ctx context.Context, operation Operation, old *State, urns []string) error {
	slices.Sort(urns)
	seen := newCollector(PhaseSettle, old, nil, func(Event) {})
	stream, stop := seen.listen()
	_, err := s.engine.Refresh(ctx, optrefresh.Target(slices.Compact(urns)), optrefresh.EventStreams(stream), optrefresh.Color("never"),
		optrefresh.SuppressProgress(), optrefresh.SuppressOutputs(), optrefresh.UserAgent(userAgent))
	stop()
	if err != nil {
		return s.engineError(ctx, operation, seen, err, true)
	}
	return nil
}

// alone makes sure that no engine is at work on the stack, for which things are under way and not left, and returns the state as
// it is then. The engine has no question for that; to mark a resource as it is marked already needs the lock and changes nothing. A state
// without a resource has nothing to mark, and nothing that was under way is taken over into it without the lock.
func (s *session) alone(ctx context.Context, old *State) (*State, error) {
	for _, resource := range old.Resources {
		if resource.Delete {
			continue // the engine's command does not see these
		}
		verb := "unprotect"
		if resource.Protect {
			verb = "protect"
		}
		if err := s.mark(ctx, verb, []string{resource.URN}); err != nil {
			return nil, err
		}
		break
	}
	return s.state(ctx)
}
