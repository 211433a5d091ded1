package stacks

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// keepsCopies says whether something of the stack stands in its recovery Region.
func (o *Outputs) keepsCopies() bool {
	return o.RecoveryRegion != "" && (len(o.Buckets) > 0 || slices.ContainsFunc(slices.Collect(maps.Values(o.Databases)), func(database DatabaseOutputs) bool {
		return database.Copy.Region != ""
	}))
}

const beside = "keep it; to have it otherwise, add a database beside it, move the data, then retire this one"

// checkDatabaseChanges refuses, of every database that stands, what would put an empty one in its place, and what AWS does not do.
func (c *Config) checkDatabaseChanges(old *Outputs, found *check.Checker) {
	for _, name := range slices.Sorted(maps.Keys(old.Databases)) {
		stands := old.Databases[name]
		index := slices.IndexFunc(c.Databases, func(database DatabaseConfig) bool { return database.Name == name })
		if index < 0 {
			if stands.Protected && old.Environment == string(Production) {
				found.Fail("databases", name, "stands in production and is missing here", "put it back; to remove it, set retiring on it and bring that up first")
			}
			continue
		}
		c.Databases[index].checkChange(stands, found.At(fmt.Sprintf("databases[%d]", index)))
	}
}

func (d *DatabaseConfig) checkChange(stands DatabaseOutputs, found *check.Checker) {
	if string(d.Topology) != stands.Topology {
		found.Fail("topology", string(d.Topology), "is not "+stands.Topology+", which stands: an empty database would take its place", beside)
	}
	if made := d.madeAtFirst(); made != stands.DatabaseName {
		found.Fail("databaseName", made, "is not "+stands.DatabaseName+", which was made at first: an empty database would take its place", beside)
	}
	d.checkVersion(stands, found)
	if storage := orZero(d.StorageGiB); storage < stands.StorageGiB {
		// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html
		found.Fail("storageGiB", storage, fmt.Sprintf("is less than the %d GiB that stand: AWS takes no storage away", stands.StorageGiB), beside)
	}
}

// checkVersion refuses an earlier version, which AWS does not go back to, and another major one: that is not a change of one property, as
// AWS wants it allowed by name, the applications tried with it, and the parameters of its own family
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html).
func (d *DatabaseConfig) checkVersion(stands DatabaseOutputs, found *check.Checker) {
	major, minor := versionOf(d.EngineVersion)
	majorBefore, minorBefore := versionOf(stands.EngineVersion)
	switch {
	case major < majorBefore || major == majorBefore && minor < minorBefore:
		found.Fail("engineVersion", d.EngineVersion, "is earlier than "+stands.EngineVersion+", which stands: AWS does not go back", beside)
	case major > majorBefore:
		found.Fail("engineVersion", d.EngineVersion, fmt.Sprintf("is another major version than %s, which stands, and is not reached by a deploy", stands.EngineVersion), beside)
	}
}

// versionOf is a version that was checked, such as 16.6, in numbers.
func versionOf(text string) (major, minor int) {
	whole, part, _ := strings.Cut(text, ".")
	major, _ = strconv.Atoi(whole)
	minor, _ = strconv.Atoi(part)
	return major, minor
}
