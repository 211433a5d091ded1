package stacks

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// siteName is the name of the stack's one recovery site.
const siteName = "recovery"

// siteArgs leave tags to the provider, as those of buckets do.
func (c *Config) siteArgs(recovery *aws.Provider) *components.RecoverySiteArgs {
	return &components.RecoverySiteArgs{
		AccountID: c.Account, Region: c.RecoveryRegion, Zones: c.Recovery.Zones, CIDR: c.Recovery.CIDR, Provider: recovery, Protect: c.profile().Protect,
	}
}

// restoresThere says whether a copy of the database can be restored in the recovery site: of the others, nobody could ask what was restored,
// since no runner stands there.
func (c *Config) restoresThere(database *DatabaseConfig) bool {
	region, _ := c.copies(database)
	return c.Recovery != nil && region != "" && database.Topology == components.Aurora && c.hasDataAPI(database)
}

// hasDataAPI says whether the database can be asked from outside its network.
func (c *Config) hasDataAPI(database *DatabaseConfig) bool {
	return c.databaseArgs(database, components.PlacementArgs{}, nil).HasDataAPI()
}

// buildRecoveries builds what restores each database. It comes after every grant, as those are made again in a cut-over.
func (c *Config) buildRecoveries(ctx *pulumi.Context, built *data, home *aws.Provider) error {
	var site *components.RecoverySite
	var err error
	if c.Recovery != nil {
		if site, err = components.NewRecoverySite(ctx, siteName, c.siteArgs(built.recovery), pulumi.Providers(home)); err != nil {
			return err
		}
	}
	built.recoveries = map[string]*components.DatabaseRecovery{}
	for i := range c.Databases {
		name := c.Databases[i].Name
		recovery, err := components.NewDatabaseRecovery(ctx, name, c.recoveryArgs(&c.Databases[i], built, site), pulumi.Providers(home))
		if err != nil {
			return err
		}
		built.recoveries[name] = recovery
	}
	return nil
}

func (c *Config) recoveryArgs(database *DatabaseConfig, built *data, site *components.RecoverySite) *components.DatabaseRecoveryArgs {
	args := &components.DatabaseRecoveryArgs{
		Database: built.databases[database.Name],
		// Not what the profile says while protection is lifted: the documents stay as they are in that phase of a destroy.
		ProtectRestored: profiles[c.Environment].Protect,
	}
	if database.Check != nil {
		args.Query = *database.Check
	}
	asked := c.hasDataAPI(database)
	if built.runner != nil && !asked {
		args.SQLRunnerARN = built.runner.FunctionARN
	}
	if built.alerting != nil {
		args.TicketsTopicARN = built.alerting.TicketTopicARN
	}
	// What is restored of aurora without the Data API nobody could ask.
	if region, _ := c.copies(database); region != "" && built.backups != nil && (asked || database.Topology != components.Aurora) {
		args.RestoreTestingPlanARN, args.RestoreTesting = built.backups.RestoreTestingPlanARN, c.backupsArgs(nil).RestoreTesting
	}
	if !c.restoresThere(database) {
		return args
	}
	args.Site = site
	args.CopyVaultName, args.CopyVaultARN, args.CopyKeyARN = built.backups.CopyVaultName, built.backups.CopyVaultARN, built.backups.CopyKeyARN
	if built.alerting != nil {
		args.SiteTicketsTopicARN = built.alerting.RecoveryTicketTopicARN
	}
	return args
}

// checkRecovery applies the stack's rules to the recovery site, and then the component's.
func (c *Config) checkRecovery(all *check.Checker) {
	if c.Recovery == nil {
		return
	}
	used := false
	for i := range c.Databases {
		// Of a topology that is misspelt nobody knows yet.
		used = used || c.restoresThere(&c.Databases[i]) || !slices.Contains(components.DatabaseTopologies(), c.Databases[i].Topology)
	}
	if !used {
		all.Fail("recovery", literal("it"), "is stated, and no database can be restored there: only aurora on classes other than db.t… can, whose copies can be asked from outside their network",
			"remove it, or give a database that topology and such a class")
		return
	}
	at := all.At("recovery")
	if zones := components.Aurora.Zones(); len(c.Recovery.Zones) < zones {
		at.Fail("zones", c.Recovery.Zones, fmt.Sprintf("are fewer than the %d that aurora spans", zones), "add a zone")
	}
	mine, errMine := netip.ParsePrefix(c.Network.CIDR)
	there, errThere := netip.ParsePrefix(c.Recovery.CIDR)
	if errMine == nil && errThere == nil && mine.Overlaps(there) {
		at.Fail("cidr", c.Recovery.CIDR, "overlaps network.cidr, "+c.Network.CIDR+", so that the two could never be connected", "choose another range")
	}
	for _, failure := range c.siteArgs(&aws.Provider{}).Check(siteName) {
		if path, mine := partKey("recovery", failure.Path); mine && strings.HasPrefix(path, "recovery.") {
			failure.Path = path
			all.Add(failure)
		}
	}
}

// runbookOutputs is the shape of RunbookOutputs.
func runbookOutputs(recovery *components.DatabaseRecovery) pulumi.Map {
	return pulumi.Map{
		"restoreToPointInTime": recovery.RestoreToPointInTime, "cutOver": recovery.CutOver, "restoreFromCopy": recovery.RestoreFromCopy,
		"validateRestoreTest": recovery.ValidateRestoreTest,
	}
}
