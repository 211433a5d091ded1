package kinds

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The rules below are the ones that the provider checks of very many properties. Each is AtCheck, is skipped where the
// property is not set, and looks at every index where the path contains [].

// InRange refuses a number outside low to high.
func InRange(path string, low, high int) Rule {
	return Rule{Name: "range of " + path, Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			if n := value.Float(); !value.Unknown() && (n < float64(low) || n > float64(high)) {
				return Refuse(value.Path(), "expected %s to be in the range (%d - %d), got %v", value.Path(), low, high, n)
			}
		}
		return nil
	}}
}

// OneOf refuses a text that is not one of those listed.
func OneOf(path string, allowed ...string) Rule {
	return Rule{Name: "values of " + path, Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			if !value.Unknown() && !slices.Contains(allowed, value.Text()) {
				return Refuse(value.Path(), "expected %s to be one of %q, got %s", value.Path(), allowed, value.Text())
			}
		}
		return nil
	}}
}

// NumberOneOf refuses a number that is not one of those listed.
func NumberOneOf(path string, allowed ...int) Rule {
	return Rule{Name: "values of " + path, Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			if !value.Unknown() && !slices.Contains(allowed, value.Int()) {
				return Refuse(value.Path(), "expected %s to be one of %v, got %d", value.Path(), allowed, value.Int())
			}
		}
		return nil
	}}
}

// LengthIn refuses a text with fewer than low or more than high characters.
func LengthIn(path string, low, high int) Rule {
	return Rule{Name: "length of " + path, Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			if n := len(value.Text()); !value.Unknown() && (n < low || n > high) {
				return Refuse(value.Path(), "expected length of %s to be in the range (%d - %d), got %q of %d",
					value.Path(), low, high, value.Text(), n)
			}
		}
		return nil
	}}
}

// Matching refuses a text that the pattern does not match; message says what is allowed.
func Matching(path string, pattern *regexp.Regexp, message string) Rule {
	return Rule{Name: "pattern of " + path, Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			if !value.Unknown() && !pattern.MatchString(value.Text()) {
				return Refuse(value.Path(), "invalid value for %s (%s): %q", value.Path(), message, value.Text())
			}
		}
		return nil
	}}
}

// Conflicting refuses two properties that are both set.
func Conflicting(one, other string) Rule {
	return Rule{Name: one + " conflicts with " + other, Broken: func(d *Draft) *Refusal {
		if d.Has(one) && d.Has(other) {
			return Refuse(one, "%q: conflicts with %s", one, other)
		}
		return nil
	}}
}

// ExactlyOne refuses a draft that sets none or several of the properties.
func ExactlyOne(paths ...string) Rule {
	return Rule{Name: "exactly one of " + strings.Join(paths, ", "), Broken: func(d *Draft) *Refusal {
		var set []string
		for _, path := range paths {
			if d.Has(path) {
				set = append(set, path)
			}
		}
		if len(set) == 1 {
			return nil
		}
		found := "none is set"
		if len(set) > 1 {
			found = fmt.Sprintf("%s are set", strings.Join(set, ", "))
		}
		return Refuse(paths[0], "exactly one of %s must be specified: %s", strings.Join(paths, ", "), found)
	}}
}
