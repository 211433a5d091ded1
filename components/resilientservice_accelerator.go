package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/globalaccelerator"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// isAccelerated says whether the service's name leads to an accelerator.
func (a ResilientServiceArgs) isAccelerated() bool {
	return a.Accelerator != nil && !a.Accelerator.Standby
}

// buildAccelerator builds two static addresses whose connections end at the load balancer. How healthy that is, AWS learns from the
// load balancer, whatever an endpoint group says of health checks
// (https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoint-groups-health-check-options.html), so it says nothing.
func (s *ResilientService) buildAccelerator(ctx *pulumi.Context) (err error) {
	if s.args.Accelerator == nil {
		return nil
	}
	name := s.name + "-accelerator"
	s.built.accelerator, err = globalaccelerator.NewAccelerator(ctx, name, transformed(&globalaccelerator.AcceleratorArgs{
		IpAddressType: pulumi.String("IPV4"), Enabled: pulumi.Bool(true), Tags: tagsNamed(s.args.Tags, name),
	}, s.args.Transform.Accelerator), pulumi.Parent(s), pulumi.Protect(s.args.Protect))
	if err != nil {
		return err
	}
	var ports globalaccelerator.ListenerPortRangeArray
	for _, port := range s.listenerPorts() {
		ports = append(ports, globalaccelerator.ListenerPortRangeArgs{FromPort: pulumi.Int(port), ToPort: pulumi.Int(port)})
	}
	listener, err := globalaccelerator.NewListener(ctx, name, transformed(&globalaccelerator.ListenerArgs{
		AcceleratorArn: s.built.accelerator.Arn, Protocol: pulumi.String("TCP"), ClientAffinity: pulumi.String("NONE"), PortRanges: ports,
	}, s.args.Transform.AcceleratorListener), pulumi.Parent(s))
	if err != nil {
		return err
	}
	endpoints, err := globalaccelerator.NewEndpointGroup(ctx, name, transformed(&globalaccelerator.EndpointGroupArgs{
		ListenerArn:         listener.Arn,
		EndpointGroupRegion: pulumi.String(s.args.Placement.region()),
		EndpointConfigurations: globalaccelerator.EndpointGroupEndpointConfigurationArray{
			globalaccelerator.EndpointGroupEndpointConfigurationArgs{
				EndpointId: s.built.loadBalancer.Arn, ClientIpPreservationEnabled: pulumi.Bool(true),
				// AWS's default, and stated because the provider sends 0 where there is none, with which no request comes
				// (https://github.com/hashicorp/terraform-provider-aws/pull/31767).
				Weight: pulumi.Int(128),
			},
		},
	}, s.args.Transform.EndpointGroup), pulumi.Parent(s))
	s.built.entry = append(s.built.entry, endpoints)
	return err
}

// acceleratorOutputs are the name and the addresses of the accelerator, empty without one.
func (s *ResilientService) acceleratorOutputs() (name pulumi.StringOutput, addresses pulumi.StringArrayOutput) {
	if s.built.accelerator == nil {
		return pulumi.String("").ToStringOutput(), pulumi.StringArray{}.ToStringArrayOutput()
	}
	return s.built.accelerator.DnsName, s.built.accelerator.IpSets.Index(pulumi.Int(0)).IpAddresses()
}
