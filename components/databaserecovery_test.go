package components_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	recoveryToken  = "aplomb:components:DatabaseRecovery"
	siteToken      = "aplomb:components:RecoverySite"
	documentToken  = "aws:ssm/document:Document"
	vpcToken       = "aws:ec2/vpc:Vpc"
	live           = "aplomb-test-tickets-db"
	runnerARN      = "arn:aws:lambda:eu-central-1:" + account + ":function:sql"
	siteRunnerARN  = "arn:aws:lambda:eu-west-1:" + account + ":function:sql"
	restoreName    = "tickets-recovery-restore"
	copyVault      = "tickets-copies"
	copyKey        = "arn:aws:kms:eu-west-1:" + account + ":key/00000000-0000-4000-8000-000000000001"
	testingPlanARN = "arn:aws:backup:eu-central-1:" + account + ":restore-testing-plan:monthly-0123"
	homeTopic      = "arn:aws:sns:eu-central-1:" + account + ":tickets"
	siteTopic      = "arn:aws:sns:eu-west-1:" + account + ":tickets"
)

func siteArgs() *components.RecoverySiteArgs {
	return &components.RecoverySiteArgs{
		AccountID: account, Region: "eu-west-1", Zones: []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}, CIDR: "10.30.0.0/16",
	}
}

// recovered is a program with a database that is granted to one service, and its recovery. Everything of it is protected.
func recovered(topology components.DatabaseTopology, change func(*components.DatabaseRecoveryArgs)) pulumi.RunFunc {
	return recoveredAt(topology, func(args *components.DatabaseRecoveryArgs, _ *components.RecoverySite) {
		if change != nil {
			change(args)
		}
	})
}

// recoveredAt is recovered with a site in eu-west-1.
func recoveredAt(topology components.DatabaseTopology, change func(*components.DatabaseRecoveryArgs, *components.RecoverySite)) pulumi.RunFunc {
	return inRegion(func(ctx *pulumi.Context, home pulumi.ResourceOption) error {
		recovery, err := aws.NewProvider(ctx, "eu-west-1", &aws.ProviderArgs{
			Region: pulumi.String("eu-west-1"), AllowedAccountIds: pulumi.ToStringArray([]string{account}),
		})
		if err != nil {
			return err
		}
		about := databaseArgs(topology)
		about.Protect, about.RecoveryProvider = true, recovery
		if err := giveRunner(ctx, about, home); err != nil {
			return err
		}
		database, err := components.NewMultiAZDatabase(ctx, "tickets-db", about, home)
		if err != nil {
			return err
		}
		consumer := serviceArgs()
		consumer.Environment = database.Connection("tickets")
		service, err := components.NewResilientService(ctx, "tickets", consumer, home)
		if err != nil {
			return err
		}
		if err := database.GrantConnect(service, "tickets", components.DatabaseReadWrite); err != nil {
			return err
		}
		args := &components.DatabaseRecoveryArgs{Database: database}
		if topology != components.Aurora {
			args.SQLRunnerARN = pulumi.String(runnerARN)
		}
		place := siteArgs()
		place.Provider = recovery
		site, err := components.NewRecoverySite(ctx, "recovery", place)
		if err != nil {
			return err
		}
		change(args, site)
		_, err = components.NewDatabaseRecovery(ctx, "tickets-recovery", args, home)
		return err
	})
}

// document is what a document says, and its role may.
type document struct{ text, policy, role string }

func documentOf(t *testing.T, recording *recorder.Recording, name string) document {
	t.Helper()
	found := document{
		text:   recording.One(t, documentToken, name).Text(t, "content"),
		policy: recording.One(t, rolePolicyToken, name).Text(t, "policy"),
		role:   recording.One(t, roleToken, name).Text(t, "assumeRolePolicy"),
	}
	parsed := struct {
		AssumeRole string `json:"assumeRole"`
	}{}
	require.NoError(t, json.Unmarshal([]byte(found.text), &parsed))
	require.Equal(t, "arn:aws:iam::"+account+":role/"+recording.One(t, rolePolicyToken, name).Text(t, "role"), parsed.AssumeRole, "a document acts in the name of its own role")
	return found
}

