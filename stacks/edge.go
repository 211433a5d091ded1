package stacks

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// composeEdge adds what stands between clients and a service's load balancer.
func (c *Config) composeEdge(service *ServiceConfig, logs pulumi.StringInput, args *components.ResilientServiceArgs) {
	if c.DNS != nil && service.HostName != "" {
		args.DNS = &components.DNSArgs{ZoneID: c.DNS.ZoneID, ZoneName: c.DNS.Zone}
	}
	if logs != nil {
		args.AccessLogs = &components.AccessLogsArgs{Bucket: logs}
	}
	if waf := service.WAF; waf != nil {
		args.WAF = &components.WAFArgs{
			RuleGroups: waf.RuleGroups, RateLimit: orZero(waf.RateLimit), RateWindowSeconds: orZero(waf.RateWindowSeconds),
			CountOnly: waf.CountOnly, LimitBodies: waf.LimitBodies, FailClosed: waf.FailClosed, MaxCapacity: orZero(waf.MaxCapacity),
		}
	}
	if service.Accelerator != nil {
		args.Accelerator = &components.AcceleratorArgs{Standby: service.Accelerator.Standby}
	}
}

// edgeKeys are the stack's keys for what a component calls otherwise, and what every service shares.
var edgeKeys = map[string]string{"dns.zoneID": "dns.zoneID", "dns.zoneName": "dns.zone", "accessLogs.bucket": "logBucket"}

// checkHTTPS holds a service to what its environment asks of connections. Where the stack has a zone, a name is enough.
func (c *Config) checkHTTPS(service *ServiceConfig, at *check.Checker) {
	plain := c.profile().PlainHTTP
	switch {
	case service.CertificateARN != "" && service.HostName == "":
		at.Missing("hostName", "clients check that the certificate is for the name they call", "add a name that the certificate covers")
	case c.DNS != nil && service.HostName == "" && !plain:
		at.Missing("hostName", "production serves no plain HTTP, and a certificate is for a name", "add a name at or below "+c.DNS.Zone)
	case c.DNS == nil && service.CertificateARN == "" && !plain:
		at.Missing("certificateARN", "production serves no plain HTTP",
			"add the ARN of an ACM certificate in "+c.Region+", or let the stack's dns make one")
	}
}

// checkZone refuses a zone in which no service has a name, and a name that two services would have in it.
func (c *Config) checkZone(all *check.Checker) {
	if c.DNS == nil {
		return
	}
	first := map[string]int{}
	for i, service := range c.Services {
		if service.HostName == "" {
			continue
		}
		if earlier, taken := first[service.HostName]; taken {
			all.Fail(fmt.Sprintf("services[%d].hostName", i), service.HostName, fmt.Sprintf("is the name of services[%d] too", earlier), "give each service its own name")
			continue
		}
		first[service.HostName] = i
	}
	if len(first) == 0 && len(c.Services) > 0 && c.profile().PlainHTTP {
		all.Fail("dns.zone", c.DNS.Zone, "is a zone in which no service has its name", "add hostName to the services that are to have one, or remove dns")
	}
}
