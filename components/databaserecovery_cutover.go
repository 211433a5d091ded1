package components

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/runbook"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildCutOver builds the fence, a security group that admits nobody and never will, and the document that puts the replaced database behind
// it.
func (r *DatabaseRecovery) buildCutOver(ctx *pulumi.Context) (err error) {
	database := r.args.Database
	name := r.name + "-fence"
	r.built.fence, err = ec2.NewSecurityGroup(ctx, name, transformed(&ec2.SecurityGroupArgs{
		Description: pulumi.String("Databases that " + database.name + " has replaced, which nobody may reach"), VpcId: database.args.Placement.VPCID.ToStringOutput(),
		Tags: tagsNamed(r.args.Tags, name),
	}, r.args.Transform.Fence), pulumi.Parent(r))
	if err != nil {
		return err
	}
	scope := r.scope(database.home(ctx), database.args.Placement.Zones)
	grants := database.built.grants
	facts := pulumi.StringMap{factFence: r.built.fence.ID(), factGroup: database.SecurityGroupID}
	slots := pulumi.StringMap{}
	if scope.dataAPI() {
		slots[slotKey] = database.KeyARN
	} else {
		facts[factRunner], slots[slotRunner] = r.args.SQLRunnerARN, r.args.SQLRunnerARN
	}
	for index, each := range grants {
		facts[grantFact(index, "role")], facts[grantFact(index, "policy")] = each.role, each.policy
		facts[grantFact(index, "text")] = regrant(each.text, database.ResourceID)
		slots[grantFact(index, "role")] = pulumi.Sprintf("%s%s", scope.roleARN(""), each.role)
	}
	document, err := r.buildDocument(ctx, recoveryDocument{
		name: r.name + "-cut-over", description: "Gives a restored database the name of " + database.name, at: scope.at,
		policy: scope.cutOverPolicy(len(grants)), facts: facts, slots: slots,
		write: func(facts recoveryFacts) runbook.Document { return scope.cutOver(facts, r.restoredName(), len(grants)) },
	})
	if err != nil {
		return err
	}
	r.CutOver = document.Name
	return nil
}

func grantFact(index int, of string) string { return fmt.Sprintf("grant%d%s", index+1, of) }

// regrant is the policy of a grant, word for word, for whatever resource id the live database has then: so the next deployment, which
// computes it anew, finds what it would have written.
func regrant(text, resource pulumi.StringOutput) pulumi.StringOutput {
	return pulumi.All(text, resource).ApplyT(func(both []any) (string, error) {
		text, resource := both[0].(string), both[1].(string)
		if resource == "" || !strings.Contains(text, resource) {
			return "", errors.New("the policy of a grant does not name the database's resource id, so it cannot be granted again after a restore")
		}
		return strings.ReplaceAll(text, resource, "{{ live.ResourceID }}"), nil
	}).(pulumi.StringOutput)
}

const restoredParameter = "Restored"

// cutOver gives a restored database the live one's name. Services are cut off from the fence on until the restored one has the name. Every
// step that changes something comes after one that looks whether it is still to be done, so that the document can be started again, with
// the same parameters, after it failed.
func (s recoveryScope) cutOver(facts recoveryFacts, room, grants int) runbook.Document {
	restored, old := "{{ "+restoredParameter+" }}", s.id+oldInfix+"{{ "+nameParameter+" }}"
	steps := s.lookBefore(restored, old, facts)
	steps = append(steps, s.fence(old, facts)...)
	steps = append(steps, s.swap(restored, facts)...)
	steps = append(steps, s.look("live", s.id, runbook.Abort))
	for index := range grants {
		steps = append(steps, runbook.Step{Name: fmt.Sprintf("grant%d", index+1), Attempts: 3, Do: runbook.Call{
			Service: "iam", API: "PutRolePolicy", Parameters: runbook.Parameters{
				"RoleName": facts[grantFact(index, "role")], "PolicyName": facts[grantFact(index, "policy")], "PolicyDocument": facts[grantFact(index, "text")],
			},
		}})
	}
	then := "settled"
	if s.members() > 0 {
		then = membersStep
	}
	steps = append(steps, s.asked("live", then, askAgain, facts, runbook.Abort)...)
	steps = append(steps, s.swapMembers(restored, old)...)
	steps = append(steps, s.look("settled", s.id, runbook.Abort))
	steps = append(steps, s.asked("settled", "", askAgain, facts, runbook.Abort)...)
	steps = append(steps, runbook.Step{Name: "findReplaced", Do: s.describe(old), Attempts: 3, Next: "live"}, refuseOld(s.id+oldInfix))
	return runbook.Document{
		Description: "Gives a database that was restored from " + s.id + " its name and endpoint, and puts the one that has them behind a fence. It deletes nothing.",
		AssumeRole:  facts[factRole], Steps: steps, Outputs: []string{"live.Identifier", "live.Endpoint", "live.ARN", "live.ResourceID"},
		Parameters: []runbook.Parameter{{
			Name: restoredParameter, Required: true, Pattern: fmt.Sprintf(`^%s(%s|%s)[a-z0-9]{1,%d}$`, s.id, restoredInfix, oldInfix, room),
			Description: "The identifier of the restored database, or of a replaced one to take it back.",
		}, {
			Name: nameParameter, Default: "prior", Pattern: fmt.Sprintf(`^[a-z0-9]{1,%d}$`, room),
			Description: "What the replaced database is called after the live one's identifier and -old-. One that exists is refused, with nothing changed.",
		}},
	}
}

