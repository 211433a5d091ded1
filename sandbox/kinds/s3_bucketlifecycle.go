package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
)

// coldness orders the storage classes: objects move down only.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
var coldness = []string{"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}

// shortestStay is for how many days an object must stay in a class before one rule may move it on: the time for which AWS charges
// anyway. Source: the page above, and the messages with which S3 refuses less.
var shortestStay = map[string]int{"STANDARD_IA": 30, "ONEZONE_IA": 30, "GLACIER_IR": 90, "GLACIER": 90}

// warmDays is for how many days an object must be in S3 Standard before it may move to an infrequent-access class. Source: as above.
const warmDays = 30

// Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
var _ = register(&Kind{
	Token:    BucketLifecycle,
	Args:     s3.BucketLifecycleConfigurationV2Args{},
	Resource: &s3.BucketLifecycleConfigurationV2{},
	API: API{Service: "S3", Noun: "S3 Bucket Lifecycle Configuration", Create: "PutBucketLifecycleConfiguration",
		Update: "PutBucketLifecycleConfiguration", Delete: "DeleteBucketLifecycle"},
	Rules: slices.Concat(ofBucket(true), []Rule{
		LengthIn("rules[].id", 1, 255), OneOf("rules[].status", "Enabled", "Disabled"),
		OneOf("rules[].transitions[].storageClass", coldness...), OneOf("rules[].noncurrentVersionTransitions[].storageClass", coldness...),
		OneOf("transitionDefaultMinimumObjectSize", "all_storage_classes_128K", "varies_by_storage_class"),
		atLeast("rules[].noncurrentVersionExpiration.noncurrentDays", 1), atLeast("rules[].noncurrentVersionExpiration.newerNoncurrentVersions", 1),
		atLeast("rules[].noncurrentVersionTransitions[].noncurrentDays", 0), atLeast("rules[].transitions[].days", 0),
		{Name: "rules", Stage: AtApply, Code: "MalformedXML", Broken: func(d *Draft) *Refusal {
			if len(d.Each("rules[]")) == 0 {
				return Refuse("rules", "%s", malformedXML)
			}
			return nil
		}},
		{Name: "unique ids", Stage: AtApply, Code: "InvalidArgument", Broken: func(d *Draft) *Refusal {
			if duplicate(textsOf(d.Each("rules[].id"))) != "" {
				return Refuse("rules", "Rule ID must be unique. Found same ID for one or more rules")
			}
			return nil
		}},
	}, lifecycleShape(), lifecycleDays()),
	Replaces: []string{"bucket", "expectedBucketOwner"},
	Sets:     []string{"rules[].transitions", "rules[].noncurrentVersionTransitions"},
	ID:       bucketID,
	Computed: append(unsaid("expectedBucketOwner"), fixed("transitionDefaultMinimumObjectSize", Text("all_storage_classes_128K"))),
})

// atLeast refuses a number below low.
func atLeast(path string, low int) Rule {
	return Rule{Name: "least " + path, Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			if !value.Unknown() && value.Int() < low {
				return Refuse(value.Path(), "Attribute %s value must be at least %d, got: %d", value.Path(), low, value.Int())
			}
		}
		return nil
	}}
}

// lifecycleShape is what S3 asks of a rule whatever its days are.
func lifecycleShape() []Rule {
	return []Rule{
		eachRule("an action", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			for _, action := range []string{"abortIncompleteMultipartUpload", "expiration", "noncurrentVersionExpiration"} {
				if rule.At(action).Exists() {
					return nil
				}
			}
			if len(rule.Each("transitions[]"))+len(rule.Each("noncurrentVersionTransitions[]")) > 0 {
				return nil
			}
			return Refuse(rule.Path(), "At least one action needs to be specified in a rule")
		}),
		eachRule("one way to expire", "MalformedXML", func(_ *Draft, rule Value) *Refusal {
			expiration := rule.At("expiration")
			ways := 0
			for _, set := range []bool{expiration.At("days").Exists(), expiration.At("date").Exists(), expiration.At("expiredObjectDeleteMarker").Bool()} {
				if set {
					ways++
				}
			}
			if expiration.Exists() && ways != 1 {
				return Refuse(expiration.Path(), "%s", malformedXML)
			}
			return nil
		}),
		eachRule("one predicate of a filter", "MalformedXML", func(_ *Draft, rule Value) *Refusal {
			filter := rule.At("filter")
			and := filter.At("and")
			if len(filter.Keys()) > 1 || and.Exists() && len(and.Keys())-1+max(1, len(and.At("tags").Keys())) < 2 {
				return Refuse(filter.Path(), "%s", malformedXML)
			}
			return nil
		}),
		eachRule("uploads by tag", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			if rule.At("abortIncompleteMultipartUpload").Exists() && (rule.At("filter.tag").Exists() || rule.At("filter.and.tags").Exists()) {
				return Refuse(rule.Path(), "AbortIncompleteMultipartUpload cannot be specified with Tags.")
			}
			return nil
		}),
		eachRule("one transition a class", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			for _, list := range []string{"transitions", "noncurrentVersionTransitions"} {
				if duplicate(textsOf(rule.Each(list+"[].storageClass"))) != "" {
					action := map[string]string{"transitions": "Transition", "noncurrentVersionTransitions": "NoncurrentVersionTransition"}[list]
					return Refuse(rule.Path(), "'StorageClass' must be different for '%s' actions in same 'Rule' with filter '%s'", action, filterText(rule))
				}
			}
			return nil
		}),
		eachRule("dates beside days", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			dates := len(rule.Each("transitions[].date")) + len(rule.Each("expiration.date"))
			days := len(rule.Each("transitions[].days")) + len(rule.Each("expiration.days"))
			if dates > 0 && days > 0 {
				return Refuse(rule.Path(), "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '%s'", filterText(rule))
			}
			return nil
		}),
	}
}

// filterText is how S3 names a rule's filter in its messages.
func filterText(rule Value) string {
	return "(prefix=" + orElse(rule.At("filter.prefix").Text(), orElse(rule.At("filter.and.prefix").Text(), rule.At("prefix").Text())) + ")"
}
