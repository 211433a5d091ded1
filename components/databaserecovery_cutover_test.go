package components_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/stretchr/testify/require"
)

const (
	cutOverName = "tickets-recovery-cut-over"
	grantName   = "tickets-db-as-tickets-for-tickets"
)

// swapping is AWS as it stands before a cut-over: the live database and one that was restored from it.
type swapping struct {
	*fakeAWS
	recording      *recorder.Recording
	document       document
	topology       components.DatabaseTopology
	live, restored *fakeDatabase
	fence, group   string
	policyBefore   string
}

func newSwapping(t *testing.T, topology components.DatabaseTopology, change func(policy string) string) *swapping {
	t.Helper()
	recording := recorder.Run(t, recovered(topology, nil))
	document := documentOf(t, recording, cutOverName)
	if change != nil {
		document.policy = change(document.policy)
	}
	s := &swapping{
		fakeAWS: homeAWS(t, topology, recording, document.policy), recording: recording, document: document, topology: topology,
		fence: recording.One(t, securityGroupToken, "tickets-recovery-fence").ID, group: recording.One(t, securityGroupToken, "tickets-db-database").ID,
		policyBefore: recording.One(t, rolePolicyToken, grantName).Text(t, "policy"),
	}
	kind := map[bool]string{true: "db", false: "cluster"}[topology == components.MultiAZInstance]
	s.live = s.database(topology, live)
	s.live.groups = []string{s.group}
	s.restored = s.add(kind, live+"-r-pitr", "")
	s.restored.protected, s.restored.http, s.restored.groups = true, true, []string{s.group}
	if topology == components.Aurora {
		for index := range 3 {
			s.add("db", fmt.Sprintf("%s-r-pitr-%d", live, index+1), s.restored.id)
		}
	}
	return s
}

func (s *swapping) cutOver(parameters map[string]string) (failed bool, names []string, err error) {
	if parameters == nil {
		parameters = map[string]string{"Restored": live + "-r-pitr"}
	}
	execution := s.run(s.document.text, parameters)
	s.Pass(longWhile)
	return execution.Failed, execution.Names(), execution.Err
}

// policy is that of the service's role, as it stands.
func (s *swapping) policy() string {
	return s.policies[s.recording.One(s.t, rolePolicyToken, grantName).Text(s.t, "role")+"/"+s.policyName()]
}

func (s *swapping) policyName() string {
	for key := range s.policies {
		_, name, _ := strings.Cut(key, "/")
		return name
	}
	return ""
}

func (s *swapping) requireSwapped(old string) {
	s.t.Helper()
	require.Same(s.t, s.restored, s.database(s.topology, live), "the restored one has the name")
	require.Same(s.t, s.live, s.database(s.topology, old))
	require.Equal(s.t, []string{s.group}, s.restored.groups)
	require.Equal(s.t, []string{s.fence}, s.live.groups)
	require.True(s.t, s.restored.protected && s.live.protected, "deletion protection stays")
	if s.topology == components.Aurora {
		require.Equal(s.t, []string{live + "-1", live + "-2", live + "-3"}, s.members(live))
		require.Equal(s.t, []string{old + "-1", old + "-2", old + "-3"}, s.members(old))
	}
	s.requireGranted(s.restored)
}

// requireGranted: the service may connect to this database as its user, and to nothing else.
func (s *swapping) requireGranted(to *fakeDatabase) {
	s.t.Helper()
	policy, err := iameval.ParseIdentity(s.policy())
	require.NoError(s.t, err)
	requests, err := policy.Requests()
	require.NoError(s.t, err)
	require.Len(s.t, requests, 1)
	require.Equal(s.t, "arn:aws:rds-db:eu-central-1:"+account+":dbuser:"+to.resource+"/tickets", requests[0].Resource)
}

