package components_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// lines are failures as a person reads them.
func lines(failures []check.Failure) []string {
	var list []string
	for _, failure := range failures {
		list = append(list, failure.Error())
	}
	return list
}

func TestEachFaultOfANetworkIsNamedWithItsRemedy(t *testing.T) {
	for want, fault := range map[string]func(*components.NetworkArgs){
		`accountID: missing, policies name the account; give the 12 digits of the AWS account, in quotes`:                                                                                                                              func(a *components.NetworkArgs) { a.AccountID = "" },
		`accountID: "12345678901" is not an AWS account id of 12 digits; give all 12 digits, in quotes so that leading zeros stay`:                                                                                                     func(a *components.NetworkArgs) { a.AccountID = "12345678901" },
		`zones: missing, the loss of one zone must leave another; name at least two zones of one Region, such as eu-central-1a`:                                                                                                        func(a *components.NetworkArgs) { a.Zones = nil },
		`zones: [eu-central-1a] must be at least 2 zones: the loss of one must leave another; add a zone of the same Region`:                                                                                                           func(a *components.NetworkArgs) { a.Zones = a.Zones[:1] },
		`zones[1]: "eu-west-1b" is not in eu-central-1, the Region of zones[0]; use zones of one Region`:                                                                                                                               func(a *components.NetworkArgs) { a.Zones[1] = "eu-west-1b" },
		`zones[2]: "eu-central-1a" is zones[0] too; name each zone once`:                                                                                                                                                               func(a *components.NetworkArgs) { a.Zones[2] = "eu-central-1a" },
		`zones[0]: "euc1-az1" is not the name of an Availability Zone; give a Region and a letter from a to h, such as eu-central-1a`:                                                                                                  func(a *components.NetworkArgs) { a.Zones = []string{"euc1-az1", "eu-central-1b"} },
		`cidr: missing, a VPC needs a block of addresses; choose a private block between /16 and /20, such as 10.20.0.0/16`:                                                                                                            func(a *components.NetworkArgs) { a.CIDR = "" },
		`cidr: "10.0.0.0/8" is not between /16 and /20 in size; choose a private block between /16 and /20, such as 10.20.0.0/16`:                                                                                                      func(a *components.NetworkArgs) { a.CIDR = "10.0.0.0/8" },
		`cidr: "10.40.0.1/16" has host bits set: the block would be 10.40.0.0/16; choose a private block between /16 and /20, such as 10.20.0.0/16`:                                                                                    func(a *components.NetworkArgs) { a.CIDR = "10.40.0.1/16" },
		`cidr: "172.17.0.0/20" overlaps 172.17.0.0/16, which Docker uses on every instance; choose a private block between /16 and /20, such as 10.20.0.0/16`:                                                                          func(a *components.NetworkArgs) { a.CIDR = "172.17.0.0/20" },
		`nat: "perzone" must be one of none, per-zone, single; choose one, or leave it out for no way out`:                                                                                                                             func(a *components.NetworkArgs) { a.NAT = "perzone" },
		`flowLogRetention: 31 must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; choose a number of days that CloudWatch Logs offers`:                             func(a *components.NetworkArgs) { a.FlowLogRetention = 31 },
		`endpoints[1]: "s3" must be one of autoscaling, ec2messages, ecr.api, ecr.dkr, events, kms, logs, monitoring, rds-data, secretsmanager, sns, sqs, ssm, ssmmessages, sts, xray; choose one; S3 has its gateway endpoint anyway`: func(a *components.NetworkArgs) { a.Endpoints = []components.EndpointService{"logs", "s3"} },
		`endpoints[1]: "logs" is endpoints[0] too; name each service once`:                                                                                                                                                             func(a *components.NetworkArgs) { a.Endpoints = []components.EndpointService{"logs", "logs"} },
		`registryAccounts[0]: "1" is not an AWS account id of 12 digits; give all 12 digits, in quotes so that leading zeros stay`:                                                                                                     func(a *components.NetworkArgs) { a.RegistryAccounts = []string{"1"} },
		`registryAccounts[0]: "` + account + `" is the network's own account, which needs no statement; remove it`:                                                                                                                     func(a *components.NetworkArgs) { a.RegistryAccounts = []string{account} },
		`registryAccounts[1]: "111111111111" is registryAccounts[0] too; name each account once`:                                                                                                                                       func(a *components.NetworkArgs) { a.RegistryAccounts = []string{"111111111111", "111111111111"} },
		`registryAccounts: 101 accounts are more than 100; let ECR replicate what is used into one account`:                                                                                                                            func(a *components.NetworkArgs) { a.RegistryAccounts = accounts(101) },
		`tags.aws:owner: "aws:owner" begins with aws:, which AWS reserves; rename the tag`:                                                                                                                                             func(a *components.NetworkArgs) { a.Tags = map[string]string{"aws:owner": "x"} },
	} {
		args := networkArgs()
		fault(args)
		require.Equal(t, []string{want}, lines(args.Check("main")))
	}
	require.Empty(t, networkArgs().Check("main"))
}

