package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"
)

// Exit codes.
const (
	exitOK    = 0
	exitInput = 2
)

const usage = `aplomb-sql is an AWS Lambda function in a container image and is started by Lambda, not by hand.
  --version  print the version and exit
docs/database-users.md says how it is deployed and what it is sent.
`

// runtimeVariable is set by Lambda alone (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
const runtimeVariable = "AWS_LAMBDA_RUNTIME_API"

// run serves Lambda until Lambda ends the process. Without Lambda it returns an exit code.
func run(args []string, environment func(string) string, out, err io.Writer) int {
	switch {
	case len(args) == 1 && args[0] == "--version":
		fmt.Fprintf(out, "aplomb-sql %s (%s, %s/%s)\n", ownVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return exitOK
	case len(args) == 1 && args[0] == "--help":
		fmt.Fprint(out, usage)
		return exitOK
	case len(args) > 0 || environment(runtimeVariable) == "":
		fmt.Fprint(err, usage)
		return exitInput
	}
	served := &runner{
		secrets: &secretsManager{}, token: signToken, bundle: bundleFile, limits: defaultLimits,
		log: slog.New(slog.NewJSONHandler(err, nil)),
	}
	lambda.StartWithOptions(served.handle, lambda.WithContext(context.Background()))
	return exitOK
}

// ownVersion is the version of the module that the binary was built from, devel when it was built from a work tree.
func ownVersion() string {
	info, known := debug.ReadBuildInfo()
	if !known || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
