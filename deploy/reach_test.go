// Layer: sandbox (the real engine and the real program, on the sandbox). What is judged is the exported state.
package deploy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/stretchr/testify/require"
)

// leadsTo says through which endpoints the requests of an action go, by the beginning of the action. Docker pulls through the registry's
// own address and takes the layers from S3 (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html).
var leadsTo = map[string][]string{
	"cloudwatch:":               {"monitoring"},
	"ecr:GetAuthorizationToken": {"ecr.api"},
	"ecr:":                      {"ecr.dkr", layers},
	"events:":                   {"events"},
	"kms:":                      {"kms"},
	"logs:":                     {"logs"},
	"rds-data:":                 {"rds-data"},
	"s3:":                       {"s3"},
	"secretsmanager:":           {"secretsmanager"},
	"sns:":                      {"sns"},
	"sqs:":                      {"sqs"},
	"ssm:":                      {"ssm"},
	"ssmmessages:":              {"ssmmessages"},
	"xray:":                     {"xray"},
}

// layers stands for the S3 endpoint where the request is the registry's own: a URL that ECR signed, for its bucket of layers.
const layers = "layers"

// passNoEndpoint are actions whose requests never leave the VPC for an AWS service, with the reason.
var passNoEndpoint = map[string]string{
	"rds-db:connect": "the database itself checks it when a client connects; its security group says who can",
}

// unreachable lists what roles allow and instances cannot do from where they stand: every action in a role's policies on its way from
// each private subnet of the service to an endpoint in every zone.
func unreachable(state *deploy.State) ([]string, error) {
	r, err := readReachable(state)
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, group := range r.groups {
		role := r.roles[group.component]
		for _, policy := range r.policies[role.Name] {
			requests, err := policy.Requests()
			if err != nil {
				return nil, err
			}
			for _, request := range requests {
				request.Principal = role.ARN
				found, err := r.tryRequest(group, role, request)
				if err != nil {
					return nil, err
				}
				for _, problem := range found {
					problems = append(problems, group.component+": "+request.Action+": "+problem)
				}
			}
		}
	}
	slices.Sort(problems)
	return slices.Compact(problems), nil
}

// tryRequest is what keeps one request from being made.
func (r *reachable) tryRequest(group groupMade, role roleMade, request iameval.Request) ([]string, error) {
	if passNoEndpoint[request.Action] != "" {
		return nil, nil
	}
	if request.Context["kms:ViaService"] != nil { // AWS makes the request, on the role's behalf
		request.Context = maps.Clone(request.Context).With("aws:ViaAWSService", "true").With("aws:RequestedRegion", "eu-central-1")
		decision, err := r.identity(role, request)
		if decision != iameval.Allow {
			return []string{"AWS may not do it on the role's behalf: " + decision.String()}, err
		}
		return nil, err
	}
	var problems []string
	services := goesTo(request.Action)
	if services == nil {
		problems = append(problems, "nobody said which endpoint it goes to")
	}
	vpc := r.subnets[group.Subnets[0]].VPC
	for _, service := range services {
		found, err := r.tryEndpoint(group, role, request, vpc, service)
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
	}
	return problems, nil
}

// goesTo is the entry of leadsTo that fits best.
func goesTo(action string) []string {
	best := ""
	for prefix := range leadsTo {
		if strings.HasPrefix(action, prefix) && len(prefix) > len(best) {
			best = prefix
		}
	}
	return leadsTo[best]
}

