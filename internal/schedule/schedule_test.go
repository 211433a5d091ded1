// Layer: rules (pure).
package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/internal/schedule"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSchedulesThatFireAreAccepted(t *testing.T) {
	for _, expression := range []string{
		"rate(1 minute)", "rate(5 minutes)", "rate(12 hours)", "rate(30 days)",
		"cron(0 2 * * ? *)", "cron(0/15 8-18 ? * MON-FRI *)", "cron(0 0 L * ? *)", "cron(0 0 29 2 ? *)", "cron(30 4 ? * 6#5 *)",
		"cron(0 9 ? FEB 6#5 *)", "cron(0 9 15W * ? *)", "cron(0 9 ? * 6L *)", "cron(0 9 ? * L 2026-2030)", "cron(0,30 6 1,15 JAN,jul ? 2199)",
		"cron(0 0 1 1 ? 2025/1)", "cron(0 0 31W 12 ? *)",
	} {
		require.Zero(t, schedule.Check(expression), expression)
	}
}

func TestEachFaultOfAScheduleIsNamed(t *testing.T) {
	for expression, want := range map[string]string{
		"":                           "is not a schedule expression",
		"0 2 * * *":                  "is not a schedule expression",
		"rate(5 fortnights)":         "is not a schedule expression",
		"rate(0 minutes)":            "never fires: the value must be 1 or more",
		"at(2026-12-01T08:00:00)":    "fires once",
		"cron(0 2 * * ?)":            "has 5 fields, not the 6 of minutes, hours, day-of-month, month, day-of-week and year",
		"cron(0 2 * * * *)":          "must have a ? as day-of-month or as day-of-week, and not as both",
		"cron(0 2 ? * ? *)":          "must have a ? as day-of-month or as day-of-week, and not as both",
		"cron(60 2 * * ? *)":         `has "60" as minutes: must be from 0 to 59`,
		"cron(0 24 * * ? *)":         `has "24" as hours: must be from 0 to 23`,
		"cron(0 2 32 * ? *)":         `has "32" as day-of-month: must be from 1 to 31`,
		"cron(0 2 0W * ? *)":         `has "0W" as day-of-month: must be from 1 to 31`,
		"cron(0 2 LW * ? *)":         `has "LW" as day-of-month: must be from 1 to 31`,
		"cron(0 2 * 13 ? *)":         `has "13" as month: must be from 1 to 12`,
		"cron(0 2 ? * MON#6 *)":      `has "MON#6" as day-of-week: what follows # must be from 1 to 5`,
		"cron(0 2 ? * 8L *)":         `has "8L" as day-of-week: must be from 1 to 7`,
		"cron(0 2 ? * FRI-MON *)":    `has "FRI-MON" as day-of-week: the range ends before it begins`,
		"cron(0/0 2 * * ? *)":        `has "0/0" as minutes: the step must be a number from 1 to 59`,
		"cron(0 2 * * ? 2200)":       `has "2200" as year: must be from 1970 to 2199`,
		"cron(0 +2 * * ? *)":         `has "+2" as hours: must be from 0 to 23`,
		"cron(0 0 30 2 ? *)":         "never fires: no date from 2026 to 2199 meets it",
		"cron(0 0 31 4,6,9,11 ? *)":  "never fires: no date from 2026 to 2199 meets it",
		"cron(0 0 31W 2 ? *)":        "never fires: no date from 2026 to 2199 meets it",
		"cron(0 0 29 2 ? 2027,2099)": "never fires: no date from 2026 to 2199 meets it",
		"cron(0 0 1 1 ? 1999-2020)":  "never fires: no date from 2026 to 2199 meets it",
		"cron(0 0 ? 2 6#5 2026)":     "never fires: no date from 2026 to 2199 meets it",
	} {
		problem := schedule.Check(expression)
		require.Equal(t, want, problem.Limit, expression)
		require.NotEmpty(t, problem.Remedy, expression)
	}
}

// A cron expression that is made from a date fires; the calendar of package time is the oracle.
func TestEveryScheduleMadeFromADateFires(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 63000).Draw(t, "day"))
		minute, hour := rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour")
		month := date.Format("Jan")
		for _, expression := range []string{
			fmt.Sprintf("cron(%d %d %d %s ? %d)", minute, hour, date.Day(), strings.ToUpper(month), date.Year()),
			fmt.Sprintf("cron(%d %d ? %d %d#%d %d)", minute, hour, date.Month(), date.Weekday()+1, (date.Day()-1)/7+1, date.Year()),
		} {
			if problem := schedule.Check(expression); problem.Limit != "" {
				t.Fatalf("%s: %s", expression, problem.Limit)
			}
		}
		other := fmt.Sprintf("cron(%d %d %d %d ? %d)", minute, hour, lastDay(date)+1, date.Month(), date.Year())
		if problem := schedule.Check(other); problem.Limit == "" {
			t.Fatalf("%s has no date and is accepted", other)
		}
	})
}

func lastDay(date time.Time) int {
	return time.Date(date.Year(), date.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func TestTimeZonesAreThoseOfTheDatabase(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata"} {
		require.Zero(t, schedule.CheckTimeZone(name), name)
	}
	for _, name := range []string{"", "Local", "Europe/Berlino", "../etc/passwd", "CEST+2", "/usr/share/zoneinfo/UTC"} {
		require.Equal(t, "is not the name of a time zone", schedule.CheckTimeZone(name).Limit, name)
	}
}

func FuzzCheckNeverPanicsAndExplainsItself(f *testing.F) {
	for _, seed := range []string{"rate(5 minutes)", "cron(0 2 * * ? *)", "cron(0/15 8-18 ? * MON-FRI *)", "cron(L W # - , /)", "at(x)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		if problem := schedule.Check(expression); (problem.Limit == "") != (problem.Remedy == "") {
			t.Fatalf("%q: %+v", expression, problem)
		}
	})
}
