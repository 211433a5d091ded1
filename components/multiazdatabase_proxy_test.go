// Layer recorder: what the proxy of a database asks for, and what the roles around it may do.
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
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	proxyToken            = "aws:rds/proxy:Proxy"
	proxyTargetGroupToken = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"
	proxyTargetToken      = "aws:rds/proxyTarget:ProxyTarget"
	proxyEndpointToken    = "aws:rds/proxyEndpoint:ProxyEndpoint"
)

// proxyArgs is a database with a proxy for the user tickets.
func proxyArgs(topology components.DatabaseTopology) *components.MultiAZDatabaseArgs {
	args := databaseArgs(topology)
	args.Proxy = &components.DatabaseProxyArgs{Users: []string{"tickets"}}
	return args
}

func recordProxy(t recorder.TB, topology components.DatabaseTopology) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, withDatabase(proxyArgs(topology), grantTickets))
}

func TestAProxyIsExactlyTheseResourcesInPreviewAndUpdate(t *testing.T) {
	for topology, own := range map[components.DatabaseTopology]map[string]int{
		components.Aurora: {memberToken: 3}, components.MultiAZCluster: {},
	} {
		want := map[string]int{
			clusterToken: 1, clusterParameterGroupToken: 1, keyToken: 1, aliasToken: 1, subnetGroupToken: 1, logGroupToken: 1,
			securityGroupToken: 2, ingressToken: 2, egressToken: 1, // the runner's and the proxy's way in, the proxy's way out
			roleToken: 2, rolePolicyToken: 3, documentToken: 2, // users, proxy, and what the runner may do
			secretToken: 2, proxyToken: 1, proxyTargetGroupToken: 1, proxyTargetToken: 1, proxyEndpointToken: 1,
		}
		for token, count := range own {
			want[token] = count
		}
		args := func() *components.MultiAZDatabaseArgs {
			all := proxyArgs(topology)
			all.Proxy.Users = append(all.Proxy.Users, "reports")
			return all
		}
		require.Equal(t, want, ofDatabase(t, recordDatabase(t, args())), topology)
		require.Equal(t, want, ofDatabase(t, recordDatabase(t, args(), recorder.Preview())), topology)
	}
}

func TestAProxyLogsInWithTheUsersSecretsAndTakesTokensOverTLSAlone(t *testing.T) {
	for topology, borrow := range map[components.DatabaseTopology]int{components.Aurora: 70, components.MultiAZCluster: 45} {
		recording := recordProxy(t, topology)
		proxy, secret := recording.One(t, proxyToken, "tickets-db-proxy"), recording.One(t, secretToken, "tickets-db-user_tickets")
		group := recording.One(t, securityGroupToken, "tickets-db-proxy")
		require.Equal(t, map[string]any{
			"engineFamily": "POSTGRESQL", "requireTls": true, "debugLogging": false, "idleClientTimeout": 1800.0, "roleArn": proxy.Text(t, "roleArn"),
			"auths":        []any{map[string]any{"authScheme": "SECRETS", "iamAuth": "REQUIRED", "secretArn": secret.ID, "description": "User tickets"}},
			"vpcSubnetIds": []any{"subnet-isolated-a", "subnet-isolated-b", "subnet-isolated-c"}, "vpcSecurityGroupIds": []any{group.ID},
			"tags": map[string]any{"Name": "tickets-db-proxy"},
		}, proxy.Plain(), topology)
		require.Equal(t, []string{recording.One(t, roleToken, "tickets-db-proxy").URN}, within(proxy.PropertyDependencies["roleArn"], roleToken))
		require.Contains(t, proxy.DependsOn, recording.One(t, rolePolicyToken, "tickets-db-proxy").URN)
		require.Equal(t, map[string]any{
			"dbProxyName": proxy.ID, "connectionPoolConfig": map[string]any{"connectionBorrowTimeout": float64(borrow)},
		}, recording.One(t, proxyTargetGroupToken, "tickets-db-proxy").Plain(), topology)
		require.Equal(t, map[string]any{
			"dbProxyName": proxy.ID, "targetGroupName": "default", "dbClusterIdentifier": "aplomb-test-tickets-db",
		}, recording.One(t, proxyTargetToken, "tickets-db-proxy").Plain(), topology)
	}
	recording := recordProxy(t, components.Aurora)
	for _, member := range recording.OfType(memberToken) {
		require.Contains(t, recording.One(t, proxyTargetToken, "tickets-db-proxy").DependsOn, member.URN, "a cluster without a member is no target")
	}
}

