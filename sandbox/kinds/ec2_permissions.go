package kinds

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// protocolNumbers are the names that AWS answers for protocols that were asked for by number, from
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html.
var protocolNumbers = map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}

// allProtocols is every protocol on every port.
const allProtocols = "-1"

// highestPort is the last TCP and UDP port; -1 stands for all ICMP types.
const highestPort = 65535

// groupText is what AWS allows in the descriptions of security groups and of their rules, and in groups' names:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html.
var groupText = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]*$`)

func protocolName(given string) string {
	if name, numbered := protocolNumbers[given]; numbered {
		return name
	}
	return given
}

func knownProtocol(given string) bool {
	if slices.Contains([]string{allProtocols, "tcp", "udp", "icmp", "icmpv6"}, given) {
		return true
	}
	number, err := strconv.Atoi(given)
	return err == nil && number >= 0 && number <= 255
}

func hasPorts(protocol string) bool {
	return slices.Contains([]string{"tcp", "udp"}, protocolName(protocol))
}

// portRange refuses a range that runs backwards or past the last port.
func portRange(path string, from, to int) *Refusal {
	if from < 0 || to > highestPort || from > to {
		return Refuse(path, "Invalid port range %d to %d: want 0 <= from <= to <= %d", from, to, highestPort)
	}
	return nil
}

// inlineRules are what EC2 refuses of the rules that stand in the group itself, in the list ingress or egress.
func inlineRules(list string) []Rule {
	return []Rule{
		networkAddress(list+"[].cidrBlocks[]", 32),
		networkAddress(list+"[].ipv6CidrBlocks[]", 128),
		{Name: "protocol of " + list, Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			for _, protocol := range d.Each(list + "[].protocol") {
				if name := protocol.Text(); name != "all" && !knownProtocol(name) {
					return Refuse(protocol.Path(), "Invalid value '%s' for IP protocol. Unknown protocol.", name)
				}
			}
			return nil
		}},
		{Name: "ports of " + list, Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			for _, rule := range d.Each(list + "[]") {
				if hasPorts(rule.At("protocol").Text()) {
					if refusal := portRange(rule.Path(), rule.At("fromPort").Int(), rule.At("toPort").Int()); refusal != nil {
						return refusal
					}
				}
			}
			return nil
		}},
		{Name: "all ports with all protocols in " + list, Broken: func(d *Draft) *Refusal {
			for _, rule := range d.Each(list + "[]") {
				protocol := rule.At("protocol").Text()
				if (protocol == allProtocols || protocol == "all") && (rule.At("fromPort").Int() != 0 || rule.At("toPort").Int() != 0) {
					return Refuse(rule.Path(), "from_port (%d) and to_port (%d) must both be 0 to use the 'ALL' \"-1\" protocol!",
						rule.At("fromPort").Int(), rule.At("toPort").Int())
				}
			}
			return nil
		}},
	}
}

// groupDefaults are the defaults of inline rules.
func groupDefaults() []Default {
	return []Default{
		{Path: "revokeRulesOnDelete", Value: Flag(false)},
		{Path: "ingress[].self", Value: Flag(false)},
		{Path: "egress[].self", Value: Flag(false)},
	}
}

// groupReferences are the groups that inline rules name.
func groupReferences() []Reference {
	return []Reference{toSecurityGroup("ingress[].securityGroups[]"), toSecurityGroup("egress[].securityGroups[]")}
}

// groupOutputs are what every group answers beside its own.
func groupOutputs() []Output {
	return []Output{ownerID(), fixed("ingress", List()), fixed("egress", List()), fixed("namePrefix", Text(""))}
}

// groupSets are the lists of groups in which order means nothing.
var groupSets = []string{"ingress", "egress", "ingress[].securityGroups", "egress[].securityGroups"}

// groupARN is the arn of the group with an id that may be that of another resource.
func groupARN(id func(d *Draft) string) Output {
	return Output{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
		return Text(d.ARN("ec2", "security-group/"+id(d)))
	}}
}
