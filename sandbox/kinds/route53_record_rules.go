package kinds

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

const (
	codeChangeBatch = "InvalidChangeBatch"
	// longestDomain and longestLabel are in characters, longestTTL in seconds.
	// Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html and
	// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html, TTL.
	longestDomain = 255
	longestLabel  = 63
	longestTTL    = 2147483647
)

// hostedZoneID is in the API reference.
var hostedZoneID = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)

// recordTypes are those of the API.
var recordTypes = []string{"A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"}

// recordShape is what the provider refuses at plan time, and what the sandbox lacks.
func recordShape() []Rule {
	return []Rule{
		lacking("health checks, no geoproximity routing and no routing by address", "healthCheckId", "cidrRoutingPolicy.collectionId",
			"geoproximityRoutingPolicy.awsRegion", "geoproximityRoutingPolicy.localZoneGroup", "geoproximityRoutingPolicy.bias",
			"geoproximityRoutingPolicy.coordinates[].latitude"),
		OneOf("type", recordTypes...), ExactlyOne("aliases", "records"), Conflicting("aliases", "ttl"),
		LengthIn("aliases[].name", 1, 1024), LengthIn("aliases[].zoneId", 1, 32), OneOf("failoverRoutingPolicies[].type", "PRIMARY", "SECONDARY"),
		OneOf("latencyRoutingPolicies[].region", RegionNames()...),
		{Name: "one routing policy", Broken: func(d *Draft) *Refusal {
			if policies := routedBy(d); len(policies) > 1 {
				return Refuse(policies[0], "%q: conflicts with %s", policies[0], policies[1])
			}
			return nil
		}},
		{Name: "a set identifier", Broken: func(d *Draft) *Refusal {
			if policies := routedBy(d); len(policies) > 0 && !d.Has("setIdentifier") {
				return Refuse(policies[0], "%q: all of `setIdentifier,%s` must be specified", policies[0], policies[0])
			}
			return nil
		}},
		{Name: "one alias", Broken: func(d *Draft) *Refusal {
			if len(d.Each("aliases[]")) > 1 {
				return Refuse("aliases", "Too many alias blocks: no more than 1 \"alias\" blocks are allowed")
			}
			return nil
		}},
	}
}

// routedBy is the routing policies that a record has.
func routedBy(d *Draft) []string {
	return slices.DeleteFunc(slices.Clone(routingPolicies), func(path string) bool {
		return !d.Has(path) || d.At(path).Property().IsBool() && !d.Bool(path)
	})
}

// changeRule is a rule of ChangeResourceRecordSets.
func changeRule(name string, broken func(d *Draft) *Refusal) Rule {
	return Rule{Name: name, Stage: AtApply, Code: codeChangeBatch, Broken: broken}
}

// recordRules are what Route 53 refuses of a record.
func recordRules() []Rule { return append(recordTextRules(), recordZoneRules()...) }

// recordTextRules are about a record by itself.
func recordTextRules() []Rule {
	return []Rule{
		{Name: "a hosted zone", Stage: AtApply, Code: "NoSuchHostedZone", Operation: "GetHostedZone", Broken: func(d *Draft) *Refusal {
			id := zoneID(d.Text("zoneId"))
			if hostedZoneID.MatchString(id) && (!strings.HasPrefix(id, sandboxZone) || zoneOf(d) != nil) {
				return nil
			}
			return Refuse("zoneId", "No hosted zone found with ID: %s", id)
		}},
		changeRule("labels of the name", func(d *Draft) *Refusal {
			for _, label := range strings.Split(recordDomain(d), ".") {
				switch {
				case len(label) > longestLabel:
					return Refuse("name", "[FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with '%s']", label)
				case label == "":
					return Refuse("name", "[FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with '%s']", d.Text("name"))
				}
			}
			return nil
		}),
		changeRule("length of the name", func(d *Draft) *Refusal {
			if len(recordDomain(d)) > longestDomain {
				return Refuse("name", "[FATAL problem: DomainNameTooLong (Domain name is too long) encountered with '%s']", d.Text("name"))
			}
			return nil
		}),
		changeRule("time to live", func(d *Draft) *Refusal {
			if ttl := d.At("ttl"); len(d.Each("records[]")) > 0 && (!ttl.Exists() || ttl.Int() < 0 || ttl.Int() > longestTTL) {
				return Refuse("ttl", "[Missing or invalid field 'TTL' in Change with [Action=CREATE, Name=%s., Type=%s, SetIdentifier=%s]]", recordDomain(d), d.Text("type"), orElse(d.Text("setIdentifier"), "null"))
			}
			return nil
		}),
		changeRule("addresses", func(d *Draft) *Refusal {
			for _, value := range d.Each("records[]") {
				if address, err := netip.ParseAddr(value.Text()); d.Text("type") == "A" && (err != nil || !address.Is4()) {
					return Refuse(value.Path(), "[Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '%s'']", value.Text())
				}
			}
			return nil
		}),
	}
}

