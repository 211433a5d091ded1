package sandbox_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/globalaccelerator"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox"
)

// doors is what the program of the doors varies: the host's name, and the web ACL's with how its association is replaced.
type doors struct {
	Host, ACL   string
	DeleteFirst bool
}

// house is what the steps of the program hand on.
type house struct {
	ctx        *pulumi.Context
	doors      doors
	home       pulumi.ResourceOption
	subnets    pulumi.StringArray
	balancer   *lb.LoadBalancer
	front      *globalaccelerator.Accelerator
	vpc, group pulumi.IDOutput
}

// open is a load balancer with its ways in (name, certificate, web ACL, accelerator) and the ways out of its network.
func (d doors) open(ctx *pulumi.Context) error {
	home, err := aws.NewProvider(ctx, "home", &aws.ProviderArgs{Region: pulumi.String("eu-central-1")})
	if err != nil {
		return err
	}
	h := &house{ctx: ctx, doors: d, home: pulumi.Provider(home)}
	for _, step := range []func(*house) error{(*house).walls, (*house).waysOut, (*house).accelerate, (*house).name, (*house).guard} {
		if err := step(h); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) walls() error {
	network, err := ec2.NewVpc(h.ctx, "net", &ec2.VpcArgs{CidrBlock: pulumi.String("10.0.0.0/16"), EnableDnsHostnames: pulumi.Bool(true)}, h.home)
	if err != nil {
		return err
	}
	for index, zone := range []string{"eu-central-1a", "eu-central-1b"} {
		subnet, err := ec2.NewSubnet(h.ctx, zone, &ec2.SubnetArgs{VpcId: network.ID(), AvailabilityZone: pulumi.String(zone),
			CidrBlock: pulumi.Sprintf("10.0.%d.0/24", index)}, h.home)
		if err != nil {
			return err
		}
		h.subnets = append(h.subnets, subnet.ID())
	}
	group, err := ec2.NewSecurityGroup(h.ctx, "endpoints", &ec2.SecurityGroupArgs{VpcId: network.ID()}, h.home)
	if err != nil {
		return err
	}
	h.vpc, h.group = network.ID(), group.ID()
	h.balancer, err = lb.NewLoadBalancer(h.ctx, "web", &lb.LoadBalancerArgs{Internal: pulumi.Bool(true), Subnets: h.subnets}, h.home)
	return err
}

func (h *house) waysOut() error {
	table, err := ec2.NewRouteTable(h.ctx, "private", &ec2.RouteTableArgs{VpcId: h.vpc}, h.home)
	if err != nil {
		return err
	}
	gateway, err := ec2.NewVpcEndpoint(h.ctx, "s3", &ec2.VpcEndpointArgs{VpcId: h.vpc, ServiceName: pulumi.String("com.amazonaws.eu-central-1.s3"),
		RouteTableIds: pulumi.StringArray{table.ID()}}, h.home)
	if err != nil {
		return err
	}
	service := ec2.LookupVpcEndpointServiceOutput(h.ctx, ec2.LookupVpcEndpointServiceOutputArgs{Service: pulumi.String("ecr.api")},
		h.home.(pulumi.InvokeOption))
	if _, err := ec2.NewVpcEndpoint(h.ctx, "images", &ec2.VpcEndpointArgs{VpcId: h.vpc, ServiceName: service.ServiceName(), VpcEndpointType: pulumi.String("Interface"),
		SubnetIds: h.subnets, SecurityGroupIds: pulumi.StringArray{h.group}, PrivateDnsEnabled: pulumi.Bool(true)}, h.home); err != nil {
		return err
	}
	_, err = vpc.NewSecurityGroupEgressRule(h.ctx, "s3", &vpc.SecurityGroupEgressRuleArgs{SecurityGroupId: h.group, IpProtocol: pulumi.String("tcp"),
		FromPort: pulumi.Int(443), ToPort: pulumi.Int(443), PrefixListId: gateway.PrefixListId}, h.home)
	return err
}

func (h *house) accelerate() (err error) {
	if h.front, err = globalaccelerator.NewAccelerator(h.ctx, "front", &globalaccelerator.AcceleratorArgs{}, h.home); err != nil {
		return err
	}
	listener, err := globalaccelerator.NewListener(h.ctx, "front", &globalaccelerator.ListenerArgs{AcceleratorArn: h.front.Arn, Protocol: pulumi.String("TCP"),
		PortRanges: globalaccelerator.ListenerPortRangeArray{globalaccelerator.ListenerPortRangeArgs{FromPort: pulumi.Int(443), ToPort: pulumi.Int(443)}}}, h.home)
	if err != nil {
		return err
	}
	_, err = globalaccelerator.NewEndpointGroup(h.ctx, "front", &globalaccelerator.EndpointGroupArgs{ListenerArn: listener.Arn,
		EndpointConfigurations: globalaccelerator.EndpointGroupEndpointConfigurationArray{globalaccelerator.EndpointGroupEndpointConfigurationArgs{
			EndpointId: h.balancer.Arn, Weight: pulumi.Int(128), ClientIpPreservationEnabled: pulumi.Bool(true)}}}, h.home)
	return err
}

func (h *house) name() error {
	zone, err := route53.NewZone(h.ctx, "zone", &route53.ZoneArgs{Name: pulumi.String("example.com")}, h.home)
	if err != nil {
		return err
	}
	certificate, err := acm.NewCertificate(h.ctx, "web", &acm.CertificateArgs{DomainName: pulumi.String(h.doors.Host), ValidationMethod: pulumi.String("DNS")}, h.home)
	if err != nil {
		return err
	}
	option := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	proof, err := route53.NewRecord(h.ctx, "proof", &route53.RecordArgs{ZoneId: zone.ZoneId, Name: option.ResourceRecordName().Elem(),
		Type: option.ResourceRecordType().Elem(), Ttl: pulumi.Int(60), Records: pulumi.StringArray{option.ResourceRecordValue().Elem()}}, h.home)
	if err != nil {
		return err
	}
	issued, err := acm.NewCertificateValidation(h.ctx, "web", &acm.CertificateValidationArgs{CertificateArn: certificate.Arn,
		ValidationRecordFqdns: pulumi.StringArray{proof.Fqdn}}, h.home)
	if err != nil {
		return err
	}
	_, err = lb.NewListener(h.ctx, "web", &lb.ListenerArgs{LoadBalancerArn: h.balancer.Arn, Port: pulumi.Int(443), Protocol: pulumi.String("HTTPS"),
		CertificateArn: issued.CertificateArn, DefaultActions: lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{Type: pulumi.String("fixed-response"),
			FixedResponse: lb.ListenerDefaultActionFixedResponseArgs{ContentType: pulumi.String("text/plain"), StatusCode: pulumi.String("503")}}}}, h.home)
	if err != nil {
		return err
	}
	_, err = route53.NewRecord(h.ctx, "name", &route53.RecordArgs{ZoneId: zone.ZoneId, Name: pulumi.String(h.doors.Host), Type: pulumi.String("A"),
		Aliases: route53.RecordAliasArray{route53.RecordAliasArgs{Name: h.front.DnsName, ZoneId: h.front.HostedZoneId, EvaluateTargetHealth: pulumi.Bool(true)}}}, h.home)
	return err
}

