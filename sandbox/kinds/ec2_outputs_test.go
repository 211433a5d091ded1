package kinds_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func made(t *testing.T, token string, draft Draft) *kinds.Thing {
	kind, known := kinds.Of(token)
	require.True(t, known)
	lab := newLab(t)
	thing, err := lab.create(kind, "web", draft(lab))
	require.NoError(t, err)
	return thing
}

// The provider makes a route's id itself; 1080289494 is what it puts behind the route table's for 0.0.0.0/0.
func TestARouteIsNamedAsTheProviderNamesIt(t *testing.T) {
	require.Equal(t, "r-rtb-a1080289494", made(t, kinds.Route, publicRoute).ID)
}

func TestIdentifiersLookLikeAWSs(t *testing.T) {
	shapes := map[string]struct {
		draft   Draft
		id, arn string
	}{
		kinds.VPC:                      {aVPC, `^vpc-0[0-9a-f]{16}$`, `^arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-0[0-9a-f]{16}$`},
		kinds.InternetGateway:          {emptyVPC, `^igw-0[0-9a-f]{16}$`, `:internet-gateway/igw-0`},
		kinds.Subnet:                   {aSubnet, `^subnet-0[0-9a-f]{16}$`, `:subnet/subnet-0`},
		kinds.RouteTable:               {emptyVPC, `^rtb-0[0-9a-f]{16}$`, `:route-table/rtb-0`},
		kinds.EIP:                      {plain(In{}), `^eipalloc-0[0-9a-f]{16}$`, `:elastic-ip/eipalloc-0`},
		kinds.SecurityGroup:            {aGroup, `^sg-0[0-9a-f]{16}$`, `:security-group/sg-0`},
		kinds.SecurityGroupIngressRule: {aRule, `^sgr-0[0-9a-f]{16}$`, `:security-group-rule/sgr-0`},
		kinds.LaunchTemplate:           {aTemplate, `^lt-0[0-9a-f]{16}$`, `:launch-template/lt-0`},
		kinds.FlowLog:                  {aFlowLog, `^fl-0[0-9a-f]{16}$`, `:vpc-flow-log/fl-0`},
	}
	for token, shape := range shapes {
		thing := made(t, token, shape.draft)
		require.Regexp(t, shape.id, thing.ID)
		require.Regexp(t, shape.arn, thing.Text("arn"))
	}
}

func TestADefaultSecurityGroupIsTheOneOfItsVPC(t *testing.T) {
	group := made(t, kinds.DefaultSecurityGroup, aDefaultGroup)
	require.Equal(t, "sg-default-a", group.ID)
	require.Equal(t, "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-default-a", group.Text("arn"))
	require.Equal(t, "default", group.Text("name"))
}

func TestASubnetAnswersItsZoneHoweverItWasAskedFor(t *testing.T) {
	byName := made(t, kinds.Subnet, aSubnet)
	require.Equal(t, "euc1-az3", byName.Text("availabilityZoneId"))
	byID := made(t, kinds.Subnet, with(aSubnet, In{"availabilityZone": nil, "availabilityZoneId": "euc1-az3"}))
	require.Equal(t, "eu-central-1b", byID.Text("availabilityZone"))
}

func TestANATGatewayHasTheAddressesOfItsSubnetAndItsAllocation(t *testing.T) {
	nat := made(t, kinds.NATGateway, freeAddress)
	require.Equal(t, "198.18.0.9", nat.Text("publicIp"))
	private := netip.MustParseAddr(nat.Text("privateIp"))
	require.True(t, netip.MustParsePrefix("10.0.0.0/24").Contains(private), private)
	last := private.As4()[3]
	require.True(t, last >= 4 && last <= 254, "AWS keeps the first four and the last address: %s", private)
}

func TestAFlowLogAnswersItsLogGroupBothWays(t *testing.T) {
	for _, draft := range []Draft{aFlowLog, with(aFlowLog, In{"logDestination": nil, "logGroupName": "flow"})} {
		log := made(t, kinds.FlowLog, draft)
		require.Equal(t, "arn:aws:logs:eu-central-1:123456789012:log-group:flow", log.Text("logDestination"))
		require.Equal(t, "flow", log.Text("logGroupName"))
	}
}

// During a preview nothing that is not yet known may be refused: it may turn out right.
func TestUnknownValuesAreNotRefused(t *testing.T) {
	unknown := kinds.Unknown
	drafts := map[string]In{
		kinds.VPC:                      {"cidrBlock": unknown},
		kinds.Subnet:                   {"vpcId": unknown, "cidrBlock": unknown, "availabilityZone": unknown},
		kinds.Route:                    {"routeTableId": unknown, "destinationCidrBlock": unknown, "gatewayId": unknown},
		kinds.NATGateway:               {"subnetId": unknown, "allocationId": unknown},
		kinds.SecurityGroup:            {"vpcId": unknown, "description": unknown},
		kinds.SecurityGroupIngressRule: {"securityGroupId": unknown, "ipProtocol": unknown, "fromPort": unknown, "toPort": unknown, "cidrIpv4": unknown},
		kinds.FlowLog:                  {"vpcId": unknown, "trafficType": unknown, "iamRoleArn": unknown, "logDestination": unknown},
		kinds.LaunchTemplate: {"imageId": unknown, "instanceType": unknown, "userData": unknown, "vpcSecurityGroupIds": unknown,
			"blockDeviceMappings": []any{In{"ebs": In{"volumeType": unknown, "kmsKeyId": unknown, "encrypted": "true", "throughput": unknown}}}},
	}
	for token, in := range drafts {
		t.Run(fmt.Sprint(token), func(t *testing.T) {
			kind, _ := kinds.Of(token)
			lab := newLab(t)
			_, err := check(kind, lab.subject(kind, "web"), nil, in)
			require.NoError(t, err)
		})
	}
}
