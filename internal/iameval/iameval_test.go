// Package iameval_test is of the layer of rules: the text of a policy and a request in, a decision out. Each table holds what AWS's
// documentation says; where it has a table of its own, the rows are that table's.
package iameval_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/internal/iameval"
)

const (
	role       = "arn:aws:iam::123456789012:role/web"
	other      = "arn:aws:iam::999999999999:role/web"
	object     = "arn:aws:s3:::assets/web/logo.png"
	rootOfRole = "arn:aws:iam::123456789012:root"
)

// identity is a policy of one statement, given as its elements.
func identity(elements string) string {
	return `{"Version":"2012-10-17","Statement":[{` + elements + `}]}`
}

func decideIdentity(t require.TestingT, text string, request iameval.Request) iameval.Decision {
	policy, err := iameval.ParseIdentity(text)
	require.NoError(t, err)
	decision, err := policy.Evaluate(request)
	require.NoError(t, err)
	return decision
}

func get(context iameval.Context) iameval.Request {
	return iameval.Request{Principal: role, Action: "s3:GetObject", Resource: object, Context: context}
}

// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func TestAnExplicitDenyOutweighsEveryAllowAndSilenceIsADeny(t *testing.T) {
	allow := `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`
	deny := `{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::assets/*"}`
	elsewhere := `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::backups/*"}`
	for statements, want := range map[string]iameval.Decision{
		allow:              iameval.Allow,
		allow + "," + deny: iameval.ExplicitDeny,
		deny + "," + allow: iameval.ExplicitDeny,
		elsewhere:          iameval.ImplicitDeny,
	} {
		require.Equal(t, want, decideIdentity(t, `{"Version":"2012-10-17","Statement":[`+statements+`]}`, get(nil)), statements)
	}
}

// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html (case, wildcards),
// .../reference_policies_elements_notaction.html and .../reference_policies_elements_resource.html (wildcards by component).
func TestActionsAndResourcesMatch(t *testing.T) {
	for elements, want := range map[string]bool{
		`"Action":"s3:GetObject","Resource":"*"`:                                            true,
		`"Action":"S3:getobject","Resource":"*"`:                                            true,
		`"Action":"*","Resource":"*"`:                                                       true,
		`"Action":"s3:Get*","Resource":"*"`:                                                 true,
		`"Action":"s3:Get?bject","Resource":"*"`:                                            true,
		`"Action":"s3:GetObject?","Resource":"*"`:                                           false,
		`"Action":["s3:PutObject","s3:GetObject"],"Resource":"*"`:                           true,
		`"Action":"s3:PutObject","Resource":"*"`:                                            false,
		`"NotAction":"s3:PutObject","Resource":"*"`:                                         true,
		`"NotAction":["s3:PutObject","s3:Get*"],"Resource":"*"`:                             false,
		`"Action":"s3:GetObject","Resource":"arn:aws:s3:::assets/*"`:                        true,
		`"Action":"s3:GetObject","Resource":"arn:aws:s3:::assets/web/logo.pn?"`:             true,
		`"Action":"s3:GetObject","Resource":"arn:aws:s3:::assets"`:                          false,
		`"Action":"s3:GetObject","Resource":"arn:aws:s3:::Assets/*"`:                        false,
		`"Action":"s3:GetObject","Resource":"arn:aws:s3:*:*:assets/*"`:                      true,
		`"Action":"s3:GetObject","Resource":"arn:*:s3:::assets/*"`:                          true,
		`"Action":"s3:GetObject","Resource":"arn:aws:*:::*"`:                                true,
		`"Action":"s3:GetObject","NotResource":"arn:aws:s3:::backups/*"`:                    true,
		`"Action":"s3:GetObject","NotResource":["arn:aws:s3:::a","arn:aws:s3:::*"]`:         false,
		`"Action":"s3:GetObject","Resource":["arn:aws:s3:::a","arn:aws:s3:::assets/web/*"]`: true,
	} {
		want := map[bool]iameval.Decision{true: iameval.Allow, false: iameval.ImplicitDeny}[want]
		require.Equal(t, want, decideIdentity(t, identity(`"Effect":"Allow",`+elements), get(nil)), elements)
	}
}

