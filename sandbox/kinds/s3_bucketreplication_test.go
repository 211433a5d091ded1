package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	trustS3      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	replicaKey   = "arn:aws:kms:eu-west-1:123456789012:key/replica"
	replicaOff   = "arn:aws:kms:eu-west-1:123456789012:key/off"
	replicatorID = "arn:aws:iam::123456789012:role/replicator"
)

// replication is assets copied to replica in another Region, with everything that AWS wants for it in place.
func replication(changes In) Draft {
	return func(lab *Lab) In {
		withVersions(lab, "assets")
		there := lab.In("eu-west-1")
		withVersions(there, "replica")
		there.Put(kinds.Key, "replica", In{"arn": replicaKey, "isEnabled": true})
		there.Put(kinds.Key, "off", In{"arn": replicaOff, "isEnabled": false})
		lab.Put(kinds.Key, "home", In{"arn": assetsKey, "isEnabled": true})
		lab.Put(kinds.Role, "replicator", In{"arn": replicatorID, "assumeRolePolicy": trustS3})
		return changed(In{"bucket": "assets", "role": replicatorID, "rules": []any{copies(nil, nil)}}, changes)
	}
}

// copies is the rule, with changes to it and to its destination.
func copies(rule, destination In) In {
	whole := In{
		"id": "everything", "status": "Enabled", "priority": 1, "filter": In{}, "deleteMarkerReplication": In{"status": "Disabled"},
		"sourceSelectionCriteria": In{"sseKmsEncryptedObjects": In{"status": "Enabled"}},
		"destination": changed(In{
			"bucket": "arn:aws:s3:::replica", "encryptionConfiguration": In{"replicaKmsKeyId": replicaKey},
			"replicationTime": In{"status": "Enabled", "time": In{"minutes": 15}}, "metrics": In{"status": "Enabled", "eventThreshold": In{"minutes": 15}},
		}, destination),
	}
	return changed(whole, rule)
}

func copying(rule, destination In) Draft {
	return replication(In{"rules": []any{copies(rule, destination)}})
}

// copyingAll is a draft of several rules.
func copyingAll(rules ...In) Draft {
	var all []any
	for _, rule := range rules {
		all = append(all, rule)
	}
	return replication(In{"rules": all})
}

// withReplica copies to a bucket other, which put puts there.
func withReplica(put func(lab, there *Lab)) Draft {
	return func(lab *Lab) In {
		put(lab, lab.In("eu-west-1"))
		return copying(nil, In{"bucket": "arn:aws:s3:::other"})(lab)
	}
}

var noMetrics = In{"replicationTime": nil, "metrics": nil}

