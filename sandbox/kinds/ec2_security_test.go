package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

var aGroup = inNetwork(In{"vpcId": "vpc-a", "description": "admits the load balancer"})

func rule(in In) In {
	whole := In{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": []any{"10.0.0.0/16"}}
	for name, value := range in {
		whole[name] = value
	}
	return whole
}

// inlineRefusals are those of the rules that stand in a group, in both lists.
func inlineRefusals(group Draft) []Refusal {
	var refusals []Refusal
	for _, list := range []string{"ingress", "egress"} {
		having := func(in In) Draft { return with(group, In{list: []any{rule(nil), rule(in)}}) }
		refusals = append(refusals,
			Refusal{Rule: "reference " + list + "[].securityGroups[]", Draft: having(In{"securityGroups": []any{"sg-gone"}}), Says: "InvalidGroup.NotFound: The security group 'sg-gone' does not exist"},
			Refusal{Rule: "network address of " + list + "[].cidrBlocks[]", Draft: having(In{"cidrBlocks": []any{"10.0.0.1/16"}}), Says: list + `[1].cidrBlocks[0]: "10.0.0.1/16" is not a valid CIDR block; did you mean "10.0.0.0/16"?`},
			Refusal{Rule: "network address of " + list + "[].ipv6CidrBlocks[]", Draft: having(In{"ipv6CidrBlocks": []any{"2001:db8::1/64"}}), Says: "not a valid CIDR block"},
			Refusal{Rule: "protocol of " + list, Draft: having(In{"protocol": "sctp6"}), Says: "InvalidParameterValue: Invalid value 'sctp6' for IP protocol. Unknown protocol."},
			Refusal{Rule: "ports of " + list, Draft: having(In{"fromPort": 443, "toPort": 80}), Says: "Invalid port range 443 to 80"},
			Refusal{Rule: "ports of " + list, Draft: having(In{"fromPort": 443, "toPort": 65536}), Says: "Invalid port range 443 to 65536"},
			Refusal{Rule: "all ports with all protocols in " + list, Draft: having(In{"protocol": "-1"}), Says: "must both be 0"},
		)
	}
	return refusals
}

func groupOf(name string) func(lab *Lab, made *kinds.Thing) {
	return func(lab *Lab, made *kinds.Thing) {
		switch name {
		case "load balancer":
			lab.Put(kinds.LoadBalancer, "lb", In{"securityGroups": []any{made.ID}})
		case "endpoint":
			lab.Put(kinds.VPCEndpoint, "vpce", In{"securityGroupIds": []any{made.ID}})
		case "ingress rule":
			lab.Put(kinds.SecurityGroupIngressRule, "sgr", In{"securityGroupId": "sg-a", "referencedSecurityGroupId": made.ID})
		case "egress rule":
			lab.Put(kinds.SecurityGroupEgressRule, "sgr", In{"securityGroupId": "sg-a", "referencedSecurityGroupId": made.ID})
		case "inline rule":
			lab.Put(kinds.SecurityGroup, "sg-x", In{"egress": []any{In{"securityGroups": []any{made.ID}}}})
		}
	}
}

var _ = suite(kinds.SecurityGroup, Suite{
	Valid: map[string]Draft{
		"bare": aGroup, "with a prefix": with(aGroup, In{"namePrefix": "web-"}),
		"with rules":                  with(aGroup, In{"ingress": []any{rule(nil)}, "egress": []any{rule(In{"protocol": "-1", "fromPort": 0, "toPort": 0})}}),
		"ICMP by number":              with(aGroup, In{"ingress": []any{rule(In{"protocol": "1", "fromPort": -1, "toPort": -1})}}),
		"a name taken in another VPC": with(aGroup, In{"name": "b"}),
	},
	Refusals: append(inlineRefusals(aGroup),
		Refusal{Rule: "reference vpcId", Draft: with(aGroup, In{"vpcId": "vpc-gone"}), Says: "InvalidVpcID.NotFound"},
		Refusal{Rule: "length of name", Draft: with(aGroup, In{"name": strings.Repeat("n", 256)}), Says: "range (1 - 255)"},
		Refusal{Rule: "length of description", Draft: with(aGroup, In{"description": strings.Repeat("d", 256)}), Says: "range (1 - 255)"},
		Refusal{Rule: "pattern of name", Draft: with(aGroup, In{"name": "sg-web"}), Says: "cannot begin with sg-"},
		Refusal{Rule: "pattern of namePrefix", Draft: with(aGroup, In{"namePrefix": "sg-web"}), Says: "cannot begin with sg-"},
		Refusal{Rule: "name conflicts with namePrefix", Draft: with(aGroup, In{"name": "web", "namePrefix": "web-"}), Says: "conflicts with namePrefix"},
		Refusal{Rule: "no default VPC", Draft: with(aGroup, In{"vpcId": nil}), Says: "CreateSecurityGroup, api error VPCIdNotSpecified: No default VPC for this user"},
		Refusal{Rule: "characters", Draft: with(aGroup, In{"description": "lässt den Balancer ein"}), Says: "for parameter GroupDescription is invalid"},
		Refusal{Rule: "characters", Draft: with(aGroup, In{"name": "web%"}), Says: "Value (web%) for parameter GroupName is invalid"},
		Refusal{Rule: "reserved name", Draft: with(aGroup, In{"name": "default"}), Says: "Cannot use reserved security group name: default"},
		Refusal{Rule: "name once a VPC", Draft: with(aGroup, In{"name": "a"}), Says: "InvalidGroup.Duplicate: The security group 'a' already exists for VPC 'vpc-a'"},
		Refusal{Rule: "in use", Draft: aGroup, Then: groupOf("load balancer"), Says: "DeleteSecurityGroup, api error DependencyViolation: resource sg-0"},
		Refusal{Rule: "in use", Draft: aGroup, Then: groupOf("endpoint"), Says: "DependencyViolation"},
		Refusal{Rule: "in use", Draft: aGroup, Then: groupOf("ingress rule"), Says: "has a dependent object"},
		Refusal{Rule: "in use", Draft: aGroup, Then: groupOf("egress rule"), Says: "has a dependent object"},
		Refusal{Rule: "in use", Draft: aGroup, Then: groupOf("inline rule"), Says: "has a dependent object"},
	),
	Replaces: []Change{
		{Path: "description", Before: aGroup, After: with(aGroup, In{"description": "admits nobody"})},
		{Path: "vpcId", Before: aGroup, After: with(aGroup, In{"vpcId": "vpc-b"})},
		{Path: "name", Before: aGroup, After: with(aGroup, In{"name": "other"})},
	},
	Updates: []Change{{Path: "ingress", Before: aGroup, After: with(aGroup, In{"ingress": []any{rule(nil)}})}},
})

var aDefaultGroup = inNetwork(In{"vpcId": "vpc-a"})

var _ = suite(kinds.DefaultSecurityGroup, Suite{
	Valid: map[string]Draft{"locked": aDefaultGroup, "open to itself": with(aDefaultGroup, In{"ingress": []any{rule(In{"self": true, "cidrBlocks": nil})}})},
	Refusals: append(inlineRefusals(aDefaultGroup),
		Refusal{Rule: "reference vpcId", Draft: with(aDefaultGroup, In{"vpcId": "vpc-gone"}), Says: "InvalidGroup.NotFound: The security group 'default' of VPC 'vpc-gone' does not exist"},
		Refusal{Rule: "no default VPC", Draft: with(aDefaultGroup, In{"vpcId": nil}), Says: "VPCIdNotSpecified"},
		Refusal{Rule: "adopted once", Draft: func(lab *Lab) In {
			lab.Put(kinds.DefaultSecurityGroup, "sg-other", In{"vpcId": "vpc-a"})
			return aDefaultGroup(lab)
		}, Says: "managed by another resource already"},
	),
	Replaces: []Change{{Path: "vpcId", Before: aDefaultGroup, After: with(aDefaultGroup, In{"vpcId": "vpc-b"})}},
	Updates:  []Change{{Path: "egress", Before: aDefaultGroup, After: with(aDefaultGroup, In{"egress": []any{rule(nil)}})}},
})

var aRule = inNetwork(In{"securityGroupId": "sg-a", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/16"})

func fromGroup(group string) Draft {
	return with(aRule, In{"cidrIpv4": nil, "referencedSecurityGroupId": group})
}

var _ = suite(kinds.SecurityGroupIngressRule, groupRuleSuite(kinds.SecurityGroupIngressRule, "AuthorizeSecurityGroupIngress"))
var _ = suite(kinds.SecurityGroupEgressRule, groupRuleSuite(kinds.SecurityGroupEgressRule, "AuthorizeSecurityGroupEgress"))

func groupRuleSuite(token, operation string) Suite {
	existing := func(outputs In) Draft {
		return func(lab *Lab) In {
			lab.Put(token, "sgr-1", outputs)
			return aRule(lab)
		}
	}
	return Suite{
		Valid: map[string]Draft{
			"from a block": aRule, "from itself": fromGroup("sg-a"), "from a peered account": fromGroup("210987654321/sg-0123456789abcdef0"),
			"everything":                       with(aRule, In{"ipProtocol": "-1", "fromPort": nil, "toPort": nil}),
			"from a prefix list":               with(aRule, In{"cidrIpv4": nil, "prefixListId": listOf("eu-central-1", "s3")}),
			"beside the same of another group": existing(In{"securityGroupId": "sg-b", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/16"}),
			"beside another port":              existing(In{"securityGroupId": "sg-a", "ipProtocol": "tcp", "fromPort": 443, "toPort": 444, "cidrIpv4": "10.0.0.0/16"}),
		},
		Refusals: []Refusal{
			{Rule: "reference securityGroupId", Draft: with(aRule, In{"securityGroupId": "sg-gone"}), Says: operation + ", api error InvalidGroup.NotFound: The security group 'sg-gone' does not exist"},
			{Rule: "reference referencedSecurityGroupId", Draft: fromGroup("sg-gone"), Says: "InvalidGroup.NotFound: The security group 'sg-gone' does not exist"},
			{Rule: "network address of cidrIpv4", Draft: with(aRule, In{"cidrIpv4": "10.0.0.1/16"}), Says: `did you mean "10.0.0.0/16"?`},
			{Rule: "network address of cidrIpv6", Draft: with(aRule, In{"cidrIpv4": nil, "cidrIpv6": "2001:db8::1/64"}), Says: "not a valid CIDR block"},
			{Rule: "range of fromPort", Draft: with(aRule, In{"ipProtocol": "icmp", "fromPort": -2}), Says: "range (-1 - 65535), got -2"},
			{Rule: "range of toPort", Draft: with(aRule, In{"ipProtocol": "icmp", "toPort": 65536}), Says: "range (-1 - 65535), got 65536"},
			{Rule: "exactly one of cidrIpv4, cidrIpv6, prefixListId, referencedSecurityGroupId", Draft: with(aRule, In{"referencedSecurityGroupId": "sg-a"}), Says: "are set"},
			{Rule: "exactly one of cidrIpv4, cidrIpv6, prefixListId, referencedSecurityGroupId", Draft: with(aRule, In{"cidrIpv4": nil}), Says: "none is set"},
			{Rule: "no ports with all protocols", Draft: with(aRule, In{"ipProtocol": "-1"}), Says: "all protocols on all ports"},
			{Rule: "protocol", Draft: with(aRule, In{"ipProtocol": "https"}), Says: "InvalidParameterValue: Invalid value 'https' for IP protocol. Unknown protocol."},
			{Rule: "both ports", Draft: with(aRule, In{"toPort": nil}), Says: "Must specify both from and to ports with TCP/UDP."},
			{Rule: "range of ports", Draft: with(aRule, In{"toPort": 80}), Says: "Invalid port range 443 to 80"},
			{Rule: "description", Draft: with(aRule, In{"description": "client's"}), Says: "Invalid rule description"},
			{Rule: "description", Draft: with(aRule, In{"description": strings.Repeat("d", 256)}), Says: "Invalid rule description"},
			{Rule: "prefix list id", Draft: with(aRule, In{"cidrIpv4": nil, "prefixListId": "pl-s3"}), Says: "InvalidPrefixListId.Malformed"},
			{Rule: "prefix list", Draft: with(aRule, In{"cidrIpv4": nil, "prefixListId": listOf("eu-west-1", "s3")}), Says: "InvalidPrefixListID.NotFound: The prefix list ID '" + listOf("eu-west-1", "s3") + "' does not exist"},
			{Rule: "groups of one VPC", Draft: fromGroup("sg-b"), Says: "InvalidGroup.NotFound: You have specified two resources that belong to different networks."},
			{Rule: "a rule once a group", Draft: existing(In{"securityGroupId": "sg-a", "ipProtocol": "6", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/16"}),
				Says: `InvalidPermission.Duplicate: the specified rule "peer: 10.0.0.0/16, TCP, from port: 443, to port: 443, ALLOW" already exists`},
			{Rule: "a rule once a group", Before: aRule, Draft: func(lab *Lab) In {
				lab.Put(token, "sgr-1", In{"securityGroupId": "sg-a", "ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "cidrIpv4": "10.0.0.0/16"})
				return with(aRule, In{"fromPort": 80, "toPort": 80})(lab)
			}, Says: "ModifySecurityGroupRules, api error InvalidPermission.Duplicate"},
		},
		Replaces: []Change{
			{Path: "securityGroupId", Before: aRule, After: with(aRule, In{"securityGroupId": "sg-b"})},
			{Path: "cidrIpv4", Before: aRule, After: fromGroup("sg-a")},
		},
		Updates: []Change{
			{Path: "cidrIpv4", Before: aRule, After: with(aRule, In{"cidrIpv4": "10.0.0.0/20"})},
			{Path: "toPort", Before: aRule, After: with(aRule, In{"toPort": 444})},
		},
	}
}

const trustingFlowLogs = `{"Statement":[{"Effect":"Allow","Principal":{"Service":"vpc-flow-logs.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

var aFlowLog Draft = func(lab *Lab) In {
	lab.Put(kinds.Role, "flow", In{"arn": "arn:aws:iam::123456789012:role/flow", "assumeRolePolicy": trustingFlowLogs})
	lab.Put(kinds.Role, "other", In{"arn": "arn:aws:iam::123456789012:role/other", "assumeRolePolicy": "{}"})
	return inNetwork(In{"vpcId": "vpc-a", "trafficType": "ALL", "iamRoleArn": "arn:aws:iam::123456789012:role/flow",
		"logDestination": "arn:aws:logs:eu-central-1:123456789012:log-group:flow:*"})(lab)
}

var _ = suite(kinds.FlowLog, Suite{
	Valid: map[string]Draft{
		"of a VPC": aFlowLog, "by name": with(aFlowLog, In{"logDestination": nil, "logGroupName": "flow"}),
		"of a subnet": with(aFlowLog, In{"vpcId": nil, "subnetId": "subnet-a"}),
	},
	Refusals: []Refusal{
		{Rule: "reference vpcId", Draft: with(aFlowLog, In{"vpcId": "vpc-gone"}), Says: "CreateFlowLogs, api error InvalidVpcID.NotFound"},
		{Rule: "reference subnetId", Draft: with(aFlowLog, In{"vpcId": nil, "subnetId": "subnet-gone"}), Says: "InvalidSubnetID.NotFound"},
		{Rule: "reference iamRoleArn", Draft: with(aFlowLog, In{"iamRoleArn": "arn:aws:iam::123456789012:role/gone"}), Says: "InvalidParameter: Unable to assume given IAM role"},
		{Rule: "only what the sandbox has", Draft: with(aFlowLog, In{"destinationOptions": In{}}), Says: "destinationOptions.fileFormat: the sandbox has no"},
		{Rule: "exactly one of vpcId, subnetId, eniId, transitGatewayId, transitGatewayAttachmentId", Draft: with(aFlowLog, In{"subnetId": "subnet-a"}), Says: "vpcId, subnetId are set"},
		{Rule: "values of logDestinationType", Draft: with(aFlowLog, In{"logDestinationType": "CloudWatch"}), Says: "got CloudWatch"},
		{Rule: "values of trafficType", Draft: with(aFlowLog, In{"trafficType": "all"}), Says: "got all"},
		{Rule: "values of maxAggregationInterval", Draft: with(aFlowLog, In{"maxAggregationInterval": 300}), Says: "got 300"},
		{Rule: "logDestination conflicts with logGroupName", Draft: with(aFlowLog, In{"logGroupName": "flow"}), Says: "conflicts with logGroupName"},
		{Rule: "a destination that exists", Draft: with(aFlowLog, In{"logDestinationType": "s3", "logDestination": "arn:aws:s3:::logs"}), Says: "LogDestinationNotFoundException: LogDestination: arn:aws:s3:::logs does not exist"},
		{Rule: "traffic type", Draft: with(aFlowLog, In{"trafficType": nil}), Says: "MissingParameter: TrafficType can't be empty"},
		{Rule: "a destination", Draft: with(aFlowLog, In{"logDestination": nil}), Says: "LogDestination or LogGroupName can't be empty"},
		{Rule: "a role for logs", Draft: with(aFlowLog, In{"iamRoleArn": nil}), Says: "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."},
		{Rule: "a role that flow logs may assume", Draft: with(aFlowLog, In{"iamRoleArn": "arn:aws:iam::123456789012:role/other"}), Says: "its trust policy does not name vpc-flow-logs.amazonaws.com"},
		{Rule: "once a destination", Draft: func(lab *Lab) In {
			in := aFlowLog(lab)
			lab.Make(kinds.FlowLog, in)
			return in
		}, Says: "FlowLogAlreadyExists: Error. There is an existing Flow Log with the same configuration and log destination."},
	},
	Replaces: []Change{
		{Path: "trafficType", Before: aFlowLog, After: with(aFlowLog, In{"trafficType": "REJECT"})},
		{Path: "maxAggregationInterval", Before: aFlowLog, After: with(aFlowLog, In{"maxAggregationInterval": 60})},
	},
	Updates: []Change{{Path: "tags.owner", Before: aFlowLog, After: with(aFlowLog, In{"tags": In{"owner": "ops"}})}},
})
