// Layer: rules (pure). What the formulas promise, held against an evaluation of CloudWatch that is played through.
package paging_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/paging"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	usual = paging.Incident{Objective: 90, Timeout: 30, Retries: 30}
	prod  = paging.Deadline{Sustained: 600, Intermittent: 1200}
)

func TestTouchedPeriodsAreThoseCountedByHand(t *testing.T) {
	for _, each := range []struct{ length, period, touched, needed int }{
		{150, 60, 4, 5}, {150, 10, 16, 17}, {150, 20, 9, 10}, {150, 30, 6, 7}, {150, 300, 2, 3},
		{120, 60, 3, 4}, {121, 60, 4, 5}, {60, 60, 2, 3}, {1, 60, 2, 3}, {10, 10, 2, 3}, {600, 60, 11, 12}, {600, 10, 61, 62},
		{0, 60, 0, 1}, {-5, 60, 0, 1}, {150, 0, 0, 1},
	} {
		require.Equal(t, each.touched, paging.Touched(each.length, each.period), "%+v", each)
		require.Equal(t, each.needed, paging.ConsecutiveNeeded(each.length, each.period), "%+v", each)
	}
}

// drawn is an alarm and an incident, with everything that AWS leaves open drawn too.
type drawn struct {
	alarm    paging.Alarm
	incident paging.Incident
	extra    int
	slide    bool
	delays   []int
}

func draw(t *rapid.T, treatments ...paging.Missing) drawn {
	length := rapid.IntRange(10, 600).Draw(t, "length")
	period := rapid.SampledFrom([]int{10, 20, 30, 60, 120, 180, 240, 300, 600, 900, 3600}).Draw(t, "period")
	delay := rapid.IntRange(0, 3*period).Draw(t, "delay")
	alarm := paging.Alarm{Period: period, Missing: rapid.SampledFrom(treatments).Draw(t, "missing"), Delay: delay}
	incident := paging.Incident{Objective: length}
	alarm.DatapointsToAlarm = alarm.Needed(incident)
	alarm.EvaluationPeriods = alarm.DatapointsToAlarm
	if rapid.Bool().Draw(t, "intermittent") {
		alarm.EvaluationPeriods = paging.IntermittentWindow(alarm.DatapointsToAlarm)
	}
	return drawn{
		alarm: alarm, incident: incident,
		extra:  rapid.IntRange(1, 6).Draw(t, "extra"),
		slide:  rapid.Bool().Draw(t, "slide"),
		delays: rapid.SliceOfN(rapid.IntRange(0, delay), 1, 7).Draw(t, "delays"),
	}
}

// played is the alarm in CloudWatch's hands. Datapoints are late by what was drawn, each by its own.
func (d drawn) played(phase int, measure func(from, to int) reading) cloudWatch {
	every := 60 * second
	if d.alarm.Period < 60 {
		every = 10 * second
	}
	return cloudWatch{
		period: d.alarm.Period * second, evaluate: d.alarm.EvaluationPeriods, datapoints: d.alarm.DatapointsToAlarm,
		missing: string(d.alarm.Missing), extra: d.extra, every: every, phase: mod(phase, every), slide: d.slide, measure: measure,
		delay: func(to int) int { return d.delays[mod(to/(d.alarm.Period*second), len(d.delays))] * second },
	}
}

// alignments are every half second of a period, or some of them where there are thousands.
func (d drawn) alignments(t *rapid.T) []int {
	period := d.alarm.Period * second
	step := 1
	if period > 600 {
		step = period / 200
	}
	var offsets []int
	for at := 0; at < period; at += step {
		offsets = append(offsets, at)
	}
	return append(offsets, rapid.IntRange(0, period-1).Draw(t, "offset"), period-1)
}

func touching(from, until int) func(int, int) reading {
	return func(start, end int) reading {
		if start < until && end > from {
			return breach
		}
		return fine
	}
}

func filling(from int) func(int, int) reading {
	return func(start, _ int) reading {
		if start >= from {
			return breach
		}
		return fine
	}
}

func TestAnIncidentThatHealsNeverPagesAtAnyAlignment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		each := draw(t, paging.MissingBreaching, paging.MissingNotBreaching, paging.MissingIgnore, paging.MissingMissing)
		require.True(t, each.alarm.Quiet(each.incident))
		phase := rapid.IntRange(0, 119).Draw(t, "phase")
		length := each.incident.Length() * second
		for _, offset := range each.alignments(t) {
			played := each.played(phase, touching(offset, offset+length))
			until := offset + length + (each.alarm.EvaluationPeriods+each.extra+4)*each.alarm.Period*second
			require.Equal(t, -1, played.firstAlarm(offset, until), "offset %d: %+v", offset, each)
		}
	})
}

