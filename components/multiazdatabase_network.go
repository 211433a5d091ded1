package components

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func (d *MultiAZDatabase) home(ctx *pulumi.Context) home {
	return homeOf(ctx, d.args.Placement.AccountID, d.args.Placement.region())
}

// maxIdentifier is AWS's limit in characters (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html), less what the
// members of a cluster and the final snapshot add.
const maxIdentifier = 63 - len("-final")

var notInIdentifiers = regexp.MustCompile(`[^a-z0-9]+`)

// identifier is what AWS calls the database. It is chosen here and not by auto-naming, because the log group and the final snapshot are
// named after it before it exists, and because a database of that name keeps a second one from being made in its place.
func (d *MultiAZDatabase) identifier(ctx *pulumi.Context) (string, error) {
	return DatabaseIdentifier(ctx.Project(), ctx.Stack(), d.name)
}

// DatabaseIdentifier is what AWS calls the database of that name in a stack of a project, or an error that says what to shorten.
func DatabaseIdentifier(project, stack, name string) (string, error) {
	text := strings.ToLower(strings.Join([]string{project, stack, name}, "-"))
	text = strings.Trim(notInIdentifiers.ReplaceAllString(text, "-"), "-")
	if len(text) > maxIdentifier || text == "" || text[0] < 'a' {
		return "", fmt.Errorf("database %s: %q, made of project, stack and name, is no identifier of at most %d characters that begins with a letter; shorten one of them",
			name, text, maxIdentifier)
	}
	return text, nil
}

// logGroupName is where RDS exports the log of PostgreSQL to
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html).
func (d *MultiAZDatabase) logGroupName(identifier string) string {
	kind := "cluster"
	if d.args.Topology == MultiAZInstance {
		kind = "instance"
	}
	return "/aws/rds/" + kind + "/" + identifier + "/postgresql"
}

// buildKey builds the one key of the database: it encrypts storage, backups, the master secret, the log and Performance Insights. RDS
// and Secrets Manager use it in the name of whoever asks them to, and so through the account's identity policies.
func (d *MultiAZDatabase) buildKey(ctx *pulumi.Context) error {
	at := d.home(ctx)
	identifier, err := d.identifier(ctx)
	if err != nil {
		return err
	}
	d.built.key, err = newKey(ctx, keySpec{
		parent: d, name: d.name, alias: at.alias("database", d.name), description: "Encrypts database " + d.name + " with its backups, secret and log",
		statements: []iampolicy.Statement{at.accountAdministers(), at.logsEncrypt(d.logGroupName(identifier))},
		protect:    d.args.Protect, tags: d.args.Tags, transform: d.args.Transform.Key,
	})
	return err
}

// buildLogGroup builds the log group before RDS does, which would make it without encryption and keep it for ever.
func (d *MultiAZDatabase) buildLogGroup(ctx *pulumi.Context) error {
	identifier, err := d.identifier(ctx)
	if err != nil {
		return err
	}
	d.built.logGroup, err = cloudwatch.NewLogGroup(ctx, d.name, transformed(&cloudwatch.LogGroupArgs{
		Name: pulumi.String(d.logGroupName(identifier)), KmsKeyId: d.built.key.Arn, RetentionInDays: pulumi.Int(int(d.args.LogRetention)),
		Tags: tagsNamed(d.args.Tags, d.name),
	}, d.args.Transform.LogGroup), stateful(d, d.args.Protect)...)
	return err
}

// buildNetwork builds the subnet group over every zone, and a security group that admits nobody until something is granted.
func (d *MultiAZDatabase) buildNetwork(ctx *pulumi.Context) (err error) {
	d.built.subnetGroup, err = rds.NewSubnetGroup(ctx, d.name, transformed(&rds.SubnetGroupArgs{
		Description: pulumi.String("Isolated subnets of database " + d.name), SubnetIds: d.args.Placement.IsolatedSubnetIDs,
		Tags: tagsNamed(d.args.Tags, d.name),
	}, d.args.Transform.SubnetGroup), pulumi.Parent(d))
	if err != nil {
		return err
	}
	name := d.name + "-database"
	d.built.securityGroup, err = ec2.NewSecurityGroup(ctx, name, transformed(&ec2.SecurityGroupArgs{
		Description: pulumi.String("Database " + d.name), VpcId: d.args.Placement.VPCID.ToStringOutput(), Tags: tagsNamed(d.args.Tags, name),
	}, d.args.Transform.SecurityGroup), pulumi.Parent(d))
	return err
}

// major is the major version of the engine.
func (d *MultiAZDatabase) major() string {
	major, _, _ := strings.Cut(d.args.EngineVersion, ".")
	return major
}
