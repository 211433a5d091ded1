package stacks

import (
	"maps"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/stacks/internal/strict"
	"gopkg.in/yaml.v3"
)

// Parse decodes and checks the value of aplomb:config, as YAML or as the JSON in which Pulumi hands it to a program. The
// error is a *check.Error with every failure.
func Parse(text string) (*Config, error) {
	found := check.New()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		failSyntax(err, found)
		return nil, found.Err(KeyConfig)
	}
	config := decodeConfig(&node, found)
	if err := found.Err(KeyConfig); err != nil {
		return nil, err
	}
	return config, nil
}

// decodeConfig decodes first and judges afterwards. What was not decoded is not judged as well: one mistake gives one
// failure.
func decodeConfig(node *yaml.Node, found *check.Checker) *Config {
	config := &Config{}
	decoding := check.New()
	strict.Decode(node, config, enums, decoding)
	found.Add(decoding.Failures()...)
	config.setDefaults()
	judged := check.New()
	config.check(judged)
	found.Add(notYetFound(judged.Failures(), decoding.Failures())...)
	return config
}

// notYetFound leaves out the failures of values that could not be decoded, and of what is below or above those.
func notYetFound(failures, earlier []check.Failure) []check.Failure {
	return slices.DeleteFunc(failures, func(failure check.Failure) bool {
		return slices.ContainsFunc(earlier, func(before check.Failure) bool {
			return within(failure.Path, before.Path) || within(before.Path, failure.Path)
		})
	})
}

func within(path, whole string) bool {
	rest, inside := strings.CutPrefix(path, whole)
	return inside && (rest == "" || whole == "" || rest[0] == '.' || rest[0] == '[')
}

func (c *Config) setDefaults() {
	if c.Network.NAT == "" {
		c.Network.NAT = c.natByNeed()
	}
	for i := range c.Services {
		service := &c.Services[i]
		if service.Machine == nil {
			service.Machine = c.Machine
		}
		if service.Exposure == "" {
			service.Exposure = components.Internal
		}
	}
}

// allTags are the tags of every resource of the stack.
func (c *Config) allTags(stack string) map[string]string {
	tags := map[string]string{"aplomb:stack": stack, "aplomb:environment": string(c.Environment)}
	maps.Copy(tags, c.Tags)
	return tags
}