type faulty = components.ResilientServiceArgs

// serviceFaults are one fault each, by the message that must name it.
var serviceFaults = map[string]func(*faulty){
	// placement
	`placement.accountID: "1" is not an AWS account id`:                     func(a *faulty) { a.Placement.AccountID = "1" },
	`placement.vpcID: missing, a service runs in a VPC`:                     func(a *faulty) { a.Placement.VPCID = nil },
	`placement.vpcCIDR: "10.40.0.1/16" has host bits set`:                   func(a *faulty) { a.Placement.VPCCIDR = "10.40.0.1/16" },
	`placement.privateSubnetIDs: missing, instances run in private subnets`: func(a *faulty) { a.Placement.PrivateSubnetIDs = nil },
	`placement.privateSubnetIDs: 1 subnets do not fit 3 zones`:              func(a *faulty) { a.Placement.PrivateSubnetIDs = pulumi.ToStringArray([]string{"subnet-1"}) },
	`placement.zones[1]: "us-east-1b" is not in eu-central-1`:               func(a *faulty) { a.Placement.Zones = []string{"eu-central-1a", "us-east-1b", "eu-central-1c"} },
	`placement.publicSubnetIDs: missing, an internet-facing load balancer`: func(a *faulty) {
		a.Exposure, a.ClientCIDRs, a.Placement.PublicSubnetIDs = components.InternetFacing, []string{"0.0.0.0/0"}, nil
	},
	`placement.endpointSecurityGroupID: missing, instances reach AWS's services through endpoints`:                                                 func(a *faulty) { a.Placement.EndpointSecurityGroupID = nil },
	`placement.s3PrefixListID: missing, instances pull image layers from S3`:                                                                       func(a *faulty) { a.Placement.S3PrefixListID = nil },
	`placement.nat: missing, whether a destination outside the VPC can be reached depends on it; state none where private subnets have no way out`: func(a *faulty) { a.Placement.NAT = "" },
	`placement.nat: "gateway" must be one of none, per-zone, single`:                                                                               func(a *faulty) { a.Placement.NAT = "gateway" },
	// image and machine
	`image: missing, a service runs a container image`:                                      func(a *faulty) { a.Image = "" },
	`image: "` + account + `.dkr.ecr.eu-central-1.amazonaws.com/web:v1" names a tag`:        func(a *faulty) { a.Image = account + ".dkr.ecr.eu-central-1.amazonaws.com/web:v1" },
	`image: "nginx" does not name its registry`:                                             func(a *faulty) { a.Image = "nginx" },
	`ami: missing, instances boot from an image that is pinned`:                             func(a *faulty) { a.AMI = "" },
	`ami: "resolve:ssm:/aws/service/x" is not the id of an AMI`:                             func(a *faulty) { a.AMI = "resolve:ssm:/aws/service/x" },
	`architecture: missing, it ties AMI, image and instance types together`:                 func(a *faulty) { a.Architecture = "" },
	`architecture: "amd64" must be one of arm64, x86_64`:                                    func(a *faulty) { a.Architecture = "amd64" },
	`instanceTypes: missing, instances are of some type`:                                    func(a *faulty) { a.InstanceTypes = nil },
	`instanceTypes[1]: "m7g.large" is instanceTypes[0] too`:                                 func(a *faulty) { a.InstanceTypes[1] = "m7g.large" },
	`instanceTypes[0]: "m7g" is not an instance type that can be used`:                      func(a *faulty) { a.InstanceTypes[0] = "m7g" },
	`instanceTypes[0]: "m7g.metal" is not an instance type that can be used`:                func(a *faulty) { a.InstanceTypes[0] = "m7g.metal" },
	`instanceTypes[0]: "t2.micro" is of the family "t2", which is not a known Nitro family`: func(a *faulty) { a.InstanceTypes[0] = "t2.micro" },
	`instanceTypes[0]: "m7i.large" is x86_64, and the AMI is arm64`:                         func(a *faulty) { a.InstanceTypes[0] = "m7i.large" },
	`amiParameter: "ecs/recommended" is not the path of an SSM parameter; give a path such as /aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id`: func(a *faulty) { a.AMIParameter = "ecs/recommended" },
	`amiParameter: "` + strings.Repeat("/a", 16) + `" is not the path of an SSM parameter`:                                                                                 func(a *faulty) { a.AMIParameter = strings.Repeat("/a", 16) },
	`amiParameter: "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id" holds an image for x86_64, and the architecture is arm64; use /aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id`: func(a *faulty) {
		a.AMIParameter = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
	},
	`amiParameter: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64" is not of the ECS-optimized Amazon Linux 2023`: func(a *faulty) {
		a.AMIParameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
	},
	`amiParameter: "/aws/service/ecs/optimized-ami/amazon-linux-2/arm64/recommended/image_id" is not of the ECS-optimized Amazon Linux 2023`: func(a *faulty) {
		a.AMIParameter = "/aws/service/ecs/optimized-ami/amazon-linux-2/arm64/recommended/image_id"
	},
	`image: "111111111111.dkr.ecr.eu-central-1.amazonaws.com/web@` + digest + `" belongs to account 111111111111, and the service to ` + account + `; let the repository's policy admit ` + account + ` and set imageAccount to 111111111111, or use a repository of your own`: func(a *faulty) {
		a.Image = "111111111111.dkr.ecr.eu-central-1.amazonaws.com/web@" + digest
	},
	`image: "222222222222.dkr.ecr.eu-central-1.amazonaws.com/web@` + digest + `" belongs to account 222222222222`: func(a *faulty) {
		a.Image, a.ImageAccount = "222222222222.dkr.ecr.eu-central-1.amazonaws.com/web@"+digest, "111111111111"
	},
	`image: "` + account + `.dkr.ecr.us-east-1.amazonaws.com/web@` + digest + `" is in us-east-1, and the endpoints of a network in eu-central-1 reach no other Region; let ECR replicate the repository to eu-central-1, and name it there`: func(a *faulty) {
		a.Image = account + ".dkr.ecr.us-east-1.amazonaws.com/web@" + digest
	},
	`image: "` + account + `.dkr-ecr.eu-central-1.on.aws/web@` + digest + `" is at an address of Amazon ECR that no login is known for`: func(a *faulty) {
		a.Image = account + ".dkr-ecr.eu-central-1.on.aws/web@" + digest
	},
	`imageAccount: "1" is not an AWS account id`:                   func(a *faulty) { a.ImageAccount = "1" },
	`imageAccount: "` + account + `" is the service's own account`: func(a *faulty) { a.ImageAccount = account },
	`rootVolumeGiB: 29 must be from 30 to 16384 GiB`:               func(a *faulty) { a.RootVolumeGiB = 29 },
	// capacity
	`peakInstances: 0 must be at least 1`:  func(a *faulty) { a.PeakInstances = 0 },
	`peakInstances: -3 must be at least 1`: func(a *faulty) { a.PeakInstances = -3 },
	`peakInstances: 667 takes 1002 instances to survive a zone, more than the 1000 targets of a load balancer; lower it to 666 or less`: func(a *faulty) { a.PeakInstances = 667 },
	`maxInstances: 8 is below the 9 instances that must always run`:                                                                     func(a *faulty) { a.MaxInstances = 8 },
	`maxInstances: 1001 is above the 1000 targets of a load balancer`:                                                                   func(a *faulty) { a.MaxInstances = 1001 },
	`targetCPU: 95 must be from 10 to 90 percent`:                                                                                       func(a *faulty) { a.TargetCPU = 95 },
	`startupSeconds: 59 must be from 60 to 7200 s`:                                                                                      func(a *faulty) { a.StartupSeconds = 59 },
	`warmupSeconds: 3601 must be from 1 to 3600 s`:                                                                                      func(a *faulty) { a.WarmupSeconds = 3601 },
	// traffic
	`healthCheck.timeout: 5 must be shorter than the interval of 5 s; lower it to 4 or less`: func(a *faulty) { a.HealthCheck.Timeout = 5 },
	`healthCheck.interval: 301 must be from 5 to 300 s`:                                      func(a *faulty) { a.HealthCheck.Interval = 301 },
	`healthCheck.timeout: 1 must be from 2 to 120 s`:                                         func(a *faulty) { a.HealthCheck.Timeout = 1 },
	`healthCheck.healthyThreshold: 11 must be from 2 to 10 checks`:                           func(a *faulty) { a.HealthCheck.HealthyThreshold = 11 },
	`healthCheck.unhealthyThreshold: 1 must be from 2 to 10 checks`:                          func(a *faulty) { a.HealthCheck.UnhealthyThreshold = 1 },
	`healthCheck.path: "healthz" must begin with /`:                                          func(a *faulty) { a.HealthCheck.Path = "healthz" },
	`healthCheck.matcher: "200-" must be HTTP status codes from 200 to 499`:                  func(a *faulty) { a.HealthCheck.Matcher = "200-" },
	`healthCheck.matcher: "500" must be HTTP status codes`:                                   func(a *faulty) { a.HealthCheck.Matcher = "500" },
	`healthCheck.matcher: "299-200" must be HTTP status codes`:                               func(a *faulty) { a.HealthCheck.Matcher = "299-200" },
	`failOpenPercent: 67 must be at least 1 and below the 66 % of the fleet that are left when one of 3 zones is lost; lower it, or leave it out for 33`: func(a *faulty) { a.FailOpenPercent = 67 },
	`failOpenPercent: -1 must be at least 1`:                                       func(a *faulty) { a.FailOpenPercent = -1 },
	`port: 22 is where sshd listens on the host`:                                   func(a *faulty) { a.Port = 22 },
	`port: 65536 must be from 1 to 65535 as a TCP port`:                            func(a *faulty) { a.Port = 65536 },
	`drainSeconds: 3601 must be from 1 to 3600 s`:                                  func(a *faulty) { a.DrainSeconds = 3601 },
	`keepAliveSeconds: 59 must be from 60 to 604800 s`:                             func(a *faulty) { a.KeepAliveSeconds = 59 },
	`idleSeconds: 4001 must be from 1 to 4000 s`:                                   func(a *faulty) { a.IdleSeconds = 4001 },
	`exposure: "public" must be one of internal, internet-facing`:                  func(a *faulty) { a.Exposure = "public" },
	`clientCIDRs: missing, an internet-facing service states whom it admits`:       func(a *faulty) { a.Exposure = components.InternetFacing },
	`clientCIDRs: [10.0.0.0/8] contradict onlyGrantedCallers`:                      func(a *faulty) { a.ClientCIDRs, a.OnlyGrantedCallers = []string{"10.0.0.0/8"}, true },
	`clientCIDRs[1]: "10.1.0.0/16" overlaps 10.0.0.0/8; keep the wider of the two`: func(a *faulty) { a.ClientCIDRs = []string{"10.0.0.0/8", "10.1.0.0/16"} },
	`clientCIDRs[0]: "::/0" is not an IPv4 block`:                                  func(a *faulty) { a.ClientCIDRs = []string{"::/0"} },
	`clientCIDRs: 21 blocks are more than 20`:                                      func(a *faulty) { a.ClientCIDRs = blocks(21) },
	`certificateARN: "web" is not the ARN of an ACM certificate`:                   func(a *faulty) { a.CertificateARN = "web" },
	`certificateARN: "arn:aws:acm:us-east-1:` + account + `:certificate/5d0a3c1e-8f47-4b62-9d15-7ae2c30b94f8" is in us-east-1, and the load balancer in eu-central-1`: func(a *faulty) {
		a.CertificateARN = strings.Replace(certificate, "eu-central-1", "us-east-1", 1)
	},
	`certificateARN: "arn:aws:acm:eu-central-1:111111111111:certificate/5d0a3c1e-8f47-4b62-9d15-7ae2c30b94f8" belongs to account 111111111111`: func(a *faulty) {
		a.CertificateARN = strings.Replace(certificate, account, "111111111111", 1)
	},
	`hostName: "https://tickets" is not a host name in lower case`: func(a *faulty) { a.HostName = "https://tickets" },
	// names
	`hostName: missing, a hosted zone does not say which of its names is the service's; give a name at or below example.com`: func(a *faulty) { a.DNS = zone("example.com") },
	`hostName: "tickets.example.org" lies outside the hosted zone example.com; give a name at or below example.com`:          func(a *faulty) { a.HostName, a.DNS = "tickets.example.org", zone("example.com") },
	`hostName: "badexample.com" lies outside the hosted zone example.com`:                                                    func(a *faulty) { a.HostName, a.DNS = "badexample.com", zone("example.com") },
	`hostName: "example.com" lies outside the hosted zone support.example.com`:                                               func(a *faulty) { a.HostName, a.DNS = "example.com", zone("support.example.com") },
	`hostName: "` + strings.Repeat("a", 53) + `.example.com" has 65 characters, more than the 64 that fit a certificate`:     func(a *faulty) { a.HostName, a.DNS = strings.Repeat("a", 53)+".example.com", zone("example.com") },
	`dns.zoneID: missing, a name alone can belong to several zones`: func(a *faulty) {
		a.HostName, a.DNS = "a.example.com", &components.DNSArgs{ZoneName: "example.com"}
	},
	`dns.zoneID: "/hostedzone/Z012" is not the id of a hosted zone; give what aws route53 list-hosted-zones prints after /hostedzone/`: func(a *faulty) {
		a.HostName, a.DNS = "a.example.com", &components.DNSArgs{ZoneID: "/hostedzone/Z012", ZoneName: "example.com"}
	},
	`dns.zoneName: missing, the service's name must lie in the zone`:                                                              func(a *faulty) { a.HostName, a.DNS = "a.example.com", zone("") },
	`dns.zoneName: "example.com." is not the name of a hosted zone in lower case; give a name such as example.com, without a dot`: func(a *faulty) { a.HostName, a.DNS = "a.example.com", zone("example.com.") },
	// access logs
	`accessLogs.bucket: missing, logs are written to a bucket`:                    func(a *faulty) { a.AccessLogs = &components.AccessLogsArgs{} },
	`accessLogs.bucket: "s3://logs" is not the name of an S3 bucket`:              func(a *faulty) { a.AccessLogs = logsTo("s3://logs", "") },
	`accessLogs.prefix: "prod/AWSLogs" contains AWSLogs, which AWS puts after it`: func(a *faulty) { a.AccessLogs = logsTo("logs", "prod/AWSLogs") },
	`accessLogs.prefix: "/prod" must be letters`:                                  func(a *faulty) { a.AccessLogs = logsTo("logs", "/prod") },
	`accessLogs.prefix: "prod/" must be letters`:                                  func(a *faulty) { a.AccessLogs = logsTo("logs", "prod/") },
	// web application firewall
	`waf.ruleGroups[0]: "CommonRuleSet" must be one of AWSManagedRulesAmazonIpReputationList, AWSManagedRulesCommonRuleSet`: func(a *faulty) {
		a.WAF = &components.WAFArgs{RuleGroups: []components.ManagedRuleGroup{"CommonRuleSet"}}
	},
	`waf.ruleGroups[1]: "AWSManagedRulesSQLiRuleSet" is ruleGroups[0] too; name each group once`: func(a *faulty) {
		a.WAF = &components.WAFArgs{RuleGroups: []components.ManagedRuleGroup{components.SQLInjection, components.SQLInjection}}
	},
	`waf.ruleGroups: missing, a web ACL without rules refuses nothing`: func(a *faulty) { a.WAF = &components.WAFArgs{RuleGroups: []components.ManagedRuleGroup{}} },
	`waf.rateLimit: 9 must be from 10 to 2000000000 requests`:          func(a *faulty) { a.WAF = &components.WAFArgs{RateLimit: 9} },
	`waf.rateLimit: -1 must be from 10 to 2000000000 requests`:         func(a *faulty) { a.WAF = &components.WAFArgs{RateLimit: -1} },
	`waf.rateWindowSeconds: 90 must be one of 60, 120, 300, 600`:       func(a *faulty) { a.WAF = &components.WAFArgs{RateLimit: 10, RateWindowSeconds: 90} },
	`waf.rateWindowSeconds: 60 has no effect without a rateLimit`:      func(a *faulty) { a.WAF = &components.WAFArgs{RateWindowSeconds: 60} },
	`waf.maxCapacity: 1499 must be from 1500 to 5000 capacity units`:   func(a *faulty) { a.WAF = &components.WAFArgs{MaxCapacity: 1499} },
	`waf.limitBodies: true is about a rule of AWSManagedRulesCommonRuleSet, which is not among ruleGroups`: func(a *faulty) {
		a.WAF = &components.WAFArgs{LimitBodies: true, RuleGroups: []components.ManagedRuleGroup{components.SQLInjection}}
	},
	// accelerator
	`clientCIDRs: missing, clients come through an accelerator with their own addresses`: func(a *faulty) { a.Accelerator = &components.AcceleratorArgs{} },
	`clientCIDRs: [10.0.0.0/8 192.168.0.0/16] are private addresses, with which nobody comes through an accelerator`: func(a *faulty) {
		a.Accelerator, a.ClientCIDRs = &components.AcceleratorArgs{}, []string{"10.0.0.0/8", "192.168.0.0/16"}
	},
	`onlyGrantedCallers: true contradicts an accelerator, whose clients come from outside`: func(a *faulty) { a.Accelerator, a.OnlyGrantedCallers = &components.AcceleratorArgs{}, true },
	`accelerator: "cn-north-1" is a Region to which Global Accelerator does not lead`: func(a *faulty) {
		a.Accelerator, a.ClientCIDRs = &components.AcceleratorArgs{}, []string{"0.0.0.0/0"}
		a.Placement.Zones = []string{"cn-north-1a", "cn-north-1b", "cn-north-1c"}
		a.Image, a.Egress = "registry.example.com/tickets@"+digest, egress("x", "0.0.0.0/0", 443)
	},
	// egress
	`egress[0].cidr: "0.0.0.0/0" is outside the VPC (10.40.0.0/16), and its private subnets have no way out; give the network NAT (per-zone, or single in development), or remove the destination`: func(a *faulty) {
		a.Placement.NAT, a.Egress = components.NATNone, egress("x", "0.0.0.0/0", 443)
	},
	`egress[0].cidr: "10.0.0.0/8" is outside the VPC`:   func(a *faulty) { a.Placement.NAT, a.Egress = components.NATNone, egress("x", "10.0.0.0/8", 443) },
	`egress[0].cidr: "10.41.0.0/24" is outside the VPC`: func(a *faulty) { a.Placement.NAT, a.Egress = components.NATNone, egress("x", "10.41.0.0/24", 443) },
	`image: "public.ecr.aws/nginx/nginx@` + digest + `" is at a registry that no endpoint leads to, and egress has no destination with port 443; copy the image to Amazon ECR, or add the registry to egress`: func(a *faulty) {
		a.Image = "public.ecr.aws/nginx/nginx@" + digest
	},
	`image: "registry.example.com:5000/tickets@` + digest + `" is at a registry that no endpoint leads to, and egress has no destination with port 5000`: func(a *faulty) {
		a.Image, a.Egress = "registry.example.com:5000/tickets@"+digest, egress("x", "0.0.0.0/0", 443)
	},
	`egress[0].cidr: "anywhere" is not an IPv4 block`:     func(a *faulty) { a.Egress = egress("x", "anywhere", 443) },
	`egress[0].port: 0 must be from 1 to 65535 as a port`: func(a *faulty) { a.Egress = egress("x", "10.0.0.0/8", 0) },
	`egress[0].description: "" must be 1 to 255`:          func(a *faulty) { a.Egress = egress("", "10.0.0.0/8", 443) },
	`egress[0].description: "ü" must be 1 to 255`:         func(a *faulty) { a.Egress = egress("ü", "10.0.0.0/8", 443) },
	`egress[0].protocol: "icmp" must be one of tcp, udp`:  func(a *faulty) { a.Egress = egress("x", "10.0.0.0/8", 443); a.Egress[0].Protocol = "icmp" },
	`egress[1]: "10.0.0.0/8" is egress[0] too`:            func(a *faulty) { a.Egress = append(egress("x", "10.0.0.0/8", 443), egress("y", "10.0.0.0/8", 443)...) },
	`egress: 31 destinations are more than 30`:            func(a *faulty) { a.Egress = manyEgress(31) },
	// environment and secrets
	`environment.PORT: "PORT" is set by the component`:                            func(a *faulty) { a.Environment = inputs("PORT") },
	`environment.1ST: "1ST" is not the name of an environment variable`:           func(a *faulty) { a.Environment = inputs("1ST") },
	`environment.EMPTY: missing, a variable needs a value`:                        func(a *faulty) { a.Environment = map[string]pulumi.StringInput{"EMPTY": nil} },
	`environment.DB_SECRET_ARN: "DB_SECRET_ARN" is set by the secret DB`:          func(a *faulty) { a.Environment, a.Secrets = inputs("DB_SECRET_ARN"), inputs("DB") },
	`secrets.db-password: "db-password" is not a name such as DB_PASSWORD`:        func(a *faulty) { a.Secrets = inputs("db-password") },
	`secrets.DB__PASSWORD: "DB__PASSWORD" is not a name such as DB_PASSWORD`:      func(a *faulty) { a.Secrets = inputs("DB__PASSWORD") },
	`secrets.EMPTY: missing, a secret needs a value`:                              func(a *faulty) { a.Secrets = map[string]pulumi.StringInput{"EMPTY": nil} },
	`secrets: 31 secrets are more than 30`:                                        func(a *faulty) { a.Secrets = manySecrets(31) },
	`logRetention: 2 must be one of 1, 3, 5`:                                      func(a *faulty) { a.LogRetention = 2 },
	`tags.Name: "Name" is set by the component`:                                   func(a *faulty) { a.Tags = map[string]string{"Name": "x"} },
	`tags.aplomb:service: "aplomb:service" is set by the component`:               func(a *faulty) { a.Tags = map[string]string{"aplomb:service": "x"} },
	`tags.aplomb:ami-parameter: "aplomb:ami-parameter" is set by the component`:   func(a *faulty) { a.Tags = map[string]string{"aplomb:ami-parameter": "x"} },
	`tags.k: "` + strings.Repeat("v", 257) + `" must have at most 256 characters`: func(a *faulty) { a.Tags = map[string]string{"k": strings.Repeat("v", 257)} },
	`tags.` + strings.Repeat("k", 129):                                            func(a *faulty) { a.Tags = map[string]string{strings.Repeat("k", 129): "v"} },
	`tags: 41 tags are more than 40`:                                              func(a *faulty) { a.Tags = manyTags(41) },
}

