package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
)

// A validation is nothing at AWS: the provider waits until the certificate is issued, 75 minutes long. The sandbox knows at
// once that it would wait in vain. It sees those records only that a program made in it.
// Source: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/acm/certificate_validation.go
var _ = register(&Kind{
	Token:    CertificateValidation,
	Args:     acm.CertificateValidationArgs{},
	Resource: &acm.CertificateValidation{},
	API: API{Service: "ACM", Noun: "ACM Certificate Validation", Create: "DescribeCertificate", Update: "DescribeCertificate",
		Delete: "DescribeCertificate"},
	References: []Reference{{Path: "certificateArn", To: []string{Certificate}, Code: "ResourceNotFoundException", Message: "Could not find certificate %s."}},
	Rules: []Rule{
		{Name: "every record", Stage: AtApply, Code: byProvider, Broken: func(d *Draft) *Refusal {
			certificate := d.Find(Certificate, d.Text("certificateArn"))
			given := d.Each("validationRecordFqdns[]")
			if certificate == nil || len(given) == 0 {
				return nil
			}
			for _, option := range certificate.At("domainValidationOptions").List() {
				name := dnsName(option.At("resourceRecordName").Text())
				if !slices.ContainsFunc(given, func(value Value) bool { return dnsName(value.Text()) == name }) {
					return Refuse("validationRecordFqdns", "missing %s DNS validation record: %s", option.At("domainName").Text(), name)
				}
			}
			return nil
		}},
		{Name: "an issued certificate", Stage: AtApply, Code: byProvider, Broken: func(d *Draft) *Refusal {
			certificate := d.Find(Certificate, d.Text("certificateArn"))
			if certificate == nil || issued(d, certificate.At) {
				return nil
			}
			return Refuse("certificateArn", "waiting for ACM Certificate (%s) to be issued: timeout while waiting for state to become 'ISSUED' (last state: 'PENDING_VALIDATION', timeout: 1h15m0s)", certificate.ID)
		}},
	},
	Replaces: []string{"certificateArn", "validationRecordFqdns"},
	Sets:     []string{"validationRecordFqdns"},
	ID:       func(d *Draft) string { return d.Created().Format("2006-01-02 15:04:05 -0700 MST") },
})
