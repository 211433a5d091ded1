package recorder_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/internal/recorder"
)

const awsxVPC = "awsx:ec2:Vpc"

// twoZones is a VPC of awsx in two zones; edit breaks one thing in it.
func twoZones(edit func(*awsxec2.VpcArgs)) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "aws", &aws.ProviderArgs{Region: pulumi.String("eu-west-1")})
		if err != nil {
			return err
		}
		c, err := newComponent(ctx, "net", pulumi.Providers(provider))
		if err != nil {
			return err
		}
		strategy := awsxec2.SubnetAllocationStrategyAuto
		args := &awsxec2.VpcArgs{
			CidrBlock:             pulumi.StringRef("10.0.0.0/16"),
			AvailabilityZoneNames: []string{"eu-west-1a", "eu-west-1b"},
			SubnetStrategy:        &strategy,
			SubnetSpecs: []awsxec2.SubnetSpecArgs{
				{Type: awsxec2.SubnetTypePrivate, CidrBlocks: []string{"10.0.0.0/20", "10.0.32.0/20"}},
				{Type: awsxec2.SubnetTypePublic, CidrBlocks: []string{"10.0.16.0/21", "10.0.48.0/21"}},
			},
		}
		edit(args)
		made, err := awsxec2.NewVpc(ctx, "net", args, pulumi.Parent(c))
		if err != nil {
			return err
		}
		ctx.Export("vpc", made.VpcId)
		ctx.Export("public", made.PublicSubnetIds)
		ctx.Export("private", made.PrivateSubnetIds)
		ctx.Export("isolated", made.IsolatedSubnetIds)
		ctx.Export("layout", made.SubnetLayout)
		ctx.Export("tables", made.RouteTables.ApplyT(func(tables []*ec2.RouteTable) pulumi.StringArrayOutput {
			var seen pulumi.StringArray
			for _, table := range tables {
				seen = append(seen, pulumi.Sprintf("%s %s %s", table.ID(), table.Tags.MapIndex(pulumi.String("SubnetType")), table.VpcId))
			}
			return seen.ToStringArrayOutput()
		}))
		ctx.Export("types", made.RouteTables.ApplyT(func(tables []*ec2.RouteTable) pulumi.StringArrayOutput {
			var seen pulumi.StringArray
			for _, table := range tables {
				seen = append(seen, table.Tags.MapIndex(pulumi.String("SubnetType")))
			}
			return seen.ToStringArrayOutput()
		}))
		return nil
	}
}

func TestTheRemoteVPCAnswersOneSubnetForEachZoneOfEachType(t *testing.T) {
	rec := recorder.Run(t, twoZones(func(*awsxec2.VpcArgs) {}))
	require.Regexp(t, `^vpc-0[0-9a-f]{16}$`, rec.Output(t, "vpc"))
	public, private := rec.Output(t, "public").([]string), rec.Output(t, "private").([]string)
	require.Len(t, public, 2)
	require.Len(t, private, 2)
	distinct := map[string]bool{}
	for _, id := range append(append([]string{}, public...), private...) {
		require.Regexp(t, `^subnet-0[0-9a-f]{16}$`, id)
		distinct[id] = true
	}
	require.Len(t, distinct, 4)
	require.Equal(t, []string{}, rec.Output(t, "isolated"))
	require.Len(t, rec.Output(t, "layout"), 2)
	made := rec.One(t, awsxVPC, "net")
	require.True(t, made.Remote)
	require.False(t, made.Custom)
	require.Contains(t, made.Providers["aws"], "pulumi:providers:aws::aws::")
	require.Equal(t, []string{"eu-west-1a", "eu-west-1b"}, made.Texts(t, "availabilityZoneNames"))
}

func TestTheRemoteVPCGivesOutItsRouteTablesAsResources(t *testing.T) {
	rec := recorder.Run(t, twoZones(func(*awsxec2.VpcArgs) {}))
	vpc, distinct := rec.Output(t, "vpc").(string), map[string]bool{}
	for index, table := range rec.Output(t, "tables").([]string) {
		require.Regexp(t, `^rtb-0[0-9a-f]{16} `+[]string{"Public", "Private"}[index%2]+" "+vpc+"$", table)
		distinct[table] = true
	}
	require.Len(t, distinct, 4)
	require.Empty(t, rec.OfType("aws:ec2/routeTable:RouteTable"), "the program asked for none")

	preview := recorder.Run(t, twoZones(func(*awsxec2.VpcArgs) {}), recorder.Preview())
	require.False(t, preview.OutputKnown("tables"))
	require.Equal(t, []string{"Public", "Private", "Public", "Private"}, preview.Output(t, "types"))
}

