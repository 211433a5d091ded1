package deploy

import (
	"cmp"
	"slices"
)

// Op is what happens to a resource.
type Op string

// The operations on a resource, in the order of how much is lost by them.
const (
	OpSame    Op = "same"
	OpRead    Op = "read"
	OpImport  Op = "import"
	OpUpdate  Op = "update"
	OpCreate  Op = "create"
	OpDelete  Op = "delete"
	OpReplace Op = "replace"
)

// engineOps maps the engine's steps. A replacement is several steps on one resource.
var engineOps = map[string]Op{
	"same": OpSame, "read": OpRead, "refresh": OpSame,
	"update": OpUpdate, "create": OpCreate, "delete": OpDelete, "import": OpImport,
	"replace": OpReplace, "create-replacement": OpReplace, "delete-replaced": OpReplace, "import-replacement": OpReplace,
	"read-replacement": OpReplace, "discard": OpDelete, "discard-replaced": OpReplace, "remove-pending-replace": OpReplace,
}

// rank orders operations; of several steps on one resource the highest names what happens to it.
var rank = map[Op]int{OpSame: 0, OpRead: 1, OpImport: 2, OpUpdate: 3, OpCreate: 4, OpDelete: 5, OpReplace: 6}

// Step is what happens to one resource.
type Step struct {
	URN  string `json:"urn"`
	Type string `json:"type"`
	Name string `json:"name"`
	// Component is the name of the component it belongs to, empty for none.
	Component string `json:"component,omitempty"`
	Op        Op     `json:"op"`
	// Keys are the properties that force a replacement.
	Keys []string `json:"keys,omitempty"`
	// Changed are the paths of the properties that change.
	Changed []string `json:"changed,omitempty"`

	componentType string
}

// Changes counts resources by what happens to them. The stack itself and the providers that the engine makes up do not count.
type Changes struct {
	Create  int `json:"create"`
	Update  int `json:"update"`
	Replace int `json:"replace"`
	Delete  int `json:"delete"`
	Same    int `json:"same"`
}

// Any says whether anything changes.
func (c Changes) Any() bool { return c.Create+c.Update+c.Replace+c.Delete > 0 }

func (c *Changes) add(op Op) {
	switch op {
	case OpCreate, OpImport:
		c.Create++
	case OpUpdate:
		c.Update++
	case OpReplace:
		c.Replace++
	case OpDelete:
		c.Delete++
	case OpSame, OpRead:
		c.Same++
	}
}

// ComponentChanges is what happens to one component, itself and everything in it.
type ComponentChanges struct {
	// Name is the component's name. It is empty for what belongs to no component, such as a provider;
	// the command shows that as (stack).
	Name    string  `json:"name"`
	Type    string  `json:"type,omitempty"`
	Changes Changes `json:"changes"`
	// Steps are its resources that change, by URN.
	Steps []Step `json:"steps,omitempty"`
}

// summarize counts steps, in total and by component, in the order of names.
func summarize(steps []Step) (total Changes, components []ComponentChanges) {
	// A service and a database may have one name.
	by := map[[2]string]int{}
	for _, step := range steps {
		if !counted(step.Type, step.Name) {
			continue
		}
		key := [2]string{step.Component, step.componentType}
		at, known := by[key]
		if !known {
			at = len(components)
			by[key] = at
			components = append(components, ComponentChanges{Name: step.Component, Type: step.componentType})
		}
		total.add(step.Op)
		components[at].Changes.add(step.Op)
		if step.Op != OpSame && step.Op != OpRead {
			components[at].Steps = append(components[at].Steps, step)
		}
	}
	slices.SortFunc(components, func(a, b ComponentChanges) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type))
	})
	return total, components
}
