package kinds

import (
	"strconv"
	"strings"
)

// splitPath cuts a path such as a.b[0].c[]["x.y"] into a, b, [0], c, [], x.y.
func splitPath(path string) []string {
	var steps []string
	for path != "" {
		if quoted, rest, found := quotedStep(path); found {
			steps, path = append(steps, quoted), rest
			continue
		}
		end := strings.IndexByte(path, ']') + 1
		if path[0] != '[' || end == 0 {
			if end = strings.IndexAny(path[1:], ".[") + 1; end == 0 {
				end = len(path)
			}
		}
		steps, path = append(steps, path[:end]), strings.TrimPrefix(path[end:], ".")
	}
	return steps
}

// quotedStep cuts a leading ["key"].
func quotedStep(path string) (key, rest string, found bool) {
	if !strings.HasPrefix(path, `["`) {
		return "", "", false
	}
	quoted, err := strconv.QuotedPrefix(path[1:])
	if err != nil {
		return "", "", false
	}
	key, err = strconv.Unquote(quoted)
	rest = path[1+len(quoted):]
	if err != nil || !strings.HasPrefix(rest, "]") {
		return "", "", false
	}
	return key, strings.TrimPrefix(rest[1:], "."), true
}

// parseIndex reads a step such as [3].
func parseIndex(step string) (int, bool) {
	if !strings.HasPrefix(step, "[") || !strings.HasSuffix(step, "]") {
		return 0, false
	}
	index, err := strconv.Atoi(step[1 : len(step)-1])
	return index, err == nil && index >= 0
}

// joinPath appends a step; a map key that a path could not carry is quoted.
func joinPath(path, step string) string {
	_, isIndex := parseIndex(step)
	if !isIndex && strings.ContainsAny(step, `.[]"`) {
		return path + "[" + strconv.Quote(step) + "]"
	}
	if path == "" || isIndex {
		return path + step
	}
	return path + "." + step
}

// covers is true when pattern, in which [] stands for every index, names path or something above it.
func covers(pattern, path string) bool {
	want, have := splitPath(pattern), splitPath(path)
	if len(want) > len(have) {
		return false
	}
	for position, step := range want {
		_, isIndex := parseIndex(have[position])
		if step != have[position] && (step != "[]" || !isIndex) {
			return false
		}
	}
	return true
}
