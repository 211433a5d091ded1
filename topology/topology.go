// Package topology is what stands, as plain data, as far as the judgement of a recovery needs it: what the users' requests pass, zone by
// zone, and the numbers that decide how long each part takes to notice a failure. It holds no physical ids, so that two stacks of one
// configuration have equal topologies, and no figures of AWS's: those belong to whoever judges. Standard library only.
package topology

// Topology is one stack. Lists are sorted by name, or by zone, and nil when they are empty, so that equal stacks are equal values.
type Topology struct {
	// Zones are the Availability Zones in which the stack has subnets.
	Zones []string `json:"zones"`
	// WaysOut are the zones whose private subnets have a route to a NAT gateway, and where that gateway stands.
	WaysOut   []WayOut    `json:"waysOut"`
	Services  []Service   `json:"services"`
	Databases []Database  `json:"databases"`
	Buckets   []Bucket    `json:"buckets"`
	Jobs      []Job       `json:"jobs"`
	Alarms    []Alarm     `json:"alarms"`
	Composite []Composite `json:"composites"`
	// Undetermined is what could not be read. The field at such a path holds its zero value, which says nothing.
	Undetermined []Undetermined `json:"undetermined"`
}

// Undetermined is something that judging needs and the state does not tell.
type Undetermined struct {
	// Path leads to the field, such as services.web.fleet.neededAtPeak.
	Path string `json:"path"`
	// Reason is why it is not known.
	Reason string `json:"reason"`
}

// WayOut is how one zone reaches what is outside the VPC.
type WayOut struct {
	Zone string `json:"zone"`
	// Through is the zone of the NAT gateway: another one's loss then cuts this zone off.
	Through string `json:"through"`
}

// Service is a fleet behind a load balancer.
type Service struct {
	Name    string  `json:"name"`
	Ingress Ingress `json:"ingress"`
	Target  Target  `json:"target"`
	Fleet   Fleet   `json:"fleet"`
	// OpenEgress says whether its instances may open connections to addresses outside the VPC.
	OpenEgress bool `json:"openEgress"`
	// Calls are the services that it depends on; AWS does not know them. Databases and Buckets are what its role lets it reach.
	Calls     []string `json:"calls"`
	Databases []string `json:"databases"`
	Buckets   []string `json:"buckets"`
}

// Ingress is the way that requests come in.
type Ingress struct {
	// Zones are where the load balancer has a node.
	Zones    []string `json:"zones"`
	Internal bool     `json:"internal"`
	// KeepAliveSeconds is how long a client may reuse a connection, IdleSeconds how long one may stay silent.
	KeepAliveSeconds int `json:"keepAliveSeconds"`
	IdleSeconds      int `json:"idleSeconds"`
	// Accelerated says whether a Global Accelerator stands before the load balancer.
	Accelerated bool `json:"accelerated"`
	// Records are the DNS records that lead to the load balancer.
	Records []Record `json:"records"`
	// Clients are what its clients do when an address does not answer; AWS does not know them.
	Clients []ClientClass `json:"clients"`
}

// Record is a DNS record of the stack that leads to a load balancer.
type Record struct {
	Name string `json:"name"`
	// Alias records have the TTL of what they point to, and TTLSeconds is 0.
	Alias      bool `json:"alias"`
	TTLSeconds int  `json:"ttlSeconds"`
}

// ClientClass is a share of a service's clients that behave alike.
type ClientClass struct {
	Class   string `json:"class"`
	Percent int    `json:"percent"`
}

// Target is the target group: how the load balancer finds out that an instance is no use.
type Target struct {
	IntervalSeconds    int `json:"intervalSeconds"`
	TimeoutSeconds     int `json:"timeoutSeconds"`
	HealthyThreshold   int `json:"healthyThreshold"`
	UnhealthyThreshold int `json:"unhealthyThreshold"`
	// DiskProbe says whether the check exercises the disks; AWS does not know it.
	DiskProbe bool `json:"diskProbe"`
	// CrossZone says whether a node sends requests to other zones' instances.
	CrossZone bool `json:"crossZone"`
	// FailOpenPercent is the share of healthy targets below which all of them get requests, healthy or not.
	FailOpenPercent int `json:"failOpenPercent"`
	DrainSeconds    int `json:"drainSeconds"`
}

