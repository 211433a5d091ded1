package kinds

import "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html
var _ = register(&Kind{
	Token:    BucketOwnership,
	Args:     s3.BucketOwnershipControlsArgs{},
	Resource: &s3.BucketOwnershipControls{},
	API: API{Service: "S3", Noun: "S3 Bucket Ownership Controls", Create: "PutBucketOwnershipControls",
		Update: "PutBucketOwnershipControls", Delete: "DeleteBucketOwnershipControls"},
	Rules:    append(ofBucket(false), OneOf("rule.objectOwnership", "BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")),
	Replaces: []string{"bucket"},
	ID:       bucketID,
})
