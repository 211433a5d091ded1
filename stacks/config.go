// Package stacks turns the configuration of one stack into components. It is the only reader of Pulumi configuration:
// everything under the key aplomb:config is decoded strictly into one Config, and every failure is reported at once, before
// anything reaches the engine.
package stacks

import "github.com/aplomb-iac/aplomb/components"

// Config is one stack, as Pulumi.STACK.yaml states it under aplomb:config. Defaults are given as behaviour.
type Config struct {
	// Account is the AWS account the stack belongs to, twelve digits, in quotes. The provider refuses every other account.
	Account string `config:"account,required"`
	// Region is the AWS Region everything runs in. A stack that stands cannot move.
	Region string `config:"region,required"`
	// Zones are the Availability Zones in use, two at least. Append new ones at the end, and remove them there: subnets are named
	// by position, and another order is refused.
	Zones []string `config:"zones,required"`
	// Environment is `production` or `development`: what is refused and what is protected, as the table above says.
	Environment Environment `config:"environment,required"`
	// Tags are put on every resource, beside aplomb:stack and aplomb:environment; 38 at most. A change replaces every instance,
	// one after the other, because tags of volumes stand in the launch template.
	Tags map[string]string `config:"tags"`
	// Network is the VPC.
	Network NetworkConfig `config:"network,required"`
	// Machine is what the instances of every service are, unless a service states its own; one of the two is needed.
	Machine *MachineConfig `config:"machine"`
	// ImageAccount is the one other AWS account whose ECR repositories images may come from, in quotes. To set it states that
	// the repositories' policies there admit this account. Default: none.
	ImageAccount string `config:"imageAccount"`
	// Probe is the disk probe that runs beside every container and that load balancers ask, so that they notice a volume that
	// stalls. Default: none, which production refuses; load balancers then ask the containers.
	Probe *ProbeConfig `config:"probe"`
	// DNS is the public hosted zone in which every service with a hostName has its record, and its certificate unless it states
	// certificateARN. Default: none; certificates and records are then yours to make.
	DNS *DNSConfig `config:"dns"`
	// LogBucket is the name of the S3 bucket that every load balancer writes a line to for each request and connection, under
	// its service's name. It must stand in the Region, with a policy that lets Elastic Load Balancing write. Default: no such log.
	LogBucket string `config:"logBucket"`
	// AccessLogs is a log bucket of the stack's own, instead of logBucket: `{}` is enough. Requests to the stack's buckets are
	// logged there too. In production it is protected. Default: none.
	AccessLogs *AccessLogsConfig `config:"accessLogs"`
	// RecoveryRegion is the Region in which copies are kept of what the loss of the Region must not take away. Buckets need it, and
	// databases that do not state noCopyOutsideRegion. While a copy stands there it cannot change.
	RecoveryRegion string `config:"recoveryRegion"`
	// Buckets are S3 buckets, each with a copy in the recovery Region. Nobody but the services with one in their buckets reaches it.
	Buckets []BucketConfig `config:"buckets"`
	// ObjectiveSeconds is within how many seconds users get correct answers again after the loss of a zone or a volume, 10 to 3600. A
	// database that cannot promise it is refused, with the arithmetic. Default: 90.
	ObjectiveSeconds *int `config:"objectiveSeconds"`
	// Databases are PostgreSQL databases over several zones. Nobody but the services with one in their databases reaches it.
	Databases []DatabaseConfig `config:"databases"`
	// SQLRunner is the function that makes the users of databases which AWS gives no Data API: multi-az-cluster, multi-az-instance, and
	// aurora on classes of the t families. A stack with one of them needs it. Default: none.
	SQLRunner *SQLRunnerConfig `config:"sqlRunner"`
	// Backups are when databases are backed up by AWS Backup, and for how long that is kept in both Regions. Every database whose copies
	// may leave the Region is backed up every night where there is a recoveryRegion. Default: as backups says below.
	Backups *BackupsConfig `config:"backups"`
	// Recovery is a network in the recovery Region in which copies of aurora are restored when the Region is lost. It stands before it is
	// needed, and costs a key by the month. Default: none; a person then makes one first.
	Recovery *RecoveryConfig `config:"recovery"`
	// Jobs are what is due at set times: each puts a message into a queue of its own, and the service with it in its jobs takes it from
	// there. No host has a crontab.
	Jobs []JobConfig `config:"jobs"`
	// Alerting is how people learn of what does not heal by itself. Everything in the stack is watched then. Production with
	// databases needs it. Default: nobody is told.
	Alerting *AlertingConfig `config:"alerting"`
	// Services are the applications. Their order means nothing; their names are what everything hangs on.
	Services []ServiceConfig `config:"services,required"`

	// lifted is set for the first phase of a destroy: nothing is protected then.
	lifted bool
}

