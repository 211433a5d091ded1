package iampolicy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
)

type edit func(*iampolicy.Statement)

// valid is a statement of each kind that nothing is wrong with; each refusal breaks one thing in it.
func valid(kind iampolicy.Kind) iampolicy.Statement {
	statement := iampolicy.Statement{Sid: "One", Effect: iampolicy.Allow}
	switch kind {
	case iampolicy.TrustPolicy:
		statement.Principals = []iampolicy.Principal{iampolicy.Service("ec2.amazonaws.com")}
		statement.Actions = []iampolicy.Action{"sts:AssumeRole"}
	case iampolicy.KeyPolicy:
		statement.Principals = []iampolicy.Principal{iampolicy.AWS(accountRoot)}
		statement.Actions = []iampolicy.Action{"kms:Decrypt"}
		statement.Resources = []iampolicy.Resource{iampolicy.Any}
	case iampolicy.EndpointPolicy:
		statement.Principals = []iampolicy.Principal{iampolicy.Anyone()}
		statement.Actions = []iampolicy.Action{"s3:GetObject"}
		statement.Resources = []iampolicy.Resource{iampolicy.Any}
		statement.Conditions = []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "aws:ResourceAccount", "123456789012")}
	case iampolicy.ResourcePolicy:
		statement.Principals = []iampolicy.Principal{iampolicy.AWS(roleARN)}
		statement.Actions = []iampolicy.Action{"s3:GetObject"}
		statement.Resources = []iampolicy.Resource{iampolicy.ARN("arn:aws:s3:::assets/*")}
	default:
		statement.Actions = []iampolicy.Action{"s3:GetObject"}
		statement.Resources = []iampolicy.Resource{iampolicy.ARN("arn:aws:s3:::assets/*")}
	}
	return statement
}

func actions(names ...iampolicy.Action) edit {
	return func(s *iampolicy.Statement) { s.Actions = names }
}

func notActions(effect iampolicy.Effect, names ...iampolicy.Action) edit {
	return func(s *iampolicy.Statement) { s.Effect, s.Actions, s.NotActions = effect, nil, names }
}

func resources(each ...iampolicy.Resource) edit {
	return func(s *iampolicy.Statement) { s.Resources = each }
}

func principals(each ...iampolicy.Principal) edit {
	return func(s *iampolicy.Statement) { s.Principals = each }
}

func condition(each ...iampolicy.Condition) edit {
	return func(s *iampolicy.Statement) { s.Conditions = each }
}

func anyFor(reason string, names ...iampolicy.Action) edit {
	return func(s *iampolicy.Statement) {
		s.Actions, s.Resources, s.Reason = names, []iampolicy.Resource{iampolicy.Any}, reason
	}
}

