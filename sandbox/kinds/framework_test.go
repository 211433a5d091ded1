package kinds_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func loadBalancer(t testing.TB) *kinds.Kind {
	t.Helper()
	kind, known := kinds.Of(kinds.LoadBalancer)
	require.True(t, known)
	return kind
}

func TestAnUnknownValueIsNeverRefused(t *testing.T) {
	kind := loadBalancer(t)
	lab := newLab(t)
	unknown := In{"name": kinds.Unknown, "idleTimeout": kinds.Unknown, "loadBalancerType": kinds.Unknown, "subnets": kinds.Unknown,
		"ipAddressType": kinds.Unknown, "clientKeepAlive": kinds.Unknown}
	_, err := check(kind, lab.subject(kind, "web"), nil, unknown)
	require.NoError(t, err)
}

func TestARuleThatReadAnUnknownValueDoesNotCount(t *testing.T) {
	kind := *loadBalancer(t)
	kind.Rules = []kinds.Rule{{Name: "two values", Broken: func(d *kinds.Draft) *kinds.Refusal {
		if d.Int("idleTimeout") < 100 && d.Int("clientKeepAlive") < 100 {
			return kinds.Refuse("idleTimeout", "both are short")
		}
		return nil
	}}}
	lab := newLab(t)
	_, err := check(&kind, lab.subject(&kind, "web"), nil, In{"idleTimeout": 60, "clientKeepAlive": kinds.Unknown})
	require.NoError(t, err)
	_, err = check(&kind, lab.subject(&kind, "web"), nil, In{"idleTimeout": 60, "clientKeepAlive": 60})
	require.EqualError(t, err, "idleTimeout: both are short")
}

func TestWhatIsElsewhereIsNotFound(t *testing.T) {
	kind := loadBalancer(t)
	for name, elsewhere := range map[string]func(*Lab) *Lab{
		"another Region":  func(lab *Lab) *Lab { return lab.In("eu-west-1") },
		"another account": func(lab *Lab) *Lab { return lab.Account("999999999999") },
	} {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			subnets := twoSubnets(elsewhere(lab), "vpc-1")
			_, err := lab.create(kind, "web", In{"internal": true, "subnets": subnets})
			require.ErrorContains(t, err, "SubnetNotFound: The subnet ID 'vpc-1a' does not exist")
		})
	}
}

func TestALogicalNameThatIsTooLongIsRefusedWithTheNumberToSave(t *testing.T) {
	kind := loadBalancer(t)
	lab := newLab(t)
	_, err := check(kind, lab.subject(kind, strings.Repeat("w", 24)), nil, In{"subnets": []any{}})
	require.NoError(t, err)
	_, err = check(kind, lab.subject(kind, strings.Repeat("w", 26)), nil, In{"subnets": []any{}})
	require.ErrorContains(t, err, "of 34 characters is longer than the 32 that AWS takes for ELBv2 Load Balancer")
	require.ErrorContains(t, err, "by 2 or set name")
}

func TestANameTheProviderChoseStaysAndOneTheProgramChoseWins(t *testing.T) {
	kind := loadBalancer(t)
	lab := newLab(t)
	subject := lab.subject(kind, "web")
	first, err := check(kind, subject, nil, In{"subnets": []any{}})
	require.NoError(t, err)
	subject.Serial = 1
	kept, err := check(kind, subject, first, In{"subnets": []any{}})
	require.NoError(t, err)
	require.Equal(t, first["name"], kept["name"])
	replacement, err := check(kind, subject, nil, In{"subnets": []any{}})
	require.NoError(t, err)
	require.NotEqual(t, first["name"], replacement["name"])
	chosen, err := check(kind, subject, first, In{"subnets": []any{}, "name": "mine"})
	require.NoError(t, err)
	require.Equal(t, kinds.Text("mine"), chosen["name"])
	dropped, err := check(kind, subject, chosen, In{"subnets": []any{}})
	require.NoError(t, err)
	require.NotEqual(t, kinds.Text("mine"), dropped["name"], "a name that the program no longer asks for is not kept")
}

