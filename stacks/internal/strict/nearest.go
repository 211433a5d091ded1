package strict

import "strings"

// Nearest is the candidate that a person most likely meant by text: at most two letters added, lost or changed (one for
// texts shorter than four), or the text is how the candidate begins, case aside. Empty when none is that close.
func Nearest(text string, candidates []string) string {
	limit := 2
	if len(text) < 4 {
		limit = 1
	}
	best := ""
	for _, candidate := range candidates {
		if len(text) >= 3 && strings.HasPrefix(strings.ToLower(candidate), strings.ToLower(text)) {
			return candidate
		}
		if d := distance(strings.ToLower(text), strings.ToLower(candidate)); d <= limit {
			best, limit = candidate, d-1
		}
	}
	return best
}

// distance is the Levenshtein distance of two texts in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
