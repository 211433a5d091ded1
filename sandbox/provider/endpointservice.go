package provider

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// endpointService answers the one service that VPC endpoints can be made to and that fits what is asked for.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html
func endpointService(place kinds.Place, args kinds.Value) (resource.PropertyMap, error) {
	fitting, err := endpointServices(place, args)
	switch {
	case err != nil:
		return nil, err
	case len(fitting) == 0:
		return nil, fmt.Errorf("no matching EC2 VPC Endpoint Service found")
	case len(fitting) > 1:
		return nil, fmt.Errorf("multiple EC2 VPC Endpoint Services matched; use additional constraints to reduce matches to a single EC2 VPC Endpoint Service")
	}
	answer := serviceDetails(place, fitting[0])
	for _, name := range args.Keys() {
		answer[resource.PropertyKey(name)] = args.Key(name).Property()
	}
	return answer, nil
}

// endpointServices is every service that fits what is asked for.
func endpointServices(place kinds.Place, args kinds.Value) ([]kinds.EndpointService, error) {
	if args.At("service").Exists() && args.At("serviceName").Exists() {
		return nil, fmt.Errorf("%q: conflicts with serviceName", "service")
	}
	for _, region := range args.At("serviceRegions").Texts() {
		if region != place.Region {
			return nil, fmt.Errorf("serviceRegions: the sandbox has no services of other Regions, such as %s", region)
		}
	}
	if tags := args.At("tags"); len(tags.Keys()) > 0 {
		return nil, nil // AWS's own services have no tags
	}
	name := args.At("serviceName").Text()
	if service := args.At("service").Text(); service != "" {
		name = "com.amazonaws." + place.Region + "." + service
	}
	known := false
	var fitting []kinds.EndpointService
	for _, service := range kinds.EndpointServices(place.Region) {
		known = known || service.Name == name
		matches, err := serviceMatches(service, name, args)
		if err != nil {
			return nil, err
		}
		if matches {
			fitting = append(fitting, service)
		}
	}
	if name != "" && !known {
		return nil, fmt.Errorf("reading EC2 VPC Endpoint Services: operation error EC2: DescribeVpcEndpointServices, api error InvalidServiceName: The Vpc Endpoint Service '%s' does not exist", name)
	}
	return fitting, nil
}

func serviceMatches(service kinds.EndpointService, name string, args kinds.Value) (bool, error) {
	kind := args.At("serviceType").Text()
	matches := (name == "" || service.Name == name) && (kind == "" || service.Type == kind)
	values := map[string]string{"service-name": service.Name, "service-type": service.Type, "owner": "amazon",
		"supported-ip-address-types": "ipv4"}
	for _, filter := range args.At("filters").List() {
		value, known := values[filter.At("name").Text()]
		if !known {
			return false, fmt.Errorf("operation error EC2: DescribeVpcEndpointServices, api error InvalidParameterValue: The filter '%s' is invalid",
				filter.At("name").Text())
		}
		matches = matches && slices.Contains(filter.At("values").Texts(), value)
	}
	return matches, nil
}

// serviceDetails is what AWS says of a service. Every service of the sandbox takes endpoint policies; of some of AWS's that is
// not so.
func serviceDetails(place kinds.Place, service kinds.EndpointService) resource.PropertyMap {
	here := kinds.RegionOf(place.Region)
	id := "vpce-svc-" + service.ID
	names, bases := []string{}, []string{}
	if service.PrivateName != "" {
		names = append(names, service.PrivateName)
	}
	if service.Domain != "" {
		bases = append(bases, service.Domain)
	}
	return resource.PropertyMap{
		"id": kinds.Text(service.ID), "serviceId": kinds.Text(id), "serviceName": kinds.Text(service.Name), "serviceType": kinds.Text(service.Type),
		"arn":               kinds.Text(fmt.Sprintf("arn:%s:ec2:%s:%s:vpc-endpoint-service/%s", here.Partition, here.Name, place.Account, id)),
		"availabilityZones": kinds.Texts(service.Zones...), "baseEndpointDnsNames": kinds.Texts(bases...),
		"privateDnsName": kinds.Text(service.PrivateName), "privateDnsNames": kinds.Texts(names...), "owner": kinds.Text("amazon"),
		"region": kinds.Text(here.Name), "acceptanceRequired": kinds.Flag(false), "managesVpcEndpoints": kinds.Flag(false),
		"supportedIpAddressTypes": kinds.Texts("ipv4"), "tags": kinds.Object(resource.PropertyMap{}), "vpcEndpointPolicySupported": kinds.Flag(true),
	}
}
