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
	names := make([]string, len(c.Services))
	for i, service := range c.Services {
		names[i] = service.Name
	}
	sound := true
	for i, service := range c.Services {
		for j, callee := range service.Calls {
			path := fmt.Sprintf("services[%d].calls[%d]", i, j)
			switch {
			case callee == service.Name:
				found.Fail(path, callee, "is the service itself", "remove it")
			case slices.Contains(service.Calls[:j], callee):
				found.Fail(path, callee, "is listed twice", "remove one")
			case !slices.Contains(names, callee):
				remedy := "the services are " + strings.Join(names, ", ")
				if near := strict.Nearest(callee, names); near != "" {
					remedy = fmt.Sprintf("did you mean %s?", near)
				}
				found.Fail(path, callee, "is no service of this stack", remedy)
			case c.isAtPublicAddresses(callee):
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

// isAtPublicAddresses says whether the service's name leads out of the VPC.
func (c *Config) isAtPublicAddresses(name string) bool {
	return slices.ContainsFunc(c.Services, func(service ServiceConfig) bool {
		accelerated := service.Accelerator != nil && !service.Accelerator.Standby
		return service.Name == name && (accelerated || service.Exposure == components.InternetFacing)
	})
}

// calleesFirst are the services so ordered that each comes after those it calls, otherwise as configured. When calls run in
// a circle it returns the names along it instead.
func (c *Config) calleesFirst() (ordered []*ServiceConfig, circle []string) {
	byName := map[string]*ServiceConfig{}
	for i := range c.Services {
		byName[c.Services[i].Name] = &c.Services[i]
	}
	done := map[string]bool{}
	var visit func(service *ServiceConfig, trail []string)
	visit = func(service *ServiceConfig, trail []string) {
		if at := slices.Index(trail, service.Name); at >= 0 && circle == nil {
			circle = append(slices.Clone(trail[at:]), service.Name)
		}
		if circle != nil || done[service.Name] {
			return
		}
		trail = append(slices.Clone(trail), service.Name)
		for _, callee := range service.Calls {
			if next := byName[callee]; next != nil {
				visit(next, trail)
			}
		}
		done[service.Name] = true
		ordered = append(ordered, service)
	}
	for i := range c.Services {
		visit(&c.Services[i], nil)
	}
	if circle != nil {
		return nil, circle
	}
	return ordered, nil
}
