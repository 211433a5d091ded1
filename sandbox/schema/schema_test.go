// Package schema_test tests what is read from the SDK. It belongs to the layer sandbox.
package schema_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/sandbox/schema"
)

func group(t *testing.T) *schema.Resource {
	t.Helper()
	read, err := schema.Of(autoscaling.GroupArgs{}, &autoscaling.Group{})
	require.NoError(t, err)
	return read
}

func TestTheSDKSaysNamesTypesAndWhichScalarsAreRequired(t *testing.T) {
	read := group(t)
	maximum, known := read.Inputs.Field("maxSize")
	require.True(t, known)
	require.Equal(t, schema.Property{Name: "maxSize", Optional: false, Type: &schema.Type{Shape: schema.Integer}}, maximum)
	zones, known := read.Inputs.Field("vpcZoneIdentifiers")
	require.True(t, known)
	require.True(t, zones.Optional)
	require.Equal(t, &schema.Type{Shape: schema.List, Elem: &schema.Type{Shape: schema.Text}}, zones.Type)
	arn, known := read.Outputs.Field("arn")
	require.True(t, known)
	require.False(t, arn.Optional)
	_, known = read.Inputs.Field("arn")
	require.False(t, known)
}

func TestCheckNamesEveryProblemByItsPath(t *testing.T) {
	for name, c := range map[string]struct {
		given  map[string]any
		path   string
		reason string
	}{
		"unknown":          {map[string]any{"maxsize": 3}, "maxsize", `unknown property "maxsize"; did you mean "maxSize"?`},
		"unknown below":    {map[string]any{"launchTemplate": map[string]any{"nmae": "x"}}, "launchTemplate.nmae", `unknown property "nmae"; did you mean "name"?`},
		"a text":           {map[string]any{"minSize": "one"}, "minSize", `minSize must be an integer, not the string "one"`},
		"a fraction":       {map[string]any{"minSize": 1.5}, "minSize", "minSize must be an integer, not the number 1.5"},
		"an element":       {map[string]any{"vpcZoneIdentifiers": []any{"a", true}}, "vpcZoneIdentifiers[1]", "vpcZoneIdentifiers[1] must be a string, not the boolean true"},
		"no list":          {map[string]any{"tags": "x"}, "tags", `tags must be a list, not the string "x"`},
		"a missing nested": {map[string]any{"tags": []any{map[string]any{"key": "k", "value": "v"}}}, "tags[0].propagateAtLaunch", `missing required property "tags[0].propagateAtLaunch"`},
	} {
		t.Run(name, func(t *testing.T) {
			given := map[string]any{"minSize": 1, "maxSize": 2}
			for key, value := range c.given {
				given[key] = value
			}
			require.Equal(t, []schema.Problem{{Path: c.path, Reason: c.reason}}, group(t).Inputs.Check(resource.NewPropertyMapFromMap(given)))
		})
	}
}

func TestWhatIsMissingIsNamedOnce(t *testing.T) {
	require.Equal(t, []schema.Problem{
		{Path: "maxSize", Reason: `missing required property "maxSize"`},
		{Path: "minSize", Reason: `missing required property "minSize"`},
		{Path: "vpcZoneIdentifiers", Reason: `missing required property "vpcZoneIdentifiers"`},
	}, group(t).Inputs.Check(resource.PropertyMap{}, "vpcZoneIdentifiers"))
}

func TestUnknownAndSecretValuesFitWhereTheirPlainFormDoes(t *testing.T) {
	inputs := group(t).Inputs
	require.Empty(t, inputs.Check(resource.PropertyMap{
		"minSize": resource.MakeComputed(resource.NewStringProperty("")),
		"maxSize": resource.MakeSecret(resource.NewNumberProperty(2)),
	}))
	require.Equal(t, []schema.Problem{{Path: "maxSize", Reason: `maxSize must be an integer, not the string "2"`}}, inputs.Check(resource.PropertyMap{
		"minSize": resource.NewNumberProperty(1), "maxSize": resource.MakeSecret(resource.NewStringProperty("2"))}))
}

func TestTypesAreOfTheSDKOnly(t *testing.T) {
	_, err := schema.Of(lb.LoadBalancerArray{}, &lb.LoadBalancer{})
	require.ErrorContains(t, err, "must be a struct")
}

func TestNearestFindsAMisspeltNameAndNothingElse(t *testing.T) {
	names := []string{"healthCheck", "healthCheckType", "port"}
	require.Equal(t, "healthCheck", schema.Nearest("helthCheck", names))
	require.Equal(t, "healthCheckType", schema.Nearest("healthchecktyp", names))
	require.Empty(t, schema.Nearest("certificateArn", names))
	require.Empty(t, schema.Nearest("x", nil))
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		require.Equal(t, name, schema.Nearest(name, []string{"unlike it by far, really", name}))
	})
}
