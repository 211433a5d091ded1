package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aplomb-iac/aplomb/deploy"
)

// targetFlag repeats the flag that said where the stack goes, for the next command to be typed.
func (a *app) targetFlag() string {
	switch {
	case a.flags.sandbox:
		return " --sandbox"
	case a.flags.aws:
		return " --aws"
	default:
		return ""
	}
}

func (a *app) next(format string, args ...any) {
	fmt.Fprintf(a.to.out, "next: "+format+"\n", args...)
}

// signs mark what happens to a resource.
var signs = map[deploy.Op]string{
	deploy.OpCreate: "+", deploy.OpImport: "+", deploy.OpUpdate: "~", deploy.OpReplace: "±", deploy.OpDelete: "-",
}

// mostListed is how many resources of a component are listed one by one. A first up creates far more than anyone reads.
const mostListed = 12

// printPreview prints what would be done, by component.
func (a *app) printPreview(out io.Writer, preview *deploy.Preview) {
	fmt.Fprintf(out, "preview of %s (%s): %s\n", preview.Stack, preview.Target, describe(preview.Changes))
	for _, component := range preview.Components {
		if !component.Changes.Any() {
			continue
		}
		fmt.Fprintf(out, "\n  %-14s %s\n", title(component.Name), describe(component.Changes))
		if len(component.Steps) > mostListed {
			continue
		}
		for _, step := range component.Steps {
			fmt.Fprintf(out, "    %s %s (%s)%s\n", signs[step.Op], step.Name, step.Type, reason(step))
		}
	}
	if len(preview.Refused) > 0 {
		fmt.Fprintf(out, "\n  protected: up would be refused\n")
		for _, refused := range preview.Refused {
			fmt.Fprintf(out, "    ! %s (%s) would be %sd%s\n", refused.Name, refused.Type, refused.Op, reason(refused.Step))
		}
	}
	printWarnings(out, preview.Warnings)
}

func printWarnings(out io.Writer, warnings []string) {
	for _, warning := range warnings {
		fmt.Fprintf(out, "warning: %s\n", strings.TrimPrefix(warning, "warning: "))
	}
}

func reason(step deploy.Step) string {
	switch {
	case len(step.Keys) > 0:
		return ": " + strings.Join(step.Keys, ", ") + " cannot change in place"
	case step.Op == deploy.OpUpdate && len(step.Changed) > 0:
		return ": " + strings.Join(step.Changed, ", ")
	default:
		return ""
	}
}

// title names what belongs to no component.
func title(component string) string {
	if component == "" {
		return "(stack)"
	}
	return component
}

// describe is a count of changes in words.
func describe(changes deploy.Changes) string {
	if !changes.Any() {
		return fmt.Sprintf("no change, %d as they are", changes.Same)
	}
	var parts []string
	for _, part := range []struct {
		count int
		what  string
	}{
		{changes.Create, "to create"}, {changes.Update, "to update"}, {changes.Replace, "to replace"}, {changes.Delete, "to delete"},
		{changes.Same, "as they are"},
	} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.what))
		}
	}
	return strings.Join(parts, ", ")
}

// did is a count of changes that were made.
func did(changes deploy.Changes) string {
	if !changes.Any() {
		return fmt.Sprintf("nothing changed, %d as they were", changes.Same)
	}
	return strings.NewReplacer("to create", "created", "to update", "updated", "to replace", "replaced", "to delete", "deleted",
		"as they are", "as they were").Replace(describe(changes))
}

func (a *app) printResult(result *deploy.Result, what string) {
	fmt.Fprintf(a.to.out, "%s %s (%s): %s; %s\n", result.Stack, what, result.Target, did(result.Changes), seconds(result.Duration))
	if len(result.Unlocked) > 0 {
		fmt.Fprintf(a.to.out, "unlocked: %s\n", strings.Join(result.Unlocked, ", "))
	}
	printWarnings(a.to.err, result.Warnings)
}

func (a *app) printRefresh(result *deploy.Result) {
	changes := result.Changes
	if changes.Update+changes.Delete == 0 {
		fmt.Fprintf(a.to.out, "%s is as the engine left it: %d resources looked at; %s\n", result.Stack, changes.Same, seconds(result.Duration))
		return
	}
	fmt.Fprintf(a.to.out, "%s was changed behind the engine's back: %d changed, %d gone; %s\n",
		result.Stack, changes.Update, changes.Delete, seconds(result.Duration))
	for _, component := range result.Components {
		for _, step := range component.Steps {
			verb := map[deploy.Op]string{deploy.OpUpdate: "changed", deploy.OpDelete: "gone"}[step.Op]
			fmt.Fprintf(a.to.out, "  %s %s (%s) %s%s\n", signs[step.Op], step.Name, step.Type, verb, reason(step))
		}
	}
	a.next("aplomb preview --stack %s", result.Stack)
}

func seconds(duration time.Duration) string { return fmt.Sprintf("%.1f s", duration.Seconds()) }

func sortedKeys[V any](all map[string]V) []string {
	keys := make([]string, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
