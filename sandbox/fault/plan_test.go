package fault_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/sandbox/fault"
)

const vpc = "aws:ec2/vpc:Vpc"

func TestAFaultStrikesWhatItIsAboutAndNothingElse(t *testing.T) {
	plan := fault.NewPlan(fault.Fault{Kind: fault.Throttle, Operation: fault.Create, Type: vpc, Name: "net", Times: 1})
	for _, other := range [][2]string{{vpc, "other"}, {"aws:ec2/subnet:Subnet", "net"}} {
		_, struck := plan.Strike(fault.Create, other[0], other[1], "")
		require.False(t, struck, other)
	}
	_, struck := plan.Strike(fault.Update, vpc, "net", "")
	require.False(t, struck)
	got, struck := plan.Strike(fault.Create, vpc, "net", "urn")
	require.True(t, struck)
	require.Equal(t, fault.Throttle, got.Kind)
	_, struck = plan.Strike(fault.Create, vpc, "net", "")
	require.False(t, struck, "it strikes once")
	require.Equal(t, []fault.Outcome{{Fault: "throttle@create,type=aws:ec2/vpc:Vpc,name=net", Struck: []string{"urn"}}}, plan.Outcomes())
}

func TestOfSeveralFaultsThatFitTheFirstThatIsLeftStrikes(t *testing.T) {
	plan := fault.NewPlan(fault.Fault{Kind: fault.Throttle, Operation: fault.Create, Times: 2}, fault.Fault{Kind: fault.Kill, Operation: fault.Create, Times: 2})
	var kinds []fault.Kind
	for range 3 {
		got, struck := plan.Strike(fault.Create, vpc, "net", "")
		require.True(t, struck)
		kinds = append(kinds, got.Kind)
	}
	require.Equal(t, []fault.Kind{fault.Throttle, fault.Throttle, fault.Kill}, kinds)
	require.Equal(t, 1, plan.Outcomes()[1].Left)
}

func TestNoPlanHasNoFaults(t *testing.T) {
	for _, plan := range []*fault.Plan{nil, {}, fault.NewPlan()} {
		_, struck := plan.Strike(fault.Create, vpc, "net", "")
		require.False(t, struck)
		require.Empty(t, plan.Outcomes())
	}
}

// TestEveryFaultStrikesAsOftenAsItSays holds under any number of operations at once.
func TestEveryFaultStrikesAsOftenAsItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		faults := rapid.SliceOfN(rapid.Custom(anyFault), 1, 4).Draw(t, "faults")
		total := 0
		for i := range faults {
			faults[i].Operation, faults[i].Type, faults[i].Name = fault.Create, "", ""
			faults[i].Times %= 50
			faults[i].Times++
			total += faults[i].Times
		}
		asked := rapid.IntRange(0, 2*total).Draw(t, "operations")
		plan := fault.NewPlan(faults...)
		var struck atomic.Int64
		var group sync.WaitGroup
		for worker := range 4 {
			group.Go(func() {
				for range asked/4 + min(1, max(0, asked%4-worker)) {
					if _, hit := plan.Strike(fault.Create, vpc, "net", ""); hit {
						struck.Add(1)
					}
				}
			})
		}
		group.Wait()
		require.EqualValues(t, min(asked, total), struck.Load())
		remembered := 0
		for i, outcome := range plan.Outcomes() {
			require.Equal(t, faults[i].Times, len(outcome.Struck)+outcome.Left)
			remembered += len(outcome.Struck)
		}
		require.Equal(t, min(asked, total), remembered)
	})
}
