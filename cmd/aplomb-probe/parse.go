package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// parse reads a command line. Every fault of it is in the error, not only the first.
func parse(args []string) (options, wish, error) {
	c, flags := check.New(), allFlags()
	var o options
	for _, flag := range flags {
		if flag.preset != "" {
			flag.take(&o, c, flag.preset)
		}
	}
	given := map[string]bool{}
	for at := 0; at < len(args); at++ {
		name, value, hasValue := strings.Cut(args[at], "=")
		switch name {
		case "--help", "-help", "-h":
			return options{}, wantsHelp, nil
		case "--version", "-version":
			return options{}, wantsVersion, nil
		}
		index := slices.IndexFunc(flags, func(f flag) bool { return name == "--"+f.name || name == "-"+f.name })
		if index < 0 {
			c.Fail("", args[at], "is not a flag of this command", "aplomb-probe --help lists them")
			continue
		}
		flag := flags[index]
		if !hasValue {
			if at+1 == len(args) {
				c.Missing(flag.path(), "the flag takes a value", "give "+flag.path()+" "+flag.placeholder)
				given[flag.name] = true
				continue
			}
			at++
			value = args[at]
		}
		if given[flag.name] && !flag.many {
			c.Fail(flag.path(), value, "is given a second time", "give the flag once")
			continue
		}
		given[flag.name] = true
		flag.take(&o, c, value)
	}
	o.check(c, given)
	if err := c.Err("aplomb-probe"); err != nil {
		return options{}, wantsToRun, err
	}
	return o, wantsToRun, nil
}

// check holds the flags against each other. A flag that was given and refused has its failure already.
func (o options) check(c *check.Checker, given map[string]bool) {
	if !given["workload"] {
		c.Missing("--workload", "a host that takes writes and serves nobody is not healthy", "give the service's own health path, such as http://127.0.0.1:8080/healthz")
	}
	if !given["disk"] {
		c.Missing("--disk", "a probe observes at least one disk", "give a folder on it, such as /var/lib/aplomb-probe")
	}
	if o.port != 0 && o.port == o.workloadPort {
		c.Fail("--listen", o.listen, fmt.Sprintf("takes the port of the workload, %d", o.workloadPort), "choose another port for the probe, such as 9808")
	}
	if o.deadline > o.interval {
		c.Fail("--deadline", o.deadline, fmt.Sprintf("must not be longer than the interval of %s", o.interval), "lower it, or observe less often")
	}
}

func isCleanAbsolute(folder string) bool {
	return path.IsAbs(folder) && path.Clean(folder) == folder && !strings.Contains(folder, "\x00")
}

const helpHead = `aplomb-probe tells a load balancer whether this host can serve: whether its disks take a write in time, and whether its
workload answers. GET /healthz answers 200, or 503 with the reasons.

Usage
  aplomb-probe --workload URL --disk FOLDER [flags]

Flags
`

const helpTail = `
Examples
  aplomb-probe --workload http://127.0.0.1:8080/healthz --disk /var/lib/aplomb-probe
  aplomb-probe --listen :9808 --workload http://127.0.0.1:8080/healthz --matcher 200,204 \
    --disk /var/lib/aplomb-probe --disk /data --interval 2s --deadline 1s
  curl -s http://127.0.0.1:9808/healthz

Signals
  SIGUSR1  answer 503 from now on, so that the load balancer sends no more
  SIGTERM  end

Exit codes
  0    ended by a signal
  1    the port is taken, or memory could not be locked
  2    bad flags
`

func helpText() string {
	var text strings.Builder
	text.WriteString(helpHead)
	line := func(name, help string) { fmt.Fprintf(&text, "  %-26s %s\n", name, help) }
	for _, flag := range allFlags() {
		help := flag.help
		if flag.preset != "" {
			help += " (default " + flag.preset + ")"
		}
		line(flag.path()+" "+flag.placeholder, help)
	}
	line("--version", "show the version")
	line("--help", "show this")
	text.WriteString(helpTail)
	return text.String()
}
