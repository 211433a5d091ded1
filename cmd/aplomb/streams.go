package main

import (
	"io"
	"os"

	"github.com/aplomb-iac/aplomb/cmd/aplomb/internal/where"
	"golang.org/x/term"
)

// streams are where the command reads and writes. Results go to out, everything else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// ask is true when there is a person to ask: in and err are a terminal. outTerminal is about out.
	ask, outTerminal bool
	// width is the terminal's, 100 when there is none.
	width int
	color bool
}

// resultWriter keeps the first failure of a write, such as a full disk.
type resultWriter struct {
	to     io.Writer
	failed error
}

func (w *resultWriter) Write(text []byte) (int, error) {
	written, err := w.to.Write(text)
	if w.failed == nil {
		w.failed = err
	}
	return written, err
}

const defaultWidth = 100

func standardStreams() streams {
	errTerminal := term.IsTerminal(int(os.Stderr.Fd()))
	s := streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, width: defaultWidth,
		ask:         errTerminal && term.IsTerminal(int(os.Stdin.Fd())),
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		color:       os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
	if width, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil && width > 0 {
		s.width = width
	}
	return s
}

// live is true when progress can be redrawn.
func (s streams) live() bool { return s.ask && os.Getenv("TERM") != "dumb" }

// paint is how results are colored.
func (s streams) paint() where.Paint {
	if !s.color || !s.outTerminal {
		return where.Plain()
	}
	code := func(number string) func(string) string {
		return func(text string) string { return "\x1b[" + number + "m" + text + "\x1b[0m" }
	}
	return where.Paint{Strong: code("1"), Faint: code("2"), Good: code("32"), Bad: code("31")}
}