func TestOneDatapointFewerPagesDuringSomeIncidentThatHeals(t *testing.T) {
	for _, period := range []int{10, 20, 30, 60, 120, 300} {
		for _, length := range []int{10, 59, 60, 61, 90, 120, 150, 151, 300, 599, 600} {
			each := drawn{alarm: paging.Alarm{Period: period, Missing: paging.MissingNotBreaching}, extra: 2, delays: []int{0}}
			each.alarm.DatapointsToAlarm = paging.ConsecutiveNeeded(length, period) - 1
			each.alarm.EvaluationPeriods = each.alarm.DatapointsToAlarm
			require.False(t, each.alarm.Quiet(paging.Incident{Objective: length}))
			fired := 0
			for offset := range period * second {
				played := each.played(0, touching(offset, offset+length*second))
				if played.firstAlarm(offset, offset+(length+3*period+120)*second) >= 0 {
					fired++
				}
			}
			require.Positive(t, fired, "%d s in periods of %d s: the bound is not tight", length, period)
		}
	}
}

func TestWhatDoesNotHealPagesByTheBoundAtEveryAlignment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		each := draw(t, paging.MissingBreaching, paging.MissingNotBreaching, paging.MissingIgnore, paging.MissingMissing)
		each.extra = max(each.extra, paging.RangeExtra)
		bound := each.alarm.PagesBy(paging.Route{Delivery: 1})
		if bound.Never != "" {
			require.Greater(t, each.alarm.Delay, paging.RangeExtra*each.alarm.Period)
			return
		}
		phase := rapid.IntRange(0, 119).Draw(t, "phase")
		for _, offset := range each.alignments(t) {
			until := offset + bound.Seconds*second
			fired := each.played(phase, filling(offset)).firstAlarm(offset, until)
			require.NotEqual(t, -1, fired, "offset %d, %s: %+v", offset, bound, each)
			require.LessOrEqual(t, fired, until-second, "the route's second comes after the alarm")
		}
	})
}

func TestSilencePagesByItsBoundWhereTheEvaluationRangeIsNoGreaterThanAssumed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		each := draw(t, paging.MissingBreaching)
		each.extra = rapid.IntRange(1, paging.RangeExtra).Draw(t, "assumedExtra")
		bound := each.alarm.SilentBy(paging.Route{})
		require.Empty(t, bound.Never)
		require.Equal(t, paging.Assumed, bound.Grade())
		phase := rapid.IntRange(0, 119).Draw(t, "phase")
		for _, offset := range each.alignments(t) {
			silent := func(from, _ int) reading {
				if from >= offset {
					return absent
				}
				return fine
			}
			require.NotEqual(t, -1, each.played(phase, silent).firstAlarm(offset, offset+bound.Seconds*second), "offset %d: %+v", offset, each)
		}
	})
}

func TestAProbeThatIsSilentThroughAnIncidentThatHealsDoesNotPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		each := draw(t, paging.MissingBreaching)
		length := each.incident.Length() * second
		phase := rapid.IntRange(0, 119).Draw(t, "phase")
		for _, offset := range each.alignments(t) {
			silent := func(from, to int) reading {
				if from < offset+length && to > offset {
					return absent
				}
				return fine
			}
			until := offset + length + (each.alarm.EvaluationPeriods+each.extra+4)*each.alarm.Period*second
			require.Equal(t, -1, each.played(phase, silent).firstAlarm(offset, until), "offset %d: %+v", offset, each)
		}
	})
}