func TestEachFaultOfAServiceIsNamedWithItsLimit(t *testing.T) {
	for want, fault := range serviceFaults {
		a := serviceArgs()
		fault(a)
		got := lines(a.Check("tickets"))
		require.Len(t, got, 1, want)
		require.Truef(t, strings.HasPrefix(got[0], want), "want %s\ngot  %s", want, got[0])
	}
	require.Empty(t, serviceArgs().Check("tickets"))
}

func zone(name string) *components.DNSArgs {
	return &components.DNSArgs{ZoneID: hostedZone, ZoneName: name}
}

func logsTo(bucket, prefix string) *components.AccessLogsArgs {
	return &components.AccessLogsArgs{Bucket: pulumi.String(bucket), Prefix: prefix}
}

func blocks(count int) []string {
	var list []string
	for index := range count {
		list = append(list, fmt.Sprintf("10.%d.0.0/16", index))
	}
	return list
}

func egress(description, cidr string, port int) []components.EgressArgs {
	return []components.EgressArgs{{Description: description, CIDR: cidr, Port: port}}
}

func manyEgress(count int) []components.EgressArgs {
	list := []components.EgressArgs{} // not nil, which would mean the default
	for index := range count {
		list = append(list, egress("x", "10.0.0.0/8", index+1)...)
	}
	return list
}

