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
	steps = append(steps, s.swap(restored, old, facts)...)
	look := s.verify("live", s.id, facts[factRunner], runbook.Abort)
	steps = append(steps, look[0])
	for index := range grants {
		steps = append(steps, runbook.Step{Name: fmt.Sprintf("grant%d", index+1), Attempts: 3, Do: runbook.Call{
			Service: "iam", API: "PutRolePolicy", Parameters: runbook.Parameters{
				"RoleName": facts[grantFact(index, "role")], "PolicyName": facts[grantFact(index, "policy")], "PolicyDocument": facts[grantFact(index, "text")],
			},
		}})
	}
	steps = append(steps, look[1:]...)
	steps = append(steps, s.swapMembers(restored, old)...)
	steps = append(steps, s.verify("settled", s.id, facts[factRunner], runbook.Abort)...)
	steps[len(steps)-1].End = true
	steps = append(steps, runbook.Step{Name: "findReplaced", Do: s.describe(old), Next: "live"}, refuseOld(s.id+oldInfix))
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
// begun goes on where the names have been changed already.
func (s recoveryScope) lookBefore(restored, old string, facts recoveryFacts) []runbook.Step {
	resource := []runbook.Output{runbook.Text("ResourceID", s.property("DbClusterResourceId", "DbiResourceId"))}
	steps := []runbook.Step{
		{Name: "findRestored", Do: s.describe(restored), Outputs: resource, Optional: true, OnFailure: runbook.GoTo("findReplaced")},
		{Name: "checkRestored", Do: runbook.Assert{Call: s.describe(restored), Selector: s.property("Status", "DBInstanceStatus"), Desired: []string{"available"}}},
	}
	steps = append(steps, s.verify("candidate", restored, facts[factRunner], runbook.Abort)...)
	return append(steps,
		runbook.Step{Name: "findLive", Do: s.describe(s.id), Outputs: resource, Optional: true, OnFailure: runbook.GoTo("renameRestored")},
		runbook.Step{Name: "findOld", Do: s.describe(old), Optional: true, OnFailure: runbook.GoTo("fence"), Next: "refuseOld"},
	)
}

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
	steps := []runbook.Step{
		{Name: "fence", Do: s.modify(s.id, runbook.Parameters{"VpcSecurityGroupIds": []any{facts[factFence]}})},
		s.awaitAvailable("waitFenced", s.id, runbook.Abort),
	}
	switch s.topology {
	case Aurora:
		for index := range s.members() {
			steps = append(steps, runbook.Step{Name: fmt.Sprintf("reboot%d", index+1), Do: reboot("DBInstance", member(s.id, index))})
		}
		for index := range s.members() {
			steps = append(steps, s.awaitMember(fmt.Sprintf("waitRebooted%d", index+1), member(s.id, index), runbook.Abort))
		}
	case MultiAZCluster:
		steps = append(steps, runbook.Step{Name: "reboot", Do: reboot("DBCluster", s.id)}, s.awaitAvailable("waitRebooted", s.id, runbook.Abort))
	case MultiAZInstance:
		steps = append(steps, runbook.Step{Name: "reboot", Do: reboot("DBInstance", s.id)}, s.awaitAvailable("waitRebooted", s.id, runbook.Abort))
	}
	return append(steps,
		runbook.Step{Name: "renameLive", Do: s.rename(s.id, old, nil)},
		s.awaitRenamed("waitLiveRenamed", "{{ findLive.ResourceID }}", old),
	)
}

func reboot(kind, id string) runbook.Call {
	return runbook.Call{Service: "rds", API: "Reboot" + kind, Parameters: runbook.Parameters{kind + "Identifier": id}}
}

