package kinds

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// Place is where a resource lives. Region is empty for types that an account has once.
type Place struct {
	Account string `json:"account"`
	Region  string `json:"region,omitempty"`
}

// Thing is one resource that exists.
type Thing struct {
	Place
	// Token is its type, ID what AWS calls it, URN what the engine calls it.
	Token, ID, URN string
	// Serial is how many resources of the same URN were created before it: it tells a replacement from the replaced.
	Serial int
	// Inputs is what was asked for last, Outputs what AWS answered last.
	Inputs, Outputs resource.PropertyMap
}

// At is the output at a path, such as vpcId or healthCheck.path.
func (t *Thing) At(path string) Value {
	return Value{value: resource.NewObjectProperty(t.Outputs)}.At(path)
}

// Text is the string output at a path, or "".
func (t *Thing) Text(path string) string { return t.At(path).Text() }

// World is what exists. What it returns must not be changed.
type World interface {
	// Get is the resource of this type and id in this place, or nil.
	Get(place Place, token, id string) *Thing
	// All is every resource of this type in this place, by id.
	All(place Place, token string) []*Thing
	// Everywhere is every resource of this type in any account and Region: for names that are unique among all of them, as
	// buckets' are.
	Everywhere(token string) []*Thing
}

// emptyWorld is the world at plan time: nothing that a draft points at can be looked up yet.
type emptyWorld struct{}

func (emptyWorld) Get(Place, string, string) *Thing { return nil }
func (emptyWorld) All(Place, string) []*Thing       { return nil }
func (emptyWorld) Everywhere(string) []*Thing       { return nil }
