package components

import (
	"strings"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// proxyParts are what a proxy is made of; all of it is nil without one.
type proxyParts struct {
	secrets       map[string]*secretsmanager.Secret // by user
	securityGroup *ec2.SecurityGroup
	role          *iam.Role
	rolePolicy    *iam.RolePolicy
	proxy         *rds.Proxy
	// runbook makes the users who go through the proxy.
	runbook *ssm.Document
}

// buildProxy builds the proxy, if there is to be one, in front of the cluster.
func (d *MultiAZDatabase) buildProxy(ctx *pulumi.Context) error {
	d.ProxyEndpoint = pulumi.String("").ToStringOutput()
	if d.args.Proxy == nil {
		return nil
	}
	return runSteps(ctx, d.buildProxySecrets, d.buildProxyNetwork, d.buildProxyRole, d.buildProxyItself, d.buildProxyTarget)
}

// buildProxySecrets builds one secret for each user, without a version: the password is made in the VPC by the runner, so that neither the
// program nor its state ever has it. Until then the proxy cannot log in as the user.
func (d *MultiAZDatabase) buildProxySecrets(ctx *pulumi.Context) error {
	d.built.proxy.secrets = map[string]*secretsmanager.Secret{}
	for _, user := range d.args.Proxy.Users {
		name := d.name + "-user_" + user
		secret, err := secretsmanager.NewSecret(ctx, name, transformed(&secretsmanager.SecretArgs{
			Description: pulumi.String("Password of user " + user + " of database " + d.name + ", which its proxy logs in with"),
			KmsKeyId:    d.built.key.Arn, RecoveryWindowInDays: pulumi.Int(secretRecoveryDays), Tags: tagsNamed(d.args.Tags, name),
		}, d.args.Transform.ProxySecret), stateful(d, d.args.Protect)...)
		if err != nil {
			return err
		}
		d.built.proxy.secrets[user] = secret
	}
	return nil
}

// buildProxyNetwork builds the proxy's security group, which nobody is admitted to until something is granted, and lets it out to the database
// alone. The proxy reads its secrets by itself and not through the VPC
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-network-prereqs.html).
func (d *MultiAZDatabase) buildProxyNetwork(ctx *pulumi.Context) (err error) {
	name := d.name + "-proxy"
	d.built.proxy.securityGroup, err = ec2.NewSecurityGroup(ctx, name, transformed(&ec2.SecurityGroupArgs{
		Description: pulumi.String("Proxy of database " + d.name), VpcId: d.args.Placement.VPCID.ToStringOutput(), Tags: tagsNamed(d.args.Tags, name),
	}, d.args.Transform.SecurityGroup), pulumi.Parent(d))
	if err != nil {
		return err
	}
	in := d.name + "-database-from-proxy"
	if _, err := vpc.NewSecurityGroupIngressRule(ctx, in, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: d.built.securityGroup.ID(), ReferencedSecurityGroupId: d.built.proxy.securityGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(postgresPort), ToPort: pulumi.Int(postgresPort),
		Description: pulumi.String("Connections of the proxy"), Tags: tagsNamed(d.args.Tags, in),
	}, pulumi.Parent(d)); err != nil {
		return err
	}
	out := d.name + "-proxy-to-database"
	_, err = vpc.NewSecurityGroupEgressRule(ctx, out, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: d.built.proxy.securityGroup.ID(), ReferencedSecurityGroupId: d.built.securityGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(postgresPort), ToPort: pulumi.Int(postgresPort),
		Description: pulumi.String("Connections to the database"), Tags: tagsNamed(d.args.Tags, out),
	}, pulumi.Parent(d))
	return err
}

// buildProxyRole builds the role with which the proxy reads its users' secrets, and no other.
func (d *MultiAZDatabase) buildProxyRole(ctx *pulumi.Context) (err error) {
	slots := d.proxySecretSlots()
	slots[keySlot] = d.built.key.Arn
	d.built.proxy.role, d.built.proxy.rolePolicy, err = newRole(ctx, roleSpec{
		parent: d, name: d.name + "-proxy", description: "Reads the passwords that the proxy of database " + d.name + " logs in with",
		trust: proxyTrust(), policy: iampolicy.Identity(secretStatements(d.home(ctx), d.proxySecretKeys())...), slots: slots, tags: d.args.Tags,
	})
	return err
}

// proxyTrust admits RDS as AWS documents it
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html): RDS Proxy takes no global condition keys
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations). Which proxy a role is for is said by
// iam:PassRole.
func proxyTrust() iampolicy.Document {
	return iampolicy.Trust(iampolicy.Statement{
		Sid: "Proxy", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service("rds.amazonaws.com")}, Actions: []iampolicy.Action{"sts:AssumeRole"},
	})
}

// proxySecretKeys name the users' secrets in policies. No other secret is called so: the master user's is masterKey.
func (d *MultiAZDatabase) proxySecretKeys() []string {
	var keys []string
	for _, user := range d.args.Proxy.Users {
		keys = append(keys, "user_"+user)
	}
	return keys
}

func (d *MultiAZDatabase) proxySecretSlots() pulumi.StringMap {
	slots := pulumi.StringMap{}
	for index, key := range d.proxySecretKeys() {
		slots[secretSlot(key)] = d.built.proxy.secrets[d.args.Proxy.Users[index]].Arn
	}
	return slots
}

