package components

import (
	"maps"
	"slices"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// runSteps builds a component: one AWS concern a step, in order, up to the first error.
func runSteps(ctx *pulumi.Context, steps ...func(*pulumi.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// failuresAsError is nil when there are none.
func failuresAsError(subject string, failures []check.Failure) error {
	if len(failures) == 0 {
		return nil
	}
	return &check.Error{Subject: subject, Failures: failures}
}

// stateful are the options of an inner resource that holds what cannot be built again. Without a provider it has its parent's.
func stateful(parent pulumi.Resource, protect bool, provider ...pulumi.ProviderResource) []pulumi.ResourceOption {
	options := childOf(parent, provider...)
	if protect {
		options = append(options, pulumi.Protect(true), pulumi.RetainOnDelete(true))
	}
	return options
}

// childOf are the options of an inner resource. Without a provider it has its parent's.
func childOf(parent pulumi.Resource, provider ...pulumi.ProviderResource) []pulumi.ResourceOption {
	options := []pulumi.ResourceOption{pulumi.Parent(parent)}
	for _, each := range provider {
		if each != nil {
			options = append(options, pulumi.Provider(each))
		}
	}
	return options
}

// orDefault is value, or fallback where value is the zero value.
func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// sortedKeys makes the order of a map's entries that of their keys.
func sortedKeys[V any](entries map[string]V) []string {
	return slices.Sorted(maps.Keys(entries))
}
