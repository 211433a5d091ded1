// Layer recorder: how the users of a database are made, and what the role that makes them may do.
package components_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/automation"
	"github.com/aplomb-iac/aplomb/internal/dbusers"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	associationToken = "aws:ssm/association:Association"
)

func TestAUserIsMadeAtOnceWhenAnythingAboutItChangesAndEveryDay(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		recording := recorder.Run(t, withDatabase(databaseArgs(topology), grantTickets))
		require.Len(t, recording.OfType(associationToken), 1, topology)
		association := recording.One(t, associationToken, "tickets-db-user_tickets")
		document, role := recording.One(t, documentToken, "tickets-db-make-user"), recording.One(t, roleToken, "tickets-db-make-user")
		require.Equal(t, map[string]any{
			"name": document.ID, "documentVersion": "1", "associationName": "tickets-db-user_tickets",
			"automationTargetParameterName": "User", "targets": []any{map[string]any{"key": "ParameterValues", "values": []any{"tickets"}}},
			"parameters":     map[string]any{"AutomationAssumeRole": association.Text(t, "parameters.AutomationAssumeRole"), "Rights": "read-write"},
			"maxConcurrency": "1", "maxErrors": "0", "scheduleExpression": "rate(1 day)", "waitForSuccessTimeoutSeconds": 600.0,
			"tags": map[string]any{"Name": "tickets-db-user_tickets"},
		}, association.Plain(), topology)
		require.Equal(t, []string{role.URN}, within(association.PropertyDependencies["parameters"], roleToken), topology)
		require.Equal(t, []string{document.URN}, within(association.PropertyDependencies["documentVersion"], documentToken), "a runbook that changed runs at once")
		require.Equal(t, []string{"documentVersion", "parameters", "targets"}, association.ReplaceOnChanges, "the provider waits for what it makes, not for what it changes")
	}
}

func TestAUserIsMadeOnlyWhenEverythingThatItTakesStands(t *testing.T) {
	recording := recorder.Run(t, withDatabase(databaseArgs(components.Aurora), grantTickets))
	association := recording.One(t, associationToken, "tickets-db-user_tickets")
	want := []string{recording.One(t, clusterToken, "tickets-db").URN, recording.One(t, rolePolicyToken, "tickets-db-make-user").URN}
	for _, member := range recording.OfType(memberToken) {
		want = append(want, member.URN)
	}
	require.Subset(t, association.DependsOn, want)

	recording = recorder.Run(t, withDatabase(databaseArgs(components.MultiAZInstance), grantTickets))
	require.Subset(t, recording.One(t, associationToken, "tickets-db-user_tickets").DependsOn, []string{
		recording.One(t, dbInstanceToken, "tickets-db").URN, recording.One(t, rolePolicyToken, "tickets-db-make-user").URN,
		recording.One(t, functionToken, "sql").URN, recording.One(t, rolePolicyToken, "tickets-db-for-runner-sql").URN,
		recording.One(t, ingressToken, "tickets-db-database-from-runner-sql").URN, recording.One(t, egressToken, "sql-runner-to-database-tickets-db").URN,
	})
}

func TestOneUserOfTwoServicesIsMadeOnce(t *testing.T) {
	recording := recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		database, err := components.NewMultiAZDatabase(ctx, "tickets-db", databaseArgs(components.Aurora), provider)
		if err != nil {
			return err
		}
		for _, name := range []string{"tickets", "reports"} {
			service, err := components.NewResilientService(ctx, name, serviceArgs(), provider)
			if err != nil {
				return err
			}
			if err := database.GrantConnect(service, "app_user", components.DatabaseRead); err != nil {
				return err
			}
		}
		return nil
	}))
	require.Len(t, recording.OfType(associationToken), 1)
	require.Equal(t, "read", recording.One(t, associationToken, "tickets-db-user_app_user").Text(t, "parameters.Rights"))
	recording.One(t, rolePolicyToken, "tickets-db-as-app-user-for-tickets")
	recording.One(t, rolePolicyToken, "tickets-db-as-app-user-for-reports")
}

