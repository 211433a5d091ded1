package components_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

func bucketCounts() map[string]int {
	return map[string]int{
		replicatedBucketToken: 1, keyToken: 2, aliasToken: 2, roleToken: 1, rolePolicyToken: 1, bucketReplicationToken: 1,
		bucketToken: 2, bucketOwnershipToken: 2, bucketAccessToken: 2, bucketEncryptionToken: 2, bucketVersioningToken: 2,
		bucketPolicyToken: 2, bucketLifecycleToken: 2,
	}
}

func TestABucketIsTwoBucketsAndWhatCopiesBetweenThem(t *testing.T) {
	requireCounts(t, bucketCounts(), recordBucket(t, bucketArgs()))
	counts := bucketCounts()
	delete(counts, bucketVersioningToken) // a bucket that is born with Object Lock has it
	counts[bucketObjectLockToken], counts[bucketLoggingToken] = 2, 2
	requireCounts(t, counts, recordBucket(t, fullBucketArgs()))
	requireCounts(t, bucketCounts(), recordBucket(t, bucketArgs(), recorder.Preview()))
}

// Nothing in the wrong Region: what is called replica has the provider of the recovery Region, and nothing else has.
func TestEveryResourceOfABucketIsInItsRegion(t *testing.T) {
	recording := recordBucket(t, fullBucketArgs())
	home := recording.One(t, providerToken, "eu-central-1")
	recovery := recording.One(t, providerToken, "eu-west-1")
	bucket := recording.One(t, replicatedBucketToken, "assets")
	far := 0
	for _, child := range recording.ChildrenOf(bucket.URN) {
		want := home
		if child.Name == "assets-replica" {
			want, far = recovery, far+1
		}
		require.Equal(t, want.URN+"::"+want.ID, child.Provider, child.URN)
	}
	require.Equal(t, 10, far, "key, alias, bucket and seven configurations")
	require.Len(t, recording.ChildrenOf(bucket.URN), 2*far+3, "as many here, and role, policy and replication")
	require.Contains(t, recording.One(t, bucketEncryptionToken, "assets").Text(t, encryptionKey), ":kms:eu-central-1:"+account+":key/")
	require.Contains(t, recording.One(t, bucketEncryptionToken, "assets-replica").Text(t, encryptionKey), ":kms:eu-west-1:"+account+":key/")
	require.Contains(t, recording.One(t, bucketReplicationToken, "assets").Text(t, "rules[0].destination.encryptionConfiguration.replicaKmsKeyId"), ":kms:eu-west-1:")
}

const encryptionKey = "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId"

func TestBothBucketsAreShutOwnedVersionedAndEncryptedUnderKeysOfTheirOwn(t *testing.T) {
	recording := recordBucket(t, bucketArgs())
	for _, name := range []string{"assets", "assets-replica"} {
		bucket := recording.One(t, bucketToken, name)
		require.False(t, bucket.Bool(t, "forceDestroy"))
		require.False(t, bucket.Bool(t, "objectLockEnabled"))
		require.Equal(t, map[string]any{
			"bucket": bucket.ID, "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
		}, recording.One(t, bucketAccessToken, name).Plain())
		require.Equal(t, "BucketOwnerEnforced", recording.One(t, bucketOwnershipToken, name).Text(t, "rule.objectOwnership"))
		require.Equal(t, "Enabled", recording.One(t, bucketVersioningToken, name).Text(t, "versioningConfiguration.status"))
		encryption, key := recording.One(t, bucketEncryptionToken, name), recording.One(t, keyToken, name)
		require.Equal(t, "aws:kms", encryption.Text(t, "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm"))
		require.True(t, encryption.Bool(t, "rules[0].bucketKeyEnabled"))
		require.Equal(t, []string{key.URN}, within(encryption.PropertyDependencies["rules"], keyToken))
		require.True(t, key.Bool(t, "enableKeyRotation"))
	}
	require.NotEqual(t, recording.One(t, bucketEncryptionToken, "assets").Text(t, encryptionKey), recording.One(t, bucketEncryptionToken, "assets-replica").Text(t, encryptionKey))
}

