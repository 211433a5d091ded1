package stacks

import (
	"maps"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/stacks/internal/strict"
	"gopkg.in/yaml.v3"
)

// Parse decodes and checks the value of aplomb:config, as YAML or as the JSON in which Pulumi hands it to a program. The
// error is a *check.Error with every failure.
func Parse(stack, text string) (*Config, error) {
	found := check.New()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		found.Fail("", oneLine(err), "is not what YAML allows", "correct it in "+StackFile(stack))
		return nil, found.Err(KeyConfig)
	}
	config := decodeConfig(&node, stack, found)
	if err := found.Err(KeyConfig); err != nil {
		return nil, err
	}
	return config, nil
}

// decodeConfig decodes first and judges afterwards. What was not decoded is not judged as well: one mistake gives one
// failure.
func decodeConfig(node *yaml.Node, stack string, found *check.Checker) *Config {
	config := &Config{}
	decoding := check.New()
	strict.Decode(node, config, decoding)
	found.Add(decoding.Failures()...)
	config.setDefaults()
	judged := check.New()
	config.check(stack, judged)
	found.Add(notYetFound(judged.Failures(), decoding.Failures())...)
	return config
}

func notYetFound(failures, earlier []check.Failure) []check.Failure {
	seen := map[string]bool{}
	for _, failure := range earlier {
		seen[failure.Path] = true
	}
	var fresh []check.Failure
	for _, failure := range failures {
		if !seen[failure.Path] {
			fresh = append(fresh, failure)
		}
	}
	return fresh
}

func (c *Config) setDefaults() {
	if c.Network.NAT == "" {
		c.Network.NAT = NATPerZone
	}
	for i := range c.Services {
		service := &c.Services[i]
		if service.Machine == nil {
			service.Machine = c.Machine
		}
		if service.Exposure == "" {
			service.Exposure = Internal
		}
	}
}

// allTags are the tags of every resource of the stack.
func (c *Config) allTags(stack string) map[string]string {
	tags := map[string]string{"aplomb:stack": stack, "aplomb:environment": string(c.Environment)}
	maps.Copy(tags, c.Tags)
	return tags
}
