package main

import (
	"fmt"
	"strings"
	"sync"

	"github.com/aplomb-iac/aplomb/deploy"
)

// progress shows what happens, one line for each component: redrawn on a terminal, printed when a component is done
// elsewhere.
type progress struct {
	to    streams
	mu    sync.Mutex // an interrupt is told while events come
	phase deploy.Phase
	rows  []*row
	drawn int
}

// row is one component in the present phase.
type row struct {
	name, last          string
	done, total, failed int
}

func newProgress(to streams) *progress { return &progress{to: to} }

func (a *app) newProgress() *progress {
	made := newProgress(a.to)
	a.progress.Store(made)
	return made
}

// phases are what each phase is called while it runs.
var phases = map[deploy.Phase]string{
	deploy.PhaseSettle: "finding out what was under way before", deploy.PhasePreview: "previewing", deploy.PhaseLift: "taking protection off", deploy.PhaseUp: "bringing up",
	deploy.PhaseRefresh: "looking at what stands", deploy.PhaseDestroy: "taking down",
}

func (p *progress) event(event deploy.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if event.Resource == "" {
		p.rows, p.drawn = nil, 0
		p.phase = event.Phase
		fmt.Fprintf(p.to.err, "%s\n", phases[event.Phase])
		return
	}
	at := p.row(event.Component)
	at.done, at.total, at.last = event.Done, event.Total, event.Resource
	if event.Failed {
		at.failed++
	}
	if p.to.live() {
		p.redraw()
	} else if at.done == at.total || event.Failed && at.failed == 1 {
		fmt.Fprintln(p.to.err, at.text(p.to.width, false))
	}
}

func (p *progress) row(component string) *row {
	for _, row := range p.rows {
		if row.name == title(component) {
			return row
		}
	}
	made := &row{name: title(component)}
	p.rows = append(p.rows, made)
	return made
}

// redraw goes back to the first row and writes them all again.
func (p *progress) redraw() {
	var text strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&text, "\x1b[%dA", p.drawn)
	}
	for _, row := range p.rows {
		text.WriteString("\r\x1b[K" + row.text(p.to.width, p.to.color) + "\n")
	}
	p.drawn = len(p.rows)
	fmt.Fprint(p.to.err, text.String())
}

// end leaves what is drawn where it is and starts afresh below.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows, p.drawn = nil, 0
}

// note writes a line and leaves what is drawn above it as it is: what comes next is drawn below. The terminal has echoed the
// interrupt at the start of the line.
func (p *progress) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawn = 0
	if p.to.live() {
		text = "\r\x1b[K" + text
	}
	fmt.Fprintln(p.to.err, text)
}

const barWidth = 24

// text is the row in at most width columns.
func (r *row) text(width int, color bool) string {
	full := 0
	if r.total > 0 {
		full = barWidth * r.done / r.total
	}
	bar := strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
	text := fmt.Sprintf("  %-14s %s %3d of %-3d", r.name, bar, r.done, r.total)
	switch {
	case r.failed > 0:
		text += fmt.Sprintf("  %d failed", r.failed)
	case r.done < r.total:
		text += "  " + r.last
	}
	text = strings.TrimRight(text, " ")
	if runes := []rune(text); len(runes) >= width && width > 1 {
		text = string(runes[:width-1])
	}
	if color && r.failed > 0 {
		return "\x1b[31m" + text + "\x1b[0m"
	}
	return text
}
