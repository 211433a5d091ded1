// Layer: rules (pure).
package schedule_test

import (
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/internal/schedule"
	"github.com/stretchr/testify/require"
)

func TestTheLongestGapIsThatOfTheWorstNeighbours(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	for expression, want := range map[string]time.Duration{
		"rate(15 minutes)":        15 * time.Minute,
		"rate(1 hour)":            hour,
		"rate(3 days)":            3 * day,
		"cron(30 3 * * ? *)":      day,
		"cron(7 * * * ? *)":       hour,
		"cron(0 8,12,18 * * ? *)": 14 * hour, // from the evening to the morning
		"cron(0/20 9-17 * * ? *)": 15*hour + 20*time.Minute,
		"cron(0 2 ? * MON *)":     7 * day,
		"cron(0 2 ? * MON-FRI *)": 3 * day,
		"cron(0 2 1 * ? *)":       31 * day,
		"cron(0 2 31 * ? *)":      61 * day, // months without a 31st lie between
		"cron(0 2 29 2 ? *)":      (4*365 + 1) * day,
		"nonsense":                0,
	} {
		require.Equal(t, want, schedule.LongestGap(expression), expression)
	}
	require.Greater(t, schedule.LongestGap("cron(0 2 1 1 ? 2027)"), 365*day, "one run only has no neighbour")
}
