package kinds

import (
	"fmt"
	"reflect"
	"slices"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Change is one property that differs.
type Change struct {
	// Path is the property, such as healthCheck.interval or tags.owner.
	Path string
	// Replaces is true when it forces a new resource.
	Replaces bool
	// Added and Removed tell the properties that one side does not have.
	Added, Removed bool
}

// Diff is what an update from the inputs so far to new ones would change, by path. A value that is unknown counts as
// changed.
func (k *Kind) Diff(s Subject, old *Thing, inputs resource.PropertyMap) []Change {
	changes := k.compare("", bareMap(old.Inputs), bareMap(inputs))
	sort.Slice(changes, func(i, j int) bool { return changes[i].Path < changes[j].Path })
	if len(changes) == 0 {
		return nil
	}
	paths := k.Replaces
	if k.ReplacesWhen != nil {
		paths = append(slices.Clone(paths), k.ReplacesWhen(k.draft(s, emptyWorld{}, inputs, old))...)
	}
	for index := range changes {
		for _, path := range paths {
			changes[index].Replaces = changes[index].Replaces || covers(path, changes[index].Path) ||
				aboveAll(changes[index], path)
		}
	}
	return changes
}

// DeletesFirst is true when a replacement must delete the old resource before it creates the new one: when the kind says
// so, or when both have the same name because the program chose it.
func (k *Kind) DeletesFirst(old *Thing, inputs resource.PropertyMap) bool {
	if k.DeleteBeforeReplace || k.Name == nil {
		return k.DeleteBeforeReplace
	}
	name := resource.PropertyKey(k.Name.Property)
	return isSet(inputs, k.Name.Property) && !wasDefault(inputs, k.Name.Property) &&
		reflect.DeepEqual(Bare(inputs[name]), Bare(old.Inputs[name]))
}

// aboveAll is true when a whole object or list was added or removed and path lies inside it.
func aboveAll(change Change, path string) bool {
	if !change.Added && !change.Removed {
		return false
	}
	have, want := splitPath(change.Path), splitPath(path)
	if len(have) >= len(want) {
		return false
	}
	for position, step := range have {
		_, isIndex := parseIndex(step)
		if want[position] != step && (want[position] != "[]" || !isIndex) {
			return false
		}
	}
	return true
}

func (k *Kind) compare(path string, old, new resource.PropertyValue) []Change {
	switch {
	case k.isSet(path) && old.IsArray() && new.IsArray() && sameElements(old.ArrayValue(), new.ArrayValue()):
		return nil
	case old.IsObject() && new.IsObject():
		return k.compareObjects(path, old.ObjectValue(), new.ObjectValue())
	case old.IsArray() && new.IsArray():
		var changes []Change
		before, after := old.ArrayValue(), new.ArrayValue()
		for index := range max(len(before), len(after)) {
			changes = append(changes, k.compare(fmt.Sprintf("%s[%d]", path, index), element(before, index), element(after, index))...)
		}
		return changes
	case !isUnknown(new) && reflect.DeepEqual(old, new):
		return nil
	default:
		return []Change{{Path: path, Added: old.IsNull(), Removed: new.IsNull()}}
	}
}

func (k *Kind) compareObjects(path string, old, new resource.PropertyMap) []Change {
	keys := map[resource.PropertyKey]bool{}
	for key := range old {
		keys[key] = true
	}
	for key := range new {
		keys[key] = true
	}
	var changes []Change
	for key := range keys {
		changes = append(changes, k.compare(joinPath(path, string(key)), old[key], new[key])...)
	}
	return changes
}

// isSet is true for lists in which order means nothing.
func (k *Kind) isSet(path string) bool {
	return slices.ContainsFunc(k.Sets, func(set string) bool {
		return covers(set, path) && len(splitPath(set)) == len(splitPath(path))
	})
}

func sameElements(old, new []resource.PropertyValue) bool {
	if len(old) != len(new) {
		return false
	}
	rest := slices.Clone(new)
	for _, value := range old {
		index := slices.IndexFunc(rest, func(other resource.PropertyValue) bool { return reflect.DeepEqual(value, other) })
		if index < 0 {
			return false
		}
		rest = slices.Delete(rest, index, index+1)
	}
	return true
}

func element(values []resource.PropertyValue, index int) resource.PropertyValue {
	if index < len(values) {
		return values[index]
	}
	return resource.NewNullProperty()
}

func bareMap(values resource.PropertyMap) resource.PropertyValue {
	return Bare(resource.NewObjectProperty(withoutNulls(values)))
}