func TestPoliciesOfABucketAreExactlyThese(t *testing.T) {
	recording := recordBucket(t, bucketArgs(), recorder.Stack("prod"))
	golden.JSON(t, "testdata/assets.bucket.golden.json", recording.One(t, bucketPolicyToken, "assets").Text(t, "policy"))
	golden.JSON(t, "testdata/assets-replica.bucket.golden.json", recording.One(t, bucketPolicyToken, "assets-replica").Text(t, "policy"))
	golden.JSON(t, "testdata/assets.key.golden.json", recording.One(t, keyToken, "assets").Text(t, "policy"))
	golden.JSON(t, "testdata/assets-replication.role.golden.json", recording.One(t, rolePolicyToken, "assets-replication").Text(t, "policy"))
	golden.JSON(t, "testdata/assets-replication.trust.golden.json", recording.One(t, roleToken, "assets-replication").Text(t, "assumeRolePolicy"))
	require.Equal(t, "alias/aplomb/prod/bucket/assets", recording.One(t, aliasToken, "assets").Text(t, "name"))
	require.Equal(t, "alias/aplomb/prod/bucket/assets-replica", recording.One(t, aliasToken, "assets-replica").Text(t, "name"))

	args := fullBucketArgs()
	args.DeleteMarkers = components.DeleteMarkersIgnored
	golden.JSON(t, "testdata/locked-replication.role.golden.json", recordBucket(t, args).One(t, rolePolicyToken, "assets-replication").Text(t, "policy"))
}

func TestReplicationPromisesFifteenMinutesAndSaysHowItGoes(t *testing.T) {
	recording := recordBucket(t, bucketArgs())
	replication := recording.One(t, bucketReplicationToken, "assets")
	require.Len(t, replication.List(t, "rules"), 1)
	rule := replication.Map(t, "rules[0]")
	destination := rule["destination"].(map[string]any)
	require.Equal(t, map[string]any{"status": "Enabled", "time": map[string]any{"minutes": 15.0}}, destination["replicationTime"])
	require.Equal(t, map[string]any{"status": "Enabled", "eventThreshold": map[string]any{"minutes": 15.0}}, destination["metrics"])
	require.Equal(t, "arn:aws:s3:::"+recording.One(t, bucketToken, "assets-replica").ID, destination["bucket"])
	require.NotContains(t, destination, "storageClass")
	delete(rule, "destination")
	require.Equal(t, map[string]any{
		"id": "everything", "status": "Enabled", "priority": 1.0, "filter": map[string]any{"prefix": ""},
		"deleteMarkerReplication": map[string]any{"status": "Enabled"},
		"sourceSelectionCriteria": map[string]any{"sseKmsEncryptedObjects": map[string]any{"status": "Enabled"}},
	}, rule)
}

func TestWhatADeletionDoesToTheCopyIsWhatWasStated(t *testing.T) {
	for choice, want := range map[components.DeleteMarkers]string{components.DeleteMarkersReplicated: "Enabled", components.DeleteMarkersIgnored: "Disabled"} {
		args := bucketArgs()
		args.DeleteMarkers, args.ReplicaStorageClass = choice, components.GlacierInstantRetrieval
		recording := recordBucket(t, args)
		replication := recording.One(t, bucketReplicationToken, "assets")
		require.Equal(t, want, replication.Text(t, "rules[0].deleteMarkerReplication.status"))
		require.Equal(t, "GLACIER_IR", replication.Text(t, "rules[0].destination.storageClass"))
		mayDelete := strings.Contains(recording.One(t, rolePolicyToken, "assets-replication").Text(t, "policy"), "s3:ReplicateDelete")
		require.Equal(t, choice == components.DeleteMarkersReplicated, mayDelete)
	}
}

// S3 refuses replication before both buckets keep versions, and says nothing of a role that lacks its policy.
func TestReplicationComesAfterEverythingThatItNeeds(t *testing.T) {
	for _, args := range []*components.ReplicatedBucketArgs{bucketArgs(), fullBucketArgs()} {
		recording := recordBucket(t, args)
		replication := recording.One(t, bucketReplicationToken, "assets")
		component := recording.One(t, replicatedBucketToken, "assets")
		for _, child := range recording.ChildrenOf(component.URN) {
			// Nothing needs the name that people find a key by, and the key is behind the bucket's encryption.
			if child.Type != aliasToken && child.Type != keyToken && child != replication {
				require.Contains(t, replication.DependsOn, child.URN)
			}
		}
	}
}

