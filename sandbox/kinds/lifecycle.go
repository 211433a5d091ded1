package kinds

import (
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"

	"github.com/aplomb-iac/aplomb/sandbox/schema"
)

// Subject is whose resource it is and where.
type Subject struct {
	URN urn.URN
	// Place is the account and the Region of the provider instance; the Region is set for global types too.
	Place Place
	// Serial is how many resources of this URN were created so far.
	Serial int
	// DefaultTags are those of the provider instance.
	DefaultTags map[string]string
}

// Failure is one refusal at plan time.
type Failure struct {
	// Path is the property to blame.
	Path string
	// Reason is what the provider says.
	Reason string
}

var schemas sync.Map // by *Kind's Token

// Schema is the kind's properties, read from the SDK.
func (k *Kind) Schema() (*schema.Resource, error) {
	if read, done := schemas.Load(k.Token); done {
		return read.(*schema.Resource), nil
	}
	read, err := schema.Of(k.Args, k.Resource)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.Token, err)
	}
	schemas.Store(k.Token, read)
	return read, nil
}

// Home is where a resource of this kind is stored: the place without its Region when the kind is Global.
func (k *Kind) Home(place Place) Place {
	if k.Global {
		return Place{Account: place.Account}
	}
	return place
}

func (k *Kind) draft(s Subject, w World, inputs resource.PropertyMap, old *Thing) *Draft {
	d := &Draft{Place: s.Place, kind: k, urn: s.URN, serial: s.Serial, inputs: inputs, old: old, tags: s.DefaultTags,
		world: w, seen: new(bool)}
	if old != nil {
		d.id, d.serial = old.ID, old.Serial
		if old.URN != "" {
			d.urn = urn.URN(old.URN)
		}
	}
	return d
}

// Check is what the provider does at plan time: it fills in the name, the provider's tags and the defaults, and returns
// the inputs with every refusal. old is the inputs of the resource so far, nil for a new one.
func (k *Kind) Check(s Subject, old, given resource.PropertyMap) (resource.PropertyMap, []Failure, error) {
	properties, err := k.Schema()
	if err != nil {
		return nil, nil, err
	}
	inputs := withoutNulls(given)
	var failures []Failure
	for _, problem := range properties.Inputs.Check(inputs, k.RequiredLists...) {
		failures = append(failures, Failure{Path: problem.Path, Reason: problem.Reason})
	}
	if len(failures) > 0 { // what has a wrong shape cannot be judged further
		return inputs, failures, nil
	}
	if failure := k.fillName(s, old, inputs); failure != nil {
		failures = append(failures, *failure)
	}
	k.fillTags(s, inputs)
	var before *Thing
	if old != nil {
		before = &Thing{Inputs: old, Outputs: old}
	}
	d := k.draft(s, emptyWorld{}, inputs, before)
	for _, missing := range k.Defaults {
		if *d.seen = false; missing.When == nil || (missing.When(d) && !*d.seen) {
			fillDefault(inputs, splitPath(missing.Path), missing.Value)
		}
	}
	k.fillSecrets(inputs)
	noteDefaults(inputs, given)
	for _, rule := range k.Rules {
		if rule.Stage != AtCheck {
			continue
		}
		if refusal := ask(d, rule); refusal != nil {
			failures = append(failures, Failure{Path: refusal.Path, Reason: refusal.Message})
		}
	}
	return inputs, failures, nil
}

// ask puts one rule to a draft. A refusal that rests on an unknown value does not count.
func ask(d *Draft, rule Rule) *Refusal {
	if (rule.When == OnCreate && !d.Creating()) || (rule.When == OnUpdate && d.Creating()) {
		return nil
	}
	*d.seen = false
	refusal := rule.Broken(d)
	if *d.seen {
		return nil
	}
	return refusal
}

