package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// results are all benchmarks by name, in the order in which they came.
type results struct {
	cpu    string
	failed bool
	tables []*table
}

// table is one benchmark: a row for each of its sub-benchmarks, a column for each of its figures.
type table struct {
	name string
	// keys are those of the rows' names: services, in services=10.
	keys  []string
	units []string
	rows  []*row
}

type row struct {
	keys   map[string]string
	values map[string]float64
	runs   int
}

// read takes in one line. What is no benchmark's result is passed over.
func (r *results) read(line string) {
	if cpu, is := strings.CutPrefix(line, "cpu: "); is {
		r.cpu = cpu
	}
	if strings.HasPrefix(line, "--- FAIL") || strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "panic: ") {
		r.failed = true
	}
	words := strings.Fields(line)
	if len(words) < 4 || len(words)%2 != 0 || !strings.HasPrefix(words[0], "Benchmark") {
		return
	}
	if _, err := strconv.Atoi(words[1]); err != nil {
		return
	}
	figures := map[string]float64{}
	var units []string
	for i := 2; i < len(words); i += 2 {
		value, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			return
		}
		figures[words[i+1]] = value
		units = append(units, words[i+1])
	}
	name, rest, _ := strings.Cut(withoutProcessors(strings.TrimPrefix(words[0], "Benchmark")), "/")
	r.table(name).add(rest, units, figures)
}

// withoutProcessors is a benchmark's name without the number of processors that go test appends.
func withoutProcessors(name string) string {
	at := strings.LastIndexByte(name, '-')
	if at < 0 {
		return name
	}
	if _, err := strconv.Atoi(name[at+1:]); err != nil {
		return name
	}
	return name[:at]
}

func (r *results) table(name string) *table {
	for _, each := range r.tables {
		if each.name == name {
			return each
		}
	}
	made := &table{name: name}
	r.tables = append(r.tables, made)
	return made
}

// add keeps the least of each figure.
func (t *table) add(name string, units []string, figures map[string]float64) {
	keys := map[string]string{}
	if name != "" {
		for part := range strings.SplitSeq(name, "/") {
			key, value, named := strings.Cut(part, "=")
			if !named {
				key, value = "", part
			}
			keys[key] = value
			if !slices.Contains(t.keys, key) {
				t.keys = append(t.keys, key)
			}
		}
	}
	for _, unit := range units {
		if !slices.Contains(t.units, unit) {
			t.units = append(t.units, unit)
		}
	}
	at := t.row(keys)
	at.runs++
	slices.SortStableFunc(t.units, func(a, b string) int { return rank(a) - rank(b) })
	for unit, value := range figures {
		if before, known := at.values[unit]; !known || value < before {
			at.values[unit] = value
		}
	}
}

// columns are figures in the order in which people look for them; go test sorts them by their names. All others come behind.
var columns = []string{"resources", "ns/op", "preview-s", "up-s", "again-s"}

func rank(unit string) int {
	if at := slices.Index(columns, unit); at >= 0 {
		return at
	}
	return len(columns)
}

func (t *table) row(keys map[string]string) *row {
	for _, each := range t.rows {
		if maps.Equal(each.keys, keys) {
			return each
		}
	}
	made := &row{keys: keys, values: map[string]float64{}}
	t.rows = append(t.rows, made)
	return made
}