// S3 answers OperationAborted to two changes of one bucket at once, and a destroy goes the other way round.
func TestTheConfigurationsOfABucketAreMadeOneAfterTheOther(t *testing.T) {
	recording := recordBucket(t, bucketArgs())
	order := []string{bucketOwnershipToken, bucketAccessToken, bucketEncryptionToken, bucketVersioningToken, bucketPolicyToken, bucketLifecycleToken}
	for _, name := range []string{"assets", "assets-replica"} {
		for position, token := range order {
			for _, earlier := range order[:position] {
				require.Contains(t, recording.One(t, token, name).DependsOn, recording.One(t, earlier, name).URN)
			}
		}
	}
}

func TestBothBucketsAgeAlike(t *testing.T) {
	args := bucketArgs()
	args.Lifecycle = components.BucketLifecycleArgs{
		Transitions: []components.TransitionArgs{{StorageClass: components.StandardIA, AfterDays: 30}, {StorageClass: components.GlacierInstantRetrieval, AfterDays: 90}},
		ExpireDays:  365, NoncurrentDays: 60, AbortUploadDays: 3,
	}
	recording := recordBucket(t, args)
	for _, name := range []string{"assets", "assets-replica"} {
		require.Equal(t, []any{map[string]any{
			"id": "everything", "status": "Enabled", "filter": map[string]any{"prefix": ""},
			"transitions": []any{map[string]any{"storageClass": "STANDARD_IA", "days": 30.0}, map[string]any{"storageClass": "GLACIER_IR", "days": 90.0}},
			"expiration":  map[string]any{"days": 365.0}, "noncurrentVersionExpiration": map[string]any{"noncurrentDays": 60.0},
			"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 3.0},
		}}, recording.One(t, bucketLifecycleToken, name).List(t, "rules"))
	}
	rules := recordBucket(t, bucketArgs()).One(t, bucketLifecycleToken, "assets").List(t, "rules")
	require.Equal(t, []any{map[string]any{
		"id": "everything", "status": "Enabled", "filter": map[string]any{"prefix": ""},
		"expiration": map[string]any{"expiredObjectDeleteMarker": true}, "noncurrentVersionExpiration": map[string]any{"noncurrentDays": 30.0},
		"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 7.0},
	}}, rules, "nothing that is current expires by default")
}

func TestALockHoldsInBothBucketsAndGovernsByDefault(t *testing.T) {
	recording := recordBucket(t, fullBucketArgs())
	for _, name := range []string{"assets", "assets-replica"} {
		require.True(t, recording.One(t, bucketToken, name).Bool(t, "objectLockEnabled"))
		require.Equal(t, map[string]any{"defaultRetention": map[string]any{"mode": "GOVERNANCE", "days": 30.0}}, recording.One(t, bucketObjectLockToken, name).Map(t, "rule"))
	}
	args := fullBucketArgs()
	args.ObjectLock.Mode, args.ObjectLock.NobodyCanUndoCompliance = components.LockCompliance, true
	require.Equal(t, "COMPLIANCE", recordBucket(t, args).One(t, bucketObjectLockToken, "assets-replica").Text(t, "rule.defaultRetention.mode"))
}

func TestRequestsAreLoggedInEachRegionUnderTheBucketsName(t *testing.T) {
	recording := recordBucket(t, fullBucketArgs())
	for name, target := range map[string]string{"assets": "logs", "assets-replica": "logs-far"} {
		logging := recording.One(t, bucketLoggingToken, name)
		require.Equal(t, map[string]any{"bucket": recording.One(t, bucketToken, name).ID, "targetBucket": target, "targetPrefix": "s3/" + name + "/"}, logging.Plain())
	}
	args := fullBucketArgs()
	args.AccessLogs.RecoveryBucket = nil
	require.Len(t, recordBucket(t, args).OfType(bucketLoggingToken), 1)
}

