package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/sandbox/schema"
)

// The keys that may follow KIND@OPERATION.
const (
	keyType  = "type"
	keyName  = "name"
	keyTimes = "times"
	keyFor   = "for"
)

var keys = []string{keyType, keyName, keyTimes, keyFor}

const (
	// mostTimes is far more often than any stack asks for one thing.
	mostTimes = 1000
	// longest is how late an answer may come: the provider's own default deadline for most creations.
	longest = 10 * time.Minute
)

// Known are the tokens that a fault may name.
type Known struct {
	// Types are the resource types, Functions what a program can invoke.
	Types, Functions []string
}

// Parse reads faults, each as KIND@OPERATION and, after commas, key=value:
//
//	throttle@create,type=lb/Listener,name=web-https,times=2
//	slow@read,for=3s
//
// A type is a whole token (aws:lb/listener:Listener), its module and name (lb/Listener), or its name where only one type is
// called so (Listener). The error is a *check.Error with everything that is wrong with any of them.
func Parse(texts []string, known Known) ([]Fault, error) {
	found := check.New()
	faults := make([]Fault, 0, len(texts))
	for index, text := range texts {
		read := reader{found: found.At(fmt.Sprintf("[%d]", index)), known: known, fault: Fault{Times: 1}}
		read.all(text)
		faults = append(faults, read.fault)
	}
	if err := found.Err("--fault"); err != nil {
		return nil, err
	}
	return faults, nil
}

// reader reads one fault and collects what is wrong with it.
type reader struct {
	found *check.Checker
	known Known
	fault Fault
	given []string // the keys so far
}

func (r *reader) all(text string) {
	if text == "" {
		r.found.Missing("", "a fault is KIND@OPERATION", "write one such as throttle@create")
		return
	}
	parts := strings.Split(text, ",")
	kind, operation, both := strings.Cut(parts[0], "@")
	if !both {
		r.found.Fail("", parts[0], "has no @ in it", "write KIND@OPERATION, such as throttle@create")
	} else {
		r.head(kind, operation)
	}
	for _, part := range parts[1:] {
		r.pair(part)
	}
	if r.fault.Kind == Slow && !slices.Contains(r.given, keyFor) {
		r.found.Missing(keyFor, "a slow answer comes late by some time", "add for=3s")
	}
}

func (r *reader) head(kind, operation string) {
	index := slices.IndexFunc(kinds, func(known kindOf) bool { return string(known.kind) == kind })
	knownKind, knownOperation := index >= 0, slices.Contains(all, Operation(operation))
	if !knownKind {
		var names []string
		for _, known := range kinds {
			names = append(names, string(known.kind))
		}
		r.found.Fail("kind", kind, "is no fault", suggest(kind, names))
	}
	if !knownOperation {
		r.found.Fail("operation", operation, "is no operation", suggest(operation, strings.Split(joined(all), ", ")))
	}
	if !knownKind || !knownOperation {
		return
	}
	if strikes := kinds[index].strikes; !slices.Contains(strikes, Operation(operation)) {
		r.found.Fail("operation", operation, "cannot be struck by "+kind, "use one of "+joined(strikes))
	}
	r.fault.Kind, r.fault.Operation = Kind(kind), Operation(operation)
}

func (r *reader) pair(part string) {
	key, value, both := strings.Cut(part, "=")
	switch {
	case !both:
		r.found.Fail("", part, "is no key=value", "write one of "+strings.Join(keys, "=, ")+"= and its value")
		return
	case !slices.Contains(keys, key):
		r.found.Fail("", key, "is no key", suggest(key, keys))
		return
	case slices.Contains(r.given, key):
		r.found.Fail(key, value, "is given a second time", "give it once")
		return
	}
	r.given = append(r.given, key)
	if value == "" {
		r.found.Fail(key, value, "is empty", "write a value after "+key+"=, or leave it out")
		return
	}
	switch key {
	case keyType:
		r.fault.Type = r.token(value)
	case keyName:
		r.name(value)
	case keyTimes:
		r.times(value)
	case keyFor:
		r.late(value)
	}
}

func (r *reader) name(value string) {
	if r.fault.Operation == Invoke {
		r.found.Fail(keyName, value, "is no part of an invocation, which has a type only", "leave it out")
	}
	r.fault.Name = value
}

func (r *reader) times(value string) {
	times, err := strconv.Atoi(value)
	if err != nil || times < 1 || times > mostTimes {
		r.found.Fail(keyTimes, value, fmt.Sprintf("must be a number from 1 to %d", mostTimes), "use times=2")
	}
	r.fault.Times = times
}

func (r *reader) late(value string) {
	late, err := time.ParseDuration(value)
	if err != nil || late <= 0 || late > longest {
		r.found.Fail(keyFor, value, fmt.Sprintf("must be a duration up to %s", longest), "use for=3s")
	}
	if r.fault.Kind != Slow && r.fault.Kind != "" {
		r.found.Fail(keyFor, value, fmt.Sprintf("means nothing to %s", r.fault.Kind), "leave it out, or use slow")
	}
	r.fault.For = late
}

// token is the whole token of a type or function, however it is written.
func (r *reader) token(value string) string {
	tokens, noun := r.known.Types, "resource type"
	if r.fault.Operation == Invoke {
		tokens, noun = r.known.Functions, "function"
	}
	var fits, short []string
	for _, token := range tokens {
		forms := forms(token)
		short = append(short, forms...)
		if slices.Contains(forms, value) {
			fits = append(fits, token)
		}
	}
	switch len(fits) {
	case 0:
		r.found.Fail(keyType, value, "is no "+noun+" that the sandbox knows", suggest(value, short))
		return ""
	case 1:
		return fits[0]
	default:
		r.found.Fail(keyType, value, fmt.Sprintf("is the name of %d types", len(fits)), "use one of "+strings.Join(fits, ", "))
		return ""
	}
}

// forms are the ways to write a token: all of it, module/Name, and Name.
func forms(token string) []string {
	parts := strings.Split(token, ":")
	if len(parts) != 3 {
		return []string{token}
	}
	module, _, _ := strings.Cut(parts[1], "/")
	return []string{token, module + "/" + parts[2], parts[2]}
}

// suggest is the remedy for a word that is none of those known: the nearest, or all when they are few.
func suggest(word string, words []string) string {
	if nearest := schema.Nearest(word, words); nearest != "" {
		return fmt.Sprintf("did you mean %s?", nearest)
	}
	if len(words) > len(all)+1 {
		return "use a token such as aws:lb/listener:Listener, or lb/Listener"
	}
	return "use one of " + strings.Join(words, ", ")
}