// lookBefore are the steps that change nothing: is the restored database there, and does it hold what it should? Without it, a cut-over that was
// begun goes on where the names have been changed already. What is there is listed, where nothing is no error: an error of AWS is none of its
// answers, and ends the execution.
func (s recoveryScope) lookBefore(restored, old string, facts recoveryFacts) []runbook.Step {
	input := map[string]string{
		"restored": restored, "live": s.id, "old": old,
		"operation": "describe_db_clusters", "filter": "db-cluster-id", "list": "DBClusters", "name": "DBClusterIdentifier", "resource": "DbClusterResourceId",
	}
	if s.topology == MultiAZInstance {
		input["operation"], input["filter"], input["list"] = "describe_db_instances", "db-instance-id", "DBInstances"
		input["name"], input["resource"] = "DBInstanceIdentifier", "DbiResourceId"
	}
	steps := []runbook.Step{{
		Name: "databases", Do: runbook.Script{Handler: "find", Python: findDatabases, Input: input}, Attempts: 3, Outputs: []runbook.Output{
			runbook.Text("Restored", "$.Payload.restored"), runbook.Text("Live", "$.Payload.live"), runbook.Text("Old", "$.Payload.old"),
		},
	}, {
		Name: "begun", Do: runbook.Branch{Choices: []runbook.Choice{{Variable: "{{ databases.Restored }}", Equals: none, Next: "findReplaced"}}, Default: "checkRestored"},
	}, {
		Name: "checkRestored", Do: runbook.Assert{Call: s.describe(restored), Selector: s.property("Status", "DBInstanceStatus"), Desired: []string{"available"}},
	}, s.look("candidate", restored, runbook.Abort)}
	steps = append(steps, s.asked("candidate", "fenced", nil, facts, runbook.Abort)...)
	return append(steps, runbook.Step{Name: "fenced", Do: runbook.Branch{Default: "refuseOld", Choices: []runbook.Choice{
		{Variable: "{{ databases.Live }}", Equals: none, Next: "renameRestored"}, {Variable: "{{ databases.Old }}", Equals: none, Next: "fence"},
	}}})
}

// none is what a script answers for something that is not there. No database of a program is called so.
const none = "none"

// findDatabases answers the resource ids of three databases, by which they are known whatever they are called.
const findDatabases = `import boto3

def find(events, context):
    found, names = {}, [events[each] for each in ("restored", "live", "old")]
    for page in boto3.client("rds").get_paginator(events["operation"]).paginate(Filters=[{"Name": events["filter"], "Values": names}]):
        found.update((each[events["name"]], each[events["resource"]]) for each in page[events["list"]])
    return {each: found.get(events[each], "none") for each in ("restored", "live", "old")}
`

// refuseOld ends what would fail after the live database was fenced.
func refuseOld(prefix string) runbook.Step {
	return runbook.Step{Name: "refuseOld", End: true, Do: runbook.Script{
		Handler: "refuse", Input: map[string]string{"name": prefix + "{{ " + nameParameter + " }}"},
		Python: "def refuse(events, context):\n    raise Exception(events[\"name\"] + \" exists already; give another Name\")\n",
	}}
}

