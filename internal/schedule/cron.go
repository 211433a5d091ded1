package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// thisYear is the first year that counts: what fires only in years before it has fired for the last time.
const (
	thisYear = 2026
	lastYear = 2199
)

// field is one of the six parts of a cron expression.
type field struct {
	name      string
	low, high int
	// names are what low, low+1, … may be called.
	names []string
	// any is true where ? stands for no opinion.
	any bool
}

var (
	months = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	days   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	fields = []field{
		{name: "minutes", high: 59}, {name: "hours", high: 23}, {name: "day-of-month", low: 1, high: 31, any: true},
		{name: "month", low: 1, high: 12, names: months}, {name: "day-of-week", low: 1, high: 7, names: days, any: true},
		{name: "year", low: 1970, high: lastYear},
	}
)

// matcher says whether a date meets one element of a field.
type matcher func(date time.Time) bool

func checkCron(parts []string) Problem {
	if len(parts) != len(fields) {
		return Problem{fmt.Sprintf("has %d fields, not the 6 of minutes, hours, day-of-month, month, day-of-week and year", len(parts)), example}
	}
	if (parts[2] == "?") == (parts[4] == "?") {
		return Problem{"must have a ? as day-of-month or as day-of-week, and not as both", example}
	}
	read := make([][]matcher, len(parts))
	for index, part := range parts {
		matchers, err := fields[index].read(index, part)
		if err != nil {
			return Problem{fmt.Sprintf("has %q as %s: %v", part, fields[index].name, err), example}
		}
		read[index] = matchers
	}
	if !fires(read[2:]) {
		return Problem{fmt.Sprintf("never fires: no date from %d to %d meets it", thisYear, lastYear), example}
	}
	return Problem{}
}

// fires looks for one date that every field has a matcher for. Minutes and hours are met by some time of every day.
func fires(read [][]matcher) bool {
	for date := time.Date(thisYear, 1, 1, 0, 0, 0, 0, time.UTC); date.Year() <= lastYear; date = date.AddDate(0, 0, 1) {
		met := true
		for _, matchers := range read {
			met = met && meets(matchers, date)
		}
		if met {
			return true
		}
	}
	return false
}

func meets(matchers []matcher, date time.Time) bool {
	for _, matches := range matchers {
		if matches(date) {
			return true
		}
	}
	return false
}

// read makes matchers of the elements of a field, which commas part.
func (f field) read(index int, part string) ([]matcher, error) {
	if part == "?" && f.any {
		return []matcher{func(time.Time) bool { return true }}, nil
	}
	var all []matcher
	for _, element := range strings.Split(part, ",") {
		matches, special, err := f.special(element)
		if err == nil && !special {
			matches, err = f.span(index, element)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, matches)
	}
	return all, nil
}

// span reads a value, a range or every value, each with an optional step.
func (f field) span(index int, element string) (matcher, error) {
	body, stepText, stepped := strings.Cut(element, "/")
	step := 1
	if stepped {
		var err error
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 || step > f.high {
			return nil, fmt.Errorf("the step must be a number from 1 to %d", f.high)
		}
	}
	low, high, err := f.ends(body, stepped)
	if err != nil {
		return nil, err
	}
	return func(date time.Time) bool {
		value := valueOf(index, date)
		return value >= low && value <= high && (value-low)%step == 0
	}, nil
}

// ends are the first and the last value of a span. A single value with a step goes on to the end of the field.
func (f field) ends(body string, stepped bool) (low, high int, err error) {
	if body == "*" {
		return f.low, f.high, nil
	}
	from, to, isRange := strings.Cut(body, "-")
	if low, err = f.value(from); err != nil {
		return 0, 0, err
	}
	switch {
	case isRange:
		if high, err = f.value(to); err == nil && high < low {
			err = fmt.Errorf("the range ends before it begins")
		}
	case stepped:
		high = f.high
	default:
		high = low
	}
	return low, high, err
}

func (f field) value(text string) (int, error) {
	for index, name := range f.names {
		if strings.EqualFold(text, name) {
			return f.low + index, nil
		}
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < f.low || number > f.high || strings.HasPrefix(text, "+") {
		return 0, fmt.Errorf("must be from %d to %d", f.low, f.high)
	}
	return number, nil
}

// valueOf is what a date has in a field.
func valueOf(index int, date time.Time) int {
	switch index {
	case 0:
		return date.Minute()
	case 1:
		return date.Hour()
	case 2:
		return date.Day()
	case 3:
		return int(date.Month())
	case 4:
		return int(date.Weekday()) + 1
	default:
		return date.Year()
	}
}
