// Layer: rules (pure). Small states, each of which two readings tell apart.
package topology_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/topology"
	"github.com/stretchr/testify/require"
)

// standing is a resource of a small state; its id is its name.
func standing(typ, name string, outputs map[string]any) map[string]any {
	return map[string]any{"urn": "urn:pulumi:x::aplomb::" + typ + "::" + name, "type": typ, "custom": true, "id": name, "outputs": outputs}
}

func small(t *testing.T, resources ...map[string]any) *topology.Topology {
	t.Helper()
	text, err := json.Marshal(map[string]any{"version": 3, "deployment": map[string]any{"resources": resources}})
	require.NoError(t, err)
	made, err := topology.FromState(strings.NewReader(string(text)))
	require.NoError(t, err)
	return made
}

func TestAClustersMembersAreItsOwn(t *testing.T) {
	member := func(name, cluster, zone string) map[string]any {
		return standing("aws:rds/clusterInstance:ClusterInstance", name, map[string]any{"clusterIdentifier": cluster, "availabilityZone": zone})
	}
	aurora := map[string]any{"engine": "aurora-postgresql"}
	made := small(t, standing("aws:rds/cluster:Cluster", "a", aurora), standing("aws:rds/cluster:Cluster", "b", aurora),
		member("a-1", "a", "eu-west-1a"), member("b-1", "b", "eu-west-1a"), member("b-2", "b", "eu-west-1b"))
	require.Equal(t, 1, made.Databases[0].Members)
	require.Equal(t, []topology.ZoneCount{{Zone: "eu-west-1a", Count: 1}}, made.Databases[0].MemberZones)
	require.Equal(t, 2, made.Databases[1].Members)
	require.Equal(t, []topology.ZoneCount{{Zone: "eu-west-1a", Count: 1}, {Zone: "eu-west-1b", Count: 1}}, made.Databases[1].MemberZones)
}

// withPolicy is a state of one service, two buckets of which one's name begins with the other's, one job, and one policy of the service's role.
func withPolicy(t *testing.T, policy string) *topology.Topology {
	t.Helper()
	bucket := func(name string) map[string]any {
		return standing("aws:s3/bucketV2:BucketV2", name, map[string]any{"bucket": name, "arn": "arn:aws:s3:::" + name})
	}
	return small(t,
		standing("aws:autoscaling/group:Group", "web", map[string]any{"launchTemplate": map[string]any{"id": "lt"}}),
		standing("aws:ec2/launchTemplate:LaunchTemplate", "lt", map[string]any{"iamInstanceProfile": map[string]any{"name": "profile"}}),
		standing("aws:iam/instanceProfile:InstanceProfile", "profile", map[string]any{"name": "profile", "role": "web"}),
		standing("aws:iam/rolePolicy:RolePolicy", "web", map[string]any{"role": "web", "policy": policy}),
		bucket("assets"), bucket("assets-old"),
		standing("aws:sqs/queue:Queue", "job", map[string]any{"arn": "arn:aws:sqs:eu-west-1:1:job"}),
		standing("aws:scheduler/schedule:Schedule", "job", map[string]any{"target": map[string]any{"arn": "arn:aws:sqs:eu-west-1:1:job"}}))
}

