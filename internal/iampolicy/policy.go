// Package iampolicy is IAM policy documents as types: identity policies, key, resource and endpoint policies, trust policies.
//
// A document is plain data that is checked before any ARN is known. An ARN that arrives late is a named [Slot]; [Document.JSON]
// fills the slots and prints the document so that equal permissions give equal text.
//
// An Allow of an identity policy is narrow by construction: it names every action, and it covers every resource ([Any]) only
// for actions that AWS cannot limit to a resource, with a written reason. A Deny may be wide, and may state its actions by what it
// excepts.
package iampolicy

// Version is the policy language version of every document.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const Version = "2012-10-17"

// Kind says where a document is attached, which decides what it must and may not contain.
type Kind string

// The kinds of document.
const (
	// IdentityPolicy is attached to a role: no principals; every Allow names its actions and resources.
	IdentityPolicy Kind = "identity policy"
	// KeyPolicy is attached to a KMS key: each statement has principals, and its resource is Any, which means the key itself.
	// Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
	KeyPolicy Kind = "key policy"
	// ResourcePolicy is attached to another resource, such as a bucket or a topic: each statement has principals and resources.
	ResourcePolicy Kind = "resource policy"
	// EndpointPolicy is attached to a VPC endpoint and bounds what passes it: each statement has principals and resources; every
	// Allow names its actions.
	// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
	EndpointPolicy Kind = "endpoint policy"
	// TrustPolicy says who may assume a role: principals, sts actions, no resources.
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
	TrustPolicy Kind = "trust policy"
)

// Document is one policy. Build it with Identity, Key, ResourceBased, Endpoint or Trust.
type Document struct {
	Kind       Kind
	Statements []Statement
}

// Identity is a policy that is attached to a role.
func Identity(statements ...Statement) Document {
	return Document{Kind: IdentityPolicy, Statements: statements}
}

// Key is the policy of a KMS key.
func Key(statements ...Statement) Document {
	return Document{Kind: KeyPolicy, Statements: statements}
}

// ResourceBased is the policy of a resource other than a key, such as a bucket, a topic or a secret.
func ResourceBased(statements ...Statement) Document {
	return Document{Kind: ResourcePolicy, Statements: statements}
}

// Endpoint is the policy of a VPC endpoint.
func Endpoint(statements ...Statement) Document {
	return Document{Kind: EndpointPolicy, Statements: statements}
}

// Trust says who may assume a role.
func Trust(statements ...Statement) Document {
	return Document{Kind: TrustPolicy, Statements: statements}
}

// Effect is what a statement does with the requests it matches.
type Effect string

// The effects. There is no default: a statement without an effect is refused.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Action is one API action as IAM names it, such as s3:GetObject.
type Action string

// Statement is one permission. Whether Principals and Resources must be there depends on the kind of the document.
type Statement struct {
	// Sid names the statement within its document: letters and digits, unique.
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
	Sid        string
	Effect     Effect
	Principals []Principal
	Actions    []Action
	// NotActions stand in place of Actions: the statement is about every action but these. Only a Deny takes them, since an Allow
	// would grow with every action that AWS adds, and each is named, since a wildcard would except more than was looked at.
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
	NotActions []Action
	Resources  []Resource
	Conditions []Condition
	// Reason says why the statement must be as wide as it is. It is required beside Any in an identity Allow, beside a service
	// principal that no condition narrows in a key or resource policy, and in an endpoint policy beside everyone whom no
	// condition narrows, and beside Any without a condition on aws:ResourceAccount. It is not part of the JSON.
	Reason string
}

// Principal is who a statement of a key, resource or trust policy is about.
type Principal struct {
	kind  string
	value string
}

// Service is an AWS service, such as Service("ec2.amazonaws.com").
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
func Service(name string) Principal { return Principal{kind: principalService, value: name} }

// AWS is an IAM role or user by its ARN, such as AWS("arn:aws:iam::123456789012:role/web"). The root of an account
// (arn:aws:iam::123456789012:root) stands for whomever the account's own identity policies allow.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func AWS(arn string) Principal { return Principal{kind: principalAWS, value: arn} }

// Anyone is every principal of every account. An Allow for it needs a condition.
func Anyone() Principal { return Principal{kind: principalAWS, value: wildcard} }

const (
	principalService = "Service"
	principalAWS     = "AWS"
	wildcard         = "*"
)

// Resource is what a statement covers: an ARN, a Slot, or Any.
type Resource interface{ resource() value }

// Value is what a condition compares with: Text, an ARN or a Slot.
type Value interface{ condition() value }

// value is a literal, or a slot with the suffix that follows its content.
type value struct {
	literal string
	slot    string
	suffix  string
	any     bool
}

// ARN is a resource that is known when the program runs, such as ARN("arn:aws:s3:::assets/*").
type ARN string

func (a ARN) resource() value  { return value{literal: string(a)} }
func (a ARN) condition() value { return value{literal: string(a)} }

// Text is a value of a condition.
type Text string

func (t Text) condition() value { return value{literal: string(t)} }

// Late is a value that arrives when a resource has been created.
type Late struct{ value value }

// Slot is a value that arrives late: what JSON is given under name, followed by suffix. A log group's streams are
// Slot("logGroup", ":*").
func Slot(name, suffix string) Late { return Late{value: value{slot: name, suffix: suffix}} }

func (l Late) resource() value  { return l.value }
func (l Late) condition() value { return l.value }

type anyResource struct{}

func (anyResource) resource() value { return value{literal: wildcard, any: true} }

// Any is every resource ("*"). In a key policy it means the key itself. In an identity Allow it needs actions that have no
// resource-level support, the condition key that narrows them where there is one, and a Reason.
var Any Resource = anyResource{}
