package components

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// BucketAccess is what a service may do with objects.
type BucketAccess string

// The kinds of access.
const (
	// BucketRead lists and reads.
	BucketRead BucketAccess = "read"
	// BucketWrite writes, overwrites and deletes. What is overwritten or deleted can be brought back for as long as noncurrent
	// versions are kept, and no grant reaches those.
	BucketWrite BucketAccess = "write"
	// BucketReadWrite is both.
	BucketReadWrite BucketAccess = "read-write"
)

// BucketAccesses lists every BucketAccess.
func BucketAccesses() []BucketAccess {
	return []BucketAccess{BucketRead, BucketWrite, BucketReadWrite}
}

func (a BucketAccess) reads() bool  { return a != BucketWrite }
func (a BucketAccess) writes() bool { return a != BucketRead }

// Overlaps says whether this access below prefix and the other below its own allow, in the whole or in part, the same.
func (a BucketAccess) Overlaps(prefix string, other BucketAccess, otherPrefix string) bool {
	nested := strings.HasPrefix(prefix, otherPrefix) || strings.HasPrefix(otherPrefix, prefix)
	return nested && (a.reads() && other.reads() || a.writes() && other.writes())
}

// bucketGrant is one grant that was made.
type bucketGrant struct {
	service, prefix string
	access          BucketAccess
}

// GrantRead lets the service list and read the objects whose keys begin with prefix, such as exports/, and use the bucket's key for
// that. An empty prefix is the whole bucket. A grant is a policy of its own on the service's role; what the role was granted before stays as
// it is. It reaches AWS within seconds of the bucket; an instance that boots earlier must try again.
//
// It is an error to grant what the service was granted already, in the whole or in part, to name a prefix that could match
// beyond itself, and to grant across accounts or Regions.
func (b *ReplicatedBucket) GrantRead(service *ResilientService, prefix string) error {
	return b.grant(service, prefix, BucketRead)
}

// GrantWrite lets the service write and delete objects whose keys begin with prefix, and use the bucket's key for that, but not list or
// read them. Otherwise it is as GrantRead.
func (b *ReplicatedBucket) GrantWrite(service *ResilientService, prefix string) error {
	return b.grant(service, prefix, BucketWrite)
}

// GrantReadWrite is GrantRead and GrantWrite in one.
func (b *ReplicatedBucket) GrantReadWrite(service *ResilientService, prefix string) error {
	return b.grant(service, prefix, BucketReadWrite)
}

// Grant is GrantRead, GrantWrite or GrantReadWrite, as access says.
func (b *ReplicatedBucket) Grant(service *ResilientService, prefix string, access BucketAccess) error {
	if limit := oneOf(access, BucketAccesses()); limit != "" {
		return fmt.Errorf("grant of bucket %s: access %q %s", b.name, access, limit)
	}
	return b.grant(service, prefix, access)
}

func (b *ReplicatedBucket) grant(service *ResilientService, prefix string, access BucketAccess) error {
	if err := b.checkGrant(service, prefix, access); err != nil {
		return err
	}
	name, slots := b.grantName(service.name, prefix, access), pulumi.StringMap{bucketSlot: b.BucketARN, bucketKeySlot: b.KeyARN}
	if err := grantTo(b.ctx, b, service, name, iampolicy.Identity(b.grantStatements(prefix, access)...), slots); err != nil {
		return err
	}
	b.granted = append(b.granted, bucketGrant{service: service.name, prefix: prefix, access: access})
	return nil
}

// grantName tells the policies of all grants apart: a dot is in no name, and what stands for a slash in no prefix.
func (b *ReplicatedBucket) grantName(service, prefix string, access BucketAccess) string {
	name := b.name + "." + string(access) + "." + service
	if prefix == "" {
		return name
	}
	return name + "." + strings.ReplaceAll(prefix, "/", "=")
}

// MaxGrantPrefix is how long a prefix may be: the name of the policy is made of it, which IAM limits to 128 characters
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html), 20 each for bucket and service, 10 for the
// access, 3 for dots and 8 for auto-naming.
const MaxGrantPrefix = 64

