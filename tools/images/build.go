package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// architectures are those of the instances that a service may run on.
var architectures = []string{"amd64", "arm64"}

// build compiles the probe for each architecture and makes one image of them.
func build(ctx context.Context, source string) (v1.ImageIndex, error) {
	folder, err := os.MkdirTemp("", "probeimage")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system clears its temporary folder
	var images []platformImage
	for _, architecture := range architectures {
		binary := filepath.Join(folder, architecture)
		if err := compile(ctx, source, architecture, binary); err != nil {
			return nil, err
		}
		contents, err := os.ReadFile(binary)
		if err != nil {
			return nil, err
		}
		image, err := imageOf(architecture, contents)
		if err != nil {
			return nil, err
		}
		images = append(images, platformImage{architecture: architecture, image: image})
	}
	return indexOf(images)
}

// compile makes a static binary in which nothing tells where, when, by whom or from which commit it was built. Whatever the
// environment could add to the result is fixed.
func compile(ctx context.Context, source, architecture, into string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-pgo=off",
		"-ldflags=-s -w -buildid=", "-o", into, "./cmd/aplomb-probe")
	command.Dir = source
	command.Env = append(os.Environ(),
		"GOTOOLCHAIN="+runtime.Version(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture, "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOWORK=off")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the probe for %s: %w\n%s", architecture, err, output)
	}
	return nil
}
