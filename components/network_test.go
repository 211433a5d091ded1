package components_test

import (
	"slices"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func networkCounts() map[string]int {
	return map[string]int{
		networkToken: 1, awsxVPCToken: 1, defaultGroupToken: 1, flowLogToken: 1, logGroupToken: 1,
		keyToken: 1, aliasToken: 1, roleToken: 1, rolePolicyToken: 1,
		endpointToken: 1 + len(components.DefaultEndpoints()), securityGroupToken: 1, ingressToken: 1,
	}
}

func TestNetworkAsksForThreeTiersInEveryZone(t *testing.T) {
	recording := recordNetwork(t, networkArgs())
	requireCounts(t, networkCounts(), recording)
	vpc := recording.One(t, awsxVPCToken, "main")
	require.Equal(t, threeZones(), vpc.Texts(t, "availabilityZoneNames"))
	require.Equal(t, "10.40.0.0/16", vpc.Text(t, "cidrBlock"))
	require.Equal(t, "Auto", vpc.Text(t, "subnetStrategy"), "Legacy would ignore the blocks, Exact would refuse gaps")
	require.Equal(t, "None", vpc.Text(t, "natGateways.strategy"))
	require.True(t, vpc.Bool(t, "enableDnsHostnames"))
	require.True(t, vpc.Bool(t, "enableDnsSupport"))
	require.Equal(t, []any{
		tier("public", "Public", "10.40.16.0/21", "10.40.48.0/21", "10.40.80.0/21"),
		tier("private", "Private", "10.40.0.0/20", "10.40.32.0/20", "10.40.64.0/20"),
		tier("isolated", "Isolated", "10.40.24.0/22", "10.40.56.0/22", "10.40.88.0/22"),
	}, vpc.List(t, "subnetSpecs"))
}

func tier(name, kind string, blocks ...any) map[string]any {
	return map[string]any{"name": name, "type": kind, "cidrBlocks": blocks}
}

func TestEveryNATStrategyReachesAWSX(t *testing.T) {
	for strategy, want := range map[components.NATStrategy]string{
		"": "None", components.NATPerZone: "OnePerAz", components.NATSingle: "Single", components.NATNone: "None",
	} {
		args := networkArgs()
		args.NAT = strategy
		require.Equal(t, want, recordNetwork(t, args).One(t, awsxVPCToken, "main").Text(t, "natGateways.strategy"), strategy)
	}
}

func TestAppendingAZoneRenumbersNoSubnet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.Permutation([]string{
			"eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d", "eu-central-1e", "eu-central-1f", "eu-central-1g", "eu-central-1h",
		}).Draw(t, "zones")
		count := rapid.IntRange(2, 7).Draw(t, "count")
		before, after := tierBlocks(t, all[:count]), tierBlocks(t, all[:count+1])
		for tier, blocks := range before {
			require.Equal(t, blocks, after[tier][:count])
			require.Len(t, after[tier], count+1)
			require.NotContains(t, blocks, after[tier][count])
		}
	})
}

func tierBlocks(t recorder.TB, zones []string) [3][]any {
	args := networkArgs()
	args.Zones = zones
	var tiers [3][]any
	for index, spec := range recordNetwork(t, args, everywhere()).One(t, awsxVPCToken, "main").List(t, "subnetSpecs") {
		tiers[index] = spec.(map[string]any)["cidrBlocks"].([]any)
	}
	return tiers
}

func TestDefaultSecurityGroupKeepsNoRule(t *testing.T) {
	recording := recordNetwork(t, networkArgs())
	group := recording.One(t, defaultGroupToken, "main-default")
	require.False(t, group.Has("ingress"))
	require.False(t, group.Has("egress"))
	flowLog := recording.One(t, flowLogToken, "main-flow-logs")
	require.Equal(t, flowLog.Text(t, "vpcId"), group.Text(t, "vpcId"))
}