func TestProtectKeepsBothBucketsTheirKeysVersionsAndLocks(t *testing.T) {
	require.Empty(t, protected(recordBucket(t, fullBucketArgs())))
	args := bucketArgs()
	args.Protect = true
	want := []string{
		keyToken + " assets", keyToken + " assets-replica", bucketToken + " assets", bucketToken + " assets-replica",
		bucketVersioningToken + " assets", bucketVersioningToken + " assets-replica",
	}
	require.Equal(t, want, protected(recordBucket(t, args)))
	args = fullBucketArgs()
	args.Protect = true
	require.Equal(t, []string{
		keyToken + " assets", keyToken + " assets-replica", bucketObjectLockToken + " assets", bucketObjectLockToken + " assets-replica",
		bucketToken + " assets", bucketToken + " assets-replica",
	}, protected(recordBucket(t, args)))
}

func TestBucketTagsReachEveryTaggableResource(t *testing.T) {
	args := fullBucketArgs()
	args.Tags = map[string]string{"unit": "support"}
	tagged := map[string]int{}
	for _, each := range recordBucket(t, args).All() {
		if each.Has("tags") {
			require.Equal(t, map[string]any{"Name": each.Name, "unit": "support"}, each.Map(t, "tags"), each.URN)
			tagged[each.Type]++
		}
	}
	require.Equal(t, map[string]int{keyToken: 2, bucketToken: 2, roleToken: 1}, tagged)
}

func TestEveryBucketTransformHasTheLastWord(t *testing.T) {
	args := bucketArgs()
	args.EmptyOnDelete = true
	require.True(t, recordBucket(t, args).One(t, bucketToken, "assets-replica").Bool(t, "forceDestroy"))
	args.Transform = components.ReplicatedBucketTransforms{
		Bucket: func(a *s3.BucketV2Args) { a.ForceDestroy = pulumi.Bool(false) },
		Key:    func(a *kms.KeyArgs) { a.DeletionWindowInDays = pulumi.Int(7) },
		Role:   func(a *iam.RoleArgs) { a.Path = pulumi.String("/replication/") },
		Replication: func(a *s3.BucketReplicationConfigArgs) {
			a.Token = pulumi.String("seen")
		},
	}
	recording := recordBucket(t, args)
	for _, name := range []string{"assets", "assets-replica"} {
		require.False(t, recording.One(t, bucketToken, name).Bool(t, "forceDestroy"))
		require.Equal(t, 7, recording.One(t, keyToken, name).Int(t, "deletionWindowInDays"))
	}
	require.Equal(t, "/replication/", recording.One(t, roleToken, "assets-replication").Text(t, "path"))
	require.Equal(t, "seen", recording.One(t, bucketReplicationToken, "assets").Text(t, "token"))
}

func TestBucketOutputsNameBothSidesAndTheMetricsBetweenThem(t *testing.T) {
	program := withAssets(bucketArgs(), func(ctx *pulumi.Context, _ pulumi.ResourceOption, assets *components.ReplicatedBucket) error {
		ctx.Export("names", pulumi.Sprintf("%s %s", assets.BucketName, assets.ReplicaBucketName))
		ctx.Export("arns", pulumi.Sprintf("%s %s", assets.BucketARN, assets.ReplicaBucketARN))
		ctx.Export("keys", pulumi.Sprintf("%s %s", assets.KeyARN, assets.ReplicaKeyARN))
		ctx.Export("role", assets.ReplicationRoleARN)
		ctx.Export("dimensions", assets.ReplicationMetrics().Dimensions())
		return nil
	})
	recording := recorder.Run(t, program)
	here, there := recording.One(t, bucketToken, "assets").ID, recording.One(t, bucketToken, "assets-replica").ID
	require.Equal(t, here+" "+there, recording.Output(t, "names"))
	require.Equal(t, "arn:aws:s3:::"+here+" arn:aws:s3:::"+there, recording.Output(t, "arns"))
	require.Regexp(t, `^arn:aws:kms:eu-central-1:\d{12}:key/\S+ arn:aws:kms:eu-west-1:\d{12}:key/\S+$`, recording.Output(t, "keys"))
	require.Regexp(t, `^arn:aws:iam::\d{12}:role/assets-replication-`, recording.Output(t, "role"))
	require.Equal(t, map[string]string{"SourceBucket": here, "DestinationBucket": there, "RuleId": "everything"}, recording.Output(t, "dimensions"))
	require.Equal(t, "everything", recording.One(t, bucketReplicationToken, "assets").Text(t, "rules[0].id"))
}

