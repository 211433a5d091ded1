package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// The slots of the documents' policies. keySlot is the components' own name for a key.
const (
	slotSubnets    = "subnetGroup"
	slotParameters = "parameterGroup"
	slotKey        = keySlot
	slotRunner     = "runner"
	slotSourceKey  = "sourceKey"
	slotVault      = "vault"
	slotBackups    = "automatedBackups"
)

func (s recoveryScope) parameterGroupPrefix() string {
	if s.topology == MultiAZInstance {
		return s.arn("pg", "")
	}
	return s.arn("cluster-pg", "")
}

// pointInTime lets the live database be restored, and nothing else of it be done.
func (s recoveryScope) pointInTime() iampolicy.Statement {
	action := iampolicy.Action("rds:RestoreDBClusterToPointInTime")
	if s.topology == MultiAZInstance {
		action = "rds:RestoreDBInstanceToPointInTime"
	}
	return iampolicy.Statement{
		Sid: "Restore", Effect: iampolicy.Allow, Actions: []iampolicy.Action{action},
		Resources: []iampolicy.Resource{
			iampolicy.ARN(s.arn(s.kind(), s.id)), s.restored(s.kind()), iampolicy.Slot(slotParameters, ""), iampolicy.Slot(slotSubnets, ""), s.optionGroup(),
		},
	}
}

// restorePolicy is the role of a document that restores: one statement says from what, the others what may be done with the outcome.
// Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html and, for what RDS does in the caller's
// name with a key and a secret, https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html and
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
func (s recoveryScope) restorePolicy(restore ...iampolicy.Statement) iampolicy.Document {
	restored := []iampolicy.Resource{s.restored(s.kind())}
	everything := restored
	look, change, remove := []iampolicy.Action{"rds:DescribeDBInstances"}, []iampolicy.Action{"rds:ModifyDBInstance"}, []iampolicy.Action{"rds:DeleteDBInstance"}
	statements := append([]iampolicy.Statement{}, restore...)
	if s.topology != MultiAZInstance {
		look, change, remove = []iampolicy.Action{"rds:DescribeDBClusters"}, []iampolicy.Action{"rds:ModifyDBCluster"}, []iampolicy.Action{"rds:DeleteDBCluster"}
	}
	if s.topology == Aurora {
		everything = append(everything[:1:1], s.restored("db"))
		look, remove = append(look, "rds:DescribeDBInstances"), append(remove, "rds:DeleteDBInstance")
	}
	if s.topology != MultiAZInstance {
		statements = append(statements, iampolicy.Statement{
			Sid: "CreateMembers", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds:CreateDBInstance"},
			Resources: append(restored[:1:1], s.restored("db"), iampolicy.Slot(slotSubnets, ""), s.memberParameters(), s.optionGroup()),
		})
	}
	if s.topology == MultiAZCluster {
		// RDS makes the members itself, in the caller's name: both actions are what the authorization reference calls dependent. Whether they
		// have the cluster's tags AWS does not say.
		statements = append(statements, iampolicy.Statement{
			Sid: "RemoveMembers", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds:DeleteDBInstance"}, Resources: []iampolicy.Resource{s.restored("db")},
		})
	}
	if s.dataAPI() {
		change = append(change, "rds:EnableHttpEndpoint")
	}
	statements = append(statements,
		iampolicy.Statement{Sid: "Look", Effect: iampolicy.Allow, Actions: look, Resources: everything},
		iampolicy.Statement{Sid: "Tag", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds:AddTagsToResource"}, Resources: everything},
		iampolicy.Statement{Sid: "Settle", Effect: iampolicy.Allow, Actions: change, Resources: restored},
		iampolicy.Statement{
			Sid: "CleanUp", Effect: iampolicy.Allow, Actions: remove, Resources: everything,
			Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "aws:ResourceTag/"+restoredTag, s.id)},
		},
	)
	statements = append(statements, s.secretStatements(s.arn(s.kind(), s.id+restoredInfix+"*"))...)
	return iampolicy.Identity(append(statements, s.askStatements(restored)...)...)
}

// secretStatements let RDS make the master user's secret, and use the keys that it needs.
func (s recoveryScope) secretStatements(of string) []iampolicy.Statement {
	through := iampolicy.When(iampolicy.StringEquals, "kms:ViaService",
		naming.ServiceEndpoint("rds", s.at.region), naming.ServiceEndpoint("secretsmanager", s.at.region))
	statements := []iampolicy.Statement{{
		Sid: "MakeSecret", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"secretsmanager:CreateSecret", "secretsmanager:TagResource"},
		Resources: []iampolicy.Resource{s.secrets()},
	}, {
		Sid: "UseKey", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"},
		Resources: s.keys, Conditions: []iampolicy.Condition{through},
	}, {
		Sid: "LetRDSUseKey", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"kms:CreateGrant"},
		Resources:  s.keys,
		Conditions: []iampolicy.Condition{through, iampolicy.When(iampolicy.Bool, "kms:GrantIsForAWSResource", "true")},
	}}
	if s.dataAPI() {
		statements = append(statements, s.readSecret(of))
	}
	return statements
}

// readSecret lets the Data API read, in the caller's name, the secrets of some clusters: RDS names the cluster in a tag.
func (s recoveryScope) readSecret(of ...string) iampolicy.Statement {
	return iampolicy.Statement{
		Sid: "ReadSecret", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"secretsmanager:GetSecretValue"},
		Resources:  []iampolicy.Resource{s.secrets()},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringLike, "aws:ResourceTag/aws:rds:primaryDBClusterArn", of...)},
	}
}

// askStatements let a database be asked.
func (s recoveryScope) askStatements(of []iampolicy.Resource) []iampolicy.Statement {
	if s.dataAPI() {
		return []iampolicy.Statement{{Sid: "Ask", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds-data:ExecuteStatement"}, Resources: of}}
	}
	return []iampolicy.Statement{{
		Sid: "Ask", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"lambda:InvokeFunction"},
		Resources: []iampolicy.Resource{iampolicy.Slot(slotRunner, "")},
	}}
}
