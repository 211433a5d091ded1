package kinds

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// acceleratorZone and cloudFrontZone are the hosted zones of the names that Global Accelerator and CloudFront give.
// Source: https://docs.aws.amazon.com/general/latest/gr/global_accelerator.html and cf_region.html beside it.
const (
	acceleratorZone = "Z2BJ6XQ5FK7U4H"
	cloudFrontZone  = "Z2FDTNDATAQYW2"
)

// routingPolicies are the properties of which a record has one at most.
var routingPolicies = []string{"cidrRoutingPolicy", "failoverRoutingPolicies", "geolocationRoutingPolicies", "geoproximityRoutingPolicy",
	"latencyRoutingPolicies", "multivalueAnswerRoutingPolicy", "weightedRoutingPolicies"}

// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
var _ = register(&Kind{
	Token:    Record,
	Args:     route53.RecordArgs{},
	Resource: &route53.Record{},
	Global:   true,
	API: API{Service: "Route 53", Noun: "Route53 Record", Create: "ChangeResourceRecordSets", Update: "ChangeResourceRecordSets",
		Delete: "ChangeResourceRecordSets"},
	Rules:       append(append(recordShape(), recordRules()...), aliasRules()...),
	DeleteRules: nil, // Route 53 lets a record go whoever asks for it.
	Replaces:    []string{"name", "zoneId"},
	Sets:        []string{"records"},
	ID:          recordID,
	Computed: []Output{
		{Name: "name", Always: true, Value: func(d *Draft) resource.PropertyValue { return Text(dnsName(d.Text("name"))) }},
		{Name: "fqdn", Value: func(d *Draft) resource.PropertyValue { return Text(recordDomain(d)) }},
		fixed("allowOverwrite", Flag(false)),
	},
})

// recordDomain is the whole name of a record. The provider puts the zone's name behind a name that does not end in it, which
// is why no name is outside its zone. Of a zone that is not the sandbox's the name is not known: there the program's name is
// taken for whole.
func recordDomain(d *Draft) string {
	name := dnsName(d.Text("name"))
	zone := zoneOf(d)
	if zone == nil {
		return name
	}
	domain := zone.Text("name")
	if name == "" || name == domain {
		return domain
	}
	return strings.TrimSuffix(name, "."+domain) + "." + domain
}

// zoneOf is the record's zone, or nil when it is none of the sandbox's.
func zoneOf(d *Draft) *Thing { return d.Find(HostedZone, zoneID(d.Text("zoneId"))) }

// zoneID is an id without the path that the API puts before it.
func zoneID(text string) string { return strings.TrimPrefix(text, "/hostedzone/") }

// recordID is what the provider calls a record. Where one overwrites another, both have the same at AWS, and the end of one
// is the end of both; the sandbox keeps them apart.
func recordID(d *Draft) string {
	parts := []string{zoneID(d.Text("zoneId")), dnsName(d.Text("name")), d.Text("type")}
	if set := d.Text("setIdentifier"); set != "" {
		parts = append(parts, set)
	}
	id := strings.Join(parts, "_")
	if d.Find(Record, id) != nil {
		id += "_" + d.Hex("overwriting", 8)
	}
	return id
}
