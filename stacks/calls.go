package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/stacks/internal/strict"
)

// checkCalls refuses calls to services that do not exist, to oneself, twice to the same, to public addresses, and in a circle: a
// service finds the ones it calls in its environment, so they must exist before it.
func (c *Config) checkCalls(found *check.Checker) {
	byName := c.byName()
	sound := true
	for i := range c.Services {
		service := &c.Services[i]
		for j, callee := range service.Calls {
			path := fmt.Sprintf("services[%d].calls[%d]", i, j)
			switch {
			case callee == service.Name:
				found.Fail(path, callee, "is the service itself", "remove it")
			case slices.Contains(service.Calls[:j], callee):
				found.Fail(path, callee, "is listed twice", "remove one")
			case byName[callee] == nil:
				found.Fail(path, callee, "is no service of this stack", c.whichService(callee))
			case byName[callee].isAtPublicAddresses():
				found.Fail(path, callee, "is called at public addresses, which no security group stands for",
					"give its URL in environment, and list the addresses of the NAT gateways in its clientCIDRs")
			default:
				continue
			}
			sound = false
		}
	}
	if _, circle := c.calleesFirst(); sound && circle != nil {
		found.Fail("services", strings.Join(circle, " → "), "call each other in a circle",
			"drop one of the calls, or let one of them find the other by a name of your own in environment")
	}
}

// whichService helps somebody who named a service that does not exist.
func (c *Config) whichService(name string) string {
	names := make([]string, len(c.Services))
	for i := range c.Services {
		names[i] = c.Services[i].Name
	}
	if near := strict.Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "the services are " + strings.Join(names, ", ")
}

// isAtPublicAddresses says whether the service's name leads out of the VPC.
func (s *ServiceConfig) isAtPublicAddresses() bool {
	accelerated := s.Accelerator != nil && !s.Accelerator.Standby
	return accelerated || s.Exposure == components.InternetFacing
}

// byName are the services by their names.
func (c *Config) byName() map[string]*ServiceConfig {
	services := make(map[string]*ServiceConfig, len(c.Services))
	for i := range c.Services {
		services[c.Services[i].Name] = &c.Services[i]
	}
	return services
}

// calleesFirst are the services so ordered that each comes after those it calls, otherwise as configured. When calls run in
// a circle it returns the names along it instead.
func (c *Config) calleesFirst() (ordered []*ServiceConfig, circle []string) {
	byName := c.byName()
	done := map[string]bool{}
	var trail []string
	at := map[string]int{} // where on the trail a service is
	var visit func(service *ServiceConfig)
	visit = func(service *ServiceConfig) {
		if start, again := at[service.Name]; again && circle == nil {
			circle = append(slices.Clone(trail[start:]), service.Name)
		}
		if circle != nil || done[service.Name] {
			return
		}
		at[service.Name] = len(trail)
		trail = append(trail, service.Name)
		for _, callee := range service.Calls {
			if next := byName[callee]; next != nil {
				visit(next)
			}
		}
		trail = trail[:len(trail)-1]
		delete(at, service.Name)
		done[service.Name] = true
		ordered = append(ordered, service)
	}
	for i := range c.Services {
		visit(&c.Services[i])
	}
	if circle != nil {
		return nil, circle
	}
	return ordered, nil
}