// homeAWS is AWS as it stands before a restore: the live database, available and asked every day.
func homeAWS(t *testing.T, topology components.DatabaseTopology, recording *recorder.Recording, policy string) *fakeAWS {
	t.Helper()
	fake := newFakeAWS(t, "eu-central-1", policy)
	fake.key = "arn:aws:kms:eu-central-1:" + account + ":key/" + recording.One(t, keyToken, "tickets-db").ID
	kind := "cluster"
	if topology == components.MultiAZInstance {
		kind = "db"
	}
	database := fake.add(kind, live, "")
	database.protected, database.http = true, true
	if topology == components.Aurora {
		for index := range 3 {
			fake.add("db", fmt.Sprintf("%s-%d", live, index+1), live)
		}
	}
	return fake
}

func (f *fakeAWS) database(topology components.DatabaseTopology, id string) *fakeDatabase {
	if topology == components.MultiAZInstance {
		return f.instances[id]
	}
	return f.clusters[id]
}

func TestARestoreMakesADatabaseBesideTheLiveOneAndAsksItBeforeItSaysDone(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		for _, when := range []string{"latest", "2026-03-01T02:00:00Z"} {
			t.Run(string(topology)+" "+when, func(t *testing.T) {
				recording := recorder.Run(t, recovered(topology, nil))
				document := documentOf(t, recording, restoreName)
				fake := homeAWS(t, topology, recording, document.policy)
				execution := fake.run(document.text, map[string]string{"RestoreTo": when})
				require.NoError(t, execution.Err)
				require.False(t, execution.Failed)

				restored := fake.database(topology, live+"-r-pitr")
				require.NotNil(t, restored)
				require.Equal(t, live, restored.source)
				require.True(t, restored.protected, "as the live one is")
				require.NotEmpty(t, restored.secret, "AWS keeps its password")
				require.Equal(t, []string{recording.One(t, securityGroupToken, "tickets-db-database").ID}, restored.groups)
				require.Equal(t, live, restored.tags["aplomb:restored-from"])
				require.Len(t, fake.events, 1, "it was asked once")
				require.Contains(t, fake.events[0], live+"-r-pitr")
				require.Equal(t, live+"-r-pitr", execution.Outputs["restored.Identifier"])
				require.Contains(t, execution.Outputs["restored.Endpoint"], live+"-r-pitr.")
				require.Equal(t, restored.resource, execution.Outputs["restored.ResourceID"])
				if topology == components.Aurora {
					require.Equal(t, []string{live + "-r-pitr-1", live + "-r-pitr-2", live + "-r-pitr-3"}, fake.members(live+"-r-pitr"))
					zones := map[string]int{}
					for index, id := range fake.members(live + "-r-pitr") {
						require.Equal(t, index, fake.instances[id].tier)
						zones[fake.instances[id].zone]++
					}
					require.Equal(t, map[string]int{"eu-central-1a": 1, "eu-central-1b": 1, "eu-central-1c": 1}, zones)
				}
				require.Equal(t, fake.database(topology, live).readyAt, 0, "nobody touched the live one")
			})
		}
	}
}

func TestARestoreThatDoesNotHoldWhatItShouldFailsAndLeavesNothingBehind(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		recording := recorder.Run(t, recovered(topology, nil))
		document := documentOf(t, recording, restoreName)
		fake := homeAWS(t, topology, recording, document.policy)
		fake.answer = func(string) bool { return false }
		execution := fake.run(document.text, nil)
		require.True(t, execution.Failed, topology)
		require.ErrorContains(t, execution.Err, "restoredAnswers", topology)
		fake.Pass(longWhile)
		require.Nil(t, fake.database(topology, live+"-r-pitr"), topology)
		require.Empty(t, fake.members(live+"-r-pitr"), topology)
		require.NotNil(t, fake.database(topology, live), topology)
	}
}

func TestAnyStepOfARestoreThatFailsLeavesNothingBehind(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		recording := recorder.Run(t, recovered(topology, nil))
		document := documentOf(t, recording, restoreName)
		good := homeAWS(t, topology, recording, document.policy)
		good.run(document.text, nil)
		operations := map[string]int{}
		for _, each := range good.calls {
			operations[each]++
		}
		require.GreaterOrEqual(t, len(operations), 3)
		for operation, count := range operations {
			for n := 1; n <= count; n++ {
				fake := homeAWS(t, topology, recording, document.policy)
				fake.broken[operation] = n
				execution := fake.run(document.text, nil)
				require.True(t, execution.Failed, "%s %s %d", topology, operation, n)
				fake.broken = map[string]int{}
				fake.Pass(longWhile)
				left := fake.database(topology, live+"-r-pitr")
				last := execution.Steps[len(execution.Steps)-1].Name
				if last == "protect" {
					require.NotNil(t, left, "what has answered is kept, whatever follows")
					continue
				}
				require.Nil(t, left, "%s %s %d ends with %s", topology, operation, n, last)
				require.Empty(t, fake.members(live+"-r-pitr"))
			}
		}
	}
}

