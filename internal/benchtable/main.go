// Command benchtable reads what go test -bench prints and writes it as Markdown tables, one for each benchmark, below a line that
// says on what machine. Of several runs of one benchmark it takes the least of each figure: what is more than that is other
// work on the machine. make bench uses it.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

// run passes everything on to progress while it comes, and writes the tables when it has ended.
func run(from io.Reader, to, progress io.Writer) error {
	found := &results{}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		fmt.Fprintln(progress, lines.Text())
		found.read(lines.Text())
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if found.failed {
		return fmt.Errorf("a benchmark failed: its output is above")
	}
	if len(found.tables) == 0 {
		return fmt.Errorf("no benchmark was in the input")
	}
	return found.write(to)
}