func TestAWildcardReachesOverNoColonButThoseOfTheResource(t *testing.T) {
	policy := identity(`"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"arn:aws:logs:*:log-group:/web:*"`)
	request := iameval.Request{Action: "logs:PutLogEvents", Resource: "arn:aws:logs:eu-central-1:123456789012:log-group:/web:log-stream:a"}
	require.Equal(t, iameval.ImplicitDeny, decideIdentity(t, policy, request))
	policy = strings.Replace(policy, "logs:*:", "logs:*:*:", 1)
	require.Equal(t, iameval.Allow, decideIdentity(t, policy, request))
}

func TestOnlyTheStarCoversAnActionWithoutResources(t *testing.T) {
	for resource, want := range map[string]iameval.Decision{"*": iameval.Allow, "arn:aws:ecr:*:*:*": iameval.ImplicitDeny} {
		policy := identity(`"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"` + resource + `"`)
		require.Equal(t, want, decideIdentity(t, policy, iameval.Request{Action: "ecr:GetAuthorizationToken", Resource: "*"}))
	}
}

// conditionRow is one row of a table: the condition block, the request's keys, and whether the statement matches.
type conditionRow struct {
	condition string
	context   iameval.Context
	matches   bool
}

func requireRows(t *testing.T, rows []conditionRow) {
	t.Helper()
	for _, row := range rows {
		policy := identity(`"Effect":"Allow","Action":"*","Resource":"*","Condition":` + row.condition)
		want := map[bool]iameval.Decision{true: iameval.Allow, false: iameval.ImplicitDeny}[row.matches]
		require.Equal(t, want, decideIdentity(t, policy, get(row.context)), "%s with %v", row.condition, row.context)
	}
}

func of(pairs ...string) iameval.Context {
	context := iameval.Context{}
	for index := 0; index < len(pairs); index += 2 {
		context[pairs[index]] = append(context[pairs[index]], pairs[index+1])
	}
	return context
}

// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html, its tables.
func TestOperatorsCompareAsAWSsTablesSay(t *testing.T) {
	const (
		tag    = "aws:PrincipalTag/job-category"
		source = "arn:aws:sns:us-west-2:123456789012:TOPIC-ID"
	)
	requireRows(t, []conditionRow{
		{`{"StringEquals":{"` + tag + `":"iamuser-admin"}}`, of(tag, "iamuser-admin"), true},
		{`{"StringEquals":{"` + tag + `":"iamuser-admin"}}`, of(tag, "dev-ops"), false},
		{`{"StringEquals":{"` + tag + `":"iamuser-admin"}}`, nil, false},
		{`{"StringEquals":{"` + tag + `":"iamuser-admin"}}`, of(tag, "IAMUser-admin"), false},
		{`{"StringEquals":{"AWS:principaltag/JOB-category":"iamuser-admin"}}`, of(tag, "iamuser-admin"), true},
		{`{"StringNotEquals":{"` + tag + `":"iamuser-admin"}}`, of(tag, "dev-ops"), true},
		{`{"StringNotEquals":{"` + tag + `":"iamuser-admin"}}`, of(tag, "iamuser-admin"), false},
		{`{"StringNotEquals":{"` + tag + `":"iamuser-admin"}}`, nil, true},
		{`{"StringEqualsIgnoreCase":{"` + tag + `":"PreProd"}}`, of(tag, "preprod"), true},
		{`{"StringNotEqualsIgnoreCase":{"` + tag + `":"PreProd"}}`, of(tag, "preprod"), false},
		{`{"StringLike":{"s3:prefix":["home/","home/${aws:username}/"]}}`, of("s3:prefix", "home/martha/", "aws:username", "martha"), true},
		{`{"StringLike":{"s3:prefix":["home/","home/${aws:username}/"]}}`, of("s3:prefix", "home/martha/", "aws:username", "nikki"), false},
		{`{"StringLike":{"s3:prefix":["home/","home/${aws:username}/"]}}`, of("s3:prefix", "home/martha/"), false},
		{`{"StringLike":{"s3:prefix":"home/*"}}`, of("s3:prefix", "home/martha/"), true},
		{`{"StringEquals":{"s3:prefix":"home/*"}}`, of("s3:prefix", "home/martha/"), false},
		{`{"StringNotLike":{"s3:prefix":"home/*"}}`, of("s3:prefix", "home/martha/"), false},
		{`{"Bool":{"aws:SecureTransport":"false"}}`, of("aws:SecureTransport", "false"), true},
		{`{"Bool":{"aws:SecureTransport":"false"}}`, of("aws:SecureTransport", "true"), false},
		{`{"Bool":{"aws:SecureTransport":"false"}}`, nil, false},
		{`{"Bool":{"aws:SecureTransport":false}}`, of("aws:SecureTransport", "false"), true},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, of("aws:SourceIp", "203.0.113.1"), true},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, of("aws:SourceIp", "198.51.100.1"), false},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.7"}}`, of("aws:SourceIp", "203.0.113.8"), false},
		{`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, of("aws:SourceIp", "203.0.113.1"), false},
		{`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, nil, true},
		{`{"ArnEquals":{"aws:SourceArn":"` + source + `"}}`, of("aws:SourceArn", source), true},
		{`{"ArnEquals":{"aws:SourceArn":"` + source + `"}}`, of("aws:SourceArn", strings.Replace(source, "123456789012", "777788889999", 1)), false},
		{`{"ArnEquals":{"aws:SourceArn":"` + source + `"}}`, nil, false},
		{`{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:*:123456789012:*"}}`, of("aws:SourceArn", source), true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:eu-*:*:TOPIC-ID"}}`, of("aws:SourceArn", source), false},
		{`{"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:*:*:TOPIC-*"}}`, of("aws:SourceArn", source), false},
		{`{"ArnNotEquals":{"aws:SourceArn":"` + source + `"}}`, nil, true},
		{`{"NumericLessThanEquals":{"s3:max-keys":"10"}}`, of("s3:max-keys", "10"), true},
		{`{"NumericLessThan":{"s3:max-keys":10}}`, of("s3:max-keys", "10"), false},
		{`{"NumericGreaterThan":{"s3:max-keys":"9.5"}}`, of("s3:max-keys", "10"), true},
		{`{"NumericGreaterThanEquals":{"s3:max-keys":"11"}}`, of("s3:max-keys", "10"), false},
		{`{"NumericEquals":{"ec2:RoleDelivery":"2.0"}}`, of("ec2:RoleDelivery", "2"), true},
		{`{"NumericNotEquals":{"ec2:RoleDelivery":"2.0"}}`, of("ec2:RoleDelivery", "1.0"), true},
		{`{"DateGreaterThan":{"aws:TokenIssueTime":"2020-01-01T00:00:01Z"}}`, of("aws:TokenIssueTime", "2026-11-24T10:00:00Z"), true},
		{`{"DateLessThan":{"aws:TokenIssueTime":"2020-01-01T00:00:01Z"}}`, of("aws:TokenIssueTime", "2026-11-24T10:00:00Z"), false},
		{`{"DateLessThan":{"aws:TokenIssueTime":"2020-01-01T00:00:01Z"}}`, nil, false},
		{`{"DateLessThanEquals":{"aws:CurrentTime":"2026-11-24"}}`, of("aws:CurrentTime", "1795478400"), true},
		{`{"DateGreaterThanEquals":{"aws:EpochTime":"1795478401"}}`, of("aws:EpochTime", "1795478400"), false},
		{`{"DateEquals":{"aws:CurrentTime":"2026-11-24T00:00:00Z"}}`, of("aws:CurrentTime", "2026-11-24T01:00:00+01:00"), true},
		{`{"DateNotEquals":{"aws:CurrentTime":"2026-11-24T00:00:00Z"}}`, of("aws:CurrentTime", "2026-11-24T00:00:00Z"), false},
		{`{"Null":{"aws:TokenIssueTime":"false"}}`, of("aws:TokenIssueTime", "2026-11-24T10:00:00Z"), true},
		{`{"Null":{"aws:TokenIssueTime":"false"}}`, nil, false},
		{`{"Null":{"aws:TokenIssueTime":"true"}}`, nil, true},
	})
}

// Source: the same page, "...IfExists condition operators", its table and its remark on Deny with a negated operator.
func TestIfExistsHoldsForAnAbsentKey(t *testing.T) {
	requireRows(t, []conditionRow{
		{`{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*","m3.*"]}}`, of("ec2:InstanceType", "t1.micro"), true},
		{`{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*","m3.*"]}}`, of("ec2:InstanceType", "m2.micro"), false},
		{`{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*","m3.*"]}}`, nil, true},
		{`{"BoolIfExists":{"aws:ViaAWSService":"false"}}`, nil, true},
		{`{"BoolIfExists":{"aws:ViaAWSService":"false"}}`, of("aws:ViaAWSService", "true"), false},
		{`{"StringNotEqualsIfExists":{"aws:SourceVpc":"vpc-a"}}`, nil, true},
		{`{"StringNotEqualsIfExists":{"aws:SourceVpc":"vpc-a"}}`, of("aws:SourceVpc", "vpc-a"), false},
		{`{"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"environment"}}`, nil, true},
	})
}

