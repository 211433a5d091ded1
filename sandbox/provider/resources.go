package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// Check fills in what the provider fills in at plan time, and refuses what it refuses then.
func (s *Server) Check(ctx context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	op, err := s.operation(ctx, request.GetUrn())
	if err != nil {
		return nil, err
	}
	var old resource.PropertyMap
	if request.GetOlds() != nil {
		if old, err = fromEngine("olds", request.GetOlds()); err != nil {
			return nil, refused(err)
		}
	}
	if len(old) == 0 {
		old = nil
	}
	given, err := fromEngine("news", request.GetNews())
	if err != nil {
		return nil, refused(err)
	}
	if err := s.cloud.View(func(tx *cloud.Tx) error {
		op.subject.Serial = tx.Serial(request.GetUrn())
		return nil
	}); err != nil {
		return nil, refused(err)
	}
	inputs, failures, err := op.kind.Check(op.subject, old, given)
	if err != nil {
		return nil, refused(err)
	}
	response := &pulumirpc.CheckResponse{}
	for _, failure := range failures {
		response.Failures = append(response.Failures, &pulumirpc.CheckFailure{Property: failure.Path, Reason: failure.Reason})
	}
	response.Inputs, err = toEngine("inputs", inputs)
	return response, refused(err)
}

// Diff says what an update would change and whether it forces a new resource.
func (s *Server) Diff(ctx context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	op, err := s.operation(ctx, request.GetUrn())
	if err != nil {
		return nil, err
	}
	var old kinds.Thing
	old.Place, old.Token, old.ID, old.URN = op.kind.Home(op.subject.Place), op.kind.Token, request.GetId(), request.GetUrn()
	if old.Inputs, err = fromEngine("old inputs", request.GetOldInputs()); err != nil {
		return nil, refused(err)
	}
	if old.Outputs, err = fromEngine("olds", request.GetOlds()); err != nil {
		return nil, refused(err)
	}
	inputs, err := fromEngine("news", request.GetNews())
	if err != nil {
		return nil, refused(err)
	}
	return difference(op.kind, &old, inputs, op.kind.Diff(op.subject, &old, inputs)), nil
}

// difference is the engine's form of changes.
func difference(kind *kinds.Kind, old *kinds.Thing, inputs resource.PropertyMap, changes []kinds.Change) *pulumirpc.DiffResponse {
	response := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE, HasDetailedDiff: true,
		DetailedDiff: map[string]*pulumirpc.PropertyDiff{}}
	for _, change := range changes {
		response.Changes = pulumirpc.DiffResponse_DIFF_SOME
		response.Diffs = append(response.Diffs, change.Path)
		response.DetailedDiff[change.Path] = &pulumirpc.PropertyDiff{Kind: kindOf(change), InputDiff: true}
		if change.Replaces {
			response.Replaces = append(response.Replaces, change.Path)
		}
	}
	response.DeleteBeforeReplace = len(response.Replaces) > 0 && kind.DeletesFirst(old, inputs)
	return response
}

func kindOf(change kinds.Change) pulumirpc.PropertyDiff_Kind {
	forms := [3]pulumirpc.PropertyDiff_Kind{pulumirpc.PropertyDiff_UPDATE, pulumirpc.PropertyDiff_ADD, pulumirpc.PropertyDiff_DELETE}
	if change.Replaces {
		forms = [3]pulumirpc.PropertyDiff_Kind{pulumirpc.PropertyDiff_UPDATE_REPLACE, pulumirpc.PropertyDiff_ADD_REPLACE,
			pulumirpc.PropertyDiff_DELETE_REPLACE}
	}
	switch {
	case change.Added:
		return forms[1]
	case change.Removed:
		return forms[2]
	default:
		return forms[0]
	}
}

// Create makes a resource, or foretells its outputs in a preview.
func (s *Server) Create(ctx context.Context, request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	op, err := s.operation(ctx, request.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := fromEngine("inputs", request.GetProperties())
	if err != nil {
		return nil, refused(err)
	}
	if request.GetPreview() {
		var foretold resource.PropertyMap
		err := s.cloud.View(func(tx *cloud.Tx) error {
			op.subject.Serial = tx.Serial(request.GetUrn())
			foretold = op.kind.Preview(op.subject, world{tx}, inputs, nil)
			return nil
		})
		if err != nil {
			return nil, refused(err)
		}
		properties, err := toEngine("outputs", foretold)
		return &pulumirpc.CreateResponse{Properties: properties}, refused(err)
	}
	var made *kinds.Thing
	err = s.cloud.Update(ctx, func(tx *cloud.Tx) (err error) {
		op.subject.Serial = tx.Serial(request.GetUrn())
		if made, err = op.kind.Create(op.subject, world{tx}, inputs); err != nil {
			return err
		}
		return tx.Create(stored(made))
	})
	if err != nil {
		return nil, refused(err)
	}
	properties, err := toEngine("outputs", made.Outputs)
	return &pulumirpc.CreateResponse{Id: made.ID, Properties: properties}, refused(err)
}

// Update changes a resource in place, or foretells its outputs in a preview.
func (s *Server) Update(ctx context.Context, request *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	op, err := s.operation(ctx, request.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := fromEngine("news", request.GetNews())
	if err != nil {
		return nil, refused(err)
	}
	before, err := fromEngine("old inputs", request.GetOldInputs())
	if err != nil {
		return nil, refused(err)
	}
	var outputs resource.PropertyMap
	play := func(tx *cloud.Tx) error {
		found := tx.Get(op.key(request.GetId()))
		if found == nil {
			return fmt.Errorf("updating %s (%s): couldn't find resource; run refresh to let the engine see that it is gone",
				op.kind.API.Noun, request.GetId())
		}
		old := thing(found)
		old.Inputs = before
		if request.GetPreview() {
			outputs = op.kind.Preview(op.subject, world{tx}, inputs, old)
			return nil
		}
		made, err := op.kind.Update(op.subject, world{tx}, inputs, old)
		if err != nil {
			return err
		}
		outputs = made.Outputs
		return tx.Update(stored(made))
	}
	if request.GetPreview() {
		err = s.cloud.View(play)
	} else {
		err = s.cloud.Update(ctx, play)
	}
	if err != nil {
		return nil, refused(err)
	}
	properties, err := toEngine("outputs", outputs)
	return &pulumirpc.UpdateResponse{Properties: properties}, refused(err)
}

// Delete removes a resource. One that is gone already is no error.
func (s *Server) Delete(ctx context.Context, request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	op, err := s.operation(ctx, request.GetUrn())
	if err != nil {
		return nil, err
	}
	err = s.cloud.Update(ctx, func(tx *cloud.Tx) error {
		key := op.key(request.GetId())
		found := tx.Get(key)
		if found == nil {
			return nil
		}
		if err := op.kind.Delete(op.subject, world{tx}, thing(found)); err != nil {
			return err
		}
		tx.Delete(key)
		return nil
	})
	return &emptypb.Empty{}, refused(err)
}