// Preview is the outputs that a creation (old is nil) or an update will have, as far as they can be foretold.
func (k *Kind) Preview(s Subject, w World, inputs resource.PropertyMap, old *Thing) resource.PropertyMap {
	d := k.draft(s, w, inputs, old)
	d.outputs = withoutMarks(inputs)
	for _, output := range k.outputs() {
		key := resource.PropertyKey(output.Name)
		if given, set := inputs[key]; set && !given.IsNull() && !output.Always {
			continue
		}
		*d.seen = false
		foretold := !d.Creating() && (output.Fresh == nil || !output.Fresh(d))
		value := resource.MakeComputed(Text(""))
		if foretold {
			value = output.Value(d)
		}
		if *d.seen {
			value = resource.MakeComputed(Text(""))
		}
		put(d.outputs, key, value)
	}
	return d.outputs
}

// Create asks AWS for a new resource: an *APIError when it refuses, otherwise what then exists.
func (k *Kind) Create(s Subject, w World, inputs resource.PropertyMap) (*Thing, error) {
	d := k.draft(s, w, inputs, nil)
	if err := k.applyRules(d, k.API.Create); err != nil {
		return nil, err
	}
	return k.answer(d), nil
}

// Update asks AWS to change a resource in place.
func (k *Kind) Update(s Subject, w World, inputs resource.PropertyMap, old *Thing) (*Thing, error) {
	d := k.draft(s, w, inputs, old)
	if err := k.applyRules(d, k.API.Update); err != nil {
		return nil, err
	}
	return k.answer(d), nil
}

// Delete asks AWS whether a resource may go: nil, or an *APIError.
func (k *Kind) Delete(s Subject, w World, old *Thing) error {
	d := k.draft(s, w, old.Inputs, old)
	for _, rule := range k.DeleteRules {
		if message := rule.Blocked(d); message != "" {
			return k.refuse(d, "deleting", orElse(rule.Operation, k.API.Delete), rule.Code, message)
		}
	}
	return nil
}

func (k *Kind) applyRules(d *Draft, operation string) error {
	verb := "updating"
	if d.Creating() {
		verb = "creating"
	}
	for _, reference := range k.References {
		if value := dangling(d, reference); value != "" {
			return k.refuse(d, verb, orElse(reference.Operation, operation), reference.Code, fmt.Sprintf(reference.Message, value))
		}
	}
	for _, rule := range k.Rules {
		if rule.Stage != AtApply {
			continue
		}
		if refusal := ask(d, rule); refusal != nil {
			return k.refuse(d, verb, orElse(rule.Operation, operation), rule.Code, refusal.Message)
		}
	}
	return nil
}

// answer is what exists after AWS agreed.
func (k *Kind) answer(d *Draft) *Thing {
	d.outputs = withoutMarks(d.inputs)
	for _, output := range k.outputs() {
		key := resource.PropertyKey(output.Name)
		if given, set := d.inputs[key]; !set || given.IsNull() || output.Always {
			put(d.outputs, key, output.Value(d))
		}
	}
	if d.Creating() {
		d.id = k.ID(d)
	}
	return &Thing{Place: k.Home(d.Place), Token: k.Token, ID: d.id, URN: string(d.urn), Serial: d.serial,
		Inputs: d.inputs, Outputs: d.outputs}
}

// dangling is the first value of a reference that points at nothing. An update is asked only about values that are new.
func dangling(d *Draft, reference Reference) string {
	before := map[string]bool{}
	if d.old != nil {
		for _, value := range (Value{value: resource.NewObjectProperty(d.old.Inputs)}).Each(reference.Path) {
			before[value.Text()] = true
		}
	}
	for _, value := range d.Each(reference.Path) {
		text := value.Text()
		if text == "" || before[text] || (reference.Skip != nil && reference.Skip(text)) || exists(d, reference, text) {
			continue
		}
		return text
	}
	return ""
}

func exists(d *Draft, reference Reference, value string) bool {
	places := []string{d.Region}
	if reference.AnyRegion {
		places = RegionNames()
	}
	for _, region := range places {
		elsewhere := *d
		elsewhere.Region = region
		for _, token := range reference.To {
			if reference.By == "" && elsewhere.Find(token, value) != nil {
				return true
			}
			if reference.By != "" && elsewhere.FindBy(token, reference.By, value) != nil {
				return true
			}
		}
	}
	return false
}

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