// Fleet is the Auto Scaling group.
type Fleet struct {
	Min     int `json:"min"`
	Desired int `json:"desired"`
	Max     int `json:"max"`
	// PerZone is how many of the desired instances each zone has when they are balanced, the first zones having one more.
	PerZone []ZoneCount `json:"perZone"`
	// NeededAtPeak is how many instances the service needs; AWS does not know it.
	NeededAtPeak int `json:"neededAtPeak"`
	// HealthCheckTypes are what the group itself believes: EC2, ELB, EBS.
	HealthCheckTypes []string `json:"healthCheckTypes"`
	GraceSeconds     int      `json:"graceSeconds"`
	// InstanceTypes are what it launches, most wanted first.
	InstanceTypes []string `json:"instanceTypes"`
}

// ZoneCount is how many of something one zone has.
type ZoneCount struct {
	Zone  string `json:"zone"`
	Count int    `json:"count"`
}

// DatabaseTopology is how a database survives the loss of a zone.
type DatabaseTopology string

// The topologies that databases have.
const (
	Aurora          DatabaseTopology = "aurora"
	MultiAZCluster  DatabaseTopology = "multi-az-cluster"
	MultiAZInstance DatabaseTopology = "multi-az-instance"
	SingleInstance  DatabaseTopology = "single-instance"
)

// Database is a cluster or an instance of Amazon RDS.
type Database struct {
	Name     string           `json:"name"`
	Topology DatabaseTopology `json:"topology"`
	// Members is how many instances stand, the writer among them: readers that AWS can fail over to are one fewer.
	Members int `json:"members"`
	// MemberZones are how many members stand in each zone. Empty, and undetermined, where AWS chooses them and the state does not tell.
	MemberZones []ZoneCount `json:"memberZones"`
	// RetentionDays is for how long it can be restored to any second.
	RetentionDays int  `json:"retentionDays"`
	Protected     bool `json:"protected"`
	Encrypted     bool `json:"encrypted"`
}

// Bucket is an S3 bucket.
type Bucket struct {
	Name      string `json:"name"`
	Versioned bool   `json:"versioned"`
	// ReplicatedTo is the name of the bucket that holds its copies, empty where it has none.
	ReplicatedTo string `json:"replicatedTo"`
}

// Job is a schedule and the queue that it puts a message into.
type Job struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
	TimeZone   string `json:"timeZone"`
	// Consumers are the services whose role lets them take messages from the queue.
	Consumers []string `json:"consumers"`
	// DeadLetters says whether messages that nobody could handle are kept.
	DeadLetters bool `json:"deadLetters"`
}

// Alarm is a metric alarm as CloudWatch evaluates it.
type Alarm struct {
	Name              string `json:"name"`
	PeriodSeconds     int    `json:"periodSeconds"`
	EvaluationPeriods int    `json:"evaluationPeriods"`
	DatapointsToAlarm int    `json:"datapointsToAlarm"`
	TreatMissingData  string `json:"treatMissingData"`
	// Actions are the names of the topics and other resources of the stack that it acts on.
	Actions []string `json:"actions"`
}

// Composite is a composite alarm.
type Composite struct {
	Name string `json:"name"`
	// Children are the alarms of the stack that its rule names.
	Children []string `json:"children"`
	Actions  []string `json:"actions"`
	// Suppressor is the alarm that holds its actions back, empty where none does.
	Suppressor       string `json:"suppressor"`
	WaitSeconds      int    `json:"waitSeconds"`
	ExtensionSeconds int    `json:"extensionSeconds"`
}
