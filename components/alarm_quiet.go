package components

import "github.com/aplomb-iac/aplomb/internal/paging"

const (
	// defaultObjectiveSeconds is within how long a failure heals by itself.
	defaultObjectiveSeconds = 90
	// pagePeriodSeconds is the shortest period in which load balancers publish
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html).
	pagePeriodSeconds = 60
)

// quietDatapoints is how many datapoints in a row no incident that heals can bring together, whatever its alignment to the periods: of a
// metric of which what has not arrived does not count.
func quietDatapoints(incident paging.Incident) int {
	return paging.Alarm{Period: pagePeriodSeconds, Missing: paging.MissingNotBreaching}.Needed(incident)
}

// flappingDatapoints is the same for failures that come and go: as many as two incidents that heal touch, out of the number of periods in
// which a failure of every other period comes to as many.
func flappingDatapoints(incident paging.Incident) (datapoints, periods int) {
	datapoints = 2 * paging.Touched(incident.Length(), pagePeriodSeconds)
	return datapoints, paging.IntermittentWindow(datapoints)
}
