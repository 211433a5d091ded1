package components

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// AWS's limits on tags: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html. Of the 50 that a
// resource may carry, 40 leave room for ours and the provider's default tags.
const (
	maxTags     = 40
	maxTagKey   = 128
	maxTagValue = 256
)

// tagText is what IAM takes in keys and values of tags (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html); others take more.
var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// ServiceTag is the tag by which instances, volumes and network interfaces name their service, so that a game day or a bill can
// find them.
const ServiceTag = "aplomb:service"

// amiParameterTag is the tag of a launch template that tells where its AMI's id was read.
const amiParameterTag = "aplomb:ami-parameter"

func checkTags(c *check.Checker, tags map[string]string) {
	if len(tags) > maxTags {
		c.Fail("tags", len(tags), fmt.Sprintf("tags are more than %d", maxTags), "remove some")
	}
	for _, key := range sortedKeys(tags) {
		path := "tags." + key
		switch {
		case key == "" || utf8.RuneCountInString(key) > maxTagKey:
			c.Fail(path, key, fmt.Sprintf("must be a key of 1 to %d characters", maxTagKey), "shorten or remove it")
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			c.Fail(path, key, "begins with aws:, which AWS reserves", "rename the tag")
		case !tagText.MatchString(key):
			c.Fail(path, key, "has characters that not every AWS service takes", "use letters, digits, spaces and _.:/=+-@")
		case key == "Name" || key == ServiceTag || key == amiParameterTag:
			c.Fail(path, key, "is set by the component", "remove it")
		}
		if utf8.RuneCountInString(tags[key]) > maxTagValue {
			c.Fail(path, tags[key], fmt.Sprintf("must have at most %d characters", maxTagValue), "shorten it")
		} else if !tagText.MatchString(tags[key]) {
			c.Fail(path, tags[key], "has characters that not every AWS service takes", "use letters, digits, spaces and _.:/=+-@")
		}
	}
}

// tagsNamed are the tags of an inner resource: the component's and its own name.
func tagsNamed(tags map[string]string, name string) pulumi.StringMap {
	all := pulumi.StringMap{"Name": pulumi.String(name)}
	for key, value := range tags {
		all[key] = pulumi.String(value)
	}
	return all
}

// instanceTags are what instances, their volumes and their network interfaces carry.
func (s *ResilientService) instanceTags() pulumi.StringMap {
	tags := tagsNamed(s.args.Tags, s.name)
	tags[ServiceTag] = pulumi.String(s.name)
	return tags
}

// templateTags are the launch template's own. No instance carries them, so that a change replaces none.
func (s *ResilientService) templateTags(name string) pulumi.StringMap {
	tags := tagsNamed(s.args.Tags, name)
	if s.args.AMIParameter != "" {
		tags[amiParameterTag] = pulumi.String(s.args.AMIParameter)
	}
	return tags
}

// groupTags are the same in the form of an Auto Scaling group, which takes no map and no default tags.
func (s *ResilientService) groupTags() autoscaling.GroupTagArray {
	tags := maps.Clone(s.args.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags["Name"], tags[ServiceTag] = s.name, s.name
	var list autoscaling.GroupTagArray
	for _, key := range sortedKeys(tags) {
		list = append(list, autoscaling.GroupTagArgs{
			Key: pulumi.String(key), Value: pulumi.String(tags[key]), PropagateAtLaunch: pulumi.Bool(true),
		})
	}
	return list
}