func (d *MultiAZDatabase) buildProxyItself(ctx *pulumi.Context) (err error) {
	var logins rds.ProxyAuthArray
	for _, user := range d.args.Proxy.Users {
		logins = append(logins, rds.ProxyAuthArgs{
			AuthScheme: pulumi.String("SECRETS"), IamAuth: pulumi.String("REQUIRED"), SecretArn: d.built.proxy.secrets[user].Arn,
			Description: pulumi.String("User " + user),
		})
	}
	name := d.name + "-proxy"
	d.built.proxy.proxy, err = rds.NewProxy(ctx, name, transformed(&rds.ProxyArgs{
		EngineFamily: pulumi.String("POSTGRESQL"), RequireTls: pulumi.Bool(true), Auths: logins, RoleArn: d.built.proxy.role.Arn,
		IdleClientTimeout: pulumi.Int(d.args.Proxy.IdleClientSeconds), DebugLogging: pulumi.Bool(false), // which would log statements
		VpcSubnetIds: d.args.Placement.IsolatedSubnetIDs, VpcSecurityGroupIds: pulumi.StringArray{d.built.proxy.securityGroup.ID()},
		Tags: tagsNamed(d.args.Tags, name),
	}, d.args.Transform.Proxy), pulumi.Parent(d), pulumi.DependsOn([]pulumi.Resource{d.built.proxy.rolePolicy}))
	return err
}

// buildProxyTarget builds what the proxy leads to, how long it keeps clients waiting, and the endpoint that services use. The endpoint that every
// proxy has lives in two zones that RDS chooses, whatever subnets it is given; one of one's own lives in all of them
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations). It is named after the proxy, so that a proxy
// that is replaced and its successor stand beside each other.
func (d *MultiAZDatabase) buildProxyTarget(ctx *pulumi.Context) error {
	proxy, name := d.built.proxy.proxy, d.name+"-proxy"
	group, err := rds.NewProxyDefaultTargetGroup(ctx, name, transformed(&rds.ProxyDefaultTargetGroupArgs{
		DbProxyName: proxy.Name, ConnectionPoolConfig: rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs{
			ConnectionBorrowTimeout: pulumi.Int(d.args.Proxy.BorrowTimeoutSeconds),
		},
	}, d.args.Transform.ProxyTargetGroup), pulumi.Parent(d))
	if err != nil {
		return err
	}
	// A cluster without a member is no target.
	if _, err := rds.NewProxyTarget(ctx, name, &rds.ProxyTargetArgs{
		DbProxyName: proxy.Name, TargetGroupName: group.Name, DbClusterIdentifier: d.Identifier,
	}, pulumi.Parent(d), pulumi.DependsOn(d.built.beforeUsers)); err != nil {
		return err
	}
	endpoint, err := rds.NewProxyEndpoint(ctx, name, transformed(&rds.ProxyEndpointArgs{
		DbProxyName: proxy.Name, DbProxyEndpointName: pulumi.Sprintf("%s-all-zones", proxy.Name), TargetRole: pulumi.String("READ_WRITE"),
		VpcSubnetIds: d.args.Placement.IsolatedSubnetIDs, VpcSecurityGroupIds: pulumi.StringArray{d.built.proxy.securityGroup.ID()},
		Tags: tagsNamed(d.args.Tags, name),
	}, d.args.Transform.ProxyEndpoint), pulumi.Parent(d))
	if err != nil {
		return err
	}
	d.ProxyEndpoint = endpoint.Endpoint
	return nil
}

// connectTo is what a policy of IAM names for the users of the database, or of its proxy, whose id is the last part of its ARN
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html).
func (d *MultiAZDatabase) connectTo(at home, user string) pulumi.StringOutput {
	of := d.ResourceID
	if d.args.proxied(user) {
		of = d.built.proxy.proxy.Arn.ApplyT(func(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }).(pulumi.StringOutput)
	}
	return pulumi.Sprintf("%s%s", naming.ARN(naming.Partition(at.region), "rds-db", at.region, at.account, "dbuser:"), of)
}

// connectThroughProxy opens the one port between the service and the proxy.
func (d *MultiAZDatabase) connectThroughProxy(service *ResilientService) error {
	in := d.name + "-proxy-from-" + service.name
	if _, err := vpc.NewSecurityGroupIngressRule(d.ctx, in, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: d.built.proxy.securityGroup.ID(), ReferencedSecurityGroupId: service.built.instanceGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(postgresPort), ToPort: pulumi.Int(postgresPort),
		Description: pulumi.String("Connections of service " + service.name), Tags: tagsNamed(d.args.Tags, in),
	}, pulumi.Parent(d)); err != nil {
		return err
	}
	out := service.name + "-instances-to-proxy-of-" + d.name
	_, err := vpc.NewSecurityGroupEgressRule(d.ctx, out, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: service.built.instanceGroup.ID(), ReferencedSecurityGroupId: d.built.proxy.securityGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(postgresPort), ToPort: pulumi.Int(postgresPort),
		Description: pulumi.String("Connections to the proxy of database " + d.name), Tags: tagsNamed(service.args.Tags, out),
	}, pulumi.Parent(service))
	return err
}
