package components

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
)

// dockerBridge is the block that Docker gives its bridge on every host, so that a VPC's addresses in it could not be reached
// from a container host; AWS warns of it too (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html).
var dockerBridge = netip.MustParsePrefix("172.17.0.0/16")

// Check lists everything that is wrong with the arguments of the network called name; nothing when it can be built. It looks
// at plain values only and registers nothing.
func (a *NetworkArgs) Check(name string) []check.Failure {
	c := check.New()
	checkName(c, name, naming.MaxNetworkName)
	if a == nil {
		c.Missing("args", "a network needs arguments", "give account, zones and CIDR block")
		return c.Failures()
	}
	args := a.withDefaults()
	checkAccount(c, args.AccountID)
	checkZones(c, args.Zones)
	checkVPCBlock(c, args.CIDR)
	if limit := oneOf(args.NAT, NATStrategies()); limit != "" {
		c.Fail("nat", string(args.NAT), limit, "choose one, or leave it out for no way out")
	}
	if limit := oneOf(args.FlowLogRetention, LogRetentions()); limit != "" {
		c.Fail("flowLogRetention", int(args.FlowLogRetention), limit, "choose a number of days that CloudWatch Logs offers")
	}
	args.checkEndpoints(c)
	checkTags(c, args.Tags)
	return c.Failures()
}

func (a NetworkArgs) checkEndpoints(c *check.Checker) {
	for index, service := range a.Endpoints {
		path := fmt.Sprintf("endpoints[%d]", index)
		if first := slices.Index(a.Endpoints, service); first != index {
			c.Fail(path, string(service), fmt.Sprintf("is endpoints[%d] too", first), "name each service once")
		} else if limit := oneOf(service, EndpointServices()); limit != "" {
			c.Fail(path, string(service), limit, "choose one; S3 has its gateway endpoint anyway")
		}
	}
	for index, account := range a.RegistryAccounts {
		path := fmt.Sprintf("registryAccounts[%d]", index)
		switch first := slices.Index(a.RegistryAccounts, account); {
		case first != index:
			c.Fail(path, account, fmt.Sprintf("is registryAccounts[%d] too", first), "name each account once")
		case !naming.IsAccountID(account):
			c.Fail(path, account, "is not an AWS account id of 12 digits", "give all 12 digits, in quotes so that leading zeros stay")
		case account == a.AccountID:
			c.Fail(path, account, "is the network's own account, which needs no statement", "remove it")
		}
	}
	if len(a.RegistryAccounts) > maxRegistryAccounts {
		c.Fail("registryAccounts", len(a.RegistryAccounts), fmt.Sprintf("accounts are more than %d", maxRegistryAccounts), "let ECR replicate what is used into one account")
	}
}

// maxRegistryAccounts keeps the registry's endpoint policy below its 20,480 characters, with room for longer Regions' names
// (https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html).
const maxRegistryAccounts = 100

func checkVPCBlock(c *check.Checker, cidr string) {
	const remedy = "choose a private block between /16 and /20, such as 10.20.0.0/16"
	if cidr == "" {
		c.Missing("cidr", "a VPC needs a block of addresses", remedy)
		return
	}
	block, err := zones.ParseVPC(cidr)
	if err != nil {
		c.Fail("cidr", cidr, err.Error(), remedy)
		return
	}
	if block.Overlaps(dockerBridge) {
		c.Fail("cidr", cidr, "overlaps 172.17.0.0/16, which Docker uses on every instance", remedy)
	}
}

// withDefaults is a copy in which every zero value is its default.
func (a NetworkArgs) withDefaults() NetworkArgs {
	a.NAT = orDefault(a.NAT, NATNone)
	if a.Endpoints == nil {
		a.Endpoints = DefaultEndpoints()
	}
	a.FlowLogRetention = orDefault(a.FlowLogRetention, Retain3Months)
	return a
}