func TestHalfOfThePeriodsPagesByTheIntermittentBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		each := draw(t, paging.MissingBreaching, paging.MissingNotBreaching)
		each.alarm.Period = rapid.SampledFrom([]int{10, 60}).Draw(t, "shortPeriod")
		each.alarm.Delay = rapid.IntRange(0, paging.RangeExtra*each.alarm.Period).Draw(t, "shortDelay")
		each.alarm.DatapointsToAlarm = each.alarm.Needed(each.incident)
		each.alarm.EvaluationPeriods = paging.IntermittentWindow(each.alarm.DatapointsToAlarm)
		each.delays, each.extra = []int{each.alarm.Delay}, max(each.extra, paging.RangeExtra)
		bound := each.alarm.IntermittentBy(paging.Route{})
		require.Empty(t, bound.Never)
		period := each.alarm.Period * second
		run := rapid.IntRange(1, each.alarm.DatapointsToAlarm-1).Draw(t, "run") // so many bad, then as many good
		onset := rapid.IntRange(0, period-1).Draw(t, "onset")
		first := onset + mod(-onset, period) // the first whole period
		halves := func(from, _ int) reading {
			if from >= first && ((from-first)/period/run)%2 == 0 {
				return breach
			}
			return fine
		}
		played := each.played(rapid.IntRange(0, 119).Draw(t, "phase"), halves)
		require.NotEqual(t, -1, played.firstAlarm(onset, onset+bound.Seconds*second), "%s: %+v", bound, each)

		each.alarm.EvaluationPeriods--
		require.NotEmpty(t, each.alarm.IntermittentBy(paging.Route{}).Never, "one period fewer holds fewer than half")
	})
}

// TestTheSimulatorAgreesWithTheTablesOfAWS plays the rows of alarms-and-missing-data.html: 3 evaluation periods, a range of 5.
func TestTheSimulatorAgreesWithTheTablesOfAWS(t *testing.T) {
	type row struct {
		data                          string
		missing, breaching, notBreach bool
		retained                      bool // ignore keeps the state: both are tried
		ignored                       bool
		datapoints                    int
	}
	for _, each := range []row{
		{data: "0-X-X", datapoints: 3},
		{data: "0----", datapoints: 3},
		{data: "-----", datapoints: 3, breaching: true, retained: true},
		{data: "0XX-X", datapoints: 3, missing: true, breaching: true, notBreach: true, ignored: true},
		{data: "--X--", datapoints: 3, missing: true, breaching: true},
		{data: "----X", datapoints: 3, breaching: true},
		{data: "0-X-X", datapoints: 2, missing: true, breaching: true, notBreach: true, ignored: true},
		{data: "00X0X", datapoints: 2, missing: true, breaching: true, notBreach: true, ignored: true},
		{data: "0-X--", datapoints: 2, breaching: true},
		{data: "----0", datapoints: 2, breaching: true},
		{data: "---X-", datapoints: 2, missing: true, breaching: true},
	} {
		at := func(treatment string, was bool) bool {
			const period = 300 * second
			played := cloudWatch{
				period: period, evaluate: 3, datapoints: each.datapoints, missing: treatment, extra: 2, every: 60 * second,
				measure: func(_, to int) reading {
					return map[byte]reading{'0': fine, 'X': breach, '-': absent}[each.data[4+to/period]]
				},
				delay: func(int) int { return 0 },
			}
			return played.evaluateAt(0, was)
		}
		require.Equal(t, each.missing, at("missing", false), "%+v as missing", each)
		require.Equal(t, each.breaching, at("breaching", false), "%+v as breaching", each)
		require.Equal(t, each.notBreach, at("notBreaching", false), "%+v as notBreaching", each)
		require.Equal(t, each.ignored || each.retained, at("ignore", true), "%+v as ignore, in ALARM before", each)
		require.Equal(t, each.ignored, at("ignore", false), "%+v as ignore", each)
	}
}

func TestAFewRequestsAndThenSilencePageUnderAWSsDefault(t *testing.T) {
	sparse := paging.Alarm{Period: 60, EvaluationPeriods: 5, DatapointsToAlarm: 5, Missing: paging.MissingMissing, Sparse: true}
	require.False(t, sparse.Quiet(usual))
	failures := paging.CheckAlarm(sparse, usual, prod, paging.Route{})
	require.Equal(t, []string{`treatMissingData: "missing" goes to ALARM on one breaching datapoint that is followed by silence, however many ` +
		`datapoints it asks for; say notBreaching, and let a probe that never falls silent watch over silence`}, lines(failures))
	oneRequest := drawn{alarm: sparse, extra: 2, delays: []int{0}}.played(0, func(from, _ int) reading {
		if from == 0 {
			return breach
		}
		return absent
	})
	require.NotEqual(t, -1, oneRequest.firstAlarm(0, 600*second), "CloudWatch does page")
	sparse.Missing = paging.MissingBreaching
	require.Len(t, paging.CheckAlarm(sparse, usual, prod, paging.Route{}), 1)
	sparse.Missing = paging.MissingNotBreaching
	require.Empty(t, paging.CheckAlarm(sparse, usual, prod, paging.Route{}))
}

