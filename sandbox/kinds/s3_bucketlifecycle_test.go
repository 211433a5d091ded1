package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

var lifecycle = ofAssets(In{"rules": []any{ages(nil)}})

// ages is a rule that uses everything, changed.
func ages(changes In) In {
	return changed(In{
		"id": "everything", "status": "Enabled", "filter": In{"prefix": ""},
		"transitions": []any{moves("STANDARD_IA", 30), moves("GLACIER_IR", 90)}, "expiration": In{"days": 365},
		"noncurrentVersionTransitions": []any{ceases("STANDARD_IA", 30)}, "noncurrentVersionExpiration": In{"noncurrentDays": 60, "newerNoncurrentVersions": 2},
		"abortIncompleteMultipartUpload": In{"daysAfterInitiation": 7},
	}, changes)
}

func moves(class string, days int) In { return In{"storageClass": class, "days": days} }

func ceases(class string, days int) In { return In{"storageClass": class, "noncurrentDays": days} }

func aging(changes In) Draft { return lifecycle(In{"rules": []any{ages(changes)}}) }

// moving is a rule of transitions alone.
func moving(transitions ...any) Draft {
	return aging(In{"transitions": transitions, "expiration": nil, "noncurrentVersionTransitions": nil, "noncurrentVersionExpiration": nil})
}

func ceasing(transitions ...any) Draft {
	return aging(In{"transitions": nil, "expiration": nil, "noncurrentVersionTransitions": transitions, "noncurrentVersionExpiration": nil})
}

