package main

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"
)

// keptLines is how many lines may wait for a stderr that is not being read.
const keptLines = 64

// lineLog writes lines to stderr without ever waiting for it. Under systemd stderr is a socket to journald, and journald may
// hang in a write of its own when the disk is gone: the socket fills up, and whoever writes to it waits. Here only one goroutine
// does. What does not fit is dropped and counted.
type lineLog struct {
	lines   chan string
	dropped atomic.Int64
	ending  chan struct{}
	ended   chan struct{}
}

func newLineLog(to io.Writer) *lineLog {
	l := &lineLog{lines: make(chan string, keptLines), ending: make(chan struct{}), ended: make(chan struct{})}
	go l.write(to)
	return l
}

// say adds a line; it never waits.
func (l *lineLog) say(format string, values ...any) {
	select {
	case l.lines <- fmt.Sprintf(format, values...):
	default:
		l.dropped.Add(1)
	}
}

// Write lets the standard library's loggers say their lines here.
func (l *lineLog) Write(text []byte) (int, error) {
	l.say("%s", strings.TrimRight(string(text), "\n"))
	return len(text), nil
}

// end writes what is waiting, for as long as patience lasts.
func (l *lineLog) end(patience time.Duration) {
	close(l.ending)
	select {
	case <-l.ended:
	case <-time.After(patience):
	}
}

func (l *lineLog) write(to io.Writer) {
	defer close(l.ended)
	for {
		select {
		case line := <-l.lines:
			l.put(to, line)
		case <-l.ending:
			for {
				select {
				case line := <-l.lines:
					l.put(to, line)
				default:
					return
				}
			}
		}
	}
}

// put writes one line. Where stderr is broken there is nowhere to say so.
func (l *lineLog) put(to io.Writer, line string) {
	fmt.Fprintln(to, line)
	if dropped := l.dropped.Swap(0); dropped > 0 {
		fmt.Fprintf(to, "%d lines dropped: stderr was not read\n", dropped)
	}
}