func (r *reachable) tryEndpoint(group groupMade, role roleMade, request iameval.Request, vpc, service string) ([]string, error) {
	kind := "Interface"
	if service == layers || service == "s3" {
		kind = "Gateway"
	}
	endpoint, exists := r.endpoint(vpc, strings.Replace(service, layers, "s3", 1), kind)
	if !exists {
		return []string{"there is no endpoint for " + service}, nil
	}
	problems, err := r.tryPolicies(role, request, endpoint, service)
	if err != nil {
		return nil, err
	}
	if kind == "Gateway" {
		return append(problems, r.tryRoutes(group, endpoint, service)...), nil
	}
	if !endpoint.PrivateDNS {
		problems = append(problems, "the name of "+service+" does not lead to its endpoint")
	}
	for _, zone := range r.zonesOf(vpc) {
		if !slices.ContainsFunc(endpoint.Subnets, func(subnet string) bool { return r.subnets[subnet].Zone == zone }) {
			problems = append(problems, "the endpoint for "+service+" has no address in "+zone)
		}
	}
	for _, subnet := range group.Subnets {
		if !r.opens(group.securityGroups, r.subnets[subnet].Block, endpoint) {
			problems = append(problems, "security groups keep instances from the endpoint for "+service)
		}
	}
	return problems, nil
}

// tryRoutes holds a gateway endpoint against the route table of each of the service's subnets.
func (r *reachable) tryRoutes(group groupMade, endpoint endpointMade, service string) (problems []string) {
	for _, subnet := range group.Subnets {
		if !slices.Contains(endpoint.Tables, r.tables[subnet]) {
			problems = append(problems, fmt.Sprintf("no route leads from the subnet in %s to the endpoint for %s", r.subnets[subnet].Zone, service))
		}
	}
	if !r.opensList(group.securityGroups, endpoint.PrefixList) {
		problems = append(problems, "security groups keep instances from the endpoint for "+service)
	}
	return problems
}

// tryPolicies holds a request against the role's policies and the endpoint's. What comes from an instance through an endpoint carries
// these keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (r *reachable) tryPolicies(role roleMade, request iameval.Request, endpoint endpointMade, service string) ([]string, error) {
	account := strings.Split(role.ARN, ":")[4]
	context := maps.Clone(request.Context)
	for key, value := range map[string]string{
		"aws:SourceVpc": endpoint.VPC, "aws:SourceVpce": endpoint.id, "aws:VpcSourceIp": "10.40.1.7",
		"aws:Ec2InstanceSourceVpc": endpoint.VPC, "aws:Ec2InstanceSourcePrivateIPv4": "10.40.1.7",
		"aws:ViaAWSService": "false", "aws:RequestedRegion": "eu-central-1", "aws:PrincipalAccount": account,
	} {
		context = context.With(key, value)
	}
	if request.Resource != "*" {
		context = context.With("aws:ResourceAccount", ownerOf(request.Resource, account))
	}
	request.Context = context
	identity, err := r.identity(role, request)
	if err != nil {
		return nil, err
	}
	if service == layers {
		request = iameval.Request{
			Principal: "arn:aws:iam::999999999999:role/ecr", Action: "s3:GetObject", Resource: "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/layer",
			Context: iameval.Context{"aws:PrincipalAccount": {"999999999999"}, "aws:ResourceAccount": {"999999999999"}},
		}
	}
	policy, err := iameval.ParseResource(endpoint.Policy)
	if err != nil {
		return nil, err
	}
	through, err := policy.Evaluate(request)
	if err != nil {
		return nil, err
	}
	var problems []string
	if identity != iameval.Allow {
		problems = append(problems, "the role's policies say "+identity.String())
	}
	if through != iameval.Allow {
		problems = append(problems, "the policy of the endpoint for "+service+" says "+through.String())
	}
	return problems, nil
}

// ownerOf is the account in an ARN; buckets have none in theirs and are taken for one's own.
func ownerOf(arn, own string) string {
	if account := strings.Split(arn, ":")[4]; account != "" {
		return account
	}
	return own
}

// identity is what the policies of a role say together.
func (r *reachable) identity(role roleMade, request iameval.Request) (iameval.Decision, error) {
	together := iameval.ImplicitDeny
	for _, policy := range r.policies[role.Name] {
		decision, err := policy.Evaluate(request)
		if err != nil {
			return iameval.ImplicitDeny, err
		}
		together = max(together, decision)
	}
	return together, nil
}

