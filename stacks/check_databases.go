package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The range of an objective is ours: below it not even the load balancer has noticed, above it nobody is called.
const (
	leastObjective = 10
	mostObjective  = 3600
)

// checkDatabases looks at the databases, and at who connects to them.
func (c *Config) checkDatabases(all *check.Checker) {
	if objective := c.objective(); objective < leastObjective || objective > mostObjective {
		all.Fail("objectiveSeconds", objective, fmt.Sprintf("must be from %d to %d s", leastObjective, mostObjective), "change it, or leave it out for 90")
	}
	names := make([]string, len(c.Databases))
	for i := range c.Databases {
		names[i] = c.Databases[i].Name
		c.checkDatabase(i, all)
	}
	c.checkRunner(all)
	for i := range c.Services {
		c.checkConnects(i, names, all)
	}
	c.checkRights(all)
	c.checkConnections(all)
}

// mostConnections is ours: the document that cuts over to a restored database makes each grant again, AWS takes 64 KiB of one, and what is admitted must not fail halfway.
const mostConnections = 12

// checkConnections refuses a database that more users connect to than can be granted again in a cut-over.
func (c *Config) checkConnections(all *check.Checker) {
	count := map[string]int{}
	for i := range c.Services {
		for _, connect := range c.Services[i].Databases {
			count[connect.Database]++
		}
	}
	for i := range c.Databases {
		if connections := count[c.Databases[i].Name]; connections > mostConnections {
			all.Fail(fmt.Sprintf("databases[%d].name", i), c.Databases[i].Name,
				fmt.Sprintf("is in the databases of services %d times, more than the %d that the document which cuts over has room for", connections, mostConnections),
				"let fewer services connect, or give some a database of their own")
		}
	}
}

// checkDatabase applies the stack's rules to one database, and then the component's.
func (c *Config) checkDatabase(index int, all *check.Checker) {
	database, at := &c.Databases[index], fmt.Sprintf("databases[%d]", index)
	zeros(database, all.At(at))
	c.checkTopology(database, all.At(at))
	c.checkCopies(database, at, all)
	checkRestores(database, all.At(at))
	for _, failure := range c.databaseArgs(database, c.isolatedPlacement(), &aws.Provider{}).Check(database.Name) {
		if failure.Path == "databaseName" && database.DatabaseName == "" {
			continue // it follows from the name
		}
		if path, mine := databaseKey(at, failure.Path); mine {
			failure.Path = path
			all.Add(failure)
		}
	}
}

// databaseKey is the configuration's key for what the component says of the database at. Placement is the network's matter; what the
// recovery Region must be, and that there is a runner, the stack says.
func databaseKey(at, path string) (key string, mine bool) {
	if strings.HasPrefix(path, "placement.") || path == "recoveryProvider" || path == "recoveryRegion" || path == "runner" {
		return "", false
	}
	return partKey(at, path)
}

// isolatedPlacement stands for the network of the stack while only the plain values matter.
func (c *Config) isolatedPlacement() components.PlacementArgs {
	placement := c.placeholderPlacement(&ServiceConfig{})
	placement.IsolatedSubnetIDs = pulumi.ToStringArray(make([]string, len(c.Zones)))
	return placement
}

// checkTopology refuses one that the zones do not hold, and one that cannot keep what the stack promises.
func (c *Config) checkTopology(database *DatabaseConfig, at *check.Checker) {
	topology := string(database.Topology)
	if zones := database.Topology.Zones(); zones > len(c.Zones) && len(c.Zones) > 1 {
		at.Fail("topology", topology, fmt.Sprintf("spans %d zones, and the stack has %d", zones, len(c.Zones)),
			"add a zone, or choose multi-az-instance and an objectiveSeconds that it can keep")
		return
	}
	times := database.Topology.FailoverTimes()
	if times.TimeToServe() <= c.objective() {
		return
	}
	remedy := fmt.Sprintf("state objectiveSeconds: %d or more", times.TimeToServe())
	var better []string
	for _, other := range components.DatabaseTopologies() {
		if serves := other.FailoverTimes().TimeToServe(); serves <= c.objective() {
			better = append(better, fmt.Sprintf("%s (%d s)", other, serves))
		}
	}
	if len(better) > 0 {
		remedy = "choose " + strings.Join(better, " or ") + ", or " + remedy
	}
	at.Fail("topology", topology, fmt.Sprintf("serves again after %s, which is above the objective of %d s", times, c.objective()), remedy)
}

// mostReaders is ours: the documents that restore aurora name each reader, AWS takes 64 KiB of one, and what is admitted must not fail halfway.
const mostReaders = 8

// checkRestores refuses what no document could restore or judge.
func checkRestores(database *DatabaseConfig, at *check.Checker) {
	if readers := orZero(database.Readers); database.Topology == components.Aurora && readers > mostReaders {
		at.Fail("readers", readers, fmt.Sprintf("are more than the %d that the documents which restore the database have room for", mostReaders), "state fewer")
	}
	if database.Check == nil {
		return
	}
	if problem := components.QueryProblem(*database.Check); problem != "" {
		at.Fail("check", *database.Check, problem, "write one query with one boolean answer, such as SELECT count(*) > 1000 FROM public.orders, or leave it out")
	}
}

// checkCopies wants of every database a copy outside the Region, or that somebody states that there is none.
func (c *Config) checkCopies(database *DatabaseConfig, at string, all *check.Checker) {
	refused := database.NoCopyOutsideRegion
	switch database.Topology {
	case components.MultiAZCluster:
		if !refused {
			all.Missing(at+".noCopyOutsideRegion", "AWS copies nothing of a multi-az-cluster to another Region, so the loss of the Region is the loss of the data",
				"choose aurora, or write true to state that this is accepted")
		}
	case components.Aurora:
		if !refused && c.RecoveryRegion == "" {
			all.Missing("recoveryRegion", "a database has its copy in another Region", "name one, such as "+c.anotherRegion()+", or state noCopyOutsideRegion for the database")
		}
	case components.MultiAZInstance:
		switch {
		case refused:
			all.Fail(at+".noCopyOutsideRegion", true, "is not so: the automated backups of a multi-az-instance are replicated", "remove it")
		case c.RecoveryRegion == "":
			all.Missing("recoveryRegion", "it receives the automated backups of a multi-az-instance", "name one, such as "+c.anotherRegion())
		}
	}
}

// checkConnects refuses what no database can grant to a service.
func (c *Config) checkConnects(index int, names []string, all *check.Checker) {
	service := &c.Services[index]
	at := all.At(fmt.Sprintf("services[%d].databases", index))
	for i, connect := range service.Databases {
		path, user := fmt.Sprintf("[%d]", i), service.userOf(connect)
		if !slices.Contains(names, connect.Database) && connect.Database != "" {
			at.Fail(path+".database", connect.Database, "is no database of this stack", which(connect.Database, "databases", names))
		}
		if problem := components.UserProblem(user); problem != "" {
			at.Fail(path+".user", user, problem, "name a user of the service's own, such as "+underscored(service.Name))
		}
		for j, earlier := range service.Databases[:i] {
			if earlier.Database == connect.Database && service.userOf(earlier) == user {
				at.Fail(path+".user", user, fmt.Sprintf("is granted by services[%d].databases[%d] already", index, j), "remove one")
				break
			}
		}
	}
}
