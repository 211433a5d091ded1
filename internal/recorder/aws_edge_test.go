package recorder_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/internal/recorder"
)

func TestACertificateAsksForARecordAName(t *testing.T) {
	rec := recorder.Run(t, inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		made, err := acm.NewCertificate(ctx, "web", &acm.CertificateArgs{DomainName: pulumi.String("*.example.com"), ValidationMethod: pulumi.String("DNS"),
			SubjectAlternativeNames: pulumi.ToStringArray([]string{"example.com", "www.example.org"})}, parent)
		if err != nil {
			return err
		}
		for index, name := range []string{"wildcard", "domain", "other"} {
			ctx.Export(name, made.DomainValidationOptions.Index(pulumi.Int(index)).ResourceRecordName().Elem())
		}
		ctx.Export("value", made.DomainValidationOptions.Index(pulumi.Int(2)).ResourceRecordValue().Elem())
		return nil
	}))
	require.Regexp(t, `^_[0-9a-f]{32}\.example\.com\.$`, rec.Output(t, "wildcard"))
	require.Equal(t, rec.Output(t, "wildcard"), rec.Output(t, "domain"), "a wildcard and its domain share one record")
	require.Regexp(t, `^_[0-9a-f]{32}\.www\.example\.org\.$`, rec.Output(t, "other"))
	require.Regexp(t, `^_[0-9a-f]{32}\.acm-validations\.aws\.$`, rec.Output(t, "value"))
}
