package kinds

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/globalaccelerator"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Source: https://docs.aws.amazon.com/global-accelerator/latest/api/API_CreateEndpointGroup.html
var _ = register(&Kind{
	Token:    EndpointGroup,
	Args:     globalaccelerator.EndpointGroupArgs{},
	Resource: &globalaccelerator.EndpointGroup{},
	Global:   true,
	API: API{Service: globalAccelerator, Noun: globalAccelerator + " Endpoint Group", Create: "CreateEndpointGroup", Update: "UpdateEndpointGroup",
		Delete: "DeleteEndpointGroup"},
	Defaults: []Default{
		{Path: "healthCheckIntervalSeconds", Value: Number(30)}, {Path: "healthCheckProtocol", Value: Text("TCP")},
		{Path: "thresholdCount", Value: Number(3)}, {Path: "trafficDialPercentage", Value: Number(100)},
		// The provider sends a weight that the program leaves out as 0, which takes all traffic from the endpoint; AWS itself would
		// take 128: https://github.com/hashicorp/terraform-provider-aws/pull/31767.
		{Path: "endpointConfigurations[].weight", Value: Number(0)},
	},
	References: []Reference{
		{Path: "listenerArn", To: []string{AcceleratorListener}, Code: "ListenerNotFoundException", Message: "The listener %s that you specified doesn't exist."},
		{Path: "endpointConfigurations[].endpointId", To: []string{LoadBalancer, EIP}, Code: codeAcceleratorArgument, AnyRegion: true,
			Message: "The endpoint %s does not exist."},
	},
	Rules:    append(endpointGroupShape(), endpointGroupRules()...),
	Replaces: []string{"listenerArn", "endpointGroupRegion"},
	Sets:     []string{"endpointConfigurations", "portOverrides"},
	ID:       func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Text("listenerArn") + "/endpoint-group/" + d.Hex("arn", 12))
		}},
		{Name: "endpointGroupRegion", Value: func(d *Draft) resource.PropertyValue { return Text(d.Region) }},
		fixed("healthCheckPath", Text("/")),
		{Name: "healthCheckPort", Value: func(d *Draft) resource.PropertyValue {
			if listener := d.Find(AcceleratorListener, d.Text("listenerArn")); listener != nil {
				return Number(listener.At("portRanges[0].fromPort").Int())
			}
			return Number(0)
		}},
	},
})

const codeAcceleratorArgument = "InvalidArgumentException"

// endpointGroupShape is what the provider refuses at plan time, and what the sandbox lacks.
func endpointGroupShape() []Rule {
	return []Rule{
		lacking("endpoints of other accounts", "endpointConfigurations[].attachmentArn"),
		LengthIn("endpointConfigurations[].endpointId", 1, 255), InRange("endpointConfigurations[].weight", 0, 255),
		InRange("healthCheckIntervalSeconds", 10, 30), LengthIn("healthCheckPath", 1, 255), InRange("healthCheckPort", 1, highestPort),
		OneOf("healthCheckProtocol", "TCP", "HTTP", "HTTPS"), InRange("thresholdCount", 1, 10), InRange("trafficDialPercentage", 0, 100),
		InRange("portOverrides[].endpointPort", 1, highestPort), InRange("portOverrides[].listenerPort", 1, highestPort),
		{Name: "number of port overrides", Broken: func(d *Draft) *Refusal {
			if overrides := len(d.Each("portOverrides[]")); overrides > mostPortRanges {
				return Refuse("portOverrides", "an endpoint group has at most %d port overrides, not %d", mostPortRanges, overrides)
			}
			return nil
		}},
	}
}

// endpointGroupRules are what Global Accelerator refuses.
func endpointGroupRules() []Rule {
	argument := func(name string, broken func(d *Draft) *Refusal) Rule {
		return Rule{Name: name, Stage: AtApply, Code: codeAcceleratorArgument, Broken: broken}
	}
	return []Rule{
		argument("ten or thirty seconds", func(d *Draft) *Refusal {
			if seconds := d.Int("healthCheckIntervalSeconds"); seconds > 10 && seconds < 30 {
				return Refuse("healthCheckIntervalSeconds", "The health check interval must be 10 or 30 seconds, not %d", seconds)
			}
			return nil
		}),
		argument("a known Region", func(d *Draft) *Refusal {
			if region := d.Text("endpointGroupRegion"); region != "" && !KnownRegion(region) {
				return Refuse("endpointGroupRegion", "The Region %s is not valid", region)
			}
			return nil
		}),
		argument("endpoints of the Region", func(d *Draft) *Refusal {
			for _, endpoint := range d.Each("endpointConfigurations[].endpointId") {
				if arn := splitARN(endpoint.Text()); arn != nil && KnownRegion(groupRegion(d)) && arn.region != groupRegion(d) {
					return Refuse(endpoint.Path(), "The endpoint %s is not in the endpoint group's Region %s", endpoint.Text(), groupRegion(d))
				}
			}
			return nil
		}),
		// https://docs.aws.amazon.com/global-accelerator/latest/dg/preserve-client-ip-address.html
		argument("client addresses of load balancers only", func(d *Draft) *Refusal {
			for _, endpoint := range d.Each("endpointConfigurations[]") {
				if endpoint.At("clientIpPreservationEnabled").Bool() && strings.HasPrefix(endpoint.At("endpointId").Text(), "eipalloc-") {
					return Refuse(endpoint.Path(), "Client IP address preservation is not supported for Elastic IP address endpoints")
				}
			}
			return nil
		}),
		{Name: "one group a Region", Stage: AtApply, Code: "EndpointGroupAlreadyExistsException", When: OnCreate, Broken: func(d *Draft) *Refusal {
			for _, other := range d.UsedBy(EndpointGroup, "listenerArn", d.Text("listenerArn")) {
				if other.Text("endpointGroupRegion") == groupRegion(d) {
					return Refuse("endpointGroupRegion", "The endpoint group that you specified already exists. (%s)", groupRegion(d))
				}
			}
			return nil
		}},
		{Name: "an endpoint once", Stage: AtApply, Code: codeAcceleratorArgument, Broken: func(d *Draft) *Refusal {
			seen := map[string]bool{}
			for _, endpoint := range d.Each("endpointConfigurations[].endpointId") {
				if seen[endpoint.Text()] {
					return Refuse(endpoint.Path(), "The endpoint %s is in the endpoint group twice", endpoint.Text())
				}
				seen[endpoint.Text()] = true
			}
			return nil
		}},
	}
}

// groupRegion is the Region of the group's endpoints: the provider's own unless the program says another.
func groupRegion(d *Draft) string { return orElse(d.Text("endpointGroupRegion"), d.Region) }
