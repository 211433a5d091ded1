package deploy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/gofrs/flock"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// session is one operation: the configuration it read, the target it is attached to and the engine in its private copy.
type session struct {
	*Stack
	target Target
	// config is what the stack's file says; nil when the operation needs none.
	config *stacks.Config
	copied *workCopy
	cli    *command
	engine auto.Stack
	began  time.Time
	// lifter, when it is set, is the program that runs instead of the stack's.
	lifter pulumi.RunFunc
	// programError is what the program returned. The engine passes on only its text.
	programError error
	// exported is the state as it was looked at last.
	exported string
	ends     []func() error
}

// needs says what an operation cannot do without.
type needs struct {
	// program is true when the program runs: the configuration must be right and every secret set.
	program bool
	// create is true when a stack that does not exist is created, empty.
	create bool
}

// begin makes everything ready for one operation. What is wrong with the user's input is found before anything is written,
// attached or started. The session must be ended.
func (s *Stack) begin(ctx context.Context, need needs) (running *session, err error) {
	running = &session{Stack: s, began: time.Now()}
	if need.program {
		if running.config, err = stacks.ReadStack(s.dir, s.name); err != nil {
			return nil, configError(err)
		}
	}
	if running.target, err = s.resolveTarget(); err != nil {
		return nil, err
	}
	if running.cli, err = s.findCLI(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, running.end())
			running = nil
		}
	}()
	if err = running.lock(); err != nil {
		return running, err
	}
	if err = running.dropPlans(); err != nil {
		return running, err
	}
	if running.copied, err = newWorkCopy(s.dir, running.dirOf("copy"), s.name, running.target); err != nil {
		return running, configError(err)
	}
	if running.config != nil {
		if err = running.checkSecrets(running.config.SecretKeys()); err != nil {
			return running, err
		}
	}
	env, err := running.attach(ctx)
	if err != nil {
		return running, err
	}
	if err = running.openEngine(ctx, running.environment(env), need.create); err != nil {
		return running, err
	}
	if running.config != nil {
		err = running.setSecrets(ctx, running.config.SecretKeys())
	}
	return running, err
}

// attach makes the target ready and returns what the engine's environment needs for it.
func (s *session) attach(ctx context.Context) (map[string]string, error) {
	if killer, kills := s.target.(Killer); kills {
		killer.KillEngine(s.cli.kill)
		s.ends = append(s.ends, func() error { killer.KillEngine(nil); return nil })
	}
	env, detach, err := s.target.Attach(ctx)
	if err != nil {
		return nil, fmt.Errorf("attaching to %s: %w", s.target.Name(), err)
	}
	s.ends = append(s.ends, detach)
	return env, nil
}

// fileError is a ConfigError about the stack's file. What is wrong with a value is told by its path below aplomb:config.
func (s *session) fileError(err error) error {
	var failed *check.Error
	if !errors.As(err, &failed) {
		return err
	}
	found := check.New()
	found.At(failed.Subject).Add(failed.Failures...)
	return configError(found.Err(stacks.StackFile(s.name)))
}

// readyProgram makes an operation that began without the program ready to run it.
func (s *session) readyProgram(ctx context.Context) error {
	config, err := stacks.ReadStack(s.dir, s.name)
	if err != nil {
		return configError(err)
	}
	if err := s.checkSecrets(config.SecretKeys()); err != nil {
		return err
	}
	return s.setSecrets(ctx, config.SecretKeys())
}

// end lets go of everything that begin took hold of, last first.
func (s *session) end() error {
	var all error
	for i := len(s.ends) - 1; i >= 0; i-- {
		all = errors.Join(all, s.ends[i]())
	}
	s.ends = nil
	return all
}

// dirOf is a folder of this stack on this target, below Home.
func (s *session) dirOf(what string) string {
	return filepath.Join(s.home, "work", s.target.Name(), s.name, what)
}

// lock keeps a second operation, of this or another process, out of the private copy.
func (s *session) lock() error {
	if err := os.MkdirAll(s.dirOf(""), 0o700); err != nil {
		return err
	}
	lock := flock.New(s.dirOf("lock"), flock.SetPermissions(0o600))
	free, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("locking stack %s: %w", s.name, err)
	}
	if !free {
		return &LockedError{Stack: s.name, Detail: "another operation on it is running on this machine"}
	}
	s.ends = append(s.ends, lock.Unlock)
	return nil
}

