package components_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// granting is a bucket called assets and a service called tickets, to which grants are made.
func granting(grants ...func(assets *components.ReplicatedBucket, tickets *components.ResilientService) error) pulumi.RunFunc {
	return withAssets(bucketArgs(), func(ctx *pulumi.Context, provider pulumi.ResourceOption, assets *components.ReplicatedBucket) error {
		tickets, err := components.NewResilientService(ctx, "tickets", serviceArgs(), provider)
		if err != nil {
			return err
		}
		for _, grant := range grants {
			if err := grant(assets, tickets); err != nil {
				return err
			}
		}
		return nil
	})
}

func grantOf(prefix string, access components.BucketAccess) func(*components.ReplicatedBucket, *components.ResilientService) error {
	return func(assets *components.ReplicatedBucket, tickets *components.ResilientService) error {
		return assets.Grant(tickets, prefix, access)
	}
}

func TestAGrantIsAPolicyOfItsOwnOnTheServicesRole(t *testing.T) {
	before := recorder.Run(t, granting()).Count()
	recording := recorder.Run(t, granting(
		func(assets *components.ReplicatedBucket, tickets *components.ResilientService) error {
			return assets.GrantRead(tickets, "exports/2026/")
		},
		func(assets *components.ReplicatedBucket, tickets *components.ResilientService) error {
			return assets.GrantWrite(tickets, "")
		},
	))
	before[rolePolicyToken] += 2
	require.Equal(t, before, recording.Count(), "two policies and nothing else")
	for _, name := range []string{"assets.read.tickets.exports=2026=", "assets.write.tickets"} {
		policy := recording.One(t, rolePolicyToken, name)
		require.Equal(t, recording.One(t, roleToken, "tickets").ID, policy.Text(t, "role"))
		require.Equal(t, recording.One(t, replicatedBucketToken, "assets").URN, policy.Parent)
		require.False(t, policy.Has("name"))
	}
}

func TestGrantsAreExactlyThese(t *testing.T) {
	for access, grant := range map[string]func(*components.ReplicatedBucket, *components.ResilientService) error{
		"read": func(b *components.ReplicatedBucket, s *components.ResilientService) error {
			return b.GrantRead(s, "exports/")
		},
		"write": func(b *components.ReplicatedBucket, s *components.ResilientService) error {
			return b.GrantWrite(s, "exports/")
		},
		"read-write": func(b *components.ReplicatedBucket, s *components.ResilientService) error {
			return b.GrantReadWrite(s, "exports/")
		},
	} {
		policy := recorder.Run(t, granting(grant)).One(t, rolePolicyToken, "assets."+access+".tickets.exports=")
		golden.JSON(t, "testdata/assets-"+access+".grant.golden.json", policy.Text(t, "policy"))
	}
	whole := recorder.Run(t, granting(grantOf("", components.BucketReadWrite))).One(t, rolePolicyToken, "assets.read-write.tickets")
	golden.JSON(t, "testdata/assets-whole.grant.golden.json", whole.Text(t, "policy"))
}

// court decides as AWS does about the service's requests under one grant: identity policy, bucket policy and key policy together.
type court struct {
	t                           *testing.T
	grant, bucket, key          iameval.Policy
	bucketARN, keyARN, otherKey string
}

func courtOf(t *testing.T, prefix string, access components.BucketAccess) *court {
	recording := recorder.Run(t, granting(grantOf(prefix, access)))
	name := strings.TrimSuffix("assets."+string(access)+".tickets."+strings.ReplaceAll(prefix, "/", "="), ".")
	parsed := func(parse func(string) (iameval.Policy, error), text string) iameval.Policy {
		policy, err := parse(text)
		require.NoError(t, err)
		return policy
	}
	return &court{
		t:         t,
		grant:     parsed(iameval.ParseIdentity, recording.One(t, rolePolicyToken, name).Text(t, "policy")),
		bucket:    parsed(iameval.ParseResource, recording.One(t, bucketPolicyToken, "assets").Text(t, "policy")),
		key:       parsed(iameval.ParseResource, recording.One(t, keyToken, "assets").Text(t, "policy")),
		bucketARN: "arn:aws:s3:::" + recording.One(t, bucketToken, "assets").ID,
		keyARN:    recording.One(t, bucketEncryptionToken, "assets").Text(t, encryptionKey),
		otherKey:  recording.One(t, bucketEncryptionToken, "assets-replica").Text(t, encryptionKey),
	}
}

