package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// candidate is a doubt, with what the cloud says about it where it can be asked.
type candidate struct {
	doubt
	// known is true when the cloud was asked. ids are then those under which it stands and the state does not have it, oldest first.
	known bool
	ids   []string
	// newest is true when the last of ids is younger than what the state has under the same URN.
	newest bool
}

// unsettled is what an earlier operation left open.
type unsettled struct {
	candidates []candidate
	// halfDone are URNs of what stands in the state and may have been changed.
	halfDone []string
	// stale is true when the state holds creations as under way: the engine never drops those.
	stale bool
	// strict is true when the ledger has an operation that is not known to be over.
	strict bool
	// before is the state before that operation, nil when there is none.
	before *State
}

func (u *unsettled) empty() bool { return len(u.candidates)+len(u.halfDone) == 0 && !u.stale }

// findUnsettled finds out what an earlier operation left open. It changes nothing.
func (s *session) findUnsettled(ctx context.Context, old *State) (*unsettled, error) {
	kept, err := s.ledger().open()
	if err != nil {
		return nil, err
	}
	before, plan, err := s.ledger().unfinished()
	if err != nil {
		return nil, err
	}
	found := &unsettled{strict: before != nil || kept.Begun, before: before}
	doubts := old.doubts()
	for _, one := range kept.Doubts {
		again := slices.ContainsFunc(doubts, func(d doubt) bool { return d.resource.URN == one.resource.URN })
		if !again && !one.settled(old) {
			doubts = append(doubts, one)
		}
	}
	for _, pending := range old.Pending {
		found.stale = found.stale || pending.Type == "creating"
	}
	found.halfDone = halfDone(old, kept, before, plan)
	finder, asks := s.target.(Finder)
	if !asks {
		for _, one := range doubts {
			found.candidates = append(found.candidates, candidate{doubt: one})
		}
		return found, nil
	}
	found.candidates, err = s.ask(ctx, finder, old, knowledge{doubts: doubts, before: before, plan: plan})
	return found, err
}

// halfDone are the URNs of what stands and may have been changed. Of an operation whose end nobody saw that is everything it
// was about to change.
func halfDone(old *State, kept open, before *State, plan plannedResources) []string {
	urns := append(old.halfDone(), kept.HalfDone...)
	if kept.Begun && before != nil {
		if plan != nil {
			urns = append(urns, plan.changed()...)
		} else {
			for _, resource := range old.Resources {
				urns = append(urns, resource.URN)
			}
		}
	}
	slices.Sort(urns)
	return slices.DeleteFunc(slices.Compact(urns), func(urn string) bool {
		stands, exists := old.Find(urn)
		return !exists || !stands.Custom || strings.HasPrefix(stands.Type, providerPrefix)
	})
}

// knowledge is what there is to tell what a stray is.
type knowledge struct {
	doubts []doubt
	before *State
	plan   plannedResources
	// ended is true when the operation ended well: the state has all that it created.
	ended bool
}

// ask finds everything that stands in the cloud and that the state does not have. What is neither in doubt nor was about to be
// changed is somebody else's business: it was meant to be retained, or taken out of the state on purpose.
func (s *session) ask(ctx context.Context, finder Finder, old *State, known knowledge) ([]candidate, error) {
	if len(known.doubts) == 0 && known.before == nil {
		return nil, nil
	}
	var urns []string
	ids := map[string][]string{}
	err := finder.Standing(ctx, "urn:pulumi:"+s.name+"::"+s.copied.project, func(urn, id string) {
		if ids[urn] == nil {
			urns = append(urns, urn)
		}
		ids[urn] = append(ids[urn], id)
	})
	if err != nil {
		return nil, fmt.Errorf("asking %s what stands: %w", s.target.Name(), err)
	}
	var found []candidate
	for _, urn := range urns {
		strays := slices.DeleteFunc(slices.Clone(ids[urn]), func(id string) bool { return old.has(typeOf(urn), id) })
		if len(strays) == 0 {
			continue
		}
		about, is, err := known.about(urn, strays)
		if err != nil {
			return nil, err
		}
		if is {
			newest := strays[len(strays)-1] == ids[urn][len(ids[urn])-1]
			found = append(found, candidate{doubt: about, known: true, ids: strays, newest: newest})
		}
	}
	for _, one := range known.doubts {
		if !slices.ContainsFunc(found, func(c candidate) bool { return c.resource.URN == one.resource.URN }) {
			found = append(found, candidate{doubt: one, known: true})
		}
	}
	return found, nil
}

