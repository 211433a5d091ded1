// Layer: sandbox (the real engine, against a provider of the tests that, like AWS, cannot be asked what stands).
package deploy_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// cutOff brings a rig up and kills the engine when the thing called label stands.
func (r *rig) cutOff(t *testing.T, label string) {
	t.Helper()
	r.cloud.after = func(_ deploy.Op, made string) error {
		if made == label {
			return r.cloud.kill()
		}
		return nil
	}
	_, err := r.up(t)
	var died *deploy.EngineDiedError
	require.ErrorAs(t, err, &died)
	require.Contains(t, died.Hint(), "pulumi cancel --yes --stack prod")
	r.cloud.after = nil
	r.unlock(t)
}

// unlock removes the lock that a killed engine left.
func (r *rig) unlock(t *testing.T) {
	t.Helper()
	require.NoError(t, os.RemoveAll(filepath.Join(r.cloud.state, ".pulumi", "locks")))
}

func (r *rig) settle(t *testing.T, say deploy.Settling) (*deploy.Result, error) {
	t.Helper()
	return r.stack(t).Up(context.Background(), deploy.UpOptions{Settling: say})
}

// idOf is the id of the youngest thing with a label.
func (r *rig) idOf(t *testing.T, label string) string {
	t.Helper()
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	id := ""
	for other, thing := range r.cloud.things {
		if thing.Fields["label"].GetStringValue() == label {
			id = max(id, other)
		}
	}
	require.NotEmpty(t, id)
	return id
}

func TestWhereTheCloudCannotBeAskedACreationThatWasCutOffMustBeDecidedOnBeforeAnythingIsDone(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x", protect: true}}})
	r.cutOff(t, "page")
	cloud, state := r.cloud.snapshot(), r.state(t)

	pending := r.requireUndecided(t)
	r.requireUnheeded(t, pending)
	require.Equal(t, cloud, r.cloud.snapshot())
	require.Equal(t, state.Pending[0].Resource.URN, r.state(t).Pending[0].Resource.URN)
	r.requireUnfound(t, pending)
	r.requireAdopted(t, pending)
	_, err := r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.NoError(t, err)
	require.Empty(t, r.cloud.labels())
}

// requireUndecided checks that everything that writes is refused, and what reads says of what.
func (r *rig) requireUndecided(t *testing.T) deploy.Pending {
	t.Helper()
	var refused *deploy.PendingError
	_, err := r.up(t)
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Pending, 1)
	pending := refused.Pending[0]
	require.Equal(t, "web-page", pending.Name)
	require.Equal(t, "web", pending.Component)
	require.False(t, pending.Known)
	require.Regexp(t, `^name thing-[0-9a-f]{8}$`, pending.LookFor[0])
	require.ErrorContains(t, err, "refused: nobody knows whether AWS made 1 resource of stack prod\n  - web-page (fake:index:Thing): "+
		"the engine was ended while it was being created; look for name thing-")
	require.Contains(t, refused.Hint(), "--adopt 'web-page=ID' or --forget 'web-page'")
	_, err = r.stack(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.ErrorAs(t, err, &refused)
	preview, err := r.stack(t).Preview(context.Background())
	require.NoError(t, err)
	require.Equal(t, []deploy.Pending{pending}, preview.Pending)
	refreshed, err := r.stack(t).Refresh(context.Background())
	require.NoError(t, err)
	require.Equal(t, []deploy.Pending{pending}, refreshed.Pending)
	return pending
}

// requireUnheeded checks that words which do not fit what is pending are refused.
func (r *rig) requireUnheeded(t *testing.T, pending deploy.Pending) {
	t.Helper()
	for say, want := range map[*deploy.Settling]string{
		{Forget: []string{"web-pge"}}:                                                               `--forget: "web-pge" is nothing whose creation was cut off`,
		{Adopt: []deploy.Adoption{{What: "web-page"}}}:                                              `--adopt web-page: missing`,
		{Adopt: []deploy.Adoption{{What: "web-page", ID: "x"}, {What: "y"}}, Forget: []string{"z"}}: `--forget: "z" is nothing`,
	} {
		var wrong *deploy.SettlingError
		_, err := r.settle(t, *say)
		require.ErrorAs(t, err, &wrong)
		require.ErrorContains(t, err, want)
		require.Contains(t, wrong.Hint(), pending.URN)
	}
}

