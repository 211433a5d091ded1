package kinds

import (
	"fmt"
	"slices"
	"strings"
)

// The default quotas of endpoints, and the longest policy, white space included.
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html
const (
	mostInterfaces     = 50 // of one VPC
	mostGateways       = 20 // of one Region
	mostEndpointPolicy = 20480
)

// endpointShape is what the provider refuses at plan time, and what the sandbox has no kinds for.
func endpointShape() []Rule {
	return []Rule{
		lacking("resource and service-network endpoints, no services of other Regions, and no addresses of your own", "resourceConfigurationArn",
			"serviceNetworkArn", "serviceRegion", "subnetConfigurations[].ipv4", "subnetConfigurations[].ipv6", "subnetConfigurations[].subnetId"),
		OneOf("vpcEndpointType", gatewayEndpoint, interfaceEndpoint, "GatewayLoadBalancer", "Resource", "ServiceNetwork"),
		OneOf("ipAddressType", "ipv4", "dualstack", "ipv6"), OneOf("dnsOptions.dnsRecordIpType", "ipv4", "dualstack", "ipv6", "service-defined"),
		policyJSON("policy"),
	}
}

// endpointRule is a rule of CreateVpcEndpoint and ModifyVpcEndpoint, which answer most mistakes with InvalidParameter.
func endpointRule(name string, broken func(d *Draft) *Refusal) Rule {
	return Rule{Name: name, Stage: AtApply, Code: codeInvalidParameter, Broken: broken}
}

// endpointTypeRules are about the service and about what each type of endpoint takes. The API reference says what belongs to
// which type; the words for security groups and private DNS are made after those that AWS is known to use for the others.
func endpointTypeRules() []Rule {
	onlyFor := func(path, things, types string, fits func(kind string) bool) Rule {
		return endpointRule("type for "+path, func(d *Draft) *Refusal {
			if kind := d.Text("vpcEndpointType"); kind == "" || fits(kind) || len(d.Each(path+"[]")) == 0 && !d.Bool(path) {
				return nil
			}
			return Refuse(path, "%s are only supported for %s type VPC Endpoint.", things, types)
		})
	}
	isInterface := func(kind string) bool { return kind == interfaceEndpoint }
	return []Rule{
		{Name: "a service", Stage: AtApply, Code: codeMissingParameter, Broken: func(d *Draft) *Refusal {
			if d.Has("serviceName") {
				return nil
			}
			return Refuse("serviceName", "The request must contain the parameter serviceName")
		}},
		{Name: "service of the Region", Stage: AtApply, Code: "InvalidServiceName", Broken: func(d *Draft) *Refusal {
			if name := d.Text("serviceName"); name != "" && len(endpointTypes(d.Region, name)) == 0 {
				return Refuse("serviceName", "The Vpc Endpoint Service '%s' does not exist", name)
			}
			return nil
		}},
		onlyFor("subnetIds", "Subnet IDs", "Interface and GatewayLoadBalancer", isInterface),
		onlyFor("securityGroupIds", "Security Group IDs", interfaceEndpoint, isInterface),
		onlyFor("routeTableIds", "Route table IDs", gatewayEndpoint, func(kind string) bool { return kind == gatewayEndpoint }),
		onlyFor("privateDnsEnabled", "Private DNS names", interfaceEndpoint, isInterface),
		endpointRule("type of the service", func(d *Draft) *Refusal {
			types, kind := endpointTypes(d.Region, d.Text("serviceName")), d.Text("vpcEndpointType")
			if len(types) == 0 || slices.Contains(types, kind) {
				return nil
			}
			return Refuse("vpcEndpointType", "Endpoint type (%s) does not match available service types ([%s]).", kind, strings.Join(types, ", "))
		}),
		{Name: "number of endpoints", Stage: AtApply, When: OnCreate, Code: "VpcEndpointLimitExceeded", Broken: endpointQuota},
	}
}