func TestWhatARoleAllowsIsReachedThroughEndpointsInEveryZone(t *testing.T) {
	for _, stack := range []string{"prod", "dev"} {
		t.Run(stack, func(t *testing.T) {
			d := broughtUp(t, stack)
			state := d.state(t)
			problems, err := unreachable(state)
			require.NoError(t, err)
			require.Empty(t, problems)
			r, err := readReachable(state)
			require.NoError(t, err)
			require.Len(t, r.groups, 3, "every service was looked at")
			for _, group := range r.groups {
				require.NotEmpty(t, r.policies[r.roles[group.component].Name], group.component)
				require.NotEmpty(t, group.securityGroups, group.component)
			}
			require.Len(t, r.zonesOf(r.subnets[r.groups[0].Subnets[0]].VPC), map[string]int{"prod": 3, "dev": 2}[stack])
			gateways := 0
			for _, resource := range state.Resources {
				if resource.Type == "aws:ec2/natGateway:NatGateway" {
					gateways++
				}
			}
			require.Equal(t, map[string]int{"prod": 3, "dev": 0}[stack], gateways, "dev does without any way to the internet")
		})
	}
}

// TestWhatCannotBeReachedIsSeen breaks an exported state in one place after the other.
func TestWhatCannotBeReachedIsSeen(t *testing.T) {
	d := broughtUp(t, "prod")
	exported, err := d.open(t).Export(context.Background())
	require.NoError(t, err)
	for want, edit := range damages(t) {
		broken := exportedState{}
		require.NoError(t, json.Unmarshal(exported, &broken))
		edit(broken)
		text, err := json.Marshal(broken)
		require.NoError(t, err)
		state, err := deploy.ParseState(text)
		require.NoError(t, err)
		problems, err := unreachable(state)
		require.NoError(t, err)
		require.Contains(t, problems, want)
	}
}

// damages are what is broken, each by what is then found.
func damages(t *testing.T) map[string]func(exportedState) {
	return map[string]func(exportedState){
		"tickets: ecr:BatchGetImage: the endpoint for ecr.dkr has no address in eu-central-1b": func(s exportedState) {
			subnets := s.outputs(t, "network-ecr-dkr")["subnetIds"].([]any)
			s.outputs(t, "network-ecr-dkr")["subnetIds"] = []any{subnets[0], subnets[2]}
		},
		"web: logs:PutLogEvents: the name of logs does not lead to its endpoint": func(s exportedState) {
			s.outputs(t, "network-logs")["privateDnsEnabled"] = false
		},
		"web: secretsmanager:GetSecretValue: the policy of the endpoint for secretsmanager says implicit deny": func(s exportedState) {
			policy := s.outputs(t, "network-secretsmanager")["policy"].(string)
			s.outputs(t, "network-secretsmanager")["policy"] = strings.Replace(policy, "secretsmanager:GetSecretValue", "secretsmanager:ListSecretVersionIds", 1)
		},
		"search: ecr:BatchGetImage: the policy of the endpoint for layers says implicit deny": func(s exportedState) {
			policy := s.outputs(t, "network-s3")["policy"].(string)
			s.outputs(t, "network-s3")["policy"] = strings.Replace(policy, "starport", "starboard", 1)
		},
		"search: ecr:BatchGetImage: no route leads from the subnet in eu-central-1c to the endpoint for layers": func(s exportedState) {
			tables := s.outputs(t, "network-s3")["routeTableIds"].([]any)
			private := s.resource(t, "network-private-3", "aws:ec2/routeTable:RouteTable")["id"]
			s.outputs(t, "network-s3")["routeTableIds"] = slices.DeleteFunc(tables, func(each any) bool { return each == private })
		},
		"web: ssmmessages:OpenDataChannel: there is no endpoint for ssmmessages": func(s exportedState) {
			s.outputs(t, "network-ssmmessages")["serviceName"] = "com.amazonaws.eu-central-1.ssmcontacts"
		},
		"search: sqs:ReceiveMessage: there is no endpoint for sqs": func(s exportedState) {
			s.outputs(t, "network-sqs")["serviceName"] = "com.amazonaws.eu-central-1.sns"
		},
		"tickets: ssm:UpdateInstanceInformation: security groups keep instances from the endpoint for ssm": func(s exportedState) {
			s.outputs(t, "tickets-out-endpoints")["fromPort"], s.outputs(t, "tickets-out-endpoints")["toPort"] = 444, 444
		},
		"web: ecr:GetAuthorizationToken: security groups keep instances from the endpoint for ecr.api": func(s exportedState) {
			s.outputs(t, "network-endpoints-in")["cidrIpv4"] = "10.40.0.0/20" // zone a only
		},
		"search: ecr:GetDownloadUrlForLayer: security groups keep instances from the endpoint for layers": func(s exportedState) {
			s.outputs(t, "search-out-s3")["prefixListId"] = "pl-00000000"
		},
		"web: logs:CreateLogStream: the role's policies say explicit deny": func(s exportedState) {
			s.outputs(t, "web", "aws:iam/rolePolicy:RolePolicy")["policy"] = strings.Replace(
				s.outputs(t, "web", "aws:iam/rolePolicy:RolePolicy")["policy"].(string), `"aws:SourceVpc":["vpc-`, `"aws:SourceVpc":["vpc-another`, 1)
		},
		"web: kms:Decrypt: AWS may not do it on the role's behalf: explicit deny": func(s exportedState) {
			s.outputs(t, "web", "aws:iam/rolePolicy:RolePolicy")["policy"] = strings.Replace(
				s.outputs(t, "web", "aws:iam/rolePolicy:RolePolicy")["policy"].(string), `"BoolIfExists":{"aws:ViaAWSService":["false"]},`, "", 1)
		},
		"tickets: lambda:InvokeFunction: nobody said which endpoint it goes to": func(s exportedState) {
			s.outputs(t, "tickets", "aws:iam/rolePolicy:RolePolicy")["policy"] = strings.Replace(
				s.outputs(t, "tickets", "aws:iam/rolePolicy:RolePolicy")["policy"].(string), `"logs:CreateLogStream"`, `"lambda:InvokeFunction"`, 1)
		},
	}
}