func inputs(names ...string) map[string]pulumi.StringInput {
	all := map[string]pulumi.StringInput{}
	for _, name := range names {
		all[name] = pulumi.String("value")
	}
	return all
}

func manySecrets(count int) map[string]pulumi.StringInput {
	all := map[string]pulumi.StringInput{}
	for index := range count {
		all[fmt.Sprintf("SECRET_%d", index)] = pulumi.String("value")
	}
	return all
}

func manyTags(count int) map[string]string {
	all := map[string]string{}
	for index := range count {
		all[fmt.Sprintf("tag-%d", index)] = "value"
	}
	return all
}

func TestFaultsAreReportedAllAtOnceBeforeAnythingIsRegistered(t *testing.T) {
	recording, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		args := serviceArgs()
		args.PeakInstances, args.HealthCheck.Timeout, args.Image = 0, 5, "nginx:latest"
		_, err := components.NewResilientService(ctx, "Tickets_API", args, provider)
		return err
	}))
	require.ErrorContains(t, err, `service Tickets_API: 4 problems
  - name: "Tickets_API" must be lower-case letters, digits and single hyphens, a letter first; rename it, such as tickets-api
  - image: "nginx:latest" does not name its registry; give registry/repository@sha256:digest, which docker buildx imagetools inspect prints
  - peakInstances: 0 must be at least 1; state how many instances carry the service at its peak
  - healthCheck.timeout: 5 must be shorter than the interval of 5 s; lower it to 4 or less`)
	require.Empty(t, recording.OfType(serviceToken))

	recording, err = recorder.RunErr(func(ctx *pulumi.Context) error {
		_, err := components.NewNetwork(ctx, "", nil)
		return err
	})
	require.ErrorContains(t, err, "network : 4 problems")
	require.Empty(t, recording.All())
}

