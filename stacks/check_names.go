package stacks

import (
	"fmt"

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
	var all []derived
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
