// Layer: rules (pure). The states are those of the stacks of this repository; a test of the deploy package holds them to what stands and
// writes them anew.
package topology_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/topology"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func stateText(t testing.TB, stack string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", stack+".json"))
	require.NoError(t, err)
	return text
}

func read(t require.TestingT, text []byte) *topology.Topology {
	made, err := topology.FromState(bytes.NewReader(text))
	require.NoError(t, err)
	return made
}

func service(t require.TestingT, made *topology.Topology, name string) topology.Service {
	for _, each := range made.Services {
		if each.Name == name {
			return each
		}
	}
	require.Fail(t, "no service "+name)
	return topology.Service{}
}

func TestProdIsReadAsItWasConfigured(t *testing.T) {
	made := read(t, stateText(t, "prod"))
	zones := []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}
	require.Equal(t, zones, made.Zones)
	require.Equal(t, []topology.WayOut{{zones[0], zones[0]}, {zones[1], zones[1]}, {zones[2], zones[2]}}, made.WaysOut)
	require.Equal(t, topology.Service{
		Name: "tickets",
		Ingress: topology.Ingress{
			Zones: zones, Internal: true, KeepAliveSeconds: 300, IdleSeconds: 60,
			Records: []topology.Record{{Name: "tickets.support.example.com", Alias: true}},
		},
		Target: topology.Target{
			IntervalSeconds: 5, TimeoutSeconds: 2, HealthyThreshold: 2, UnhealthyThreshold: 2, DiskProbe: true, CrossZone: true,
			FailOpenPercent: 33, DrainSeconds: 30,
		},
		Fleet: topology.Fleet{
			Min: 9, Desired: 9, Max: 18, PerZone: []topology.ZoneCount{{zones[0], 3}, {zones[1], 3}, {zones[2], 3}}, NeededAtPeak: 6,
			HealthCheckTypes: []string{"EBS", "ELB"}, GraceSeconds: 300, InstanceTypes: []string{"m7g.large", "m6g.large", "c7g.large", "r7g.large"},
		},
		OpenEgress: true, Calls: []string{"search"}, Databases: []string{"tickets-db"}, Buckets: []string{"assets", "backups"},
	}, service(t, made, "tickets"))
	require.Equal(t, []string{"search", "tickets"}, service(t, made, "web").Calls)
	require.Equal(t, []topology.Database{{
		Name: "tickets-db", Topology: topology.Aurora, Members: 3, MemberZones: []topology.ZoneCount{{zones[0], 1}, {zones[1], 1}, {zones[2], 1}},
		RetentionDays: 35, Protected: true, Encrypted: true,
	}}, made.Databases)
	require.Contains(t, made.Buckets, topology.Bucket{Name: "backups", Versioned: true, ReplicatedTo: "backups-replica"})
	require.Contains(t, made.Jobs, topology.Job{
		Name: "reindex", Expression: "cron(7 * * * ? *)", TimeZone: "Europe/Berlin", Consumers: []string{"search"}, DeadLetters: true,
	})
	require.Contains(t, made.Alarms, topology.Alarm{
		Name: "web-deploy", PeriodSeconds: 60, EvaluationPeriods: 2, DatapointsToAlarm: 2, TreatMissingData: "notBreaching",
	})
}

func TestDevSaysWhatItCannotKnow(t *testing.T) {
	made := read(t, stateText(t, "dev"))
	require.Equal(t, []string{"eu-central-1a", "eu-central-1b"}, made.Zones)
	require.Empty(t, made.WaysOut)
	require.Equal(t, topology.MultiAZInstance, made.Databases[0].Topology)
	require.Empty(t, made.Databases[0].MemberZones)
	require.Contains(t, made.Undetermined, topology.Undetermined{
		Path: "databases.tickets-db.memberZones", Reason: "AWS chooses the zone of the standby and the state does not hold it",
	})
}

// TestNoPhysicalIDIsInATopology lets two stacks of one configuration be compared.
func TestNoPhysicalIDIsInATopology(t *testing.T) {
	for _, stack := range []string{"prod", "dev"} {
		text, err := json.Marshal(read(t, stateText(t, stack)))
		require.NoError(t, err)
		require.NotRegexp(t, regexp.MustCompile(`arn:|[0-9a-f]{8,}|(subnet|sg|vpc|lt|nat)-0|-[0-9a-f]{7}"|urn:`), string(text))
	}
}

// edited is a state that can be taken apart.
type edited struct {
	Version    int `json:"version"`
	Deployment struct {
		Resources []map[string]any `json:"resources"`
	} `json:"deployment"`
}

