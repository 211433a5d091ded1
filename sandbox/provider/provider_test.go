// Package provider_test talks to the provider as the engine does, over gRPC. It belongs to the layer sandbox.
package provider_test

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/sandbox/provider"
)

// server is a running provider.
type server struct {
	t       *testing.T
	cloud   *cloud.Cloud
	address string
}

func start(t *testing.T, options ...provider.Option) *server {
	t.Helper()
	opened, err := cloud.Open(filepath.Join(t.TempDir(), "cloud.json"))
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	running := grpc.NewServer(provider.Options()...)
	pulumirpc.RegisterResourceProviderServer(running, provider.New(opened, options...))
	served := make(chan error, 1)
	go func() { served <- running.Serve(listener) }()
	t.Cleanup(func() {
		running.Stop()
		require.NoError(t, <-served)
	})
	return &server{t: t, cloud: opened, address: listener.Addr().String()}
}

// client is one provider instance.
type client struct {
	pulumirpc.ResourceProviderClient
	t *testing.T
}

func (s *server) connect() *client {
	s.t.Helper()
	connection, err := grpc.NewClient(s.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, connection.Close()) })
	return &client{pulumirpc.NewResourceProviderClient(connection), s.t}
}

// instance is a configured provider instance.
func (s *server) instance(config map[string]any) *client {
	s.t.Helper()
	c := s.connect()
	_, err := c.Configure(s.t.Context(), &pulumirpc.ConfigureRequest{Args: c.properties(config)})
	require.NoError(s.t, err)
	return c
}

func (c *client) properties(plain map[string]any) *structpb.Struct {
	c.t.Helper()
	written, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(plain), plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	require.NoError(c.t, err)
	return written
}

func (c *client) read(properties *structpb.Struct) map[string]any {
	c.t.Helper()
	read, err := plugin.UnmarshalProperties(properties, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	require.NoError(c.t, err)
	return read.Mappable()
}

const vpcURN = "urn:pulumi:dev::lab::aws:ec2/vpc:Vpc::net"

// create checks and creates one resource.
func (c *client) create(urn string, inputs map[string]any) (*pulumirpc.CreateResponse, error) {
	c.t.Helper()
	checked, err := c.Check(c.t.Context(), &pulumirpc.CheckRequest{Urn: urn, News: c.properties(inputs)})
	require.NoError(c.t, err)
	require.Empty(c.t, checked.GetFailures())
	return c.Create(c.t.Context(), &pulumirpc.CreateRequest{Urn: urn, Properties: checked.GetInputs()})
}

func TestInstancesDoNotMix(t *testing.T) {
	s := start(t)
	home := s.instance(map[string]any{"region": "eu-central-1", "allowedAccountIds": []any{"111122223333"},
		"defaultTags": map[string]any{"tags": map[string]any{"stack": "dev"}}})
	away := s.instance(map[string]any{"region": "us-gov-west-1", "allowedAccountIds": `["444455556666"]`,
		"defaultTags": `{"tags":{"stack":"prod"}}`}) // as a default provider gets them
	for _, c := range []struct {
		client   *client
		arn, tag string
	}{
		{home, "arn:aws:ec2:eu-central-1:111122223333:vpc/", "dev"},
		{away, "arn:aws-us-gov:ec2:us-gov-west-1:444455556666:vpc/", "prod"},
		{home, "arn:aws:ec2:eu-central-1:111122223333:vpc/", "dev"},
	} {
		made, err := c.client.create(vpcURN, map[string]any{"cidrBlock": "10.0.0.0/16"})
		require.NoError(t, err)
		outputs := c.client.read(made.GetProperties())
		require.Equal(t, c.arn+made.GetId(), outputs["arn"])
		require.Equal(t, map[string]any{"stack": c.tag}, outputs["tagsAll"])
	}
	all, err := s.cloud.List()
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, 2, all[0].Serial+all[1].Serial+all[2].Serial-1, "serials 0, 1 and 2")
}

