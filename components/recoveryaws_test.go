package components_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/automation"
	"github.com/aplomb-iac/aplomb/internal/automation/awsmodel"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/stretchr/testify/require"
)

// fakeAWS is the part of AWS that the documents of a recovery act on, in one Region. Things take time to become available, names are taken
// once, and every call is judged by the policy of the role in whose name it is made, before anything happens.
type fakeAWS struct {
	t        *testing.T
	region   string
	model    *awsmodel.Model
	policy   iameval.Policy
	now      int
	serial   int
	clusters map[string]*fakeDatabase
	// instances are both the members of clusters and instances of their own.
	instances map[string]*fakeDatabase
	points    []fakePoint
	// key encrypts what is restored, sourceKey what reached the Region, where it is another.
	key, sourceKey string
	// jobSource and jobCreated are what a restore job restored, and what it made.
	jobSource, jobCreated string
	// policies are the inline policies of roles, by role and name.
	policies map[string]string
	verdicts []string
	events   []string
	// answer is what the query gives, by the identifier of the cluster or the host that is asked.
	answer func(asked string) bool
	// broken makes an operation fail: by its name, from its n-th call on.
	broken map[string]int
	// refused makes the first so many calls of an operation fail.
	refused map[string]int
	// dns is how long a new name is not known.
	dns   int
	calls []string
	// renames are those that were begun, in order.
	renames []string
	asked   []iameval.Request
}

// fakeDatabase is a cluster, a member, or an instance.
type fakeDatabase struct {
	id, resource, cluster, source, secret string
	readyAt, httpAt, secretAt             int
	begins, secretFrom, dnsAt             int    // until begins, the status reads available; from secretFrom on, the secret is shown; from dnsAt on, the name is known
	status                                string // while it is not ready
	gone, protected, http, writer, ofRDS  bool   // ofRDS are clusters whose members RDS makes
	groups                                []string
	tags                                  map[string]string
	rename                                string
	tier                                  int
	zone                                  string
	reboots                               int
}

// fakePoint is a recovery point in a vault.
type fakePoint struct{ vault, arn, resource, created, status string }

func newFakeAWS(t *testing.T, region, policy string) *fakeAWS {
	t.Helper()
	parsed, err := iameval.ParseIdentity(policy)
	require.NoError(t, err)
	fake := &fakeAWS{
		t: t, region: region, policy: parsed, clusters: map[string]*fakeDatabase{}, instances: map[string]*fakeDatabase{},
		policies: map[string]string{}, broken: map[string]int{}, refused: map[string]int{}, dns: dnsWhile, answer: func(string) bool { return true },
	}
	fake.model = awsmodel.New(fake.serve)
	return fake
}

// run executes a document, and fails the test when the document itself is wrong.
func (f *fakeAWS) run(document string, parameters map[string]string) automation.Execution {
	f.t.Helper()
	execution, err := automation.Execute(context.Background(), document, parameters, f)
	if errors.Is(err, automation.ErrNoPython) {
		f.t.Skip(err)
	}
	require.NoError(f.t, err)
	return execution
}

func (f *fakeAWS) Call(ctx context.Context, service, api string, parameters map[string]any) (map[string]any, error) {
	f.calls = append(f.calls, api)
	return f.model.Call(ctx, service, api, parameters)
}

func (f *fakeAWS) Pass(seconds int) {
	f.now += seconds
	f.settle()
}

// settle lets renames take effect whose time has come.
func (f *fakeAWS) settle() {
	for _, all := range []map[string]*fakeDatabase{f.clusters, f.instances} {
		for id, each := range maps.Clone(all) {
			if each.gone && each.readyAt <= f.now {
				delete(all, id)
			}
			if each.rename == "" || each.readyAt > f.now {
				continue
			}
			delete(all, id)
			for _, member := range f.instances {
				if member.cluster == id {
					member.cluster = each.rename
				}
			}
			each.id, each.rename, each.dnsAt = each.rename, "", f.now+f.dns
			all[each.id] = each
		}
	}
}

func (f *fakeAWS) arn(kind, id string) string {
	return "arn:aws:rds:" + f.region + ":" + account + ":" + kind + ":" + id
}

// add puts a database there that is available.
func (f *fakeAWS) add(kind, id, cluster string) *fakeDatabase {
	f.serial++
	prefix := map[string]string{"cluster": "cluster-", "db": "db-"}[kind]
	database := &fakeDatabase{
		id: id, cluster: cluster, resource: fmt.Sprintf("%sFAKE%022d", prefix, f.serial), tags: map[string]string{},
		secret: fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:rds!%s-%08d-Ab12Cd", f.region, account, kind, f.serial),
	}
	if kind == "cluster" {
		f.clusters[id] = database
	} else {
		f.instances[id] = database
	}
	return database
}

