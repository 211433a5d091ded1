package main

import (
	"os"
	"os/signal"
	"syscall"
)

// drainSignals brings each SIGUSR1.
func drainSignals() <-chan os.Signal {
	drain := make(chan os.Signal, 1)
	signal.Notify(drain, syscall.SIGUSR1)
	return drain
}

func ignoreBrokenPipe() { signal.Ignore(syscall.SIGPIPE) }