func (c *court) decide(policy iameval.Policy, request iameval.Request) iameval.Decision {
	request.Principal = "arn:aws:iam::" + account + ":role/tickets"
	decision, err := policy.Evaluate(request)
	require.NoError(c.t, err)
	return decision
}

var overTLS = iameval.Context{"aws:SecureTransport": {"true"}}

// onBucket is what becomes of a request to S3.
func (c *court) onBucket(action, resource string, context iameval.Context) iameval.Decision {
	request := iameval.Request{Action: action, Resource: resource, Context: context}
	return iameval.SameAccount(c.decide(c.grant, request), c.decide(c.bucket, request))
}

// onKey is what becomes of a request to KMS.
func (c *court) onKey(action, key, region, encryptionContext string) iameval.Decision {
	request := iameval.Request{Action: action, Resource: key, Context: iameval.Context{
		"kms:ViaService": {"s3." + region + ".amazonaws.com"}, "kms:EncryptionContext:aws:s3:arn": {encryptionContext},
	}}
	return iameval.OnKey(c.decide(c.grant, request), c.decide(c.key, request))
}

// What each kind of access may do with the objects below its prefix, and with nothing else.
func TestEachGrantAllowsItsOwnAndNothingElse(t *testing.T) {
	type what struct{ read, write bool }
	for access, may := range map[components.BucketAccess]what{
		components.BucketRead: {read: true}, components.BucketWrite: {write: true}, components.BucketReadWrite: {true, true},
	} {
		t.Run(string(access), func(t *testing.T) {
			c := courtOf(t, "exports/", access)
			allowed := func(may bool, decision iameval.Decision, why string) {
				t.Helper()
				require.Equal(t, map[bool]iameval.Decision{true: iameval.Allow, false: iameval.ImplicitDeny}[may], decision, why)
			}
			own, beside, similar := c.bucketARN+"/exports/2026/a.csv", c.bucketARN+"/imports/a.csv", c.bucketARN+"/exports-of-others/a.csv"
			for action, granted := range map[string]bool{
				"s3:GetObject": may.read, "s3:PutObject": may.write, "s3:DeleteObject": may.write, "s3:AbortMultipartUpload": may.write, "s3:ListMultipartUploadParts": may.write,
				"s3:GetObjectVersion": false, "s3:DeleteObjectVersion": false, "s3:PutObjectAcl": false, "s3:BypassGovernanceRetention": false, "s3:ReplicateObject": false,
			} {
				allowed(granted, c.onBucket(action, own, overTLS), action)
				for _, elsewhere := range []string{beside, similar, c.bucketARN + "/exports", "arn:aws:s3:::other/exports/a.csv", c.bucketARN + "-replica/exports/a.csv"} {
					allowed(false, c.onBucket(action, elsewhere, overTLS), action+" "+elsewhere)
				}
			}
			for prefix, granted := range map[string]bool{"exports/": may.read, "exports/2026/": may.read, "exports": false, "imports/": false, "exports-of-others/": false} {
				allowed(granted, c.onBucket("s3:ListBucket", c.bucketARN, overTLS.With("s3:prefix", prefix)), "list "+prefix)
			}
			allowed(false, c.onBucket("s3:ListBucket", c.bucketARN, overTLS), "list without saying what")
			for _, action := range []string{"s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration", "s3:PutEncryptionConfiguration", "s3:ListBucketVersions"} {
				allowed(false, c.onBucket(action, c.bucketARN, overTLS), action)
			}

			allowed(true, c.onKey("kms:Decrypt", c.keyARN, "eu-central-1", c.bucketARN), "an upload in parts decrypts too")
			allowed(true, c.onKey("kms:Decrypt", c.keyARN, "eu-central-1", own), "without a bucket key")
			allowed(may.write, c.onKey("kms:GenerateDataKey", c.keyARN, "eu-central-1", c.bucketARN), "to encrypt")
			for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
				allowed(false, c.onKey(action, c.keyARN, "eu-west-1", c.bucketARN), "S3 of another Region")
				allowed(false, c.onKey(action, c.keyARN, "eu-central-1", "arn:aws:s3:::other"), "another bucket")
				allowed(false, c.onKey(action, c.keyARN, "eu-central-1", beside), "another prefix")
				allowed(false, c.onKey(action, c.otherKey, "eu-central-1", c.bucketARN), "another key")
			}
			for _, action := range []string{"kms:Encrypt", "kms:ReEncryptFrom", "kms:CreateGrant", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"} {
				allowed(false, c.onKey(action, c.keyARN, "eu-central-1", c.bucketARN), action)
			}
			direct := iameval.Request{Action: "kms:Decrypt", Resource: c.keyARN, Context: iameval.Context{"kms:EncryptionContext:aws:s3:arn": {c.bucketARN}}}
			allowed(false, iameval.OnKey(c.decide(c.grant, direct), c.decide(c.key, direct)), "to KMS without S3")
		})
	}
}