func TestAllTrafficIsLoggedUnderAKeyOfItsOwn(t *testing.T) {
	args := networkArgs()
	args.FlowLogRetention = components.Retain1Year
	recording := recordNetwork(t, args, recorder.Stack("prod"))
	flowLog, group := recording.One(t, flowLogToken, "main-flow-logs"), recording.One(t, logGroupToken, "main-flow-logs")
	require.Equal(t, "ALL", flowLog.Text(t, "trafficType"))
	require.Equal(t, 60, flowLog.Int(t, "maxAggregationInterval"))
	require.Equal(t, "cloud-watch-logs", flowLog.Text(t, "logDestinationType"))
	require.Equal(t, "arn:aws:logs:eu-central-1:"+account+":log-group:/aplomb/prod/flow-logs/main", flowLog.Text(t, "logDestination"))
	require.Equal(t, 365, group.Int(t, "retentionInDays"))
	require.Contains(t, group.PropertyDependencies["kmsKeyId"], recording.One(t, keyToken, "main-flow-logs").URN)
	require.Contains(t, flowLog.DependsOn, recording.One(t, rolePolicyToken, "main-flow-logs").URN)
	require.Equal(t, "alias/aplomb/prod/flow-logs/main", recording.One(t, aliasToken, "main-flow-logs").Text(t, "name"))

	golden.JSON(t, "testdata/network-flow-logs.role.golden.json", recording.One(t, rolePolicyToken, "main-flow-logs").Text(t, "policy"))
	golden.JSON(t, "testdata/network-flow-logs.trust.golden.json", recording.One(t, roleToken, "main-flow-logs").Text(t, "assumeRolePolicy"))
	golden.JSON(t, "testdata/network-flow-logs.key.golden.json", recording.One(t, keyToken, "main-flow-logs").Text(t, "policy"))
}

func TestNetworkProtectsExactlyWhatHoldsHistory(t *testing.T) {
	args := networkArgs()
	require.Empty(t, protected(recordNetwork(t, args)))
	args.Protect = true
	require.Equal(t, []string{logGroupToken + " main-flow-logs", keyToken + " main-flow-logs"}, protected(recordNetwork(t, args)))
}

// protected lists what is protected and retained; a resource with only one of the two shows which.
func protected(recording *recorder.Recording) []string {
	var list []string
	for _, each := range recording.All() {
		switch {
		case each.Protect && each.RetainOnDelete:
			list = append(list, each.Type+" "+each.Name)
		case each.Protect:
			list = append(list, "protected only: "+each.Type+" "+each.Name)
		case each.RetainOnDelete:
			list = append(list, "retained only: "+each.Type+" "+each.Name)
		}
	}
	slices.Sort(list)
	return list
}

func TestNetworkIsTheParentOfAllItsResourcesAndHandsThemItsProvider(t *testing.T) {
	recording := recordNetwork(t, networkArgs())
	network := recording.One(t, networkToken, "main")
	provider := recording.OfType(providerToken)[0]
	require.Len(t, recording.ChildrenOf(network.URN), 17)
	for _, child := range recording.ChildrenOf(network.URN) {
		if child.Remote {
			require.Equal(t, map[string]string{"aws": provider.URN + "::" + provider.ID}, child.Providers)
			continue
		}
		require.Equal(t, provider.URN+"::"+provider.ID, child.Provider, child.URN)
	}
}

func TestNetworkWithoutAProviderUsesTheDefaultOne(t *testing.T) {
	recording := recorder.Run(t, func(ctx *pulumi.Context) error {
		_, err := components.NewNetwork(ctx, "main", networkArgs())
		return err
	})
	require.Empty(t, recording.One(t, awsxVPCToken, "main").Providers)
	require.Empty(t, recording.One(t, keyToken, "main-flow-logs").Provider)
}

func TestNetworkTagsReachEveryTaggableResource(t *testing.T) {
	args := networkArgs()
	args.Tags = map[string]string{"unit": "support"}
	recording := recordNetwork(t, args)
	for _, token := range []string{endpointToken, securityGroupToken, ingressToken, defaultGroupToken, flowLogToken, logGroupToken, keyToken, roleToken} {
		for _, each := range recording.OfType(token) {
			require.Equal(t, map[string]any{"Name": each.Name, "unit": "support"}, each.Map(t, "tags"), each.URN)
		}
	}
	require.Equal(t, map[string]any{"unit": "support"}, recording.One(t, awsxVPCToken, "main").Map(t, "tags"))
}

