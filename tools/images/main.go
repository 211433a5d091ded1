// Command probeimage builds the image that the disk probe is distributed in, byte for byte the same on every machine, and pushes it.
// `make probe-image` runs it.
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

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// toolchain is the Go version that both compiles the probe and runs this tool: another one compiles, and compresses, to other
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

// run prints the digest of the image, or where it was pushed to, and nothing else, to out.
func run(ctx context.Context, args []string, out, notes io.Writer) error {
	flags := flag.NewFlagSet("probeimage", flag.ContinueOnError)
	flags.SetOutput(notes)
	source := flags.String("source", "../..", "the folder of the module that cmd/aplomb-probe is in")
	into := flags.String("out", "", "the folder for the image, an OCI image layout; written anew")
	push := flags.String("push", "", "also push to this repository, without tag, such as ACCOUNT.dkr.ecr.REGION.amazonaws.com/aplomb/probe")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%q is no flag", flags.Arg(0))
	case *into == "":
		return errors.New("--out is missing")
	case runtime.Version() != toolchain:
		return fmt.Errorf("this is %s, which makes another image than %s; run make probe-image, or set GOTOOLCHAIN=%s", runtime.Version(), toolchain, toolchain)
	}
	repository, err := parseRepository(*push)
	if err != nil {
		return err
	}
	index, err := build(ctx, *source)
	if err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	if err := writeLayout(*into, index); err != nil {
		return err
	}
	if err := describe(notes, *into, index); err != nil {
		return err
	}
	if repository == nil {
		fmt.Fprintln(out, digest)
		return nil
	}
	pushed, err := pushTo(ctx, *repository, index, notes)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, pushed)
	return nil
}

func describe(notes io.Writer, into string, index v1.ImageIndex) error {
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	for _, image := range manifest.Manifests {
		fmt.Fprintf(notes, "probe-image: %s %s\n", image.Platform, image.Digest)
	}
	fmt.Fprintf(notes, "probe-image: written to %s\n", into)
	return nil
}