func TestAGrantOfTheWholeBucketListsWithoutAPrefix(t *testing.T) {
	c := courtOf(t, "", components.BucketReadWrite)
	require.Equal(t, iameval.Allow, c.onBucket("s3:ListBucket", c.bucketARN, overTLS))
	require.Equal(t, iameval.Allow, c.onBucket("s3:GetObject", c.bucketARN+"/a.csv", overTLS))
	require.Equal(t, iameval.ImplicitDeny, c.onBucket("s3:GetObject", c.bucketARN+"2/a.csv", overTLS))
	require.Equal(t, iameval.Allow, c.onKey("kms:GenerateDataKey", c.keyARN, "eu-central-1", c.bucketARN))
}

// together is one policy with the statements of several of a role.
func together(t *testing.T, texts ...string) string {
	t.Helper()
	type document struct {
		Version   string
		Statement []json.RawMessage
	}
	whole := document{Version: "2012-10-17"}
	for _, text := range texts {
		var part document
		require.NoError(t, json.Unmarshal([]byte(text), &part))
		whole.Statement = append(whole.Statement, part.Statement...)
	}
	text, err := json.Marshal(whole)
	require.NoError(t, err)
	return string(text)
}

// Whatever a grant allows passes the gateway of the network from the service's own instances, and from nowhere else: the data perimeter of the
// role stands before it.
func TestAGrantWorksFromTheServicesInstancesAndNowhereElse(t *testing.T) {
	recording := recorder.Run(t, granting(grantOf("exports/", components.BucketReadWrite)))
	grant := recording.One(t, rolePolicyToken, "assets.read-write.tickets.exports=").Text(t, "policy")
	_, permissions := permissionsOf(t, grant)
	require.Len(t, permissions, 8, "six of objects, two of the key")
	role, err := iameval.ParseIdentity(together(t, recording.One(t, rolePolicyToken, "tickets").Text(t, "policy"), grant))
	require.NoError(t, err)
	gateway := endpointPolicies(t)["s3"]
	for _, permission := range permissions {
		home := fromInside()
		if permission.onlyVia != "" {
			home = byAWS("s3.amazonaws.com")
		} else {
			require.Equal(t, iameval.Allow, through(t, gateway, account, permission.Action, permission.Resource, account), permission.Action)
		}
		require.Equal(t, iameval.Allow, decide(t, role, permission.in(home)), permission.Action)
		for theft, context := range stolen() {
			require.Equal(t, iameval.ExplicitDeny, decide(t, role, permission.in(context)), "%s %s", permission.Action, theft)
		}
	}
}

