package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/spf13/cobra"
)

// flags are what the commands have in common.
type flags struct {
	stack, dir, home          string
	aws, sandbox              bool
	json, yes, noColor, purge bool
	unlock, adopt, forget     []string
	faults                    []string
}

type app struct {
	to    streams
	flags flags
	// asking is true while an answer is waited for and nothing is under way.
	asking atomic.Bool
	// progress is that of the command that runs, nil when it has none.
	progress atomic.Pointer[progress]
	// box is the sandbox, nil until a stack is opened.
	box *sandbox.Target
}

const rootHelp = `aplomb brings stacks up on AWS, changes them and takes them down, through the real Pulumi engine.

A stack is a file, Pulumi.STACK.yaml. Where it goes, AWS or a sandbox that needs no account, is said
once, when it is first brought up, and recorded. Nothing protected is replaced or deleted unless you
unlock it by name; a refusal comes before anything is done.`

const rootExample = `  aplomb up --stack prod --sandbox      try the production stack without an AWS account
  aplomb preview --stack prod           see what a change would do
  aplomb destroy --stack dev --yes      take a stack down without being asked`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "aplomb", Version: ownVersion(), Short: "services on AWS that heal themselves", Long: rootHelp + "\n" + exitHelp(), Example: rootExample,
		SilenceErrors: true, SilenceUsage: true, Args: unknownCommand,
		RunE:              func(command *cobra.Command, _ []string) error { return command.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.checkFlags() },
	}
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return &usageError{text: lowerFirst(err.Error()), hint: command.CommandPath() + " --help lists the flags"}
	})
	root.SetHelpCommand(&cobra.Command{Hidden: true})
	all := root.PersistentFlags()
	all.StringVarP(&a.flags.stack, "stack", "s", "", "the stack, configured in Pulumi.STACK.yaml")
	all.StringVar(&a.flags.dir, "dir", ".", "the folder of the project")
	all.StringVar(&a.flags.home, "home", "", "where records and private copies are kept, and the sandbox (default .aplomb in the project)")
	all.BoolVar(&a.flags.sandbox, "sandbox", false, "go to the sandbox, which needs no AWS account")
	all.BoolVar(&a.flags.aws, "aws", false, "go to AWS")
	all.BoolVar(&a.flags.json, "json", false, "print the result as one JSON object; progress and errors stay on standard error")
	all.BoolVar(&a.flags.noColor, "no-color", false, "print without color; NO_COLOR in the environment does the same")
	_ = root.RegisterFlagCompletionFunc("stack", a.completeStack) // it fails only for a flag that does not exist
	root.AddCommand(a.preview(), a.up(), a.refresh(), a.destroy(), a.outputs(), a.export(), a.version())
	return root
}

func unknownCommand(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{text: fmt.Sprintf("unknown command %q", args[0]), hint: command.CommandPath() + " --help lists the commands"}
}

// noArguments refuses what would be silently ignored.
func noArguments(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{
		text: fmt.Sprintf("%s takes no argument, but there is %q", command.Name(), args[0]),
		hint: "the stack is named with --stack; " + command.CommandPath() + " --help shows examples",
	}
}

func lowerFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

func (a *app) checkFlags() error {
	if a.flags.aws && a.flags.sandbox {
		return &usageError{text: "--aws and --sandbox at once", hint: "a stack goes to one of them: choose one"}
	}
	if a.flags.noColor {
		a.to.color = false
	}
	return nil
}

func (a *app) completeStack(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	names, err := stacks.Stacks(a.flags.dir)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// open opens the stack that the flags name.
func (a *app) open(progress func(deploy.Event)) (*deploy.Stack, error) {
	if a.flags.stack == "" {
		text := "use --stack NAME; NAME comes from a file Pulumi.NAME.yaml"
		if names, err := stacks.Stacks(a.flags.dir); err == nil && len(names) > 0 {
			text = "use --stack with one of " + strings.Join(names, ", ")
		}
		return nil, &usageError{text: "no stack given", hint: text}
	}
	if info, err := os.Stat(a.flags.dir); err != nil || !info.IsDir() {
		return nil, &usageError{text: "--dir " + a.flags.dir + ": there is no such folder", hint: "name the folder that holds Pulumi.yaml"}
	}
	home := a.flags.home
	if home == "" {
		home = filepath.Join(a.flags.dir, ".aplomb")
	}
	home, err := filepath.Abs(home)
	if err != nil {
		return nil, err
	}
	box, err := a.newBox(filepath.Join(home, "sandbox"))
	if err != nil {
		return nil, err
	}
	options := deploy.Options{
		Stack: a.flags.stack, Dir: a.flags.dir, Home: home, Targets: []deploy.Target{box}, Progress: progress,
	}
	switch {
	case a.flags.sandbox:
		options.Target = box
	case a.flags.aws:
		options.Target = deploy.AWS()
	}
	stack, err := deploy.Open(options)
	if err != nil {
		return nil, &usageError{text: err.Error(), hint: "aplomb --help shows examples"}
	}
	return stack, a.refuseFaults(stack)
}
