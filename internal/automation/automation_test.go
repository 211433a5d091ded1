// Package automation_test is of the layer of rules: a document and a scripted world in, what became of the execution out.
package automation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/automation"
	"github.com/stretchr/testify/require"
)

// world answers with a property that changes with time, and fails what it is told to.
type world struct {
	now   int
	calls []string
	fails map[string]bool
}

func (w *world) Call(_ context.Context, service, api string, parameters map[string]any) (map[string]any, error) {
	w.calls = append(w.calls, fmt.Sprint(service, " ", api, " ", parameters["Id"]))
	if w.fails[api] {
		return nil, errors.New("it fails")
	}
	status := "busy"
	if w.now >= 120 {
		status = "ready"
	}
	return map[string]any{"Things": []any{map[string]any{"Status": status, "On": true}}, "NextToken": nil}, nil
}

func (w *world) Invoke(_ context.Context, _, payload string) (string, bool, error) {
	return "got " + payload, payload == "bad", nil
}

func (w *world) Pass(seconds int) { w.now += seconds }

func documentWith(steps string) string {
	return `{"schemaVersion":"0.3","description":"x","assumeRole":"arn:r","parameters":{"Id":{"type":"String","description":"","default":"one","allowedPattern":"^[a-z]+$"}},"outputs":["look.Status"],"mainSteps":[` + steps + `]}`
}

const (
	look = `{"name":"look","action":"aws:executeAwsApi","inputs":{"Service":"s","Api":"Look","Id":"{{ Id }}"},"outputs":[{"Name":"Status","Selector":"$.Things[0].Status","Type":"String"}]}`
	wait = `{"name":"wait","action":"aws:waitForAwsResourceProperty","timeoutSeconds":TIME,"inputs":{"Service":"s","Api":"Look","PropertySelector":"$.Things[0].Status","DesiredValues":["ready"]}}`
	last = `{"name":"last","action":"aws:executeAwsApi","isEnd":true,"inputs":{"Service":"s","Api":"Last","Id":"x-{{ look.Status }}"}}`
)

func run(t *testing.T, w *world, steps string, parameters map[string]string) automation.Execution {
	t.Helper()
	execution, err := automation.Execute(t.Context(), documentWith(steps), parameters, w)
	require.NoError(t, err)
	return execution
}

func TestStepsRunInOrderAndHandOnWhatTheyFound(t *testing.T) {
	w := &world{}
	execution := run(t, w, look+","+last, map[string]string{"Id": "two"})
	require.False(t, execution.Failed)
	require.Equal(t, []string{"s Look two", "s Last x-busy"}, w.calls)
	require.Equal(t, map[string]string{"look.Status": "busy"}, execution.Outputs)
	require.Equal(t, "arn:r", execution.Role)
}

func TestAWaitLastsUntilThePropertyIsThereOrItsTimeIsOver(t *testing.T) {
	w := &world{}
	require.False(t, run(t, w, look+","+strings.Replace(wait, "TIME", "600", 1)+","+last, nil).Failed)
	require.Equal(t, 120, w.now)
	w = &world{}
	execution := run(t, w, look+","+strings.Replace(wait, "TIME", "60", 1)+","+last, nil)
	require.ErrorContains(t, execution.Err, "after 60 s")
	require.Equal(t, []string{"look", "wait"}, execution.Names())
}

func TestAWaitForAPropertyThatIsNotThereFailsAtOnce(t *testing.T) {
	w := &world{}
	execution := run(t, w, look+","+strings.NewReplacer("TIME", "600", "[0].Status", "[1].Status").Replace(wait)+","+last, nil)
	require.ErrorContains(t, execution.Err, "the answer has no $.Things[1].Status")
	require.Zero(t, w.now)
}

func TestASleepLetsTimePass(t *testing.T) {
	w := &world{}
	sleep := `{"name":"sleep","action":"aws:sleep","inputs":{"Duration":"PT120S"}}`
	execution := run(t, w, sleep+","+look+","+last, nil)
	require.False(t, execution.Failed)
	require.Equal(t, 120, w.now)
	require.Equal(t, []string{"s Look one", "s Last x-ready"}, w.calls)
}

func invoke(payload string) string {
	return `{"name":"ask","action":"aws:invokeLambdaFunction","inputs":{"FunctionName":"f","InvocationType":"RequestResponse","Payload":"` + payload + `"}}`
}

// AWS does not say what a step gets for {{ }} of an output that is not there, so a document that needs one is wrong.
func TestAFunctionThatSucceedsHasNoFunctionError(t *testing.T) {
	execution := run(t, &world{}, invoke("bad")+","+look+","+strings.Replace(last, "look.Status", "ask.FunctionError", 1), nil)
	require.False(t, execution.Failed)
	require.NoError(t, execution.Err)
}

