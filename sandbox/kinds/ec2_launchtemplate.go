package kinds

import (
	"encoding/base64"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// mostUserData is the limit of user data before base64, in bytes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html.
const mostUserData = 16384

var (
	imageID      = regexp.MustCompile(`^(ami-([0-9a-f]{8}|[0-9a-f]{17})|resolve:ssm:.+)$`)
	templateName = regexp.MustCompile(`^[0-9a-zA-Z()./_\-]+$`)
	arnShape     = regexp.MustCompile(`^arn:[^:]+:[^:]+:`)
)

// EC2 checks little when a launch template is created and the rest when instances are launched from it, which is when an
// Auto Scaling group takes it. The sandbox launches no instances, so it refuses here, with the codes of RunInstances.
var _ = register(&Kind{
	Token:    LaunchTemplate,
	Args:     ec2.LaunchTemplateArgs{},
	Resource: &ec2.LaunchTemplate{},
	API:      API{Service: "EC2", Noun: "EC2 Launch Template", Create: "CreateLaunchTemplate", Update: "CreateLaunchTemplateVersion", Delete: "DeleteLaunchTemplate"},
	Name:     &AutoName{Property: "name", Max: 128, Unless: []string{"namePrefix"}},
	References: []Reference{
		toSecurityGroup("vpcSecurityGroupIds[]"), toSecurityGroup("networkInterfaces[].securityGroups[]"), toSubnet("networkInterfaces[].subnetId"),
		{Path: "iamInstanceProfile.arn", To: []string{InstanceProfile}, By: "arn", Code: codeInvalidValue,
			Message: "Value (%s) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN"},
		{Path: "iamInstanceProfile.name", To: []string{InstanceProfile}, By: "name", Code: codeInvalidValue,
			Message: "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"},
		{Path: "blockDeviceMappings[].ebs.kmsKeyId", To: []string{Key}, By: "arn", Code: "InvalidKMSKey.InvalidState",
			Message: "The KMS key '%s' does not exist"},
	},
	Rules: slices.Concat([]Rule{
		lacking("EC2-Classic groups, snapshots, dedicated hosts and placement groups", "securityGroupNames[]", "blockDeviceMappings[].ebs.snapshotId",
			"placement.hostId", "placement.hostResourceGroupArn", "placement.groupName", "networkInterfaces[].networkInterfaceId", "kernelId", "ramDiskId"),
		LengthIn("name", 3, 128), Matching("name", templateName, "only letters, digits and ()./_-"), LengthIn("description", 0, 255),
		Conflicting("name", "namePrefix"), Conflicting("defaultVersion", "updateDefaultVersion"), Conflicting("instanceType", "instanceRequirements"),
		Conflicting("iamInstanceProfile.arn", "iamInstanceProfile.name"),
		OneOf("metadataOptions.httpEndpoint", "enabled", "disabled"), OneOf("metadataOptions.httpTokens", "optional", "required"),
		OneOf("metadataOptions.httpProtocolIpv6", "enabled", "disabled"), OneOf("metadataOptions.instanceMetadataTags", "enabled", "disabled"),
		// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateInstanceMetadataOptionsRequest.html
		InRange("metadataOptions.httpPutResponseHopLimit", 1, 64),
		OneOf("instanceInitiatedShutdownBehavior", "stop", "terminate"), OneOf("creditSpecification.cpuCredits", "standard", "unlimited"),
		OneOf("instanceMarketOptions.marketType", "spot", "capacity-block"), OneOf("maintenanceOptions.autoRecovery", "default", "disabled"),
		OneOf("tagSpecifications[].resourceType", "instance", "volume", "network-interface", "spot-instances-request"),
		textFlag("ebsOptimized"), textFlag("networkInterfaces[].associatePublicIpAddress"), textFlag("networkInterfaces[].deleteOnTermination"),
		zoneOfRegion("placement.availabilityZone"),
		{Name: "name once a Region", Stage: AtApply, Code: "InvalidLaunchTemplateName.AlreadyExistsException", When: OnCreate, Broken: func(d *Draft) *Refusal {
			if d.FindBy(LaunchTemplate, "name", d.Text("name")) == nil {
				return nil
			}
			return Refuse("name", "Launch template name already in use.")
		}},
		{Name: "image id", Stage: AtApply, Code: "InvalidAMIID.Malformed", Broken: func(d *Draft) *Refusal {
			if id := d.Text("imageId"); id != "" && !imageID.MatchString(id) {
				return Refuse("imageId", "Invalid id: \"%s\" (expecting \"ami-...\")", id)
			}
			return nil
		}},
		{Name: "instance type", Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			if name := d.Text("instanceType"); name != "" && !knownInstanceType(name) {
				return Refuse("instanceType", "%s", unknownInstanceType(name))
			}
			return nil
		}},
		{Name: "user data in base64", Stage: AtApply, Code: "InvalidUserData.Malformed", Broken: func(d *Draft) *Refusal {
			if _, err := base64.StdEncoding.DecodeString(d.Text("userData")); err != nil {
				return Refuse("userData", "Invalid BASE64 encoding of user data.")
			}
			return nil
		}},
		{Name: "length of user data", Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			if decoded, err := base64.StdEncoding.DecodeString(d.Text("userData")); err == nil && len(decoded) > mostUserData {
				return Refuse("userData", "User data is limited to %d bytes: these are %d", mostUserData, len(decoded))
			}
			return nil
		}},
		{Name: "groups of the instance or of its interfaces", Stage: AtApply, Code: codeInvalidCombination, Broken: func(d *Draft) *Refusal {
			if len(d.Each("networkInterfaces[]")) == 0 || len(d.At("vpcSecurityGroupIds").List()) == 0 {
				return nil
			}
			return Refuse("vpcSecurityGroupIds", "Network interfaces and an instance-level security groups may not be specified on the same request")
		}},
		{Name: "groups of one VPC", Stage: AtApply, Code: codeInvalidParameter, Broken: templateGroups},
	}, volumeRules()),
	Replaces: []string{"name", "namePrefix"},
	Sets:     []string{"vpcSecurityGroupIds", "networkInterfaces[].securityGroups", "securityGroupNames"},
	ID:       ec2ID("lt"),
	Computed: []Output{
		ec2ARN("launch-template", "lt"), fixed("namePrefix", Text("")),
		{Name: "name", Value: func(d *Draft) resource.PropertyValue { return Text(d.Text("namePrefix") + d.Digits("name", 26)) }},
		{Name: "latestVersion", Value: func(d *Draft) resource.PropertyValue { return Number(templateVersion(d)) }},
		{Name: "defaultVersion", Value: func(d *Draft) resource.PropertyValue {
			switch {
			case d.Bool("updateDefaultVersion"):
				return Number(templateVersion(d))
			case d.old != nil && d.old.At("defaultVersion").Exists():
				return Number(d.old.At("defaultVersion").Int())
			}
			return Number(1)
		}},
		fixed("metadataOptions", Object(resource.PropertyMap{
			"httpEndpoint": Text(""), "httpProtocolIpv6": Text(""), "httpPutResponseHopLimit": Number(0), "httpTokens": Text(""), "instanceMetadataTags": Text(""),
		})),
	},
})

