package kinds

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// bucketObject is the type of what stands in the cloud file for objects that somebody put into a bucket. The sandbox has no data
// plane and no kind of it: only a bucket's deletion asks.
const bucketObject = "aws:s3/bucketObjectv2:BucketObjectv2"

// inline are the properties of a bucket that pulumi-aws deprecates: each has a type of its own.
var inline = []string{"accelerationStatus", "acl", "corsRules", "grants", "lifecycleRules", "loggings", "objectLockConfiguration",
	"policy", "replicationConfigurations", "requestPayer", "serverSideEncryptionConfigurations", "versionings", "websites"}

// Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html and API_DeleteBucket.html beside it. In
// us-east-1 AWS answers 200 when one creates a bucket that one owns; the sandbox refuses it there too, as the provider does.
var _ = register(&Kind{
	Token:    Bucket,
	Args:     s3.BucketV2Args{},
	Resource: &s3.BucketV2{},
	API:      API{Service: "S3", Noun: "S3 Bucket", Create: "CreateBucket", Update: "PutBucketTagging", Delete: "DeleteBucket"},
	Name:     &AutoName{Property: "bucket", Max: 63, Unless: []string{"bucketPrefix"}, Lower: true},
	Defaults: []Default{{Path: "forceDestroy", Value: Flag(false)}},
	Rules: []Rule{
		{Name: notInSandbox, Broken: func(d *Draft) *Refusal {
			for _, name := range inline {
				if d.Has(name) {
					return Refuse(name, "%s: the sandbox has no deprecated inline properties of buckets; use the type of its own", name)
				}
			}
			return nil
		}},
		LengthIn("bucketPrefix", 0, 37), Conflicting("bucket", "bucketPrefix"),
		{Name: "name", Stage: AtApply, When: OnCreate, Code: "InvalidBucketName", Broken: func(d *Draft) *Refusal {
			if name := d.Text("bucket"); d.Has("bucket") && !validBucketName(name) {
				return Refuse("bucket", "The specified bucket is not valid.")
			}
			return nil
		}},
		{Name: "name taken by this account", Stage: AtApply, When: OnCreate, Code: "BucketAlreadyOwnedByYou", Broken: func(d *Draft) *Refusal {
			if taken := bucketNamed(d, d.Text("bucket")); taken != nil && taken.Account == d.Account {
				return Refuse("bucket", "Your previous request to create the named bucket succeeded and you already own it.")
			}
			return nil
		}},
		{Name: "name taken by another account", Stage: AtApply, When: OnCreate, Code: "BucketAlreadyExists", Broken: func(d *Draft) *Refusal {
			if taken := bucketNamed(d, d.Text("bucket")); taken != nil && taken.Account != d.Account {
				return Refuse("bucket", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.")
			}
			return nil
		}},
	},
	DeleteRules: []DeleteRule{
		{Name: "objects in it", Code: "BucketNotEmpty", Blocked: func(d *Draft) string {
			if d.Bool("forceDestroy") || len(d.UsedBy(bucketObject, "bucket", d.ID())) == 0 {
				return ""
			}
			return "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
		}},
	},
	Replaces: []string{"bucket", "bucketPrefix", "objectLockEnabled"},
	ID:       func(d *Draft) string { return d.Output("bucket").Text() },
	Computed: slices.Concat([]Output{
		{Name: "bucket", Value: func(d *Draft) resource.PropertyValue { return Text(d.Text("bucketPrefix") + d.Digits("name", 26)) }},
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(bucketARN(d, d.Output("bucket").Text())) }},
		{Name: "bucketDomainName", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Output("bucket").Text() + ".s3." + d.DNSSuffix())
		}},
		{Name: "bucketRegionalDomainName", Value: regional},
		{Name: "region", Value: func(d *Draft) resource.PropertyValue { return Text(d.Region) }},
		fixed("objectLockEnabled", Flag(false)),
	}, unsaid("bucketPrefix")),
	Absent: absentInline(),
})

// absentInline explains why the outputs that mirror a bucket's companions stay unset.
func absentInline() map[string]string {
	absent := map[string]string{}
	for _, name := range append([]string{"websiteDomain", "websiteEndpoint", "hostedZoneId"}, inline...) {
		absent[name] = "deprecated, or of a website, which no bucket here is; the type of its own tells it"
	}
	return absent
}

// bucketARN has neither Region nor account: the name is enough.
func bucketARN(d *Draft, name string) string { return "arn:" + d.Partition() + ":s3:::" + name }

var (
	bucketName    = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	addressedName = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$`)
)

// validBucketName applies https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
func validBucketName(name string) bool {
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return bucketName.MatchString(name) && !strings.Contains(name, "..") && !addressedName.MatchString(name)
}
