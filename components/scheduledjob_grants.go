package components

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Environment is what a service that consumes the job needs to find its queue, for ResilientServiceArgs.Environment: the queue's URL in
// NAME_QUEUE_URL, such as NIGHTLY_DIGEST_QUEUE_URL. It grants nothing; GrantConsume does.
func (j *ScheduledJob) Environment() map[string]pulumi.StringInput {
	variable := strings.ToUpper(strings.ReplaceAll(j.name, "-", "_")) + "_QUEUE_URL"
	return map[string]pulumi.StringInput{variable: j.QueueURL}
}

// GrantConsume lets the service's instances take runs from the queue, extend the time they have for one, and report it done: one more
// policy on the service's role, and nothing else changes. They may not send, nor touch the dead-letter queue. The service's network
// must have an endpoint for SQS. Granting twice, or across accounts or Regions, is an error.
func (j *ScheduledJob) GrantConsume(service *ResilientService) error {
	switch {
	case service == nil:
		return fmt.Errorf("grant of job %s: no service is given; pass the service that consumes it", j.name)
	case j.granted[service.name]:
		return fmt.Errorf("grant of job %s to %s is made already; remove one", j.name, service.name)
	case service.args.Placement.AccountID != j.args.AccountID:
		return fmt.Errorf("grant of job %s to %s crosses accounts %s and %s; build the job in the service's account",
			j.name, service.name, j.args.AccountID, service.args.Placement.AccountID)
	case service.args.Placement.region() != j.args.Region:
		return fmt.Errorf("grant of job %s to %s crosses Regions %s and %s; build the job in the service's Region",
			j.name, service.name, j.args.Region, service.args.Placement.region())
	}
	j.granted[service.name] = true
	policy := iampolicy.Identity(iampolicy.Statement{
		Sid: "ConsumeRuns", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{
			"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
		},
		Resources: []iampolicy.Resource{iampolicy.Slot(queueSlot, "")},
	}, iampolicy.Statement{
		Sid: "DecryptRuns", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"kms:Decrypt"},
		Resources: []iampolicy.Resource{iampolicy.Slot(keySlot, "")}, Conditions: throughSQS(j.home(j.ctx)),
	})
	return grantTo(j.ctx, j, service, j.name+"-consumed-by-"+service.name, policy,
		pulumi.StringMap{queueSlot: j.QueueARN, keySlot: j.KeyARN})
}
