package kinds_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const runbookARN = "arn:aws:iam::123456789012:role/runbook"

// runbookOf is a runbook that makes a user, with changes to its top level.
func runbookOf(changes In) string {
	text, err := json.Marshal(changed(In{
		"schemaVersion": "0.3", "description": "Makes a user", "assumeRole": "{{ AutomationAssumeRole }}",
		"parameters": In{
			"AutomationAssumeRole": In{"type": "AWS::IAM::Role::Arn", "description": "Who runs it"},
			"User":                 In{"type": "String", "allowedPattern": "^[a-z]+$", "maxChars": 8},
			"Rights":               In{"type": "String", "allowedValues": []any{"read", "write"}, "default": "read"},
			"Once":                 In{"type": "Boolean", "default": true},
		},
		"mainSteps": []any{runStep(nil), In{"name": "again", "action": "aws:sleep", "inputs": In{"Duration": "PT1S"}, "isEnd": true}},
		"outputs":   []any{"make.Payload"},
	}, changes))
	if err != nil {
		panic(err)
	}
	return string(text)
}

func runStep(changes In) In {
	return changed(In{
		"name": "make", "action": "aws:invokeLambdaFunction", "inputs": In{"FunctionName": "sql", "Payload": `{"user":"{{ User }}","at":"{{ automation:EXECUTION_ID }}"}`},
		"onFailure": "Abort", "nextStep": "again",
	}, changes)
}

func document(changes In) Draft {
	return func(*Lab) In {
		return changed(In{"name": "make-user", "documentType": "Automation", "content": runbookOf(nil)}, changes)
	}
}

func runbookWith(changes In) Draft { return document(In{"content": runbookOf(changes)}) }

func oneStep(changes In) Draft {
	return runbookWith(In{"mainSteps": []any{runStep(changes), runStep(In{"name": "again", "nextStep": nil})}, "outputs": nil})
}

const runbookYAML = "schemaVersion: '0.3'\nmainSteps:\n  - name: wait\n    action: aws:sleep\n    inputs:\n      Duration: PT5M\n"