func edit(t require.TestingT, text []byte) *edited {
	var state edited
	require.NoError(t, json.Unmarshal(text, &state))
	return &state
}

func (e *edited) text(t require.TestingT) []byte {
	text, err := json.Marshal(e)
	require.NoError(t, err)
	return text
}

func (e *edited) outputs(t require.TestingT, typ, name string) map[string]any {
	for _, each := range e.Deployment.Resources {
		if each["type"] == typ && strings.HasSuffix(each["urn"].(string), "::"+name) {
			return each["outputs"].(map[string]any)
		}
	}
	require.Fail(t, "no "+typ+" "+name)
	return nil
}

func (e *edited) drop(typ string) {
	var kept []map[string]any
	for _, each := range e.Deployment.Resources {
		if each["type"] != typ {
			kept = append(kept, each)
		}
	}
	e.Deployment.Resources = kept
}

const (
	secretKey  = "4dabf18193072939515e22adb298388d"
	secretMark = "1b47061264138c4ac30d75fd1eb44270"
)

func TestWhatIsMissingOrMalformedIsUndeterminedWithItsReason(t *testing.T) {
	const group, target, stack = "aws:autoscaling/group:Group", "aws:lb/targetGroup:TargetGroup", "pulumi:pulumi:Stack"
	for name, each := range map[string]struct {
		edit func(*edited)
		want topology.Undetermined
	}{
		"a key is gone": {func(e *edited) { delete(e.outputs(t, group, "web-asg"), "minSize") },
			topology.Undetermined{Path: "services.web.fleet.min", Reason: "the state does not hold minSize"}},
		"another type": {func(e *edited) { e.outputs(t, group, "web-asg")["minSize"] = "many" },
			topology.Undetermined{Path: "services.web.fleet.min", Reason: "the state has a text where a whole number belongs"}},
		"half an instance": {func(e *edited) { e.outputs(t, group, "web-asg")["minSize"] = 1.5 },
			topology.Undetermined{Path: "services.web.fleet.min", Reason: "the state has a number where a whole number belongs"}},
		"fewer than none": {func(e *edited) { e.outputs(t, group, "web-asg")["minSize"] = -1 },
			topology.Undetermined{Path: "services.web.fleet.min", Reason: "the state has a negative number there"}},
		"encrypted": {func(e *edited) {
			e.outputs(t, group, "web-asg")["healthCheckGracePeriod"] = map[string]any{secretKey: secretMark, "ciphertext": "v1:abc"}
		}, topology.Undetermined{Path: "services.web.fleet.graceSeconds", Reason: "healthCheckGracePeriod is a secret, which is encrypted in the state"}},
		"not known yet": {func(e *edited) {
			e.outputs(t, target, "web-tg")["deregistrationDelay"] = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
		},
			topology.Undetermined{Path: "services.web.target.drainSeconds", Reason: "deregistrationDelay was not known yet when the state was written"}},
		"no target groups": {func(e *edited) { e.drop(target) },
			topology.Undetermined{Path: "services.web.target", Reason: "the state does not hold the target group of the Auto Scaling group"}},
		"no listeners": {func(e *edited) { e.drop("aws:lb/listener:Listener") },
			topology.Undetermined{Path: "services.web.ingress", Reason: "the state does not hold a listener that forwards to the target group, or its load balancer"}},
		"no fleets": {func(e *edited) { e.drop(group) }, topology.Undetermined{Path: "services", Reason: "the state holds no Auto Scaling group"}},
		"no templates": {func(e *edited) { e.drop("aws:ec2/launchTemplate:LaunchTemplate") },
			topology.Undetermined{Path: "services.web.openEgress", Reason: "the state does not hold the launch template of the Auto Scaling group"}},
		"no subnets": {func(e *edited) { e.drop("aws:ec2/subnet:Subnet") }, topology.Undetermined{Path: "zones", Reason: "the state holds no subnet with a zone"}},
		"no members": {func(e *edited) { e.drop("aws:rds/clusterInstance:ClusterInstance") },
			topology.Undetermined{Path: "databases.tickets-db.members", Reason: "the state holds no instance of the cluster"}},
		"no gateways": {func(e *edited) { e.drop("aws:ec2/natGateway:NatGateway") },
			topology.Undetermined{Path: "waysOut.eu-central-1a.through", Reason: "the state does not hold the NAT gateway that the route leads to, or its zone"}},
		"no stack": {func(e *edited) { e.drop(stack) },
			topology.Undetermined{Path: "services.web-asg.fleet.neededAtPeak", Reason: "the state holds 0 stacks, and their outputs, where one belongs"}},
		"the output is a secret": {func(e *edited) {
			for _, each := range e.Deployment.Resources {
				if each["type"] == stack {
					each["outputs"] = map[string]any{"aplomb": map[string]any{secretKey: secretMark, "ciphertext": "v1:abc"}}
				}
			}
		}, topology.Undetermined{
			Path: "services.web-asg.fleet.neededAtPeak", Reason: "the stack's output: aplomb is a secret, which is encrypted in the state",
		}},
		"a policy is garbage": {func(e *edited) { e.outputs(t, "aws:iam/rolePolicy:RolePolicy", "web")["policy"] = "{" },
			topology.Undetermined{Path: "services.web.buckets", Reason: "a policy of its role cannot be read"}},
		"no alarms": {func(e *edited) { e.drop("aws:cloudwatch/metricAlarm:MetricAlarm") },
			topology.Undetermined{Path: "composites.db-backups-three-nights.children", Reason: "the state does not hold every alarm that its rule names"}},
		"two of one name": {func(e *edited) {
			e.Deployment.Resources = append(e.Deployment.Resources, map[string]any{"type": "aws:s3/bucketV2:BucketV2", "urn": "urn::assets", "outputs": map[string]any{}})
		}, topology.Undetermined{Path: "buckets.assets", Reason: "two resources of the state have this name"}},
	} {
		t.Run(name, func(t *testing.T) {
			state := edit(t, stateText(t, "prod"))
			require.NotContains(t, read(t, state.text(t)).Undetermined, each.want)
			each.edit(state)
			require.Contains(t, read(t, state.text(t)).Undetermined, each.want)
		})
	}
}

