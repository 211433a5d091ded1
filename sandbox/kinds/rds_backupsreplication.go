package kinds

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
)

const codeReplication = "InvalidDBInstanceState"

// The replication is made in the Region that receives the backups, by a provider of that Region.
// Sources: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartDBInstanceAutomatedBackupsReplication.html and
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html
var _ = register(&Kind{
	Token:    DBBackupsReplication,
	Args:     rds.InstanceAutomatedBackupsReplicationArgs{},
	Resource: &rds.InstanceAutomatedBackupsReplication{},
	API: API{Service: "RDS", Noun: "RDS Instance Automated Backups Replication",
		Create: "StartDBInstanceAutomatedBackupsReplication", Delete: "StopDBInstanceAutomatedBackupsReplication"},
	Defaults: []Default{{Path: "retentionPeriod", Value: Number(7)}},
	Rules: []Rule{
		InRange("retentionPeriod", 1, 35),
		{Name: "ARN of the source", Broken: func(d *Draft) *Refusal {
			if source := d.At("sourceDbInstanceArn"); !source.Unknown() && !isARN(source.Text()) {
				return Refuse("sourceDbInstanceArn", "\"sourceDbInstanceArn\" (%s) is an invalid ARN: arn: invalid prefix", source.Text())
			}
			return nil
		}},
		{Name: "another Region", Stage: AtApply, Code: codeParameter, Broken: func(d *Draft) *Refusal {
			if regionOfARN(d.Text("sourceDbInstanceArn")) == d.Region {
				return Refuse("sourceDbInstanceArn", "The source Region must be different from the destination Region.")
			}
			return nil
		}},
		{Name: "a source that exists", Stage: AtApply, Code: "DBInstanceNotFound", Broken: func(d *Draft) *Refusal {
			if arn := d.Text("sourceDbInstanceArn"); isARN(arn) && regionOfARN(arn) != d.Region && replicated(d) == nil {
				return Refuse("sourceDbInstanceArn", "%s not found.", arn)
			}
			return nil
		}},
		{Name: "a source with backups", Stage: AtApply, Code: codeReplication, Broken: func(d *Draft) *Refusal {
			if source := replicated(d); source != nil && source.At("backupRetentionPeriod").Int() == 0 {
				return Refuse("sourceDbInstanceArn", "Automated backups aren't enabled on the source DB instance.")
			}
			return nil
		}},
		{Name: "a key of this Region", Stage: AtApply, Code: "KMSKeyNotAccessibleFault", Broken: func(d *Draft) *Refusal {
			source, key := replicated(d), d.Text("kmsKeyId")
			if source != nil && source.At("storageEncrypted").Bool() && (key == "" || keyOfAWS(key) || unusableKey(d, key)) {
				return Refuse("kmsKeyId", "A usable KMS key of this Region must be given for the backups of an encrypted DB instance. (%s)", key)
			}
			return nil
		}},
		{Name: "replicated already", Stage: AtApply, When: OnCreate, Code: codeReplication, Broken: func(d *Draft) *Refusal {
			if d.FindBy(DBBackupsReplication, "sourceDbInstanceArn", d.Text("sourceDbInstanceArn")) != nil {
				return Refuse("sourceDbInstanceArn", "The automated backups of the DB instance are replicated to this Region already.")
			}
			return nil
		}},
	},
	Replaces: []string{"kmsKeyId", "preSignedUrl", "retentionPeriod", "sourceDbInstanceArn"},
	ID:       func(d *Draft) string { return d.ARN("rds", "auto-backup:ab-"+d.Hex("backup", 26)) },
	Computed: []Output{fixed("kmsKeyId", Text(""))},
})

// replicated is the DB instance, in whichever Region its ARN names.
func replicated(d *Draft) *Thing {
	arn := d.Text("sourceDbInstanceArn")
	for _, thing := range d.world.All(Place{Account: d.Account, Region: regionOfARN(arn)}, DBInstance) {
		if thing.Text("arn") == arn {
			return thing
		}
	}
	return nil
}

func regionOfARN(arn string) string {
	if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 {
		return parts[3]
	}
	return ""
}
