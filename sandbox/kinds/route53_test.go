package kinds_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func hostedZone(changes In) Draft { return plain(changed(In{"name": "example.com"}, changes)) }

var _ = suite(kinds.HostedZone, Suite{
	Valid: map[string]Draft{"plain": hostedZone(nil), "with a period": hostedZone(In{"name": "Example.com."}), "with records that may go": hostedZone(In{"forceDestroy": true})},
	Refusals: []Refusal{
		{Rule: "only what the sandbox has", Draft: hostedZone(In{"vpcs": []any{In{"vpcId": "vpc-1"}}}), Says: "no private hosted zones"},
		{Rule: "length of comment", Draft: hostedZone(In{"comment": strings.Repeat("c", 257)}), Says: "(0 - 256)"},
		{Rule: "a domain", Draft: hostedZone(In{"name": "exa mple.com"}), Says: "CreateHostedZone, api error InvalidDomainName"},
		{Rule: "a domain", Draft: hostedZone(In{"name": "example..com"}), Says: "InvalidDomainName"},
		{Rule: "records in it", Draft: hostedZone(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.Record, "r", In{"zoneId": made.ID})
		}, Says: "DeleteHostedZone, api error HostedZoneNotEmpty: The specified hosted zone contains non-required resource record sets"},
	},
	Replaces: []Change{{Path: "name", Before: hostedZone(nil), After: hostedZone(In{"name": "example.org"})}},
	Updates:  []Change{{Path: "comment", Before: hostedZone(nil), After: hostedZone(In{"comment": "ours"})}},
})

const outsideZone = "Z0123456789ABCDEFGHIJ"

func record(changes In) Draft {
	return plain(changed(In{"zoneId": outsideZone, "name": "app.example.com", "type": "A", "ttl": 60, "records": []any{"192.0.2.1"}}, changes))
}

// inZone is a record in a zone of the sandbox, beside others.
func inZone(changes In, others ...In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.HostedZone, "Z0SANDBOX0", In{"name": "example.com"})
		for _, other := range others {
			lab.Put(kinds.Record, "other", changed(In{"zoneId": "Z0SANDBOX0"}, other))
		}
		return changed(record(changes)(lab), In{"zoneId": "Z0SANDBOX0"})
	}
}

func aliasOf(name, zone string) In {
	return In{"ttl": nil, "records": nil, "aliases": []any{In{"name": name, "zoneId": zone, "evaluateTargetHealth": true}}}
}

const (
	balancerName = "web-123.eu-central-1.elb.amazonaws.com"
	balancerZone = "Z215JYRZR1TBD5"
)

