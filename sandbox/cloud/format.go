package cloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// formatVersion is the version of the file that this code reads and writes.
const formatVersion = 1

// file is the JSON file. One resource stands on one line, so that two versions can be compared line by line.
type file struct {
	Format int `json:"format"`
	// Generation counts the writes: it tells a reader that something changed.
	Generation int `json:"generation"`
	// Floor is the serial that a URN without entry in Serials begins with: no id comes back after its stack is gone.
	Floor int `json:"floor"`
	// Serials counts, by URN, the resources created so far, of the stacks that have resources.
	Serials   map[string]int    `json:"serials"`
	Resources []json.RawMessage `json:"resources"`
}

// line is one resource in the file.
type line struct {
	Account string         `json:"account"`
	Region  string         `json:"region,omitempty"`
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	URN     string         `json:"urn"`
	Serial  int            `json:"serial"`
	Inputs  map[string]any `json:"inputs"`
	Outputs map[string]any `json:"outputs"`
}

// encodeResource seals the secrets of a resource and makes its line.
func encodeResource(r Resource) (Resource, []byte, error) {
	var err error
	if r.Inputs, err = sealMap(r.URN, "", r.Inputs); err != nil {
		return r, nil, fmt.Errorf("%s: inputs: %w", r.Key, err)
	}
	if r.Outputs, err = sealMap(r.URN, "", r.Outputs); err != nil {
		return r, nil, fmt.Errorf("%s: outputs: %w", r.Key, err)
	}
	encoded, err := json.Marshal(line{Account: r.Account, Region: r.Region, Type: r.Type, ID: r.ID, URN: r.URN, Serial: r.Serial,
		Inputs: plainMap(r.Inputs), Outputs: plainMap(r.Outputs)})
	if err != nil {
		return r, nil, fmt.Errorf("%s: %w", r.Key, err)
	}
	return r, encoded, nil
}

func decodeResource(encoded []byte) (Resource, error) {
	var l line
	if err := strictly(encoded, &l); err != nil {
		return Resource{}, err
	}
	for _, part := range [][2]string{{"account", l.Account}, {"type", l.Type}, {"id", l.ID}, {"urn", l.URN}} {
		if part[1] == "" {
			return Resource{}, fmt.Errorf("a resource without %s", part[0])
		}
	}
	return Resource{Key: Key{Account: l.Account, Region: l.Region, Type: l.Type, ID: l.ID}, URN: l.URN, Serial: l.Serial,
		Inputs:  resource.NewPropertyMapFromMap(l.Inputs),
		Outputs: resource.NewPropertyMapFromMap(l.Outputs)}, nil
}

// decodeFile reads a whole file. Its errors do not name the file.
func decodeFile(content []byte) (*state, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(content, &version); err != nil {
		return nil, fmt.Errorf("is no JSON: %w", err)
	}
	if version.Format != formatVersion {
		return nil, fmt.Errorf("has format %d, and this program reads format %d only", version.Format, formatVersion)
	}
	var read file
	if err := strictly(content, &read); err != nil {
		return nil, err
	}
	loaded := newState()
	loaded.generation, loaded.floor = read.Generation, read.Floor
	for urn, serial := range read.Serials {
		loaded.serials[urn] = serial
	}
	for position, encoded := range read.Resources {
		r, err := decodeResource(encoded)
		if err != nil {
			return nil, fmt.Errorf("resources[%d]: %w", position, err)
		}
		if _, twice := loaded.entries[r.Key]; twice {
			return nil, fmt.Errorf("resources[%d]: %s is there twice", position, r.Key)
		}
		var compacted bytes.Buffer
		if err := json.Compact(&compacted, encoded); err != nil {
			return nil, fmt.Errorf("resources[%d]: %w", position, err)
		}
		loaded.insert(&entry{resource: r, encoded: compacted.Bytes()})
	}
	return loaded, nil
}

// encode is the whole file. Lines that did not change are not encoded again.
func (s *state) encode() ([]byte, error) {
	serials, err := json.Marshal(s.serials)
	if err != nil {
		return nil, err
	}
	var content bytes.Buffer
	// The file is written at every change: the memory for it is taken once, not doubled until it is enough.
	size := 2*len(serials) + 128
	for _, key := range s.keys {
		size += len(s.entries[key].encoded) + len(",\n")
	}
	content.Grow(size)
	fmt.Fprintf(&content, "{\"format\":%d,\"generation\":%d,\"floor\":%d,\n", formatVersion, s.generation, s.floor)
	fmt.Fprintf(&content, "\"serials\":%s,\n\"resources\":[", bytes.ReplaceAll(serials, []byte(",\""), []byte(",\n\"")))
	for position, key := range s.keys {
		if position > 0 {
			content.WriteByte(',')
		}
		content.WriteByte('\n')
		content.Write(s.entries[key].encoded)
	}
	content.WriteString("\n]}\n")
	return content.Bytes(), nil
}

// strictly decodes one JSON value with no unknown field and nothing behind it.
func strictly(content []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("more after the end at byte %d", decoder.InputOffset())
	}
	return nil
}

// plainMap is the form in which encoding/json writes properties.
func plainMap(values resource.PropertyMap) map[string]any {
	plain := make(map[string]any, len(values))
	for key, value := range values {
		plain[string(key)] = plainValue(value)
	}
	return plain
}

func plainValue(value resource.PropertyValue) any {
	switch {
	case value.IsArray():
		elements := make([]any, len(value.ArrayValue()))
		for index, element := range value.ArrayValue() {
			elements[index] = plainValue(element)
		}
		return elements
	case value.IsObject():
		return plainMap(value.ObjectValue())
	case value.IsSecret():
		return plainValue(value.SecretValue().Element)
	default:
		return value.V
	}
}
