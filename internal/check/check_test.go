// Layer: rules (pure).
package check_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/stretchr/testify/require"
)

func TestAFailureNamesPathValueLimitAndRemedyOnOneLine(t *testing.T) {
	found := check.New()
	found.Fail("timeoutSeconds", 6, "must be shorter than the interval of 5 s", "lower it to 4 or less")
	require.EqualError(t, found.Err("service web"),
		"service web: timeoutSeconds: 6 must be shorter than the interval of 5 s; lower it to 4 or less")
}

func TestAMissingValueReadsDifferentlyFromAnEmptyOne(t *testing.T) {
	found := check.New()
	found.Missing("image", "every service needs one", "add image")
	found.Fail("name", "", "must not be empty", "give it a name")
	failures := found.Failures()
	require.Equal(t, "image: missing, every service needs one; add image", failures[0].Error())
	require.Equal(t, `name: "" must not be empty; give it a name`, failures[1].Error())
}

func TestEveryFailureIsListedInTheOrderOfFinding(t *testing.T) {
	found := check.New()
	found.Fail("a", 1, "is too small", "use 2")
	services := found.At("services")
	services.At("[1]").At("image").Fail("tag", "main", "is no digest", "pin it")
	services.Add(check.Failure{Path: "[0].port", Value: "0", Limit: "is no port", Remedy: "use 8080"})
	require.EqualError(t, found.Err("Pulumi.prod.yaml"), `Pulumi.prod.yaml: 3 problems
  - a: 1 is too small; use 2
  - services[1].image.tag: "main" is no digest; pin it
  - services[0].port: 0 is no port; use 8080`)
}

func TestNothingFailedIsNoError(t *testing.T) {
	require.NoError(t, check.New().Err("anything"))
	var zero check.Checker
	require.NoError(t, zero.Err("anything"))
}

func TestTheFailuresSurviveWrapping(t *testing.T) {
	found := &check.Checker{}
	found.At("zones").Fail("[0]", "mars-1a", "is no zone", "use eu-central-1a")
	wrapped := fmt.Errorf("opening: %w", found.Err("config"))
	var typed *check.Error
	require.True(t, errors.As(wrapped, &typed))
	require.Equal(t, "config", typed.Subject)
	require.Equal(t, []check.Failure{{Path: "zones[0]", Value: `"mars-1a"`, Limit: "is no zone", Remedy: "use eu-central-1a"}}, typed.Failures)
}
