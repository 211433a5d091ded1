package kinds

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
var _ = register(&Kind{
	Token:         DBSubnetGroup,
	Args:          rds.SubnetGroupArgs{},
	Resource:      &rds.SubnetGroup{},
	RequiredLists: []string{"subnetIds"},
	API:           API{Service: "RDS", Noun: "RDS DB Subnet Group", Create: "CreateDBSubnetGroup", Update: "ModifyDBSubnetGroup", Delete: "DeleteDBSubnetGroup"},
	Name:          &AutoName{Property: "name", Max: 255, Unless: []string{"namePrefix"}},
	Defaults:      []Default{{Path: "description", Value: Text("Managed by Pulumi")}},
	References:    []Reference{{Path: "subnetIds[]", To: []string{Subnet}, Code: "InvalidSubnet", Message: "Some input subnets in :[%s] are invalid."}},
	Rules: slices.Concat(groupNames(), []Rule{
		{Name: "one VPC", Stage: AtApply, Code: "InvalidSubnet", Broken: func(d *Draft) *Refusal {
			for _, id := range d.Texts("subnetIds") {
				if subnet := d.Find(Subnet, id); subnet != nil && subnet.Text("vpcId") != subnetGroupVPC(d) {
					return Refuse("subnetIds", "Subnet IDs are not all in the same VPC.")
				}
			}
			return nil
		}},
		{Name: "two zones", Stage: AtApply, Code: "DBSubnetGroupDoesNotCoverEnoughAZs", Broken: func(d *Draft) *Refusal {
			var zones []string
			for _, id := range d.Texts("subnetIds") {
				if subnet := d.Find(Subnet, id); subnet != nil && !slices.Contains(zones, subnet.Text("availabilityZone")) {
					zones = append(zones, subnet.Text("availabilityZone"))
				}
			}
			if len(zones) < 2 {
				return Refuse("subnetIds", "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %s. Add subnets to cover at least 2 AZs.", strings.Join(zones, ", "))
			}
			return nil
		}},
		takenBy("DBSubnetGroupAlreadyExists", DBSubnetGroup, "The DB subnet group '%s' already exists."),
	}),
	DeleteRules: []DeleteRule{{Name: "databases in it", Code: "InvalidDBSubnetGroupStateFault", Blocked: func(d *Draft) string {
		for _, token := range []string{DBCluster, DBInstance} {
			for _, user := range d.UsedBy(token, "dbSubnetGroupName", d.ID()) {
				return "Cannot delete the subnet group '" + d.ID() + "' because at least one database instance: " + user.ID + " is still using it."
			}
		}
		return ""
	}}},
	Replaces: []string{"name", "namePrefix"},
	Sets:     []string{"subnetIds"},
	ID:       func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("rds", "subgrp:"+d.Output("name").Text())) }},
		fixed("supportedNetworkTypes", Texts("IPV4")),
		{Name: "vpcId", Value: func(d *Draft) resource.PropertyValue { return Text(subnetGroupVPC(d)) }},
	},
})

// subnetGroupVPC is the VPC of the first subnet.
func subnetGroupVPC(d *Draft) string {
	for _, id := range d.Texts("subnetIds") {
		if subnet := d.Find(Subnet, id); subnet != nil {
			return subnet.Text("vpcId")
		}
	}
	return ""
}

func takenBy(code, token, message string) Rule {
	return Rule{Name: "name taken", Stage: AtApply, When: OnCreate, Code: code, Broken: func(d *Draft) *Refusal {
		if d.FindBy(token, "name", d.Text("name")) != nil {
			return Refuse("name", message, d.Text("name"))
		}
		return nil
	}}
}

// parameterFamily is a family of parameters: engine and major version.
var parameterFamily = regexp.MustCompile(`^(aurora-postgresql|aurora-mysql|postgres|mysql|mariadb)[0-9]+(\.[0-9]+)?$`)

