package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// validationTTL is for how long resolvers may keep the validation record, in seconds. It is looked up when a certificate is
// issued and renewed, and a short life means that a mended record is seen soon.
const validationTTL = 60

// isHTTPS says whether clients use HTTPS: with a certificate of their own or with one from the zone.
func (a ResilientServiceArgs) isHTTPS() bool { return a.CertificateARN != "" || a.DNS != nil }

// buildCertificate builds the certificate of the host name, unless there is one, and waits until ACM has issued it. The validation
// record is the only one of the certificate, which has the one name. When the host name changes, the new certificate comes first,
// the listener takes it, and what the old one consists of goes last.
func (s *ResilientService) buildCertificate(ctx *pulumi.Context) error {
	if s.args.CertificateARN != "" || s.args.DNS == nil {
		s.built.certificateARN = pulumi.String(s.args.CertificateARN)
		return nil
	}
	name := s.name + "-certificate"
	certificate, err := acm.NewCertificate(ctx, name, transformed(&acm.CertificateArgs{
		DomainName: pulumi.String(s.args.HostName), ValidationMethod: pulumi.String("DNS"), Tags: tagsNamed(s.args.Tags, name),
	}, s.args.Transform.Certificate), pulumi.Parent(s))
	if err != nil {
		return err
	}
	proof := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record, err := route53.NewRecord(ctx, name, transformed(&route53.RecordArgs{
		ZoneId: pulumi.String(s.args.DNS.ZoneID),
		Name:   proof.ResourceRecordName().Elem(), Type: proof.ResourceRecordType().Elem(),
		Records: pulumi.StringArray{proof.ResourceRecordValue().Elem()},
		Ttl:     pulumi.Int(validationTTL),
		// ACM asks for the same record for every certificate of a name in an account, and one may be left over.
		AllowOverwrite: pulumi.Bool(true),
	}, s.args.Transform.ValidationRecord), pulumi.Parent(s))
	if err != nil {
		return err
	}
	validation, err := acm.NewCertificateValidation(ctx, name, &acm.CertificateValidationArgs{
		CertificateArn: certificate.Arn, ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
	}, pulumi.Parent(s))
	if err != nil {
		return err
	}
	s.built.certificateARN = validation.CertificateArn
	return nil
}
