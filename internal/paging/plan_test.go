// Layer: rules (pure).
package paging_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/paging"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// ExamplePlan plans the alarms of a service that promises 90 s, whose requests may take 30 s and are retried for another 30 s.
func ExamplePlan() {
	policy, failures := paging.Plan(paging.Need{
		Incident:   paging.Incident{Objective: 90, Timeout: 30, Retries: 30},
		Deadline:   paging.Deadline{Sustained: 600, Intermittent: 1200},
		Resolution: paging.High,
		SLO:        paging.SLO{Target: 0.999},
	})
	fmt.Println(len(failures), "failures")
	fmt.Print(policy.Explain())
	// Output:
	// 0 failures
	// quiet: 90 s objective + 30 s request timeout + 30 s retries = 150 s of errors touch up to 16 periods of 10 s
	// probe: 17 of 17 datapoints of 10 s, missing data breaching; an incident that heals touches 16
	// probeIntermittent: 17 of 33 datapoints of 10 s, missing data breaching; an incident that heals touches 16
	// requests: 5 of 5 datapoints of 60 s, missing data notBreaching; an incident that heals touches 4
	// requestsIntermittent: 5 of 9 datapoints of 60 s, missing data notBreaching; an incident that heals touches 4
	// does not heal, pages by: 10 s until the first whole period + 170 s of 17 breaching periods + 10 s until the datapoint has arrived (assumed) + 10 s until the next evaluation + 30 s from the alarm to the pager (assumed) = 230 s
	// does not heal and requests fail, pages by: 60 s until the first whole period + 300 s of 5 breaching periods + 120 s until the datapoint has arrived (assumed) + 60 s until the next evaluation + 30 s from the alarm to the pager (assumed) = 570 s
	// probes silent, pages by: 10 s until the first whole period + 170 s of 17 missing periods + 20 s in which older datapoints are in the evaluation range (assumed) + 10 s until the datapoint has arrived (assumed) + 10 s until the next evaluation + 30 s from the alarm to the pager (assumed) = 250 s
	// comes and goes, pages by: 10 s until the first whole period + 330 s of 33 periods, 17 of them breaching + 10 s until the datapoint has arrived (assumed) + 10 s until the next evaluation + 30 s from the alarm to the pager (assumed) = 390 s
	// budget, fast: 2 % of 30 days' budget in 3600 s is 14.4 times the even rate: 14.4 × 0.1 % = 1.44 % failed requests; an incident of 150 s that heals leaves 4.167 %, so the threshold is raised to that
	// budget, slow: 5 % of 30 days' budget in 21600 s is 6 times the even rate: 6 × 0.1 % = 0.6 % failed requests; an incident of 150 s that heals leaves 0.695 %, so the threshold is raised to that
	// budget, trickle: 10 % of 30 days' budget in 259200 s is 1 times the even rate: 1 × 0.1 % = 0.1 % failed requests
}

func TestStandardResolutionPagesInSevenMinutesAndHighInFour(t *testing.T) {
	need := paging.Need{Incident: usual, Deadline: prod, Resolution: paging.Standard}
	policy, failures := paging.Plan(need)
	require.Empty(t, failures)
	require.Equal(t, paging.Alarm{
		Name: "probe", Period: 60, EvaluationPeriods: 5, DatapointsToAlarm: 5, Missing: paging.MissingBreaching, Delay: 10,
	}, policy.Probe)
	require.Equal(t, paging.Alarm{
		Name: "requestsIntermittent", Period: 60, EvaluationPeriods: 9, DatapointsToAlarm: 5, Missing: paging.MissingNotBreaching, Delay: 120, Sparse: true,
	}, policy.RequestsIntermittent)
	require.Equal(t, []int{460, 580, 700}, []int{policy.PagesBy().Seconds, policy.SilentBy().Seconds, policy.IntermittentBy().Seconds})

	need.Resolution = paging.High
	policy, failures = paging.Plan(need)
	require.Empty(t, failures)
	require.Equal(t, []int{10, 17, 17}, []int{policy.Probe.Period, policy.Probe.EvaluationPeriods, policy.Probe.DatapointsToAlarm})
	require.Equal(t, 33, policy.ProbeIntermittent.EvaluationPeriods)
	require.Equal(t, []int{230, 250, 390}, []int{policy.PagesBy().Seconds, policy.SilentBy().Seconds, policy.IntermittentBy().Seconds})
}

func TestADeadlineShorterThanTheQuietRuleAllowsFailsWithTheArithmetic(t *testing.T) {
	_, failures := paging.Plan(paging.Need{Incident: usual, Deadline: paging.Deadline{Sustained: 200, Intermittent: 1200}, Resolution: paging.Standard})
	got := lines(failures)
	require.Len(t, got, 3, "the probe measured, the probe silent, the requests")
	require.Contains(t, got[0], "probe: 5 of 5 datapoints of 60 s do not page by the sustained deadline of 200 s: 60 s until the first whole period + ")
	require.Contains(t, got[0], "; allow 230 s, or shorten what the incident is made of")
}