func TestACutOverGivesTheNameToTheRestoredDatabaseAndTheGrantsWithIt(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		s := newSwapping(t, topology, nil)
		failed, names, err := s.cutOver(nil)
		require.NoError(t, err, topology)
		require.False(t, failed)
		s.requireSwapped(live + "-old-prior")
		require.Len(t, s.events, 3, "it is asked before anything is changed, under the live name, and at the end")
		require.Equal(t, "asked "+s.restored.resource+" as "+live+"-r-pitr", s.events[0])
		require.Equal(t, "asked "+s.restored.resource+" as "+live, s.events[2])
		require.NotContains(t, s.calls, "DeleteDBCluster")
		require.NotContains(t, s.calls, "DeleteDBInstance")

		fenced, renamed := slices.Index(names, "fence"), slices.Index(names, "renameLive")
		rebooted := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(name, "waitRebooted") })
		require.True(t, fenced < rebooted && rebooted < renamed, "who is connected is cut off before the name changes hands: %v", names)
		if topology == components.Aurora {
			for _, id := range s.members(live + "-old-prior") {
				require.Equal(t, 1, s.instances[id].reboots, "connections to %s were ended", id)
			}
		} else {
			require.Equal(t, 1, s.live.reboots)
		}
	}
}

func TestTheNextDeploymentAgreesWithWhatACutOverGranted(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		s := newSwapping(t, topology, nil)
		_, _, err := s.cutOver(nil)
		require.NoError(t, err)
		before, err := iameval.ParseIdentity(s.policyBefore)
		require.NoError(t, err)
		requests, err := before.Requests()
		require.NoError(t, err)
		_, rest, _ := strings.Cut(requests[0].Resource, ":dbuser:")
		resource, _, _ := strings.Cut(rest, "/")
		require.Equal(t, strings.ReplaceAll(s.policyBefore, resource, s.restored.resource), s.policy(), "letter for letter what the program writes for the new id")
	}
}

func TestACutOverIsTakenBackByAnother(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		s := newSwapping(t, topology, nil)
		_, _, err := s.cutOver(nil)
		require.NoError(t, err)
		_, _, err = s.cutOver(map[string]string{"Restored": live + "-old-prior", "Name": "undone"})
		require.NoError(t, err, topology)
		require.Same(t, s.live, s.database(topology, live))
		require.Same(t, s.restored, s.database(topology, live+"-old-undone"))
		require.Equal(t, []string{s.group}, s.live.groups)
		require.Equal(t, []string{s.fence}, s.restored.groups)
		s.requireGranted(s.live)
	}
}

func TestACutOverToADatabaseThatDoesNotHoldWhatItShouldChangesNothing(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		s := newSwapping(t, topology, nil)
		s.answer = func(string) bool { return false }
		_, _, err := s.cutOver(nil)
		require.ErrorContains(t, err, "candidateAnswers")
		s.requireUntouched()
	}
}

func (s *swapping) requireUntouched() {
	s.t.Helper()
	require.Same(s.t, s.live, s.database(s.topology, live))
	require.Equal(s.t, []string{s.group}, s.live.groups)
	require.Zero(s.t, s.live.readyAt)
	require.Empty(s.t, s.policies)
	for _, each := range []string{"ModifyDBCluster", "ModifyDBInstance", "RebootDBInstance", "RebootDBCluster", "PutRolePolicy"} {
		require.NotContains(s.t, s.calls, each)
	}
}

func TestACutOverIsRefusedBeforeTheFenceWhenItWouldFailBehindIt(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		s := newSwapping(t, topology, nil)
		s.add(map[bool]string{true: "db", false: "cluster"}[topology == components.MultiAZInstance], live+"-old-prior", "")
		_, _, err := s.cutOver(nil)
		require.ErrorContains(t, err, live+"-old-prior exists already; give another Name")
		s.requireUntouched()

		s = newSwapping(t, topology, nil)
		_, _, err = s.cutOver(map[string]string{"Restored": live + "-r-nobody"})
		require.ErrorContains(t, err, "findReplaced")
		s.requireUntouched()

		s = newSwapping(t, topology, nil)
		s.wait(s.restored, "backing-up", longWhile)
		_, _, err = s.cutOver(nil)
		require.ErrorContains(t, err, "checkRestored")
		s.requireUntouched()
	}
}

func TestOnlyWhatIsOfThisDatabaseCanBeCutOverTo(t *testing.T) {
	s := newSwapping(t, components.Aurora, nil)
	for _, restored := range []string{live, live + "-1", "aplomb-test-orders-db-r-pitr", live + "-r-pitr-1", live + "-r-", "x" + live + "-r-pitr", live + "-r-PITR"} {
		_, err := executeErr(t, s.document.text, map[string]string{"Restored": restored})
		require.ErrorContains(t, err, "does not match", restored)
	}
	_, err := executeErr(t, s.document.text, nil)
	require.ErrorContains(t, err, "parameter Restored is required")
}

