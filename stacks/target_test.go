// Layer: recorder over Pulumi mocks. Proves that a stack says truly where it went, and goes nowhere else.
package stacks_test

import (
	"errors"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// calledAs lets the provider say that it works as a user of AWS, or of the sandbox.
func calledAs(userID string) recorder.Option {
	return recorder.Answer("aws:index/getCallerIdentity:getCallerIdentity", func(resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.PropertyMap{
			"userId": resource.NewProperty(userID), "accountId": resource.NewProperty("210987654321"),
			"arn": resource.NewProperty("arn:aws:iam::210987654321:user/sandbox"), "id": resource.NewProperty("210987654321"),
		}, nil
	})
}

const (
	awsUser     = "AIDAJQABLZS4A3QDU576Q"
	sandboxUser = "AIDASANDBOXSANDBOX000"
)

func going(to string) recorder.Option {
	return recorder.Config(map[string]string{stacks.KeyTarget: to})
}

func TestAStackRecordsTheTargetThatTheProviderReallyIs(t *testing.T) {
	for name, c := range map[string]struct {
		variable, said, user, recorded string
	}{
		"plain Pulumi on AWS":              {"", "", awsUser, "aws"},
		"plain Pulumi on the sandbox":      {"/somewhere", "", sandboxUser, "sandbox"},
		"a plugin that asks for nothing":   {"", "", sandboxUser, "sandbox"},
		"aplomb on AWS":                    {"", "aws", awsUser, "aws"},
		"aplomb on the sandbox":            {"", "sandbox", sandboxUser, "sandbox"},
		"aplomb on AWS in a sandbox shell": {"/somewhere", "aws", awsUser, "aws"},
		"a target of somebody's own":       {"", "elsewhere", awsUser, "elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(stacks.EnvSandbox, c.variable)
			recording, err := record(t, "dev", committed(t, "dev"), going(c.said), calledAs(c.user))
			require.NoError(t, err)
			outputs, err := stacks.DecodeOutputs(map[string]any{stacks.OutputName: recording.Output(t, stacks.OutputName)})
			require.NoError(t, err)
			require.Equal(t, c.recorded, outputs.Target)
		})
	}
}

func TestAStackThatWouldGoElsewhereRegistersNothingButItsProvider(t *testing.T) {
	for name, c := range map[string]struct {
		variable, said, user, refusal string
	}{
		"meant for the sandbox by its variable": {"/somewhere", "", awsUser,
			"stack dev is meant for the sandbox, but the aws provider works in the AWS account 210987654321; nothing was done: put bin/sandbox first on PATH, or unset APLOMB_SANDBOX to go to AWS"},
		"meant for the sandbox by its configuration": {"", "sandbox", awsUser, "stack dev is meant for the sandbox"},
		"meant for AWS": {"/somewhere", "aws", sandboxUser,
			"stack dev goes to aws, but the aws provider is the sandbox's; nothing was done: take bin/sandbox off PATH, or let the stack go to the sandbox"},
		"meant for somewhere else": {"", "elsewhere", sandboxUser, "stack dev goes to elsewhere, but the aws provider is the sandbox's"},
	} {
		for phase, options := range map[string][]recorder.Option{"preview": {recorder.Preview()}, "up": nil} {
			t.Run(name+" in "+phase, func(t *testing.T) {
				t.Setenv(stacks.EnvSandbox, c.variable)
				recording, err := record(t, "dev", committed(t, "dev"), append(options, going(c.said), calledAs(c.user))...)
				require.ErrorContains(t, err, c.refusal)
				require.Equal(t, map[string]int{"pulumi:providers:aws": 1}, recording.Count())
			})
		}
	}
}

func TestAProviderThatDoesNotSayWhoItIsEndsTheProgram(t *testing.T) {
	recording, err := record(t, "dev", committed(t, "dev"), recorder.Answer("aws:index/getCallerIdentity:getCallerIdentity",
		func(resource.PropertyMap) (resource.PropertyMap, error) { return nil, errors.New("ExpiredToken") }))
	require.ErrorContains(t, err, "asking the aws provider who it works as: ")
	require.ErrorContains(t, err, "ExpiredToken")
	require.Equal(t, map[string]int{"pulumi:providers:aws": 1}, recording.Count())
}
