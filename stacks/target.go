package stacks

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// EnvSandbox is the environment variable that names the sandbox which the engine's plugins serve, for people who run Pulumi
// itself. Package deploy says in the configuration where a stack goes, and then this counts for nothing.
const EnvSandbox = "APLOMB_SANDBOX"

const (
	targetAWS     = "aws"
	targetSandbox = "sandbox"

	// sandboxUser is who calls, when one asks the sandbox. AWS makes up the ids of its users itself, so that none has this one
	// by choice: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
	sandboxUser = "AIDASANDBOXSANDBOX000"
)

// whereItGoes is where the stack goes: what was said, or else what the provider turns out to be. Whether it is AWS is asked of
// the provider and not believed, because which plugin the engine finds depends on the machine. When the answer is not what was
// said, that is an error, and nothing is registered yet but the provider.
func whereItGoes(ctx *pulumi.Context, provider *aws.Provider) (string, error) {
	said := config.Get(ctx, KeyTarget)
	if said == "" && os.Getenv(EnvSandbox) != "" {
		said = targetSandbox
	}
	caller, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{}, pulumi.Provider(provider))
	if err != nil {
		return "", fmt.Errorf("asking the aws provider who it works as: %w", err)
	}
	found := targetAWS
	if caller.UserId == sandboxUser {
		found = targetSandbox
	}
	switch {
	case said == targetSandbox && found != targetSandbox:
		return "", fmt.Errorf("stack %s is meant for the sandbox, but the aws provider works in the AWS account %s; nothing was done: put bin/sandbox first on PATH, or unset %s to go to AWS",
			ctx.Stack(), caller.AccountId, EnvSandbox)
	case said != "" && said != targetSandbox && found == targetSandbox:
		return "", fmt.Errorf("stack %s goes to %s, but the aws provider is the sandbox's; nothing was done: take bin/sandbox off PATH, or let the stack go to the sandbox",
			ctx.Stack(), said)
	case said != "":
		return said, nil
	default:
		return found, nil
	}
}