var _ = suite(kinds.Document, Suite{
	Valid: map[string]Draft{
		"a runbook": document(nil), "in YAML": document(In{"content": runbookYAML, "documentFormat": "YAML"}), "named by the provider": document(In{"name": nil}),
		"with a version name": document(In{"versionName": "first"}),
		"a script":            oneStep(In{"action": "aws:executeScript", "inputs": In{"Runtime": "python3.11", "Handler": "run", "Script": "def run(events, context): pass"}}),
		"a branch":            oneStep(In{"action": "aws:branch", "nextStep": nil, "inputs": In{"Default": "again", "Choices": []any{In{"NextStep": "again", "Variable": "{{ User }}", "StringEquals": "a"}}}}),
		"a loop":              oneStep(In{"action": "aws:loop", "inputs": In{"MaxIterations": 2, "Steps": []any{In{"name": "inner", "action": "aws:sleep", "inputs": In{"Duration": "PT1S"}}}}}),
	},
	Refusals: []Refusal{
		{Rule: "length of name", Draft: document(In{"name": "ab"}), Says: "range (3 - 128)"},
		{Rule: "pattern of name", Draft: document(In{"name": "make user"}), Says: "must contain only"},
		{Rule: "values of documentFormat", Draft: document(In{"documentFormat": "json"}), Says: "to be one of"},
		{Rule: "length of versionName", Draft: document(In{"versionName": "v1"}), Says: "range (3 - 128)"},
		{Rule: "pattern of versionName", Draft: document(In{"versionName": "the first"}), Says: "must contain only"},
		{Rule: "only what the sandbox has", Draft: document(In{"targetType": "/AWS::EC2::Instance"}), Says: "documents with attachments"},
		{Rule: "runbooks only", Draft: document(In{"documentType": "Command"}), Says: `no documents of the type "Command"`},
		{Rule: "prefixes that AWS keeps", Draft: document(In{"name": "Amazon-make-user"}), Says: "CreateDocument, api error ValidationException: Invalid document name"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.Document, "make-user", In{"name": "make-user"})
			return document(nil)(lab)
		}, Says: "DocumentAlreadyExists"},
		{Rule: "size of the content", Draft: runbookWith(In{"description": strings.Repeat("a", 64*1024)}), Says: "MaxDocumentSizeExceeded"},
		{Rule: "content that can be read", Draft: document(In{"content": "{"}), Says: "InvalidDocumentContent: JSON not well-formed."},
		{Rule: "content that can be read", Draft: document(In{"content": "a: [", "documentFormat": "YAML"}), Says: "YAML not well-formed"},
		{Rule: "content that can be read", Draft: document(In{"documentFormat": "TEXT"}), Says: "TEXT is not supported"},
		{Rule: "content that can be read", Draft: runbookWith(In{"steps": []any{}}), Says: `unknown field "steps"`},
		{Rule: "schema version", Draft: runbookWith(In{"schemaVersion": "2.2"}), Says: "InvalidDocumentSchemaVersion"},
		{Rule: "parameters", Draft: runbookWith(In{"assumeRole": nil, "parameters": In{"User": In{"type": "Text"}}}), Says: `Parameter type "Text" of parameter User`},
		{Rule: "parameters", Draft: runbookWith(In{"assumeRole": nil, "parameters": In{"User": In{"type": "String"}, "the user": In{"type": "String"}}}), Says: "Parameter name the user is invalid"},
		{Rule: "parameters", Draft: runbookWith(In{"assumeRole": nil, "parameters": In{"User": In{"type": "String", "allowedPattern": "("}}}), Says: "no regular expression"},
		{Rule: "parameters", Draft: runbookWith(In{"assumeRole": nil, "parameters": In{"User": In{"type": "String", "allowedValues": []any{"a"}, "default": "b"}}}), Says: "default value of parameter User"},
		{Rule: "steps", Draft: runbookWith(In{"mainSteps": []any{}, "outputs": nil}), Says: "no mainSteps"},
		{Rule: "steps", Draft: oneStep(In{"name": "a step"}), Says: `Step name "a step" is invalid`},
		{Rule: "steps", Draft: oneStep(In{"name": "again"}), Says: "several called again"},
		{Rule: "steps", Draft: oneStep(In{"action": "aws:runSQL"}), Says: `Action "aws:runSQL" of step make is not supported`},
		{Rule: "steps", Draft: oneStep(In{"nextStep": "gone"}), Says: "leads to the step gone"},
		{Rule: "steps", Draft: oneStep(In{"onFailure": "step:gone"}), Says: "leads to the step gone"},
		{Rule: "steps", Draft: oneStep(In{"onFailure": "Retry"}), Says: "onFailure is Abort, Continue or step:NAME"},
		{Rule: "steps", Draft: oneStep(In{"action": "aws:branch", "inputs": In{"Choices": []any{In{"NextStep": "gone"}}}}), Says: "leads to the step gone"},
		{Rule: "inputs of actions", Draft: oneStep(In{"inputs": In{"Payload": "{}"}}), Says: "Input FunctionName of action aws:invokeLambdaFunction in step make is required"},
		{Rule: "inputs of actions", Draft: oneStep(In{"action": "aws:executeAwsApi", "inputs": In{"Service": "rds"}}), Says: "Input Api of action"},
		{Rule: "inputs of actions", Draft: oneStep(In{"action": "aws:executeScript", "inputs": In{"Runtime": "python2", "Handler": "run", "Script": "x"}}), Says: `Runtime "python2"`},
		{Rule: "inputs of actions", Draft: oneStep(In{"action": "aws:executeScript", "inputs": In{"Runtime": "python3.11", "Script": "x"}}), Says: "Input Handler"},
		{Rule: "what the steps refer to", Draft: oneStep(In{"inputs": In{"FunctionName": "{{ Function }}"}}), Says: "Undefined parameters: {{ Function }}"},
		{Rule: "what the steps refer to", Draft: oneStep(In{"inputs": In{"FunctionName": "{{ gone.Output }}"}}), Says: "Undefined parameters: {{ gone.Output }}"},
		{Rule: "what the steps refer to", Draft: runbookWith(In{"assumeRole": "{{ Role }}"}), Says: "Undefined parameters: {{ Role }}"},
		{Rule: "what the steps refer to", Draft: runbookWith(In{"outputs": []any{"gone.Payload"}}), Says: "Output gone.Payload"},
		{Rule: "version names", Before: document(In{"versionName": "first"}), Draft: document(In{"versionName": "first", "content": runbookOf(In{"description": "Other"})}), Says: "DuplicateDocumentVersionName"},
		{Rule: "associations", Draft: document(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.Association, "one", In{"name": made.ID})
		}, Says: "DeleteDocument, api error AssociatedInstances"},
	},
	Replaces: []Change{{Path: "name", Before: document(nil), After: document(In{"name": "other"})}},
	Updates:  []Change{{Path: "content", Before: document(nil), After: document(In{"content": runbookOf(In{"description": "Other"})})}},
})

