package kinds

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
)

// notThere is AWS WAF's answer to a reference to nothing.
const notThere = "AWS WAF couldn’t perform the operation because your resource doesn’t exist. (%s)"

// Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html
var _ = register(&Kind{
	Token:    WebACLAssociation,
	Args:     wafv2.WebAclAssociationArgs{},
	Resource: &wafv2.WebAclAssociation{},
	API:      API{Service: "WAFV2", Noun: "WAFv2 WebACL Association", Create: "AssociateWebACL", Update: "AssociateWebACL", Delete: "DisassociateWebACL"},
	References: []Reference{
		{Path: "webAclArn", To: []string{WebACL}, By: "arn", Code: "WAFNonexistentItemException", Message: notThere},
		{Path: "resourceArn", To: []string{LoadBalancer}, Code: "WAFNonexistentItemException", Message: notThere,
			Skip: func(arn string) bool { return !strings.Contains(arn, ":loadbalancer/app/") }},
	},
	Rules: []Rule{
		validARN("webAclArn"), validARN("resourceArn"),
		{Name: notInSandbox, Broken: func(d *Draft) *Refusal {
			if arn := d.Text("resourceArn"); arn != "" && splitARN(arn) != nil && !strings.Contains(arn, ":loadbalancer/app/") {
				return Refuse("resourceArn", "resourceArn: the sandbox has web ACLs of Application Load Balancers only")
			}
			return nil
		}},
		// AWS takes a second association and drops the first without a word. The end of the first then ends the second too, so
		// that after a replacement nothing stands before the load balancer: https://github.com/pulumi/pulumi-aws/issues/4782.
		// The sandbox refuses what AWS lets happen.
		{Name: "one web ACL a load balancer", Stage: AtApply, Code: byProvider, When: OnCreate, Broken: func(d *Draft) *Refusal {
			for _, other := range d.UsedBy(WebACLAssociation, "resourceArn", d.Text("resourceArn")) {
				return Refuse("resourceArn", "%s has the web ACL %s already: AWS would put this one in its place, and the deletion of the other association would take this one away too; delete before replacing", d.Text("resourceArn"), other.Text("webAclArn"))
			}
			return nil
		}},
	},
	Replaces: []string{"webAclArn", "resourceArn"},
	ID:       func(d *Draft) string { return d.Text("webAclArn") + "," + d.Text("resourceArn") },
})

// validARN refuses at plan time what is no ARN, as the provider does.
func validARN(path string) Rule {
	return Rule{Name: "ARN in " + path, Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			if !value.Unknown() && splitARN(value.Text()) == nil {
				return Refuse(value.Path(), "%q (%s) is an invalid ARN: arn: invalid prefix", value.Path(), value.Text())
			}
		}
		return nil
	}}
}
