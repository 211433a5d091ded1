// Command aplomb-probe runs on a host and tells a load balancer whether the host can serve: whether its disks take a write,
// and whether its workload answers. `aplomb-probe --help` tells how, docs/probe.md why.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
