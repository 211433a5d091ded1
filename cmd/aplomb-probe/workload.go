package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// workload asks the service itself whether it serves.
//
// At most one question is under way. Who comes while one is gets the answer to that one, which is therefore never older than
// the timeout: every node of a load balancer may ask at once and go on asking while the workload hangs, and the workload still
// sees one connection.
type workload struct {
	url     string
	matcher matcher
	timeout time.Duration
	client  *http.Client

	mu       sync.Mutex
	underWay *question
}

// question is one request to the workload. Its reason may be read once done is closed; empty means healthy.
type question struct {
	done   chan struct{}
	reason string
}

func newWorkload(url string, matcher matcher, timeout time.Duration) *workload {
	return &workload{url: url, matcher: matcher, timeout: timeout, client: &http.Client{
		Transport: &http.Transport{
			// The address is an IP address, so nothing is looked up; and no proxy is asked for the host's own address.
			Proxy:       nil,
			DialContext: (&net.Dialer{KeepAlive: -1}).DialContext,
			// A connection each time: that the workload accepts one is part of the answer.
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 16 << 10,
		},
		// As the load balancer's own check would, take a redirect for the answer that it is.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// ask is why the workload cannot be called healthy; empty when it can. It gives up when whoever asks does.
func (w *workload) ask(asker context.Context) string {
	w.mu.Lock()
	asked := w.underWay
	if asked == nil {
		asked = &question{done: make(chan struct{})}
		w.underWay = asked
		go w.answer(asked)
	}
	w.mu.Unlock()
	select {
	case <-asked.done:
		return asked.reason
	case <-asker.Done():
		return "whoever asked has gone"
	}
}

func (w *workload) answer(asked *question) {
	defer func() {
		w.mu.Lock()
		w.underWay = nil
		w.mu.Unlock()
		close(asked.done)
	}()
	// Not the asker's context: others wait for the same answer.
	patience, cancel := context.WithTimeout(context.Background(), w.timeout)
	defer cancel()
	asked.reason = w.get(patience)
}

func (w *workload) get(patience context.Context) string {
	request, err := http.NewRequestWithContext(patience, http.MethodGet, w.url, nil)
	if err != nil {
		return err.Error()
	}
	request.Header.Set("User-Agent", "aplomb-probe")
	response, err := w.client.Do(request)
	if patience.Err() != nil {
		err = fmt.Errorf("no answer within %s", w.timeout)
	}
	if response != nil {
		// The status is the answer; the body is nobody's.
		_ = response.Body.Close()
	}
	var wrapped *url.Error
	switch {
	case errors.As(err, &wrapped):
		return wrapped.Err.Error()
	case err != nil:
		return err.Error()
	case !w.matcher.takes(response.StatusCode):
		return fmt.Sprintf("answered %d, not %s", response.StatusCode, w.matcher)
	default:
		return ""
	}
}