func TestServicesUseAnEndpointOfTheProxyInEveryZone(t *testing.T) {
	recording := recordProxy(t, components.Aurora)
	proxy, endpoint := recording.One(t, proxyToken, "tickets-db-proxy"), recording.One(t, proxyEndpointToken, "tickets-db-proxy")
	require.Equal(t, map[string]any{
		"dbProxyName": proxy.ID, "dbProxyEndpointName": proxy.ID + "-all-zones", "targetRole": "READ_WRITE",
		"vpcSubnetIds":        []any{"subnet-isolated-a", "subnet-isolated-b", "subnet-isolated-c"},
		"vpcSecurityGroupIds": []any{recording.One(t, securityGroupToken, "tickets-db-proxy").ID}, "tags": map[string]any{"Name": "tickets-db-proxy"},
	}, endpoint.Plain())
	data := userData(t, recording)
	for _, line := range []string{
		"PGHOST=" + proxy.ID + "-all-zones.endpoint.proxy-", "PGPORT=5432\n", "PGUSER=tickets\n", "PGSSLMODE=verify-full\n", "PGSSLROOTCERT=system\n", "PGCONNECT_TIMEOUT=3\n",
	} {
		require.Contains(t, data, line)
	}
	require.NotContains(t, data, "PGOPTIONS", "a proxy refuses connections with options")
}

func TestAUserBesideTheProxyConnectsToTheDatabaseItself(t *testing.T) {
	args := proxyArgs(components.Aurora)
	args.Proxy.Users = []string{"reports"}
	recording := recorder.Run(t, withDatabase(args, func(d *components.MultiAZDatabase, s *components.ResilientService) error {
		return errors.Join(grantTickets(d, s), d.GrantConnect(s, "reports", components.DatabaseRead))
	}))
	require.Contains(t, userData(t, recording), "PGHOST=aplomb-test-tickets-db.cluster-")
	require.Contains(t, userData(t, recording), "PGOPTIONS=-c statement_timeout=10000\n")
	for name, runbook := range map[string]string{"tickets": "tickets-db-make-user", "reports": "tickets-db-make-proxy-user"} {
		require.Equal(t, recording.One(t, documentToken, runbook).ID, recording.One(t, associationToken, "tickets-db-user_"+name).Text(t, "name"))
	}
	for _, rule := range []string{"tickets-db-database-from-tickets", "tickets-db-proxy-from-tickets"} {
		recording.One(t, ingressToken, rule)
	}
	require.Regexp(t, `dbuser:cluster-[A-Z0-9]+/tickets"`, recording.One(t, rolePolicyToken, "tickets-db-as-tickets-for-tickets").Text(t, "policy"))
	require.Regexp(t, `dbuser:prx-[a-z0-9]+/reports"`, recording.One(t, rolePolicyToken, "tickets-db-as-reports-for-tickets").Text(t, "policy"))
}

