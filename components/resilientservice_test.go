package components_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// serviceCounts are the resources of a service with one secret, a certificate and one client block.
func serviceCounts() map[string]int {
	return map[string]int{
		serviceToken: 1, keyToken: 1, aliasToken: 1, logGroupToken: 1, secretToken: 1, secretVersionToken: 1,
		roleToken: 1, rolePolicyToken: 1, profileToken: 1, securityGroupToken: 2,
		ingressToken:      3, // clients on 80 and 443; instances from the load balancer
		egressToken:       3, // load balancer to instances; instances to endpoints and to S3
		loadBalancerToken: 1, targetGroupToken: 1, listenerToken: 2, alarmToken: 1, launchToken: 1, groupToken: 1, scalingToken: 1,
	}
}

func fullArgs() *components.ResilientServiceArgs {
	args := serviceArgs()
	args.CertificateARN = certificate
	args.Environment = map[string]pulumi.StringInput{"LOG_LEVEL": pulumi.String("info"), "MOTTO": pulumi.String(`50% "off" # $HOME \`)}
	args.Secrets = map[string]pulumi.StringInput{"DB_PASSWORD": pulumi.String("hunter2")}
	return args
}

func TestServiceIsExactlyTheseResources(t *testing.T) {
	requireCounts(t, serviceCounts(), recordService(t, fullArgs()))
}

func TestPreviewOfAServiceShowsTheSameResources(t *testing.T) {
	requireCounts(t, serviceCounts(), recordService(t, fullArgs(), recorder.Preview()))
}

func TestServiceIsTheParentOfAllItsResourcesAndHandsThemItsProvider(t *testing.T) {
	recording := recordService(t, fullArgs())
	service := recording.One(t, serviceToken, "tickets")
	provider := recording.OfType(providerToken)[0]
	require.Len(t, recording.ChildrenOf(service.URN), 24)
	for _, child := range recording.ChildrenOf(service.URN) {
		require.Equal(t, provider.URN+"::"+provider.ID, child.Provider, child.URN)
		require.True(t, child.Name == "tickets" || strings.HasPrefix(child.Name, "tickets-"), child.Name)
	}
}

func TestLoadBalancerAndGroupSpanEveryZone(t *testing.T) {
	recording := recordService(t, serviceArgs())
	private := []string{"subnet-private-a", "subnet-private-b", "subnet-private-c"}
	require.Equal(t, private, recording.One(t, loadBalancerToken, "tickets-alb").Texts(t, "subnets"))
	group := recording.One(t, groupToken, "tickets-asg")
	require.Equal(t, private, group.Texts(t, "vpcZoneIdentifiers"))
	require.Equal(t, "balanced-best-effort", group.Text(t, "availabilityZoneDistribution.capacityDistributionStrategy"))
	require.False(t, group.Has("availabilityZones"), "subnets decide")
}

func TestServiceInANetworkSpansTheNetworksZones(t *testing.T) {
	recording := recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		network, err := components.NewNetwork(ctx, "main", networkArgs(), provider)
		if err != nil {
			return err
		}
		args := serviceArgs()
		args.Placement, args.Exposure, args.ClientCIDRs = network.Placement(), components.InternetFacing, []string{"0.0.0.0/0"}
		ctx.Export("public", network.PublicSubnetIDs)
		ctx.Export("private", network.PrivateSubnetIDs)
		_, err = components.NewResilientService(ctx, "tickets", args, provider)
		return err
	}))
	balancer := recording.One(t, loadBalancerToken, "tickets-alb")
	require.Equal(t, recording.Output(t, "public"), balancer.Texts(t, "subnets"))
	require.False(t, balancer.Bool(t, "internal"))
	require.Equal(t, recording.Output(t, "private"), recording.One(t, groupToken, "tickets-asg").Texts(t, "vpcZoneIdentifiers"))
}

func TestInternalLoadBalancerIsTheDefault(t *testing.T) {
	require.True(t, recordService(t, serviceArgs()).One(t, loadBalancerToken, "tickets-alb").Bool(t, "internal"))
}

func TestLoadBalancerIsReadyForAZonalShiftAndBoundsConnections(t *testing.T) {
	balancer := recordService(t, serviceArgs()).One(t, loadBalancerToken, "tickets-alb")
	require.True(t, balancer.Bool(t, "enableZonalShift"))
	require.Equal(t, 300, balancer.Int(t, "clientKeepAlive"))
	require.Equal(t, 60, balancer.Int(t, "idleTimeout"))
	require.True(t, balancer.Bool(t, "dropInvalidHeaderFields"))
	require.Equal(t, "defensive", balancer.Text(t, "desyncMitigationMode"))
}

func TestTargetGroupDetectsWithinTheDocumentedSeconds(t *testing.T) {
	group := recordService(t, serviceArgs()).One(t, targetGroupToken, "tickets-tg")
	require.Equal(t, map[string]any{
		"enabled": true, "protocol": "HTTP", "port": "traffic-port", "path": "/healthz", "matcher": "200",
		"interval": 5.0, "timeout": 2.0, "healthyThreshold": 2.0, "unhealthyThreshold": 2.0,
	}, group.Map(t, "healthCheck"))
	interval, timeout, threshold := group.Int(t, "healthCheck.interval"), group.Int(t, "healthCheck.timeout"), group.Int(t, "healthCheck.unhealthyThreshold")
	require.Equal(t, 17, (threshold+1)*interval+timeout, "the Recovery section of ResilientService states this")
	require.Equal(t, 30, group.Int(t, "deregistrationDelay"))
	require.Equal(t, "true", group.Text(t, "loadBalancingCrossZoneEnabled"))
}

func TestLosingAZoneNeverFailsOpen(t *testing.T) {
	for zones, want := range map[int]string{2: "25", 3: "33"} {
		args := serviceArgs()
		args.Placement = placementOver(zones)
		group := recordService(t, args).One(t, targetGroupToken, "tickets-tg")
		require.Equal(t, map[string]any{
			"dnsFailover":           map[string]any{"minimumHealthyTargetsCount": "1", "minimumHealthyTargetsPercentage": want},
			"unhealthyStateRouting": map[string]any{"minimumHealthyTargetsCount": 1.0, "minimumHealthyTargetsPercentage": want},
		}, group.Map(t, "targetGroupHealth"))
	}
}

func TestTheShareAtWhichTheLoadBalancerFailsOpenStaysBelowWhatAZoneLossLeaves(t *testing.T) {
	for _, each := range []struct{ zones, highest int }{{2, 49}, {3, 66}, {4, 74}, {8, 87}} {
		args := serviceArgs()
		args.Placement, args.FailOpenPercent = placementOver(each.zones), each.highest
		require.Empty(t, args.Check("tickets"), "%+v", each)
		args.FailOpenPercent++
		require.Len(t, args.Check("tickets"), 1, "%+v", each)
	}
}

// placementOver is an existing VPC over the first zones of the alphabet.
func placementOver(zones int) components.PlacementArgs {
	placement := existingVPC()
	var names, private, public []string
	for index := range zones {
		letter := string(rune('a' + index))
		names = append(names, "eu-central-1"+letter)
		private, public = append(private, "subnet-private-"+letter), append(public, "subnet-public-"+letter)
	}
	placement.Zones = names
	placement.PrivateSubnetIDs, placement.PublicSubnetIDs = pulumi.ToStringArray(private), pulumi.ToStringArray(public)
	return placement
}

func TestFleetIsStaticallyStable(t *testing.T) {
	for _, each := range []struct{ zones, peak, min, max int }{{2, 1, 2, 4}, {2, 5, 10, 20}, {3, 1, 3, 6}, {3, 6, 9, 18}, {3, 7, 12, 24}, {3, 500, 750, 1000}} {
		args := serviceArgs()
		args.Placement, args.PeakInstances = placementOver(each.zones), each.peak
		group := recordService(t, args).One(t, groupToken, "tickets-asg")
		require.Equal(t, each.min, group.Int(t, "minSize"), "%+v", each)
		require.Equal(t, each.max, group.Int(t, "maxSize"), "%+v", each)
		require.GreaterOrEqual(t, each.min-each.min/each.zones, each.peak, "%+v", each)
	}
}

func TestADeployLeavesTheDesiredCapacityToScaling(t *testing.T) {
	recording := recordService(t, serviceArgs())
	group := recording.One(t, groupToken, "tickets-asg")
	require.Equal(t, []string{"desiredCapacity"}, group.IgnoreChanges)
	require.False(t, group.Has("desiredCapacity"))
	policy := recording.One(t, scalingToken, "tickets-cpu")
	require.Equal(t, map[string]any{
		"predefinedMetricSpecification": map[string]any{"predefinedMetricType": "ASGAverageCPUUtilization"}, "targetValue": 50.0,
	}, policy.Map(t, "targetTrackingConfiguration"))
}

func TestGroupReplacesImpairedInstancesNewBeforeOld(t *testing.T) {
	recording := recordService(t, serviceArgs())
	group := recording.One(t, groupToken, "tickets-asg")
	require.Equal(t, "EBS,ELB", group.Text(t, "healthCheckType"))
	require.Equal(t, 300, group.Int(t, "healthCheckGracePeriod"))
	require.Equal(t, map[string]any{"minHealthyPercentage": 100.0, "maxHealthyPercentage": 150.0}, group.Map(t, "instanceMaintenancePolicy"))
	require.Equal(t, map[string]any{
		"strategy": "Rolling",
		"preferences": map[string]any{
			"minHealthyPercentage": 100.0, "maxHealthyPercentage": 150.0, "instanceWarmup": "120", "skipMatching": true, "autoRollback": false,
			"alarmSpecification": map[string]any{"alarms": group.List(t, "instanceRefresh.preferences.alarmSpecification.alarms")},
		},
	}, group.Map(t, "instanceRefresh"))
	require.Equal(t, []string{recording.One(t, alarmToken, "tickets-deploy").URN}, within(group.PropertyDependencies["instanceRefresh"], alarmToken))
}

func TestTheFixForAFailingServiceGetsThroughAlthoughItsAlarmRings(t *testing.T) {
	args := serviceArgs()
	args.DeployDespiteAlarm = true
	group := recordService(t, args).One(t, groupToken, "tickets-asg")
	require.False(t, group.Has("instanceRefresh.preferences.alarmSpecification"))
	require.Equal(t, "Rolling", group.Text(t, "instanceRefresh.strategy"))
}

// within keeps the URNs of one type.
func within(urns []string, token string) []string {
	var kept []string
	for _, urn := range urns {
		if strings.Contains(urn, "$"+token+"::") {
			kept = append(kept, urn)
		}
	}
	return kept
}

func TestGroupLaunchesANumberedVersionOnDemandInTheOrderOfTheTypes(t *testing.T) {
	policy := recordService(t, serviceArgs()).One(t, groupToken, "tickets-asg").Map(t, "mixedInstancesPolicy")
	require.Equal(t, map[string]any{"onDemandAllocationStrategy": "prioritized", "onDemandPercentageAboveBaseCapacity": 100.0}, policy["instancesDistribution"])
	template := policy["launchTemplate"].(map[string]any)
	require.Equal(t, "1", template["launchTemplateSpecification"].(map[string]any)["version"], "$Latest would never differ")
	require.Equal(t, []any{map[string]any{"instanceType": "m7g.large"}, map[string]any{"instanceType": "m6g.large"}}, template["overrides"])
}

func TestTheFirstInstanceFindsPermissionsRulesAndListenersInPlace(t *testing.T) {
	args := fullArgs()
	args.Egress = egress("the helpdesk", "10.9.0.0/16", 443)
	recording := recordService(t, args)
	before := recording.One(t, groupToken, "tickets-asg").DependsOn
	for token, names := range map[string][]string{
		rolePolicyToken:    {"tickets"},
		secretVersionToken: {"tickets-secret-db-password"},
		listenerToken:      {"tickets-https", "tickets-http"},
		ingressToken:       {"tickets-instances-from-alb"},
		egressToken:        {"tickets-alb-to-instances", "tickets-out-endpoints", "tickets-out-s3", "tickets-out-tcp-443-10-9-0-0-16"},
	} {
		for _, name := range names {
			require.Contains(t, before, recording.One(t, token, name).URN)
		}
	}
}

func TestInstancesHaveNoPublicAddressAndGuardTheirCredentials(t *testing.T) {
	for _, exposure := range components.Exposures() {
		args := serviceArgs()
		args.Exposure, args.ClientCIDRs = exposure, []string{"0.0.0.0/0"}
		recording := recordService(t, args)
		template := recording.One(t, launchToken, "tickets-lt")
		interfaces := template.List(t, "networkInterfaces")
		require.Len(t, interfaces, 1)
		require.Equal(t, "false", interfaces[0].(map[string]any)["associatePublicIpAddress"])
		require.Equal(t, []any{recording.One(t, securityGroupToken, "tickets-instances").ID}, interfaces[0].(map[string]any)["securityGroups"])
		require.False(t, template.Has("vpcSecurityGroupIds"), "AWS refuses both")
		require.Equal(t, map[string]any{"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1.0}, template.Map(t, "metadataOptions"))
		require.Equal(t, "ami-0c1f4b2d9e8a76543", template.Text(t, "imageId"))
		require.False(t, template.Has("keyName"), "nobody logs in over SSH")
	}
}

func TestVolumesLogsAndSecretsAreEncryptedUnderTheServicesOwnKey(t *testing.T) {
	recording := recordService(t, fullArgs())
	key := recording.One(t, keyToken, "tickets")
	require.True(t, key.Bool(t, "enableKeyRotation"))
	require.Equal(t, 30, key.Int(t, "deletionWindowInDays"))
	volumes := recording.One(t, launchToken, "tickets-lt").List(t, "blockDeviceMappings")
	require.Len(t, volumes, 1)
	group := recording.One(t, logGroupToken, "tickets")
	require.Equal(t, map[string]any{
		"deviceName": "/dev/xvda",
		"ebs": map[string]any{
			"volumeType": "gp3", "volumeSize": 30.0, "encrypted": "true", "kmsKeyId": group.Text(t, "kmsKeyId"), "deleteOnTermination": "true",
		},
	}, volumes[0])
	require.Equal(t, group.Text(t, "kmsKeyId"), recording.One(t, secretToken, "tickets-secret-db-password").Text(t, "kmsKeyId"))
	require.Equal(t, []string{key.URN}, within(group.PropertyDependencies["kmsKeyId"], keyToken))
	golden.JSON(t, "testdata/tickets.key.golden.json", key.Text(t, "policy"))
}

func TestSecretsStayOutOfEverythingButTheirSecret(t *testing.T) {
	recording := recordService(t, fullArgs())
	version := recording.One(t, secretVersionToken, "tickets-secret-db-password")
	require.Equal(t, "hunter2", version.Text(t, "secretString"))
	require.True(t, version.Secret("secretString"))
	require.NotContains(t, userData(t, recording), "hunter2")
	require.Contains(t, userData(t, recording), "DB_PASSWORD_SECRET_ARN=arn:aws:secretsmanager:eu-central-1:"+account+":secret:tickets-secret-db-password-")
}

func TestRolesMayDoExactlyThis(t *testing.T) {
	recording := recordService(t, probedArgs())
	golden.JSON(t, "testdata/tickets.role.golden.json", recording.One(t, rolePolicyToken, "tickets").Text(t, "policy"))
	golden.JSON(t, "testdata/tickets.trust.golden.json", recording.One(t, roleToken, "tickets").Text(t, "assumeRolePolicy"))
	require.Len(t, recording.OfType(rolePolicyToken), 1)
	role := recording.One(t, roleToken, "tickets")
	for _, path := range []string{"inlinePolicies", "managedPolicyArns"} {
		require.False(t, role.Has(path), "an exclusive set would undo a revocation of sessions")
	}

	args := serviceArgs()
	args.Image, args.Egress = "public.ecr.aws/nginx/nginx@"+digest, egress("the registry", "0.0.0.0/0", 443)
	golden.JSON(t, "testdata/public-image.role.golden.json", recordService(t, args).One(t, rolePolicyToken, "tickets").Text(t, "policy"))
}

func TestWithoutSessionsTheRoleAndTheHostOfferNone(t *testing.T) {
	args := serviceArgs()
	recording := recordService(t, args)
	require.Equal(t, 5, strings.Count(recording.One(t, rolePolicyToken, "tickets").Text(t, "policy"), `"ssm`))
	require.NotContains(t, userData(t, recording), "amazon-ssm-agent")
	args.NoSessions = true
	recording = recordService(t, args)
	require.NotContains(t, recording.One(t, rolePolicyToken, "tickets").Text(t, "policy"), "ssm")
	require.Contains(t, userData(t, recording), "systemctl mask --now amazon-ssm-agent.service")
}

func TestProtectKeepsStateAndTheNameThatClientsKnow(t *testing.T) {
	args := fullArgs()
	recording := recordService(t, args)
	require.Empty(t, protected(recording))
	require.False(t, recording.One(t, loadBalancerToken, "tickets-alb").Bool(t, "enableDeletionProtection"))
	args.Protect = true
	recording = recordService(t, args)
	require.Equal(t, []string{
		logGroupToken + " tickets", keyToken + " tickets", secretToken + " tickets-secret-db-password",
		"protected only: " + targetGroupToken + " tickets-tg",
	}, protected(recording), "a version of a secret is replaced by the next, which protection would refuse")
	require.True(t, recording.One(t, loadBalancerToken, "tickets-alb").Bool(t, "enableDeletionProtection"))
}

func TestTagsReachInstancesVolumesAndInterfaces(t *testing.T) {
	args := serviceArgs()
	args.Tags = map[string]string{"unit": "support", "cost-center": "cc-1"}
	recording := recordService(t, args)
	want := map[string]any{"Name": "tickets", "aplomb:service": "tickets", "unit": "support", "cost-center": "cc-1"}
	kinds := map[any]any{}
	for _, each := range recording.One(t, launchToken, "tickets-lt").List(t, "tagSpecifications") {
		kinds[each.(map[string]any)["resourceType"]] = each.(map[string]any)["tags"]
	}
	require.Equal(t, map[any]any{"instance": want, "volume": want, "network-interface": want}, kinds)
	require.Equal(t, []any{
		groupTag("Name", "tickets"), groupTag("aplomb:service", "tickets"), groupTag("cost-center", "cc-1"), groupTag("unit", "support"),
	}, recording.One(t, groupToken, "tickets-asg").List(t, "tags"))
	for _, each := range recording.All() {
		if each.Has("tags.unit") {
			require.Equal(t, "support", each.Text(t, "tags.unit"))
			continue
		}
		require.Contains(t, []string{serviceToken, providerToken, aliasToken, rolePolicyToken, groupToken, scalingToken}, each.Type, "%s can carry tags", each.URN)
	}
}

func TestTheParameterOfTheAMIIsRecordedWhereNoInstanceIsReplacedForIt(t *testing.T) {
	const tag = "aplomb:ami-parameter"
	args := serviceArgs()
	require.NotContains(t, recordService(t, args).One(t, launchToken, "tickets-lt").Map(t, "tags"), tag)
	args.AMIParameter = "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
	recording := recordService(t, args)
	template := recording.One(t, launchToken, "tickets-lt")
	require.Equal(t, args.AMIParameter, template.Map(t, "tags")[tag])
	for _, each := range template.List(t, "tagSpecifications") {
		require.NotContains(t, each.(map[string]any)["tags"], tag)
	}
	for _, each := range recording.One(t, groupToken, "tickets-asg").List(t, "tags") {
		require.NotEqual(t, tag, each.(map[string]any)["key"])
	}
}

func groupTag(key, value string) map[string]any {
	return map[string]any{"key": key, "value": value, "propagateAtLaunch": true}
}

func TestDeployAlarmWatchesThisServiceAndNotifiesNobody(t *testing.T) {
	recording := recordService(t, serviceArgs())
	alarm := recording.One(t, alarmToken, "tickets-deploy")
	require.False(t, alarm.Has("alarmActions"))
	require.Equal(t, 2, alarm.Int(t, "datapointsToAlarm"))
	require.Equal(t, "notBreaching", alarm.Text(t, "treatMissingData"))
	require.Equal(t, "IF((FILL(requests, 0) + FILL(balancerErrors, 0)) >= 20, "+
		"100 * (FILL(targetErrors, 0) + FILL(balancerErrors, 0)) / (FILL(requests, 0) + FILL(balancerErrors, 0)), 0)", alarm.Text(t, "metricQueries[0].expression"))
	require.ElementsMatch(t, []string{
		recording.One(t, loadBalancerToken, "tickets-alb").URN, recording.One(t, targetGroupToken, "tickets-tg").URN,
	}, append(within(alarm.PropertyDependencies["metricQueries"], loadBalancerToken), within(alarm.PropertyDependencies["metricQueries"], targetGroupToken)...))
}
