package deploy

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
)

// Preview is what an update or a destroy would do.
type Preview struct {
	Stack  string `json:"stack"`
	Target string `json:"target"`
	// Changes counts resources in total, Components by component.
	Changes    Changes            `json:"changes"`
	Components []ComponentChanges `json:"components"`
	// Refused are the resources for which an Up would be refused: protected ones, and replaced ones that hold data. Unlock them by name if it is meant.
	Refused []Refusal `json:"refused,omitempty"`
	// Pending are those things of which it is not known yet whether they stand, because their creation was cut off. Those that
	// are Known an Up finds out about by itself; for the others it must be told.
	Pending  []Pending     `json:"pending,omitempty"`
	Warnings []string      `json:"warnings,omitempty"`
	Duration time.Duration `json:"durationNanoseconds"`
}

// Preview finds out what Up would do and writes nothing but, when there is none yet, an empty stack into the backend. A
// Preview in which protected things are refused is no error. The resources in unlock are taken as in UpOptions; what depends on
// one of them that would be replaced may be missing from the preview, because the engine gives up on it.
func (s *Stack) Preview(ctx context.Context, unlock ...string) (preview *Preview, err error) {
	run, err := s.begin(ctx, needs{program: true, create: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.end()) }()
	old, err := run.standing(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkUnlock(s.name, old, unlock); err != nil {
		return nil, err
	}
	left, err := run.findUnsettled(ctx, old)
	if err != nil {
		return nil, err
	}
	plan, err := run.plan(ctx, OperationPreview, old)
	defer plan.discard()
	refused, freed := gate(plan.steps, old, unlock)
	// The engine fails a preview that would replace something protected, and the caller has that in Refused.
	if err != nil && !hasOnlyProtectionProblems(err, refused, freed) {
		return nil, err
	}
	preview = run.previewOf(plan.steps, refused, plan.warnings)
	preview.Pending = left.pending(old)
	return preview, nil
}

func (s *session) previewOf(steps []Step, refused []Refusal, warnings []string) *Preview {
	total, components := summarize(steps)
	return &Preview{
		Stack: s.name, Target: s.target.Name(), Changes: total, Components: components, Refused: refused,
		Warnings: warnings, Duration: time.Since(s.began),
	}
}

// plan is an update that was previewed. The engine can be held to it.
type plan struct {
	steps    []Step
	totals   map[string]int
	warnings []string
	path     string
	// retained are the URNs of what is to be retained when it is deleted.
	retained []string
}

// discard removes the plan's file. It holds configuration; secrets in it are encrypted.
func (p *plan) discard() {
	if p != nil && p.path != "" {
		_ = os.Remove(p.path) // it lies in a folder that only its owner can read, and the next operation needs no room there
	}
}

// plan previews an update. It returns the steps even with an error, because the engine fails a preview that would replace
// something protected.
func (s *session) plan(ctx context.Context, operation Operation, old *State, more ...optpreview.Option) (*plan, error) {
	file, err := os.CreateTemp(s.dirOf(""), "plan-*.json") // readable by its owner only
	if err != nil {
		return &plan{}, err
	}
	if err := file.Close(); err != nil {
		return &plan{}, err
	}
	s.tell(Event{Phase: PhasePreview})
	seen := newCollector(PhasePreview, old, nil, s.tell)
	stream, stop := seen.listen()
	s.programError = nil
	_, err = s.engine.Preview(ctx, append([]optpreview.Option{
		optpreview.Plan(file.Name()), optpreview.EventStreams(stream), optpreview.Color("never"),
		optpreview.SuppressProgress(), optpreview.UserAgent(userAgent),
	}, more...)...)
	stop()
	if err != nil && len(more) == 0 {
		seen.addUnreached(old)
	}
	made := &plan{steps: seen.all(), totals: seen.counts(), warnings: seen.warnings, path: file.Name(), retained: seen.retained}
	if err != nil {
		return made, idle(s.engineError(ctx, operation, seen, err, false))
	}
	return made, nil
}

// idle marks an interrupt as one that came before anything was written.
func idle(err error) error {
	var interrupted *InterruptedError
	if errors.As(err, &interrupted) && !interrupted.Killed {
		interrupted.Idle = true
	}
	return err
}

// userAgent is how the backend's history names who did it.
const userAgent = "aplomb"

// hasOnlyProtectionProblems says whether everything that a preview failed with is about the resources that are refused
// anyway, or that an Up takes the protection off first.
func hasOnlyProtectionProblems(err error, refused []Refusal, freed []Resource) bool {
	var failed *EngineError
	if !errors.As(err, &failed) || len(refused)+len(freed) == 0 {
		return false
	}
	about := map[string]bool{}
	for _, resource := range freed {
		about[resource.URN] = true
	}
	for _, refusal := range refused {
		about[refusal.URN] = true
	}
	for _, problem := range failed.Diagnostics {
		if !about[problem.URN] && problem.URN != "" {
			return false
		}
	}
	return true
}
