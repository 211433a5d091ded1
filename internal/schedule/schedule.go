// Package schedule reads the schedule expressions of Amazon EventBridge Scheduler and finds those that would never fire. It knows
// no clock: whether an expression fires follows from the expression alone.
// Source of the syntax: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
package schedule

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine, whatever is installed there
)

// Problem is what is wrong with an expression or a time zone, and what to do about it. The zero value means that nothing is.
type Problem struct{ Limit, Remedy string }

const example = "write rate(15 minutes), or cron(0 2 * * ? *) for two o'clock every night"

var (
	rateSyntax = regexp.MustCompile(`^rate\(([0-9]{1,9}) (minute|minutes|hour|hours|day|days)\)$`)
	cronSyntax = regexp.MustCompile(`^cron\((.*)\)$`)
)

// Check looks at a recurring schedule: rate(VALUE UNIT) or cron(MINUTES HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK YEAR). What fires once,
// at(...), is no recurring schedule and refused, and so is a cron expression that no date meets, such as the 30th of February.
func Check(expression string) Problem {
	if match := rateSyntax.FindStringSubmatch(expression); match != nil {
		if value, err := strconv.Atoi(match[1]); err != nil || value < 1 {
			return Problem{"never fires: the value must be 1 or more", example}
		}
		return Problem{}
	}
	match := cronSyntax.FindStringSubmatch(expression)
	switch {
	case strings.HasPrefix(expression, "at("):
		return Problem{"fires once", example}
	case match == nil:
		return Problem{"is not a schedule expression", example}
	}
	return checkCron(strings.Fields(match[1]))
}

// CheckTimeZone looks at the name of a time zone, such as Europe/Berlin, in the IANA Time Zone Database.
func CheckTimeZone(name string) Problem {
	const remedy = "give a name such as Europe/Berlin, or leave it out for UTC"
	if name == "" || name == "Local" || strings.HasPrefix(name, "posix") || strings.HasPrefix(name, "right") {
		return Problem{"is not the name of a time zone", remedy}
	}
	if _, err := time.LoadLocation(name); err != nil {
		return Problem{"is not the name of a time zone", remedy}
	}
	return Problem{}
}
