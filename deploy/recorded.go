package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// recorded runs what writes, and keeps in the ledger what came of it. lost are the URNs of what still stands although AWS said
// that it was gone, so that the state does not have it any more.
func (s *session) recorded(ctx context.Context, made *plan, write func() (*collector, error)) (lost []string, err error) {
	if err := s.ledger().begin(s.exported, made); err != nil {
		return nil, fmt.Errorf("writing down what is about to be done: %w", err)
	}
	seen, failed := write()
	// What is written down must be, however the operation ended.
	ctx = context.WithoutCancel(ctx)
	if failed == nil {
		lost, err = s.conclude(ctx, seen)
		return lost, err
	}
	doubts, err := s.leaveOpen(seen)
	if err != nil {
		return nil, errors.Join(failed, err)
	}
	return nil, withDoubts(failed, doubts)
}

// withDoubts lets the error of an operation tell what nobody knows after it.
func withDoubts(failed error, doubts []Pending) error {
	var (
		engine      *EngineError
		interrupted *InterruptedError
	)
	switch {
	case errors.As(failed, &engine):
		engine.Pending = doubts
	case errors.As(failed, &interrupted):
		interrupted.Pending = doubts
	}
	return failed
}

// conclude closes the ledger of an operation that ended well, unless something still stands that it lost.
func (s *session) conclude(ctx context.Context, seen *collector) (lost []string, err error) {
	kept, err := s.ledger().open()
	if err != nil {
		return nil, err
	}
	kept.Begun = false
	if lost, err = s.lost(ctx, seen); err != nil {
		return nil, err
	}
	if len(lost) > 0 {
		return lost, s.ledger().keep(kept)
	}
	if err := s.ledger().over(); err != nil || len(kept.Doubts) == 0 {
		return nil, err
	}
	return nil, s.ledger().keep(open{Doubts: kept.Doubts})
}

// lost are the URNs of what an operation took out of the state and that still stands.
func (s *session) lost(ctx context.Context, seen *collector) ([]string, error) {
	finder, asks := s.target.(Finder)
	if !asks || !slices.ContainsFunc(seen.all(), func(step Step) bool { return step.Op == OpDelete || step.Op == OpReplace }) {
		return nil, nil
	}
	before, plan, err := s.ledger().unfinished()
	if err != nil {
		return nil, err
	}
	now, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	strays, err := s.ask(ctx, finder, now, knowledge{before: before, plan: plan, ended: true})
	var urns []string
	for _, stray := range strays {
		urns = append(urns, stray.resource.URN)
	}
	return urns, err
}

// leaveOpen keeps what nobody knows of an operation that failed. Where the cloud can be asked, it is asked when the next
// operation begins; elsewhere the doubts are kept one by one, and returned.
func (s *session) leaveOpen(seen *collector) ([]Pending, error) {
	kept, err := s.ledger().open()
	if err != nil {
		return nil, err
	}
	before, plan, err := s.ledger().unfinished()
	if err != nil {
		return nil, err
	}
	// An engine that died may not have written down what it had done.
	kept.Begun = s.cli.died || s.cli.killed
	_, asks := s.target.(Finder)
	var doubts []Pending
	for _, step := range seen.unsaid() {
		if _, stood := before.Find(step.URN); stood {
			kept.HalfDone = append(kept.HalfDone, step.URN)
		}
		if asks {
			continue
		}
		resource, creates, err := plan.creation(step.URN, before)
		if err != nil {
			return nil, err
		}
		if creates {
			old, _ := before.Find(step.URN)
			open := doubt{resource: resource, reason: reasonUnsaid, over: old.ID}
			kept.Doubts, doubts = append(kept.Doubts, open), append(doubts, open.pending(before))
		}
	}
	if !asks && !kept.Begun {
		if err := errors.Join(s.ledger().drop(ledgerBefore), s.ledger().drop(ledgerPlan)); err != nil {
			return nil, err
		}
	}
	return doubts, s.ledger().keep(kept)
}

// takenUpAgain warns of what AWS was wrong about.
func takenUpAgain(lost []string) []string {
	var warnings []string
	for _, urn := range lost {
		warnings = append(warnings, "AWS said that "+urnName(urn)+" was gone, and it still stands: the next up takes it up again ("+urn+")")
	}
	return warnings
}
