package stacks

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/stacks/internal/strict"
	"gopkg.in/yaml.v3"
)

// SecretKeys are the configuration keys that hold this stack's secrets, sorted, such as aplomb:secret.tickets.helpdesk-token.
// Every one of them must be set as a secret before the stack can be brought up.
func (c *Config) SecretKeys() []string {
	var keys []string
	for _, service := range c.Services {
		for _, name := range service.Secrets {
			keys = append(keys, secretKey(service.Name, name))
		}
	}
	if c.pages() {
		keys = append(keys, pagerDutyKey())
	}
	sort.Strings(keys)
	return keys
}

func secretKey(service, name string) string { return secretPrefix + service + "." + name }

// checkKeys refuses configuration keys that nobody would read, and secrets that stand there in clear.
func checkKeys(given map[string]*yaml.Node, config *Config, found *check.Checker) {
	known := []string{KeyConfig}
	if config != nil {
		known = append(known, config.SecretKeys()...)
		sort.Strings(known)
	}
	keys := make([]string, 0, len(given))
	for key := range given {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		node := given[key]
		_, isKnown := slices.BinarySearch(known, key)
		switch {
		case strings.HasPrefix(key, "pulumi:"):
		case key == KeyTarget || key == KeyLiftProtection:
			// In the file it would take protection off, or misname the target, without anybody being asked.
			found.Fail(key, hidden, "is for aplomb itself to set", "remove it; aplomb destroy --unlock takes protection off")
		case strings.HasPrefix(key, "aws:"):
			found.Fail(key, hidden, "would reach no resource: every provider of the program is an explicit one",
				"remove it; the Region is "+KeyConfig+".region, and credentials come from the environment, such as AWS_PROFILE")
		case !isKnown:
			remedy := "remove it"
			if near := strict.Nearest(key, known); near != "" {
				remedy = fmt.Sprintf("did you mean %s?", near)
			}
			found.Fail(key, hidden, "is at a key that nothing reads", remedy)
		case strings.HasPrefix(key, secretPrefix) && node.Kind == yaml.ScalarNode:
			found.Fail(key, hidden, "must not stand here in clear", "set it with pulumi config set --secret "+key)
		}
	}
}

type literal string

// hidden stands for a value that might be a secret at a misspelt key, and so is not printed.
const hidden literal = "(a value)"
