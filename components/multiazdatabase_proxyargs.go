package components

import (
	"fmt"
	"slices"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// DatabaseProxyArgs describes the RDS Proxy of a MultiAZDatabase. The zero value of an optional field means its default.
//
// RDS Proxy has no capacity in the zones use1-az3 and usw1-az2
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations). Those are ids of zones; which name such
// as us-east-1a an id has differs from account to account, so it cannot be checked here: AWS refuses the subnet. See aws ec2
// describe-availability-zones before you put a proxy into us-east-1 or us-west-1.
type DatabaseProxyArgs struct {
	// Users are the database users whose services connect through the proxy, one secret each: 1 to 200. A user who is not named here connects to
	// the database itself. Name only users that are granted: the proxy cannot log in as another. A user who is taken off the list, or put on it,
	// cannot connect until its association has run and its service was deployed with the other Connection.
	Users []string `pulumi:"users"`
	// BorrowTimeoutSeconds is for how long the proxy keeps a client waiting for a connection to the database, which is also how it holds on to
	// clients during a failover: by default 10 s more than the documented failover of the topology, 70 s for Aurora and 45 s for MultiAZCluster.
	// It is more than the failover, and at most 81 s: 90 s less what finding the proxy takes. AWS's own default, 120 s, keeps clients waiting for
	// longer than they should notice anything (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connections.html).
	BorrowTimeoutSeconds int `pulumi:"borrowTimeoutSeconds,optional"`
	// IdleClientSeconds is after how long without a statement a client is disconnected: 1800 by default, as with AWS; 1 to 28800
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connections.html). A pool of the application closes its connections sooner.
	IdleClientSeconds int `pulumi:"idleClientSeconds,optional"`
}

const (
	// healObjective is within how many seconds a database that a proxy stands before has to serve again.
	healObjective = 90
	// borrowMargin is what a proxy waits beyond the failover: it looks for the new writer by itself, and AWS gives no figure for that.
	borrowMargin       = 10
	defaultIdleClient  = 1800
	maxIdleClient      = 28800
	maxProxySecrets    = 200 // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations
	proxyEndpointZones = threeZones
)

// maxBorrow is the longest that a client may wait in the proxy, after it has tried every address of the proxy's endpoint, of which those in a lost
// zone do not answer.
const maxBorrow = healObjective - proxyEndpointZones*connectSeconds

// ThroughProxy are the figures with a proxy: its clients need no DNS to find the new writer, but those that connect anew may first try an
// address of the proxy in a lost zone. They are zero for a topology that no proxy can stand before.
func (t DatabaseTopology) ThroughProxy() FailoverTimes {
	times := t.FailoverTimes()
	if times.FailoverSeconds == 0 || times.FailoverSeconds >= maxBorrow {
		return FailoverTimes{}
	}
	times.NameSeconds, times.Addresses = 0, proxyEndpointZones
	return times
}

// checkProxy tells what a proxy cannot do.
func (a MultiAZDatabaseArgs) checkProxy(c *check.Checker) {
	if a.Proxy == nil {
		return
	}
	c = c.At("proxy")
	a.Proxy.checkProxyUsers(c)
	checkRange(c, "idleClientSeconds", a.Proxy.IdleClientSeconds, 1, maxIdleClient, "seconds")
	failover, borrow := a.Topology.FailoverTimes().FailoverSeconds, a.Proxy.BorrowTimeoutSeconds
	switch {
	case failover == 0: // unknown, which is said already
	case failover >= maxBorrow:
		c.Fail("borrowTimeoutSeconds", fmt.Sprintf("%s, %d s of failover", a.Topology, failover),
			fmt.Sprintf("leaves none: it must be more than the failover and at most %d s, so that clients are served or told within %d s", maxBorrow, healObjective),
			"choose aurora or multi-az-cluster, or leave the proxy out")
	case borrow <= failover || borrow > maxBorrow:
		c.Fail("borrowTimeoutSeconds", borrow, fmt.Sprintf("must be more than %d s, the failover of %s, and at most %d s", failover, a.Topology, maxBorrow),
			fmt.Sprintf("leave it out for %d s", failover+borrowMargin))
	}
}

func (p DatabaseProxyArgs) checkProxyUsers(c *check.Checker) {
	if len(p.Users) == 0 {
		c.Missing("users", "a proxy is for users who go through it", "name the users, or leave the proxy out")
	}
	if len(p.Users) > maxProxySecrets {
		c.Fail("users", fmt.Sprintf("%d users", len(p.Users)), fmt.Sprintf("are more than the %d secrets that a proxy may have", maxProxySecrets), "let services share a user")
	}
	for index, user := range p.Users {
		path := fmt.Sprintf("users[%d]", index)
		switch {
		case UserProblem(user) != "":
			c.Fail(path, user, UserProblem(user), "name a user of a service's own")
		case slices.Index(p.Users, user) < index:
			c.Fail(path, user, "is named already", "name it once")
		}
	}
}

// withDefaults is a copy in which every zero value is its default.
func (p *DatabaseProxyArgs) withDefaults(topology DatabaseTopology) *DatabaseProxyArgs {
	if p == nil {
		return nil
	}
	all := *p
	if failover := topology.FailoverTimes().FailoverSeconds; failover != 0 {
		all.BorrowTimeoutSeconds = orDefault(all.BorrowTimeoutSeconds, failover+borrowMargin)
	}
	all.IdleClientSeconds = orDefault(all.IdleClientSeconds, defaultIdleClient)
	return &all
}

// proxied says whether the user goes through the proxy.
func (a MultiAZDatabaseArgs) proxied(user string) bool {
	return a.Proxy != nil && slices.Contains(a.Proxy.Users, user)
}

// runs says whether the runner makes users of this database: all of them, or those behind the proxy, whose passwords nothing else can set.
func (a MultiAZDatabaseArgs) runs() bool { return !a.HasDataAPI() || a.Proxy != nil }
