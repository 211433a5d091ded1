package kinds_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	acceleratorARN = "arn:aws:globalaccelerator::123456789012:accelerator/12345678-1234-1234-1234-123456789012"
	frontARN       = acceleratorARN + "/listener/0123abcd"
)

func accelerator(changes In) Draft { return plain(changed(In{}, changes)) }

var _ = suite(kinds.Accelerator, Suite{
	Valid: map[string]Draft{"plain": accelerator(nil), "named": accelerator(In{"name": "web"}), "dual stack": accelerator(In{"ipAddressType": "DUAL_STACK"}),
		"disabled": accelerator(In{"enabled": false}), "without logs": accelerator(In{"attributes": In{"flowLogsEnabled": false}})},
	Refusals: []Refusal{
		{Rule: "only what the sandbox has", Draft: accelerator(In{"ipAddresses": []any{"192.0.2.1"}}), Says: "no addresses of your own"},
		{Rule: "length of name", Draft: accelerator(In{"name": strings.Repeat("n", 256)}), Says: "(1 - 255)"},
		{Rule: "pattern of name", Draft: accelerator(In{"name": "web-"}), Says: "no hyphen at either end"},
		{Rule: "pattern of name", Draft: accelerator(In{"name": "web_1"}), Says: "only alphanumeric characters and hyphens"},
		{Rule: "values of ipAddressType", Draft: accelerator(In{"ipAddressType": "IPv4"}), Says: "got IPv4"},
		{Rule: "a partition with accelerators", Draft: func(lab *Lab) In {
			lab.place.Region = "cn-north-1"
			return In{}
		}, Says: "the partition aws-cn has no AWS Global Accelerator"},
		{Rule: "listeners", Draft: accelerator(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.AcceleratorListener, "l", In{"acceleratorArn": made.ID})
		}, Says: "DeleteAccelerator, api error AssociatedListenerFoundException: The accelerator that you specified has a listener associated with it."},
	},
	Updates: []Change{
		{Path: "ipAddressType", Before: accelerator(nil), After: accelerator(In{"ipAddressType": "DUAL_STACK"})},
		{Path: "name", Before: accelerator(In{"name": "web"}), After: accelerator(In{"name": "new"})},
	},
})

func ports(from, to int) In { return In{"fromPort": from, "toPort": to} }

func front(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Accelerator, acceleratorARN, In{})
		lab.Put(kinds.Accelerator, acceleratorARN+"2", In{})
		return changed(In{"acceleratorArn": acceleratorARN, "protocol": "TCP", "portRanges": []any{ports(443, 443)}}, changes)
	}
}

// besideFront is a listener beside another of the accelerator.
func besideFront(protocol string, from, to int) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.AcceleratorListener, frontARN, In{"acceleratorArn": acceleratorARN, "protocol": protocol, "portRanges": []any{ports(from, to)}})
		return front(nil)(lab)
	}
}

func manyPorts(number int) []any {
	var ranges []any
	for index := range number {
		ranges = append(ranges, ports(80+index, 80+index))
	}
	return ranges
}

var _ = suite(kinds.AcceleratorListener, Suite{
	Valid: map[string]Draft{"plain": front(nil), "sticky": front(In{"clientAffinity": "SOURCE_IP"}), "ten ranges": front(In{"portRanges": manyPorts(10)}),
		"beside other ports": besideFront("TCP", 80, 442), "beside another protocol": besideFront("UDP", 443, 443)},
	Refusals: []Refusal{
		{Rule: "reference acceleratorArn", Draft: front(In{"acceleratorArn": acceleratorARN + "3"}), Says: "CreateListener, api error AcceleratorNotFoundException"},
		{Rule: "values of clientAffinity", Draft: front(In{"clientAffinity": "IP"}), Says: "got IP"},
		{Rule: "values of protocol", Draft: front(In{"protocol": "HTTPS"}), Says: "got HTTPS"},
		{Rule: "range of portRanges[].fromPort", Draft: front(In{"portRanges": []any{ports(0, 443)}}), Says: "(1 - 65535), got 0"},
		{Rule: "range of portRanges[].toPort", Draft: front(In{"portRanges": []any{ports(443, 65536)}}), Says: "(1 - 65535), got 65536"},
		{Rule: "number of port ranges", Draft: front(In{"portRanges": []any{}}), Says: "from 1 to 10 port ranges, not 0"},
		{Rule: "number of port ranges", Draft: front(In{"portRanges": manyPorts(11)}), Says: "from 1 to 10 port ranges, not 11"},
		{Rule: "ports of its own", Draft: front(In{"portRanges": []any{ports(443, 80)}}), Says: "InvalidPortRangeException: The port numbers that you specified are not valid numbers or are not unique for this accelerator. (443 to 80)"},
		{Rule: "ports of its own", Draft: front(In{"portRanges": []any{ports(80, 90), ports(90, 99)}}), Says: "(90 to 99)"},
		{Rule: "ports of its own", Draft: besideFront("TCP", 400, 500), Says: "InvalidPortRangeException"},
		{Rule: "endpoint groups", Draft: front(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.EndpointGroup, "g", In{"listenerArn": made.ID})
		}, Says: "DeleteListener, api error AssociatedEndpointGroupFoundException: The listener that you specified has an endpoint group associated with it."},
	},
	Replaces: []Change{{Path: "acceleratorArn", Before: front(nil), After: front(In{"acceleratorArn": acceleratorARN + "2"})}},
	Updates:  []Change{{Path: "portRanges[0].toPort", Before: front(nil), After: front(In{"portRanges": []any{ports(443, 444)}})}},
})

