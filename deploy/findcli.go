package deploy

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/blang/semver"
)

// minimumCLI is the oldest CLI that is accepted. From 3.181 on a refresh and a destroy can run an inline program; what is
// older than 3.200 has never been tried with this package. tools/pulumi/get.sh builds one when there is none this recent.
var minimumCLI = semver.MustParse("3.200.0")

// FindCLI is the path of the Pulumi CLI that operations with these options use, and its version. The error is a CLIError when
// there is none, or when it is too old. Options need not name a stack.
func FindCLI(ctx context.Context, options Options) (path, version string, err error) {
	options.Stack = "any"
	stack, err := Open(options)
	if err != nil {
		return "", "", err
	}
	found, err := stack.findCLI(ctx)
	if err != nil {
		return "", "", err
	}
	return found.path, found.version.String(), nil
}

// findCLI is the Pulumi CLI to use: the one the caller named, else the one that make pulumi built, in Home or in the project, else the one on PATH.
func (s *Stack) findCLI(ctx context.Context) (*command, error) {
	var tried []string
	if s.cliDir != "" {
		tried = append(tried, s.cliDir)
		path, err := executable(s.cliDir)
		if err != nil {
			return nil, &CLIError{Tried: tried}
		}
		return s.checkCLI(ctx, path, tried)
	}
	built := []string{filepath.Join(s.home, "pulumi", "bin"), filepath.Join(s.dir, ".aplomb", "pulumi", "bin")}
	for _, dir := range slices.Compact(built) {
		tried = append(tried, filepath.Join(dir, "pulumi"))
		if path, err := executable(dir); err == nil {
			return s.checkCLI(ctx, path, tried)
		}
	}
	tried = append(tried, "pulumi on PATH")
	path, err := exec.LookPath("pulumi")
	if err != nil {
		return nil, &CLIError{Tried: tried}
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	return s.checkCLI(ctx, path, tried)
}

func executable(dir string) (string, error) {
	path, err := exec.LookPath(filepath.Join(dir, "pulumi"))
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// cliFile is an executable file as it was at one time.
type cliFile struct {
	path    string
	size    int64
	changed time.Time
}

// accepted are the versions of the CLIs that this process has asked and that are recent enough, by cliFile: whoever does many operations in one
// process asks once.
var accepted sync.Map

// checkCLI accepts a CLI whose version is recent enough.
func (s *Stack) checkCLI(ctx context.Context, path string, tried []string) (*command, error) {
	tried[len(tried)-1] = path
	info, err := os.Stat(path)
	if err != nil {
		return nil, &CLIError{Tried: tried}
	}
	file := cliFile{path, info.Size(), info.ModTime()}
	if known, asked := accepted.Load(file); asked {
		return &command{path: path, version: known.(semver.Version), grace: s.options.Grace}, nil
	}
	found, err := s.askCLI(ctx, path, tried)
	if err == nil {
		accepted.Store(file, found.version)
	}
	return found, err
}

// askCLI runs the CLI for its version.
func (s *Stack) askCLI(ctx context.Context, path string, tried []string) (*command, error) {
	run := exec.CommandContext(ctx, path, "version")
	run.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	output, err := run.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	text := strings.TrimSpace(string(output))
	if err != nil {
		text = "that fails to say its version"
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return nil, &CLIError{Tried: tried}
		}
	}
	version, err := semver.ParseTolerant(text)
	if err != nil || version.LT(minimumCLI) {
		if text == "" {
			text = "without a version"
		}
		return nil, &CLIError{Tried: tried, Found: text}
	}
	return &command{path: path, version: version, grace: s.options.Grace}, nil
}
