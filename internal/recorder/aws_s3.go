package recorder

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// bucket has an ARN without Region and account.
func bucket(p place) (string, resource.PropertyMap, error) {
	name := strings.ToLower(p.autoName("bucket"))
	domain := "amazonaws.com"
	if p.partition == "aws-cn" {
		domain = "amazonaws.com.cn"
	}
	return name, outputs{
		"arn": "arn:" + p.partition + ":s3:::" + name, "bucket": name, "region": p.region,
		"bucketDomainName": name + ".s3." + domain, "bucketRegionalDomainName": name + ".s3." + p.region + "." + domain,
	}.properties(), nil
}

// ofBucket is a configuration of a bucket, which has the bucket's name for its id.
func ofBucket(p place) (string, resource.PropertyMap, error) { return p.text("bucket"), nil, nil }
