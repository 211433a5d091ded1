package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// defaultGroup is the one target group that a proxy has, from its creation on. The provider changes it, and never deletes it.
const defaultGroup = "default"

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBProxyTargetGroup.html
var _ = register(&Kind{
	Token:    DBProxyDefaultTargetGroup,
	Args:     rds.ProxyDefaultTargetGroupArgs{},
	Resource: &rds.ProxyDefaultTargetGroup{},
	API: API{Service: "RDS", Noun: "RDS DB Proxy Default Target Group", Create: "ModifyDBProxyTargetGroup", Update: "ModifyDBProxyTargetGroup",
		Delete: "ModifyDBProxyTargetGroup"},
	Defaults: []Default{
		{Path: "connectionPoolConfig.connectionBorrowTimeout", Value: Number(120)}, {Path: "connectionPoolConfig.maxConnectionsPercent", Value: Number(100)},
		{Path: "connectionPoolConfig.maxIdleConnectionsPercent", Value: Number(50)},
	},
	References: []Reference{toProxy()},
	Rules: []Rule{
		InRange("connectionPoolConfig.connectionBorrowTimeout", 0, 3600), InRange("connectionPoolConfig.maxConnectionsPercent", 1, 100),
		InRange("connectionPoolConfig.maxIdleConnectionsPercent", 0, 100), OneOf("connectionPoolConfig.sessionPinningFilters[]", "EXCLUDE_VARIABLE_SETS"),
		// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ConnectionPoolConfiguration.html
		{Name: "five minutes of waiting", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if seconds := d.Int("connectionPoolConfig.connectionBorrowTimeout"); seconds > 300 && seconds <= 3600 {
				return Refuse("connectionPoolConfig.connectionBorrowTimeout", "ConnectionBorrowTimeout must be between 0 and 300 seconds, got %d", seconds)
			}
			return nil
		}},
		{Name: "more idle than there may be", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if idle, all := d.Int("connectionPoolConfig.maxIdleConnectionsPercent"), d.Int("connectionPoolConfig.maxConnectionsPercent"); all > 0 && idle > all && idle <= 100 {
				return Refuse("connectionPoolConfig.maxIdleConnectionsPercent", "MaxIdleConnectionsPercent must be between 0 and the value of MaxConnectionsPercent.")
			}
			return nil
		}},
	},
	Replaces: []string{"dbProxyName"},
	Sets:     []string{"connectionPoolConfig.sessionPinningFilters"},
	ID:       func(d *Draft) string { return d.Text("dbProxyName") },
	Computed: []Output{
		fixed("name", Text(defaultGroup)),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("rds", "target-group:prx-tg-0"+d.Hex("target group", 16)))
		}},
		{Name: "connectionPoolConfig", Value: func(*Draft) resource.PropertyValue {
			return Object(resource.PropertyMap{
				"connectionBorrowTimeout": Number(120), "maxConnectionsPercent": Number(100), "maxIdleConnectionsPercent": Number(50),
			})
		}},
	},
})

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RegisterDBProxyTargets.html
var _ = register(&Kind{
	Token:    DBProxyTarget,
	Args:     rds.ProxyTargetArgs{},
	Resource: &rds.ProxyTarget{},
	API:      API{Service: "RDS", Noun: "RDS DB Proxy Target", Create: "RegisterDBProxyTargets", Delete: "DeregisterDBProxyTargets"},
	References: []Reference{
		toProxy(),
		{Path: "dbClusterIdentifier", To: []string{DBCluster}, Code: "DBClusterNotFoundFault", Message: "DBCluster %s not found."},
		{Path: "dbInstanceIdentifier", To: []string{DBInstance}, By: "identifier", Code: "DBInstanceNotFound", Message: "DBInstance %s not found."},
	},
	Rules: []Rule{
		ExactlyOne("dbInstanceIdentifier", "dbClusterIdentifier"),
		{Name: "the one target group", Stage: AtApply, Code: "DBProxyTargetGroupNotFoundFault", Broken: func(d *Draft) *Refusal {
			if name := d.Text("targetGroupName"); name != defaultGroup {
				return Refuse("targetGroupName", "Target group %s of DB proxy %s not found.", name, d.Text("dbProxyName"))
			}
			return nil
		}},
		// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations
		{Name: "one target of a proxy", Stage: AtApply, When: OnCreate, Code: "DBProxyTargetAlreadyRegisteredFault", Broken: func(d *Draft) *Refusal {
			if len(d.UsedBy(DBProxyTarget, "dbProxyName", d.Text("dbProxyName"))) > 0 {
				return Refuse("dbProxyName", "The proxy is already associated with the specified RDS DB instance or Aurora DB cluster.")
			}
			return nil
		}},
		{Name: "a cluster with a member", Stage: AtApply, Code: "InvalidDBClusterStateFault", Broken: func(d *Draft) *Refusal {
			cluster := d.Find(DBCluster, d.Text("dbClusterIdentifier"))
			if cluster == nil || !slices.Contains([]string{auroraPostgres, auroraMySQL}, cluster.Text("engine")) {
				return nil
			}
			if len(d.UsedBy(DBClusterInstance, "clusterIdentifier", d.Text("dbClusterIdentifier"))) == 0 {
				return Refuse("dbClusterIdentifier", "The DB cluster %s has no DB instances.", d.Text("dbClusterIdentifier"))
			}
			return nil
		}},
	},
	Replaces: []string{"dbClusterIdentifier", "dbInstanceIdentifier", "dbProxyName", "targetGroupName"},
	ID: func(d *Draft) string {
		return d.Text("dbProxyName") + "/" + d.Text("targetGroupName") + "/" + d.Output("type").Text() + "/" + d.Output("rdsResourceId").Text()
	},
	Computed: []Output{
		{Name: "type", Value: func(d *Draft) resource.PropertyValue {
			if d.Has("dbInstanceIdentifier") {
				return Text("RDS_INSTANCE")
			}
			return Text("TRACKED_CLUSTER")
		}},
		{Name: "rdsResourceId", Value: func(d *Draft) resource.PropertyValue {
			return Text(orElse(d.Text("dbInstanceIdentifier"), d.Text("dbClusterIdentifier")))
		}},
		{Name: "endpoint", Value: func(d *Draft) resource.PropertyValue {
			if instance := d.FindBy(DBInstance, "identifier", d.Text("dbInstanceIdentifier")); instance != nil {
				return Text(instance.Text("address"))
			}
			return Text("")
		}},
		fixed("port", Number(5432)), fixed("targetArn", Text("")), fixed("trackedClusterId", Text("")),
	},
})

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxyEndpoint.html
var _ = register(&Kind{
	Token:         DBProxyEndpoint,
	Args:          rds.ProxyEndpointArgs{},
	Resource:      &rds.ProxyEndpoint{},
	RequiredLists: []string{"vpcSubnetIds"},
	API:           API{Service: "RDS", Noun: "RDS DB Proxy Endpoint", Create: "CreateDBProxyEndpoint", Update: "ModifyDBProxyEndpoint", Delete: "DeleteDBProxyEndpoint"},
	Defaults:      []Default{{Path: "targetRole", Value: Text("READ_WRITE")}},
	References:    []Reference{toProxy(), toProxySubnet(), toDatabaseSecurityGroup()},
	Rules: slices.Concat(proxyNames("dbProxyEndpointName"), proxySubnetRules(), []Rule{
		OneOf("targetRole", "READ_WRITE", "READ_ONLY"),
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "DBProxyEndpointAlreadyExistsFault", Broken: func(d *Draft) *Refusal {
			if name := d.Text("dbProxyEndpointName"); d.FindBy(DBProxyEndpoint, "dbProxyEndpointName", name) != nil {
				return Refuse("dbProxyEndpointName", "A DB proxy endpoint named %s already exists.", name)
			}
			return nil
		}},
		// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations
		{Name: "twenty endpoints of a proxy", Stage: AtApply, When: OnCreate, Code: "DBProxyEndpointQuotaExceededFault", Broken: func(d *Draft) *Refusal {
			if len(d.UsedBy(DBProxyEndpoint, "dbProxyName", d.Text("dbProxyName"))) >= 20 {
				return Refuse("dbProxyName", "The DB proxy already has the maximum number of endpoints.")
			}
			return nil
		}},
	}),
	Replaces: []string{"dbProxyEndpointName", "dbProxyName", "targetRole", "vpcSubnetIds"},
	Sets:     []string{"vpcSubnetIds", "vpcSecurityGroupIds"},
	ID:       func(d *Draft) string { return d.Text("dbProxyName") + "/" + d.Text("dbProxyEndpointName") },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("rds", "db-proxy-endpoint:prx-endpoint-0"+d.Hex("endpoint", 16)))
		}},
		{Name: "endpoint", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.Text("dbProxyEndpointName") + ".endpoint.proxy-" + databaseDomain(d))
		}},
		{Name: "vpcId", Value: func(d *Draft) resource.PropertyValue { return Text(proxyVPC(d)) }},
		fixed("isDefault", Flag(false)), fixed("vpcSecurityGroupIds", List()),
	},
})
