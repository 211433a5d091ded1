package components

import (
	"encoding/json"

	"github.com/aplomb-iac/aplomb/internal/runbook"
)

// verified is what a database answers that holds what it should. It is a text, because that is what AWS's documentation shows properties
// compared with.
const verified = "verified"

// query is the check as a query with a text for an answer.
func (s recoveryScope) query() string {
	return "SELECT CASE WHEN (" + s.check + ") THEN '" + verified + "' ELSE 'not " + verified + "' END"
}

// verify are the steps that ask a database whether it holds what it should. They begin with a look at it, called step, with the outputs
// Identifier, ARN, Endpoint, ResourceID and, for Aurora, Secret.
func (s recoveryScope) verify(step, id, runner string, onFailure runbook.Failure) []runbook.Step {
	look := runbook.Step{Name: step, Do: s.describe(id), OnFailure: onFailure, Outputs: []runbook.Output{
		runbook.Text("Identifier", s.property("DBClusterIdentifier", "DBInstanceIdentifier")),
		runbook.Text("ARN", s.property("DBClusterArn", "DBInstanceArn")),
		runbook.Text("Endpoint", s.property("Endpoint", "Endpoint.Address")),
		runbook.Text("ResourceID", s.property("DbClusterResourceId", "DbiResourceId")),
	}}
	if s.dataAPI() {
		look.Outputs = append(look.Outputs, runbook.Text("Secret", "$.DBClusters[0].MasterUserSecret.SecretArn"))
		return []runbook.Step{look, s.ask(step+"Answers", "{{ "+step+".ARN }}", "{{ "+step+".Secret }}", onFailure)}
	}
	event, _ := json.Marshal(map[string]any{ // texts and a number always become JSON
		"verb": "verify", "host": "{{ " + step + ".Endpoint }}", "port": postgresPort, "database": s.database.DatabaseName, "check": s.check,
		"resourceID": "{{ " + step + ".ResourceID }}",
	})
	return []runbook.Step{look, {
		Name: step + "Asked", Do: runbook.Invoke{Function: runner, Event: string(event)}, OnFailure: onFailure, TimeoutSeconds: 300,
	}, {
		Name: step + "Answers", OnFailure: onFailure, Do: runbook.Script{Handler: "judge", Python: judge, Input: map[string]string{
			"error": "{{ " + step + "Asked.FunctionError }}", "answer": "{{ " + step + "Asked.Payload }}",
		}},
	}}
}

// ask asks Aurora through the Data API, which takes a while to answer after it was switched on; how long, AWS does not say.
func (s recoveryScope) ask(step, arn, secret string, onFailure runbook.Failure) runbook.Step {
	return runbook.Step{
		Name: step, OnFailure: onFailure, Attempts: 10,
		Do: runbook.Assert{
			Call: runbook.Call{Service: "rds-data", API: "ExecuteStatement", Parameters: runbook.Parameters{
				"resourceArn": arn, "secretArn": secret, "database": s.database.DatabaseName, "sql": s.query(),
			}},
			Selector: "$.records[0][0].stringValue", Desired: []string{verified},
		},
	}
}

// judge fails unless the function answered that the check holds. A function that failed does not fail the step before.
const judge = `import json

def judge(events, context):
    if events["error"]:
        raise Exception("the function failed: " + events["answer"])
    if json.loads(events["answer"]).get("ok") is not True:
        raise Exception("the check does not hold: " + events["answer"])
    return {"verdict": "verified"}
`
