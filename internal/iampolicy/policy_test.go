// Package iampolicy_test is of the layer of rules: plain data in, text or problems out. It does not prove that AWS accepts
// a document.
package iampolicy_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
)

const (
	logGroupARN = "arn:aws:logs:eu-central-1:123456789012:log-group:/aplomb/web"
	roleARN     = "arn:aws:iam::123456789012:role/web"
	accountRoot = "arn:aws:iam::123456789012:root"
)

func writeLogs() iampolicy.Statement {
	return iampolicy.Statement{
		Sid: "WriteLogs", Effect: iampolicy.Allow,
		Actions:   []iampolicy.Action{"logs:PutLogEvents", "logs:CreateLogStream"},
		Resources: []iampolicy.Resource{iampolicy.Slot("logGroup", ":*")},
	}
}

func TestAnIdentityPolicyPrintsSortedListsWithItsSlotsFilled(t *testing.T) {
	statement := writeLogs()
	statement.Conditions = []iampolicy.Condition{
		iampolicy.When(iampolicy.StringEquals, "aws:SourceVpc", "vpc-b", "vpc-a"),
		{Operator: iampolicy.ARNEquals, Key: "aws:PrincipalArn", Values: []iampolicy.Value{iampolicy.Slot("role", "")}},
	}
	text, err := iampolicy.Identity(statement).JSON(map[string]string{"logGroup": logGroupARN, "role": roleARN})
	require.NoError(t, err)
	require.Equal(t, `{"Version":"2012-10-17","Statement":[{"Sid":"WriteLogs","Effect":"Allow",`+
		`"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":["`+logGroupARN+`:*"],`+
		`"Condition":{"ArnEquals":{"aws:PrincipalArn":["`+roleARN+`"]},"StringEquals":{"aws:SourceVpc":["vpc-a","vpc-b"]}}}]}`, text)
}

func TestATrustPolicyHasPrincipalsAndNoResources(t *testing.T) {
	text, err := iampolicy.Trust(iampolicy.Statement{
		Sid: "Instances", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service("ec2.amazonaws.com")},
		Actions:    []iampolicy.Action{"sts:AssumeRole"},
	}).JSON(nil)
	require.NoError(t, err)
	require.Equal(t, `{"Version":"2012-10-17","Statement":[{"Sid":"Instances","Effect":"Allow",`+
		`"Principal":{"Service":["ec2.amazonaws.com"]},"Action":["sts:AssumeRole"]}]}`, text)
}

func TestInAKeyPolicyTheResourceIsTheKeyItself(t *testing.T) {
	text, err := iampolicy.Key(iampolicy.Statement{
		Sid: "Administer", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.AWS(accountRoot)},
		Actions:    []iampolicy.Action{"kms:*"}, Resources: []iampolicy.Resource{iampolicy.Any},
	}, iampolicy.Statement{
		Sid: "Volumes", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions:    []iampolicy.Action{"kms:Decrypt"}, Resources: []iampolicy.Resource{iampolicy.Any},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "kms:CallerAccount", "123456789012")},
	}).JSON(nil)
	require.NoError(t, err)
	require.Equal(t, `{"Version":"2012-10-17","Statement":[{"Sid":"Administer","Effect":"Allow","Principal":{"AWS":["`+accountRoot+`"]},`+
		`"Action":["kms:*"],"Resource":["*"]},{"Sid":"Volumes","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["kms:Decrypt"],`+
		`"Resource":["*"],"Condition":{"StringEquals":{"kms:CallerAccount":["123456789012"]}}}]}`, text)
}

func TestADenyMayBeWide(t *testing.T) {
	text, err := iampolicy.Identity(iampolicy.Statement{
		Sid: "RevokeOldSessions", Effect: iampolicy.Deny,
		Actions: []iampolicy.Action{"*"}, Resources: []iampolicy.Resource{iampolicy.Any},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.DateLessThan, "aws:TokenIssueTime", "2026-01-31T00:00:00Z")},
	}).JSON(nil)
	require.NoError(t, err)
	require.Contains(t, text, `"Effect":"Deny","Action":["*"],"Resource":["*"]`)
}

