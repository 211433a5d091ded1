package topology

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

type databaseKeys struct{ resourceID string }

type bucketKeys struct{ arn string }

func (r *reader) readDatabases() {
	for _, cluster := range r.byType[clusterType] {
		r.readCluster(cluster)
	}
	for _, instance := range r.byType[instanceType] {
		database := Database{Name: instance.name(), Topology: SingleInstance, Members: 1}
		path := "databases." + database.Name
		var multi bool
		r.truth(&multi, path+".topology", instance.get("multiAz"))
		if multi {
			database.Topology, database.Members = MultiAZInstance, 2
			// The state tells the primary's zone only, and that of the time of the last refresh.
			r.unknown(path+".memberZones", "AWS chooses the zone of the standby and the state does not hold it")
		} else {
			var zone string
			r.text(&zone, path+".memberZones", instance.get("availabilityZone"))
			database.MemberZones = count([]string{zone})
		}
		r.readCommon(&database, path, instance)
		r.made.Databases = append(r.made.Databases, database)
		r.databases = append(r.databases, databaseKeys{resourceID: instance.textOr("resourceId")})
	}
	for _, proxy := range r.byType[proxyType] {
		r.unknown("databases.proxies."+proxy.name(), "proxies are not read")
	}
}

func (r *reader) readCluster(cluster resource) {
	database := Database{Name: cluster.name()}
	path := "databases." + database.Name
	var engine string
	r.text(&engine, path+".topology", cluster.get("engine"))
	if engine == "" {
		r.unknown(path+".members", "how many instances there are depends on the engine")
		r.unknown(path+".memberZones", "where instances stand depends on the engine")
	}
	if strings.HasPrefix(engine, "aurora") {
		database.Topology = Aurora
		var zones []string
		for _, member := range r.byType[memberType] {
			id, reason := member.get("clusterIdentifier").text()
			r.unknown(path+".members", reason) // it may be this cluster's
			if reason != "" || id != cluster.ID {
				continue
			}
			var zone string
			r.text(&zone, path+".memberZones", member.get("availabilityZone"))
			zones = append(zones, zone)
		}
		database.Members, database.MemberZones = len(zones), count(zones)
		if len(zones) == 0 {
			r.unknown(path+".members", "the state holds no instance of the cluster")
		}
	} else if engine != "" {
		// A writer and two readable standbys, in three zones
		// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html).
		database.Topology, database.Members = MultiAZCluster, 3
		zones, reason := cluster.get("availabilityZones").texts()
		r.unknown(path+".memberZones", reason)
		if reason == "" && len(zones) != database.Members {
			r.unknown(path+".memberZones", fmt.Sprintf("the state names %d zones for three instances", len(zones)))
			zones = nil
		}
		database.MemberZones = count(zones)
	}
	r.readCommon(&database, path, cluster)
	r.made.Databases = append(r.made.Databases, database)
	r.databases = append(r.databases, databaseKeys{resourceID: cluster.textOr("clusterResourceId")})
}

func (r *reader) readCommon(database *Database, path string, from resource) {
	r.number(&database.RetentionDays, path+".retentionDays", from.get("backupRetentionPeriod"))
	r.truth(&database.Protected, path+".protected", from.get("deletionProtection"))
	r.truth(&database.Encrypted, path+".encrypted", from.get("storageEncrypted"))
}

// count is how often each zone is in a list, without the unknown one.
func count(zones []string) []ZoneCount {
	zones = slices.Sorted(slices.Values(zones))
	var counted []ZoneCount
	for _, zone := range zones {
		switch last := len(counted) - 1; {
		case zone == "":
		case last >= 0 && counted[last].Zone == zone:
			counted[last].Count++
		default:
			counted = append(counted, ZoneCount{Zone: zone, Count: 1})
		}
	}
	return counted
}

func (r *reader) readBuckets() {
	nameOf := map[string]string{}
	for _, each := range r.byType[bucketType] {
		nameOf[each.textOr("arn")] = each.name()
	}
	for _, each := range r.byType[bucketType] {
		bucket := Bucket{Name: each.name()}
		physical := each.textOr("bucket")
		if versioning, exists := r.find(versioningType, "bucket", physical); exists {
			var status string
			r.text(&status, "buckets."+bucket.Name+".versioned", versioning.get("versioningConfiguration.status"))
			bucket.Versioned = status == "Enabled"
		} else if locked, _ := each.get("objectLockEnabled").truth(); locked {
			// Object Lock comes with versioning (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html).
			bucket.Versioned = true
		}
		if replication, exists := r.find(replicationType, "bucket", physical); exists {
			bucket.ReplicatedTo = r.copyOf(replication, "buckets."+bucket.Name+".replicatedTo", nameOf)
		}
		r.made.Buckets = append(r.made.Buckets, bucket)
		r.buckets = append(r.buckets, bucketKeys{arn: each.textOr("arn")})
	}
}

