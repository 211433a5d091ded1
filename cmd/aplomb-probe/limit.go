package main

import (
	"net"
	"sync"
)

// maxConnections is how many requests are answered at once. Others wait in the kernel until one of these has its answer, so
// that however many ask, the probe's memory stays what it was.
const maxConnections = 64

// limited is a listener that hands out at most so many connections at a time.
type limited struct {
	net.Listener
	free   chan struct{}
	closed chan struct{}
	once   sync.Once
}

func limit(listener net.Listener, at int) *limited {
	return &limited{Listener: listener, free: make(chan struct{}, at), closed: make(chan struct{})}
}

// Accept waits until a connection is free, and then for one.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.free <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	accepted, err := l.Listener.Accept()
	if err != nil {
		<-l.free
		return nil, err
	}
	return &counted{Conn: accepted, release: sync.OnceFunc(func() { <-l.free })}, nil
}

// Close also ends an Accept that waits for a connection to become free.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type counted struct {
	net.Conn
	release func()
}

func (c *counted) Close() error {
	defer c.release()
	return c.Conn.Close()
}
