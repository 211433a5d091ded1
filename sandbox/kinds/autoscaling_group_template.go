package kinds

import (
	"regexp"
	"slices"
	"strconv"
)

// The names of versions that follow the template.
const (
	versionLatest  = "$Latest"
	versionDefault = "$Default"
)

// mostOverrides is the number of instance types that a mixed instances policy may list.
// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
const mostOverrides = 40

var gravitonFamily = regexp.MustCompile(`^(a1|[a-z]+[0-9]+g[a-z]*)\.`)

// groupTemplate is a launch template that a group starts instances from.
type groupTemplate struct {
	*Thing
	path, version string
}

// groupTemplates is every launch template of the draft that exists, overrides included.
func groupTemplates(d *Draft) []groupTemplate {
	var found []groupTemplate
	add := func(specification Value, id, name string) {
		if !specification.Exists() {
			return
		}
		template := d.Find(LaunchTemplate, specification.At(id).Text())
		if template == nil {
			template = d.FindBy(LaunchTemplate, "name", specification.At(name).Text())
		}
		if template != nil {
			found = append(found, groupTemplate{Thing: template, path: specification.Path(), version: specification.At("version").Text()})
		}
	}
	add(d.At("launchTemplate"), "id", "name")
	add(d.At(templateSpec), "launchTemplateId", "launchTemplateName")
	for _, override := range d.Each(overrides) {
		add(override.At("launchTemplateSpecification"), "launchTemplateId", "launchTemplateName")
	}
	return found
}

// securityGroups is the groups that instances of the template get.
func (t groupTemplate) securityGroups() []string {
	var ids []string
	for _, path := range []string{"vpcSecurityGroupIds[]", "networkInterfaces[].securityGroups[]"} {
		for _, id := range t.At("").Each(path) {
			ids = append(ids, id.Text())
		}
	}
	return ids
}

// validationError is a rule that Auto Scaling refuses by with the code that it has for nearly everything.
func validationError(name string, broken func(d *Draft) *Refusal) Rule {
	return Rule{Name: name, Stage: AtApply, Code: "ValidationError", Broken: broken}
}

// groupTemplateRules are what the API refuses of launch templates and instance types.
func groupTemplateRules() []Rule { return append(launchRules(), overrideRules()...) }

// launchRules are about launch templates.
func launchRules() []Rule {
	return []Rule{
		validationError("version of the launch template", func(d *Draft) *Refusal {
			for _, template := range groupTemplates(d) {
				number, err := strconv.Atoi(template.version)
				known := err == nil && number >= 1 && number <= max(1, template.At("latestVersion").Int())
				if !known && !slices.Contains([]string{"", versionLatest, versionDefault}, template.version) {
					return Refuse(template.path, "You must use a valid fully-formed launch template. Could not find the specified version %s for the launch template with ID %s.", template.version, template.ID)
				}
			}
			return nil
		}),
		validationError("image of the launch template", func(d *Draft) *Refusal {
			for _, template := range groupTemplates(d) {
				if template.Text("imageId") == "" {
					return Refuse(template.path, "You must use a valid fully-formed launch template. The request must contain the parameter ImageId")
				}
			}
			return nil
		}),
		validationError("an instance type", func(d *Draft) *Refusal {
			templates := groupTemplates(d)
			if len(templates) == 0 || len(groupTypes(d)) > 0 || len(d.Each(overrides+".instanceRequirements")) > 0 || templates[0].At("instanceRequirements").Exists() {
				return nil
			}
			return Refuse(templates[0].path, "You must use a valid fully-formed launch template. The request must contain the parameter InstanceType")
		}),
	}
}

// overrideRules are about the instance types of a mixed instances policy.
func overrideRules() []Rule {
	return []Rule{
		validationError("instance types", func(d *Draft) *Refusal {
			for _, name := range d.Each(overrides + ".instanceType") {
				if !knownInstanceType(name.Text()) {
					return Refuse(name.Path(), "%s", unknownInstanceType(name.Text()))
				}
			}
			return nil
		}),
		validationError("an instance type twice", func(d *Draft) *Refusal {
			seen := map[string]bool{}
			for _, name := range d.Each(overrides + ".instanceType") {
				if seen[name.Text()] {
					return Refuse(name.Path(), "Duplicate instance type '%s' in the launch template overrides", name.Text())
				}
				seen[name.Text()] = true
			}
			return nil
		}),
		validationError("instance types of the image", differentArchitectures),
		apiRule("instance types of a policy", "mixedInstancesPolicy", func(d *Draft) bool { return len(d.Each(overrides)) > mostOverrides },
			"A mixed instances policy may have at most 40 launch template overrides"),
		validationError("weights of instance types", func(d *Draft) *Refusal {
			weights := d.Each(overrides + ".weightedCapacity")
			for _, weight := range weights {
				if n, err := strconv.Atoi(weight.Text()); err != nil || n < 1 || n > 999 {
					return Refuse(weight.Path(), "Invalid weighted capacity '%s': want a whole number from 1 to 999", weight.Text())
				}
			}
			if len(weights) > 0 && len(weights) != len(d.Each(overrides)) {
				return Refuse("mixedInstancesPolicy", "Either all launch template overrides or none must have a weighted capacity")
			}
			return nil
		}),
	}
}

