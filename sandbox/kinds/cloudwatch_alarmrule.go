package kinds

import (
	"fmt"
	"slices"
	"strings"
)

// readAlarmRule reads the rule of a composite alarm: the alarms that it names, each once, in order. What is wrong is said as
// CloudWatch says it, with the character where it found it.
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html, AlarmRule.
func readAlarmRule(rule string) (children []string, problem string) {
	reader := &alarmRule{text: rule}
	if reader.either(); reader.problem == "" && reader.peek() != "" {
		reader.fail()
	}
	return reader.children, reader.problem
}

// alarmRule is a rule while it is read, from left to right.
type alarmRule struct {
	text     string
	at       int
	children []string
	problem  string
}

// either is terms with OR between them.
func (r *alarmRule) either() {
	for r.both(); r.problem == "" && r.take("OR"); {
		r.both()
	}
}

// both is terms with AND between them, which binds closer.
func (r *alarmRule) both() {
	for r.term(); r.problem == "" && r.take("AND"); {
		r.term()
	}
}

func (r *alarmRule) term() {
	for r.take("NOT") {
	}
	switch word := r.peek(); word {
	case "(":
		r.take("(")
		r.either()
		r.expect(")")
	case "TRUE", "FALSE":
		r.take(word)
	case "ALARM", "OK", "INSUFFICIENT_DATA":
		r.take(word)
		r.expect("(")
		r.child()
		r.expect(")")
	default:
		r.fail()
	}
}

// child is the name or ARN of an alarm, with or without quotes.
func (r *alarmRule) child() {
	if r.problem != "" {
		return
	}
	r.skip()
	rest := r.text[r.at:]
	end, name := strings.IndexByte(rest, ')'), ""
	if strings.HasPrefix(rest, `"`) {
		if end = strings.IndexByte(rest[1:], '"') + 2; end > 1 {
			name = rest[1 : end-1]
		}
	} else if end > 0 {
		name = strings.TrimSpace(rest[:end])
	}
	if name == "" {
		r.fail()
		return
	}
	r.at += end
	if !slices.Contains(r.children, name) {
		r.children = append(r.children, name)
	}
}

func (r *alarmRule) skip() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// peek is the next word or bracket; nothing at the end.
func (r *alarmRule) peek() string {
	r.skip()
	end := r.at
	for end < len(r.text) && strings.IndexByte(" \t\r\n()\"", r.text[end]) < 0 {
		end++
	}
	if end == r.at && end < len(r.text) {
		end++
	}
	return r.text[r.at:end]
}

func (r *alarmRule) take(word string) bool {
	if r.peek() != word {
		return false
	}
	r.at += len(word)
	return true
}

func (r *alarmRule) expect(word string) {
	if r.problem == "" && !r.take(word) {
		r.fail()
	}
}

func (r *alarmRule) fail() {
	if word := r.peek(); r.problem == "" && word == "" {
		r.problem = "Unexpected end of the rule"
	} else if r.problem == "" {
		r.problem = fmt.Sprintf("Unsupported token '%s' at char %d", word, r.at)
	}
}
