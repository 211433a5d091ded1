package components

import (
	"slices"

	"github.com/aplomb-iac/aplomb/internal/zones"
)

// The defaults. Why each is what it is stands at its argument.
const (
	defaultRootVolumeGiB      = 30
	defaultTargetCPU          = 50
	defaultStartupSeconds     = 300
	defaultWarmupSeconds      = 120
	defaultPort               = 8080
	defaultDrainSeconds       = 30
	defaultKeepAliveSeconds   = 300
	defaultIdleSeconds        = 60
	defaultHealthPath         = "/healthz"
	defaultHealthInterval     = 5
	defaultHealthTimeout      = 2
	defaultHealthyThreshold   = 2
	defaultUnhealthyThreshold = 2
	defaultMatcher            = "200"
)

// withDefaults is a copy in which every zero value is its default.
func (a ResilientServiceArgs) withDefaults() ResilientServiceArgs {
	fleet := zones.FleetSize(len(a.Placement.Zones), a.PeakInstances)
	a.RootVolumeGiB = orDefault(a.RootVolumeGiB, defaultRootVolumeGiB)
	a.MaxInstances = orDefault(a.MaxInstances, max(fleet, min(2*fleet, maxTargets)))
	a.TargetCPU = orDefault(a.TargetCPU, defaultTargetCPU)
	a.StartupSeconds = orDefault(a.StartupSeconds, defaultStartupSeconds)
	a.WarmupSeconds = orDefault(a.WarmupSeconds, defaultWarmupSeconds)
	a.Port = orDefault(a.Port, defaultPort)
	a.HealthCheck = a.HealthCheck.withDefaults()
	a.Probe = a.Probe.withDefaults()
	a.FailOpenPercent = orDefault(a.FailOpenPercent, failOpenCeiling(len(a.Placement.Zones))/2)
	a.DrainSeconds = orDefault(a.DrainSeconds, defaultDrainSeconds)
	a.KeepAliveSeconds = orDefault(a.KeepAliveSeconds, defaultKeepAliveSeconds)
	a.IdleSeconds = orDefault(a.IdleSeconds, defaultIdleSeconds)
	a.Exposure = orDefault(a.Exposure, Internal)
	if a.ClientCIDRs == nil && a.Exposure == Internal && !a.OnlyGrantedCallers {
		a.ClientCIDRs = []string{a.Placement.VPCCIDR}
	}
	a.WAF = a.WAF.withDefaults()
	a.Egress = egressWithDefaults(a.Egress)
	a.LogRetention = orDefault(a.LogRetention, Retain1Month)
	return a
}

func (h HealthCheckArgs) withDefaults() HealthCheckArgs {
	h.Path = orDefault(h.Path, defaultHealthPath)
	h.Interval = orDefault(h.Interval, defaultHealthInterval)
	h.Timeout = orDefault(h.Timeout, defaultHealthTimeout)
	h.HealthyThreshold = orDefault(h.HealthyThreshold, defaultHealthyThreshold)
	h.UnhealthyThreshold = orDefault(h.UnhealthyThreshold, defaultUnhealthyThreshold)
	h.Matcher = orDefault(h.Matcher, defaultMatcher)
	return h
}

func egressWithDefaults(egress []EgressArgs) []EgressArgs {
	egress = slices.Clone(egress)
	for index := range egress {
		egress[index].Protocol = orDefault(egress[index].Protocol, TCP)
	}
	return egress
}

// failOpenCeiling is the share of the fleet, in whole percent, that is left when one zone is lost: 66 of three zones, 50 of two.
func failOpenCeiling(zoneCount int) int {
	if zoneCount < zones.MinZones {
		return 0
	}
	return 100 * (zoneCount - 1) / zoneCount
}
