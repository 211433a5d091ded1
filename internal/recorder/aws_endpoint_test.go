package recorder_test

import (
	"errors"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/internal/recorder"
)

func TestAGatewayEndpointHasAPrefixListAndAnInterfaceHasAnInterfaceASubnet(t *testing.T) {
	rec := recorder.Run(t, inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		gateway, err := ec2.NewVpcEndpoint(ctx, "gateway", &ec2.VpcEndpointArgs{
			VpcId: pulumi.String("vpc-1"), ServiceName: pulumi.String("com.amazonaws.eu-central-1.s3")}, parent)
		if err != nil {
			return err
		}
		endpoint, err := ec2.NewVpcEndpoint(ctx, "interface", &ec2.VpcEndpointArgs{VpcId: pulumi.String("vpc-1"),
			ServiceName: pulumi.String("com.amazonaws.eu-central-1.ecr.api"), VpcEndpointType: pulumi.String("Interface"),
			SubnetIds: pulumi.ToStringArray([]string{"subnet-a", "subnet-b"})}, parent)
		if err != nil {
			return err
		}
		ctx.Export("list", gateway.PrefixListId)
		ctx.Export("interfaces", endpoint.NetworkInterfaceIds)
		ctx.Export("name", endpoint.DnsEntries.Index(pulumi.Int(0)).DnsName().Elem())
		return nil
	}))
	require.Regexp(t, `^pl-[0-9a-f]{8}$`, rec.Output(t, "list"))
	interfaces := rec.Output(t, "interfaces").([]string)
	require.Len(t, interfaces, 2)
	require.NotEqual(t, interfaces[0], interfaces[1])
	require.Regexp(t, `^vpce-0[0-9a-f]{16}\.api\.ecr\.eu-central-1\.vpce\.amazonaws\.com$`, rec.Output(t, "name"))
}

// asking is a program that asks for a service and keeps the answer.
func asking(into *ec2.LookupVpcEndpointServiceResult, region string) pulumi.RunFunc {
	return inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		service, options := "logs", []pulumi.InvokeOption{}
		if region != "" {
			provider, err := aws.NewProvider(ctx, "there", &aws.ProviderArgs{Region: pulumi.String(region)}, parent)
			if err != nil {
				return err
			}
			options = append(options, pulumi.Provider(provider))
		}
		found, err := ec2.LookupVpcEndpointService(ctx, &ec2.LookupVpcEndpointServiceArgs{Service: &service}, options...)
		if err == nil {
			*into = *found
		}
		return err
	})
}

func TestAServiceIsOfferedInEveryZoneOfTheRegionUnlessATestSaysOtherwise(t *testing.T) {
	var found ec2.LookupVpcEndpointServiceResult
	recorder.Run(t, asking(&found, ""))
	require.Equal(t, "com.amazonaws.eu-central-1.logs", found.ServiceName)
	require.Equal(t, "Interface", found.ServiceType)
	require.Equal(t, "logs.eu-central-1.amazonaws.com", found.PrivateDnsName)
	require.True(t, found.VpcEndpointPolicySupported)
	require.Len(t, found.AvailabilityZones, 6)
	require.Contains(t, found.AvailabilityZones, "eu-central-1f")

	recorder.Run(t, asking(&found, "us-west-2"))
	require.Equal(t, "com.amazonaws.us-west-2.logs", found.ServiceName)
	require.Contains(t, found.AvailabilityZones, "us-west-2a")

	const token = "aws:ec2/getVpcEndpointService:getVpcEndpointService"
	recorder.Run(t, asking(&found, ""), recorder.Answer(token, func(args resource.PropertyMap) (resource.PropertyMap, error) {
		require.Equal(t, "logs", args["service"].StringValue())
		return resource.PropertyMap{"availabilityZones": resource.NewProperty([]resource.PropertyValue{resource.NewProperty("eu-central-1a")})}, nil
	}))
	require.Equal(t, []string{"eu-central-1a"}, found.AvailabilityZones)

	_, err := recorder.RunErr(asking(&found, ""), recorder.Answer(token, func(resource.PropertyMap) (resource.PropertyMap, error) {
		return nil, errors.New("no such service")
	}))
	require.ErrorContains(t, err, "no such service")
}
