package kinds_test

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	proxyRole   = "arn:aws:iam::123456789012:role/proxy"
	proxySecret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tickets-AbCdEf"
)

// behindProxy is a network with a cluster, an instance, a proxy, and what a proxy is made of.
func behindProxy(lab *Lab) {
	databaseNetwork(lab)
	trust := func(service string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`
	}
	lab.Put(kinds.Role, "proxy", In{"arn": proxyRole, "assumeRolePolicy": trust("rds.amazonaws.com")})
	lab.Put(kinds.Role, "other", In{"arn": proxyRole + "-of-lambda", "assumeRolePolicy": trust("lambda.amazonaws.com")})
	lab.Put(kinds.Secret, "one", In{"arn": proxySecret})
	lab.Put(kinds.DBProxy, "there", In{"name": "there"})
	lab.Put(kinds.DBCluster, "tickets", In{"engine": "aurora-postgresql"})
	lab.Put(kinds.DBClusterInstance, "tickets-1", In{"clusterIdentifier": "tickets"})
	lab.Put(kinds.DBCluster, "empty", In{"engine": "aurora-postgresql"})
	lab.Put(kinds.DBCluster, "multi", In{"engine": "postgres"})
	lab.Put(kinds.DBInstance, "db-1", In{"identifier": "alone", "address": "alone.example"})
}

func proxy(changes In) Draft {
	return func(lab *Lab) In {
		behindProxy(lab)
		return changed(In{
			"name": "tickets", "engineFamily": "POSTGRESQL", "requireTls": true, "roleArn": proxyRole, "vpcSubnetIds": []any{"subnet-a", "subnet-b", "subnet-c"},
			"vpcSecurityGroupIds": []any{"sg-1"}, "auths": []any{In{"authScheme": "SECRETS", "iamAuth": "REQUIRED", "secretArn": proxySecret}},
		}, changes)
	}
}

func login(changes In) In {
	return In{"auths": []any{changed(In{"authScheme": "SECRETS", "iamAuth": "REQUIRED", "secretArn": proxySecret}, changes)}}
}

// proxySubnetRefusals are what AWS refuses alike of the network of a proxy and of an endpoint.
func proxySubnetRefusals(draft func(In) Draft) []Refusal {
	return []Refusal{
		{Rule: "reference vpcSubnetIds[]", Draft: draft(In{"vpcSubnetIds": []any{"subnet-a", "subnet-b", "gone"}}), Says: "InvalidSubnet: The requested subnet is invalid: gone"},
		{Rule: "reference vpcSecurityGroupIds[]", Draft: draft(In{"vpcSecurityGroupIds": []any{"gone"}}), Says: "groupId= gone"},
		{Rule: "one VPC", Draft: draft(In{"vpcSubnetIds": []any{"subnet-a", "subnet-other"}}), Says: "not all in a common VPC"},
		{Rule: "two zones", Draft: draft(In{"vpcSubnetIds": []any{"subnet-a"}}), Says: "two subnets in different Availability Zones"},
		{Rule: "security group of another VPC", Draft: draft(In{"vpcSecurityGroupIds": []any{"sg-2"}}), Says: "sg-2 is not in the VPC vpc-1"},
	}
}

func proxyNameRefusals(path string, draft func(In) Draft) []Refusal {
	return []Refusal{
		{Rule: "length of " + path, Draft: draft(In{path: strings.Repeat("a", 64)}), Says: "range (1 - 63)"},
		{Rule: "pattern of " + path, Draft: draft(In{path: "tickets--proxy"}), Says: "single hyphens"},
		{Rule: "pattern of " + path, Draft: draft(In{path: "Tickets"}), Says: "lowercase"},
	}
}

var _ = suite(kinds.DBProxy, Suite{
	Valid: map[string]Draft{
		"over three zones": proxy(nil), "over two": proxy(In{"vpcSubnetIds": []any{"subnet-a", "subnet-b"}}), "named by the provider": proxy(In{"name": nil}),
		"a timeout of its own": proxy(In{"idleClientTimeout": 28800}), "the default security group": proxy(In{"vpcSecurityGroupIds": nil}),
	},
	Refusals: append(append(proxySubnetRefusals(proxy), proxyNameRefusals("name", proxy)...),
		Refusal{Rule: "reference roleArn", Draft: proxy(In{"roleArn": proxyRole + "-gone"}), Says: "CreateDBProxy, api error InvalidParameterValue: The IAM role ARN value is invalid"},
		Refusal{Rule: "reference auths[].secretArn", Draft: proxy(login(In{"secretArn": proxySecret + "x"})), Says: "does not exist or cannot be accessed"},
		Refusal{Rule: "values of engineFamily", Draft: proxy(In{"engineFamily": "ORACLE"}), Says: "to be one of"},
		Refusal{Rule: "values of auths[].authScheme", Draft: proxy(login(In{"authScheme": "NONE"})), Says: "to be one of"},
		Refusal{Rule: "values of auths[].iamAuth", Draft: proxy(login(In{"iamAuth": "YES"})), Says: "to be one of"},
		Refusal{Rule: "values of auths[].clientPasswordAuthType", Draft: proxy(login(In{"clientPasswordAuthType": "PLAIN"})), Says: "to be one of"},
		Refusal{Rule: "a role that RDS may assume", Draft: proxy(In{"roleArn": proxyRole + "-of-lambda"}), Says: "not authorized to assume"},
		Refusal{Rule: "a timeout of at most eight hours", Draft: proxy(In{"idleClientTimeout": 28801}), Says: "between 1 and 28800 seconds"},
		Refusal{Rule: "secrets of one proxy", Draft: func(lab *Lab) In {
			var all []any
			for range 201 {
				all = append(all, In{"authScheme": "SECRETS", "iamAuth": "REQUIRED", "secretArn": proxySecret})
			}
			return proxy(In{"auths": all})(lab)
		}, Says: "at most 200 secrets, got 201"},
		Refusal{Rule: "name taken", Draft: proxy(In{"name": "there"}), Says: "DBProxyAlreadyExistsFault"},
	),
	Replaces: []Change{
		{Path: "engineFamily", Before: proxy(nil), After: proxy(In{"engineFamily": "MYSQL"})},
		{Path: "vpcSubnetIds[2]", Before: proxy(nil), After: proxy(In{"vpcSubnetIds": []any{"subnet-a", "subnet-b"}})},
	},
	Updates: []Change{
		{Path: "idleClientTimeout", Before: proxy(nil), After: proxy(In{"idleClientTimeout": 600})},
		{Path: "auths[0].iamAuth", Before: proxy(nil), After: proxy(login(In{"iamAuth": "DISABLED"}))},
	},
})

func pool(changes In) Draft {
	return func(lab *Lab) In {
		behindProxy(lab)
		return In{"dbProxyName": "there", "connectionPoolConfig": changed(In{"connectionBorrowTimeout": 70}, changes)}
	}
}

func poolOf(changes In) Draft {
	return func(lab *Lab) In { return changed(pool(nil)(lab), changes) }
}

var _ = suite(kinds.DBProxyDefaultTargetGroup, Suite{
	Valid: map[string]Draft{"with a timeout": pool(nil), "as AWS made it": poolOf(In{"connectionPoolConfig": nil})},
	Refusals: []Refusal{
		{Rule: "reference dbProxyName", Draft: poolOf(In{"dbProxyName": "gone"}), Says: "DBProxyNotFoundFault"},
		{Rule: "range of connectionPoolConfig.connectionBorrowTimeout", Draft: pool(In{"connectionBorrowTimeout": 3601}), Says: "range (0 - 3600)"},
		{Rule: "range of connectionPoolConfig.maxConnectionsPercent", Draft: pool(In{"maxConnectionsPercent": 0}), Says: "range (1 - 100)"},
		{Rule: "range of connectionPoolConfig.maxIdleConnectionsPercent", Draft: pool(In{"maxIdleConnectionsPercent": 101}), Says: "range (0 - 100)"},
		{Rule: "values of connectionPoolConfig.sessionPinningFilters[]", Draft: pool(In{"sessionPinningFilters": []any{"ALL"}}), Says: "to be one of"},
		{Rule: "five minutes of waiting", Draft: pool(In{"connectionBorrowTimeout": 301}), Says: "between 0 and 300 seconds"},
		{Rule: "more idle than there may be", Draft: pool(In{"maxConnectionsPercent": 40}), Says: "the value of MaxConnectionsPercent"},
	},
	Replaces: []Change{{Path: "dbProxyName", Before: pool(nil), After: func(lab *Lab) In {
		lab.Put(kinds.DBProxy, "other", In{"name": "other"})
		return poolOf(In{"dbProxyName": "other"})(lab)
	}}},
	Updates: []Change{{Path: "connectionPoolConfig.connectionBorrowTimeout", Before: pool(nil), After: pool(In{"connectionBorrowTimeout": 60})}},
})

func proxyTarget(changes In) Draft {
	return func(lab *Lab) In {
		behindProxy(lab)
		lab.Put(kinds.DBProxy, "other", In{"name": "other"})
		return changed(In{"dbProxyName": "there", "targetGroupName": "default", "dbClusterIdentifier": "tickets"}, changes)
	}
}

var _ = suite(kinds.DBProxyTarget, Suite{
	Valid: map[string]Draft{
		"a cluster": proxyTarget(nil), "a Multi-AZ DB cluster": proxyTarget(In{"dbClusterIdentifier": "multi"}),
		"an instance": proxyTarget(In{"dbClusterIdentifier": nil, "dbInstanceIdentifier": "alone"}),
	},
	Refusals: []Refusal{
		{Rule: "reference dbProxyName", Draft: proxyTarget(In{"dbProxyName": "gone"}), Says: "DBProxyNotFoundFault"},
		{Rule: "reference dbClusterIdentifier", Draft: proxyTarget(In{"dbClusterIdentifier": "gone"}), Says: "RegisterDBProxyTargets, api error DBClusterNotFoundFault"},
		{Rule: "reference dbInstanceIdentifier", Draft: proxyTarget(In{"dbClusterIdentifier": nil, "dbInstanceIdentifier": "gone"}), Says: "DBInstanceNotFound"},
		{Rule: "exactly one of dbInstanceIdentifier, dbClusterIdentifier", Draft: proxyTarget(In{"dbInstanceIdentifier": "alone"}), Says: "exactly one of"},
		{Rule: "exactly one of dbInstanceIdentifier, dbClusterIdentifier", Draft: proxyTarget(In{"dbClusterIdentifier": nil}), Says: "exactly one of"},
		{Rule: "the one target group", Draft: proxyTarget(In{"targetGroupName": "second"}), Says: "DBProxyTargetGroupNotFoundFault"},
		{Rule: "one target of a proxy", Draft: func(lab *Lab) In {
			lab.Put(kinds.DBProxyTarget, "there/default/TRACKED_CLUSTER/multi", In{"dbProxyName": "there"})
			return proxyTarget(nil)(lab)
		}, Says: "DBProxyTargetAlreadyRegisteredFault"},
		{Rule: "a cluster with a member", Draft: proxyTarget(In{"dbClusterIdentifier": "empty"}), Says: "InvalidDBClusterStateFault"},
	},
	Replaces: []Change{
		{Path: "dbClusterIdentifier", Before: proxyTarget(nil), After: proxyTarget(In{"dbClusterIdentifier": "multi"})},
		{Path: "dbProxyName", Before: proxyTarget(nil), After: proxyTarget(In{"dbProxyName": "other"})},
	},
})

func proxyEndpoint(changes In) Draft {
	return func(lab *Lab) In {
		behindProxy(lab)
		lab.Put(kinds.DBProxy, "other", In{"name": "other"})
		return changed(In{
			"dbProxyName": "there", "dbProxyEndpointName": "there-all-zones", "vpcSubnetIds": []any{"subnet-a", "subnet-b", "subnet-c"}, "vpcSecurityGroupIds": []any{"sg-1"},
		}, changes)
	}
}

var _ = suite(kinds.DBProxyEndpoint, Suite{
	Valid: map[string]Draft{"over three zones": proxyEndpoint(nil), "of readers": proxyEndpoint(In{"targetRole": "READ_ONLY"})},
	Refusals: append(append(proxySubnetRefusals(proxyEndpoint), proxyNameRefusals("dbProxyEndpointName", proxyEndpoint)...),
		Refusal{Rule: "reference dbProxyName", Draft: proxyEndpoint(In{"dbProxyName": "gone"}), Says: "DBProxyNotFoundFault"},
		Refusal{Rule: "values of targetRole", Draft: proxyEndpoint(In{"targetRole": "WRITE"}), Says: "to be one of"},
		Refusal{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.DBProxyEndpoint, "other/there-all-zones", In{"dbProxyEndpointName": "there-all-zones", "dbProxyName": "other"})
			return proxyEndpoint(nil)(lab)
		}, Says: "DBProxyEndpointAlreadyExistsFault"},
		Refusal{Rule: "twenty endpoints of a proxy", Draft: func(lab *Lab) In {
			for index := range 20 {
				name := fmt.Sprintf("there-%d", index)
				lab.Put(kinds.DBProxyEndpoint, "there/"+name, In{"dbProxyEndpointName": name, "dbProxyName": "there"})
			}
			return proxyEndpoint(nil)(lab)
		}, Says: "DBProxyEndpointQuotaExceededFault"},
	),
	Replaces: []Change{
		{Path: "dbProxyEndpointName", Before: proxyEndpoint(nil), After: proxyEndpoint(In{"dbProxyEndpointName": "there-zones"})},
		{Path: "dbProxyName", Before: proxyEndpoint(nil), After: proxyEndpoint(In{"dbProxyName": "other"})},
		{Path: "targetRole", Before: proxyEndpoint(nil), After: proxyEndpoint(In{"targetRole": "READ_ONLY"})},
		{Path: "vpcSubnetIds[2]", Before: proxyEndpoint(nil), After: proxyEndpoint(In{"vpcSubnetIds": []any{"subnet-a", "subnet-b"}})},
	},
	Updates: []Change{{Path: "vpcSecurityGroupIds", Before: proxyEndpoint(nil), After: proxyEndpoint(In{"vpcSecurityGroupIds": nil})}},
})