func TestASetThatIsReorderedDidNotChange(t *testing.T) {
	kind := loadBalancer(t)
	old := &kinds.Thing{Inputs: In{"subnets": []any{"a", "b"}, "tags": In{"x.y": "1"}}.properties()}
	subject := newLab(t).subject(kind, "web")
	require.Empty(t, kind.Diff(subject, old, In{"subnets": []any{"b", "a"}, "tags": In{"x.y": "1"}}.properties()))
	require.Equal(t, []kinds.Change{{Path: "subnets[1]"}, {Path: `tags["x.y"]`}},
		kind.Diff(subject, old, In{"subnets": []any{"a", "c"}, "tags": In{"x.y": "2"}}.properties()))
}

func TestAnUnknownNewValueCountsAsChangedAndReplaces(t *testing.T) {
	kind := loadBalancer(t)
	old := &kinds.Thing{Inputs: In{"internal": true}.properties()}
	require.Equal(t, []kinds.Change{{Path: "internal", Replaces: true}},
		kind.Diff(newLab(t).subject(kind, "web"), old, In{"internal": kinds.Unknown}.properties()))
}

func TestComputedOutputsAreUnknownBeforeCreationAndKnownBeforeAnUpdate(t *testing.T) {
	kind := loadBalancer(t)
	lab := newLab(t)
	made, err := lab.create(kind, "web", loadBalancerIn(nil)(lab))
	require.NoError(t, err)
	subject := lab.subject(kind, "web")
	require.True(t, kind.Preview(subject, lab.world, made.Inputs, nil)["arn"].IsComputed())
	require.Equal(t, made.Outputs["arn"], kind.Preview(subject, lab.world, made.Inputs, made)["arn"])
	changed := made.Inputs.Copy()
	changed["subnets"] = kinds.Unknown
	require.True(t, kind.Preview(subject, lab.world, changed, made)["vpcId"].IsComputed(), "what rests on an unknown value is unknown")
}

func TestSecretsStaySecret(t *testing.T) {
	kind, known := kinds.Of(kinds.SecretVersion)
	require.True(t, known)
	lab := newLab(t)
	lab.Put(kinds.Secret, "arn:secret", In{"arn": "arn:secret"})
	made, err := lab.create(kind, "web", In{"secretId": "arn:secret", "secretString": "open sesame"})
	require.NoError(t, err)
	require.Equal(t, resource.MakeSecret(kinds.Text("open sesame")), made.Outputs["secretString"])
}

func TestIdentifiersAreStableAndTellResourcesApart(t *testing.T) {
	kind, known := kinds.Of(kinds.VPC)
	require.True(t, known)
	seen := map[string]string{}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z][a-z0-9-]{0,20}`).Draw(t, "name")
		subject := kinds.Subject{URN: urn.New("dev", "lab", "", urnType(kind.Token), name), Serial: rapid.IntRange(0, 3).Draw(t, "serial"),
			Place: kinds.Place{Account: "123456789012", Region: rapid.SampledFrom(kinds.RegionNames()).Draw(t, "region")}}
		inputs := In{"cidrBlock": "10.0.0.0/16"}.properties()
		made, err := kind.Create(subject, &memoryWorld{}, inputs)
		require.NoError(t, err)
		require.Regexp(t, `^vpc-0[0-9a-f]{16}$`, made.ID)
		identity := strings.Join([]string{name, subject.Place.Region, string(rune('0' + subject.Serial))}, " ")
		if before, known := seen[made.ID]; known {
			require.Equal(t, before, identity, "one id for two resources")
		}
		seen[made.ID] = identity
		again, err := kind.Create(subject, &memoryWorld{}, inputs)
		require.NoError(t, err)
		require.Equal(t, made, again)
	})
}

func TestEveryRegionIsWhole(t *testing.T) {
	names := kinds.RegionNames()
	require.Len(t, names, 28)
	for _, name := range names {
		region := kinds.RegionOf(name)
		require.GreaterOrEqual(t, len(region.Zones()), 2, name)
		require.Len(t, region.ZoneIDs(), len(region.Zones()), name)
		require.Regexp(t, `^Z[0-9A-Z]+$`, region.LoadBalancerZone(), name)
		for _, zone := range region.Zones() {
			require.Regexp(t, `^[a-z]+[0-9]-az[0-9]$`, region.ZoneID(zone))
		}
	}
	require.Equal(t, []string{"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"}, kinds.RegionOf("us-east-1").Zones())
	require.False(t, kinds.KnownRegion("eu-central-9"))
	require.Equal(t, "aws-us-gov", kinds.RegionOf("us-gov-west-1").Partition)
}