var _ = suite(kinds.Record, Suite{
	Valid: map[string]Draft{
		"plain": record(nil), "in a zone": inZone(nil), "relative": inZone(In{"name": "app"}), "at the apex": inZone(In{"name": "example.com"}),
		"path of a zone": record(In{"zoneId": "/hostedzone/" + outsideZone}), "alias": record(aliasOf(balancerName, balancerZone)),
		"alias in capitals": record(aliasOf("Web-123.eu-central-1.elb.amazonaws.com.", balancerZone)),
		"accelerator":       record(aliasOf("a1234567890abcdef.awsglobalaccelerator.com", "Z2BJ6XQ5FK7U4H")),
		"distribution":      record(aliasOf("d111111abcdef8.cloudfront.net", "Z2FDTNDATAQYW2")),
		"alias within":      inZone(aliasOf("www.example.com", "Z0SANDBOX0"), In{"fqdn": "www.example.com", "type": "A"}),
		"alias elsewhere":   record(aliasOf("www.example.org", "Z09876543210ABCDEFGHI")),
		"weighted":          record(In{"setIdentifier": "a", "weightedRoutingPolicies": []any{In{"weight": 10}}}),
		"the other weight": inZone(In{"setIdentifier": "b", "weightedRoutingPolicies": []any{In{"weight": 10}}},
			In{"fqdn": "app.example.com", "type": "A", "setIdentifier": "a"}),
		"not multivalue": record(In{"multivalueAnswerRoutingPolicy": false}),
		"overwriting": func(lab *Lab) In {
			lab.Put(kinds.Record, outsideZone+"_app.example.com_A", In{"zoneId": outsideZone, "fqdn": "app.example.com", "type": "A"})
			return record(In{"allowOverwrite": true})(lab)
		},
		"another type":     inZone(nil, In{"fqdn": "app.example.com", "type": "AAAA"}),
		"the longest name": record(In{"name": strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("b", 63)}),
	},
	Refusals: []Refusal{
		{Rule: "only what the sandbox has", Draft: record(In{"healthCheckId": "abc"}), Says: "no health checks"},
		{Rule: "values of type", Draft: record(In{"type": "a"}), Says: "got a"},
		{Rule: "exactly one of aliases, records", Draft: record(In{"records": nil, "ttl": nil}), Says: "none is set"},
		{Rule: "aliases conflicts with ttl", Draft: record(changed(aliasOf(balancerName, balancerZone), In{"ttl": 60})), Says: "conflicts with ttl"},
		{Rule: "length of aliases[].name", Draft: record(aliasOf(strings.Repeat("a", 1025), outsideZone)), Says: "(1 - 1024)"},
		{Rule: "length of aliases[].zoneId", Draft: record(aliasOf("www.example.org", strings.Repeat("Z", 33))), Says: "(1 - 32)"},
		{Rule: "values of failoverRoutingPolicies[].type", Draft: record(In{"setIdentifier": "a", "failoverRoutingPolicies": []any{In{"type": "primary"}}}), Says: "got primary"},
		{Rule: "values of latencyRoutingPolicies[].region", Draft: record(In{"setIdentifier": "a", "latencyRoutingPolicies": []any{In{"region": "eu"}}}), Says: "got eu"},
		{Rule: "one routing policy", Draft: record(In{"setIdentifier": "a", "multivalueAnswerRoutingPolicy": true, "weightedRoutingPolicies": []any{In{"weight": 1}}}), Says: `"multivalueAnswerRoutingPolicy": conflicts with weightedRoutingPolicies`},
		{Rule: "a set identifier", Draft: record(In{"weightedRoutingPolicies": []any{In{"weight": 1}}}), Says: "all of `setIdentifier,weightedRoutingPolicies` must be specified"},
		{Rule: "one alias", Draft: record(In{"ttl": nil, "records": nil, "aliases": []any{
			In{"name": balancerName, "zoneId": balancerZone, "evaluateTargetHealth": true}, In{"name": balancerName, "zoneId": balancerZone, "evaluateTargetHealth": true}}}), Says: "Too many alias blocks"},
		{Rule: "a hosted zone", Draft: record(In{"zoneId": "example.com"}), Says: "GetHostedZone, api error NoSuchHostedZone: No hosted zone found with ID: example.com"},
		{Rule: "a hosted zone", Draft: record(In{"zoneId": "Z0SANDBOXGONE"}), Says: "No hosted zone found with ID: Z0SANDBOXGONE"},
		{Rule: "labels of the name", Draft: record(In{"name": strings.Repeat("a", 64) + ".example.com"}), Says: "ChangeResourceRecordSets, api error InvalidChangeBatch: [FATAL problem: DomainLabelTooLong"},
		{Rule: "labels of the name", Draft: record(In{"name": "app..example.com"}), Says: "DomainLabelEmpty"},
		{Rule: "length of the name", Draft: record(In{"name": strings.Repeat(strings.Repeat("a", 63)+".", 4) + "b"}), Says: "DomainNameTooLong"},
		{Rule: "time to live", Draft: record(In{"ttl": nil}), Says: "invalid field 'TTL' in Change with [Action=CREATE, Name=app.example.com., Type=A, SetIdentifier=null]"},
		{Rule: "time to live", Draft: record(In{"ttl": 2147483648}), Says: "invalid field 'TTL'"},
		{Rule: "addresses", Draft: record(In{"records": []any{"app.example.org"}}), Says: "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'app.example.org'"},
		{Rule: "addresses", Draft: record(In{"records": []any{"2001:db8::1"}}), Says: "ARRDATAIllegalIPv4Address"},
		{Rule: "a record once", Draft: inZone(nil, In{"fqdn": "app.example.com", "type": "A"}), Says: "[Tried to create resource record set [name='app.example.com.', type='A'] but it already exists]"},
		{Rule: "a CNAME alone", Draft: inZone(In{"type": "CNAME", "records": []any{"www.example.org"}}, In{"fqdn": "app.example.com", "type": "A"}), Says: "RRSet of type CNAME with DNS name app.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com."},
		{Rule: "a CNAME alone", Draft: inZone(nil, In{"fqdn": "app.example.com", "type": "CNAME"}), Says: "RRSet of type A with DNS name app.example.com."},
		{Rule: "no CNAME at the apex", Draft: inZone(In{"name": "example.com", "type": "CNAME", "records": []any{"www.example.org"}}), Says: "RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com."},
		{Rule: "zone of the alias", Draft: record(aliasOf(balancerName, "Z32O12XQLNTSW2")), Says: "Tried to create an alias that targets web-123.eu-central-1.elb.amazonaws.com., type A in zone Z32O12XQLNTSW2, but the alias target name does not lie within the target zone"},
		{Rule: "zone of the alias", Draft: record(aliasOf("a1.awsglobalaccelerator.com", balancerZone)), Says: "does not lie within the target zone"},
		{Rule: "zone of the alias", Draft: record(aliasOf("d1.cloudfront.net", "Z2BJ6XQ5FK7U4H")), Says: "does not lie within the target zone"},
		{Rule: "zone of the alias", Draft: record(aliasOf("www.example.org", balancerZone)), Says: "does not lie within the target zone"},
		{Rule: "zone of the alias", Draft: record(aliasOf("www.example.org", "example.org")), Says: "type A in zone example.org"},
		{Rule: "zone of the alias", Draft: inZone(aliasOf("www.example.org", "Z0SANDBOX0"), In{"fqdn": "www.example.org", "type": "A"}), Says: "does not lie within the target zone"},
		{Rule: "target of the alias", Draft: inZone(aliasOf("www.example.com", "Z0SANDBOX0"), In{"fqdn": "www.example.com", "type": "AAAA"}), Says: "type A in zone Z0SANDBOX0, but that target was not found"},
	},
	Replaces: []Change{
		{Path: "name", Before: record(nil), After: record(In{"name": "www.example.com"})},
		{Path: "zoneId", Before: record(nil), After: record(In{"zoneId": "Z1"})},
	},
	Updates: []Change{
		{Path: "records[0]", Before: record(nil), After: record(In{"records": []any{"192.0.2.2"}})},
		{Path: "ttl", Before: record(nil), After: record(In{"ttl": 300})},
	},
})

func TestARecordIsNamedAsTheProviderNamesIt(t *testing.T) {
	require.Equal(t, outsideZone+"_app.example.com_A", made(t, kinds.Record, record(In{"name": "App.example.com."})).ID)
	require.Equal(t, outsideZone+"_app.example.com_A_a", made(t, kinds.Record, record(In{"setIdentifier": "a", "multivalueAnswerRoutingPolicy": true})).ID)
	for name, domain := range map[string]string{"app": "app.example.com", "App.Example.com.": "app.example.com", "example.com": "example.com",
		"notexample.com": "notexample.com.example.com"} {
		require.Equal(t, domain, made(t, kinds.Record, inZone(In{"name": name})).Text("fqdn"), name)
	}
	require.Equal(t, "app", made(t, kinds.Record, record(In{"name": "app"})).Text("fqdn"), "of an outside zone nothing is known")
}
