package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/runbook"
)

// restoredTag is the tag by which a restored database names the one that it was restored from. What fails is cleaned up only where it is.
const restoredTag = "aplomb:restored-from"

// recoveryScope is a database as a document of one Region sees it: the live one's identifier, and those of what is restored from it and
// replaced by it, which begin with the live one's.
type recoveryScope struct {
	at       home
	id       string
	name     string
	topology DatabaseTopology
	database MultiAZDatabaseArgs
	zones    []string
	tags     map[string]string
	check    string
	// prefix begins the identifiers of what is restored.
	prefix string
	// patience is for how many seconds a step waits for a database.
	patience int
	// keys are those that what is restored is, or was, encrypted under.
	keys []iampolicy.Resource
}

func (r *DatabaseRecovery) scope(at home, zones []string) recoveryScope {
	return recoveryScope{
		at: at, id: r.id, name: r.args.Database.name, topology: r.args.Database.args.Topology, database: r.restored(),
		zones: zones, tags: r.args.Database.args.Tags, check: r.args.Query, prefix: r.id + restoredInfix, keys: []iampolicy.Resource{iampolicy.Slot(slotKey, "")},
		patience: waitSeconds,
	}
}

// kind is what AWS calls the thing that is restored, in the ARNs of RDS.
func (s recoveryScope) kind() string {
	if s.topology == MultiAZInstance {
		return "db"
	}
	return "cluster"
}

// arn is the ARN of a cluster or an instance.
func (s recoveryScope) arn(kind, id string) string {
	return naming.ARN(naming.Partition(s.at.region), "rds", s.at.region, s.at.account, kind+":"+id)
}

// restored is the ARN of whatever was restored from this database.
func (s recoveryScope) restored(kind string) iampolicy.Resource {
	return iampolicy.ARN(s.arn(kind, s.prefix+"*"))
}

// engine is what AWS calls the engine, family its parameter groups' family.
func (s recoveryScope) engine() string {
	if s.topology == Aurora {
		return "aurora-postgresql"
	}
	return "postgres"
}

// dataAPI says whether the database can be asked without a way into its VPC.
func (s recoveryScope) dataAPI() bool { return s.database.HasDataAPI() }

func (s recoveryScope) major() string { return (&MultiAZDatabase{args: s.database}).major() }

// optionGroup is AWS's own, which is taken where none is named
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithOptionGroups.html).
func (s recoveryScope) optionGroup() iampolicy.Resource {
	return iampolicy.ARN(s.arn("og", "default:"+s.engine()+"-"+s.major()))
}

// memberParameters is AWS's own parameter group, which the members of Aurora have.
func (s recoveryScope) memberParameters() iampolicy.Resource {
	return iampolicy.ARN(s.arn("pg", "default."+s.engine()+s.major()))
}

// secrets are the secrets that RDS makes for master users
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html).
func (s recoveryScope) secrets() iampolicy.Resource {
	return iampolicy.ARN(naming.ARN(naming.Partition(s.at.region), "secretsmanager", s.at.region, s.at.account, "secret:rds!"+s.kind()+"-*"))
}

// apiTags are the tags of what is restored: the database's own, so that the next deployment finds what it would have made, and what it was
// restored from.
func (s recoveryScope) apiTags(name string) []any {
	all := map[string]string{"Name": name, restoredTag: s.id}
	for key, value := range s.tags {
		all[key] = value
	}
	var list []any
	for _, key := range sortedKeys(all) {
		list = append(list, map[string]any{"Key": key, "Value": all[key]})
	}
	return list
}

// member is the identifier of one member of an Aurora cluster.
func member(cluster string, index int) string { return fmt.Sprintf("%s-%d", cluster, index+1) }

// members is how many members a cluster gets that the document makes itself.
func (s recoveryScope) members() int {
	if s.topology == Aurora {
		return s.database.Readers + 1
	}
	return 0
}

// describe looks at the cluster or instance, describeMember at a member. A wait on a database ends with an error as soon as AWS gives one, so
// both are asked only about what exists.
func (s recoveryScope) describe(id string) runbook.Call {
	if s.topology == MultiAZInstance {
		return s.describeMember(id)
	}
	return runbook.Call{Service: "rds", API: "DescribeDBClusters", Parameters: runbook.Parameters{"DBClusterIdentifier": id}}
}

func (s recoveryScope) describeMember(id string) runbook.Call {
	return runbook.Call{Service: "rds", API: "DescribeDBInstances", Parameters: runbook.Parameters{"DBInstanceIdentifier": id}}
}

// property is the JSONPath of a property of what describe answers. The few that are called differently are told apart.
func (s recoveryScope) property(cluster, instance string) string {
	if s.topology == MultiAZInstance {
		return "$.DBInstances[0]." + instance
	}
	return "$.DBClusters[0]." + cluster
}

// waitSeconds is for how long a step waits for a database. AWS says nothing of how long a restore takes, so it is generous: six hours.
const waitSeconds = 6 * 60 * 60

// waitAttempts is how often a wait is begun: AWS does not say that a wait goes on after one of its questions was not answered.
const waitAttempts = 2

// awaitAvailable waits until the cluster or instance can be used.
func (s recoveryScope) awaitAvailable(step, id string, onFailure runbook.Failure) runbook.Step {
	return runbook.Step{
		Name: step, Do: runbook.Await{Call: s.describe(id), Selector: s.property("Status", "DBInstanceStatus"), Desired: []string{"available"}},
		OnFailure: onFailure, TimeoutSeconds: s.patience, Attempts: waitAttempts,
	}
}

// restored is the database as it is to be once it was restored.
func (r *DatabaseRecovery) restored() MultiAZDatabaseArgs {
	args := r.args.Database.args
	args.Protect = args.Protect || r.args.ProtectRestored
	return args
}
