package components_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	offerToken = "aws:ec2/getVpcEndpointService:getVpcEndpointService"
	guest      = "111111111111" // an account whose images were stated
	stranger   = "222222222222"
)

// offered answers that each service is offered in zones a to h of eu-central-1, but for those that edit changes.
func offered(edit func(service string, answer resource.PropertyMap) error) recorder.Option {
	return recorder.Answer(offerToken, func(args resource.PropertyMap) (resource.PropertyMap, error) {
		var zones []resource.PropertyValue
		for _, letter := range "abcdefgh" {
			zones = append(zones, resource.NewProperty("eu-central-1"+string(letter)))
		}
		name := args["serviceName"].StringValue()
		answer := resource.PropertyMap{
			"serviceName": resource.NewProperty(name), "availabilityZones": resource.NewProperty(zones),
			"vpcEndpointPolicySupported": resource.NewProperty(true),
		}
		service := strings.TrimPrefix(strings.TrimPrefix(name, "com.amazonaws.eu-central-1."), "cn.com.amazonaws.cn-north-1.")
		return answer, edit(service, answer)
	})
}

func everywhere() recorder.Option {
	return offered(func(string, resource.PropertyMap) error { return nil })
}

func TestPrivateSubnetsReachS3ThroughTheirRouteTables(t *testing.T) {
	recording := recordNetwork(t, networkArgs())
	gateway := recording.One(t, endpointToken, "main-s3")
	require.Equal(t, "com.amazonaws.eu-central-1.s3", gateway.Text(t, "serviceName"))
	require.Equal(t, "Gateway", gateway.Text(t, "vpcEndpointType"))
	require.Equal(t, recording.One(t, flowLogToken, "main-flow-logs").Text(t, "vpcId"), gateway.Text(t, "vpcId"))
	require.False(t, gateway.Has("subnetIds"))
	tables := gateway.Texts(t, "routeTableIds")
	require.Len(t, tables, 3)
	distinct := map[string]bool{}
	for _, table := range tables {
		require.Regexp(t, `^rtb-0[0-9a-f]{16}$`, table)
		distinct[table] = true
	}
	require.Len(t, distinct, 3)

	preview := recordNetwork(t, networkArgs(), recorder.Preview())
	require.True(t, preview.One(t, endpointToken, "main-s3").Unknown("routeTableIds"))
	require.Equal(t, gateway.Text(t, "policy"), preview.One(t, endpointToken, "main-s3").Text(t, "policy"))
}

func TestOnlyPrivateSubnetsReachS3(t *testing.T) {
	vpc := recordNetwork(t, networkArgs()).One(t, awsxVPCToken, "main")
	// The same VPC by itself, which says which tables are whose.
	recording := recorder.Run(t, func(ctx *pulumi.Context) error {
		parent := &holder{}
		if err := ctx.RegisterComponentResource("test:index:Holder", "holder", parent); err != nil {
			return err
		}
		strategy := awsxec2.SubnetAllocationStrategyAuto
		args := &awsxec2.VpcArgs{
			AvailabilityZoneNames: threeZones(), SubnetStrategy: &strategy,
			NatGateways: &awsxec2.NatGatewayConfigurationArgs{Strategy: awsxec2.NatGatewayStrategyNone},
		}
		for _, each := range vpc.List(t, "subnetSpecs") {
			spec, blocks := each.(map[string]any), []string{}
			for _, block := range spec["cidrBlocks"].([]any) {
				blocks = append(blocks, block.(string))
			}
			args.SubnetSpecs = append(args.SubnetSpecs, awsxec2.SubnetSpecArgs{
				Type: awsxec2.SubnetType(spec["type"].(string)), Name: pulumi.StringRef(spec["name"].(string)), CidrBlocks: blocks,
			})
		}
		built, err := awsxec2.NewVpc(ctx, "main", args, pulumi.Parent(parent))
		if err != nil {
			return err
		}
		ctx.Export("tables", built.RouteTables.ApplyT(func(tables []*ec2.RouteTable) pulumi.StringArrayOutput {
			var described pulumi.StringArray
			for _, table := range tables {
				described = append(described, pulumi.Sprintf("%s %s", table.Tags.MapIndex(pulumi.String("SubnetType")), table.ID()))
			}
			return described.ToStringArrayOutput()
		}))
		return nil
	})
	var private []string
	for _, table := range recording.Output(t, "tables").([]string) {
		if kind, id, _ := strings.Cut(table, " "); kind == "Private" {
			private = append(private, id)
		}
	}
	require.Len(t, recording.Output(t, "tables"), 9)
	require.Equal(t, private, recordNetwork(t, networkArgs()).One(t, endpointToken, "main-s3").Texts(t, "routeTableIds"))
}