func trustOfAutomation(service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole",` +
		`"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"},"ArnLike":{"aws:SourceArn":"arn:aws:ssm:*:123456789012:automation-execution/*"}}}]}`
}

func stateOf(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Document, "make-user", In{"name": "make-user", "content": runbookOf(nil), "latestVersion": "2"})
		lab.Put(kinds.Role, "runbook", In{"arn": runbookARN, "assumeRolePolicy": trustOfAutomation("ssm.amazonaws.com")})
		lab.Put(kinds.Role, "other", In{"arn": runbookARN + "-ec2", "assumeRolePolicy": trustOfAutomation("ec2.amazonaws.com")})
		return changed(In{
			"name": "make-user", "associationName": "make-app", "documentVersion": "2", "scheduleExpression": "rate(1 day)", "waitForSuccessTimeoutSeconds": 300,
			"parameters": In{"AutomationAssumeRole": runbookARN, "Rights": "write"}, "automationTargetParameterName": "User",
			"targets": []any{In{"key": "ParameterValues", "values": []any{"app"}}},
		}, changes)
	}
}

func associated(parameters In) Draft {
	return stateOf(In{"parameters": changed(In{"AutomationAssumeRole": runbookARN}, parameters)})
}

func toValues(values ...any) []any { return []any{In{"key": "ParameterValues", "values": values}} }

// untargeted is an association without targets.
func untargeted(changes In) Draft {
	return stateOf(changed(In{"targets": nil, "automationTargetParameterName": nil, "parameters": In{"AutomationAssumeRole": runbookARN, "User": "app"}}, changes))
}

