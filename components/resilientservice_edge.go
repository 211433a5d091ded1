package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// DNSArgs is the public hosted zone in which a service has its name. The account that the provider acts in must own it.
//
// Without CertificateARN the service gets an ACM certificate for HostName, validated by a record in the zone. ACM certificates are
// valid for 198 days (https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html) and ACM renews
// them from 45 days before the end (https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-renewal.html) for as long
// as a load balancer uses them and the validation record stands
// (https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html): nobody has to do anything, and nothing of it is on the
// way to serving again. Two certificates for one name in one account share the validation record, so whichever goes first takes it
// along: have each name in one stack only.
//
// The zone must be public and reached by delegation: ACM cannot look into a private zone
// (https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html). A CAA record in it or above must admit amazon.com,
// amazontrust.com, awstrust.com or amazonaws.com, or ACM may not issue
// (https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html). An internal service may have its name in a public zone
// too: the name then resolves to private addresses.
type DNSArgs struct {
	// ZoneID is the id of the hosted zone, such as Z0123456789ABCDEFGHIJ.
	ZoneID string `pulumi:"zoneID"`
	// ZoneName is the name of the hosted zone, such as example.com. HostName must be it or lie below it.
	ZoneName string `pulumi:"zoneName"`
}

// AccessLogsArgs is where the load balancer writes a line for each request and for each connection. The second log shows what the first
// cannot: handshakes that failed, and the TLS version and cipher of those that did not
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html). AWS charges for storage
// only, delivers every 5 minutes, and promises best effort
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html).
type AccessLogsArgs struct {
	// Bucket is the name of the S3 bucket: in the load balancer's Region, encrypted with S3's own keys and not with KMS, and with a
	// policy that lets Elastic Load Balancing write
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html). AWS refuses
	// the load balancer otherwise.
	Bucket pulumi.StringInput `pulumi:"bucket"`
	// Prefix is put before the names of the objects: the service's name by default. It begins and ends with no slash, and
	// does not contain AWSLogs, which AWS puts after it (same source).
	Prefix string `pulumi:"prefix,optional"`
}

// WAFArgs is what an AWS WAF web ACL refuses before a request reaches an instance. Its zero value is AWS's own choice for load
// balancers: the Amazon IP reputation list, the core rule set and known bad inputs
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-integrations.html). Every rule has
// a CloudWatch metric in the namespace AWS/WAFV2. AWS keeps a sample of the requests; which of them were refused stands in the access
// log too.
type WAFArgs struct {
	// RuleGroups are AWS's managed rule groups, in the order in which they judge.
	RuleGroups []ManagedRuleGroup `pulumi:"ruleGroups,optional"`
	// RateLimit is the number of requests that one client address may send within RateWindowSeconds; more are refused until it
	// sends fewer. 10 to 2,000,000,000 (https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html).
	// By default there is none: a whole office often has one address, and 200 people at one address would be one client.
	RateLimit int `pulumi:"rateLimit,optional"`
	// RateWindowSeconds is how far back requests are counted: 300 s by default, as AWS's; 60, 120, 300 or 600 (same source).
	RateWindowSeconds int `pulumi:"rateWindowSeconds,optional"`
	// CountOnly lets every rule count and none refuse, to see first whom it would hit.
	CountOnly bool `pulumi:"countOnly,optional"`
	// LimitBodies refuses requests with a body above 8 KB, as the core rule set does by itself. By default they are only counted,
	// since an uploaded file is one. What it gives up: WAF inspects the first 8 KB of a body and no more, so an attack can hide
	// behind them (https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html).
	LimitBodies bool `pulumi:"limitBodies,optional"`
	// FailClosed answers 500 to every request while WAF gives no answer, as AWS does by default. Here the load balancer then lets
	// requests through unfiltered: WAF is one more thing that can fail in front of a service that is built to stay up
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-integrations.html#load-balancer-waf).
	FailClosed bool `pulumi:"failClosed,optional"`
	// MaxCapacity is the web ACL capacity that the rules may take together: 1500 by default, which the basic price includes; at most
	// 5000, for which AWS charges more (https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html).
	MaxCapacity int `pulumi:"maxCapacity,optional"`
}

// AcceleratorArgs puts an AWS Global Accelerator before the load balancer: clients connect to two static addresses that belong to no
// zone, and AWS's network carries the connection to the load balancer. What that changes when a zone fails stands in the
// Recovery section of ResilientService.
//
// The load balancer sees the clients' own addresses. So ClientCIDRs must be stated and must admit them, also on an internal load
// balancer, which then has no public address of its own
// (https://docs.aws.amazon.com/global-accelerator/latest/dg/preserve-client-ip-address.html). AWS creates one network interface in each
// subnet of the load balancer, which takes a free address, and a security group called GlobalAccelerator in the VPC
// (https://docs.aws.amazon.com/global-accelerator/latest/dg/best-practices-aga.html). The VPC must have an internet gateway,
// though no route to it (https://docs.aws.amazon.com/global-accelerator/latest/dg/secure-vpc-connections.html).
//
// AWS never deletes that security group (same source as above), and no VPC that holds one: to destroy a stack that had an
// accelerator, delete the group by hand when the VPC is refused. The zones usw1-az2, apne1-az3 and cac1-az3 cannot be used
// (https://docs.aws.amazon.com/global-accelerator/latest/dg/preserve-client-ip-address.regions.html); those are zone ids, which only
// the account can translate.
//
// With Protect the engine refuses to delete the accelerator: its addresses are lost with it. To give it up without an outage, set Standby,
// wait until clients have looked the name up again, then remove it.
type AcceleratorArgs struct {
	// Standby lets the service's name point at the load balancer, while the accelerator goes on serving those who use its addresses.
	Standby bool `pulumi:"standby,optional"`
}
