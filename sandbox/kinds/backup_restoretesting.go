package kinds

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	mostTestSelections = 30
	mostTestedARNs     = 30
)

// testedTypes are the types of resources that can be tested.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingSelectionForCreate.html
var testedTypes = []string{"Aurora", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "Neptune", "RDS", "S3"}

// Names take no hyphens, which auto-naming puts there.
// Sources: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateRestoreTestingPlan.html and
// https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html#restore-testing-quotas
var _ = register(&Kind{
	Token:    RestoreTestingPlan,
	Args:     backup.RestoreTestingPlanArgs{},
	Resource: &backup.RestoreTestingPlan{},
	API:      API{Service: "Backup", Noun: "Backup Restore Testing Plan", Create: "CreateRestoreTestingPlan", Update: "UpdateRestoreTestingPlan", Delete: "DeleteRestoreTestingPlan"},
	Name:     &AutoName{Property: "name", Max: 50},
	Rules: []Rule{
		Matching("name", testingName, "must contain only alphanumeric characters, and underscores, 50 at most"),
		InRange("startWindowHours", 0, 168), OneOf("recoveryPointSelection.algorithm", "LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW"),
		OneOf("recoveryPointSelection.recoveryPointTypes[]", "CONTINUOUS", "SNAPSHOT"), InRange("recoveryPointSelection.selectionWindowDays", 1, 365),
		{Name: "a selection of recovery points", Broken: func(d *Draft) *Refusal {
			if !d.Has("recoveryPointSelection") {
				return Refuse("recoveryPointSelection", "Attribute recoveryPointSelection is required")
			}
			for _, list := range []string{"includeVaults", "recoveryPointTypes"} {
				if at := d.At("recoveryPointSelection." + list); !at.Exists() {
					return Refuse(at.Path(), "Attribute %s is required", list)
				}
			}
			return nil
		}},
		{Name: "ARNs of vaults", Broken: func(d *Draft) *Refusal {
			for _, arn := range append(d.Each("recoveryPointSelection.includeVaults[]"), d.Each("recoveryPointSelection.excludeVaults[]")...) {
				if !arn.Unknown() && arn.Text() != "*" && !isARN(arn.Text()) {
					return Refuse(arn.Path(), "%q must be an ARN or *: %s", arn.Path(), arn.Text())
				}
			}
			return nil
		}},
		backupRefuses("a schedule expression", func(d *Draft) *Refusal {
			if text := d.Text("scheduleExpression"); !backupCron.MatchString(text) {
				return Refuse("scheduleExpression", "Invalid schedule expression %s", text)
			}
			return nil
		}),
		// AWS restores nothing of a vault that is not there, and says nothing. The sandbox says it.
		backupRefuses("vaults of the Region", func(d *Draft) *Refusal {
			for _, arn := range d.Each("recoveryPointSelection.includeVaults[]") {
				if text := arn.Text(); isARN(text) && d.FindBy(BackupVault, "arn", text) == nil {
					return Refuse(arn.Path(), "Backup vault %s does not exist in %s", text, d.Region)
				}
			}
			return nil
		}),
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: codeBackupTaken, Broken: func(d *Draft) *Refusal {
			if d.FindBy(RestoreTestingPlan, "name", d.Text("name")) != nil {
				return Refuse("name", "Restore testing plan with the name %s already exists", d.Text("name"))
			}
			return nil
		}},
	},
	DeleteRules: []DeleteRule{{Name: "selections", Code: codeBackupRequest, Blocked: func(d *Draft) string {
		if len(d.UsedBy(RestoreTestingSelection, "restoreTestingPlanName", d.ID())) > 0 {
			return "All restore testing selections must be deleted before the restore testing plan"
		}
		return ""
	}}},
	Replaces: []string{"name"},
	Sets:     []string{"recoveryPointSelection.includeVaults", "recoveryPointSelection.excludeVaults", "recoveryPointSelection.recoveryPointTypes"},
	ID:       func(d *Draft) string { return d.Text("name") },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("backup", "restore-testing-plan:"+d.Text("name")+"-"+d.UUID("plan")))
		}},
		fixed("scheduleExpressionTimezone", Text("Etc/UTC")), fixed("startWindowHours", Number(24)),
	},
})

// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateRestoreTestingSelection.html
var _ = register(&Kind{
	Token:    RestoreTestingSelection,
	Args:     backup.RestoreTestingSelectionArgs{},
	Resource: &backup.RestoreTestingSelection{},
	API: API{Service: "Backup", Noun: "Backup Restore Testing Selection", Create: "CreateRestoreTestingSelection", Update: "UpdateRestoreTestingSelection",
		Delete: "DeleteRestoreTestingSelection"},
	Name:       &AutoName{Property: "name", Max: 50},
	References: []Reference{{Path: "restoreTestingPlanName", To: []string{RestoreTestingPlan}, Code: codeBackupMissing, Message: "Restore testing plan %s not found"}},
	Rules: []Rule{
		Matching("name", testingName, "must contain only alphanumeric characters, and underscores, 50 at most"),
		ExactlyOne("protectedResourceArns", "protectedResourceConditions"), InRange("validationWindowHours", 1, 168), backupRoleARN(),
		backupRefuses("a type that can be tested", func(d *Draft) *Refusal {
			if limit := d.Text("protectedResourceType"); !slices.Contains(testedTypes, limit) {
				return Refuse("protectedResourceType", "Invalid protected resource type %s", limit)
			}
			return nil
		}),
		backupRefuses("ARNs of what is tested", testedARNs), backupRefuses("a role that AWS Backup may assume", backupRole),
		backupRefuses("where it is restored", testedNetwork),
		{Name: "selections of a plan", Stage: AtApply, When: OnCreate, Code: "LimitExceededException", Broken: func(d *Draft) *Refusal {
			if len(d.UsedBy(RestoreTestingSelection, "restoreTestingPlanName", d.Text("restoreTestingPlanName"))) >= mostTestSelections {
				return Refuse("restoreTestingPlanName", "A restore testing plan may have %d selections at most", mostTestSelections)
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: codeBackupTaken, Broken: func(d *Draft) *Refusal {
			for _, other := range d.UsedBy(RestoreTestingSelection, "restoreTestingPlanName", d.Text("restoreTestingPlanName")) {
				if other.Text("name") == d.Text("name") {
					return Refuse("name", "Restore testing selection %s already exists in its plan", d.Text("name"))
				}
			}
			return nil
		}},
	},
	Replaces: []string{"name", "protectedResourceType", "restoreTestingPlanName"},
	Sets:     []string{"protectedResourceArns"},
	ID:       func(d *Draft) string { return d.Text("name") + ":" + d.Text("restoreTestingPlanName") },
	Computed: []Output{
		fixed("protectedResourceArns", Texts()), fixed("restoreMetadataOverrides", Object(nil)), fixed("validationWindowHours", Number(1)),
	},
})

func testedARNs(d *Draft) *Refusal {
	arns := d.Each("protectedResourceArns[]")
	if len(arns) > mostTestedARNs {
		return Refuse("protectedResourceArns", "A selection may have %d protected resource ARNs at most", mostTestedARNs)
	}
	for _, arn := range arns {
		text := arn.Text()
		isDatabase := slices.Contains([]string{"Aurora", "RDS"}, d.Text("protectedResourceType"))
		if text != "*" && (!isARN(text) || isDatabase && !arnOf(text, "rds")) {
			return Refuse(arn.Path(), "Protected resource ARN %s is not one of type %s", text, d.Text("protectedResourceType"))
		}
	}
	return nil
}

// testedNetwork refuses a subnet group or security groups that are not there, and a list that is not JSON in a text. AWS takes them, and every
// restore test fails: the sandbox answers now what the test would answer then.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
func testedNetwork(d *Draft) *Refusal {
	const overrides = "restoreMetadataOverrides."
	for _, key := range d.At("restoreMetadataOverrides").Keys() {
		text := d.Text(overrides + key)
		switch strings.ToLower(key) {
		case "dbsubnetgroupname":
			if d.Find(DBSubnetGroup, text) == nil {
				return Refuse(overrides+key, "Restore job failed: DBSubnetGroup %s not found", text)
			}
		case "vpcsecuritygroupids":
			var groups []string
			if json.Unmarshal([]byte(text), &groups) != nil {
				return Refuse(overrides+key, "Restore job failed: %s is not a JSON array of security groups", text)
			}
			for _, group := range groups {
				if d.Find(SecurityGroup, group) == nil {
					return Refuse(overrides+key, "Restore job failed: Invalid security group %s", group)
				}
			}
		}
	}
	return nil
}