func TestMissingArgumentsAreFailuresAndNoPanic(t *testing.T) {
	var service *components.ResilientServiceArgs
	var network *components.NetworkArgs
	require.Equal(t, []string{"args: missing, a service needs arguments; give placement, image, AMI, instance types and peak"}, lines(service.Check("tickets")))
	require.Equal(t, []string{"args: missing, a network needs arguments; give account, zones and CIDR block"}, lines(network.Check("main")))
	require.NotEmpty(t, (&components.ResilientServiceArgs{}).Check(""))
	require.NotEmpty(t, (&components.NetworkArgs{}).Check(""))
}

func TestNamesAreHeldAgainstWhatAWSDerivesFromThem(t *testing.T) {
	require.Empty(t, serviceArgs().Check(strings.Repeat("a", 20)))
	require.Equal(t, []string{`name: "aaaaaaaaaaaaaaaaaaaaa" must have at most 20 characters, not 21; shorten it: AWS limits the names that are derived from it`},
		lines(serviceArgs().Check(strings.Repeat("a", 21))))
	require.Equal(t, []string{`name: "internal-api" begins with "internal-", which AWS reserves; begin it with another word`}, lines(serviceArgs().Check("internal-api")))
	require.Equal(t, []string{"name: missing, every component needs one; name it"}, lines(networkArgs().Check("")))
}

