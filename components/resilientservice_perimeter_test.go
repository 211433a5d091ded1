package components_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The tests of this file judge the policy as AWS is given it, by an evaluator that shares no code with the component.

// fromInside are the keys of a request that an instance of the service makes through an endpoint of its own VPC. Which keys AWS gives:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func fromInside() iameval.Context {
	return iameval.Context{
		"aws:SourceVpc": {"vpc-1"}, "aws:SourceVpce": {"vpce-1"}, "aws:VpcSourceIp": {"10.40.3.7"},
		"aws:Ec2InstanceSourceVpc": {"vpc-1"}, "aws:Ec2InstanceSourcePrivateIPv4": {"10.40.3.7"},
		"ec2:SourceInstanceARN": {"arn:aws:ec2:eu-central-1:" + account + ":instance/i-1"}, "ec2:RoleDelivery": {"2.0"},
		"aws:ViaAWSService": {"false"}, "aws:PrincipalIsAWSService": {"false"}, "aws:RequestedRegion": {"eu-central-1"},
		"aws:PrincipalAccount": {account}, "aws:ResourceAccount": {account}, "aws:SecureTransport": {"true"},
	}
}

// byAWS are the keys of a request that AWS makes with the role's credentials on its behalf: of the first request's network they say
// nothing (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html).
func byAWS(service string) iameval.Context {
	return iameval.Context{
		"aws:ViaAWSService": {"true"}, "aws:CalledVia": {service}, "aws:PrincipalIsAWSService": {"false"},
		"aws:RequestedRegion": {"eu-central-1"}, "aws:PrincipalAccount": {account}, "aws:ResourceAccount": {account},
	}
}

// stolen are the ways in which credentials of the role are used where they were not issued.
func stolen() map[string]iameval.Context {
	overInternet := fromInside().Without("aws:SourceVpc").Without("aws:SourceVpce").Without("aws:VpcSourceIp")
	return map[string]iameval.Context{
		"over the internet":                        overInternet.With("aws:SourceIp", "203.0.113.9"),
		"without any network key":                  overInternet,
		"through an endpoint of another VPC":       fromInside().With("aws:SourceVpc", "vpc-2"),
		"the role on an instance of another VPC":   fromInside().With("aws:SourceVpc", "vpc-2").With("aws:Ec2InstanceSourceVpc", "vpc-2"),
		"issued in another VPC, brought into this": fromInside().With("aws:Ec2InstanceSourceVpc", "vpc-2"),
		byNoInstance:                                   fromInside().Without("aws:Ec2InstanceSourceVpc").Without("aws:Ec2InstanceSourcePrivateIPv4").Without("ec2:SourceInstanceARN"),
		"a VPC of the same id in another Region":       fromInside().With("aws:RequestedRegion", "us-east-1"),
		"on another instance of the VPC":               fromInside().With("aws:VpcSourceIp", "10.40.35.8"),
		"over the internet, from the right kind of IP": overInternet.With("aws:SourceIp", "10.40.3.7"),
		"by something that hides whether it is AWS":    overInternet.Without("aws:ViaAWSService"),
	}
}

const byNoInstance = "the role assumed by no instance"

// isPull tells the requests that Docker makes with the registry's token and not with the role's credentials.
func isPull(action string) bool {
	return slices.Contains([]string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}, action)
}

func TestAPullThatSaysNothingOfItsInstanceIsLetThrough(t *testing.T) {
	policy, permissions := permissionsOf(t, recordService(t, serviceArgs()).One(t, rolePolicyToken, "tickets").Text(t, "policy"))
	seen := 0
	for _, permission := range permissions {
		if isPull(permission.Action) {
			seen++
			require.Equal(t, iameval.Allow, decide(t, policy, permission.in(stolen()[byNoInstance])), permission.Action)
		}
	}
	require.Equal(t, 3, seen, "the three actions of a pull")
}

// permission is a request that the role is made for, and whether only AWS can make it on the role's behalf.
type permission struct {
	iameval.Request
	onlyVia string
}

