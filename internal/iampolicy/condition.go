package iampolicy

import "strings"

// Operator is how a condition compares, such as StringEquals.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type Operator string

// The condition operators of IAM.
const (
	StringEquals              Operator = "StringEquals"
	StringNotEquals           Operator = "StringNotEquals"
	StringEqualsIgnoreCase    Operator = "StringEqualsIgnoreCase"
	StringNotEqualsIgnoreCase Operator = "StringNotEqualsIgnoreCase"
	StringLike                Operator = "StringLike"
	StringNotLike             Operator = "StringNotLike"
	NumericEquals             Operator = "NumericEquals"
	NumericNotEquals          Operator = "NumericNotEquals"
	NumericLessThan           Operator = "NumericLessThan"
	NumericLessThanEquals     Operator = "NumericLessThanEquals"
	NumericGreaterThan        Operator = "NumericGreaterThan"
	NumericGreaterThanEquals  Operator = "NumericGreaterThanEquals"
	DateEquals                Operator = "DateEquals"
	DateNotEquals             Operator = "DateNotEquals"
	DateLessThan              Operator = "DateLessThan"
	DateLessThanEquals        Operator = "DateLessThanEquals"
	DateGreaterThan           Operator = "DateGreaterThan"
	DateGreaterThanEquals     Operator = "DateGreaterThanEquals"
	Bool                      Operator = "Bool"
	BinaryEquals              Operator = "BinaryEquals"
	IPAddress                 Operator = "IpAddress"
	NotIPAddress              Operator = "NotIpAddress"
	ARNEquals                 Operator = "ArnEquals"
	ARNNotEquals              Operator = "ArnNotEquals"
	ARNLike                   Operator = "ArnLike"
	ARNNotLike                Operator = "ArnNotLike"
	Null                      Operator = "Null"
)

// The ways in which an operator treats a key with several values, and a key that a request does not carry.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
const (
	forAnyValue  = "ForAnyValue:"
	forAllValues = "ForAllValues:"
	ifExists     = "IfExists"
)

// ForAnyValue matches when one value of a multivalued key matches.
func (o Operator) ForAnyValue() Operator { return forAnyValue + o }

// ForAllValues matches when every value of a multivalued key matches; a request without the key matches too.
func (o Operator) ForAllValues() Operator { return forAllValues + o }

// IfExists matches also when the request does not carry the key.
func (o Operator) IfExists() Operator { return o + ifExists }

// known says whether IAM has the operator. Null has no IfExists form.
func (o Operator) known() bool {
	base := strings.TrimPrefix(strings.TrimPrefix(string(o), forAnyValue), forAllValues)
	if len(string(o))-len(base) > len(forAllValues) {
		return false
	}
	trimmed := strings.TrimSuffix(base, ifExists)
	if trimmed == string(Null) && trimmed != base {
		return false
	}
	return baseOperators[Operator(trimmed)]
}

// widens says whether the operator is true for a request that does not carry the key, and so narrows nothing by itself.
func (o Operator) widens() bool {
	return strings.HasPrefix(string(o), forAllValues) || strings.HasSuffix(string(o), ifExists)
}

var baseOperators = map[Operator]bool{
	StringEquals: true, StringNotEquals: true, StringEqualsIgnoreCase: true, StringNotEqualsIgnoreCase: true,
	StringLike: true, StringNotLike: true,
	NumericEquals: true, NumericNotEquals: true, NumericLessThan: true, NumericLessThanEquals: true,
	NumericGreaterThan: true, NumericGreaterThanEquals: true,
	DateEquals: true, DateNotEquals: true, DateLessThan: true, DateLessThanEquals: true,
	DateGreaterThan: true, DateGreaterThanEquals: true,
	Bool: true, BinaryEquals: true, IPAddress: true, NotIPAddress: true,
	ARNEquals: true, ARNNotEquals: true, ARNLike: true, ARNNotLike: true, Null: true,
}

// Condition narrows a statement to requests whose key compares with one of the values.
type Condition struct {
	Operator Operator
	// Key is a condition key, such as aws:SourceAccount.
	Key    string
	Values []Value
}

// When is a Condition on values that are known when the program runs.
func When(operator Operator, key string, values ...string) Condition {
	condition := Condition{Operator: operator, Key: key}
	for _, text := range values {
		condition.Values = append(condition.Values, Text(text))
	}
	return condition
}

// narrows says whether the condition must find one of its values in the request.
func (c Condition) narrows() bool {
	if c.Operator.widens() || c.Operator == Null || strings.Contains(string(c.Operator), "Not") {
		return false
	}
	for _, each := range c.Values {
		if each == nil || each.condition().literal == wildcard {
			return false
		}
	}
	return len(c.Values) > 0
}
