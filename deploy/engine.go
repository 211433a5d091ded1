package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
)

// update runs the engine's update, held to a plan.
func (s *session) update(ctx context.Context, phase Phase, old *State, plan *plan, more ...optup.Option) (*collector, error) {
	s.tell(Event{Phase: phase})
	seen := newCollector(phase, old, plan.totals, s.tell)
	lost, err := s.recorded(ctx, plan, func() (*collector, error) {
		stream, stop := seen.listen()
		s.programError = nil
		_, err := s.engine.Up(ctx, append([]optup.Option{
			optup.Plan(plan.path), optup.EventStreams(stream), optup.Color("never"), optup.SuppressProgress(),
			optup.SuppressOutputs(), optup.UserAgent(userAgent),
		}, more...)...)
		stop()
		if err != nil {
			err = s.engineError(ctx, OperationUp, seen, err, true)
		}
		return seen, err
	})
	seen.warnings = append(seen.warnings, takenUpAgain(lost)...)
	return seen, err
}

// export is the state as the engine keeps it, secrets encrypted. The Automation API's own export decrypts them.
func (s *session) export(ctx context.Context) (string, error) {
	return s.pulumi(ctx, nil, "stack", "export", "--stack", s.name)
}

func (s *session) state(ctx context.Context) (*State, error) {
	text, err := s.export(ctx)
	if err != nil {
		return nil, err
	}
	s.exported = text
	return ParseState([]byte(text))
}

// standing is the state, of which the configuration can become: a change that AWS would take half of is refused here, as a
// ConfigError. A stack without outputs has nothing to hold the configuration against.
func (s *session) standing(ctx context.Context) (*State, error) {
	old, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	outputs, err := old.Outputs()
	switch {
	case errors.Is(err, stacks.ErrNoOutputs):
		return old, nil
	case err != nil:
		return nil, err
	}
	if err := s.config.CheckChange(outputs); err != nil {
		return nil, s.fileError(err)
	}
	return old, nil
}

// Export is the stack's state as `pulumi stack export` prints it: JSON, with every secret encrypted. It needs no valid
// configuration.
func (s *Stack) Export(ctx context.Context) (text []byte, err error) {
	err = s.look(ctx, func(run *session) error {
		exported, err := run.export(ctx)
		text = []byte(exported)
		return err
	})
	return text, err
}

// Outputs are the stack's outputs. The error is stacks.ErrNoOutputs when the stack is not up. It needs no valid configuration.
func (s *Stack) Outputs(ctx context.Context) (outputs *stacks.Outputs, err error) {
	err = s.look(ctx, func(run *session) error {
		state, err := run.state(ctx)
		if err != nil {
			return err
		}
		outputs, err = state.Outputs()
		return err
	})
	return outputs, err
}

// look runs what only reads the stack, which must exist.
func (s *Stack) look(ctx context.Context, read func(*session) error) (err error) {
	run, err := s.begin(ctx, needs{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.end()) }()
	return read(run)
}

// Outputs are the outputs of the stack in its state.
func (s *State) Outputs() (*stacks.Outputs, error) {
	for _, resource := range s.Resources {
		if resource.Type != stackType {
			continue
		}
		raw, err := properties(resource.Outputs)
		if err != nil {
			return nil, fmt.Errorf("outputs of the stack: %w", err)
		}
		return stacks.DecodeOutputs(raw)
	}
	return nil, stacks.ErrNoOutputs
}
