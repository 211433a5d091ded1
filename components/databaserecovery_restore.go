package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildRestore builds the document that restores the database beside the live one.
func (r *DatabaseRecovery) buildRestore(ctx *pulumi.Context) error {
	database := r.args.Database
	at := database.home(ctx)
	scope := r.scope(at, database.args.Placement.Zones)
	facts := pulumi.StringMap{
		factSubnets: database.built.subnetGroup.Name, factParameters: database.built.parameterGroup,
		factGroup: database.SecurityGroupID, factKey: database.KeyARN,
	}
	slots := pulumi.StringMap{
		slotSubnets: database.built.subnetGroup.Arn, slotKey: database.KeyARN,
		slotParameters: pulumi.Sprintf("%s%s", scope.parameterGroupPrefix(), database.built.parameterGroup),
	}
	if !scope.dataAPI() {
		facts[factRunner], slots[slotRunner] = r.args.SQLRunnerARN, r.args.SQLRunnerARN
	}
	document, err := r.buildDocument(ctx, recoveryDocument{
		name: r.name + "-restore", description: "Restores database " + database.name + " to a point in time", at: at,
		policy: scope.restorePolicy(scope.pointInTime()), facts: facts, slots: slots,
		write: func(facts recoveryFacts) runbook.Document { return scope.restoreToPointInTime(facts, r.restoredName()) },
	})
	if err != nil {
		return err
	}
	r.RestoreToPointInTime = document.Name
	return nil
}

const (
	nameParameter = "Name"
	timeParameter = "RestoreTo"
	latest        = "latest"
	cleanUp       = "cleanUp"
)

func restoredNameParameter(fallback string, room int) runbook.Parameter {
	return runbook.Parameter{
		Name: nameParameter, Default: fallback, Pattern: fmt.Sprintf(`^[a-z0-9]{1,%d}$`, room),
		Description: "What the restored database is called after the live one's identifier and -r-. One that exists is refused, with nothing changed.",
	}
}

func restoreTimeParameter() runbook.Parameter {
	return runbook.Parameter{
		Name: timeParameter, Default: latest, Pattern: `^(latest|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)$`,
		Description: "latest, or a time in UTC such as 2026-03-01T02:00:00Z.",
	}
}

// restoreToPointInTime restores beside the live database, and cleans up what it made when anything fails.
func (s recoveryScope) restoreToPointInTime(facts recoveryFacts, room int) runbook.Document {
	id := s.id + restoredInfix + "{{ " + nameParameter + " }}"
	steps := s.chooseTime(func(when runbook.Parameters) runbook.Call { return s.restoreCall(id, facts, when) })
	steps = append(steps, s.finish(id, facts)...)
	return runbook.Document{
		Description: "Restores the database " + s.id + " to a point in time, beside it, and says done when what was restored has answered a query.",
		AssumeRole:  facts[factRole], Parameters: []runbook.Parameter{restoredNameParameter("pitr", room), restoreTimeParameter()},
		Steps: steps, Outputs: restoreOutputs(),
	}
}

// chooseTime are the steps that restore to the latest time or to a given one.
func (s recoveryScope) chooseTime(restore func(when runbook.Parameters) runbook.Call) []runbook.Step {
	return []runbook.Step{{
		Name: "chooseTime", Do: runbook.Branch{
			Choices: []runbook.Choice{{Variable: "{{ " + timeParameter + " }}", Equals: latest, Next: "restoreLatest"}}, Default: "restoreToTime",
		},
	}, {
		// Nothing is there to clean up when the restore itself is refused, and what is there under that name is somebody else's.
		Name: "restoreToTime", Do: restore(runbook.Parameters{s.timeName(): "{{ " + timeParameter + " }}"}), Next: "waitRestored",
	}, {
		Name: "restoreLatest", Do: restore(runbook.Parameters{"UseLatestRestorableTime": true}),
	}}
}

func restoreOutputs() []string {
	return []string{"restored.Identifier", "restored.Endpoint", "restored.ARN", "restored.ResourceID"}
}

// timeName is what AWS calls the time to restore to.
func (s recoveryScope) timeName() string {
	if s.topology == MultiAZInstance {
		return "RestoreTime"
	}
	return "RestoreToTime"
}

// restoreCall restores with what the live database has. What it does not take, settle sets afterwards.
func (s recoveryScope) restoreCall(id string, facts recoveryFacts, when runbook.Parameters) runbook.Call {
	parameters := s.restoreParameters(facts)
	call := runbook.Call{Service: "rds", API: "RestoreDBClusterToPointInTime", Parameters: parameters}
	if s.topology == MultiAZInstance {
		call.API = "RestoreDBInstanceToPointInTime"
		parameters["SourceDBInstanceIdentifier"], parameters["TargetDBInstanceIdentifier"] = s.id, id
		s.instanceParameters(parameters, facts)
	} else {
		parameters["SourceDBClusterIdentifier"], parameters["DBClusterIdentifier"] = s.id, id
		s.clusterParameters(parameters, facts)
	}
	for name, value := range when {
		parameters[name] = value
	}
	return call
}

// restoreParameters are those that every restore takes.
func (s recoveryScope) restoreParameters(facts recoveryFacts) runbook.Parameters {
	return runbook.Parameters{
		"DBSubnetGroupName": facts[factSubnets], "VpcSecurityGroupIds": []any{facts[factGroup]}, "Port": postgresPort,
		"EnableIAMDatabaseAuthentication": true, "EnableCloudwatchLogsExports": []any{"postgresql"}, "CopyTagsToSnapshot": true,
		"DeletionProtection": false, "Tags": s.apiTags(s.name),
	}
}

func (s recoveryScope) clusterParameters(parameters runbook.Parameters, facts recoveryFacts) {
	parameters["DBClusterParameterGroupName"], parameters["KmsKeyId"] = facts[factParameters], facts[factKey]
	if s.topology == MultiAZCluster {
		parameters["DBClusterInstanceClass"], parameters["StorageType"] = s.database.InstanceClass, "gp3"
	}
}

// instanceParameters: an instance keeps the key of its source, and takes none here.
func (s recoveryScope) instanceParameters(parameters runbook.Parameters, facts recoveryFacts) {
	parameters["DBParameterGroupName"], parameters["DBInstanceClass"] = facts[factParameters], s.database.InstanceClass
	parameters["MultiAZ"], parameters["StorageType"] = true, "gp3"
	parameters["PubliclyAccessible"], parameters["AutoMinorVersionUpgrade"] = false, false
}