func TestSecretsInPlainTextAreRead(t *testing.T) {
	state := edit(t, stateText(t, "prod"))
	whole := read(t, state.text(t))
	outputs := state.outputs(t, "pulumi:pulumi:Stack", "aplomb-prod")
	for _, holder := range []map[string]any{outputs, state.outputs(t, "aws:autoscaling/group:Group", "web-asg")} {
		for key, value := range holder {
			plain, err := json.Marshal(value)
			require.NoError(t, err)
			holder[key] = map[string]any{secretKey: secretMark, "plaintext": string(plain)}
		}
	}
	require.Equal(t, whole, read(t, state.text(t)))
}

func TestTheOrderOfAStateMeansNothingAndACheckpointReadsTheSame(t *testing.T) {
	text := stateText(t, "prod")
	whole := read(t, text)
	rapid.Check(t, func(t *rapid.T) {
		state := edit(t, text)
		state.Deployment.Resources = rapid.Permutation(state.Deployment.Resources).Draw(t, "order")
		require.Equal(t, whole, read(t, state.text(t)))
	})
	checkpoint := fmt.Sprintf(`{"version":3,"checkpoint":{"stack":"x","latest":{"resources":%s}}}`, resources(t, text))
	require.Equal(t, whole, read(t, []byte(checkpoint)))
}

func resources(t *testing.T, text []byte) []byte {
	t.Helper()
	out, err := json.Marshal(edit(t, text).Deployment.Resources)
	require.NoError(t, err)
	return out
}

func TestWhatAReplacementLeftBehindDoesNotCount(t *testing.T) {
	state := edit(t, stateText(t, "prod"))
	whole := read(t, state.text(t))
	for _, each := range edit(t, stateText(t, "dev")).Deployment.Resources {
		each["delete"] = true
		state.Deployment.Resources = append(state.Deployment.Resources, each)
	}
	require.Equal(t, whole, read(t, state.text(t)))
}

func TestWhatIsNoStateIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                 "state of the stack: EOF",
		"[]":               "cannot unmarshal array",
		"{}":               "version 0 is not 3 or 4",
		`{"version":5}`:    "version 5 is not 3 or 4",
		`{"version":3} {}`: "something follows after its end",
		`{"version":3,"deployment":{"resources":[{"outputs":[]}]}}`: "cannot unmarshal array",
	} {
		_, err := topology.FromState(strings.NewReader(text))
		require.ErrorContains(t, err, want, text)
	}
	for _, text := range []string{
		`{"version":3}`, `{"version":3,"deployment":null}`, `{"version":3,"deployment":{}}`, `{"version":3,"checkpoint":{}}`,
		`{"version":3,"deployment":{"resources":[{"delete":true}]}}`,
	} {
		_, err := topology.FromState(strings.NewReader(text))
		require.ErrorIs(t, err, topology.ErrNoResources, text)
	}
}