func TestTagsOfImagesAreAdmittedOnlyOnDemand(t *testing.T) {
	args := serviceArgs()
	args.Image, args.Egress = "public.ecr.aws/nginx/nginx:1.29", egress("the registry", "0.0.0.0/0", 443)
	require.Len(t, args.Check("tickets"), 1)
	args.AllowImageTags = true
	require.Empty(t, args.Check("tickets"))
}

func TestADestinationInsideTheVPCNeedsNoWayOut(t *testing.T) {
	args := serviceArgs()
	args.Placement.NAT = components.NATNone
	for _, block := range []string{"10.40.0.0/16", "10.40.3.0/24", "10.40.255.255/32"} {
		args.Egress = egress("a cache", block, 6379)
		require.Empty(t, args.Check("tickets"), block)
	}
	args.Image, args.Egress = "registry.internal:5000/tickets@"+digest, egress("our registry", "10.40.3.0/24", 5000)
	require.Empty(t, args.Check("tickets"), "a registry in the VPC is reached like anything in it")
}

func TestAnImageOfAnotherAccountTakesAStatement(t *testing.T) {
	args := serviceArgs()
	args.Image = "111111111111.dkr.ecr.eu-central-1.amazonaws.com/support/tickets@" + digest
	require.Len(t, args.Check("tickets"), 1)
	args.ImageAccount = "111111111111"
	require.Empty(t, args.Check("tickets"))
	require.Contains(t, recordService(t, args).One(t, rolePolicyToken, "tickets").Text(t, "policy"),
		"arn:aws:ecr:eu-central-1:111111111111:repository/support/tickets", "its repository is what the role may pull")
}

