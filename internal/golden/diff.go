package golden

import "strings"

// context is how many equal lines a difference shows before and after a change.
const context = 3

// Diff shows how want became got, line by line: "-" before what is gone, "+" before what is new, a blank before what stayed.
// Lines far from any change are left out, and "..." stands for them. Equal texts give an empty difference.
func Diff(want, got string) string {
	if want == got {
		return ""
	}
	lines := compare(split(want), split(got))
	keep := make([]bool, len(lines))
	for index, line := range lines {
		if line[0] == ' ' {
			continue
		}
		for near := max(0, index-context); near <= min(len(lines)-1, index+context); near++ {
			keep[near] = true
		}
	}
	var text strings.Builder
	skipped := false
	for index, line := range lines {
		if !keep[index] {
			skipped = true
			continue
		}
		if skipped {
			text.WriteString("  ...\n")
			skipped = false
		}
		text.WriteString(line + "\n")
	}
	if skipped {
		text.WriteString("  ...\n")
	}
	return text.String()
}

// split keeps a missing last line break visible, since the texts may differ in nothing else.
func split(text string) []string {
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	last := len(lines) - 1
	if lines[last] == "" {
		return lines[:last]
	}
	lines[last] += " (no line break at the end)"
	return lines
}

// compare finds a longest common subsequence of lines, after the equal lines at both ends have been set aside.
func compare(want, got []string) []string {
	head := 0
	for head < len(want) && head < len(got) && want[head] == got[head] {
		head++
	}
	tail := 0
	for tail < len(want)-head && tail < len(got)-head && want[len(want)-1-tail] == got[len(got)-1-tail] {
		tail++
	}
	lines := marked(" ", want[:head])
	lines = append(lines, middle(want[head:len(want)-tail], got[head:len(got)-tail])...)
	return append(lines, marked(" ", want[len(want)-tail:])...)
}

func middle(want, got []string) []string {
	// common[i][j] is the length of a longest common subsequence of want[i:] and got[j:].
	common := make([][]int, len(want)+1)
	for i := range common {
		common[i] = make([]int, len(got)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(got) - 1; j >= 0; j-- {
			if want[i] == got[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var lines []string
	i, j := 0, 0
	for i < len(want) && j < len(got) {
		switch {
		case want[i] == got[j]:
			lines = append(lines, "  "+want[i])
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			lines = append(lines, "- "+want[i])
			i++
		default:
			lines = append(lines, "+ "+got[j])
			j++
		}
	}
	lines = append(lines, marked("-", want[i:])...)
	return append(lines, marked("+", got[j:])...)
}

func marked(mark string, lines []string) []string {
	texts := make([]string, 0, len(lines))
	for _, line := range lines {
		texts = append(texts, mark+" "+line)
	}
	return texts
}