func (f *fakeAWS) members(cluster string) []string {
	var all []string
	for id, each := range f.instances {
		if each.cluster == cluster {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all
}

func (d *fakeDatabase) state(now int) string {
	if d.readyAt > now && d.begins <= now {
		return d.status
	}
	return "available"
}

// busy is what AWS refuses to change.
func (d *fakeDatabase) busy(now int) error {
	if d.gone || d.readyAt > now {
		return fmt.Errorf("InvalidDBInstanceState: %s is %s, and something is done to it: it cannot currently be changed due to an in-progress management operation", d.id, d.state(now))
	}
	return nil
}

func (f *fakeAWS) wait(d *fakeDatabase, status string, seconds int) {
	d.status, d.readyAt, d.begins = status, f.now+seconds, 0
}

// begin is a change of something that stands, with which AWS begins after it has answered.
func (f *fakeAWS) begin(d *fakeDatabase, status string) {
	f.wait(d, status, beginWhile+2*shortWhile)
	d.begins = f.now + beginWhile
}

// allow judges one request of the call. What is not allowed is AWS's refusal, and a failed test where nobody expects it.
func (f *fakeAWS) allow(action, resource string, contexts ...iameval.Context) error {
	all := iameval.Context{}
	for _, each := range contexts {
		maps.Copy(all, each)
	}
	request := iameval.Request{Action: action, Resource: resource, Context: all}
	decision, err := f.policy.Evaluate(request)
	require.NoError(f.t, err)
	f.asked = append(f.asked, request)
	if decision != iameval.Allow {
		return fmt.Errorf("AccessDenied: %s on %s with %v: %s", action, resource, all, decision)
	}
	return nil
}

// allAllowed judges several actions on the same resource.
func (f *fakeAWS) allAllowed(resource string, context iameval.Context, actions ...string) error {
	for _, each := range actions {
		if err := f.allow(each, resource, context); err != nil {
			return err
		}
	}
	return nil
}

// useKey is what RDS does with a key in the caller's name; service is through which it does it.
func (f *fakeAWS) useKey(key, service string) error {
	through := iameval.Context{"kms:ViaService": {service + "." + f.region + ".amazonaws.com"}}
	if err := f.allAllowed(key, through, "kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey"); err != nil {
		return err
	}
	return f.allow("kms:CreateGrant", key, through, iameval.Context{"kms:GrantIsForAWSResource": {"true"}})
}

func (f *fakeAWS) breaks(operation string) error {
	if f.refused[operation] > 0 {
		f.refused[operation]--
		return fmt.Errorf("ThrottlingException: %s", operation)
	}
	if from, is := f.broken[operation]; is {
		count := 0
		for _, each := range f.calls {
			if each == operation {
				count++
			}
		}
		if count >= from {
			return fmt.Errorf("InternalFailure: %s", operation)
		}
	}
	return nil
}

func tagContext(tags map[string]string) iameval.Context {
	all := iameval.Context{}
	for key, value := range tags {
		if value != "" {
			all["aws:ResourceTag/"+key] = []string{value}
		}
	}
	return all
}

func nameOf(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

// runner is the function that asks a database in the VPC, which finds it by its host.
func (f *fakeAWS) runner(payload string) (string, bool, error) {
	event := struct {
		Verb, Host, Database, Check, ResourceID string
		Port                                    int
	}{}
	decoder := json.NewDecoder(strings.NewReader(payload))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&event); err != nil || event.Verb != "verify" || event.Port != 5432 || event.Database != "tickets_db" || event.Check == "" {
		return fmt.Sprintf(`{"errorMessage":"%v"}`, err), true, nil
	}
	id, _, _ := strings.Cut(event.Host, ".")
	found := f.clusters[id]
	if found == nil {
		found = f.instances[id]
	}
	if found == nil || found.readyAt > f.now || found.dnsAt > f.now {
		return `{"errorMessage":"there is no such host"}`, true, nil
	}
	f.events = append(f.events, "asked "+found.resource+" as "+found.id)
	if !f.answer(found.resource) || event.ResourceID != found.resource {
		return `{"errorMessage":"the check was not met"}`, true, nil
	}
	return `{"ok":true,"server":"16.6","seconds":0.1}`, false, nil
}

func executeErr(t *testing.T, document string, parameters map[string]string) (automation.Execution, error) {
	t.Helper()
	return automation.Execute(context.Background(), document, parameters, newFakeAWS(t, "eu-central-1", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}]}`))
}

// actionsOf are the actions that a policy allows, each with its statement.
func actionsOf(t *testing.T, policy string) [][2]string {
	t.Helper()
	var found [][2]string
	for _, statement := range statementsOf(t, policy)["Statement"].([]any) {
		each := statement.(map[string]any)
		for _, action := range listOf(each["Action"]) {
			found = append(found, [2]string{each["Sid"].(string), action.(string)})
		}
	}
	return found
}

// withoutAction is a policy that does not allow an action in one statement.
func withoutAction(t *testing.T, policy, sid, action string) string {
	t.Helper()
	document := statementsOf(t, policy)
	var kept []any
	for _, statement := range document["Statement"].([]any) {
		each := statement.(map[string]any)
		if each["Sid"] == sid {
			rest := slices.DeleteFunc(listOf(each["Action"]), func(one any) bool { return one == action })
			if len(rest) == 0 {
				continue
			}
			each["Action"] = rest
		}
		kept = append(kept, each)
	}
	document["Statement"] = kept
	text, err := json.Marshal(document)
	require.NoError(t, err)
	return string(text)
}

func statementsOf(t *testing.T, policy string) map[string]any {
	t.Helper()
	document := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(policy), &document))
	return document
}

func listOf(value any) []any {
	if list, is := value.([]any); is {
		return list
	}
	return []any{value}
}
