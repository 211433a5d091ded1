// Package runbook_test is of the layer of rules: documents in, text or what is wrong with them out.
package runbook_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/stretchr/testify/require"
)

func valid() runbook.Document {
	look := runbook.Call{Service: "rds", API: "DescribeDBClusters", Parameters: runbook.Parameters{"DBClusterIdentifier": "{{ Name }}"}}
	return runbook.Document{
		Description: "Looks.", AssumeRole: "arn:aws:iam::210987654321:role/looks",
		Parameters: []runbook.Parameter{{Name: "Name", Description: "Which.", Pattern: "^[a-z]+$", Default: "tickets"}},
		Steps: []runbook.Step{
			{Name: "look", Do: look, Outputs: []runbook.Output{runbook.Text("Status", "$.DBClusters[0].Status")}, Optional: true, OnFailure: runbook.GoTo("end")},
			{Name: "choose", Do: runbook.Branch{Choices: []runbook.Choice{{Variable: "{{ look.Status }}", Equals: "available", Next: "end"}}, Default: "wait"}},
			{Name: "wait", Do: runbook.Await{Call: look, Selector: "$.DBClusters[0].Status", Desired: []string{"available"}}, TimeoutSeconds: 60, Attempts: 2},
			{Name: "end", Do: runbook.Assert{Call: look, Selector: "$.DBClusters[0].Status", Desired: []string{"available"}}, End: true},
		},
		Outputs: []string{"look.Status"},
	}
}

func TestADocumentIsTheJSONThatSystemsManagerReads(t *testing.T) {
	text, err := valid().JSON()
	require.NoError(t, err)
	require.JSONEq(t, `{
		"schemaVersion": "0.3", "description": "Looks.", "assumeRole": "arn:aws:iam::210987654321:role/looks",
		"parameters": {"Name": {"type": "String", "description": "Which.", "allowedPattern": "^[a-z]+$", "default": "tickets"}},
		"outputs": ["look.Status"],
		"mainSteps": [
			{"name": "look", "action": "aws:executeAwsApi", "isCritical": false, "onFailure": "step:end",
				"inputs": {"Service": "rds", "Api": "DescribeDBClusters", "DBClusterIdentifier": "{{ Name }}"},
				"outputs": [{"Name": "Status", "Selector": "$.DBClusters[0].Status", "Type": "String"}]},
			{"name": "choose", "action": "aws:branch", "inputs": {"Default": "wait",
				"Choices": [{"Variable": "{{ look.Status }}", "StringEquals": "available", "NextStep": "end"}]}},
			{"name": "wait", "action": "aws:waitForAwsResourceProperty", "timeoutSeconds": 60, "maxAttempts": 2, "inputs": {"Service": "rds",
				"Api": "DescribeDBClusters", "DBClusterIdentifier": "{{ Name }}", "PropertySelector": "$.DBClusters[0].Status", "DesiredValues": ["available"]}},
			{"name": "end", "action": "aws:assertAwsResourceProperty", "isEnd": true, "inputs": {"Service": "rds",
				"Api": "DescribeDBClusters", "DBClusterIdentifier": "{{ Name }}", "PropertySelector": "$.DBClusters[0].Status", "DesiredValues": ["available"]}}
		]}`, text)
	again, err := valid().JSON()
	require.NoError(t, err)
	require.Equal(t, text, again)
}

func TestEachFaultOfADocumentIsFound(t *testing.T) {
	for want, fault := range map[string]func(*runbook.Document){
		"no role":                   func(d *runbook.Document) { d.AssumeRole = "" },
		"it has no steps":           func(d *runbook.Document) { d.Steps, d.Outputs = nil, nil },
		"step \"look\" is no name":  func(d *runbook.Document) { d.Steps[1].Name = "look" },
		"step \"a\" is no name":     func(d *runbook.Document) { d.Steps[3].Name = "a" },
		"does nothing":              func(d *runbook.Document) { d.Steps[2].Do = nil },
		"leads to \"nowhere\"":      func(d *runbook.Document) { d.Steps[2].Next = "nowhere" },
		"look leads to \"nowhere\"": func(d *runbook.Document) { d.Steps[0].OnFailure = runbook.GoTo("nowhere") },
		"choose leads to \"nowhere\"": func(d *runbook.Document) {
			d.Steps[1].Do = runbook.Branch{Choices: []runbook.Choice{{Next: "end"}}, Default: "nowhere"}
		},
		"a branch has choices and a default": func(d *runbook.Document) { d.Steps[1].Next = "end" },
		"neither or both":                    func(d *runbook.Document) { d.Steps[3].End = false },
		"{{ Nobody }}, which is no parameter": func(d *runbook.Document) {
			d.Steps[0].Do = runbook.Call{Parameters: runbook.Parameters{"Id": "{{ Nobody }}"}}
		},
		"{{ end.ARN }}, which is no output": func(d *runbook.Document) {
			d.Steps[0].Do = runbook.Call{Parameters: runbook.Parameters{"Id": []any{"{{ end.ARN }}"}}}
		},
		"{{ look.Status }}, which is no output": func(d *runbook.Document) { d.Steps[0], d.Steps[3] = d.Steps[3], d.Steps[0] },
		"\"look.ARN\" is no output of a step":   func(d *runbook.Document) { d.Outputs = []string{"look.ARN"} },
		"is no pattern of a whole value":        func(d *runbook.Document) { d.Parameters[0].Pattern = "[a-z]+" },
		"does not match":                        func(d *runbook.Document) { d.Parameters[0].Default = "A" },
		"the second of that name":               func(d *runbook.Document) { d.Parameters = append(d.Parameters, d.Parameters[0]) },
		"look sleeps 0 s, and may 1 to 604799":  func(d *runbook.Document) { d.Steps[0].Do, d.Steps[0].Outputs = runbook.Sleep{}, nil },
		"{{ look.FunctionError }}, which is no output": func(d *runbook.Document) {
			d.Steps[0].Do = runbook.Invoke{}
			d.Steps[2].Do = runbook.Call{Parameters: runbook.Parameters{"Id": "{{ look.FunctionError }}"}}
		},
		"more than the 65536": func(d *runbook.Document) { d.Description = strings.Repeat("x", runbook.MaxBytes) },
	} {
		document := valid()
		fault(&document)
		_, err := document.JSON()
		require.ErrorContains(t, err, want)
	}
}
