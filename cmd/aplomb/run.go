package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox/fault"
)

// run follows one command line and returns the exit code. Whatever goes wrong in it ends in a line for people: never in a
// stack trace.
func run(args []string, to streams) (code int) {
	defer func() {
		if panicked := recover(); panicked != nil {
			fmt.Fprintf(to.err, "error: internal: %s\n", firstLine(fmt.Sprint(panicked)))
			fmt.Fprintln(to.err, "hint: this is a defect of aplomb; report it with the command line you used")
			code = exitFailed
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	results := &resultWriter{to: to.out}
	to.out = results
	app := &app{to: to}
	defer app.tellInterrupt(ctx, stop)()
	root := app.root()
	root.SetArgs(args)
	root.SetIn(to.in)
	root.SetOut(to.out)
	root.SetErr(to.err)
	err := root.ExecuteContext(ctx)
	if err == nil && results.failed != nil {
		err = fmt.Errorf("writing the result: %w", results.failed)
	}
	app.tellFaults()
	if err != nil {
		app.report(err)
	}
	return exitCode(err)
}

// tellInterrupt says what the first interrupt does, and lets a second one end the process at once. The returned function ends
// the watch and comes back when it has ended: what cancels the context afterwards is the end of the command, not an interrupt.
func (a *app) tellInterrupt(ctx context.Context, stop func()) func() {
	ended, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case <-ended:
		case <-ctx.Done():
			idle := a.asking.Load()
			stop()
			if !idle {
				a.note("interrupted: waiting for what is under way to end; interrupt again to give up on it")
			}
		}
	}()
	return func() { close(ended); <-gone }
}

// note writes a line below whatever progress has drawn, which is drawn afresh below it.
func (a *app) note(text string) {
	if progress := a.progress.Load(); progress != nil {
		progress.note(text)
		return
	}
	fmt.Fprintln(a.to.err, text)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// failure is an error as --json shows it.
type failure struct {
	Error    string           `json:"error"`
	Hint     string           `json:"hint,omitempty"`
	ExitCode int              `json:"exitCode"`
	Failures []deploy.Failure `json:"failures,omitempty"`
	Refused  []deploy.Refusal `json:"refused,omitempty"`
	Pending  []deploy.Pending `json:"pending,omitempty"`
	Faults   []fault.Outcome  `json:"faults,omitempty"`
}

// shownError is an error whose result has been printed as JSON already.
type shownError struct{ error }

func (e *shownError) Unwrap() error { return e.error }

// report tells an error: lower case, what it is, then what to do.
func (a *app) report(err error) {
	text, next := strings.TrimSpace(err.Error()), a.hint(err)
	var already *shownError
	if a.flags.json && !errors.As(err, &already) {
		shown := failure{Error: text, Hint: next, ExitCode: exitCode(err), Faults: a.faults()}
		var config *deploy.ConfigError
		if errors.As(err, &config) {
			shown.Failures = config.Failures
		}
		var protected *deploy.ProtectedError
		if errors.As(err, &protected) {
			shown.Refused = protected.Refused
		}
		var pending *deploy.PendingError
		if errors.As(err, &pending) {
			shown.Pending = pending.Pending
		}
		_ = a.printJSON(shown) // the exit code says it all the same
	}
	fmt.Fprintf(a.to.err, "error: %s\n", text)
	if next != "" {
		fmt.Fprintf(a.to.err, "hint: %s\n", next)
	}
}

// printJSON prints one result as JSON.
func (a *app) printJSON(result any) error {
	encoder := json.NewEncoder(a.to.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}