func TestEveryDefaultEndpointHasAnAddressInEveryZoneAndTheServicesName(t *testing.T) {
	program := inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		network, err := components.NewNetwork(ctx, "main", networkArgs(), provider)
		if err != nil {
			return err
		}
		ctx.Export("private", network.PrivateSubnetIDs)
		ctx.Export("group", network.EndpointSecurityGroupID)
		ctx.Export("s3", network.S3PrefixListID)
		return nil
	})
	recording := recorder.Run(t, program)
	require.Equal(t, []components.EndpointService{"ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "ssmmessages"}, components.DefaultEndpoints())
	group := recording.One(t, securityGroupToken, "main-endpoints")
	for _, service := range components.DefaultEndpoints() {
		name := "main-" + strings.ReplaceAll(string(service), ".", "-")
		inputs := inputsOf(recording.One(t, endpointToken, name))
		require.NotEmpty(t, inputs["policy"])
		delete(inputs, "policy")
		require.Equal(t, map[string]any{
			"serviceName": "com.amazonaws.eu-central-1." + string(service), "vpcEndpointType": "Interface",
			"vpcId":     group.Text(t, "vpcId"),
			"subnetIds": asAny(recording.Output(t, "private").([]string)), "securityGroupIds": []any{group.ID}, "privateDnsEnabled": true,
		}, inputs, name)
	}
	require.Equal(t, group.ID, recording.Output(t, "group"))
	require.Regexp(t, `^pl-[0-9a-f]+$`, recording.Output(t, "s3"))
	rule := inputsOf(recording.One(t, ingressToken, "main-endpoints-in"))
	require.Equal(t, map[string]any{
		"securityGroupId": group.ID, "cidrIpv4": "10.40.0.0/16", "ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0,
		"description": "Whoever is in the VPC",
	}, rule)
	require.Empty(t, recording.OfType(egressToken), "endpoints open no connections")
}

func asAny(texts []string) []any {
	var all []any
	for _, text := range texts {
		all = append(all, text)
	}
	return all
}

func TestTheEndpointsAreThoseThatAreListed(t *testing.T) {
	for count, list := range map[int][]components.EndpointService{
		0: {}, 1: {components.EndpointSQS}, 7: append(components.DefaultEndpoints(), components.EndpointSQS), 16: components.EndpointServices(),
	} {
		args := networkArgs()
		args.Endpoints = list
		recording := recordNetwork(t, args)
		require.Len(t, recording.OfType(endpointToken), count+1)
		for _, service := range list {
			recording.One(t, endpointToken, "main-"+strings.ReplaceAll(string(service), ".", "-"))
		}
	}
}

func TestEndpointsLetThroughExactlyThis(t *testing.T) {
	for name, policy := range endpointPolicies(t) {
		golden.JSON(t, "testdata/endpoint."+name+".golden.json", policy)
	}
}

// endpointPolicies are the policies of every endpoint, by the last part of the endpoint's name, for a network that also pulls
// images of a guest's.
func endpointPolicies(t *testing.T) map[string]string {
	t.Helper()
	args := networkArgs()
	args.Endpoints, args.RegistryAccounts = components.EndpointServices(), []string{guest}
	policies := map[string]string{}
	for _, endpoint := range recordNetwork(t, args).OfType(endpointToken) {
		policies[strings.TrimPrefix(endpoint.Name, "main-")] = endpoint.Text(t, "policy")
	}
	require.Len(t, policies, 17)
	return policies
}

// through says what an endpoint makes of a request by a role of one account to a resource of another.
func through(t *testing.T, policy, by, action, arn, owner string) iameval.Decision {
	t.Helper()
	parsed, err := iameval.ParseResource(policy)
	require.NoError(t, err)
	context := iameval.Context{"aws:PrincipalAccount": {by}}
	if owner != "" {
		context["aws:ResourceAccount"] = []string{owner}
	}
	return decide(t, parsed, iameval.Request{Principal: "arn:aws:iam::" + by + ":role/web", Action: action, Resource: arn, Context: context})
}

func TestAnEndpointIsNoWayToOtherAccountsNorForThem(t *testing.T) {
	policies := endpointPolicies(t)
	for _, test := range []struct{ endpoint, action, arn string }{
		{"s3", "s3:GetObject", "arn:aws:s3:::assets/logo.png"},
		{"s3", "s3:PutObject", "arn:aws:s3:::assets/logo.png"},
		{"s3", "s3:ListBucket", "arn:aws:s3:::assets"},
		{"sqs", "sqs:SendMessage", "arn:aws:sqs:eu-central-1:" + account + ":jobs"},
		{"sns", "sns:Publish", "arn:aws:sns:eu-central-1:" + account + ":alerts"},
		{"secretsmanager", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-central-1:" + account + ":secret:a"},
		{"logs", "logs:PutLogEvents", "arn:aws:logs:eu-central-1:" + account + ":log-group:/web:log-stream:a"},
		{"kms", "kms:Decrypt", "arn:aws:kms:eu-central-1:" + account + ":key/a"},
		{"events", "events:PutEvents", "arn:aws:events:eu-central-1:" + account + ":event-bus/default"},
		{"rds-data", "rds-data:ExecuteStatement", "arn:aws:rds:eu-central-1:" + account + ":cluster:a"},
		{"ssm", "ssm:UpdateInstanceInformation", "arn:aws:ec2:eu-central-1:" + account + ":instance/i-1"},
		{"sts", "sts:AssumeRole", "arn:aws:iam::" + account + ":role/other"},
		{"autoscaling", "autoscaling:CompleteLifecycleAction", "arn:aws:autoscaling:eu-central-1:" + account + ":autoScalingGroup:a:autoScalingGroupName/web"},
	} {
		policy := policies[test.endpoint]
		require.Equal(t, iameval.Allow, through(t, policy, account, test.action, test.arn, account), test.action)
		require.Equal(t, iameval.ImplicitDeny, through(t, policy, account, test.action, test.arn, stranger), "%s to a stranger", test.action)
		require.Equal(t, iameval.ImplicitDeny, through(t, policy, stranger, test.action, test.arn, account), "%s by a stranger", test.action)
		require.Equal(t, iameval.ImplicitDeny, through(t, policy, stranger, test.action, test.arn, stranger), "%s among strangers", test.action)
	}
	for endpoint, action := range map[string]string{
		"monitoring": "cloudwatch:PutMetricData", "xray": "xray:PutTraceSegments", "ssmmessages": "ssmmessages:CreateControlChannel",
		"ec2messages": "ec2messages:GetMessages", "ecr-api": "ecr:GetAuthorizationToken", "ecr-dkr": "ecr:GetAuthorizationToken",
		"sts": "sts:GetCallerIdentity", "logs": "logs:DescribeLogGroups", "ssm": "ssm:ListAssociations", "autoscaling": "autoscaling:DescribeAutoScalingInstances",
	} {
		require.Equal(t, iameval.Allow, through(t, policies[endpoint], account, action, "*", ""), action)
		require.Equal(t, iameval.ImplicitDeny, through(t, policies[endpoint], stranger, action, "*", ""), "%s by a stranger", action)
	}
}

func TestImagesComeFromStatedAccountsAndTheirLayersFromTheRegistrysBucket(t *testing.T) {
	policies := endpointPolicies(t)
	require.Equal(t, policies["ecr-api"], policies["ecr-dkr"])
	for owner, want := range map[string]iameval.Decision{account: iameval.Allow, guest: iameval.Allow, stranger: iameval.ImplicitDeny} {
		for _, action := range []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"} {
			require.Equal(t, want, through(t, policies["ecr-dkr"], account, action, "arn:aws:ecr:eu-central-1:"+owner+":repository/web", owner), "%s of %s", action, owner)
		}
	}
	require.Equal(t, iameval.ImplicitDeny, through(t, policies["ecr-dkr"], account, "ecr:PutImage", "arn:aws:ecr:eu-central-1:"+account+":repository/web", account))

	layer := "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/a/b"
	require.Equal(t, iameval.Allow, through(t, policies["s3"], stranger, "s3:GetObject", layer, stranger), "ECR signs the URL as an account of its own")
	require.Equal(t, iameval.ImplicitDeny, through(t, policies["s3"], stranger, "s3:PutObject", layer, stranger))
	require.Equal(t, iameval.ImplicitDeny, through(t, policies["s3"], stranger, "s3:GetObject", "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/a", stranger))
	require.Equal(t, iameval.ImplicitDeny, through(t, policies["s3"], account, "s3:DeleteObjectVersion", "arn:aws:s3:::backups/a", account), "what is kept stays")
}

func TestServicesThatTheZonesLackAreRefusedAllAtOnceAndNothingIsRegistered(t *testing.T) {
	args := networkArgs()
	args.Endpoints = append(components.DefaultEndpoints(), components.EndpointXRay, components.EndpointSNS, components.EndpointSQS)
	recording, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		_, err := components.NewNetwork(ctx, "main", args, provider)
		var refused *check.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, []string{
			`endpoints: "logs" is not offered in eu-central-1b, eu-central-1c; leave it out, or use zones that have it: eu-central-1a, eu-central-1d`,
			`endpoints: "xray" is not offered in eu-central-1; leave it out, or use another Region`,
			`endpoints: "sns" is not offered in eu-central-1; leave it out, or use another Region`,
			`endpoints: "sqs" takes no endpoint policy in eu-central-1, so that it would be a way out for everything; leave it out`,
		}, lines(refused.Failures))
		require.Equal(t, "network main", refused.Subject)
		return err
	}), offered(func(service string, answer resource.PropertyMap) error {
		switch service {
		case "logs":
			answer["availabilityZones"] = resource.NewProperty([]resource.PropertyValue{resource.NewProperty("eu-central-1d"), resource.NewProperty("eu-central-1a")})
		case "xray":
			return errors.New("reading EC2 VPC Endpoint Services: api error InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.eu-central-1.xray' does not exist")
		case "sns":
			return errors.New("no matching EC2 VPC Endpoint Service found")
		case "sqs":
			answer["vpcEndpointPolicySupported"] = resource.NewProperty(false)
		}
		return nil
	}))
	require.Error(t, err)
	require.Equal(t, map[string]int{providerToken: 1}, recording.Count())
}

