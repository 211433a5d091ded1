// Layer: rules (pure). What a command line may say, and what is said of one that may not.
package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// needed is the shortest command line that is right.
var needed = []string{"--workload", "http://127.0.0.1:8080/healthz", "--disk", "/var/lib/aplomb-probe"}

func TestDefaultsAreTheContract(t *testing.T) {
	o, wants, err := parse(needed)
	require.NoError(t, err)
	require.Equal(t, wantsToRun, wants)
	matcher, ok := parseMatcher("200-299")
	require.True(t, ok)
	require.Equal(t, options{
		listen: ":9808", port: 9808, workload: "http://127.0.0.1:8080/healthz", workloadPort: 8080, workloadTimeout: 1500 * time.Millisecond,
		matcher: matcher, disks: []string{"/var/lib/aplomb-probe"}, interval: 2 * time.Second, deadline: time.Second, lockMemory: true,
	}, o)
}

func TestEveryFlagIsTaken(t *testing.T) {
	o, _, err := parse([]string{
		"--listen=10.0.0.7:99", "-workload", "http://[::1]/", "--workload-timeout=2s", "--matcher", "200,204", "--disk=/a", "--disk", "/b",
		"--interval", "3s", "--deadline=500ms", "--lock-memory=false",
	})
	require.NoError(t, err)
	matcher, _ := parseMatcher("200,204")
	require.Equal(t, options{
		listen: "10.0.0.7:99", port: 99, workload: "http://[::1]/", workloadPort: 80, workloadTimeout: 2 * time.Second,
		matcher: matcher, disks: []string{"/a", "/b"}, interval: 3 * time.Second, deadline: 500 * time.Millisecond,
	}, o)
}

func TestEachFaultIsNamed(t *testing.T) {
	for said, args := range map[string][]string{
		`--listen: "9808" must be a port with or without an IP address; give :9808 or 10.0.0.7:9808`: {"--listen", "9808"},
		`--listen: ":0" must be a port`:                                     {"--listen", ":0"},
		`--listen: ":65536" must be a port`:                                 {"--listen", ":65536"},
		`--listen: "host:9808" must be a port`:                              {"--listen", "host:9808"},
		`--listen: ":8080" takes the port of the workload`:                  {"--listen", ":8080"},
		`--listen: "10.0.0.7:8080" takes the port`:                          {"--listen", "10.0.0.7:8080"},
		`--listen: ":9" is given a second time`:                             {"--listen", ":8", "--listen", ":9"},
		`--workload-timeout: "1500" must be a time`:                         {"--workload-timeout", "1500"},
		`--workload-timeout: 99ms must be from 100ms to 1m0s`:               {"--workload-timeout", "99ms"},
		`--matcher: "2xx" must be HTTP status codes`:                        {"--matcher", "2xx"},
		`--matcher: "" must be HTTP status codes`:                           {"--matcher="},
		`--interval: 100ms must be from 200ms to 1m0s`:                      {"--interval", "100ms"},
		`--interval: 2m0s must be from`:                                     {"--interval", "2m"},
		`--deadline: 3s must not be longer than the interval`:               {"--deadline", "3s"},
		`--deadline: 1ms must be from 50ms to 1m0s`:                         {"--deadline", "1ms"},
		`--deadline: missing, the flag takes a value; give --deadline TIME`: {"--deadline"},
		`--disk: "data" must be an absolute path`:                           {"--disk", "data"},
		`--disk: "/data/" must be an absolute path`:                         {"--disk", "/data/"},
		`--disk: "/a/../b" must be an absolute path`:                        {"--disk", "/a/../b"},
		`--disk: "/var/lib/aplomb-probe" is given twice; leave one out`:     {"--disk", "/var/lib/aplomb-probe"},
		`--lock-memory: "no" must be true or false`:                         {"--lock-memory", "no"},
		`"--disks" is not a flag of this command`:                           {"--disks"},
		`"serve" is not a flag of this command; aplomb-probe --help`:        {"serve"},
	} {
		_, _, err := parse(append(append([]string(nil), needed...), args...))
		require.ErrorContains(t, err, said)
		require.NotContains(t, err.Error(), "problems", "one fault is reported once: %v", args)
	}
}

