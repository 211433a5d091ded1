package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// Exit codes, which systemd shows.
const (
	exitOK     = 0
	exitFailed = 1
	exitInput  = 2
)

// farewell is how long the last lines and the answers under way get when the probe ends.
const farewell = time.Second

// run follows one command line and returns the exit code.
func run(args []string, out, err io.Writer) int {
	// Signals first: a SIGUSR1 that comes while the probe starts would end it otherwise.
	ended, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	drain := drainSignals()
	// Nobody reads stderr any more when journald has crashed, and Go ends a process whose write to it breaks.
	ignoreBrokenPipe()

	chosen, wants, fault := parse(args)
	switch {
	case wants == wantsHelp:
		fmt.Fprint(out, helpText())
		return exitOK
	case wants == wantsVersion:
		fmt.Fprintf(out, "aplomb-probe %s (%s, %s/%s)\n", ownVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return exitOK
	case fault != nil:
		fmt.Fprintf(err, "error: %v\nhint: aplomb-probe --help\n", fault)
		return exitInput
	}
	lines := newLineLog(err)
	defer lines.end(farewell)
	if fault := start(ended, drain, chosen, lines); fault != nil {
		lines.say("error: %v", fault)
		return exitFailed
	}
	return exitOK
}

// start prepares the process for a host whose disk is gone, and then answers until the context ends.
func start(ended context.Context, drain <-chan os.Signal, chosen options, lines *lineLog) error {
	// Two threads run Go code at once on a machine of any size: more of them would only bring their own caches of memory along.
	runtime.GOMAXPROCS(2)
	// Go collects no garbage below a heap of 4 MB times this percentage. A quarter of it holds what 64 requests need.
	debug.SetGCPercent(25)
	if chosen.lockMemory {
		if err := lockMemory(); err != nil {
			return fmt.Errorf("the probe could not answer on a host whose disk is gone: %w", err)
		}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ended, "tcp", chosen.listen)
	if err != nil {
		return err
	}
	return serve(ended, drain, chosen, listener, lines)
}

// serve watches and answers until the context ends or the listener fails. It leaves nothing behind but a write that hangs: no
// process can take that back.
func serve(ended context.Context, drain <-chan os.Signal, chosen options, listener net.Listener, lines *lineLog) error {
	ended, stop := context.WithCancel(ended)
	defer stop()
	health := newHealth(chosen, lines)
	for _, disk := range health.disks {
		go disk.watch(ended)
	}
	go health.drainOn(ended, drain)

	server := &http.Server{
		Handler:        health.routes(),
		ReadTimeout:    time.Second,
		WriteTimeout:   chosen.workloadTimeout + time.Second,
		MaxHeaderBytes: 8 << 10,
		// The package's own log would wait for stderr.
		ErrorLog: log.New(lines, "", 0),
	}
	// One request a connection: no balancer's idle connection takes a place from another's.
	server.SetKeepAlivesEnabled(false)
	shut := make(chan struct{})
	go func() {
		defer close(shut)
		<-ended.Done()
		// The listener is closed before anything else. A thread that hangs in a write keeps the process, and with it the port,
		// from going away.
		grace, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
	}()
	lines.say("aplomb-probe %s answers on %s", ownVersion(), listener.Addr())
	err := server.Serve(limit(listener, maxConnections))
	stop()
	<-shut
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// ownVersion is the version of the module that the probe was built from, devel when it was built from a work tree.
func ownVersion() string {
	info, known := debug.ReadBuildInfo()
	if !known || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
