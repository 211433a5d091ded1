package runbook

import "strconv"

// Action is what a step does.
type Action interface {
	action() string
	inputs() map[string]any
}

// Parameters are those of an AWS API operation, under the names that AWS's API reference gives them. A value is a text, a number, a
// bool, a list or such a map; a text may hold {{ }} references.
type Parameters map[string]any

// Call calls an operation of an AWS API
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeAwsApi.html).
type Call struct {
	// Service is its namespace in the AWS CLI, such as rds-data, API its name in AWS's API reference, such as ExecuteStatement.
	Service, API string
	Parameters   Parameters
}

func (c Call) action() string { return "aws:executeAwsApi" }

func (c Call) inputs() map[string]any {
	all := map[string]any{"Service": c.Service, "Api": c.API}
	for name, value := range c.Parameters {
		all[name] = value
	}
	return all
}

// Await calls an operation again and again until a property has one of the values
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-waitForAwsResourceProperty.html). An error of the
// operation ends the wait: AWS's documentation says nothing else.
type Await struct {
	Call
	Selector string
	Desired  []string
}

func (a Await) action() string { return "aws:waitForAwsResourceProperty" }

func (a Await) inputs() map[string]any { return withProperty(a.Call, a.Selector, a.Desired) }

// Assert calls an operation once and fails unless a property has one of the values
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-assertAwsResourceProperty.html).
type Assert struct {
	Call
	Selector string
	Desired  []string
}

func (a Assert) action() string { return "aws:assertAwsResourceProperty" }

func (a Assert) inputs() map[string]any { return withProperty(a.Call, a.Selector, a.Desired) }

func withProperty(call Call, selector string, desired []string) map[string]any {
	all := call.inputs()
	all["PropertySelector"], all["DesiredValues"] = selector, desired
	return all
}

// Branch goes on with the step of the first choice that holds, or with Default
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-branch.html).
type Branch struct {
	Choices []Choice
	Default string
}

// Choice holds when the variable, a {{ }} reference, is the text.
type Choice struct{ Variable, Equals, Next string }

func (b Branch) action() string { return "aws:branch" }

func (b Branch) inputs() map[string]any {
	choices := []any{}
	for _, each := range b.Choices {
		choices = append(choices, map[string]any{"Variable": each.Variable, "StringEquals": each.Equals, "NextStep": each.Next})
	}
	return map[string]any{"Choices": choices, "Default": b.Default}
}

// Sleep lets time pass: MaxSleepSeconds at most
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-sleep.html).
type Sleep struct{ Seconds int }

// MaxSleepSeconds is AWS's limit, 7 days less a second, as there.
const MaxSleepSeconds = 604799

func (s Sleep) action() string { return "aws:sleep" }

func (s Sleep) inputs() map[string]any {
	return map[string]any{"Duration": "PT" + strconv.Itoa(s.Seconds) + "S"}
}

// Invoke invokes a Lambda function and waits for its answer, 300 s at most. Its outputs are Payload and StatusCode; a third, FunctionError, is
// there only when the function failed, so nothing may refer to it
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-lamb.html).
type Invoke struct {
	Function string
	// Event is what the function is given, as JSON.
	Event string
}

func (i Invoke) action() string { return "aws:invokeLambdaFunction" }

func (i Invoke) inputs() map[string]any {
	return map[string]any{"FunctionName": i.Function, "InvocationType": "RequestResponse", "Payload": i.Event}
}

// Script runs Python in which AWS's SDK is there, 600 s at most. The function gets Input as its first parameter, and what it returns is
// the step's response, under $.Payload
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html).
type Script struct {
	Handler, Python string
	Input           map[string]string
}

func (s Script) action() string { return "aws:executeScript" }

func (s Script) inputs() map[string]any {
	return map[string]any{"Runtime": "python3.11", "Handler": s.Handler, "Script": s.Python, "InputPayload": s.Input}
}
