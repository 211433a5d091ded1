package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// documentStart is a rule that starts a document, which acts in the name of acting.
type documentStart struct {
	// description is that of the role with which EventBridge starts it.
	name, description string
	at                home
	document          *ssm.Document
	acting            *iam.Role
	// rule says when, and target with what parameters.
	rule   cloudwatch.EventRuleArgs
	target cloudwatch.EventTargetArgs
}

// buildStart builds the rule, its target and the role.
func (r *DatabaseRecovery) buildStart(ctx *pulumi.Context, spec documentStart) error {
	arn := func(service, resource string) string {
		return naming.ARN(naming.Partition(spec.at.region), service, spec.at.region, spec.at.account, resource)
	}
	role, policy, err := newRole(ctx, roleSpec{
		parent: r, name: spec.name, description: spec.description,
		trust: eventsTrust(spec.at), policy: startPolicy(arn("ssm", "automation-execution/*")), tags: r.args.Tags,
		slots: pulumi.StringMap{
			"definition": pulumi.Sprintf("%s%s", arn("ssm", "automation-definition/"), spec.document.Name), "document": spec.document.Arn, "role": spec.acting.Arn,
		},
	})
	if err != nil {
		return err
	}
	spec.rule.Tags = tagsNamed(r.args.Tags, spec.name)
	rule, err := cloudwatch.NewEventRule(ctx, spec.name, &spec.rule, pulumi.Parent(r))
	if err != nil {
		return err
	}
	spec.target.Rule, spec.target.RoleArn = rule.Name, role.Arn
	spec.target.Arn = pulumi.Sprintf("%s%s:$DEFAULT", arn("ssm", "automation-definition/"), spec.document.Name)
	_, err = cloudwatch.NewEventTarget(ctx, spec.name, &spec.target, pulumi.Parent(r), pulumi.DependsOn([]pulumi.Resource{policy}))
	return err
}

// eventsTrust admits EventBridge, for this account's rules in one Region
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html).
func eventsTrust(at home) iampolicy.Document {
	return iampolicy.Trust(iampolicy.Statement{
		Sid: "Events", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service("events.amazonaws.com")}, Actions: []iampolicy.Action{"sts:AssumeRole"},
		Conditions: []iampolicy.Condition{
			iampolicy.When(iampolicy.StringEquals, "aws:SourceAccount", at.account),
			iampolicy.When(iampolicy.ARNLike, "aws:SourceArn", naming.ARN(naming.Partition(at.region), "events", at.region, at.account, "rule/*")),
		},
	})
}

// startPolicy lets one document be started, in the name of its own role.
func startPolicy(executions string) iampolicy.Document {
	return iampolicy.Identity(iampolicy.Statement{
		Sid: "Start", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"ssm:StartAutomationExecution"},
		Resources: []iampolicy.Resource{iampolicy.Slot("definition", ":*"), iampolicy.Slot("document", ""), iampolicy.ARN(executions)},
	}, iampolicy.Statement{
		Sid: "ActAs", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"iam:PassRole"}, Resources: []iampolicy.Resource{iampolicy.Slot("role", "")},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "iam:PassedToService", "ssm.amazonaws.com")},
	})
}
