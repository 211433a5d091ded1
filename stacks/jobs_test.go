// Layer: recorder over Pulumi mocks. Proves what a stack's jobs ask for, not that AWS accepts it.
package stacks_test

import (
	"encoding/base64"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	queueToken    = "aws:sqs/queue:Queue"
	endpointToken = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

// environmentOf is what the container of a service finds in its environment, with all else that its instances start with.
func environmentOf(t recorder.TB, recording *recorder.Recording, service string) string {
	t.Helper()
	script, err := base64.StdEncoding.DecodeString(recording.One(t, launchToken, service+"-lt").Text(t, "userData"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(script)
}

func TestAJobIsFoundAndConsumedByItsServiceAndNoOther(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	granted := map[string]string{}
	for _, policy := range recording.OfType(rolePolicyToken) {
		if strings.Contains(policy.Name, "-consumed-by-") {
			granted[policy.Name] = policy.Text(t, "role")
		}
	}
	role := func(service string) string { return recording.One(t, "aws:iam/role:Role", service).ID }
	require.Equal(t, map[string]string{
		"ticket-export-consumed-by-tickets": role("tickets"), "reindex-consumed-by-search": role("search"),
	}, granted)
	for service, want := range map[string]string{"web": "", "tickets": "ticket-export", "search": "reindex"} {
		environment := environmentOf(t, recording, service)
		if want == "" {
			require.NotContains(t, environment, "_QUEUE_URL=")
			continue
		}
		require.Equal(t, 1, strings.Count(environment, "_QUEUE_URL="))
		url := recording.One(t, queueToken, want).ID
		require.Contains(t, environment, strings.ToUpper(strings.ReplaceAll(want, "-", "_"))+"_QUEUE_URL="+url+"\n")
	}
}

func TestJobsAreDueAsConfiguredAndProtectedInProduction(t *testing.T) {
	for stack, protects := range map[string]bool{"prod": true, "dev": false} {
		recording, err := record(t, stack, committed(t, stack))
		require.NoError(t, err)
		schedule := recording.One(t, "aws:scheduler/schedule:Schedule", "ticket-export")
		require.Equal(t, "cron(30 3 * * ? *)", schedule.Text(t, "scheduleExpression"))
		require.Equal(t, "Europe/Berlin", schedule.Text(t, "scheduleExpressionTimezone"))
		require.Equal(t, map[string]any{"mode": "FLEXIBLE", "maximumWindowInMinutes": 5.0},
			recording.One(t, "aws:scheduler/schedule:Schedule", "reindex").Map(t, "flexibleTimeWindow"))
		jobs := 0
		for _, queue := range recording.OfType(queueToken) {
			if !strings.HasPrefix(queue.Name, "alerting-") {
				jobs++
			}
			require.Equal(t, protects, queue.Protect, queue.URN)
		}
		require.Equal(t, 4, jobs)
	}
	config := committed(t, "prod")
	config["jobs"].([]any)[0].(map[string]any)["retiring"] = true
	recording, err := record(t, "prod", config)
	require.NoError(t, err)
	require.Equal(t, 3600, recording.One(t, queueToken, "ticket-export").Int(t, "visibilityTimeoutSeconds"))
	require.False(t, recording.One(t, queueToken, "ticket-export").Protect)
	require.True(t, recording.One(t, queueToken, "reindex").Protect)
}

func TestAStackHasAnEndpointForQueuesWhenItHasJobs(t *testing.T) {
	config := committed(t, "dev")
	recording, err := record(t, "dev", config)
	require.NoError(t, err)
	require.Equal(t, "com.amazonaws.eu-central-1.sqs", recording.One(t, endpointToken, "network-sqs").Text(t, "serviceName"))
	delete(config, "jobs")
	for _, service := range config["services"].([]any) {
		delete(service.(map[string]any), "jobs")
	}
	recording, err = record(t, "dev", config)
	require.NoError(t, err)
	for _, endpoint := range recording.OfType(endpointToken) {
		require.NotEqual(t, "network-sqs", endpoint.Name)
	}
	require.NotContains(t, recording.Output(t, stacks.OutputName), "jobs")
}

func TestTheOutputNamesQueuesAndConsumers(t *testing.T) {
	recording, err := record(t, "prod", committed(t, "prod"))
	require.NoError(t, err)
	outputs, err := stacks.DecodeOutputs(map[string]any{stacks.OutputName: recording.Output(t, stacks.OutputName)})
	require.NoError(t, err)
	queue := func(name string) string { return recording.One(t, queueToken, name).ID }
	require.Equal(t, stacks.JobOutputs{
		Schedule: recording.One(t, "aws:scheduler/schedule:Schedule", "reindex").ID[len("default/"):], Queue: queue("reindex"),
		DeadLetterQueue: path.Base(queue("reindex-dead-letter")), Consumer: "search",
	}, outputs.Jobs["reindex"])
	require.Equal(t, "tickets", outputs.Jobs["ticket-export"].Consumer)
}

// TestEveryValidStackOfJobsIsBuilt holds that no two names that are admitted become one to the engine, and that a role has room for what its
// service is granted.
func TestEveryValidStackOfJobsIsBuilt(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		config := generated(r)
		services := config["services"].([]any)
		short := rapid.StringMatching(`[ab](-consumed-by-[ab])?(-dead-letter)?`)
		var jobs []any
		for i, name := range rapid.SliceOfNDistinct(short, 1, 4, rapid.ID).Draw(r, "jobs") {
			jobs = append(jobs, map[string]any{"name": name, "schedule": fmt.Sprintf("rate(%d minutes)", i+2)})
			service := services[rapid.IntRange(0, len(services)-1).Draw(r, "consumer")].(map[string]any)
			consumed, _ := service["jobs"].([]string)
			service["jobs"] = append(consumed, name)
		}
		config["jobs"] = jobs
		if _, err := stacks.Parse(asJSON(r, config)); err != nil {
			r.Skip(err)
		}
		recording, err := record(r, "any", config, previewing(r)...)
		require.NoError(r, err)
		require.Equal(r, 2*len(jobs), recording.Count()[queueToken])
		for _, policy := range recording.OfType(rolePolicyToken) {
			if strings.Contains(policy.Name, "-consumed-by-") && !policy.Unknown("policy") {
				require.LessOrEqual(r, len(policy.Text(r, "policy")), 750, "what is counted on")
			}
		}
	})
}
