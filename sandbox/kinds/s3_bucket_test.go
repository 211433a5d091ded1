package kinds_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// putBucket puts a bucket into the lab's place, with changes to what it answers.
func putBucket(lab *Lab, name string, changes In) {
	lab.Put(kinds.Bucket, name, changed(In{"bucket": name, "arn": "arn:aws:s3:::" + name}, changes))
}

// withVersions puts a bucket that keeps versions.
func withVersions(lab *Lab, name string) {
	putBucket(lab, name, nil)
	lab.Put(kinds.BucketVersioning, name, In{"bucket": name, "versioningConfiguration": In{"status": "Enabled"}})
}

// ofAssets makes drafts of a companion of the bucket assets.
func ofAssets(inputs In) func(changes In) Draft {
	return func(changes In) Draft {
		return func(lab *Lab) In {
			putBucket(lab, "assets", nil)
			return changed(changed(In{"bucket": "assets"}, inputs), changes)
		}
	}
}

// elsewhere are the refusals of every companion: the bucket is not there, or not where one asks for it.
func elsewhere(operation string, owned bool, draft func(In) Draft) []Refusal {
	named := func(name string, place func(*Lab) *Lab) Draft {
		return func(lab *Lab) In {
			withVersions(place(lab), name)
			return draft(In{"bucket": name})(lab)
		}
	}
	where := func(place func(*Lab) *Lab) Draft { return named("far", place) }
	refusals := []Refusal{
		{Rule: "length of bucket", Draft: named(strings.Repeat("a", 64), func(lab *Lab) *Lab { return lab }), Says: "range (1 - 63)"},
		{Rule: "a bucket that exists", Draft: draft(In{"bucket": "gone"}), Says: operation + ", api error NoSuchBucket: The specified bucket does not exist"},
		{Rule: "a bucket of this account", Draft: where(func(lab *Lab) *Lab { return lab.Account("999999999999") }), Says: "api error AccessDenied: Access Denied"},
		{Rule: "a bucket of this Region", Draft: where(func(lab *Lab) *Lab { return lab.In("eu-west-1") }), Says: "api error PermanentRedirect: The bucket you are attempting to access must be addressed using the specified endpoint."},
	}
	if owned {
		refusals = append(refusals, Refusal{Rule: "the owner that is expected", Draft: draft(In{"expectedBucketOwner": "999999999999"}), Says: "api error AccessDenied: Access Denied"})
	}
	return refusals
}

func bucket(changes In) Draft {
	return func(*Lab) In { return changed(In{"bucket": "assets"}, changes) }
}

func invalidNames() []Refusal {
	var refusals []Refusal
	for _, name := range []string{"as", strings.Repeat("a", 64), "Assets", "as_sets", "-assets", "assets-", "as..sets", "10.0.0.1",
		"xn--assets", "sthree-assets", "amzn-s3-demo-assets", "assets-s3alias", "assets--ol-s3", "assets.mrap", "assets--x-s3", "assets--table-s3"} {
		refusals = append(refusals, Refusal{Rule: "name", Draft: bucket(In{"bucket": name}), Says: "CreateBucket, api error InvalidBucketName: The specified bucket is not valid."})
	}
	return refusals
}

var _ = suite(kinds.Bucket, Suite{
	Valid: map[string]Draft{
		"named":                 bucket(nil),
		"named by the provider": bucket(In{"bucket": nil}),
		"with a prefix":         bucket(In{"bucket": nil, "bucketPrefix": "assets-"}),
		"locked, to be emptied": bucket(In{"objectLockEnabled": true, "forceDestroy": true, "tags": In{"unit": "support"}}),
		"of three characters":   bucket(In{"bucket": "a.b"}),
		"a name of another partition": func(lab *Lab) In {
			putBucket(lab.In("cn-north-1"), "assets", nil)
			return bucket(nil)(lab)
		},
	},
	Refusals: append(invalidNames(), []Refusal{
		{Rule: "only what the sandbox has", Draft: bucket(In{"acl": "private"}), Says: "acl: the sandbox has no deprecated inline properties of buckets"},
		{Rule: "only what the sandbox has", Draft: bucket(In{"versionings": []any{In{"enabled": true}}}), Says: "versionings: the sandbox has no"},
		{Rule: "length of bucketPrefix", Draft: bucket(In{"bucket": nil, "bucketPrefix": strings.Repeat("a", 38)}), Says: "range (0 - 37)"},
		{Rule: "bucket conflicts with bucketPrefix", Draft: bucket(In{"bucketPrefix": "a"}), Says: "conflicts with bucketPrefix"},
		{Rule: "name taken by this account", Draft: func(lab *Lab) In {
			putBucket(lab.In("ap-south-1"), "assets", nil)
			return bucket(nil)(lab)
		}, Says: "CreateBucket, api error BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it."},
		{Rule: "name taken by another account", Draft: func(lab *Lab) In {
			putBucket(lab.Account("999999999999").In("us-east-1"), "assets", nil)
			return bucket(nil)(lab)
		}, Says: "BucketAlreadyExists: The requested bucket name is not available. The bucket namespace is shared by all users of the system."},
		{Rule: "objects in it", Draft: bucket(nil), Then: putObject, Says: "DeleteBucket, api error BucketNotEmpty: The bucket you tried to delete is not empty. You must delete all versions in the bucket."},
	}...),
	Replaces: []Change{
		{Path: "bucket", Before: bucket(nil), After: bucket(In{"bucket": "other"})},
		{Path: "objectLockEnabled", Before: bucket(nil), After: bucket(In{"objectLockEnabled": true})},
	},
	Updates: []Change{{Path: "forceDestroy", Before: bucket(nil), After: bucket(In{"forceDestroy": true})}},
})

// putObject puts an object into a bucket, as somebody's upload would.
func putObject(lab *Lab, made *kinds.Thing) {
	lab.Put("aws:s3/bucketObjectv2:BucketObjectv2", "logo.svg", In{"bucket": made.ID})
}

func TestABucketThatMayBeEmptiedIsDeletedWithItsObjects(t *testing.T) {
	kind, known := kinds.Of(kinds.Bucket)
	require.True(t, known)
	lab := newLab(t)
	made, err := lab.create(kind, "assets", In{"forceDestroy": true})
	require.NoError(t, err)
	putObject(lab, made)
	require.NoError(t, kind.Delete(lab.subject(kind, "assets"), lab.world, made))
}

func TestABucketsNameIsLowerCaseWhateverItsLogicalNameIs(t *testing.T) {
	kind, known := kinds.Of(kinds.Bucket)
	require.True(t, known)
	lab := newLab(t)
	made, err := lab.create(kind, "Assets", nil)
	require.NoError(t, err)
	require.Regexp(t, `^assets-[0-9a-f]{7}$`, made.ID)
	require.Equal(t, made.ID+".s3.eu-central-1.amazonaws.com", made.Text("bucketRegionalDomainName"))
	require.Equal(t, "arn:aws:s3:::"+made.ID, made.Text("arn"))
}
