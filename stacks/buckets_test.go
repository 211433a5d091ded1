// Layer: recorder over Pulumi mocks. Proves what a stack's buckets ask for, not that AWS accepts it.
package stacks_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	bucketToken     = "aws:s3/bucketV2:BucketV2"
	balancerToken   = "aws:lb/loadBalancer:LoadBalancer"
	rolePolicyToken = "aws:iam/rolePolicy:RolePolicy"
	launchToken     = "aws:ec2/launchTemplate:LaunchTemplate"
)

func TestServicesFindTheirBucketsAndAreGrantedNoMoreThanStated(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	assets, backups := recording.One(t, bucketToken, "assets").ID, recording.One(t, bucketToken, "backups").ID
	for service, want := range map[string][]string{
		"web": {"ASSETS_BUCKET=" + assets + "\n"}, "tickets": {"ASSETS_BUCKET=" + assets + "\n", "BACKUPS_BUCKET=" + backups + "\n"}, "search": nil,
	} {
		script, err := base64.StdEncoding.DecodeString(recording.One(t, launchToken, service+"-lt").Text(t, "userData"))
		require.NoError(t, err)
		require.Equal(t, len(want), strings.Count(string(script), "_BUCKET="))
		for _, line := range want {
			require.Contains(t, string(script), line)
		}
	}
	granted := map[string]string{}
	for _, policy := range recording.OfType(rolePolicyToken) {
		if strings.Contains(policy.Parent, "ReplicatedBucket") && !strings.HasSuffix(policy.Name, "-replication") {
			granted[policy.Name] = policy.Text(t, "role")
		}
	}
	role := func(service string) string { return recording.One(t, "aws:iam/role:Role", service).ID }
	require.Equal(t, map[string]string{
		"assets.read.web.attachments=": role("web"), "assets.read-write.tickets.attachments=": role("tickets"), "backups.write.tickets.tickets=": role("tickets"),
	}, granted)
}

func TestEveryLoadBalancerAndBucketLogsToTheStacksLogBucket(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	logs := recording.One(t, bucketToken, "access-logs")
	require.True(t, logs.Protect)
	for _, balancer := range recording.OfType(balancerToken) {
		require.Equal(t, logs.ID, balancer.Text(t, "accessLogs.bucket"))
		require.Contains(t, balancer.PropertyDependencies["accessLogs"], recording.One(t, "aws:s3/bucketPolicy:BucketPolicy", "access-logs").URN,
			"AWS refuses a load balancer whose log bucket does not let it write")
	}
	for _, name := range []string{"assets", "backups"} {
		require.Equal(t, logs.ID, recording.One(t, "aws:s3/bucketLoggingV2:BucketLoggingV2", name).Text(t, "targetBucket"))
	}

	config := committed(t, "prod")
	delete(config, "accessLogs")
	config["logBucket"] = "support-logs"
	recording, err = record(t, "prod", config)
	require.NoError(t, err)
	require.Empty(t, recording.OfType("aws:s3/bucketLoggingV2:BucketLoggingV2"), "whether S3 may write to it, the stack does not know")
	for _, balancer := range recording.OfType(balancerToken) {
		require.Equal(t, "support-logs", balancer.Text(t, "accessLogs.bucket"))
	}
	require.Len(t, recording.OfType(bucketToken), 4)
}

func TestDevelopmentDeletesABucketWithItsObjectsAndProductionNone(t *testing.T) {
	for stack, empties := range map[string]bool{"prod": false, "dev": true} {
		recording, err := record(t, stack, committed(t, stack))
		require.NoError(t, err)
		for _, bucket := range recording.OfType(bucketToken) {
			require.Equal(t, empties, bucket.Bool(t, "forceDestroy"), bucket.URN)
			require.Equal(t, !empties, bucket.Protect, bucket.URN)
			require.Equal(t, !empties, bucket.RetainOnDelete, bucket.URN)
		}
	}
}

func TestARetiringBucketLosesItsProtectionAndNoOtherDoes(t *testing.T) {
	config := committed(t, "prod")
	bucketOf(config, "assets")["retiring"] = true
	recording, err := record(t, "prod", config)
	require.NoError(t, err)
	for name, protected := range map[string]bool{"assets": false, "assets-replica": false, "backups": true, "backups-replica": true, "access-logs": true} {
		bucket := recording.One(t, bucketToken, name)
		require.Equal(t, protected, bucket.Protect, name)
		require.False(t, bucket.Bool(t, "forceDestroy"), "what it holds is not for the engine to delete")
	}
	for _, key := range []string{"assets", "assets-replica"} {
		require.False(t, recording.One(t, "aws:kms/key:Key", key).Protect)
	}
}

func bucketOf(config map[string]any, name string) map[string]any {
	for _, bucket := range config["buckets"].([]any) {
		if bucket.(map[string]any)["name"] == name {
			return bucket.(map[string]any)
		}
	}
	return nil
}

// withoutData takes out of a configuration what holds data, and what uses it.
func withoutData(config map[string]any) {
	for _, key := range []string{"buckets", "databases", "jobs", "recovery", "backups"} {
		delete(config, key)
		for _, service := range config["services"].([]any) {
			delete(service.(map[string]any), key)
		}
	}
}