func endpointGroup(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.AcceleratorListener, frontARN, In{"acceleratorArn": acceleratorARN, "portRanges": []any{ports(443, 443)}})
		lab.Put(kinds.AcceleratorListener, frontARN+"2", In{"acceleratorArn": acceleratorARN})
		lab.Put(kinds.LoadBalancer, balancerARN, In{})
		lab.In("eu-west-1").Put(kinds.LoadBalancer, farBalancer, In{})
		lab.Put(kinds.EIP, "eipalloc-1", In{})
		return changed(In{"listenerArn": frontARN, "endpointConfigurations": []any{endpoint(nil)}}, changes)
	}
}

var farBalancer = strings.Replace(balancerARN, "eu-central-1", "eu-west-1", 1)

func endpoint(changes In) In {
	return changed(In{"endpointId": balancerARN, "clientIpPreservationEnabled": true, "weight": 128}, changes)
}

// endpoints is a group of other endpoints.
func endpoints(list ...any) Draft { return endpointGroup(In{"endpointConfigurations": list}) }

func manyOverrides(number int) []any {
	var overrides []any
	for index := range number {
		overrides = append(overrides, In{"listenerPort": 443, "endpointPort": 8000 + index})
	}
	return overrides
}

var _ = suite(kinds.EndpointGroup, Suite{
	Valid: map[string]Draft{"plain": endpointGroup(nil), "empty": endpointGroup(In{"endpointConfigurations": nil}),
		"in another Region": endpointGroup(In{"endpointGroupRegion": "eu-west-1", "endpointConfigurations": []any{endpoint(In{"endpointId": farBalancer})}}),
		"an address":        endpoints(endpoint(In{"endpointId": "eipalloc-1", "clientIpPreservationEnabled": false})),
		"ten seconds":       endpointGroup(In{"healthCheckIntervalSeconds": 10}), "half the traffic": endpointGroup(In{"trafficDialPercentage": 50.5}),
		"beside another Region's": func(lab *Lab) In {
			lab.Put(kinds.EndpointGroup, "g", In{"listenerArn": frontARN, "endpointGroupRegion": "eu-west-1"})
			return endpointGroup(nil)(lab)
		}},
	Refusals: []Refusal{
		{Rule: "reference listenerArn", Draft: endpointGroup(In{"listenerArn": frontARN + "3"}), Says: "CreateEndpointGroup, api error ListenerNotFoundException"},
		{Rule: "reference endpointConfigurations[].endpointId", Draft: endpoints(endpoint(In{"endpointId": balancerARN + "0"})), Says: "InvalidArgumentException: The endpoint " + balancerARN + "0 does not exist."},
		{Rule: "only what the sandbox has", Draft: endpoints(endpoint(In{"attachmentArn": "arn:aws:globalaccelerator::210987654321:attachment/1"})), Says: "no endpoints of other accounts"},
		{Rule: "length of endpointConfigurations[].endpointId", Draft: endpoints(endpoint(In{"endpointId": ""})), Says: "(1 - 255)"},
		{Rule: "range of endpointConfigurations[].weight", Draft: endpoints(endpoint(In{"weight": 256})), Says: "(0 - 255), got 256"},
		{Rule: "range of healthCheckIntervalSeconds", Draft: endpointGroup(In{"healthCheckIntervalSeconds": 9}), Says: "(10 - 30), got 9"},
		{Rule: "length of healthCheckPath", Draft: endpointGroup(In{"healthCheckPath": strings.Repeat("p", 256)}), Says: "(1 - 255)"},
		{Rule: "range of healthCheckPort", Draft: endpointGroup(In{"healthCheckPort": 65536}), Says: "(1 - 65535)"},
		{Rule: "values of healthCheckProtocol", Draft: endpointGroup(In{"healthCheckProtocol": "UDP"}), Says: "got UDP"},
		{Rule: "range of thresholdCount", Draft: endpointGroup(In{"thresholdCount": 11}), Says: "(1 - 10), got 11"},
		{Rule: "range of trafficDialPercentage", Draft: endpointGroup(In{"trafficDialPercentage": 100.5}), Says: "(0 - 100), got 100.5"},
		{Rule: "range of portOverrides[].endpointPort", Draft: endpointGroup(In{"portOverrides": []any{In{"listenerPort": 443, "endpointPort": 0}}}), Says: "(1 - 65535), got 0"},
		{Rule: "range of portOverrides[].listenerPort", Draft: endpointGroup(In{"portOverrides": []any{In{"listenerPort": 0, "endpointPort": 443}}}), Says: "(1 - 65535), got 0"},
		{Rule: "number of port overrides", Draft: endpointGroup(In{"portOverrides": manyOverrides(11)}), Says: "at most 10 port overrides, not 11"},
		{Rule: "ten or thirty seconds", Draft: endpointGroup(In{"healthCheckIntervalSeconds": 20}), Says: "must be 10 or 30 seconds, not 20"},
		{Rule: "a known Region", Draft: endpointGroup(In{"endpointGroupRegion": "eu-central-9"}), Says: "The Region eu-central-9 is not valid"},
		{Rule: "endpoints of the Region", Draft: endpoints(endpoint(In{"endpointId": farBalancer})), Says: "is not in the endpoint group's Region eu-central-1"},
		{Rule: "client addresses of load balancers only", Draft: endpoints(endpoint(In{"endpointId": "eipalloc-1"})), Says: "not supported for Elastic IP address endpoints"},
		{Rule: "one group a Region", Draft: func(lab *Lab) In {
			lab.Put(kinds.EndpointGroup, "g", In{"listenerArn": frontARN, "endpointGroupRegion": "eu-central-1"})
			return endpointGroup(nil)(lab)
		}, Says: "EndpointGroupAlreadyExistsException: The endpoint group that you specified already exists. (eu-central-1)"},
		{Rule: "an endpoint once", Draft: endpoints(endpoint(nil), endpoint(In{"weight": 1})), Says: "is in the endpoint group twice"},
	},
	Replaces: []Change{
		{Path: "listenerArn", Before: endpointGroup(nil), After: endpointGroup(In{"listenerArn": frontARN + "2"})},
		{Path: "endpointGroupRegion", Before: endpointGroup(In{"endpointGroupRegion": "eu-central-1"}), After: endpointGroup(In{"endpointGroupRegion": "eu-west-1"})},
	},
	Updates: []Change{{Path: "endpointConfigurations[0].weight", Before: endpointGroup(nil), After: endpoints(endpoint(In{"weight": 1}))}},
})