func TestTheWayThroughAProxyIsFromTheServiceToTheProxyToTheDatabase(t *testing.T) {
	recording := recorder.Run(t, withDatabase(proxyArgs(components.Aurora), grantTickets))
	group := func(name string) string { return recording.One(t, securityGroupToken, name).ID }
	service, proxy, database, runner := group("tickets-instances"), group("tickets-db-proxy"), group("tickets-db-database"), group("sql-runner")
	type way struct{ at, other string }
	ways := func(token string) map[way]int {
		found := map[way]int{}
		for _, rule := range recording.OfType(token) {
			if at, other := rule.Text(t, "securityGroupId"), rule.Plain()["referencedSecurityGroupId"]; rule.Int(t, "fromPort") == 5432 {
				require.Equal(t, 5432, rule.Int(t, "toPort"))
				found[way{at, other.(string)}]++
			}
		}
		return found
	}
	require.Equal(t, map[way]int{{proxy, service}: 1, {database, proxy}: 1, {database, runner}: 1}, ways(ingressToken))
	require.Equal(t, map[way]int{{service, proxy}: 1, {proxy, database}: 1, {runner, database}: 1}, ways(egressToken))
}

func TestNoPasswordOfAProxyIsInTheProgram(t *testing.T) {
	recording := recordProxy(t, components.Aurora)
	require.Empty(t, recording.OfType("aws:secretsmanager/secretVersion:SecretVersion"))
	secret := recording.One(t, secretToken, "tickets-db-user_tickets")
	require.Equal(t, map[string]any{
		"description": "Password of user tickets of database tickets-db, which its proxy logs in with", "kmsKeyId": secret.Text(t, "kmsKeyId"),
		"recoveryWindowInDays": 30.0, "tags": map[string]any{"Name": "tickets-db-user_tickets"},
	}, secret.Plain())
	require.Equal(t, []string{recording.One(t, keyToken, "tickets-db").URN}, within(secret.PropertyDependencies["kmsKeyId"], keyToken))
	for _, token := range []string{proxyToken, proxyTargetGroupToken, proxyTargetToken, proxyEndpointToken, secretToken, documentToken, associationToken, functionToken} {
		require.NotEmpty(t, recording.OfType(token), token)
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

func TestARunnerMakesTheUsersBehindAProxyWithTheirPasswords(t *testing.T) {
	for _, topology := range []components.DatabaseTopology{components.Aurora, components.MultiAZCluster} {
		recording := recordProxy(t, topology)
		association := recording.One(t, associationToken, "tickets-db-user_tickets")
		document, secret := recording.One(t, documentToken, "tickets-db-make-proxy-user"), recording.One(t, secretToken, "tickets-db-user_tickets")
		require.Equal(t, document.ID, association.Text(t, "name"))
		require.Equal(t, map[string]any{
			"AutomationAssumeRole": association.Text(t, "parameters.AutomationAssumeRole"), "Rights": "read-write", "UserSecret": secret.ID,
		}, association.Plain()["parameters"])
		require.Subset(t, association.DependsOn, []string{
			recording.One(t, clusterToken, "tickets-db").URN, recording.One(t, rolePolicyToken, "tickets-db-make-user").URN, recording.One(t, functionToken, "sql").URN,
			recording.One(t, rolePolicyToken, "tickets-db-for-runner-sql").URN, recording.One(t, ingressToken, "tickets-db-database-from-runner-sql").URN,
		})
		require.Equal(t, []string{"documentVersion", "parameters", "targets"}, association.ReplaceOnChanges)
	}
	content := recordProxy(t, components.Aurora).One(t, documentToken, "tickets-db-make-proxy-user").Text(t, "content")
	golden.JSON(t, "testdata/make-proxy-user.runbook.golden.json", content)
	var read struct {
		Parameters map[string]struct{ AllowedPattern string }
	}
	require.NoError(t, json.Unmarshal([]byte(content), &read))
	secret := regexp.MustCompile(read.Parameters["UserSecret"].AllowedPattern)
	require.True(t, secret.MatchString("arn:aws:secretsmanager:eu-central-1:"+account+":secret:tickets-db-user_tickets-0a1b2c3-AbCdEf"))
	for _, hostile := range []string{`arn:aws:secretsmanager:eu-central-1:` + account + `:secret:a","rights":"owner`, "{{ global:DATE }}", "", "tickets"} {
		require.False(t, secret.MatchString(hostile), "%q is put into an event as it is", hostile)
	}
}

func TestEveryRunThatFailsForAUserBehindAProxyIsATicket(t *testing.T) {
	args := proxyArgs(components.Aurora)
	args.Tickets = pulumi.String(homeTopic)
	recording := recorder.Run(t, withDatabase(args, grantTickets))
	require.Len(t, recording.OfType(eventRuleToken), 2)
	require.Contains(t, recording.One(t, eventRuleToken, "tickets-db-make-proxy-user-failed").Text(t, "eventPattern"),
		`"Definition":["`+recording.One(t, documentToken, "tickets-db-make-proxy-user").ID+`"]`)
	require.Equal(t, homeTopic, recording.One(t, eventTargetToken, "tickets-db-make-proxy-user-failed").Text(t, "arn"))
}

// provingWorld answers each invocation in turn.
type provingWorld struct {
	askedWorld
	answers []string
}

func (w *provingWorld) Invoke(_ context.Context, _, payload string) (string, bool, error) {
	answer := w.answers[min(len(w.asked), len(w.answers)-1)]
	w.asked = append(w.asked, payload)
	return answer, false, nil
}

func TestTheRunbookOfAProxyEndsWellOnlyWhenUserAndPasswordAreMade(t *testing.T) {
	content := recordProxy(t, components.Aurora).One(t, documentToken, "tickets-db-make-proxy-user").Text(t, "content")
	const secret = "arn:aws:secretsmanager:eu-central-1:" + account + ":secret:one-AbCdEf"
	said := map[string]string{"AutomationAssumeRole": "arn:aws:iam::" + account + ":role/makes-users", "User": "tickets", "Rights": "owner", "UserSecret": secret}
	const well, ill = `{"ok":true}`, `{"errorMessage":"the new password is set and does not work"}`
	for name, each := range map[string]struct {
		answers []string
		asked   int
		fails   bool
	}{
		"both are made":               {[]string{well, well}, 2, false},
		"the user is not made":        {[]string{ill}, 1, true},
		"the password is not made":    {[]string{well, ill}, 2, true},
		"an answer of something else": {[]string{well, `null`}, 2, true},
	} {
		world := &provingWorld{answers: each.answers}
		execution, err := automation.Execute(t.Context(), content, said, world)
		if errors.Is(err, automation.ErrNoPython) {
			t.Skip(err)
		}
		require.NoError(t, err, name)
		require.Equal(t, each.fails, execution.Failed, name)
		require.Len(t, world.asked, each.asked, name)
		require.Contains(t, world.asked[0], `"verb":"make-user"`, name)
		require.Contains(t, world.asked[0], `"user":"tickets","rights":"owner","login":"password"}`, name)
		if each.asked == 2 {
			require.Contains(t, world.asked[1], `"verb":"make-password"`, name)
			require.Contains(t, world.asked[1], `"user":"tickets","userSecretARN":"`+secret+`"}`, name)
			require.NotContains(t, world.asked[1], "rights", name)
		}
	}
}

func TestTheRolesAroundAProxyMayDoExactlyThis(t *testing.T) {
	recording := recordProxy(t, components.Aurora)
	golden.JSON(t, "testdata/database-proxy.role.golden.json", recording.One(t, rolePolicyToken, "tickets-db-proxy").Text(t, "policy"))
	golden.JSON(t, "testdata/database-proxy.trust.golden.json", recording.One(t, roleToken, "tickets-db-proxy").Text(t, "assumeRolePolicy"))
	golden.JSON(t, "testdata/database-proxy.runner.golden.json", recording.One(t, rolePolicyToken, "tickets-db-for-runner-sql").Text(t, "policy"))
	golden.JSON(t, "testdata/database-proxy.make-user.golden.json", recording.One(t, rolePolicyToken, "tickets-db-make-user").Text(t, "policy"))
	golden.JSON(t, "testdata/database-proxy.grant.golden.json", recording.One(t, rolePolicyToken, "tickets-db-as-tickets-for-tickets").Text(t, "policy"))
	require.JSONEq(t, recordDatabase(t, databaseArgs(components.MultiAZCluster)).One(t, rolePolicyToken, "tickets-db-make-user").Text(t, "policy"),
		recordProxy(t, components.MultiAZCluster).One(t, rolePolicyToken, "tickets-db-make-user").Text(t, "policy"), "it invokes the runner anyway")
}

func TestTheRolesAroundAProxyReachNoOtherSecretKeyOrUser(t *testing.T) {
	recording := recordProxy(t, components.Aurora)
	secret, key := recording.One(t, secretToken, "tickets-db-user_tickets").ID, recording.One(t, secretToken, "tickets-db-user_tickets").Text(t, "kmsKeyId")
	other := strings.Replace(secret, "tickets-db", "reports-db", 1)
	through := iameval.Context{"kms:ViaService": {"secretsmanager.eu-central-1.amazonaws.com"}}
	direct := iameval.Context{"kms:ViaService": {"rds.eu-central-1.amazonaws.com"}}
	grant := recording.One(t, rolePolicyToken, "tickets-db-as-tickets-for-tickets").Text(t, "policy")
	user := regexp.MustCompile(`arn:aws:rds-db:[^"]+`).FindString(grant)
	require.Regexp(t, `^arn:aws:rds-db:eu-central-1:`+account+`:dbuser:prx-[0-9a-z]+/tickets$`, user)
	for _, each := range []struct {
		claim, role, action, resource string
		context                       iameval.Context
		want                          iameval.Decision
	}{
		{"the proxy reads the user's secret", "tickets-db-proxy", "secretsmanager:GetSecretValue", secret, nil, iameval.Allow},
		{"the proxy opens it", "tickets-db-proxy", "kms:Decrypt", key, through, iameval.Allow},
		{"the proxy opens nothing else with the key", "tickets-db-proxy", "kms:Decrypt", key, direct, iameval.ImplicitDeny},
		{"the proxy writes no secret", "tickets-db-proxy", "secretsmanager:PutSecretValue", secret, nil, iameval.ImplicitDeny},
		{"the proxy reads no other secret", "tickets-db-proxy", "secretsmanager:GetSecretValue", other, nil, iameval.ImplicitDeny},
		{"the proxy uses no other key", "tickets-db-proxy", "kms:Decrypt", key + "x", through, iameval.ImplicitDeny},
		{"the runner reads the user's secret", "tickets-db-for-runner-sql", "secretsmanager:GetSecretValue", secret, nil, iameval.Allow},
		{"the runner writes it", "tickets-db-for-runner-sql", "secretsmanager:PutSecretValue", secret, nil, iameval.Allow},
		{"the runner encrypts it", "tickets-db-for-runner-sql", "kms:GenerateDataKey", key, through, iameval.Allow},
		{"the runner encrypts nothing else", "tickets-db-for-runner-sql", "kms:GenerateDataKey", key, direct, iameval.ImplicitDeny},
		{"the runner encrypts with no other key", "tickets-db-for-runner-sql", "kms:GenerateDataKey", key + "x", through, iameval.ImplicitDeny},
		{"the runner writes no other secret", "tickets-db-for-runner-sql", "secretsmanager:PutSecretValue", other, nil, iameval.ImplicitDeny},
		{"the runner deletes no secret", "tickets-db-for-runner-sql", "secretsmanager:DeleteSecret", secret, nil, iameval.ImplicitDeny},
		{"who makes users sees no user's secret", "tickets-db-make-user", "secretsmanager:GetSecretValue", secret, nil, iameval.ImplicitDeny},
		{"the service connects as its user", "tickets-db-as-tickets-for-tickets", "rds-db:connect", user, nil, iameval.Allow},
		{"the service connects as no other", "tickets-db-as-tickets-for-tickets", "rds-db:connect", user + "x", nil, iameval.ImplicitDeny},
		{"the service passes by no proxy", "tickets-db-as-tickets-for-tickets", "rds-db:connect", regexp.MustCompile(`prx-[0-9a-z]+`).ReplaceAllString(user, "cluster-A"), nil, iameval.ImplicitDeny},
		{"the service connects in no other Region", "tickets-db-as-tickets-for-tickets", "rds-db:connect", strings.Replace(user, "central", "west", 1), nil, iameval.ImplicitDeny},
		{"the service sees no password", "tickets-db-as-tickets-for-tickets", "secretsmanager:GetSecretValue", secret, nil, iameval.ImplicitDeny},
	} {
		policy, err := iameval.ParseIdentity(recording.One(t, rolePolicyToken, each.role).Text(t, "policy"))
		require.NoError(t, err)
		decision, err := policy.Evaluate(iameval.Request{Action: each.action, Resource: each.resource, Context: each.context})
		require.NoError(t, err, each.claim)
		require.Equal(t, each.want, decision, each.claim)
	}
	master := regexp.MustCompile(`arn:aws:secretsmanager:[^"]+:secret:rds![^"]+`).FindString(recording.One(t, rolePolicyToken, "tickets-db-for-runner-sql").Text(t, "policy"))
	runner, err := iameval.ParseIdentity(recording.One(t, rolePolicyToken, "tickets-db-for-runner-sql").Text(t, "policy"))
	require.NoError(t, err)
	for action, want := range map[string]iameval.Decision{"secretsmanager:GetSecretValue": iameval.Allow, "secretsmanager:PutSecretValue": iameval.ImplicitDeny} {
		decision, err := runner.Evaluate(iameval.Request{Action: action, Resource: master})
		require.NoError(t, err)
		require.Equal(t, want, decision, "the master user's secret is read, never written: %s", action)
	}
	trust, err := iameval.ParseTrust(recording.One(t, roleToken, "tickets-db-proxy").Text(t, "assumeRolePolicy"))
	require.NoError(t, err)
	for principal, want := range map[string]iameval.Decision{"rds.amazonaws.com": iameval.Allow, "lambda.amazonaws.com": iameval.ImplicitDeny} {
		decision, err := trust.Evaluate(iameval.Request{Action: "sts:AssumeRole", Resource: "*", Principal: principal})
		require.NoError(t, err)
		require.Equal(t, want, decision, principal)
	}
}

func TestEachFaultOfAProxyIsNamedWithItsRemedy(t *testing.T) {
	aurora, cluster, instance := components.Aurora, components.MultiAZCluster, components.MultiAZInstance
	many := make([]string, 201)
	for index := range many {
		many[index] = "u" + strings.Repeat("a", index/26+1) + string(rune('a'+index%26))
	}
	for _, each := range []struct {
		topology components.DatabaseTopology
		want     string
		proxy    components.DatabaseProxyArgs
	}{
		{aurora, "proxy.users: missing, a proxy is for users who go through it; name the users, or leave the proxy out", components.DatabaseProxyArgs{}},
		{aurora, `proxy.users[0]: "aplomb_admin" may do everything; name a user of a service's own`, components.DatabaseProxyArgs{Users: []string{"aplomb_admin"}}},
		{aurora, `proxy.users[1]: "a" is named already; name it once`, components.DatabaseProxyArgs{Users: []string{"a", "a"}}},
		{aurora, `proxy.users: "201 users" are more than the 200 secrets that a proxy may have; let services share a user`, components.DatabaseProxyArgs{Users: many}},
		{aurora, `proxy.idleClientSeconds: 28801 must be from 1 to 28800 seconds; change it, or leave it out for the default`,
			components.DatabaseProxyArgs{Users: []string{"a"}, IdleClientSeconds: 28801}},
		{aurora, `proxy.borrowTimeoutSeconds: 60 must be more than 60 s, the failover of aurora, and at most 81 s; leave it out for 70 s`,
			components.DatabaseProxyArgs{Users: []string{"a"}, BorrowTimeoutSeconds: 60}},
		{cluster, `proxy.borrowTimeoutSeconds: 82 must be more than 35 s, the failover of multi-az-cluster, and at most 81 s; leave it out for 45 s`,
			components.DatabaseProxyArgs{Users: []string{"a"}, BorrowTimeoutSeconds: 82}},
		{instance, `proxy.borrowTimeoutSeconds: "multi-az-instance, 120 s of failover" leaves none: it must be more than the failover and at most 81 s, ` +
			`so that clients are served or told within 90 s; choose aurora or multi-az-cluster, or leave the proxy out`, components.DatabaseProxyArgs{Users: []string{"a"}}},
	} {
		args := databaseArgs(each.topology)
		args.Proxy = &each.proxy
		require.Equal(t, []string{each.want}, without(without(lines(args.Check("tickets-db")), "runner: "), "recoveryProvider: "))
		_, err := recorder.RunErr(withDatabase(args, nil))
		require.ErrorContains(t, err, each.want)
	}
	for _, good := range []int{61, 81} {
		args := proxyArgs(aurora)
		args.Proxy.BorrowTimeoutSeconds = good
		require.Equal(t, []string{
			"runner: missing, nothing else can set the passwords that a proxy logs in with; build a SQLRunner in the VPC and pass it, or leave the proxy out",
		}, lines(args.Check("tickets-db")), "Aurora needs a runner for it too")
	}
}

func TestAProxyIsBackWithinTheObjectiveWhereThereMayBeOne(t *testing.T) {
	require.Equal(t, 69, components.Aurora.ThroughProxy().TimeToServe())
	require.Equal(t, 44, components.MultiAZCluster.ThroughProxy().TimeToServe())
	require.Zero(t, components.MultiAZInstance.ThroughProxy())
	require.Zero(t, components.DatabaseTopology("else").ThroughProxy())
}

func TestTheArgumentsOfAProxyAreNotChangedByBuildingIt(t *testing.T) {
	args := proxyArgs(components.Aurora)
	recordDatabase(t, args)
	require.Equal(t, &components.DatabaseProxyArgs{Users: []string{"tickets"}}, args.Proxy)
}

func TestTheTransformsOfAProxyHaveTheLastWord(t *testing.T) {
	args := proxyArgs(components.Aurora)
	args.Transform.ProxySecret = func(a *secretsmanager.SecretArgs) { a.Description = pulumi.String("changed") }
	args.Transform.Proxy = func(a *rds.ProxyArgs) { a.IdleClientTimeout = pulumi.Int(7) }
	args.Transform.ProxyTargetGroup = func(a *rds.ProxyDefaultTargetGroupArgs) { a.ConnectionPoolConfig = nil }
	args.Transform.ProxyEndpoint = func(a *rds.ProxyEndpointArgs) { a.TargetRole = pulumi.String("READ_ONLY") }
	recording := recordDatabase(t, args)
	require.Equal(t, "changed", recording.One(t, secretToken, "tickets-db-user_tickets").Text(t, "description"))
	require.Equal(t, 7, recording.One(t, proxyToken, "tickets-db-proxy").Int(t, "idleClientTimeout"))
	require.False(t, recording.One(t, proxyTargetGroupToken, "tickets-db-proxy").Has("connectionPoolConfig"))
	require.Equal(t, "READ_ONLY", recording.One(t, proxyEndpointToken, "tickets-db-proxy").Text(t, "targetRole"))
}

func TestNothingOfADatabaseIsRestoredBehindAProxyThatWouldLeadElsewhere(t *testing.T) {
	_, err := recorder.RunErr(withDatabase(proxyArgs(components.Aurora), func(d *components.MultiAZDatabase, _ *components.ResilientService) error {
		failures := lines((&components.DatabaseRecoveryArgs{Database: d}).Check("tickets-db-recovery"))
		require.Contains(t, failures, `database: "tickets-db" has a proxy, which would still lead to the replaced database after a cut-over; `+
			"leave the proxy out, or restore by hand and register the proxy's target again")
		return nil
	}))
	require.NoError(t, err)
}
