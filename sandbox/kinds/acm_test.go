package kinds_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func certificate(changes In) Draft {
	return plain(changed(In{"domainName": "app.example.com", "validationMethod": "DNS"}, changes))
}

func manyNames(number int) []any {
	var names []any
	for index := range number {
		names = append(names, fmt.Sprintf("app%d.example.com", index))
	}
	return names
}

// longName is a domain of a length of 10 to 127 characters.
func longName(length int) string {
	const end = ".example"
	rest := length - len(end)
	if rest > 63 {
		return strings.Repeat("a", rest-64) + "." + strings.Repeat("b", 63) + end
	}
	return strings.Repeat("a", rest) + end
}

var _ = suite(kinds.Certificate, Suite{
	Valid: map[string]Draft{
		"plain": certificate(nil), "wildcard": certificate(In{"domainName": "*.example.com", "subjectAlternativeNames": []any{"example.com"}}),
		"elliptic": certificate(In{"keyAlgorithm": "EC_prime256v1"}), "unlogged": certificate(In{"options": In{"certificateTransparencyLoggingPreference": "DISABLED"}}),
		"ten names": certificate(In{"subjectAlternativeNames": manyNames(9)}), "the longest common name": certificate(In{"domainName": longName(64)}),
		"a long alternative name": certificate(In{"subjectAlternativeNames": []any{longName(100)}}),
	},
	Refusals: []Refusal{
		{Rule: "only what the sandbox has", Draft: certificate(In{"earlyRenewalDuration": "P90D"}), Says: "no private certificate authorities"},
		{Rule: "exactly one of domainName, privateKey", Draft: certificate(In{"domainName": nil}), Says: "none is set"},
		{Rule: "end of domainName", Draft: func(lab *Lab) In {
			return certificate(In{"domainName": "app.example.com."})(lab)
		}, Says: "domainName (cannot end with a period)"},
		{Rule: "end of subjectAlternativeNames[]", Draft: certificate(In{"subjectAlternativeNames": []any{"www.example.com."}}), Says: "subjectAlternativeNames[0] (cannot end with a period)"},
		{Rule: "length of subjectAlternativeNames[]", Draft: certificate(In{"subjectAlternativeNames": []any{""}}), Says: "(1 - 253)"},
		{Rule: "values of keyAlgorithm", Draft: certificate(In{"keyAlgorithm": "RSA"}), Says: "got RSA"},
		{Rule: "values of options.certificateTransparencyLoggingPreference", Draft: certificate(In{"options": In{"certificateTransparencyLoggingPreference": "on"}}), Says: "got on"},
		{Rule: "values of validationMethod", Draft: certificate(In{"validationMethod": "dns"}), Says: "got dns"},
		{Rule: "validation by DNS", Draft: certificate(In{"validationMethod": "EMAIL"}), Says: "the sandbox validates by DNS only"},
		{Rule: "a validation method", Draft: certificate(In{"validationMethod": nil}), Says: "creating ACM Certificate: `certificate_authority_arn` or `validation_method` must be set"},
		{Rule: "pattern of domainName", Draft: certificate(In{"domainName": "app"}), Says: "RequestCertificate, api error ValidationException: 1 validation error detected: Value of the input at 'domainName'"},
		{Rule: "pattern of domainName", Draft: certificate(In{"domainName": "app.*.example.com"}), Says: "ValidationException"},
		{Rule: "pattern of domainName", Draft: certificate(In{"domainName": "-app.example.com"}), Says: "ValidationException"},
		{Rule: "pattern of subjectAlternativeNames[]", Draft: certificate(In{"subjectAlternativeNames": []any{"www_1.example.com"}}), Says: "at 'subjectAlternativeNames'"},
		{Rule: "length of the common name", Draft: certificate(In{"domainName": longName(65)}), Says: "cannot exceed 64 characters"},
		{Rule: "keys that ACM makes", Draft: certificate(In{"keyAlgorithm": "RSA_4096"}), Says: "InvalidParameterException: Algorithm RSA_4096 is supported for imported certificates only"},
		{Rule: "number of names", Draft: certificate(In{"subjectAlternativeNames": manyNames(10)}), Says: "LimitExceededException: The certificate has 11 domain names"},
		{Rule: "in use", Draft: certificate(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.Listener, "arn:listener", In{"certificateArn": made.ID})
		}, Says: "DeleteCertificate, api error ResourceInUseException: Certificate arn:aws:acm:eu-central-1:123456789012:certificate/"},
	},
	Replaces: []Change{
		{Path: "domainName", Before: certificate(nil), After: certificate(In{"domainName": "www.example.com"})},
		{Path: "keyAlgorithm", Before: certificate(In{"keyAlgorithm": "RSA_2048"}), After: certificate(In{"keyAlgorithm": "EC_secp384r1"})},
		{Path: "subjectAlternativeNames", Before: certificate(nil), After: certificate(In{"subjectAlternativeNames": []any{"www.example.com"}})},
	},
	Updates: []Change{
		{Path: "options.certificateTransparencyLoggingPreference", Before: certificate(In{"options": In{"certificateTransparencyLoggingPreference": "ENABLED"}}),
			After: certificate(In{"options": In{"certificateTransparencyLoggingPreference": "DISABLED"}})},
		{Path: "tags.owner", Before: certificate(nil), After: certificate(In{"tags": In{"owner": "ops"}})},
	},
})

