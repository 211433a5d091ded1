package kinds

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var aliasName = regexp.MustCompile(`^alias/[0-9A-Za-z_/-]+$`)

// Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
var _ = register(&Kind{
	Token:    KeyAlias,
	Args:     kms.AliasArgs{},
	Resource: &kms.Alias{},
	API:      API{Service: "KMS", Noun: "KMS Alias", Create: "CreateAlias", Update: "UpdateAlias", Delete: "DeleteAlias"},
	Name:     &AutoName{Property: "name", Max: 256, Prefix: "alias/", Unless: []string{"namePrefix"}},
	Rules: []Rule{
		LengthIn("name", 1, 256), Conflicting("name", "namePrefix"),
		Matching("name", aliasName, "name must begin with 'alias/' and be comprised of only [a-zA-Z0-9/_-]"),
		Matching("namePrefix", aliasName, "name must begin with 'alias/' and be comprised of only [a-zA-Z0-9/_-]"),
		{Name: "an alias of AWS", Stage: AtApply, Code: "NotAuthorizedException", Broken: func(d *Draft) *Refusal {
			if strings.HasPrefix(d.Text("name")+d.Text("namePrefix"), "alias/aws/") {
				return Refuse("name", "Aliases that begin with alias/aws/ are reserved for AWS managed keys")
			}
			return nil
		}},
		{Name: "a key that exists", Stage: AtApply, Code: "NotFoundException", Broken: func(d *Draft) *Refusal {
			id := d.Text("targetKeyId")
			if d.Find(Key, id) == nil && d.FindBy(Key, "arn", id) == nil {
				return Refuse("targetKeyId", "Key '%s' does not exist", id)
			}
			return nil
		}},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "AlreadyExistsException", Broken: func(d *Draft) *Refusal {
			if d.Find(KeyAlias, d.Text("name")) != nil {
				return Refuse("name", "An alias with the name %s already exists", d.ARN("kms", d.Text("name")))
			}
			return nil
		}},
	},
	Replaces: []string{"name", "namePrefix"},
	ID:       func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("kms", d.Output("name").Text())) }},
		{Name: "targetKeyArn", Value: func(d *Draft) resource.PropertyValue {
			if key := d.Find(Key, d.Text("targetKeyId")); key != nil {
				return Text(key.Text("arn"))
			}
			return Text(d.Text("targetKeyId"))
		}},
	},
})