// flat is a topology as one number or truth for each path, list entries by their names.
func flat(t require.TestingT, made *topology.Topology) map[string]any {
	text, err := json.Marshal(made)
	require.NoError(t, err)
	var whole map[string]any
	require.NoError(t, json.Unmarshal(text, &whole))
	all := map[string]any{}
	flatten(all, "", whole)
	return all
}

func flatten(into map[string]any, path string, value any) {
	switch is := value.(type) {
	case map[string]any:
		for key, inner := range is {
			flatten(into, strings.TrimPrefix(path+"."+key, "."), inner)
		}
	case []any:
		for _, inner := range is {
			if named, isMap := inner.(map[string]any); isMap && named["name"] != nil {
				flatten(into, path+"."+named["name"].(string), inner)
			}
		}
	case float64, bool:
		into[path] = is
	}
}

// silent are truths that something's absence makes false: a record, a rule, a queue's policy.
var silent = regexp.MustCompile(`\.(alias|openEgress|versioned|deadLetters|accelerated)$`)

// TestNoPropertyThatIsGoneBecomesAZeroThatLooksLikeAFact takes each property away, one at a time.
func TestNoPropertyThatIsGoneBecomesAZeroThatLooksLikeAFact(t *testing.T) {
	text := stateText(t, "prod")
	before := flat(t, read(t, text))
	zeroed, hidden := 0, []string{}
	state := edit(t, text)
	for _, each := range state.Deployment.Resources {
		outputs, _ := each["outputs"].(map[string]any)
		for key, value := range outputs {
			delete(outputs, key)
			made := read(t, state.text(t))
			outputs[key] = value
			for path, now := range flat(t, made) {
				was, existed := before[path]
				if !existed || now == was || now != 0.0 && now != false || silent.MatchString(path) {
					continue
				}
				zeroed++
				noted := false
				for _, unknown := range made.Undetermined {
					noted = noted || path == unknown.Path || strings.HasPrefix(path, unknown.Path+".")
				}
				if !noted {
					hidden = append(hidden, fmt.Sprintf("%s became %v without %s of %s", path, now, key, each["urn"]))
				}
			}
		}
	}
	require.Empty(t, hidden, "and nothing says so")
	require.Greater(t, zeroed, 50)
}

func FuzzFromState(f *testing.F) {
	for _, stack := range []string{"prod", "dev"} {
		f.Add(stateText(f, stack))
	}
	f.Add([]byte(`{"version":3,"deployment":{"resources":[{"urn":"u","type":"aws:autoscaling/group:Group","outputs":{"vpcZoneIdentifiers":[1,null,{}]}}]}}`))
	f.Add([]byte(`{"version":3,"checkpoint":{"latest":{"resources":[{"type":"aws:cloudwatch/compositeAlarm:CompositeAlarm","outputs":{"alarmRule":"ALARM(\"x"}}]}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		made, err := topology.FromState(bytes.NewReader(text))
		if err != nil {
			require.Nil(t, made)
			return
		}
		if len(made.Services) == 0 || len(made.Zones) == 0 {
			require.NotEmpty(t, made.Undetermined, "nothing was found, which is no fact")
		}
		again, err := topology.FromState(bytes.NewReader(text))
		require.NoError(t, err)
		require.Equal(t, made, again)
	})
}

func TestANetworkThatWaitsInAnotherRegionIsNotTheStacks(t *testing.T) {
	text, err := os.ReadFile("testdata/prod.json")
	require.NoError(t, err)
	want, err := topology.FromState(bytes.NewReader(text))
	require.NoError(t, err)
	var state map[string]any
	require.NoError(t, json.Unmarshal(text, &state))
	deployment := state["deployment"].(map[string]any)
	deployment["resources"] = append(deployment["resources"].([]any),
		map[string]any{"urn": "urn:pulumi:prod::aplomb::aws:ec2/vpc:Vpc::there", "type": "aws:ec2/vpc:Vpc", "custom": true, "id": "vpc-there",
			"outputs": map[string]any{"cidrBlock": "10.48.0.0/16"}},
		map[string]any{"urn": "urn:pulumi:prod::aplomb::aws:ec2/subnet:Subnet::there", "type": "aws:ec2/subnet:Subnet", "custom": true, "id": "subnet-there",
			"outputs": map[string]any{"vpcId": "vpc-there", "availabilityZone": "eu-west-1a"}})
	text, err = json.Marshal(state)
	require.NoError(t, err)
	got, err := topology.FromState(bytes.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, want, got)
}
