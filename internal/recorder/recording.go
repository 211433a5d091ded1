package recorder

import (
	"maps"
	"slices"
	"strings"
)

// Recording is what a program registered, in the order of URNs, which is the same every time.
type Recording struct {
	resources []*Resource
	exports   map[string]export
	stack     string
}

type export struct {
	value  any
	known  bool
	secret bool
}

func (m *monitor) recording() *Recording {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	resources := slices.Clone(m.resources)
	slices.SortFunc(resources, func(a, b *Resource) int { return strings.Compare(a.URN, b.URN) })
	stack := "urn:pulumi:" + m.settings.stack + "::" + m.settings.project + "::pulumi:pulumi:Stack::" + m.settings.project + "-" + m.settings.stack
	return &Recording{resources: resources, exports: maps.Clone(m.exports), stack: stack}
}

func (m *monitor) export(name string, value export) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.exports[name] = value
}

// StackURN is the parent of the resources at the root.
func (r *Recording) StackURN() string { return r.stack }

// All is every resource and component but the stack.
func (r *Recording) All() []*Resource { return slices.Clone(r.resources) }

// OfType is every resource whose type token is token, such as aws:lb/targetGroup:TargetGroup.
func (r *Recording) OfType(token string) []*Resource {
	return r.where(func(each *Resource) bool { return each.Type == token })
}

// ChildrenOf is every resource whose parent is urn.
func (r *Recording) ChildrenOf(urn string) []*Resource {
	return r.where(func(each *Resource) bool { return each.Parent == urn })
}

// One is the one resource with that type and name. None, or several, fail the test.
func (r *Recording) One(t TB, token, name string) *Resource {
	t.Helper()
	found := r.where(func(each *Resource) bool { return each.Type == token && each.Name == name })
	if len(found) == 1 {
		return found[0]
	}
	if len(found) > 1 {
		t.Fatalf("recorder: %d resources of type %s are called %s: %s", len(found), token, name, urns(found))
		return nil
	}
	var names []string
	for _, each := range r.OfType(token) {
		names = append(names, each.Name)
	}
	t.Fatalf("recorder: there is no %s called %s; of that type there are: %s", token, name, strings.Join(names, ", "))
	return nil
}

// ByURN is the resource with that URN; none fails the test.
func (r *Recording) ByURN(t TB, urn string) *Resource {
	t.Helper()
	for _, each := range r.resources {
		if each.URN == urn {
			return each
		}
	}
	t.Fatalf("recorder: there is no %s", urn)
	return nil
}

// Count is how many resources of each type there are. A type that is not in it has none.
func (r *Recording) Count() map[string]int {
	count := map[string]int{}
	for _, each := range r.resources {
		count[each.Type]++
	}
	return count
}

// OutputNames is what the program exports as stack outputs, sorted.
func (r *Recording) OutputNames() []string { return slices.Sorted(maps.Keys(r.exports)) }

// Output is the value of a stack output as ApplyT sees it. A missing output, or one that a preview does not know, fails the test.
func (r *Recording) Output(t TB, name string) any {
	t.Helper()
	found, exists := r.exports[name]
	switch {
	case !exists:
		t.Fatalf("recorder: the program exports no %s; it exports: %s", name, strings.Join(r.OutputNames(), ", "))
	case !found.known:
		t.Fatalf("recorder: the stack output %s is unknown in a preview", name)
	}
	return found.value
}

// OutputKnown says whether the stack output exists and has a value.
func (r *Recording) OutputKnown(name string) bool { return r.exports[name].known }

// OutputSecret says whether the stack output is a secret.
func (r *Recording) OutputSecret(name string) bool { return r.exports[name].secret }

func (r *Recording) where(fits func(*Resource) bool) []*Resource {
	var found []*Resource
	for _, each := range r.resources {
		if fits(each) {
			found = append(found, each)
		}
	}
	return found
}

func urns(resources []*Resource) string {
	names := make([]string, 0, len(resources))
	for _, each := range resources {
		names = append(names, each.URN)
	}
	return strings.Join(names, ", ")
}