// grantPrefix is folders, each of which has a name and ends with a slash: a prefix that does not end with one would match
// exports-of-others/ too where exports is meant. None of its characters means anything to IAM.
var grantPrefix = regexp.MustCompile(`^([A-Za-z0-9_-][A-Za-z0-9._-]*/)+$`)

// PrefixProblem says what is wrong with the prefix of a grant; it is empty when nothing is. The empty prefix is the whole bucket.
func PrefixProblem(prefix string) string {
	switch {
	case prefix == "":
		return ""
	case len(prefix) > MaxGrantPrefix:
		return fmt.Sprintf("has more than %d characters", MaxGrantPrefix)
	case strings.HasPrefix(prefix, "/"):
		return "begins with a slash, which no key of an object does"
	case strings.ContainsAny(prefix, "*?$"):
		return "holds a character that IAM takes for a wildcard or a variable"
	case !strings.HasSuffix(prefix, "/"):
		return "does not end with a slash, so that it would match what merely begins alike"
	case !grantPrefix.MatchString(prefix):
		return "must be folders of letters, digits, dots, hyphens and underscores, none of which begins with a dot"
	}
	return ""
}

func (b *ReplicatedBucket) checkGrant(service *ResilientService, prefix string, access BucketAccess) error {
	if service == nil {
		return fmt.Errorf("grant of bucket %s: no service is given; pass the one that uses it", b.name)
	}
	what := fmt.Sprintf("grant of bucket %s to %s", b.name, service.name)
	if problem := PrefixProblem(prefix); problem != "" {
		return fmt.Errorf("%s: prefix %q %s", what, prefix, problem)
	}
	placement := service.args.Placement
	if placement.AccountID != b.args.AccountID {
		return fmt.Errorf("%s crosses accounts %s and %s, which takes a policy on both sides; place both in one", what, b.args.AccountID, placement.AccountID)
	}
	if placement.region() != b.args.Region {
		return fmt.Errorf("%s crosses Regions %s and %s, between which no gateway endpoint leads; give the service a bucket of its Region", what, b.args.Region, placement.region())
	}
	for _, made := range b.granted {
		if made.service == service.name && access.Overlaps(prefix, made.access, made.prefix) {
			return fmt.Errorf("%s: %s of prefix %q is granted already, in the whole or in part, by %s of prefix %q; remove one", what, access, prefix, made.access, made.prefix)
		}
	}
	return nil
}

// grantStatements are what AWS asks for. Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html,
// and for the key https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms: an upload in parts decrypts
// what it encrypted.
func (b *ReplicatedBucket) grantStatements(prefix string, access BucketAccess) []iampolicy.Statement {
	objects := []iampolicy.Resource{iampolicy.Slot(bucketSlot, "/"+prefix+"*")}
	var statements []iampolicy.Statement
	if access.reads() {
		list := iampolicy.Statement{
			Sid: "ListObjects", Effect: iampolicy.Allow,
			Actions: []iampolicy.Action{"s3:ListBucket"}, Resources: []iampolicy.Resource{iampolicy.Slot(bucketSlot, "")},
		}
		if prefix != "" {
			list.Conditions = []iampolicy.Condition{iampolicy.When(iampolicy.StringLike, "s3:prefix", prefix+"*")}
		}
		statements = append(statements, list, iampolicy.Statement{
			Sid: "ReadObjects", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"s3:GetObject"}, Resources: objects,
		})
	}
	use := []iampolicy.Action{"kms:Decrypt"}
	if access.writes() {
		use = append(use, "kms:GenerateDataKey")
		statements = append(statements, iampolicy.Statement{
			Sid: "WriteObjects", Effect: iampolicy.Allow,
			Actions: []iampolicy.Action{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"}, Resources: objects,
		})
	}
	return append(statements, iampolicy.Statement{
		Sid: "UseKey", Effect: iampolicy.Allow, Actions: use, Resources: []iampolicy.Resource{iampolicy.Slot(bucketKeySlot, "")},
		Conditions: throughS3(b.args.Region, bucketSlot, "/"+prefix+"*"),
	})
}
