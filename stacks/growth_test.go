// Layer: recorder over Pulumi mocks. How the program grows with the number of services. Speed is measured by make bench; that
// the growth is linear is tested, by what can be counted.
package stacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

// manyServices is the development stack with as many services. Each calls those that calls says, by their numbers.
func manyServices(tb testing.TB, count int, calls func(service int) []int) map[string]any {
	tb.Helper()
	config := committed(tb, "dev")
	model := config["services"].([]any)[1].(map[string]any)
	services := make([]any, count)
	for i := range services {
		service := maps.Clone(model)
		service["name"] = serviceName(i)
		callees := []string{}
		for _, callee := range calls(i) {
			callees = append(callees, serviceName(callee))
		}
		service["calls"] = callees
		delete(service, "jobs") // a job is one service's
		if i > 1 {
			delete(service, "databases") // a database has room for so many
		}
		services[i] = service
	}
	delete(config, "jobs")
	config["services"] = services
	return config
}

func serviceName(number int) string { return fmt.Sprintf("service-%05d", number) }

// theTwoBefore is what a stack of services looks like whose calls are spread evenly.
func theTwoBefore(service int) []int {
	var before []int
	for each := max(0, service-2); each < service; each++ {
		before = append(before, each)
	}
	return before
}

// prepared is what the engine would hand the program for a configuration.
func prepared(tb testing.TB, config map[string]any) []recorder.Option {
	tb.Helper()
	text, err := json.Marshal(config)
	require.NoError(tb, err)
	parsed, err := stacks.Parse(string(text))
	require.NoError(tb, err)
	options := []recorder.Option{recorder.Stack("dev"), recorder.Config(map[string]string{stacks.KeyConfig: string(text)})}
	for _, key := range parsed.SecretKeys() {
		options = append(options, recorder.Secret(key, dummySecret))
	}
	return options
}

// allocated is what run allocates: how many objects, and how many bytes.
func allocated(run func()) (objects, bytes float64) {
	run() // what is allocated once and for all
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}

// requireLinear measures at n, 2n and 4n: one service more costs as much in the second step as in the first. A term that grows
// with the square of n would make it cost more; tables that double in size now and then are allowed for.
func requireLinear(t *testing.T, n int, measure func(services int) (objects, bytes float64)) {
	t.Helper()
	objects, bytes := [3]float64{}, [3]float64{}
	for i := range objects {
		objects[i], bytes[i] = measure(n << i)
	}
	growth := func(at [3]float64) float64 { return (at[2] - at[1]) / 2 / (at[1] - at[0]) }
	require.InDelta(t, 1, growth(objects), 0.02, "objects: %v", objects)
	require.InDelta(t, 1, growth(bytes), 0.1, "bytes: %v", bytes)
}

func TestEveryServiceMoreRegistersAsManyResources(t *testing.T) {
	counts := map[int]int{}
	for _, services := range []int{3, 4, 20} {
		counts[services] = len(recorder.Run(t, stacks.Program, prepared(t, manyServices(t, services, theTwoBefore))...).All())
	}
	require.Equal(t, counts[3]+17*(counts[4]-counts[3]), counts[20])
}

func TestTheProgramGrowsLinearlyWithItsServices(t *testing.T) {
	requireLinear(t, 25, func(services int) (objects, bytes float64) {
		options := prepared(t, manyServices(t, services, theTwoBefore))
		return allocated(func() { recorder.Run(t, stacks.Program, options...) })
	})
}

func TestReadingAConfigurationGrowsLinearlyWithItsServices(t *testing.T) {
	// Each calls the next, so that the last must be found first.
	requireLinear(t, 1000, func(services int) (objects, bytes float64) {
		text, err := json.Marshal(manyServices(t, services, func(service int) []int {
			if service == services-1 {
				return nil
			}
			return []int{service + 1}
		}))
		require.NoError(t, err)
		return allocated(func() {
			_, err := stacks.Parse(string(text))
			require.NoError(t, err)
		})
	})
}

func BenchmarkRead(b *testing.B) {
	for _, count := range []int{1, 10, 100, 1000} {
		text, err := json.Marshal(manyServices(b, count, theTwoBefore))
		require.NoError(b, err)
		b.Run(fmt.Sprintf("services=%d", count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := stacks.Parse(string(text))
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkProgram(b *testing.B) {
	for _, count := range []int{1, 10, 100, 1000} {
		options := prepared(b, manyServices(b, count, theTwoBefore))
		b.Run(fmt.Sprintf("services=%d", count), func(b *testing.B) {
			b.ReportAllocs()
			resources := 0
			for b.Loop() {
				resources = len(recorder.Run(b, stacks.Program, options...).All())
			}
			b.ReportMetric(float64(resources), "resources")
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*count), "ms/service")
		})
	}
}
