package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// architectures are those of the instances that a service may run on, and of Lambda.
var architectures = []string{"amd64", "arm64"}

// build compiles a product for each architecture and makes an image of each.
func build(ctx context.Context, made product, source string) ([]platformImage, error) {
	folder, err := os.MkdirTemp("", "images")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system clears its temporary folder
	var images []platformImage
	for _, architecture := range architectures {
		binary := filepath.Join(folder, architecture)
		if err := compile(ctx, made, source, architecture, binary); err != nil {
			return nil, err
		}
		contents, err := os.ReadFile(binary)
		if err != nil {
			return nil, err
		}
		image, err := imageOf(made, architecture, contents)
		if err != nil {
			return nil, err
		}
		images = append(images, platformImage{architecture: architecture, image: image})
	}
	return images, nil
}

// compile makes a static binary in which nothing tells where, when, by whom or from which commit it was built. Whatever the
// environment could add to the result is fixed.
func compile(ctx context.Context, made product, source, architecture, into string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-pgo=off",
		"-ldflags=-s -w -buildid=", "-o", into, "./cmd/"+made.binary)
	command.Dir = source
	command.Env = append(os.Environ(),
		"GOTOOLCHAIN="+runtime.Version(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture, "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOWORK=off")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling %s for %s: %w\n%s", made.binary, architecture, err, output)
	}
	return nil
}
