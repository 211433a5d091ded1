package kinds

import "slices"

// move is one transition of a rule.
type move struct {
	class string
	days  int
}

// movesOf are the transitions of a rule by coldness.
func movesOf(rule Value, list, days string) []move {
	var moves []move
	for _, each := range rule.Each(list + "[]") {
		if !each.At("date").Exists() {
			moves = append(moves, move{class: each.At("storageClass").Text(), days: each.At(days).Int()})
		}
	}
	slices.SortStableFunc(moves, func(a, b move) int { return slices.Index(coldness, a.class) - slices.Index(coldness, b.class) })
	return moves
}

// clocks are the two ages that a rule counts: that of the current version, and the time since a version ceased to be current.
var clocks = []struct{ list, days, transition, expiration, age string }{
	{"transitions", "days", "Transition", "Expiration", "expiration.days"},
	{"noncurrentVersionTransitions", "noncurrentDays", "NoncurrentVersionTransition", "NoncurrentVersionExpiration", "noncurrentVersionExpiration.noncurrentDays"},
}

func dayName(days string) string {
	if days == "days" {
		return "Days"
	}
	return "NoncurrentDays"
}

// lifecycleDays is what S3 asks of the days of a rule.
func lifecycleDays() []Rule {
	return []Rule{
		eachRule("days that are positive", "InvalidArgument", func(_ *Draft, rule Value) *Refusal {
			if days := rule.At("expiration.days"); days.Exists() && days.Int() < 1 {
				return Refuse(days.Path(), "'Days' for Expiration action must be a positive integer")
			}
			if days := rule.At("abortIncompleteMultipartUpload.daysAfterInitiation"); days.Exists() && days.Int() < 1 {
				return Refuse(days.Path(), "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer")
			}
			return nil
		}),
		eachRule("days before an infrequent-access class", "InvalidArgument", func(_ *Draft, rule Value) *Refusal {
			for _, clock := range clocks {
				for _, each := range movesOf(rule, clock.list, clock.days) {
					if infrequent := each.class == "STANDARD_IA" || each.class == "ONEZONE_IA"; infrequent && each.days < warmDays {
						return Refuse(rule.Path(), "'%s' in %s action must be greater than or equal to %d for storageClass '%s'",
							dayName(clock.days), clock.transition, warmDays, each.class)
					}
				}
			}
			return nil
		}),
		eachRule("order of transitions", "InvalidArgument", orderOfMoves),
		eachRule("days between transitions", "InvalidArgument", stayOfMoves),
		eachRule("expiration after the last transition", "InvalidArgument", func(_ *Draft, rule Value) *Refusal {
			for _, clock := range clocks {
				age := rule.At(clock.age)
				for _, each := range movesOf(rule, clock.list, clock.days) {
					if age.Exists() && age.Int() > 0 && age.Int() <= each.days {
						return Refuse(rule.Path(), "'%s' in the %s action for filter '%s' must be greater than '%s' in the %s action",
							dayName(clock.days), clock.expiration, filterText(rule), dayName(clock.days), clock.transition)
					}
				}
			}
			return nil
		}),
		eachRule("newer versions to keep", "InvalidArgument", func(_ *Draft, rule Value) *Refusal {
			for _, path := range []string{"noncurrentVersionExpiration.newerNoncurrentVersions", "noncurrentVersionTransitions[].newerNoncurrentVersions"} {
				for _, value := range rule.Each(path) {
					if value.Int() > 100 {
						return Refuse(value.Path(), "'NewerNoncurrentVersions' must be less than or equal to 100")
					}
				}
			}
			return nil
		}),
	}
}

// orderOfMoves refuses a colder class that comes no later than a warmer one.
func orderOfMoves(_ *Draft, rule Value) *Refusal {
	for _, clock := range clocks {
		moves := movesOf(rule, clock.list, clock.days)
		for index := 1; index < len(moves); index++ {
			before, after := moves[index-1], moves[index]
			if after.class != before.class && after.days <= before.days {
				return Refuse(rule.Path(), "'%s' in the %s action for StorageClass '%s' for filter '%s' must be greater than '%s' in the %s action for StorageClass '%s' for filter '%s'",
					dayName(clock.days), clock.transition, after.class, filterText(rule), dayName(clock.days), clock.transition, before.class, filterText(rule))
			}
		}
	}
	return nil
}

// stayOfMoves refuses a transition that comes before the time is over for which AWS charges for the class before it.
func stayOfMoves(_ *Draft, rule Value) *Refusal {
	for _, clock := range clocks {
		moves := movesOf(rule, clock.list, clock.days)
		for index := 1; index < len(moves); index++ {
			before, after := moves[index-1], moves[index]
			stay := shortestStay[before.class]
			if after.class != before.class && after.days > before.days && after.days < before.days+stay {
				return Refuse(rule.Path(), "'%s' in the '%s' action for StorageClass '%s' for filter '%s' must be %d days more than 'filter '%s'' in the '%s' action for StorageClass '%s'",
					dayName(clock.days), clock.transition, after.class, filterText(rule), stay, filterText(rule), clock.transition, before.class)
			}
		}
	}
	return nil
}
