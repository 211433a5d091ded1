// Package kinds_test tests the sandbox's rules of AWS, without any engine. It belongs to the layer sandbox.
package kinds_test

import (
	"sort"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// In is the inputs of a draft or the outputs of a thing, as plain Go values: strings, numbers, booleans, []any, In and
// kinds.Unknown.
type In map[string]any

// Draft makes the inputs of one draft, after putting into the lab's world what they refer to.
type Draft func(lab *Lab) In

// Refusal is one draft that one rule refuses.
type Refusal struct {
	// Rule is the name of the rule, of the delete rule, or "reference PATH".
	Rule string
	// Before, when set, is created first; Draft is then an update of it.
	Before Draft
	// Draft is what is refused. For a delete rule it is created, and its deletion is refused.
	Draft Draft
	// Then puts into the world what stands in the way of a deletion, after the resource was created.
	Then func(lab *Lab, made *kinds.Thing)
	// Says is a part of the error.
	Says string
}

// Change is an update from Before to After, and the property that it changes.
type Change struct {
	Path          string
	Before, After Draft
}

// Suite is everything that is tested of one kind.
type Suite struct {
	// Valid are drafts that must be accepted, by name.
	Valid map[string]Draft
	// Refusals has one case at least for every rule, reference and delete rule.
	Refusals []Refusal
	// Replaces must force a new resource because of Path; Updates must not.
	Replaces, Updates []Change
}

var suites = map[string]Suite{}

// suite registers the suite of a kind.
func suite(token string, s Suite) bool {
	suites[token] = s
	return true
}

// Lab is one world with one place in it.
type Lab struct {
	t     testing.TB
	world *memoryWorld
	place kinds.Place
	made  *int
}

func newLab(t testing.TB) *Lab {
	return &Lab{t: t, world: &memoryWorld{}, place: kinds.Place{Account: "123456789012", Region: "eu-central-1"}, made: new(int)}
}

// In is a lab in another Region of the same world.
func (l *Lab) In(region string) *Lab {
	other := *l
	other.place.Region = region
	return &other
}

// Account is a lab in another account of the same world.
func (l *Lab) Account(account string) *Lab {
	other := *l
	other.place.Account = account
	return &other
}

// Put puts a thing into the world as it stands: no rule is asked.
func (l *Lab) Put(token, id string, outputs In) *kinds.Thing {
	place := l.place
	if kind, known := kinds.Of(token); known {
		place = kind.Home(place)
	}
	thing := &kinds.Thing{Place: place, Token: token, ID: id, Inputs: outputs.properties(), Outputs: outputs.properties()}
	l.world.put(thing)
	return thing
}

// Make creates a resource through its kind, whose rules must accept it.
func (l *Lab) Make(token string, inputs In) *kinds.Thing {
	l.t.Helper()
	kind, known := kinds.Of(token)
	require.True(l.t, known, "no kind of %s", token)
	*l.made++
	thing, err := l.create(kind, "made"+strings.Repeat("x", *l.made), inputs)
	require.NoError(l.t, err)
	return thing
}

func (l *Lab) subject(kind *kinds.Kind, name string) kinds.Subject {
	return kinds.Subject{Place: l.place, URN: urn.New("dev", "lab", "", urnType(kind.Token), name),
		DefaultTags: map[string]string{"stack": "dev"}}
}

func (l *Lab) create(kind *kinds.Kind, name string, inputs In) (*kinds.Thing, error) {
	subject := l.subject(kind, name)
	checked, err := check(kind, subject, nil, inputs)
	if err != nil {
		return nil, err
	}
	thing, err := kind.Create(subject, l.world, checked)
	if err == nil {
		l.world.put(thing)
	}
	return thing, err
}

func (l *Lab) update(kind *kinds.Kind, old *kinds.Thing, inputs In) error {
	subject := l.subject(kind, "web")
	checked, err := check(kind, subject, old.Inputs, inputs)
	if err != nil {
		return err
	}
	_, err = kind.Update(subject, l.world, checked, old)
	return err
}

// checkError is what the provider says at plan time.
type checkError []kinds.Failure

func (e checkError) Error() string {
	var lines []string
	for _, failure := range e {
		lines = append(lines, failure.Path+": "+failure.Reason)
	}
	return strings.Join(lines, "\n")
}

func check(kind *kinds.Kind, subject kinds.Subject, old resource.PropertyMap, inputs In) (resource.PropertyMap, error) {
	checked, failures, err := kind.Check(subject, old, inputs.properties())
	if err == nil && len(failures) > 0 {
		err = checkError(failures)
	}
	return checked, err
}

// attempt plays a case against a kind: the error of the step that the case expects to be refused.
func attempt(t testing.TB, kind *kinds.Kind, refusal Refusal, isDeletion bool) error {
	t.Helper()
	lab := newLab(t)
	if refusal.Before != nil {
		old, err := lab.create(kind, "web", refusal.Before(lab))
		require.NoError(t, err, "what is updated must be accepted")
		return lab.update(kind, old, refusal.Draft(lab))
	}
	made, err := lab.create(kind, "web", refusal.Draft(lab))
	if !isDeletion {
		return err
	}
	require.NoError(t, err, "what is deleted must be accepted")
	if refusal.Then != nil {
		refusal.Then(lab, made)
	}
	return kind.Delete(lab.subject(kind, "web"), lab.world, made)
}

func (in In) properties() resource.PropertyMap {
	properties := resource.PropertyMap{}
	for key, value := range in {
		properties[resource.PropertyKey(key)] = property(value)
	}
	return properties
}

func property(value any) resource.PropertyValue {
	switch value := value.(type) {
	case In:
		return resource.NewObjectProperty(value.properties())
	case []any:
		elements := make([]resource.PropertyValue, 0, len(value))
		for _, element := range value {
			elements = append(elements, property(element))
		}
		return resource.NewArrayProperty(elements)
	case []string:
		return kinds.Texts(value...)
	case resource.PropertyValue:
		return value
	default:
		return resource.NewPropertyValue(value)
	}
}

// memoryWorld is a World in memory.
type memoryWorld struct{ things []*kinds.Thing }

func (w *memoryWorld) put(thing *kinds.Thing) { w.things = append(w.things, thing) }

func (w *memoryWorld) Get(place kinds.Place, token, id string) *kinds.Thing {
	for _, thing := range w.things {
		if thing.Place == place && thing.Token == token && thing.ID == id {
			return thing
		}
	}
	return nil
}

func (w *memoryWorld) Everywhere(token string) []*kinds.Thing {
	var found []*kinds.Thing
	for _, thing := range w.things {
		if thing.Token == token {
			found = append(found, thing)
		}
	}
	return found
}

func (w *memoryWorld) All(place kinds.Place, token string) []*kinds.Thing {
	var found []*kinds.Thing
	for _, thing := range w.things {
		if thing.Place == place && thing.Token == token {
			found = append(found, thing)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].ID < found[j].ID })
	return found
}