func TestADenyMaySayWhatItExcepts(t *testing.T) {
	text, err := iampolicy.Identity(iampolicy.Statement{
		Sid: "OutsideTheVPC", Effect: iampolicy.Deny,
		NotActions: []iampolicy.Action{"rds-db:connect", "elasticfilesystem:ClientMount"}, Resources: []iampolicy.Resource{iampolicy.Any},
		Conditions: []iampolicy.Condition{{
			Operator: iampolicy.StringNotEquals, Key: "aws:SourceVpc", Values: []iampolicy.Value{iampolicy.Slot("vpc", "")},
		}},
	}).JSON(map[string]string{"vpc": "vpc-a"})
	require.NoError(t, err)
	require.Equal(t, `{"Version":"2012-10-17","Statement":[{"Sid":"OutsideTheVPC","Effect":"Deny",`+
		`"NotAction":["elasticfilesystem:ClientMount","rds-db:connect"],"Resource":["*"],"Condition":{"StringNotEquals":{"aws:SourceVpc":["vpc-a"]}}}]}`, text)
}

func TestAnEndpointPolicySaysWhoseRequestsPassToWhoseResources(t *testing.T) {
	text, err := iampolicy.Endpoint(iampolicy.Statement{
		Sid: "OwnSecrets", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions: []iampolicy.Action{"secretsmanager:GetSecretValue"}, Resources: []iampolicy.Resource{iampolicy.Any},
		Conditions: []iampolicy.Condition{
			iampolicy.When(iampolicy.StringEquals, "aws:PrincipalAccount", "123456789012"),
			iampolicy.When(iampolicy.StringEquals, "aws:ResourceAccount", "123456789012"),
		},
	}).JSON(nil)
	require.NoError(t, err)
	require.Equal(t, `{"Version":"2012-10-17","Statement":[{"Sid":"OwnSecrets","Effect":"Allow","Principal":{"AWS":["*"]},`+
		`"Action":["secretsmanager:GetSecretValue"],"Resource":["*"],`+
		`"Condition":{"StringEquals":{"aws:PrincipalAccount":["123456789012"],"aws:ResourceAccount":["123456789012"]}}}]}`, text)
}

func TestAnyNeedsAReasonAndAnActionWithoutResourceLevelSupport(t *testing.T) {
	statement := iampolicy.Statement{
		Sid: "Pull", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"ecr:GetAuthorizationToken"}, Resources: []iampolicy.Resource{iampolicy.Any},
		Reason: "the token is for the registry of the account, which is no resource",
	}
	require.NoError(t, iampolicy.Identity(statement).Check())
	require.NotContains(t, mustJSON(t, iampolicy.Identity(statement), nil), "registry of the account")

	statement.Actions = []iampolicy.Action{"cloudwatch:PutMetricData"}
	require.ErrorContains(t, iampolicy.Identity(statement).Check(), `"cloudwatch:PutMetricData" is not narrowed by cloudwatch:namespace`)
	statement.Conditions = []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "CloudWatch:Namespace", "aplomb")}
	require.NoError(t, iampolicy.Identity(statement).Check())
	statement.Conditions[0].Operator = iampolicy.StringEquals.IfExists()
	require.ErrorContains(t, iampolicy.Identity(statement).Check(), "is not narrowed by")
	statement.Conditions, statement.Reason = nil, "cloudwatch:namespace cannot be used: the agent's namespaces are chosen by the application"
	require.NoError(t, iampolicy.Identity(statement).Check())
}

func TestSlotsAreSortedAndEachNamedOnce(t *testing.T) {
	statement := writeLogs()
	statement.Resources = append(statement.Resources, iampolicy.Slot("a", ""), iampolicy.Slot("logGroup", ""))
	require.Equal(t, []string{"a", "logGroup"}, iampolicy.Identity(statement).Slots())
}

func TestSlotsMustFitTheDocument(t *testing.T) {
	for name, test := range map[string]struct {
		slots map[string]string
		want  string
	}{
		"missing":           {nil, "slots.logGroup: missing, the document has a slot of that name; give its value"},
		"empty":             {map[string]string{"logGroup": ""}, "slots.logGroup: missing, the document has a slot of that name; give its value"},
		"surplus":           {map[string]string{"logGroup": logGroupARN, "queue": "x"}, `slots.queue: "x" fills no slot of the document; leave it out, or name the slot it is for`},
		"not an ARN":        {map[string]string{"logGroup": "web"}, `slots.logGroup: "web" is not an ARN`},
		"a wildcard":        {map[string]string{"logGroup": logGroupARN + "*"}, "holds a wildcard; give the ARN of one resource"},
		"every resource":    {map[string]string{"logGroup": "*"}, `slots.logGroup: "*" is every resource`},
		"a line break":      {map[string]string{"logGroup": logGroupARN + "\n"}, "is not an ARN"},
		"account wildcards": {map[string]string{"logGroup": "arn:aws:logs:eu-central-1:*:log-group:web"}, "has a wildcard in its account"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := iampolicy.Identity(writeLogs()).JSON(test.slots)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, text)
		})
	}
}