// prove puts the records that prove a certificate's names into a zone, all but some of the last.
func prove(lab *Lab, certificate *kinds.Thing, without int) []any {
	var names []any
	options := certificate.At("domainValidationOptions").List()
	for _, option := range options[:len(options)-without] {
		name := option.At("resourceRecordName").Text()
		lab.Put(kinds.Record, "Z1_"+name, In{"zoneId": "Z1", "type": "CNAME", "fqdn": strings.TrimSuffix(name, "."), "records": []any{option.At("resourceRecordValue").Text()}})
		names = append(names, strings.TrimSuffix(name, "."))
	}
	return names
}

// validation is one of a certificate with two names, some of whose records are missing.
func validation(missing int, changes In) Draft {
	return func(lab *Lab) In {
		certificate := lab.Make(kinds.Certificate, certificate(In{"subjectAlternativeNames": []any{"www.example.com"}})(lab))
		names := prove(lab, certificate, missing)
		return changed(In{"certificateArn": certificate.ID, "validationRecordFqdns": names}, changes)
	}
}

var _ = suite(kinds.CertificateValidation, Suite{
	Valid: map[string]Draft{"of records": validation(0, nil), "without names of records": validation(0, In{"validationRecordFqdns": nil})},
	Refusals: []Refusal{
		{Rule: "reference certificateArn", Draft: plain(In{"certificateArn": certificateARN}), Says: "DescribeCertificate, api error ResourceNotFoundException: Could not find certificate " + certificateARN},
		{Rule: "every record", Draft: func(lab *Lab) In {
			in := validation(0, nil)(lab)
			in["validationRecordFqdns"] = in["validationRecordFqdns"].([]any)[:1]
			return in
		}, Says: "creating ACM Certificate Validation: missing www.example.com DNS validation record: _"},
		{Rule: "an issued certificate", Draft: validation(1, In{"validationRecordFqdns": nil}), Says: "to be issued: timeout while waiting for state to become 'ISSUED' (last state: 'PENDING_VALIDATION', timeout: 1h15m0s)"},
		{Rule: "an issued certificate", Draft: func(lab *Lab) In {
			in := validation(1, In{"validationRecordFqdns": nil})(lab)
			for _, option := range lab.world.All(lab.place, kinds.Certificate)[0].At("domainValidationOptions").List() {
				lab.Put(kinds.Record, "Z2_"+option.At("domainName").Text(), In{"type": "CNAME", "fqdn": strings.TrimSuffix(option.At("resourceRecordName").Text(), "."), "records": []any{"elsewhere."}})
			}
			return in
		}, Says: "timeout while waiting for state to become 'ISSUED'"},
	},
	Replaces: []Change{{Path: "validationRecordFqdns", Before: validation(0, In{"validationRecordFqdns": nil}), After: validation(0, nil)}},
})

func TestACertificateIsIssuedWhenEveryNameIsProved(t *testing.T) {
	kind, _ := kinds.Of(kinds.Certificate)
	lab := newLab(t)
	pending, err := lab.create(kind, "web", In{"domainName": "*.example.com", "subjectAlternativeNames": []any{"example.com", "www.example.org"}, "validationMethod": "DNS"})
	require.NoError(t, err)
	require.Equal(t, "PENDING_VALIDATION", pending.Text("status"))
	require.Equal(t, []string{"*.example.com", "example.com", "www.example.org"}, pending.At("subjectAlternativeNames").Texts())
	options := pending.At("domainValidationOptions").List()
	require.Len(t, options, 3)
	require.Regexp(t, `^_[0-9a-f]{32}\.example\.com\.$`, options[0].At("resourceRecordName").Text())
	require.Equal(t, options[0].At("resourceRecordName").Text(), options[1].At("resourceRecordName").Text(), "a wildcard and its domain share one record")
	require.Regexp(t, `^_[0-9a-f]{32}\.[0-9a-f]{10}\.acm-validations\.aws\.$`, options[2].At("resourceRecordValue").Text())
	require.Regexp(t, `^arn:aws:acm:eu-central-1:123456789012:certificate/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$`, pending.ID)
	prove(lab, pending, 0)
	updated, err := kind.Update(lab.subject(kind, "web"), lab.world, pending.Inputs, pending)
	require.NoError(t, err)
	require.Equal(t, "ISSUED", updated.Text("status"))
}

func TestEveryCertificateOfAnAccountForANameAsksForTheSameRecord(t *testing.T) {
	record := func(lab *Lab) string {
		return lab.Make(kinds.Certificate, certificate(nil)(lab)).Text("domainValidationOptions[0].resourceRecordName")
	}
	lab := newLab(t)
	first := record(lab)
	require.Equal(t, first, record(lab))
	require.Equal(t, first, record(lab.In("us-east-1")))
	require.NotEqual(t, first, record(lab.Account("210987654321")))
}
