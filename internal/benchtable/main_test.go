// Layer: rules (pure). What go test -bench prints, as tables.
package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const printed = `goos: linux
goarch: amd64
pkg: github.com/aplomb-iac/aplomb/deploy
cpu: Some Processor
BenchmarkEngine/services=10/checkpoints=each-2  	       1	 9899672132 ns/op	         4.245 again-s	      1256 resources	        12.50 up-s
BenchmarkEngine/services=10/checkpoints=each-2  	       1	 9799672132 ns/op	         5.245 again-s	      1256 resources	        11.20 up-s
BenchmarkEngine/services=10/checkpoints=skipped-2  	   1	  799672132 ns/op	         0.245 again-s	      1256 resources
PASS
ok  	github.com/aplomb-iac/aplomb/deploy	127.308s
BenchmarkProgram/services=1-2         	       3	    206782 ns/op	        0.2068 ms/service	 1082096 B/op	     386 allocs/op
`

func TestEveryBenchmarkIsATableOfTheLeastFigures(t *testing.T) {
	var tables, progress bytes.Buffer
	require.NoError(t, run(strings.NewReader(printed), &tables, &progress))
	require.Equal(t, printed, progress.String())
	environment, rest, _ := strings.Cut(tables.String(), "\n")
	require.Regexp(t, `^Some Processor, [0-9]+ processors.*, [a-z]+/[a-z0-9]+, go1\.`, environment)
	require.Equal(t, `
Engine, the least of 1

| services | checkpoints | resources | time | up | again |
|---|---|---:|---:|---:|---:|
| 10 | each | 1,256 | 9.8 s | 11 s | 4.2 s |
| 10 | skipped | 1,256 | 800 ms |  | 245 ms |

Program, the least of 1

| services | time | ms/service | allocated | objects |
|---|---:|---:|---:|---:|
| 1 | 207 µs | 0.2 | 1.1 MB | 386 |
`, rest)
}

func TestWhatFailedIsNoTable(t *testing.T) {
	for name, text := range map[string]string{
		"failed":  printed + "--- FAIL: BenchmarkEngine/services=100\nFAIL\n",
		"paniced": printed + "panic: runtime error\n",
		"nothing": "PASS\nok  \tgithub.com/aplomb-iac/aplomb/deploy\t0.064s\n",
	} {
		t.Run(name, func(t *testing.T) {
			var tables bytes.Buffer
			require.Error(t, run(strings.NewReader(text), &tables, io.Discard))
			require.Empty(t, tables.String())
		})
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for number, text := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 26004: "26,004", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		require.Equal(t, text, thousands(number))
	}
}

func FuzzAnyLineIsReadOrPassedOver(f *testing.F) {
	for line := range strings.Lines(printed) {
		f.Add(strings.TrimSuffix(line, "\n"))
	}
	f.Add("BenchmarkX-2 1 NaN ns/op")
	f.Add("Benchmark/a=b/=/c-x 1 1e309 B/op")
	f.Fuzz(func(t *testing.T, line string) {
		found := &results{}
		found.read(line)
		for _, each := range found.tables {
			require.NotEmpty(t, each.rows)
		}
		require.NoError(t, found.write(io.Discard))
	})
}