// environment is what the engine finds in its environment beside the process's own.
func (s *session) environment(target map[string]string) map[string]string {
	env := map[string]string{"PULUMI_SKIP_UPDATE_CHECK": "true"}
	if url := os.Getenv("PULUMI_BACKEND_URL"); url != "" {
		// The engine runs in the private copy, where a relative path would mean something else.
		if here, err := os.Getwd(); err == nil {
			env["PULUMI_BACKEND_URL"] = absoluteBackend(url, here)
		}
	}
	if path := os.Getenv("PULUMI_CONFIG_PASSPHRASE_FILE"); path != "" {
		if absolute, err := filepath.Abs(path); err == nil {
			env["PULUMI_CONFIG_PASSPHRASE_FILE"] = absolute
		}
	}
	if s.options.SkipCheckpoints {
		env["PULUMI_SKIP_CHECKPOINTS"] = "true"
	}
	for key, value := range target {
		env[key] = value
	}
	if url := s.target.BackendURL(); url != "" {
		env["PULUMI_BACKEND_URL"] = url
	}
	return env
}

func (s *session) openEngine(ctx context.Context, env map[string]string, create bool) error {
	open := auto.SelectStackInlineSource
	if create {
		open = auto.UpsertStackInlineSource
	}
	var err error
	s.engine, err = open(ctx, s.name, s.copied.project, s.run,
		auto.WorkDir(s.copied.dir), auto.Pulumi(sparing{s.cli}), auto.EnvVars(env))
	if err == nil {
		return nil
	}
	if auto.IsSelectStack404Error(err) {
		return fmt.Errorf("stack %s: %w", s.name, ErrNoStack)
	}
	return s.engineError(ctx, OperationPreview, nil, err, false)
}

// run is the program, with what it returns kept: the engine turns that into text.
func (s *session) run(ctx *pulumi.Context) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("the program panicked, which is a defect of Aplomb: %v", panicked)
		}
		s.programError = err
	}()
	if s.lifter != nil {
		return s.lifter(ctx)
	}
	return s.program(ctx)
}

// checkSecrets refuses a stack whose secrets are not all set, unless the target has placeholders for them.
func (s *session) checkSecrets(keys []string) error {
	found := check.New()
	for _, key := range keys {
		if _, dummy := s.target.Placeholder(key); !dummy && !s.copied.has(key) {
			found.Missing(key, "the stack needs this secret", "run "+s.pulumiCommand()+" config set --stack "+s.name+" --secret "+key)
		}
	}
	return configError(found.Err(stacks.StackFile(s.name)))
}

// setSecrets puts placeholders where no secret is set. The value goes to the engine through its standard input, because a
// command line is there for everyone on the machine to read.
func (s *session) setSecrets(ctx context.Context, keys []string) error {
	for _, key := range keys {
		value, dummy := s.target.Placeholder(key)
		if !dummy || s.copied.has(key) {
			continue
		}
		_, err := s.pulumi(ctx, strings.NewReader(value), "config", "set", "--secret", "--stack", s.name, key)
		if err != nil {
			return err
		}
	}
	return s.copied.reread()
}

// pulumi runs one command of the CLI in the private copy and returns what it printed.
func (s *session) pulumi(ctx context.Context, stdin *strings.Reader, args ...string) (string, error) {
	var env []string
	for key, value := range s.engine.Workspace().GetEnvVars() {
		env = append(env, key+"="+value)
	}
	if stdin == nil {
		stdin = strings.NewReader("")
	}
	stdout, stderr, _, err := s.cli.Run(ctx, s.copied.dir, stdin, nil, nil, env, args...)
	if err != nil {
		return "", s.engineError(ctx, OperationPreview, nil, fmt.Errorf("pulumi %s: %w: %s", args[0], err, strings.TrimSpace(stderr)), false)
	}
	return stdout, nil
}

// dropPlans removes the plans that an operation left behind when it was killed. The lock is held, so nobody is using them.
func (s *session) dropPlans() error {
	left, err := filepath.Glob(filepath.Join(s.dirOf(""), "plan-*.json"))
	if err != nil {
		return err
	}
	for _, plan := range left {
		if err := os.Remove(plan); err != nil {
			return err
		}
	}
	return nil
}
