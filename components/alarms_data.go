package components

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The figures of the signals of data are ours. Of replication the threshold is S3's own promise.
const (
	laggingSeconds  = 30
	fullPercent     = 15
	bytesPerGiB     = 1 << 30
	laggingMinutes  = 15
	millisPerSecond = 1000
)

// WatchDatabase watches a database. All of it is tickets: what users feel of a database they feel of a service, which pages. A failover is told
// when it happens, since afterwards one more failure may come before redundancy is back.
func (a *AlertingStack) WatchDatabase(database *MultiAZDatabase) error {
	if database == nil {
		return fmt.Errorf("alerting %s: no database is given; pass the one to watch", a.name)
	}
	placement := database.args.Placement
	if err := a.begin("database", database.name, placement.AccountID, placement.region()); err != nil {
		return err
	}
	if err := a.tellFailover(database); err != nil {
		return err
	}
	return a.watch(a.ctx, database.name, ticketsOfDatabase(database)...)
}

// tellFailover makes a ticket of each step of a failover
// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html, category failover;
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloud-watch-events.html for the fields).
func (a *AlertingStack) tellFailover(d *MultiAZDatabase) error {
	detailType := "RDS DB Cluster Event"
	if d.args.Topology == MultiAZInstance {
		detailType = "RDS DB Instance Event"
	}
	_, err := newEventRule(a.ctx, eventSpec{
		parent: a, name: d.name + "-failover", description: "Failovers of database " + d.name, topic: a.built.ticket.arn, tags: a.args.Tags,
		pattern: eventPattern{
			Source: []string{"aws.rds"}, DetailType: []string{detailType}, Detail: map[string][]string{"EventCategories": {"failover"}},
		},
		late:     pulumi.StringMap{"SourceIdentifier": d.Identifier},
		sentence: "Database <database> fails over: <message>. What to do: playbooks/database-degraded.md, failover",
		paths:    map[string]string{"database": "$.detail.SourceIdentifier", "message": "$.detail.Message"},
	})
	return err
}

// ticketsOfDatabase are the metrics that each topology has. Sources: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html,
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/dimensions.html and
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
func ticketsOfDatabase(d *MultiAZDatabase) []Alarm {
	cluster := pulumi.StringMap{"DBClusterIdentifier": d.Identifier}
	lag := Alarm{
		Name: "replica-lag", Metric: Metric{Namespace: "AWS/RDS", Name: "ReplicaLag", Statistic: "Maximum", Dimensions: cluster},
		Comparison: Above, Threshold: laggingSeconds, Period: 60, Datapoints: laggingMinutes, Periods: laggingMinutes, Missing: NotBreaching, Severity: Ticket,
		Why: fmt.Sprintf("A reader of database %s is more than %d s behind: a failover to it takes longer, and reads are old", d.name, laggingSeconds), Playbook: "database-degraded",
	}
	full := Alarm{
		Name: "storage-fills", Metric: Metric{Namespace: "AWS/RDS", Name: "FreeStorageSpace", Statistic: "Minimum", Dimensions: cluster},
		Comparison: Below, Threshold: float64(d.args.StorageGiB) * bytesPerGiB * fullPercent / 100,
		Period: 300, Datapoints: 3, Periods: 3, Missing: NotBreaching, Severity: Ticket,
		Why: fmt.Sprintf("Less than %d %% of the storage of database %s is free; a database without storage stops", fullPercent, d.name), Playbook: "database-degraded",
	}
	switch d.args.Topology {
	case Aurora:
		// Aurora's lag is in milliseconds, and its storage grows by itself.
		lag.Metric.Name, lag.Threshold = "AuroraReplicaLagMaximum", laggingSeconds*millisPerSecond
		return []Alarm{lag}
	case MultiAZCluster:
		return []Alarm{lag, full}
	default:
		// The standby of an instance is written in step and has no lag.
		full.Metric.Dimensions = pulumi.StringMap{"DBInstanceIdentifier": d.Identifier}
		return []Alarm{full}
	}
}

// WatchBucket watches the copying of a bucket. All of it is tickets. In which Region S3 publishes the metrics of a rule AWS does not
// document, so that the recovery Region has the same alarms where the alerting has a topic there; the one without data is quiet.
func (a *AlertingStack) WatchBucket(bucket *ReplicatedBucket) error {
	if bucket == nil {
		return fmt.Errorf("alerting %s: no bucket is given; pass the one to watch", a.name)
	}
	if err := a.begin("bucket", bucket.name, bucket.args.AccountID, bucket.args.Region); err != nil {
		return err
	}
	for _, alarm := range ticketsOfBucket(bucket) {
		if _, err := a.alarm(a.ctx, bucket.name, alarm); err != nil {
			return err
		}
		if bucket.args.RecoveryRegion != a.args.RecoveryRegion {
			continue
		}
		if _, err := a.recoveryAlarm(a.ctx, bucket.name, alarm); err != nil {
			return err
		}
	}
	return nil
}

func ticketsOfBucket(b *ReplicatedBucket) []Alarm {
	dimensions := b.ReplicationMetrics().Dimensions()
	return []Alarm{{
		Name:       "copy-behind",
		Metric:     Metric{Namespace: ReplicationNamespace, Name: MetricReplicationLatency, Statistic: "Maximum", Dimensions: dimensions},
		Comparison: Above, Threshold: replicationMinutes * 60, Period: 60, Datapoints: laggingMinutes, Periods: laggingMinutes, Missing: NotBreaching, Severity: Ticket,
		Why: fmt.Sprintf("The copy of bucket %s is more than %d minutes behind: so much is out of reach when the Region is lost now", b.name, replicationMinutes), Playbook: "copy-behind",
	}, {
		Name:       "copy-failed",
		Metric:     Metric{Namespace: ReplicationNamespace, Name: MetricOperationsFailedReplication, Statistic: "Sum", Dimensions: dimensions},
		Comparison: Above, Threshold: 0, Period: 300, Datapoints: 1, Periods: 1, Missing: NotBreaching, Severity: Ticket,
		Why: "Objects of bucket " + b.name + " were not copied, and S3 does not try them again", Playbook: "copy-behind",
	}}
}
