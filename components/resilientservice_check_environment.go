package components

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// maxSecrets keeps the role's policy, which names each secret's ARN, well below IAM's 10,240 characters
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
const maxSecrets = 30

// secretSuffix makes the name of the variable that holds a secret's ARN.
const secretSuffix = "_SECRET_ARN"

var (
	variableSyntax   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	secretNameSyntax = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
)

// reservedVariables are set by the component.
func reservedVariables() []string { return []string{"PORT", "AWS_REGION", "AWS_DEFAULT_REGION"} }

func (a ResilientServiceArgs) checkEnvironment(c *check.Checker) {
	for _, name := range sortedKeys(a.Environment) {
		path := "environment." + name
		switch {
		case !variableSyntax.MatchString(name):
			c.Fail(path, name, "is not the name of an environment variable", "use letters, digits and underscores, no digit first")
		case slices.Contains(reservedVariables(), name):
			c.Fail(path, name, "is set by the component", "remove it; the port is the argument port")
		}
		if secret, isDerived := strings.CutSuffix(name, secretSuffix); isDerived && a.Secrets[secret] != nil {
			c.Fail(path, name, fmt.Sprintf("is set by the secret %s", secret), "rename the variable or the secret")
		}
		if a.Environment[name] == nil {
			c.Missing(path, "a variable needs a value", "give one, or remove the variable")
		}
	}
}

func (a ResilientServiceArgs) checkSecrets(c *check.Checker) {
	if len(a.Secrets) > maxSecrets {
		c.Fail("secrets", len(a.Secrets), fmt.Sprintf("secrets are more than %d", maxSecrets), "put related values into one secret as JSON")
	}
	for _, name := range sortedKeys(a.Secrets) {
		path := "secrets." + name
		if !secretNameSyntax.MatchString(name) {
			c.Fail(path, name, "is not a name such as DB_PASSWORD", "use capital letters, digits and single underscores, a letter first")
		}
		if a.Secrets[name] == nil {
			c.Missing(path, "a secret needs a value", "give one, or remove the secret")
		}
	}
}
