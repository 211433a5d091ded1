// Layer: host. The probe as a process of its own, and what the kernel says about it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what must come but has no deadline of its own, on a machine with much else to do.
const patience = 30 * time.Second

// probe is a running one.
type probe struct {
	process *exec.Cmd
	url     string
	said    *said
	ended   chan error
}

// said is what a process wrote to stderr.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// startProbe runs the binary with a free port, and waits until it answers at all. Memory is locked where it may be.
func startProbe(t *testing.T, binary string, args ...string) *probe {
	t.Helper()
	said := &said{}
	return startProbeSaying(t, said, said, binary, args...)
}

func startProbeSaying(t *testing.T, to io.Writer, said *said, binary string, args ...string) *probe {
	t.Helper()
	address := freeAddress(t)
	args = append([]string{"--listen", address}, args...)
	if !mayLockMemory() {
		args = append(args, "--lock-memory=false")
	}
	p := &probe{process: exec.Command(binary, args...), url: "http://" + address + "/healthz", said: said, ended: make(chan error, 1)}
	p.process.Stderr = to
	p.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, p.process.Start())
	go func() { p.ended <- p.process.Wait() }()
	t.Cleanup(func() {
		_ = p.process.Process.Kill()
		<-p.ended
	})
	require.Eventually(t, func() bool {
		_, _, err := p.ask()
		return err == nil
	}, patience, 10*time.Millisecond, "the probe does not answer: %s", said)
	return p
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close() //nolint:errcheck // it is only asked for its port
	return listener.Addr().String()
}

// newWorkload is a service that is well.
func newHealthyWorkload(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	t.Cleanup(server.Close)
	return server.URL + "/healthz"
}

// balancer asks as a load balancer does: with a new connection each time, and with no patience for an answer that takes a second.
var balancer = &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func (p *probe) ask() (int, verdict, error) {
	response, err := balancer.Get(p.url)
	if err != nil {
		return 0, verdict{}, err
	}
	defer response.Body.Close() //nolint:errcheck // it is only read
	var found verdict
	return response.StatusCode, found, json.NewDecoder(response.Body).Decode(&found)
}

// await asks until the status comes, and returns how long that took and the reasons that came with it.
func (p *probe) await(t *testing.T, status int) (time.Duration, []string) {
	t.Helper()
	began := time.Now()
	for time.Since(began) < patience {
		got, found, err := p.ask()
		require.NoError(t, err, "the probe must answer within a second, whatever hangs")
		if got == status {
			return time.Since(began), found.Reasons
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the probe did not answer %d within %s: %s", status, patience, p.said)
	return 0, nil
}

// crowd is taken while hundreds ask, so that tests that run at the same time do not measure each other.
var crowd sync.Mutex

// askByHundreds asks 500 times, up to 100 at once. Each must be answered with the status, within a second.
func (p *probe) askByHundreds(t *testing.T, status int) {
	t.Helper()
	crowd.Lock()
	defer crowd.Unlock()
	var asking sync.WaitGroup
	faults := make(chan string, 500)
	for range 100 {
		asking.Go(func() {
			for range 5 {
				if got, found, err := p.ask(); err != nil || got != status {
					faults <- fmt.Sprint(got, found, err)
				}
			}
		})
	}
	asking.Wait()
	close(faults)
	for fault := range faults {
		t.Fatalf("one of hundreds was answered %s instead of %d", fault, status)
	}
}

// kernel is a number in /proc/PID/status, such as VmHWM in kB or Threads.
func (p *probe) kernel(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Process.Pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			number, err := strconv.Atoi(strings.Fields(value)[0])
			require.NoError(t, err)
			return number
		}
	}
	t.Fatalf("there is no %s in %s", name, text)
	return 0
}

// files lists what the open file descriptors are once every connection is closed, and only the socket that listens is left.
func (p *probe) files(t *testing.T) []string {
	t.Helper()
	folder := fmt.Sprintf("/proc/%d/fd", p.process.Process.Pid)
	var open []string
	require.Eventually(t, func() bool {
		open = nil
		sockets := 0
		links, err := os.ReadDir(folder)
		require.NoError(t, err)
		for _, link := range links {
			kind, err := os.Readlink(filepath.Join(folder, link.Name()))
			if err != nil {
				return false // closed meanwhile
			}
			if strings.HasPrefix(kind, "socket:") {
				sockets++
			}
			open = append(open, kind)
		}
		return sockets == 1
	}, patience, 10*time.Millisecond, "connections are left open")
	slices.Sort(open)
	return open
}

var createdBy = regexp.MustCompile(`(?m)^created by (\S+)`)

// goroutines ends the probe with the signal that has Go's runtime list its goroutines, and says what started each but the
// runtime's own.
func (p *probe) goroutines(t *testing.T) []string {
	t.Helper()
	p.files(t)
	time.Sleep(100 * time.Millisecond) // the goroutine of a connection outlives its file descriptor by a moment
	require.NoError(t, p.process.Process.Signal(syscall.SIGQUIT))
	err := <-p.ended
	p.ended <- err
	var starters []string
	for _, found := range createdBy.FindAllStringSubmatch(p.said.String(), -1) {
		if !strings.HasPrefix(found[1], "runtime.") {
			starters = append(starters, found[1])
		}
	}
	slices.Sort(starters)
	return starters
}