func TestEachFaultOfTheWorkloadIsNamed(t *testing.T) {
	for said, workload := range map[string]string{
		`"https://127.0.0.1/" must be an http URL`:              "https://127.0.0.1/",
		`"127.0.0.1:8080" must be an http URL`:                  "127.0.0.1:8080",
		`"http:127.0.0.1" must be an http URL`:                  "http:127.0.0.1",
		`"http://u@127.0.0.1/" must have neither user`:          "http://u@127.0.0.1/",
		`"http://127.0.0.1/#a" must have neither user`:          "http://127.0.0.1/#a",
		`"http://localhost:80/" must name this host by its loo`: "http://localhost:80/",
		`"http://10.0.0.7:80/" must name this host by its loop`: "http://10.0.0.7:80/",
		`"http://127.0.0.1:0/" must have a port from 1`:         "http://127.0.0.1:0/",
		`"http://127.0.0.1:70000/" must have a port from 1`:     "http://127.0.0.1:70000/",
	} {
		_, _, err := parse([]string{"--disk", "/d", "--workload", workload})
		require.ErrorContains(t, err, "--workload: "+said)
		require.NotContains(t, err.Error(), "problems", workload)
	}
}

func TestEveryFaultIsToldAtOnceWithExitCode2(t *testing.T) {
	var out, err bytes.Buffer
	require.Equal(t, exitInput, run([]string{"--interval", "1s", "--deadline", "2s", "--matcher", "600", "--bogus"}, &out, &err))
	require.Empty(t, out.String())
	require.Equal(t, `error: aplomb-probe: 5 problems
  - --matcher: "600" must be HTTP status codes from 200 to 499; give codes such as 200,204 or ranges such as 200-299
  - "--bogus" is not a flag of this command; aplomb-probe --help lists them
  - --workload: missing, a host that takes writes and serves nobody is not healthy; give the service's own health path, such as http://127.0.0.1:8080/healthz
  - --disk: missing, a probe observes at least one disk; give a folder on it, such as /var/lib/aplomb-probe
  - --deadline: 2s must not be longer than the interval of 1s; lower it, or observe less often
hint: aplomb-probe --help
`, err.String())
}

func TestMoreDisksThanThreadsAreAllowedAreRefused(t *testing.T) {
	args := needed[:2:2]
	for disk := range mostDisks + 1 {
		args = append(args, "--disk", "/d"+strings.Repeat("d", disk))
	}
	_, _, err := parse(args)
	require.ErrorContains(t, err, "is one more than the 16 that a probe observes; leave one out")
}

func TestHelpShowsEveryFlagItsDefaultAndExamplesThatAreRight(t *testing.T) {
	var out, err bytes.Buffer
	require.Equal(t, exitOK, run([]string{"--bogus", "--help"}, &out, &err))
	require.Empty(t, err.String())
	for _, flag := range allFlags() {
		require.Contains(t, out.String(), flag.path()+" "+flag.placeholder)
		require.Contains(t, out.String(), flag.preset)
	}
	examples := 0
	for line := range strings.Lines(strings.ReplaceAll(out.String(), "\\\n", "")) {
		if words := strings.Fields(line); len(words) > 2 && words[0] == "aplomb-probe" && words[1] != "tells" && words[2] != "URL" {
			_, _, err := parse(words[1:])
			require.NoError(t, err, line)
			examples++
		}
	}
	require.Equal(t, 2, examples)
}

func TestVersionIsOneLine(t *testing.T) {
	var out, err bytes.Buffer
	require.Equal(t, exitOK, run([]string{"--version"}, &out, &err))
	require.Regexp(t, `^aplomb-probe \S+ \(go1\.\S+, \w+/\w+\)\n$`, out.String())
}

func FuzzNoCommandLinePassesHalfChecked(f *testing.F) {
	f.Add("--workload http://127.0.0.1:8080/ --disk /d")
	f.Add("--workload=http://[::1]:9808/ --disk=/d --listen=[::]:9808")
	f.Add("--disk /a --disk /a --deadline 1m --interval")
	f.Fuzz(func(t *testing.T, line string) {
		o, wants, err := parse(strings.Fields(line))
		if err != nil || wants != wantsToRun {
			require.Equal(t, options{}, o)
			return
		}
		require.NotEmpty(t, o.disks)
		require.NotEmpty(t, o.workload)
		require.NotZero(t, o.port)
		require.NotEqual(t, o.port, o.workloadPort)
		require.LessOrEqual(t, o.deadline, o.interval)
		require.NotEmpty(t, o.matcher.ranges)
	})
}
