// Layer: sandbox. What a fault makes of one operation, as the engine gets to hear of it.
package provider_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aplomb-iac/aplomb/sandbox/fault"
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
	"github.com/aplomb-iac/aplomb/sandbox/provider"
)

// struck is a provider on which one fault will strike, once.
func struck(t *testing.T, kind fault.Kind, on fault.Operation) *server {
	t.Helper()
	return start(t, provider.WithFaults(fault.NewPlan(fault.Fault{Kind: kind, Operation: on, Times: 1}), nil))
}

func (s *server) standing() int {
	s.t.Helper()
	all, err := s.cloud.List()
	require.NoError(s.t, err)
	return len(all)
}

var home = map[string]any{"region": "eu-central-1"}

var block = map[string]any{"cidrBlock": "10.0.0.0/16"}

func TestAFaultHasTheWordsOfTheServiceAndChangesNothing(t *testing.T) {
	const (
		logs    = "urn:pulumi:dev::lab::aws:cloudwatch/logGroup:LogGroup::web"
		role    = "urn:pulumi:dev::lab::aws:iam/role:Role::web"
		subnet  = "urn:pulumi:dev::lab::aws:ec2/subnet:Subnet::one"
		tooMany = "exceeded maximum number of attempts, 25, api error "
	)
	trust := map[string]any{"name": "web", "assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}`}
	for _, c := range []struct {
		kind   fault.Kind
		urn    string
		inputs map[string]any
		want   string
	}{
		{fault.Throttle, vpcURN, block, "creating EC2 VPC: operation error EC2: CreateVpc, " + tooMany + "RequestLimitExceeded: Request limit exceeded."},
		{fault.Throttle, role, trust, "creating IAM Role (web): operation error IAM: CreateRole, " + tooMany + "Throttling: Rate exceeded"},
		{fault.Throttle, logs, map[string]any{"name": "web"}, "operation error CloudWatch Logs: CreateLogGroup, " + tooMany + "ThrottlingException: Rate exceeded"},
		{fault.InternalError, vpcURN, block, "operation error EC2: CreateVpc, " + tooMany + "InternalError: An internal error has occurred."},
		{fault.InternalError, role, trust, tooMany + "ServiceFailure: The request processing has failed"},
		{fault.NotFound, subnet, map[string]any{"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}, "creating EC2 Subnet: operation error EC2: CreateSubnet, api error InvalidVpcID.NotFound: "},
		{fault.NotFound, vpcURN, block, "creating EC2 VPC: couldn't find resource"},
	} {
		s := struck(t, c.kind, fault.Create)
		client := s.instance(home)
		_, err := client.create(c.urn, c.inputs)
		require.ErrorContains(t, err, c.want)
		require.Equal(t, codes.Unknown, status.Code(err), "which is what the real provider's errors are")
		require.Zero(t, s.standing())
		if c.urn != subnet {
			_, err = client.create(c.urn, c.inputs)
			require.NoError(t, err, "it strikes once")
		}
	}
}

func TestAPreviewIsNotStruck(t *testing.T) {
	c := struck(t, fault.Throttle, fault.Create).instance(home)
	_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: vpcURN, Preview: true, Properties: c.properties(block)})
	require.NoError(t, err)
	_, err = c.create(vpcURN, block)
	require.ErrorContains(t, err, "RequestLimitExceeded", "the fault is left for what is real")
}

func TestEveryOperationCanBeStruck(t *testing.T) {
	for operation, ask := range map[fault.Operation]func(c *client, id string) error{
		fault.Read: func(c *client, id string) error {
			return second(c.Read(c.t.Context(), &pulumirpc.ReadRequest{Urn: vpcURN, Id: id}))
		},
		fault.Delete: func(c *client, id string) error {
			return second(c.Delete(c.t.Context(), &pulumirpc.DeleteRequest{Urn: vpcURN, Id: id}))
		},
		fault.Check: func(c *client, _ string) error {
			return second(c.Check(c.t.Context(), &pulumirpc.CheckRequest{Urn: vpcURN}))
		},
		fault.Diff: func(c *client, id string) error {
			return second(c.Diff(c.t.Context(), &pulumirpc.DiffRequest{Urn: vpcURN, Id: id}))
		},
		fault.Update: func(c *client, id string) error {
			return second(c.Update(c.t.Context(), &pulumirpc.UpdateRequest{Urn: vpcURN, Id: id, News: c.properties(block)}))
		},
		fault.Invoke: func(c *client, _ string) error {
			return second(c.Invoke(c.t.Context(), &pulumirpc.InvokeRequest{Tok: "aws:index/getRegion:getRegion"}))
		},
	} {
		s := start(t, provider.WithFaults(fault.NewPlan(fault.Fault{Kind: fault.InternalError, Operation: operation, Times: 1}), nil))
		c := s.instance(home)
		seed := map[string]any{"cidrBlock": "10.0.0.0/16"}
		made, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: vpcURN, Properties: c.properties(seed)})
		require.NoError(t, err)
		require.ErrorContains(t, ask(c, made.GetId()), "api error Internal", operation)
		require.Equal(t, 1, s.standing(), operation)
		require.NoError(t, ask(c, made.GetId()), operation)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWhatAWSDoesNotSeeIsGoneForAReadAndDoneForADeletion(t *testing.T) {
	s := start(t, provider.WithFaults(fault.NewPlan(fault.Fault{Kind: fault.NotFound, Operation: fault.Read, Times: 1},
		fault.Fault{Kind: fault.NotFound, Operation: fault.Delete, Times: 1}, fault.Fault{Kind: fault.NotFound, Operation: fault.Update, Times: 1}), nil))
	c := s.instance(home)
	made, err := c.create(vpcURN, block)
	require.NoError(t, err)
	read, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Urn: vpcURN, Id: made.GetId()})
	require.NoError(t, err)
	require.Empty(t, read.GetId())
	_, err = c.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: vpcURN, Id: made.GetId()})
	require.ErrorContains(t, err, "updating EC2 VPC ("+made.GetId()+"): couldn't find resource")
	_, err = c.Delete(t.Context(), &pulumirpc.DeleteRequest{Urn: vpcURN, Id: made.GetId()})
	require.NoError(t, err)
	require.Equal(t, 1, s.standing(), "it is there all the time")
}

