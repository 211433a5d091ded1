// Layer: rules (pure). Which statuses are healthy.
package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMatcherTakesWhatATargetGroupsWould(t *testing.T) {
	for text, taken := range map[string][]int{
		"200":             {200},
		"200,204":         {200, 204},
		"200-202,404,499": {200, 201, 202, 404, 499},
	} {
		matcher, ok := parseMatcher(text)
		require.True(t, ok, text)
		var found []int
		for code := range 1000 {
			if matcher.takes(code) {
				found = append(found, code)
			}
		}
		require.Equal(t, taken, found, text)
		require.Equal(t, text, matcher.String())
	}
}

func TestWhatIsNoMatcherIsRefused(t *testing.T) {
	for _, text := range []string{"", ",", "200,", "2xx", "199", "500", "200-500", "204-200", "200-", "-200", "+200", "0200", "200-201-202", "200 ", "200;204"} {
		_, ok := parseMatcher(text)
		require.False(t, ok, "%q", text)
	}
}

func FuzzAMatcherTakesNothingOutsideItsText(f *testing.F) {
	for _, seed := range []string{"200", "200-299,404", "-", "499-499"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		matcher, ok := parseMatcher(text)
		if !ok {
			require.False(t, matcher.takes(200))
			return
		}
		for _, code := range []int{0, 199, 500, 503} {
			require.False(t, matcher.takes(code), "%q", text)
		}
		if !strings.Contains(text, "-") {
			for code := 200; code < 500; code++ {
				require.Equal(t, strings.Contains(text, fmt.Sprint(code)), matcher.takes(code), "%q", text)
			}
		}
	})
}
