package kinds

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// An internet gateway may be detached while NAT gateways of its VPC still have addresses: AWS refuses that with
// DependencyViolation, but the real provider waits until they are gone, so no rule refuses it here.
var _ = register(&Kind{
	Token:    InternetGateway,
	Args:     ec2.InternetGatewayArgs{},
	Resource: &ec2.InternetGateway{},
	API:      API{Service: "EC2", Noun: "EC2 Internet Gateway", Create: "CreateInternetGateway", Update: "AttachInternetGateway", Delete: "DeleteInternetGateway"},
	References: []Reference{func() Reference {
		attached := toVPC("vpcId")
		attached.Operation = "AttachInternetGateway"
		return attached
	}()},
	Rules: []Rule{
		{Name: "one gateway a VPC", Stage: AtApply, Code: codeInvalidValue, Operation: "AttachInternetGateway", Broken: func(d *Draft) *Refusal {
			if !d.Has("vpcId") || len(d.UsedBy(InternetGateway, "vpcId", d.Text("vpcId"))) == 0 {
				return nil
			}
			return Refuse("vpcId", "Network %s already has an internet gateway attached", d.Text("vpcId"))
		}},
	},
	ID: ec2ID("igw"),
	Computed: []Output{
		ec2ARN("internet-gateway", "igw"), ownerID(),
		{Name: "vpcId", Value: func(*Draft) resource.PropertyValue { return Text("") }},
	},
})
