// Command pulumi-resource-awsx is the sandbox's awsx provider as a plugin: the engine starts it when it finds it on PATH.
package main

import (
	"os"

	"github.com/aplomb-iac/aplomb/sandbox/ambient"
	"github.com/aplomb-iac/aplomb/sandbox/awsx"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func main() {
	os.Exit(ambient.Plugin{Name: "awsx", Version: awsx.Version, Open: open}.Main())
}

// open needs nothing of the sandbox's folder: what awsx builds, the aws provider makes.
func open(string) (pulumirpc.ResourceProviderServer, error) { return awsx.NewServer(), nil }
