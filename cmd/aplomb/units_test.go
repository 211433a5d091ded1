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
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

func TestEveryKindOfErrorHasItsExitCode(t *testing.T) {
	for want, errs := range map[int][]error{
		exitOK:     {nil},
		exitFailed: {errors.New("odd"), &deploy.EngineError{Cause: errors.New("odd")}, &deploy.LiftError{}, &deploy.EngineDiedError{}, &deploy.StrayError{}, &deploy.StateUnreadableError{Cause: errors.New("EOF")}},
		exitLocked: {&deploy.LockedError{}},
		exitInput: {
			&usageError{}, &deploy.ConfigError{}, &deploy.NoTargetError{}, &deploy.CLIError{}, &deploy.CLIError{Found: "v3.1.0"},
			&deploy.PassphraseError{}, &deploy.UnlockError{}, &deploy.RecordError{}, deploy.ErrNoStack,
			&deploy.SettlingError{}, &deploy.AdoptError{},
		},
		exitRefused:     {&deploy.ProtectedError{}, &deploy.TargetMismatchError{}},
		exitPending:     {&deploy.PendingError{}},
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

func TestAPreviewNamesEveryLossAndFitsInEightyColumns(t *testing.T) {
	web := deploy.ComponentChanges{Name: "web", Changes: deploy.Changes{Create: 20, Update: 1, Replace: 30, Delete: 1, Same: 2}, Steps: []deploy.Step{
		{Name: "web-asg", Type: "aws:autoscaling/group:Group", Op: deploy.OpUpdate, Changed: []string{"minSize"}},
		{Name: "web-logs", Type: "aws:cloudwatch/logGroup:LogGroup", Op: deploy.OpDelete},
	}}
	for i := range 30 {
		web.Steps = append(web.Steps, deploy.Step{
			Name: fmt.Sprintf("key-%d", i), Type: "aws:kms/key:Key", Op: deploy.OpReplace, Keys: []string{strings.Repeat("keyUsage", i+1)},
		})
	}
	var out bytes.Buffer
	a := &app{to: streams{out: &out}}
	require.NoError(t, a.showPreview(&deploy.Preview{
		Stack: "prod", Target: "aws", Changes: web.Changes,
		Components: []deploy.ComponentChanges{{Name: "network", Changes: deploy.Changes{Same: 7}}, web},
	}))
	lines := strings.Split(out.String(), "\n")
	require.Equal(t, []string{
		"preview of prod (aws): 20 to create, 1 to update, 30 to replace, 1 to delete, 2 as they are", "",
		"  web            20 to create, 1 to update, 30 to replace, 1 to delete",
		"    ± key-0     kms Key              keyUsage",
		"    ± key-1     kms Key              keyUsagekeyUsage",
	}, lines[:5])
	require.Equal(t, []string{
		"    - web-logs  cloudwatch LogGroup", "    ~ web-asg   autoscaling Group    minSize", "next: aplomb up --stack prod", "",
	}, lines[33:])
	for _, line := range lines[1:] {
		require.LessOrEqual(t, len([]rune(line)), 80)
	}
}

func TestAPreviewThatUpWouldRefuseEndsLikeUp(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out, errs bytes.Buffer
		a := &app{to: streams{out: &out, err: &errs}, flags: flags{json: asJSON}}
		step := deploy.Step{Name: "web-alb", Type: "aws:lb/loadBalancer:LoadBalancer", Op: deploy.OpReplace, Keys: []string{"name"}}
		err := a.showPreview(&deploy.Preview{
			Stack: "prod", Changes: deploy.Changes{Replace: 1}, Refused: []deploy.Refusal{{Step: step, ByAWS: true}},
		})
		require.Equal(t, exitRefused, exitCode(err))
		require.NotContains(t, out.String(), "next:")
		before := out.String()
		a.report(err)
		require.Equal(t, before, out.String(), "one result is printed")
		require.Contains(t, errs.String(), "AWS's deletion protection is on")
		require.Contains(t, errs.String(), "hint: nothing was done; no unlock lifts")
	}
}

func TestAPreviewWithoutChangesHasNoNextStep(t *testing.T) {
	var out bytes.Buffer
	a := &app{to: streams{out: &out}}
	require.NoError(t, a.showPreview(&deploy.Preview{Stack: "prod", Target: "aws", Changes: deploy.Changes{Same: 3}}))
	require.Equal(t, "preview of prod (aws): no change, 3 as they are\n", out.String())
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAResultThatCannotBeWrittenIsAFailure(t *testing.T) {
	var errs bytes.Buffer
	require.Equal(t, exitFailed, run([]string{"--help"}, streams{out: full{}, err: &errs}))
	require.Contains(t, errs.String(), "error: writing the result: no space left on device")
}

func TestOutputsFitInEightyColumns(t *testing.T) {
	var out bytes.Buffer
	a := &app{to: streams{out: &out}}
	a.printOutputs(&stacks.Outputs{Services: map[string]stacks.ServiceOutputs{"web": {
		LoadBalancer: "arn:aws:elasticloadbalancing:eu-central-1:210987654321:loadbalancer/app/web-alb-0a1b2c3/0123456789abcdef",
	}}})
	require.Contains(t, out.String(), "  load balancer   app/web-alb-0a1b2c3/0123456789abcdef\n")
	for _, line := range strings.Split(out.String(), "\n") {
		require.LessOrEqual(t, len([]rune(line)), 80)
	}
}
