package stacks

import (
	"fmt"
	"slices"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// checkJobs refuses jobs that nobody does, and services that do jobs which are not there, or another's.
func (c *Config) checkJobs(all *check.Checker) {
	names := make([]string, len(c.Jobs))
	for i := range c.Jobs {
		names[i] = c.Jobs[i].Name
		c.checkJob(i, all)
	}
	first := map[string]string{}
	for i := range c.Services {
		service := &c.Services[i]
		for j, job := range service.Jobs {
			path := fmt.Sprintf("services[%d].jobs[%d]", i, j)
			switch earlier, taken := first[job]; {
			case !slices.Contains(names, job):
				all.Fail(path, job, "is no job of this stack", which(job, "jobs", names))
			case taken && slices.Contains(service.Jobs[:j], job):
				all.Fail(path, job, "is listed twice", "remove one")
			case taken:
				all.Fail(path, job, "is "+earlier+" too, and each run is handed to one of them, whichever asks first", "let one service do it, or make it two jobs")
			default:
				first[job] = path
			}
		}
	}
}

// checkJob applies the stack's rules to one job, and then the component's.
func (c *Config) checkJob(index int, all *check.Checker) {
	job, at := &c.Jobs[index], fmt.Sprintf("jobs[%d]", index)
	zeros(job, all.At(at))
	if job.Name != "" && c.consumerOf(job.Name) < 0 {
		all.Fail(at+".name", job.Name, "is due, and no service does it", "add it to the jobs of the service that does, or remove it")
	}
	for _, failure := range c.jobArgs(job).Check(job.Name) {
		if path, mine := partKey(at, failure.Path); mine {
			failure.Path = path
			all.Add(failure)
		}
	}
}