func TestAServiceReachesWhatItsRoleAllowsAndNothingThatIsLikeIt(t *testing.T) {
	for name, each := range map[string]struct {
		statement          string
		buckets, consumers []string
	}{
		"objects of a bucket":          {`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::assets/*"}`, []string{"assets"}, nil},
		"a bucket of a longer name":    {`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::assets-old/*"}`, []string{"assets-old"}, nil},
		"the longer one itself":        {`{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::assets-old"}`, []string{"assets-old"}, nil},
		"a denial of a bucket":         {`{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::assets/*"}`, nil, nil},
		"messages that are taken":      {`{"Effect": "Allow", "Action": ["sqs:ReceiveMessage"], "Resource": "arn:aws:sqs:eu-west-1:1:job"}`, nil, []string{"web"}},
		"messages that are sent":       {`{"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:DeleteMessage"], "Resource": "arn:aws:sqs:eu-west-1:1:job"}`, nil, nil},
		"messages that must not be":    {`{"Effect": "Deny", "Action": "sqs:ReceiveMessage", "Resource": "arn:aws:sqs:eu-west-1:1:job"}`, nil, nil},
		"messages of the dead letters": {`{"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "arn:aws:sqs:eu-west-1:1:job-dead"}`, nil, nil},
	} {
		made := withPolicy(t, `{"Statement": [`+each.statement+`]}`)
		require.ElementsMatch(t, each.buckets, made.Services[0].Buckets, name)
		require.ElementsMatch(t, each.consumers, made.Jobs[0].Consumers, name)
	}
}

func TestOnlyAnEnabledRuleForEverythingIsACopy(t *testing.T) {
	for status, want := range map[string]string{"Enabled": "copy", "Disabled": ""} {
		rule := map[string]any{"status": status, "destination": map[string]any{"bucket": "arn:aws:s3:::copy"}}
		made := small(t,
			standing("aws:s3/bucketV2:BucketV2", "assets", map[string]any{"bucket": "assets", "arn": "arn:aws:s3:::assets"}),
			standing("aws:s3/bucketV2:BucketV2", "copy", map[string]any{"bucket": "copy", "arn": "arn:aws:s3:::copy"}),
			standing("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "assets", map[string]any{"bucket": "assets", "rules": []any{rule}}))
		require.Equal(t, want, made.Buckets[0].ReplicatedTo, status)
	}
}

func TestAnExpressionsPeriodIsTheLongestOfItsMetricsWhereverThatStands(t *testing.T) {
	for _, periods := range [][]int{{300, 60, 120}, {60, 300, 120}, {60, 120, 300}} {
		var queries []any
		for _, period := range periods {
			queries = append(queries, map[string]any{"metric": map[string]any{"period": period}})
		}
		made := small(t, standing("aws:cloudwatch/metricAlarm:MetricAlarm", "a", map[string]any{"metricQueries": queries}))
		require.Equal(t, 300, made.Alarms[0].PeriodSeconds, periods)
	}
}

func TestASuppressorsWaitIsNotItsExtension(t *testing.T) {
	made := small(t,
		standing("aws:cloudwatch/metricAlarm:MetricAlarm", "deploy", map[string]any{"name": "deploy"}),
		standing("aws:cloudwatch/compositeAlarm:CompositeAlarm", "impact", map[string]any{
			"alarmRule": `ALARM("deploy")`, "actionsSuppressor": map[string]any{"alarm": "deploy", "waitPeriod": 60, "extensionPeriod": 180},
		}))
	require.Equal(t, "deploy", made.Composite[0].Suppressor)
	require.Equal(t, 60, made.Composite[0].WaitSeconds)
	require.Equal(t, 180, made.Composite[0].ExtensionSeconds)
}

func TestOneOverrideThatCannotBeReadIsToldWhereverItStands(t *testing.T) {
	good, bad := map[string]any{"instanceType": "m7g.large"}, map[string]any{"instanceType": 7}
	for _, overrides := range [][]any{{bad, good}, {good, bad}} {
		made := small(t, standing("aws:autoscaling/group:Group", "web", map[string]any{
			"mixedInstancesPolicy": map[string]any{"launchTemplate": map[string]any{"overrides": overrides}},
		}))
		require.Equal(t, []string{"m7g.large"}, made.Services[0].Fleet.InstanceTypes)
		told := 0
		for _, unknown := range made.Undetermined {
			if unknown.Path == "services.web.fleet.instanceTypes" {
				told++
			}
		}
		require.Equal(t, 1, told, overrides)
	}
}
