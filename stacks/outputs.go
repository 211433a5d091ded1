package stacks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// OutputName is the one stack output that holds everything; Outputs is its shape.
const OutputName = "aplomb"

// Outputs is what a stack says about itself: where its services are reached, and what AWS does not hold but judging its
// recovery needs.
type Outputs struct {
	// Version is the version of this shape, 1.
	Version int `json:"version"`
	// Target is where the stack went: aws or sandbox.
	Target string `json:"target"`
	// Environment is production or development.
	Environment string `json:"environment"`
	// Account is the AWS account, and Region the Region, of everything in the stack.
	Account string `json:"account"`
	Region  string `json:"region"`
	// Zones are the Availability Zones in use, in configured order.
	Zones []string `json:"zones"`
	// Network is the VPC.
	Network NetworkOutputs `json:"network"`
	// RecoveryRegion is the Region of the copies, empty where there are none. Buckets are the stack's buckets by name.
	// Outputs from before there were any have neither.
	RecoveryRegion string                   `json:"recoveryRegion,omitempty"`
	Buckets        map[string]BucketOutputs `json:"buckets,omitempty"`
	// Databases are the stack's databases by name. Outputs from before there were any have none.
	Databases map[string]DatabaseOutputs `json:"databases,omitempty"`
	// Backups is where AWS Backup keeps recovery points, nil where it keeps none.
	Backups *BackupsOutputs `json:"backups,omitempty"`
	// Jobs are the stack's jobs by name. Outputs from before there were any have none.
	Jobs map[string]JobOutputs `json:"jobs,omitempty"`
	// Alerting is who is told of what does not heal by itself, nil without any. Outputs from before there was any have none.
	Alerting *AlertingOutputs `json:"alerting,omitempty"`
	// Services are the services by name.
	Services map[string]ServiceOutputs `json:"services"`
}

// NetworkOutputs is the VPC of a stack.
type NetworkOutputs struct {
	VpcID string `json:"vpcId"`
	CIDR  string `json:"cidr"`
	// NAT is per-zone, single or none.
	NAT string `json:"nat"`
}

// BucketOutputs is one bucket of a stack.
type BucketOutputs struct {
	// Bucket is its name in S3, and Replica that of its copy in the recovery Region.
	Bucket  string `json:"bucket"`
	Replica string `json:"replica"`
}

// DatabaseOutputs is one database of a stack.
type DatabaseOutputs struct {
	// Topology is how it survives the loss of a zone, EngineVersion the version of PostgreSQL that was asked for.
	Topology      string `json:"topology"`
	EngineVersion string `json:"engineVersion"`
	// Endpoint is the host that always leads to the writer, ReaderEndpoint the one of the readers, empty where there are none.
	Endpoint       string `json:"endpoint"`
	ReaderEndpoint string `json:"readerEndpoint"`
	// Identifier is what AWS calls the cluster or the instance, ResourceID the id that IAM policies name.
	Identifier string `json:"identifier"`
	ResourceID string `json:"resourceId"`
	// DatabaseName is the database that was made at first.
	DatabaseName string `json:"databaseName"`
	// StorageGiB is the size of the volumes that was asked for, 0 for Aurora.
	StorageGiB int `json:"storageGiB"`
	// BackupRetentionDays is for how long it can be restored to any second.
	BackupRetentionDays int `json:"backupRetentionDays"`
	// Protected says whether the engine and AWS refuse to delete it.
	Protected bool `json:"protected"`
	// Recovery is how long it is away when the writer, its volume or its zone is lost.
	Recovery RecoveryOutputs `json:"recovery"`
	// Runbooks are the documents of Systems Manager that restore it.
	Runbooks RunbookOutputs `json:"runbooks"`
	// Copy is what outlives the Region.
	Copy CopyOutputs `json:"copy"`
}

// RunbookOutputs are the names of documents, empty where there is none. RestoreFromCopy is of the recovery Region.
type RunbookOutputs struct {
	RestoreToPointInTime string `json:"restoreToPointInTime"`
	CutOver              string `json:"cutOver"`
	RestoreFromCopy      string `json:"restoreFromCopy"`
	ValidateRestoreTest  string `json:"validateRestoreTest"`
}

// RecoveryOutputs is the arithmetic of a failover, in seconds.
type RecoveryOutputs struct {
	FailoverSeconds    int `json:"failoverSeconds"`
	NameSeconds        int `json:"nameSeconds"`
	ConnectSeconds     int `json:"connectSeconds"`
	TimeToServeSeconds int `json:"timeToServeSeconds"`
	// ObjectiveSeconds is what the stack promises.
	ObjectiveSeconds int `json:"objectiveSeconds"`
}

