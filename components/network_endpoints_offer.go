package components

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The types of endpoints.
const (
	gatewayEndpoint   = "Gateway"
	interfaceEndpoint = "Interface"
)

// s3Gateway is the service of the gateway endpoint.
const s3Gateway EndpointService = "s3"

// findOffers asks AWS for the full name of every endpoint service, and refuses all at once what the network's zones do not have.
// It registers nothing.
func (n *Network) findOffers(ctx *pulumi.Context, options []pulumi.InvokeOption) error {
	c := check.New()
	n.offers = map[EndpointService]string{}
	for _, service := range append([]EndpointService{s3Gateway}, n.args.Endpoints...) {
		kind := interfaceEndpoint
		if service == s3Gateway {
			kind = gatewayEndpoint
		}
		offer, err := lookUpService(ctx, zones.Region(n.args.Zones), service, kind, options)
		if err != nil {
			return fmt.Errorf("network %s: asking AWS which zones have endpoints for %s: %w", n.name, service, err)
		}
		n.checkOffer(c, service, offer)
		if offer != nil {
			n.offers[service] = offer.ServiceName
		}
	}
	return failuresAsError("network "+n.name, c.Failures())
}

func (n *Network) checkOffer(c *check.Checker, service EndpointService, offer *ec2.LookupVpcEndpointServiceResult) {
	region, value := zones.Region(n.args.Zones), string(service)
	if offer == nil {
		c.Fail("endpoints", value, "is not offered in "+region, "leave it out, or use another Region")
		return
	}
	if !offer.VpcEndpointPolicySupported {
		c.Fail("endpoints", value, fmt.Sprintf("takes no endpoint policy in %s, so that it would be a way out for everything", region), "leave it out")
	}
	// GovCloud names the service and no zones (https://github.com/hashicorp/terraform-provider-aws, vpc_endpoint_service_data_source.go).
	if len(offer.AvailabilityZones) == 0 {
		return
	}
	var lacking []string
	for _, zone := range n.args.Zones {
		if !slices.Contains(offer.AvailabilityZones, zone) {
			lacking = append(lacking, zone)
		}
	}
	if len(lacking) > 0 {
		slices.Sort(offer.AvailabilityZones)
		c.Fail("endpoints", value, "is not offered in "+strings.Join(lacking, ", "),
			"leave it out, or use zones that have it: "+strings.Join(offer.AvailabilityZones, ", "))
	}
}

// lookUpService is nil when the Region does not have the service.
func lookUpService(
	ctx *pulumi.Context, region string, service EndpointService, kind string, options []pulumi.InvokeOption,
) (*ec2.LookupVpcEndpointServiceResult, error) {
	for _, name := range serviceNames(region, service) {
		offer, err := ec2.LookupVpcEndpointService(ctx, &ec2.LookupVpcEndpointServiceArgs{
			ServiceName: pulumi.StringRef(name), ServiceType: pulumi.StringRef(kind),
		}, options...)
		switch {
		case err == nil:
			return offer, nil
		case !isNotOffered(err):
			return nil, err
		}
	}
	return nil, nil
}

// serviceNames are what the endpoint service may be called. In China some have a prefix
// (https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/aws-services-privatelink-support.html).
func serviceNames(region string, service EndpointService) []string {
	name := "com.amazonaws." + region + "." + string(service)
	if naming.Partition(region) == "aws-cn" {
		return []string{name, "cn." + name}
	}
	return []string{name}
}

// isNotOffered tells the answer "there is no such service" from a question that was not answered: EC2's error code
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html), and the provider's words for an empty answer.
func isNotOffered(err error) bool {
	return strings.Contains(err.Error(), "InvalidServiceName") || strings.Contains(err.Error(), "no matching EC2 VPC Endpoint Service found")
}

// invokeOptions are how a component asks AWS before it is registered: with its own provider, or that of its parent.
func invokeOptions(opts []pulumi.ResourceOption) ([]pulumi.InvokeOption, error) {
	given, err := pulumi.NewResourceOptions(opts...)
	if err != nil {
		return nil, err
	}
	for _, provider := range append(given.Providers, given.Provider) {
		if own, isAWS := provider.(*aws.Provider); isAWS {
			return []pulumi.InvokeOption{pulumi.Provider(own)}, nil
		}
	}
	if given.Parent != nil {
		return []pulumi.InvokeOption{pulumi.Parent(given.Parent)}, nil
	}
	return nil, nil
}
