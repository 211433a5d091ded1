// Layer: rules (pure; the workload is a server of the test). How the parts make one answer, and what is left of the process.
package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// withDisk is a health over one disk that has just been observed.
func withDisk(t *testing.T, workload string, fault error) *health {
	t.Helper()
	matcher, ok := parseMatcher("200")
	require.True(t, ok)
	lines := newLineLog(&strings.Builder{})
	t.Cleanup(func() { lines.end(time.Minute) })
	h := newHealth(options{workload: workload, workloadTimeout: time.Minute, matcher: matcher, disks: []string{"/d"}, interval: time.Hour, deadline: time.Hour}, lines)
	h.disks[0].write = func(string) error { return fault }
	h.disks[0].observe()
	return h
}

func answerOf(h *health, request *http.Request) (int, string) {
	recorder := httptest.NewRecorder()
	h.routes().ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

func TestAnAnswerIsSmallWhenHealthyAndHasItsReasonsWhenNot(t *testing.T) {
	var asked, status atomic.Int32
	workload := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(int(status.Load()))
	}))
	defer workload.Close()
	get := httptest.NewRequest(http.MethodGet, "/healthz", nil)

	h := withDisk(t, workload.URL, nil)
	status.Store(200)
	code, body := answerOf(h, get)
	require.Equal(t, 200, code)
	require.Equal(t, `{"healthy":true}`+"\n", body)

	status.Store(500)
	code, body = answerOf(h, get)
	require.Equal(t, 503, code)
	require.Equal(t, `{"healthy":false,"reasons":["workload `+workload.URL+`: answered 500, not 200"]}`+"\n", body)

	asked.Store(0)
	h = withDisk(t, workload.URL, errors.New("open /d/.aplomb-probe: no such file or directory"))
	h.draining.Store(true)
	code, body = answerOf(h, get)
	require.Equal(t, 503, code)
	require.Equal(t, `{"healthy":false,"reasons":["draining","disk /d: open /d/.aplomb-probe: no such file or directory"]}`+"\n", body)
	require.Zero(t, asked.Load(), "a workload on a dead disk would only delay the answer")
}

func TestADiskThatFailsWhileTheWorkloadIsAskedIsNotCalledHealthy(t *testing.T) {
	var h *health
	workload := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		h.disks[0].write = func(string) error { return errors.New("input/output error") }
		h.disks[0].observe()
	}))
	defer workload.Close()
	h = withDisk(t, workload.URL, nil)
	code, body := answerOf(h, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	require.Equal(t, 503, code)
	require.Contains(t, body, "disk /d: input/output error")
}

func TestOnlyTheHealthPathIsServed(t *testing.T) {
	h := withDisk(t, "http://127.0.0.1:1/", nil)
	code, _ := answerOf(h, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, 404, code)
	code, _ = answerOf(h, httptest.NewRequest(http.MethodPost, "/healthz", nil))
	require.Equal(t, 405, code)
}

func TestServingLeavesNoGoroutineBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	workload := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer workload.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	matcher, _ := parseMatcher("200")
	lines, drain := newLineLog(&strings.Builder{}), make(chan os.Signal, 1)
	ended, end := context.WithCancel(t.Context())
	served := make(chan error)
	go func() {
		served <- serve(ended, drain, options{
			workload: workload.URL, workloadTimeout: time.Minute, matcher: matcher, disks: []string{t.TempDir()}, interval: time.Second, deadline: time.Second,
		}, listener, lines)
	}()
	for range 100 {
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + listener.Addr().String() + "/healthz")
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
	}
	end()
	require.NoError(t, <-served)
	lines.end(time.Minute)
}

// TestNoMoreConnectionsAreHeldThanTheLimit lets the others wait, and lets them in when one ends.
func TestNoMoreConnectionsAreHeldThanTheLimit(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	limited := limit(listener, 2)
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			connection, err := limited.Accept()
			if err != nil {
				return
			}
			accepted <- connection
		}
	}()
	for range 3 {
		connection, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		defer connection.Close() //nolint:errcheck // the test is over
	}
	first, second := <-accepted, <-accepted
	select {
	case <-accepted:
		t.Fatal("a third was accepted")
	case <-time.After(50 * time.Millisecond):
	}
	require.NoError(t, first.Close())
	require.Error(t, first.Close(), "closing twice frees one place")
	third := <-accepted
	require.NoError(t, limited.Close(), "which ends the wait for a place")
	_, open := <-accepted
	require.False(t, open)
	require.NoError(t, errors.Join(second.Close(), third.Close()))
}

func TestALogThatIsNotReadDropsLinesAndSaysSo(t *testing.T) {
	hung := &hungWriter{release: make(chan struct{})}
	lines := newLineLog(hung)
	for range 1000 {
		lines.say("a line")
	}
	close(hung.release)
	lines.end(time.Minute)
	require.Contains(t, hung.text.String(), "lines dropped: stderr was not read\n")
	require.LessOrEqual(t, strings.Count(hung.text.String(), "a line\n"), keptLines+1)
}

func TestALogThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	hung := &hungWriter{release: make(chan struct{})}
	defer close(hung.release)
	lines := newLineLog(hung)
	lines.say("a line")
	lines.end(time.Millisecond)
	select {
	case <-lines.ended:
		t.Fatal("it did not hang")
	default:
	}
}

// hungWriter takes nothing until it is released.
type hungWriter struct {
	release chan struct{}
	text    strings.Builder
}

func (w *hungWriter) Write(text []byte) (int, error) {
	<-w.release
	return w.text.Write(text)
}