// profile is what the stack's environment stands for, less the protection while that is lifted.
func (c *Config) profile() Profile {
	profile := profiles[c.Environment]
	profile.Protect = profile.Protect && !c.lifted
	return profile
}

// DNSConfig is a public hosted zone of Route 53 in the stack's account.
type DNSConfig struct {
	// Zone is the zone's name, without a dot at the end. Every hostName is it or lies below it.
	Zone string `config:"zone,required"`
	// ZoneID is the zone's id: what `aws route53 list-hosted-zones` prints after /hostedzone/. A private zone will not do, since
	// nobody can issue a certificate for it.
	ZoneID string `config:"zoneID,required"`
}

// ProbeConfig is the disk probe of a stack.
type ProbeConfig struct {
	// Image is the container image that the probe comes in, by digest: `make probe-image` builds it, for both architectures.
	Image string `config:"image,required"`
	// Port is the TCP port on which the probe answers the load balancer, no service's own. Default: 9808.
	Port *int `config:"port"`
}

// NetworkConfig is the VPC of a stack.
type NetworkConfig struct {
	// CIDR is the VPC's IPv4 range, between /16 and /20. It should overlap no network that will ever be peered. It cannot
	// change while the stack stands.
	CIDR string `config:"cidr,required"`
	// NAT is how instances reach what is outside the VPC, AWS's services aside: `none`, `per-zone` (a zone's loss takes only its own
	// way out) or `single` (cheaper, but the loss of one zone cuts every zone off). Default: `per-zone` when a service's egress
	// leads out of the VPC, otherwise `none`.
	NAT components.NATStrategy `config:"nat"`
	// Endpoints are the AWS services that applications call beside those that every stack has an endpoint for (`ecr.api`, `ecr.dkr`,
	// `logs`, `secretsmanager`, `ssm`, `ssmmessages`, and S3): `autoscaling`, `ec2messages`, `events`, `kms`, `monitoring`,
	// `rds-data`, `sns`, `sqs`, `sts` or `xray`. Without its endpoint no application can call a service, whatever its role
	// allows. Each costs by the hour in every zone. A stack with jobs has the one for `sqs` by itself.
	Endpoints []components.EndpointService `config:"endpoints"`
}

// MachineConfig is the kind of instance a service runs on.
type MachineConfig struct {
	// AMIs are the machine image's id in each Region, as it has another one everywhere; the stack's Region must be among
	// them. Pinned, so that an instance launched in an incident boots what the others run.
	AMIs map[string]string `config:"amis,required"`
	// AMIParameter is the path of the SSM parameter that the ids were read from. It is recorded and not read; what it says by
	// now is what you would pin next.
	AMIParameter string `config:"amiParameter"`
	// Architecture is `arm64` or `x86_64`.
	Architecture components.Architecture `config:"architecture,required"`
	// InstanceTypes are the types to launch, most wanted first. Several are several pools of capacity to heal from.
	InstanceTypes []components.InstanceType `config:"instanceTypes,required"`
	// RootVolumeGiB is the size of the encrypted root volume, 30 or more. Default: 30.
	RootVolumeGiB *int `config:"rootVolumeGiB"`
}

