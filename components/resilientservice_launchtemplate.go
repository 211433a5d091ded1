package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// rootDevice is where Amazon Linux 2023 has its root volume.
const rootDevice = "/dev/xvda"

// buildLaunchTemplate builds what every instance is launched from.
func (s *ResilientService) buildLaunchTemplate(ctx *pulumi.Context) (err error) {
	name := s.name + "-lt"
	s.built.launchTemplate, err = ec2.NewLaunchTemplate(ctx, name, transformed(&ec2.LaunchTemplateArgs{
		Description:          pulumi.String("Instances of service " + s.name),
		UpdateDefaultVersion: pulumi.Bool(true),
		ImageId:              pulumi.String(s.args.AMI),
		EbsOptimized:         pulumi.String("true"),
		UserData:             s.bootText(ctx),
		IamInstanceProfile:   &ec2.LaunchTemplateIamInstanceProfileArgs{Arn: s.built.profile.Arn},
		// Metrics every minute instead of every five, which scaling needs
		// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/enable-as-instance-metrics.html).
		Monitoring: &ec2.LaunchTemplateMonitoringArgs{Enabled: pulumi.Bool(true)},
		// Credentials of the role are handed out to sessions only (IMDSv2), and one hop keeps the answer on the host
		// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html).
		MetadataOptions: &ec2.LaunchTemplateMetadataOptionsArgs{
			HttpEndpoint: pulumi.String("enabled"), HttpTokens: pulumi.String("required"), HttpPutResponseHopLimit: pulumi.Int(1),
		},
		NetworkInterfaces: ec2.LaunchTemplateNetworkInterfaceArray{&ec2.LaunchTemplateNetworkInterfaceArgs{
			DeviceIndex: pulumi.Int(0), AssociatePublicIpAddress: pulumi.String("false"), DeleteOnTermination: pulumi.String("true"),
			SecurityGroups: pulumi.StringArray{s.built.instanceGroup.ID()},
		}},
		BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{&ec2.LaunchTemplateBlockDeviceMappingArgs{
			DeviceName: pulumi.String(rootDevice),
			Ebs: &ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
				VolumeType: pulumi.String("gp3"), VolumeSize: pulumi.Int(s.args.RootVolumeGiB),
				Encrypted: pulumi.String("true"), KmsKeyId: s.built.key.Arn, DeleteOnTermination: pulumi.String("true"),
			},
		}},
		TagSpecifications: s.tagSpecifications(),
		Tags:              s.templateTags(name),
	}, s.args.Transform.LaunchTemplate), pulumi.Parent(s))
	return err
}

// tagSpecifications tag what a launch creates, which neither default tags nor the group's tags all reach.
func (s *ResilientService) tagSpecifications() ec2.LaunchTemplateTagSpecificationArray {
	var specifications ec2.LaunchTemplateTagSpecificationArray
	for _, kind := range []string{"instance", "volume", "network-interface"} {
		specifications = append(specifications, &ec2.LaunchTemplateTagSpecificationArgs{
			ResourceType: pulumi.String(kind), Tags: s.instanceTags(),
		})
	}
	return specifications
}
