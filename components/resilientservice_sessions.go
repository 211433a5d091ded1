package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// sessionStatements are what SSM Agent needs for Session Manager and nothing more: neither Run Command nor Patch Manager works
// with them (https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html). The
// managed policy AmazonSSMManagedInstanceCore would also let an instance read every parameter of the account.
func sessionStatements(at home) []iampolicy.Statement {
	instances := naming.ARN(naming.Partition(at.region), "ec2", at.region, at.account, "instance/*")
	return []iampolicy.Statement{{
		Sid: "RegisterForSessions", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"ssm:UpdateInstanceInformation"}, Resources: []iampolicy.Resource{iampolicy.ARN(instances)},
	}, {
		Sid: "OfferSessions", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"ssmmessages:CreateControlChannel"}, Resources: []iampolicy.Resource{iampolicy.Any},
		// https://docs.aws.amazon.com/service-authorization/latest/reference/list_ssmmessages.html
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.ARNLike, "ec2:SourceInstanceARN", instances)},
		Reason:     "the action has no resource-level support; the condition asks that an instance of this account makes the call",
	}, {
		Sid: "CarrySessions", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{
			"ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		},
		Resources: []iampolicy.Resource{iampolicy.Any},
		Reason:    "the actions have neither resource-level support nor a condition key; they use a channel that OfferSessions has opened",
	}}
}
