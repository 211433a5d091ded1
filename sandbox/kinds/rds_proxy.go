package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	codeProxySubnet = "InvalidSubnet"
	// maxProxySecrets is a quota of each proxy.
	// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations
	maxProxySecrets = 200
)

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html
var _ = register(&Kind{
	Token:         DBProxy,
	Args:          rds.ProxyArgs{},
	Resource:      &rds.Proxy{},
	RequiredLists: []string{"auths", "vpcSubnetIds"},
	API:           API{Service: "RDS", Noun: "RDS DB Proxy", Create: "CreateDBProxy", Update: "ModifyDBProxy", Delete: "DeleteDBProxy"},
	Name:          &AutoName{Property: "name", Max: 63, Lower: true},
	References: []Reference{
		toProxySubnet(), toDatabaseSecurityGroup(),
		{Path: "roleArn", To: []string{Role}, By: "arn", Code: codeParameter, Message: "The IAM role ARN value is invalid or does not include the required permissions: %s"},
		{Path: "auths[].secretArn", To: []string{Secret}, By: "arn", Code: codeParameter, Message: "Secret ARN %s does not exist or cannot be accessed."},
	},
	Rules: slices.Concat(proxyNames("name"), []Rule{
		OneOf("engineFamily", "MYSQL", "POSTGRESQL", "SQLSERVER"), OneOf("auths[].authScheme", "SECRETS"), OneOf("auths[].iamAuth", "DISABLED", "REQUIRED", "ENABLED"),
		OneOf("auths[].clientPasswordAuthType", "MYSQL_NATIVE_PASSWORD", "MYSQL_CACHING_SHA2_PASSWORD", "POSTGRES_SCRAM_SHA_256", "POSTGRES_MD5", "SQL_SERVER_AUTHENTICATION"),
		{Name: "a role that RDS may assume", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			role := d.FindBy(Role, "arn", d.Text("roleArn"))
			if role != nil && !keyAllows(role.Text("assumeRolePolicy"), byService("rds.amazonaws.com"), []string{"sts:AssumeRole"}, keyContext{}) {
				return Refuse("roleArn", "RDS is not authorized to assume service-linked role %s", role.Text("arn"))
			}
			return nil
		}},
		{Name: "a timeout of at most eight hours", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if seconds := d.Int("idleClientTimeout"); d.Has("idleClientTimeout") && (seconds < 1 || seconds > 28800) {
				return Refuse("idleClientTimeout", "IdleClientTimeout must be between 1 and 28800 seconds, got %d", seconds)
			}
			return nil
		}},
		{Name: "secrets of one proxy", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if n := len(d.Each("auths[].secretArn")); n > maxProxySecrets {
				return Refuse("auths", "A proxy can have at most %d secrets, got %d", maxProxySecrets, n)
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "DBProxyAlreadyExistsFault", Broken: func(d *Draft) *Refusal {
			if d.Find(DBProxy, d.Text("name")) != nil {
				return Refuse("name", "A DB proxy named %s already exists.", d.Text("name"))
			}
			return nil
		}},
	}, proxySubnetRules()),
	Replaces: []string{"engineFamily", "vpcSubnetIds"},
	Sets:     []string{"auths", "vpcSubnetIds", "vpcSecurityGroupIds"},
	ID:       func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		// The id is not the name: it is what policies of IAM call the proxy.
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("rds", "db-proxy:prx-0"+d.Hex("proxy", 16))) }},
		{Name: "endpoint", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Output("name").Text() + ".proxy-" + databaseDomain(d))
		}},
		fixed("idleClientTimeout", Number(1800)), fixed("vpcSecurityGroupIds", List()),
	},
})

// proxyNames are the provider's rules of an identifier of RDS.
func proxyNames(path string) []Rule {
	return []Rule{
		LengthIn(path, 1, 63),
		Matching(path, dbIdentifier, "only lowercase alphanumeric characters and single hyphens allowed, a letter first, no hyphen at the end"),
	}
}

func toProxySubnet() Reference {
	return Reference{Path: "vpcSubnetIds[]", To: []string{Subnet}, Code: codeProxySubnet, Message: "The requested subnet is invalid: %s"}
}

func toProxy() Reference {
	return Reference{Path: "dbProxyName", To: []string{DBProxy}, By: "name", Code: "DBProxyNotFoundFault", Message: "DB proxy %s not found."}
}

// proxySubnetRules want subnets of one VPC in two zones, and security groups of that VPC.
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-network-prereqs.html
func proxySubnetRules() []Rule {
	return []Rule{
		{Name: "one VPC", Stage: AtApply, Code: codeProxySubnet, Broken: func(d *Draft) *Refusal {
			for _, id := range d.Texts("vpcSubnetIds") {
				if subnet := d.Find(Subnet, id); subnet != nil && subnet.Text("vpcId") != proxyVPC(d) {
					return Refuse("vpcSubnetIds", "The requested subnet is invalid, or multiple subnets were requested that are not all in a common VPC.")
				}
			}
			return nil
		}},
		{Name: "two zones", Stage: AtApply, Code: codeProxySubnet, Broken: func(d *Draft) *Refusal {
			var zones []string
			for _, id := range d.Texts("vpcSubnetIds") {
				if subnet := d.Find(Subnet, id); subnet != nil && !slices.Contains(zones, subnet.Text("availabilityZone")) {
					zones = append(zones, subnet.Text("availabilityZone"))
				}
			}
			if len(zones) < 2 {
				return Refuse("vpcSubnetIds", "A minimum of two subnets in different Availability Zones is required.")
			}
			return nil
		}},
		{Name: "security group of another VPC", Stage: AtApply, Code: codeCombination, Broken: func(d *Draft) *Refusal {
			for _, id := range d.Texts("vpcSecurityGroupIds") {
				if group := d.Find(SecurityGroup, id); group != nil && group.Text("vpcId") != proxyVPC(d) {
					return Refuse("vpcSecurityGroupIds", "The security group %s is not in the VPC %s of the subnets.", id, proxyVPC(d))
				}
			}
			return nil
		}},
	}
}

// proxyVPC is the VPC of the first subnet.
func proxyVPC(d *Draft) string {
	for _, id := range d.Texts("vpcSubnetIds") {
		if subnet := d.Find(Subnet, id); subnet != nil {
			return subnet.Text("vpcId")
		}
	}
	return ""
}
