package kinds_test

import (
	"slices"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// loadBalancerIn is a VPC with an internet gateway and two subnets, and a draft of a load balancer in them, changed.
func loadBalancerIn(changes In) Draft {
	return func(lab *Lab) In {
		draft := In{"internal": true, "subnets": twoSubnets(lab, "vpc-1")}
		for name, value := range changes {
			draft[name] = value
			if value == nil {
				delete(draft, name)
			}
		}
		return draft
	}
}

func twoSubnets(lab *Lab, vpc string) []string {
	lab.Put(kinds.VPC, vpc, In{"defaultSecurityGroupId": "sg-default"})
	for _, zone := range []string{"a", "b"} {
		lab.Put(kinds.Subnet, vpc+zone, In{"vpcId": vpc, "availabilityZone": "eu-central-1" + zone, "cidrBlock": "10.0.0.0/24"})
	}
	return []string{vpc + "a", vpc + "b"}
}

// deliverLogs is what lets Elastic Load Balancing write below a path of the bucket called logs.
func deliverLogs(path string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"logdelivery.elasticloadbalancing.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/` + path + `"}]}`
}

// loggingTo is a load balancer that writes a log to the bucket called logs, which stands in region under policy.
func loggingTo(property, region, policy string, more func(lab *Lab)) Draft {
	return func(lab *Lab) In {
		putBucket(lab.In(region), "logs", nil)
		lab.In(region).Put(kinds.BucketPolicy, "logs", In{"bucket": "logs", "policy": policy})
		if more != nil {
			more(lab)
		}
		return loadBalancerIn(In{property: In{"bucket": "logs", "enabled": true, "prefix": "web"}})(lab)
	}
}

// refusedLogs is every way in which logs cannot be delivered.
func refusedLogs(property string) []Refusal {
	denied := property + " that cannot be delivered"
	return []Refusal{
		{Rule: property + " in another Region", Draft: loggingTo(property, "eu-west-1", deliverLogs("*"), nil),
			Says: "InvalidConfigurationRequest: S3Bucket: logs is not located in the same region with ELB: "},
		{Rule: denied, Draft: loadBalancerIn(In{property: In{"bucket": "gone", "enabled": true}}),
			Says: "InvalidConfigurationRequest: Access Denied for bucket: gone. Please check S3bucket permission"},
		{Rule: denied, Draft: loggingTo(property, "eu-central-1", deliverLogs("web/AWSLogs/999999999999/*"), nil), Says: "Access Denied for bucket: logs"},
		{Rule: denied, Draft: loggingTo(property, "eu-central-1", deliverLogs("AWSLogs/*"), nil), Says: "Access Denied for bucket: logs"},
		{Rule: denied, Draft: loggingTo(property, "eu-central-1", deliverLogs("*"), func(lab *Lab) {
			lab.Put(kinds.BucketEncryption, "logs", In{"bucket": "logs", "rules": []any{encryptedBy(In{"sseAlgorithm": "aws:kms"})}})
		}), Says: "Access Denied for bucket: logs"},
	}
}

var _ = suite(kinds.LoadBalancer, Suite{
	Valid: map[string]Draft{
		"internal": loadBalancerIn(nil),
		"internet-facing": func(lab *Lab) In {
			lab.Put(kinds.InternetGateway, "igw-1", In{"vpcId": "vpc-1"})
			return loadBalancerIn(In{"internal": false})(lab)
		},
		"mapped": func(lab *Lab) In {
			subnets := twoSubnets(lab, "vpc-1")
			return In{"internal": true, "subnetMappings": []any{In{"subnetId": subnets[0]}, In{"subnetId": subnets[1]}}}
		},
		"with a prefix":    loadBalancerIn(In{"namePrefix": "web-"}),
		"with a log":       loggingTo("accessLogs", "eu-central-1", deliverLogs("web/AWSLogs/*"), nil),
		"with its log off": loadBalancerIn(In{"accessLogs": In{"bucket": "gone", "enabled": false}}),
	},
	Refusals: slices.Concat(refusedLogs("accessLogs"), refusedLogs("connectionLogs"), []Refusal{
		{Rule: "reference subnets[]", Draft: func(lab *Lab) In {
			return In{"internal": true, "subnets": append(twoSubnets(lab, "vpc-1"), "subnet-gone")}
		}, Says: "CreateLoadBalancer, api error SubnetNotFound: The subnet ID 'subnet-gone' does not exist"},
		{Rule: "reference subnetMappings[].subnetId", Draft: func(lab *Lab) In {
			subnets := twoSubnets(lab, "vpc-1")
			return In{"internal": true, "subnetMappings": []any{In{"subnetId": subnets[0]}, In{"subnetId": subnets[1]}, In{"subnetId": "subnet-gone"}}}
		}, Says: "SubnetNotFound"},
		{Rule: "reference securityGroups[]", Draft: loadBalancerIn(In{"securityGroups": []any{"sg-gone"}}), Says: "InvalidSecurityGroup"},
		{Rule: "exactly one of subnets, subnetMappings", Draft: func(lab *Lab) In {
			subnets := twoSubnets(lab, "vpc-1")
			lab.Put(kinds.Subnet, "c", In{"vpcId": "vpc-1", "availabilityZone": "eu-central-1c"})
			return In{"internal": true, "subnets": subnets, "subnetMappings": []any{In{"subnetId": "c"}}}
		}, Says: "subnets, subnetMappings are set"},
		{Rule: "pattern of name", Draft: loadBalancerIn(In{"name": "web_1"}), Says: "no hyphen at either end"},
		{Rule: "length of name", Draft: loadBalancerIn(In{"name": "a23456789-123456789-123456789-123"}), Says: "range (1 - 32)"},
		{Rule: "name that begins with internal-", Draft: loadBalancerIn(In{"name": "internal-web"}), Says: `cannot begin with "internal-"`},
		{Rule: "values of loadBalancerType", Draft: loadBalancerIn(In{"loadBalancerType": "classic"}), Says: "got classic"},
		{Rule: "values of ipAddressType", Draft: loadBalancerIn(In{"ipAddressType": "ipv6"}), Says: "got ipv6"},
		{Rule: "values of desyncMitigationMode", Draft: loadBalancerIn(In{"desyncMitigationMode": "lax"}), Says: "got lax"},
		{Rule: "values of xffHeaderProcessingMode", Draft: loadBalancerIn(In{"xffHeaderProcessingMode": "drop"}), Says: "got drop"},
		{Rule: "range of idleTimeout", Draft: loadBalancerIn(In{"idleTimeout": 4001}), Says: "(1 - 4000), got 4001"},
		{Rule: "range of clientKeepAlive", Draft: loadBalancerIn(In{"clientKeepAlive": 59}), Says: "(60 - 604800), got 59"},
		{Rule: "subnets of several VPCs", Draft: func(lab *Lab) In {
			lab.Put(kinds.Subnet, "foreign", In{"vpcId": "vpc-2", "availabilityZone": "eu-central-1c"})
			return In{"internal": true, "subnets": append(twoSubnets(lab, "vpc-1"), "foreign")}
		}, Says: "InvalidConfigurationRequest: All subnets must belong to the same VPC: 'vpc-1'"},
		{Rule: "two subnets of one zone", Draft: func(lab *Lab) In {
			lab.Put(kinds.Subnet, "again", In{"vpcId": "vpc-1", "availabilityZone": "eu-central-1a"})
			return In{"internal": true, "subnets": append(twoSubnets(lab, "vpc-1"), "again")}
		}, Says: "multiple subnets in the same Availability Zone"},
		{Rule: "an application load balancer in one zone", Draft: func(lab *Lab) In {
			return In{"internal": true, "subnets": twoSubnets(lab, "vpc-1")[:1]}
		}, Says: "ValidationError: At least two subnets in two different Availability Zones"},
		{Rule: "subnet too small", Draft: func(lab *Lab) In {
			lab.Put(kinds.Subnet, "tiny", In{"vpcId": "vpc-1", "availabilityZone": "eu-central-1c", "cidrBlock": "10.0.9.0/28"})
			return In{"internal": true, "subnets": append(twoSubnets(lab, "vpc-1"), "tiny")}
		}, Says: "InvalidSubnet: Not enough IP space available in tiny"},
		{Rule: "an internet-facing load balancer without internet gateway", Draft: loadBalancerIn(In{"internal": false}),
			Says: "InvalidSubnet: VPC vpc-1 has no internet gateway"},
		{Rule: "security group of another VPC", Draft: func(lab *Lab) In {
			lab.Put(kinds.SecurityGroup, "sg-2", In{"vpcId": "vpc-2"})
			return loadBalancerIn(In{"securityGroups": []any{"sg-2"}})(lab)
		}, Says: "One or more security groups are invalid"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.LoadBalancer, "arn:other", In{"name": "web"})
			return loadBalancerIn(In{"name": "web"})(lab)
		}, Says: "DuplicateLoadBalancerName: A load balancer with the same name 'web' exists"},
		{Rule: "deletion protection", Draft: loadBalancerIn(In{"enableDeletionProtection": true}),
			Says: "DeleteLoadBalancer, api error OperationNotPermitted"},
	}),
	Replaces: []Change{
		{Path: "internal", Before: loadBalancerIn(nil), After: loadBalancerIn(In{"internal": false})},
		{Path: "name", Before: loadBalancerIn(In{"name": "a"}), After: loadBalancerIn(In{"name": "b"})},
	},
	Updates: []Change{
		{Path: "idleTimeout", Before: loadBalancerIn(nil), After: loadBalancerIn(In{"idleTimeout": 30})},
	},
})
