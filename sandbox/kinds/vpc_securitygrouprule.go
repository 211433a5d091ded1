package kinds

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ruleSources are the properties of which a rule has one: whom it admits, or whom it lets the group reach.
var ruleSources = []string{"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"}

var prefixList = regexp.MustCompile(`^pl-[0-9a-f]{8,17}$`)

var (
	_ = register(groupRule(SecurityGroupIngressRule, "Ingress", vpc.SecurityGroupIngressRuleArgs{}, &vpc.SecurityGroupIngressRule{}))
	_ = register(groupRule(SecurityGroupEgressRule, "Egress", vpc.SecurityGroupEgressRuleArgs{}, &vpc.SecurityGroupEgressRule{}))
)

// groupRule is the kind of one direction: the two differ in their operations only.
func groupRule(token, direction string, args pulumi.Input, made pulumi.Resource) *Kind {
	return &Kind{
		Token: token, Args: args, Resource: made,
		API: API{Service: "EC2", Noun: "VPC Security Group " + direction + " Rule", Create: "AuthorizeSecurityGroup" + direction,
			Update: "ModifySecurityGroupRules", Delete: "RevokeSecurityGroup" + direction},
		References: []Reference{toSecurityGroup("securityGroupId"), func() Reference {
			peer := toSecurityGroup("referencedSecurityGroupId")
			peer.Skip = func(value string) bool { return strings.Contains(value, "/") } // ACCOUNT/GROUP of a peered VPC
			return peer
		}()},
		Rules:    slices.Concat(ruleShape(), ruleText(), ruleInGroup(token)),
		Replaces: []string{"securityGroupId"},
		// A rule keeps the kind of its source for life.
		ReplacesWhen: func(d *Draft) []string {
			for _, path := range ruleSources {
				if d.Has(path) != d.Was(path).Exists() {
					return ruleSources
				}
			}
			return nil
		},
		ID: ec2ID("sgr"),
		Computed: []Output{
			ec2ARN("security-group-rule", "sgr"),
			{Name: "securityGroupRuleId", Value: func(d *Draft) resource.PropertyValue { return Text(d.EC2ID("sgr")) }},
		},
	}
}

// ruleSource is the value of the one source that is set.
func ruleSource(at func(path string) Value) string {
	for _, path := range ruleSources {
		if value := at(path).Text(); value != "" {
			return value
		}
	}
	return ""
}

func sameRule(d *Draft, other *Thing) bool {
	return protocolName(d.Text("ipProtocol")) == protocolName(other.Text("ipProtocol")) &&
		d.Int("fromPort") == other.At("fromPort").Int() && d.Int("toPort") == other.At("toPort").Int() &&
		ruleSource(d.At) == ruleSource(other.At)
}

// ruleShape is what the provider refuses at plan time.
func ruleShape() []Rule {
	return []Rule{
		networkAddress("cidrIpv4", 32), networkAddress("cidrIpv6", 128),
		InRange("fromPort", -1, highestPort), InRange("toPort", -1, highestPort),
		ExactlyOne(ruleSources...),
		{Name: "no ports with all protocols", Broken: func(d *Draft) *Refusal {
			if d.Text("ipProtocol") != allProtocols || !d.Has("fromPort") && !d.Has("toPort") {
				return nil
			}
			return Refuse("ipProtocol", "fromPort and toPort must not be set with ipProtocol \"-1\": it means all protocols on all ports")
		}},
	}
}

// ruleText is what EC2 refuses of a rule by itself.
func ruleText() []Rule {
	return []Rule{
		{Name: "protocol", Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			if knownProtocol(d.Text("ipProtocol")) {
				return nil
			}
			return Refuse("ipProtocol", "Invalid value '%s' for IP protocol. Unknown protocol.", d.Text("ipProtocol"))
		}},
		{Name: "both ports", Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			if !hasPorts(d.Text("ipProtocol")) || d.Has("fromPort") && d.Has("toPort") {
				return nil
			}
			return Refuse("fromPort", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
		}},
		{Name: "range of ports", Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			if !hasPorts(d.Text("ipProtocol")) || !d.Has("fromPort") || !d.Has("toPort") {
				return nil
			}
			return portRange("fromPort", d.Int("fromPort"), d.Int("toPort"))
		}},
		{Name: "description", Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			if text := d.Text("description"); len(text) > 255 || !groupText.MatchString(text) {
				return Refuse("description", "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*")
			}
			return nil
		}},
		{Name: "prefix list id", Stage: AtApply, Code: "InvalidPrefixListId.Malformed", Broken: func(d *Draft) *Refusal {
			if id := d.Text("prefixListId"); id != "" && !prefixList.MatchString(id) {
				return Refuse("prefixListId", "Invalid id: \"%s\" (expecting \"pl-...\")", id)
			}
			return nil
		}},
	}
}

// ruleInGroup is what EC2 refuses of a rule in its group.
func ruleInGroup(token string) []Rule {
	return []Rule{
		{Name: "groups of one VPC", Stage: AtApply, Code: codeGroupNotFound, Broken: func(d *Draft) *Refusal {
			group, peer := securityGroup(d, d.Text("securityGroupId")), securityGroup(d, d.Text("referencedSecurityGroupId"))
			if group == nil || peer == nil || group.Text("vpcId") == peer.Text("vpcId") {
				return nil
			}
			return Refuse("referencedSecurityGroupId", "You have specified two resources that belong to different networks.")
		}},
		// A list of AWS's counts as its weight against the quota of rules of a group, and those of S3 and DynamoDB weigh 1:
		// https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
		{Name: "prefix list", Stage: AtApply, Code: "InvalidPrefixListID.NotFound", Broken: func(d *Draft) *Refusal {
			id := d.Text("prefixListId")
			if id == "" || !prefixList.MatchString(id) || slices.Contains(managedPrefixLists(d.Region), id) {
				return nil
			}
			return Refuse("prefixListId", "The prefix list ID '%s' does not exist", id)
		}},
		{Name: "a rule once a group", Stage: AtApply, Code: "InvalidPermission.Duplicate", Broken: func(d *Draft) *Refusal {
			for _, other := range d.UsedBy(token, "securityGroupId", d.Text("securityGroupId")) {
				if sameRule(d, other) {
					return Refuse("securityGroupId", "the specified rule \"peer: %s, %s, from port: %d, to port: %d, ALLOW\" already exists",
						ruleSource(d.At), strings.ToUpper(protocolName(d.Text("ipProtocol"))), d.Int("fromPort"), d.Int("toPort"))
				}
			}
			return nil
		}},
	}
}
