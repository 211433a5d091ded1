package kinds

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	// mostDomains is how many names one certificate has unless the account's quota was raised.
	// Source: https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
	mostDomains = 10
	// longestCommonName is in characters.
	// Source: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html, DomainName.
	longestCommonName = 64
)

// requestedKeys are the keys with which ACM itself issues certificates; importedKeys come with certificates from outside only.
// Source: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html, KeyAlgorithm.
var (
	requestedKeys = []string{"RSA_2048", "EC_prime256v1", "EC_secp384r1"}
	importedKeys  = []string{"RSA_1024", "RSA_3072", "RSA_4096", "EC_secp521r1"}
)

// certificateDomain is the pattern of DomainName in the API, but for its length.
var certificateDomain = regexp.MustCompile(`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`)

// sandboxCertificate matches the certificates that the sandbox makes: their UUIDs are of version 8, which is for whatever its
// maker likes (https://www.rfc-editor.org/rfc/rfc9562#section-5.8). AWS's are random, of version 4.
var sandboxCertificate = regexp.MustCompile(`^certificate/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$`)

// Source: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html and API_DeleteCertificate.html
// beside it.
var _ = register(&Kind{
	Token:    Certificate,
	Args:     acm.CertificateArgs{},
	Resource: &acm.Certificate{},
	API:      API{Service: "ACM", Noun: "ACM Certificate", Create: "RequestCertificate", Update: "UpdateCertificateOptions", Delete: "DeleteCertificate"},
	Defaults: []Default{{Path: "options.certificateTransparencyLoggingPreference", Value: Text("ENABLED")}},
	Rules:    append(certificateShape(), certificateRules()...),
	DeleteRules: []DeleteRule{
		{Name: "in use", Code: "ResourceInUseException", Blocked: func(d *Draft) string {
			if len(d.UsedBy(Listener, "certificateArn", d.ID())) == 0 {
				return ""
			}
			return fmt.Sprintf("Certificate %s in account %s is in use.", d.ID(), d.Account)
		}},
	},
	Replaces: []string{"domainName", "subjectAlternativeNames", "keyAlgorithm", "validationMethod", "validationOptions", "certificateAuthorityArn"},
	Sets:     []string{"subjectAlternativeNames", "validationOptions"},
	ID:       func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("acm", "certificate/"+ownUUID(d))) }},
		// ACM puts the domain name among the alternative ones.
		{Name: "subjectAlternativeNames", Always: true, Value: func(d *Draft) resource.PropertyValue { return Texts(certificateNames(d)...) }},
		{Name: "domainValidationOptions", Value: validationRecords},
		{Name: "status", Value: func(d *Draft) resource.PropertyValue {
			if issued(d, d.Output) {
				return Text("ISSUED")
			}
			return Text("PENDING_VALIDATION")
		}},
		fixed("keyAlgorithm", Text("RSA_2048")), fixed("options", Object(resource.PropertyMap{"certificateTransparencyLoggingPreference": Text("ENABLED")})),
		fixed("type", Text("AMAZON_ISSUED")), fixed("pendingRenewal", Flag(false)), fixed("renewalEligibility", Text("INELIGIBLE")),
		fixed("renewalSummaries", List()), fixed("validationEmails", List()), fixed("notBefore", Text("")), fixed("notAfter", Text("")),
	},
})

