package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
)

// Sources: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html and API_BackupSelection.html beside it.
var _ = register(&Kind{
	Token:      BackupSelection,
	Args:       backup.SelectionArgs{},
	Resource:   &backup.Selection{},
	API:        API{Service: "Backup", Noun: "Backup Selection", Create: "CreateBackupSelection", Delete: "DeleteBackupSelection"},
	Name:       &AutoName{Property: "name", Max: 50},
	References: []Reference{{Path: "planId", To: []string{BackupPlan}, Code: codeBackupValue, Message: "Cannot find Backup plan with ID %s"}},
	Rules: []Rule{
		Matching("name", backupName, "must contain only alphanumeric, hyphen, underscore, and period characters"),
		OneOf("selectionTags[].type", "STRINGEQUALS"), backupRoleARN(),
		backupRefuses("a role that AWS Backup may assume", backupRole),
		backupRefuses("a role that finds resources", func(d *Draft) *Refusal {
			if role := d.FindBy(Role, "arn", d.Text("iamRoleArn")); role != nil && !roleMay(d, role, "tag:GetResources") {
				return Refuse("iamRoleArn", "IAM Role %s is not authorized to call tag:GetResources", d.Text("iamRoleArn"))
			}
			return nil
		}),
		backupRefuses("something that is selected", func(d *Draft) *Refusal {
			if len(d.Each("resources[]"))+len(d.Each("notResources[]"))+len(d.Each("selectionTags[]")) == 0 {
				return Refuse("resources", "Backup selection must contain at least one resource or a tag condition")
			}
			return nil
		}),
		backupRefuses("ARNs of resources", func(d *Draft) *Refusal {
			for _, arn := range slices.Concat(d.Each("resources[]"), d.Each("notResources[]")) {
				if text := arn.Text(); text != "*" && !isARN(text) {
					return Refuse(arn.Path(), "Invalid ARN: %s", text)
				}
			}
			return nil
		}),
	},
	Replaces: []string{"name", "conditions", "iamRoleArn", "notResources", "planId", "resources", "selectionTags"},
	Sets:     []string{"resources", "notResources", "selectionTags"},
	ID:       func(d *Draft) string { return d.UUID("selection") },
	Computed: []Output{fixed("conditions", List()), fixed("notResources", Texts())},
})

// backupServices are the types of resources that a preference can be stated for.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRegionSettings.html
var backupServices = []string{
	"Aurora", "CloudFormation", "DocumentDB", "DSQL", "DynamoDB", "EBS", "EC2", "EFS", "EKS", "FSx", "Neptune", "Redshift", "Redshift Serverless", "RDS", "S3",
	"SAP HANA on Amazon EC2", "Storage Gateway", "Timestream", "VirtualMachine",
}

// The settings are the account's in a Region. They are there before anybody sets them and stay when the resource is gone.
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRegionSettings.html
var _ = register(&Kind{
	Token:         BackupRegionSettings,
	Args:          backup.RegionSettingsArgs{},
	Resource:      &backup.RegionSettings{},
	RequiredLists: []string{"resourceTypeOptInPreference"},
	API:           API{Service: "Backup", Noun: "Backup Region Settings", Create: "UpdateRegionSettings", Update: "UpdateRegionSettings", Delete: "UpdateRegionSettings"},
	Rules: []Rule{
		backupRefuses("services with a preference", func(d *Draft) *Refusal {
			for _, path := range []string{"resourceTypeOptInPreference", "resourceTypeManagementPreference"} {
				for _, service := range d.At(path).Keys() {
					if !slices.Contains(backupServices, service) {
						return Refuse(path, "Invalid resource type: %s", service)
					}
				}
			}
			return nil
		}),
	},
	ID:       func(d *Draft) string { return d.Region },
	Computed: []Output{fixed("resourceTypeManagementPreference", Object(nil))},
})
