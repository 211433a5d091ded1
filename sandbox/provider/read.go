package provider

import (
	"context"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
	"github.com/aplomb-iac/aplomb/sandbox/schema"
)

// Read answers what is true of a resource now, for refresh and import. One that is gone is an answer without id.
func (s *Server) Read(ctx context.Context, request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	op, err := s.operation(ctx, request.GetUrn())
	if err != nil {
		return nil, err
	}
	heldOutputs, err := fromEngine("properties", request.GetProperties())
	if err != nil {
		return nil, refused(err)
	}
	heldInputs, err := fromEngine("inputs", request.GetInputs())
	if err != nil {
		return nil, refused(err)
	}
	found, err := s.look(op.key(request.GetId()))
	if err != nil {
		return nil, refused(err)
	}
	if found == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	properties, err := op.kind.Schema()
	if err != nil {
		return nil, refused(err)
	}
	// Without outputs the engine has not seen the resource yet, and has its inputs, if any, from when it asked for it.
	seen := len(heldOutputs) > 0
	if !seen {
		heldOutputs = heldInputs
	}
	outputs := cloud.RevealMap(found.URN, "", found.Outputs, heldOutputs)
	inputs := drifted(properties.Inputs, heldInputs, heldOutputs, outputs)
	if !seen {
		inputs = imported(properties.Inputs, found.Inputs, outputs)
	}
	response := &pulumirpc.ReadResponse{Id: found.ID}
	if response.Properties, err = toEngine("properties", outputs); err != nil {
		return nil, refused(err)
	}
	response.Inputs, err = toEngine("inputs", inputs)
	return response, refused(err)
}

func (s *Server) look(key cloud.Key) (*cloud.Resource, error) {
	var found *cloud.Resource
	err := s.cloud.View(func(tx *cloud.Tx) error {
		if there := tx.Get(key); there != nil {
			copied := *there
			found = &copied
		}
		return nil
	})
	return found, err
}

// drifted is the inputs that would give the outputs of now: those that the engine holds, with every property that is not
// what the engine last saw. So a refresh without change changes nothing, and a value that somebody edited becomes an
// input that differs from the program's.
func drifted(shape *schema.Type, held, before, now resource.PropertyMap) resource.PropertyMap {
	inputs := held.Copy()
	for _, field := range shape.Fields {
		key := resource.PropertyKey(field.Name)
		was, is := before[key], now[key]
		if reflect.DeepEqual(kinds.Bare(was), kinds.Bare(is)) {
			continue
		}
		if is.IsNull() {
			delete(inputs, key)
		} else {
			inputs[key] = is
		}
	}
	return inputs
}

// imported is the inputs of a resource that the engine does not hold yet: what was asked for when it was made, as it is
// now.
func imported(shape *schema.Type, asked, now resource.PropertyMap) resource.PropertyMap {
	inputs := resource.PropertyMap{}
	for _, field := range shape.Fields {
		key := resource.PropertyKey(field.Name)
		if _, given := asked[key]; given && !now[key].IsNull() {
			inputs[key] = now[key]
		}
	}
	return inputs
}
