package deploy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// Errors that carry nothing but their kind. Test for them with errors.Is.
var (
	// ErrNoTarget says that a stack has no recorded target and that none was given.
	ErrNoTarget = errors.New("no target")
	// ErrNoStack says that the backend has no such stack: it was never brought up there, or it was removed.
	ErrNoStack = errors.New("no such stack in the backend")
	// ErrCLIMissing says that there is no Pulumi CLI, and ErrCLITooOld that the one found is too old.
	ErrCLIMissing = errors.New("no pulumi CLI")
	ErrCLITooOld  = errors.New("pulumi CLI too old")
	// ErrPassphrase says that the passphrase of the stack's secrets is missing or wrong.
	ErrPassphrase = errors.New("passphrase")
	// ErrDeclined says that whoever was asked to confirm said no. Nothing was done.
	ErrDeclined = errors.New("declined: nothing was done")
	// ErrDiffers says that the engine found something else to do than was previewed, and stopped.
	ErrDiffers = errors.New("the stack or its configuration changed after the preview")
)

// Failure is one thing that is wrong with the configuration.
type Failure = check.Failure

// ConfigError is a configuration that was refused before any engine was started.
type ConfigError struct {
	// Subject is what was refused, such as Pulumi.prod.yaml.
	Subject string
	// Failures is everything that is wrong with it.
	Failures []Failure
}

// Error lists every failure.
func (e *ConfigError) Error() string {
	return (&check.Error{Subject: e.Subject, Failures: e.Failures}).Error()
}

// Hint is the next step.
func (e *ConfigError) Hint() string {
	return "nothing was done; correct " + e.Subject + " and try again"
}

// configError turns the failures of any reader into a ConfigError and leaves other errors as they are.
func configError(err error) error {
	var failed *check.Error
	if errors.As(err, &failed) {
		return &ConfigError{Subject: failed.Subject, Failures: failed.Failures}
	}
	return err
}

// NoTargetError is ErrNoTarget about one stack.
type NoTargetError struct{ Stack string }

func (e *NoTargetError) Error() string {
	return fmt.Sprintf("stack %s has no recorded target; say --sandbox or --aws", e.Stack)
}

// Is makes it an ErrNoTarget.
func (e *NoTargetError) Is(target error) bool { return target == ErrNoTarget }

// Hint is the next step.
func (e *NoTargetError) Hint() string {
	return "the first up records it, and then no flag is needed; it is never guessed from credentials"
}

// TargetMismatchError is a target that is not the one the stack was brought up on.
type TargetMismatchError struct{ Stack, Recorded, Given, Path string }

func (e *TargetMismatchError) Error() string {
	return fmt.Sprintf("stack %s is recorded as %s, not %s", e.Stack, e.Recorded, e.Given)
}

// Hint is the next step.
func (e *TargetMismatchError) Hint() string {
	return fmt.Sprintf("leave --%s out, or use another stack; destroy --remove forgets the record, which is %s", e.Given, e.Path)
}

// RecordError is a record of a stack's target that cannot be read, or that names a target nobody knows.
type RecordError struct{ Stack, Path, Target string }

func (e *RecordError) Error() string {
	if e.Target != "" {
		return fmt.Sprintf("%s: stack %s is recorded as %q, a target that is not known here", e.Path, e.Stack, e.Target)
	}
	return fmt.Sprintf("%s: this record of where stack %s goes is damaged", e.Path, e.Stack)
}

// Hint is the next step.
func (e *RecordError) Hint() string {
	return `write {"target":"aws"} or {"target":"sandbox"} into it, whichever the stack was brought up on`
}

// CLIError is a Pulumi CLI that is missing, silent about its version, or too old.
type CLIError struct {
	// Tried are the places that were looked at, in order.
	Tried []string
	// Found is the version of the one that was found, empty when none was.
	Found string
}

func (e *CLIError) Error() string {
	if e.Found == "" {
		return "no pulumi CLI: looked for " + strings.Join(e.Tried, ", then ")
	}
	return fmt.Sprintf("%s is pulumi %s, which is older than %s or states no version", e.Tried[len(e.Tried)-1], e.Found, minimumCLI)
}

// Is makes it an ErrCLIMissing or an ErrCLITooOld.
func (e *CLIError) Is(target error) bool {
	return target == ErrCLIMissing && e.Found == "" || target == ErrCLITooOld && e.Found != ""
}

// Hint is the next step.
func (e *CLIError) Hint() string {
	return fmt.Sprintf("run make pulumi, or put pulumi %s or later on PATH", minimumCLI)
}

// PassphraseError is ErrPassphrase about one stack.
type PassphraseError struct {
	Stack string
	// Missing is true when none was given, false when it was wrong.
	Missing bool
}

func (e *PassphraseError) Error() string {
	if e.Missing {
		return fmt.Sprintf("stack %s: no passphrase for its secrets", e.Stack)
	}
	return fmt.Sprintf("stack %s: wrong passphrase for its secrets", e.Stack)
}

// Is makes it an ErrPassphrase.
func (e *PassphraseError) Is(target error) bool { return target == ErrPassphrase }

// Hint is the next step.
func (e *PassphraseError) Hint() string {
	return "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE, to the one that the stack was made with"
}

// LockedError is a stack that someone else is working on, or that an operation which was killed left locked.
type LockedError struct {
	Stack string
	// Detail is what holds the lock, as far as it is known.
	Detail string
	// Unlock is the command that removes a lock nobody holds any more; empty when it goes by itself.
	Unlock string
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("stack %s is locked: %s", e.Stack, e.Detail)
}

// Hint is the next step.
func (e *LockedError) Hint() string {
	if e.Unlock == "" {
		return "wait until the other operation has ended"
	}
	return "wait until the other operation has ended; if there is none any more: " + e.Unlock
}

// InterruptedError is an operation that was canceled while the engine was at work.
type InterruptedError struct {
	Stack string
	// Idle is true when nothing had been begun that writes: nothing was done.
	Idle bool
	// Killed is true when the engine did not end within the grace period. The stack may then be locked, and its state has what
	// was under way as not finished.
	Killed bool
	// Unlock is the command that removes the lock which a killed engine leaves.
	Unlock string
	// Pending are those things of which nobody knows by now whether they stand.
	Pending []Pending
	// Cause is the context's error.
	Cause error
}

func (e *InterruptedError) Error() string {
	if e.Idle {
		return "interrupted: nothing was done"
	}
	if e.Killed {
		return fmt.Sprintf("interrupted: the engine was killed while it worked on stack %s", e.Stack)
	}
	return fmt.Sprintf("interrupted: the engine finished what was under way on stack %s and stopped", e.Stack)
}

// Unwrap is the context's error.
func (e *InterruptedError) Unwrap() error { return e.Cause }

// Hint is the next step.
func (e *InterruptedError) Hint() string {
	if e.Idle {
		return ""
	}
	if e.Killed {
		return "the stack may be locked: " + e.Unlock + "; then run the same command again, which finds out first what was under way"
	}
	return "the stack is not locked; " + tellLater(e.Pending) + "run the same command again to go on"
}
