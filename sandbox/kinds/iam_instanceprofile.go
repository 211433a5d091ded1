package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
)

// An instance profile may be deleted whoever uses it: instances that run keep their credentials until these expire.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
var _ = register(&Kind{
	Token:      InstanceProfile,
	Args:       iam.InstanceProfileArgs{},
	Resource:   &iam.InstanceProfile{},
	Global:     true,
	API:        API{Service: "IAM", Noun: "IAM Instance Profile", Create: "CreateInstanceProfile", Update: "AddRoleToInstanceProfile", Delete: "DeleteInstanceProfile"},
	Name:       &AutoName{Property: "name", Max: 128, Unless: []string{"namePrefix"}},
	Defaults:   []Default{{Path: "path", Value: Text("/")}},
	References: []Reference{toRole("role")},
	Rules:      slices.Concat(iamNames(128), []Rule{iamPaths(), nameTaken("Instance Profile", InstanceProfile)}),
	Replaces:   []string{"name", "namePrefix", "path"},
	ID:         func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")), iamPathARN("instance-profile"), uniqueID("AIPA"), createDate(),
	},
})
