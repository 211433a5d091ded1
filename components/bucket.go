package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Slots of a bucket's policy.
const (
	bucketSlot    = "bucket"
	bucketKeySlot = "key"
)

// bucketSpec is one bucket with everything that every bucket of this library has. Without a provider it is where its parent is.
type bucketSpec struct {
	parent   pulumi.Resource
	provider pulumi.ProviderResource
	name     string
	// key encrypts what is in it; nil is for S3's own keys.
	key *kms.Key
	// objectLock gives the bucket Object Lock, which only a new bucket can be given here.
	objectLock bool
	// emptyOnDelete lets its deletion take the objects along.
	emptyOnDelete bool
	protect       bool
	// policy is the bucket's policy, beside what denyUnsafe adds.
	policy    []iampolicy.Statement
	lifecycle s3.BucketLifecycleConfigurationV2RuleArray
	tags      map[string]string
	transform func(*s3.BucketV2Args)
}

// builtBucket is a bucket as it is built: each part is put after the ones before it, since S3 answers OperationAborted to two
// changes of one bucket at once (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
type builtBucket struct {
	spec   bucketSpec
	bucket *s3.BucketV2
	parts  []pulumi.Resource
}

// newBucket builds a bucket that keeps versions, is encrypted, shut to the public, and speaks TLS only.
func newBucket(ctx *pulumi.Context, spec bucketSpec) (*builtBucket, error) {
	bucket, err := s3.NewBucketV2(ctx, spec.name, transformed(&s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(spec.emptyOnDelete), ObjectLockEnabled: pulumi.Bool(spec.objectLock), Tags: tagsNamed(spec.tags, spec.name),
	}, spec.transform), stateful(spec.parent, spec.protect, spec.provider)...)
	if err != nil {
		return nil, err
	}
	built := &builtBucket{spec: spec, bucket: bucket}
	return built, runSteps(ctx, built.own, built.shut, built.encrypt, built.version, built.attachPolicy, built.age)
}

// part are the options of the next part: after all the ones before it.
func (b *builtBucket) part() []pulumi.ResourceOption {
	return append(childOf(b.spec.parent, b.spec.provider), pulumi.DependsOn(b.parts))
}

func (b *builtBucket) add(part pulumi.Resource, err error) error {
	b.parts = append(b.parts, part)
	return err
}

// own disables ACLs: whoever writes an object, the account of the bucket owns it
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html).
func (b *builtBucket) own(ctx *pulumi.Context) error {
	return b.add(s3.NewBucketOwnershipControls(ctx, b.spec.name, &s3.BucketOwnershipControlsArgs{
		Bucket: b.bucket.ID(), Rule: &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, b.part()...))
}

// shut keeps the public out, whatever a later policy says
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
func (b *builtBucket) shut(ctx *pulumi.Context) error {
	return b.add(s3.NewBucketPublicAccessBlock(ctx, b.spec.name, &s3.BucketPublicAccessBlockArgs{
		Bucket: b.bucket.ID(), BlockPublicAcls: pulumi.Bool(true), BlockPublicPolicy: pulumi.Bool(true),
		IgnorePublicAcls: pulumi.Bool(true), RestrictPublicBuckets: pulumi.Bool(true),
	}, b.part()...))
}

// encrypt sets what objects are encrypted with. With a bucket key S3 asks KMS once in a while and not once an object, which
// costs less and cannot be throttled by many small objects (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html).
func (b *builtBucket) encrypt(ctx *pulumi.Context) error {
	rule := &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{SseAlgorithm: pulumi.String("AES256")}
	if b.spec.key != nil {
		rule.SseAlgorithm, rule.KmsMasterKeyId = pulumi.String("aws:kms"), b.spec.key.Arn
	}
	return b.add(s3.NewBucketServerSideEncryptionConfigurationV2(ctx, b.spec.name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: b.bucket.ID(),
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{&s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: rule, BucketKeyEnabled: pulumi.Bool(b.spec.key != nil),
		}},
	}, b.part()...))
}

