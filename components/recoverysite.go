package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const recoverySiteType = "aplomb:components:RecoverySite"

// RecoverySiteArgs describes a RecoverySite. Only plain values but Provider.
type RecoverySiteArgs struct {
	// AccountID is the AWS account of the site, 12 digits.
	AccountID string `pulumi:"accountID"`
	// Region is the recovery Region.
	Region string `pulumi:"region"`
	// Zones are the Availability Zones of that Region that databases are restored over: at least 2; Aurora takes 3. Their order does not matter,
	// and a zone that is added renumbers nothing.
	Zones []string `pulumi:"zones"`
	// CIDR is the IPv4 block of the site's VPC, a /16 to /20, which must not overlap with what it will be peered with.
	CIDR string `pulumi:"cidr"`
	// Provider is the aws provider of Region.
	Provider pulumi.ProviderResource
	// Protect makes the engine refuse to delete or replace the key, which stays in AWS should it ever leave the stack.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on every resource beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform RecoverySiteTransforms
}

// RecoverySiteTransforms are the escape hatches of a RecoverySite: each function that is set receives the finished arguments of one inner
// resource, after every default and check, and may change anything.
type RecoverySiteTransforms struct {
	Key           func(*kms.KeyArgs)
	VPC           func(*ec2.VpcArgs)
	Subnet        func(*ec2.SubnetArgs)
	SecurityGroup func(*ec2.SecurityGroupArgs)
	SubnetGroup   func(*rds.SubnetGroupArgs)
}

// RecoverySite is where databases are restored when their Region is lost: a VPC in the recovery Region with one subnet in every zone and no way
// in or out, a subnet group, a security group that admits nobody, and a key. It stands before it is needed, because making it would need
// people and quotas at the worst moment. All of it but the key costs nothing while nothing is restored there; AWS charges for
// customer managed keys by the month (https://aws.amazon.com/kms/pricing/).
//
// Services do not run there. What is restored can be asked through the RDS Data API, which needs no way into the VPC
// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html), and by what is put into the VPC.
type RecoverySite struct {
	pulumi.ResourceState

	// VPCID is the VPC's id, SubnetIDs are its subnets in the order of Zones.
	VPCID     pulumi.StringOutput      `pulumi:"vpcID"`
	SubnetIDs pulumi.StringArrayOutput `pulumi:"subnetIDs"`
	// SubnetGroupName is the name of the subnet group over all of them.
	SubnetGroupName pulumi.StringOutput `pulumi:"subnetGroupName"`
	// SecurityGroupID is the security group of restored databases, which admits nobody.
	SecurityGroupID pulumi.StringOutput `pulumi:"securityGroupID"`
	// KeyARN is the ARN of the key under which is encrypted what is restored.
	KeyARN pulumi.StringOutput `pulumi:"keyARN"`

	name  string
	args  RecoverySiteArgs
	built siteParts
}

// siteParts are the inner resources that later steps refer to.
type siteParts struct {
	key           *kms.Key
	vpc           *ec2.Vpc
	subnets       []*ec2.Subnet
	subnetGroup   *rds.SubnetGroup
	securityGroup *ec2.SecurityGroup
}

// NewRecoverySite checks args whole (see RecoverySiteArgs.Check) and registers the site. Everything in it is made with args.Provider.
func NewRecoverySite(ctx *pulumi.Context, name string, args *RecoverySiteArgs, opts ...pulumi.ResourceOption) (*RecoverySite, error) {
	if args == nil {
		args = &RecoverySiteArgs{}
	}
	if err := failuresAsError("recovery site "+name, args.Check(name)); err != nil {
		return nil, err
	}
	site := &RecoverySite{name: name, args: *args}
	if err := ctx.RegisterComponentResource(recoverySiteType, name, site, opts...); err != nil {
		return nil, err
	}
	return site, runSteps(ctx, site.buildKey, site.buildVPC, site.buildGroups, site.registerOutputs)
}

func (s *RecoverySite) registerOutputs(ctx *pulumi.Context) error {
	subnets := pulumi.StringArray{}
	for _, each := range s.built.subnets {
		subnets = append(subnets, each.ID())
	}
	s.VPCID, s.SubnetIDs = s.built.vpc.ID().ToStringOutput(), subnets.ToStringArrayOutput()
	s.SubnetGroupName, s.SecurityGroupID, s.KeyARN = s.built.subnetGroup.Name, s.built.securityGroup.ID().ToStringOutput(), s.built.key.Arn
	return ctx.RegisterResourceOutputs(s, pulumi.Map{
		"vpcID": s.VPCID, "subnetIDs": s.SubnetIDs, "subnetGroupName": s.SubnetGroupName, "securityGroupID": s.SecurityGroupID, "keyARN": s.KeyARN,
	})
}