func (h *house) guard() error {
	acl, err := wafv2.NewWebAcl(h.ctx, "web", &wafv2.WebAclArgs{Name: pulumi.String(h.doors.ACL), Scope: pulumi.String("REGIONAL"),
		DefaultAction: wafv2.WebAclDefaultActionArgs{Allow: wafv2.WebAclDefaultActionAllowArgs{}}, VisibilityConfig: wafv2.WebAclVisibilityConfigArgs{
			CloudwatchMetricsEnabled: pulumi.Bool(true), SampledRequestsEnabled: pulumi.Bool(true), MetricName: pulumi.String("web")}}, h.home)
	if err != nil {
		return err
	}
	_, err = wafv2.NewWebAclAssociation(h.ctx, "web", &wafv2.WebAclAssociationArgs{WebAclArn: acl.Arn, ResourceArn: h.balancer.Arn}, h.home,
		pulumi.DeleteBeforeReplace(h.doors.DeleteFirst))
	return err
}

// comes brings the stack to the doors.
func (s *stack) comes(to doors) (map[string]int, error) {
	s.t.Helper()
	s.Workspace().SetProgram(to.open)
	result, err := s.Up(s.t.Context(), optup.SuppressProgress())
	if err != nil {
		return nil, err
	}
	return changes(result), nil
}

func TestTheWaysInAndOutOfAServiceLiveTheirWholeLife(t *testing.T) {
	s := open(t, sandbox.New(t.TempDir()))
	first := doors{Host: "app.example.com", ACL: "web"}
	made, err := s.comes(first)
	require.NoError(t, err)
	// Twenty AWS resources, the provider and the stack itself.
	require.Equal(t, map[string]int{"create": 22}, made)
	quiet, err := s.Refresh(t.Context(), optrefresh.SuppressProgress(), optrefresh.ExpectNoChanges())
	require.NoError(t, err, quiet.StdErr)

	// Another name: another certificate, proved and issued before the listener takes it and the old one goes.
	renamed, err := s.comes(doors{Host: "www.example.com", ACL: "web"})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"same": 17, "replace": 4, "update": 1}, renamed)

	_, err = s.comes(doors{Host: "www.example.com", ACL: "guard"})
	require.ErrorContains(t, err, "delete before replacing", "AWS would leave the load balancer without any web ACL")
	_, err = s.comes(doors{Host: "www.example.com", ACL: "guard", DeleteFirst: true})
	require.NoError(t, err)
	acl, association := s.only("aws:wafv2/webAcl:WebAcl"), s.only("aws:wafv2/webAclAssociation:WebAclAssociation")
	require.Equal(t, acl.Outputs["arn"], association.Outputs["webAclArn"])

	_, err = s.Destroy(t.Context(), optdestroy.SuppressProgress())
	require.NoError(t, err)
	left, err := s.cloud().List()
	require.NoError(t, err)
	require.Empty(t, left)
}