// copyOf is the bucket that an enabled rule for everything copies to. A rule for a part of the objects is no copy of the bucket.
func (r *reader) copyOf(replication resource, path string, nameOf map[string]string) string {
	rules, reason := replication.get("rules").list()
	r.unknown(path, reason)
	for _, rule := range rules {
		status, _ := get(rule, "status").text()
		prefix, _ := get(rule, "filter.prefix").text()
		tagged := get(rule, "filter.tag").reason == "" || get(rule, "filter.and").reason == ""
		if status != "Enabled" || prefix != "" || tagged {
			continue
		}
		arn, why := get(rule, "destination.bucket").text()
		r.unknown(path, why)
		if name := nameOf[arn]; name != "" {
			return name
		}
		r.unknown(path, "the state does not hold the bucket of the copies")
	}
	return ""
}

func (r *reader) readJobs() {
	for _, schedule := range r.byType[scheduleType] {
		job := Job{Name: schedule.name()}
		path := "jobs." + job.Name
		r.text(&job.Expression, path+".expression", schedule.get("scheduleExpression"))
		if job.TimeZone = schedule.textOr("scheduleExpressionTimezone"); job.TimeZone == "" {
			job.TimeZone = "UTC" // EventBridge Scheduler's default
		}
		var queue string
		r.text(&queue, path+".consumers", schedule.get("target.arn"))
		if own, exists := r.find(queueType, "arn", queue); exists {
			job.DeadLetters = own.textOr("redrivePolicy") != ""
		} else if queue != "" {
			r.unknown(path+".deadLetters", "the state does not hold the queue that the schedule sends to")
		}
		r.made.Jobs, r.queues = append(r.made.Jobs, job), append(r.queues, queue)
	}
}

// statement is what is read of a statement of an IAM policy.
type statement struct {
	Effect   string `json:"Effect"`
	Action   words  `json:"Action"`
	Resource words  `json:"Resource"`
}

// words is one text or a list of them.
type words []string

// UnmarshalJSON reads either.
func (w *words) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*w = words{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(w))
}

// readReach finds what each service's role lets it use.
func (r *reader) readReach() {
	for index := range r.made.Services {
		service := &r.made.Services[index]
		for _, allowed := range r.allowed(r.services[index].role, "services."+service.Name) {
			r.reach(service, allowed)
		}
		slices.Sort(service.Databases)
		slices.Sort(service.Buckets)
	}
	for index := range r.made.Jobs {
		slices.Sort(r.made.Jobs[index].Consumers)
	}
}

// allowed are the Allow statements of a role's own policies.
func (r *reader) allowed(role, path string) []statement {
	var found []statement
	for _, policy := range r.byType[policyType] {
		if role == "" || policy.textOr("role") != role {
			continue
		}
		text, reason := policy.get("policy").text()
		var document struct {
			Statement []statement `json:"Statement"`
		}
		if reason == "" && json.Unmarshal([]byte(text), &document) != nil {
			reason = "a policy of its role cannot be read"
		}
		r.unknown(path+".databases", reason)
		r.unknown(path+".buckets", reason)
		for _, each := range document.Statement {
			if each.Effect == "Allow" {
				found = append(found, each)
			}
		}
	}
	return found
}

func (r *reader) reach(service *Service, allowed statement) {
	for _, at := range allowed.Resource {
		for index, keys := range r.databases {
			// arn:aws:rds-db:REGION:ACCOUNT:dbuser:RESOURCE-ID/USER
			if keys.resourceID != "" && strings.Contains(at, ":dbuser:"+keys.resourceID+"/") {
				add(&service.Databases, r.made.Databases[index].Name)
			}
		}
		for index, keys := range r.buckets {
			if keys.arn != "" && (at == keys.arn || strings.HasPrefix(at, keys.arn+"/")) {
				add(&service.Buckets, r.made.Buckets[index].Name)
			}
		}
		for index, queue := range r.queues {
			if queue != "" && at == queue && slices.Contains(allowed.Action, "sqs:ReceiveMessage") {
				add(&r.made.Jobs[index].Consumers, service.Name)
			}
		}
	}
}

func add(list *[]string, name string) {
	if !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}
