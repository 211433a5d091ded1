package deploy

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// SetProgram makes the stack run another program than the real one.
func (s *Stack) SetProgram(program pulumi.RunFunc) { s.program = program }

// MinimumCLI is the oldest CLI that is accepted.
var MinimumCLI = minimumCLI
