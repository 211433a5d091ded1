package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const multiAZDatabaseType = "aplomb:components:MultiAZDatabase"

// DatabaseTopology is how a database survives the loss of a zone. It cannot change while the database stands.
type DatabaseTopology string

const (
	// Aurora is Aurora PostgreSQL: one storage over three zones, a writer, and a reader in every other zone that takes over. AWS: less
	// than 60 s, often less than 30 s (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html).
	// AWS Backup copies its snapshots to another Region. The default choice for production.
	Aurora DatabaseTopology = "aurora"
	// MultiAZCluster is an RDS Multi-AZ DB cluster: a writer and two readable standbys in three zones. AWS: typically less than 35 s
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts-failover.html). No snapshot or backup of
	// it can be copied to another Region by any means of AWS
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.Limitations.html): with it the loss of
	// the Region is the loss of the data.
	MultiAZCluster DatabaseTopology = "multi-az-cluster"
	// MultiAZInstance is an RDS instance with a standby that nobody can read, in two zones. AWS: typically 60 to 120 s, longer with large
	// transactions (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html), so it cannot promise 90 s.
	// The cheapest; its automated backups are replicated to another Region, and can be restored there to a point in time.
	MultiAZInstance DatabaseTopology = "multi-az-instance"
)

// DatabaseTopologies lists every DatabaseTopology.
func DatabaseTopologies() []DatabaseTopology {
	return []DatabaseTopology{Aurora, MultiAZCluster, MultiAZInstance}
}

// MultiAZDatabaseArgs describes a MultiAZDatabase, which is PostgreSQL. Everything but Placement's ids and RecoveryProvider is a plain
// value. The zero value of an optional field means its default.
type MultiAZDatabaseArgs struct {
	// Placement is where the database runs: Network.Placement(), whose isolated subnets it uses. Aurora and MultiAZCluster take three
	// zones.
	Placement PlacementArgs `pulumi:"placement"`
	// Topology is how the database survives; it must be stated.
	Topology DatabaseTopology `pulumi:"topology"`
	// EngineVersion is the version of PostgreSQL, major and minor, such as 16.6. It is pinned: there is no default that drifts.
	EngineVersion string `pulumi:"engineVersion"`
	// InstanceClass is what every instance of the database runs on, such as db.r7g.large. Which classes there are depends on the topology.
	InstanceClass string `pulumi:"instanceClass"`
	// Readers is how many readers Aurora has: by default one in every zone but the writer's; 1 to 15. The others have what their topology has.
	Readers int `pulumi:"readers,optional"`
	// StorageGiB is the size of the volumes, of type gp3: 20 to 65536. Aurora's storage grows by itself and takes none.
	StorageGiB int `pulumi:"storageGiB,optional"`
	// DatabaseName is the database that is made at first: the component's name by default, with underscores for hyphens.
	DatabaseName string `pulumi:"databaseName,optional"`
	// BackupRetentionDays is for how long the database can be restored to any second: 7 by default; 7 to 35.
	BackupRetentionDays int `pulumi:"backupRetentionDays,optional"`
	// BackupWindow is when the daily snapshot is taken, in UTC: 02:00-03:00 by default.
	BackupWindow string `pulumi:"backupWindow,optional"`
	// MaintenanceWindow is when AWS may patch, in UTC: sun:04:00-sun:05:00 by default. It does not overlap the backup window.
	MaintenanceWindow string `pulumi:"maintenanceWindow,optional"`
	// RecoveryRegion is the Region that receives the automated backups of a MultiAZInstance: another one, of the same partition. Aurora
	// is copied by AWS Backup and takes none here; MultiAZCluster cannot be copied at all.
	RecoveryRegion string `pulumi:"recoveryRegion,optional"`
	// RecoveryProvider is the aws provider of RecoveryRegion.
	RecoveryProvider pulumi.ProviderResource
	// Proxy is an RDS Proxy for some of the users: none by default. It takes a Runner with every topology, and MultiAZInstance takes no proxy.
	Proxy *DatabaseProxyArgs `pulumi:"proxy,optional"`
	// Runner makes the users of a database that has no Data API: every topology but Aurora's, and Aurora on instances of the t families. It makes
	// the users behind a Proxy everywhere. It is needed there, and must be in the account and the VPC of the database.
	Runner *SQLRunner
	// Tickets is the ARN of an SNS topic in the Region of the database, whose policy admits EventBridge: it receives a message when a run of
	// the runbook that makes users fails, as one may at night, when nobody waits for it. Without it nobody is told.
	Tickets pulumi.StringInput `pulumi:"tickets,optional"`
	// LogRetention is for how long the database's log is kept: 30 days by default.
	LogRetention LogRetention `pulumi:"logRetention,optional"`
	// Protect makes AWS and the engine refuse to delete the database, and the engine refuse to delete or replace its keys, its log and its
	// replicated backups, which stay in AWS should they ever leave the stack.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on every resource beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform MultiAZDatabaseTransforms
}