// The bucket's policy denies whatever the grant says.
func TestNobodyPutsAnObjectUnderAnotherKeyOrOverPlainHTTP(t *testing.T) {
	c := courtOf(t, "", components.BucketReadWrite)
	const algorithm, key, customer = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption-customer-algorithm"
	object := c.bucketARN + "/a.csv"
	for name, each := range map[string]struct {
		context iameval.Context
		want    iameval.Decision
	}{
		"nothing said":          {overTLS, iameval.Allow},
		"the bucket's key":      {overTLS.With(algorithm, "aws:kms").With(key, c.keyARN), iameval.Allow},
		"the algorithm alone":   {overTLS.With(algorithm, "aws:kms"), iameval.Allow},
		"S3's own keys":         {overTLS.With(algorithm, "AES256"), iameval.ExplicitDeny},
		"twice":                 {overTLS.With(algorithm, "aws:kms:dsse").With(key, c.keyARN), iameval.ExplicitDeny},
		"another key":           {overTLS.With(algorithm, "aws:kms").With(key, c.otherKey), iameval.ExplicitDeny},
		"a key of the writer's": {overTLS.With(customer, "AES256"), iameval.ExplicitDeny},
		"plain HTTP":            {iameval.Context{"aws:SecureTransport": {"false"}}, iameval.ExplicitDeny},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, each.want, c.onBucket("s3:PutObject", object, each.context)) })
	}
	require.Equal(t, iameval.ExplicitDeny, c.onBucket("s3:GetObject", object, iameval.Context{"aws:SecureTransport": {"false"}}))
	require.Equal(t, iameval.ExplicitDeny, c.onBucket("s3:ListBucket", c.bucketARN, iameval.Context{"aws:SecureTransport": {"false"}}))
}

// The replication role reads here, writes there, and can do nothing else with either.
func TestTheReplicationRoleCopiesAndCanDoNothingElse(t *testing.T) {
	recording := recordBucket(t, bucketArgs())
	policy, err := iameval.ParseIdentity(recording.One(t, rolePolicyToken, "assets-replication").Text(t, "policy"))
	require.NoError(t, err)
	source, replica := "arn:aws:s3:::"+recording.One(t, bucketToken, "assets").ID, "arn:aws:s3:::"+recording.One(t, bucketToken, "assets-replica").ID
	sourceKey := recording.One(t, bucketEncryptionToken, "assets").Text(t, encryptionKey)
	replicaKey := recording.One(t, bucketEncryptionToken, "assets-replica").Text(t, encryptionKey)
	through := func(region, arn string) iameval.Context {
		return iameval.Context{"kms:ViaService": {"s3." + region + ".amazonaws.com"}, "kms:EncryptionContext:aws:s3:arn": {arn}}
	}
	for _, each := range []struct {
		action, resource string
		context          iameval.Context
		allowed          bool
	}{
		{"s3:GetReplicationConfiguration", source, nil, true}, {"s3:ListBucket", source, nil, true},
		{"s3:GetObjectVersionForReplication", source + "/a", nil, true}, {"s3:GetObjectVersionTagging", source + "/a", nil, true},
		{"s3:ReplicateObject", replica + "/a", nil, true}, {"s3:ReplicateDelete", replica + "/a", nil, true}, {"s3:ReplicateTags", replica + "/a", nil, true},
		{"kms:Decrypt", sourceKey, through("eu-central-1", source), true}, {"kms:Encrypt", replicaKey, through("eu-west-1", replica), true},
		{"kms:Decrypt", replicaKey, through("eu-west-1", replica), true},

		{"s3:GetObject", source + "/a", nil, false}, {"s3:PutObject", replica + "/a", nil, false}, {"s3:DeleteObject", source + "/a", nil, false},
		{"s3:ReplicateObject", source + "/a", nil, false}, {"s3:GetObjectVersionForReplication", replica + "/a", nil, false},
		{"s3:GetObjectVersion", source + "/a", nil, false}, {"s3:ObjectOwnerOverrideToBucketOwner", replica + "/a", nil, false},
		{"s3:PutReplicationConfiguration", source, nil, false}, {"s3:PutBucketPolicy", replica, nil, false}, {"s3:ListBucket", replica, nil, false},
		{"kms:Encrypt", sourceKey, through("eu-central-1", source), false}, {"kms:Decrypt", sourceKey, through("eu-west-1", source), false},
		{"kms:Decrypt", sourceKey, through("eu-central-1", replica), false}, {"kms:Encrypt", replicaKey, through("eu-west-1", source), false},
		{"kms:Encrypt", replicaKey, through("eu-central-1", replica), false}, {"kms:GenerateDataKey", replicaKey, through("eu-west-1", replica), false},
		{"iam:PassRole", "arn:aws:iam::" + account + ":role/assets-replication", nil, false}, {"sts:AssumeRole", "arn:aws:iam::" + account + ":role/tickets", nil, false},
	} {
		decision, err := policy.Evaluate(iameval.Request{Principal: "arn:aws:iam::" + account + ":role/assets-replication", Action: each.action, Resource: each.resource, Context: each.context})
		require.NoError(t, err)
		require.Equal(t, map[bool]iameval.Decision{true: iameval.Allow, false: iameval.ImplicitDeny}[each.allowed], decision, "%s on %s %v", each.action, each.resource, each.context)
	}
}