// Sources: the same page, "Multivalued string condition operators", and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html.
func TestSetOperatorsLookAtEveryValueOfTheRequest(t *testing.T) {
	both := of("aws:TagKeys", "environment", "aws:TagKeys", "costcenter")
	requireRows(t, []conditionRow{
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":"environment"}}`, of("aws:TagKeys", "environment"), true},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":"environment"}}`, both, true},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":"environment"}}`, of("aws:TagKeys", "Environment"), false},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":"environment"}}`, of("aws:TagKeys", "costcenter"), false},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":"environment"}}`, nil, false},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":"environment"}}`, both, false},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["environment","costcenter"]}}`, both, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":"environment"}}`, nil, true},
		{`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":"environment"}}`, both, true},
		{`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":"environment"}}`, of("aws:TagKeys", "environment"), false},
		{`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":"environment"}}`, nil, false},
		{`{"ForAllValues:StringNotEquals":{"aws:TagKeys":"environment"}}`, both, false},
		{`{"ForAllValues:StringNotEquals":{"aws:TagKeys":"owner"}}`, both, true},
		{`{"ForAllValues:ArnLike":{"logs:LogGeneratingResourceArns":["arn:aws:cloudfront::123456789012:distribution/*"]}}`,
			of("logs:LogGeneratingResourceArns", "arn:aws:cloudfront::123456789012:distribution/a", "logs:LogGeneratingResourceArns", "arn:aws:cloudfront::777788889999:distribution/a"), false},
	})
}

// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func TestConditionsMustAllHoldAndOneValueIsEnoughUnlessNegated(t *testing.T) {
	two := `{"StringEquals":{"aws:SourceVpc":["vpc-a","vpc-b"],"aws:PrincipalAccount":"123456789012"},"Bool":{"aws:SecureTransport":"true"}}`
	all := of("aws:SourceVpc", "vpc-b", "aws:PrincipalAccount", "123456789012", "aws:SecureTransport", "true")
	requireRows(t, []conditionRow{
		{two, all, true},
		{two, all.With("aws:sourcevpc", "vpc-c"), false},
		{two, all.Without("aws:SecureTransport"), false},
		{two, all.With("aws:PrincipalAccount", "999999999999"), false},
		{`{"StringNotEquals":{"aws:SourceVpc":["vpc-a","vpc-b"]}}`, of("aws:SourceVpc", "vpc-b"), false},
		{`{"StringNotEquals":{"aws:SourceVpc":["vpc-a","vpc-b"]}}`, of("aws:SourceVpc", "vpc-c"), true},
	})
}

// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html ("Policy variables with no value",
// "Specifying default values", "Using variables in policies").
func TestPolicyVariablesTakeTheRequestsValues(t *testing.T) {
	inOwnVPC := `{"StringNotEquals":{"aws:SourceVpc":"${aws:Ec2InstanceSourceVpc}"}}`
	requireRows(t, []conditionRow{
		{inOwnVPC, of("aws:SourceVpc", "vpc-a", "aws:Ec2InstanceSourceVpc", "vpc-a"), false},
		{inOwnVPC, of("aws:SourceVpc", "vpc-a", "aws:Ec2InstanceSourceVpc", "vpc-b"), true},
		{inOwnVPC, of("aws:SourceVpc", "vpc-a"), true},
		{inOwnVPC, of("aws:Ec2InstanceSourceVpc", "vpc-a"), true},
		{inOwnVPC, nil, true},
		{`{"StringEquals":{"aws:SourceVpc":"${aws:Ec2InstanceSourceVpc}"}}`, of("aws:SourceVpc", "vpc-a"), false},
		{`{"StringEquals":{"aws:SourceVpc":"${AWS:ec2instancesourcevpc}"}}`, of("aws:SourceVpc", "vpc-a", "aws:Ec2InstanceSourceVpc", "vpc-a"), true},
		{`{"StringEquals":{"s3:prefix":"${aws:PrincipalTag/team, 'company-wide'}"}}`, of("s3:prefix", "company-wide"), true},
		{`{"StringEquals":{"s3:prefix":"${aws:PrincipalTag/team, 'company-wide'}"}}`, of("s3:prefix", "yellow", "aws:PrincipalTag/team", "yellow"), true},
		{`{"StringLike":{"s3:prefix":"a${*}*"}}`, of("s3:prefix", "a*b"), true},
		{`{"StringLike":{"s3:prefix":"a${*}*"}}`, of("s3:prefix", "ab"), false},
		{`{"StringLike":{"s3:prefix":"a${?}${$}"}}`, of("s3:prefix", "a?$"), true},
	})
	home := identity(`"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::assets/${aws:PrincipalTag/unit}/*"`)
	require.Equal(t, iameval.Allow, decideIdentity(t, home, get(of("aws:PrincipalTag/unit", "web"))))
	require.Equal(t, iameval.ImplicitDeny, decideIdentity(t, home, get(of("aws:PrincipalTag/unit", "mobile"))))
	require.Equal(t, iameval.ImplicitDeny, decideIdentity(t, home, get(nil)))
}

// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func TestPrincipalsOfResourcePolicies(t *testing.T) {
	for _, test := range []struct {
		principal, of string
		want          iameval.Decision
	}{
		{`"*"`, role, iameval.Allow},
		{`"*"`, "", iameval.Allow},
		{`{"AWS":"*"}`, other, iameval.Allow},
		{`{"AWS":"` + role + `"}`, role, iameval.Allow},
		{`{"AWS":"` + role + `"}`, other, iameval.ImplicitDeny},
		{`{"AWS":["` + other + `","` + role + `"]}`, role, iameval.Allow},
		{`{"AWS":"` + rootOfRole + `"}`, role, iameval.Delegate},
		{`{"AWS":"123456789012"}`, role, iameval.Delegate},
		{`{"AWS":"123456789012"}`, other, iameval.ImplicitDeny},
		{`{"AWS":["` + rootOfRole + `","` + role + `"]}`, role, iameval.Allow},
		{`{"Service":"logs.eu-central-1.amazonaws.com"}`, "logs.eu-central-1.amazonaws.com", iameval.Allow},
		{`{"Service":"logs.eu-central-1.amazonaws.com"}`, role, iameval.ImplicitDeny},
	} {
		policy, err := iameval.ParseResource(identity(`"Effect":"Allow","Principal":` + test.principal + `,"Action":"s3:*","Resource":"*"`))
		require.NoError(t, err)
		request := get(nil)
		request.Principal = test.of
		decision, err := policy.Evaluate(request)
		require.NoError(t, err)
		require.Equal(t, test.want, decision, "%s for %q: %s", test.principal, test.of, decision)
	}
	trust, err := iameval.ParseTrust(identity(`"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"`))
	require.NoError(t, err)
	decision, err := trust.Evaluate(iameval.Request{Principal: "ec2.amazonaws.com", Action: "sts:AssumeRole", Resource: role})
	require.NoError(t, err)
	require.Equal(t, iameval.Allow, decision)
}

func TestDecisionsOfSeveralPoliciesCombine(t *testing.T) {
	const (
		implicit, delegate, allow, explicit = iameval.ImplicitDeny, iameval.Delegate, iameval.Allow, iameval.ExplicitDeny
	)
	require.Equal(t, allow, iameval.Through(allow, allow))
	require.Equal(t, implicit, iameval.Through(allow, implicit))
	require.Equal(t, implicit, iameval.Through(delegate, allow))
	require.Equal(t, explicit, iameval.Through(implicit, explicit))
	for _, row := range [][4]iameval.Decision{ // identity, resource, in one account, on a key
		{allow, implicit, allow, implicit},
		{implicit, allow, allow, allow},
		{implicit, implicit, implicit, implicit},
		{allow, delegate, allow, allow},
		{implicit, delegate, implicit, implicit},
		{explicit, allow, explicit, explicit},
		{allow, explicit, explicit, explicit},
	} {
		require.Equal(t, row[2], iameval.SameAccount(row[0], row[1]), "%s and %s", row[0], row[1])
		require.Equal(t, row[3], iameval.OnKey(row[0], row[1]), "%s and %s", row[0], row[1])
	}
}

