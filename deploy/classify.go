package deploy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// What the CLI prints for these has no other mark than its words.
var (
	wrongPassphrase = regexp.MustCompile(`incorrect passphrase`)
	noPassphrase    = regexp.MustCompile(`passphrase must be set`)
	lockedBy        = regexp.MustCompile(`the stack is currently locked by[^\n]*|\[409\] Conflict: Another update is currently in progress[^\n]*`)
	unreadable      = regexp.MustCompile(`failed to load checkpoint`)
	violatesPlan    = regexp.MustCompile(`violates plan`)
	autoTail        = regexp.MustCompile(`(?s)\ncode: -?\d+\nstdout: .*`)
	stderrOf        = regexp.MustCompile(`(?s)\nstderr: (.*)`)
)

// engineError tells apart why the engine failed. It looks at the engine's words before anything wraps them.
func (s *session) engineError(ctx context.Context, operation Operation, seen *collector, err error, started bool) error {
	text := err.Error()
	if seen != nil {
		for _, problem := range seen.problems {
			text += "\n" + problem.Message
		}
	}
	switch {
	case wrongPassphrase.MatchString(text):
		return &PassphraseError{Stack: s.name}
	case noPassphrase.MatchString(text):
		return &PassphraseError{Stack: s.name, Missing: true}
	case lockedBy.MatchString(text):
		return &LockedError{Stack: s.name, Detail: "another operation is at work on it, or one was killed and left it so", Unlock: s.unlockCommand()}
	case unreadable.MatchString(text):
		return &StateUnreadableError{Stack: s.name, Cause: shortened(err)}
	case ctx.Err() != nil:
		return &InterruptedError{Stack: s.name, Killed: s.cli.killed, Unlock: s.unlockCommand(), Cause: ctx.Err()}
	case s.cli.died:
		return &EngineDiedError{Stack: s.name, Operation: operation, Unlock: s.unlockCommand(), Cause: shortened(err)}
	}
	failure := &EngineError{Operation: operation, Stack: s.name, Started: started, Cause: shortened(err)}
	if seen != nil {
		failure.Diagnostics = withoutUnreached(seen.problems)
	}
	switch {
	case s.programError != nil:
		failure.Cause = s.programError
		failure.Diagnostics = withoutProgramError(failure.Diagnostics, s.programError)
		var refused *ConfigError
		if failed := configError(s.programError); errors.As(failed, &refused) {
			return failed
		}
	case violatesPlan.MatchString(text):
		failure.Cause = fmt.Errorf("%w: %w", ErrDiffers, failure.Cause)
	}
	return failure
}

// withoutUnreached leaves out what the engine says of each step of the plan that it did not come to, when it also says why it
// stopped.
func withoutUnreached(all []Diagnostic) []Diagnostic {
	reasons := slices.DeleteFunc(slices.Clone(all), func(d Diagnostic) bool {
		unreached := strings.HasPrefix(d.Message, "expected resource operations for ") && strings.HasSuffix(d.Message, " but none were seen")
		return unreached || d.URN == "" && (d.Message == "update failed" || d.Message == "destroy failed")
	})
	if len(reasons) == 0 {
		return all
	}
	return reasons
}

// withoutProgramError leaves out the engine's retelling of the program's error when there is more to say, and keeps the
// error itself, once, when there is not.
func withoutProgramError(all []Diagnostic, program error) []Diagnostic {
	var others []Diagnostic
	for _, problem := range all {
		if !strings.Contains(problem.Message, program.Error()) {
			others = append(others, problem)
		}
	}
	return others
}

// shortened is an error of the Automation API without the dump of everything the CLI printed, but with what it printed as
// its error.
func shortened(err error) error {
	text := err.Error()
	said := ""
	if found := stderrOf.FindStringSubmatch(text); found != nil {
		said = strings.TrimSpace(found[1])
	}
	head := autoTail.ReplaceAllString(text, "")
	if said != "" {
		head += ": " + strings.TrimPrefix(said, "error: ")
	}
	return &plainError{text: head, cause: err}
}

// plainError says the same as its cause in fewer words.
type plainError struct {
	text  string
	cause error
}

func (e *plainError) Error() string { return e.text }
func (e *plainError) Unwrap() error { return e.cause }

// unlockCommand removes a lock that nobody holds any more.
func (s *session) unlockCommand() string {
	command := s.pulumiCommand() + " cancel --yes --stack " + s.name
	if url := s.target.BackendURL(); url != "" {
		return "PULUMI_BACKEND_URL=" + url + " " + command
	}
	return command
}

// pulumiCommand is how the CLI is called from a shell: by its name when that is what PATH leads to.
func (s *session) pulumiCommand() string {
	if found, err := exec.LookPath("pulumi"); err == nil && sameFile(found, s.cli.path) {
		return "pulumi"
	}
	return s.cli.path
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// interrupted says whether an error is about a canceled context.
func interrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