func TestARestoreUnderANameThatIsTakenTouchesNothing(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		recording := recorder.Run(t, recovered(topology, nil))
		document := documentOf(t, recording, restoreName)
		fake := homeAWS(t, topology, recording, document.policy)
		kind := map[bool]string{true: "db", false: "cluster"}[topology == components.MultiAZInstance]
		earlier := fake.add(kind, live+"-r-pitr", "")
		execution := fake.run(document.text, nil)
		require.ErrorContains(t, execution.Err, "AlreadyExists", topology)
		require.Equal(t, []string{"chooseTime", "restoreLatest"}, execution.Names(), topology)
		require.Same(t, earlier, fake.database(topology, live+"-r-pitr"))
	}
}

func TestARestoreSaysWhatItTakesBeforeItBegins(t *testing.T) {
	recording := recorder.Run(t, recovered(components.Aurora, nil))
	document := documentOf(t, recording, restoreName)
	for _, each := range []map[string]string{
		{"RestoreTo": "yesterday"}, {"RestoreTo": "2026-03-01 02:00"}, {"Name": "Pitr"}, {"Name": "a-b"}, {"Name": ""}, {"Name": "abcdefghijklmnopqrstuvwxyz"}, {"Other": "x"},
	} {
		_, err := executeErr(t, document.text, each)
		require.Error(t, err, each)
	}
}

func TestTheRolesOfRestoresMayDoExactlyThis(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		document := documentOf(t, recorder.Run(t, recovered(topology, nil)), restoreName)
		golden.JSON(t, "testdata/recovery."+string(topology)+".restore.role.golden.json", document.policy)
		golden.JSON(t, "testdata/recovery."+string(topology)+".restore.document.golden.json", document.text)
		golden.JSON(t, "testdata/recovery.home.trust.golden.json", document.role)
	}
}

