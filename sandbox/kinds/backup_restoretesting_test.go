package kinds_test

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func testPlan(changes In) Draft { return testingOf(nil, changes) }

// testingOf is a restore testing plan with these changes of which recovery points it takes.
func testingOf(points, changes In) Draft {
	return func(lab *Lab) In {
		backups(lab)
		return changed(In{
			"name": "shop_dev", "scheduleExpression": "cron(0 9 3 * ? *)", "startWindowHours": 1,
			"recoveryPointSelection": changed(In{
				"algorithm": "LATEST_WITHIN_WINDOW", "includeVaults": []any{nightVaultARN}, "recoveryPointTypes": []any{"SNAPSHOT"}, "selectionWindowDays": 7,
			}, points),
		}, changes)
	}
}

var _ = suite(kinds.RestoreTestingPlan, Suite{
	Valid: map[string]Draft{
		"monthly": testPlan(nil), "of every vault": testingOf(In{"includeVaults": []any{"*"}}, nil), "by AWS's defaults": testingOf(In{"selectionWindowDays": nil}, In{"startWindowHours": nil}),
		"of all but one": testingOf(In{"includeVaults": []any{"*"}, "excludeVaults": []any{copyVaultARN}}, nil),
	},
	Refusals: []Refusal{
		{Rule: "pattern of name", Draft: testPlan(In{"name": "shop-dev"}), Says: "must contain only alphanumeric characters, and underscores"},
		{Rule: "pattern of name", Draft: testPlan(In{"name": nil}), Says: "must contain only alphanumeric characters, and underscores"},
		{Rule: "range of startWindowHours", Draft: testPlan(In{"startWindowHours": 169}), Says: "range (0 - 168)"},
		{Rule: "values of recoveryPointSelection.algorithm", Draft: testingOf(In{"algorithm": "LATEST"}, nil), Says: "got LATEST"},
		{Rule: "values of recoveryPointSelection.recoveryPointTypes[]", Draft: testingOf(In{"recoveryPointTypes": []any{"SNAPSHOTS"}}, nil), Says: "got SNAPSHOTS"},
		{Rule: "range of recoveryPointSelection.selectionWindowDays", Draft: testingOf(In{"selectionWindowDays": 366}, nil), Says: "range (1 - 365)"},
		{Rule: "a selection of recovery points", Draft: testPlan(In{"recoveryPointSelection": nil}), Says: "Attribute recoveryPointSelection is required"},
		{Rule: "ARNs of vaults", Draft: testingOf(In{"includeVaults": []any{"night"}}, nil), Says: "must be an ARN or *: night"},
		{Rule: "ARNs of vaults", Draft: testingOf(In{"excludeVaults": []any{"night"}}, nil), Says: "must be an ARN or *: night"},
		{Rule: "a schedule expression", Draft: testPlan(In{"scheduleExpression": "rate(30 days)"}), Says: "CreateRestoreTestingPlan, api error InvalidParameterValueException: Invalid schedule expression"},
		{Rule: "vaults of the Region", Draft: testingOf(In{"includeVaults": []any{copyVaultARN}}, nil), Says: "Backup vault " + copyVaultARN + " does not exist in eu-central-1"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.RestoreTestingPlan, "shop_dev", In{"name": "shop_dev"})
			return testPlan(nil)(lab)
		}, Says: "AlreadyExistsException: Restore testing plan with the name shop_dev already exists"},
		{Rule: "selections", Draft: testPlan(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.RestoreTestingSelection, "main:shop_dev", In{"restoreTestingPlanName": made.ID})
		}, Says: "InvalidRequestException"},
	},
	Replaces: []Change{{Path: "name", Before: testPlan(nil), After: testPlan(In{"name": "other"})}},
	Updates: []Change{
		{Path: "scheduleExpression", Before: testPlan(nil), After: testPlan(In{"scheduleExpression": "cron(0 9 4 * ? *)"})},
		{Path: "recoveryPointSelection.selectionWindowDays", Before: testPlan(nil), After: testingOf(In{"selectionWindowDays": 8}, nil)},
	},
})

func tested(changes In) Draft { return testedIn(nil, changes) }

// testedIn is what a plan tests, with these changes of how it is restored.
func testedIn(overrides, changes In) Draft {
	return func(lab *Lab) In {
		backups(lab)
		lab.Put(kinds.RestoreTestingPlan, "shop_dev", In{"name": "shop_dev"})
		lab.Put(kinds.RestoreTestingPlan, "other", In{"name": "other"})
		lab.Put(kinds.DBSubnetGroup, "data", In{"name": "data"})
		lab.Put(kinds.SecurityGroup, "sg-1", In{"vpcId": "vpc-1"})
		return changed(In{
			"name": "main", "restoreTestingPlanName": "shop_dev", "iamRoleArn": backupRoleARN, "protectedResourceType": "Aurora", "protectedResourceArns": []any{databaseARN},
			"restoreMetadataOverrides": changed(In{"dbsubnetgroupname": "data", "vpcsecuritygroupids": `["sg-1"]`}, overrides), "validationWindowHours": 4,
		}, changes)
	}
}