func TestACutOverThatFailedAnywhereIsFinishedByStartingItAgain(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		good := newSwapping(t, topology, nil)
		_, _, err := good.cutOver(nil)
		require.NoError(t, err)
		operations := map[string]int{}
		for _, each := range good.calls {
			operations[each]++
		}
		for operation, count := range operations {
			for n := 1; n <= count; n++ {
				if n != 1 && n != count && (topology != components.Aurora || strings.HasPrefix(operation, "Describe") && n%6 != 0) {
					continue // each run starts Python a few times
				}
				s := newSwapping(t, topology, nil)
				s.broken[operation] = n
				_, _, _ = s.cutOver(nil)
				s.broken, s.calls = map[string]int{}, nil
				_, names, err := s.cutOver(nil)
				require.NoError(t, err, "%s: %s %d: %v", topology, operation, n, names)
				s.requireSwapped(live + "-old-prior")
			}
		}
	}
}

// TestAnErrorBeforeTheFenceChangesNothing: that AWS did not answer does not mean that something is not there.
func TestAnErrorBeforeTheFenceChangesNothing(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		good := newSwapping(t, topology, nil)
		_, _, err := good.cutOver(nil)
		require.NoError(t, err)
		operations := map[string]int{}
		for _, each := range good.calls[:slices.IndexFunc(good.calls, func(call string) bool { return strings.HasPrefix(call, "Modify") })] {
			operations[each]++
		}
		require.NotEmpty(t, operations)
		for operation, count := range operations {
			for n := 1; n <= count; n++ {
				s := newSwapping(t, topology, nil)
				s.broken[operation] = n
				failed, names, _ := s.cutOver(nil)
				require.True(t, failed, "%s: %s %d: %v", topology, operation, n, names)
				s.requireUntouched()
			}
		}
	}
}

// TestWhatAWSRefusesOnceBehindTheFenceIsDoneAgain: services are cut off by then.
func TestWhatAWSRefusesOnceBehindTheFenceIsDoneAgain(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		s := newSwapping(t, topology, nil)
		for _, each := range []string{"DescribeDBClusters", "DescribeDBInstances", "RebootDBInstance", "RebootDBCluster", "PutRolePolicy"} {
			s.refused[each] = 1
		}
		failed, names, err := s.cutOver(nil)
		require.NoError(t, err, "%s: %v", topology, names)
		require.False(t, failed)
		s.requireSwapped(live + "-old-prior")
	}
}

// TestAFenceIsWaitedForUntilAWSHasBegunWithIt: the status reads available before it has.
func TestAFenceIsWaitedForUntilAWSHasBegunWithIt(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		s := newSwapping(t, topology, nil)
		_, names, err := s.cutOver(nil)
		require.NoError(t, err)
		for _, name := range names {
			require.NotRegexp(t, "Again$", name, "%s: nothing is refused", topology)
		}
	}
}

func TestTheReadersAreRenamedBeforeTheWriterWhoeverItIs(t *testing.T) {
	for writer := 1; writer <= 3; writer++ {
		s := newSwapping(t, components.Aurora, nil)
		s.instances[fmt.Sprintf("%s-r-pitr-%d", live, writer)].writer = true
		_, _, err := s.cutOver(nil)
		require.NoError(t, err)
		s.requireSwapped(live + "-old-prior")
		require.Len(t, s.renames, 8, "two clusters, three members each")
		require.Equal(t, fmt.Sprintf("%s-r-pitr-%d %s-%d", live, writer, live, writer), s.renames[7])
		for _, each := range s.renames[2:5] {
			require.Contains(t, each, live+"-old-prior-", "the names are free before they are given")
		}
	}
}

func TestANameThatIsNotKnownForLongEndsTheCutOverWhichIsFinishedByStartingItAgain(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		s := newSwapping(t, topology, nil)
		s.dns = 3 * longWhile
		_, names, err := s.cutOver(nil)
		require.ErrorContains(t, err, "liveAnswers5", topology)
		require.NotContains(t, names, "settled")
		s.dns = 0
		s.Pass(2 * longWhile)
		_, _, err = s.cutOver(nil)
		require.NoError(t, err, topology)
		s.requireSwapped(live + "-old-prior")
	}
}