func TestConfigurationThatIsWrongIsRefused(t *testing.T) {
	s := start(t)
	for name, c := range map[string]struct {
		config           map[string]any
		property, reason string
	}{
		"no Region":         {map[string]any{}, "region", "missing required configuration"},
		"a misspelt Region": {map[string]any{"region": "eu-centra-1"}, "region", "invalid AWS Region: eu-centra-1; did you mean eu-central-1?"},
		"a misspelt key":    {map[string]any{"region": "eu-central-1", "defaultTag": "{}"}, "defaultTag", `did you mean "defaultTags"?`},
		"a wrong type":      {map[string]any{"region": "eu-central-1", "maxRetries": "many"}, "maxRetries", "must be an integer"},
		"no account":        {map[string]any{"region": "eu-central-1", "allowedAccountIds": []any{"12"}}, "allowedAccountIds", `"12" is no AWS account number`},
		"a forbidden one":   {map[string]any{"region": "eu-central-1", "forbiddenAccountIds": []any{provider.DefaultAccount}}, "forbiddenAccountIds", "AWS account ID not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			client := s.connect()
			checked, err := client.CheckConfig(t.Context(), &pulumirpc.CheckRequest{News: client.properties(c.config)})
			require.NoError(t, err)
			require.Len(t, checked.GetFailures(), 1)
			require.Equal(t, c.property, checked.GetFailures()[0].GetProperty())
			require.Contains(t, checked.GetFailures()[0].GetReason(), c.reason)
			_, err = client.Configure(t.Context(), &pulumirpc.ConfigureRequest{Args: client.properties(c.config)})
			require.ErrorContains(t, err, c.reason)
			_, err = client.Check(t.Context(), &pulumirpc.CheckRequest{Urn: vpcURN})
			require.ErrorContains(t, err, "the provider is not configured yet")
		})
	}
}

func TestAnotherRegionReplacesTheProvider(t *testing.T) {
	client := start(t).connect()
	diff := func(before, after map[string]any) *pulumirpc.DiffResponse {
		answer, err := client.DiffConfig(t.Context(), &pulumirpc.DiffRequest{Olds: client.properties(before), News: client.properties(after)})
		require.NoError(t, err)
		return answer
	}
	home := map[string]any{"region": "eu-central-1"}
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff(home, home).GetChanges())
	require.Equal(t, []string{"region"}, diff(home, map[string]any{"region": "eu-west-1"}).GetReplaces())
	tagged := diff(home, map[string]any{"region": "eu-central-1", "defaultTags": `{"tags":{"a":"b"}}`})
	require.Equal(t, []string{"defaultTags"}, tagged.GetDiffs())
	require.Empty(t, tagged.GetReplaces())
}

func TestWhatTheSandboxDoesNotKnowIsAnErrorThatSaysSo(t *testing.T) {
	c := start(t).instance(map[string]any{"region": "eu-central-1"})
	_, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: "urn:pulumi:dev::lab::aws:ec2/vcp:Vcp::net"})
	require.ErrorContains(t, err, `the sandbox does not know the resource type "aws:ec2/vcp:Vcp"; did you mean "aws:ec2/vpc:Vpc"?`)
	_, err = c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: "nonsense"})
	require.ErrorContains(t, err, `"nonsense" is no URN`)
	_, err = c.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "aws:ec2/getAmi:getAmi"})
	require.ErrorContains(t, err, `the sandbox does not know the function "aws:ec2/getAmi:getAmi"; it answers aws:ec2/getVpcEndpointService:getVpcEndpointService, aws:index/getAvailabilityZones`)
	answer, err := c.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "aws:index/getRegion:getRegion", Args: c.properties(map[string]any{"nmae": "x"})})
	require.NoError(t, err)
	require.Contains(t, answer.GetFailures()[0].GetReason(), `unknown property "nmae"; did you mean "name"?`)
	checked, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: vpcURN, News: c.properties(map[string]any{"cidrBlok": "10.0.0.0/16", "enableDnsSupport": "yes"})})
	require.NoError(t, err)
	require.Len(t, checked.GetFailures(), 2)
	require.Contains(t, checked.GetFailures()[0].GetReason(), `unknown property "cidrBlok"; did you mean "cidrBlock"?`)
	require.Contains(t, checked.GetFailures()[1].GetReason(), `enableDnsSupport must be a boolean, not the string "yes"`)
}