func TestWhatIsNotUnderstoodIsAnErrorAndNotAGuess(t *testing.T) {
	const sound = `"Effect":"Allow","Action":"s3:GetObject","Resource":"*"`
	for name, text := range map[string]string{
		"no JSON":                   `{`,
		"no object":                 `[]`,
		"more than a policy":        identity(sound) + `{}`,
		"not UTF-8":                 identity(sound + ",\"Sid\":\"\xff\""),
		"no version":                `{"Statement":[{` + sound + `}]}`,
		"the old version":           `{"Version":"2008-10-17","Statement":[{` + sound + `}]}`,
		"no statement":              `{"Version":"2012-10-17","Statement":[]}`,
		"an unknown element":        `{"Version":"2012-10-17","Statement":[{` + sound + `}],"Comment":"x"}`,
		"an element in lower case":  identity(`"effect":"Allow","Action":"s3:GetObject","Resource":"*"`),
		"an element twice":          identity(sound + `,"Effect":"Deny"`),
		"a Sid twice":               `{"Version":"2012-10-17","Statement":[{"Sid":"A",` + sound + `},{"Sid":"A",` + sound + `}]}`,
		"no effect":                 identity(`"Action":"s3:GetObject","Resource":"*"`),
		"another effect":            identity(`"Effect":"allow","Action":"s3:GetObject","Resource":"*"`),
		"no action":                 identity(`"Effect":"Allow","Resource":"*"`),
		"both kinds of action":      identity(sound + `,"NotAction":"s3:PutObject"`),
		"no resource":               identity(`"Effect":"Allow","Action":"s3:GetObject"`),
		"both kinds of resource":    identity(sound + `,"NotResource":"*"`),
		"a principal":               identity(sound + `,"Principal":"*"`),
		"NotPrincipal":              identity(sound + `,"NotPrincipal":"*"`),
		"an action without service": identity(`"Effect":"Allow","Action":"GetObject","Resource":"*"`),
		"an empty list":             identity(`"Effect":"Allow","Action":[],"Resource":"*"`),
		"a list in a list":          identity(`"Effect":"Allow","Action":[["s3:GetObject"]],"Resource":"*"`),
		"null":                      identity(`"Effect":"Allow","Action":null,"Resource":"*"`),
		"a short ARN":               identity(`"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:assets"`),
		"an unknown operator":       identity(sound + `,"Condition":{"StringEqual":{"aws:SourceVpc":"vpc-a"}}`),
		"Null with IfExists":        identity(sound + `,"Condition":{"NullIfExists":{"aws:SourceVpc":"true"}}`),
		"Null with a set operator":  identity(sound + `,"Condition":{"ForAnyValue:Null":{"aws:SourceVpc":"true"}}`),
		"Null with two values":      identity(sound + `,"Condition":{"Null":{"aws:SourceVpc":["true","false"]}}`),
		"another set operator":      identity(sound + `,"Condition":{"ForSome:StringEquals":{"aws:SourceVpc":"vpc-a"}}`),
		"a key without prefix":      identity(sound + `,"Condition":{"StringEquals":{"SourceVpc":"vpc-a"}}`),
		"a key twice":               identity(sound + `,"Condition":{"StringEquals":{"aws:SourceVpc":"vpc-a","AWS:sourcevpc":"vpc-b"}}`),
		"no number":                 identity(sound + `,"Condition":{"NumericEquals":{"s3:max-keys":"ten"}}`),
		"no date":                   identity(sound + `,"Condition":{"DateLessThan":{"aws:CurrentTime":"yesterday"}}`),
		"no block":                  identity(sound + `,"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.*"}}`),
		"no ARN":                    identity(sound + `,"Condition":{"ArnLike":{"aws:SourceArn":"*"}}`),
		"no boolean":                identity(sound + `,"Condition":{"Bool":{"aws:SecureTransport":"yes"}}`),
		"a variable in a number":    identity(sound + `,"Condition":{"NumericEquals":{"s3:max-keys":"${aws:username}"}}`),
		"a variable in Null":        identity(sound + `,"Condition":{"Null":{"s3:max-keys":"${aws:username}"}}`),
		"a variable without end":    identity(sound + `,"Condition":{"StringEquals":{"aws:SourceVpc":"${aws:username"}}`),
		"a variable without key":    identity(sound + `,"Condition":{"StringEquals":{"aws:SourceVpc":"${username}"}}`),
		"an unquoted default":       identity(sound + `,"Condition":{"StringEquals":{"aws:SourceVpc":"${aws:username, x}"}}`),
	} {
		_, err := iameval.ParseIdentity(text)
		require.Error(t, err, name)
	}
	for name, principal := range map[string]string{
		"nobody": `{}`, "a text": `"me"`, "another kind": `{"Federated":"x"}`, "a session": `{"AWS":"arn:aws:sts::123456789012:assumed-role/web/i-1"}`,
		"a wildcard": `{"AWS":"arn:aws:iam::123456789012:role/*"}`, "a service without domain": `{"Service":"ec2"}`, "every service": `{"Service":"*"}`,
	} {
		_, err := iameval.ParseResource(identity(`"Effect":"Allow","Principal":` + principal + `,"Action":"s3:*","Resource":"*"`))
		require.Error(t, err, name)
	}
	_, err := iameval.ParseResource(identity(sound))
	require.Error(t, err, "a resource policy without principal")
	_, err = iameval.ParseTrust(identity(`"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"`))
	require.Error(t, err, "a trust policy with a resource")
}

