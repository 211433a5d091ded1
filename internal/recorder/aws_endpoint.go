package recorder

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// answered are the functions that the recorder answers itself unless a test does.
var answered = map[string]func(place, resource.PropertyMap) (resource.PropertyMap, error){
	"aws:ec2/getVpcEndpointService:getVpcEndpointService": endpointService,
	"aws:index/getCallerIdentity:getCallerIdentity":       callerIdentity,
}

const (
	interfaceEndpoint = "Interface"
	// zoneLetters are those of the largest Region: the recorder does not know which of them a Region has.
	zoneLetters = "abcdef"
)

// endpointService answers that a service is offered in every zone. What nobody asks for is an interface.
func endpointService(p place, args resource.PropertyMap) (resource.PropertyMap, error) {
	asked := &Resource{Inputs: args}
	name, kind := asked.text("serviceName"), asked.text("serviceType")
	if name == "" {
		name = "com.amazonaws." + p.region + "." + asked.text("service")
	}
	if kind == "" {
		kind = interfaceEndpoint
	}
	var zones []string
	for _, letter := range zoneLetters {
		zones = append(zones, p.region+string(letter))
	}
	private := serviceDomain(name) + "." + p.region + "." + p.domain()
	answer := outputs{
		"id": name, "serviceId": "vpce-svc-0123456789abcdef0", "arn": p.arn("ec2", "vpc-endpoint-service/vpce-svc-0123456789abcdef0"),
		"serviceName": name, "serviceType": kind, "region": p.region, "owner": "amazon", "availabilityZones": zones,
		"baseEndpointDnsNames": []string{serviceDomain(name) + "." + p.region + ".vpce." + p.domain()},
		"privateDnsName":       private, "privateDnsNames": []string{private}, "supportedIpAddressTypes": []string{"ipv4"},
		"acceptanceRequired": false, "managesVpcEndpoints": false, "vpcEndpointPolicySupported": true,
		"tags": resource.NewProperty(resource.PropertyMap{}), "serviceRegions": []string{p.region},
	}.properties()
	if service := asked.text("service"); service != "" {
		answer["service"] = resource.NewProperty(service)
	}
	return answer, nil
}

// vpcEndpoint has a list of addresses when it is a gateway, as it is unless it says otherwise, and names and network interfaces
// when it is an interface.
func vpcEndpoint(p place) (string, resource.PropertyMap, error) {
	id := p.ec2ID("vpce")
	answer := outputs{
		"arn": p.arn("ec2", "vpc-endpoint/"+id), "ownerId": p.account, "state": "available", "requesterManaged": false,
		"cidrBlocks": []string{}, "networkInterfaceIds": []string{}, "prefixListId": "",
		"dnsEntries": resource.NewProperty([]resource.PropertyValue{}),
	}
	if p.text("vpcEndpointType") != interfaceEndpoint {
		answer["prefixListId"], answer["cidrBlocks"] = "pl-"+p.hex("pl", 8), []string{"192.0.2.0/24"}
		return id, answer.properties(), nil
	}
	var interfaces []string
	subnets, _ := p.find("subnetIds")
	if subnets.exists && subnets.value.IsArray() {
		for index := range subnets.value.ArrayValue() {
			interfaces = append(interfaces, "eni-0"+p.hex("eni "+string(zoneLetters[index%len(zoneLetters)]), 16))
		}
	}
	answer["networkInterfaceIds"] = interfaces
	answer["dnsEntries"] = resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
		"dnsName":      resource.NewProperty(id + "." + serviceDomain(p.text("serviceName")) + "." + p.region + ".vpce." + p.domain()),
		"hostedZoneId": resource.NewProperty("Z" + strings.ToUpper(p.hex("zone "+p.region, 13))),
	})})
	return id, answer.properties(), nil
}

// serviceDomain is a service's name as DNS has it: api.ecr for com.amazonaws.eu-central-1.ecr.api.
func serviceDomain(name string) string {
	_, rest, _ := strings.Cut(name, "com.amazonaws.")
	_, short, _ := strings.Cut(rest, ".")
	labels := strings.Split(short, ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}
