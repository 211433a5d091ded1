package schedule

import (
	"strconv"
	"strings"
	"time"
)

// gapYears is for how many years gaps are looked at: the calendar repeats itself after 28, leap years and days of the week included.
const gapYears = 28

// LongestGap is how far apart two runs of a schedule can lie that Check takes, on the clock of its time zone. For a schedule with one run only it is
// all the time that is looked at.
func LongestGap(expression string) time.Duration {
	if match := rateSyntax.FindStringSubmatch(expression); match != nil {
		value, _ := strconv.Atoi(match[1])
		units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
		return time.Duration(value) * units[strings.TrimSuffix(match[2], "s")]
	}
	match := cronSyntax.FindStringSubmatch(expression)
	if match == nil {
		return 0
	}
	read, ok := readCron(strings.Fields(match[1]))
	if !ok {
		return 0
	}
	return longestGap(read)
}

func readCron(parts []string) ([][]matcher, bool) {
	if len(parts) != len(fields) {
		return nil, false
	}
	read := make([][]matcher, len(parts))
	for index, part := range parts {
		matchers, err := fields[index].read(index, part)
		if err != nil {
			return nil, false
		}
		read[index] = matchers
	}
	return read, true
}

// longestGap goes through the days on which a cron expression fires, and within the first of them through its minutes, which are those of all.
func longestGap(read [][]matcher) time.Duration {
	times := firingTimes(read)
	if len(times) == 0 {
		return 0
	}
	longest := time.Duration(0)
	for index := 1; index < len(times); index++ {
		longest = max(longest, times[index]-times[index-1])
	}
	first, last := times[0], times[len(times)-1]
	start := time.Date(thisYear, 1, 1, 0, 0, 0, 0, time.UTC)
	end, before, found := start.AddDate(gapYears, 0, 0), time.Time{}, 0
	for day := start; day.Before(end); day = day.AddDate(0, 0, 1) {
		if !meetsAll(read[2:], day) {
			continue
		}
		if found++; found > 1 {
			longest = max(longest, day.Sub(before)-last+first)
		}
		before = day
	}
	if found < 2 {
		return end.Sub(start)
	}
	return longest
}

// firingTimes are the times of day at which a cron expression fires.
func firingTimes(read [][]matcher) []time.Duration {
	var times []time.Duration
	for minute := range 24 * 60 {
		moment := time.Date(thisYear, 1, 1, 0, minute, 0, 0, time.UTC)
		if meetsAll(read[:2], moment) {
			times = append(times, time.Duration(minute)*time.Minute)
		}
	}
	return times
}

func meetsAll(read [][]matcher, date time.Time) bool {
	for _, matchers := range read {
		if !meets(matchers, date) {
			return false
		}
	}
	return true
}