func TestBoundsAreThoseAddedUpByHand(t *testing.T) {
	alarm := paging.Alarm{Period: 60, EvaluationPeriods: 5, DatapointsToAlarm: 5, Missing: paging.MissingBreaching, Delay: 10}
	require.Equal(t, "60 s until the first whole period + 300 s of 5 breaching periods + 10 s until the datapoint has arrived (assumed) + "+
		"60 s until the next evaluation + 30 s from the alarm to the pager (assumed) = 460 s", alarm.PagesBy(paging.Route{}).String())
	require.Equal(t, 580, alarm.SilentBy(paging.Route{}).Seconds, "two more periods of the evaluation range")
	require.Equal(t, "half of 5 periods is fewer than 5 datapoints", alarm.IntermittentBy(paging.Route{}).Never)
	alarm.EvaluationPeriods = 9
	require.Equal(t, 60+540+10+60+30, alarm.IntermittentBy(paging.Route{}).Seconds)

	held := paging.Route{Delivery: 5, Suppressor: &paging.Suppressor{Wait: 60, Extension: 120, Longest: 300}}
	require.Equal(t, 60+300+10+60+60+300+120+5, alarm.PagesBy(held).Seconds)
	held.Suppressor.Longest = 0
	require.Equal(t, "never: nothing bounds how long the suppressor stays in ALARM", alarm.PagesBy(held).String())

	fast := paging.Alarm{Period: 10, EvaluationPeriods: 17, DatapointsToAlarm: 17, Missing: paging.MissingBreaching, Delay: 10}
	require.Equal(t, 10+170+10+10+30, fast.PagesBy(paging.Route{}).Seconds)
	fast.Delay = 25
	require.Equal(t, 19, fast.Needed(usual), "of three late periods two count as breaching")
	fast.Missing = paging.MissingNotBreaching
	require.Equal(t, 17, fast.Needed(usual))
	require.Contains(t, fast.PagesBy(paging.Route{}).Never, "up to 3 periods have not arrived")
	fast.Missing, fast.Period = paging.MissingIgnore, 30
	require.Contains(t, fast.SilentBy(paging.Route{}).Never, "treated as ignore")
	require.Contains(t, fast.IntermittentBy(paging.Route{}).Never, "overlap")
}

func TestAnAlarmThatBreaksAPromiseIsToldTheNearestNumbersThatKeepIt(t *testing.T) {
	alarm := paging.Alarm{Period: 60, EvaluationPeriods: 4, DatapointsToAlarm: 4, Missing: paging.MissingBreaching, Delay: 10}
	for _, each := range []struct {
		change func(*paging.Alarm, *paging.Incident, *paging.Deadline)
		want   []string
	}{
		{func(*paging.Alarm, *paging.Incident, *paging.Deadline) {}, []string{
			"datapointsToAlarm: 4 would page while an incident heals: 90 s objective + 30 s request timeout + 30 s retries = 150 s of errors " +
				"touch up to 4 periods of 60 s; ask for 5 of 5 datapoints"}},
		{func(a *paging.Alarm, _ *paging.Incident, _ *paging.Deadline) { a.EvaluationPeriods = 7 }, []string{
			"datapointsToAlarm: 4 would page while an incident heals: 90 s objective + 30 s request timeout + 30 s retries = 150 s of errors " +
				"touch up to 4 periods of 60 s; ask for 5 of 9 datapoints"}},
		{func(a *paging.Alarm, _ *paging.Incident, d *paging.Deadline) {
			a.DatapointsToAlarm, a.EvaluationPeriods, a.Missing, d.Sustained = 8, 8, paging.MissingNotBreaching, 500
		}, []string{"8 of 8 datapoints of 60 s do not page by the sustained deadline of 500 s: 60 s until the first whole period + " +
			"480 s of 8 breaching periods + 10 s until the datapoint has arrived (assumed) + 60 s until the next evaluation + 30 s from the " +
			"alarm to the pager (assumed) = 640 s; 5 of 5 datapoints of 60 s page by 460 s"}},
		{func(a *paging.Alarm, _ *paging.Incident, d *paging.Deadline) {
			a.DatapointsToAlarm, a.EvaluationPeriods, a.Missing, d.Sustained = 5, 5, paging.MissingNotBreaching, 300
		}, []string{"7 of 7 datapoints of 30 s page by 290 s, if the metric has that resolution"}},
		{func(a *paging.Alarm, _ *paging.Incident, d *paging.Deadline) {
			a.DatapointsToAlarm, a.EvaluationPeriods, a.Missing, d.Sustained = 5, 5, paging.MissingNotBreaching, 100
		}, []string{"allow 230 s, or shorten what the incident is made of"}},
		{func(a *paging.Alarm, _ *paging.Incident, _ *paging.Deadline) {
			a.DatapointsToAlarm, a.EvaluationPeriods = 5, 8
		}, []string{"do not page by the intermittent deadline of 1200 s: never: half of 8 periods is fewer than 5 datapoints; " +
			"5 of 9 datapoints of 60 s page by 700 s"}},
	} {
		changed, incident, deadline := alarm, usual, prod
		each.change(&changed, &incident, &deadline)
		got := lines(paging.CheckAlarm(changed, incident, deadline, paging.Route{}))
		require.Len(t, got, len(each.want), "%v", got)
		for index, want := range each.want {
			require.Contains(t, got[index], want)
		}
	}
}

