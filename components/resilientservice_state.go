package components

import (
	"strings"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// secretRecoveryDays is for how long a deleted secret can be brought back: 30 days, AWS's longest
// (https://docs.aws.amazon.com/secretsmanager/latest/APIReference/API_DeleteSecret.html).
const secretRecoveryDays = 30

func (s *ResilientService) home(ctx *pulumi.Context) home {
	return homeOf(ctx, s.args.Placement.AccountID, s.args.Placement.region())
}

// buildKey builds the one key of the service: it encrypts its logs, its volumes and its secrets, and nothing of anybody else.
func (s *ResilientService) buildKey(ctx *pulumi.Context) (err error) {
	at := s.home(ctx)
	statements := []iampolicy.Statement{at.accountAdministers(), at.logsEncrypt(at.logGroup("service", s.name))}
	s.built.key, err = newKey(ctx, keySpec{
		parent: s, name: s.name, alias: at.alias("service", s.name),
		description: "Encrypts logs, volumes and secrets of service " + s.name,
		statements:  append(statements, at.volumesEncrypt()...),
		protect:     s.args.Protect, tags: s.args.Tags, transform: s.args.Transform.Key,
	})
	return err
}

func (s *ResilientService) buildLogGroup(ctx *pulumi.Context) (err error) {
	s.built.logGroup, err = cloudwatch.NewLogGroup(ctx, s.name, transformed(&cloudwatch.LogGroupArgs{
		Name:            pulumi.String(s.home(ctx).logGroup("service", s.name)),
		KmsKeyId:        s.built.key.Arn,
		RetentionInDays: pulumi.Int(int(s.args.LogRetention)),
		Tags:            tagsNamed(s.args.Tags, s.name),
	}, s.args.Transform.LogGroup), stateful(s, s.args.Protect)...)
	return err
}

// buildSecrets builds one secret for each entry. The value is a version of its own: a new value replaces the version and touches
// neither the secret nor its ARN, so nothing that holds the ARN changes.
func (s *ResilientService) buildSecrets(ctx *pulumi.Context) error {
	s.built.secrets = map[string]*secretsmanager.Secret{}
	for _, key := range sortedKeys(s.args.Secrets) {
		name := s.name + "-secret-" + strings.ReplaceAll(strings.ToLower(key), "_", "-")
		secret, err := secretsmanager.NewSecret(ctx, name, transformed(&secretsmanager.SecretArgs{
			Description:          pulumi.String(key + " of service " + s.name),
			KmsKeyId:             s.built.key.Arn,
			RecoveryWindowInDays: pulumi.Int(secretRecoveryDays),
			Tags:                 tagsNamed(s.args.Tags, name),
		}, s.args.Transform.Secret), stateful(s, s.args.Protect)...)
		if err != nil {
			return err
		}
		version, err := secretsmanager.NewSecretVersion(ctx, name, &secretsmanager.SecretVersionArgs{
			SecretId: secret.ID(), SecretString: s.args.Secrets[key].ToStringOutput(),
		}, pulumi.Parent(s))
		if err != nil {
			return err
		}
		s.built.secrets[key] = secret
		s.built.beforeLaunch = append(s.built.beforeLaunch, version)
	}
	return nil
}