// ServiceConfig is one service behind its own load balancer.
type ServiceConfig struct {
	// Name is the service's name: a lower-case letter, then lower-case letters, digits and hyphens, 20 at most.
	Name string `config:"name,required"`
	// Image is the container image, by digest; development may name a tag.
	Image string `config:"image,required"`
	// Port is the TCP port on which the container serves HTTP; it finds it in PORT. A later change is an outage. Default:
	// 8080.
	Port *int `config:"port"`
	// PeakInstances is how many instances the service needs at its peak. The group runs enough for that with a zone gone; when
	// you lower it, scaling takes the surplus away in its own time.
	PeakInstances int `config:"peakInstances,required"`
	// MaxInstances is the most that scaling may launch. Default: twice the standing fleet.
	MaxInstances *int `config:"maxInstances"`
	// TargetCPU is the average CPU utilization, in percent, that scaling aims at. Default: 50.
	TargetCPU *int `config:"targetCPU"`
	// StartupSeconds is how long a new instance may take to pass its health checks. Default: 300.
	StartupSeconds *int `config:"startupSeconds"`
	// DeployDespiteAlarm is true for the deploy that mends a service whose deploy alarm rings; AWS refuses it otherwise.
	DeployDespiteAlarm bool `config:"deployDespiteAlarm"`
	// WarmupSeconds is how long a deploy waits after an instance entered service before it replaces the next. Default: 120.
	WarmupSeconds *int `config:"warmupSeconds"`
	// Machine is what this service runs on. Default: the stack's machine.
	Machine *MachineConfig `config:"machine"`
	// HealthCheck is how the load balancer finds out that an instance is no use. Default: as healthCheck says below.
	HealthCheck *HealthCheckConfig `config:"healthCheck"`
	// DataPaths are folders where further volumes are mounted, such as /data, which the disk probe watches beside the root volume; 8 at
	// most.
	DataPaths []string `config:"dataPaths"`
	// FailOpenPercent is the share of healthy instances below which health checks are no longer believed. Default: half of
	// what losing a zone leaves, 33 with three zones.
	FailOpenPercent *int `config:"failOpenPercent"`
	// DrainSeconds is how long an instance that leaves may finish its requests. Default: 30.
	DrainSeconds *int `config:"drainSeconds"`
	// KeepAliveSeconds is how long a client may reuse one connection. Default: 300.
	KeepAliveSeconds *int `config:"keepAliveSeconds"`
	// IdleSeconds is how long a connection may stay silent. Default: 60.
	IdleSeconds *int `config:"idleSeconds"`
	// Exposure is `internal` or `internet-facing`. A later change moves the service's address. Default: `internal`.
	Exposure components.Exposure `config:"exposure"`
	// ClientCIDRs are the networks that may connect. Default for internal services: the VPC.
	ClientCIDRs []string `config:"clientCIDRs"`
	// OnlyGrantedCallers is true for an internal service that only the services with it in their calls may reach.
	OnlyGrantedCallers bool `config:"onlyGrantedCallers"`
	// CertificateARN is the ACM certificate of the HTTPS listener. Default: one of its own from dns; without dns plain HTTP,
	// which production refuses.
	CertificateARN string `config:"certificateARN"`
	// HostName is the name on the certificate, by which clients call the service. With dns it has its record in the zone,
	// and an existing record is not taken over; otherwise the record is yours to point at the load balancer.
	HostName string `config:"hostName"`
	// WAF is the web application firewall before the load balancer; `{}` for AWS's own choice of rules. Default: none.
	WAF *WAFConfig `config:"waf"`
	// Accelerator is a Global Accelerator before the load balancer: two static addresses that belong to no zone; `{}` is enough.
	// It needs clientCIDRs with public addresses. In production it is protected. Default: none.
	Accelerator *AcceleratorConfig `config:"accelerator"`
	// Egress is where instances may open connections to, beside AWS's services at their endpoints and the services in calls. What
	// lies outside the VPC takes NAT. Default: nowhere.
	Egress []EgressConfig `config:"egress"`
	// Environment is what the container finds in its environment.
	Environment map[string]string `config:"environment"`
	// Secrets are the names of this service's secrets. Each is set with
	// `pulumi config set --secret aplomb:secret.SERVICE.NAME`, is kept in Secrets Manager, and reaches the container as
	// an ARN in NAME_SECRET_ARN.
	Secrets []string `config:"secrets"`
	// NoSessions is true for a service whose instances nobody shall open a shell on, through Session Manager either. Default:
	// whoever may call ssm:StartSession there can.
	NoSessions bool `config:"noSessions"`
	// Buckets are what this service may do in the stack's buckets; four entries at most. It finds the name of each bucket in
	// NAME_BUCKET, and may be refused for the first seconds of a grant: it should then try again.
	Buckets []GrantConfig `config:"buckets"`
	// Databases are the stack's databases that this service connects to, and as whom. It finds the first at PGHOST, PGPORT, PGDATABASE,
	// PGUSER and what else libpq reads, each further one under the same names with the database's before them, such as
	// REPORTS_PGHOST. The password is a token that it makes with its role before each connection.
	Databases []ConnectConfig `config:"databases"`
	// Jobs are the stack's jobs whose runs this service does. It finds the queue of each at NAME_QUEUE_URL; the same run may come
	// twice, and a runId tells. A job is one service's.
	Jobs []string `config:"jobs"`
	// Retiring is true for a service that is to be removed: bring this up first, which takes its protection off, then remove
	// the service from the file.
	Retiring bool `config:"retiring"`
	// Calls are the services that this one sends requests to. It finds each at NAME_URL in its environment.
	Calls []string `config:"calls"`
}

