package cloud

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// entry is one resource with its line of the file.
type entry struct {
	resource Resource
	encoded  []byte
}

// state is the cloud in memory.
type state struct {
	generation, floor int
	serials           map[string]int
	entries           map[Key]*entry
	keys              []Key // sorted
}

func newState() *state { return &state{serials: map[string]int{}, entries: map[Key]*entry{}} }

func (s *state) insert(e *entry) {
	if _, there := s.entries[e.resource.Key]; !there {
		position, _ := slices.BinarySearchFunc(s.keys, e.resource.Key, compareKeys)
		s.keys = slices.Insert(s.keys, position, e.resource.Key)
	}
	s.entries[e.resource.Key] = e
}

func (s *state) remove(key Key) {
	if position, found := slices.BinarySearchFunc(s.keys, key, compareKeys); found {
		s.keys = slices.Delete(s.keys, position, position+1)
	}
	delete(s.entries, key)
}

// Tx is one change of the cloud: it sees what is there, and everything it does happens together or not at all. It must
// not be used after the function that received it returned.
type Tx struct {
	state *state
	undo  []func()
	dirty bool
}

// Get is the resource with a key, or nil. What it returns must not be changed.
func (t *Tx) Get(key Key) *Resource {
	if found := t.state.entries[key]; found != nil {
		return &found.resource
	}
	return nil
}

// All is every resource of a type in one place, by id. What it returns must not be changed.
func (t *Tx) All(account, region, kind string) []*Resource {
	first, _ := slices.BinarySearchFunc(t.state.keys, Key{Account: account, Region: region, Type: kind}, compareKeys)
	var found []*Resource
	for _, key := range t.state.keys[first:] {
		if key.Account != account || key.Region != region || key.Type != kind {
			break
		}
		found = append(found, &t.state.entries[key].resource)
	}
	return found
}

// Everywhere is every resource of a type in any account and Region, sorted by them and by id. What it returns must not be
// changed.
func (t *Tx) Everywhere(kind string) []*Resource {
	var found []*Resource
	for _, key := range t.state.keys {
		if key.Type == kind {
			found = append(found, &t.state.entries[key].resource)
		}
	}
	return found
}

// Serial is how many resources of a URN were created so far.
func (t *Tx) Serial(urn string) int {
	if serial, counted := t.state.serials[urn]; counted {
		return serial
	}
	return t.state.floor
}

// Create adds a resource and counts it. Its key must be free.
func (t *Tx) Create(r Resource) error {
	if t.state.entries[r.Key] != nil {
		return fmt.Errorf("%s exists already", r.Key)
	}
	if err := t.put(r); err != nil {
		return err
	}
	before, counted := t.state.serials[r.URN]
	t.undo = append(t.undo, func() {
		if t.state.serials[r.URN] = before; !counted {
			delete(t.state.serials, r.URN)
		}
	})
	t.state.serials[r.URN] = t.serialAfter(r)
	return nil
}

func (t *Tx) serialAfter(r Resource) int { return max(t.Serial(r.URN), r.Serial) + 1 }

// Update replaces a resource that exists.
func (t *Tx) Update(r Resource) error {
	if t.state.entries[r.Key] == nil {
		return fmt.Errorf("%s: %w", r.Key, ErrNotFound)
	}
	return t.put(r)
}

// Delete removes a resource, and reports whether it was there. With the last resource of a stack the counts of the
// stack's URNs go too, and the floor rises so that no id of it is used again.
func (t *Tx) Delete(key Key) bool {
	gone := t.state.entries[key]
	if gone == nil {
		return false
	}
	serials, floor := t.state.serials, t.state.floor
	t.undo = append(t.undo, func() {
		t.state.insert(gone)
		t.state.serials, t.state.floor = serials, floor
	})
	t.dirty = true
	t.state.remove(key)
	t.forget(stackOf(gone.resource.URN))
	return true
}

// forget drops the counts of a stack that has no resource any more.
func (t *Tx) forget(stack string) {
	for _, other := range t.state.entries {
		if stackOf(other.resource.URN) == stack {
			return
		}
	}
	kept := map[string]int{}
	for urn, serial := range t.state.serials {
		if stackOf(urn) == stack {
			t.state.floor = max(t.state.floor, serial)
		} else {
			kept[urn] = serial
		}
	}
	t.state.serials = kept
}

func (t *Tx) put(r Resource) error {
	sealed, encoded, err := encodeResource(r)
	if err != nil {
		return err
	}
	before := t.state.entries[r.Key]
	t.undo = append(t.undo, func() {
		if before == nil {
			t.state.remove(r.Key)
		} else {
			t.state.insert(before)
		}
	})
	t.dirty = true
	t.state.insert(&entry{resource: sealed, encoded: encoded})
	return nil
}

func (t *Tx) rollback() {
	for _, step := range slices.Backward(t.undo) {
		step()
	}
}

// copyOf is a resource that shares nothing with the cloud.
func copyOf(r *Resource) Resource {
	copied := *r
	copied.Inputs = resource.NewPropertyMapFromMap(plainMap(r.Inputs))
	copied.Outputs = resource.NewPropertyMapFromMap(plainMap(r.Outputs))
	return copied
}
