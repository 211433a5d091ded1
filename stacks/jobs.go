package stacks

import (
	"slices"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// jobArgs leave tags to the provider, as those of buckets do.
func (c *Config) jobArgs(job *JobConfig) *components.ScheduledJobArgs {
	return &components.ScheduledJobArgs{
		AccountID: c.Account, Region: c.homeRegion(), Schedule: job.Schedule, TimeZone: job.TimeZone,
		FlexibleMinutes: orZero(job.FlexibleMinutes), RetrySeconds: orZero(job.RetrySeconds),
		HandlingSeconds: orZero(job.HandlingSeconds), Attempts: orZero(job.Attempts),
		Protect: c.profile().Protect && !job.Retiring,
	}
}

// buildJobs builds the stack's jobs by their names.
func (c *Config) buildJobs(ctx *pulumi.Context, home *aws.Provider) (map[string]*components.ScheduledJob, error) {
	built := map[string]*components.ScheduledJob{}
	for i := range c.Jobs {
		name := c.Jobs[i].Name
		job, err := components.NewScheduledJob(ctx, name, c.jobArgs(&c.Jobs[i]), pulumi.Providers(home))
		if err != nil {
			return nil, err
		}
		built[name] = job
	}
	return built, nil
}

// consumerOf is the service that does the runs of a job, by its index, or -1.
func (c *Config) consumerOf(job string) int {
	return slices.IndexFunc(c.Services, func(service ServiceConfig) bool { return slices.Contains(service.Jobs, job) })
}

// jobOutputs is the shape of Outputs.Jobs.
func (c *Config) jobOutputs(built map[string]*components.ScheduledJob) pulumi.Map {
	outputs := pulumi.Map{}
	for name, job := range built {
		outputs[name] = pulumi.Map{
			"schedule": job.ScheduleName, "queue": job.QueueURL, "deadLetterQueue": job.DeadLetterQueueName,
			"consumer": pulumi.String(c.Services[c.consumerOf(name)].Name),
		}
	}
	return outputs
}
