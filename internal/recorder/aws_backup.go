package recorder

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// backupVault has its name for its id.
func backupVault(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{"arn": p.arn("backup", "backup-vault:"+name), "name": name, "recoveryPoints": 0}.properties(), nil
}

// ofVault is a policy or a lock of a vault, which has the vault's name for its id.
func ofVault(p place) (string, resource.PropertyMap, error) {
	name := p.text("backupVaultName")
	return name, outputs{"backupVaultArn": p.arn("backup", "backup-vault:"+name)}.properties(), nil
}

func backupPlan(p place) (string, resource.PropertyMap, error) {
	id := p.uuid()
	return id, outputs{"arn": p.arn("backup", "backup-plan:"+id), "name": p.autoName("name"), "version": p.hex("version", 48)}.properties(), nil
}

func backupSelection(p place) (string, resource.PropertyMap, error) {
	return p.uuid(), outputs{"name": p.autoName("name")}.properties(), nil
}

// restoreTestingPlan has its name for its id, and one of AWS's in its ARN.
func restoreTestingPlan(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{"arn": p.arn("backup", "restore-testing-plan:"+name+"-"+p.uuid()), "name": name}.properties(), nil
}

func restoreTestingSelection(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name + ":" + p.text("restoreTestingPlanName"), outputs{"name": name}.properties(), nil
}

// backupRegionSettings has its Region for its id.
func backupRegionSettings(p place) (string, resource.PropertyMap, error) { return p.region, nil, nil }

func eventRule(p place) (string, resource.PropertyMap, error) {
	name := p.autoName("name")
	return name, outputs{"arn": p.arn("events", "rule/"+name), "name": name}.properties(), nil
}

// eventTarget has its rule and an id of its own for its id.
func eventTarget(p place) (string, resource.PropertyMap, error) {
	target := p.text("targetId")
	if target == "" {
		target = "terraform-" + p.digits("target", 26)
	}
	return p.text("rule") + "-" + target, outputs{"targetId": target}.properties(), nil
}
