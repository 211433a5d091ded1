package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// tell has failed jobs told as tickets, in the Region that says them. AWS does not document which of its two Regions says that a copy failed, so
// both listen. Fields and states: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
//
// Whether what was restored is valid AWS says in no event that it documents, nor that a test was never started, restored nothing or was never
// judged: what gives the verdict tells a bad one, and a DatabaseRecovery looks for a good one every month.
func (b *Backups) tell(ctx *pulumi.Context) error {
	const source, job = "aws.backup", "Copy Job State Change"
	copies := map[string][]string{"state": {"FAILED", "PARTIAL"}}
	copyPaths := map[string]string{"database": "$.detail.resourceArn", "job": "$.detail.copyJobId", "state": "$.detail.state", "why": "$.detail.statusMessage"}
	const copySentence = "The copy of <database> to another Region is <state>, and there is none of this night. AWS Backup says: <why> (copy job <job>)"
	specs := []eventSpec{{
		name: b.name + "-failed", description: "Backups of " + b.name + " that failed", topic: b.args.Tickets,
		pattern: eventPattern{
			Source: []string{source}, DetailType: []string{"Backup Job State Change"},
			Detail: map[string][]string{"state": {"FAILED", "EXPIRED", "ABORTED", "PARTIAL"}},
		},
		late:     pulumi.StringMap{"backupVaultName": b.built.vault.Name},
		sentence: "The backup of <database> is <state>, and there is none of this night. AWS Backup says: <why> (backup job <job>)",
		paths:    map[string]string{"database": "$.detail.resourceArn", "job": "$.detail.backupJobId", "state": "$.detail.state", "why": "$.detail.statusMessage"},
	}, {
		name: b.name + "-copy-failed", description: "Copies of backups of " + b.name + " that failed", topic: b.args.Tickets,
		pattern: eventPattern{Source: []string{source}, DetailType: []string{job}, Detail: copies},
		late:    pulumi.StringMap{"sourceBackupVaultArn": b.built.vault.Arn}, sentence: copySentence, paths: copyPaths,
	}, {
		name: b.copyName() + "-failed-there", description: "Copies of backups of " + b.name + " that failed, as their own Region says it",
		provider: b.args.RecoveryProvider, topic: b.args.RecoveryTickets,
		pattern: eventPattern{Source: []string{source}, DetailType: []string{job}, Detail: copies},
		late:    pulumi.StringMap{"destinationBackupVaultArn": b.built.copyVault.Arn}, sentence: copySentence, paths: copyPaths,
	}, {
		name: b.name + "-restore-test-failed", description: "Restore tests of " + b.name + " that failed", topic: b.args.Tickets,
		pattern: eventPattern{
			Source: []string{source}, DetailType: []string{"Restore Job State Change"}, Detail: map[string][]string{"status": {"FAILED", "ABORTED"}},
		},
		late:     pulumi.StringMap{"restoreTestingPlanArn": b.built.restoreTesting.Arn},
		sentence: "The restore test of <database> is <status>: nothing proves this month that its backups can be restored. AWS Backup says: <why> (restore job <job>)",
		paths:    map[string]string{"database": "$.detail.sourceResourceArn", "job": "$.detail.restoreJobId", "status": "$.detail.status", "why": "$.detail.statusMessage"},
	}}
	for _, spec := range specs {
		if spec.topic == nil {
			continue
		}
		spec.parent, spec.tags = b, b.args.Tags
		if _, err := newEventRule(ctx, spec); err != nil {
			return err
		}
	}
	return nil
}