// bucketFaults are one fault each, by the message that must name it.
var bucketFaults = map[string]func(*components.ReplicatedBucketArgs){
	`accountID: missing, policies name the account`:                                              func(a *components.ReplicatedBucketArgs) { a.AccountID = "" },
	`region: missing, policies name the Region`:                                                  func(a *components.ReplicatedBucketArgs) { a.Region = "" },
	`region: "frankfurt" is not the name of a Region`:                                            func(a *components.ReplicatedBucketArgs) { a.Region = "frankfurt" },
	`recoveryRegion: missing, what the loss of a Region must not take away is kept in a second`:  func(a *components.ReplicatedBucketArgs) { a.RecoveryRegion = "" },
	`recoveryRegion: "eu-central-1" is the Region itself, whose loss would take the copy along`:  func(a *components.ReplicatedBucketArgs) { a.RecoveryRegion = "eu-central-1" },
	`recoveryRegion: "ireland" is not the name of a Region`:                                      func(a *components.ReplicatedBucketArgs) { a.RecoveryRegion = "ireland" },
	`recoveryRegion: "cn-north-1" is in the partition aws-cn, and eu-central-1 in aws`:           func(a *components.ReplicatedBucketArgs) { a.RecoveryRegion = "cn-north-1" },
	`recoveryProvider: missing, the copy is built by a provider of the recovery Region`:          func(a *components.ReplicatedBucketArgs) { a.RecoveryProvider = nil },
	`deleteMarkers: missing, there is no default for what a deletion does to the copy`:           func(a *components.ReplicatedBucketArgs) { a.DeleteMarkers = "" },
	`deleteMarkers: "yes" must be one of replicated, ignored`:                                    func(a *components.ReplicatedBucketArgs) { a.DeleteMarkers = "yes" },
	`replicaStorageClass: "ONEZONE_IA" must be one of STANDARD_IA, INTELLIGENT_TIERING`:          func(a *components.ReplicatedBucketArgs) { a.ReplicaStorageClass = "ONEZONE_IA" },
	`lifecycle.noncurrentDays: -1 must be from 1 to 3650 days`:                                   func(a *components.ReplicatedBucketArgs) { a.Lifecycle.NoncurrentDays = -1 },
	`lifecycle.abortUploadDays: 366 must be from 1 to 365 days`:                                  func(a *components.ReplicatedBucketArgs) { a.Lifecycle.AbortUploadDays = 366 },
	`lifecycle.expireDays: 3651 must be from 1 to 3650 days`:                                     func(a *components.ReplicatedBucketArgs) { a.Lifecycle.ExpireDays = 3651 },
	`lifecycle.transitions[0].storageClass: "ONEZONE_IA" must be one of STANDARD_IA`:             transitions("ONEZONE_IA", 30),
	`lifecycle.transitions[0].afterDays: 29 must be at least 30, before S3 moves an object ther`: transitions("STANDARD_IA", 29),
	`lifecycle.transitions[0].afterDays: 0 must be at least 1, in days`:                          transitions("INTELLIGENT_TIERING", 0),
	`lifecycle.transitions[0].afterDays: 3651 must be at most 3650`:                              transitions("GLACIER", 3651),
	`lifecycle.transitions[1].storageClass: "STANDARD_IA" comes after GLACIER`:                   transitions("GLACIER", 30, "STANDARD_IA", 150),
	`lifecycle.transitions[1].storageClass: "GLACIER" comes after GLACIER`:                       transitions("GLACIER", 30, "GLACIER", 150),
	`lifecycle.transitions[1].afterDays: 59 must be at least 60, since an object must stay in `:  transitions("STANDARD_IA", 30, "GLACIER", 59),
	`lifecycle.transitions[1].afterDays: 119 must be at least 120, since an object must stay in`: transitions("GLACIER", 30, "DEEP_ARCHIVE", 119),
	`lifecycle.transitions[0].afterDays: 90 must be below the 90 days at which objects expire`: func(a *components.ReplicatedBucketArgs) {
		transitions("GLACIER", 90)(a)
		a.Lifecycle.ExpireDays = 90
	},
	`objectLock.days: missing, a lock holds for some time`: func(a *components.ReplicatedBucketArgs) { a.ObjectLock = &components.ObjectLockArgs{} },
	`objectLock.days: 3651 must be from 1 to 3650 days`:    func(a *components.ReplicatedBucketArgs) { a.ObjectLock = &components.ObjectLockArgs{Days: 3651} },
	`objectLock.mode: "FOREVER" must be one of GOVERNANCE, COMPLIANCE`: func(a *components.ReplicatedBucketArgs) {
		a.ObjectLock = &components.ObjectLockArgs{Days: 1, Mode: "FOREVER"}
	},
	`objectLock.mode: "COMPLIANCE" can be undone by nobody until the time`: func(a *components.ReplicatedBucketArgs) {
		a.ObjectLock = &components.ObjectLockArgs{Days: 1, Mode: "COMPLIANCE"}
	},
	`objectLock.nobodyCanUndoCompliance: true is stated without COMPLIANCE`: func(a *components.ReplicatedBucketArgs) {
		a.ObjectLock = &components.ObjectLockArgs{Days: 1, NobodyCanUndoCompliance: true}
	},
	`accessLogs.bucket: missing, logs are written to a bucket`:               func(a *components.ReplicatedBucketArgs) { a.AccessLogs = &components.ServerAccessLogsArgs{} },
	`emptyOnDelete: true contradicts protect: what is protected is not empt`: func(a *components.ReplicatedBucketArgs) { a.EmptyOnDelete, a.Protect = true, true },
	`emptyOnDelete: true contradicts COMPLIANCE, under which nobody can dele`: func(a *components.ReplicatedBucketArgs) {
		a.EmptyOnDelete, a.ObjectLock = true, &components.ObjectLockArgs{Days: 1, Mode: "COMPLIANCE", NobodyCanUndoCompliance: true}
	},
	`tags.aws:owner: "aws:owner" begins with aws:, which AWS reserves`: func(a *components.ReplicatedBucketArgs) { a.Tags = map[string]string{"aws:owner": "x"} },
}

