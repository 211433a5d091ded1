package main

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/aplomb-iac/aplomb/sandbox/fault"
	"github.com/spf13/cobra"
)

// faultHelp explains --fault.
func faultHelp() string {
	return `
Faults rehearse what can go wrong on the way to AWS. They exist in the sandbox only, and only while this command
runs. One is KIND@OPERATION and then, after commas, type=, name=, times= and, for slow, for=. A type is a token
(aws:lb/listener:Listener) or its module and name (lb/Listener). Operations are create, read, update, delete,
check, diff and invoke. Kinds are` + fault.Help()
}

const faultExample = `
  aplomb up --stack dev --fault throttle@create,type=lb/Listener,times=2
  aplomb up --stack dev --fault kill@create,type=lb/LoadBalancer,name=web-alb
  aplomb up --stack dev --fault slow@update,for=3s --fault drop-after@delete`

// faulty gives a command the flag --fault, and its help when the command is the one that explains it.
func (a *app) faulty(command *cobra.Command, explains bool) {
	usage := "a fault to rehearse in the sandbox, such as throttle@create (aplomb up --help has them all); may be repeated"
	command.Flags().StringArrayVar(&a.flags.faults, "fault", nil, usage)
	if explains {
		command.Long += "\n" + faultHelp()
		command.Example += faultExample
	}
}

// settling gives a command the flags that say what became of creations that were cut off.
func (a *app) settling(command *cobra.Command) {
	command.Flags().StringArrayVar(&a.flags.adopt, "adopt", nil, "WHAT=ID: a thing whose creation was cut off stands, under this id; may be repeated")
	command.Flags().StringArrayVar(&a.flags.forget, "forget", nil, "a thing whose creation was cut off does not stand; may be repeated")
}

// said is what the flags say about creations that were cut off.
func (a *app) said() (deploy.Settling, error) {
	say := deploy.Settling{Forget: a.flags.forget}
	for _, text := range a.flags.adopt {
		what, id, both := strings.Cut(text, "=")
		if !both || what == "" || id == "" {
			return say, &usageError{text: fmt.Sprintf("--adopt %s: not WHAT=ID", text), hint: "write --adopt 'NAME=ID', with the id that AWS gave it"}
		}
		say.Adopt = append(say.Adopt, deploy.Adoption{What: what, ID: id})
	}
	return say, nil
}

// newBox is the sandbox below home, with the faults that the flags ask for.
func (a *app) newBox(directory string) (*sandbox.Target, error) {
	faults, err := sandbox.ParseFaults(a.flags.faults)
	if err != nil {
		return nil, &usageError{text: err.Error(), hint: "aplomb up --help lists the faults"}
	}
	a.box = sandbox.New(directory, sandbox.WithFaults(faults...))
	return a.box, nil
}

// refuseFaults refuses faults for a stack that does not go to the sandbox.
func (a *app) refuseFaults(stack *deploy.Stack) error {
	if len(a.flags.faults) == 0 || a.flags.sandbox {
		return nil
	}
	goes := deploy.AWS().Name()
	if !a.flags.aws {
		var err error
		if goes, err = stack.RecordedTarget(); err != nil || goes == "" || goes == a.box.Name() {
			return err
		}
	}
	return &usageError{
		text: fmt.Sprintf("--fault: stack %s goes to %s, and faults exist in the sandbox only", stack.Name(), goes),
		hint: "leave --fault out, or rehearse with a stack that goes to the sandbox",
	}
}

// faults is what has come of the faults so far, nil when there are none.
func (a *app) faults() []fault.Outcome {
	if a.box == nil {
		return nil
	}
	return a.box.Faults()
}

// tellFaults warns of every fault: that it was there, and what it struck.
func (a *app) tellFaults() {
	for _, outcome := range a.faults() {
		var names []string
		for _, urn := range outcome.Struck {
			names = append(names, urn[strings.LastIndex(urn, ":")+1:])
		}
		said := "struck " + strings.Join(names, ", ")
		switch {
		case len(names) == 0:
			said = "never struck: nothing it is about was asked for"
		case outcome.Left > 0:
			said += fmt.Sprintf(", and %d more times nothing", outcome.Left)
		}
		fmt.Fprintf(a.to.err, "warning: fault %s %s\n", outcome.Fault, said)
	}
}

// settledWords tell what became of an earlier operation that was cut off.
func settledWords(settled *deploy.Settled) string {
	if settled == nil {
		return ""
	}
	var parts []string
	for _, part := range []struct {
		things []deploy.Pending
		what   string
	}{{settled.Adopted, "taken over"}, {settled.Forgotten, "never made"}} {
		if len(part.things) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", len(part.things), part.what, pendingNames(part.things)))
		}
	}
	if len(settled.Looked) > 0 {
		parts = append(parts, fmt.Sprintf("%d looked at again", len(settled.Looked)))
	}
	if len(parts) == 0 {
		return ""
	}
	return "what was under way before: " + strings.Join(parts, ", ")
}

func pendingNames(all []deploy.Pending) string {
	var names []string
	for _, pending := range all {
		names = append(names, pending.Name)
	}
	return strings.Join(names, ", ")
}

// undecided are those pending things that somebody must decide on.
func undecided(all []deploy.Pending) []deploy.Pending {
	var open []deploy.Pending
	for _, pending := range all {
		if !pending.Known {
			open = append(open, pending)
		}
	}
	return open
}
