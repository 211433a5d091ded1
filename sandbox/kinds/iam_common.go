package kinds

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// iamName is what IAM allows in the names of roles, policies and instance profiles.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var (
	iamName     = regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]+$`)
	iamPath     = regexp.MustCompile(`^(/|/[\x21-\x7e]+/)$`)
	managedARN  = regexp.MustCompile(`^arn:[a-z-]+:iam::aws:policy/(aws-service-role/|service-role/|job-function/)?[A-Za-z0-9+=,.@_-]+$`)
	iamNameRule = "only alphanumeric characters, hyphens, underscores, commas, periods, @ symbols, plus and equals signs allowed"
)

// iamNames are the rules of a name: how long it is and what is in it.
func iamNames(longest int) []Rule {
	return []Rule{
		LengthIn("name", 1, longest), Matching("name", iamName, iamNameRule), Conflicting("name", "namePrefix"),
	}
}

// iamPaths is the rule of a path.
func iamPaths() Rule {
	return Rule{Name: "path", Broken: func(d *Draft) *Refusal {
		if text := d.Text("path"); d.Has("path") && !d.At("path").Unknown() && (len(text) > 512 || !iamPath.MatchString(text)) {
			return Refuse("path", "path must begin and end with / and hold at most 512 characters: %q", text)
		}
		return nil
	}}
}

// nameTaken refuses a name that another resource of the type has in the account.
func nameTaken(noun, token string) Rule {
	return Rule{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "EntityAlreadyExists", Broken: func(d *Draft) *Refusal {
		name := d.Text("name")
		if d.FindBy(token, "name", name) == nil {
			return nil
		}
		return Refuse("name", "%s with name %s already exists.", noun, name)
	}}
}

// prefixedName is the name when the program gives a prefix, or nothing at all.
func prefixedName() Output {
	return Output{Name: "name", Value: func(d *Draft) resource.PropertyValue { return Text(d.Text("namePrefix") + d.Digits("name", 26)) }}
}

// iamARN of a resource with a path, such as arn:aws:iam::123456789012:role/service/web.
func iamPathARN(noun string) Output {
	return Output{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
		return Text(d.GlobalARN("iam", noun+orElse(d.Text("path"), "/")+d.Output("name").Text()))
	}}
}

// uniqueID is an id of IAM that is never used again: its prefix and 17 capitals and digits.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
func uniqueID(prefix string) Output {
	return Output{Name: "uniqueId", Value: func(d *Draft) resource.PropertyValue {
		return Text(prefix + strings.ToUpper(d.Hex("unique", 17)))
	}}
}

// createDate is when IAM made it.
func createDate() Output {
	return Output{Name: "createDate", Value: func(d *Draft) resource.PropertyValue { return Text(d.Created().Format(time.RFC3339)) }}
}

// toRole is a property with the name of a role. A role's id is its name.
func toRole(path string) Reference {
	return Reference{Path: path, To: []string{Role}, Code: "NoSuchEntity", Message: "The role with name %s cannot be found."}
}

// attachable refuses a managed policy that AWS could not attach. The sandbox has no customer managed policies, and takes
// every well-formed name for one of AWS's own.
func attachable(path string) Rule {
	return Rule{Name: "attachable policy in " + path, Stage: AtApply, Code: "NoSuchEntity", Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			if !managedARN.MatchString(value.Text()) || !strings.HasPrefix(value.Text(), "arn:"+d.Partition()+":") {
				return Refuse(value.Path(), "Policy %s does not exist or is not attachable.", value.Text())
			}
		}
		return nil
	}}
}

// mostManaged is how many managed policies a role may have unless the account's quota was raised.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const mostManaged = 10

// mostInline is the size of all inline policies of a role together, in characters without white space.
const mostInline = 10240

func inlineTooLarge(role string) string {
	return fmt.Sprintf("Maximum policy size of %d bytes exceeded for role %s", mostInline, role)
}