func TestInvokesAnswerTruthfully(t *testing.T) {
	s := start(t)
	ask := func(c *client, token string, args map[string]any) map[string]any {
		t.Helper()
		answer, err := c.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: token, Args: c.properties(args)})
		require.NoError(t, err)
		require.Empty(t, answer.GetFailures())
		return c.read(answer.GetReturn())
	}
	home := s.instance(map[string]any{"region": "eu-central-1", "allowedAccountIds": []any{"111122223333"}})
	china := s.instance(map[string]any{"region": "cn-north-1"})
	require.Equal(t, "111122223333", ask(home, "aws:index/getCallerIdentity:getCallerIdentity", nil)["accountId"])
	require.Equal(t, provider.DefaultAccount, ask(china, "aws:index/getCallerIdentity:getCallerIdentity", nil)["accountId"])
	require.Equal(t, "eu-central-1", ask(home, "aws:index/getRegion:getRegion", nil)["name"])
	require.Equal(t, "us-west-2", ask(home, "aws:index/getRegion:getRegion", map[string]any{"name": "us-west-2"})["name"])
	require.Equal(t, map[string]any{"partition": "aws-cn", "id": "aws-cn", "dnsSuffix": "amazonaws.com.cn", "reverseDnsPrefix": "cn.com.amazonaws"},
		ask(china, "aws:index/getPartition:getPartition", nil))
	const zones = "aws:index/getAvailabilityZones:getAvailabilityZones"
	require.Equal(t, []any{"eu-central-1a", "eu-central-1b", "eu-central-1c"}, ask(home, zones, map[string]any{"state": "available"})["names"])
	require.Equal(t, []any{"cn-north-1a", "cn-north-1b", "cn-north-1d"}, ask(china, zones, nil)["names"])
	require.Equal(t, []any{"eu-central-1c"}, ask(home, zones, map[string]any{"excludeNames": []any{"eu-central-1a"},
		"filters": []any{map[string]any{"name": "zone-name", "values": []any{"eu-central-1a", "eu-central-1c"}}}})["names"])
	_, err := home.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: zones, Args: home.properties(map[string]any{
		"filters": []any{map[string]any{"name": "colour", "values": []any{"red"}}}})})
	require.ErrorContains(t, err, "api error InvalidParameterValue: The filter 'colour' is invalid")
}

func TestTheServicesOfEndpointsAreDescribed(t *testing.T) {
	s := start(t)
	const token = "aws:ec2/getVpcEndpointService:getVpcEndpointService"
	home, virginia := s.instance(map[string]any{"region": "eu-central-1"}), s.instance(map[string]any{"region": "us-east-1"})
	ask := func(c *client, args map[string]any) (map[string]any, error) {
		t.Helper()
		answer, err := c.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: token, Args: c.properties(args)})
		if err != nil {
			return nil, err
		}
		require.Empty(t, answer.GetFailures())
		return c.read(answer.GetReturn()), nil
	}
	images, err := ask(home, map[string]any{"service": "ecr.dkr"})
	require.NoError(t, err)
	require.Equal(t, "com.amazonaws.eu-central-1.ecr.dkr", images["serviceName"])
	require.Equal(t, "Interface", images["serviceType"])
	require.Equal(t, "*.dkr.ecr.eu-central-1.amazonaws.com", images["privateDnsName"])
	require.Equal(t, []any{"eu-central-1a", "eu-central-1b", "eu-central-1c"}, images["availabilityZones"])
	require.Equal(t, true, images["vpcEndpointPolicySupported"])
	mail, err := ask(virginia, map[string]any{"serviceName": "com.amazonaws.us-east-1.email-smtp"})
	require.NoError(t, err)
	require.Equal(t, []any{"us-east-1a", "us-east-1c", "us-east-1d"}, mail["availabilityZones"])
	gateway, err := ask(home, map[string]any{"service": "s3", "serviceType": "Gateway"})
	require.NoError(t, err)
	require.Equal(t, "", gateway["privateDnsName"])
	filtered, err := ask(home, map[string]any{"service": "s3", "filters": []any{map[string]any{"name": "service-type", "values": []any{"Interface"}}}})
	require.NoError(t, err)
	require.NotEqual(t, gateway["serviceId"], filtered["serviceId"])
	for _, refused := range []struct {
		args map[string]any
		says string
	}{
		{map[string]any{"service": "s3"}, "multiple EC2 VPC Endpoint Services matched"},
		{map[string]any{"service": "ecr"}, "api error InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.eu-central-1.ecr' does not exist"},
		{map[string]any{"service": "logs", "serviceType": "Gateway"}, "no matching EC2 VPC Endpoint Service found"},
		{map[string]any{"service": "logs", "tags": map[string]any{"a": "b"}}, "no matching EC2 VPC Endpoint Service found"},
		{map[string]any{"service": "logs", "serviceName": "com.amazonaws.eu-central-1.logs"}, "conflicts with serviceName"},
		{map[string]any{"service": "logs", "serviceRegions": []any{"eu-west-1"}}, "no services of other Regions"},
		{map[string]any{"filters": []any{map[string]any{"name": "colour", "values": []any{"red"}}}}, "The filter 'colour' is invalid"},
	} {
		_, err := ask(home, refused.args)
		require.ErrorContains(t, err, refused.says)
	}
}