func TestTheRoleOfARestoreMayNot(t *testing.T) {
	document := documentOf(t, recorder.Run(t, recovered(components.Aurora, nil)), restoreName)
	policy, err := iameval.ParseIdentity(document.policy)
	require.NoError(t, err)
	arn := func(kind, id string) string { return "arn:aws:rds:eu-central-1:" + account + ":" + kind + ":" + id }
	tagged := iameval.Context{"aws:ResourceTag/aplomb:restored-from": {live}}
	secret := "arn:aws:secretsmanager:eu-central-1:" + account + ":secret:rds!cluster-1-Ab12Cd"
	for why, request := range map[string]iameval.Request{
		"delete the live database":                 {Action: "rds:DeleteDBCluster", Resource: arn("cluster", live), Context: tagged},
		"delete a member of the live database":     {Action: "rds:DeleteDBInstance", Resource: arn("db", live+"-1"), Context: tagged},
		"delete what was not restored":             {Action: "rds:DeleteDBCluster", Resource: arn("cluster", live+"-r-pitr"), Context: iameval.Context{}},
		"delete what was restored from another":    {Action: "rds:DeleteDBCluster", Resource: arn("cluster", live+"-r-pitr"), Context: tagged.With("aws:ResourceTag/aplomb:restored-from", "other")},
		"change the live database":                 {Action: "rds:ModifyDBCluster", Resource: arn("cluster", live)},
		"tag the live database":                    {Action: "rds:AddTagsToResource", Resource: arn("cluster", live)},
		"restore another database":                 {Action: "rds:RestoreDBClusterToPointInTime", Resource: arn("cluster", "aplomb-test-orders-db")},
		"restore over another database":            {Action: "rds:RestoreDBClusterToPointInTime", Resource: arn("cluster", "aplomb-test-orders-db-r-pitr")},
		"ask the live database":                    {Action: "rds-data:ExecuteStatement", Resource: arn("cluster", live)},
		"ask another Region's":                     {Action: "rds-data:ExecuteStatement", Resource: "arn:aws:rds:eu-west-1:" + account + ":cluster:" + live + "-r-pitr"},
		"read the live database's secret":          {Action: "secretsmanager:GetSecretValue", Resource: secret, Context: iameval.Context{"aws:ResourceTag/aws:rds:primaryDBClusterArn": {arn("cluster", live)}}},
		"read a secret that says nothing":          {Action: "secretsmanager:GetSecretValue", Resource: secret, Context: iameval.Context{}},
		"read a secret of somebody":                {Action: "secretsmanager:GetSecretValue", Resource: "arn:aws:secretsmanager:eu-central-1:" + account + ":secret:app-Ab12Cd", Context: iameval.Context{"aws:ResourceTag/aws:rds:primaryDBClusterArn": {arn("cluster", live+"-r-pitr")}}},
		"use the key by itself":                    {Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-central-1:" + account + ":key/1", Context: iameval.Context{}},
		"grant the key to somebody":                {Action: "kms:CreateGrant", Resource: "arn:aws:kms:eu-central-1:" + account + ":key/1", Context: iameval.Context{"kms:ViaService": {"rds.eu-central-1.amazonaws.com"}}},
		"pass a role, or write the policy of one":  {Action: "iam:PutRolePolicy", Resource: "arn:aws:iam::" + account + ":role/tickets"},
		"open the security group":                  {Action: "ec2:AuthorizeSecurityGroupIngress", Resource: "arn:aws:ec2:eu-central-1:" + account + ":security-group/sg-1"},
		"rename, reboot or stop the live database": {Action: "rds:RebootDBInstance", Resource: arn("db", live+"-1")},
	} {
		decision, err := policy.Evaluate(request)
		require.NoError(t, err, why)
		require.Equal(t, iameval.ImplicitDeny, decision, "it may %s", why)
	}
}

func TestTheMembersThatRDSMakesAreThoseOfARestoredCluster(t *testing.T) {
	document := documentOf(t, recorder.Run(t, recovered(components.MultiAZCluster, nil)), restoreName)
	policy, err := iameval.ParseIdentity(document.policy)
	require.NoError(t, err)
	for resource, want := range map[string]iameval.Decision{
		"db:" + live + "-r-pitr-instance-1": iameval.Allow, "db:" + live + "-instance-1": iameval.ImplicitDeny, "db:aplomb-test-orders-db-r-pitr-instance-1": iameval.ImplicitDeny,
	} {
		for _, action := range []string{"rds:CreateDBInstance", "rds:DeleteDBInstance"} {
			decision, err := policy.Evaluate(iameval.Request{Action: action, Resource: "arn:aws:rds:eu-central-1:" + account + ":" + resource})
			require.NoError(t, err)
			require.Equal(t, want, decision, "%s of %s", action, resource)
		}
	}
}

// TestARestoreNeedsEveryActionOfItsRole proves both that the role has nothing to spare and that a permission which lacks would show.
func TestARestoreNeedsEveryActionOfItsRole(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		recording := recorder.Run(t, recovered(topology, nil))
		document := documentOf(t, recording, restoreName)
		for _, each := range actionsOf(t, document.policy) {
			less := withoutAction(t, document.policy, each[0], each[1])
			good := homeAWS(t, topology, recording, less)
			bad := homeAWS(t, topology, recording, less)
			bad.answer = func(string) bool { return false }
			execution := good.run(document.text, nil)
			bad.run(document.text, nil)
			bad.Pass(longWhile)
			left := bad.database(topology, live+"-r-pitr") != nil
			require.True(t, execution.Failed || left, "%s: neither a restore nor its clean-up needs %s in %s", topology, each[1], each[0])
		}
	}
}

func recoveryFailure(topology components.DatabaseTopology, change func(*components.DatabaseRecoveryArgs)) string {
	_, err := recorder.RunErr(recovered(topology, change))
	return fmt.Sprint(err)
}

