package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// write writes the tables.
func (r *results) write(to io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s, %d processors%s, %s/%s, %s\n", r.cpu, runtime.NumCPU(), memory(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	for _, each := range r.tables {
		fmt.Fprintf(&text, "\n%s, the least of %d\n\n", each.name, each.runs())
		each.write(&text)
	}
	_, err := io.WriteString(to, text.String())
	return err
}

// runs is how often the benchmark was run at least.
func (t *table) runs() int {
	least := t.rows[0].runs
	for _, each := range t.rows {
		least = min(least, each.runs)
	}
	return least
}

func (t *table) write(text *strings.Builder) {
	for _, key := range t.keys {
		text.WriteString("| " + key + " ")
	}
	for _, unit := range t.units {
		text.WriteString("| " + heading(unit) + " ")
	}
	text.WriteString("|\n" + strings.Repeat("|---", len(t.keys)) + strings.Repeat("|---:", len(t.units)) + "|\n")
	for _, row := range t.rows {
		for _, key := range t.keys {
			text.WriteString("| " + row.keys[key] + " ")
		}
		for _, unit := range t.units {
			cell := ""
			if value, known := row.values[unit]; known {
				cell = figure(value, unit)
			}
			text.WriteString("| " + cell + " ")
		}
		text.WriteString("|\n")
	}
}

// seconds is the end of a unit that says what took so many seconds: up-s.
const seconds = "-s"

func heading(unit string) string {
	switch unit {
	case "ns/op":
		return "time"
	case "B/op":
		return "allocated"
	case "allocs/op":
		return "objects"
	default:
		return strings.TrimSuffix(unit, seconds)
	}
}

// figure is a value as people read it.
func figure(value float64, unit string) string {
	switch {
	case unit == "ns/op":
		return duration(value / 1e9)
	case strings.HasSuffix(unit, seconds):
		return duration(value)
	case unit == "B/op":
		return fmt.Sprintf("%.1f MB", value/1e6)
	case value == float64(int64(value)):
		return thousands(int64(value))
	default:
		return strconv.FormatFloat(value, 'f', 1, 64)
	}
}

func duration(seconds float64) string {
	switch {
	case seconds < 0.001:
		return fmt.Sprintf("%.0f µs", seconds*1e6)
	case seconds < 1:
		return fmt.Sprintf("%.0f ms", seconds*1e3)
	case seconds < 10:
		return fmt.Sprintf("%.1f s", seconds)
	default:
		return fmt.Sprintf("%.0f s", seconds)
	}
}

// thousands is a number with commas.
func thousands(number int64) string {
	digits := strconv.FormatInt(number, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// memory is how much there is, where the system says so.
func memory() string {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return ""
	}
	var kilobytes int64
	if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kilobytes); err != nil {
		return ""
	}
	return fmt.Sprintf(", %d GiB of memory", (kilobytes+512*1024)/(1024*1024))
}
