package components

import (
	"encoding/json"
	"strconv"

	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildVerifyUser has the user made that the function logs in as. The runbook makes it together with every granted user; of a database that nobody
// is granted yet, no run would. A grant takes this one's place, and the user stays.
func (r *DatabaseRecovery) buildVerifyUser(*pulumi.Context) error {
	database := r.args.Database
	if database.args.HasDataAPI() || len(database.users) > 0 {
		return nil
	}
	return database.makeUser(verifyUser, DatabaseRead)
}

// verified is what a database answers that holds what it should. It is a text, because that is what AWS's documentation shows properties
// compared with.
const verified = "verified"

// query is the check as a query with a text for an answer.
func (s recoveryScope) query() string {
	return "SELECT CASE WHEN (" + s.check + ") THEN '" + verified + "' ELSE 'not " + verified + "' END"
}

// askAgain is after how many seconds each a database is asked again that has not answered as it should: for 15 minutes in all, since the DNS name of an
// instance that was renamed takes about 10 (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html). How long the
// Data API takes to answer after it was switched on AWS does not say.
var askAgain = []int{60, 240, 300, 300}

// look is how a step looks at a database before it is asked, with the outputs Identifier, ARN, Endpoint, ResourceID and, where there is a Data
// API, Secret.
func (s recoveryScope) look(step, id string, onFailure runbook.Failure) runbook.Step {
	look := runbook.Step{Name: step, Do: s.describe(id), OnFailure: onFailure, Attempts: 3, Outputs: []runbook.Output{
		runbook.Text("Identifier", s.property("DBClusterIdentifier", "DBInstanceIdentifier")),
		runbook.Text("ARN", s.property("DBClusterArn", "DBInstanceArn")),
		runbook.Text("Endpoint", s.property("Endpoint", "Endpoint.Address")),
		runbook.Text("ResourceID", s.property("DbClusterResourceId", "DbiResourceId")),
	}}
	if s.dataAPI() {
		look.Outputs = append(look.Outputs, runbook.Text("Secret", "$.DBClusters[0].MasterUserSecret.SecretArn"))
	}
	return look
}

// asked are the steps that ask the database, which a step called look has looked at, whether it holds what it should: once, and again after
// each of the pauses. When it does, the step called then comes next, or the end where then is empty.
func (s recoveryScope) asked(look, then string, pauses []int, facts recoveryFacts, onFailure runbook.Failure) []runbook.Step {
	var steps []runbook.Step
	for index := range len(pauses) + 1 {
		number, pause := "", ""
		if index > 0 {
			number = strconv.Itoa(index + 1)
		}
		once := s.askOnce(look, number, facts[factRunner])
		if index < len(pauses) {
			pause = look + "Pause" + strconv.Itoa(index+1)
		}
		for step := range once {
			once[step].OnFailure = onFailure
			if pause != "" {
				once[step].OnFailure, once[step].Optional = runbook.GoTo(pause), true
			}
		}
		answer := &once[len(once)-1]
		answer.Next, answer.End = then, then == ""
		steps = append(steps, once...)
		if pause != "" {
			steps = append(steps, runbook.Step{Name: pause, Do: runbook.Sleep{Seconds: pauses[index]}})
		}
	}
	return steps
}

// askOnce asks through the Data API, or through the function in the VPC, whose answer is what says whether it failed: a function that failed does not fail the
// step that asked it.
func (s recoveryScope) askOnce(look, number, runner string) []runbook.Step {
	if s.dataAPI() {
		return []runbook.Step{{
			Name: look + "Answers" + number,
			Do: runbook.Assert{
				Call: runbook.Call{Service: "rds-data", API: "ExecuteStatement", Parameters: runbook.Parameters{
					"resourceArn": "{{ " + look + ".ARN }}", "secretArn": "{{ " + look + ".Secret }}", "database": s.database.DatabaseName, "sql": s.query(),
				}},
				Selector: "$.records[0][0].stringValue", Desired: []string{verified},
			},
		}}
	}
	event, _ := json.Marshal(map[string]any{ // texts and a number always become JSON
		"verb": "verify", "host": "{{ " + look + ".Endpoint }}", "port": postgresPort, "database": s.database.DatabaseName, "check": s.check,
		"resourceID": "{{ " + look + ".ResourceID }}",
	})
	asked := look + "Asked" + number
	return []runbook.Step{{
		Name: asked, Do: runbook.Invoke{Function: runner, Event: string(event)}, TimeoutSeconds: invokeSeconds,
	}, {
		Name: look + "Answers" + number, TimeoutSeconds: scriptSeconds,
		Do: runbook.Script{Handler: "check", Python: runnerAnswered, Input: map[string]string{"answer": placeholder(asked + ".Payload")}},
	}}
}