func TestEachFaultOfARecoveryIsNamedWithItsRemedy(t *testing.T) {
	site := func(change func(*components.RecoverySiteArgs)) *components.RecoverySite {
		args := siteArgs()
		if change != nil {
			change(args)
		}
		var made *components.RecoverySite
		recorder.Run(t, inRegion(func(ctx *pulumi.Context, _ pulumi.ResourceOption) error {
			provider, err := aws.NewProvider(ctx, "site", &aws.ProviderArgs{Region: pulumi.String(args.Region), AllowedAccountIds: pulumi.ToStringArray([]string{account})})
			if err != nil {
				return err
			}
			args.Provider = provider
			made, err = components.NewRecoverySite(ctx, "recovery", args)
			return err
		}))
		return made
	}
	for _, each := range []struct {
		topology components.DatabaseTopology
		want     string
		fault    func(*components.DatabaseRecoveryArgs)
	}{
		{components.Aurora, "database: missing", func(a *components.DatabaseRecoveryArgs) { a.Database = nil }},
		{components.MultiAZCluster, "sqlRunnerARN: missing, multi-az-cluster has no Data API", func(a *components.DatabaseRecoveryArgs) { a.SQLRunnerARN = nil }},
		{components.MultiAZInstance, "sqlRunnerARN: missing, multi-az-instance has no Data API", func(a *components.DatabaseRecoveryArgs) { a.SQLRunnerARN = nil }},
		{components.Aurora, "holds {{ or a semicolon", func(a *components.DatabaseRecoveryArgs) { a.Query = "SELECT true; DROP TABLE tickets" }},
		{components.Aurora, "holds {{ or a semicolon", func(a *components.DatabaseRecoveryArgs) { a.Query = "SELECT '{{ Name }}'" }},
		{components.Aurora, "site: missing, the copies are restored somewhere", func(a *components.DatabaseRecoveryArgs) { a.CopyVaultName = pulumi.String("v") }},
		{components.Aurora, "copyVaultARN: missing", func(a *components.DatabaseRecoveryArgs) { a.Site = site(nil) }},
		{components.MultiAZCluster, "can receive nothing of a Multi-AZ DB cluster", func(a *components.DatabaseRecoveryArgs) { a.Site = site(nil) }},
		{components.MultiAZInstance, "siteSQLRunnerARN: missing", func(a *components.DatabaseRecoveryArgs) { a.Site = site(nil) }},
		{components.MultiAZInstance, "is in eu-west-2, and the database's backups are in eu-west-1", func(a *components.DatabaseRecoveryArgs) {
			a.Site = site(func(s *components.RecoverySiteArgs) {
				s.Region, s.Zones = "eu-west-2", []string{"eu-west-2a", "eu-west-2b"}
			})
		}},
		{components.Aurora, "is in the Region of the database itself", func(a *components.DatabaseRecoveryArgs) {
			a.Site = site(func(s *components.RecoverySiteArgs) {
				s.Region, s.Zones = "eu-central-1", []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}
			})
		}},
		{components.Aurora, "are fewer zones than the 3 that aurora spans", func(a *components.DatabaseRecoveryArgs) {
			a.Site = site(func(s *components.RecoverySiteArgs) { s.Zones = s.Zones[:2] })
		}},
		{components.Aurora, "is set by the component", func(a *components.DatabaseRecoveryArgs) { a.Tags = map[string]string{"Name": "x"} }},
	} {
		require.Contains(t, recoveryFailure(each.topology, each.fault), each.want)
	}
}

func TestAGrantAfterTheRecoveryIsRefusedSinceItWouldBeForgotten(t *testing.T) {
	_, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, home pulumi.ResourceOption) error {
		database, err := components.NewMultiAZDatabase(ctx, "tickets-db", databaseArgs(components.Aurora), home)
		if err != nil {
			return err
		}
		service, err := components.NewResilientService(ctx, "tickets", serviceArgs(), home)
		if err != nil {
			return err
		}
		if _, err := components.NewDatabaseRecovery(ctx, "tickets-recovery", &components.DatabaseRecoveryArgs{Database: database}, home); err != nil {
			return err
		}
		return database.GrantConnect(service, "tickets", components.DatabaseReadWrite)
	}))
	require.ErrorContains(t, err, "comes after its recovery")
}