func TestAnAcceleratorAnswersItsNamesAndAddresses(t *testing.T) {
	made4 := made(t, kinds.Accelerator, accelerator(nil))
	require.Regexp(t, `^arn:aws:globalaccelerator::123456789012:accelerator/[0-9a-f-]{36}$`, made4.ID)
	require.Regexp(t, `^a[0-9a-f]{16}\.awsglobalaccelerator\.com$`, made4.Text("dnsName"))
	require.Equal(t, "Z2BJ6XQ5FK7U4H", made4.Text("hostedZoneId"))
	require.Empty(t, made4.Text("dualStackDnsName"))
	require.Len(t, made4.At("ipSets").List(), 1)
	require.Len(t, made4.At("ipSets[0].ipAddresses").Texts(), 2)
	made6 := made(t, kinds.Accelerator, accelerator(In{"ipAddressType": "DUAL_STACK"}))
	require.Regexp(t, `\.dualstack\.awsglobalaccelerator\.com$`, made6.Text("dualStackDnsName"))
	require.Equal(t, "IPv6", made6.Text("ipSets[1].ipFamily"))
	require.Equal(t, "Z2BJ6XQ5FK7U4H", made6.Text("hostedZoneId"))
}

func TestAnEndpointWithoutAWeightGetsNoTraffic(t *testing.T) {
	group := made(t, kinds.EndpointGroup, endpoints(endpoint(In{"weight": nil})))
	require.True(t, group.At("endpointConfigurations[0].weight").Exists())
	require.Zero(t, group.At("endpointConfigurations[0].weight").Int())
	require.Equal(t, 443, group.At("healthCheckPort").Int())
	require.Regexp(t, `^`+frontARN+`/endpoint-group/[0-9a-f]{12}$`, group.ID)
}

// A listener is taken exactly when every range runs forward and no port is in two of them.
func TestAListenersPortsAreItsOwn(t *testing.T) {
	kind, known := kinds.Of(kinds.AcceleratorListener)
	require.True(t, known)
	lab := newLab(t)
	in := front(nil)(lab)
	rapid.Check(t, func(t *rapid.T) {
		var ranges []any
		fine, taken := true, map[int]bool{}
		for range rapid.IntRange(1, 4).Draw(t, "ranges") {
			from, to := rapid.IntRange(1, 30).Draw(t, "from"), rapid.IntRange(1, 30).Draw(t, "to")
			ranges, fine = append(ranges, ports(from, to)), fine && from <= to
			for port := from; port <= to; port++ {
				fine = fine && !taken[port]
				taken[port] = true
			}
		}
		checked, err := check(kind, lab.subject(kind, "web"), nil, changed(in, In{"portRanges": ranges}))
		require.NoError(t, err)
		_, err = kind.Create(lab.subject(kind, "web"), lab.world, checked)
		require.Equal(t, fine, err == nil, "%v: %v", ranges, err)
	})
}