func TestADroppedConnectionIsGoneWithItsConfigurationBeforeOrAfterTheCloudChanged(t *testing.T) {
	for kind, standing := range map[fault.Kind]int{fault.DropBefore: 0, fault.DropAfter: 1} {
		s := struck(t, kind, fault.Create)
		c, other := s.instance(home), s.instance(home)
		_, err := c.create(vpcURN, block)
		require.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
		require.NotContains(t, err.Error(), "the connection was dropped", "the engine sees the connection break, and hears no reason")
		require.Equal(t, standing, s.standing(), kind)
		_, err = c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: vpcURN})
		require.Error(t, err)
		_, err = other.create(vpcURN, block)
		require.NoError(t, err, "another instance has a connection of its own")
	}
}

func TestARefusalOfAWSIsNoChangeThatAnAnswerCouldBeLostOf(t *testing.T) {
	for _, kind := range []fault.Kind{fault.DropAfter, fault.Kill} {
		c := struck(t, kind, fault.Create).instance(home)
		_, err := c.create("urn:pulumi:dev::lab::aws:ec2/subnet:Subnet::one", map[string]any{"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"})
		require.ErrorContains(t, err, "InvalidVpcID.NotFound", kind)
	}
}

func TestTheEngineIsKilledWhenTheCloudHasChanged(t *testing.T) {
	var s *server
	killed := make(chan int, 2)
	kill := func() error { killed <- s.standing(); return nil }
	s = start(t, provider.WithFaults(fault.NewPlan(fault.Fault{Kind: fault.Kill, Operation: fault.Create, Times: 1}), func() error { return kill() }))
	_, err := s.instance(home).create(vpcURN, block)
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.Equal(t, 1, <-killed, "with one thing standing")
	require.Empty(t, killed, "once")

	_, err = struck(t, fault.Kill, fault.Create).instance(home).create(vpcURN, block)
	require.ErrorContains(t, err, "nobody said how")
	s = start(t, provider.WithFaults(fault.NewPlan(fault.Fault{Kind: fault.Kill, Operation: fault.Create, Times: 1}), func() error { return errors.New("no such process") }))
	_, err = s.instance(home).create(vpcURN, block)
	require.ErrorContains(t, err, "killing the engine: no such process")
}

// TestASlowAnswerWaitsUntilItIsGivenUp does not look at a clock: the fast one answers while the slow one waits, and giving
// up ends the wait.
func TestASlowAnswerWaitsUntilItIsGivenUp(t *testing.T) {
	plan := fault.NewPlan(fault.Fault{Kind: fault.Slow, Operation: fault.Create, Times: 1, For: 10 * time.Minute})
	s := start(t, provider.WithFaults(plan, nil))
	c := s.instance(home)
	slow := make(chan error, 1)
	request := &pulumirpc.CreateRequest{Urn: vpcURN, Properties: c.properties(block)}
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	go func() { slow <- second(c.Create(ctx, request)) }()
	require.Eventually(t, func() bool { return plan.Outcomes()[0].Left == 0 }, time.Minute, time.Millisecond)
	_, err := c.create(vpcURN, block)
	require.NoError(t, err)
	giveUp()
	require.Equal(t, codes.Canceled, status.Code(<-slow))
	require.Equal(t, 1, s.standing())
}

func TestOfManyOperationsAtOnceAsManyFailAsTheFaultSays(t *testing.T) {
	s := start(t, provider.WithFaults(fault.NewPlan(fault.Fault{Kind: fault.Throttle, Operation: fault.Create, Times: 7}), nil))
	c := s.instance(home)
	properties := c.properties(block)
	var failed atomic.Int64
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: vpcURN, Properties: properties}); err != nil {
				failed.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 7, failed.Load())
	require.Equal(t, 13, s.standing())
}

func TestEveryKindCanBeThrottledAndFail(t *testing.T) {
	for _, kind := range kinds.All() {
		for _, verb := range []kinds.Verb{kinds.Creating, kinds.Reading, kinds.Updating, kinds.Deleting} {
			trouble := kind.Trouble(verb, "x-1", nil)
			require.Regexp(t, `^`+string(verb)+` .* \(x-1\): operation error .*api error [A-Za-z]+: .+`, trouble.Throttled().Error(), kind.Token)
			require.Contains(t, trouble.Failed().Error(), "exceeded maximum number of attempts, 25, api error ")
		}
	}
}