// transitions are pairs of a storage class and days.
func transitions(pairs ...any) func(*components.ReplicatedBucketArgs) {
	return func(a *components.ReplicatedBucketArgs) {
		for pair := range slices.Chunk(pairs, 2) {
			a.Lifecycle.Transitions = append(a.Lifecycle.Transitions, components.TransitionArgs{
				StorageClass: components.StorageClass(pair[0].(string)), AfterDays: pair[1].(int),
			})
		}
	}
}

func TestEachFaultOfABucketIsNamedWithItsLimit(t *testing.T) {
	for want, fault := range bucketFaults {
		args := bucketArgs()
		fault(args)
		found := lines(args.Check("assets"))
		require.Len(t, found, 1, want)
		require.True(t, strings.HasPrefix(found[0], want), "%s\nis not\n%s", found[0], want)
		_, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			_, err := components.NewReplicatedBucket(ctx, "assets", args, provider)
			return err
		}))
		require.ErrorContains(t, err, "bucket assets: "+want)
	}
	require.Empty(t, bucketArgs().Check("assets"))
	require.Empty(t, fullBucketArgs().Check("assets"))
}

func TestBucketNamesAreHeldAgainstWhatS3Reserves(t *testing.T) {
	for name, want := range map[string]string{
		"":                      "name: missing, every component needs one; name it",
		"Assets":                `name: "Assets" must be lower-case letters, digits and single hyphens, a letter first; rename it, such as tickets-api`,
		"a-bucket-of-21-letter": `name: "a-bucket-of-21-letter" must have at most 20 characters, not 21; shorten it: AWS limits the names that are derived from it`,
		"sthree-assets":         `name: "sthree-assets" begins with sthree-, which AWS reserves; begin it with another word`,
		"amzn-s3-demo":          `name: "amzn-s3-demo" begins with amzn-s3-demo-, which AWS reserves; begin it with another word`,
	} {
		require.Equal(t, []string{want}, lines(bucketArgs().Check(name)))
		require.Equal(t, []string{want}, lines(logBucketArgs().Check(name)))
	}
	require.Equal(t, []string{`name: "assets-replica" is what the copy of another bucket is called; end it with another word`}, lines(bucketArgs().Check("assets-replica")))
	var none *components.ReplicatedBucketArgs
	require.Equal(t, []string{"args: missing, a bucket needs arguments; give account, Regions and what a deletion does to the copy"}, lines(none.Check("assets")))
}
