package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// databaseNetwork is a VPC with an isolated subnet in three zones, and one of another VPC.
func databaseNetwork(lab *Lab) {
	for _, zone := range []string{"a", "b", "c"} {
		lab.Put(kinds.Subnet, "subnet-"+zone, In{"vpcId": "vpc-1", "availabilityZone": "eu-central-1" + zone})
	}
	lab.Put(kinds.Subnet, "subnet-other", In{"vpcId": "vpc-2", "availabilityZone": "eu-central-1b"})
	lab.Put(kinds.DBSubnetGroup, "three", In{"name": "three", "vpcId": "vpc-1", "subnetIds": []any{"subnet-a", "subnet-b", "subnet-c"}})
	lab.Put(kinds.DBSubnetGroup, "two", In{"name": "two", "vpcId": "vpc-1", "subnetIds": []any{"subnet-a", "subnet-b"}})
	lab.Put(kinds.SecurityGroup, "sg-1", In{"vpcId": "vpc-1"})
	lab.Put(kinds.SecurityGroup, "sg-2", In{"vpcId": "vpc-2"})
	lab.Put(kinds.Key, "one", In{"arn": keyOne, "isEnabled": true})
	lab.Put(kinds.Role, "monitoring", In{"arn": "arn:aws:iam::123456789012:role/monitoring"})
	lab.Put(kinds.DBClusterParameterGroup, "ours", In{"name": "ours"})
	lab.Put(kinds.DBParameterGroup, "ours", In{"name": "ours"})
}

func dbSubnets(changes In) Draft {
	return func(lab *Lab) In {
		databaseNetwork(lab)
		return changed(In{"name": "tickets", "subnetIds": []any{"subnet-a", "subnet-b", "subnet-c"}}, changes)
	}
}

func usedByDatabase(property string, tokens ...string) func(*Lab, *kinds.Thing) {
	return func(lab *Lab, made *kinds.Thing) {
		for _, token := range tokens {
			lab.Put(token, "tickets", In{property: made.ID})
		}
	}
}

var _ = suite(kinds.DBSubnetGroup, Suite{
	Valid: map[string]Draft{"over three zones": dbSubnets(nil), "over two": dbSubnets(In{"subnetIds": []any{"subnet-a", "subnet-b"}}), "named by the provider": dbSubnets(In{"name": nil})},
	Refusals: []Refusal{
		{Rule: "reference subnetIds[]", Draft: dbSubnets(In{"subnetIds": []any{"subnet-a", "subnet-b", "gone"}}), Says: "InvalidSubnet: Some input subnets in :[gone] are invalid."},
		{Rule: "length of name", Draft: dbSubnets(In{"name": strings.Repeat("a", 256)}), Says: "range (1 - 255)"},
		{Rule: "name conflicts with namePrefix", Draft: dbSubnets(In{"namePrefix": "a"}), Says: "conflicts with namePrefix"},
		{Rule: "pattern of name", Draft: dbSubnets(In{"name": "Tickets"}), Says: "only lowercase"},
		{Rule: "a name that AWS keeps", Draft: dbSubnets(In{"name": "default"}), Says: "is not allowed"},
		{Rule: "one VPC", Draft: dbSubnets(In{"subnetIds": []any{"subnet-a", "subnet-other"}}), Says: "Subnet IDs are not all in the same VPC."},
		{Rule: "two zones", Draft: dbSubnets(In{"subnetIds": []any{"subnet-a"}}), Says: "DBSubnetGroupDoesNotCoverEnoughAZs"},
		{Rule: "name taken", Draft: dbSubnets(In{"name": "three"}), Says: "DBSubnetGroupAlreadyExists"},
		{Rule: "databases in it", Draft: dbSubnets(nil), Then: usedByDatabase("dbSubnetGroupName", kinds.DBCluster), Says: "InvalidDBSubnetGroupStateFault"},
		{Rule: "databases in it", Draft: dbSubnets(nil), Then: usedByDatabase("dbSubnetGroupName", kinds.DBInstance), Says: "InvalidDBSubnetGroupStateFault"},
	},
	Replaces: []Change{{Path: "name", Before: dbSubnets(nil), After: dbSubnets(In{"name": "other"})}},
	Updates:  []Change{{Path: "subnetIds[2]", Before: dbSubnets(nil), After: dbSubnets(In{"subnetIds": []any{"subnet-a", "subnet-b"}})}},
})

func parameters(changes In) Draft {
	return func(lab *Lab) In {
		databaseNetwork(lab)
		return changed(In{"name": "tickets", "family": "aurora-postgresql16", "parameters": []any{In{"name": "rds.force_ssl", "value": "1"}}}, changes)
	}
}

func parameterRefusals() []Refusal {
	return []Refusal{
		{Rule: "length of name", Draft: parameters(In{"name": strings.Repeat("a", 256)}), Says: "range (1 - 255)"},
		{Rule: "name conflicts with namePrefix", Draft: parameters(In{"namePrefix": "a"}), Says: "conflicts with namePrefix"},
		{Rule: "pattern of name", Draft: parameters(In{"name": "Tickets"}), Says: "only lowercase"},
		{Rule: "a name that AWS keeps", Draft: parameters(In{"name": "default"}), Says: "is not allowed"},
		{Rule: "values of parameters[].applyMethod", Draft: parameters(In{"parameters": []any{In{"name": "a", "value": "1", "applyMethod": "now"}}}), Says: "to be one of"},
		{Rule: "a family that exists", Draft: parameters(In{"family": "aurora16"}), Says: "ParameterGroupFamily aurora16 is not a valid parameter group family"},
		{Rule: "each parameter once", Draft: parameters(In{"parameters": []any{In{"name": "a", "value": "1"}, In{"name": "a", "value": "2"}}}), Says: "Duplicate parameter: a"},
		{Rule: "name taken", Draft: parameters(In{"name": "ours"}), Says: "DBParameterGroupAlreadyExists"},
	}
}

var (
	parameterReplaces = []Change{
		{Path: "family", Before: parameters(nil), After: parameters(In{"family": "aurora-postgresql17"})},
		{Path: "name", Before: parameters(nil), After: parameters(In{"name": "other"})},
	}
	parameterUpdates = []Change{{Path: "parameters[0].value", Before: parameters(nil), After: parameters(In{"parameters": []any{In{"name": "rds.force_ssl", "value": "0"}}})}}
)

var _ = suite(kinds.DBClusterParameterGroup, Suite{
	Valid: map[string]Draft{"with a parameter": parameters(nil), "named by the provider": parameters(In{"name": nil})},
	Refusals: append(parameterRefusals(), Refusal{Rule: "databases with it", Draft: parameters(nil),
		Then: usedByDatabase("dbClusterParameterGroupName", kinds.DBCluster), Says: "InvalidDBParameterGroupState"}),
	Replaces: parameterReplaces, Updates: parameterUpdates,
})

var _ = suite(kinds.DBParameterGroup, Suite{
	Valid: map[string]Draft{"with a parameter": parameters(nil), "for an instance": parameters(In{"family": "postgres16"})},
	Refusals: append(parameterRefusals(),
		Refusal{Rule: "databases with it", Draft: parameters(nil), Then: usedByDatabase("parameterGroupName", kinds.DBInstance), Says: "InvalidDBParameterGroupState"},
		Refusal{Rule: "members of clusters with it", Draft: parameters(nil), Then: usedByDatabase("dbParameterGroupName", kinds.DBClusterInstance), Says: "InvalidDBParameterGroupState"}),
	Replaces: parameterReplaces, Updates: parameterUpdates,
})
