// Layer: sandbox (the real engine and the real program, on the sandbox). How long operations take; make bench runs it.
package deploy_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// The numbers of services to measure, in the environment. With a checkpoint after each step the time of an up grows with the
// square of the number, so that those go less far.
const (
	benchServices     = "APLOMB_BENCH_SERVICES"
	benchCheckpointed = "APLOMB_BENCH_CHECKPOINTED"
)

func numbers(b *testing.B, variable, unset string) []int {
	b.Helper()
	text := os.Getenv(variable)
	if text == "" {
		text = unset
	}
	var found []int
	for _, word := range strings.Fields(text) {
		number, err := strconv.Atoi(word)
		require.NoError(b, err, "%s: numbers with spaces between them", variable)
		found = append(found, number)
	}
	return found
}

// benchProject is a project whose stack is the development stack with as many services, each of which calls the two before it.
func benchProject(b *testing.B, services int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	project, err := os.ReadFile(filepath.Join("..", "Pulumi.yaml"))
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), project, 0o600))
	text, err := os.ReadFile(filepath.Join("..", stacks.StackFile("dev")))
	require.NoError(b, err)
	var file map[string]map[string]any
	require.NoError(b, yaml.Unmarshal(text, &file))
	config := file["config"][stacks.KeyConfig].(map[string]any)
	model := config["services"].([]any)[1].(map[string]any)
	name := func(number int) string { return fmt.Sprintf("service-%05d", number) }
	var many []any
	for i := range services {
		service := maps.Clone(model)
		calls := []string{}
		for callee := max(0, i-2); callee < i; callee++ {
			calls = append(calls, name(callee))
		}
		delete(service, "jobs") // each is one service's
		service["name"], service["calls"], service["secrets"] = name(i), calls, []string{}
		many = append(many, service)
	}
	config["services"] = many
	delete(config, "jobs")
	text, err = yaml.Marshal(file)
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(filepath.Join(dir, stacks.StackFile("dev")), text, 0o600))
	return dir
}

// BenchmarkEngine brings a stack up in an empty sandbox: a preview, the up, and an up with nothing to change. One round is all
// three; each has its own figure. What is compared is measured one after the other.
func BenchmarkEngine(b *testing.B) {
	skipped, each := numbers(b, benchServices, "1 10"), numbers(b, benchCheckpointed, "1 10")
	all := slices.Concat(skipped, each)
	slices.Sort(all)
	for _, services := range slices.Compact(all) {
		if slices.Contains(each, services) {
			b.Run(fmt.Sprintf("services=%d/checkpoints=each", services), func(b *testing.B) { benchRounds(b, services, false) })
		}
		if slices.Contains(skipped, services) {
			b.Run(fmt.Sprintf("services=%d/checkpoints=skipped", services), func(b *testing.B) { benchRounds(b, services, true) })
		}
	}
}

func benchRounds(b *testing.B, services int, skip bool) {
	var took [3]time.Duration
	resources := 0
	for range b.N {
		dir := benchProject(b, services)
		for phase := range took {
			began := time.Now()
			resources = max(resources, benchPhase(b, dir, skip, phase == 0))
			took[phase] += time.Since(began)
		}
	}
	b.ReportMetric(0, "ns/op") // the sum of the three says nothing
	b.ReportMetric(float64(resources), "resources")
	for phase, name := range []string{"preview", "up", "again"} {
		b.ReportMetric(took[phase].Seconds()/float64(b.N), name+"-s")
	}
}

func benchPhase(b *testing.B, dir string, skip, preview bool) (created int) {
	b.Helper()
	stack, err := deploy.Open(deploy.Options{
		Stack: "dev", Dir: dir, Target: sandbox.New(filepath.Join(dir, ".aplomb", "sandbox")), Pulumi: pulumiDir(b), SkipCheckpoints: skip,
	})
	require.NoError(b, err)
	if preview {
		_, err := stack.Preview(context.Background())
		require.NoError(b, err)
		return 0
	}
	result, err := stack.Up(context.Background(), deploy.UpOptions{})
	require.NoError(b, err)
	return result.Changes.Create
}
