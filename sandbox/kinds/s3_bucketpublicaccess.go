package kinds

import "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

// Without this resource a bucket blocks all four; with it, what the program leaves out is not blocked.
// Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
var _ = register(&Kind{
	Token:    BucketPublicAccessBlock,
	Args:     s3.BucketPublicAccessBlockArgs{},
	Resource: &s3.BucketPublicAccessBlock{},
	API: API{Service: "S3", Noun: "S3 Bucket Public Access Block", Create: "PutPublicAccessBlock", Update: "PutPublicAccessBlock",
		Delete: "DeletePublicAccessBlock"},
	Defaults: []Default{
		{Path: "blockPublicAcls", Value: Flag(false)}, {Path: "blockPublicPolicy", Value: Flag(false)},
		{Path: "ignorePublicAcls", Value: Flag(false)}, {Path: "restrictPublicBuckets", Value: Flag(false)},
	},
	Rules:    ofBucket(false),
	Replaces: []string{"bucket"},
	ID:       bucketID,
})