func endpointQuota(d *Draft) *Refusal {
	inVPC, inRegion := 1, 1
	for _, other := range d.Others(VPCEndpoint) {
		if kind := other.Text("vpcEndpointType"); kind != d.Text("vpcEndpointType") {
			continue
		}
		inRegion++
		if other.Text("vpcId") == d.Text("vpcId") {
			inVPC++
		}
	}
	switch kind := d.Text("vpcEndpointType"); {
	case kind == gatewayEndpoint && inRegion > mostGateways:
		return Refuse("vpcId", "The maximum number of gateway VPC endpoints has been reached: %d in the Region", mostGateways)
	case kind == interfaceEndpoint && inVPC > mostInterfaces:
		return Refuse("vpcId", "The maximum number of VPC endpoints has been reached: %d in VPC %s", mostInterfaces, d.Text("vpcId"))
	}
	return nil
}

// endpointNetworkRules are about the subnets, security groups and route tables. AWS documents no codes of their own for
// things of another VPC.
func endpointNetworkRules() []Rule {
	of := func(path, noun string, find func(d *Draft, id string) *Thing) Rule {
		return endpointRule("VPC of "+path, func(d *Draft) *Refusal {
			for _, value := range d.Each(path + "[]") {
				if thing := find(d, value.Text()); thing != nil && thing.Text("vpcId") != d.Text("vpcId") {
					return Refuse(value.Path(), "%s %s does not belong to VPC %s", noun, thing.ID, d.Text("vpcId"))
				}
			}
			return nil
		})
	}
	kind := func(token string) func(d *Draft, id string) *Thing {
		return func(d *Draft, id string) *Thing { return d.Find(token, id) }
	}
	return []Rule{
		of("subnetIds", "Subnet", kind(Subnet)), of("securityGroupIds", "Security group", securityGroup), of("routeTableIds", "Route table", kind(RouteTable)),
		endpointRule("zones of the service", func(d *Draft) *Refusal {
			service := endpointOffered(d)
			for _, value := range d.Each("subnetIds[]") {
				subnet := d.Find(Subnet, value.Text())
				if service != nil && subnet != nil && !slices.Contains(service.Zones, subnet.Text("availabilityZone")) {
					return Refuse(value.Path(), "The VPC endpoint service %s does not support the availability zone of the subnet: %s.", service.Name, subnet.ID)
				}
			}
			return nil
		}),
		{Name: "one subnet a zone", Stage: AtApply, Code: "DuplicateSubnetsInSameZone", Broken: func(d *Draft) *Refusal {
			zones := map[string]bool{}
			for _, value := range d.Each("subnetIds[]") {
				subnet := d.Find(Subnet, value.Text())
				if subnet != nil && zones[subnet.Text("availabilityZone")] {
					return Refuse(value.Path(), "Found another VPC endpoint subnet in the availability zone of %s. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.", subnet.ID)
				}
				if subnet != nil {
					zones[subnet.Text("availabilityZone")] = true
				}
			}
			return nil
		}},
		endpointRule("IPv6 of the subnets", func(d *Draft) *Refusal {
			for _, value := range d.Each("subnetIds[]") {
				subnet := d.Find(Subnet, value.Text())
				if kind := d.Text("ipAddressType"); subnet != nil && (kind == "dualstack" || kind == "ipv6") && subnet.Text("ipv6CidrBlock") == "" {
					return Refuse(value.Path(), "The subnet %s has no IPv6 CIDR block, which the IP address type %s needs", subnet.ID, kind)
				}
			}
			return nil
		}),
		{Name: "a route table once a service", Stage: AtApply, Code: "RouteAlreadyExists", Broken: func(d *Draft) *Refusal {
			for _, table := range d.Each("routeTableIds[]") {
				for _, other := range d.UsedBy(VPCEndpoint, "routeTableIds[]", table.Text()) {
					if service := endpointOffered(d); service != nil && other.Text("serviceName") == d.Text("serviceName") {
						return Refuse(table.Path(), "route table %s already has a route with destination-prefix-list-id %s", table.Text(), service.PrefixList)
					}
				}
			}
			return nil
		}},
	}
}

