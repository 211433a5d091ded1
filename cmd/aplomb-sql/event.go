package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/dbusers"
)

// The verbs, of which an event names one.
const (
	makeUser     = "make-user"
	makePassword = "make-password"
	verify       = "verify"
)

// How a user logs in.
const (
	byToken    = "token"
	byPassword = "password"
)

// event is what the function is sent. Which fields there are depends on the verb.
type event struct {
	verb, host, database string
	port                 int
	// secretARN is the secret of the master user, userSecretARN that of the user.
	secretARN, userSecretARN string
	user, rights, login      string
	resourceID, check        string
}

// fieldRule is what one field of an event must be like.
type fieldRule struct {
	optional bool
	// private values are not shown: somebody may have put the secret where its ARN belongs.
	private bool
	problem func(text string) (limit, remedy string)
	into    func(*event) *string
}

var (
	hostPattern     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*$`)
	databasePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$-]{0,62}$`)
	secretPattern   = regexp.MustCompile(`^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+$`)
	resourcePattern = regexp.MustCompile(`^[A-Za-z0-9-]{1,255}$`)
)

// maxCheck is how long a check may be. A query of that length is none that somebody wrote to see whether a database holds anything.
const maxCheck = 16 << 10

// fields are all that there are but verb and port, which every verb has.
var fields = map[string]fieldRule{
	"host": {problem: hostProblem, into: func(e *event) *string { return &e.host }},
	"database": {problem: matching(databasePattern, "is no name of a database", "use letters, digits and underscores, 63 at most"),
		into: func(e *event) *string { return &e.database }},
	"secretARN": {private: true, problem: matching(secretPattern, "is no ARN of a secret", "give the ARN of the master user's secret"),
		into: func(e *event) *string { return &e.secretARN }},
	"userSecretARN": {private: true, problem: matching(secretPattern, "is no ARN of a secret", "give the ARN of the secret that the proxy reads"),
		into: func(e *event) *string { return &e.userSecretARN }},
	"user":   {problem: userProblem, into: func(e *event) *string { return &e.user }},
	"rights": {problem: rightsProblem, into: func(e *event) *string { return &e.rights }},
	"login":  {optional: true, problem: oneOf(byToken, byPassword), into: func(e *event) *string { return &e.login }},
	"resourceID": {optional: true, problem: matching(resourcePattern, "is no resource id", "give what begins with db- or cluster-, or leave it out"),
		into: func(e *event) *string { return &e.resourceID }},
	"check": {optional: true, problem: checkProblem, into: func(e *event) *string { return &e.check }},
}

// verbs says which fields each verb has.
var verbs = map[string][]string{
	makeUser:     {"host", "database", "secretARN", "user", "rights", "login"},
	makePassword: {"host", "database", "secretARN", "user", "userSecretARN"},
	verify:       {"host", "database", "resourceID", "check"},
}

func verbNames() []string { return []string{makeUser, makePassword, verify} }

func matching(pattern *regexp.Regexp, limit, remedy string) func(string) (string, string) {
	return func(text string) (string, string) {
		if pattern.MatchString(text) {
			return "", ""
		}
		return limit, remedy
	}
}

func oneOf(values ...string) func(string) (string, string) {
	return func(text string) (string, string) {
		if slices.Contains(values, text) {
			return "", ""
		}
		return "is none of " + strings.Join(values, ", "), "use one of them"
	}
}

// hostProblem takes names alone: a certificate of RDS is for a name.
func hostProblem(text string) (string, string) {
	if _, err := netip.ParseAddr(text); err == nil || len(text) > 253 || !hostPattern.MatchString(text) {
		return "is no host name", "give the endpoint of the database"
	}
	return "", ""
}

// userProblem lets the user through that looks into restored databases, which decode holds to what it may be.
func userProblem(text string) (string, string) {
	if text == dbusers.VerifyUser {
		return "", ""
	}
	return dbusers.UserProblem(text), "choose another name"
}

// misusesVerifyUser says whether the event asks for that user other than as it is made with every other: by a token, and to read.
func (e event) misusesVerifyUser() bool {
	return e.user == dbusers.VerifyUser && (e.verb != makeUser || e.rights != string(dbusers.Read) || e.login == byPassword)
}

func rightsProblem(text string) (string, string) {
	var names []string
	for _, rights := range dbusers.AllRights() {
		names = append(names, string(rights))
	}
	return oneOf(names...)(text)
}