// requireUnfound checks that what is adopted must exist; when it does not, it is as open as before.
func (r *rig) requireUnfound(t *testing.T, pending deploy.Pending) {
	t.Helper()
	var unfound *deploy.AdoptError
	_, err := r.settle(t, deploy.Settling{Adopt: []deploy.Adoption{{What: "web-page", ID: "thing-0815"}}})
	require.ErrorAs(t, err, &unfound)
	_, stands := r.state(t).Find(pending.URN)
	require.False(t, stands, "what was not found is not in the state")
	// Nor does an id of the wrong form, of which the provider says neither that it exists nor that it does not, decide anything.
	_, err = r.settle(t, deploy.Settling{Adopt: []deploy.Adoption{{What: "web-page", ID: "page"}}})
	require.ErrorContains(t, err, "it is not the id of a thing")
	var refused *deploy.PendingError
	_, err = r.up(t)
	require.ErrorAs(t, err, &refused)
}

// requireAdopted checks that the right id settles it for good.
func (r *rig) requireAdopted(t *testing.T, pending deploy.Pending) {
	t.Helper()
	result, err := r.settle(t, deploy.Settling{Adopt: []deploy.Adoption{{What: pending.URN, ID: r.idOf(t, "page")}}})
	require.NoError(t, err)
	require.Equal(t, "thing-0001", result.Settled.Adopted[0].ID)
	require.Zero(t, result.Changes.Create)
	require.Equal(t, []string{"page"}, r.cloud.labels())
	require.True(t, r.find(t, "web-page").Protect)
	again := r.mustUp(t)
	require.False(t, again.Changes.Any())
	require.Nil(t, again.Settled)
	requireEmptyLedger(t, r.dir, "fake", "prod")
}

func TestWhatIsForgottenIsMadeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x"}}})
	r.cutOff(t, "page")
	r.cloud.edit("page", "", nil) // AWS did not make it after all
	result, err := r.settle(t, deploy.Settling{Forget: []string{"web-page"}})
	require.NoError(t, err)
	require.Equal(t, "web-page", result.Settled.Forgotten[0].Name)
	require.Equal(t, 1, result.Changes.Create)
	require.Equal(t, []string{"page"}, r.cloud.labels())
	require.Empty(t, r.state(t).Pending)
}

var lost = status.Error(codes.Unavailable, "error reading from server: EOF")

func TestACreationWhoseAnswerWasLostIsInDoubtThoughTheEngineForgetsIt(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x"}, {label: "other", kind: "x", chained: true, secret: true}}})
	r.cloud.after = func(_ deploy.Op, label string) error {
		if label == "other" {
			return lost
		}
		return nil
	}
	_, err := r.up(t)
	var failed *deploy.EngineError
	require.ErrorAs(t, err, &failed)
	require.Empty(t, r.state(t).Pending, "the engine forgets it")
	require.Regexp(t, `AWS gave no answer about web-other \(fake:index:Thing\), name thing-[0-9a-f]{8}: look there whether it stands; run the same command again`, failed.Hint())
	r.cloud.after = nil
	var refused *deploy.PendingError
	_, err = r.up(t)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "web-other", refused.Pending[0].Name)
	require.Contains(t, err.Error(), "its creation failed without an answer of AWS")
	result, err := r.settle(t, deploy.Settling{Adopt: []deploy.Adoption{{What: "web-other", ID: r.idOf(t, "other")}}})
	require.NoError(t, err)
	require.Zero(t, result.Changes.Create)
	require.Equal(t, []string{"other", "page"}, r.cloud.labels())
	require.Equal(t, []string{r.find(t, "web-page").URN}, r.find(t, "web-other").Dependencies)
	require.False(t, r.mustUp(t).Changes.Any())
}