// about is what is known of a stray.
func (k knowledge) about(urn string, ids []string) (doubt, bool, error) {
	for _, one := range k.doubts {
		if one.resource.URN == urn {
			return one, true, nil
		}
	}
	if k.before == nil {
		return doubt{}, false, nil
	}
	for _, resource := range k.before.Resources {
		if resource.Custom && resource.Type == typeOf(urn) && slices.Contains(ids, resource.ID) && !k.meantToRetain(resource) {
			return doubt{resource: resource, reason: "AWS said that it was gone"}, true, nil
		}
	}
	if k.ended {
		return doubt{}, false, nil
	}
	resource, planned, err := k.plan.creation(urn, k.before)
	return doubt{resource: resource, reason: reasonUnsaid}, planned, err
}

// meantToRetain says whether the operation was to let go of a resource and leave it in the cloud: only what a plan deletes or replaces is. What a
// refresh loses, or an update that had nothing to do with it, was lost because AWS said that it was gone.
func (k knowledge) meantToRetain(resource Resource) bool {
	return resource.RetainOnDelete && (resource.Delete || k.plan.letsGoOf(resource.URN))
}

// has says whether the state has a resource of that type and id, whatever its URN.
func (s *State) has(typ, id string) bool {
	return slices.ContainsFunc(s.Resources, func(r Resource) bool { return r.ID == id && r.Type == typ })
}

// typeOf is the resource type in a URN, whose third part has the types of its parents before it.
func typeOf(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return ""
	}
	return parts[2][strings.LastIndex(parts[2], "$")+1:]
}

// pending are the candidates as the caller sees them.
func (u *unsettled) pending(in *State) []Pending {
	var all []Pending
	for _, one := range u.candidates {
		all = append(all, one.shown(in))
	}
	return all
}

func (c candidate) shown(in *State) Pending {
	shown := c.pending(in)
	shown.Known = c.known
	if len(c.ids) > 0 {
		shown.ID = c.ids[len(c.ids)-1]
	}
	return shown
}

// heed decides on candidates as the caller says. Where the cloud was asked, its word counts: a caller may only say the same.
func (u *unsettled) heed(stack string, say Settling, in *State) error {
	found := check.New()
	for _, adoption := range say.Adopt {
		if at := u.find(found.At("--adopt"), adoption.What); at != nil {
			switch {
			case adoption.ID == "":
				found.Missing("--adopt "+adoption.What, "what is adopted has an id", "write --adopt '"+adoption.What+"=ID'")
			case !at.known:
				at.known, at.ids, at.newest = true, []string{adoption.ID}, true
			case len(at.ids) == 0:
				found.Fail("--adopt", adoption.What+"="+adoption.ID, "does not stand: it was looked for", "leave it out")
			case adoption.ID != at.ids[len(at.ids)-1]:
				found.Fail("--adopt", adoption.What+"="+adoption.ID, "is another one than "+at.ids[len(at.ids)-1]+", as which it stands", "leave it out")
			}
		}
	}
	for _, name := range say.Forget {
		if at := u.find(found.At("--forget"), name); at != nil {
			if len(at.ids) > 0 {
				found.Fail("--forget", name, "stands: it is "+at.ids[len(at.ids)-1], "adopt it, or remove it there first")
			}
			at.known = true
		}
	}
	if failures := found.Failures(); len(failures) > 0 {
		return &SettlingError{Stack: stack, Failures: failures, Pending: u.pending(in)}
	}
	return nil
}

// find is the one candidate that is meant by a URN or a name.
func (u *unsettled) find(found *check.Checker, what string) *candidate {
	var fitting []*candidate
	for i := range u.candidates {
		if fits(u.candidates[i].resource, what) {
			fitting = append(fitting, &u.candidates[i])
		}
	}
	switch len(fitting) {
	case 0:
		found.Fail("", what, "is nothing whose creation was cut off", "use a name or URN of those that are pending")
	case 1:
		return fitting[0]
	default:
		found.Fail("", what, fmt.Sprintf("is the name of %d that are pending", len(fitting)), "use the URN")
	}
	return nil
}
