package provider

import (
	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// world is the cloud as package kinds looks at it.
type world struct{ tx *cloud.Tx }

func (w world) Get(place kinds.Place, token, id string) *kinds.Thing {
	found := w.tx.Get(cloud.Key{Account: place.Account, Region: place.Region, Type: token, ID: id})
	if found == nil {
		return nil
	}
	return thing(found)
}

func (w world) All(place kinds.Place, token string) []*kinds.Thing {
	var things []*kinds.Thing
	for _, found := range w.tx.All(place.Account, place.Region, token) {
		things = append(things, thing(found))
	}
	return things
}

func (w world) Everywhere(token string) []*kinds.Thing {
	var things []*kinds.Thing
	for _, found := range w.tx.Everywhere(token) {
		things = append(things, thing(found))
	}
	return things
}

func thing(r *cloud.Resource) *kinds.Thing {
	return &kinds.Thing{Place: kinds.Place{Account: r.Account, Region: r.Region}, Token: r.Type, ID: r.ID, URN: r.URN,
		Serial: r.Serial, Inputs: r.Inputs, Outputs: r.Outputs}
}

func stored(t *kinds.Thing) cloud.Resource {
	return cloud.Resource{Key: cloud.Key{Account: t.Account, Region: t.Region, Type: t.Token, ID: t.ID}, URN: t.URN,
		Serial: t.Serial, Inputs: t.Inputs, Outputs: t.Outputs}
}
