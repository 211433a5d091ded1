package kinds

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
var _ = register(&Kind{
	Token:    LoadBalancer,
	Args:     lb.LoadBalancerArgs{},
	Resource: &lb.LoadBalancer{},
	API: API{Service: "Elastic Load Balancing v2", Noun: "ELBv2 Load Balancer",
		Create: "CreateLoadBalancer", Update: "ModifyLoadBalancerAttributes", Delete: "DeleteLoadBalancer"},
	Name: &AutoName{Property: "name", Max: 32, Unless: []string{"namePrefix"}},
	Defaults: []Default{
		{Path: "loadBalancerType", Value: Text("application")},
		{Path: "enableDeletionProtection", Value: Flag(false)},
		{Path: "enableZonalShift", Value: Flag(false)},
		{Path: "idleTimeout", Value: Number(60), When: isApplication},
		{Path: "clientKeepAlive", Value: Number(3600), When: isApplication},
		{Path: "desyncMitigationMode", Value: Text("defensive"), When: isApplication},
		{Path: "enableHttp2", Value: Flag(true), When: isApplication},
		{Path: "enableCrossZoneLoadBalancing", Value: Flag(true), When: isApplication},
		{Path: "xffHeaderProcessingMode", Value: Text("append"), When: isApplication},
	},
	References: []Reference{
		{Path: "subnets[]", To: []string{Subnet}, Code: "SubnetNotFound", Message: "The subnet ID '%s' does not exist"},
		{Path: "subnetMappings[].subnetId", To: []string{Subnet}, Code: "SubnetNotFound", Message: "The subnet ID '%s' does not exist"},
		{Path: "securityGroups[]", To: []string{SecurityGroup, DefaultSecurityGroup}, Code: "InvalidSecurityGroup",
			Message: "The security group ID '%s' does not exist"},
	},
	Rules: slices.Concat([]Rule{
		ExactlyOne("subnets", "subnetMappings"),
		Matching("name", regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$`),
			"only alphanumeric characters and hyphens, no hyphen at either end"),
		LengthIn("name", 1, 32),
		{Name: "name that begins with internal-", Broken: func(d *Draft) *Refusal {
			if strings.HasPrefix(d.Text("name"), "internal-") {
				return Refuse("name", `"name" cannot begin with "internal-": %q`, d.Text("name"))
			}
			return nil
		}},
		OneOf("loadBalancerType", "application", "gateway", "network"),
		OneOf("ipAddressType", "ipv4", "dualstack", "dualstack-without-public-ipv4"),
		OneOf("desyncMitigationMode", "monitor", "defensive", "strictest"),
		OneOf("xffHeaderProcessingMode", "append", "preserve", "remove"),
		InRange("idleTimeout", 1, 4000),
		InRange("clientKeepAlive", 60, 604800),
		{Name: "subnets of several VPCs", Stage: AtApply, Code: "InvalidConfigurationRequest", Broken: subnetsOfSeveralVPCs},
		{Name: "two subnets of one zone", Stage: AtApply, Code: "InvalidConfigurationRequest", Broken: subnetsOfOneZone},
		{Name: "an application load balancer in one zone", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
			if isApplication(d) && len(loadBalancerSubnets(d)) < 2 {
				return Refuse("subnets", "At least two subnets in two different Availability Zones must be specified")
			}
			return nil
		}},
		{Name: "subnet too small", Stage: AtApply, Code: "InvalidSubnet", Broken: func(d *Draft) *Refusal {
			for _, subnet := range loadBalancerSubnets(d) {
				if cidr := subnet.Text("cidrBlock"); strings.HasSuffix(cidr, "/28") {
					return Refuse("subnets", "Not enough IP space available in %s. ELB requires at least 8 free IP addresses in each subnet.", subnet.ID)
				}
			}
			return nil
		}},
		{Name: "an internet-facing load balancer without internet gateway", Stage: AtApply, Code: "InvalidSubnet",
			Broken: func(d *Draft) *Refusal {
				vpc := loadBalancerVPC(d)
				if !d.Bool("internal") && vpc != "" && len(d.UsedBy(InternetGateway, "vpcId", vpc)) == 0 {
					return Refuse("subnets", "VPC %s has no internet gateway", vpc)
				}
				return nil
			}},
		{Name: "security group of another VPC", Stage: AtApply, Code: "InvalidConfigurationRequest", Broken: func(d *Draft) *Refusal {
			for _, id := range d.Texts("securityGroups") {
				if group := d.Find(SecurityGroup, id); group != nil && group.Text("vpcId") != loadBalancerVPC(d) {
					return Refuse("securityGroups", "One or more security groups are invalid: %s does not belong to VPC %s", id, loadBalancerVPC(d))
				}
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "DuplicateLoadBalancerName", Broken: func(d *Draft) *Refusal {
			if d.FindBy(LoadBalancer, "name", d.Text("name")) != nil {
				return Refuse("name", "A load balancer with the same name '%s' exists, but with different settings", d.Text("name"))
			}
			return nil
		}},
	}, logsTo("accessLogs", "ELBAccessLogTestFile"), logsTo("connectionLogs", "ELBConnectionLogTestFile")),
	DeleteRules: []DeleteRule{
		{Name: "deletion protection", Code: "OperationNotPermitted", Blocked: func(d *Draft) string {
			if d.Output("enableDeletionProtection").Bool() {
				return fmt.Sprintf("Load balancer '%s' cannot be deleted because deletion protection is enabled", d.ID())
			}
			return ""
		}},
	},
	Replaces: []string{"name", "namePrefix", "internal", "loadBalancerType", "customerOwnedIpv4Pool"},
	Sets:     []string{"subnets", "securityGroups", "subnetMappings"},
	ID:       func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		{Name: "name", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Text("namePrefix") + d.Digits("name", 26)[:min(26, 32-len(d.Text("namePrefix")))])
		}},
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("elasticloadbalancing", "loadbalancer/"+loadBalancerSuffix(d)))
		}},
		{Name: "arnSuffix", Value: func(d *Draft) resource.PropertyValue { return Text(loadBalancerSuffix(d)) }},
		{Name: "dnsName", Value: func(d *Draft) resource.PropertyValue {
			name := d.Output("name").Text() + "-" + d.Digits("dns", 10) + "." + d.Region + ".elb." + d.DNSSuffix()
			if d.Bool("internal") {
				name = "internal-" + name
			}
			return Text(name)
		}},
		{Name: "zoneId", Value: func(d *Draft) resource.PropertyValue { return Text(RegionOf(d.Region).LoadBalancerZone()) }},
		{Name: "internal", Value: func(*Draft) resource.PropertyValue { return Flag(false) }},
		{Name: "ipAddressType", Value: func(*Draft) resource.PropertyValue { return Text("ipv4") }},
		{Name: "vpcId", Value: func(d *Draft) resource.PropertyValue { return Text(loadBalancerVPC(d)) }},
		{Name: "subnets", Value: func(d *Draft) resource.PropertyValue {
			var ids []string
			for _, value := range d.Each("subnetMappings[].subnetId") {
				ids = append(ids, value.Text())
			}
			return Texts(ids...)
		}},
		{Name: "subnetMappings", Value: func(d *Draft) resource.PropertyValue {
			var mappings []resource.PropertyValue
			for _, id := range d.Texts("subnets") {
				mappings = append(mappings, Object(resource.PropertyMap{"subnetId": Text(id)}))
			}
			return List(mappings...)
		}},
		{Name: "securityGroups", Value: func(d *Draft) resource.PropertyValue {
			if vpc := d.Find(VPC, loadBalancerVPC(d)); vpc != nil && vpc.Text("defaultSecurityGroupId") != "" {
				return Texts(vpc.Text("defaultSecurityGroupId"))
			}
			return Texts()
		}},
		{Name: "namePrefix", Value: func(*Draft) resource.PropertyValue { return Text("") }},
	},
	Absent: map[string]string{
		"enforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "AWS answers it for Network Load Balancers only",
	},
})

func isApplication(d *Draft) bool {
	kind := d.Text("loadBalancerType")
	return kind == "" || kind == "application"
}

// loadBalancerSuffix is the end of the ARN: app/web-1a2b3c4/50dc6c495c0c9188.
func loadBalancerSuffix(d *Draft) string {
	family := map[string]string{"network": "net", "gateway": "gwy"}[d.Text("loadBalancerType")]
	return orElse(family, "app") + "/" + d.Output("name").Text() + "/" + d.Hex("arn", 16)
}

// loadBalancerSubnets is the subnets that exist, in the order of the draft.
func loadBalancerSubnets(d *Draft) []*Thing {
	var subnets []*Thing
	for _, value := range append(d.Each("subnets[]"), d.Each("subnetMappings[].subnetId")...) {
		if subnet := d.Find(Subnet, value.Text()); subnet != nil {
			subnets = append(subnets, subnet)
		}
	}
	return subnets
}

// loadBalancerVPC is the VPC of the first subnet, or "".
func loadBalancerVPC(d *Draft) string {
	for _, subnet := range loadBalancerSubnets(d) {
		return subnet.Text("vpcId")
	}
	return ""
}

func subnetsOfSeveralVPCs(d *Draft) *Refusal {
	for _, subnet := range loadBalancerSubnets(d) {
		if subnet.Text("vpcId") != loadBalancerVPC(d) {
			return Refuse("subnets", "All subnets must belong to the same VPC: '%s'", loadBalancerVPC(d))
		}
	}
	return nil
}

func subnetsOfOneZone(d *Draft) *Refusal {
	taken := map[string]bool{}
	for _, subnet := range loadBalancerSubnets(d) {
		zone := subnet.Text("availabilityZone")
		if taken[zone] {
			return Refuse("subnets", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		taken[zone] = true
	}
	return nil
}
