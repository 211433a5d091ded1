package kinds_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

var versioning = ofAssets(In{"versioningConfiguration": In{"status": "Enabled"}})

func suspended(put func(*Lab)) Draft {
	return func(lab *Lab) In {
		inputs := versioning(In{"versioningConfiguration": In{"status": "Suspended"}})(lab)
		if put != nil {
			put(lab)
		}
		return inputs
	}
}

func replicated(lab *Lab) { lab.Put(kinds.BucketReplication, "assets", In{"bucket": "assets"}) }

func locked(lab *Lab) {
	lab.Put(kinds.BucketObjectLock, "assets", In{"bucket": "assets", "objectLockEnabled": "Enabled"})
}

var _ = suite(kinds.BucketVersioning, Suite{
	Valid: map[string]Draft{"enabled": versioning(nil), "suspended": suspended(nil), "by its owner": versioning(In{"expectedBucketOwner": "123456789012"}),
		"enabled under a lock": func(lab *Lab) In { locked(lab); return versioning(nil)(lab) }},
	Refusals: append(elsewhere("PutBucketVersioning", true, versioning), []Refusal{
		{Rule: "values of versioningConfiguration.status", Draft: versioning(In{"versioningConfiguration": In{"status": "On"}}), Says: "got On"},
		{Rule: "values of versioningConfiguration.mfaDelete", Draft: versioning(In{"versioningConfiguration": In{"status": "Enabled", "mfaDelete": "On"}}), Says: "got On"},
		{Rule: "versioning that is switched off again", Before: versioning(nil), Draft: versioning(In{"versioningConfiguration": In{"status": "Disabled"}}),
			Says: "cannot be updated from 'Enabled' to 'Disabled'"},
		{Rule: "versioning under Object Lock", Draft: suspended(locked), Says: "PutBucketVersioning, api error InvalidBucketState: An Object Lock configuration is present on this bucket"},
		{Rule: "versioning under replication", Draft: suspended(replicated), Says: "PutBucketVersioning, api error InvalidBucketState: A replication configuration is present on this bucket"},
		{Rule: "a replication configuration", Draft: versioning(nil), Then: func(lab *Lab, _ *kinds.Thing) { replicated(lab) },
			Says: "PutBucketVersioning, api error InvalidBucketState: A replication configuration is present on this bucket"},
	}...),
	Replaces: []Change{{Path: "expectedBucketOwner", Before: versioning(nil), After: versioning(In{"expectedBucketOwner": "123456789012"})}},
	Updates:  []Change{{Path: "versioningConfiguration.status", Before: versioning(nil), After: suspended(nil)}},
})

const assetsKey = "arn:aws:kms:eu-central-1:123456789012:key/assets"