func TestParametersThatFitTheArchitectureOrAreYourOwnAreAdmitted(t *testing.T) {
	for path, architecture := range map[string]components.Architecture{
		"/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id":                                         components.ARM64,
		"/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/al2023-ami-ecs-hvm-2023.0.20260918-kernel-6.1-arm64/image_id": components.ARM64,
		"/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id":                                               components.X8664,
		"/platform/golden-images/al2023": components.ARM64,
	} {
		args := serviceArgs()
		args.AMIParameter, args.Architecture = path, architecture
		if architecture == components.X8664 {
			args.InstanceTypes = []components.InstanceType{"m7i.large"}
		}
		require.Empty(t, args.Check("tickets"), path)
	}
}

func TestCheckLeavesTheArgumentsAlone(t *testing.T) {
	args := serviceArgs()
	args.Egress = egress("x", "10.0.0.0/8", 443)
	require.Empty(t, args.Check("tickets"))
	require.Equal(t, components.Protocol(""), args.Egress[0].Protocol)
	require.Zero(t, args.HealthCheck)
	require.Nil(t, args.ClientCIDRs)
}

func TestEveryRetentionAndFamilyOfTheTablesIsAdmitted(t *testing.T) {
	for _, retention := range components.LogRetentions() {
		service, network := serviceArgs(), networkArgs()
		service.LogRetention, network.FlowLogRetention = retention, retention
		require.Empty(t, service.Check("tickets"))
		require.Empty(t, network.Check("main"))
	}
	require.Len(t, components.LogRetentions(), 22)
	for _, instanceType := range []components.InstanceType{"t4g.nano", "c7gn.16xlarge", "m8g.48xlarge", "im4gn.large"} {
		args := serviceArgs()
		args.InstanceTypes = []components.InstanceType{instanceType}
		require.Empty(t, args.Check("tickets"), instanceType)
	}
	for _, instanceType := range []components.InstanceType{"t3.micro", "m7i-flex.large", "x2iezn.2xlarge", "r7a.xlarge"} {
		args := serviceArgs()
		args.Architecture, args.InstanceTypes = components.X8664, []components.InstanceType{instanceType}
		require.Empty(t, args.Check("tickets"), instanceType)
	}
}
