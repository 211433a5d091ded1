package stacks

import (
	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/stacks/internal/strict"
)

// Environment is what a stack is for. It stands for a Profile.
type Environment string

const (
	// Production protects what must not be lost and refuses what is only good enough to try things out.
	Production Environment = "production"
	// Development can be taken down at once. It survives the loss of a zone all the same.
	Development Environment = "development"
)

// Profile is what an Environment stands for.
type Profile struct {
	// Protect keeps load balancers, accelerators and target groups, and what holds state (keys, log groups, secrets), from being deleted or
	// replaced, by the engine and, where it can, by AWS.
	Protect bool
	// PlainHTTP allows a service without a certificate.
	PlainHTTP bool
	// ImageTags allows a container image by tag, which can change between two launches of the same instance.
	ImageTags bool
	// NoProbe allows a stack without a disk probe.
	NoProbe bool
	// NoAlerting allows a stack with databases of whose backups and failovers nobody is told.
	NoAlerting bool
	// EmptyBuckets lets a bucket be deleted with everything in it.
	EmptyBuckets bool
	// BackupDays is for how many days a database can be restored to any second, where it does not say.
	BackupDays int
	// LogRetention is how long log groups keep events.
	LogRetention components.LogRetention
}

// profiles is the whole difference between environments, on one screen.
var profiles = map[Environment]Profile{
	Production:  {Protect: true, PlainHTTP: false, ImageTags: false, NoProbe: false, NoAlerting: false, EmptyBuckets: false, BackupDays: 35, LogRetention: components.Retain1Year},
	Development: {Protect: false, PlainHTTP: true, ImageTags: true, NoProbe: true, NoAlerting: true, EmptyBuckets: true, BackupDays: 7, LogRetention: components.Retain1Month},
}

// enums are the fixed choices of a configuration.
var enums = func() strict.Enums {
	all := strict.With(strict.Enums{}, Production, Development)
	strict.With(all, components.NATStrategies()...)
	strict.With(all, components.EndpointServices()...)
	strict.With(all, components.Architectures()...)
	strict.With(all, components.ManagedRuleGroups()...)
	strict.With(all, components.DeleteMarkersChoices()...)
	strict.With(all, components.StorageClasses()...)
	strict.With(all, components.ObjectLockModes()...)
	strict.With(all, components.BucketAccesses()...)
	strict.With(all, components.DatabaseTopologies()...)
	strict.With(all, components.VaultLockModes()...)
	return strict.With(all, components.Exposures()...)
}()
