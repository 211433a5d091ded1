package topology

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The resource types that are read, by AWS's provider for Pulumi.
const (
	vpcType         = "aws:ec2/vpc:Vpc"
	subnetType      = "aws:ec2/subnet:Subnet"
	natType         = "aws:ec2/natGateway:NatGateway"
	routeType       = "aws:ec2/route:Route"
	associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	egressType      = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	balancerType    = "aws:lb/loadBalancer:LoadBalancer"
	listenerType    = "aws:lb/listener:Listener"
	targetType      = "aws:lb/targetGroup:TargetGroup"
	groupType       = "aws:autoscaling/group:Group"
	templateType    = "aws:ec2/launchTemplate:LaunchTemplate"
	profileType     = "aws:iam/instanceProfile:InstanceProfile"
	policyType      = "aws:iam/rolePolicy:RolePolicy"
	recordType      = "aws:route53/record:Record"
	endpointType    = "aws:globalaccelerator/endpointGroup:EndpointGroup"
	clusterType     = "aws:rds/cluster:Cluster"
	memberType      = "aws:rds/clusterInstance:ClusterInstance"
	instanceType    = "aws:rds/instance:Instance"
	proxyType       = "aws:rds/proxy:Proxy"
	bucketType      = "aws:s3/bucketV2:BucketV2"
	versioningType  = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	replicationType = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
	scheduleType    = "aws:scheduler/schedule:Schedule"
	queueType       = "aws:sqs/queue:Queue"
	topicType       = "aws:sns/topic:Topic"
	alarmType       = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeType   = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
)

var readTypes = []string{
	stackType, vpcType, subnetType, natType, routeType, associationType, egressType, balancerType, listenerType, targetType, groupType,
	templateType, profileType, policyType, recordType, endpointType, clusterType, memberType, instanceType, proxyType, bucketType,
	versioningType, replicationType, scheduleType, queueType, topicType, alarmType, compositeType,
}

// Reads says whether FromState looks at resources of that type.
func Reads(typ string) bool { return slices.Contains(readTypes, typ) }

// outputName is the stack's output that holds what AWS does not.
const outputName = "aplomb"

// FromState reads what stands out of a state: what `pulumi stack export` prints, with secrets encrypted or not, or the checkpoint of a file
// backend. What AWS holds is read from AWS's resources, whatever the program called them; what it does not, from the stack's output. It
// returns an error for what is no state, and ErrNoResources for an empty one. Whatever else is missing or malformed is in Undetermined:
// its field is then zero, which is no fact.
func FromState(from io.Reader) (*Topology, error) {
	resources, err := parse(from)
	if err != nil {
		return nil, err
	}
	r := &reader{byType: map[string][]resource{}, zoneOf: map[string]string{}, private: map[string]bool{}}
	for _, each := range resources {
		r.byType[each.Type] = append(r.byType[each.Type], each)
	}
	r.readOutput()
	r.readNetwork()
	r.readServices()
	r.readDatabases()
	r.readBuckets()
	r.readJobs()
	r.readReach()
	r.readAlarms()
	r.sort()
	return &r.made, nil
}

type reader struct {
	made   Topology
	byType map[string][]resource
	// output is the stack's output, or why there is none.
	output value
	// zoneOf is the zone of each subnet, and private says which subnets have instances.
	zoneOf  map[string]string
	private map[string]bool
	// services, databases, buckets and jobs are what policies and rules refer to, beside made's lists and in their order.
	services  []serviceKeys
	databases []databaseKeys
	buckets   []bucketKeys
	queues    []string
}

// unknown notes that the field at path could not be read.
func (r *reader) unknown(path, reason string) {
	if reason != "" {
		r.made.Undetermined = append(r.made.Undetermined, Undetermined{Path: path, Reason: reason})
	}
}

// The following read one property of a resource into a field, whose path is noted when there is none.

func (r *reader) number(into *int, path string, from value) {
	number, reason := from.number()
	if reason == "" && number < 0 {
		number, reason = 0, "the state has a negative number there"
	}
	*into = number
	r.unknown(path, reason)
}

func (r *reader) truth(into *bool, path string, from value) {
	truth, reason := from.truth()
	*into = truth
	r.unknown(path, reason)
}

func (r *reader) text(into *string, path string, from value) {
	text, reason := from.text()
	*into = text
	r.unknown(path, reason)
}

func (r *reader) texts(into *[]string, path string, from value) {
	texts, reason := from.texts()
	*into = texts
	r.unknown(path, reason)
}

func (res resource) get(path string) value { return get(res.Outputs, path) }

// textOr is a text that may be missing.
func (res resource) textOr(path string) string {
	text, _ := res.get(path).text()
	return text
}

func (r *reader) readOutput() {
	stack := r.byType[stackType]
	if len(stack) != 1 {
		r.output = value{reason: fmt.Sprintf("the state holds %d stacks, and their outputs, where one belongs", len(stack))}
		return
	}
	r.output = stack[0].get(outputName)
	if r.output.reason != "" {
		r.output.reason = "the stack's output: " + r.output.reason
	}
}

// said is what the stack's output says at a path of keys.
func (r *reader) said(keys ...string) value {
	at := r.output
	for _, key := range keys {
		if at.reason != "" {
			return at
		}
		holder, isMap := at.is.(map[string]any)
		if !isMap || holder[key] == nil {
			return value{reason: "the stack's output " + outputName + " does not say " + strings.Join(keys, ".")}
		}
		at = open(holder[key], strings.Join(keys, "."))
	}
	return at
}