// groupTypes is every instance type that the group may start: those of the overrides, or the template's.
func groupTypes(d *Draft) []string {
	var names []string
	for _, name := range d.Each(overrides + ".instanceType") {
		names = append(names, name.Text())
	}
	if len(names) > 0 {
		return names
	}
	for _, template := range groupTemplates(d) {
		if name := template.Text("instanceType"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// differentArchitectures: an image has one architecture, so instance types of two cannot all be started from it. Which one an
// image has is not known here.
func differentArchitectures(d *Draft) *Refusal {
	first := ""
	for _, override := range d.Each(overrides) {
		name := override.At("instanceType").Text()
		if name == "" || override.At("launchTemplateSpecification").Exists() {
			continue
		}
		if architecture := typeArchitecture(name); first != "" && architecture != first {
			return Refuse(override.Path(), "The architecture '%s' of the specified instance type %s does not match the architecture '%s' of the specified AMI", architecture, name, first)
		}
		first = typeArchitecture(name)
	}
	return nil
}

// groupNetworkRules are what the API refuses of subnets, security groups and target groups together.
func groupNetworkRules() []Rule {
	return []Rule{
		validationError("a subnet", func(d *Draft) *Refusal {
			if len(d.Each("vpcZoneIdentifiers[]")) > 0 {
				return nil
			}
			if zones := d.Texts("availabilityZones"); len(zones) > 0 {
				return Refuse("availabilityZones", "No default subnet for availability zone: '%s'. The account has no default VPC.", zones[0])
			}
			return Refuse("vpcZoneIdentifiers", "At least one Availability Zone or VPC Subnet is required.")
		}),
		validationError("subnets of several VPCs", func(d *Draft) *Refusal {
			for _, subnet := range groupSubnets(d) {
				if subnet.Text("vpcId") != groupVPC(d) {
					return Refuse("vpcZoneIdentifiers", "The subnets of an Auto Scaling group must belong to one VPC: %s does not belong to %s", subnet.ID, groupVPC(d))
				}
			}
			return nil
		}),
		validationError("security groups of another VPC", func(d *Draft) *Refusal {
			for _, template := range groupTemplates(d) {
				for _, id := range template.securityGroups() {
					if group := securityGroup(d, id); group != nil && groupVPC(d) != "" && group.Text("vpcId") != groupVPC(d) {
						return Refuse(template.path, "One or more security groups in the launch template are not linked to the VPCs configured in the Auto Scaling group")
					}
				}
			}
			return nil
		}),
		validationError("target groups of another VPC", func(d *Draft) *Refusal {
			for _, group := range groupTargets(d) {
				if vpc := group.Text("vpcId"); groupVPC(d) != "" && vpc != groupVPC(d) {
					return Refuse("targetGroupArns", "The target group %s is in VPC %s and the Auto Scaling group in %s", group.ID, vpc, groupVPC(d))
				}
			}
			return nil
		}),
		validationError("target groups of instances", func(d *Draft) *Refusal {
			for _, group := range groupTargets(d) {
				if kind := group.Text("targetType"); kind != "" && kind != "instance" {
					return Refuse("targetGroupArns", "Provided Target Groups may not be valid. The target type of %s is %s, not instance", group.ID, kind)
				}
			}
			return nil
		}),
	}
}

func groupTargets(d *Draft) []*Thing {
	var groups []*Thing
	for _, arn := range append(d.Each("targetGroupArns[]"), d.Each("trafficSources[].identifier")...) {
		if group := d.Find(TargetGroup, arn.Text()); group != nil {
			groups = append(groups, group)
		}
	}
	return groups
}

// typeArchitecture is arm64 for Graviton families, whose generation is followed by a g, and x86_64 for all others.
// Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
func typeArchitecture(name string) string {
	if gravitonFamily.MatchString(name) {
		return "arm64"
	}
	return "x86_64"
}
