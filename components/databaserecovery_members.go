package components

import (
	"strconv"

	"github.com/aplomb-iac/aplomb/internal/runbook"
)

// A rename that a cut-over still has to make, as outputs of the step that finds them. There are as many as there may be; those that are left over
// repeat the first, and have none where the name would be.
type memberRename struct{ step, from string }

// membersStep finds the renames that are still to be made.
const membersStep = "members"

func renameSlot(kind string, n int) memberRename {
	slot := kind + strconv.Itoa(n)
	return memberRename{step: slot, from: "{{ " + membersStep + "." + slot + " }}"}
}

func (m memberRename) to() string       { return "{{ " + membersStep + "." + m.step + "To }}" }
func (m memberRename) resource() string { return "{{ " + membersStep + "." + m.step + "Of }}" }

func (m memberRename) outputs() []runbook.Output {
	return []runbook.Output{
		runbook.Text(m.step, "$.Payload."+m.step), runbook.Text(m.step+"To", "$.Payload."+m.step+"To"), runbook.Text(m.step+"Of", "$.Payload."+m.step+"Of"),
	}
}

func renameSlots(kind string, count int) []memberRename {
	var all []memberRename
	for index := range count {
		all = append(all, renameSlot(kind, index+1))
	}
	return all
}

// swapMembers are the steps that give the members of Aurora the names that the program knows them by. The replaced database's go first, all at
// once: nobody is connected to them. Then the readers, all at once, and the writer when they are back, since AWS restarts a member to rename
// it: services see a failover once more. then is the step after them.
func (s recoveryScope) swapMembers(restored, old, then string) []runbook.Step {
	if s.members() == 0 {
		return nil
	}
	olds, readers, writers := renameSlots("old", s.members()), renameSlots("reader", s.members()-1), renameSlots("writer", 1)
	find := runbook.Step{Name: membersStep, Attempts: 3, Do: runbook.Script{Handler: "find", Python: findMembers, Input: map[string]string{
		"live": s.id, "old": old, "restored": restored, "count": strconv.Itoa(s.members()),
	}}}
	for _, each := range append(append(append([]memberRename{}, olds...), readers...), writers...) {
		find.Outputs = append(find.Outputs, each.outputs()...)
	}
	afterOld := writers[0].step
	if len(readers) > 0 {
		afterOld = readers[0].step
	}
	steps := append([]runbook.Step{find}, s.renameAll(olds, afterOld, false)...)
	steps = append(steps, s.renameAll(readers, writers[0].step, true)...)
	return append(steps, s.renameAll(writers, then, true)...)
}

// renameAll renames members and waits until all have their names, and can be used where that matters. Where there is none to rename it
// goes on with the step called then.
func (s recoveryScope) renameAll(renames []memberRename, then string, used bool) []runbook.Step {
	var steps, waits []runbook.Step
	for index, each := range renames {
		skip := then
		if index > 0 {
			skip = renames[0].step + "Wait"
		}
		steps = append(steps, runbook.Step{Name: each.step, Do: runbook.Branch{
			Choices: []runbook.Choice{{Variable: each.from, Equals: none, Next: skip}}, Default: each.step + "Rename",
		}}, runbook.Step{Name: each.step + "Rename", Do: renameMember(each.from, each.to()), Attempts: 3})
		waits = append(waits, s.awaitMemberRenamed(each.step+"Wait", each.resource(), each.to()))
	}
	for _, each := range renames {
		if used {
			waits = append(waits, runbook.Step{Name: each.step + "Use", TimeoutSeconds: s.patience, Do: runbook.Await{
				Call:     runbook.Call{Service: "rds", API: "DescribeDBInstances", Parameters: filterBy("dbi-resource-id", each.resource())},
				Selector: "$.DBInstances[0].DBInstanceStatus", Desired: []string{"available"},
			}})
		}
	}
	return append(steps, waits...)
}

func renameMember(from, to string) runbook.Call {
	return runbook.Call{Service: "rds", API: "ModifyDBInstance", Parameters: runbook.Parameters{
		"DBInstanceIdentifier": from, "NewDBInstanceIdentifier": to, "ApplyImmediately": true,
	}}
}

// findMembers lists the members of both clusters and says who is still to be renamed. A member under the live name whose cluster has not
// that name is the replaced database's. A list that is empty is no error, so that an error is one.
const findMembers = `import boto3

def find(events, context):
    rds, live, old, count = boto3.client("rds"), events["live"], events["old"], int(events["count"])
    members, writers = {}, set()
    for page in rds.get_paginator("describe_db_instances").paginate(Filters=[{"Name": "db-cluster-id", "Values": [live, old]}]):
        members.update((each["DBInstanceIdentifier"], each) for each in page["DBInstances"])
    for page in rds.get_paginator("describe_db_clusters").paginate(Filters=[{"Name": "db-cluster-id", "Values": [live]}]):
        for cluster in page["DBClusters"]:
            writers.update(each["DBInstanceIdentifier"] for each in cluster["DBClusterMembers"] if each["IsClusterWriter"])
    found = {"old": [], "reader": [], "writer": []}
    for n in range(1, count + 1):
        number = "-" + str(n)
        for kind, was, to, cluster in (("old", live, old, old), ("new", events["restored"], live, live)):
            each = members.get(was + number)
            if each and each["DBClusterIdentifier"] == cluster:
                if kind == "new":
                    kind = "writer" if was + number in writers else "reader"
                found[kind].append((was + number, to + number, each["DbiResourceId"]))
    if len(found["reader"]) == count:
        found["writer"].append(found["reader"].pop())
    answer = {}
    for kind, slots in (("old", count), ("reader", count - 1), ("writer", 1)):
        first = (found[kind] or [("none", "none", "none")])[0]
        for n in range(slots):
            name, to, resource = found[kind][n] if n < len(found[kind]) else ("none", first[1], first[2])
            slot = kind + str(n + 1)
            answer[slot], answer[slot + "To"], answer[slot + "Of"] = name, to, resource
    return answer
`