func TestARecoveryIsExactlyTheseResourcesInPreviewAndUpdate(t *testing.T) {
	for topology, want := range map[components.DatabaseTopology]map[string]int{
		components.Aurora: {
			documentToken: 5, roleToken: 7, rolePolicyToken: 7, securityGroupToken: 1, clusterParameterGroupToken: 1, eventRuleToken: 7, eventTargetToken: 7,
		},
		components.MultiAZInstance: {
			documentToken: 5, roleToken: 7, rolePolicyToken: 7, securityGroupToken: 1, parameterGroupToken: 1, eventRuleToken: 7, eventTargetToken: 7,
		},
		components.MultiAZCluster: {documentToken: 2, roleToken: 2, rolePolicyToken: 2, securityGroupToken: 1, eventRuleToken: 2, eventTargetToken: 2},
	} {
		program := recoveredAt(topology, func(args *components.DatabaseRecoveryArgs, site *components.RecoverySite) {
			args.TicketsTopicARN = pulumi.String(homeTopic)
			if topology == components.MultiAZCluster {
				return
			}
			args.Site, args.SiteTicketsTopicARN, args.RestoreTestingPlanARN = site, pulumi.String(siteTopic), pulumi.String(testingPlanARN)
			if topology == components.MultiAZInstance {
				args.SiteSQLRunnerARN = pulumi.String(siteRunnerARN)
				return
			}
			args.CopyVaultName, args.CopyKeyARN = pulumi.String(copyVault), pulumi.String(copyKey)
			args.CopyVaultARN = pulumi.String("arn:aws:backup:eu-west-1:" + account + ":backup-vault:" + copyVault)
		})
		for _, options := range [][]recorder.Option{nil, {recorder.Preview()}} {
			recording := recorder.Run(t, program, options...)
			got := map[string]int{}
			for _, child := range recording.ChildrenOf(recording.One(t, recoveryToken, "tickets-recovery").URN) {
				got[child.Type]++
				require.Regexp(t, `^tickets-recovery-`, child.Name)
			}
			require.Equal(t, want, got, topology)
			for _, document := range recording.OfType(documentToken) {
				if document.Name == "tickets-db-make-user" {
					continue // the database's own
				}
				require.Equal(t, "Automation", document.Text(t, "documentType"))
				require.Equal(t, "JSON", document.Text(t, "documentFormat"))
				require.Contains(t, document.DependsOn, recording.One(t, rolePolicyToken, document.Name).URN, "a document that could be started could also act")
			}
		}
	}
}

func TestTheDocumentsOfTheLargestAuroraAreTaken(t *testing.T) {
	recording := recorder.Run(t, inRegion(func(ctx *pulumi.Context, home pulumi.ResourceOption) error {
		about := databaseArgs(components.Aurora)
		about.Readers = 15
		database, err := components.NewMultiAZDatabase(ctx, "tickets-db", about, home)
		if err != nil {
			return err
		}
		_, err = components.NewDatabaseRecovery(ctx, "tickets-recovery", &components.DatabaseRecoveryArgs{Database: database}, home)
		return err
	}))
	for _, name := range []string{restoreName, cutOverName} {
		require.Less(t, len(recording.One(t, documentToken, name).Text(t, "content")), 64*1024, name)
	}
}

func TestAuroraOfAClassWithoutTheDataAPIIsAskedThroughTheFunction(t *testing.T) {
	program := func(change func(*components.DatabaseRecoveryArgs)) pulumi.RunFunc {
		return inRegion(func(ctx *pulumi.Context, home pulumi.ResourceOption) error {
			about := databaseArgs(components.Aurora)
			about.InstanceClass, about.Protect = "db.t4g.medium", true
			runner, err := components.NewSQLRunner(ctx, "sql", runnerArgs(), home)
			if err != nil {
				return err
			}
			about.Runner = runner
			database, err := components.NewMultiAZDatabase(ctx, "tickets-db", about, home)
			if err != nil {
				return err
			}
			args := &components.DatabaseRecoveryArgs{Database: database, SQLRunnerARN: pulumi.String(runnerARN)}
			change(args)
			_, err = components.NewDatabaseRecovery(ctx, "tickets-recovery", args, home)
			return err
		})
	}
	recording := recorder.Run(t, program(func(*components.DatabaseRecoveryArgs) {}))
	for _, name := range []string{restoreName, cutOverName} {
		document := documentOf(t, recording, name)
		require.NotContains(t, document.text+document.policy, "rds-data")
		require.NotContains(t, document.text+document.policy, "EnableHttpEndpoint")
		require.NotContains(t, document.policy, "GetSecretValue")
	}
	document := documentOf(t, recording, restoreName)
	fake := homeAWS(t, components.Aurora, recording, document.policy)
	execution := fake.run(document.text, nil)
	require.NoError(t, execution.Err)
	require.Len(t, fake.events, 1)
	require.Len(t, fake.members(live+"-r-pitr"), 3)
	for fault, change := range map[string]func(*components.DatabaseRecoveryArgs){
		"sqlRunnerARN: missing":   func(a *components.DatabaseRecoveryArgs) { a.SQLRunnerARN = nil },
		"where nobody can ask it": func(a *components.DatabaseRecoveryArgs) { a.RestoreTestingPlanARN = pulumi.String(testingPlanARN) },
	} {
		_, err := recorder.RunErr(program(change))
		require.ErrorContains(t, err, fault)
	}
}