func TestARequestWhoseOutcomeIsNotDocumentedIsAnError(t *testing.T) {
	for name, test := range map[string]struct {
		condition string
		request   iameval.Request
	}{
		"several values without a set operator": {`{"StringEquals":{"aws:TagKeys":"a"}}`, get(of("aws:TagKeys", "a", "aws:TagKeys", "b"))},
		"a negated ForAllValues without key":    {`{"ForAllValues:StringNotLike":{"aws:ResourceOrgPaths":"o-1/*"}}`, get(nil)},
		"a wildcard in a variable's value":      {`{"StringLike":{"s3:prefix":"${aws:username}/*"}}`, get(of("s3:prefix", "a/", "aws:username", "*"))},
		"several values in a variable":          {`{"StringEquals":{"s3:prefix":"${aws:TagKeys}"}}`, get(of("s3:prefix", "a", "aws:TagKeys", "a", "aws:TagKeys", "b"))},
		"an address that is none":               {`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, get(of("aws:SourceIp", "here"))},
		"a number that is none":                 {`{"NumericLessThan":{"s3:max-keys":"10"}}`, get(of("s3:max-keys", "few"))},
		"a date that is none":                   {`{"DateLessThan":{"aws:CurrentTime":"2026-11-24"}}`, get(of("aws:CurrentTime", "now"))},
		"a boolean that is none":                {`{"Bool":{"aws:SecureTransport":"true"}}`, get(of("aws:SecureTransport", "yes"))},
		"an empty value":                        {`{"Bool":{"aws:SecureTransport":"true"}}`, get(of("aws:SecureTransport", ""))},
		"a key in two spellings":                {`{"Bool":{"aws:SecureTransport":"true"}}`, get(of("aws:SourceVpc", "a", "aws:sourceVPC", "a"))},
		"an action with a wildcard":             {`{"Bool":{"aws:SecureTransport":"true"}}`, iameval.Request{Action: "s3:*", Resource: object}},
		"a resource that is no ARN":             {`{"Bool":{"aws:SecureTransport":"true"}}`, iameval.Request{Action: "s3:GetObject", Resource: "assets"}},
	} {
		policy, err := iameval.ParseIdentity(identity(`"Effect":"Allow","Action":"*","Resource":"*","Condition":` + test.condition))
		require.NoError(t, err, name)
		_, err = policy.Evaluate(test.request)
		require.Error(t, err, name)
	}
}

func TestAPatternMadeOfATextMatchesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []rune(rapid.StringMatching(`[a-z/:.*?]{0,12}`).Draw(t, "text"))
		var pattern strings.Builder
		for at := 0; at < len(text); {
			switch rapid.IntRange(0, 2).Draw(t, "as") {
			case 0:
				at += rapid.IntRange(0, len(text)-at).Draw(t, "skipped")
				pattern.WriteByte('*')
			case 1:
				pattern.WriteByte('?')
				at++
			default:
				if strings.ContainsRune("*?", text[at]) {
					fmt.Fprintf(&pattern, "${%c}", text[at])
				} else {
					pattern.WriteRune(text[at])
				}
				at++
			}
		}
		if len(text) == 0 {
			return // an empty value is no value
		}
		policy := identity(`"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"s3:prefix":"` + pattern.String() + `"}}`)
		require.Equal(t, iameval.Allow, decideIdentity(t, policy, get(of("s3:prefix", string(text)))), "%s for %s", pattern.String(), string(text))
		longer := get(of("s3:prefix", string(text)+"#"))
		if !strings.HasSuffix(pattern.String(), "*") && !strings.HasSuffix(pattern.String(), "?") {
			require.Equal(t, iameval.ImplicitDeny, decideIdentity(t, policy, longer), "%s for %s#", pattern.String(), string(text))
		}
	})
}

