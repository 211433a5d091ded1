package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aplomb-iac/aplomb/cmd/aplomb/internal/where"
	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/sandbox/fault"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/spf13/cobra"
)

func (a *app) preview() *cobra.Command {
	command := &cobra.Command{
		Use: "preview", Short: "show what up would do, and do nothing", Args: noArguments,
		Long: `preview shows what up would do. It ends like up when up would be refused. What destroy takes down is everything;
outputs and export show what that is.`,
		Example: `  aplomb preview --stack prod
  aplomb preview --stack prod --unlock KEY   what up with the same flag would do
  aplomb preview --stack prod --json`,
		RunE: func(command *cobra.Command, _ []string) error {
			progress := a.newProgress()
			stack, err := a.open(progress.event)
			if err != nil {
				return err
			}
			preview, err := stack.Preview(command.Context(), a.flags.unlock...)
			progress.end()
			if err != nil {
				return err
			}
			return a.showPreview(preview)
		},
	}
	command.Flags().StringArrayVar(&a.flags.unlock, "unlock", nil, unlockUp)
	a.faulty(command, false)
	return command
}

// showPreview prints a preview, and what up would say if it were refused.
func (a *app) showPreview(preview *deploy.Preview) error {
	if a.flags.json {
		if err := a.printJSON(faultyPreview{preview, a.faults()}); err != nil {
			return err
		}
	} else {
		a.printPreview(a.to.out, preview)
	}
	if open := undecided(preview.Pending); len(open) > 0 {
		return &shownError{&deploy.PendingError{Stack: preview.Stack, Operation: deploy.OperationUp, Pending: open}}
	}
	if len(preview.Refused) > 0 {
		return &shownError{&deploy.ProtectedError{Stack: preview.Stack, Operation: deploy.OperationUp, Refused: preview.Refused}}
	}
	if !a.flags.json && preview.Changes.Any() {
		a.next("aplomb up --stack %s%s%s", preview.Stack, a.targetFlag(), a.unlockFlags())
	}
	return nil
}

func (a *app) unlockFlags() string {
	var flags strings.Builder
	for _, name := range a.flags.unlock {
		flags.WriteString(" --unlock " + name)
	}
	return flags.String()
}

// unlockUp is about what an update may lose.
const unlockUp = "what may be replaced or deleted: a URN, or a name, which means everything called so that is protected or holds data; may be repeated"

func (a *app) up() *cobra.Command {
	command := &cobra.Command{
		Use: "up", Short: "make the stack what its configuration says", Args: noArguments,
		Long: `up previews, asks, and writes exactly what it previewed. It is refused, with nothing done, when something
protected would be replaced or deleted and is not unlocked by name. When an earlier operation was cut off, up finds
out first what became of it; where nobody can be asked, as on AWS, it wants to be told (--adopt, --forget).`,
		Example: `  aplomb up --stack prod --sandbox      the first time: say where it goes
  aplomb up --stack prod --yes          do not ask, as in CI
  aplomb up --stack prod --unlock KEY   let the protected resource KEY be replaced or deleted`,
	}
	a.confirming(command, unlockUp)
	a.faulty(command, true)
	command.RunE = func(command *cobra.Command, _ []string) error {
		progress := a.newProgress()
		stack, err := a.open(progress.event)
		if err != nil {
			return err
		}
		if err := a.mayAsk("up"); err != nil {
			return err
		}
		say, err := a.said()
		if err != nil {
			return err
		}
		result, err := stack.Up(command.Context(), deploy.UpOptions{
			Unlock: a.flags.unlock, Settling: say, Confirm: a.confirm(progress, "Do this?"),
		})
		progress.end()
		if err != nil {
			return err
		}
		return a.printUp(command.Context(), stack, result)
	}
	return command
}

