// Layer: sandbox (the real engine and the real program, on the sandbox).
package deploy_test

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/stretchr/testify/require"
)

func databaseOf(config map[string]any) map[string]any {
	return config["databases"].([]any)[0].(map[string]any)
}

// refusedWith brings the stack up with what edit changes, sees that nothing was done about it, and puts the configuration back. A preview is
// refused in the same words.
func (d *dashboard) refusedWith(t *testing.T, want string, edit func(config map[string]any)) {
	t.Helper()
	var before map[string]any
	d.change(t, func(config map[string]any) {
		text, err := json.Marshal(config)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &before))
		edit(config)
	})
	cloud := d.cloudFile(t)
	_, err := d.open(t).Preview(context.Background())
	require.ErrorContains(t, err, want)
	_, err = d.open(t).Up(context.Background(), deploy.UpOptions{})
	require.ErrorContains(t, err, want)
	require.Equal(t, cloud, d.cloudFile(t))
	d.change(t, func(config map[string]any) {
		clear(config)
		maps.Copy(config, before)
	})
}

func TestDataChangesInPlaceAndNothingEmptyTakesItsPlace(t *testing.T) {
	d := broughtUp(t, "prod")
	d.refusedWith(t, `databases[0].topology: "multi-az-cluster" is not aurora, which stands: an empty database would take its place`, func(config map[string]any) {
		database := databaseOf(config)
		database["topology"], database["instanceClass"], database["storageGiB"], database["noCopyOutsideRegion"] = "multi-az-cluster", "db.m6gd.large", 100, true
		config["sqlRunner"] = map[string]any{
			"image":        "210987654321.dkr.ecr.eu-central-1.amazonaws.com/aplomb/sql-runner@sha256:41c7a0e95b2d83f6e0917ac4d52b6e38f90ad1c7532e84b6d01f9a7c3e5b2860",
			"architecture": "arm64",
		}
		delete(config, "recovery")
	})
	d.refusedWith(t, `databases[0].databaseName: "desk" is not tickets`, func(config map[string]any) { databaseOf(config)["databaseName"] = "desk" })
	d.refusedWith(t, `databases[0].engineVersion: "15.10" is earlier than 16.6`, func(config map[string]any) { databaseOf(config)["engineVersion"] = "15.10" })
	d.refusedWith(t, `recoveryRegion: "eu-north-1" is not the Region eu-west-1 in which copies stand`, func(config map[string]any) {
		config["recoveryRegion"] = "eu-north-1"
		config["recovery"].(map[string]any)["zones"] = []string{"eu-north-1a", "eu-north-1b", "eu-north-1c"}
	})
	d.refusedWith(t, `databases: "tickets-db" stands in production and is missing here`, func(config map[string]any) {
		delete(config, "databases")
		delete(config, "recovery")
		for _, service := range []string{"tickets", "search"} {
			delete(serviceOf(config, service), "databases")
		}
	})

	d.change(t, func(config map[string]any) {
		database := databaseOf(config)
		database["backupRetentionDays"], database["instanceClass"], database["engineVersion"] = 30, "db.r7g.xlarge", "16.8"
	})
	updated := map[string]int{}
	for _, component := range d.up(t).Components {
		for _, step := range component.Steps {
			require.Equal(t, deploy.OpUpdate, step.Op, step.URN)
			updated[step.Type]++
		}
	}
	require.Equal(t, map[string]int{
		"aws:rds/cluster:Cluster": 1, "aws:rds/clusterInstance:ClusterInstance": 3, "aws:ssm/document:Document": 3, // of which each restores one like it
	}, updated)
	require.False(t, d.up(t).Changes.Any())
}

// away is what stands in the recovery Region, by its URN, but for roles, which are of no Region.
var away = regexp.MustCompile(`:RecoverySite\$|-(replica|recovery|copy|site|there|restore-from-copy-failed)$|-ticket-recovery-[^:]*$`)

// TestNothingStandsInTheWrongRegion walks a whole state: each resource goes through the explicit provider of the Region in which it must be, and AWS
// put it there.
func TestNothingStandsInTheWrongRegion(t *testing.T) {
	d := broughtUp(t, "prod")
	state := d.state(t)
	regions, seen := map[string]string{}, map[string]int{}
	for _, resource := range state.Resources {
		if resource.Type == "pulumi:providers:aws" {
			regions[resource.URN+"::"+resource.ID] = text(t, resource.Inputs, "region")
		}
	}
	require.Len(t, regions, 2)
	for _, resource := range state.Resources {
		if !resource.Custom || !strings.HasPrefix(resource.Type, "aws:") {
			continue
		}
		region, explicit := regions[resource.Provider]
		require.True(t, explicit, "%s goes through %s", resource.URN, resource.Provider)
		want := "eu-central-1"
		if away.MatchString(resource.URN) && !strings.HasPrefix(resource.Type, "aws:iam/") {
			want = "eu-west-1"
		}
		require.Equal(t, want, region, resource.URN)
		seen[region]++
		// arn:partition:service:region:account:rest; global services have no Region in it
		if parts := strings.SplitN(text(t, resource.Outputs, "arn"), ":", 6); len(parts) == 6 && parts[3] != "" {
			require.Equal(t, want, parts[3], resource.URN)
		}
	}
	require.Greater(t, seen["eu-central-1"], 150)
	require.Greater(t, seen["eu-west-1"], 15)
}

func text(t *testing.T, properties json.RawMessage, key string) string {
	t.Helper()
	var all map[string]any
	if len(properties) > 0 {
		require.NoError(t, json.Unmarshal(properties, &all))
	}
	value, _ := all[key].(string)
	return value
}

// TestNoPasswordOfADatabaseIsInTheState holds the whole state to what AWS keeps to itself.
func TestNoPasswordOfADatabaseIsInTheState(t *testing.T) {
	d := broughtUp(t, "prod")
	databases := 0
	for _, resource := range d.state(t).Resources {
		require.NotRegexp(t, `"(masterPassword|password)": *"[^"]`, string(resource.Inputs)+string(resource.Outputs), resource.URN)
		if resource.Type == "aws:rds/cluster:Cluster" {
			databases++
			require.Regexp(t, `"manageMasterUserPassword": *true`, string(resource.Inputs))
		}
	}
	require.Equal(t, 1, databases)
}