func TestEveryProblemIsReportedAtOnceWithItsPath(t *testing.T) {
	err := iampolicy.Identity(
		iampolicy.Statement{},
		iampolicy.Statement{
			Sid: "Read", Effect: "Permit", Principals: []iampolicy.Principal{iampolicy.Anyone()},
			Actions:   []iampolicy.Action{"s3:GetObject", "s3:GetObject", "s3"},
			Resources: []iampolicy.Resource{iampolicy.ARN("assets")},
		},
	).Check()
	var failure *iampolicy.Error
	require.ErrorAs(t, err, &failure)
	var paths []string
	for _, problem := range failure.Problems {
		paths = append(paths, problem.Path)
	}
	require.Equal(t, []string{
		"statements[0].sid", "statements[0].effect", "statements[0].actions", "statements[0].resources",
		"statements[1].effect", "statements[1].actions[1]", "statements[1].actions[2]", "statements[1].principals[0]", "statements[1].resources[0]",
	}, paths)
	require.True(t, strings.HasPrefix(err.Error(), "identity policy: 9 problems\n  - statements[0].sid: missing, "), err)
}

func TestSizesAreHeldAgainstTheLimitOfTheKind(t *testing.T) {
	long := strings.Repeat("x", iampolicy.MaxTrust)
	trust := iampolicy.Trust(iampolicy.Statement{
		Sid: "Assume", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.AWS(roleARN + long)},
		Actions: []iampolicy.Action{"sts:AssumeRole"},
	})
	_, err := trust.JSON(nil)
	require.ErrorContains(t, err, "is over the 2048 characters of a trust policy")

	identity := writeLogs()
	identity.Resources = []iampolicy.Resource{iampolicy.ARN(logGroupARN + strings.Repeat("x", iampolicy.MaxInline))}
	_, err = iampolicy.Identity(identity).JSON(nil)
	require.ErrorContains(t, err, "is over the 10240 characters of the inline policies of a role")

	half := strings.Repeat("x", iampolicy.MaxInline/2)
	require.NoError(t, iampolicy.CheckInline(half, half+" \n\t"), "white space does not count")
	require.ErrorContains(t, iampolicy.CheckInline(half, half, "x"), `"10241" is over`)

	endpoint := iampolicy.Endpoint(iampolicy.Statement{
		Sid: "Pass", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Anyone()}, Reason: "a test",
		Actions:   []iampolicy.Action{"s3:GetObject"},
		Resources: []iampolicy.Resource{iampolicy.ARN("arn:aws:s3:::" + strings.Repeat(" ", iampolicy.MaxEndpoint))},
	})
	_, err = endpoint.JSON(nil)
	require.ErrorContains(t, err, "is over the 20480 characters of an endpoint policy", "white space counts here")

	key := iampolicy.Key(iampolicy.Statement{
		Sid: "Use", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.AWS(roleARN + strings.Repeat("x", iampolicy.MaxKey))},
		Actions: []iampolicy.Action{"kms:Decrypt"}, Resources: []iampolicy.Resource{iampolicy.Any},
	})
	_, err = key.JSON(nil)
	require.ErrorContains(t, err, "is over the 32768 characters of a key policy")
}

func TestADocumentWithoutAKindIsRefused(t *testing.T) {
	err := iampolicy.Document{Statements: []iampolicy.Statement{writeLogs()}}.Check()
	var failure *iampolicy.Error
	require.True(t, errors.As(err, &failure))
	require.Equal(t, "kind", failure.Problems[0].Path)
}

func mustJSON(t *testing.T, document iampolicy.Document, slots map[string]string) string {
	t.Helper()
	text, err := document.JSON(slots)
	require.NoError(t, err)
	require.True(t, json.Valid([]byte(text)))
	return text
}
