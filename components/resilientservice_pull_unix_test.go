//go:build unix

package components_test

import (
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An endpoint's address in a dead zone stays in DNS for a while, and swallows whatever is sent to it.
func TestAnAddressThatSwallowsEverythingIsPassedOver(t *testing.T) {
	h := newHost(t, "127.0.0.2", "127.0.0.1")
	swallow(t, "127.0.0.2:"+h.ecr.port)
	output, err := h.run(image)
	require.NoError(t, err, output)
	require.Equal(t, []string{"200 signed by ASIAEXAMPLE"}, h.ecr.requests())
}

// swallow makes an address that answers nothing: its queue of connections is full, so that the kernel drops what comes.
func swallow(t *testing.T, address string) {
	t.Helper()
	resolved, err := net.ResolveTCPAddr("tcp4", address)
	require.NoError(t, err)
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Close(socket) })
	where := &syscall.SockaddrInet4{Port: resolved.Port}
	copy(where.Addr[:], resolved.IP.To4())
	if err := syscall.Bind(socket, where); err != nil {
		t.Skipf("this system has no %s to bind: %v", address, err)
	}
	require.NoError(t, syscall.Listen(socket, 0))
	for range 8 {
		connection, err := net.DialTimeout("tcp4", address, 200*time.Millisecond)
		if err != nil {
			return // the queue is full
		}
		t.Cleanup(func() { _ = connection.Close() })
	}
	t.Fatalf("%s goes on accepting connections", address)
}
