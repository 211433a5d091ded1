package components

import (
	"encoding/json"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/dbusers"
	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The parameters of the runbook. AutomationAssumeRole is the name that Systems Manager knows: an association has to state the role
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/scheduling-automations-state-manager-associations.html).
const (
	roleParameter   = "AutomationAssumeRole"
	userParameter   = "User"
	rightsParameter = "Rights"
)

// usersParameters say what may come in: each is put where {{ }} stands, in a statement or an event, as it is.
func usersParameters() []runbook.Parameter {
	return []runbook.Parameter{
		{Name: roleParameter, Description: "The role that the runbook runs with", Required: true, Pattern: `^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$`},
		{Name: userParameter, Description: "The user", Required: true, Pattern: dbusers.UserPattern},
		{Name: rightsParameter, Description: "What the user may do", Required: true, Pattern: rightsPattern()},
	}
}

func rightsPattern() string {
	var names []string
	for _, rights := range AllDatabaseRights() {
		names = append(names, string(rights))
	}
	return "^(" + strings.Join(names, "|") + ")$"
}

const (
	runbookAttempts = 3
	// statementSeconds is more than the 45 s after which the Data API gives up
	// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html).
	statementSeconds = 60
	invokeSeconds    = runnerSeconds + 30
	scriptSeconds    = 60
)

// usersRunbook is the runbook's text.
func (d *MultiAZDatabase) usersRunbook() pulumi.StringOutput {
	function := pulumi.String("").ToStringOutput()
	if !d.args.HasDataAPI() {
		function = d.args.Runner.built.function.Name
	}
	return pulumi.All(d.ARN, d.MasterSecretARN, d.Endpoint, function).ApplyT(func(late []any) (string, error) {
		arn, secret, host, function := late[0].(string), late[1].(string), late[2].(string), late[3].(string)
		steps := d.statementSteps(arn, secret)
		if !d.args.HasDataAPI() {
			var err error
			if steps, err = d.runnerSteps(function, host, secret); err != nil {
				return "", err
			}
		}
		return runbook.Document{
			Description: "Makes a user of database " + d.name + ", or changes what differs, and nothing else.",
			AssumeRole:  placeholder(roleParameter), Parameters: usersParameters(), Steps: steps,
		}.JSON()
	}).(pulumi.StringOutput)
}

func placeholder(parameter string) string { return "{{ " + parameter + " }}" }

// statementSteps make the user, and the one that looks into restored databases, by the Data API
// (https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html).
func (d *MultiAZDatabase) statementSteps(cluster, secret string) []runbook.Step {
	run := func(statement string) runbook.Call {
		return runbook.Call{Service: "rds-data", API: "ExecuteStatement", Parameters: runbook.Parameters{
			"resourceArn": cluster, "secretArn": secret, "database": d.args.DatabaseName, "sql": statement,
		}}
	}
	return []runbook.Step{
		{Name: "MakeUser", TimeoutSeconds: statementSeconds, Attempts: runbookAttempts,
			Do: run(dbusers.MakeUser(placeholder(userParameter), placeholder(rightsParameter), d.args.DatabaseName))},
		{Name: "MakeVerifyUser", TimeoutSeconds: statementSeconds, Attempts: runbookAttempts, End: true, Do: run(dbusers.MakeVerifyUser(d.args.DatabaseName))},
	}
}

// runnerEvent is what aplomb-sql is asked for.
type runnerEvent struct {
	Verb      string `json:"verb"`
	Host      string `json:"host"`
	Port      int    `json:"port"`
	Database  string `json:"database"`
	SecretARN string `json:"secretARN"`
	User      string `json:"user"`
	Rights    string `json:"rights,omitempty"`
	// Login is for make-user, UserSecretARN for make-password.
	Login         string `json:"login,omitempty"`
	UserSecretARN string `json:"userSecretARN,omitempty"`
}

// runnerAnswered fails the run unless the function said that it did what it was asked for. That the step before fails together with the
// function is not documented: what a function that failed answers is an output like any other
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-lamb.html). Its errorMessage is Lambda's
// (https://docs.aws.amazon.com/lambda/latest/dg/go-exceptions.html).
const runnerAnswered = `import json
def check(events, context):
    answer = json.loads(events["answer"])
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        raise Exception("the function did not do it: " + str(answer.get("errorMessage") if isinstance(answer, dict) else answer))
    return answer
`

// runnerSteps have the runner make both users, which it does whenever it is asked for one.
func (d *MultiAZDatabase) runnerSteps(function, host, secret string) ([]runbook.Step, error) {
	event, err := json.Marshal(runnerEvent{
		Verb: "make-user", Host: host, Port: postgresPort, Database: d.args.DatabaseName, SecretARN: secret,
		User: placeholder(userParameter), Rights: placeholder(rightsParameter),
	})
	return []runbook.Step{
		{Name: "MakeUser", TimeoutSeconds: invokeSeconds, Attempts: runbookAttempts, Do: runbook.Invoke{Function: function, Event: string(event)}},
		{Name: "UserIsMade", TimeoutSeconds: scriptSeconds, End: true, Do: runbook.Script{
			Handler: "check", Python: runnerAnswered, Input: map[string]string{"answer": placeholder("MakeUser.Payload")},
		}},
	}, err
}
