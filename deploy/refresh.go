package deploy

import (
	"context"
	"errors"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
)

// Refresh makes the state say what really stands. What was changed behind the engine's back counts as Update, what is gone
// as Delete; the next Up puts both right. Nothing is written but the state. What an earlier operation left open is settled first,
// as far as the target can be asked; the rest is in Pending, and an Up or a Destroy must be told about it.
func (s *Stack) Refresh(ctx context.Context) (result *Result, err error) {
	run, err := s.begin(ctx, needs{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.end()) }()
	old, err := run.state(ctx)
	if err != nil {
		return nil, err
	}
	left, err := run.findUnsettled(ctx, old)
	if err != nil {
		return nil, err
	}
	undecided := slices.DeleteFunc(left.pending(old), func(p Pending) bool { return p.Known })
	var settled *Settled
	if len(undecided) == 0 {
		if old, settled, err = run.settle(ctx, OperationRefresh, old, Settling{}); err != nil {
			return nil, err
		}
	}
	s.tell(Event{Phase: PhaseRefresh})
	seen := newCollector(PhaseRefresh, old, old.sizes(), s.tell)
	lost, err := run.recorded(ctx, nil, func() (*collector, error) {
		stream, stop := seen.listen()
		_, err := run.engine.Refresh(ctx, optrefresh.EventStreams(stream), optrefresh.Color("never"),
			optrefresh.SuppressProgress(), optrefresh.SuppressOutputs(), optrefresh.UserAgent(userAgent))
		stop()
		if err != nil {
			err = run.engineError(ctx, OperationRefresh, seen, err, true)
		}
		return seen, err
	})
	if err != nil {
		return nil, err
	}
	result = run.resultOf(OperationRefresh, seen.all(), append(seen.warnings, takenUpAgain(lost)...))
	result.Settled, result.Pending = settled, undecided
	return result, nil
}