func TestGrantsThatWouldReachFurtherThanTheySayAreRefused(t *testing.T) {
	for prefix, want := range map[string]string{
		"exports":                     `does not end with a slash, so that it would match what merely begins alike`,
		"/exports/":                   `begins with a slash, which no key of an object does`,
		"../exports/":                 `must be folders of letters, digits, dots, hyphens and underscores, none of which begins with a dot`,
		"exports/../":                 `must be folders of`,
		"exports/./a/":                `must be folders of`,
		"exports//":                   `must be folders of`,
		"exports/*/":                  `holds a character that IAM takes for a wildcard or a variable`,
		"exports/?/":                  `holds a character that IAM takes`,
		"${aws:PrincipalTag/a}/":      `holds a character that IAM takes`,
		"expörts/":                    `must be folders of`,
		"a b/":                        `must be folders of`,
		"a=b/":                        `must be folders of`,
		strings.Repeat("a", 64) + "/": `has more than 64 characters`,
	} {
		_, err := recorder.RunErr(granting(grantOf(prefix, components.BucketRead)))
		require.ErrorContains(t, err, `grant of bucket assets to tickets: prefix "`+prefix+`" `+want, prefix)
	}
	require.Empty(t, components.PrefixProblem(""))
	require.Empty(t, components.PrefixProblem("exports/2026-11/v1.2/_tmp/"))
}