var refusals = map[string]struct {
	kind iampolicy.Kind
	edit edit
	want string
}{
	"no Sid":                       {iampolicy.IdentityPolicy, func(s *iampolicy.Statement) { s.Sid = "" }, "statements[0].sid: missing, a statement is found by its Sid"},
	"a Sid with a hyphen":          {iampolicy.IdentityPolicy, func(s *iampolicy.Statement) { s.Sid = "read-it" }, `"read-it" may hold letters and digits only`},
	"every action":                 {iampolicy.IdentityPolicy, actions("*"), `"*" is a wildcard, which an Allow may not contain`},
	"every action of a service":    {iampolicy.IdentityPolicy, actions("s3:*"), `"s3:*" is a wildcard`},
	"a prefix of actions":          {iampolicy.IdentityPolicy, actions("s3:Get*"), `"s3:Get*" is a wildcard`},
	"a question mark":              {iampolicy.IdentityPolicy, actions("s3:GetObjec?"), `"s3:GetObjec?" is a wildcard`},
	"an action without a service":  {iampolicy.IdentityPolicy, actions("GetObject"), `"GetObject" is not an action`},
	"an action with two colons":    {iampolicy.IdentityPolicy, actions("s3:Get:Object"), `"s3:Get:Object" is not an action`},
	"a service in capitals":        {iampolicy.IdentityPolicy, actions("S3:GetObject"), `"S3:GetObject" is not an action`},
	"a wildcard written as an ARN": {iampolicy.IdentityPolicy, resources(iampolicy.ARN("*")), `"*" is every resource; name the resource`},
	"nil as a resource":            {iampolicy.IdentityPolicy, resources(nil), "resources[0]: missing, nil is not a resource"},
	"a slot without a name":        {iampolicy.IdentityPolicy, resources(iampolicy.Slot("", ":*")), `resources[0]: "" is not the name of a slot`},
	"Any beside an ARN": {iampolicy.IdentityPolicy, func(s *iampolicy.Statement) {
		s.Effect = iampolicy.Deny
		resources(iampolicy.ARN(logGroupARN), iampolicy.Any)(s)
	}, `resources[1]: "*" covers the other resources`},
	"an ARN with a line break":       {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws:s3:::a\nb")), "is not an ARN"},
	"a value that is not text":       {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.StringEquals, "aws:SourceVpc", "\xff")), "is not text"},
	"a resource twice":               {iampolicy.IdentityPolicy, resources(iampolicy.ARN(logGroupARN), iampolicy.ARN(logGroupARN)), "resources[1]: \"" + logGroupARN + "\" is listed twice"},
	"a wildcard as the partition":    {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:*:s3:::assets")), "has a wildcard in its partition"},
	"a wildcard as the service":      {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws:s?:::assets")), "has a wildcard in its service"},
	"a wildcard as the Region":       {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws:sqs:*:123456789012:jobs")), "has a wildcard in its Region"},
	"a wildcard as the account":      {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws:sqs:eu-central-1:*:jobs")), "has a wildcard in its account"},
	"an account of 11 digits":        {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws:sqs:eu-central-1:12345678901:jobs")), `is an ARN whose account is "12345678901"`},
	"every resource of a service":    {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws:s3:::*")), "is every resource of the service"},
	"an ARN without a resource":      {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws:s3:::")), "is not an ARN"},
	"Any without a reason":           {iampolicy.IdentityPolicy, anyFor(" ", "ecr:GetAuthorizationToken"), "reason: missing, an Allow on every resource is justified in writing"},
	"Any for a scopable action":      {iampolicy.IdentityPolicy, anyFor("because", "s3:GetObject"), `"s3:GetObject" can be limited to a resource`},
	"Any for EC2 without its Region": {iampolicy.IdentityPolicy, anyFor("because", "ec2:DescribeSubnets"), `"ec2:DescribeSubnets" is not narrowed by ec2:Region`},
	"Any for alarms":                 {iampolicy.IdentityPolicy, anyFor("because", "cloudwatch:DescribeAlarms"), `"cloudwatch:DescribeAlarms" can be limited to a resource`},
	"a principal":                    {iampolicy.IdentityPolicy, principals(iampolicy.AWS(roleARN)), "cannot stand in an identity policy"},
	"an unknown operator":            {iampolicy.IdentityPolicy, condition(iampolicy.When("StringIs", "aws:SourceVpc", "vpc-a")), `"StringIs" is not a condition operator`},
	"Null with IfExists":             {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.Null.IfExists(), "aws:SourceVpc", "true")), `"NullIfExists" is not a condition operator`},
	"two set prefixes":               {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.StringEquals.ForAllValues().ForAnyValue(), "aws:TagKeys", "a")), "is not a condition operator"},
	"a key without a prefix":         {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.StringEquals, "SourceVpc", "vpc-a")), `"SourceVpc" is not a condition key`},
	"a condition without values":     {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.StringEquals, "aws:SourceVpc")), "values: missing, a condition compares with something"},
	"an empty value":                 {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.StringEquals, "aws:SourceVpc", "")), "values[0]: missing, an empty value matches no request"},
	"nil as a value":                 {iampolicy.IdentityPolicy, condition(iampolicy.Condition{Operator: iampolicy.Bool, Key: "aws:SecureTransport", Values: []iampolicy.Value{nil}}), "values[0]: missing, nil is not a value"},
	"a value twice":                  {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.StringEquals, "aws:SourceVpc", "vpc-a", "vpc-a")), `values[1]: "vpc-a" is listed twice`},
	"a condition twice":              {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.StringEquals, "aws:SourceVpc", "vpc-a"), iampolicy.When(iampolicy.StringEquals, "AWS:sourcevpc", "vpc-b")), "has a condition with this operator already"},
	"StringEquals with a wildcard":   {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.StringEquals, "aws:SourceVpc", "vpc-*")), "holds a wildcard, which StringEquals compares as it stands"},
	"Bool with yes":                  {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.Bool, "aws:SecureTransport", "yes")), `"yes" is not what Bool compares`},
	"a number in words":              {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.NumericLessThan, "s3:max-keys", "ten")), `"ten" is not a number`},
	"a date without a time":          {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.DateLessThan, "aws:TokenIssueTime", "tomorrow")), `"tomorrow" is not a date`},
	"a range with host bits":         {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.IPAddress, "aws:SourceIp", "10.0.0.1/16")), `"10.0.0.1/16" is not an address`},
	"ArnLike without an ARN":         {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.ARNLike, "aws:SourceArn", "web")), `"web" is not an ARN`},
	"an S3 action on a key":          {iampolicy.KeyPolicy, actions("s3:GetObject"), `"s3:GetObject" is not an action on a key`},
	"an ARN in a key policy":         {iampolicy.KeyPolicy, resources(iampolicy.ARN("arn:aws:kms:eu-central-1:123456789012:key/a")), "in a key policy the resource is the key itself"},
	"nobody in a key policy":         {iampolicy.KeyPolicy, principals(), "principals: missing, this kind of policy says who"},
	"an empty principal":             {iampolicy.KeyPolicy, principals(iampolicy.Principal{}), "principals[0]: missing, an empty principal is nobody"},
	"a principal twice":              {iampolicy.KeyPolicy, principals(iampolicy.AWS(accountRoot), iampolicy.AWS(accountRoot)), "principals[1]: \"" + accountRoot + "\" is listed twice"},
	"everyone may use the key":       {iampolicy.KeyPolicy, principals(iampolicy.Anyone()), `principals[0]: "*" is everyone, and no condition narrows it`},
	"a service without a condition":  {iampolicy.KeyPolicy, principals(iampolicy.Service("logs.eu-central-1.amazonaws.com")), "is a service that could act for another account"},
	"an account id as a principal":   {iampolicy.KeyPolicy, principals(iampolicy.AWS("123456789012")), `"123456789012" is not an ARN`},
	"a wildcard in a principal":      {iampolicy.KeyPolicy, principals(iampolicy.AWS("arn:aws:iam::123456789012:role/*")), "holds a wildcard, which AWS does not expand in a principal"},
	"a bucket as a principal":        {iampolicy.KeyPolicy, principals(iampolicy.AWS("arn:aws:s3:::assets")), "is not the ARN of a principal"},
	"a principal without an account": {iampolicy.KeyPolicy, principals(iampolicy.AWS("arn:aws:iam:::role/web")), "names no account"},
	"a principal without a type":     {iampolicy.KeyPolicy, principals(iampolicy.AWS("arn:aws:iam::123456789012:web")), "is not the ARN of a role, a user or an account root"},
	"a service without its domain":   {iampolicy.TrustPolicy, principals(iampolicy.Service("ec2")), `"ec2" is not a service principal`},
	"everyone may assume the role":   {iampolicy.TrustPolicy, principals(iampolicy.Anyone()), `"*" is everyone; name the service`},
	"an account may assume the role": {iampolicy.TrustPolicy, principals(iampolicy.AWS(accountRoot)), "is a whole account, and no condition narrows it"},
	"a trust policy for S3":          {iampolicy.TrustPolicy, actions("s3:GetObject"), "is not how a service or a role assumes a role"},
	"a trust policy for everything":  {iampolicy.TrustPolicy, actions("sts:*"), "is not how a service or a role assumes a role"},
	"a resource in a trust policy":   {iampolicy.TrustPolicy, resources(iampolicy.ARN(roleARN)), "cannot stand in a trust policy"},
	"Any in a resource policy":       {iampolicy.ResourcePolicy, resources(iampolicy.Any), "does not say which resource"},
	"all services in a resource":     {iampolicy.ResourcePolicy, actions("*"), "permits every action of every service"},
	"no ARN in a resource policy":    {iampolicy.ResourcePolicy, resources(iampolicy.ARN("assets")), `"assets" is not an ARN; write arn:partition`},
	"neither actions nor exceptions": {iampolicy.IdentityPolicy, actions(), "actions: missing, a statement needs at least one"},
	"exceptions in an Allow":         {iampolicy.IdentityPolicy, notActions(iampolicy.Allow, "rds-db:connect"), "in an Allow permit every action that AWS may ever add"},
	"exceptions beside actions": {iampolicy.IdentityPolicy, func(s *iampolicy.Statement) {
		s.Effect, s.NotActions = iampolicy.Deny, []iampolicy.Action{"rds-db:connect"}
	}, "stand beside actions"},
	"everything excepted":              {iampolicy.IdentityPolicy, notActions(iampolicy.Deny, "*"), `notActions[0]: "*" is a wildcard, which excepts more`},
	"a service excepted":               {iampolicy.IdentityPolicy, notActions(iampolicy.Deny, "rds-db:*"), `"rds-db:*" is a wildcard, which excepts more`},
	"an exception twice":               {iampolicy.IdentityPolicy, notActions(iampolicy.Deny, "rds-db:connect", "rds-db:connect"), `notActions[1]: "rds-db:connect" is listed twice`},
	"an exception without a service":   {iampolicy.ResourcePolicy, notActions(iampolicy.Deny, "connect"), `notActions[0]: "connect" is not an action`},
	"every action through an endpoint": {iampolicy.EndpointPolicy, actions("s3:*"), `"s3:*" is a wildcard, which an Allow may not contain`},
	"nobody through an endpoint":       {iampolicy.EndpointPolicy, principals(), "principals: missing, this kind of policy says who"},
	"a role through an endpoint":       {iampolicy.EndpointPolicy, principals(iampolicy.AWS(roleARN)), "is not whom a gateway endpoint takes"},
	"everyone through an endpoint": {iampolicy.EndpointPolicy, func(s *iampolicy.Statement) {
		s.Resources, s.Conditions = []iampolicy.Resource{iampolicy.ARN("arn:aws:s3:::assets/*")}, nil
	}, "is everyone, and no condition narrows it"},
	"anybody's resources through an endpoint": {iampolicy.EndpointPolicy, condition(iampolicy.When(iampolicy.StringEquals, "aws:PrincipalAccount", "123456789012")), "does not say whose resources"},
	"no ARN through an endpoint":              {iampolicy.EndpointPolicy, resources(iampolicy.ARN("assets")), `"assets" is not an ARN`},
	"everyone under a lax condition": {iampolicy.ResourcePolicy, func(s *iampolicy.Statement) {
		s.Principals = []iampolicy.Principal{iampolicy.Anyone()}
		s.Conditions = []iampolicy.Condition{iampolicy.When(iampolicy.StringNotEquals, "aws:SourceVpc", "vpc-a")}
	}, "is everyone, and no condition narrows it"},
	"everyone under a star condition": {iampolicy.ResourcePolicy, func(s *iampolicy.Statement) {
		s.Principals = []iampolicy.Principal{iampolicy.Anyone()}
		s.Conditions = []iampolicy.Condition{iampolicy.When(iampolicy.StringLike, "aws:SourceVpc", "*")}
	}, "is everyone, and no condition narrows it"},
}

