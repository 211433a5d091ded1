package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/stacks"
)

// Exit codes. Scripts rely on them; `aplomb --help` lists them.
const (
	exitOK = 0
	// exitFailed is a failure of the engine, of a provider or of AWS.
	exitFailed = 1
	// exitInput is bad input: a wrong flag, configuration that was refused, no CLI, a wrong passphrase.
	exitInput = 2
	// exitOverBudget is reserved for a stack that heals too slowly.
	exitOverBudget = 3
	// exitUndetermined is reserved for a verdict that nothing was observed for.
	exitUndetermined = 4
	// exitRefused is a refusal: something protected would be lost, or the stack belongs to another target.
	exitRefused = 5
	// exitDeclined is a no from whoever was asked.
	exitDeclined = 6
	// exitLocked is a stack that another operation is working on: try again later.
	exitLocked = 7
	// exitPending is a refusal because nobody knows whether AWS made something whose creation was cut off.
	exitPending = 8
	// exitInterrupted is an interrupt from the keyboard, as shells count it.
	exitInterrupted = 130
)

// exitCodes say what each code means, for --help.
var exitCodes = []struct {
	code    int
	meaning string
}{
	{exitOK, "done"},
	{exitFailed, "the engine, a provider or AWS failed"},
	{exitInput, "bad input: flags, configuration, passphrase, or no Pulumi CLI"},
	{exitOverBudget, "over budget (reserved)"},
	{exitUndetermined, "undetermined (reserved)"},
	{exitRefused, "refused: something protected would be lost, or the stack is recorded as going elsewhere"},
	{exitDeclined, "declined when asked"},
	{exitLocked, "locked: another operation is at work on the stack; try again later"},
	{exitPending, "refused: a creation was cut off, and it must be said whether the thing stands (--adopt, --forget)"},
	{exitInterrupted, "interrupted"},
}

func exitHelp() string {
	var text strings.Builder
	text.WriteString("\nExit codes")
	for _, exit := range exitCodes {
		fmt.Fprintf(&text, "\n  %-4d %s", exit.code, exit.meaning)
	}
	return text.String()
}

// usageError is a command line that cannot be followed.
type usageError struct{ text, hint string }

func (e *usageError) Error() string { return e.text }
func (e *usageError) Hint() string  { return e.hint }

// exitCode is the code that an error ends the process with.
func exitCode(err error) int {
	var (
		usage     *usageError
		config    *deploy.ConfigError
		unlock    *deploy.UnlockError
		damaged   *deploy.RecordError
		protected *deploy.ProtectedError
		mismatch  *deploy.TargetMismatchError
		locked    *deploy.LockedError
		pending   *deploy.PendingError
		settling  *deploy.SettlingError
		unfound   *deploy.AdoptError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, deploy.ErrDeclined):
		return exitDeclined
	case errors.As(err, &locked):
		return exitLocked
	case errors.As(err, &pending):
		return exitPending
	case errors.As(err, &protected), errors.As(err, &mismatch):
		return exitRefused
	case errors.As(err, &usage), errors.As(err, &config), errors.As(err, &unlock), errors.As(err, &damaged),
		errors.As(err, &settling), errors.As(err, &unfound),
		errors.Is(err, deploy.ErrNoTarget), errors.Is(err, deploy.ErrCLIMissing), errors.Is(err, deploy.ErrCLITooOld),
		errors.Is(err, deploy.ErrPassphrase), errors.Is(err, deploy.ErrNoStack), errors.Is(err, stacks.ErrNoOutputs):
		return exitInput
	default:
		return exitFailed
	}
}

// hint is the next step after an error, as far as the error knows one.
func (a *app) hint(err error) string {
	var hinting interface{ Hint() string }
	switch {
	case errors.As(err, &hinting):
		return hinting.Hint()
	case errors.Is(err, deploy.ErrNoStack):
		return "bring it up first: aplomb up --stack " + a.flags.stack + a.targetFlag()
	case errors.Is(err, stacks.ErrNoOutputs):
		return "aplomb up --stack " + a.flags.stack + a.targetFlag()
	default:
		return ""
	}
}