func TestAStackWithoutDataHasOneProviderAndSaysNothingOfThem(t *testing.T) {
	config := committed(t, "dev")
	withoutData(config)
	recording, err := record(t, "dev", config)
	require.NoError(t, err)
	require.Equal(t, 1, recording.Count()["pulumi:providers:aws"])
	require.Empty(t, recording.OfType(bucketToken))
	output := recording.Output(t, stacks.OutputName).(map[string]any)
	for _, key := range []string{"buckets", "databases", "jobs", "recoveryRegion"} {
		require.NotContains(t, output, key)
	}
}

func TestTheOutputNamesBucketsAndCopies(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	outputs, err := stacks.DecodeOutputs(map[string]any{stacks.OutputName: recording.Output(t, stacks.OutputName)})
	require.NoError(t, err)
	require.Equal(t, "eu-west-1", outputs.RecoveryRegion)
	id := func(name string) string { return recording.One(t, bucketToken, name).ID }
	require.Equal(t, map[string]stacks.BucketOutputs{
		"assets":  {Bucket: id("assets"), Replica: id("assets-replica")},
		"backups": {Bucket: id("backups"), Replica: id("backups-replica")},
	}, outputs.Buckets)
}

// TestEveryValidStackOfBucketsIsBuilt holds that no configuration which is admitted fails halfway: no two resources are one to the engine,
// and no policy is too long.
func TestEveryValidStackOfBucketsIsBuilt(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		config := generated(r)
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z](-?[a-z0-9]){0,4}(-replica)?`), 1, 3, rapid.ID).Draw(r, "buckets")
		config["recoveryRegion"], config["accessLogs"] = "eu-central-1", map[string]any{}
		var buckets []any
		for _, name := range names {
			buckets = append(buckets, generatedBucket(r, name))
		}
		config["buckets"] = buckets
		grants := 0
		for _, service := range config["services"].([]any) {
			var granted []any
			for range rapid.IntRange(0, 5).Draw(r, "grants") {
				granted = append(granted, map[string]any{
					"bucket": rapid.SampledFrom(names).Draw(r, "bucket"), "access": rapid.SampledFrom([]string{"read", "write", "read-write"}).Draw(r, "access"),
					"prefix": rapid.SampledFrom([]string{"", "a/", "a/b/", "a-b/", "a.b/", "b/"}).Draw(r, "prefix"),
				})
			}
			service.(map[string]any)["buckets"] = granted
			grants += len(granted)
		}
		if _, err := stacks.Parse(asJSON(r, config)); err != nil {
			r.Skip(err)
		}
		recording, err := record(r, "any", config, previewing(r)...)
		require.NoError(r, err)
		require.Equal(r, 1+2*len(names), recording.Count()[bucketToken])
		services := len(config["services"].([]any))
		require.Equal(r, services+len(names)+1+grants, recording.Count()[rolePolicyToken], "of services, replications and flow logs, and of each grant")
	})
}

func generatedBucket(r *rapid.T, name string) map[string]any {
	bucket := map[string]any{"name": name, "deleteMarkers": rapid.SampledFrom([]string{"replicated", "ignored"}).Draw(r, "markers")}
	if rapid.Bool().Draw(r, "lock") {
		bucket["objectLock"] = map[string]any{"days": rapid.IntRange(1, 3650).Draw(r, "days")}
	}
	if rapid.Bool().Draw(r, "class") {
		bucket["replicaStorageClass"] = rapid.SampledFrom([]string{"STANDARD_IA", "GLACIER_IR"}).Draw(r, "replica")
	}
	return bucket
}

func asJSON(t recorder.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(text)
}

func TestTheRecoveryRegionOfAStackWithCopiesStays(t *testing.T) {
	config, err := stacks.ReadStack("..", "prod")
	require.NoError(t, err)
	old := standing()
	old.RecoveryRegion, old.Buckets = "eu-north-1", map[string]stacks.BucketOutputs{"assets": {}}
	require.EqualError(t, config.CheckChange(old), `aplomb:config: recoveryRegion: "eu-west-1" is not the Region eu-north-1 in which copies stand; `+
		`keep it, or retire and remove first what has its copy there`)
	config.Buckets, config.Databases = nil, nil
	require.NoError(t, config.CheckChange(old))
	config, err = stacks.ReadStack("..", "prod")
	require.NoError(t, err)
	require.NoError(t, config.CheckChange(standing()), "a stack from before there were buckets gets them")
}

// TestRegionsThatAWSHasAreAdmitted guards the list of directions (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html).
func TestRegionsThatAWSHasAreAdmitted(t *testing.T) {
	config := committed(t, "dev")
	for _, region := range strings.Fields(`us-east-1 us-east-2 us-west-1 us-west-2 af-south-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3
		ap-southeast-4 ap-southeast-5 ap-southeast-7 ap-northeast-1 ap-northeast-2 ap-northeast-3 ca-central-1 ca-west-1 eu-central-2 eu-west-1 eu-west-2 eu-west-3
		eu-north-1 eu-south-1 eu-south-2 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1`) {
		config["recoveryRegion"] = region
		_, err := stacks.Parse(asJSON(t, config))
		require.NoError(t, err, region)
	}
	for _, region := range []string{"eu-wst-1", "eu-ireland-1", "eu-west", "EU-WEST-1", "eu-west-1a", ""} {
		config["recoveryRegion"] = region
		_, err := stacks.Parse(asJSON(t, config))
		require.ErrorContains(t, err, "recoveryRegion", fmt.Sprintf("%q", region))
	}
}
