package components

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// maxCertificateName is how long the name on a certificate may be
// (https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html).
const maxCertificateName = 64

var (
	hostNameSyntax = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	// An id has at most 32 characters (https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html).
	zoneIDSyntax = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)
)

func isHostName(text string) bool { return len(text) <= 253 && hostNameSyntax.MatchString(text) }

func (a ResilientServiceArgs) checkCertificate(c *check.Checker) {
	if a.CertificateARN == "" {
		return
	}
	certificate, err := naming.ParseCertificate(a.CertificateARN)
	if err != nil {
		c.Fail("certificateARN", a.CertificateARN, err.Error(), "give arn:aws:acm:REGION:ACCOUNT:certificate/ID")
		return
	}
	if region := a.Placement.region(); region != "" && certificate.Region != region {
		c.Fail("certificateARN", a.CertificateARN, fmt.Sprintf("is in %s, and the load balancer in %s", certificate.Region, region), "request the certificate in the load balancer's Region")
	}
	if certificate.Account != a.Placement.AccountID {
		c.Fail("certificateARN", a.CertificateARN, fmt.Sprintf("belongs to account %s, and the load balancer to %s", certificate.Account, a.Placement.AccountID), "use a certificate of the load balancer's account")
	}
}

// checkNames holds the host name and the hosted zone against their syntax and against each other.
func (a ResilientServiceArgs) checkNames(c *check.Checker) {
	if a.HostName != "" && !isHostName(a.HostName) {
		c.Fail("hostName", a.HostName, "is not a host name in lower case", "give a name such as tickets.support.example.com")
	}
	if a.DNS == nil {
		return
	}
	a.DNS.check(c.At("dns"))
	switch zone := a.DNS.ZoneName; {
	case a.HostName == "":
		c.Missing("hostName", "a hosted zone does not say which of its names is the service's", "give a name at or below "+zone)
	case !isHostName(a.HostName) || !isHostName(zone):
		// What is malformed has failed already.
	case a.HostName != zone && !strings.HasSuffix(a.HostName, "."+zone):
		c.Fail("hostName", a.HostName, "lies outside the hosted zone "+zone, "give a name at or below "+zone)
	case len(a.HostName) > maxCertificateName && a.CertificateARN == "":
		c.Fail("hostName", a.HostName, fmt.Sprintf("has %d characters, more than the %d that fit a certificate", len(a.HostName), maxCertificateName),
			"shorten it, or give a certificate of your own that covers it")
	}
}

func (d DNSArgs) check(c *check.Checker) {
	const idRemedy = "give what aws route53 list-hosted-zones prints after /hostedzone/"
	if d.ZoneID == "" {
		c.Missing("zoneID", "a name alone can belong to several zones", idRemedy)
	} else if !zoneIDSyntax.MatchString(d.ZoneID) {
		c.Fail("zoneID", d.ZoneID, "is not the id of a hosted zone", idRemedy)
	}
	if d.ZoneName == "" {
		c.Missing("zoneName", "the service's name must lie in the zone", "give the zone's name, such as example.com")
	} else if !isHostName(d.ZoneName) {
		c.Fail("zoneName", d.ZoneName, "is not the name of a hosted zone in lower case", "give a name such as example.com, without a dot at the end")
	}
}
