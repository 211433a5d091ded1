package iameval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// member is one name of a JSON object with its value.
type member struct {
	name  string
	value json.RawMessage
}

// members takes an object apart. Names keep their spelling and order, and none may be there twice: encoding/json by itself
// ignores case and lets the last of two win.
func members(raw json.RawMessage) ([]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, errors.New("is not an object")
	}
	seen := map[string]bool{}
	var found []member
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		each := member{name: token.(string)}
		if seen[each.name] {
			return nil, fmt.Errorf("has %q twice", each.name)
		}
		seen[each.name] = true
		if err := decoder.Decode(&each.value); err != nil {
			return nil, err
		}
		found = append(found, each)
	}
	return found, nil
}

// one checks that text is one JSON value in UTF-8 and nothing else.
func one(text []byte) error {
	if !utf8.Valid(text) {
		return errors.New("is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	var value json.RawMessage
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("goes on after the policy")
	}
	return nil
}

// texts reads what IAM takes as one value or a list of values. It is never empty.
func texts(raw json.RawMessage) ([]string, error) {
	list := []json.RawMessage{raw}
	if isList(raw) {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
	}
	if len(list) == 0 {
		return nil, errors.New("is an empty list")
	}
	var found []string
	for _, each := range list {
		text, err := scalar(each)
		if err != nil {
			return nil, err
		}
		found = append(found, text)
	}
	return found, nil
}

// scalar is a string, or a boolean or a number as it is written: IAM takes them with and without quotation marks.
func scalar(raw json.RawMessage) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	token, err := decoder.Token()
	if err != nil {
		return "", err
	}
	switch value := token.(type) {
	case string:
		return value, nil
	case bool, float64:
		return string(bytes.TrimSpace(raw)), nil
	}
	return "", fmt.Errorf("has the value %s, which is no text", raw)
}

func isList(raw json.RawMessage) bool {
	trimmed := bytes.TrimSpace(raw)
	return len(trimmed) > 0 && trimmed[0] == '['
}
