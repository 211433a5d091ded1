package components

import (
	"encoding/json"
	"fmt"
	"strings"
)

// MaxRecoveryQuery is how many bytes a query of DatabaseRecoveryArgs may take up in a document, in which it stands as JSON within JSON. The limit is
// ours: a document asks up to five times, and AWS takes 64 KiB of it.
const MaxRecoveryQuery = 1000

// QueryProblem says what keeps a query from judging a restored database; empty for nothing. It does not say whether it is SQL.
func QueryProblem(query string) string {
	switch {
	case strings.TrimSpace(query) == "":
		return "is empty, and would judge nothing"
	case written(query) > MaxRecoveryQuery:
		return fmt.Sprintf("has more than %d characters, of which each <, >, &, line break and double quote counts for up to 16", MaxRecoveryQuery)
	case strings.Contains(query, "{{") || strings.Contains(query, ";"):
		return "holds {{ or a semicolon, which an Automation document or a query inside a query cannot"
	case strings.Contains(query, "--") || strings.Contains(query, "/*"):
		return "holds a comment, which would hide what stands after the query"
	case strings.Contains(query, ":"):
		// https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html
		return "holds a colon, which the Data API takes for the beginning of a parameter; write CAST(... AS ...) for ::"
	}
	return ""
}

// written is how many bytes a query takes up within four layers of JSON: a document, its payload, an event, and a script's input.
func written(query string) int {
	text := query
	for range 4 {
		layer, _ := json.Marshal(text) // a text always becomes JSON
		text = string(layer[1 : len(layer)-1])
	}
	return len(text)
}