var _ = suite(kinds.BucketLifecycle, Suite{
	Valid: map[string]Draft{
		"everything":         lifecycle(nil),
		"in any order":       moving(moves("DEEP_ARCHIVE", 180), moves("STANDARD_IA", 30), moves("GLACIER", 60)),
		"at once":            moving(moves("INTELLIGENT_TIERING", 0)),
		"by date":            aging(In{"transitions": []any{In{"storageClass": "STANDARD_IA", "date": "2027-01-01"}}, "expiration": In{"date": "2028-01-01"}}),
		"markers":            aging(In{"expiration": In{"expiredObjectDeleteMarker": true}}),
		"of a prefix and of": aging(In{"filter": In{"and": In{"prefix": "a/", "objectSizeGreaterThan": 131072}}}),
		"of tags":            aging(In{"abortIncompleteMultipartUpload": nil, "filter": In{"and": In{"tags": In{"a": "1", "b": "2"}}}}),
		"by size":            lifecycle(In{"transitionDefaultMinimumObjectSize": "varies_by_storage_class", "expectedBucketOwner": "123456789012"}),
	},
	Refusals: append(elsewhere("PutBucketLifecycleConfiguration", true, lifecycle), []Refusal{
		{Rule: "length of rules[].id", Draft: aging(In{"id": strings.Repeat("a", 256)}), Says: "range (1 - 255)"},
		{Rule: "values of rules[].status", Draft: aging(In{"status": "On"}), Says: "got On"},
		{Rule: "values of rules[].transitions[].storageClass", Draft: moving(moves("COLD", 30)), Says: "got COLD"},
		{Rule: "values of rules[].noncurrentVersionTransitions[].storageClass", Draft: ceasing(ceases("COLD", 30)), Says: "got COLD"},
		{Rule: "values of transitionDefaultMinimumObjectSize", Draft: lifecycle(In{"transitionDefaultMinimumObjectSize": "1K"}), Says: "got 1K"},
		{Rule: "least rules[].noncurrentVersionExpiration.noncurrentDays", Draft: aging(In{"noncurrentVersionTransitions": nil, "noncurrentVersionExpiration": In{"noncurrentDays": 0}}), Says: "must be at least 1, got: 0"},
		{Rule: "least rules[].noncurrentVersionExpiration.newerNoncurrentVersions", Draft: aging(In{"noncurrentVersionExpiration": In{"noncurrentDays": 60, "newerNoncurrentVersions": 0}}), Says: "must be at least 1, got: 0"},
		{Rule: "least rules[].noncurrentVersionTransitions[].noncurrentDays", Draft: ceasing(ceases("GLACIER", -1)), Says: "must be at least 0, got: -1"},
		{Rule: "least rules[].transitions[].days", Draft: moving(moves("GLACIER", -1)), Says: "must be at least 0, got: -1"},
		{Rule: "rules", Draft: lifecycle(In{"rules": nil}), Says: "PutBucketLifecycleConfiguration, api error MalformedXML"},
		{Rule: "unique ids", Draft: lifecycle(In{"rules": []any{ages(nil), ages(nil)}}), Says: "InvalidArgument: Rule ID must be unique. Found same ID for one or more rules"},
		{Rule: "an action", Draft: lifecycle(In{"rules": []any{In{"id": "nothing", "status": "Enabled", "filter": In{}}}}), Says: "InvalidRequest: At least one action needs to be specified in a rule"},
		{Rule: "one way to expire", Draft: aging(In{"expiration": In{}}), Says: "MalformedXML"},
		{Rule: "one way to expire", Draft: aging(In{"expiration": In{"days": 365, "expiredObjectDeleteMarker": true}}), Says: "MalformedXML"},
		{Rule: "one predicate of a filter", Draft: aging(In{"filter": In{"prefix": "a/", "objectSizeGreaterThan": 1}}), Says: "MalformedXML"},
		{Rule: "one predicate of a filter", Draft: aging(In{"filter": In{"and": In{"prefix": "a/"}}}), Says: "MalformedXML"},
		{Rule: "uploads by tag", Draft: aging(In{"filter": In{"tag": In{"key": "a", "value": "b"}}}), Says: "InvalidRequest: AbortIncompleteMultipartUpload cannot be specified with Tags."},
		{Rule: "one transition a class", Draft: moving(moves("GLACIER", 30), moves("GLACIER", 60)), Says: "InvalidRequest: 'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '(prefix=)'"},
		{Rule: "one transition a class", Draft: ceasing(ceases("GLACIER", 30), ceases("GLACIER", 60)), Says: "must be different for 'NoncurrentVersionTransition' actions"},
		{Rule: "dates beside days", Draft: aging(In{"expiration": In{"date": "2028-01-01"}}), Says: "InvalidRequest: Found mixed 'Date' and 'Days' based Expiration and Transition actions"},
		{Rule: "days that are positive", Draft: aging(In{"transitions": nil, "expiration": In{"days": 0}}), Says: "InvalidArgument: 'Days' for Expiration action must be a positive integer"},
		{Rule: "days that are positive", Draft: aging(In{"abortIncompleteMultipartUpload": In{"daysAfterInitiation": 0}}), Says: "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer"},
		{Rule: "days before an infrequent-access class", Draft: moving(moves("STANDARD_IA", 29)), Says: "InvalidArgument: 'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'"},
		{Rule: "days before an infrequent-access class", Draft: ceasing(ceases("ONEZONE_IA", 29)), Says: "'NoncurrentDays' in NoncurrentVersionTransition action must be greater than or equal to 30 for storageClass 'ONEZONE_IA'"},
		{Rule: "order of transitions", Draft: moving(moves("STANDARD_IA", 60), moves("GLACIER", 60)), Says: "'Days' in the Transition action for StorageClass 'GLACIER' for filter '(prefix=)' must be greater than 'Days' in the Transition action for StorageClass 'STANDARD_IA'"},
		{Rule: "order of transitions", Draft: ceasing(ceases("GLACIER", 60), ceases("DEEP_ARCHIVE", 30)), Says: "'NoncurrentDays' in the NoncurrentVersionTransition action for StorageClass 'DEEP_ARCHIVE'"},
		{Rule: "days between transitions", Draft: moving(moves("STANDARD_IA", 30), moves("GLACIER", 59)), Says: "for StorageClass 'GLACIER' for filter '(prefix=)' must be 30 days more than 'filter '(prefix=)'' in the 'Transition' action for StorageClass 'STANDARD_IA'"},
		{Rule: "days between transitions", Draft: moving(moves("GLACIER", 30), moves("DEEP_ARCHIVE", 119)), Says: "must be 90 days more than"},
		{Rule: "expiration after the last transition", Draft: aging(In{"expiration": In{"days": 90}, "filter": In{"prefix": "a/"}}), Says: "'Days' in the Expiration action for filter '(prefix=a/)' must be greater than 'Days' in the Transition action"},
		{Rule: "expiration after the last transition", Draft: aging(In{"noncurrentVersionExpiration": In{"noncurrentDays": 30}}), Says: "'NoncurrentDays' in the NoncurrentVersionExpiration action"},
		{Rule: "newer versions to keep", Draft: aging(In{"noncurrentVersionExpiration": In{"noncurrentDays": 60, "newerNoncurrentVersions": 101}}), Says: "'NewerNoncurrentVersions' must be less than or equal to 100"},
	}...),
	Replaces: []Change{{Path: "expectedBucketOwner", Before: lifecycle(nil), After: lifecycle(In{"expectedBucketOwner": "123456789012"})}},
	Updates:  []Change{{Path: "rules[0].expiration.days", Before: lifecycle(nil), After: aging(In{"expiration": In{"days": 730}})}},
})