// templateVersion is one more than before when this update changes what instances are launched with.
func templateVersion(d *Draft) int {
	if d.old == nil {
		return 1
	}
	version := max(1, d.old.At("latestVersion").Int())
	beside := []resource.PropertyKey{"name", "namePrefix", "tags", "tagsAll", "defaultVersion", "updateDefaultVersion"}
	before, after := d.old.Inputs.Copy(), d.inputs.Copy()
	for _, key := range beside {
		delete(before, key)
		delete(after, key)
	}
	if !reflect.DeepEqual(bareMap(before), bareMap(after)) {
		version++
	}
	return version
}

// textFlag refuses a text that is no boolean: the provider keeps some booleans as texts, so that they can be absent.
func textFlag(path string) Rule { return OneOf(path, "true", "false", "") }

// templateGroups refuses groups of several VPCs, or of another than the interface's subnet: no instance could have them.
func templateGroups(d *Draft) *Refusal {
	groups := append(d.Each("vpcSecurityGroupIds[]"), d.Each("networkInterfaces[].securityGroups[]")...)
	network, of := "", ""
	if subnet := d.Find(Subnet, d.Text("networkInterfaces[0].subnetId")); subnet != nil {
		network, of = subnet.Text("vpcId"), "subnet "+subnet.ID
	}
	for _, value := range groups {
		group := securityGroup(d, value.Text())
		if group == nil {
			continue
		}
		if network != "" && group.Text("vpcId") != network {
			return Refuse(value.Path(), "Security group %s and %s belong to different networks.", group.ID, of)
		}
		network, of = group.Text("vpcId"), "security group "+group.ID
	}
	return nil
}

// isARN is true for what looks like an ARN.
func isARN(text string) bool { return arnShape.MatchString(text) && strings.Count(text, ":") >= 5 }