func TestALiveDatabaseThatIsGoneIsReplacedWithoutAFence(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		s := newSwapping(t, topology, nil)
		for _, id := range s.members(live) {
			delete(s.instances, id)
		}
		delete(s.clusters, live)
		if topology == components.MultiAZInstance {
			delete(s.instances, live)
		}
		_, names, err := s.cutOver(nil)
		require.NoError(t, err)
		require.NotContains(t, names, "fence")
		require.Same(t, s.restored, s.database(topology, live))
		s.requireGranted(s.restored)
	}
}

// TestACutOverNeedsEveryActionOfItsRole proves both that the role has nothing to spare and that a permission which lacks would show.
func TestACutOverNeedsEveryActionOfItsRole(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		for _, each := range actionsOf(t, newSwapping(t, topology, nil).document.policy) {
			s := newSwapping(t, topology, func(policy string) string { return withoutAction(t, policy, each[0], each[1]) })
			failed, _, _ := s.cutOver(nil)
			require.True(t, failed, "%s: no step needs %s in %s", topology, each[1], each[0])
		}
	}
}

func TestTheRolesOfCutOversMayDoExactlyThis(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		document := documentOf(t, recorder.Run(t, recovered(topology, nil)), cutOverName)
		golden.JSON(t, "testdata/recovery."+string(topology)+".cut-over.role.golden.json", document.policy)
		golden.JSON(t, "testdata/recovery."+string(topology)+".cut-over.document.golden.json", document.text)
		golden.JSON(t, "testdata/recovery.home.trust.golden.json", document.role)
	}
}

func TestTheRoleOfACutOverMayNot(t *testing.T) {
	recording := recorder.Run(t, recovered(components.Aurora, nil))
	document := documentOf(t, recording, cutOverName)
	policy, err := iameval.ParseIdentity(document.policy)
	require.NoError(t, err)
	rds := func(kind, id string) string { return "arn:aws:rds:eu-central-1:" + account + ":" + kind + ":" + id }
	role := "arn:aws:iam::" + account + ":role/" + recording.One(t, rolePolicyToken, grantName).Text(t, "role")
	decide := func(action, resource string) iameval.Decision {
		decision, err := policy.Evaluate(iameval.Request{Action: action, Resource: resource})
		require.NoError(t, err)
		return decision
	}
	require.Equal(t, iameval.Allow, decide("iam:PutRolePolicy", role), "the role of the service that is granted the database")
	for _, each := range [][2]string{
		{"rds:DeleteDBCluster", rds("cluster", live)}, {"rds:DeleteDBCluster", rds("cluster", live+"-old-prior")}, {"rds:DeleteDBInstance", rds("db", live+"-old-prior-1")},
		{"rds:ModifyDBCluster", rds("cluster", "aplomb-test-orders-db")}, {"rds:ModifyDBInstance", rds("db", "aplomb-test-orders-db-1")},
		{"rds:ModifyDBInstance", rds("db", live)}, {"rds:ModifyDBInstance", rds("db", live+"-4")}, {"rds:RebootDBInstance", rds("db", live+"-r-pitr-1")},
		{"iam:PutRolePolicy", strings.Replace(role, "role/", "role/x", 1)}, {"iam:PutRolePolicy", role + "x"}, {"iam:AttachRolePolicy", role},
		{"iam:UpdateAssumeRolePolicy", role}, {"iam:DeleteRolePolicy", role}, {"iam:PassRole", role}, {"iam:CreateRole", role},
		{"rds-data:ExecuteStatement", rds("cluster", "aplomb-test-orders-db")}, {"ec2:AuthorizeSecurityGroupIngress", "*"},
	} {
		require.Equal(t, iameval.ImplicitDeny, decide(each[0], each[1]), each)
	}
}

func TestTheFenceAdmitsNobody(t *testing.T) {
	recording := recorder.Run(t, recovered(components.Aurora, nil))
	fence := recording.One(t, securityGroupToken, "tickets-recovery-fence")
	require.False(t, fence.Has("ingress"))
	require.False(t, fence.Has("egress"))
	for _, token := range []string{ingressToken, egressToken} {
		for _, rule := range recording.OfType(token) {
			require.NotEqual(t, fence.ID, rule.Text(t, "securityGroupId"))
		}
	}
}
