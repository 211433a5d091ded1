// Package kinds is what the sandbox knows of AWS: one Kind a resource type, one file a Kind. Property names, their types
// and which of them are required come from the Pulumi SDK by reflection; a Kind adds only what AWS and its provider do
// with them: names they choose, defaults, references that must exist, values and combinations they refuse, what forces
// a replacement, what stands in the way of a deletion, and what AWS answers.
//
// Everything here is pure: it reads a World and returns what would happen. Storing the result is the caller's business.
package kinds

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Kind is one AWS resource type.
type Kind struct {
	// Token is the Pulumi type token, one of the constants of this package.
	Token string
	// Args is the zero value of the SDK's argument struct, such as lb.LoadBalancerArgs{}: the input properties, their
	// types, and which scalars are required.
	Args pulumi.Input
	// Resource is a pointer to the zero value of the SDK's resource struct, such as &lb.LoadBalancer{}: the outputs.
	Resource pulumi.Resource
	// RequiredLists names the required top-level properties that are arrays, maps or objects. Go's types cannot say
	// that these are required, so a test holds this list equal to what the SDK's constructor insists on.
	RequiredLists []string

	// API says how AWS and its provider name this type in errors.
	API API
	// Global is true for types that an account has once and not once a Region, such as IAM's.
	Global bool
	// Name is how the provider chooses a physical name when the program gives none; nil when the type has no name.
	Name *AutoName

	// Defaults are input values that the provider fills in at plan time when the program leaves them out.
	Defaults []Default
	// Secrets names the top-level properties whose values are secret even when the program does not mark them.
	Secrets []string

	// References are the properties that point at other resources.
	References []Reference
	// Rules are the values and combinations that the provider or AWS refuse.
	Rules []Rule
	// DeleteRules are AWS's reasons to refuse a deletion.
	DeleteRules []DeleteRule

	// Replaces names the properties whose change forces a new resource. A path covers everything below it; [] stands
	// for every index, as in networkInterfaces[].subnetId.
	Replaces []string
	// ReplacesWhen returns further such paths for changes that force a new resource only sometimes. It may be nil.
	ReplacesWhen func(d *Draft) []string
	// DeleteBeforeReplace is true when the old and the new one cannot exist beside each other.
	DeleteBeforeReplace bool
	// Sets names list properties in which order means nothing, so that reordering one is no change.
	Sets []string

	// ID is the identifier that AWS answers, such as vpc-0a1b2c3d4e5f60718. It may read d.Output of the Computed ones.
	ID func(d *Draft) string
	// Computed are the outputs that AWS or the provider answer beyond the inputs, computed in this order.
	Computed []Output
	// Absent explains, by name, each output that is rightly left unset although the SDK's type says it has a value.
	Absent map[string]string
}

// API is how the errors of the real provider name a type and its operations:
// creating ELBv2 Load Balancer (web): operation error Elastic Load Balancing v2: CreateLoadBalancer, api error CODE: message.
type API struct {
	// Service is the AWS SDK's service id, such as "Elastic Load Balancing v2", "EC2" or "IAM".
	Service string
	// Noun is the provider's word for the type, such as "ELBv2 Load Balancer".
	Noun string
	// Create, Update and Delete are the API operations, such as CreateLoadBalancer.
	Create, Update, Delete string
}

// AutoName is how the provider names a resource whose program does not: the logical name and seven characters.
type AutoName struct {
	// Property receives the name. A program that sets it (or the Unless properties, such as namePrefix) gets what it asks.
	Property string
	// Max is the longest name that AWS takes, in characters.
	Max int
	// Separator stands between the logical name and the characters. Empty means "-".
	Separator string
	// Lower is true where AWS takes lower-case letters only.
	Lower bool
	// Prefix and Suffix stand around the whole, such as alias/ of KMS and .fifo of queues.
	Prefix, Suffix string
	// Unless names properties that, when set, keep the provider from choosing a name.
	Unless []string
}