func TestAQuestionThatAWSDoesNotAnswerIsNoRefusal(t *testing.T) {
	_, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		_, err := components.NewNetwork(ctx, "main", networkArgs(), provider)
		return err
	}), offered(func(string, resource.PropertyMap) error { return errors.New("api error RequestLimitExceeded") }))
	require.ErrorContains(t, err, "network main: asking AWS which zones have endpoints for s3: ")
	require.ErrorContains(t, err, "RequestLimitExceeded")
}

func TestGovCloudSaysNothingAboutZonesAndChinaHasNamesOfItsOwn(t *testing.T) {
	recordNetwork(t, networkArgs(), offered(func(_ string, answer resource.PropertyMap) error {
		answer["availabilityZones"] = resource.NewProperty([]resource.PropertyValue{})
		return nil
	}))
	args := networkArgs()
	args.Zones = []string{"cn-north-1a", "cn-north-1b"}
	recording := recordNetwork(t, args, offered(func(service string, answer resource.PropertyMap) error {
		if service == "com.amazonaws.cn-north-1.ecr.api" {
			return errors.New("InvalidServiceName")
		}
		answer["availabilityZones"] = resource.NewProperty([]resource.PropertyValue{})
		return nil
	}))
	require.Equal(t, "cn.com.amazonaws.cn-north-1.ecr.api", recording.One(t, endpointToken, "main-ecr-api").Text(t, "serviceName"))
	require.Equal(t, "com.amazonaws.cn-north-1.logs", recording.One(t, endpointToken, "main-logs").Text(t, "serviceName"))
}

