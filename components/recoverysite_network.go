package components

import (
	"strings"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func (s *RecoverySite) home(ctx *pulumi.Context) home {
	return homeOf(ctx, s.args.AccountID, s.args.Region)
}

// buildKey builds the key of what is restored. The copies have a key of their own, which goes when they do.
func (s *RecoverySite) buildKey(ctx *pulumi.Context) (err error) {
	at := s.home(ctx)
	s.built.key, err = newKey(ctx, keySpec{
		parent: s, provider: s.args.Provider, name: s.name, alias: at.alias("recovery-site", s.name),
		description: "Encrypts what is restored at recovery site " + s.name,
		statements:  []iampolicy.Statement{at.accountAdministers()}, protect: s.args.Protect, tags: s.args.Tags, transform: s.args.Transform.Key,
	})
	return err
}

// buildVPC builds the VPC and a subnet in every zone. Their one route table is the VPC's own, which has the route within the VPC and no other.
// The blocks are those that a Network of this CIDR would give its isolated subnets, so that a whole Network can take their place.
func (s *RecoverySite) buildVPC(ctx *pulumi.Context) (err error) {
	options := childOf(s, s.args.Provider)
	s.built.vpc, err = ec2.NewVpc(ctx, s.name, transformed(&ec2.VpcArgs{
		CidrBlock: pulumi.String(s.args.CIDR), EnableDnsSupport: pulumi.Bool(true), EnableDnsHostnames: pulumi.Bool(true), Tags: tagsNamed(s.args.Tags, s.name),
	}, s.args.Transform.VPC), options...)
	if err != nil {
		return err
	}
	block, err := zones.ParseVPC(s.args.CIDR)
	if err != nil {
		return err
	}
	for _, name := range s.args.Zones {
		zone, err := zones.Parse(name)
		if err != nil {
			return err
		}
		blocks, err := zones.Plan(block, zone)
		if err != nil {
			return err
		}
		called := s.name + "-isolated-" + strings.TrimPrefix(zone.Name, zone.Region)
		subnet, err := ec2.NewSubnet(ctx, called, transformed(&ec2.SubnetArgs{
			VpcId: s.built.vpc.ID(), AvailabilityZone: pulumi.String(name), CidrBlock: pulumi.String(blocks.Isolated.String()),
			MapPublicIpOnLaunch: pulumi.Bool(false), Tags: tagsNamed(s.args.Tags, called),
		}, s.args.Transform.Subnet), options...)
		if err != nil {
			return err
		}
		s.built.subnets = append(s.built.subnets, subnet)
	}
	called := s.name + "-default"
	_, err = ec2.NewDefaultSecurityGroup(ctx, called, &ec2.DefaultSecurityGroupArgs{VpcId: s.built.vpc.ID(), Tags: tagsNamed(s.args.Tags, called)}, options...)
	return err
}

// buildGroups builds the subnet group over every zone, and the security group of what is restored, which admits nobody.
func (s *RecoverySite) buildGroups(ctx *pulumi.Context) (err error) {
	options := childOf(s, s.args.Provider)
	subnets := pulumi.StringArray{}
	for _, each := range s.built.subnets {
		subnets = append(subnets, each.ID())
	}
	s.built.subnetGroup, err = rds.NewSubnetGroup(ctx, s.name, transformed(&rds.SubnetGroupArgs{
		Description: pulumi.String("Subnets of recovery site " + s.name), SubnetIds: subnets, Tags: tagsNamed(s.args.Tags, s.name),
	}, s.args.Transform.SubnetGroup), options...)
	if err != nil {
		return err
	}
	called := s.name + "-restored"
	s.built.securityGroup, err = ec2.NewSecurityGroup(ctx, called, transformed(&ec2.SecurityGroupArgs{
		Description: pulumi.String("Databases restored at " + s.name), VpcId: s.built.vpc.ID(), Tags: tagsNamed(s.args.Tags, called),
	}, s.args.Transform.SecurityGroup), options...)
	return err
}