func (a *app) destroy() *cobra.Command {
	command := &cobra.Command{
		Use: "destroy", Short: "take everything in the stack down", Args: noArguments,
		Long: `destroy is refused, with nothing done, while the stack holds anything protected that is not unlocked. With
everything protected unlocked it takes protection off first, and nothing else, and then destroys.`,
		Example: `  aplomb destroy --stack dev
  aplomb destroy --stack prod --unlock logs-key --unlock web-alb
  aplomb destroy --stack prod --unlock all --remove`,
	}
	a.confirming(command, "what may be deleted: a URN, a name, which means every protected resource called so, or all; may be repeated")
	a.faulty(command, false)
	command.Flags().BoolVar(&a.flags.purge, "remove", false, "also remove the empty stack and forget where it went")
	command.RunE = func(command *cobra.Command, _ []string) error {
		progress := a.newProgress()
		stack, err := a.open(progress.event)
		if err != nil {
			return err
		}
		if err := a.mayAsk("destroy"); err != nil {
			return err
		}
		say, err := a.said()
		if err != nil {
			return err
		}
		result, err := stack.Destroy(command.Context(), deploy.DestroyOptions{
			Unlock: a.flags.unlock, Settling: say, Remove: a.flags.purge, Confirm: a.confirm(progress, "Destroy all of this?"),
		})
		progress.end()
		if err != nil {
			return err
		}
		if a.flags.json {
			return a.printJSON(faultyResult{result, a.faults()})
		}
		a.printResult(result, "destroyed")
		return nil
	}
	return command
}

func (a *app) refresh() *cobra.Command {
	command := &cobra.Command{
		Use: "refresh", Short: "find out what was changed behind the engine's back", Args: noArguments,
		Long:    `refresh makes the state say what really stands. It writes nothing but the state; the next up puts right what it found.`,
		Example: `  aplomb refresh --stack prod`,
		RunE: func(command *cobra.Command, _ []string) error {
			progress := a.newProgress()
			stack, err := a.open(progress.event)
			if err != nil {
				return err
			}
			result, err := stack.Refresh(command.Context())
			progress.end()
			if err != nil {
				return err
			}
			if a.flags.json {
				return a.printJSON(faultyResult{result, a.faults()})
			}
			a.printRefresh(result)
			return nil
		},
	}
	a.faulty(command, false)
	return command
}

func (a *app) outputs() *cobra.Command {
	return &cobra.Command{
		Use: "outputs", Short: "show where the services are reached", Args: noArguments,
		Example: `  aplomb outputs --stack prod
  aplomb outputs --stack prod --json`,
		RunE: func(command *cobra.Command, _ []string) error {
			stack, err := a.open(nil)
			if err != nil {
				return err
			}
			outputs, err := stack.Outputs(command.Context())
			if err != nil {
				return err
			}
			if a.flags.json {
				return a.printJSON(outputs)
			}
			a.printOutputs(outputs)
			return nil
		},
	}
}

func (a *app) export() *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "print the stack's state as JSON, secrets encrypted", Args: noArguments,
		Example: `  aplomb export --stack prod > prod.json`,
		RunE: func(command *cobra.Command, _ []string) error {
			stack, err := a.open(nil)
			if err != nil {
				return err
			}
			text, err := stack.Export(command.Context())
			if err != nil {
				return err
			}
			_, err = a.to.out.Write(text)
			return err
		},
	}
}

// confirming gives a command the flags of those that write.
func (a *app) confirming(command *cobra.Command, unlock string) {
	command.Flags().BoolVarP(&a.flags.yes, "yes", "y", false, "do not ask")
	command.Flags().StringArrayVar(&a.flags.unlock, "unlock", nil, unlock)
	a.settling(command)
}

// mayAsk refuses what nobody could say yes to. What is wrong with the stack's file matters more, to those that need it.
func (a *app) mayAsk(command string) error {
	if a.flags.yes || a.to.ask {
		return nil
	}
	next := "look at aplomb outputs first, then add --yes if all of it is to go"
	if command == "up" {
		next = "look at aplomb preview first, then add --yes"
		var refused *check.Error
		if _, err := stacks.ReadStack(a.flags.dir, a.flags.stack); errors.As(err, &refused) {
			return &deploy.ConfigError{Subject: refused.Subject, Failures: refused.Failures}
		}
	}
	return &usageError{text: command + " must be confirmed, and there is no terminal to ask on", hint: next}
}