func TestPreviewAndCreationAgreeAndAReplacementHasAnotherName(t *testing.T) {
	c := start(t).instance(map[string]any{"region": "eu-central-1"})
	const urn = "urn:pulumi:dev::lab::aws:cloudwatch/logGroup:LogGroup::web"
	name := func() string {
		checked, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn, RandomSeed: []byte("another every time")})
		require.NoError(t, err)
		return c.read(checked.GetInputs())["name"].(string)
	}
	first := name()
	require.Equal(t, first, name(), "the preview's name and the update's")
	foretold, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urn, Preview: true, Properties: c.properties(map[string]any{"name": first})})
	require.NoError(t, err)
	require.Empty(t, foretold.GetId())
	require.Equal(t, resource.MakeComputed(resource.NewStringProperty("")).V, c.read(foretold.GetProperties())["arn"])
	_, err = c.create(urn, nil)
	require.NoError(t, err)
	require.NotEqual(t, first, name())
	require.True(t, strings.HasPrefix(name(), "web-"))
}

func TestAProgramsOwnNameDeletesBeforeItReplaces(t *testing.T) {
	c := start(t).instance(map[string]any{"region": "eu-central-1"})
	const urn = "urn:pulumi:dev::lab::aws:lb/targetGroup:TargetGroup::web"
	for _, test := range []struct {
		before, after map[string]any
		first         bool
	}{
		{map[string]any{"name": "web"}, map[string]any{"name": "web"}, true},
		{map[string]any{"name": "web"}, map[string]any{"name": "new"}, false},
		{map[string]any{}, map[string]any{}, false},
	} {
		check := func(olds *structpb.Struct, inputs map[string]any, port int) *structpb.Struct {
			inputs["vpcId"], inputs["protocol"], inputs["port"] = "vpc-1", "HTTP", port
			checked, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn, Olds: olds, News: c.properties(inputs)})
			require.NoError(t, err)
			require.Empty(t, checked.GetFailures())
			return checked.GetInputs()
		}
		before := check(nil, test.before, 80)
		diff, err := c.Diff(t.Context(), &pulumirpc.DiffRequest{Urn: urn, Id: "arn", OldInputs: before, Olds: before, News: check(before, test.after, 81)})
		require.NoError(t, err)
		require.Contains(t, diff.GetReplaces(), "port")
		require.Equal(t, pulumirpc.PropertyDiff_UPDATE_REPLACE, diff.GetDetailedDiff()["port"].GetKind())
		require.Equal(t, test.first, diff.GetDeleteBeforeReplace())
	}
}

