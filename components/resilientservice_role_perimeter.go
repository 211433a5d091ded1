package components

import "github.com/aplomb-iac/aplomb/internal/iampolicy"

// vpcSlot is where the id of the VPC goes.
const vpcSlot = "vpc"

// passesNoEndpoint are the actions that the perimeter lets be, because their requests never pass a VPC endpoint: a database checks
// rds-db:connect when a client of the VPC connects to it, and its security group says who can
// (https://github.com/aws-samples/data-perimeter-policy-examples, "services and actions that require an exception").
func passesNoEndpoint() []iampolicy.Action { return []iampolicy.Action{"rds-db:connect"} }

// pulls are what Docker asks the registry for. Docker does not sign these requests with the role's credentials: it shows the token
// that GetAuthorizationToken, which is signed, gave it, and the registry authorizes them as the role
// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html). The keys about the instance are documented for requests that
// are signed with its credentials only, so whether a pull has them is not known, and a statement that held without them could keep
// every instance from booting.
func pulls() []iampolicy.Action {
	return []iampolicy.Action{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
}

// perimeterStatements make the role's credentials useless anywhere but where they were issued, from the first second and without
// anybody noticing the theft: each denies, whatever else is allowed, requests that
//
//   - did not pass an endpoint of the service's own VPC. AWS tells the VPC only of requests that passed an endpoint; a request
//     over the internet has no such key, and a negated operator holds without the key;
//   - were signed with credentials that were delivered to an instance elsewhere, or to none: the role has been handed to an instance
//     of another VPC, or assumed in a way that its trust policy does not foresee. For pulls, only where AWS says whose they are;
//   - go to another Region. The id of a VPC is unique in its Region only
//     (https://docs.aws.amazon.com/signin/latest/userguide/console-access-control.html);
//   - come from another address than that of the instance which the credentials were delivered to. The two keys are compared where
//     both are there; without them the first two statements decide.
//
// None of them denies what AWS does with the role's credentials on its behalf (forward access sessions), such as the decryption of a
// secret: of the VPC, those requests say nothing. The keys and AWS's own examples:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-ec2instancesourcevpc.
func perimeterStatements(region string) []iampolicy.Statement {
	own := []iampolicy.Value{iampolicy.Slot(vpcSlot, "")}
	elsewhere := iampolicy.Condition{Operator: iampolicy.StringNotEquals, Key: "aws:Ec2InstanceSourceVpc", Values: own}
	noInstance := outside("OfNoInstanceInTheVPC", elsewhere)
	noInstance.NotActions = append(noInstance.NotActions, pulls()...)
	pulledElsewhere := outside("PullsOfAnInstanceElsewhere", elsewhere, iampolicy.When(iampolicy.Null, "aws:Ec2InstanceSourceVpc", "false"))
	pulledElsewhere.NotActions, pulledElsewhere.Actions = nil, pulls()
	return []iampolicy.Statement{
		outside("OutsideTheVPC", iampolicy.Condition{Operator: iampolicy.StringNotEquals, Key: "aws:SourceVpc", Values: own}),
		noInstance, pulledElsewhere,
		outside("ToAnotherRegion", iampolicy.When(iampolicy.StringNotEquals, "aws:RequestedRegion", region)),
		outside("FromAnotherInstance",
			iampolicy.When(iampolicy.StringNotEquals, "aws:Ec2InstanceSourcePrivateIPv4", "${aws:VpcSourceIp}"),
			iampolicy.When(iampolicy.Null, "aws:Ec2InstanceSourcePrivateIPv4", "false"),
			iampolicy.When(iampolicy.Null, "aws:VpcSourceIp", "false")),
	}
}

// outside denies everything that passes an endpoint under the conditions, unless AWS makes the request. AWS always says whether it
// does (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-viaawsservice);
// should it not, the request is denied.
func outside(sid string, conditions ...iampolicy.Condition) iampolicy.Statement {
	return iampolicy.Statement{
		Sid: sid, Effect: iampolicy.Deny,
		NotActions: passesNoEndpoint(), Resources: []iampolicy.Resource{iampolicy.Any},
		Conditions: append(conditions, iampolicy.When(iampolicy.Bool.IfExists(), "aws:ViaAWSService", "false")),
	}
}