// ownUUID is a UUID of version 8.
func ownUUID(d *Draft) string {
	digits := []byte(d.Hex("certificate", 32))
	digits[12], digits[16] = '8', '8'
	h := string(digits)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// certificateNames is the domain name and the alternative ones, each once.
func certificateNames(d *Draft) []string {
	names := []string{d.Text("domainName")}
	for _, name := range d.Each("subjectAlternativeNames[]") {
		if !slices.Contains(names, name.Text()) {
			names = append(names, name.Text())
		}
	}
	return names
}

// validationRecords is the record that proves each name. A wildcard and its domain share one, and every certificate of an
// account for a name asks for the same.
// Source: https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
func validationRecords(d *Draft) resource.PropertyValue {
	var options []resource.PropertyValue
	for _, name := range certificateNames(d) {
		domain := strings.ToLower(strings.TrimPrefix(name, "*."))
		options = append(options, Object(resource.PropertyMap{
			"domainName": Text(name), "resourceRecordType": Text("CNAME"),
			"resourceRecordName": Text("_" + madeUp(32, d.Account, domain, "name") + "." + domain + "."),
			"resourceRecordValue": Text("_" + madeUp(32, d.Account, domain, "value") + "." + madeUp(10, d.Account, domain, "set") +
				".acm-validations.aws."),
		}))
	}
	return List(options...)
}

// issued is true of a certificate when every record that proves its names is in a hosted zone of the account. at reads its
// outputs.
func issued(d *Draft, at func(path string) Value) bool {
	options := at("domainValidationOptions").List()
	return len(options) > 0 && !slices.ContainsFunc(options, func(option Value) bool { return !proved(d, option) })
}

func proved(d *Draft, option Value) bool {
	name, value := dnsName(option.At("resourceRecordName").Text()), dnsName(option.At("resourceRecordValue").Text())
	return slices.ContainsFunc(d.UsedBy(Record, "fqdn", name), func(record *Thing) bool {
		return record.Text("type") == option.At("resourceRecordType").Text() &&
			slices.ContainsFunc(record.At("records").Texts(), func(text string) bool { return dnsName(text) == value })
	})
}

// certificateShape is what the provider refuses at plan time, and what the sandbox lacks.
func certificateShape() []Rule {
	noPeriod := func(path string) Rule {
		return Rule{Name: "end of " + path, Broken: func(d *Draft) *Refusal {
			for _, value := range d.Each(path) {
				if strings.HasSuffix(value.Text(), ".") {
					return Refuse(value.Path(), "invalid value for %s (cannot end with a period)", value.Path())
				}
			}
			return nil
		}}
	}
	return []Rule{
		lacking("private certificate authorities and no certificates from outside", "certificateAuthorityArn", "earlyRenewalDuration",
			"certificateBody", "certificateChain", "privateKey"),
		ExactlyOne("domainName", "privateKey"), noPeriod("domainName"), noPeriod("subjectAlternativeNames[]"), LengthIn("subjectAlternativeNames[]", 1, 253),
		OneOf("keyAlgorithm", slices.Concat(requestedKeys, importedKeys)...),
		OneOf("options.certificateTransparencyLoggingPreference", "ENABLED", "DISABLED"),
		{Name: "validation by DNS", Broken: func(d *Draft) *Refusal {
			if method := d.Text("validationMethod"); method == "EMAIL" || method == "HTTP" {
				return Refuse("validationMethod", "validationMethod %s: the sandbox validates by DNS only", method)
			}
			return nil
		}},
		OneOf("validationMethod", "DNS", "EMAIL", "HTTP"),
	}
}

// certificateRules are what the provider refuses when it comes to it, and what ACM refuses.
func certificateRules() []Rule {
	pattern := func(path, named string) Rule {
		return Rule{Name: "pattern of " + path, Stage: AtApply, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			for _, value := range d.Each(path) {
				if name := strings.TrimSuffix(value.Text(), "."); name != "" && (len(name) > 253 || !certificateDomain.MatchString(name)) {
					return Refuse(value.Path(), `1 validation error detected: Value of the input at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: (\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])`, named)
				}
			}
			return nil
		}}
	}
	return []Rule{
		{Name: "a validation method", Stage: AtApply, Code: byProvider, When: OnCreate, Broken: func(d *Draft) *Refusal {
			if d.Has("validationMethod") {
				return nil
			}
			return Refuse("validationMethod", "`certificate_authority_arn` or `validation_method` must be set when creating an ACM certificate")
		}},
		pattern("domainName", "domainName"), pattern("subjectAlternativeNames[]", "subjectAlternativeNames"),
		// The API reference has the limit, but no code of its own for it.
		{Name: "length of the common name", Stage: AtApply, Code: "InvalidParameterException", Broken: func(d *Draft) *Refusal {
			if len(d.Text("domainName")) <= longestCommonName {
				return nil
			}
			return Refuse("domainName", "The length of the domain name cannot exceed %d characters, including periods. Specify it as a subject alternative name of a shorter one.", longestCommonName)
		}},
		{Name: "keys that ACM makes", Stage: AtApply, Code: "InvalidParameterException", Broken: func(d *Draft) *Refusal {
			if algorithm := d.Text("keyAlgorithm"); slices.Contains(importedKeys, algorithm) {
				return Refuse("keyAlgorithm", "Algorithm %s is supported for imported certificates only; requested ones have %s", algorithm, strings.Join(requestedKeys, ", "))
			}
			return nil
		}},
		{Name: "number of names", Stage: AtApply, Code: "LimitExceededException", Broken: func(d *Draft) *Refusal {
			if names := certificateNames(d); len(names) > mostDomains {
				return Refuse("subjectAlternativeNames", "The certificate has %d domain names, more than the account's quota of %d", len(names), mostDomains)
			}
			return nil
		}},
	}
}
