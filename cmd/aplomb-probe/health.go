package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// health puts together what is observed of the host.
type health struct {
	disks    []*disk
	workload *workload
	draining atomic.Bool
	// told is the last answer, so that a change of it is worth a line.
	told  atomic.Pointer[bool]
	lines *lineLog
}

// verdict is the body of an answer.
type verdict struct {
	Healthy bool     `json:"healthy"`
	Reasons []string `json:"reasons,omitempty"`
}

func newHealth(chosen options, lines *lineLog) *health {
	h := &health{workload: newWorkload(chosen.workload, chosen.matcher, chosen.workloadTimeout), lines: lines}
	for _, path := range chosen.disks {
		h.disks = append(h.disks, &disk{path: path, interval: chosen.interval, deadline: chosen.deadline, write: writeDurably})
	}
	return h
}

func (h *health) routes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /healthz", h.answer)
	return routes
}

// drainOn makes every later answer a 503, from the first signal on and for good.
func (h *health) drainOn(ended context.Context, signals <-chan os.Signal) {
	select {
	case <-signals:
		h.draining.Store(true)
	case <-ended.Done():
	}
}

func (h *health) answer(w http.ResponseWriter, r *http.Request) {
	reasons := h.reasons(r.Context())
	found := verdict{Healthy: len(reasons) == 0, Reasons: reasons}
	if r.Context().Err() == nil {
		h.tell(found)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !found.Healthy {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// Who has gone does not read it.
	_ = json.NewEncoder(w).Encode(found)
}

// reasons are why the host cannot be called healthy. What the host itself says comes first and at once: when it is out of order
// nothing that the workload could say would change the answer, and a workload on a dead disk would only delay it.
func (h *health) reasons(asker context.Context) []string {
	if own := h.own(); len(own) > 0 {
		return own
	}
	asked := h.workload.ask(asker)
	// The host is looked at again: the workload may have taken a while.
	own := h.own()
	if asked != "" {
		own = append(own, "workload "+h.workload.url+": "+asked)
	}
	return own
}

func (h *health) own() []string {
	var reasons []string
	if h.draining.Load() {
		reasons = append(reasons, "draining")
	}
	now := time.Now()
	for _, disk := range h.disks {
		if reason := disk.reason(now); reason != "" {
			reasons = append(reasons, "disk "+disk.path+": "+reason)
		}
	}
	return reasons
}

// tell says when the answer is another than the one before.
func (h *health) tell(found verdict) {
	if before := h.told.Swap(&found.Healthy); before != nil && *before == found.Healthy {
		return
	}
	if found.Healthy {
		h.lines.say("healthy")
		return
	}
	for _, reason := range found.Reasons {
		h.lines.say("unhealthy: %s", reason)
	}
}
