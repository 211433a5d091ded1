package deploy

import (
	"context"
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
)

// Refresh makes the state say what really stands. What was changed behind the engine's back counts as Update, what is gone
// as Delete; the next Up puts both right. Nothing is written but the state.
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
	s.tell(Event{Phase: PhaseRefresh})
	seen := newCollector(PhaseRefresh, old, old.sizes(), s.tell)
	stream, stop := seen.listen()
	_, err = run.engine.Refresh(ctx, optrefresh.EventStreams(stream), optrefresh.Color("never"),
		optrefresh.SuppressProgress(), optrefresh.SuppressOutputs(), optrefresh.UserAgent(userAgent))
	stop()
	if err != nil {
		return nil, run.engineError(ctx, OperationRefresh, seen, err, true)
	}
	return run.resultOf(OperationRefresh, seen.all(), seen.warnings), nil
}