// fence are the steps after which nobody is connected to the live database, and nobody can be. Security groups decide about new connections
// only: AWS lets those that are established go on
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html). They end when the server does, so
// every instance is restarted.
func (s recoveryScope) fence(old string, facts recoveryFacts) []runbook.Step {
	steps := []runbook.Step{{Name: "fence", Do: s.modify(s.id, runbook.Parameters{"VpcSecurityGroupIds": []any{facts[factFence]}})}, s.begins("fenceBegins")}
	steps = append(steps, s.awaitAvailable("waitFenced", s.id, runbook.Abort))
	if s.topology == Aurora {
		steps = append(steps, s.rebootMembers(), s.begins("rebootBegins"))
		for index := range s.members() {
			steps = append(steps, s.awaitMember(fmt.Sprintf("waitRebooted%d", index+1), member(s.id, index), runbook.Abort))
		}
	} else {
		kind := map[DatabaseTopology]string{MultiAZCluster: "DBCluster", MultiAZInstance: "DBInstance"}[s.topology]
		steps = append(steps, s.again(runbook.Step{Name: "reboot", Do: reboot(kind, s.id)}, s.awaitAvailable("rebootWait", s.id, runbook.Abort), "rebootBegins")...)
		steps = append(steps, s.begins("rebootBegins"), s.awaitAvailable("waitRebooted", s.id, runbook.Abort))
	}
	rename := runbook.Step{Name: "renameLive", Do: s.rename(s.id, old, nil)}
	steps = append(steps, s.again(rename, s.awaitAvailable("renameLiveWait", s.id, runbook.Abort), "waitLiveRenamed")...)
	return append(steps, s.awaitRenamed("waitLiveRenamed", "{{ databases.Live }}", old))
}

// beginSeconds is how long a step sleeps after a change that the database does not wait for. Until AWS begins with it the status reads available, and what
// comes next is refused because of it (https://github.com/hashicorp/terraform/issues/29976). AWS gives no figure.
const beginSeconds = 60

func (s recoveryScope) begins(step string) runbook.Step {
	return runbook.Step{Name: step, Do: runbook.Sleep{Seconds: beginSeconds}}
}

// again makes a change, and once more when AWS refused it because another is going on, after a sleep and a wait. The step called then comes after the one that
// succeeded.
func (s recoveryScope) again(step, wait runbook.Step, then string) []runbook.Step {
	pause, second := step.Name+"Pause", step
	step.Optional, step.OnFailure, step.Next = true, runbook.GoTo(pause), then
	second.Name, second.Attempts, second.Next = step.Name+"Again", 3, then
	return []runbook.Step{step, s.begins(pause), wait, second}
}

func reboot(kind, id string) runbook.Call {
	return runbook.Call{Service: "rds", API: "Reboot" + kind, Parameters: runbook.Parameters{kind + "Identifier": id}}
}

// swap are the steps that give the restored database the name. From then on services reach it.
func (s recoveryScope) swap(restored string, facts recoveryFacts) []runbook.Step {
	rename := runbook.Step{Name: "renameRestored", Do: s.rename(restored, s.id, runbook.Parameters{
		"VpcSecurityGroupIds": []any{facts[factGroup]}, "DeletionProtection": s.database.Protect,
	})}
	steps := s.again(rename, s.awaitAvailable("renameRestoredWait", restored, runbook.Abort), "waitRestoredRenamed")
	return append(steps, s.awaitRenamed("waitRestoredRenamed", "{{ databases.Restored }}", s.id), s.awaitAvailable("waitLive", s.id, runbook.Abort))
}

// rename changes the identifier, and with it the endpoint, of a cluster or an instance
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html).
func (s recoveryScope) rename(from, to string, changes runbook.Parameters) runbook.Call {
	all := runbook.Parameters{"NewDBClusterIdentifier": to}
	if s.topology == MultiAZInstance {
		all = runbook.Parameters{"NewDBInstanceIdentifier": to}
	}
	for name, value := range changes {
		all[name] = value
	}
	return s.modify(from, all)
}

// awaitRenamed asks by the resource id, which stays: a question about a name that is not there yet would be an error, and end the wait.
func (s recoveryScope) awaitRenamed(step, resource, name string) runbook.Step {
	wait := runbook.Await{
		Call:     runbook.Call{Service: "rds", API: "DescribeDBClusters", Parameters: filterBy("db-cluster-resource-id", resource)},
		Selector: "$.DBClusters[0].DBClusterIdentifier", Desired: []string{name},
	}
	if s.topology == MultiAZInstance {
		wait.Call = runbook.Call{Service: "rds", API: "DescribeDBInstances", Parameters: filterBy("dbi-resource-id", resource)}
		wait.Selector = "$.DBInstances[0].DBInstanceIdentifier"
	}
	return runbook.Step{Name: step, TimeoutSeconds: renameSeconds, Attempts: waitAttempts, Do: wait}
}

// renameSeconds is for how long a step waits for a new name, generously: AWS says about 10 minutes of an instance
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html) and about 2 of a Multi-AZ DB cluster
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-cluster-rename.html).
const renameSeconds = 60 * 60

func filterBy(name, value string) runbook.Parameters {
	return runbook.Parameters{"Filters": []any{map[string]any{"Name": name, "Values": []any{value}}}}
}
