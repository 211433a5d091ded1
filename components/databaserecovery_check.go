package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/dbusers"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Check lists everything that is wrong with the arguments of the recovery called name; nothing when it can be built. It registers nothing.
func (a *DatabaseRecoveryArgs) Check(name string) []check.Failure {
	c := check.New()
	checkName(c, name, naming.MaxServiceName)
	if a == nil || a.Database == nil {
		c.Missing("database", "a recovery is of some database", "pass the MultiAZDatabase")
		return c.Failures()
	}
	topology := a.Database.args.Topology
	asked := a.Database.args.HasDataAPI()
	if !asked && a.SQLRunnerARN == nil {
		c.Missing("sqlRunnerARN", fmt.Sprintf("%s has no Data API, and nothing is restored that nobody has asked", topology), "pass the function that asks a database in its VPC")
	}
	if a.Database.args.Proxy != nil {
		c.Fail("database", a.Database.name, "has a proxy, which would still lead to the replaced database after a cut-over", "leave the proxy out, or restore by hand and register the proxy's target again")
	}
	a.checkSite(c, topology)
	if topology == Aurora && !asked && a.RestoreTestingPlanARN != nil {
		c.Fail("restoreTestingPlanARN", "the plan", "restores Aurora of a class without the Data API, where nobody can ask it", "choose a class that is not of the t families, or leave it out")
	}
	if topology == MultiAZCluster && a.RestoreTestingPlanARN != nil {
		c.Fail("restoreTestingPlanARN", "the plan", "restores nothing of a Multi-AZ DB cluster, which backups do not cover", "leave it out")
	}
	if problem := QueryProblem(a.Query); a.Query != "" && problem != "" {
		c.Fail("query", a.Query, problem, "write one query with one boolean answer")
	}
	a.RestoreTesting.withDefaults().check(c.At("restoreTesting"))
	checkTags(c, a.Tags)
	return c.Failures()
}

func (a *DatabaseRecoveryArgs) checkSite(c *check.Checker, topology DatabaseTopology) {
	if a.Site == nil {
		if a.CopyVaultName != nil || a.CopyVaultARN != nil || a.CopyKeyARN != nil || a.SiteSQLRunnerARN != nil || a.SiteTicketsTopicARN != nil {
			c.Missing("site", "the copies are restored somewhere", "pass the RecoverySite, or leave out what is for it")
		}
		return
	}
	site, database := a.Site.args, a.Database.args
	switch {
	case topology == MultiAZCluster:
		c.Fail("site", a.Site.name, "can receive nothing of a Multi-AZ DB cluster: AWS copies neither its snapshots nor its backups", "leave it out")
	case site.Region == database.Placement.region():
		c.Fail("site", a.Site.name, "is in the Region of the database itself", "build it in another Region")
	case database.RecoveryRegion != "" && site.Region != database.RecoveryRegion:
		c.Fail("site", a.Site.name, fmt.Sprintf("is in %s, and the database's backups are in %s", site.Region, database.RecoveryRegion), "build it there")
	case site.AccountID != database.Placement.AccountID:
		c.Fail("site", a.Site.name, "is in another account than the database", "build both in one")
	}
	if topology == Aurora {
		if len(site.Zones) < threeZones {
			c.Fail("site", site.Zones, fmt.Sprintf("are fewer zones than the %d that aurora spans", threeZones), "add a zone to the site")
		}
		for _, each := range []struct {
			path  string
			input pulumi.StringInput
		}{{"copyVaultName", a.CopyVaultName}, {"copyVaultARN", a.CopyVaultARN}, {"copyKeyARN", a.CopyKeyARN}} {
			if each.input == nil {
				c.Missing(each.path, "the copies of aurora are in a vault of AWS Backup", "pass the vault of the recovery Region and its key")
			}
		}
	}
	if !database.HasDataAPI() && a.SiteSQLRunnerARN == nil {
		c.Missing("siteSQLRunnerARN", fmt.Sprintf("%s has no Data API, and nothing is restored that nobody has asked", topology), "pass the function that asks a database in the site's VPC, or leave the site out")
	}
}

const (
	// restoredInfix and oldInfix stand between the identifier of the live database and the name of one that was restored or replaced.
	restoredInfix, oldInfix = "-r-", "-old-"
	// maxMemberSuffix is what the name of a member adds: Aurora has 16 at most.
	maxMemberSuffix = len("-16")
	// maxDBIdentifier is AWS's limit in characters (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html).
	maxDBIdentifier = 63
	// minRestoredName leaves room for the default names.
	minRestoredName = 5
	maxRestoredName = 20
)

// restoredName is how long the name of a restored database may be beside the live one's.
func (r *DatabaseRecovery) restoredName() int {
	return min(maxRestoredName, maxDBIdentifier-len(r.id)-len(oldInfix)-maxMemberSuffix)
}

func (r *DatabaseRecovery) checkIdentifier() error {
	if room := r.restoredName(); room < minRestoredName {
		return fmt.Errorf("recovery %s: the identifier %s leaves %d characters for the name of a restored database beside it, and needs %d; shorten project, stack or the database's name",
			r.name, r.id, max(0, room), minRestoredName)
	}
	return nil
}

// withDefaults is a copy in which every zero value is its default.
func (a DatabaseRecoveryArgs) withDefaults() DatabaseRecoveryArgs {
	a.Query = orDefault(a.Query, dbusers.DefaultCheck)
	a.RestoreTesting = a.RestoreTesting.withDefaults()
	return a
}