// MultiAZDatabaseTransforms are the escape hatches of a MultiAZDatabase: each function that is set receives the finished arguments of one
// inner resource, after every default and check, and may change anything. Key sees both keys, Member every instance of Aurora, SecurityGroup and
// Document those of the proxy too, ProxySecret the secret of each of its users.
type MultiAZDatabaseTransforms struct {
	Key                   func(*kms.KeyArgs)
	LogGroup              func(*cloudwatch.LogGroupArgs)
	SecurityGroup         func(*ec2.SecurityGroupArgs)
	SubnetGroup           func(*rds.SubnetGroupArgs)
	ClusterParameterGroup func(*rds.ClusterParameterGroupArgs)
	ParameterGroup        func(*rds.ParameterGroupArgs)
	Cluster               func(*rds.ClusterArgs)
	Member                func(*rds.ClusterInstanceArgs)
	Instance              func(*rds.InstanceArgs)
	Document              func(*ssm.DocumentArgs)
	Association           func(*ssm.AssociationArgs)
	ProxySecret           func(*secretsmanager.SecretArgs)
	Proxy                 func(*rds.ProxyArgs)
	ProxyTargetGroup      func(*rds.ProxyDefaultTargetGroupArgs)
	ProxyEndpoint         func(*rds.ProxyEndpointArgs)
}

// MultiAZDatabase is a PostgreSQL database over several zones, in subnets without a way out, encrypted under a key of its own, reached
// over TLS only and by nobody but the services that were granted it, with credentials that last 15 minutes
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html). The master user's password is made, kept and
// rotated by AWS in Secrets Manager: neither the program nor its state ever has it.
//
// # Recovery
//
// Loss of the writer, its volume or its zone, figures of AWS as documented under each DatabaseTopology, none of them guaranteed:
//
//	                    failover    DNS   connect    time to serve
//	aurora                  60 s    5 s     3 × 3 s    74 s
//	multi-az-cluster        35 s    5 s     3 × 3 s    49 s
//	multi-az-instance      120 s    5 s     2 × 3 s   131 s
//	aurora, proxy           60 s      –     3 × 3 s    69 s
//	multi-az-cluster, proxy 35 s      –     3 × 3 s    44 s
//
// The endpoint's name is kept for 5 s by resolvers (documented for Aurora:
// https://repost.aws/knowledge-center/aurora-mysql-redirected-endpoint-writer; assumed for the others); a client then tries each address for
// PGCONNECT_TIMEOUT, 3 s, and takes the one that can be written to. All of it assumes what Connection hands over, and a deadline on every
// query: a peer that vanishes sends no error. A proxy keeps the connections of its clients during a failover and queues what they ask for, but for
// those in the middle of a transaction (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-howitworks.html#rds-proxy-failover).
//
// Loss of data that was committed (RPO): none for a failover; up to 5 minutes for a restore to a point in time
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html).
//
// Users are made by Systems Manager, which runs one runbook for each granted user, from outside the VPC by the Data API or in it by a
// SQLRunner, and again every day. The runbook logs in with the master secret that the program knows. A restored database that took over has a
// secret of its own: the daily runs fail until a refresh and an update have taken it over, and that update makes every user at once. Users that
// were there at the time that was restored are in the data. A service that is connected needs none of it.
//
// Not covered: a Region, unless backups reach the recovery Region as the topology allows; a wrong statement, but by a restore.
type MultiAZDatabase struct {
	pulumi.ResourceState

	// Endpoint is the host name that always leads to the writer.
	Endpoint pulumi.StringOutput `pulumi:"endpoint"`
	// ReaderEndpoint leads to the readers, and is empty for a MultiAZInstance, which has none.
	ReaderEndpoint pulumi.StringOutput `pulumi:"readerEndpoint"`
	// ProxyEndpoint is the host name of the proxy, in every zone; it is empty without a Proxy.
	ProxyEndpoint pulumi.StringOutput `pulumi:"proxyEndpoint"`
	// Port is the TCP port.
	Port pulumi.IntOutput `pulumi:"port"`
	// ARN is the ARN of the cluster or of the instance.
	ARN pulumi.StringOutput `pulumi:"arn"`
	// Identifier is what AWS calls the cluster or the instance, which is the dimension of its metrics.
	Identifier pulumi.StringOutput `pulumi:"identifier"`
	// ResourceID is the id that IAM policies name.
	ResourceID pulumi.StringOutput `pulumi:"resourceID"`
	// MasterSecretARN is the ARN of the secret with the master user's password, which AWS rotates every 7 days
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html).
	MasterSecretARN pulumi.StringOutput `pulumi:"masterSecretARN"`
	// KeyARN is the ARN of the database's KMS key.
	KeyARN pulumi.StringOutput `pulumi:"keyARN"`
	// SecurityGroupID is the security group that grants open.
	SecurityGroupID pulumi.StringOutput `pulumi:"securityGroupID"`

	ctx     *pulumi.Context
	name    string
	args    MultiAZDatabaseArgs
	built   databaseParts
	granted map[string]bool
	users   map[string]DatabaseRights
}