// exportedState is an exported state to edit.
type exportedState map[string]any

// resource is the one resource with the name and, where several have it, the type.
func (s exportedState) resource(t *testing.T, name string, types ...string) map[string]any {
	t.Helper()
	var found []map[string]any
	for _, each := range s["deployment"].(map[string]any)["resources"].([]any) {
		resource := each.(map[string]any)
		if strings.HasSuffix(resource["urn"].(string), "::"+name) && (types == nil || slices.Contains(types, resource["type"].(string))) {
			found = append(found, resource)
		}
	}
	require.Len(t, found, 1, name)
	return found[0]
}

func (s exportedState) outputs(t *testing.T, name string, types ...string) map[string]any {
	t.Helper()
	return s.resource(t, name, types...)["outputs"].(map[string]any)
}

func TestWaysOutComeAndGoWithWhatNeedsThemAndDisturbNothing(t *testing.T) {
	d := broughtUp(t, "small")
	whole := d.first.Changes.Create
	d.change(t, func(config map[string]any) { config["network"].(map[string]any)["endpoints"] = []string{"xray"} })
	require.Equal(t, deploy.Changes{Create: 1, Same: whole}, d.up(t).Changes, "an endpoint more is an endpoint more")

	d.change(t, func(config map[string]any) {
		serviceOf(config, "web")["egress"] = []any{map[string]any{"description": "elsewhere", "cidr": "198.51.100.0/24", "port": 443}}
	})
	require.Equal(t, deploy.Changes{Create: 2*3 + 1, Same: whole + 1}, d.up(t).Changes, "gateway, address and route of each zone, and the rule")

	d.change(t, func(config map[string]any) { delete(serviceOf(config, "web"), "egress") })
	require.Equal(t, deploy.Changes{Delete: 2*3 + 1, Same: whole + 1}, d.up(t).Changes)
	problems, err := unreachable(d.state(t))
	require.NoError(t, err)
	require.Empty(t, problems)
}