func TestEveryNetworkTransformHasTheLastWord(t *testing.T) {
	args := networkArgs()
	args.Transform = components.NetworkTransforms{
		VPC: func(a *awsxec2.VpcArgs) { a.EnableDnsHostnames = pulumi.Bool(false) },
		DefaultSecurityGroup: func(a *ec2.DefaultSecurityGroupArgs) {
			a.Tags = pulumi.StringMap{"seen": pulumi.String("default")}
		},
		FlowLog:               func(a *ec2.FlowLogArgs) { a.MaxAggregationInterval = pulumi.Int(600) },
		FlowLogGroup:          func(a *cloudwatch.LogGroupArgs) { a.RetentionInDays = pulumi.Int(1) },
		FlowLogKey:            func(a *kms.KeyArgs) { a.DeletionWindowInDays = pulumi.Int(7) },
		FlowLogRole:           func(a *iam.RoleArgs) { a.Path = pulumi.String("/network/") },
		GatewayEndpoint:       func(a *ec2.VpcEndpointArgs) { a.AutoAccept = pulumi.Bool(true) },
		InterfaceEndpoint:     func(a *ec2.VpcEndpointArgs) { a.IpAddressType = pulumi.String("ipv4") },
		EndpointSecurityGroup: func(a *ec2.SecurityGroupArgs) { a.NamePrefix = pulumi.String("mine") },
	}
	recording := recordNetwork(t, args)
	require.False(t, recording.One(t, awsxVPCToken, "main").Bool(t, "enableDnsHostnames"))
	require.Equal(t, map[string]any{"seen": "default"}, recording.One(t, defaultGroupToken, "main-default").Map(t, "tags"))
	require.Equal(t, 600, recording.One(t, flowLogToken, "main-flow-logs").Int(t, "maxAggregationInterval"))
	require.Equal(t, 1, recording.One(t, logGroupToken, "main-flow-logs").Int(t, "retentionInDays"))
	require.Equal(t, 7, recording.One(t, keyToken, "main-flow-logs").Int(t, "deletionWindowInDays"))
	require.Equal(t, "/network/", recording.One(t, roleToken, "main-flow-logs").Text(t, "path"))
	for _, endpoint := range recording.OfType(endpointToken) {
		require.Equal(t, endpoint.Name == "main-s3", endpoint.Has("autoAccept"), endpoint.Name)
		require.Equal(t, endpoint.Name != "main-s3", endpoint.Has("ipAddressType"), endpoint.Name)
	}
	require.Equal(t, "mine", recording.One(t, securityGroupToken, "main-endpoints").Text(t, "namePrefix"))
}

func TestNetworkOutputsAreOneSubnetAZonePerTier(t *testing.T) {
	program := inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		network, err := components.NewNetwork(ctx, "main", networkArgs(), provider)
		if err != nil {
			return err
		}
		ctx.Export("zones", network.Zones)
		ctx.Export("public", network.PublicSubnetIDs)
		ctx.Export("private", network.PrivateSubnetIDs)
		ctx.Export("isolated", network.IsolatedSubnetIDs)
		ctx.Export("vpc", network.VPCID)
		ctx.Export("placementVPC", network.Placement().VPCID)
		ctx.Export("flowLogs", network.FlowLogGroupName)
		return nil
	})
	recording := recorder.Run(t, program)
	require.Equal(t, threeZones(), recording.Output(t, "zones"))
	seen := map[string]bool{}
	for _, tier := range []string{"public", "private", "isolated"} {
		ids := recording.Output(t, tier).([]string)
		require.Len(t, ids, 3)
		for _, id := range ids {
			require.False(t, seen[id], "%v is in two places", id)
			seen[id] = true
		}
	}
	require.Equal(t, recording.Output(t, "vpc"), recording.Output(t, "placementVPC"))
	require.Equal(t, "/aplomb/test/flow-logs/main", recording.Output(t, "flowLogs"))

	preview := recorder.Run(t, program, recorder.Preview())
	require.False(t, preview.OutputKnown("vpc"))
	require.True(t, preview.OutputKnown("zones"))
}

func TestPreviewOfANetworkShowsTheSameResources(t *testing.T) {
	requireCounts(t, networkCounts(), recordNetwork(t, networkArgs(), recorder.Preview()))
}