func TestAnyPlanWithoutFailuresKeepsEveryPromise(t *testing.T) {
	planned := 0
	rapid.Check(t, func(t *rapid.T) {
		need := paging.Need{
			Incident: paging.Incident{
				Objective: rapid.IntRange(1, 400).Draw(t, "objective"), Timeout: rapid.IntRange(0, 100).Draw(t, "timeout"), Retries: rapid.IntRange(0, 100).Draw(t, "retries"),
			},
			Deadline:   paging.Deadline{Sustained: rapid.IntRange(60, 1800).Draw(t, "sustained"), Intermittent: rapid.IntRange(60, 3600).Draw(t, "intermittent")},
			Resolution: rapid.SampledFrom([]paging.Resolution{paging.Standard, paging.High}).Draw(t, "resolution"),
			ProbeDelay: rapid.IntRange(0, 60).Draw(t, "delay"),
		}
		policy, failures := paging.Plan(need)
		late := !policy.PagesBy().Within(need.Deadline.Sustained) || !policy.SilentBy().Within(need.Deadline.Sustained) ||
			!policy.IntermittentBy().Within(need.Deadline.Intermittent) || !policy.Requests.PagesBy(need.Route).Within(need.Deadline.Sustained) ||
			!policy.RequestsIntermittent.IntermittentBy(need.Route).Within(need.Deadline.Intermittent)
		require.Equal(t, late, len(failures) > 0, "%v", lines(failures))
		for _, alarm := range policy.Alarms() {
			require.True(t, alarm.Quiet(need.Incident))
		}
		if len(failures) == 0 {
			planned++
		}
	})
	require.Positive(t, planned)
}

func TestAWorkbookThresholdThatAHealedIncidentCrossesIsRaisedAndSaysSo(t *testing.T) {
	burns, failures := paging.Burns(paging.SLO{Target: 0.999}, usual)
	require.Empty(t, failures)
	require.Len(t, burns, 3)
	fast, slow, trickle := burns[0], burns[1], burns[2]
	// 150 s of an hour are 4.167 %, where the workbook's 14.4 × 0.1 % asks for 1.44 %.
	require.InDelta(t, 4.167, fast.Percent, 1e-9)
	require.True(t, fast.Raised)
	require.InDelta(t, 41.67, fast.Rate, 0.01)
	require.Equal(t, "2 % of 30 days' budget in 3600 s is 14.4 times the even rate: 14.4 × 0.1 % = 1.44 % failed requests; "+
		"an incident of 150 s that heals leaves 4.167 %, so the threshold is raised to that", fast.Why)
	require.InDelta(t, 0.695, slow.Percent, 1e-9)
	require.True(t, slow.Raised)
	require.InDelta(t, 0.1, trickle.Percent, 1e-9)
	require.False(t, trickle.Page || trickle.Raised)

	burns, failures = paging.Burns(paging.SLO{Target: 0.99}, usual)
	require.Empty(t, failures)
	require.InDelta(t, 14.4, burns[0].Percent, 1e-9)
	require.False(t, burns[0].Raised || burns[1].Raised)
	require.InDelta(t, 6, burns[1].Percent, 1e-9)

	crossed, why := paging.Burn{Long: 3600, Percent: 1.44}.CrossedBy(paging.SLO{Target: 0.999}, usual)
	require.True(t, crossed)
	require.Equal(t, "an incident of 150 s leaves 4.167 % in 3600 s, above the threshold of 1.44 %", why)
}

func TestObjectivesThatNoShareOfRequestsExpressesAreRefused(t *testing.T) {
	for _, target := range []float64{0, 1, -1, 2, math.NaN(), math.Inf(1)} {
		_, failures := paging.Burns(paging.SLO{Target: target}, usual)
		require.Len(t, failures, 1, "%v", target)
	}
	_, failures := paging.Burns(paging.SLO{Target: 0.9}, usual)
	require.Len(t, failures, 1)
	require.Contains(t, failures[0].Error(), "= 144 % failed requests; raise the target")
	_, failures = paging.Burns(paging.SLO{Target: 0.99, Days: 1, Surge: 0.5}, usual)
	require.Len(t, failures, 2)
}

// TestNoPageOnTheBudgetIsCrossedByAnIncidentThatHeals counts requests second by second in a window that slides over the incident.
func TestNoPageOnTheBudgetIsCrossedByAnIncidentThatHeals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slo := paging.SLO{Target: rapid.Float64Range(0.95, 0.9999).Draw(t, "target"), Surge: float64(rapid.IntRange(1, 5).Draw(t, "surge"))}
		incident := paging.Incident{Objective: rapid.IntRange(10, 600).Draw(t, "length")}
		burns, failures := paging.Burns(slo, incident)
		require.Empty(t, failures)
		for _, burn := range burns {
			if !burn.Page {
				continue
			}
			for start := -burn.Long; start <= incident.Length(); start += 30 {
				var all, failed float64
				for at := start; at < start+burn.Long; at++ {
					if at >= 0 && at < incident.Length() {
						all, failed = all+slo.Surge, failed+slo.Surge
						continue
					}
					all++
				}
				require.LessOrEqual(t, 100*failed/all, burn.Percent+1e-9, "%s", burn.Why)
			}
		}
	})
}

func TestASlowBurnPagesOnceTheWindowHoldsEnough(t *testing.T) {
	burns, _ := paging.Burns(paging.SLO{Target: 0.99}, usual)
	// 14.4 % of an hour of nothing but failures is 518.4 s.
	require.Equal(t, 519+60+30, burns[0].PagesBy(100, 0, paging.Route{}).Seconds)
	require.Equal(t, "10 % of failed requests stays within 14.4 %", burns[0].PagesBy(10, 0, paging.Route{}).Never)
	for at := 0; at < 519; at++ {
		require.LessOrEqual(t, 100*float64(at)/3600, 14.4, "at %d s it has not paged yet", at)
	}
	require.Greater(t, 100*519.0/3600, 14.4)
}
