// Layer: rules (pure). What may be said of a disk, and when. Time is the test's own.
package main

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// watched is a disk with the default times whose writes the test makes.
func watched(write func() error) *disk {
	return &disk{path: "/d", interval: 2 * time.Second, deadline: time.Second, write: func(string) error { return write() }}
}

func (d *disk) says() string { return d.reason(time.Now()) }

func TestADiskIsNotHealthyBeforeItsFirstWriteHasReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		d := watched(func() error { <-release; return nil })
		require.Equal(t, "no write has returned yet", d.says())
		go d.watch(t.Context())
		synctest.Wait()
		require.Equal(t, "no write has returned yet", d.says())
		time.Sleep(1500 * time.Millisecond)
		require.Equal(t, "a write and fsync have not returned for 1.5s, longer than the deadline of 1s", d.says())
		close(release)
		synctest.Wait()
		require.Equal(t, "the last write and fsync took 1.5s, longer than the deadline of 1s", d.says(), "what came too late is not good")
		time.Sleep(time.Second)
		require.Empty(t, d.says())
	})
}

// TestAStallIsSeenAnIntervalAndADeadlineLaterAtTheLatest begins the stall right after a good write, which is the worst moment.
func TestAStallIsSeenAnIntervalAndADeadlineLaterAtTheLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var writes atomic.Int32
		release := make(chan struct{})
		d := watched(func() error {
			if writes.Add(1) > 3 {
				<-release
			}
			return nil
		})
		go d.watch(t.Context())
		time.Sleep(4 * time.Second)
		synctest.Wait()
		require.Equal(t, int32(3), writes.Load(), "one each interval, the first at once")

		time.Sleep(3 * time.Second) // the stall began at the end of the third
		require.Empty(t, d.says())
		time.Sleep(time.Millisecond)
		require.Contains(t, d.says(), "have not returned for 1.001s")

		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, int32(4), writes.Load(), "no write is begun while one is outstanding")
		close(release)
		synctest.Wait()
		require.Empty(t, d.says(), "the next write is begun at once, and it is good")
	})
}

func TestAFaultIsToldUntilTheNextGoodWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fault atomic.Pointer[error]
		d := watched(func() error {
			if err := fault.Load(); err != nil {
				return *err
			}
			return nil
		})
		go d.watch(t.Context())
		synctest.Wait()
		require.Empty(t, d.says())
		broken := errors.New("input/output error")
		fault.Store(&broken)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, "input/output error", d.says())
		fault.Store(nil)
		require.Equal(t, "input/output error", d.says())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Empty(t, d.says())
	})
}

func TestAnObservationDoesNotOutliveWhoeverMakesThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, end := context.WithCancel(t.Context())
		d := watched(func() error { return nil })
		go d.watch(ended)
		synctest.Wait()
		end()
		time.Sleep(3 * time.Second)
		require.Empty(t, d.says())
		time.Sleep(time.Millisecond)
		require.Equal(t, "the last good write was begun 3.001s ago, longer than the interval of 2s and the deadline of 1s", d.says())
	})
}

// TestAHealthyDiskTookAGoodWriteJustNow is the promise, against any sequence of writes and any moment to ask.
func TestAHealthyDiskTookAGoodWriteJustNow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := time.Duration(rapid.IntRange(200, 60_000).Draw(t, "interval")) * time.Millisecond
		deadline := time.Duration(rapid.IntRange(50, int(interval/time.Millisecond)).Draw(t, "deadline")) * time.Millisecond
		now := time.Unix(0, 0)
		pass := func(label string) time.Duration {
			took := time.Duration(rapid.IntRange(0, int(2*interval/time.Millisecond)).Draw(t, label)) * time.Millisecond
			now = now.Add(took)
			return took
		}
		var o observation
		var lastGood, outstanding time.Time
		for range rapid.IntRange(0, 5).Draw(t, "writes") {
			pass("pause")
			began := now
			took := pass("write")
			var err error
			if rapid.Bool().Draw(t, "fails") {
				err = errors.New("input/output error")
			} else if took <= deadline {
				lastGood = began
			}
			o = o.after(began, took, deadline, err)
			if reason := o.reason(now, interval, deadline); err != nil || took > deadline {
				require.NotEmpty(t, reason)
			}
		}
		if rapid.Bool().Draw(t, "one is outstanding") {
			pass("pause")
			o.outstanding, outstanding = now, now
		}
		pass("ask")
		if o.reason(now, interval, deadline) != "" {
			return
		}
		require.False(t, lastGood.IsZero())
		if outstanding.IsZero() {
			require.LessOrEqual(t, now.Sub(lastGood), interval+deadline)
		} else {
			require.LessOrEqual(t, now.Sub(outstanding), deadline)
		}
	})
}
