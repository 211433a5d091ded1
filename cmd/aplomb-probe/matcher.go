package main

import (
	"strconv"
	"strings"
)

// matcher is the statuses of a healthy answer, as a target group of an Application Load Balancer writes them: codes such as
// 200,204 and ranges such as 200-299, from 200 to 499
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html).
type matcher struct {
	text   string
	ranges []statuses
}

type statuses struct{ from, to int }

func parseMatcher(text string) (matcher, bool) {
	m := matcher{text: text}
	for _, part := range strings.Split(text, ",") {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		from, to := status(low), status(high)
		if from == 0 || to < from {
			return matcher{}, false
		}
		m.ranges = append(m.ranges, statuses{from: from, to: to})
	}
	return m, true
}

// status is a code of three digits from 200 to 499, or zero.
func status(text string) int {
	code, err := strconv.ParseUint(text, 10, 16)
	if err != nil || len(text) != 3 || code < 200 || code > 499 {
		return 0
	}
	return int(code)
}

func (m matcher) takes(code int) bool {
	for _, r := range m.ranges {
		if r.from <= code && code <= r.to {
			return true
		}
	}
	return false
}

func (m matcher) String() string { return m.text }