func TestWhereAFailureLeads(t *testing.T) {
	second := `{"name":"second","action":"aws:executeAwsApi","inputs":{"Service":"s","Api":"Second"}}`
	for _, each := range []struct {
		about  string
		names  []string
		failed bool
	}{
		{`"onFailure":"Abort"`, []string{"first"}, true},
		{`"maxAttempts":2`, []string{"first"}, true},
		{`"onFailure":"Continue"`, []string{"first", "second", "third"}, true},
		{`"onFailure":"step:third"`, []string{"first", "third"}, true},
		{`"onFailure":"step:third","isCritical":false`, []string{"first", "third"}, false},
		{`"isCritical":false`, []string{"first"}, true},
	} {
		steps := `{"name":"first",` + each.about + `,"action":"aws:executeAwsApi","inputs":{"Service":"s","Api":"First"}},` + second + `,` + strings.Replace(second, "second", "third", 1)
		execution := run(t, &world{fails: map[string]bool{"First": true}}, steps, nil)
		require.Equal(t, each.names, execution.Names(), each.about)
		require.Equal(t, each.failed, execution.Failed, each.about)
	}
}

func TestABranchGoesWhereItsFirstChoiceLeads(t *testing.T) {
	branch := `{"name":"choose","action":"aws:branch","inputs":{"Choices":[{"Variable":"{{ Id }}","StringEquals":"two","NextStep":"last"}],"Default":"look"}}`
	end := strings.Replace(last, "{{ look.Status }}", "y", 1)
	require.Equal(t, []string{"choose", "last"}, run(t, &world{}, branch+","+look+","+end, map[string]string{"Id": "two"}).Names())
	require.Equal(t, []string{"choose", "look", "last"}, run(t, &world{}, branch+","+look+","+end, nil).Names())
}

func TestAScriptCallsTheWorldAndItsExceptionFailsTheStep(t *testing.T) {
	script := `{"name":"script","action":"aws:executeScript","inputs":{"Runtime":"python3.11","Handler":"go","InputPayload":{"id":"{{ Id }}"},
		"Script":"import boto3\ndef go(events, context):\n    pages = list(boto3.client('s').get_paginator('look').paginate(Id=events['id']))\n    if events['id'] == 'bad':\n        raise Exception('no')\n    return {'status': pages[0]['Things'][0]['Status']}\n"},
		"outputs":[{"Name":"Status","Selector":"$.Payload.status","Type":"String"}]}`
	document := strings.Replace(documentWith(script), "look.Status", "script.Status", 1)
	w := &world{}
	execution, err := automation.Execute(t.Context(), document, map[string]string{"Id": "two"}, w)
	if errors.Is(err, automation.ErrNoPython) {
		t.Skip(err)
	}
	require.NoError(t, err)
	require.NoError(t, execution.Err)
	require.Equal(t, "busy", execution.Outputs["script.Status"])
	require.Equal(t, []string{"s Look two"}, w.calls)
	execution, err = automation.Execute(t.Context(), document, map[string]string{"Id": "bad"}, w)
	require.NoError(t, err)
	require.ErrorContains(t, execution.Err, "no")
}

func TestWhatIsNotKnownIsRefused(t *testing.T) {
	for want, steps := range map[string]string{
		"is not known here":                     `{"name":"look","action":"aws:runCommand","inputs":{}}`,
		"a sleep has a Duration in seconds":     `{"name":"look","action":"aws:sleep","inputs":{"Duration":"PT1M"}}`,
		"{{ ask.FunctionError }} has no value":  invoke("good") + "," + strings.Replace(look, "{{ Id }}", "{{ ask.FunctionError }}", 1),
		"unknown field":                         `{"name":"look","action":"aws:sleep","inputs":{},"onCancel":"x"}`,
		"Service or Api is missing":             `{"name":"look","action":"aws:executeAwsApi","inputs":{"Service":"s"}}`,
		"has no value here":                     strings.Replace(look, "{{ Id }}", "{{ never.Ran }}", 1),
		"two steps are called look":             look + "," + look,
		"there is no step nowhere":              strings.Replace(look, `"name"`, `"nextStep":"nowhere","name"`, 1),
		"PropertySelector or DesiredValues":     strings.Replace(strings.Replace(wait, "TIME", "1", 1), "PropertySelector", "Selector", 1),
		"the selector \"$.Things[*].Status\"":   strings.Replace(look, "[0]", "[*]", 1),
		"output Status is string and not Boole": strings.Replace(look, `"Type":"String"`, `"Type":"Boolean"`, 1),
		"onFailure \"Maybe\" is not known":      strings.Replace(look, `"name":"look"`, `"name":"look","onFailure":"Maybe"`, 1),
		"1000 steps ran":                        strings.Replace(look, `"name"`, `"nextStep":"look","name"`, 1),
	} {
		w := &world{fails: map[string]bool{"Look": strings.Contains(want, "onFailure")}}
		_, err := automation.Execute(t.Context(), documentWith(steps), nil, w)
		require.ErrorContains(t, err, want)
	}
}

func TestParametersAreHeldAgainstTheDocument(t *testing.T) {
	for _, given := range []map[string]string{{"Id": "ONE"}, {"Other": "x"}} {
		_, err := automation.Execute(t.Context(), documentWith(look), given, &world{})
		require.Error(t, err)
	}
	required := strings.Replace(documentWith(look), `"default":"one",`, "", 1)
	_, err := automation.Execute(t.Context(), required, nil, &world{})
	require.ErrorContains(t, err, "parameter Id is required")
}
