package deploy

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Options say which stack of which project, and where it goes.
type Options struct {
	// Stack is the name of the stack; Pulumi.STACK.yaml in Dir configures it.
	Stack string
	// Dir is the folder of the project, which holds Pulumi.yaml. Default: the current folder.
	Dir string
	// Home is where records and private copies are kept, readable by their owner only. It belongs to one project.
	// Default: .aplomb in Dir.
	Home string
	// Target is where the stack goes. Nil means where its record says, and an error when it has none.
	Target Target
	// Targets are those that a record may name. AWS always belongs to them.
	Targets []Target
	// Pulumi is the folder of the Pulumi CLI. Default: pulumi/bin in Home, the same in .aplomb of
	// Dir, then PATH.
	Pulumi string
	// SkipCheckpoints lets the engine write its state only at the end of an operation. It is faster, and what an
	// operation had done when it is killed is forgotten: right for a sandbox, wrong for AWS.
	SkipCheckpoints bool
	// Grace is how long the engine may take to finish what is under way when the context is canceled, before it is
	// killed. Default: 10 minutes, because killing it loses track of what it was creating and leaves the stack locked.
	Grace time.Duration
	// Progress is told what happens, one event at a time. It must not call the Stack.
	Progress func(Event)
}

// defaultGrace is long enough for AWS to finish creating a load balancer or a database instance.
const defaultGrace = 10 * time.Minute

// Stack is one stack of one project. Its methods may be called one after the other; another operation on the same stack at
// the same time, from this process or another one, is refused with a LockedError.
type Stack struct {
	name    string
	dir     string
	home    string
	cliDir  string
	target  Target
	targets []Target
	options Options
	program pulumi.RunFunc
}

// Open names a stack. It reads nothing yet: configuration, target and CLI are looked at by each operation, which reports what
// is wrong with them.
func Open(options Options) (*Stack, error) {
	if options.Stack == "" {
		return nil, errors.New("no stack: say which")
	}
	if filepath.Base(options.Stack) != options.Stack || options.Stack[0] == '.' {
		return nil, fmt.Errorf("stack %q: no name for a stack; use letters, digits, dots, hyphens and underscores", options.Stack)
	}
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, err
	}
	home := options.Home
	if home == "" {
		home = filepath.Join(dir, ".aplomb")
	}
	if home, err = filepath.Abs(home); err != nil {
		return nil, err
	}
	if options.Grace == 0 {
		options.Grace = defaultGrace
	}
	return &Stack{
		name: options.Stack, dir: dir, home: home, cliDir: options.Pulumi,
		target: options.Target, targets: append([]Target{AWS()}, options.Targets...),
		options: options, program: stacks.Program,
	}, nil
}

// Name is the name of the stack.
func (s *Stack) Name() string { return s.name }

func (s *Stack) tell(event Event) {
	if s.options.Progress != nil {
		s.options.Progress(event)
	}
}