// confirm shows what would be done and asks. With --yes, and when there is nothing to do, nobody is asked.
func (a *app) confirm(progress *progress, question string) func(context.Context, *deploy.Preview) (bool, error) {
	return func(ctx context.Context, preview *deploy.Preview) (bool, error) {
		if a.flags.yes || !preview.Changes.Any() {
			return true, nil
		}
		progress.end()
		a.printPreview(a.to.err, preview)
		fmt.Fprintf(a.to.err, "\n%s [y/N] ", question)
		return a.answer(ctx)
	}
}

// answer waits for a line. An interrupt ends the wait at once; whatever is typed after it counts for nothing.
func (a *app) answer(ctx context.Context) (bool, error) {
	a.asking.Store(true) // and it stays so after an interrupt, which another goroutine is about to tell
	type line struct {
		text string
		err  error
	}
	typed := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(a.to.in).ReadString('\n')
		typed <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.to.err)
		return false, ctx.Err()
	case got := <-typed:
		a.asking.Store(false)
		if got.err != nil && !errors.Is(got.err, io.EOF) {
			return false, got.err
		}
		answer := strings.ToLower(strings.TrimSpace(got.text))
		return answer == "y" || answer == "yes", ctx.Err()
	}
}

// faultyResult is what an operation prints as JSON.
type faultyResult struct {
	*deploy.Result
	// Faults are those that were rehearsed.
	Faults []fault.Outcome `json:"faults,omitempty"`
}

// faultyPreview is what preview prints as JSON.
type faultyPreview struct {
	*deploy.Preview
	Faults []fault.Outcome `json:"faults,omitempty"`
}

// upResult is what up prints as JSON.
type upResult struct {
	faultyResult
	Where *where.Map `json:"where"`
}

func (a *app) printUp(ctx context.Context, stack *deploy.Stack, result *deploy.Result) error {
	text, err := stack.Export(ctx)
	if err != nil {
		return err
	}
	state, err := deploy.ParseState(text)
	if err != nil {
		return err
	}
	stands, err := where.FromState(state)
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.printJSON(upResult{faultyResult{result, a.faults()}, stands})
	}
	fmt.Fprintln(a.to.out)
	if result.Outputs != nil {
		fmt.Fprintf(a.to.out, "%s in %s, account %s (%s)\n\n",
			a.to.paint().Strong(result.Stack), result.Outputs.Region, result.Outputs.Account, result.Target)
	}
	fmt.Fprint(a.to.out, stands.Draw(result.Outputs, a.to.paint()))
	fmt.Fprintln(a.to.out)
	a.printResult(result, "is up")
	a.next("aplomb outputs --stack %s", result.Stack)
	return nil
}

// afterSlash is what an ARN says after its type: a load balancer's is too long for a line. --json has it whole.
func afterSlash(arn string) string {
	if _, rest, cut := strings.Cut(arn, ":loadbalancer/"); cut {
		return rest
	}
	return arn
}

func (a *app) printOutputs(outputs *stacks.Outputs) {
	fmt.Fprintf(a.to.out, "%s, account %s, %s (%s)\n", outputs.Environment, outputs.Account, outputs.Region, outputs.Target)
	for _, name := range sortedKeys(outputs.Services) {
		service := outputs.Services[name]
		fmt.Fprintf(a.to.out, "\n%s\n  url             %s\n  role            %s\n  load balancer   %s\n  group           %s\n",
			name, service.URL, service.Role, afterSlash(service.LoadBalancer), service.AutoScalingGroup)
		fmt.Fprintf(a.to.out, "  instances       at least %d, %d needed at peak\n", service.FleetSize, service.PeakInstances)
		if len(service.Calls) > 0 {
			fmt.Fprintf(a.to.out, "  calls           %s\n", strings.Join(service.Calls, ", "))
		}
	}
}
