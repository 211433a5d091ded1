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

// record is what is kept about a stack: where it goes.
type record struct {
	Target string `json:"target"`
}

func (s *Stack) recordPath() string {
	return filepath.Join(s.home, "targets", s.name+".json")
}

// RecordedTarget is the name of the target that the stack was first brought up on, or empty when it never was. A record that
// cannot be read is an error: the target is never guessed.
func (s *Stack) RecordedTarget() (string, error) {
	path := s.recordPath()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading where stack %s goes: %w", s.name, err)
	}
	var kept record
	if err := json.Unmarshal(text, &kept); err != nil || kept.Target == "" {
		return "", &RecordError{Stack: s.name, Path: path}
	}
	return kept.Target, nil
}

// keepRecord writes down where the stack goes, once.
func (s *Stack) keepRecord(target string) error {
	if kept, err := s.RecordedTarget(); err != nil || kept == target {
		return err
	}
	text, err := json.Marshal(record{Target: target})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.recordPath()), 0o700); err != nil {
		return err
	}
	return renameio.WriteFile(s.recordPath(), append(text, '\n'), 0o600)
}

// dropRecord forgets where the stack went, when the stack itself is removed.
func (s *Stack) dropRecord() error {
	if err := os.Remove(s.recordPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// resolveTarget is where this operation goes: what the caller said, held against the record, or the record alone.
func (s *Stack) resolveTarget() (Target, error) {
	kept, err := s.RecordedTarget()
	if err != nil {
		return nil, err
	}
	if s.target != nil {
		if kept != "" && kept != s.target.Name() {
			return nil, &TargetMismatchError{Stack: s.name, Recorded: kept, Given: s.target.Name(), Path: s.recordPath()}
		}
		return s.target, nil
	}
	if kept == "" {
		return nil, &NoTargetError{Stack: s.name}
	}
	for _, known := range s.targets {
		if known.Name() == kept {
			return known, nil
		}
	}
	return nil, &RecordError{Stack: s.name, Path: s.recordPath(), Target: kept}
}
