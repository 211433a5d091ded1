package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// recoveryDocument is one document with its role. The policy and the document are checked before anything is registered; what stands in
// them arrives late.
type recoveryDocument struct {
	name, description string
	at                home
	provider          pulumi.ProviderResource
	policy            iampolicy.Document
	// facts are what write is given; slots, what the policy's slots hold.
	facts, slots pulumi.StringMap
	write        func(recoveryFacts) runbook.Document
}

// recoveryFacts are the names and ARNs that a document holds, each under a key of its own.
type recoveryFacts map[string]string

// The keys of recoveryFacts.
const (
	factRole       = "role"
	factSubnets    = "subnetGroup"
	factParameters = "parameterGroup"
	factGroup      = "securityGroup"
	factFence      = "fence"
	factKey        = "key"
	factRunner     = "runner"
	factVault      = "vault"
	factBackups    = "automatedBackups"
)

// buildDocument builds the document with its role.
func (r *DatabaseRecovery) buildDocument(ctx *pulumi.Context, spec recoveryDocument) (*ssm.Document, error) {
	document, _, err := r.buildDocumentAndRole(ctx, spec)
	return document, err
}

// buildDocumentAndRole builds the role, and the document that acts in its name.
func (r *DatabaseRecovery) buildDocumentAndRole(ctx *pulumi.Context, spec recoveryDocument) (*ssm.Document, *iam.Role, error) {
	sample := recoveryFacts{factRole: "role"}
	for key := range spec.facts {
		sample[key] = key
	}
	if _, err := spec.write(sample).JSON(); err != nil {
		return nil, nil, err
	}
	role, policy, err := newRole(ctx, roleSpec{
		parent: r, name: spec.name, description: spec.description, trust: automationTrust(spec.at), policy: spec.policy, slots: spec.slots, tags: r.args.Tags,
	})
	if err != nil {
		return nil, nil, err
	}
	facts := pulumi.StringMap{factRole: role.Arn}
	for key, value := range spec.facts {
		facts[key] = value
	}
	content := facts.ToStringMapOutput().ApplyT(func(known map[string]string) (string, error) {
		return spec.write(known).JSON()
	}).(pulumi.StringOutput)
	options := append(childOf(r, spec.provider), pulumi.DependsOn([]pulumi.Resource{policy}))
	document, err := ssm.NewDocument(ctx, spec.name, transformed(&ssm.DocumentArgs{
		DocumentType: pulumi.String("Automation"), DocumentFormat: pulumi.String("JSON"), Content: content, Tags: tagsNamed(r.args.Tags, spec.name),
	}, r.args.Transform.Document), options...)
	return document, role, err
}

// automationTrust admits Systems Manager, for this account's executions in one Region only
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/cross-service-confused-deputy-prevention.html).
func automationTrust(at home) iampolicy.Document {
	executions := naming.ARN(naming.Partition(at.region), "ssm", at.region, at.account, "automation-execution/*")
	return iampolicy.Trust(iampolicy.Statement{
		Sid: "Automation", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service("ssm.amazonaws.com")},
		Actions:    []iampolicy.Action{"sts:AssumeRole"},
		Conditions: []iampolicy.Condition{
			iampolicy.When(iampolicy.StringEquals, "aws:SourceAccount", at.account),
			iampolicy.When(iampolicy.ARNLike, "aws:SourceArn", executions),
		},
	})
}