// FuzzWhatCanBeReadCanBeDecided feeds any bytes: they are refused, or a policy that decides or says why it cannot.
func FuzzWhatCanBeReadCanBeDecided(f *testing.F) {
	f.Add(identity(`"Sid":"A","Effect":"Deny","NotAction":["rds-db:connect"],"Resource":["*"],"Condition":{"BoolIfExists":{"aws:ViaAWSService":["false"]},"StringNotEquals":{"aws:SourceVpc":["vpc-a"]}}`))
	f.Add(identity(`"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:Get*"],"Resource":["arn:aws:s3:::a/${aws:username, 'x'}"]`))
	f.Add(identity(`"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com"]},"Action":"sts:AssumeRole"`))
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::*","Condition":{"ForAllValues:StringLike":{"a:b":["${*}",true,1]}}}}`)
	f.Add(`{"Version":"2012-10-17","Statement":[{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func(string) (iameval.Policy, error){iameval.ParseIdentity, iameval.ParseResource, iameval.ParseTrust} {
			policy, err := parse(text)
			if err != nil {
				continue
			}
			decision, err := policy.Evaluate(get(of("aws:SourceVpc", "vpc-a", "aws:ViaAWSService", "false", "a:b", "x")))
			if err != nil {
				require.Equal(t, iameval.ImplicitDeny, decision)
			}
			require.NotEmpty(t, decision.String())
		}
	})
}

func TestRequestsAreWhatAPolicyAllowsByItself(t *testing.T) {
	policy, err := iameval.ParseIdentity(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["logs:PutLogEvents"],"Resource":["arn:aws:logs:eu-central-1:123456789012:log-group:/web:*","arn:aws:logs:eu-central-1:123456789012:log-group:/w?b"]},
		{"Effect":"Allow","Action":["kms:Decrypt"],"Resource":["arn:aws:kms:eu-central-1:123456789012:key/a"],"Condition":{"StringEquals":{"kms:ViaService":"secretsmanager.eu-central-1.amazonaws.com"},"StringNotEquals":{"aws:SourceVpc":"vpc-a"}}},
		{"Effect":"Allow","Action":["ecr:GetAuthorizationToken"],"Resource":["*"]},
		{"Effect":"Deny","NotAction":["rds-db:connect"],"Resource":["*"]}]}`)
	require.NoError(t, err)
	requests, err := policy.Requests()
	require.NoError(t, err)
	require.Equal(t, []iameval.Request{
		{Action: "logs:PutLogEvents", Resource: "arn:aws:logs:eu-central-1:123456789012:log-group:/web:any", Context: iameval.Context{}},
		{Action: "logs:PutLogEvents", Resource: "arn:aws:logs:eu-central-1:123456789012:log-group:/wxb", Context: iameval.Context{}},
		{
			Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-central-1:123456789012:key/a",
			Context: of("kms:ViaService", "secretsmanager.eu-central-1.amazonaws.com"),
		},
		{Action: "ecr:GetAuthorizationToken", Resource: "*", Context: iameval.Context{}},
	}, requests)
	for name, elements := range map[string]string{
		"a wildcard action":     `"Action":"s3:*","Resource":"*"`,
		"an exception":          `"NotAction":"s3:GetObject","Resource":"*"`,
		"excepted resources":    `"Action":"s3:GetObject","NotResource":"arn:aws:s3:::a"`,
		"a variable":            `"Action":"s3:GetObject","Resource":"arn:aws:s3:::a/${aws:username}"`,
		"a key of any value":    `"Action":"s3:GetObject","Resource":"*","Condition":{"Null":{"aws:TokenIssueTime":"false"}}`,
		"a condition on itself": `"Action":"s3:GetObject","Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":"10"}}`,
	} {
		policy, err := iameval.ParseIdentity(identity(`"Effect":"Allow",` + elements))
		require.NoError(t, err, name)
		_, err = policy.Requests()
		require.Error(t, err, name)
	}
}