func lines(failures []check.Failure) []string {
	text := make([]string, 0, len(failures))
	for _, failure := range failures {
		text = append(text, failure.Error())
	}
	return text
}

func TestWhatIsNoAlarmIsRefusedWithEveryFault(t *testing.T) {
	got := strings.Join(lines(paging.CheckAlarm(paging.Alarm{Period: 60, EvaluationPeriods: 2000, Missing: "loud", Delay: -1},
		paging.Incident{Retries: -1}, paging.Deadline{}, paging.Route{Delivery: -1, Suppressor: &paging.Suppressor{Wait: -1}})), "\n")
	for _, want := range []string{
		"datapointsToAlarm: 0 must be from 1 to the 2000 evaluation periods",
		"evaluationPeriods: 2000 times 60 s is longer than the 86400 s that an alarm may look back; lower it to 1440 or less",
		`treatMissingData: "loud" is no treatment`, "delay: -1", "incident.objective: 0", "incident.retries: -1", "deadline.sustained: 0",
		"deadline.intermittent: 0", "route.delivery: -1", "route.suppressor:",
	} {
		require.Contains(t, got, want)
	}
	for _, period := range []int{-60, 0, 1, 15, 59, 90} {
		require.Len(t, paging.CheckAlarm(paging.Alarm{Period: period}, usual, prod, paging.Route{}), 1, "%d", period)
	}
	require.Contains(t, strings.Join(lines(paging.CheckAlarm(paging.Alarm{Period: 60, EvaluationPeriods: 1, DatapointsToAlarm: 1}, usual, prod, paging.Route{})), ""),
		"treatMissingData: missing, an alarm that pages says what silence means")
}

// TestTheCheckAndTheSimulationAgree holds the verdict on any alarm against what CloudWatch would do, in both directions.
func TestTheCheckAndTheSimulationAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		each := draw(t, paging.MissingNotBreaching)
		each.alarm.Period = rapid.SampledFrom([]int{10, 20, 30, 60}).Draw(t, "shortPeriod")
		each.alarm.EvaluationPeriods = rapid.IntRange(1, 70).Draw(t, "evaluate")
		each.alarm.DatapointsToAlarm = rapid.IntRange(1, each.alarm.EvaluationPeriods).Draw(t, "datapoints")
		each.alarm.Delay, each.delays = 0, []int{0}
		fired := false
		length := each.incident.Length() * second
		for offset := range each.alarm.Period * second {
			until := offset + length + (each.alarm.EvaluationPeriods+each.extra+4)*each.alarm.Period*second
			fired = fired || each.played(0, touching(offset, offset+length)).firstAlarm(offset, until) >= 0
		}
		require.Equal(t, !fired, each.alarm.Quiet(each.incident), "%+v", each)
	})
}

// TestWhatHasNotArrivedMayCountAsBreaching shows that the datapoints that Needed adds for late data are needed, each of them.
func TestWhatHasNotArrivedMayCountAsBreaching(t *testing.T) {
	for _, treatment := range []paging.Missing{paging.MissingBreaching, paging.MissingMissing} {
		each := drawn{alarm: paging.Alarm{Period: 10, Missing: treatment, Delay: 25}, extra: 1, delays: []int{25}}
		require.Equal(t, 19, each.alarm.Needed(usual), "16 touched, 2 of the 3 that are late, and one more")
		for datapoints, fires := range map[int]bool{18: true, 19: false} {
			each.alarm.DatapointsToAlarm, each.alarm.EvaluationPeriods = datapoints, datapoints
			fired := false
			for offset := range 10 * second {
				fired = fired || each.played(0, touching(offset, offset+150*second)).firstAlarm(offset, offset+600*second) >= 0
			}
			require.Equal(t, fires, fired, "%d datapoints, missing data %s", datapoints, treatment)
		}
	}
}