func TestABucketsNameIsTakenInEveryAccountAndRegion(t *testing.T) {
	s := start(t)
	const urn = "urn:pulumi:dev::lab::aws:s3/bucketV2:BucketV2::assets"
	name := map[string]any{"bucket": "assets"}
	_, err := s.instance(map[string]any{"region": "eu-central-1", "allowedAccountIds": []any{"111122223333"}}).create(urn, name)
	require.NoError(t, err)
	for code, config := range map[string]map[string]any{
		"BucketAlreadyOwnedByYou": {"region": "eu-west-1", "allowedAccountIds": []any{"111122223333"}},
		"BucketAlreadyExists":     {"region": "us-east-1", "allowedAccountIds": []any{"444455556666"}},
	} {
		_, err := s.instance(config).create(urn, name)
		require.ErrorContains(t, err, "operation error S3: CreateBucket, api error "+code)
	}
	_, err = s.instance(map[string]any{"region": "cn-north-1"}).create(urn, name)
	require.NoError(t, err, "another partition has names of its own")
}

func TestReadAnswersWhatIsThereAndNothingForWhatIsGone(t *testing.T) {
	s := start(t)
	c := s.instance(map[string]any{"region": "eu-central-1"})
	made, err := c.create(vpcURN, map[string]any{"cidrBlock": "10.0.0.0/16"})
	require.NoError(t, err)
	imported, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Urn: vpcURN, Id: made.GetId()})
	require.NoError(t, err)
	require.Equal(t, "10.0.0.0/16", c.read(imported.GetInputs())["cidrBlock"])
	require.Equal(t, c.read(made.GetProperties()), c.read(imported.GetProperties()))
	gone, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Urn: vpcURN, Id: "vpc-gone"})
	require.NoError(t, err)
	require.Empty(t, gone.GetId())
	elsewhere := s.instance(map[string]any{"region": "eu-west-1"})
	gone, err = elsewhere.Read(t.Context(), &pulumirpc.ReadRequest{Urn: vpcURN, Id: made.GetId()})
	require.NoError(t, err)
	require.Empty(t, gone.GetId(), "another Region has no such VPC")
	for range 2 { // the second time it is gone already
		_, err = c.Delete(t.Context(), &pulumirpc.DeleteRequest{Urn: vpcURN, Id: made.GetId()})
		require.NoError(t, err)
	}
	_, err = c.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: vpcURN, Id: made.GetId()})
	require.ErrorContains(t, err, "couldn't find resource; run refresh")
}

func TestWhatTheEngineAskedForAndNeverSawIsReadLikeAnImport(t *testing.T) {
	c := start(t).instance(map[string]any{"region": "eu-central-1"})
	const secret, version = "urn:pulumi:dev::lab::aws:secretsmanager/secret:Secret::web", "urn:pulumi:dev::lab::aws:secretsmanager/secretVersion:SecretVersion::web"
	_, err := c.create(secret, nil)
	require.NoError(t, err)
	kept, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: secret})
	require.NoError(t, err)
	made, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: secret, Properties: kept.GetInputs()})
	require.NoError(t, err)
	asked, err := plugin.MarshalProperties(resource.PropertyMap{"secretId": resource.NewStringProperty(made.GetId()),
		"secretString": resource.MakeSecret(resource.NewStringProperty("mine"))}, plugin.MarshalOptions{KeepSecrets: true})
	require.NoError(t, err)
	checked, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: version, News: asked})
	require.NoError(t, err)
	created, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: version, Properties: checked.GetInputs()})
	require.NoError(t, err)
	for name, given := range map[string]*structpb.Struct{"as checked": checked.GetInputs(), "as asked": asked} {
		read, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Urn: version, Id: created.GetId(), Inputs: given})
		require.NoError(t, err, name)
		require.Equal(t, c.read(created.GetProperties()), c.read(read.GetProperties()), name)
		require.Equal(t, "mine", c.read(read.GetInputs())["secretString"].(*resource.Secret).Element.StringValue(), name)
		again, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: version, Olds: read.GetInputs(), News: asked})
		require.NoError(t, err, name)
		diff, err := c.Diff(t.Context(), &pulumirpc.DiffRequest{Urn: version, Id: created.GetId(), OldInputs: read.GetInputs(),
			Olds: read.GetProperties(), News: again.GetInputs()})
		require.NoError(t, err, name)
		require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff.GetChanges(), "%s: %v", name, diff.GetDetailedDiff())
	}
}
