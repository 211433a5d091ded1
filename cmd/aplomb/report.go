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

// mostUpdates is how many updates of a component are named. Every replacement and deletion is.
const mostUpdates = 10

// previewWidth is the width that a preview keeps to: the narrowest terminal that is common.
const previewWidth = 80

// printPreview prints what would be done, by component. Creations are counted only: a first up has more than anyone reads.
func (a *app) printPreview(out io.Writer, preview *deploy.Preview) {
	fmt.Fprintf(out, "preview of %s (%s): %s\n", preview.Stack, preview.Target, describe(preview.Changes))
	for _, component := range preview.Components {
		if !component.Changes.Any() {
			continue
		}
		changes := component.Changes
		changes.Same = 0 // the first line has the sum
		fmt.Fprintf(out, "\n  %-14s %s\n", title(component.Name), describe(changes))
		printSteps(out, listed(component))
	}
	for _, pending := range preview.Pending {
		if pending.Known && pending.ID != "" {
			fmt.Fprintf(out, "%s stands although its creation was cut off: up takes %s over first, and then creates it not\n", pending.Name, pending.ID)
		}
	}
	printWarnings(out, preview.Warnings)
}

// listed are the steps worth a line, the worst first.
func listed(component deploy.ComponentChanges) []deploy.Step {
	order := []deploy.Op{deploy.OpReplace, deploy.OpDelete, deploy.OpUpdate}
	if component.Changes.Update > mostUpdates {
		order = order[:2]
	}
	var steps []deploy.Step
	for _, op := range order {
		for _, step := range component.Steps {
			if step.Op == op {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// printSteps prints one step a line, in columns.
func printSteps(out io.Writer, steps []deploy.Step) {
	name, typ := 0, 0
	for _, step := range steps {
		name, typ = max(name, len(step.Name)), max(typ, len(shortType(step.Type)))
	}
	for _, step := range steps {
		line := fmt.Sprintf("    %s %-*s  %-*s  %s", signs[step.Op], name, step.Name, typ, shortType(step.Type), why(step))
		fmt.Fprintln(out, clip(strings.TrimRight(line, " "), previewWidth))
	}
}

// shortType is a type without its module: aws:ec2/natGateway:NatGateway is ec2 NatGateway.
func shortType(typ string) string {
	parts := strings.Split(typ, ":")
	if len(parts) != 3 {
		return typ
	}
	module, _, _ := strings.Cut(parts[1], "/")
	return module + " " + parts[2]
}

// why are the properties because of which a step is taken.
func why(step deploy.Step) string {
	if len(step.Keys) > 0 {
		return strings.Join(step.Keys, ", ")
	}
	if step.Op == deploy.OpUpdate {
		return strings.Join(step.Changed, ", ")
	}
	return ""
}

func clip(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text
}

// inOurWords names this command where the engine names its own.
var inOurWords = strings.NewReplacer("pulumi refresh", "aplomb refresh", "pulumi up", "aplomb up", "pulumi destroy", "aplomb destroy")

func printWarnings(out io.Writer, warnings []string) {
	for _, warning := range warnings {
		fmt.Fprintf(out, "warning: %s\n", inOurWords.Replace(strings.TrimPrefix(warning, "warning: ")))
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
	if changes == (deploy.Changes{}) {
		return "nothing is in it"
	}
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
	if words := settledWords(result.Settled); words != "" {
		fmt.Fprintln(a.to.out, words)
	}
	printWarnings(a.to.err, result.Warnings)
}

func (a *app) printRefresh(result *deploy.Result) {
	defer printWarnings(a.to.err, result.Warnings)
	if words := settledWords(result.Settled); words != "" {
		fmt.Fprintln(a.to.out, words)
	}
	if open := undecided(result.Pending); len(open) > 0 {
		fmt.Fprintf(a.to.err, "warning: nobody knows whether AWS made %s: up and destroy must be told\n", pendingNames(open))
	}
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