// Default is one value that the provider fills in.
type Default struct {
	// Path is the property, such as idleTimeout or healthCheck.interval. A nested default is filled in only where its
	// parent exists; [] stands for every index of a list.
	Path string
	// Value is what it fills in.
	Value resource.PropertyValue
	// When restricts the default to some drafts; nil means all.
	When func(d *Draft) bool
}

// Reference is a property whose value must be the identifier of something that exists in the same account and Region.
type Reference struct {
	// Path is the property; [] stands for every index, as in subnetMappings[].subnetId.
	Path string
	// To are the tokens of the types it may point at.
	To []string
	// By is the output that the value equals, such as arn or name. Empty means the id.
	By string
	// Code is AWS's error code when nothing is there, such as InvalidSubnetID.NotFound.
	Code string
	// Message is AWS's message, with one %s for the value, such as "The subnet ID '%s' does not exist".
	Message string
	// Operation is the API operation that refuses; empty means that of API.
	Operation string
	// Skip is true for values that need no counterpart, such as the name of an AWS managed key; nil means none.
	Skip func(value string) bool
	// AnyRegion is true where AWS accepts something of another Region.
	AnyRegion bool
}

// RuleName is the name by which a test refers to a Reference.
func (r Reference) RuleName() string { return "reference " + r.Path }

// Stage is when a rule refuses.
type Stage int

// The stages.
const (
	// AtCheck is plan time: the provider refuses before anything is done, naming a property. There is no World yet.
	AtCheck Stage = iota
	// AtApply is when AWS is asked: the API refuses with a code.
	AtApply
)

// When restricts a rule to some operations.
type When int

// The restrictions.
const (
	// Always is on creation and on update.
	Always When = iota
	// OnCreate is on creation only.
	OnCreate
	// OnUpdate is on update only.
	OnUpdate
)

// Rule is one thing that the provider or AWS refuses. A rule that read a value which is unknown during a preview never
// refuses, whatever it returns.
type Rule struct {
	// Name says what is refused and is unique within its Kind, such as "subnets in one zone only".
	Name string
	// Stage is when it is refused.
	Stage Stage
	// When restricts it to creations or updates.
	When When
	// Code is AWS's error code; only AtApply.
	Code string
	// Operation is the API operation that refuses; empty means that of API.
	Operation string
	// Broken returns nil for a draft that is fine, otherwise what Refuse makes.
	Broken func(d *Draft) *Refusal
}

// Refusal is why a rule refuses a draft.
type Refusal struct {
	// Path is the property to blame, such as subnets or healthCheck.timeout; AtApply it may be empty.
	Path string
	// Message is what AWS or its provider says.
	Message string
}

// Refuse makes a Refusal of the property at path, formatting the message like fmt.Sprintf.
func Refuse(path, format string, args ...any) *Refusal {
	return &Refusal{Path: path, Message: fmt.Sprintf(format, args...)}
}

// DeleteRule is one reason for AWS to refuse a deletion.
type DeleteRule struct {
	// Name says what stands in the way and is unique within its Kind, such as "deletion protection".
	Name string
	// Code is AWS's error code, such as DependencyViolation.
	Code string
	// Operation is the API operation that refuses; empty means API.Delete.
	Operation string
	// Blocked returns AWS's message, or nothing when this rule does not stand in the way. The draft's inputs are those
	// of the last update, d.ID and d.Output what AWS answered then.
	Blocked func(d *Draft) string
}

// Output is one computed output.
type Output struct {
	// Name is the property of the SDK's resource struct, such as arn.
	Name string
	// Value computes it. During a creation's preview it is not called: the output is unknown. A draft whose input of the
	// same name is set keeps the input, unless Always.
	Value func(d *Draft) resource.PropertyValue
	// Always is true when AWS's answer wins over the input of the same name.
	Always bool
	// Fresh is true when the update of this draft will change the output in a way that the preview cannot foretell, so
	// that it is unknown there, such as latestVersion. Nil means that Value foretells it.
	Fresh func(d *Draft) bool
}