// swap are the steps that give the restored database the name. From then on services reach it.
func (s recoveryScope) swap(restored, _ string, facts recoveryFacts) []runbook.Step {
	return []runbook.Step{
		{Name: "renameRestored", Do: s.rename(restored, s.id, runbook.Parameters{
			"VpcSecurityGroupIds": []any{facts[factGroup]}, "DeletionProtection": s.database.Protect,
		})},
		s.awaitRenamed("waitRestoredRenamed", "{{ findRestored.ResourceID }}", s.id),
		s.awaitAvailable("waitLive", s.id, runbook.Abort),
	}
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
	if s.topology == MultiAZInstance {
		return s.awaitMemberRenamed(step, resource, name)
	}
	return runbook.Step{Name: step, TimeoutSeconds: renameSeconds, Do: runbook.Await{
		Call:     runbook.Call{Service: "rds", API: "DescribeDBClusters", Parameters: filterBy("db-cluster-resource-id", resource)},
		Selector: "$.DBClusters[0].DBClusterIdentifier", Desired: []string{name},
	}}
}

func (s recoveryScope) awaitMemberRenamed(step, resource, name string) runbook.Step {
	return runbook.Step{Name: step, TimeoutSeconds: renameSeconds, Do: runbook.Await{
		Call:     runbook.Call{Service: "rds", API: "DescribeDBInstances", Parameters: filterBy("dbi-resource-id", resource)},
		Selector: "$.DBInstances[0].DBInstanceIdentifier", Desired: []string{name},
	}}
}

// renameSeconds is for how long a step waits for a new name. AWS gives no figure.
const renameSeconds = 60 * 60

func filterBy(name, value string) runbook.Parameters {
	return runbook.Parameters{"Filters": []any{map[string]any{"Name": name, "Values": []any{value}}}}
}

// swapMembers are the steps that give the members of Aurora the names that the program knows them by, the replaced database's first. AWS
// restarts a member to rename it, so services see a failover once more. A member under the live name whose cluster has not that name is the replaced
// database's.
func (s recoveryScope) swapMembers(restored, old string) []runbook.Step {
	var steps []runbook.Step
	cluster := runbook.Text("Cluster", "$.DBInstances[0].DBClusterIdentifier")
	resource := runbook.Text("ResourceID", "$.DBInstances[0].DbiResourceId")
	for index := range s.members() {
		n := index + 1
		next := fmt.Sprintf("findOldMember%d", n+1)
		if n == s.members() {
			next = "findNewMember1"
		}
		find, rename, wait := fmt.Sprintf("findOldMember%d", n), fmt.Sprintf("renameOldMember%d", n), fmt.Sprintf("waitOldMember%d", n)
		steps = append(steps,
			runbook.Step{Name: find, Do: s.describeMember(member(s.id, index)), Outputs: []runbook.Output{cluster, resource}, Optional: true, OnFailure: runbook.GoTo(next)},
			runbook.Step{Name: fmt.Sprintf("whoseMember%d", n), Do: runbook.Branch{
				Choices: []runbook.Choice{{Variable: "{{ " + find + ".Cluster }}", Equals: s.id, Next: next}}, Default: rename,
			}},
			runbook.Step{Name: rename, Do: renameMember(member(s.id, index), member(old, index))},
			s.awaitMemberRenamed(wait, "{{ "+find+".ResourceID }}", member(old, index)),
		)
	}
	for index := range s.members() {
		n := index + 1
		next := fmt.Sprintf("findNewMember%d", n+1)
		if n == s.members() {
			next = "settled"
		}
		find, rename, wait := fmt.Sprintf("findNewMember%d", n), fmt.Sprintf("renameNewMember%d", n), fmt.Sprintf("waitNewMember%d", n)
		steps = append(steps,
			runbook.Step{Name: find, Do: s.describeMember(member(restored, index)), Outputs: []runbook.Output{resource}, Optional: true, OnFailure: runbook.GoTo(next)},
			runbook.Step{Name: rename, Do: renameMember(member(restored, index), member(s.id, index))},
			s.awaitMemberRenamed(wait, "{{ "+find+".ResourceID }}", member(s.id, index)),
			s.awaitMember(fmt.Sprintf("waitMember%d", n), member(s.id, index), runbook.Abort),
		)
	}
	return steps
}

func renameMember(from, to string) runbook.Call {
	return runbook.Call{Service: "rds", API: "ModifyDBInstance", Parameters: runbook.Parameters{
		"DBInstanceIdentifier": from, "NewDBInstanceIdentifier": to, "ApplyImmediately": true,
	}}
}
