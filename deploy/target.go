package deploy

import (
	"context"

	"github.com/aplomb-iac/aplomb/stacks"
)

// Target is where a stack goes. Package deploy knows AWS; others are injected by the caller.
type Target interface {
	// Name is recorded with a stack when it is first brought up, such as "aws" or "sandbox".
	Name() string
	// BackendURL is where the engine keeps the state. Empty means the backend that the user is logged in to, or that
	// PULUMI_BACKEND_URL names. A target with a backend of its own also has a passphrase of its own: what the user's
	// stack file holds encrypted cannot be read there and is left out.
	BackendURL() string
	// Placeholder is a dummy for the secret at a configuration key that nobody set. ok is false where only a real one
	// will do, as on AWS.
	Placeholder(secretKey string) (value string, ok bool)
	// Attach makes the target ready for one operation and returns what the engine's environment needs for it. detach
	// ends that; it is called after the engine has ended.
	Attach(ctx context.Context) (env map[string]string, detach func() error, err error)
}

// Finder is a Target that knows everything that stands in its cloud and which stack made it. AWS does not: nothing there says
// under which URN it was made.
type Finder interface {
	// Standing tells of everything that stands and was made under a URN of a stack, which is given as the beginning of its
	// URNs, such as urn:pulumi:prod::aplomb. Of several things with one URN the oldest comes first.
	Standing(ctx context.Context, stack string, each func(urn, id string)) error
}

// Killer is a Target that may have the engine killed in the middle of its work, such as a sandbox that rehearses a crash.
type Killer interface {
	// KillEngine hands over what kills the engine that is at work, for as long as an operation lasts, and nil after it.
	KillEngine(kill func() error)
}

// AWS is the real thing: the user's own backend, credentials and plugins, as the environment gives them.
func AWS() Target { return awsTarget{} }

// awsName is how the AWS target is recorded.
const awsName = "aws"

type awsTarget struct{}

func (awsTarget) Name() string                      { return awsName }
func (awsTarget) BackendURL() string                { return "" }
func (awsTarget) Placeholder(string) (string, bool) { return "", false }

func (awsTarget) Attach(context.Context) (map[string]string, func() error, error) {
	// A shell may be one for the sandbox's plugins: stacks.EnvSandbox. Without the variable they refuse to work.
	return map[string]string{stacks.EnvSandbox: ""}, func() error { return nil }, nil
}