func checkProblem(text string) (string, string) {
	switch {
	case strings.TrimSpace(text) == "":
		return "is empty", "leave it out for the check that asks for one table"
	case len(text) > maxCheck:
		return fmt.Sprintf("has %d bytes, more than %d", len(text), maxCheck), "shorten it"
	default:
		return "", ""
	}
}

// decode reads an event and reports everything that is wrong with it. Names are compared exactly, and none may come twice.
func decode(raw []byte) (event, error) {
	members, err := membersOf(raw)
	if err != nil {
		return event{}, fmt.Errorf("the event is no JSON object: %w", err)
	}
	found := check.New()
	var read event
	read.verb, _ = textOf(members["verb"])
	allowed, known := verbs[read.verb]
	if !known {
		found.Fail("verb", shown(members["verb"]), "is none of "+strings.Join(verbNames(), ", "), "use one of them")
		return event{}, found.Err("the event")
	}
	for name := range members {
		if name != "verb" && name != "port" && !slices.Contains(allowed, name) {
			found.Fail(string(shown([]byte(name))), unseen, "is for no field of "+read.verb, "leave it out")
		}
	}
	readPort(found, members["port"], &read.port)
	for _, name := range allowed {
		fields[name].read(found, name, members[name], &read)
	}
	if read.userSecretARN != "" && read.userSecretARN == read.secretARN {
		found.Fail("userSecretARN", unseen, "is the master user's secret, which would be overwritten", "give the user a secret of its own")
	}
	if read.misusesVerifyUser() {
		found.Fail("user", read.user, "is reserved: it is made by make-user alone, with the rights read and the login token", "choose another name")
	}
	if read.check == "" {
		read.check = dbusers.DefaultCheck
	}
	if read.login == "" {
		read.login = byToken
	}
	return read, sorted(found).Err("the event")
}

func (f fieldRule) read(found *check.Checker, name string, raw json.RawMessage, into *event) {
	if raw == nil {
		if !f.optional {
			found.Missing(name, "every "+into.verb+" needs it", "add it")
		}
		return
	}
	text, isText := textOf(raw)
	if !isText {
		found.Fail(name, f.shown(raw), "is no string", "put it in quotes")
		return
	}
	if limit, remedy := f.problem(text); limit != "" {
		found.Fail(name, f.shown(raw), limit, remedy)
		return
	}
	*f.into(into) = text
}

func readPort(found *check.Checker, raw json.RawMessage, into *int) {
	if raw == nil {
		found.Missing("port", "every event needs it", "add it")
		return
	}
	if err := json.Unmarshal(raw, into); err != nil || *into < 1 || *into > 65535 {
		found.Fail("port", shown(raw), "is no port", "give a number from 1 to 65535")
	}
}

// sorted puts the failures in an order that does not change: the members of an object come in any.
func sorted(found *check.Checker) *check.Checker {
	failures := found.Failures()
	slices.SortStableFunc(failures, func(a, b check.Failure) int { return strings.Compare(a.Path, b.Path) })
	again := check.New()
	again.Add(failures...)
	return again
}

// textOf is a JSON string; null is none.
func textOf(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var text string
	return text, json.Unmarshal(raw, &text) == nil
}

// asGiven is a value in the event's own spelling, which a failure does not quote once more.
type asGiven string

// unseen stands for a value that an error does not show: it may be a credential that somebody put in the wrong place.
const unseen asGiven = "what was given"

func (f fieldRule) shown(raw json.RawMessage) asGiven {
	if f.private {
		return unseen
	}
	return shown(raw)
}

// shown is a value as an error shows it, cut off where it is long.
func shown(raw json.RawMessage) asGiven {
	const enough = 80
	if raw == nil {
		return "nothing"
	}
	if len(raw) > enough {
		return asGiven(strings.ToValidUTF8(string(raw[:enough]), "") + "…")
	}
	return asGiven(raw)
}

// membersOf is the members of a JSON object, each of which may come once.
func membersOf(raw []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if opening, err := decoder.Token(); err != nil {
		return nil, err
	} else if opening != json.Delim('{') {
		return nil, errors.New("it begins with something else than a brace")
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("%q comes twice", name)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		members[name] = bytes.TrimSpace(value)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows it")
	}
	return members, nil
}