func TestEachFaultIsRefusedAloneAndSaysSo(t *testing.T) {
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, iampolicy.Document{Kind: test.kind, Statements: []iampolicy.Statement{valid(test.kind)}}.Check())
			broken := valid(test.kind)
			test.edit(&broken)
			err := iampolicy.Document{Kind: test.kind, Statements: []iampolicy.Statement{broken}}.Check()
			var failure *iampolicy.Error
			require.ErrorAs(t, err, &failure)
			require.Len(t, failure.Problems, 1, "%v", err)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestADuplicateSidIsRefused(t *testing.T) {
	one := valid(iampolicy.IdentityPolicy)
	require.ErrorContains(t, iampolicy.Identity(one, one).Check(), `statements[1].sid: "One" is the Sid of statements[0] too`)
}

func TestAnEmptyDocumentIsRefused(t *testing.T) {
	for _, document := range []iampolicy.Document{iampolicy.Identity(), iampolicy.Key(), iampolicy.ResourceBased(), iampolicy.Endpoint(), iampolicy.Trust()} {
		require.ErrorContains(t, document.Check(), "statements: missing, a policy needs at least one")
	}
}

func TestWhatIsNarrowEnoughIsAccepted(t *testing.T) {
	for name, test := range map[string]struct {
		kind iampolicy.Kind
		edit edit
	}{
		"an object of a bucket":   {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws:s3:::assets/web/*"))},
		"a managed policy of AWS": {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws:iam::aws:policy/ReadOnlyAccess"))},
		"a GovCloud queue":        {iampolicy.IdentityPolicy, resources(iampolicy.ARN("arn:aws-us-gov:sqs:us-gov-west-1:123456789012:jobs"))},
		"Describe in the Region": {iampolicy.IdentityPolicy, func(s *iampolicy.Statement) {
			anyFor("no resources", "ec2:DescribeSubnets")(s)
			condition(iampolicy.When(iampolicy.StringEquals, "ec2:Region", "eu-central-1"))(s)
		}},
		"one of two keys": {iampolicy.IdentityPolicy, func(s *iampolicy.Statement) {
			anyFor("no resources", "ec2:InjectApiError")(s)
			condition(iampolicy.When(iampolicy.StringEquals.ForAnyValue(), "ec2:FisActionId", "x"))(s)
		}},
		"a policy variable":                   {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.IPAddress, "aws:SourceIp", "${aws:PrincipalTag/range}"))},
		"a tag value with wildcards and Like": {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.StringLike, "aws:PrincipalTag/team", "support-*"))},
		"a Unix date":                         {iampolicy.IdentityPolicy, condition(iampolicy.When(iampolicy.DateLessThan, "aws:TokenIssueTime", "1767225600"))},
		"an encryption context": {iampolicy.KeyPolicy, func(s *iampolicy.Statement) {
			principals(iampolicy.Service("logs.eu-central-1.amazonaws.com"))(s)
			condition(iampolicy.When(iampolicy.ARNEquals, "kms:EncryptionContext:aws:logs:arn", logGroupARN))(s)
		}},
		"a service with a reason": {iampolicy.KeyPolicy, func(s *iampolicy.Statement) {
			principals(iampolicy.Service("cloudwatch.amazonaws.com"))(s)
			s.Reason = "alarms carry no context"
		}},
		"every action of the bucket": {iampolicy.ResourcePolicy, actions("s3:*")},
		"an account with an external id": {iampolicy.TrustPolicy, func(s *iampolicy.Statement) {
			principals(iampolicy.AWS(accountRoot))(s)
			condition(iampolicy.When(iampolicy.StringEquals, "sts:ExternalId", "x"))(s)
		}},
		"everything denied but an action": {iampolicy.IdentityPolicy, notActions(iampolicy.Deny, "rds-db:connect")},
		"the same in a resource policy":   {iampolicy.ResourcePolicy, notActions(iampolicy.Deny, "s3:GetObject")},
		"a bucket of AWS, with a reason": {iampolicy.EndpointPolicy, func(s *iampolicy.Statement) {
			s.Resources, s.Conditions, s.Reason = []iampolicy.Resource{iampolicy.ARN("arn:aws:s3:::layers/*")}, nil, "ECR signs the requests"
		}},
		"an action without resources through an endpoint": {iampolicy.EndpointPolicy, func(s *iampolicy.Statement) {
			condition(iampolicy.When(iampolicy.StringEquals, "aws:PrincipalAccount", "123456789012"))(s)
			s.Reason = "the action has no resource-level support"
		}},
		"a Chinese service": {iampolicy.TrustPolicy, principals(iampolicy.Service("ec2.amazonaws.com.cn"))},
		"a session's role":  {iampolicy.TrustPolicy, principals(iampolicy.AWS("arn:aws:sts::123456789012:assumed-role/web/i-1"))},
		"tags of a session": {iampolicy.TrustPolicy, actions("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")},
	} {
		t.Run(name, func(t *testing.T) {
			statement := valid(test.kind)
			test.edit(&statement)
			require.NoError(t, iampolicy.Document{Kind: test.kind, Statements: []iampolicy.Statement{statement}}.Check())
		})
	}
}
