package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// options are what one probe observes and how.
type options struct {
	// listen is where the load balancer asks.
	listen string
	port   uint16
	// workload is what is asked of the service itself, matcher what its status must be, and workloadTimeout how long it may take.
	workload        string
	workloadPort    uint16
	workloadTimeout time.Duration
	matcher         matcher
	// disks are the folders that a file is written into every interval; a write that takes longer than the deadline is not good.
	disks              []string
	interval, deadline time.Duration
	lockMemory         bool
}

// wish is what a command line asks for instead of running.
type wish int

const (
	wantsToRun wish = iota
	wantsHelp
	wantsVersion
)

// mostDisks bounds the threads that a host whose every disk hangs would cost.
const mostDisks = 16

// flag is one flag: how it is shown, what it is when it is not given, and what takes its value. Each says what is wrong with a value at
// its own path.
type flag struct {
	name, placeholder, preset, help string
	many                            bool
	take                            func(o *options, c *check.Checker, value string)
}

func (f flag) path() string { return "--" + f.name }

func allFlags() []flag {
	return []flag{
		{name: "listen", placeholder: "ADDRESS", preset: ":9808", help: "where the load balancer asks: GET /healthz", take: takeListen},
		{name: "workload", placeholder: "URL", help: "the service's own health path on this host", take: takeWorkload},
		{name: "workload-timeout", placeholder: "TIME", preset: "1500ms", help: "how long the service may take to answer",
			take: takeTime("workload-timeout", 100*time.Millisecond, time.Minute, func(o *options) *time.Duration { return &o.workloadTimeout })},
		{name: "matcher", placeholder: "CODES", preset: "200-299", help: "the statuses of a healthy answer, such as 200,204 or 200-299", take: takeMatcher},
		{name: "disk", placeholder: "FOLDER", many: true, help: "a folder on a disk to observe; may be repeated", take: takeDisk},
		{name: "interval", placeholder: "TIME", preset: "2s", help: "how often a file is written to each disk",
			take: takeTime("interval", 200*time.Millisecond, time.Minute, func(o *options) *time.Duration { return &o.interval })},
		{name: "deadline", placeholder: "TIME", preset: "1s", help: "how long a write and fsync may take",
			take: takeTime("deadline", 50*time.Millisecond, time.Minute, func(o *options) *time.Duration { return &o.deadline })},
		{name: "lock-memory", placeholder: "BOOL", preset: "true", help: "keep every page in memory; false is for trying the probe out", take: takeLockMemory},
	}
}

func takeListen(o *options, c *check.Checker, value string) {
	const limit, remedy = "must be a port with or without an IP address", "give :9808 or 10.0.0.7:9808"
	address := value
	if strings.HasPrefix(value, ":") {
		address = "0.0.0.0" + value
	}
	parsed, err := netip.ParseAddrPort(address)
	if err != nil || parsed.Port() == 0 {
		c.Fail("--listen", value, limit, remedy)
		return
	}
	o.listen, o.port = value, parsed.Port()
}

func takeWorkload(o *options, c *check.Checker, value string) {
	const remedy = "give a URL such as http://127.0.0.1:8080/healthz"
	parsed, err := url.Parse(value)
	switch {
	case err != nil || parsed.Scheme != "http" || parsed.Opaque != "":
		c.Fail("--workload", value, "must be an http URL", remedy)
		return
	case parsed.User != nil || parsed.Fragment != "":
		c.Fail("--workload", value, "must have neither user nor fragment", remedy)
		return
	}
	host, err := netip.ParseAddr(parsed.Hostname())
	if err != nil || !host.IsLoopback() {
		c.Fail("--workload", value, "must name this host by its loopback address: no name is looked up on a host whose disk is gone", remedy)
		return
	}
	port := parsed.Port()
	if port == "" {
		port = "80"
	}
	address, err := netip.ParseAddrPort(netAddress(host, port))
	if err != nil || address.Port() == 0 {
		c.Fail("--workload", value, "must have a port from 1 to 65535", remedy)
		return
	}
	o.workload, o.workloadPort = value, address.Port()
}

func netAddress(host netip.Addr, port string) string {
	if host.Is6() {
		return "[" + host.String() + "]:" + port
	}
	return host.String() + ":" + port
}

func takeMatcher(o *options, c *check.Checker, value string) {
	parsed, ok := parseMatcher(value)
	if !ok {
		c.Fail("--matcher", value, "must be HTTP status codes from 200 to 499", "give codes such as 200,204 or ranges such as 200-299")
		return
	}
	o.matcher = parsed
}

func takeDisk(o *options, c *check.Checker, value string) {
	const remedy = "give the absolute path of a folder on the disk, such as /var/lib/aplomb-probe"
	if !isCleanAbsolute(value) {
		c.Fail("--disk", value, "must be an absolute path without . and .. and doubled slashes", remedy)
		return
	}
	for _, other := range o.disks {
		if other == value {
			c.Fail("--disk", value, "is given twice", "leave one out")
			return
		}
	}
	if len(o.disks) == mostDisks {
		c.Fail("--disk", value, fmt.Sprintf("is one more than the %d that a probe observes", mostDisks), "leave one out")
		return
	}
	o.disks = append(o.disks, value)
}

func takeTime(name string, least, most time.Duration, into func(*options) *time.Duration) func(*options, *check.Checker, string) {
	return func(o *options, c *check.Checker, value string) {
		parsed, err := time.ParseDuration(value)
		if err != nil {
			c.Fail("--"+name, value, "must be a time with its unit", "give one such as 500ms or 2s")
			return
		}
		if parsed < least || parsed > most {
			c.Fail("--"+name, parsed, fmt.Sprintf("must be from %s to %s", least, most), "leave it out for the default")
			return
		}
		*into(o) = parsed
	}
}

func takeLockMemory(o *options, c *check.Checker, value string) {
	switch value {
	case "true", "false":
		o.lockMemory = value == "true"
	default:
		c.Fail("--lock-memory", value, "must be true or false", "leave it out on a host that serves")
	}
}
