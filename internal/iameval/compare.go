package iameval

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// compare says whether a value of the request matches one of the policy.
type compare struct {
	matches func(wanted pattern, value string) (bool, error)
	// wild is whether * and ? are wildcards in the policy's value; variables is whether it may hold policy variables.
	wild, variables bool
	// valid checks a value of the policy.
	valid func(text string) bool
}

// operators are the bases. Negated forms follow: a Not after the type's name, and NotIpAddress.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var operators = map[string]compare{
	"StringEquals":             {matches: equal, variables: true},
	"StringEqualsIgnoreCase":   {matches: equalFold, variables: true},
	"StringLike":               {matches: like, wild: true, variables: true},
	"ArnEquals":                {matches: likeARN, wild: true, variables: true, valid: isARN},
	"ArnLike":                  {matches: likeARN, wild: true, variables: true, valid: isARN},
	"Bool":                     {matches: boolean, variables: true, valid: isBoolean},
	"IpAddress":                {matches: inBlock, valid: isBlock},
	"NumericEquals":            {matches: number(func(order int) bool { return order == 0 }), valid: isNumber},
	"NumericLessThan":          {matches: number(func(order int) bool { return order < 0 }), valid: isNumber},
	"NumericLessThanEquals":    {matches: number(func(order int) bool { return order <= 0 }), valid: isNumber},
	"NumericGreaterThan":       {matches: number(func(order int) bool { return order > 0 }), valid: isNumber},
	"NumericGreaterThanEquals": {matches: number(func(order int) bool { return order >= 0 }), valid: isNumber},
	"DateEquals":               {matches: date(func(order int) bool { return order == 0 }), valid: isDate},
	"DateLessThan":             {matches: date(func(order int) bool { return order < 0 }), valid: isDate},
	"DateLessThanEquals":       {matches: date(func(order int) bool { return order <= 0 }), valid: isDate},
	"DateGreaterThan":          {matches: date(func(order int) bool { return order > 0 }), valid: isDate},
	"DateGreaterThanEquals":    {matches: date(func(order int) bool { return order >= 0 }), valid: isDate},
	"Null":                     {valid: isBoolean},
}

func equal(wanted pattern, value string) (bool, error) { return wanted.text() == value, nil }

func equalFold(wanted pattern, value string) (bool, error) {
	return strings.EqualFold(wanted.text(), value), nil
}

func like(wanted pattern, value string) (bool, error) { return wanted.matches(value), nil }

func likeARN(wanted pattern, value string) (bool, error) { return wanted.matchesARN(value), nil }

func boolean(wanted pattern, value string) (bool, error) {
	if !isBoolean(value) {
		return false, fmt.Errorf("%q is neither true nor false", value)
	}
	return wanted.text() == value, nil
}

func isBoolean(text string) bool { return text == "true" || text == "false" }

func inBlock(wanted pattern, value string) (bool, error) {
	address, err := netip.ParseAddr(value)
	if err != nil {
		return false, err
	}
	block, err := parseBlock(wanted.text())
	return err == nil && block.Contains(address), err
}

func isBlock(text string) bool {
	_, err := parseBlock(text)
	return err == nil
}

// parseBlock reads a block, or an address as the block that is only itself.
func parseBlock(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

func number(fits func(order int) bool) func(pattern, string) (bool, error) {
	return func(wanted pattern, value string) (bool, error) {
		limit, err := strconv.ParseFloat(wanted.text(), 64)
		if err != nil {
			return false, err
		}
		given, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return false, err
		}
		switch {
		case given < limit:
			return fits(-1), nil
		case given > limit:
			return fits(1), nil
		}
		return fits(0), nil
	}
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

func date(fits func(order int) bool) func(pattern, string) (bool, error) {
	return func(wanted pattern, value string) (bool, error) {
		limit, err := parseDate(wanted.text())
		if err != nil {
			return false, err
		}
		given, err := parseDate(value)
		return err == nil && fits(given.Compare(limit)), err
	}
}

func isDate(text string) bool {
	_, err := parseDate(text)
	return err == nil
}

// parseDate reads a moment, a day, or seconds since 1970.
func parseDate(text string) (time.Time, error) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}