// holder is a component that hands its provider to what it holds.
type holder struct{ pulumi.ResourceState }

// AWS is asked in the Region of the network: with another provider the answer has none of its zones.
func TestAWSIsAskedThroughTheNetworksOwnProvider(t *testing.T) {
	args := networkArgs()
	args.Zones = []string{"eu-west-1a", "eu-west-1b"}
	for name, options := range map[string]func(ctx *pulumi.Context, provider *aws.Provider) []pulumi.ResourceOption{
		"provider": func(_ *pulumi.Context, provider *aws.Provider) []pulumi.ResourceOption {
			return []pulumi.ResourceOption{pulumi.Provider(provider)}
		},
		"providers": func(_ *pulumi.Context, provider *aws.Provider) []pulumi.ResourceOption {
			return []pulumi.ResourceOption{pulumi.Providers(provider)}
		},
		"parent": func(ctx *pulumi.Context, provider *aws.Provider) []pulumi.ResourceOption {
			parent := &holder{}
			require.NoError(t, ctx.RegisterComponentResource("test:index:Holder", "holder", parent, pulumi.Providers(provider)))
			return []pulumi.ResourceOption{pulumi.Parent(parent)}
		},
	} {
		for _, mode := range [][]recorder.Option{nil, {recorder.Preview()}} {
			_, err := recorder.RunErr(func(ctx *pulumi.Context) error {
				provider, err := aws.NewProvider(ctx, "west", &aws.ProviderArgs{Region: pulumi.String("eu-west-1")})
				if err != nil {
					return err
				}
				_, err = components.NewNetwork(ctx, "main", args, options(ctx, provider)...)
				return err
			}, mode...)
			require.NoError(t, err, "%s, %d", name, len(mode))
		}
	}
}

