// Command images builds the images that Aplomb's own programs are distributed in, byte for byte the same on every machine, and pushes them.
// `make probe-image` and `make sql-image` run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
)

// toolchain is the Go version that both compiles the programs and runs this tool: another one compiles, and compresses, to other
// bytes. The Makefile reads it here.
const toolchain = "go1.26.8"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// options is what a command line asks for.
type options struct {
	made         product
	source, into string
	repository   *name.Repository
}

// parse reads a command line: probe or sql, then flags.
func parse(args []string, notes io.Writer) (options, error) {
	if len(args) == 0 {
		return options{}, errors.New("say which image: probe or sql")
	}
	chosen := options{made: probe()}
	flags := flag.NewFlagSet("images "+args[0], flag.ContinueOnError)
	flags.SetOutput(notes)
	var bundle string
	switch args[0] {
	case "probe":
	case "sql":
		chosen.made = sql(nil)
		flags.StringVar(&bundle, "bundle", "", "the file with the certificates of RDS's authorities, from "+bundleSource)
	default:
		return options{}, fmt.Errorf("%q is no image: say probe or sql", args[0])
	}
	flags.StringVar(&chosen.source, "source", "../..", "the folder of the module that cmd/"+chosen.made.binary+" is in")
	flags.StringVar(&chosen.into, "out", "", "the folder for the image, an OCI image layout; written anew")
	push := flags.String("push", "", "also push to this repository, without tag, such as ACCOUNT.dkr.ecr.REGION.amazonaws.com/"+chosen.made.repository)
	if err := flags.Parse(args[1:]); err != nil {
		return options{}, err
	}
	switch {
	case flags.NArg() > 0:
		return options{}, fmt.Errorf("%q is no flag", flags.Arg(0))
	case chosen.into == "":
		return options{}, errors.New("--out is missing")
	case runtime.Version() != toolchain:
		return options{}, fmt.Errorf("this is %s, which makes another image than %s; run make %s, or set GOTOOLCHAIN=%s",
			runtime.Version(), toolchain, chosen.made.label, toolchain)
	}
	var err error
	if chosen.repository, err = parseRepository(*push, chosen.made); err != nil {
		return options{}, err
	}
	if chosen.made.apart {
		chosen.made, err = sqlOf(bundle)
	}
	return chosen, err
}

// run prints the digest of what was built, or where it was pushed to, and nothing else, to out: one line, or one for each of Lambda's architectures.
func run(ctx context.Context, args []string, out, notes io.Writer) error {
	chosen, err := parse(args, notes)
	if err != nil {
		return err
	}
	images, err := build(ctx, chosen.made, chosen.source)
	if err != nil {
		return err
	}
	built, err := artifactsOf(chosen.made, images)
	if err != nil {
		return err
	}
	if err := writeLayout(chosen.into, built); err != nil {
		return err
	}
	if err := describe(notes, chosen, images); err != nil {
		return err
	}
	for _, each := range built {
		reference := each.digest.String()
		if chosen.repository != nil {
			if reference, err = pushTo(ctx, chosen.made, *chosen.repository, each, notes); err != nil {
				return err
			}
		}
		fmt.Fprintln(out, each.line(reference))
	}
	return nil
}

func describe(notes io.Writer, chosen options, images []platformImage) error {
	for _, each := range images {
		digest, err := each.image.Digest()
		if err != nil {
			return err
		}
		fmt.Fprintf(notes, "%s: linux/%s %s\n", chosen.made.label, each.architecture, digest)
	}
	fmt.Fprintf(notes, "%s: written to %s\n", chosen.made.label, chosen.into)
	return nil
}