// databaseParts are the inner resources that later steps refer to.
type databaseParts struct {
	key           *kms.Key
	logGroup      *cloudwatch.LogGroup
	securityGroup *ec2.SecurityGroup
	subnetGroup   *rds.SubnetGroup
	// parameterGroup is the name of the cluster's or the instance's parameter group.
	parameterGroup pulumi.StringOutput
	// replication is what the recovery Region receives of a MultiAZInstance, under recoveryKey; nil for the others.
	recoveryKey *kms.Key
	replication *rds.InstanceAutomatedBackupsReplication
	// grants are what a restored database is granted again.
	grants []databaseGrant
	// recovered says that a DatabaseRecovery has been built, which knows the grants made so far.
	recovered bool
	// usersRole and usersRunbook make users, once beforeUsers stands.
	usersRole    *iam.Role
	usersRunbook *ssm.Document
	beforeUsers  []pulumi.Resource
	proxy        proxyParts
}

// databaseGrant is one policy that names the database's resource id, on the role of one service.
type databaseGrant struct {
	service string
	user    string
	role    pulumi.StringOutput
	policy  pulumi.StringOutput
	text    pulumi.StringOutput
}

// NewMultiAZDatabase checks args whole (see MultiAZDatabaseArgs.Check) and registers the database. Pass the aws provider of the zones'
// Region as a resource option.
func NewMultiAZDatabase(
	ctx *pulumi.Context, name string, args *MultiAZDatabaseArgs, opts ...pulumi.ResourceOption,
) (*MultiAZDatabase, error) {
	if args == nil {
		args = &MultiAZDatabaseArgs{}
	}
	if err := failuresAsError("database "+name, args.Check(name)); err != nil {
		return nil, err
	}
	database := &MultiAZDatabase{ctx: ctx, name: name, args: args.withDefaults(name), granted: map[string]bool{}, users: map[string]DatabaseRights{}}
	if err := ctx.RegisterComponentResource(multiAZDatabaseType, name, database, opts...); err != nil {
		return nil, err
	}
	build := database.buildCluster
	if database.args.Topology == MultiAZInstance {
		build = database.buildInstance
	}
	return database, runSteps(ctx, database.buildKey, database.buildLogGroup, database.buildNetwork, build, database.buildProxy, database.buildUsers,
		database.buildProxyRunbook, database.registerOutputs)
}

func (d *MultiAZDatabase) registerOutputs(ctx *pulumi.Context) error {
	d.KeyARN, d.SecurityGroupID = d.built.key.Arn, d.built.securityGroup.ID().ToStringOutput()
	outputs := pulumi.Map{
		"endpoint": d.Endpoint, "readerEndpoint": d.ReaderEndpoint, "port": d.Port, "arn": d.ARN, "identifier": d.Identifier,
		"resourceID": d.ResourceID, "masterSecretARN": d.MasterSecretARN, "keyARN": d.KeyARN, "securityGroupID": d.SecurityGroupID,
	}
	if d.args.Proxy != nil {
		outputs["proxyEndpoint"] = d.ProxyEndpoint
	}
	return ctx.RegisterResourceOutputs(d, outputs)
}
