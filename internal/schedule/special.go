package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// special reads the elements that only days have: L, W and #. It reports whether the element is one of them.
func (f field) special(element string) (matcher, bool, error) {
	switch f.name {
	case "day-of-month":
		return f.dayOfMonth(element)
	case "day-of-week":
		return f.dayOfWeek(element)
	default:
		return nil, false, nil
	}
}

// dayOfMonth reads L, the last day of the month, and 15W, the weekday nearest to the 15th within its month.
func (f field) dayOfMonth(element string) (matcher, bool, error) {
	if element == "L" {
		return func(date time.Time) bool { return date.Day() == lastDay(date) }, true, nil
	}
	body, isWeekday := strings.CutSuffix(element, "W")
	if !isWeekday {
		return nil, false, nil
	}
	day, err := f.value(body)
	if err != nil {
		return nil, true, err
	}
	return func(date time.Time) bool { return day <= lastDay(date) && date.Day() == nearestWeekday(date, day) }, true, nil
}

// dayOfWeek reads L, which is Saturday, 6L, the last Friday of the month, and 3#2, its second Tuesday.
func (f field) dayOfWeek(element string) (matcher, bool, error) {
	if element == "L" {
		return func(date time.Time) bool { return date.Weekday() == time.Saturday }, true, nil
	}
	if body, ordinal, numbered := strings.Cut(element, "#"); numbered {
		day, err := f.value(body)
		if err != nil {
			return nil, true, err
		}
		nth, err := strconv.Atoi(ordinal)
		if err != nil || nth < 1 || nth > 5 {
			return nil, true, fmt.Errorf("what follows # must be from 1 to 5")
		}
		return func(date time.Time) bool { return int(date.Weekday())+1 == day && (date.Day()-1)/7+1 == nth }, true, nil
	}
	body, last := strings.CutSuffix(element, "L")
	if !last {
		return nil, false, nil
	}
	day, err := f.value(body)
	if err != nil {
		return nil, true, err
	}
	return func(date time.Time) bool { return int(date.Weekday())+1 == day && date.Day()+7 > lastDay(date) }, true, nil
}

func lastDay(date time.Time) int {
	return time.Date(date.Year(), date.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nearestWeekday is the day of the date's month, from Monday to Friday, that is nearest to day, without leaving the month.
func nearestWeekday(date time.Time, day int) int {
	switch time.Date(date.Year(), date.Month(), day, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == lastDay(date) {
			return day - 2
		}
		return day + 1
	default:
		return day
	}
}