// permissionsOf reads every permission from a role's policy.
func permissionsOf(t recorder.TB, text string) (iameval.Policy, []permission) {
	t.Helper()
	policy, err := iameval.ParseIdentity(text)
	if err != nil {
		t.Fatalf("%v", err)
	}
	requests, err := policy.Requests()
	if err != nil {
		t.Fatalf("%v", err)
	}
	var all []permission
	for _, request := range requests {
		only := request.Context["kms:ViaService"]
		all = append(all, permission{Request: request, onlyVia: strings.Join(only, "")})
	}
	return policy, all
}

// in is the request under other keys than those that the policy's own conditions ask for.
func (p permission) in(context iameval.Context) iameval.Request {
	request := p.Request
	request.Context = context
	for key, values := range p.Context {
		if !strings.EqualFold(key, "ec2:SourceInstanceARN") { // that is part of where the request comes from
			request.Context = request.Context.With(key, values...)
		}
	}
	return request
}

func decide(t recorder.TB, policy iameval.Policy, request iameval.Request) iameval.Decision {
	t.Helper()
	decision, err := policy.Evaluate(request)
	if err != nil {
		t.Fatalf("%s on %s: %v", request.Action, request.Resource, err)
	}
	return decision
}

// everyService are services with each kind of permission that a role can have.
func everyService() map[string]*components.ResilientServiceArgs {
	plain, secrets, noSessions, public := serviceArgs(), serviceArgs(), serviceArgs(), serviceArgs()
	secrets.Secrets = map[string]pulumi.StringInput{"SESSION_KEY": pulumi.String("s"), "HELPDESK_TOKEN": pulumi.String("h")}
	noSessions.NoSessions = true
	public.Image, public.Egress = "public.ecr.aws/nginx/nginx@"+digest, egress("the registry", "0.0.0.0/0", 443)
	return map[string]*components.ResilientServiceArgs{"plain": plain, "secrets": secrets, "no sessions": noSessions, "public image": public}
}

func TestWhatARoleAllowsWorksFromItsInstancesAndNowhereElse(t *testing.T) {
	for name, args := range everyService() {
		t.Run(name, func(t *testing.T) {
			policy, permissions := permissionsOf(t, recordService(t, args).One(t, rolePolicyToken, "tickets").Text(t, "policy"))
			require.NotEmpty(t, permissions)
			for _, permission := range permissions {
				home, via := fromInside(), byAWS("secretsmanager.amazonaws.com")
				if permission.onlyVia != "" {
					require.Equal(t, iameval.Allow, decide(t, policy, permission.in(via)), permission.Action)
					require.Equal(t, iameval.ImplicitDeny, decide(t, policy, iameval.Request{
						Action: permission.Action, Resource: permission.Resource, Context: home,
					}), "%s is AWS's to call, not the workload's", permission.Action)
				} else {
					require.Equal(t, iameval.Allow, decide(t, policy, permission.in(home)), permission.Action)
				}
				for theft, context := range stolen() {
					if theft == byNoInstance && isPull(permission.Action) {
						continue // TestAPullThatSaysNothingOfItsInstanceIsLetThrough
					}
					require.Equal(t, iameval.ExplicitDeny, decide(t, policy, permission.in(context)), "%s %s", permission.Action, theft)
				}
			}
		})
	}
}

func TestThePerimeterStandsInFrontOfWhateverIsGrantedLater(t *testing.T) {
	policy := withEverythingAllowed(t, recordService(t, serviceArgs()).One(t, rolePolicyToken, "tickets").Text(t, "policy"))
	for action, resource := range map[string]string{
		"s3:GetObject": "arn:aws:s3:::assets/logo.png", "sqs:ReceiveMessage": "arn:aws:sqs:eu-central-1:" + account + ":jobs",
		"sts:AssumeRole": "arn:aws:iam::" + account + ":role/other", "iam:CreateUser": "arn:aws:iam::" + account + ":user/backdoor",
	} {
		require.Equal(t, iameval.Allow, decide(t, policy, iameval.Request{Action: action, Resource: resource, Context: fromInside()}), action)
		for theft, context := range stolen() {
			require.Equal(t, iameval.ExplicitDeny, decide(t, policy, iameval.Request{Action: action, Resource: resource, Context: context}), "%s %s", action, theft)
		}
	}
}

