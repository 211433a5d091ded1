package kinds

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// S3 checks a configuration only in part when it takes it: it stores the name of a role, a key or a log bucket that is not there
// and fails later, object by object, where nobody looks. The sandbox has no objects, so it refuses such a configuration
// when it is put, with the code that AWS documents for the failure that follows. Each such rule says so in its message.

// acceptedByAWS ends the message of a rule that is stricter than the API.
const acceptedByAWS = " (AWS accepts this configuration, and then fails with every object)"

// bucketNamed is the bucket with a name, whose ever and where ever it is, or nil: a name exists once in a partition.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func bucketNamed(d *Draft, name string) *Thing {
	for _, bucket := range d.world.Everywhere(Bucket) {
		if bucket.ID == name && RegionOf(bucket.Region).Partition == d.Partition() {
			return bucket
		}
	}
	return nil
}

// ownBucket is the bucket that a companion configures when it is in the companion's account and Region, or nil.
func ownBucket(d *Draft) *Thing { return d.Find(Bucket, d.Text("bucket")) }

// ofBucket are the rules of every companion of a bucket: the bucket must exist, and be asked for where it is.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func ofBucket(owned bool) []Rule {
	rules := []Rule{
		LengthIn("bucket", 1, 63),
		{Name: "a bucket that exists", Stage: AtApply, Code: "NoSuchBucket", Broken: func(d *Draft) *Refusal {
			if bucketNamed(d, d.Text("bucket")) == nil {
				return Refuse("bucket", "The specified bucket does not exist")
			}
			return nil
		}},
		{Name: "a bucket of this account", Stage: AtApply, Code: "AccessDenied", Broken: func(d *Draft) *Refusal {
			if bucket := bucketNamed(d, d.Text("bucket")); bucket != nil && bucket.Account != d.Account {
				return Refuse("bucket", "Access Denied")
			}
			return nil
		}},
		{Name: "a bucket of this Region", Stage: AtApply, Code: "PermanentRedirect", Broken: func(d *Draft) *Refusal {
			bucket := bucketNamed(d, d.Text("bucket"))
			if bucket != nil && bucket.Account == d.Account && bucket.Region != d.Region {
				return Refuse("bucket", "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.")
			}
			return nil
		}},
	}
	if !owned {
		return rules
	}
	return append(rules, Rule{Name: "the owner that is expected", Stage: AtApply, Code: "AccessDenied", Broken: func(d *Draft) *Refusal {
		if owner := d.Text("expectedBucketOwner"); owner != "" && owner != d.Account {
			return Refuse("expectedBucketOwner", "Access Denied")
		}
		return nil
	}})
}

// bucketID is the id of a companion: the bucket's name, with the expected owner where one is given.
func bucketID(d *Draft) string {
	if owner := d.Text("expectedBucketOwner"); owner != "" {
		return d.Text("bucket") + "," + owner
	}
	return d.Text("bucket")
}

// companion is the configuration of a bucket by its type, or nil.
func companion(d *Draft, token string, bucket *Thing) *Thing {
	for _, thing := range d.world.All(bucket.Place, token) {
		if thing.Text("bucket") == bucket.ID {
			return thing
		}
	}
	return nil
}

// isVersioned is true when a bucket keeps versions. One with Object Lock always does.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
func isVersioned(d *Draft, bucket *Thing) bool {
	versioning := companion(d, BucketVersioning, bucket)
	return hasObjectLock(d, bucket) || versioning != nil && versioning.Text("versioningConfiguration.status") == "Enabled"
}

// hasObjectLock is true for a bucket that was created with Object Lock or given it later.
func hasObjectLock(d *Draft, bucket *Thing) bool {
	return bucket.At("objectLockEnabled").Bool() || companion(d, BucketObjectLock, bucket) != nil
}

// encryptedWithKMS is true when a bucket's default encryption uses a KMS key. Without a configuration S3 uses its own keys.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
func encryptedWithKMS(d *Draft, bucket *Thing) bool {
	encryption := companion(d, BucketEncryption, bucket)
	return encryption != nil && encryption.Text("rules[0].applyServerSideEncryptionByDefault.sseAlgorithm") != sseS3
}

// bucketLets says whether a bucket's policy lets a service put objects at a place in the bucket.
func bucketLets(d *Draft, bucket *Thing, service, object string, context keyContext) bool {
	policy := companion(d, BucketPolicy, bucket)
	if policy == nil {
		return false
	}
	statements, problem := readPolicy(policy.Text("policy"))
	arn := bucket.Text("arn") + "/" + object
	allowed := false
	for _, statement := range statements {
		covers := len(statement.NotResource) == 0 && matchesAny(statement.Resource, arn) ||
			len(statement.NotResource) > 0 && !matchesAny(statement.NotResource, arn)
		if !covers || !statement.concerns(byService(service)) || !statement.covers("s3:PutObject") || !statement.meets(context) {
			continue
		}
		if statement.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed && problem == ""
}

// oneRule refuses a list that holds anything but one element, where S3's schema has room for one.
func oneRule(path string) Rule {
	return Rule{Name: "number of " + path, Stage: AtApply, Code: "MalformedXML", Broken: func(d *Draft) *Refusal {
		if len(d.Each(path+"[]")) != 1 {
			return Refuse(path, "%s", malformedXML)
		}
		return nil
	}}
}

const malformedXML = "The XML you provided was not well-formed or did not validate against our published schema"

// unsaid is an output that AWS leaves empty unless the program says something.
func unsaid(names ...string) []Output {
	outputs := make([]Output, 0, len(names))
	for _, name := range names {
		outputs = append(outputs, fixed(name, Text("")))
	}
	return outputs
}

// statusIn refuses statuses other than S3's two.
func statusIn(paths ...string) []Rule {
	rules := make([]Rule, 0, len(paths))
	for _, path := range paths {
		rules = append(rules, OneOf(path, "Enabled", "Disabled"))
	}
	return rules
}

// enabled is true when the input at path says Enabled.
func enabled(value Value) bool { return value.Text() == "Enabled" }

// duplicate is the first text that occurs twice.
func duplicate(texts []string) string {
	for index, text := range texts {
		if slices.Contains(texts[:index], text) {
			return text
		}
	}
	return ""
}

// regional is the domain of a bucket in its Region.
func regional(d *Draft) resource.PropertyValue {
	return Text(d.Output("bucket").Text() + ".s3." + d.Region + "." + d.DNSSuffix())
}