func TestEveryRunOfTheRunbookThatFailsIsATicket(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		args := databaseArgs(topology)
		args.Tickets = pulumi.String(homeTopic)
		recording := recorder.Run(t, withDatabase(args, grantTickets))
		document := recording.One(t, documentToken, "tickets-db-make-user")
		require.Len(t, recording.OfType(eventRuleToken), 1, topology)
		rule, target := recording.One(t, eventRuleToken, "tickets-db-make-user-failed"), recording.One(t, eventTargetToken, "tickets-db-make-user-failed")
		require.JSONEq(t, `{"source":["aws.ssm"],"detail-type":["EC2 Automation Execution Status-change Notification"],
			"detail":{"Status":["Failed","TimedOut","Cancelled"],"Definition":["`+document.ID+`"]}}`, rule.Text(t, "eventPattern"))
		require.Equal(t, homeTopic, target.Text(t, "arn"))
		require.Equal(t, map[string]any{"document": "$.detail.Definition", "status": "$.detail.Status", "execution": "$.detail.ExecutionId"},
			target.Map(t, "inputTransformer.inputPaths"))
		require.Empty(t, recorder.Run(t, withDatabase(databaseArgs(topology), grantTickets)).OfType(eventRuleToken), "nobody would be told")
	}
}

func TestTheDataAPIIsThereWhereUsersAreMadeByIt(t *testing.T) {
	require.True(t, recordDatabase(t, databaseArgs(components.Aurora)).One(t, clusterToken, "tickets-db").Bool(t, "enableHttpEndpoint"))
	require.False(t, recordDatabase(t, databaseArgs(components.MultiAZCluster)).One(t, clusterToken, "tickets-db").Has("enableHttpEndpoint"))
}

func TestTheRunbookAsksForExactlyThis(t *testing.T) {
	for topology, file := range map[components.DatabaseTopology]string{components.Aurora: "aurora", components.MultiAZInstance: "instance"} {
		document := recordDatabase(t, databaseArgs(topology)).One(t, documentToken, "tickets-db-make-user")
		require.Equal(t, "Automation", document.Text(t, "documentType"))
		require.Equal(t, "JSON", document.Text(t, "documentFormat"))
		golden.JSON(t, "testdata/make-user."+file+".runbook.golden.json", document.Text(t, "content"))
		var read struct {
			Parameters map[string]struct{ AllowedPattern string }
		}
		require.NoError(t, json.Unmarshal([]byte(document.Text(t, "content")), &read))
		require.Equal(t, "^(read|read-write|owner)$", read.Parameters["Rights"].AllowedPattern)
		user := regexp.MustCompile(read.Parameters["User"].AllowedPattern)
		require.True(t, user.MatchString("tickets"))
		for _, hostile := range []string{"a'; DROP TABLE x; --", `a","rights":"owner`, "a$aplomb$", "{{ global:DATE }}", "", "A"} {
			require.False(t, user.MatchString(hostile), "%q is put into a statement as it is", hostile)
		}
	}
}

func TestTheRoleThatMakesUsersMayDoExactlyThis(t *testing.T) {
	aurora := recordDatabase(t, databaseArgs(components.Aurora))
	golden.JSON(t, "testdata/make-user.aurora.role.golden.json", aurora.One(t, rolePolicyToken, "tickets-db-make-user").Text(t, "policy"))
	golden.JSON(t, "testdata/make-user.trust.golden.json", aurora.One(t, roleToken, "tickets-db-make-user").Text(t, "assumeRolePolicy"))
	golden.JSON(t, "testdata/make-user.instance.role.golden.json",
		recordDatabase(t, databaseArgs(components.MultiAZInstance)).One(t, rolePolicyToken, "tickets-db-make-user").Text(t, "policy"))
}