// options are the options that a state has of something.
func (r *rig) optionsOf(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := r.stack(t).Export(context.Background())
	require.NoError(t, err)
	exported := exportedState{}
	require.NoError(t, json.Unmarshal(text, &exported))
	options := exported.resource(t, name)
	for _, key := range []string{"urn", "id", "inputs", "outputs", "created", "modified", "sourcePosition", "stackTrace"} {
		delete(options, key)
	}
	return options
}

// TestWhatIsTakenOverFromThePlanKeepsItsOptions looks at the state before the program has a chance to put its options right.
func TestWhatIsTakenOverFromThePlanKeepsItsOptions(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x", retain: true, protect: true, fussy: true}}})
	r.mustUp(t)
	r.boxes[0].things = append(r.boxes[0].things, thing{label: "other", kind: "x", retain: true, protect: true, fussy: true})
	r.cloud.after = func(deploy.Op, string) error { return lost }
	_, err := r.up(t)
	require.Error(t, err)
	r.cloud.after = nil
	_, err = r.stack(t).Up(context.Background(), deploy.UpOptions{
		Settling: deploy.Settling{Adopt: []deploy.Adoption{{What: "web-other", ID: r.idOf(t, "other")}}},
		Confirm:  func(context.Context, *deploy.Preview) (bool, error) { return false, nil },
	})
	require.ErrorIs(t, err, deploy.ErrDeclined)
	whole := r.optionsOf(t, "web-page")
	require.Equal(t, true, whole["retainOnDelete"])
	require.Equal(t, map[string]any{"create": 17.0 * 60}, whole["customTimeouts"])
	require.Equal(t, whole, r.optionsOf(t, "web-other"))
}

func TestAnUpdateWhoseAnswerWasLostIsLookedAtBeforeTheNext(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x", size: 1}}})
	r.mustUp(t)
	for _, cut := range []func(deploy.Op, string) error{
		func(deploy.Op, string) error { return lost },
		func(deploy.Op, string) error { return r.cloud.kill() },
	} {
		r.boxes[0].things[0].size = 2
		r.cloud.after = cut
		_, err := r.up(t)
		require.Error(t, err)
		r.cloud.after = nil
		r.unlock(t)
		require.Contains(t, r.cloud.snapshot(), `"size":2`)
		// The program goes back to what the state still has: without a look, nothing would be done.
		r.boxes[0].things[0].size = 1
		result := r.mustUp(t)
		require.Equal(t, []string{r.find(t, "web-page").URN}, result.Settled.Looked)
		require.Equal(t, 1, result.Changes.Update)
		require.Contains(t, r.cloud.snapshot(), `"size":1`)
	}
}

func TestAStateThatAKilledEngineLeftUnreadableIsToldWithWhatToDo(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x"}}})
	r.mustUp(t)
	attributes := filepath.Join(r.cloud.state, ".pulumi", "stacks", "aplomb", "prod.json.attrs")
	require.NoError(t, os.Truncate(attributes, 0))
	_, err := r.up(t)
	var unreadable *deploy.StateUnreadableError
	require.ErrorAs(t, err, &unreadable)
	require.Contains(t, unreadable.Hint(), "an empty file prod.json.attrs beside the state: remove that one")
	require.NoError(t, os.Remove(attributes))
	require.False(t, r.mustUp(t).Changes.Any())
}

func TestPendingThingsOfOneNameAreToldApartByTheirURN(t *testing.T) {
	pending := []deploy.Pending{{Name: "net", URN: "urn:a::net"}, {Name: "net", URN: "urn:b::net"}, {Name: "web", URN: "urn:a::web"}}
	hint := (&deploy.PendingError{Pending: pending}).Hint()
	for _, flag := range []string{"--adopt 'urn:a::net=ID'", "--forget 'urn:b::net'", "--forget 'web'"} {
		require.Contains(t, hint, flag)
	}
}

