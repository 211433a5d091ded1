package stacks

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// composeProbe puts the stack's disk probe beside a service.
func (c *Config) composeProbe(service *ServiceConfig, args *components.ResilientServiceArgs) {
	if c.Probe != nil {
		args.Probe = &components.ProbeArgs{Image: c.Probe.Image, Port: orZero(c.Probe.Port), DataPaths: service.DataPaths}
	}
}

// The ports that the components take where none is stated.
const (
	defaultServicePort = 8080
	defaultProbePort   = 9808
)

// probePortOf says whether the probe would listen on the port of the container.
func (c *Config) probePortOf(service *ServiceConfig) bool {
	return c.Probe != nil && orElse(c.Probe.Port, defaultProbePort) == orElse(service.Port, defaultServicePort)
}

func orElse(value *int, otherwise int) int {
	if value == nil {
		return otherwise
	}
	return *value
}

// checkProbe says what the probe is to the stack; what it is to one service, the component says.
func (c *Config) checkProbe(all *check.Checker) {
	profile := c.profile()
	switch _, known := profiles[c.Environment]; {
	case c.Probe == nil && known && !profile.NoProbe:
		all.Missing("probe", "production notices a stalled volume before its users do", "add probe, with the image that make probe-image builds")
	case c.Probe != nil:
		zeros(c.Probe, all.At("probe"))
		if image, err := naming.ParseImage(c.Probe.Image); err == nil && image.Digest == "" && !profile.ImageTags {
			all.Fail("probe.image", c.Probe.Image, "names a tag, whose content can change between two launches",
				"give the digest: "+image.Registry+"/"+image.Repository+"@sha256:…")
		}
	}
	for i := range c.Services {
		service, at := &c.Services[i], all.At(fmt.Sprintf("services[%d]", i))
		if c.Probe == nil && len(service.DataPaths) > 0 {
			at.Fail("dataPaths", service.DataPaths, "are watched by a disk probe, and the stack has none", "add probe, or remove them")
		}
		if c.probePortOf(service) {
			at.Fail("port", orElse(service.Port, defaultServicePort), "is the port of the disk probe, which shares the host's network with the container",
				"choose another, or move probe.port")
		}
	}
}

// probeKey is the configuration's key for what the service component says of its probe. What is wrong with two ports together is
// reported at the service.
func (c *Config) probeKey(index int, path string) (key string, mine bool) {
	if strings.HasPrefix(path, "probe.dataPaths") {
		return fmt.Sprintf("services[%d].%s", index, strings.TrimPrefix(path, "probe.")), true
	}
	return path, path != "probe.port" || !c.probePortOf(&c.Services[index])
}