// HealthCheckConfig is the load balancer's health check of a service. With a disk probe the load balancer asks the probe, and the
// probe the container.
type HealthCheckConfig struct {
	// Path is requested from the container, by the disk probe or, without one, by the load balancer. Default: /healthz.
	Path string `config:"path"`
	// Interval is the seconds between two checks, 5 to 300. Default: 5.
	Interval *int `config:"interval"`
	// Timeout is the seconds an answer may take, less than the interval. Default: 2.
	Timeout *int `config:"timeout"`
	// HealthyThreshold is how many passes in a row readmit an instance. Default: 2.
	HealthyThreshold *int `config:"healthyThreshold"`
	// UnhealthyThreshold is how many failures in a row evict an instance. Default: 2.
	UnhealthyThreshold *int `config:"unhealthyThreshold"`
	// Matcher is the HTTP status codes of the container that count as healthy. Default: 200.
	Matcher string `config:"matcher"`
}

// WAFConfig is what a service's web application firewall refuses.
type WAFConfig struct {
	// RuleGroups are AWS's managed rule groups, in order, by the names in AWS's documentation. Default:
	// AWSManagedRulesAmazonIpReputationList, AWSManagedRulesCommonRuleSet, AWSManagedRulesKnownBadInputsRuleSet.
	RuleGroups []components.ManagedRuleGroup `config:"ruleGroups"`
	// RateLimit is how many requests one client address may send within rateWindowSeconds, 10 or more. Mind the office whose
	// people share one address. Default: no limit.
	RateLimit *int `config:"rateLimit"`
	// RateWindowSeconds is how far back requests are counted: 60, 120, 300 or 600. Default: 300.
	RateWindowSeconds *int `config:"rateWindowSeconds"`
	// CountOnly is true while the rules are to count what they would refuse, and refuse nothing.
	CountOnly bool `config:"countOnly"`
	// LimitBodies is true to refuse requests with a body above 8 KB, which is all that WAF inspects of one.
	LimitBodies bool `config:"limitBodies"`
	// FailClosed is true to answer 500 while WAF does not answer. Default: requests pass unfiltered then.
	FailClosed bool `config:"failClosed"`
	// MaxCapacity is how much of a web ACL's capacity the rules may take, 1500 to 5000; above 1500 AWS charges more. Default: 1500.
	MaxCapacity *int `config:"maxCapacity"`
}

// AcceleratorConfig is a service's Global Accelerator.
type AcceleratorConfig struct {
	// Standby is true to point hostName at the load balancer while the accelerator's addresses still serve: the first of two steps
	// to give it up.
	Standby bool `config:"standby"`
}

// EgressConfig is one destination that instances may open TCP connections to.
type EgressConfig struct {
	// Description says why.
	Description string `config:"description,required"`
	// CIDR is the IPv4 range of the destination.
	CIDR string `config:"cidr,required"`
	// Port is the destination port.
	Port int `config:"port,required"`
}

