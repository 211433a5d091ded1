package topology

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The engine marks a secret with this key and value, and stands this in for what is not known yet
// (https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go).
const (
	signatureKey = "4dabf18193072939515e22adb298388d"
	secretMark   = "1b47061264138c4ac30d75fd1eb44270"
	unknownMark  = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
)

const stackType = "pulumi:pulumi:Stack"

// resource is one resource of a state. Its outputs are JSON values; secrets are still in their envelopes.
type resource struct {
	URN     string         `json:"urn"`
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	Parent  string         `json:"parent"`
	Delete  bool           `json:"delete"`
	Outputs map[string]any `json:"outputs"`
}

// name is the resource's name in the program.
func (r resource) name() string {
	if at := strings.LastIndex(r.URN, "::"); at >= 0 {
		return r.URN[at+2:]
	}
	return r.URN
}

// ErrNoResources says that what was read is a state, and an empty one.
var ErrNoResources = errors.New("the state has no resources: the stack was never brought up, or it was destroyed")

// parse reads what `pulumi stack export` prints, or the checkpoint that a file backend keeps.
func parse(from io.Reader) ([]resource, error) {
	type deployment struct {
		Resources []resource `json:"resources"`
	}
	var state struct {
		Version    int         `json:"version"`
		Deployment *deployment `json:"deployment"`
		Checkpoint *struct {
			Latest *deployment `json:"latest"`
		} `json:"checkpoint"`
	}
	decoder := json.NewDecoder(from)
	if err := decoder.Decode(&state); err != nil {
		return nil, fmt.Errorf("state of the stack: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("state of the stack: something follows after its end")
	}
	if state.Version < 3 || state.Version > 4 {
		return nil, fmt.Errorf("state of the stack: version %d is not 3 or 4, which are all that can be read", state.Version)
	}
	if state.Deployment == nil && state.Checkpoint != nil {
		state.Deployment = state.Checkpoint.Latest
	}
	if state.Deployment == nil || len(state.Deployment.Resources) == 0 {
		return nil, ErrNoResources
	}
	var standing []resource
	for _, each := range state.Deployment.Resources {
		// The old one of a replacement that was not finished no longer does anything.
		if !each.Delete {
			standing = append(standing, each)
		}
	}
	if len(standing) == 0 {
		return nil, ErrNoResources
	}
	return standing, nil
}

// value is a property, or why there is none.
type value struct {
	is     any
	reason string
}

func absent(key string) value { return value{reason: "the state does not hold " + key} }

// get follows keys and indexes through maps, lists and secrets that are in plain text.
func get(from any, path string) value {
	at := value{is: from}
	for _, key := range strings.Split(path, ".") {
		at = open(at.is, path)
		if at.reason != "" {
			return at
		}
		switch container := at.is.(type) {
		case map[string]any:
			inner, exists := container[key]
			if !exists || inner == nil {
				return absent(path)
			}
			at.is = inner
		case []any:
			index, err := strconv.Atoi(key)
			if err != nil || index < 0 || index >= len(container) {
				return absent(path)
			}
			at.is = container[index]
		default:
			return absent(path)
		}
	}
	return open(at.is, path)
}

// open takes a value out of the envelope of a secret, when that holds plain text.
func open(is any, path string) value {
	if is == nil {
		return absent(path)
	}
	if is == unknownMark {
		return value{reason: path + " was not known yet when the state was written"}
	}
	envelope, isMap := is.(map[string]any)
	if !isMap || envelope[signatureKey] == nil {
		return value{is: is}
	}
	if envelope[signatureKey] != secretMark {
		return value{reason: path + " is of a kind that cannot be read"}
	}
	text, isPlain := envelope["plaintext"].(string)
	if !isPlain {
		return value{reason: path + " is a secret, which is encrypted in the state"}
	}
	var inner any
	if err := json.Unmarshal([]byte(text), &inner); err != nil || inner == nil {
		return value{reason: path + " is a secret that cannot be read"}
	}
	return value{is: inner}
}

// text, number, truth and list are the value as that type, or why it is none. AWS's types have numbers and truths in strings here and
// there.
func (v value) text() (string, string) {
	if v.reason != "" {
		return "", v.reason
	}
	if text, is := v.is.(string); is {
		return text, ""
	}
	return "", fmt.Sprintf("the state has %s where a text belongs", kind(v.is))
}

func (v value) number() (int, string) {
	if v.reason != "" {
		return 0, v.reason
	}
	switch is := v.is.(type) {
	case float64:
		if is == float64(int32(is)) {
			return int(is), ""
		}
	case string:
		if number, err := strconv.ParseInt(is, 10, 32); err == nil {
			return int(number), ""
		}
	}
	return 0, fmt.Sprintf("the state has %s where a whole number belongs", kind(v.is))
}

func (v value) truth() (bool, string) {
	if v.reason != "" {
		return false, v.reason
	}
	switch v.is {
	case true, "true":
		return true, ""
	case false, "false":
		return false, ""
	}
	return false, fmt.Sprintf("the state has %s where true or false belongs", kind(v.is))
}

func (v value) list() ([]any, string) {
	if v.reason != "" {
		return nil, v.reason
	}
	if list, is := v.is.([]any); is {
		return list, ""
	}
	return nil, fmt.Sprintf("the state has %s where a list belongs", kind(v.is))
}

// texts are a list of texts.
func (v value) texts() ([]string, string) {
	list, reason := v.list()
	var texts []string
	for _, each := range list {
		text, why := open(each, "an entry").text()
		if why != "" {
			return nil, why
		}
		texts = append(texts, text)
	}
	return texts, reason
}

// kind is what a JSON value is, without its content: it may be secret.
func kind(is any) string {
	switch is.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case float64:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "something else"
}
