package provider

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
	"github.com/aplomb-iac/aplomb/sandbox/schema"
)

// question is one function that a program can call.
type question struct {
	// args is the SDK's argument struct, from which the property names and types are read.
	args reflect.Type
	// answer returns what AWS would say in a place, or a refusal.
	answer func(place kinds.Place, args kinds.Value) (resource.PropertyMap, error)
}

var questions = map[string]question{
	"aws:index/getCallerIdentity:getCallerIdentity":       {reflect.TypeOf(aws.GetCallerIdentityArgs{}), callerIdentity},
	"aws:index/getRegion:getRegion":                       {reflect.TypeOf(aws.GetRegionArgs{}), region},
	"aws:index/getPartition:getPartition":                 {reflect.TypeOf(aws.GetPartitionArgs{}), partition},
	"aws:index/getAvailabilityZones:getAvailabilityZones": {reflect.TypeOf(aws.GetAvailabilityZonesArgs{}), zones},
	"aws:ec2/getVpcEndpointService:getVpcEndpointService": {reflect.TypeOf(ec2.LookupVpcEndpointServiceArgs{}), endpointService},
}

// Invoke answers a function that a program calls.
func (s *Server) Invoke(ctx context.Context, request *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	asked, known := questions[request.GetTok()]
	if !known {
		return nil, status.Error(codes.Unimplemented, unknownInvoke(request.GetTok()))
	}
	config, err := configOf(ctx)
	if err != nil {
		return nil, err
	}
	args, err := fromEngine("args", request.GetArgs())
	if err != nil {
		return nil, refused(err)
	}
	response := &pulumirpc.InvokeResponse{}
	for _, problem := range schema.OfPlain(asked.args).Check(args) {
		response.Failures = append(response.Failures, &pulumirpc.CheckFailure{Property: problem.Path, Reason: problem.Reason})
	}
	if len(response.Failures) > 0 {
		return response, nil
	}
	answer, err := asked.answer(config.place, kinds.ValueOf(args))
	if err != nil {
		return nil, refused(err)
	}
	response.Return, err = toEngine("return", answer)
	return response, refused(err)
}

// Functions are the tokens of what the sandbox answers.
func Functions() []string { return slices.Sorted(maps.Keys(questions)) }

func unknownInvoke(token string) string {
	return fmt.Sprintf("the sandbox does not know the function %q; it answers %s", token, strings.Join(Functions(), ", "))
}

func callerIdentity(place kinds.Place, _ kinds.Value) (resource.PropertyMap, error) {
	return resource.PropertyMap{
		"accountId": kinds.Text(place.Account), "id": kinds.Text(place.Account),
		"arn":    kinds.Text(fmt.Sprintf("arn:%s:iam::%s:user/sandbox", kinds.RegionOf(place.Region).Partition, place.Account)),
		"userId": kinds.Text("AIDASANDBOXSANDBOX000"),
	}, nil
}

func region(place kinds.Place, args kinds.Value) (resource.PropertyMap, error) {
	name := place.Region
	for _, asked := range []string{args.At("name").Text(), args.At("id").Text()} {
		if asked != "" {
			name = asked
		}
	}
	endpoint := args.At("endpoint").Text()
	for _, candidate := range kinds.RegionNames() {
		if endpoint == "ec2."+candidate+"."+kinds.RegionOf(candidate).DNSSuffix {
			name, endpoint = candidate, ""
		}
	}
	if endpoint != "" || !kinds.KnownRegion(name) {
		return nil, fmt.Errorf("finding Region using name (%s) and endpoint (%s): no matching EC2 Region found", name, endpoint)
	}
	return resource.PropertyMap{
		"name": kinds.Text(name), "id": kinds.Text(name), "description": kinds.Text(name),
		"endpoint": kinds.Text("ec2." + name + "." + kinds.RegionOf(name).DNSSuffix),
	}, nil
}

func partition(place kinds.Place, _ kinds.Value) (resource.PropertyMap, error) {
	here := kinds.RegionOf(place.Region)
	labels := strings.Split(here.DNSSuffix, ".")
	slices.Reverse(labels)
	return resource.PropertyMap{
		"partition": kinds.Text(here.Partition), "id": kinds.Text(here.Partition), "dnsSuffix": kinds.Text(here.DNSSuffix),
		"reverseDnsPrefix": kinds.Text(strings.Join(labels, ".")),
	}, nil
}

// zones answers the Availability Zones of the place. Every zone of the sandbox is available, none is a Local Zone.
func zones(place kinds.Place, args kinds.Value) (resource.PropertyMap, error) {
	here := kinds.RegionOf(place.Region)
	var names, ids []string
	for index, name := range here.Zones() {
		zone := map[string]string{"zone-name": name, "zone-id": here.ZoneIDs()[index], "state": "available", "region-name": here.Name,
			"zone-type": "availability-zone", "opt-in-status": "opt-in-not-required", "group-name": here.Name + "-zg-1"}
		matches, err := zoneMatches(zone, args)
		if err != nil {
			return nil, err
		}
		if matches {
			names, ids = append(names, name), append(ids, zone["zone-id"])
		}
	}
	answer := resource.PropertyMap{"id": kinds.Text(here.Name), "names": kinds.Texts(names...), "zoneIds": kinds.Texts(ids...),
		"groupNames": kinds.Texts(here.Name + "-zg-1")}
	for _, name := range args.Keys() {
		answer[resource.PropertyKey(name)] = args.Key(name).Property()
	}
	return answer, nil
}

func zoneMatches(zone map[string]string, args kinds.Value) (bool, error) {
	matches := !slices.Contains(args.At("excludeNames").Texts(), zone["zone-name"]) &&
		!slices.Contains(args.At("excludeZoneIds").Texts(), zone["zone-id"])
	switch state := args.At("state").Text(); state {
	case "", "available":
	case "information", "impaired", "unavailable":
		matches = false
	default:
		return false, fmt.Errorf("expected state to be one of [available information impaired unavailable], got %s", state)
	}
	for _, filter := range args.At("filters").List() {
		value, known := zone[filter.At("name").Text()]
		if !known {
			return false, fmt.Errorf("operation error EC2: DescribeAvailabilityZones, api error InvalidParameterValue: The filter '%s' is invalid",
				filter.At("name").Text())
		}
		matches = matches && slices.Contains(filter.At("values").Texts(), value)
	}
	return matches, nil
}
