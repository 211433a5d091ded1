package components_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const subnetToken = "aws:ec2/subnet:Subnet"

// recordSite records one site called recovery in eu-west-1. The program's own provider is that of another Region.
func recordSite(t recorder.TB, args *components.RecoverySiteArgs, options ...recorder.Option) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, inRegion(func(ctx *pulumi.Context, home pulumi.ResourceOption) error {
		provider, err := aws.NewProvider(ctx, "eu-west-1", &aws.ProviderArgs{
			Region: pulumi.String("eu-west-1"), AllowedAccountIds: pulumi.ToStringArray([]string{account}),
		})
		if err != nil {
			return err
		}
		args.Provider = provider
		_, err = components.NewRecoverySite(ctx, "recovery", args, home)
		return err
	}), options...)
}

func TestASiteIsExactlyTheseResourcesAndAllAreInTheRecoveryRegion(t *testing.T) {
	for _, options := range [][]recorder.Option{nil, {recorder.Preview()}} {
		recording := recordSite(t, siteArgs(), options...)
		requireCounts(t, map[string]int{
			siteToken: 1, keyToken: 1, aliasToken: 1, vpcToken: 1, subnetToken: 3, defaultGroupToken: 1, securityGroupToken: 1, subnetGroupToken: 1,
		}, recording)
		recovery := recording.One(t, providerToken, "eu-west-1")
		for _, child := range recording.ChildrenOf(recording.One(t, siteToken, "recovery").URN) {
			require.Truef(t, strings.HasPrefix(child.Provider, recovery.URN), "%s %s has the provider %s", child.Type, child.Name, child.Provider)
		}
	}
}

func TestASiteHasASubnetInEveryZoneAndNoWayInOrOut(t *testing.T) {
	recording := recordSite(t, siteArgs())
	blocks := map[string]string{}
	for _, zone := range []string{"a", "b", "c"} {
		subnet := recording.One(t, subnetToken, "recovery-isolated-"+zone)
		blocks[subnet.Text(t, "availabilityZone")] = subnet.Text(t, "cidrBlock")
		require.False(t, subnet.Bool(t, "mapPublicIpOnLaunch"))
	}
	require.Equal(t, map[string]string{"eu-west-1a": "10.30.24.0/22", "eu-west-1b": "10.30.56.0/22", "eu-west-1c": "10.30.88.0/22"}, blocks)
	for _, group := range []*recorder.Resource{recording.One(t, securityGroupToken, "recovery-restored"), recording.One(t, defaultGroupToken, "recovery-default")} {
		require.False(t, group.Has("ingress"), group.Name)
		require.False(t, group.Has("egress"), group.Name)
	}
	require.Len(t, recording.One(t, subnetGroupToken, "recovery").Texts(t, "subnetIds"), 3)
	require.Equal(t, "10.30.0.0/16", recording.One(t, vpcToken, "recovery").Text(t, "cidrBlock"))
}

func TestTheKeyOfASiteStaysWhenItIsProtected(t *testing.T) {
	args := siteArgs()
	args.Protect = true
	key := recordSite(t, args).One(t, keyToken, "recovery")
	require.True(t, key.Protect && key.RetainOnDelete)
	require.True(t, key.Bool(t, "enableKeyRotation"))
	require.False(t, recordSite(t, siteArgs()).One(t, keyToken, "recovery").Protect)
}

func TestEachFaultOfASiteIsNamedWithItsRemedy(t *testing.T) {
	for _, each := range []struct {
		want  string
		fault func(*components.RecoverySiteArgs)
	}{
		{"accountID: missing", func(a *components.RecoverySiteArgs) { a.AccountID = "" }},
		{"region: missing", func(a *components.RecoverySiteArgs) { a.Region = "" }},
		{`region: "Ireland" is not the name of a Region`, func(a *components.RecoverySiteArgs) { a.Region = "Ireland" }},
		{"zones: [eu-west-1a] must be at least 2 zones", func(a *components.RecoverySiteArgs) { a.Zones = a.Zones[:1] }},
		{"are not in eu-west-2, the site's Region", func(a *components.RecoverySiteArgs) { a.Region = "eu-west-2" }},
		{"cidr: missing", func(a *components.RecoverySiteArgs) { a.CIDR = "" }},
		{"10.30.0.0/8\" has host bits set", func(a *components.RecoverySiteArgs) { a.CIDR = "10.30.0.0/8" }},
		{"provider: missing", func(*components.RecoverySiteArgs) {}},
		{"is set by the component", func(a *components.RecoverySiteArgs) { a.Tags = map[string]string{"Name": "x"} }},
	} {
		args := siteArgs()
		each.fault(args)
		var all []string
		for _, failure := range args.Check("recovery") {
			all = append(all, failure.Error())
		}
		require.Contains(t, strings.Join(all, "\n"), each.want)
	}
	require.Len(t, siteArgs().Check("recovery"), 1, "only the provider is missing")
}