func TestWhereTheCloudWasAskedNobodyOverrulesIt(t *testing.T) {
	adopt := func(id string) deploy.Settling {
		return deploy.Settling{Adopt: []deploy.Adoption{{What: "thing-0", ID: id}}}
	}
	for name, test := range map[string]struct {
		ids  []string
		say  deploy.Settling
		want string
	}{
		"what was found is adopted":       {[]string{"old", "new"}, adopt("new"), ""},
		"another one is adopted":          {[]string{"old", "new"}, adopt("mine"), `--adopt: "thing-0=mine" is another one than new, as which it stands; leave it out`},
		"an older one is adopted":         {[]string{"old", "new"}, adopt("old"), `is another one than new`},
		"what was not found is adopted":   {nil, adopt("mine"), `--adopt: "thing-0=mine" does not stand: it was looked for; leave it out`},
		"what was found is forgotten":     {[]string{"new"}, deploy.Settling{Forget: []string{"thing-0"}}, `--forget: "thing-0" stands: it is new`},
		"what was not found is forgotten": {nil, deploy.Settling{Forget: []string{"thing-0"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			one := adoptee(t, chain(1, func(string) bool { return false })[2], true, test.ids...)
			ids, err := deploy.Heed(one, test.say)
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
			require.Equal(t, test.ids, ids, "what was found stays what is taken over")
		})
	}
}

// TestAnEngineThatIsAtWorkIsNoEngineThatWasCutOff has every resource of the stack protected, and the engine's lock still held.
func TestAnEngineThatIsAtWorkIsNoEngineThatWasCutOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x"}}})
	r.cloud.after = func(deploy.Op, string) error { return r.cloud.kill() }
	_, err := r.up(t)
	var died *deploy.EngineDiedError
	require.ErrorAs(t, err, &died)
	locks := filepath.Join(r.cloud.state, ".pulumi", "locks")
	require.NoError(t, os.Rename(locks, locks+"-aside"))
	r.command(t, "state", "protect", "--all", "--yes", "--stack", "prod")
	require.NoError(t, os.RemoveAll(locks))
	require.NoError(t, os.Rename(locks+"-aside", locks))

	_, err = r.up(t)
	var locked *deploy.LockedError
	require.ErrorAs(t, err, &locked)
	r.unlock(t)
	_, err = r.up(t)
	var refused *deploy.PendingError
	require.ErrorAs(t, err, &refused)
	resources := r.state(t).Resources
	require.NotEmpty(t, resources)
	for _, resource := range resources {
		require.True(t, resource.Protect, "%s lost its protection to the question whether somebody is at work", resource.URN)
	}
}

func TestOnlyAFailureWithoutAnAnswerLeavesDoubt(t *testing.T) {
	for message, want := range map[string]bool{
		"creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: 1, api error VpcLimitExceeded: timeout of your patience": false,
		"operation error EC2: CreateVpc, exceeded maximum number of attempts, 25, api error RequestLimitExceeded: Request limit exceeded.":                           false,
		"operation error EC2: CreateVpc, exceeded maximum number of attempts, 25, api error InternalError: An internal error has occurred.":                          true,
		"operation error KMS: CreateKey, https response error StatusCode: 500, api error KMSInternalException: The request can be retried.":                          true,
		"error reading from server: EOF": true,
		`operation error IAM: CreateRole, request send failed, Post "https://iam.amazonaws.com/": read tcp 10.0.0.1:1->2.2.2.2:443: read: connection reset by peer`:            true,
		`operation error IAM: CreateRole, request send failed, Post "https://iam.amazonaws.com/": net/http: request canceled (Client.Timeout exceeded while awaiting headers)`: true,
		`operation error IAM: CreateRole, request send failed, Post "https://iam.amazonaws.com/": dial tcp: lookup iam.amazonaws.com: i/o timeout`:                             false,
		`operation error IAM: CreateRole, request send failed, Post "https://iam.amazonaws.com/": net/http: TLS handshake timeout`:                                             false,
		"operation error IAM: CreateRole, get identity: get credentials: failed to refresh cached credentials, context deadline exceeded":                                      false,
		`creating Secrets Manager Secret (web-credentials): operation error Secrets Manager: CreateSecret, request send failed, read tcp: connection reset by peer`:            true,
		"operation error Global Accelerator: CreateListener, https response error StatusCode: 502, RequestID: 1, api error UnknownError: UnknownError":                         true,
		"creating IAM Role (web): couldn't find resource": false,
		"name must be shorter than the geofence":          false,
	} {
		require.Equal(t, want, deploy.LeavesDoubt(message), message)
	}
}