var _ = suite(kinds.BucketReplication, Suite{
	Valid: map[string]Draft{
		"everything on":   replication(nil),
		"without time":    copying(nil, noMetrics),
		"metrics alone":   copying(nil, In{"replicationTime": nil, "metrics": In{"status": "Enabled"}}),
		"of the old kind": copying(In{"filter": nil, "prefix": "a/", "deleteMarkerReplication": nil, "priority": nil}, nil),
		"of two prefixes": copyingAll(copies(In{"filter": In{"prefix": "a/"}}, nil), copies(In{"id": "b", "priority": 2, "filter": In{"prefix": "b/"}}, nil)),
		"without keys":    copying(In{"sourceSelectionCriteria": nil}, In{"encryptionConfiguration": nil}),
		"to another account": func(lab *Lab) In {
			withVersions(lab.Account("999999999999").In("eu-west-1"), "theirs")
			return copying(In{"sourceSelectionCriteria": nil}, In{"bucket": "arn:aws:s3:::theirs", "encryptionConfiguration": nil, "account": "999999999999", "accessControlTranslation": In{"owner": "Destination"}})(lab)
		},
		"both locked": func(lab *Lab) In {
			inputs := replication(nil)(lab)
			locked(lab)
			lab.In("eu-west-1").Put(kinds.BucketObjectLock, "replica", In{"bucket": "replica"})
			return inputs
		},
	},
	Refusals: append(elsewhere("PutBucketReplication", false, replication), []Refusal{
		{Rule: "length of rules[].id", Draft: copying(In{"id": strings.Repeat("a", 256)}, nil), Says: "range (0 - 255)"},
		{Rule: "length of rules[].prefix", Draft: copying(In{"filter": nil, "prefix": strings.Repeat("a", 1025), "deleteMarkerReplication": nil, "priority": nil}, nil), Says: "range (0 - 1024)"},
		{Rule: "length of rules[].filter.prefix", Draft: copying(In{"filter": In{"prefix": strings.Repeat("a", 1025)}}, nil), Says: "range (0 - 1024)"},
		{Rule: "values of rules[].status", Draft: copying(In{"status": "On"}, nil), Says: "got On"},
		{Rule: "values of rules[].deleteMarkerReplication.status", Draft: copying(In{"deleteMarkerReplication": In{"status": "On"}}, nil), Says: "got On"},
		{Rule: "values of rules[].destination.metrics.status", Draft: copying(nil, In{"replicationTime": nil, "metrics": In{"status": "On"}}), Says: "got On"},
		{Rule: "values of rules[].destination.replicationTime.status", Draft: copying(nil, In{"replicationTime": In{"status": "On", "time": In{"minutes": 15}}, "metrics": In{"status": "Enabled"}}), Says: "got On"},
		{Rule: "values of rules[].sourceSelectionCriteria.sseKmsEncryptedObjects.status", Draft: copying(In{"sourceSelectionCriteria": In{"sseKmsEncryptedObjects": In{"status": "On"}}}, nil), Says: "got On"},
		{Rule: "values of rules[].sourceSelectionCriteria.replicaModifications.status", Draft: copying(In{"sourceSelectionCriteria": In{"sseKmsEncryptedObjects": In{"status": "Enabled"}, "replicaModifications": In{"status": "On"}}}, nil), Says: "got On"},
		{Rule: "values of rules[].destination.storageClass", Draft: copying(nil, In{"storageClass": "COLD"}), Says: "got COLD"},
		{Rule: "values of rules[].destination.accessControlTranslation.owner", Draft: copying(nil, In{"account": "123456789012", "accessControlTranslation": In{"owner": "Source"}}), Says: "got Source"},
		{Rule: "ARN in role", Draft: roleCalled("replicator"), Says: "(replicator) is an invalid ARN"},
		{Rule: "ARN in rules[].destination.bucket", Draft: copying(nil, In{"bucket": "replica"}), Says: "(replica) is an invalid ARN"},
		{Rule: "a bucket with versions", Draft: func(lab *Lab) In {
			putBucket(lab, "plain", nil)
			return replication(In{"bucket": "plain"})(lab)
		}, Says: "PutBucketReplication, api error InvalidRequest: Versioning must be 'Enabled' on the bucket to apply a replication configuration"},
		{Rule: "a filter needs deleteMarkerReplication", Draft: copying(In{"deleteMarkerReplication": nil}, nil), Says: "InvalidRequest: DeleteMarkerReplication must be specified for this version of Cross Region Replication"},
		{Rule: "deleteMarkerReplication needs a filter", Draft: copying(In{"filter": nil, "priority": nil}, nil), Says: "InvalidRequest: DeleteMarkerReplication cannot be used for this version"},
		{Rule: "a priority needs a filter", Draft: copying(In{"filter": nil, "deleteMarkerReplication": nil}, nil), Says: "InvalidRequest: Priority cannot be used for this version"},
		{Rule: "delete markers of tagged objects", Draft: copying(In{"filter": In{"tag": In{"key": "a", "value": "b"}}, "deleteMarkerReplication": In{"status": "Enabled"}}, nil), Says: "Delete marker replication is not supported if any Tag filter is specified."},
		{Rule: "existing objects", Draft: copying(In{"existingObjectReplication": In{"status": "Enabled"}}, nil), Says: "MalformedXML"},
		{Rule: "unique ids", Draft: copyingAll(copies(nil, nil), copies(In{"priority": 2}, nil)), Says: "InvalidArgument: Rule Id must be unique"},
		{Rule: "unique priorities", Draft: copyingAll(copies(nil, nil), copies(In{"id": "again"}, nil)), Says: "InvalidRequest: Found duplicate priority 1."},
		{Rule: "unique priorities", Draft: copyingAll(copies(In{"priority": nil}, nil), copies(In{"id": "again", "priority": nil}, nil)), Says: "Found duplicate priority 0."},
		{Rule: "a destination that exists", Draft: copying(nil, In{"bucket": "arn:aws:s3:::gone"}), Says: "InvalidRequest: Destination bucket must exist."},
		{Rule: "a destination that is another bucket", Draft: copying(nil, In{"bucket": "arn:aws:s3:::assets", "encryptionConfiguration": In{"replicaKmsKeyId": assetsKey}}), Says: "Destination bucket cannot be the same as the source bucket."},
		{Rule: "a destination with versions", Draft: withReplica(func(_, there *Lab) { putBucket(there, "other", nil) }), Says: "InvalidRequest: Destination bucket must have versioning enabled."},
		{Rule: "an account for another owner", Draft: copying(nil, In{"accessControlTranslation": In{"owner": "Destination"}}), Says: "Account must be specified if the Owner in AccessControlTranslation has a value"},
		{Rule: "a replica key needs sseKmsEncryptedObjects", Draft: copying(In{"sourceSelectionCriteria": nil}, nil), Says: "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present."},
		{Rule: "sseKmsEncryptedObjects need a replica key", Draft: copying(nil, In{"encryptionConfiguration": nil}), Says: "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present."},
		{Rule: "replication time needs metrics", Draft: copying(nil, In{"metrics": nil}), Says: "Replication destination must contain both ReplicationTime and Metrics or neither."},
		{Rule: "minutes of replication time", Draft: copying(nil, In{"replicationTime": In{"status": "Enabled", "time": In{"minutes": 5}}}), Says: "InvalidArgument: Invalid time minute value"},
		{Rule: "an event threshold with replication time", Draft: copying(nil, In{"metrics": In{"status": "Enabled"}}), Says: "ReplicationMetrics must contain an event threshold"},
		{Rule: "an event threshold with replication time", Draft: copying(nil, In{"metrics": In{"status": "Enabled", "eventThreshold": In{"minutes": 5}}}), Says: "Invalid event threshold minute value"},
		{Rule: "an event threshold without replication time", Draft: copying(nil, In{"replicationTime": nil}), Says: "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled"},
		{Rule: "a role that S3 may assume", Draft: roleCalled("arn:aws:iam::123456789012:role/gone"), Says: "AssumeRoleNotPermitted: Amazon S3 can't assume the role arn:aws:iam::123456789012:role/gone (AWS accepts"},
		{Rule: "a role that S3 may assume", Draft: func(lab *Lab) In {
			lab.Put(kinds.Role, "web", In{"arn": "arn:aws:iam::123456789012:role/web", "assumeRolePolicy": trustEC2})
			return roleCalled("arn:aws:iam::123456789012:role/web")(lab)
		}, Says: "AssumeRoleNotPermitted"},
		{Rule: "a replica key of the destination's Region", Draft: copying(nil, In{"encryptionConfiguration": In{"replicaKmsKeyId": assetsKey}}), Says: "DstKmsKeyNotFound: The KMS key " + assetsKey + " doesn't exist in eu-west-1"},
		{Rule: "a replica key that is enabled", Draft: copying(nil, In{"encryptionConfiguration": In{"replicaKmsKeyId": replicaOff}}), Says: "DstKmsKeyInvalidState"},
		{Rule: "a destination with Object Lock", Draft: func(lab *Lab) In {
			inputs := replication(nil)(lab)
			locked(lab)
			return inputs
		}, Says: "DstBucketObjectLockConfigMissing"},
	}...),
	Replaces: []Change{{Path: "bucket", Before: replication(nil), After: replication(In{"bucket": "other"})}},
	Updates:  []Change{{Path: "rules[0].deleteMarkerReplication.status", Before: replication(nil), After: copying(In{"deleteMarkerReplication": In{"status": "Enabled"}}, nil)}},
})

func roleCalled(arn string) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Role, "short", In{"arn": "replicator", "assumeRolePolicy": trustS3})
		return replication(In{"role": arn})(lab)
	}
}
