package components

import (
	"strings"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// A deleted key takes everything under it along, so it waits for as long as AWS lets it: 30 days
// (https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html).
const keyDeletionDays = 30

// home is where a component's resources live, and of which stack they are. All of it is known before anything is built.
type home struct{ account, region, project, stack string }

func homeOf(ctx *pulumi.Context, account, region string) home {
	return home{account: account, region: region, project: ctx.Project(), stack: ctx.Stack()}
}

// logGroup is the name of a log group. It is chosen here and not by auto-naming, since the policy of the key that encrypts the
// group names it, and the group needs the key. Project and stack keep two stacks in one account apart.
func (h home) logGroup(kind, name string) string {
	return "/" + strings.Join([]string{h.project, h.stack, kind, name}, "/")
}

// alias is the name of a key in the console. Aliases take letters, digits, / _ and - only
// (https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html); stack names may hold dots.
func (h home) alias(kind, name string) string {
	return "alias" + strings.ReplaceAll(h.logGroup(kind, name), ".", "-")
}

// accountAdministers lets the account's own identity policies decide about the key. Without it nobody could ever change the key
// again (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html).
func (h home) accountAdministers() iampolicy.Statement {
	return iampolicy.Statement{
		Sid: "AccountAdministers", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.AWS(naming.AccountRoot(h.region, h.account))},
		Actions:    []iampolicy.Action{"kms:*"}, Resources: []iampolicy.Resource{iampolicy.Any},
	}
}

// logsEncrypt lets CloudWatch Logs use the key, for one log group only
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html).
func (h home) logsEncrypt(logGroup string) iampolicy.Statement {
	return iampolicy.Statement{
		Sid: "LogsEncrypt", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service(naming.ServiceEndpoint("logs", h.region))},
		Actions: []iampolicy.Action{
			"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*",
		},
		Resources: []iampolicy.Resource{iampolicy.Any},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.ARNEquals,
			"kms:EncryptionContext:aws:logs:arn", naming.LogGroupARN(h.region, h.account, logGroup))},
	}
}

// volumesEncrypt lets whoever in the account may use EC2 attach volumes under the key through EC2, and only through it: the shape
// of the policy of AWS's own aws/ebs key, narrowed for grants. The usual alternative names Auto Scaling's service-linked
// role, which does not exist in an account before its first group does
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html).
func (h home) volumesEncrypt() []iampolicy.Statement {
	throughEC2 := []iampolicy.Condition{
		iampolicy.When(iampolicy.StringEquals, "kms:CallerAccount", h.account),
		iampolicy.When(iampolicy.StringEquals, "kms:ViaService", naming.ServiceEndpoint("ec2", h.region)),
	}
	forAWS := iampolicy.When(iampolicy.Bool, "kms:GrantIsForAWSResource", "true")
	return []iampolicy.Statement{{
		Sid: "VolumesEncrypt", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions: []iampolicy.Action{
			"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*",
		},
		Resources: []iampolicy.Resource{iampolicy.Any}, Conditions: throughEC2,
	}, {
		Sid: "VolumesGrant", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions:   []iampolicy.Action{"kms:CreateGrant"},
		Resources: []iampolicy.Resource{iampolicy.Any}, Conditions: append([]iampolicy.Condition{forAWS}, throughEC2...),
	}}
}

// keySpec is a key of one component. Without a provider it is where its parent is.
type keySpec struct {
	parent      pulumi.Resource
	provider    pulumi.ProviderResource
	name        string
	alias       string
	description string
	statements  []iampolicy.Statement
	protect     bool
	tags        map[string]string
	transform   func(*kms.KeyArgs)
}

// newKey builds a KMS key that rotates every year, with an alias by which people find it.
func newKey(ctx *pulumi.Context, spec keySpec) (*kms.Key, error) {
	policy, err := iampolicy.Key(spec.statements...).JSON(nil)
	if err != nil {
		return nil, err
	}
	args := transformed(&kms.KeyArgs{
		Description:          pulumi.String(spec.description),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(keyDeletionDays),
		Policy:               pulumi.String(policy),
		Tags:                 tagsNamed(spec.tags, spec.name),
	}, spec.transform)
	key, err := kms.NewKey(ctx, spec.name, args, stateful(spec.parent, spec.protect, spec.provider)...)
	if err != nil {
		return nil, err
	}
	_, err = kms.NewAlias(ctx, spec.name, &kms.AliasArgs{
		Name: pulumi.String(spec.alias), TargetKeyId: key.KeyId,
	}, childOf(spec.parent, spec.provider)...)
	return key, err
}
