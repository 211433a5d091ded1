// Package recorder runs a Pulumi program against a strict monitor over Pulumi's mocks and keeps what the program asked for.
// It is for tests only.
//
// It proves what is asked for, not what AWS or the engine would make of it: there is no provider Check, no Diff, no
// replacement and no default tag here; that is the sandbox's part. What plain mocks let pass and this monitor refuses:
// two resources with one URN, a resource outside every component, a function nobody answered, a malformed type token, and a
// resource type whose computed outputs nobody declared (they would silently be "" and 0).
package recorder

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
)

// TB is what a test offers: *testing.T, *testing.B and *rapid.T all fit.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// AnswerFunc answers a provider function (an invoke). An error it returns fails the program as a provider's error would.
type AnswerFunc func(args resource.PropertyMap) (resource.PropertyMap, error)

// OutputFunc says the id and the computed outputs of one resource; its inputs are among the outputs already. It is not asked
// in a preview, where no computed output is known. An error it returns fails the registration.
type OutputFunc func(r *Resource) (id string, computed resource.PropertyMap, err error)

// Option changes how a program is run.
type Option func(*settings)

type settings struct {
	project, stack string
	preview        bool
	config         map[string]string
	secretKeys     []string
	answers        map[string]AnswerFunc
	outputs        map[string]OutputFunc
	roots          map[string]bool
}

// Project names the project; without it, aplomb.
func Project(name string) Option { return func(s *settings) { s.project = name } }

// Stack names the stack; without it, test.
func Stack(name string) Option { return func(s *settings) { s.stack = name } }

// Preview runs the program as pulumi preview does: ids and computed outputs are unknown, and no ApplyT on them runs.
func Preview() Option { return func(s *settings) { s.preview = true } }

// Config sets values of the stack's configuration, keyed as in the file: "aplomb:config", "aws:region".
func Config(values map[string]string) Option {
	return func(s *settings) { maps.Copy(s.config, values) }
}

// Secret sets one secret value of the stack's configuration.
func Secret(key, value string) Option {
	return func(s *settings) {
		s.config[key] = value
		s.secretKeys = append(s.secretKeys, key)
	}
}

// Answer answers the function with the given token, such as aws:index/getRegion:getRegion. An invoke without an answer fails,
// unless the recorder has one of its own: for aws:ec2/getVpcEndpointService:getVpcEndpointService, that the service is offered
// in zones a to f of the Region.
func Answer(token string, answer AnswerFunc) Option {
	return func(s *settings) { s.answers[token] = answer }
}

// Output declares the id and computed outputs of a type, in place of those that the recorder knows.
func Output(token string, output OutputFunc) Option {
	return func(s *settings) { s.outputs[token] = output }
}

// AllowRoot lets resources of the given types stand outside every component. Providers always may.
func AllowRoot(tokens ...string) Option {
	return func(s *settings) {
		for _, token := range tokens {
			s.roots[token] = true
		}
	}
}

// Run runs the program and fails the test when the program fails or the monitor finds a problem.
func Run(t TB, program pulumi.RunFunc, options ...Option) *Recording {
	t.Helper()
	recording, err := RunErr(program, options...)
	if err != nil {
		t.Fatalf("recorder: %v", err)
	}
	return recording
}

// RunErr runs the program and returns what it registered before it failed, together with its error and every problem that
// the monitor found.
func RunErr(program pulumi.RunFunc, options ...Option) (*Recording, error) {
	s := settings{
		project: "aplomb", stack: "test",
		config:  map[string]string{},
		answers: map[string]AnswerFunc{}, outputs: map[string]OutputFunc{}, roots: map[string]bool{},
	}
	for _, option := range options {
		option(&s)
	}
	m := newMonitor(s)
	err := pulumi.RunErr(m.exporting(program), pulumi.WithMocks(s.project, s.stack, m), func(info *pulumi.RunInfo) {
		info.DryRun = s.preview
		info.Config = s.config
		info.ConfigSecretKeys = slices.Clone(s.secretKeys)
	})
	recording := m.recording()
	for _, problem := range m.found() {
		err = errors.Join(err, errors.New(problem))
	}
	return recording, err
}

// found is every problem, once, in an order that is the same every time.
func (m *monitor) found() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	problems := append(slices.Clone(m.problems), m.strays()...)
	slices.Sort(problems)
	return slices.Compact(problems)
}

// exporting lets the program run and then keeps its stack outputs, which mocks do not see.
func (m *monitor) exporting(program pulumi.RunFunc) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		m.context = ctx
		if err := program(ctx); err != nil {
			return err
		}
		exports := ctx.GetCurrentExportMap()
		for _, name := range slices.Sorted(maps.Keys(exports)) {
			// A failed registration fails its outputs too; the run reports it, so the error is not needed here.
			result, err := internals.UnsafeAwaitOutput(ctx.Context(), pulumi.ToOutput(exports[name]))
			m.export(name, export{value: result.Value, known: err == nil && result.Known, secret: result.Secret})
		}
		return nil
	}
}

// problem notes what is wrong. The mutex is held.
func (m *monitor) problem(format string, args ...any) {
	m.problems = append(m.problems, fmt.Sprintf(format, args...))
}
