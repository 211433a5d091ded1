package components

import (
	"strconv"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/runbook"
)

const (
	// membersStep gives the members of Aurora their names.
	membersStep = "members"
	// workSeconds is for how long a script works before it gives up and is tried again, less than the 600 s that AWS lets one run
	// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html).
	workSeconds = 480
	// renameAttempts gives the three renames that come one after the other more than an hour, where AWS says about 10 minutes each
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html).
	renameAttempts = 9
)

// rebootMembers restarts every member of the live Aurora cluster, and one that AWS refuses, because something is still being done to it, until it
// does not.
func (s recoveryScope) rebootMembers() runbook.Step {
	var names []string
	for index := range s.members() {
		names = append(names, member(s.id, index))
	}
	return runbook.Step{Name: "reboot", Attempts: 2, TimeoutSeconds: 600, Do: runbook.Script{Handler: "reboot", Python: rebootAll, Input: map[string]string{
		"names": strings.Join(names, " "), "seconds": strconv.Itoa(workSeconds),
	}}}
}

// swapMembers gives the members of Aurora the names that the program knows them by. The replaced database's go first, all at once: nobody is
// connected to them. Then the readers, all at once, and the writer when they are back, since AWS restarts a member to rename it: services see
// a failover once more. What is still to be done it sees from the names alone, so that it can be tried again wherever it ended.
func (s recoveryScope) swapMembers(restored, old string) []runbook.Step {
	if s.members() == 0 {
		return nil
	}
	return []runbook.Step{{Name: membersStep, Attempts: renameAttempts, TimeoutSeconds: 600, Do: runbook.Script{
		Handler: "swap", Python: renameMembers, Input: map[string]string{
			"live": s.id, "old": old, "restored": restored, "count": strconv.Itoa(s.members()), "seconds": strconv.Itoa(workSeconds),
		},
	}}}
}

// untilTaken is what both scripts do with a change: AWS refuses it while another is going on, and too many at once, which is no failure
// yet. Every other error is one.
const untilTaken = `import boto3, time

def taken(change, **parameters):
    try:
        change(**parameters)
        return True
    except Exception as problem:
        if "InvalidDB" in str(problem) or "Throttl" in str(problem):
            return False
        raise

`

const rebootAll = untilTaken + `def reboot(events, context):
    rds, names, waited = boto3.client("rds"), events["names"].split(), 0
    while True:
        names = [each for each in names if not taken(rds.reboot_db_instance, DBInstanceIdentifier=each)]
        if not names:
            return {"rebooted": events["names"]}
        if waited >= int(events["seconds"]):
            raise Exception("AWS does not restart " + " ".join(names))
        time.sleep(30)
        waited += 30
`

// renameMembers lists the members of both clusters and does the first of the three renames that is not done. A member under the live name whose cluster
// has not that name is the replaced database's. A list that is empty is no error.
const renameMembers = untilTaken + `def todo(rds, live, old, restored, count):
    members, writers = {}, set()
    for page in rds.get_paginator("describe_db_instances").paginate(Filters=[{"Name": "db-cluster-id", "Values": [live, old]}]):
        members.update((each["DBInstanceIdentifier"], each) for each in page["DBInstances"])
    for page in rds.get_paginator("describe_db_clusters").paginate(Filters=[{"Name": "db-cluster-id", "Values": [live]}]):
        for cluster in page["DBClusters"]:
            writers.update(each["DBInstanceIdentifier"] for each in cluster["DBClusterMembers"] if each["IsClusterWriter"])
    numbers = ["-" + str(n) for n in range(1, count + 1)]
    olds = [(live + n, old + n) for n in numbers if live + n in members and members[live + n]["DBClusterIdentifier"] == old]
    news = [(restored + n, live + n) for n in numbers if restored + n in members and members[restored + n]["DBClusterIdentifier"] == live]
    busy = [name for name, each in members.items() if each["DBClusterIdentifier"] == live and each["DBInstanceStatus"] != "available"]
    readers = [each for each in news if each[0] not in writers]
    if len(readers) == count > 1:
        readers.pop(0)
    return olds or readers or ([] if busy else news), busy

def swap(events, context):
    rds, waited = boto3.client("rds"), 0
    while True:
        renames, busy = todo(rds, events["live"], events["old"], events["restored"], int(events["count"]))
        if not renames and not busy:
            return {"members": events["live"]}
        if waited >= int(events["seconds"]):
            raise Exception("not renamed yet: " + str(renames) + ", not available yet: " + str(busy))
        for name, to in renames:
            taken(rds.modify_db_instance, DBInstanceIdentifier=name, NewDBInstanceIdentifier=to, ApplyImmediately=True)
        time.sleep(30)
        waited += 30
`