func parameterRules(token string) []Rule {
	return slices.Concat(groupNames(), []Rule{
		OneOf("parameters[].applyMethod", "immediate", "pending-reboot"),
		{Name: "a family that exists", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if family := d.Text("family"); !parameterFamily.MatchString(family) {
				return Refuse("family", "ParameterGroupFamily %s is not a valid parameter group family", family)
			}
			return nil
		}},
		{Name: "each parameter once", Stage: AtApply, Code: codeCombination, Operation: "ModifyDBParameterGroup", Broken: func(d *Draft) *Refusal {
			seen := map[string]bool{}
			for _, name := range d.Each("parameters[].name") {
				if seen[name.Text()] {
					return Refuse(name.Path(), "Duplicate parameter: %s", name.Text())
				}
				seen[name.Text()] = true
			}
			return nil
		}},
		takenBy("DBParameterGroupAlreadyExists", token, "Parameter group %s already exists"),
	})
}

// inUse refuses the deletion of a parameter group that a database has.
func inUse(path string, tokens ...string) DeleteRule {
	return DeleteRule{Name: "databases with it", Code: "InvalidDBParameterGroupState", Blocked: func(d *Draft) string {
		for _, token := range tokens {
			if len(d.UsedBy(token, path, d.ID())) > 0 {
				return "One or more database instances are still members of this parameter group " + d.ID() + ", so the group cannot be deleted"
			}
		}
		return ""
	}}
}

func parameterOutputs(resourceType string) []Output {
	return []Output{
		prefixedName(), fixed("namePrefix", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("rds", resourceType+":"+d.Output("name").Text()))
		}},
	}
}

var parameterDefaults = []Default{{Path: "description", Value: Text("Managed by Pulumi")}, {Path: "parameters[].applyMethod", Value: Text("immediate")}}

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterParameterGroup.html
var _ = register(&Kind{
	Token:       DBClusterParameterGroup,
	Args:        rds.ClusterParameterGroupArgs{},
	Resource:    &rds.ClusterParameterGroup{},
	API:         API{Service: "RDS", Noun: "RDS Cluster Parameter Group", Create: "CreateDBClusterParameterGroup", Update: "ModifyDBClusterParameterGroup", Delete: "DeleteDBClusterParameterGroup"},
	Name:        &AutoName{Property: "name", Max: 255, Unless: []string{"namePrefix"}},
	Defaults:    parameterDefaults,
	Rules:       parameterRules(DBClusterParameterGroup),
	DeleteRules: []DeleteRule{inUse("dbClusterParameterGroupName", DBCluster)},
	Replaces:    []string{"name", "namePrefix", "family", "description"},
	Sets:        []string{"parameters"},
	ID:          func(d *Draft) string { return d.Output("name").Text() },
	Computed:    parameterOutputs("cluster-pg"),
})

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html
var _ = register(&Kind{
	Token:       DBParameterGroup,
	Args:        rds.ParameterGroupArgs{},
	Resource:    &rds.ParameterGroup{},
	API:         API{Service: "RDS", Noun: "RDS DB Parameter Group", Create: "CreateDBParameterGroup", Update: "ModifyDBParameterGroup", Delete: "DeleteDBParameterGroup"},
	Name:        &AutoName{Property: "name", Max: 255, Unless: []string{"namePrefix"}},
	Defaults:    append([]Default{{Path: "skipDestroy", Value: Flag(false)}}, parameterDefaults...),
	Rules:       parameterRules(DBParameterGroup),
	DeleteRules: []DeleteRule{inUse("parameterGroupName", DBInstance), inUseByMembers()},
	Replaces:    []string{"name", "namePrefix", "family", "description"},
	Sets:        []string{"parameters"},
	ID:          func(d *Draft) string { return d.Output("name").Text() },
	Computed:    parameterOutputs("pg"),
})

func inUseByMembers() DeleteRule {
	rule := inUse("dbParameterGroupName", DBClusterInstance)
	rule.Name = "members of clusters with it"
	return rule
}
