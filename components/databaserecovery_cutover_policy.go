package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

func (s recoveryScope) roleARN(name string) string {
	return naming.ARN(naming.Partition(s.at.region), "iam", "", s.at.account, "role/"+name)
}

// family are the live database, what was restored from it and what it has replaced.
func (s recoveryScope) family(kind string) []iampolicy.Resource {
	return []iampolicy.Resource{
		iampolicy.ARN(s.arn(kind, s.id)), s.restored(kind), iampolicy.ARN(s.arn(kind, s.id+oldInfix+"*")),
	}
}

// liveMembers are the members of the live Aurora cluster.
func (s recoveryScope) liveMembers() []iampolicy.Resource {
	var all []iampolicy.Resource
	for index := range s.members() {
		all = append(all, iampolicy.ARN(s.arn("db", member(s.id, index))))
	}
	return all
}

// cutOverPolicy is the role that swaps names. It deletes nothing. It may write the policies of the roles of services that are granted the
// database, because those name the database's resource id, which a restored one does not share: IAM has no condition on what such a policy
// says, so who may pass this role to a document of his own can give these services' roles whatever he likes. They are bounded by what
// denies them everything outside their own instances and by the network's endpoints, and iam:PassRole on this role is a right of
// administrators.
func (s recoveryScope) cutOverPolicy(grants int) iampolicy.Document {
	everyone := func(kind string) []iampolicy.Resource { return []iampolicy.Resource{iampolicy.ARN(s.arn(kind, "*"))} }
	allow := func(sid string, resources []iampolicy.Resource, actions ...iampolicy.Action) iampolicy.Statement {
		return iampolicy.Statement{Sid: sid, Effect: iampolicy.Allow, Actions: actions, Resources: resources}
	}
	var statements []iampolicy.Statement
	switch s.topology {
	case Aurora:
		statements = []iampolicy.Statement{
			allow("LookAtClusters", everyone("cluster"), "rds:DescribeDBClusters"), allow("LookAtInstances", everyone("db"), "rds:DescribeDBInstances"),
			allow("Swap", s.family("cluster"), "rds:ModifyDBCluster"),
			allow("SwapMembers", append(s.family("db")[1:], s.liveMembers()...), "rds:ModifyDBInstance"),
			allow("EndConnections", s.liveMembers(), "rds:RebootDBInstance"),
		}
	case MultiAZCluster:
		statements = []iampolicy.Statement{
			allow("LookAtClusters", everyone("cluster"), "rds:DescribeDBClusters"), allow("Swap", s.family("cluster"), "rds:ModifyDBCluster"),
			allow("EndConnections", s.family("cluster")[:1], "rds:RebootDBCluster"),
		}
	case MultiAZInstance:
		statements = []iampolicy.Statement{
			allow("LookAtInstances", everyone("db"), "rds:DescribeDBInstances"), allow("Swap", s.family("db"), "rds:ModifyDBInstance"),
			allow("EndConnections", s.family("db")[:1], "rds:RebootDBInstance"),
		}
	}
	if grants > 0 {
		roles := iampolicy.Statement{Sid: "GrantAgain", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"iam:PutRolePolicy"}}
		for index := range grants {
			roles.Resources = append(roles.Resources, iampolicy.Slot(grantFact(index, "role"), ""))
		}
		statements = append(statements, roles)
	}
	if s.dataAPI() {
		var of []string
		for _, id := range []string{s.id, s.id + restoredInfix + "*", s.id + oldInfix + "*"} {
			of = append(of, s.arn("cluster", id))
		}
		statements = append(statements, s.readSecret(of...), iampolicy.Statement{
			Sid: "OpenSecret", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"kms:Decrypt"}, Resources: s.keys,
			Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "kms:ViaService", naming.ServiceEndpoint("secretsmanager", s.at.region))},
		})
	}
	return iampolicy.Identity(append(statements, s.askStatements(s.family("cluster"))...)...)
}
