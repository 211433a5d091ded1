package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/runbook"
)

// finish are the steps that make a database of what is being restored: members, a password that AWS keeps, the settings that a restore does
// not take, and the query. Whatever fails leads to the steps that clean up.
func (s recoveryScope) finish(id string, facts recoveryFacts) []runbook.Step {
	failed := runbook.GoTo(cleanUp)
	steps := []runbook.Step{s.awaitAvailable("waitRestored", id, failed)}
	if s.dataAPI() {
		// Switched on before the members are made, which takes minutes anyway. It is no parameter of a restore.
		steps = append(steps, runbook.Step{
			Name: "enableDataAPI", OnFailure: failed,
			Do: runbook.Call{Service: "rds", API: "EnableHttpEndpoint", Parameters: runbook.Parameters{"ResourceArn": s.arn("cluster", id)}},
		})
	}
	for index := range s.members() {
		steps = append(steps, runbook.Step{Name: fmt.Sprintf("createMember%d", index+1), Do: s.createMember(id, index, facts), OnFailure: failed})
	}
	for index := range s.members() {
		steps = append(steps, s.awaitMember(fmt.Sprintf("waitMember%d", index+1), member(id, index), failed))
	}
	steps = append(steps,
		runbook.Step{Name: "settle", Do: s.settle(id, facts), OnFailure: failed},
	)
	steps = append(steps, s.awaitSettled(id, true, failed)...)
	steps = append(steps, s.look("restored", id, failed))
	steps = append(steps, s.asked("restored", "protect", askAgain, facts, failed)...)
	steps = append(steps, runbook.Step{Name: "protect", Do: s.modify(id, runbook.Parameters{"DeletionProtection": s.database.Protect}), End: true})
	return append(steps, s.cleanUp(id)...)
}

// settleSeconds is how long a step sleeps after a change and before it waits: AWS applies changes after it has answered, and until it begins
// the status reads available, and a new secret may not be there. AWS gives no figure; 2 minutes are generous.
const settleSeconds = 120

// awaitSettled waits until what was changed at once is in effect, and the new master secret is there where there is one.
func (s recoveryScope) awaitSettled(id string, secret bool, onFailure runbook.Failure) []runbook.Step {
	steps := []runbook.Step{{Name: "settleBegins", Do: runbook.Sleep{Seconds: settleSeconds}, OnFailure: onFailure}}
	if secret {
		steps = append(steps, runbook.Step{Name: "waitSecret", OnFailure: onFailure, TimeoutSeconds: s.patience, Attempts: waitAttempts, Do: runbook.Await{
			Call: s.describe(id), Selector: s.property("MasterUserSecret.SecretStatus", "MasterUserSecret.SecretStatus"), Desired: []string{"active"},
		}})
	}
	return append(steps, s.awaitAvailable("waitSettled", id, onFailure))
}

func (s recoveryScope) createMember(id string, index int, facts recoveryFacts) runbook.Call {
	return runbook.Call{Service: "rds", API: "CreateDBInstance", Parameters: runbook.Parameters{
		"DBInstanceIdentifier": member(id, index), "DBClusterIdentifier": id, "Engine": s.engine(), "DBInstanceClass": s.database.InstanceClass,
		"AvailabilityZone": s.zones[index%len(s.zones)], "PromotionTier": min(index, 15),
		"PubliclyAccessible": false, "AutoMinorVersionUpgrade": false, "CopyTagsToSnapshot": true,
		"EnablePerformanceInsights": true, "PerformanceInsightsKMSKeyId": facts[factKey], "PerformanceInsightsRetentionPeriod": insightsDays,
		"Tags": s.apiTags(member(s.name, index)),
	}}
}

func (s recoveryScope) awaitMember(step, id string, onFailure runbook.Failure) runbook.Step {
	return runbook.Step{
		Name: step, Do: runbook.Await{Call: s.describeMember(id), Selector: "$.DBInstances[0].DBInstanceStatus", Desired: []string{"available"}},
		OnFailure: onFailure, TimeoutSeconds: s.patience, Attempts: waitAttempts,
	}
}

// modify changes the cluster or instance at once.
func (s recoveryScope) modify(id string, changes runbook.Parameters) runbook.Call {
	call := runbook.Call{Service: "rds", API: "ModifyDBCluster", Parameters: runbook.Parameters{"DBClusterIdentifier": id, "ApplyImmediately": true}}
	if s.topology == MultiAZInstance {
		call = runbook.Call{Service: "rds", API: "ModifyDBInstance", Parameters: runbook.Parameters{"DBInstanceIdentifier": id, "ApplyImmediately": true}}
	}
	for name, value := range changes {
		call.Parameters[name] = value
	}
	return call
}

// settle sets what no restore takes: AWS lets ManageMasterUserPassword be said to a restore for Oracle only
// (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html).
func (s recoveryScope) settle(id string, facts recoveryFacts) runbook.Call {
	changes := runbook.Parameters{
		"ManageMasterUserPassword": true, "MasterUserSecretKmsKeyId": facts[factKey],
		"BackupRetentionPeriod": s.database.BackupRetentionDays, "PreferredBackupWindow": s.database.BackupWindow,
		"PreferredMaintenanceWindow": s.database.MaintenanceWindow,
	}
	if s.topology != Aurora {
		changes["EnablePerformanceInsights"], changes["PerformanceInsightsKMSKeyId"] = true, facts[factKey]
		changes["PerformanceInsightsRetentionPeriod"] = insightsDays
	}
	return s.modify(id, changes)
}

// cleanUp deletes what the document made, members first. The execution has failed by then, however that goes.
func (s recoveryScope) cleanUp(id string) []runbook.Step {
	var steps []runbook.Step
	for index := range s.members() {
		steps = append(steps, runbook.Step{
			Name: fmt.Sprintf("deleteMember%d", index+1), OnFailure: runbook.Continue, Attempts: 3,
			Do: runbook.Call{Service: "rds", API: "DeleteDBInstance", Parameters: runbook.Parameters{"DBInstanceIdentifier": member(id, index)}},
		})
	}
	remove := runbook.Call{Service: "rds", API: "DeleteDBCluster", Parameters: runbook.Parameters{"DBClusterIdentifier": id, "SkipFinalSnapshot": true}}
	if s.topology == MultiAZInstance {
		remove = runbook.Call{Service: "rds", API: "DeleteDBInstance", Parameters: runbook.Parameters{
			"DBInstanceIdentifier": id, "SkipFinalSnapshot": true, "DeleteAutomatedBackups": true,
		}}
	}
	steps = append(steps, runbook.Step{Name: "deleteRestored", Do: remove, Attempts: 3, End: true})
	steps[0].Name = cleanUp
	return steps
}