var _ = suite(kinds.Association, Suite{
	Valid: map[string]Draft{
		"on values": stateOf(nil), "without targets": untargeted(nil), "the default version": stateOf(In{"documentVersion": nil}),
		"nightly": stateOf(In{"scheduleExpression": "cron(0 2 ? * SUN *)"}), "once": stateOf(In{"scheduleExpression": nil}),
		"half-hourly": stateOf(In{"scheduleExpression": "rate(30 minutes)"}), "one error": stateOf(In{"maxErrors": "0", "maxConcurrency": "1"}),
		"not waited for": stateOf(In{"waitForSuccessTimeoutSeconds": nil, "parameters": In{"AutomationAssumeRole": "arn:aws:iam::123456789012:role/gone"}}),
	},
	Refusals: []Refusal{
		{Rule: "reference name", Draft: stateOf(In{"name": "gone"}), Says: "InvalidDocument: Document with name gone does not exist."},
		{Rule: "length of associationName", Draft: stateOf(In{"associationName": "ab"}), Says: "range (3 - 128)"},
		{Rule: "pattern of associationName", Draft: stateOf(In{"associationName": "make app"}), Says: "must contain only"},
		{Rule: "length of automationTargetParameterName", Draft: func(lab *Lab) In {
			long := strings.Repeat("a", 51)
			lab.Put(kinds.Document, "long", In{"name": "long", "content": runbookOf(In{"assumeRole": nil, "parameters": In{"User": In{"type": "String"}, long: In{"type": "String"}}}), "latestVersion": "2"})
			return stateOf(In{"name": "long", "automationTargetParameterName": long, "parameters": In{"User": "app"}})(lab)
		}, Says: "range (1 - 50)"},
		{Rule: "values of complianceSeverity", Draft: stateOf(In{"complianceSeverity": "high"}), Says: "to be one of"},
		{Rule: "values of syncCompliance", Draft: stateOf(In{"syncCompliance": "auto"}), Says: "to be one of"},
		{Rule: "pattern of documentVersion", Draft: stateOf(In{"documentVersion": "newest"}), Says: "$LATEST, $DEFAULT"},
		{Rule: "pattern of maxConcurrency", Draft: stateOf(In{"maxConcurrency": "0"}), Says: "valid number"},
		{Rule: "pattern of maxErrors", Draft: stateOf(In{"maxErrors": "few"}), Says: "valid number"},
		{Rule: "length of scheduleExpression", Draft: stateOf(In{"scheduleExpression": "cron(" + strings.Repeat("0,", 130) + "0 2 ? * SUN *)"}), Says: "range (1 - 256)"},
		{Rule: "only what the sandbox has", Draft: stateOf(In{"instanceId": "i-1"}), Says: "associations with instances"},
		{Rule: "targets that are values", Draft: stateOf(In{"targets": []any{In{"key": "tag:stack", "values": []any{"app"}}}}), Says: "no targets but ParameterValues"},
		{Rule: "number of targets", Draft: stateOf(In{"targets": append(append(append(toValues("a"), toValues("b")...), append(toValues("c"), toValues("d")...)...), append(toValues("e"), toValues("f")...)...)}), Says: "at most 5"},
		{Rule: "targets and their parameter", Draft: stateOf(In{"targets": nil}), Says: "Must specify both Automation Target Parameter Name and Targets"},
		{Rule: "targets and their parameter", Draft: stateOf(In{"automationTargetParameterName": nil, "parameters": In{"User": "app", "AutomationAssumeRole": runbookARN}}), Says: "Must specify both"},
		{Rule: "an update without targets", Before: untargeted(nil), Draft: untargeted(In{"documentVersion": "1"}), Says: "Must specify both Automation Target Parameter Name and Targets"},
		{Rule: "version of the document", Draft: stateOf(In{"documentVersion": "3"}), Says: "InvalidDocumentVersion"},
		{Rule: "a schedule", Draft: stateOf(In{"scheduleExpression": "daily"}), Says: "InvalidSchedule"},
		{Rule: "a schedule", Draft: stateOf(In{"scheduleExpression": "rate(29 minutes)"}), Says: "InvalidSchedule"},
		{Rule: "a schedule", Draft: stateOf(In{"scheduleExpression": "rate(1 days)"}), Says: "InvalidSchedule"},
		{Rule: "a rate that waits", Draft: stateOf(In{"applyOnlyAtCronInterval": true}), Says: "not supported for rate"},
		{Rule: "parameters that the document has", Draft: associated(In{"Password": "hush"}), Says: "InvalidParameters: Parameter Password is not supported"},
		{Rule: "parameters that the document has", Draft: stateOf(In{"automationTargetParameterName": "Name", "parameters": In{"User": "app", "AutomationAssumeRole": runbookARN}}), Says: "Parameter Name is not supported"},
		{Rule: "parameters that the document needs", Draft: associated(In{"AutomationAssumeRole": nil}), Says: "Parameter AutomationAssumeRole of document make-user is required"},
		{Rule: "values of the parameters", Draft: associated(In{"Rights": "own"}), Says: "Parameter Rights must be one of [read write], not own"},
		{Rule: "values of the parameters", Draft: associated(In{"Once": "yes"}), Says: "Parameter Once must be true or false"},
		{Rule: "values of the parameters", Draft: stateOf(In{"targets": toValues("app; drop")}), Says: "Parameter User must match the pattern"},
		{Rule: "values of the parameters", Draft: stateOf(In{"targets": toValues("applications")}), Says: "wrong number of characters"},
		{Rule: "a run that succeeds", Draft: associated(In{"AutomationAssumeRole": runbookARN + "-gone"}), Says: "unexpected state 'Failed', wanted target 'Success'"},
		{Rule: "a run that succeeds", Draft: associated(In{"AutomationAssumeRole": runbookARN + "-ec2"}), Says: "cannot be assumed"},
	},
	Replaces: []Change{{Path: "name", Before: stateOf(nil), After: func(lab *Lab) In {
		lab.Put(kinds.Document, "other", In{"name": "other", "content": runbookOf(nil), "latestVersion": "2"})
		return stateOf(In{"name": "other"})(lab)
	}}},
	Updates: []Change{
		{Path: "documentVersion", Before: stateOf(nil), After: stateOf(In{"documentVersion": "1"})},
		{Path: "parameters.Rights", Before: stateOf(nil), After: associated(In{"Rights": "read"})},
	},
})

func TestADocumentThatChangesHasAHigherVersionWhichIsTheDefaultAtOnce(t *testing.T) {
	kind, known := kinds.Of(kinds.Document)
	require.True(t, known)
	lab := newLab(t)
	made, err := lab.create(kind, "web", document(nil)(lab))
	require.NoError(t, err)
	require.Equal(t, []string{"1", "1", "1"}, []string{made.Text("documentVersion"), made.Text("defaultVersion"), made.Text("latestVersion")})
	subject := lab.subject(kind, "web")
	inputs, err := check(kind, subject, made.Inputs, document(In{"content": runbookOf(In{"description": "Other"})})(lab))
	require.NoError(t, err)
	require.True(t, kind.Preview(subject, lab.world, inputs, made)["documentVersion"].IsComputed(), "what waits for the new version must see that it will be another")
	changed, err := kind.Update(subject, lab.world, inputs, made)
	require.NoError(t, err)
	require.Equal(t, []string{"2", "2", "2"}, []string{changed.Text("documentVersion"), changed.Text("defaultVersion"), changed.Text("latestVersion")})
	require.NotEqual(t, made.Text("hash"), changed.Text("hash"))
}