func TestAppendingAZoneKeepsTheSubnetsOfTheOthers(t *testing.T) {
	two := recorder.Run(t, twoZones(func(*awsxec2.VpcArgs) {}))
	three := recorder.Run(t, twoZones(func(args *awsxec2.VpcArgs) {
		args.AvailabilityZoneNames = append(args.AvailabilityZoneNames, "eu-west-1c")
		args.SubnetSpecs[0].CidrBlocks = append(args.SubnetSpecs[0].CidrBlocks, "10.0.64.0/20")
		args.SubnetSpecs[1].CidrBlocks = append(args.SubnetSpecs[1].CidrBlocks, "10.0.80.0/21")
	}))
	private := three.Output(t, "private").([]string)
	require.Len(t, private, 3)
	require.Equal(t, two.Output(t, "private"), private[:2])
}

func TestAPreviewOfTheRemoteVPCKnowsItsLayoutOnly(t *testing.T) {
	rec := recorder.Run(t, twoZones(func(*awsxec2.VpcArgs) {}), recorder.Preview())
	require.False(t, rec.OutputKnown("vpc"))
	require.False(t, rec.OutputKnown("private"))
	require.Len(t, rec.Output(t, "layout"), 2)
}

func TestTheRemoteVPCRefusesWhatAwsxRefuses(t *testing.T) {
	legacy := awsxec2.SubnetAllocationStrategyLegacy
	for want, edit := range map[string]func(*awsxec2.VpcArgs){
		"the number of CIDR blocks in subnetSpecs[0] must match the number of availability zones (3)": func(a *awsxec2.VpcArgs) {
			a.AvailabilityZoneNames = append(a.AvailabilityZoneNames, "eu-west-1c")
		},
		"all subnets must have explicit cidrBlocks":                           func(a *awsxec2.VpcArgs) { a.SubnetSpecs[1].CidrBlocks = nil },
		"the blocks 10.0.0.0/20 and 10.0.8.0/21 of the subnets overlap":       func(a *awsxec2.VpcArgs) { a.SubnetSpecs[1].CidrBlocks[0] = "10.0.8.0/21" },
		`subnetSpecs[0].cidrBlocks: netip.ParsePrefix("10.0.0.0")`:            func(a *awsxec2.VpcArgs) { a.SubnetSpecs[0].CidrBlocks[0] = "10.0.0.0" },
		"NAT gateways need at least one public and one private subnet":        func(a *awsxec2.VpcArgs) { a.SubnetSpecs = a.SubnetSpecs[:1] },
		`natGateways.strategy "PerZone" is not a strategy`:                    func(a *awsxec2.VpcArgs) { a.NatGateways = &awsxec2.NatGatewayConfigurationArgs{Strategy: "PerZone"} },
		`subnetSpecs[0].type "Hidden" is not a type of subnet`:                func(a *awsxec2.VpcArgs) { a.SubnetSpecs[0].Type = "Hidden" },
		`subnetStrategy "Legacy" ignores cidrBlocks`:                          func(a *awsxec2.VpcArgs) { a.SubnetStrategy = &legacy },
		`subnetStrategy "" ignores cidrBlocks`:                                func(a *awsxec2.VpcArgs) { a.SubnetStrategy = nil },
		"the recorder knows no zones":                                         func(a *awsxec2.VpcArgs) { a.AvailabilityZoneNames = nil },
		"only one of [availabilityZoneNames] and [numberOfAvailabilityZones]": func(a *awsxec2.VpcArgs) { a.NumberOfAvailabilityZones = pulumi.IntRef(2) },
		"the recorder computes no blocks: state subnetSpecs with cidrBlocks":  func(a *awsxec2.VpcArgs) { a.SubnetSpecs = nil },
	} {
		t.Run(want, func(t *testing.T) {
			_, err := recorder.RunErr(twoZones(edit))
			require.ErrorContains(t, err, want)
		})
	}
}

func TestTheRemoteVPCNeedsNoNATWithoutPublicSubnets(t *testing.T) {
	rec := recorder.Run(t, twoZones(func(args *awsxec2.VpcArgs) {
		args.SubnetSpecs = args.SubnetSpecs[:1]
		args.NatGateways = &awsxec2.NatGatewayConfigurationArgs{Strategy: awsxec2.NatGatewayStrategyNone}
	}))
	require.Equal(t, []string{}, rec.Output(t, "public"))
	require.Len(t, rec.Output(t, "private"), 2)
}