// otherSelections are further selections of the plan.
func otherSelections(count int) Draft {
	return func(lab *Lab) In {
		for i := range count {
			name := fmt.Sprintf("other_%d", i)
			lab.Put(kinds.RestoreTestingSelection, name+":shop_dev", In{"name": name, "restoreTestingPlanName": "shop_dev"})
		}
		return tested(nil)(lab)
	}
}

func conditions() In {
	return In{"protectedResourceArns": nil, "protectedResourceConditions": In{"stringEquals": []any{In{"key": "aws:ResourceTag/backup", "value": "yes"}}}}
}

func manyARNs(count int) []any {
	arns := []any{}
	for i := range count {
		arns = append(arns, fmt.Sprintf("%s-%d", databaseARN, i))
	}
	return arns
}

var _ = suite(kinds.RestoreTestingSelection, Suite{
	Valid: map[string]Draft{
		"of one cluster": tested(nil), "of everything": tested(In{"protectedResourceArns": []any{"*"}}), "by tag": tested(conditions()), "the thirtieth": otherSelections(29),
		"as AWS infers": tested(In{"restoreMetadataOverrides": nil, "validationWindowHours": nil}), "of thirty": tested(In{"protectedResourceArns": manyARNs(30)}),
	},
	Refusals: []Refusal{
		{Rule: "pattern of name", Draft: tested(In{"name": "main-db"}), Says: "must contain only alphanumeric characters, and underscores"},
		{Rule: "exactly one of protectedResourceArns, protectedResourceConditions", Draft: tested(In{"protectedResourceArns": nil}), Says: "protectedResourceConditions"},
		{Rule: "range of validationWindowHours", Draft: tested(In{"validationWindowHours": 169}), Says: "range (1 - 168)"},
		{Rule: "ARN of the role", Draft: byNoARN(tested), Says: "\"iamRoleArn\" (backup) is an invalid ARN"},
		{Rule: "reference restoreTestingPlanName", Draft: tested(In{"restoreTestingPlanName": "gone"}), Says: "CreateRestoreTestingSelection, api error ResourceNotFoundException: Restore testing plan gone not found"},
		{Rule: "a type that can be tested", Draft: tested(In{"protectedResourceType": "Redshift"}), Says: "Invalid protected resource type Redshift"},
		{Rule: "ARNs of what is tested", Draft: tested(In{"protectedResourceArns": []any{"main"}}), Says: "Protected resource ARN main is not one of type Aurora"},
		{Rule: "ARNs of what is tested", Draft: tested(In{"protectedResourceArns": []any{"arn:aws:s3:::bucket"}}), Says: "is not one of type Aurora"},
		{Rule: "ARNs of what is tested", Draft: tested(In{"protectedResourceArns": manyARNs(31)}), Says: "30 protected resource ARNs at most"},
		{Rule: "a role that AWS Backup may assume", Draft: tested(In{"iamRoleArn": backupRoleARN + "-ec2"}), Says: "role/backup-ec2 cannot be assumed by AWS Backup"},
		{Rule: "where it is restored", Draft: testedIn(In{"dbsubnetgroupname": "gone"}, nil), Says: "Restore job failed: DBSubnetGroup gone not found"},
		{Rule: "where it is restored", Draft: testedIn(In{"vpcsecuritygroupids": "sg-1"}, nil), Says: "is not a JSON array of security groups"},
		{Rule: "where it is restored", Draft: testedIn(In{"vpcsecuritygroupids": `["sg-1","sg-2"]`}, nil), Says: "Invalid security group sg-2"},
		{Rule: "selections of a plan", Draft: otherSelections(30), Says: "LimitExceededException: A restore testing plan may have 30 selections at most"},
		{Rule: "name taken", Draft: func(lab *Lab) In {
			lab.Put(kinds.RestoreTestingSelection, "main:shop_dev", In{"name": "main", "restoreTestingPlanName": "shop_dev"})
			return tested(nil)(lab)
		}, Says: "AlreadyExistsException: Restore testing selection main already exists in its plan"},
	},
	Replaces: []Change{
		{Path: "name", Before: tested(nil), After: tested(In{"name": "other"})},
		{Path: "protectedResourceType", Before: tested(nil), After: tested(In{"protectedResourceType": "RDS"})},
		{Path: "restoreTestingPlanName", Before: tested(nil), After: tested(In{"restoreTestingPlanName": "other"})},
	},
	Updates: []Change{{Path: "validationWindowHours", Before: tested(nil), After: tested(In{"validationWindowHours": 5})}},
})
