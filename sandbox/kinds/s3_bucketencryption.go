package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
)

const (
	sseS3  = "AES256"
	sseKMS = "aws:kms"
	// dualKMS encrypts twice.
	dualKMS = "aws:kms:dsse"
)

const defaultEncryption = "rules[].applyServerSideEncryptionByDefault"

// S3 does not look at the key when it takes the configuration: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html.
// A bucket that lacks a key that works refuses every object, with the codes of KMS.
var _ = register(&Kind{
	Token:         BucketEncryption,
	Args:          s3.BucketServerSideEncryptionConfigurationV2Args{},
	Resource:      &s3.BucketServerSideEncryptionConfigurationV2{},
	RequiredLists: []string{"rules"},
	API: API{Service: "S3", Noun: "S3 Bucket Server-side Encryption Configuration", Create: "PutBucketEncryption",
		Update: "PutBucketEncryption", Delete: "DeleteBucketEncryption"},
	Rules: slices.Concat(ofBucket(true), []Rule{
		OneOf(defaultEncryption+".sseAlgorithm", sseS3, sseKMS, dualKMS),
		oneRule("rules"),
		{Name: "a key for an algorithm without one", Stage: AtApply, Code: "InvalidArgument", Broken: func(d *Draft) *Refusal {
			for _, rule := range d.Each(defaultEncryption) {
				if rule.At("kmsMasterKeyId").Text() != "" && rule.At("sseAlgorithm").Text() == sseS3 {
					return Refuse(rule.Path(), "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
				}
			}
			return nil
		}},
		{Name: "a key of this Region", Stage: AtApply, Code: "KMS.NotFoundException", Broken: func(d *Draft) *Refusal {
			for _, id := range d.Each(defaultEncryption + ".kmsMasterKeyId") {
				if text := id.Text(); text != "" && !keyOfAWS(text) && keyBy(d, text) == nil {
					return Refuse(id.Path(), "Key '%s' does not exist%s", text, acceptedByAWS)
				}
			}
			return nil
		}},
		{Name: "a key that is enabled", Stage: AtApply, Code: "KMS.DisabledException", Broken: func(d *Draft) *Refusal {
			for _, id := range d.Each(defaultEncryption + ".kmsMasterKeyId") {
				if key := keyBy(d, id.Text()); key != nil && !keyEnabled(key) {
					return Refuse(id.Path(), "%s is disabled.%s", key.Text("arn"), acceptedByAWS)
				}
			}
			return nil
		}},
	}),
	Replaces: []string{"bucket", "expectedBucketOwner"},
	Sets:     []string{"rules"},
	ID:       bucketID,
})
