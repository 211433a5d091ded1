package components

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/aplomb-iac/aplomb/internal/check"
)

const (
	minutesOfDay  = 24 * 60
	minutesOfWeek = 7 * minutesOfDay
	// minWindow is AWS's shortest window
	// (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html).
	minWindow = 30
)

var (
	dailySyntax  = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])$`)
	weeklySyntax = regexp.MustCompile(`^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):([0-5][0-9])-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):([0-5][0-9])$`)
	weekdays     = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

// span is a stretch of minutes that repeats every day or every week.
type span struct{ begin, length int }

// dailyWindow reads a window of every day, such as 02:00-03:00, which may run over midnight.
func dailyWindow(text string) (span, bool) {
	match := dailySyntax.FindStringSubmatch(text)
	if match == nil {
		return span{}, false
	}
	begin := minutes(match[1], match[2])
	return span{begin: begin, length: modulo(minutes(match[3], match[4])-begin, minutesOfDay)}, true
}

// weeklyWindow reads a window of every week, such as sun:04:00-sun:05:00.
func weeklyWindow(text string) (span, bool) {
	match := weeklySyntax.FindStringSubmatch(text)
	if match == nil {
		return span{}, false
	}
	begin := slices.Index(weekdays, match[1])*minutesOfDay + minutes(match[2], match[3])
	end := slices.Index(weekdays, match[4])*minutesOfDay + minutes(match[5], match[6])
	return span{begin: begin, length: modulo(end-begin, minutesOfWeek)}, true
}

// overlapsWeekly says whether a window of every day meets one of the week on some day.
func (s span) overlapsWeekly(weekly span) bool {
	for day := range weekdays {
		begin := day*minutesOfDay + s.begin
		if modulo(weekly.begin-begin, minutesOfWeek) < s.length || modulo(begin-weekly.begin, minutesOfWeek) < weekly.length {
			return true
		}
	}
	return false
}

func minutes(hours, rest string) int {
	h, _ := strconv.Atoi(hours) // the syntax has two digits there
	m, _ := strconv.Atoi(rest)
	return h*60 + m
}

func modulo(value, by int) int { return ((value % by) + by) % by }

func (a MultiAZDatabaseArgs) checkWindows(c *check.Checker) {
	daily, isDaily := dailyWindow(a.BackupWindow)
	weekly, isWeekly := weeklyWindow(a.MaintenanceWindow)
	if !isDaily || daily.length < minWindow {
		c.Fail("backupWindow", a.BackupWindow, "is not a window of at least 30 minutes of every day", "give UTC times such as 02:00-03:00")
	}
	if !isWeekly || weekly.length < minWindow || weekly.length > minutesOfDay {
		c.Fail("maintenanceWindow", a.MaintenanceWindow, "is not a window of 30 minutes to 24 hours of every week", "give UTC times such as sun:04:00-sun:05:00")
	}
	if isDaily && isWeekly && daily.overlapsWeekly(weekly) {
		c.Fail("maintenanceWindow", a.MaintenanceWindow, "overlaps the backup window "+a.BackupWindow+", which AWS refuses", "move one of the two")
	}
}
