package kinds

import (
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/globalaccelerator"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var acceleratorName = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$`)

// globalAccelerator is the service, and how its types' nouns begin.
const globalAccelerator = "Global Accelerator"

// Global Accelerator has one API, in us-west-2, for all Regions of the partition aws; the provider signs for that Region. It
// disables an accelerator before it deletes it.
// Source: https://docs.aws.amazon.com/global-accelerator/latest/api/API_CreateAccelerator.html and API_DeleteAccelerator.html
// beside it.
var _ = register(&Kind{
	Token:    Accelerator,
	Args:     globalaccelerator.AcceleratorArgs{},
	Resource: &globalaccelerator.Accelerator{},
	Global:   true,
	API: API{Service: globalAccelerator, Noun: globalAccelerator + " Accelerator", Create: "CreateAccelerator", Update: "UpdateAccelerator",
		Delete: "DeleteAccelerator"},
	Name:     &AutoName{Property: "name", Max: 255},
	Defaults: []Default{{Path: "enabled", Value: Flag(true)}, {Path: "ipAddressType", Value: Text("IPV4")}},
	Rules: []Rule{
		lacking("addresses of your own, and no flow logs of accelerators", "ipAddresses[]", "attributes.flowLogsEnabled", "attributes.flowLogsS3Bucket"),
		LengthIn("name", 1, 255), Matching("name", acceleratorName, "only alphanumeric characters and hyphens are allowed, and no hyphen at either end"),
		OneOf("ipAddressType", "IPV4", "DUAL_STACK"),
		// https://docs.aws.amazon.com/general/latest/gr/global_accelerator.html has no endpoint in another partition.
		{Name: "a partition with accelerators", Stage: AtApply, Code: byProvider, Broken: func(d *Draft) *Refusal {
			if d.Partition() != "aws" {
				return Refuse("", "the partition %s has no AWS Global Accelerator", d.Partition())
			}
			return nil
		}},
	},
	DeleteRules: []DeleteRule{
		{Name: "listeners", Code: "AssociatedListenerFoundException", Blocked: func(d *Draft) string {
			if len(d.UsedBy(AcceleratorListener, "acceleratorArn", d.ID())) == 0 {
				return ""
			}
			return "The accelerator that you specified has a listener associated with it. You must remove all dependent resources from an accelerator before you can delete it."
		}},
	},
	Replaces: []string{"ipAddresses"},
	ID:       func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.GlobalARN("globalaccelerator", "accelerator/"+d.UUID("arn")))
		}},
		{Name: "dnsName", Value: func(d *Draft) resource.PropertyValue {
			return Text("a" + d.Hex("dns", 16) + ".awsglobalaccelerator.com")
		}},
		{Name: "dualStackDnsName", Value: func(d *Draft) resource.PropertyValue {
			if d.Text("ipAddressType") != "DUAL_STACK" {
				return Text("")
			}
			return Text("a" + d.Hex("dns", 16) + ".dualstack.awsglobalaccelerator.com")
		}},
		fixed("hostedZoneId", Text(acceleratorZone)), {Name: "ipSets", Value: acceleratorAddresses}, fixed("ipAddresses", List()),
	},
})

// acceleratorAddresses is two IPv4 addresses, and two IPv6 ones where they were asked for. They are for benchmarks
// (https://www.rfc-editor.org/rfc/rfc2544) and documentation (https://www.rfc-editor.org/rfc/rfc3849): AWS's would be
// somebody's.
func acceleratorAddresses(d *Draft) resource.PropertyValue {
	set := func(family string, addresses ...string) resource.PropertyValue {
		return Object(resource.PropertyMap{"ipFamily": Text(family), "ipAddresses": Texts(addresses...)})
	}
	third, fourth := d.Octet("third"), d.Octet("fourth")
	sets := []resource.PropertyValue{set("IPv4", fmt.Sprintf("198.18.%d.%d", third, fourth), fmt.Sprintf("198.19.%d.%d", third, fourth))}
	if d.Text("ipAddressType") == "DUAL_STACK" {
		text := d.Hex("ipv6", 4)
		sets = append(sets, set("IPv6", "2001:db8:0:1::"+text, "2001:db8:0:2::"+text))
	}
	return List(sets...)
}
