// Command pulumi-resource-aws is the sandbox's aws provider as a plugin: the engine starts it when it finds it on PATH.
package main

import (
	"os"

	"github.com/aplomb-iac/aplomb/sandbox/ambient"
	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/sandbox/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func main() {
	os.Exit(ambient.Plugin{Name: "aws", Version: provider.Version, Open: open, Options: provider.Options()}.Main())
}

func open(folder string) (pulumirpc.ResourceProviderServer, error) {
	opened, err := cloud.Open(cloud.PathIn(folder))
	if err != nil {
		return nil, err
	}
	return provider.New(opened), nil
}
