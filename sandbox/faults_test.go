package sandbox_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/aplomb-iac/aplomb/sandbox/fault"
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func TestAFaultCanNameEveryTypeByModuleAndName(t *testing.T) {
	for _, kind := range kinds.All() {
		parts := strings.Split(kind.Token, ":")
		module, _, _ := strings.Cut(parts[1], "/")
		for _, form := range []string{kind.Token, module + "/" + parts[2]} {
			read, err := sandbox.ParseFaults([]string{"throttle@create,type=" + form})
			require.NoError(t, err)
			require.Equal(t, kind.Token, read[0].Type)
		}
	}
	_, err := sandbox.ParseFaults([]string{"throttle@create,type=lb/Listner", "slow@invoke,type=getRegionn"})
	require.ErrorContains(t, err, "did you mean lb/Listener?")
	require.ErrorContains(t, err, "did you mean getRegion?")
}

func TestAFaultStrikesTheSandboxThatHasItAndNoOtherOfTheSameDirectory(t *testing.T) {
	directory := t.TempDir()
	faults, err := sandbox.ParseFaults([]string{"throttle@create,type=lb/LoadBalancer"})
	require.NoError(t, err)
	target := sandbox.New(directory, sandbox.WithFaults(faults...))
	s := open(t, target)
	s.Workspace().SetProgram(program(standard()))
	_, err = s.Up(t.Context(), optup.SuppressProgress())
	require.ErrorContains(t, err, "operation error Elastic Load Balancing v2: CreateLoadBalancer, exceeded maximum number of attempts, 25, api error Throttling: Rate exceeded")
	require.Equal(t, []fault.Outcome{{
		Fault:  "throttle@create,type=aws:lb/loadBalancer:LoadBalancer",
		Struck: []string{"urn:pulumi:dev::sandboxed::aws:lb/loadBalancer:LoadBalancer::web"},
	}}, target.Faults())
	other := sandbox.New(directory)
	require.Empty(t, other.Faults())
	require.Equal(t, 1, changes(open(t, other).up(standard()))["create"], "only the load balancer was missing")
}
