// Layer recorder: who looks into restored databases is there, whoever else is.
package components_test

import (
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// recoveredFrom is a program with a database, granted to somebody or to nobody, and its recovery.
func recoveredFrom(topology components.DatabaseTopology, granted bool) pulumi.RunFunc {
	return inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		about := databaseArgs(topology)
		recovery, err := withRecovery(ctx)
		if err != nil {
			return err
		}
		if about.RecoveryRegion != "" {
			about.RecoveryProvider = recovery
		}
		if err := giveRunner(ctx, about, provider); err != nil {
			return err
		}
		database, err := components.NewMultiAZDatabase(ctx, "tickets-db", about, provider)
		if err != nil {
			return err
		}
		if granted {
			service, err := components.NewResilientService(ctx, "tickets", serviceArgs(), provider)
			if err != nil {
				return err
			}
			if err := grantTickets(database, service); err != nil {
				return err
			}
		}
		args := &components.DatabaseRecoveryArgs{Database: database}
		if topology != components.Aurora {
			args.SQLRunnerARN = about.Runner.FunctionARN
		}
		_, err = components.NewDatabaseRecovery(ctx, "tickets-recovery", args, provider)
		return err
	})
}

func TestTheUserThatLooksIntoRestoredDatabasesIsMadeWhereNobodyIsGranted(t *testing.T) {
	for _, topology := range []components.DatabaseTopology{components.MultiAZCluster, components.MultiAZInstance} {
		recording := recorder.Run(t, recoveredFrom(topology, false))
		require.Len(t, recording.OfType(associationToken), 1, topology)
		association := recording.One(t, associationToken, "tickets-db-user_aplomb_verify")
		require.Equal(t, recording.One(t, documentToken, "tickets-db-make-user").ID, association.Text(t, "name"))
		require.Equal(t, []any{map[string]any{"key": "ParameterValues", "values": []any{"aplomb_verify"}}}, association.Plain()["targets"])
		require.Equal(t, "read", association.Text(t, "parameters.Rights"))
		require.Equal(t, "rate(1 day)", association.Text(t, "scheduleExpression"))

		recording = recorder.Run(t, recoveredFrom(topology, true))
		require.Len(t, recording.OfType(associationToken), 1, "the run of a granted user makes it too")
		recording.One(t, associationToken, "tickets-db-user_tickets")
	}
	recording := recorder.Run(t, recoveredFrom(components.Aurora, false))
	require.Empty(t, recording.OfType(associationToken), "the Data API asks as the master user")
}
