package deploy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// awsProtections are the names of the properties of awsProtection.
var awsProtections = []string{"deletionProtection", "enableDeletionProtection", "disableApiTermination"}

// liftProgram is a program of what the state has, as it stands but for AWS's protection. Every resource keeps its other inputs:
// what the configuration says by now does not count. Run it with the guarded resources as the targets; the engine would delete
// what depends on them if the program left it out.
func liftProgram(old *State) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		made := &remaker{ctx: ctx, old: old, resources: map[string]pulumi.Resource{}}
		for _, resource := range old.Resources {
			madeUp := !counted(resource.Type, resource.Name()) // the stack itself, and providers
			if resource.Delete || madeUp {
				continue
			}
			if _, err := made.again(resource); err != nil {
				return fmt.Errorf("taking AWS's protection off, at %s: %w", resource.Name(), err)
			}
		}
		return made.outputs()
	}
}

// remaker registers resources again under the URNs that they have in a state.
type remaker struct {
	ctx       *pulumi.Context
	old       *State
	resources map[string]pulumi.Resource // by URN
}

// again registers a resource, once, after its parent and its provider.
func (m *remaker) again(resource Resource) (pulumi.Resource, error) {
	if made := m.resources[resource.URN]; made != nil {
		return made, nil
	}
	options, err := m.options(resource)
	if err != nil {
		return nil, err
	}
	switch {
	case strings.HasPrefix(resource.Type, providerPrefix):
		made := &pulumi.ProviderResourceState{}
		m.resources[resource.URN] = made
		return made, m.ctx.RegisterResource(resource.Type, resource.Name(), pulumi.Map{}, made, options...)
	case resource.Custom:
		off, err := unprotected(resource)
		if err != nil {
			return nil, err
		}
		made := &pulumi.CustomResourceState{}
		m.resources[resource.URN] = made
		return made, m.ctx.RegisterResource(resource.Type, resource.Name(), off, made, options...)
	default:
		made := &pulumi.ResourceState{}
		m.resources[resource.URN] = made
		return made, m.ctx.RegisterComponentResource(resource.Type, resource.Name(), made, options...)
	}
}

// unprotected are the inputs with which nothing of AWS protects the resource.
func unprotected(resource Resource) (pulumi.Map, error) {
	present, err := properties(resource.Outputs)
	off := pulumi.Map{}
	for _, flag := range awsProtections {
		if present[flag] == true && resource.ProtectedByAWS() {
			off[flag] = pulumi.Bool(false)
		}
	}
	return off, err
}

// options give a resource its parent and its provider, and keep the inputs that it has, but for AWS's protection.
func (m *remaker) options(resource Resource) ([]pulumi.ResourceOption, error) {
	var options []pulumi.ResourceOption
	if resource.Custom {
		inputs, err := properties(resource.Inputs)
		if err != nil {
			return nil, err
		}
		kept := slices.DeleteFunc(slices.Sorted(maps.Keys(inputs)), func(key string) bool { return slices.Contains(awsProtections, key) })
		options = append(options, pulumi.IgnoreChanges(kept))
	}
	if parent, exists := m.old.Find(resource.Parent); exists && parent.Type != stackType {
		made, err := m.again(parent)
		if err != nil {
			return nil, err
		}
		options = append(options, pulumi.Parent(made))
	}
	// The engine takes a resource that it meets through another for one that the program leaves out: order matters.
	var after []pulumi.Resource
	for _, urn := range resource.Dependencies {
		if dependency, exists := m.old.Find(urn); exists {
			made, err := m.again(dependency)
			if err != nil {
				return nil, err
			}
			after = append(after, made)
		}
	}
	provider, err := m.provider(resource)
	return append(append(options, pulumi.DependsOn(after)), provider...), err
}

// provider is an explicit provider, or the version of one that the engine made up.
func (m *remaker) provider(of Resource) ([]pulumi.ResourceOption, error) {
	at := strings.LastIndex(of.Provider, "::")
	if at < 0 {
		return nil, nil
	}
	found, exists := m.old.Find(of.Provider[:at])
	if !exists {
		return nil, nil
	}
	if !counted(found.Type, found.Name()) {
		inputs, err := properties(found.Inputs)
		version, stated := inputs["version"].(string)
		if err != nil || !stated {
			return nil, err
		}
		return []pulumi.ResourceOption{pulumi.Version(version)}, nil
	}
	made, err := m.again(found)
	if err != nil {
		return nil, err
	}
	provider, is := made.(pulumi.ProviderResource)
	if !is {
		return nil, fmt.Errorf("its provider %s is none", found.URN)
	}
	return []pulumi.ResourceOption{pulumi.Provider(provider)}, nil
}

// outputs leaves the stack its outputs.
func (m *remaker) outputs() error {
	for _, resource := range m.old.Resources {
		if resource.Type != stackType {
			continue
		}
		all, err := properties(resource.Outputs)
		if err != nil {
			return err
		}
		for name, value := range all {
			m.ctx.Export(name, pulumi.Any(value))
		}
	}
	return nil
}
