package recorder

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// certificate is one that nobody has validated yet: the records that would do it are among its outputs.
func certificate(p place) (string, resource.PropertyMap, error) {
	arn := p.arn("acm", "certificate/"+p.uuid())
	names := []string{p.text("domainName")}
	alternatives, _ := p.find("subjectAlternativeNames")
	if alternatives.exists && alternatives.value.IsArray() {
		for _, name := range alternatives.value.ArrayValue() {
			if name.IsString() && !slices.Contains(names, name.StringValue()) {
				names = append(names, name.StringValue())
			}
		}
	}
	var options []resource.PropertyValue
	for _, name := range names {
		domain := strings.TrimPrefix(name, "*.")
		options = append(options, resource.NewProperty(resource.PropertyMap{
			"domainName": resource.NewProperty(name), "resourceRecordType": resource.NewProperty("CNAME"),
			"resourceRecordName":  resource.NewProperty("_" + p.hex("name of "+domain, 32) + "." + domain + "."),
			"resourceRecordValue": resource.NewProperty("_" + p.hex("value of "+domain, 32) + ".acm-validations.aws."),
		}))
	}
	return arn, outputs{
		"arn": arn, "status": "PENDING_VALIDATION", "type": "AMAZON_ISSUED", "renewalEligibility": "INELIGIBLE", "pendingRenewal": false,
		"subjectAlternativeNames": names, "domainValidationOptions": resource.NewProperty(options), "notBefore": "", "notAfter": "",
		"renewalSummaries": resource.NewProperty([]resource.PropertyValue{}), "validationEmails": []string{},
	}.properties(), nil
}

// certificateValidation is what the provider calls by the time at which the certificate was issued.
func certificateValidation(place) (string, resource.PropertyMap, error) {
	return "2026-01-01 00:00:00 +0000 UTC", nil, nil
}

func hostedZone(p place) (string, resource.PropertyMap, error) {
	id := "Z" + strings.ToUpper(p.hex("zone", 20))
	return id, outputs{
		"zoneId": id, "arn": "arn:" + p.partition + ":route53:::hostedzone/" + id, "primaryNameServer": "ns-0.awsdns-00.example",
		"nameServers": []string{"ns-0.awsdns-00.example", "ns-512.awsdns-00.example", "ns-1024.awsdns-00.example", "ns-1536.awsdns-00.example"},
	}.properties(), nil
}

// dnsRecord takes the name for whole: mocks do not know the name of the zone.
func dnsRecord(p place) (string, resource.PropertyMap, error) {
	name := strings.ToLower(strings.TrimSuffix(p.text("name"), "."))
	return p.text("zoneId") + "_" + name + "_" + p.text("type"), outputs{"name": name, "fqdn": name}.properties(), nil
}

func webACL(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return p.uuid(), outputs{
		"arn": p.arn("wafv2", "regional/webacl/"+name+"/"+p.uuid()), "name": name, "capacity": 1, "lockToken": p.hex("lock", 32),
	}.properties(), nil
}

func webACLAssociation(p place) (string, resource.PropertyMap, error) {
	return p.text("webAclArn") + "," + p.text("resourceArn"), nil, nil
}

// acceleratorZone is the hosted zone of every accelerator's name.
// Source: https://docs.aws.amazon.com/general/latest/gr/global_accelerator.html
const acceleratorZone = "Z2BJ6XQ5FK7U4H"

func accelerator(p place) (string, resource.PropertyMap, error) {
	arn, host := p.globalARN("globalaccelerator", "accelerator/"+p.uuid()), "a"+p.hex("dns", 16)
	dualStack := ""
	if p.text("ipAddressType") == "DUAL_STACK" {
		dualStack = host + ".dualstack.awsglobalaccelerator.com"
	}
	return arn, outputs{
		"arn": arn, "name": p.autoName("name"), "dnsName": host + ".awsglobalaccelerator.com", "dualStackDnsName": dualStack,
		"hostedZoneId": acceleratorZone,
		"ipSets": resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
			"ipFamily": resource.NewProperty("IPv4"), "ipAddresses": texts([]string{p.address("198.51.100."), p.address("203.0.113.")}),
		})}),
	}.properties(), nil
}

func acceleratorListener(p place) (string, resource.PropertyMap, error) {
	arn := p.text("acceleratorArn") + "/listener/" + p.hex("listener", 8)
	return arn, outputs{"arn": arn}.properties(), nil
}

// endpointGroup is in the provider's Region unless it says another.
func endpointGroup(p place) (string, resource.PropertyMap, error) {
	region := p.text("endpointGroupRegion")
	if region == "" {
		region = p.region
	}
	arn := p.text("listenerArn") + "/endpoint-group/" + p.hex("group", 12)
	return arn, outputs{"arn": arn, "endpointGroupRegion": region}.properties(), nil
}