// keepOwnNetwork leaves out the VPCs beside the one that the stack's output says is its own: in those, which wait in another Region, nothing runs.
func (r *reader) keepOwnNetwork() {
	own, reason := r.said("network", "vpcId").text()
	if _, stands := r.find(vpcType, "id", own); reason != "" || !stands {
		return
	}
	r.byType[vpcType] = slices.DeleteFunc(r.byType[vpcType], func(vpc resource) bool { return vpc.ID != own })
	r.byType[subnetType] = slices.DeleteFunc(r.byType[subnetType], func(subnet resource) bool { return subnet.textOr("vpcId") != own })
}

func (r *reader) readNetwork() {
	r.keepOwnNetwork()
	if len(r.byType[vpcType]) > 1 {
		r.unknown("zones", fmt.Sprintf("the state holds %d VPCs, whose zones are not told apart", len(r.byType[vpcType])))
	}
	for _, subnet := range r.byType[subnetType] {
		var zone string
		r.text(&zone, "zones", subnet.get("availabilityZone"))
		r.zoneOf[subnet.ID] = zone
		if zone != "" {
			r.made.Zones = append(r.made.Zones, zone)
		}
	}
	slices.Sort(r.made.Zones)
	r.made.Zones = slices.Compact(r.made.Zones)
	if len(r.made.Zones) == 0 {
		r.unknown("zones", "the state holds no subnet with a zone")
	}
	for _, group := range r.byType[groupType] {
		subnets, _ := group.get("vpcZoneIdentifiers").texts()
		for _, id := range subnets {
			r.private[id] = true
		}
	}
	r.readWaysOut()
}

// readWaysOut follows each instance subnet's route table to its NAT gateway.
func (r *reader) readWaysOut() {
	zoneOfGateway, gatewayOfTable := map[string]string{}, map[string]string{}
	for _, gateway := range r.byType[natType] {
		zoneOfGateway[gateway.ID] = r.zoneOf[gateway.textOr("subnetId")]
	}
	for _, route := range r.byType[routeType] {
		if gateway := route.textOr("natGatewayId"); gateway != "" {
			gatewayOfTable[route.textOr("routeTableId")] = gateway
		}
	}
	for _, association := range r.byType[associationType] {
		subnet := association.textOr("subnetId")
		gateway := gatewayOfTable[association.textOr("routeTableId")]
		if gateway == "" || !r.private[subnet] || r.zoneOf[subnet] == "" {
			continue
		}
		way := WayOut{Zone: r.zoneOf[subnet], Through: zoneOfGateway[gateway]}
		if way.Through == "" {
			r.unknown("waysOut."+way.Zone+".through", "the state does not hold the NAT gateway that the route leads to, or its zone")
		}
		if !slices.Contains(r.made.WaysOut, way) {
			r.made.WaysOut = append(r.made.WaysOut, way)
		}
	}
}

// zonesOf are the zones of subnets, sorted, each once.
func (r *reader) zonesOf(path string, subnets value) []string {
	ids, reason := subnets.texts()
	r.unknown(path, reason)
	var zones []string
	for _, id := range ids {
		if r.zoneOf[id] == "" {
			r.unknown(path, "the state does not hold one of its subnets, or that subnet's zone")
			continue
		}
		zones = append(zones, r.zoneOf[id])
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// sort makes the topology canonical, and notes the names that stand for two things.
func (r *reader) sort() {
	made := &r.made
	seen := map[string]bool{}
	for _, path := range r.paths() {
		if seen[path] {
			r.unknown(path, "two resources of the state have this name")
		}
		seen[path] = true
	}
	byName := cmp.Compare[string]
	slices.SortStableFunc(made.WaysOut, func(a, b WayOut) int { return cmp.Or(byName(a.Zone, b.Zone), byName(a.Through, b.Through)) })
	slices.SortStableFunc(made.Services, func(a, b Service) int { return byName(a.Name, b.Name) })
	slices.SortStableFunc(made.Databases, func(a, b Database) int { return byName(a.Name, b.Name) })
	slices.SortStableFunc(made.Buckets, func(a, b Bucket) int { return byName(a.Name, b.Name) })
	slices.SortStableFunc(made.Jobs, func(a, b Job) int { return byName(a.Name, b.Name) })
	slices.SortStableFunc(made.Alarms, func(a, b Alarm) int { return byName(a.Name, b.Name) })
	slices.SortStableFunc(made.Composite, func(a, b Composite) int { return byName(a.Name, b.Name) })
	slices.SortStableFunc(made.Undetermined, func(a, b Undetermined) int { return cmp.Or(byName(a.Path, b.Path), byName(a.Reason, b.Reason)) })
	made.Undetermined = slices.Compact(made.Undetermined)
}

// paths are the paths of everything that has a name.
func (r *reader) paths() []string {
	var all []string
	for _, each := range r.made.Services {
		all = append(all, "services."+each.Name)
	}
	for _, each := range r.made.Databases {
		all = append(all, "databases."+each.Name)
	}
	for _, each := range r.made.Buckets {
		all = append(all, "buckets."+each.Name)
	}
	for _, each := range r.made.Jobs {
		all = append(all, "jobs."+each.Name)
	}
	for _, each := range r.made.Alarms {
		all = append(all, "alarms."+each.Name)
	}
	for _, each := range r.made.Composite {
		all = append(all, "composites."+each.Name)
	}
	return all
}