// A database sees no endpoint: the request has no key of the network at all.
func TestAConnectionToADatabaseIsNotThePerimetersMatter(t *testing.T) {
	policy := withEverythingAllowed(t, recordService(t, serviceArgs()).One(t, rolePolicyToken, "tickets").Text(t, "policy"))
	request := iameval.Request{
		Action: "rds-db:connect", Resource: "arn:aws:rds-db:eu-central-1:" + account + ":dbuser:cluster-ABC/tickets",
		Context: iameval.Context{"aws:PrincipalAccount": {account}},
	}
	require.Equal(t, iameval.Allow, decide(t, policy, request))
	request.Action = "rds:ModifyDBCluster"
	require.Equal(t, iameval.ExplicitDeny, decide(t, policy, request), "the exception is one action, not the service")
}

// withEverythingAllowed is the policy with an Allow for everything in front, so that only its Deny statements decide.
func withEverythingAllowed(t *testing.T, text string) iameval.Policy {
	t.Helper()
	var document struct {
		Version   string
		Statement []json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(text), &document))
	document.Statement = append(document.Statement, json.RawMessage(`{"Sid":"Everything","Effect":"Allow","Action":"*","Resource":"*"}`))
	whole, err := json.Marshal(document)
	require.NoError(t, err)
	policy, err := iameval.ParseIdentity(string(whole))
	require.NoError(t, err)
	return policy
}

// drawOutside is any request that is not made by an instance of the VPC through an endpoint of the VPC, or goes elsewhere.
func drawOutside(t *rapid.T) iameval.Context {
	context := fromInside()
	elsewhere := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"aws:SourceVpc", "aws:Ec2InstanceSourceVpc", "aws:RequestedRegion"}),
		1, 3, rapid.ID[string]).Draw(t, "elsewhere")
	for _, key := range elsewhere {
		context = context.Without(key)
		if rapid.Bool().Draw(t, "has "+key) {
			context = context.With(key, rapid.SampledFrom([]string{"vpc-11", "VPC-1", "vpc-", "us-east-1", "eu-central-11"}).Draw(t, key))
		}
	}
	for _, key := range []string{"aws:SourceVpce", "aws:VpcSourceIp", "aws:Ec2InstanceSourcePrivateIPv4", "ec2:SourceInstanceARN", "aws:ViaAWSService", "ec2:RoleDelivery"} {
		if rapid.Bool().Draw(t, "no "+key) {
			context = context.Without(key)
		}
	}
	return context
}

func TestNoRequestFromOutsideIsEverAllowed(t *testing.T) {
	policy := withEverythingAllowed(t, recordService(t, serviceArgs()).One(t, rolePolicyToken, "tickets").Text(t, "policy"))
	rapid.Check(t, func(t *rapid.T) {
		request := iameval.Request{
			Action:   rapid.StringMatching(`[a-z]{2,8}:[A-Z][a-z]{2,8}`).Draw(t, "action"),
			Resource: "arn:aws:s3:::assets/a", Context: drawOutside(t),
		}
		require.Equal(t, iameval.ExplicitDeny, decide(t, policy, request))
	})
}

func TestThePerimeterIsOfTheVPCThatTheServiceRunsIn(t *testing.T) {
	args := serviceArgs()
	args.Placement.VPCID = pulumi.String("vpc-2")
	policy, permissions := permissionsOf(t, recordService(t, args).One(t, rolePolicyToken, "tickets").Text(t, "policy"))
	require.Equal(t, iameval.ExplicitDeny, decide(t, policy, permissions[0].in(fromInside())))
	moved := fromInside().With("aws:SourceVpc", "vpc-2").With("aws:Ec2InstanceSourceVpc", "vpc-2")
	require.Equal(t, iameval.Allow, decide(t, policy, permissions[0].in(moved)))
}