func TestTheFirstInstanceOfANetworkFindsItsEndpointsInPlace(t *testing.T) {
	recording := recorder.Run(t, twoServicesInANetwork())
	before := recording.One(t, groupToken, "tickets-asg").DependsOn
	require.Len(t, recording.OfType(endpointToken), 7)
	for _, endpoint := range recording.OfType(endpointToken) {
		require.Contains(t, before, endpoint.URN)
	}
	require.Contains(t, before, recording.One(t, ingressToken, "main-endpoints-in").URN)
}

// twoServicesInANetwork are web, which calls tickets, and tickets, which also calls out; a network holds both.
func twoServicesInANetwork() pulumi.RunFunc {
	return inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		network := networkArgs()
		network.NAT = components.NATPerZone
		built, err := components.NewNetwork(ctx, "main", network, provider)
		if err != nil {
			return err
		}
		web, tickets := serviceArgs(), serviceArgs()
		web.Placement, tickets.Placement = built.Placement(), built.Placement()
		web.ClientCIDRs, web.CertificateARN = []string{"10.0.0.0/8"}, certificate
		tickets.OnlyGrantedCallers, tickets.Egress = true, egress("the helpdesk", "203.0.113.0/24", 443)
		callee, err := components.NewResilientService(ctx, "tickets", tickets, provider)
		if err != nil {
			return err
		}
		caller, err := components.NewResilientService(ctx, "web", web, provider)
		if err != nil {
			return err
		}
		return callee.GrantInvoke(caller)
	})
}

func TestWhoCanReachWhomInANetworkWithTwoServices(t *testing.T) {
	golden.Text(t, "testdata/network.reachability.golden.txt", reachability(t, recorder.Run(t, twoServicesInANetwork())))
}

func accounts(count int) []string {
	var all []string
	for index := range count {
		all = append(all, fmt.Sprintf("3%011d", index))
	}
	return all
}

// The longest policy that the arguments allow fits an endpoint.
func TestEveryStatedAccountFitsTheRegistrysPolicy(t *testing.T) {
	args := networkArgs()
	args.Zones = []string{"ap-southeast-1a", "ap-southeast-1b"}
	args.RegistryAccounts = accounts(100)
	recording := recorder.Run(t, func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "asia", &aws.ProviderArgs{Region: pulumi.String("ap-southeast-1")})
		if err != nil {
			return err
		}
		_, err = components.NewNetwork(ctx, "main", args, pulumi.Provider(provider))
		return err
	})
	require.Less(t, len(recording.One(t, endpointToken, "main-ecr-api").Text(t, "policy")), 20480)
}

// Whatever a service or a grant allows has to pass the endpoint it goes through: an action that is granted and not let through
// fails in production only.
func TestWhatIsGrantedIsLetThrough(t *testing.T) {
	full := serviceArgs()
	full.Secrets = map[string]pulumi.StringInput{"SESSION_KEY": pulumi.String("s")}
	granted := []string{
		recordService(t, full).One(t, rolePolicyToken, "tickets").Text(t, "policy"),
		recordJob(t, jobArgs()).One(t, rolePolicyToken, consumePolicyName).Text(t, "policy"),
		recorder.Run(t, granting(grantOf("exports/", components.BucketReadWrite))).One(t, rolePolicyToken, "assets.read-write.tickets.exports=").Text(t, "policy"),
	}
	policies, tried := endpointPolicies(t), map[string]bool{}
	for _, text := range granted {
		_, permissions := permissionsOf(t, text)
		for _, permission := range permissions {
			if permission.onlyVia != "" {
				continue
			}
			service, _, _ := strings.Cut(permission.Action, ":")
			owner := account
			if permission.Resource == "*" {
				owner = ""
			}
			endpoint := service
			if service == "ecr" {
				endpoint = "ecr-dkr"
			}
			require.NotEmpty(t, policies[endpoint], "%s goes through no endpoint", permission.Action)
			require.Equal(t, iameval.Allow, through(t, policies[endpoint], account, permission.Action, permission.Resource, owner), permission.Action)
			tried[service] = true
		}
	}
	require.Equal(t, map[string]bool{"ecr": true, "logs": true, "s3": true, "secretsmanager": true, "sqs": true, "ssm": true, "ssmmessages": true}, tried)
}