func encryption(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Key, "assets", In{"arn": assetsKey, "isEnabled": true})
		lab.Put(kinds.Key, "off", In{"arn": "arn:off", "isEnabled": false})
		lab.In("eu-west-1").Put(kinds.Key, "far", In{"arn": "arn:far", "isEnabled": true})
		return ofAssets(In{"rules": []any{encryptedBy(In{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": assetsKey})}})(changes)(lab)
	}
}

func encryptedBy(how In) In {
	return In{"bucketKeyEnabled": true, "applyServerSideEncryptionByDefault": how}
}

var _ = suite(kinds.BucketEncryption, Suite{
	Valid: map[string]Draft{
		"with a key":       encryption(nil),
		"with S3's keys":   encryption(In{"rules": []any{encryptedBy(In{"sseAlgorithm": "AES256"})}}),
		"with AWS's key":   encryption(In{"rules": []any{encryptedBy(In{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "alias/aws/s3"})}}),
		"twice, by its id": encryption(In{"rules": []any{encryptedBy(In{"sseAlgorithm": "aws:kms:dsse", "kmsMasterKeyId": "assets"})}}),
	},
	Refusals: append(elsewhere("PutBucketEncryption", true, encryption), []Refusal{
		{Rule: "values of rules[].applyServerSideEncryptionByDefault.sseAlgorithm", Draft: encryption(In{"rules": []any{encryptedBy(In{"sseAlgorithm": "DES"})}}), Says: "got DES"},
		{Rule: "number of rules", Draft: encryption(In{"rules": []any{}}), Says: "PutBucketEncryption, api error MalformedXML"},
		{Rule: "a key for an algorithm without one", Draft: encryption(In{"rules": []any{encryptedBy(In{"sseAlgorithm": "AES256", "kmsMasterKeyId": assetsKey})}}),
			Says: "InvalidArgument: a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"},
		{Rule: "a key of this Region", Draft: encryption(In{"rules": []any{encryptedBy(In{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "arn:gone"})}}),
			Says: "KMS.NotFoundException: Key 'arn:gone' does not exist (AWS accepts this configuration"},
		{Rule: "a key of this Region", Draft: encryption(In{"rules": []any{encryptedBy(In{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "arn:far"})}}), Says: "KMS.NotFoundException: Key 'arn:far'"},
		{Rule: "a key that is enabled", Draft: encryption(In{"rules": []any{encryptedBy(In{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "off"})}}), Says: "KMS.DisabledException: arn:off is disabled."},
	}...),
	Replaces: []Change{{Path: "expectedBucketOwner", Before: encryption(nil), After: encryption(In{"expectedBucketOwner": "123456789012"})}},
	Updates: []Change{{Path: "rules[0].bucketKeyEnabled", Before: encryption(nil),
		After: encryption(In{"rules": []any{In{"bucketKeyEnabled": false, "applyServerSideEncryptionByDefault": In{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": assetsKey}}}})}},
})

var publicAccess = ofAssets(In{"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true})

var _ = suite(kinds.BucketPublicAccessBlock, Suite{
	Valid:    map[string]Draft{"everything": publicAccess(nil), "nothing": publicAccess(In{"blockPublicAcls": nil, "blockPublicPolicy": nil, "ignorePublicAcls": nil, "restrictPublicBuckets": nil})},
	Refusals: elsewhere("PutPublicAccessBlock", false, publicAccess),
	Updates:  []Change{{Path: "blockPublicPolicy", Before: publicAccess(nil), After: publicAccess(In{"blockPublicPolicy": false})}},
})

var ownership = ofAssets(In{"rule": In{"objectOwnership": "BucketOwnerEnforced"}})

var _ = suite(kinds.BucketOwnership, Suite{
	Valid: map[string]Draft{"enforced": ownership(nil), "preferred": ownership(In{"rule": In{"objectOwnership": "BucketOwnerPreferred"}})},
	Refusals: append(elsewhere("PutBucketOwnershipControls", false, ownership),
		Refusal{Rule: "values of rule.objectOwnership", Draft: ownership(In{"rule": In{"objectOwnership": "Mine"}}), Says: "got Mine"}),
	Updates: []Change{{Path: "rule.objectOwnership", Before: ownership(nil), After: ownership(In{"rule": In{"objectOwnership": "ObjectWriter"}})}},
})

func objectLock(changes In) Draft {
	return func(lab *Lab) In {
		withVersions(lab, "assets")
		return changed(In{"bucket": "assets", "rule": In{"defaultRetention": In{"mode": "GOVERNANCE", "days": 30}}}, changes)
	}
}

func retention(how In) Draft { return objectLock(In{"rule": In{"defaultRetention": how}}) }

var _ = suite(kinds.BucketObjectLock, Suite{
	Valid: map[string]Draft{
		"by days": objectLock(nil), "by years": retention(In{"mode": "COMPLIANCE", "years": 1}), "without retention": objectLock(In{"rule": nil}),
		"born with it": func(lab *Lab) In {
			putBucket(lab, "born", In{"objectLockEnabled": true})
			return objectLock(In{"bucket": "born"})(lab)
		},
	},
	Refusals: append(elsewhere("PutObjectLockConfiguration", true, objectLock), []Refusal{
		{Rule: "values of objectLockEnabled", Draft: objectLock(In{"objectLockEnabled": "Disabled"}), Says: "got Disabled"},
		{Rule: "values of rule.defaultRetention.mode", Draft: retention(In{"mode": "FOREVER", "days": 1}), Says: "got FOREVER"},
		{Rule: "rule.defaultRetention.days conflicts with rule.defaultRetention.years", Draft: retention(In{"mode": "GOVERNANCE", "days": 1, "years": 1}), Says: "conflicts with"},
		{Rule: "a mode and a period", Draft: retention(In{"days": 1}), Says: "PutObjectLockConfiguration, api error MalformedXML"},
		{Rule: "a mode and a period", Draft: retention(In{"mode": "GOVERNANCE"}), Says: "MalformedXML"},
		{Rule: "a period in range", Draft: retention(In{"mode": "GOVERNANCE", "days": 0}), Says: "InvalidArgument: Default retention period must be a positive integer value."},
		{Rule: "a period in range", Draft: retention(In{"mode": "GOVERNANCE", "days": 36501}), Says: "Default retention period too large."},
		{Rule: "a period in range", Draft: retention(In{"mode": "GOVERNANCE", "years": 101}), Says: "Default retention period too large."},
		{Rule: "a bucket with versions", Draft: func(lab *Lab) In {
			putBucket(lab, "plain", nil)
			return objectLock(In{"bucket": "plain"})(lab)
		}, Says: "InvalidBucketState: Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"},
	}...),
	Replaces: []Change{{Path: "expectedBucketOwner", Before: objectLock(nil), After: objectLock(In{"expectedBucketOwner": "123456789012"})}},
	Updates:  []Change{{Path: "rule.defaultRetention.days", Before: objectLock(nil), After: retention(In{"mode": "GOVERNANCE", "days": 60})}},
})

// deliver lets S3 put server access logs at a place in the bucket logs, under a condition.
func deliver(place, condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"Deliver","Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/` +
		place + `","Condition":{"StringEquals":{"aws:SourceAccount":"` + condition + `"}}}]}`
}

func logging(changes In) Draft {
	return func(lab *Lab) In {
		putBucket(lab, "assets", nil)
		putBucket(lab, "logs", nil)
		lab.Put(kinds.BucketPolicy, "logs", In{"bucket": "logs", "policy": deliver("s3/*", "123456789012")})
		return changed(In{"bucket": "assets", "targetBucket": "logs", "targetPrefix": "s3/assets/"}, changes)
	}
}

// to is logging to another bucket, which put puts into the lab.
func to(target string, put func(lab *Lab)) Draft {
	return func(lab *Lab) In {
		put(lab)
		return logging(In{"targetBucket": target})(lab)
	}
}

func targetUnder(policy string, more func(lab *Lab)) Draft {
	return to("other", func(lab *Lab) {
		putBucket(lab, "other", nil)
		if policy != "" {
			lab.Put(kinds.BucketPolicy, "other", In{"bucket": "other", "policy": policy})
		}
		if more != nil {
			more(lab)
		}
	})
}

// granting is logging to a bucket of the old kind, by its ACL.
func granting(permission, grantee string) Draft {
	return func(lab *Lab) In {
		putBucket(lab, "old", nil)
		lab.Put(kinds.BucketOwnership, "old", In{"bucket": "old", "rule": In{"objectOwnership": "ObjectWriter"}})
		return logging(In{"targetBucket": "old", "targetGrants": []any{In{"permission": permission, "grantee": In{"type": grantee}}}})(lab)
	}
}

const deliverOther = `{"Statement":[{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::other/*"}`

var _ = suite(kinds.BucketLogging, Suite{
	Valid: map[string]Draft{
		"by policy": logging(nil), "partitioned": logging(In{"targetObjectKeyFormat": In{"partitionedPrefix": In{"partitionDateSource": "EventTime"}}}),
		"by grant": granting("WRITE", "Group"),
	},
	Refusals: append(elsewhere("PutBucketLogging", true, logging), []Refusal{
		{Rule: "values of targetGrants[].permission", Draft: granting("ALL", "Group"), Says: "got ALL"},
		{Rule: "values of targetGrants[].grantee.type", Draft: granting("READ", "Everyone"), Says: "got Everyone"},
		{Rule: "values of targetObjectKeyFormat.partitionedPrefix.partitionDateSource", Draft: logging(In{"targetObjectKeyFormat": In{"partitionedPrefix": In{"partitionDateSource": "Now"}}}), Says: "got Now"},
		{Rule: "one key format", Draft: logging(In{"targetObjectKeyFormat": In{}}), Says: "exactly one of partitionedPrefix, simplePrefix"},
		{Rule: "a target that exists", Draft: logging(In{"targetBucket": "gone"}), Says: "PutBucketLogging, api error InvalidTargetBucketForLogging: The target bucket for logging does not exist"},
		{Rule: "a target of this account", Draft: to("far", func(lab *Lab) { putBucket(lab.Account("999999999999"), "far", nil) }), Says: "The owner for the bucket to be logged and the target bucket must be the same."},
		{Rule: "a target of this Region", Draft: to("far", func(lab *Lab) { putBucket(lab.In("eu-west-1"), "far", nil) }), Says: "CrossLocationLoggingProhibitted: Cross S3 location logging not allowed."},
		{Rule: "grants to a bucket without ACLs", Draft: logging(In{"targetGrants": []any{In{"permission": "READ", "grantee": In{"type": "Group"}}}}), Says: "AccessControlListNotSupported"},
		{Rule: "a target that may be written", Draft: targetUnder("", nil), Says: "The policy of other does not let logging.s3.amazonaws.com put objects at s3/assets/ (AWS accepts"},
		{Rule: "a target that may be written", Draft: targetUnder(deliverOther+`,{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/s3/*"}]}`, nil), Says: "does not let logging.s3.amazonaws.com"},
		{Rule: "a target that may be written", Draft: logging(In{"targetPrefix": "elsewhere/"}), Says: "put objects at elsewhere/"},
		{Rule: "a target under S3's own keys", Draft: targetUnder(deliverOther+`]}`, func(lab *Lab) {
			lab.Put(kinds.BucketEncryption, "other", In{"bucket": "other", "rules": []any{encryptedBy(In{"sseAlgorithm": "aws:kms"})}})
		}), Says: "other is encrypted with SSE-KMS"},
		{Rule: "a target without Object Lock", Draft: targetUnder(deliverOther+`]}`, func(lab *Lab) {
			lab.Put(kinds.BucketObjectLock, "other", In{"bucket": "other"})
		}), Says: "other has Object Lock"},
	}...),
	Replaces: []Change{{Path: "bucket", Before: logging(nil), After: logging(In{"bucket": "logs"})}},
	Updates:  []Change{{Path: "targetPrefix", Before: logging(nil), After: logging(In{"targetPrefix": "s3/other/"})}},
})

func TestADenialOfPlainHTTPDoesNotKeepLogsOut(t *testing.T) {
	kind, known := kinds.Of(kinds.BucketLogging)
	require.True(t, known)
	lab := newLab(t)
	inputs := targetUnder(deliverOther+`,{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::other","arn:aws:s3:::other/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, nil)(lab)
	_, err := lab.create(kind, "assets", inputs)
	require.NoError(t, err)
}
