package stacks

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
)

// named is a name that stands in the configuration, and where.
type named struct{ name, path string }

// checkNames refuses a name that two of a kind would have, and names out of which the components would make one for two resources.
func (c *Config) checkNames(all *check.Checker) {
	for _, kind := range []struct {
		key, singular string
		names         []string
	}{
		{"services", "service", namesOf(c.Services, func(s ServiceConfig) string { return s.Name })},
		{"buckets", "bucket", namesOf(c.Buckets, func(b BucketConfig) string { return b.Name })},
		{"databases", "database", namesOf(c.Databases, func(d DatabaseConfig) string { return d.Name })},
		{"jobs", "job", namesOf(c.Jobs, func(j JobConfig) string { return j.Name })},
	} {
		first := map[string]int{}
		for i, name := range kind.names {
			if earlier, taken := first[name]; taken && name != "" {
				all.Fail(fmt.Sprintf("%s[%d].name", kind.key, i), name, fmt.Sprintf("is also the name of %s[%d]", kind.key, earlier),
					"give each "+kind.singular+" its own name")
				continue
			}
			first[name] = i
		}
	}
	c.checkDerived(all)
}

func namesOf[T any](all []T, name func(T) string) []string {
	names := make([]string, len(all))
	for i, each := range all {
		names[i] = name(each)
	}
	return names
}

// derived is a name that a component makes of one in the configuration, among those of its kind.
type derived struct {
	kind, name string
	from       named
}

// checkDerived refuses names that meet only once a component has put something before or behind them: the engine knows one resource by
// one name.
func (c *Config) checkDerived(all *check.Checker) {
	first := map[[2]string]named{}
	for _, each := range c.derivedNames() {
		key := [2]string{each.kind, each.name}
		earlier, taken := first[key]
		switch {
		case !taken:
			first[key] = each.from
		case earlier.name != each.from.name:
			all.Fail(each.from.path, each.from.name, fmt.Sprintf("gives the name %s to a second %s, beside %s at %s", each.name, each.kind, earlier.name, earlier.path), "rename one of the two")
		}
	}
}

func (c *Config) derivedNames() []derived {
	all := c.derivedOfDatabases()
	for i, job := range c.Jobs {
		from := named{job.Name, fmt.Sprintf("jobs[%d].name", i)}
		all = append(all, derived{"queue", job.Name, from}, derived{"queue", job.Name + "-dead-letter", from}, derived{"policy", job.Name, from})
	}
	for i, service := range c.Services {
		for j, job := range service.Jobs {
			all = append(all, derived{"policy", job + "-consumed-by-" + service.Name, named{job, fmt.Sprintf("services[%d].jobs[%d]", i, j)}})
		}
	}
	return all
}

// derivedOfDatabases also has what AWS calls the members of Aurora, as no two instances of an account have one name.
func (c *Config) derivedOfDatabases() []derived {
	var all []derived
	for i := range c.Databases {
		database := &c.Databases[i]
		from := named{database.Name, fmt.Sprintf("databases[%d].name", i)}
		all = append(all, derived{"database", database.Name, from})
		if database.Topology == components.MultiAZInstance {
			all = append(all, derived{"database", database.Name + "-recovery", from})
		}
		for member := range orElse(database.Readers, max(1, len(c.Zones)-1)) + 1 {
			if database.Topology == components.Aurora {
				all = append(all, derived{"database", fmt.Sprintf("%s-%d", database.Name, member+1), from})
			}
		}
	}
	for i := range c.Services {
		service := &c.Services[i]
		for j, callee := range service.Calls {
			all = append(all, derived{"way out", service.Name + "-instances-to-" + callee, named{callee, fmt.Sprintf("services[%d].calls[%d]", i, j)}})
		}
		for j, connect := range service.Databases {
			from, path := named{connect.Database, fmt.Sprintf("services[%d].databases[%d].database", i, j)}, connect.Database
			user := strings.ReplaceAll(service.userOf(connect), "_", "-")
			all = append(all, derived{"way out", service.Name + "-instances-to-database-" + path, from}, derived{"way in", path + "-database-from-" + service.Name, from},
				derived{"grant", path + "-as-" + user + "-for-" + service.Name, from})
		}
	}
	return all
}