// AccessLogsConfig is the stack's own log bucket.
type AccessLogsConfig struct {
	// ExpireDays is for how many days logs are kept, 3650 at most. Default: 365.
	ExpireDays *int `config:"expireDays"`
}

// BucketConfig is a bucket and its copy in the recovery Region.
type BucketConfig struct {
	// Name is the bucket's name in the stack: a lower-case letter, then lower-case letters, digits and hyphens, 20 at most. In S3 it
	// has a hyphen and seven characters more, as no two buckets in the world have one name.
	Name string `config:"name,required"`
	// DeleteMarkers is what a deletion does to the copy: `replicated` deletes there too, so that both list the same; `ignored` leaves
	// the copy as it is, which is for what nobody should delete.
	DeleteMarkers components.DeleteMarkers `config:"deleteMarkers,required"`
	// Lifecycle is how long objects are kept, and where. Default: until somebody deletes them; what is deleted or overwritten can
	// be brought back for 30 days.
	Lifecycle *LifecycleConfig `config:"lifecycle"`
	// ReplicaStorageClass is the storage class in which the copy of an object begins, as in transitions. Default: the object's own.
	ReplicaStorageClass components.StorageClass `config:"replicaStorageClass"`
	// ObjectLock keeps anybody from deleting versions for a while. A bucket has it from the beginning or not at all: a later
	// change replaces the bucket. Default: none.
	ObjectLock *ObjectLockConfig `config:"objectLock"`
	// Retiring is true for a bucket that is to be removed: bring this up first, which takes its protection off, empty both buckets,
	// then remove it from the file.
	Retiring bool `config:"retiring"`
}

// LifecycleConfig is how long the objects of a bucket and of its copy are kept.
type LifecycleConfig struct {
	// Transitions move objects to cheaper storage classes, the warmest first.
	Transitions []TransitionConfig `config:"transitions"`
	// ExpireDays is the age in days at which an object is deleted, 3650 at most. Default: never.
	ExpireDays *int `config:"expireDays"`
	// NoncurrentDays is for how many days what was overwritten or deleted can be brought back, 3650 at most. Default: 30.
	NoncurrentDays *int `config:"noncurrentDays"`
	// AbortUploadDays is after how many days the parts of an unfinished upload are removed, 365 at most. Default: 7.
	AbortUploadDays *int `config:"abortUploadDays"`
}

// TransitionConfig moves objects to a storage class.
type TransitionConfig struct {
	// StorageClass is where they move: `STANDARD_IA`, `INTELLIGENT_TIERING`, `GLACIER_IR`, `GLACIER` or `DEEP_ARCHIVE`. From the last two
	// they must be restored before anybody can read them.
	StorageClass components.StorageClass `config:"storageClass,required"`
	// AfterDays is the age in days at which they move.
	AfterDays int `config:"afterDays,required"`
}

// ObjectLockConfig is a retention period that every version begins with.
type ObjectLockConfig struct {
	// Days is for how many days a version cannot be deleted, 3650 at most.
	Days int `config:"days,required"`
	// Mode is `GOVERNANCE`, under which those may delete who have s3:BypassGovernanceRetention, or `COMPLIANCE`, under which nobody may,
	// AWS included; development refuses that one. Default: `GOVERNANCE`.
	Mode components.ObjectLockMode `config:"mode"`
	// NobodyCanUndoCompliance is true to state that COMPLIANCE is meant, which is refused without it.
	NobodyCanUndoCompliance bool `config:"nobodyCanUndoCompliance"`
}

// GrantConfig is what a service may do in a bucket.
type GrantConfig struct {
	// Bucket is the name of one of the stack's buckets.
	Bucket string `config:"bucket,required"`
	// Access is `read` (and list), `write` (and overwrite, and delete) or `read-write`. None of them reaches old versions.
	Access components.BucketAccess `config:"access,required"`
	// Prefix is the folder to which the access is limited, such as `exports/`: at most 64 characters, with a slash at its end.
	// Default: the whole bucket.
	Prefix string `config:"prefix"`
}
