package kinds

import "strings"

// logsTo are the rules of a load balancer's access and connection logs. Elastic Load Balancing puts a test file into the bucket
// before it takes the configuration, so it finds out at once. Sources:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-connection-logging.html, and for the messages
// https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1956 and https://github.com/hashicorp/terraform/issues/12010.
//
// Of the principals that AWS accepts only the service is known here, not the accounts that stood for it in older Regions.
func logsTo(property, testFile string) []Rule {
	const code, delivery = "InvalidConfigurationRequest", "logdelivery.elasticloadbalancing.amazonaws.com"
	asked := func(d *Draft) bool { return d.Bool(property+".enabled") && (d.Creating() || d.Changed(property)) }
	return []Rule{
		{Name: property + " in another Region", Stage: AtApply, Code: code, Broken: func(d *Draft) *Refusal {
			bucket := bucketNamed(d, d.Text(property+".bucket"))
			if asked(d) && bucket != nil && bucket.Region != d.Region {
				return Refuse(property+".bucket", "S3Bucket: %s is not located in the same region with ELB: %s", bucket.ID, d.Output("name").Text())
			}
			return nil
		}},
		{Name: property + " that cannot be delivered", Stage: AtApply, Code: code, Broken: func(d *Draft) *Refusal {
			if !asked(d) {
				return nil
			}
			name := d.Text(property + ".bucket")
			path := strings.TrimPrefix(d.Text(property+".prefix")+"/AWSLogs/"+d.Account+"/"+testFile, "/")
			bucket := bucketNamed(d, name)
			if bucket == nil || encryptedWithKMS(d, bucket) || !bucketLets(d, bucket, delivery, path, keyContext{"aws:securetransport": "true"}) {
				return Refuse(property+".bucket", "Access Denied for bucket: %s. Please check S3bucket permission", name)
			}
			return nil
		}},
	}
}
