package kinds

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// sandboxZone begins the ids of the hosted zones that the sandbox makes. One of AWS's could begin so too, but hardly will.
const sandboxZone = "Z0SANDBOX"

// zoneDomain is a domain in lower case, without a period behind it.
var zoneDomain = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html and API_DeleteHostedZone.html
// beside it.
var _ = register(&Kind{
	Token:    HostedZone,
	Args:     route53.ZoneArgs{},
	Resource: &route53.Zone{},
	Global:   true,
	API: API{Service: "Route 53", Noun: "Route53 Hosted Zone", Create: "CreateHostedZone", Update: "UpdateHostedZoneComment",
		Delete: "DeleteHostedZone"},
	Defaults: []Default{{Path: "comment", Value: Text("Managed by Pulumi")}, {Path: "forceDestroy", Value: Flag(false)}},
	Rules: []Rule{
		lacking("private hosted zones and no delegation sets", "vpcs[].vpcId", "delegationSetId"),
		LengthIn("comment", 0, 256),
		{Name: "a domain", Stage: AtApply, Code: "InvalidDomainName", Broken: func(d *Draft) *Refusal {
			if name := dnsName(d.Text("name")); len(name) <= longestDomain && zoneDomain.MatchString(name) {
				return nil
			}
			return Refuse("name", "The domain name %q is not valid", d.Text("name"))
		}},
	},
	DeleteRules: []DeleteRule{
		{Name: "records in it", Code: "HostedZoneNotEmpty", Blocked: func(d *Draft) string {
			if d.Bool("forceDestroy") || len(d.UsedBy(Record, "zoneId", d.ID())) == 0 {
				return ""
			}
			return "The specified hosted zone contains non-required resource record sets and so cannot be deleted."
		}},
	},
	Replaces: []string{"name", "delegationSetId"},
	ID:       func(d *Draft) string { return d.Output("zoneId").Text() },
	Computed: []Output{
		{Name: "zoneId", Value: func(d *Draft) resource.PropertyValue { return Text(sandboxZone + strings.ToUpper(d.Hex("zone", 11))) }},
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text("arn:" + d.Partition() + ":route53:::hostedzone/" + d.Output("zoneId").Text())
		}},
		{Name: "name", Always: true, Value: func(d *Draft) resource.PropertyValue { return Text(dnsName(d.Text("name"))) }},
		{Name: "nameServers", Value: func(d *Draft) resource.PropertyValue { return Texts(nameServers(d)...) }},
		{Name: "primaryNameServer", Value: func(d *Draft) resource.PropertyValue { return Text(nameServers(d)[0]) }},
	},
})

// nameServers is four names below a domain that nobody can have (https://www.rfc-editor.org/rfc/rfc2606): AWS's would be
// somebody's.
func nameServers(d *Draft) []string {
	var names []string
	for number := range 4 {
		names = append(names, fmt.Sprintf("ns-%d.awsdns-%02d.example", 512*number+2*d.Octet("server"), d.Octet("set")%64))
	}
	return names
}

// dnsName is a name as DNS compares it: in lower case, without the period of the root behind it.
func dnsName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
