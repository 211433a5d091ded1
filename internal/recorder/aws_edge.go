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