// recordZoneRules are about a record among the others of its zone.
func recordZoneRules() []Rule {
	return []Rule{
		changeRule("a record once", func(d *Draft) *Refusal {
			for _, other := range d.UsedBy(Record, "fqdn", recordDomain(d)) {
				if !d.Bool("allowOverwrite") && sameZone(d, other) && other.Text("type") == d.Text("type") && other.Text("setIdentifier") == d.Text("setIdentifier") {
					return Refuse("name", "[Tried to create resource record set [name='%s.', type='%s'] but it already exists]", recordDomain(d), d.Text("type"))
				}
			}
			return nil
		}),
		changeRule("a CNAME alone", func(d *Draft) *Refusal {
			for _, other := range d.UsedBy(Record, "fqdn", recordDomain(d)) {
				if sameZone(d, other) && other.Text("type") != d.Text("type") && (other.Text("type") == "CNAME" || d.Text("type") == "CNAME") {
					return Refuse("type", "[RRSet of type %s with DNS name %s. is not permitted as it conflicts with other records with the same DNS name in zone %s.]",
						d.Text("type"), recordDomain(d), zoneName(d))
				}
			}
			return nil
		}),
		changeRule("no CNAME at the apex", func(d *Draft) *Refusal {
			if zone := zoneOf(d); zone != nil && d.Text("type") == "CNAME" && recordDomain(d) == zone.Text("name") {
				return Refuse("type", "[RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s.]", zone.Text("name"), zone.Text("name"))
			}
			return nil
		}),
	}
}

func sameZone(d *Draft, other *Thing) bool {
	return zoneID(other.Text("zoneId")) == zoneID(d.Text("zoneId"))
}

// zoneName is the domain of the record's zone, or the id where it is not known.
func zoneName(d *Draft) string {
	if zone := zoneOf(d); zone != nil {
		return zone.Text("name")
	}
	return zoneID(d.Text("zoneId"))
}

// aliasRules are what Route 53 refuses of an alias.
// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
func aliasRules() []Rule {
	each := func(name string, broken func(d *Draft, target, zone string) string) Rule {
		return changeRule(name, func(d *Draft) *Refusal {
			for _, alias := range d.Each("aliases[]") {
				target, zone := dnsName(alias.At("name").Text()), zoneID(alias.At("zoneId").Text())
				if problem := broken(d, target, zone); problem != "" {
					return Refuse(alias.Path(), "[Tried to create an alias that targets %s., type %s in zone %s, but %s]", target, d.Text("type"), zone, problem)
				}
			}
			return nil
		})
	}
	return []Rule{
		each("zone of the alias", func(d *Draft, target, zone string) string {
			if zoneOfTarget(d, target, zone) {
				return ""
			}
			return "the alias target name does not lie within the target zone"
		}),
		each("target of the alias", func(d *Draft, target, zone string) string {
			if d.Find(HostedZone, zone) == nil {
				return ""
			}
			for _, other := range d.UsedBy(Record, "fqdn", target) {
				if zoneID(other.Text("zoneId")) == zone && other.Text("type") == d.Text("type") {
					return ""
				}
			}
			return "that target was not found"
		}),
	}
}

// zoneOfTarget is true when a name can be in a zone. Of zones that are neither AWS's nor the sandbox's nothing is known.
func zoneOfTarget(d *Draft, target, zone string) bool {
	suffix := "." + d.DNSSuffix()
	if balancer, ours := strings.CutSuffix(target, ".elb"+suffix); ours {
		region := balancer[strings.LastIndexByte(balancer, '.')+1:]
		return !KnownRegion(region) || zone == RegionOf(region).LoadBalancerZone()
	}
	switch {
	case strings.HasSuffix(target, ".awsglobalaccelerator.com"):
		return zone == acceleratorZone
	case strings.HasSuffix(target, ".cloudfront.net"):
		return zone == cloudFrontZone
	}
	if own := d.Find(HostedZone, zone); own != nil {
		return target == own.Text("name") || strings.HasSuffix(target, "."+own.Text("name"))
	}
	return strings.HasPrefix(zone, "Z") && zone != acceleratorZone && zone != cloudFrontZone && !loadBalancerZones()[zone]
}

// loadBalancerZones is the hosted zones of load balancers in all Regions.
func loadBalancerZones() map[string]bool {
	zones := map[string]bool{}
	for _, name := range RegionNames() {
		zones[RegionOf(name).LoadBalancerZone()] = true
	}
	return zones
}
