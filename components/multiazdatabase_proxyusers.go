package components

import (
	"encoding/json"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// secretParameter is the ARN of the user's secret, put into an event as it is.
const secretParameter = "UserSecret"

const secretARNPattern = `^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$`

// buildProxyRunbook builds the runbook that makes the users behind the proxy, if there is one. The runner makes them with every topology: nothing
// else can set a password that nobody sees.
func (d *MultiAZDatabase) buildProxyRunbook(ctx *pulumi.Context) (err error) {
	if d.args.Proxy == nil {
		return nil
	}
	name := d.name + "-make-proxy-user"
	d.built.proxy.runbook, err = ssm.NewDocument(ctx, name, transformed(&ssm.DocumentArgs{
		DocumentType: pulumi.String("Automation"), DocumentFormat: pulumi.String("JSON"), Content: d.proxyRunbook(), Tags: tagsNamed(d.args.Tags, name),
	}, d.args.Transform.Document), pulumi.Parent(d))
	if err != nil {
		return err
	}
	return d.tellUsers(ctx, name, d.built.proxy.runbook)
}

func (d *MultiAZDatabase) proxyRunbook() pulumi.StringOutput {
	return pulumi.All(d.MasterSecretARN, d.Endpoint, d.args.Runner.built.function.Name).ApplyT(func(late []any) (string, error) {
		steps, err := d.proxyUserSteps(late[2].(string), late[1].(string), late[0].(string))
		if err != nil {
			return "", err
		}
		return runbook.Document{
			Description: "Makes a user of database " + d.name + " who goes through its proxy, or changes what differs, and sees to it that the password in the user's secret works.",
			AssumeRole:  placeholder(roleParameter), Steps: steps,
			Parameters: append(usersParameters(), runbook.Parameter{
				Name: secretParameter, Description: "The secret with the user's password", Required: true, Pattern: secretARNPattern,
			}),
		}.JSON()
	}).(pulumi.StringOutput)
}

// proxyUserSteps make the user as one who logs in by password, and then the password. RDS takes either a token or a password from a user
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/database-authentication.html): services show their tokens to the proxy.
func (d *MultiAZDatabase) proxyUserSteps(function, host, secret string) ([]runbook.Step, error) {
	event := runnerEvent{
		Verb: "make-user", Host: host, Port: postgresPort, Database: d.args.DatabaseName, SecretARN: secret,
		User: placeholder(userParameter), Rights: placeholder(rightsParameter), Login: "password",
	}
	user, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	event.Verb, event.Rights, event.Login, event.UserSecretARN = "make-password", "", "", placeholder(secretParameter)
	password, err := json.Marshal(event)
	answered := func(step string) runbook.Script {
		return runbook.Script{Handler: "check", Python: runnerAnswered, Input: map[string]string{"answer": placeholder(step + ".Payload")}}
	}
	return []runbook.Step{
		{Name: "MakeUser", TimeoutSeconds: invokeSeconds, Attempts: runbookAttempts, Do: runbook.Invoke{Function: function, Event: string(user)}},
		{Name: "UserIsMade", TimeoutSeconds: scriptSeconds, Do: answered("MakeUser")},
		{Name: "MakePassword", TimeoutSeconds: invokeSeconds, Attempts: runbookAttempts, Do: runbook.Invoke{Function: function, Event: string(password)}},
		{Name: "PasswordIsMade", TimeoutSeconds: scriptSeconds, End: true, Do: answered("MakePassword")},
	}, err
}

// passwordStatements let the runner read and write the passwords of the users behind the proxy, and use the key for nothing else.
func passwordStatements(at home, keys []string) []iampolicy.Statement {
	statements := secretStatements(at, append([]string{masterKey}, keys...))
	write := iampolicy.Statement{Sid: "WritePasswords", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"secretsmanager:PutSecretValue"}}
	for _, key := range keys {
		write.Resources = append(write.Resources, iampolicy.Slot(secretSlot(key), ""))
	}
	return append(statements, write, iampolicy.Statement{
		Sid: "EncryptPasswords", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"kms:GenerateDataKey"}, Resources: []iampolicy.Resource{iampolicy.Slot(keySlot, "")},
		Conditions: []iampolicy.Condition{
			iampolicy.When(iampolicy.StringEquals, "kms:ViaService", naming.ServiceEndpoint("secretsmanager", at.region)),
		},
	})
}
