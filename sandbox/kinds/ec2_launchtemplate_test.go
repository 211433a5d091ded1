package kinds_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const volumeKey = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"

// aTemplate is a launch template as a careful program writes it.
var aTemplate Draft = func(lab *Lab) In {
	lab.Put(kinds.InstanceProfile, "web", In{"name": "web", "arn": "arn:aws:iam::123456789012:instance-profile/web"})
	lab.Put(kinds.Key, "key", In{"arn": volumeKey})
	return inNetwork(In{
		"imageId": "ami-0123456789abcdef0", "instanceType": "m7g.large", "vpcSecurityGroupIds": []any{"sg-a"},
		"userData":            base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\n")),
		"iamInstanceProfile":  In{"arn": "arn:aws:iam::123456789012:instance-profile/web"},
		"metadataOptions":     In{"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
		"blockDeviceMappings": []any{In{"deviceName": "/dev/xvda", "ebs": In{"volumeType": "gp3", "volumeSize": 20, "encrypted": "true", "kmsKeyId": volumeKey}}},
		"tagSpecifications":   []any{In{"resourceType": "instance", "tags": In{"Name": "web"}}},
	})(lab)
}

var withInterface = with(aTemplate, In{"vpcSecurityGroupIds": nil, "networkInterfaces": []any{
	In{"associatePublicIpAddress": "false", "deleteOnTermination": "true", "securityGroups": []any{"sg-a"}, "subnetId": "subnet-a"}}})

func templateInterface(in In) Draft {
	return with(aTemplate, In{"vpcSecurityGroupIds": nil, "networkInterfaces": []any{in}})
}

func volume(in In) Draft {
	return with(aTemplate, In{"blockDeviceMappings": []any{In{"deviceName": "/dev/xvda", "ebs": in}}})
}

func gp3(in In) Draft {
	whole := In{"volumeType": "gp3", "volumeSize": 100}
	for name, value := range in {
		whole[name] = value
	}
	return volume(whole)
}

var _ = suite(kinds.LaunchTemplate, Suite{
	Valid: map[string]Draft{
		"careful": aTemplate, "with an interface": withInterface, "empty": plain(In{}), "with a prefix": plain(In{"namePrefix": "web-"}),
		"following its versions": with(aTemplate, In{"updateDefaultVersion": true}),
		"an image by parameter":  with(aTemplate, In{"imageId": "resolve:ssm:/golden/web"}),
		"fast":                   gp3(In{"iops": 16000, "throughput": 1000}),
		"small and at baseline":  gp3(In{"volumeSize": 1, "iops": 3000, "throughput": 750}),
		"profile by name":        with(aTemplate, In{"iamInstanceProfile": In{"name": "web"}}),
		"most user data":         with(aTemplate, In{"userData": base64.StdEncoding.EncodeToString(make([]byte, 16384))}),
	},
	Refusals: []Refusal{
		{Rule: "reference vpcSecurityGroupIds[]", Draft: with(aTemplate, In{"vpcSecurityGroupIds": []any{"sg-gone"}}), Says: "CreateLaunchTemplate, api error InvalidGroup.NotFound"},
		{Rule: "reference networkInterfaces[].securityGroups[]", Draft: templateInterface(In{"securityGroups": []any{"sg-gone"}}), Says: "InvalidGroup.NotFound"},
		{Rule: "reference networkInterfaces[].subnetId", Draft: templateInterface(In{"subnetId": "subnet-gone"}), Says: "InvalidSubnetID.NotFound"},
		{Rule: "reference iamInstanceProfile.arn", Draft: with(aTemplate, In{"iamInstanceProfile": In{"arn": "arn:aws:iam::123456789012:instance-profile/gone"}}), Says: "for parameter iamInstanceProfile.arn is invalid"},
		{Rule: "reference iamInstanceProfile.name", Draft: with(aTemplate, In{"iamInstanceProfile": In{"name": "gone"}}), Says: "Value (gone) for parameter iamInstanceProfile.name is invalid"},
		{Rule: "reference blockDeviceMappings[].ebs.kmsKeyId", Draft: volume(In{"encrypted": "true", "kmsKeyId": "arn:aws:kms:eu-central-1:123456789012:key/gone"}), Says: "InvalidKMSKey.InvalidState"},
		{Rule: "only what the sandbox has", Draft: with(aTemplate, In{"placement": In{"hostId": "h-1"}}), Says: "placement.hostId: the sandbox has no"},
		{Rule: "length of name", Draft: with(aTemplate, In{"name": "lt"}), Says: "range (3 - 128)"},
		{Rule: "pattern of name", Draft: with(aTemplate, In{"name": "web template"}), Says: "only letters, digits and"},
		{Rule: "length of description", Draft: with(aTemplate, In{"description": strings.Repeat("d", 256)}), Says: "range (0 - 255)"},
		{Rule: "name conflicts with namePrefix", Draft: with(aTemplate, In{"name": "web", "namePrefix": "web"}), Says: "conflicts with namePrefix"},
		{Rule: "defaultVersion conflicts with updateDefaultVersion", Draft: with(aTemplate, In{"defaultVersion": 1, "updateDefaultVersion": true}), Says: "conflicts with updateDefaultVersion"},
		{Rule: "instanceType conflicts with instanceRequirements", Draft: with(aTemplate, In{"instanceRequirements": In{"memoryMib": In{"min": 1}, "vcpuCount": In{"min": 1}}}), Says: "conflicts with instanceRequirements"},
		{Rule: "iamInstanceProfile.arn conflicts with iamInstanceProfile.name", Draft: with(aTemplate, In{"iamInstanceProfile": In{"name": "web", "arn": "arn:aws:iam::123456789012:instance-profile/web"}}), Says: "conflicts with iamInstanceProfile.name"},
		{Rule: "values of metadataOptions.httpEndpoint", Draft: with(aTemplate, In{"metadataOptions": In{"httpEndpoint": "on"}}), Says: "got on"},
		{Rule: "values of metadataOptions.httpTokens", Draft: with(aTemplate, In{"metadataOptions": In{"httpTokens": "yes"}}), Says: "got yes"},
		{Rule: "values of metadataOptions.httpProtocolIpv6", Draft: with(aTemplate, In{"metadataOptions": In{"httpProtocolIpv6": "yes"}}), Says: "got yes"},
		{Rule: "values of metadataOptions.instanceMetadataTags", Draft: with(aTemplate, In{"metadataOptions": In{"instanceMetadataTags": "yes"}}), Says: "got yes"},
		{Rule: "range of metadataOptions.httpPutResponseHopLimit", Draft: with(aTemplate, In{"metadataOptions": In{"httpPutResponseHopLimit": 0}}), Says: "range (1 - 64), got 0"},
		{Rule: "range of metadataOptions.httpPutResponseHopLimit", Draft: with(aTemplate, In{"metadataOptions": In{"httpPutResponseHopLimit": 65}}), Says: "range (1 - 64), got 65"},
		{Rule: "values of instanceInitiatedShutdownBehavior", Draft: with(aTemplate, In{"instanceInitiatedShutdownBehavior": "reboot"}), Says: "got reboot"},
		{Rule: "values of creditSpecification.cpuCredits", Draft: with(aTemplate, In{"creditSpecification": In{"cpuCredits": "many"}}), Says: "got many"},
		{Rule: "values of instanceMarketOptions.marketType", Draft: with(aTemplate, In{"instanceMarketOptions": In{"marketType": "cheap"}}), Says: "got cheap"},
		{Rule: "values of maintenanceOptions.autoRecovery", Draft: with(aTemplate, In{"maintenanceOptions": In{"autoRecovery": "on"}}), Says: "got on"},
		{Rule: "values of tagSpecifications[].resourceType", Draft: with(aTemplate, In{"tagSpecifications": []any{In{"resourceType": "disk"}}}), Says: "got disk"},
		{Rule: "values of ebsOptimized", Draft: with(aTemplate, In{"ebsOptimized": "yes"}), Says: "got yes"},
		{Rule: "values of networkInterfaces[].associatePublicIpAddress", Draft: templateInterface(In{"associatePublicIpAddress": "no"}), Says: "got no"},
		{Rule: "values of networkInterfaces[].deleteOnTermination", Draft: templateInterface(In{"deleteOnTermination": "no"}), Says: "got no"},
		{Rule: "zone of the Region in placement.availabilityZone", Draft: with(aTemplate, In{"placement": In{"availabilityZone": "us-east-1a"}}), Says: "Value (us-east-1a) for parameter availabilityZone is invalid"},
		{Rule: "name once a Region", Draft: func(lab *Lab) In {
			lab.Put(kinds.LaunchTemplate, "lt-1", In{"name": "web"})
			return with(aTemplate, In{"name": "web"})(lab)
		}, Says: "InvalidLaunchTemplateName.AlreadyExistsException: Launch template name already in use."},
		{Rule: "image id", Draft: with(aTemplate, In{"imageId": "amazon-linux-2023"}), Says: `InvalidAMIID.Malformed: Invalid id: "amazon-linux-2023" (expecting "ami-...")`},
		{Rule: "instance type", Draft: with(aTemplate, In{"instanceType": "m7g.huge"}), Says: "InvalidParameterValue: Invalid value 'm7g.huge' for InstanceType. m7g has the sizes medium, large"},
		{Rule: "instance type", Draft: with(aTemplate, In{"instanceType": "m99.large"}), Says: "The sandbox does not know the family 'm99'"},
		{Rule: "user data in base64", Draft: with(aTemplate, In{"userData": "#!/bin/sh"}), Says: "InvalidUserData.Malformed: Invalid BASE64 encoding of user data."},
		{Rule: "length of user data", Draft: with(aTemplate, In{"userData": base64.StdEncoding.EncodeToString(make([]byte, 16385))}), Says: "User data is limited to 16384 bytes"},
		{Rule: "groups of the instance or of its interfaces", Draft: with(withInterface, In{"vpcSecurityGroupIds": []any{"sg-a"}}), Says: "InvalidParameterCombination: Network interfaces and an instance-level security groups may not be specified on the same request"},
		{Rule: "groups of one VPC", Draft: with(aTemplate, In{"vpcSecurityGroupIds": []any{"sg-a", "sg-b"}}), Says: "Security group sg-b and security group sg-a belong to different networks."},
		{Rule: "groups of one VPC", Draft: templateInterface(In{"securityGroups": []any{"sg-a"}, "subnetId": "subnet-b"}), Says: "Security group sg-a and subnet subnet-b belong to different networks."},
		{Rule: "values of blockDeviceMappings[].ebs.volumeType", Draft: volume(In{"volumeType": "gp4"}), Says: "got gp4"},
		{Rule: "values of blockDeviceMappings[].ebs.encrypted", Draft: volume(In{"encrypted": "yes"}), Says: "got yes"},
		{Rule: "values of blockDeviceMappings[].ebs.deleteOnTermination", Draft: volume(In{"deleteOnTermination": "yes"}), Says: "got yes"},
		{Rule: "key by ARN", Draft: func(lab *Lab) In {
			lab.Put(kinds.Key, "odd", In{"arn": "alias/volumes"})
			return volume(In{"encrypted": "true", "kmsKeyId": "alias/volumes"})(lab)
		}, Says: "is an invalid ARN"},
		{Rule: "provider's range of throughput", Draft: gp3(In{"iops": 16000, "throughput": 1001}), Says: "range (125 - 1000), got 1001"},
		{Rule: "a device once", Draft: with(aTemplate, In{"blockDeviceMappings": []any{In{"deviceName": "/dev/xvda"}, In{"deviceName": "/dev/xvda"}}}), Says: "InvalidBlockDeviceMapping: the device '/dev/xvda' is used in more than one"},
		{Rule: "a key for encrypted volumes only", Draft: volume(In{"kmsKeyId": volumeKey}), Says: "InvalidParameterDependency: The parameter KmsKeyId requires the parameter Encrypted to be set."},
		{Rule: "size of a volume", Draft: volume(In{"volumeType": "gp3", "volumeSize": 0}), Says: "1 to 65536 GiB"},
		{Rule: "size of a volume", Draft: volume(In{"volumeType": "st1", "volumeSize": 100}), Says: "Volume of 100GiB is outside what volume type st1 allows: 125 to 16384 GiB."},
		{Rule: "IOPS of a volume", Draft: gp3(In{"iops": 2999}), Says: "Volume iops of 2999 is too low; minimum is 3000."},
		{Rule: "IOPS of a volume", Draft: gp3(In{"volumeSize": 1000, "iops": 80001}), Says: "Volume iops of 80001 is too high; maximum is 80000."},
		{Rule: "IOPS of a volume", Draft: gp3(In{"volumeSize": 10, "iops": 6000}), Says: "Iops to volume size ratio of 6000 to 10 is too high; maximum is 500."},
		{Rule: "IOPS where they can be chosen", Draft: volume(In{"volumeType": "gp2", "iops": 3000}), Says: "InvalidParameterCombination: The parameter iops is not supported for gp2 volumes."},
		{Rule: "IOPS where they must be chosen", Draft: volume(In{"volumeType": "io2", "volumeSize": 100}), Says: "MissingParameter: The request must contain the parameter iops for volume type io2."},
		{Rule: "throughput where it can be chosen", Draft: volume(In{"volumeType": "gp2", "throughput": 125}), Says: "The parameter throughput is not supported for gp2 volumes."},
		{Rule: "throughput within the IOPS", Draft: gp3(In{"throughput": 1000}), Says: "Throughput (MiBps) to iops ratio of 1000 to 3000 is too high; maximum is 0.250000 MiBps per iops."},
	},
	Replaces: []Change{{Path: "name", Before: aTemplate, After: with(aTemplate, In{"name": "other"})}},
	Updates: []Change{
		{Path: "imageId", Before: aTemplate, After: with(aTemplate, In{"imageId": "ami-0fedcba9876543210"})},
		{Path: "vpcSecurityGroupIds", Before: withInterface, After: aTemplate},
	},
})

func TestALaunchTemplateHasANewVersionWhenWhatItLaunchesChanges(t *testing.T) {
	kind, _ := kinds.Of(kinds.LaunchTemplate)
	lab := newLab(t)
	before := with(aTemplate, In{"updateDefaultVersion": true})(lab)
	made, err := lab.create(kind, "web", before)
	require.NoError(t, err)
	require.Equal(t, 1, made.At("latestVersion").Int())

	versions := func(changes In) (latest, byDefault int) {
		inputs, err := check(kind, lab.subject(kind, "web"), made.Inputs, with(plain(before), changes)(lab))
		require.NoError(t, err)
		updated, err := kind.Update(lab.subject(kind, "web"), lab.world, inputs, made)
		require.NoError(t, err)
		return updated.At("latestVersion").Int(), updated.At("defaultVersion").Int()
	}
	latest, byDefault := versions(In{"tags": In{"owner": "ops"}})
	require.Equal(t, []int{1, 1}, []int{latest, byDefault}, "tags are not launched with")
	latest, byDefault = versions(In{"imageId": "ami-0fedcba9876543210"})
	require.Equal(t, []int{2, 2}, []int{latest, byDefault})
	latest, byDefault = versions(In{"imageId": "ami-0fedcba9876543210", "updateDefaultVersion": nil})
	require.Equal(t, []int{2, 1}, []int{latest, byDefault}, "the default follows only when asked to")
}