func TestTheRoleThatMakesUsersReachesNoOtherDatabaseSecretOrKey(t *testing.T) {
	policy, err := iameval.ParseIdentity(recordDatabase(t, databaseArgs(components.Aurora)).One(t, rolePolicyToken, "tickets-db-make-user").Text(t, "policy"))
	require.NoError(t, err)
	requests, err := policy.Requests()
	require.NoError(t, err)
	require.Len(t, requests, 3, "one cluster, one secret, one key")
	cluster, secret, key := requests[0].Resource, requests[1].Resource, requests[2].Resource
	require.Regexp(t, `^arn:aws:rds:eu-central-1:`+account+`:cluster:aplomb-test-tickets-db$`, cluster)
	through := iameval.Context{"kms:ViaService": {"secretsmanager.eu-central-1.amazonaws.com"}}
	for _, each := range []struct {
		claim, action, resource string
		context                 iameval.Context
		want                    iameval.Decision
	}{
		{"this cluster", "rds-data:ExecuteStatement", cluster, nil, iameval.Allow},
		{"another cluster", "rds-data:ExecuteStatement", cluster + "-2", nil, iameval.ImplicitDeny},
		{"this cluster in another Region", "rds-data:ExecuteStatement", strings.Replace(cluster, "central", "west", 1), nil, iameval.ImplicitDeny},
		{"transactions", "rds-data:BeginTransaction", cluster, nil, iameval.ImplicitDeny},
		{"changing the cluster", "rds:ModifyDBCluster", cluster, nil, iameval.ImplicitDeny},
		{"its secret", "secretsmanager:GetSecretValue", secret, nil, iameval.Allow},
		{"another secret", "secretsmanager:GetSecretValue", secret + "x", nil, iameval.ImplicitDeny},
		{"changing its secret", "secretsmanager:PutSecretValue", secret, nil, iameval.ImplicitDeny},
		{"its key for the secret", "kms:Decrypt", key, through, iameval.Allow},
		{"its key for anything else", "kms:Decrypt", key, iameval.Context{"kms:ViaService": {"rds.eu-central-1.amazonaws.com"}}, iameval.ImplicitDeny},
		{"another key", "kms:Decrypt", key + "x", through, iameval.ImplicitDeny},
	} {
		decision, err := policy.Evaluate(iameval.Request{Action: each.action, Resource: each.resource, Context: each.context})
		require.NoError(t, err, each.claim)
		require.Equal(t, each.want, decision, each.claim)
	}
}

func TestOnlyAutomationsOfThisAccountAndRegionMakeUsers(t *testing.T) {
	trust, err := iameval.ParseTrust(recordDatabase(t, databaseArgs(components.Aurora)).One(t, roleToken, "tickets-db-make-user").Text(t, "assumeRolePolicy"))
	require.NoError(t, err)
	const execution = "arn:aws:ssm:eu-central-1:" + account + ":automation-execution/4105a4fc-f944-11e6-9d32-0a1b2c3d495h"
	right := iameval.Context{"aws:SourceAccount": {account}, "aws:SourceArn": {execution}}
	for _, each := range []struct {
		principal string
		context   iameval.Context
		want      iameval.Decision
	}{
		{"ssm.amazonaws.com", right, iameval.Allow},
		{"lambda.amazonaws.com", right, iameval.ImplicitDeny},
		{"ssm.amazonaws.com", right.With("aws:SourceAccount", "111111111111"), iameval.ImplicitDeny},
		{"ssm.amazonaws.com", right.With("aws:SourceArn", strings.Replace(execution, "central", "west", 1)), iameval.ImplicitDeny},
		{"ssm.amazonaws.com", right.Without("aws:SourceArn"), iameval.ImplicitDeny},
	} {
		decision, err := trust.Evaluate(iameval.Request{Action: "sts:AssumeRole", Resource: "*", Principal: each.principal, Context: each.context})
		require.NoError(t, err)
		require.Equal(t, each.want, decision, "%s %v", each.principal, each.context)
	}
}

func TestNoInputOfADatabaseOrARunnerIsASecret(t *testing.T) {
	for _, topology := range components.DatabaseTopologies() {
		recording := recorder.Run(t, withDatabase(databaseArgs(topology), grantTickets))
		for _, token := range []string{documentToken, associationToken, functionToken, clusterToken, dbInstanceToken} {
			for _, each := range recording.OfType(token) {
				for input := range each.Plain() {
					require.False(t, each.Secret(input), "%s %s", each.URN, input)
				}
				text, err := json.Marshal(each.Plain())
				require.NoError(t, err)
				require.NotRegexp(t, `(?i)"[a-z]*password":"`, string(text), each.URN)
			}
		}
	}
}