// endpointDNSRules are about private DNS.
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html, "Private DNS".
func endpointDNSRules() []Rule {
	private := func(name string, broken func(d *Draft, service *EndpointService) *Refusal) Rule {
		return endpointRule(name, func(d *Draft) *Refusal {
			service := endpointOffered(d)
			if service == nil || service.Type != interfaceEndpoint || !d.Bool("privateDnsEnabled") {
				return nil
			}
			return broken(d, service)
		})
	}
	return []Rule{
		private("DNS of the VPC", func(d *Draft, _ *EndpointService) *Refusal {
			network := d.Find(VPC, d.Text("vpcId"))
			if network == nil || network.At("enableDnsSupport").Bool() && network.At("enableDnsHostnames").Bool() {
				return nil
			}
			return Refuse("privateDnsEnabled", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for %s", network.ID)
		}),
		private("a private name", func(_ *Draft, service *EndpointService) *Refusal {
			if service.PrivateName != "" {
				return nil
			}
			return Refuse("privateDnsEnabled", "Private DNS can't be enabled because the service %s does not provide a private DNS name.", service.Name)
		}),
		private("a private name once a VPC", func(d *Draft, service *EndpointService) *Refusal {
			for _, other := range d.UsedBy(VPCEndpoint, "vpcId", d.Text("vpcId")) {
				if other.At("privateDnsEnabled").Bool() && other.Text("serviceName") == service.Name {
					return Refuse("privateDnsEnabled", "private-dns-enabled cannot be set because there is already a conflicting DNS domain for %s in the VPC %s",
						service.PrivateName, d.Text("vpcId"))
				}
			}
			return nil
		}),
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html: unless it is switched off,
		// the private name of S3 is for inbound Resolver endpoints only, and the VPC itself goes through a gateway endpoint.
		private("a gateway beside S3's interface", func(d *Draft, service *EndpointService) *Refusal {
			inboundOnly := d.At("dnsOptions.privateDnsOnlyForInboundResolverEndpoint")
			if service.Short != "s3" || inboundOnly.Exists() && !inboundOnly.Bool() {
				return nil
			}
			for _, other := range d.UsedBy(VPCEndpoint, "vpcId", d.Text("vpcId")) {
				if gateway := endpointService(d.Region, other.Text("serviceName"), gatewayEndpoint); gateway != nil && gateway.Short == "s3" &&
					other.Text("vpcEndpointType") == gatewayEndpoint {
					return nil
				}
			}
			return Refuse("privateDnsEnabled", "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC %s must have a Gateway endpoint for the service.", d.Text("vpcId"))
		}),
	}
}

// endpointPolicyRules are what EC2 refuses of an endpoint's policy.
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func endpointPolicyRules() []Rule {
	rule := func(name string, problem func(d *Draft, text string) string) Rule {
		return Rule{Name: name, Stage: AtApply, Code: "InvalidPolicyDocument", Broken: func(d *Draft) *Refusal {
			if text := d.Text("policy"); text != "" {
				if message := problem(d, text); message != "" {
					return Refuse("policy", "%s", message)
				}
			}
			return nil
		}}
	}
	return []Rule{
		rule("policy", func(_ *Draft, text string) string {
			statements, problem := readPolicy(text)
			for _, statement := range statements {
				problem = orElse(problem, policyActions(statement))
				if len(statement.Principal)+len(statement.NotPrincipal) == 0 {
					problem = orElse(problem, "Missing required field Principal")
				}
				if len(statement.Resource)+len(statement.NotResource) == 0 {
					problem = orElse(problem, "Missing required field Resource")
				}
			}
			return problem
		}),
		// AWS documents the quota but no code of its own for it.
		rule("size of the policy", func(_ *Draft, text string) string {
			if len([]rune(text)) > mostEndpointPolicy {
				return fmt.Sprintf("The policy is longer than the quota of %d characters", mostEndpointPolicy)
			}
			return ""
		}),
	}
}

// endpointsIn is how many endpoints are in a subnet or have a security group. Route tables are left out: AWS lets them go, and
// the gateway's route with them (https://github.com/hashicorp/terraform-provider-aws/issues/26502).
func endpointsIn(d *Draft, path string) int { return len(d.UsedBy(VPCEndpoint, path, d.ID())) }
