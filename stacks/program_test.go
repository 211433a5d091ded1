// Layer: recorder over Pulumi mocks. Proves what a stack asks for, not that AWS accepts it.
package stacks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// TestMain lets no variable of the person who runs the tests say where a stack is meant to go.
func TestMain(m *testing.M) {
	if err := os.Unsetenv(stacks.EnvSandbox); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// dummySecret has the form of PagerDuty's integration keys, which the others do not mind.
const dummySecret = "0123456789abcdef0123456789abcdef"

// record runs the program as the engine would with the configuration of one stack, and a dummy for each secret it lists.
func record(t recorder.TB, stack string, config map[string]any, options ...recorder.Option) (*recorder.Recording, error) {
	t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatalf("%v", err)
	}
	parsed, err := stacks.Parse(string(text))
	if err != nil {
		return nil, err
	}
	options = append(options, recorder.Stack(stack), recorder.Config(map[string]string{stacks.KeyConfig: string(text)}))
	for _, key := range parsed.SecretKeys() {
		options = append(options, recorder.Secret(key, dummySecret))
	}
	return recorder.RunErr(stacks.Program, options...)
}

// committed is aplomb:config of a stack of this repository.
func committed(t testing.TB, stack string) map[string]any {
	t.Helper()
	text, err := os.ReadFile("../" + stacks.StackFile(stack))
	require.NoError(t, err)
	var file struct {
		Config map[string]map[string]any `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	return file.Config[stacks.KeyConfig]
}

func TestTheCommittedStacksAreValid(t *testing.T) {
	names, err := stacks.Stacks("..")
	require.NoError(t, err)
	require.Subset(t, names, []string{"dev", "prod"}, "somebody may try one of their own beside them")
	for _, name := range names {
		_, err := stacks.ReadStack("..", name)
		require.NoError(t, err)
	}
}

func TestProdAsksForExactlyTheseResources(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	require.Equal(t, prodResources, recording.Count())
}

// prodResources is what production consists of, by type.
var prodResources = map[string]int{
	"pulumi:providers:aws": 2, // of the Region and of the recovery Region

	// Everything is watched: by tables of signals, of which the impact of a service pages, and so do three nights without a backup or its copy.
	"aplomb:components:AlertingStack": 1,
	topicToken:                        3, "aws:sns/topicPolicy:TopicPolicy": 3, "aws:sns/topicSubscription:TopicSubscription": 3,
	"aws:cloudwatch/eventRule:EventRule": 13, "aws:cloudwatch/eventTarget:EventTarget": 13, // four of backups, the failover, seven of documents, and the users

	"aplomb:components:Network": 1,
	"awsx:ec2:Vpc":              1, // its children are made by the awsx provider, not by the program
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": 2,
	"aws:ec2/flowLog:FlowLog":                           1,
	"aws:ec2/vpcEndpoint:VpcEndpoint":                   8, // S3, six services, and SQS for the jobs

	"aplomb:components:ResilientService":                  3,
	"aws:lb/loadBalancer:LoadBalancer":                    3,
	"aws:lb/listener:Listener":                            6, // HTTPS, and HTTP that is redirected
	"aws:lb/targetGroup:TargetGroup":                      3,
	"aws:acm/certificate:Certificate":                     2, // search brings its own
	"aws:acm/certificateValidation:CertificateValidation": 2,
	"aws:route53/record:Record":                           5,  // three names, and the proof of two certificates
	"aws:ec2/securityGroup:SecurityGroup":                 11, // a load balancer's and its instances', each, the endpoints', the database's, and what is restored of it, there too, and the fence of a cut-over
	"aws:ec2/launchTemplate:LaunchTemplate":               3,
	"aws:autoscaling/group:Group":                         3,
	"aws:autoscaling/policy:Policy":                       3,
	"aws:cloudwatch/metricAlarm:MetricAlarm":              56, // one of each service, and six of backups
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":        5,
	"aws:iam/instanceProfile:InstanceProfile":             3,
	"aws:secretsmanager/secret:Secret":                    2,
	"aws:secretsmanager/secretVersion:SecretVersion":      2,
	"aws:cloudwatch/logGroup:LogGroup":                    5,  // one of each service, of the flow logs and of the database; so are roles and keys, beside those of buckets, jobs and backups
	"aws:iam/role:Role":                                   18, // one makes the users of the database
	"aws:ssm/document:Document":                           6,
	"aws:ssm/association:Association":                     2,  // a user of each service that connects
	"aws:iam/rolePolicy:RolePolicy":                       27, // seven of them are grants, two what a database adds to the roles of backups
	"aws:kms/key:Key":                                     16,
	"aws:kms/alias:Alias":                                 16,

	"aplomb:components:MultiAZDatabase":                   1,
	"aws:rds/cluster:Cluster":                             1,
	"aws:rds/clusterInstance:ClusterInstance":             3, // a writer and two readers, one in each zone
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": 2,
	"aws:rds/subnetGroup:SubnetGroup":                     2,

	"aplomb:components:Backups":                                  1,
	"aws:backup/vault:Vault":                                     2, // here and in the recovery Region
	"aws:backup/vaultPolicy:VaultPolicy":                         2,
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration":   2,
	"aws:backup/plan:Plan":                                       1,
	"aws:backup/selection:Selection":                             1,
	"aws:backup/restoreTestingPlan:RestoreTestingPlan":           1,
	"aws:backup/restoreTestingSelection:RestoreTestingSelection": 1,

	"aplomb:components:RecoverySite":     1,
	"aplomb:components:DatabaseRecovery": 1,
	"aws:ec2/vpc:Vpc":                    1,
	"aws:ec2/subnet:Subnet":              3,

	"aplomb:components:ScheduledJob":                2,
	"aws:scheduler/schedule:Schedule":               2,
	"aws:sqs/queue:Queue":                           5, // each with one for what nobody could do
	"aws:sqs/queuePolicy:QueuePolicy":               5,
	"aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": 2,

	"aplomb:components:LogBucket":                                                                1,
	"aplomb:components:ReplicatedBucket":                                                         2,
	"aws:s3/bucketV2:BucketV2":                                                                   5, // two, their copies, and the logs
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     5,
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     5,
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": 5,
	"aws:s3/bucketPolicy:BucketPolicy":                                                           5,
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       5,
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               3, // with a lock it is there from the beginning
	"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2":                     2,
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                                     2,
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":                                     2,

	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 16,
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   18, // of each service four, one to the helpdesk, three for calls, two to the database
}

func TestEveryGroupLoadBalancerAndGatewayOfProdSpansAllZones(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	vpc := recording.OfType("awsx:ec2:Vpc")
	require.Len(t, vpc, 1)
	zones := []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}
	require.Equal(t, zones, vpc[0].Texts(t, "availabilityZoneNames"))
	require.Equal(t, "OnePerAz", vpc[0].Text(t, "natGateways.strategy"))
	for _, name := range []string{"web", "tickets", "search"} {
		group := recording.One(t, "aws:autoscaling/group:Group", name+"-asg")
		require.Len(t, group.Texts(t, "vpcZoneIdentifiers"), len(zones))
		balancer := recording.One(t, "aws:lb/loadBalancer:LoadBalancer", name+"-alb")
		require.Len(t, balancer.Texts(t, "subnets"), len(zones))
	}
}

func TestANetworkHasAWayOutOnlyWhereAServiceNeedsOne(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(network, tickets map[string]any)
		want string
	}{
		"as committed":   {func(map[string]any, map[string]any) {}, "OnePerAz"},
		"nothing called": {func(_, tickets map[string]any) { delete(tickets, "egress") }, "None"},
		"only the VPC": {func(_, tickets map[string]any) {
			tickets["egress"].([]any)[0].(map[string]any)["cidr"] = "10.40.0.0/20"
		}, "None"},
		"stated all same":  {func(network, tickets map[string]any) { delete(tickets, "egress"); network["nat"] = "single" }, "Single"},
		"stated otherwise": {func(network, _ map[string]any) { network["nat"] = "single" }, "Single"},
	} {
		config := committed(t, "prod")
		test.edit(config["network"].(map[string]any), config["services"].([]any)[1].(map[string]any))
		recording, err := record(t, "prod", config)
		require.NoError(t, err, name)
		require.Equal(t, test.want, recording.One(t, "awsx:ec2:Vpc", "network").Text(t, "natGateways.strategy"), name)
	}
}

func TestConfiguredEndpointsComeOnTopOfThoseOfEveryStack(t *testing.T) {
	config := committed(t, "prod")
	config["network"].(map[string]any)["endpoints"] = []string{"sqs", "xray"} // the jobs' own comes once
	config["imageAccount"] = "111111111111"
	recording, err := record(t, "prod", config)
	require.NoError(t, err)
	require.Len(t, recording.OfType("aws:ec2/vpcEndpoint:VpcEndpoint"), 9)
	require.Equal(t, "com.amazonaws.eu-central-1.sqs", recording.One(t, "aws:ec2/vpcEndpoint:VpcEndpoint", "network-sqs").Text(t, "serviceName"))
	require.Contains(t, recording.One(t, "aws:ec2/vpcEndpoint:VpcEndpoint", "network-ecr-dkr").Text(t, "policy"), "111111111111")
}

func TestAnEndpointThatAWSDoesNotOfferIsRefusedAtItsKey(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"), recorder.Answer("aws:ec2/getVpcEndpointService:getVpcEndpointService",
		func(resource.PropertyMap) (resource.PropertyMap, error) {
			return nil, errors.New("no matching EC2 VPC Endpoint Service found")
		}))
	require.ErrorContains(t, err, `aplomb:config.network.endpoints: "ecr.api" is not offered in eu-central-1; leave it out, or use another Region`)
	require.Equal(t, map[string]int{"pulumi:providers:aws": 1}, recording.Count())
}

func TestEveryResourceGoesThroughTheExplicitProviderOfItsRegion(t *testing.T) {
	for _, stack := range []string{"prod", "dev"} {
		recording, err := record(t, stack, committed(t, stack))
		require.NoError(t, err)
		home, recovery := recording.One(t, "pulumi:providers:aws", "aws-eu-central-1"), recording.One(t, "pulumi:providers:aws", "aws-eu-west-1")
		require.Equal(t, "eu-central-1", home.Text(t, "region"))
		require.Equal(t, "eu-west-1", recovery.Text(t, "region"))
		require.Equal(t, home.Plain()["defaultTags"], recovery.Plain()["defaultTags"])
		require.Equal(t, home.Plain()["allowedAccountIds"], recovery.Plain()["allowedAccountIds"])
		for _, each := range recording.All() {
			want := home
			if standsAway(each) {
				want = recovery
			}
			if strings.HasPrefix(each.Type, "aws:") {
				require.Contains(t, each.Provider, want.URN, each.URN)
			}
		}
	}
}

// standsAway says whether a resource is of the recovery Region. Roles are of no Region and go through the provider of the stack's.
func standsAway(each *recorder.Resource) bool {
	if strings.HasPrefix(each.Type, "aws:iam/") {
		return false
	}
	names := []string{"-replica", "-recovery", "-copy", "-site", "-there", "-restore-from-copy-failed"}
	return strings.Contains(each.Parent, ":RecoverySite::") || strings.Contains(each.Name, "-ticket-recovery-") || slices.ContainsFunc(names, func(suffix string) bool { return strings.HasSuffix(each.Name, suffix) })
}

func TestLiftingProtectionChangesNothingButProtection(t *testing.T) {
	held, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	lifted, err := record(t, "prod", committed(t, "prod"), recorder.Config(map[string]string{stacks.KeyLiftProtection: "true"}))
	require.NoError(t, err)
	require.Equal(t, held.Count(), lifted.Count())
	protected := 0
	for i, before := range held.All() {
		after := lifted.All()[i]
		require.Equal(t, before.URN, after.URN)
		require.False(t, after.Protect, after.URN)
		require.False(t, after.RetainOnDelete, after.URN)
		was, is := before.Plain(), after.Plain()
		if before.Protect {
			protected++
		}
		key, guarded := map[string]string{
			"aws:lb/loadBalancer:LoadBalancer": "enableDeletionProtection", "aws:rds/cluster:Cluster": "deletionProtection",
		}[before.Type]
		if guarded {
			require.Equal(t, true, was[key])
			require.NotEqual(t, true, is[key])
			delete(was, key)
			delete(is, key)
		}
		require.Equal(t, was, is, before.URN)
	}
	require.Positive(t, protected)
}

func TestAServiceMoreChangesNothingOfTheOthers(t *testing.T) {
	config := committed(t, "prod")
	before, err := record(t, "prod", config)
	require.NoError(t, err)
	added := maps.Clone(config["services"].([]any)[2].(map[string]any))
	added["name"], added["hostName"] = "reports", "reports.support.example.com"
	delete(added, "jobs")      // each is one service's
	delete(added, "databases") // the role of a cut-over names every service that it lets in again
	config["services"] = append([]any{added}, config["services"].([]any)...)
	after, err := record(t, "prod", config)
	require.NoError(t, err)
	require.Greater(t, len(after.All()), len(before.All()))
	for _, old := range before.All() {
		require.Equal(t, old.Plain(), after.ByURN(t, old.URN).Plain(), old.URN)
	}
}

func TestTheOutputHasTheShapeOfOutputs(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"), going("sandbox"), calledAs(sandboxUser))
	require.NoError(t, err)
	outputs, err := stacks.DecodeOutputs(map[string]any{stacks.OutputName: recording.Output(t, stacks.OutputName)})
	require.NoError(t, err)
	require.Equal(t, "sandbox", outputs.Target)
	require.Equal(t, []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}, outputs.Zones)
	require.Equal(t, []string{"search", "tickets", "web"}, slices.Sorted(maps.Keys(outputs.Services)))
	web := outputs.Services["web"]
	require.Equal(t, "https://support.example.com", web.URL)
	require.Equal(t, "ami-0c1f4b2d9e8a76543", web.AMI)
	require.True(t, web.DiskProbe)
	require.Equal(t, "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id", web.AMIParameter)
	require.Equal(t, 4, web.PeakInstances)
	require.Equal(t, 6, web.FleetSize)
	require.Equal(t, []string{"tickets", "search"}, web.Calls)
	require.NotEmpty(t, web.LoadBalancer)
}

func TestWhatStandsBeforeAServiceIsAsConfigured(t *testing.T) {
	config := committed(t, "prod")
	config["logBucket"] = "support-logs"
	delete(config, "accessLogs")
	web := config["services"].([]any)[0].(map[string]any)
	web["waf"] = map[string]any{"rateLimit": 2000, "rateWindowSeconds": 60, "countOnly": true, "failClosed": true, "ruleGroups": []string{"AWSManagedRulesSQLiRuleSet"}}
	web["accelerator"], web["clientCIDRs"] = map[string]any{}, []string{"198.51.100.0/24"}
	recording, err := record(t, "prod", config)
	require.NoError(t, err)
	for _, name := range []string{"web", "tickets", "search"} {
		balancer := recording.One(t, "aws:lb/loadBalancer:LoadBalancer", name+"-alb")
		want := map[string]any{"bucket": "support-logs", "prefix": name, "enabled": true}
		require.Equal(t, want, balancer.Map(t, "accessLogs"))
		require.Equal(t, want, balancer.Map(t, "connectionLogs"))
		require.False(t, balancer.Bool(t, "enableWafFailOpen"))
	}
	acl := recording.One(t, "aws:wafv2/webAcl:WebAcl", "web-waf")
	require.Equal(t, map[string]any{"limit": 2000.0, "evaluationWindowSec": 60.0, "aggregateKeyType": "IP"}, acl.Map(t, "rules[0].statement.rateBasedStatement"))
	require.True(t, acl.Has("rules[0].action.count"))
	require.Equal(t, "AWSManagedRulesSQLiRuleSet", acl.Text(t, "rules[1].name"))
	require.Len(t, acl.List(t, "rules"), 2)
	require.Regexp(t, `\.awsglobalaccelerator\.com$`, recording.One(t, "aws:route53/record:Record", "web").Text(t, "aliases[0].name"))

	outputs, err := stacks.DecodeOutputs(map[string]any{stacks.OutputName: recording.Output(t, stacks.OutputName)})
	require.NoError(t, err)
	require.Len(t, outputs.Services["web"].Accelerator.Addresses, 2)
	require.Equal(t, recording.One(t, "aws:route53/record:Record", "web").Text(t, "aliases[0].name"), outputs.Services["web"].Accelerator.DNSName)
	require.Nil(t, outputs.Services["tickets"].Accelerator)
	require.Equal(t, "https://support.example.com", outputs.Services["web"].URL)
}

func TestAMissingSecretIsNamedBeforeAnythingIsRegistered(t *testing.T) {
	text, err := json.Marshal(committed(t, "prod"))
	require.NoError(t, err)
	recording, err := recorder.RunErr(stacks.Program, recorder.Stack("prod"), recorder.Config(map[string]string{stacks.KeyConfig: string(text)}))
	require.ErrorContains(t, err, `stack prod: 3 problems
  - aplomb:secret.alerting.pagerduty-key: missing, alerting.pagerDuty is true, and it is the integration key; run pulumi config set --secret aplomb:secret.alerting.pagerduty-key
  - aplomb:secret.tickets.helpdesk-token: missing, a service lists it among its secrets; run pulumi config set --secret aplomb:secret.tickets.helpdesk-token
  - aplomb:secret.web.session-key: missing, a service lists it among its secrets; run pulumi config set --secret aplomb:secret.web.session-key`)
	require.Empty(t, recording.All())
}

// TestEveryValidConfigurationKeepsItsPromises holds for any number of zones and services what the committed stacks hold.
func TestEveryValidConfigurationKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		config := generated(r)
		recording, err := record(r, "any", config, previewing(r)...)
		require.NoError(r, err)
		zones := len(config["zones"].([]string))
		for _, service := range config["services"].([]any) {
			name, peak := service.(map[string]any)["name"].(string), service.(map[string]any)["peakInstances"].(int)
			group := recording.One(r, "aws:autoscaling/group:Group", name+"-asg")
			fleet := group.Int(r, "minSize")
			require.GreaterOrEqual(r, fleet-(fleet+zones-1)/zones, peak, "%s keeps what it needs when a zone is lost", name)
			require.GreaterOrEqual(r, group.Int(r, "maxSize"), fleet)
		}
		require.Equal(r, len(config["services"].([]any)), recording.Count()["aws:iam/role:Role"]-1, "a role each, and one for flow logs")
		for _, template := range recording.OfType("aws:ec2/launchTemplate:LaunchTemplate") {
			require.Equal(r, "false", template.Text(r, "networkInterfaces[0].associatePublicIpAddress"))
			require.Equal(r, "required", template.Text(r, "metadataOptions.httpTokens"))
			require.Equal(r, "true", template.Text(r, "blockDeviceMappings[0].ebs.encrypted"))
		}
	})
}

func previewing(r *rapid.T) []recorder.Option {
	if rapid.Bool().Draw(r, "preview") {
		return []recorder.Option{recorder.Preview()}
	}
	return nil
}

func generated(r *rapid.T) map[string]any {
	zones := []string{"eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"}[:rapid.IntRange(2, 4).Draw(r, "zones")]
	nat := rapid.SampledFrom([]string{"per-zone", "single", "none"}).Draw(r, "nat")
	var services []any
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z](-?[a-z0-9]){0,9}`), 1, 4, rapid.ID).Draw(r, "names")
	for i, name := range names {
		service := map[string]any{
			"name": name, "image": "210987654321.dkr.ecr.eu-west-1.amazonaws.com/" + name + ":main", "peakInstances": rapid.IntRange(1, 100).Draw(r, "peak"),
			"port": rapid.IntRange(1024, 65535).Draw(r, "port"), "calls": names[:rapid.IntRange(0, i).Draw(r, "calls")],
		}
		if rapid.Bool().Draw(r, "secret") {
			service["secrets"] = []string{"token"}
		}
		if nat != "none" && rapid.Bool().Draw(r, "public") {
			service["image"] = "registry.example.com/" + name + ":main"
			service["egress"] = []any{map[string]any{"description": "the registry", "cidr": "0.0.0.0/0", "port": 443}}
		}
		services = append(services, service)
	}
	return map[string]any{
		"account": "210987654321", "region": "eu-west-1", "zones": zones, "environment": "development",
		"network":  map[string]any{"cidr": fmt.Sprintf("10.%d.0.0/16", rapid.IntRange(0, 255).Draw(r, "block")), "nat": nat},
		"machine":  map[string]any{"amis": map[string]any{"eu-west-1": "ami-0c1f4b2d9e8a76543"}, "architecture": "arm64", "instanceTypes": []string{"m7g.large"}},
		"services": services,
	}
}

// toProduction makes a generated stack one that production admits: with certificates, digests, a probe, and somebody who is told.
func toProduction(config map[string]any) {
	const digest = "@sha256:41c7a0e95b2d83f6e0917ac4d52b6e38f90ad1c7532e84b6d01f9a7c3e5b2860"
	config["environment"] = "production"
	config["probe"] = map[string]any{"image": "210987654321.dkr.ecr.eu-west-1.amazonaws.com/aplomb/probe" + digest}
	config["alerting"] = map[string]any{"ticketEmails": []string{"ops@example.com"}}
	for _, each := range config["services"].([]any) {
		service := each.(map[string]any)
		service["image"] = strings.TrimSuffix(service["image"].(string), ":main") + digest
		service["hostName"] = service["name"].(string) + ".example.com"
		service["certificateARN"] = "arn:aws:acm:eu-west-1:210987654321:certificate/5d0a3c1e-8f47-4b62-9d15-7ae2c30b94f8"
	}
}
