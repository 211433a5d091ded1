package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// disk observes one folder: every interval it writes a small file there and waits until the disk has it.
//
// The write is made by the one goroutine that watches, and the next is begun only when it has returned. A disk that hangs
// therefore costs one goroutine and one thread, however long it hangs and however often anybody asks.
type disk struct {
	path               string
	interval, deadline time.Duration
	// write is writeDurably, or a test's.
	write func(path string) error

	mu   sync.Mutex
	seen observation
}

// observation is what is known of a disk.
type observation struct {
	// outstanding is when the write that has not returned yet was begun; zero when there is none.
	outstanding time.Time
	// good is when the last good write was begun; zero until there was one.
	good time.Time
	// fault is why the write that returned last was not good.
	fault string
}

// watch observes until the context ends. It begins a write even then only if none is outstanding.
func (d *disk) watch(ended context.Context) {
	// A write that outlasts its interval finds a tick waiting: the next one, which decides whether the disk is back, begins at
	// once.
	tick := time.NewTicker(d.interval)
	defer tick.Stop()
	for ended.Err() == nil {
		d.observe()
		select {
		case <-ended.Done():
		case <-tick.C:
		}
	}
}

func (d *disk) observe() {
	began := time.Now()
	d.mu.Lock()
	d.seen.outstanding = began
	d.mu.Unlock()

	err := d.write(d.path)

	took := time.Since(began)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = d.seen.after(began, took, d.deadline, err)
}

// after is the observation once the write begun at that time has returned. One that took longer than the deadline is not good,
// whatever became of it.
func (o observation) after(began time.Time, took, deadline time.Duration, err error) observation {
	switch {
	case err != nil:
		o.fault = err.Error()
	case took > deadline:
		o.fault = fmt.Sprintf("the last write and fsync took %s, longer than the deadline of %s", rounded(took), deadline)
	default:
		o.fault, o.good = "", began
	}
	o.outstanding = time.Time{}
	return o
}

// reason is why the disk cannot be called healthy now; empty when it can.
func (d *disk) reason(now time.Time) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen.reason(now, d.interval, d.deadline)
}

func (o observation) reason(now time.Time, interval, deadline time.Duration) string {
	waited, waits := now.Sub(o.outstanding), !o.outstanding.IsZero()
	switch {
	case waits && waited > deadline:
		return fmt.Sprintf("a write and fsync have not returned for %s, longer than the deadline of %s", rounded(waited), deadline)
	case o.fault != "":
		return o.fault
	case o.good.IsZero():
		return "no write has returned yet"
	case !waits && now.Sub(o.good) > interval+deadline:
		// The next write is overdue: the goroutine that begins it does not get to run. What it saw before is no ground for an
		// answer now.
		return fmt.Sprintf("the last good write was begun %s ago, longer than the interval of %s and the deadline of %s",
			rounded(now.Sub(o.good)), interval, deadline)
	default:
		return ""
	}
}

// rounded is a duration as a person reads it.
func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
