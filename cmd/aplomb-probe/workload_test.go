// Layer: rules (pure; the workload is a server of the test). What is asked of a workload and how often.
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func asking(t *testing.T, timeout time.Duration, answer http.HandlerFunc) *workload {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	matcher, ok := parseMatcher("200-299")
	require.True(t, ok)
	return newWorkload(server.URL+"/healthz?deep=no", matcher, timeout)
}

func TestTheWorkloadsStatusIsItsAnswer(t *testing.T) {
	var status atomic.Int32
	w := asking(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "GET /healthz?deep=no aplomb-probe", r.Method+" "+r.RequestURI+" "+r.UserAgent())
		if status.Load() == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(int(status.Load()))
	})
	for code, said := range map[int32]string{
		200: "", 204: "", 299: "", 302: "answered 302, not 200-299", 404: "answered 404, not 200-299", 500: "answered 500, not 200-299",
	} {
		status.Store(code)
		require.Equal(t, said, w.ask(t.Context()))
	}
}

func TestAWorkloadThatIsNotThereIsSaidToBe(t *testing.T) {
	address := "127.0.0.1:1"
	w := newWorkload("http://"+address+"/", matcher{}, time.Minute)
	require.Equal(t, "dial tcp "+address+": connect: connection refused", w.ask(t.Context()))
}

// TestAHungWorkloadSeesOneConnectionHoweverManyAsk also holds that each of them is answered, and that nothing is left.
func TestAHungWorkloadSeesOneConnectionHoweverManyAsk(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done() // it never answers; this ends with the connection
	}))
	defer server.Close()
	w := newWorkload(server.URL, matcher{}, 300*time.Millisecond)
	counting := &counting{to: w.client.Transport}
	w.client.Transport = counting
	var askers sync.WaitGroup
	for range 200 {
		askers.Go(func() { require.Equal(t, "no answer within 300ms", w.ask(t.Context())) })
	}
	askers.Wait()
	require.Equal(t, int32(1), counting.most.Load())
	require.Less(t, counting.all.Load(), int32(10), "200 askers shared the answers")
}

// counting counts the requests under way.
type counting struct {
	to                http.RoundTripper
	atOnce, most, all atomic.Int32
}

func (c *counting) RoundTrip(request *http.Request) (*http.Response, error) {
	c.all.Add(1)
	now := c.atOnce.Add(1)
	defer c.atOnce.Add(-1)
	if now > c.most.Load() {
		c.most.Store(now)
	}
	return c.to.RoundTrip(request)
}

func TestEachQuestionAfterAnAnswerIsAskedAfresh(t *testing.T) {
	var all atomic.Int32
	w := asking(t, time.Minute, func(http.ResponseWriter, *http.Request) { all.Add(1) })
	for range 5 {
		require.Empty(t, w.ask(t.Context()))
	}
	require.Equal(t, int32(5), all.Load(), "an answer is not kept")
}

func TestAnAskerThatGoesTakesTheAnswerFromNobody(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	w := asking(t, time.Minute, func(http.ResponseWriter, *http.Request) { close(asked); <-answer })
	gone, goes := context.WithCancel(t.Context())
	first := make(chan string)
	go func() { first <- w.ask(gone) }()
	<-asked
	goes()
	require.Equal(t, "whoever asked has gone", <-first)
	second := make(chan string)
	go func() { second <- w.ask(t.Context()) }()
	close(answer)
	require.Empty(t, <-second)
}

func TestABodyWithoutAnEndDelaysNothing(t *testing.T) {
	w := asking(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := fmt.Fprintln(w, "more"); err != nil {
				return
			}
		}
	})
	require.Empty(t, w.ask(t.Context()))
}
