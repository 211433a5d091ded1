package deploy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// ledger is what is kept of an operation that writes, from before it begins until it is known what came of it: enough to tell
// what it was about to do when this process, the engine or a connection is lost meanwhile. It belongs to one stack on one target
// and is readable by its owner only; secrets in it are encrypted.
type ledger struct{ dir string }

// The files of a ledger.
const (
	ledgerBefore = "before.json" // the state before the operation
	ledgerPlan   = "plan.json"   // what it was about to do, when it was planned
	ledgerOpen   = "open.json"   // what nobody knows the outcome of
)

// open is what nobody knows the outcome of.
type open struct {
	// Doubts may stand although the state does not have them, HalfDone are URNs of what stands and may have been changed.
	Doubts   []doubt  `json:"doubts,omitempty"`
	HalfDone []string `json:"halfDone,omitempty"`
	// Begun is true from the beginning of an operation to its end, whatever that was: a process that is killed leaves it true.
	Begun bool `json:"begun,omitempty"`
}

func (s *session) ledger() ledger { return ledger{s.dirOf("ledger")} }

// begin writes down what is about to be done. made is nil for what has no plan.
func (l ledger) begin(before string, made *plan) error {
	kept, err := l.open()
	if err != nil {
		return err
	}
	if err := l.drop(ledgerPlan); err != nil {
		return err
	}
	if made != nil {
		plan, err := os.ReadFile(made.path)
		if err != nil {
			return err
		}
		if plan, err = withRetained(plan, made.retained); err != nil {
			return err
		}
		if err := l.write(ledgerPlan, plan); err != nil {
			return err
		}
	}
	if err := l.write(ledgerBefore, []byte(before)); err != nil {
		return err
	}
	kept.Begun = true
	return l.keep(kept)
}

// over forgets the operation and everything that was open: it is known what came of it.
func (l ledger) over() error {
	return errors.Join(l.drop(ledgerOpen), l.drop(ledgerBefore), l.drop(ledgerPlan))
}

// unfinished is the operation that is not known to be over: the state before it, and its plan. before is nil when there is none.
func (l ledger) unfinished() (before *State, plan plannedResources, err error) {
	text, err := l.read(ledgerBefore)
	if err != nil || text == nil {
		return nil, nil, err
	}
	if before, err = ParseState(text); err != nil {
		return nil, nil, l.damaged(ledgerBefore, err)
	}
	if text, err = l.read(ledgerPlan); err != nil || text == nil {
		return before, nil, err
	}
	if plan, err = parsePlan(text); err != nil {
		return nil, nil, l.damaged(ledgerPlan, err)
	}
	return before, plan, nil
}

// open is what is kept as open.
func (l ledger) open() (kept open, err error) {
	text, err := l.read(ledgerOpen)
	if err != nil || text == nil {
		return open{}, err
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return open{}, l.damaged(ledgerOpen, err)
	}
	return kept, nil
}

// keep replaces what is kept as open.
func (l ledger) keep(now open) error {
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return l.write(ledgerOpen, text)
}

func (l ledger) write(file string, text []byte) error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(l.dir, file), text, 0o600)
}

// read is the content of a file, nil when there is none.
func (l ledger) read(file string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(l.dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

func (l ledger) drop(file string) error {
	if err := os.Remove(filepath.Join(l.dir, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (l ledger) damaged(file string, cause error) error {
	return fmt.Errorf("%s, which tells what the last operation was about to do, is damaged: %w", filepath.Join(l.dir, file), cause)
}
