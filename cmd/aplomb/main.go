// Command aplomb brings stacks up, changes them and takes them down. `aplomb --help` tells how.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], standardStreams()))
}
