// Layer: recorder over Pulumi mocks. Proves how a stack has the users of its databases made, not that AWS accepts it.
package stacks_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
)

func sqlRunner(region string) map[string]any {
	return map[string]any{"image": "210987654321.dkr.ecr." + region + ".amazonaws.com/aplomb/sql@sha256:" + strings.Repeat("9d0b6f14", 8)}
}

func TestUsersAreMadeWithTheRightsThatTheirServicesState(t *testing.T) {
	for stack, runners := range map[string]int{"prod": 0, "dev": 1} {
		recording, err := record(t, stack, committed(t, stack))
		require.NoError(t, err)
		rights := map[string]string{}
		for _, association := range recording.OfType("aws:ssm/association:Association") {
			rights[association.Name] = association.Text(t, "parameters.Rights")
		}
		require.Equal(t, map[string]string{"tickets-db-user_tickets": "owner", "tickets-db-user_search": "read"}, rights, stack)
		require.Len(t, recording.OfType("aws:lambda/function:Function"), runners, stack)
	}
}

func TestAUserWhoseRightsAreNotStatedChangesRowsAndNothingElse(t *testing.T) {
	config := committed(t, "prod")
	delete(config["services"].([]any)[1].(map[string]any)["databases"].([]any)[0].(map[string]any), "rights")
	recording, err := record(t, "prod", config)
	require.NoError(t, err)
	require.Equal(t, "read-write", recording.One(t, "aws:ssm/association:Association", "tickets-db-user_tickets").Text(t, "parameters.Rights"))
}

func TestWhatCannotMakeUsersIsRefused(t *testing.T) {
	connects := func(config map[string]any, service int) map[string]any {
		return config["services"].([]any)[service].(map[string]any)["databases"].([]any)[0].(map[string]any)
	}
	for want, change := range map[string]func(map[string]any){
		"sqlRunner: missing, AWS has no Data API for one of the databases, by which its users could be made; add it, with the image that make sql-image builds": func(config map[string]any) {
			delete(config, "sqlRunner")
		},
		"is in eu-west-1, and Lambda takes only images of its own Region, eu-central-1": func(config map[string]any) { config["sqlRunner"] = sqlRunner("eu-west-1") },
		`sqlRunner.architecture: "arm" must be one of arm64, x86_64`:                    func(config map[string]any) { config["sqlRunner"].(map[string]any)["architecture"] = "arm" },
		`services[1].databases[0].rights: "all" must be one of read, read-write, owner`: func(config map[string]any) { connects(config, 1)["rights"] = "all" },
		`services[2].databases[0].rights: "read" is not what tickets may do elsewhere in the stack: owner; state the same, or another user`: func(config map[string]any) {
			connects(config, 2)["user"] = "tickets"
		},
	} {
		config := committed(t, "dev")
		change(config)
		_, err := stacks.Parse(asJSON(t, config))
		require.ErrorContains(t, err, want)
	}
}