// CopyOutputs is where a copy of a database is kept outside its Region.
type CopyOutputs struct {
	// Region is where, and By what makes it; both are empty where there is none.
	Region string `json:"region"`
	By     string `json:"by"`
	// Refused is true where the configuration states that there is none.
	Refused bool `json:"refused"`
}

// BackupsOutputs is where AWS Backup keeps the recovery points of databases.
type BackupsOutputs struct {
	// Vault is the vault's name in the Region, CopyVault that of the one in the recovery Region, RestoreTestingPlan the plan that restores
	// one every month.
	Vault              string `json:"vault"`
	CopyVault          string `json:"copyVault"`
	RestoreTestingPlan string `json:"restoreTestingPlan"`
}

// JobOutputs is one job of a stack.
type JobOutputs struct {
	// Schedule is the name of its schedule, Queue the URL that its consumer takes runs from, and DeadLetterQueue the name of the queue with
	// the runs that nobody could do: a message in there wants a person.
	Schedule        string `json:"schedule"`
	Queue           string `json:"queue"`
	DeadLetterQueue string `json:"deadLetterQueue"`
	// Consumer is the service that does its runs. AWS does not know it.
	Consumer string `json:"consumer"`
}

// AlertingOutputs is who is told of what does not heal by itself.
type AlertingOutputs struct {
	// Paging says whether a page calls somebody. If not, it is a ticket, and PageTopic is TicketTopic.
	Paging bool `json:"paging"`
	// PageTopic and TicketTopic are the ARNs of the topics, RecoveryTicketTopic that of the topic in the recovery Region, empty where nothing stands there.
	PageTopic           string `json:"pageTopic"`
	TicketTopic         string `json:"ticketTopic"`
	RecoveryTicketTopic string `json:"recoveryTicketTopic"`
	// DeadLetterQueue is the name of the queue with the pages that were not delivered, empty without paging.
	DeadLetterQueue string `json:"deadLetterQueue"`
}

// ServiceOutputs is one service of a stack.
type ServiceOutputs struct {
	// URL is where its clients reach it.
	URL string `json:"url"`
	// LoadBalancer is the ARN of its Application Load Balancer, AutoScalingGroup the name of its group, and Role the ARN of
	// its instances' role.
	LoadBalancer     string `json:"loadBalancer"`
	AutoScalingGroup string `json:"autoScalingGroup"`
	Role             string `json:"role"`
	// AMI is the machine image that its instances boot, and AMIParameter the SSM parameter that the id was read from, where
	// that is stated.
	AMI          string `json:"ami"`
	AMIParameter string `json:"amiParameter,omitempty"`
	// PeakInstances is how many instances the service needs at its peak. AWS does not know it.
	PeakInstances int `json:"peakInstances"`
	// FleetSize is how many instances stand, so that PeakInstances are left when a zone is lost.
	FleetSize int `json:"fleetSize"`
	// DiskProbe says whether the load balancer's health check exercises the disks. AWS does not know it.
	DiskProbe bool `json:"diskProbe"`
	// Accelerator is its Global Accelerator, nil without one. Outputs from before there were any have none.
	Accelerator *AcceleratorOutputs `json:"accelerator,omitempty"`
	// Calls are the services it depends on. AWS does not know them.
	Calls []string `json:"calls"`
}

// AcceleratorOutputs is what clients of a Global Accelerator need: for a DNS record, and for the rules of their firewalls.
type AcceleratorOutputs struct {
	DNSName   string   `json:"dnsName"`
	Addresses []string `json:"addresses"`
}

// ErrNoOutputs says that a stack has no outputs of this program: it was never brought up, or it was destroyed.
var ErrNoOutputs = errors.New("the stack has no outputs: bring it up first")

// DecodeOutputs reads the outputs of a stack, as the engine or its state give them. It returns ErrNoOutputs when there are
// none, and an error that names the key when their shape is not this version's.
func DecodeOutputs(raw map[string]any) (*Outputs, error) {
	value, exists := raw[OutputName]
	if !exists {
		return nil, ErrNoOutputs
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("output %s: %w", OutputName, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var outputs Outputs
	if err := decoder.Decode(&outputs); err != nil {
		return nil, fmt.Errorf("output %s: %w", OutputName, err)
	}
	if outputs.Version != 1 {
		return nil, fmt.Errorf("output %s: version %d is not the version 1 that this program reads", OutputName, outputs.Version)
	}
	return &outputs, nil
}