// No prefix that is admitted lets a grant match a key that does not begin with it.
func TestAnAdmittedPrefixMatchesNothingButWhatBeginsWithIt(t *testing.T) {
	alphabet := rapid.StringOfN(rapid.SampledFrom([]rune("ab/.-_*?$ =é")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		prefix, key := alphabet.Draw(t, "prefix"), alphabet.Draw(t, "key")
		if prefix == "" || key == "" || components.PrefixProblem(prefix) != "" {
			return
		}
		policy, err := iameval.ParseIdentity(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::assets/` + prefix + `*"}]}`)
		require.NoError(t, err)
		decision, err := policy.Evaluate(iameval.Request{Principal: "arn:aws:iam::" + account + ":role/tickets", Action: "s3:GetObject", Resource: "arn:aws:s3:::assets/" + key})
		require.NoError(t, err)
		require.Equal(t, strings.HasPrefix(key, prefix), decision == iameval.Allow)
		for _, segment := range strings.Split(strings.TrimSuffix(prefix, "/"), "/") {
			require.NotEmpty(t, segment)
			require.NotEqual(t, ".", segment[:1])
		}
	})
}

func TestWhatIsGrantedAlreadyIsNotGrantedAgain(t *testing.T) {
	for name, each := range map[string]struct {
		first, second components.BucketAccess
		before, after string
		refused       bool
	}{
		"the same":                    {"read", "read", "a/", "a/", true},
		"within it":                   {"read", "read", "a/", "a/b/", true},
		"around it":                   {"read", "read", "a/b/", "a/", true},
		"the whole bucket":            {"read", "read", "", "a/", true},
		"a part of both":              {"read-write", "write", "a/", "a/", true},
		"both after a part":           {"read", "read-write", "a/", "a/", true},
		"the other half":              {"read", "write", "a/", "a/", false},
		"another prefix":              {"read", "read", "a/", "b/", false},
		"a prefix that begins alike":  {"read", "read", "a/", "ab/", false},
		"a part of it, to do another": {"read", "write", "", "a/", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := recorder.RunErr(granting(grantOf(each.before, each.first), grantOf(each.after, each.second)))
			if each.refused {
				require.ErrorContains(t, err, "is granted already, in the whole or in part, by "+string(each.first)+` of prefix "`+each.before+`"; remove one`)
				return
			}
			require.NoError(t, err)
		})
	}
}

// A name that two grants shared would be one resource to the engine.
func TestEveryGrantHasANameOfItsOwn(t *testing.T) {
	grants := []struct {
		service, prefix string
		access          components.BucketAccess
	}{
		{"x", "", "write"}, {"x", "y-z/", "read"}, {"x", "y.z/", "read"}, {"x", "y/z/", "read"}, {"x-y", "z/", "read"}, {"z", "", "read-write"}, {"write-z", "", "read"},
	}
	names := map[string]bool{}
	recording := recorder.Run(t, withAssets(bucketArgs(), func(ctx *pulumi.Context, provider pulumi.ResourceOption, assets *components.ReplicatedBucket) error {
		services := map[string]*components.ResilientService{}
		for _, each := range grants {
			if services[each.service] == nil {
				service, err := components.NewResilientService(ctx, each.service, serviceArgs(), provider)
				if err != nil {
					return err
				}
				services[each.service] = service
			}
			if err := assets.Grant(services[each.service], each.prefix, each.access); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, policy := range recording.OfType(rolePolicyToken) {
		names[policy.Name] = true
	}
	require.Len(t, names, len(grants)+1+4, "one of each grant, of the replication, and of each service")
}

func TestAGrantThatCannotWorkIsRefused(t *testing.T) {
	_, err := recorder.RunErr(granting(func(assets *components.ReplicatedBucket, _ *components.ResilientService) error {
		return assets.GrantRead(nil, "")
	}))
	require.ErrorContains(t, err, "grant of bucket assets: no service is given; pass the one that uses it")
	_, err = recorder.RunErr(granting(grantOf("", "delete")))
	require.ErrorContains(t, err, `grant of bucket assets: access "delete" must be one of read, write, read-write`)
	for want, move := range map[string]func(*components.ReplicatedBucketArgs){
		"grant of bucket assets to tickets crosses accounts 999999999999 and " + account: func(a *components.ReplicatedBucketArgs) { a.AccountID = "999999999999" },
		"grant of bucket assets to tickets crosses Regions eu-north-1 and eu-central-1":  func(a *components.ReplicatedBucketArgs) { a.Region = "eu-north-1" },
	} {
		_, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			args := bucketArgs()
			move(args)
			args.RecoveryProvider, err = aws.NewProvider(ctx, "far", &aws.ProviderArgs{Region: pulumi.String("eu-west-1")})
			require.NoError(t, err)
			assets, err := components.NewReplicatedBucket(ctx, "assets", args, provider)
			require.NoError(t, err)
			tickets, err := components.NewResilientService(ctx, "tickets", serviceArgs(), provider)
			require.NoError(t, err)
			return assets.GrantRead(tickets, "")
		}))
		require.ErrorContains(t, err, want)
	}
}