// version keeps what is overwritten and deleted. A bucket with Object Lock is born with it and lets nobody change it
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html), so nothing is asked there. It is as protected as the bucket:
// without it AWS would suspend versioning.
func (b *builtBucket) version(ctx *pulumi.Context) error {
	if b.spec.objectLock {
		return nil
	}
	return b.add(s3.NewBucketVersioningV2(ctx, b.spec.name, &s3.BucketVersioningV2Args{
		Bucket: b.bucket.ID(), VersioningConfiguration: &s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, append(stateful(b.spec.parent, b.spec.protect, b.spec.provider), pulumi.DependsOn(b.parts))...))
}

// attachPolicy is not called policy because what it attaches is: whatever may happen in the bucket is said by identity policies, and this
// says what may not, and what AWS's own services may.
func (b *builtBucket) attachPolicy(ctx *pulumi.Context) error {
	document := iampolicy.ResourceBased(append(denyUnsafe(b.spec.key != nil), b.spec.policy...)...)
	if err := document.Check(); err != nil {
		return err
	}
	slots := pulumi.StringMap{bucketSlot: b.bucket.Arn}
	if b.spec.key != nil {
		slots[bucketKeySlot] = b.spec.key.Arn
	}
	return b.add(s3.NewBucketPolicy(ctx, b.spec.name, &s3.BucketPolicyArgs{
		Bucket: b.bucket.ID(), Policy: filled(document, slots),
	}, b.part()...))
}

func (b *builtBucket) age(ctx *pulumi.Context) error {
	return b.add(s3.NewBucketLifecycleConfigurationV2(ctx, b.spec.name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: b.bucket.ID(), Rules: b.spec.lifecycle,
	}, b.part()...))
}

// inBucket is what a statement of a bucket's policy covers: the bucket and all that is in it.
func inBucket() []iampolicy.Resource {
	return []iampolicy.Resource{iampolicy.Slot(bucketSlot, ""), iampolicy.Slot(bucketSlot, "/*")}
}

// denyUnsafe denies everybody what nobody should do: plain HTTP
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html), and, where the bucket has a key, to encrypt an
// object with anything else. An object under a key of the writer's own could be read by nobody else, would not be replicated, and is
// how ransomware takes a bucket (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html).
// A request that says nothing of encryption gets the bucket's key, so each condition first asks whether the header is there.
func denyUnsafe(hasKey bool) []iampolicy.Statement {
	statements := []iampolicy.Statement{{
		Sid: "DenyPlainHTTP", Effect: iampolicy.Deny, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions: []iampolicy.Action{"s3:*"}, Resources: inBucket(),
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.Bool, "aws:SecureTransport", "false")},
	}}
	if !hasKey {
		return statements
	}
	const algorithm, key, customer = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id",
		"s3:x-amz-server-side-encryption-customer-algorithm"
	denyPut := func(sid string, conditions ...iampolicy.Condition) iampolicy.Statement {
		return iampolicy.Statement{
			Sid: sid, Effect: iampolicy.Deny, Principals: []iampolicy.Principal{iampolicy.Anyone()},
			Actions: []iampolicy.Action{"s3:PutObject"}, Resources: []iampolicy.Resource{iampolicy.Slot(bucketSlot, "/*")}, Conditions: conditions,
		}
	}
	return append(statements,
		denyPut("DenyOtherEncryption", iampolicy.When(iampolicy.Null, algorithm, "false"), iampolicy.When(iampolicy.StringNotEquals, algorithm, "aws:kms")),
		denyPut("DenyOtherKeys", iampolicy.When(iampolicy.Null, key, "false"),
			iampolicy.Condition{Operator: iampolicy.StringNotEquals, Key: key, Values: []iampolicy.Value{iampolicy.Slot(bucketKeySlot, "")}}),
		denyPut("DenyKeysOfTheWriter", iampolicy.When(iampolicy.Null, customer, "false")),
	)
}
