// Command aplomb-iac is the Pulumi program: the engine runs it for one stack, which Pulumi.STACK.yaml describes.
package main

import (
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(stacks.Program)
}
