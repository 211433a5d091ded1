package deploy

import (
	"cmp"
	"slices"
)

// unlockAll, given to Destroy, unlocks everything that is protected.
const unlockAll = "all"

// checkUnlock refuses names to unlock that fit nothing that is protected or holds data: a name with a typing error in it must not pass for one
// that was heeded.
func checkUnlock(stack string, old *State, unlock []string) error {
	guarded := slices.Concat(old.protected(), old.data())
	var unknown []string
	for _, name := range unlock {
		if !slices.ContainsFunc(guarded, func(r Resource) bool { return fits(r, name) }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return &UnlockError{Stack: stack, Names: unknown, Protected: slices.Compact(names(guarded))}
	}
	return nil
}

func fits(resource Resource, name string) bool {
	return resource.URN == name || resource.Name() == name
}

func unlocked(resource Resource, unlock []string) bool {
	return slices.ContainsFunc(unlock, func(name string) bool { return fits(resource, name) })
}

// gate holds what an update would do against what the old state protects. The new state does not matter: an update that
// takes protection off something and replaces it at once would pass the engine. What holds data is not replaced by something empty
// either, protected or not: whoever removes a thing in development knows what goes, but a replacement comes of a property that
// looks harmless. It returns what is refused, and the resources that are lost because they were unlocked.
func gate(steps []Step, old *State, unlock []string) (refused []Refusal, freed []Resource) {
	byURN := map[string]Resource{}
	for _, resource := range old.protected() {
		byURN[resource.URN] = resource
	}
	holding := map[string]Resource{}
	for _, resource := range old.data() {
		holding[resource.URN] = resource
	}
	for _, step := range steps {
		resource, guarded := byURN[step.URN]
		if !guarded && step.Op == OpReplace {
			resource, guarded = holding[step.URN]
		}
		if !guarded || step.Op != OpReplace && step.Op != OpDelete {
			continue
		}
		switch {
		case resource.ProtectedByAWS():
			refused = append(refused, Refusal{Step: step, ByAWS: true})
		case !unlocked(resource, unlock):
			refused = append(refused, Refusal{Step: step, Data: !resource.Protected()})
		default:
			freed = append(freed, resource)
		}
	}
	slices.SortStableFunc(refused, func(a, b Refusal) int { return cmp.Compare(a.Name, b.Name) })
	return refused, freed
}
