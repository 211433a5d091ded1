package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/stretchr/testify/require"
)

func TestEveryKindOfErrorHasItsExitCode(t *testing.T) {
	for want, errs := range map[int][]error{
		exitOK:     {nil},
		exitFailed: {errors.New("odd"), &deploy.EngineError{Cause: errors.New("odd")}, &deploy.LockedError{}, &deploy.LiftError{}},
		exitInput: {
			&usageError{}, &deploy.ConfigError{}, &deploy.NoTargetError{}, &deploy.CLIError{}, &deploy.CLIError{Found: "v3.1.0"},
			&deploy.PassphraseError{}, &deploy.UnlockError{}, &deploy.RecordError{}, deploy.ErrNoStack,
		},
		exitRefused:     {&deploy.ProtectedError{}, &deploy.TargetMismatchError{}},
		exitDeclined:    {deploy.ErrDeclined},
		exitInterrupted: {&deploy.InterruptedError{Cause: context.Canceled}, context.Canceled},
	} {
		for _, err := range errs {
			if err != nil {
				err = fmt.Errorf("wrapped: %w", err)
			}
			require.Equal(t, want, exitCode(err), "%T", err)
		}
	}
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("a nil map\ngoroutine 1 [running]:") }

func TestAPanicBecomesOneLineForPeople(t *testing.T) {
	var errs bytes.Buffer
	require.Equal(t, exitFailed, run([]string{"--help"}, streams{out: panicking{}, err: &errs}))
	require.Equal(t, "error: internal: a nil map\nhint: this is a defect of aplomb; report it with the command line you used\n", errs.String())
}

func TestOnlyAYesIsAYes(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "Yes\n": true, "yes": true, "\n": false, "": false, "n\n": false, "yeah\n": false} {
		var errs bytes.Buffer
		a := &app{to: streams{in: strings.NewReader(answer), out: io.Discard, err: &errs, ask: true}}
		got, err := a.confirm(newProgress(a.to), "Do this?")(context.Background(), &deploy.Preview{Stack: "prod", Changes: deploy.Changes{Create: 1}})
		require.NoError(t, err)
		require.Equal(t, want, got, "%q", answer)
		require.Contains(t, errs.String(), "Do this? [y/N] ")
	}
}

func TestAnInterruptAtTheQuestionEndsItAtOnceAndALaterYesCountsForNothing(t *testing.T) {
	read, write := io.Pipe()
	var errs bytes.Buffer
	a := &app{to: streams{in: read, out: io.Discard, err: &errs, ask: true}}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	defer a.tellInterrupt(ctx, func() { close(stopped) })()
	time.AfterFunc(20*time.Millisecond, cancel)
	got, err := a.confirm(newProgress(a.to), "Do this?")(ctx, &deploy.Preview{Stack: "prod", Changes: deploy.Changes{Create: 1}})
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, got)
	<-stopped
	_, err = io.WriteString(write, "y\n")
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(errs.String(), "Do this? [y/N] \n"), errs.String())
}

func TestAnInterruptIsToldBelowTheProgressThatIsThenDrawnAfresh(t *testing.T) {
	t.Setenv("TERM", "xterm")
	var errs bytes.Buffer
	progress := newProgress(streams{err: &errs, width: 80, ask: true})
	for _, event := range events[:3] {
		progress.event(event)
	}
	errs.Reset()
	progress.note("interrupted")
	progress.event(events[3])
	require.True(t, strings.HasPrefix(errs.String(), "\r\x1b[Kinterrupted\n\r\x1b[K"), "%q", errs.String())
}

func TestNobodyIsAskedWhenNothingChangesOrYesIsGiven(t *testing.T) {
	a := &app{to: streams{in: strings.NewReader(""), out: io.Discard, err: panicking{}}}
	got, err := a.confirm(nil, "")(context.Background(), &deploy.Preview{Changes: deploy.Changes{Same: 3}})
	require.NoError(t, err)
	require.True(t, got)
	a.flags.yes = true
	got, err = a.confirm(nil, "")(context.Background(), &deploy.Preview{Changes: deploy.Changes{Delete: 3}})
	require.NoError(t, err)
	require.True(t, got)
}

// events are two components that are brought up, one of them with a failure.
var events = []deploy.Event{
	{Phase: deploy.PhaseUp},
	{Phase: deploy.PhaseUp, Component: "network", Resource: "vpc", Op: deploy.OpCreate, Done: 1, Total: 2},
	{Phase: deploy.PhaseUp, Component: "web", Resource: "web-alb", Op: deploy.OpCreate, Done: 1, Total: 3, Failed: true},
	{Phase: deploy.PhaseUp, Component: "network", Resource: "igw", Op: deploy.OpCreate, Done: 2, Total: 2},
}

func TestWithoutATerminalAComponentIsTwoLinesAtMost(t *testing.T) {
	var errs bytes.Buffer
	progress := newProgress(streams{err: &errs, width: 100})
	for _, event := range events {
		progress.event(event)
	}
	require.Equal(t, strings.TrimPrefix(`
bringing up
  web            ████████░░░░░░░░░░░░░░░░   1 of 3    1 failed
  network        ████████████████████████   2 of 2
`, "\n"), errs.String())
}

func TestOnATerminalTheLinesAreRedrawnInPlaceAndFit(t *testing.T) {
	t.Setenv("TERM", "xterm")
	var errs bytes.Buffer
	progress := newProgress(streams{err: &errs, width: 40, ask: true})
	for _, event := range events {
		progress.event(event)
	}
	require.Equal(t, 1, strings.Count(errs.String(), "\x1b[1A"), "one line was drawn before the third event")
	require.Equal(t, 1, strings.Count(errs.String(), "\x1b[2A"), "two lines before the fourth")
	for _, line := range strings.Split(errs.String(), "\n") {
		text := line[strings.LastIndex(line, "\x1b[K")+1:]
		require.Less(t, len([]rune(text)), 40+len("[K"))
	}
}

func TestAPreviewListsWhatChangesAndWhatWouldBeRefused(t *testing.T) {
	step := deploy.Step{Name: "logs-key", Type: "aws:kms/key:Key", Component: "web", Op: deploy.OpReplace, Keys: []string{"keyUsage"}}
	var out bytes.Buffer
	a := &app{to: streams{out: &out}}
	a.printPreview(&out, &deploy.Preview{
		Stack: "prod", Target: "aws", Changes: deploy.Changes{Update: 1, Replace: 1, Same: 9},
		Components: []deploy.ComponentChanges{
			{Name: "network", Changes: deploy.Changes{Same: 7}},
			{Name: "web", Changes: deploy.Changes{Update: 1, Replace: 1, Same: 2}, Steps: []deploy.Step{
				step, {Name: "web-asg", Type: "aws:autoscaling/group:Group", Op: deploy.OpUpdate, Changed: []string{"minSize"}},
			}},
		},
		Refused: []deploy.Refusal{{Step: step}},
	})
	require.Equal(t, strings.TrimPrefix(`
preview of prod (aws): 1 to update, 1 to replace, 9 as they are

  web            1 to update, 1 to replace, 2 as they are
    ± logs-key (aws:kms/key:Key): keyUsage cannot change in place
    ~ web-asg (aws:autoscaling/group:Group): minSize

  protected: up would be refused
    ! logs-key (aws:kms/key:Key) would be replaced: keyUsage cannot change in place
`, "\n"), out.String())
}
