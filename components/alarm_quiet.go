package components

// The quiet rule: an incident that heals within the objective pages nobody, whatever its alignment to the periods of an alarm. What it breaks
// lasts for the objective and then for as long as a request that began during it may hang. Such an incident touches
//
//	ceil(length / period) + 1 periods at most,
//
// so that one datapoint more is needed for a page.
const (
	// defaultObjectiveSeconds is within how long a failure heals by itself.
	defaultObjectiveSeconds = 90
	// pagePeriodSeconds is the shortest period in which load balancers publish
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html).
	pagePeriodSeconds = 60
)

// touchedPeriods is how many periods an incident of that length can reach into.
func touchedPeriods(length, period int) int { return (length+period-1)/period + 1 }

// quietDatapoints is how many datapoints in a row no incident that heals can bring together.
func quietDatapoints(length int) int {
	return touchedPeriods(length, pagePeriodSeconds) + 1
}

// flappingDatapoints is the same for failures that come and go: more than one incident that heals touches, out of the number of periods in
// which a failure of every other period comes to as many.
func flappingDatapoints(length int) (datapoints, periods int) {
	datapoints = 2 * touchedPeriods(length, pagePeriodSeconds)
	return datapoints, 2*datapoints - 1
}