func TestADatabaseWithoutTheDataAPINeedsARunner(t *testing.T) {
	for want, args := range map[string]*components.MultiAZDatabaseArgs{
		"runner: missing, multi-az-cluster has no Data API by which users could be made; build a SQLRunner in the VPC and pass it":  databaseArgs(components.MultiAZCluster),
		"runner: missing, multi-az-instance has no Data API by which users could be made; build a SQLRunner in the VPC and pass it": databaseArgs(components.MultiAZInstance),
		"runner: missing, instances of the t families have no Data API by which users could be made; build a SQLRunner and pass it, or choose another class": func() *components.MultiAZDatabaseArgs {
			small := databaseArgs(components.Aurora)
			small.InstanceClass = "db.t4g.large"
			return small
		}(),
	} {
		require.Contains(t, lines(args.Check("tickets-db")), want)
	}
	require.Empty(t, lines(databaseArgs(components.Aurora).Check("tickets-db")))
	require.Equal(t, []string{"name: \"aws-db\" begins with aws, which AWS keeps for its own runbooks; choose another name"},
		lines(databaseArgs(components.Aurora).Check("aws-db")))
}

func TestARunnerOfAnotherAccountOrRegionIsRefused(t *testing.T) {
	for want, change := range map[string]func(*components.SQLRunnerArgs){
		"is in another account, 111111111111": func(a *components.SQLRunnerArgs) { a.Placement.AccountID = "111111111111" },
		"is in another Region, eu-west-1": func(a *components.SQLRunnerArgs) {
			a.Placement.Zones = []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}
			a.Image = strings.Replace(a.Image, "central", "west", 1)
		},
	} {
		_, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			elsewhere := runnerArgs()
			change(elsewhere)
			runner, err := components.NewSQLRunner(ctx, "sql", elsewhere, provider)
			if err != nil {
				return err
			}
			args := databaseArgs(components.MultiAZCluster)
			args.Runner = runner
			_, err = components.NewMultiAZDatabase(ctx, "tickets-db", args, provider)
			return err
		}))
		require.ErrorContains(t, err, want)
	}
}

// askedWorld is an AWS that keeps what it was asked for and answers one thing.
type askedWorld struct {
	asked  []string
	answer string
	failed bool
	err    error
}

func (w *askedWorld) Call(_ context.Context, service, api string, parameters map[string]any) (map[string]any, error) {
	w.asked = append(w.asked, service+" "+api+" "+parameters["sql"].(string))
	return map[string]any{}, w.err
}

func (w *askedWorld) Invoke(_ context.Context, _, payload string) (string, bool, error) {
	w.asked = append(w.asked, payload)
	return w.answer, w.failed, w.err
}

func (w *askedWorld) Pass(int) {}

func TestTheRunbookEndsWellOnlyWhenTheUserIsMade(t *testing.T) {
	said := map[string]string{"AutomationAssumeRole": "arn:aws:iam::" + account + ":role/makes-users", "User": "tickets", "Rights": "owner"}
	instance := recordDatabase(t, databaseArgs(components.MultiAZInstance)).One(t, documentToken, "tickets-db-make-user").Text(t, "content")
	for name, each := range map[string]struct {
		world askedWorld
		fails bool
	}{
		"made":                     {askedWorld{answer: `{"ok":true,"server":"16.6","seconds":0.4}`}, false},
		"the function failed":      {askedWorld{answer: `{"errorMessage":"no such database","errorType":"errorString"}`, failed: true}, true},
		"an answer of another one": {askedWorld{answer: `null`}, true},
		"not well":                 {askedWorld{answer: `{"ok":false}`}, true},
	} {
		execution, err := automation.Execute(t.Context(), instance, said, &each.world)
		if errors.Is(err, automation.ErrNoPython) {
			t.Skip(err)
		}
		require.NoError(t, err, name)
		require.Equal(t, each.fails, execution.Failed, name)
		require.NotEmpty(t, each.world.asked, name)
		require.Contains(t, each.world.asked[0], `"user":"tickets","rights":"owner"`, name)
	}
	aurora := recordDatabase(t, databaseArgs(components.Aurora)).One(t, documentToken, "tickets-db-make-user").Text(t, "content")
	world := &askedWorld{}
	execution, err := automation.Execute(t.Context(), aurora, said, world)
	require.NoError(t, err)
	require.False(t, execution.Failed)
	require.Equal(t, []string{
		"rds-data ExecuteStatement " + dbusers.MakeUser("tickets", "owner", "tickets_db"), "rds-data ExecuteStatement " + dbusers.MakeVerifyUser("tickets_db"),
	}, world.asked)
	execution, err = automation.Execute(t.Context(), aurora, said, &askedWorld{err: errors.New("BadRequestException: user tickets is reserved")})
	require.NoError(t, err)
	require.True(t, execution.Failed)
}
