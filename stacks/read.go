package stacks

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/stacks/internal/strict"
	"gopkg.in/yaml.v3"
)

// Configuration keys under which a stack states what it is. Everything but secrets lives in KeyConfig.
const (
	// KeyConfig holds the Config.
	KeyConfig = "aplomb:config"
	// KeyTarget says where the stack goes, "aws" or "sandbox". Package deploy sets it; unset means aws.
	KeyTarget = "aplomb:target"
	// KeyLiftProtection, set to "true", makes the program drop protection, retention and deletion protection, so that
	// the stack can be destroyed afterwards. Package deploy sets it for the first phase of a destroy.
	KeyLiftProtection = "aplomb:liftProtection"

	secretPrefix = "aplomb:secret."
)

// stackName is what Pulumi accepts as the name of a stack, which is also part of a file name here.
var stackName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// StackFile is the name of the file that configures stack, such as Pulumi.prod.yaml.
func StackFile(stack string) string { return "Pulumi." + stack + ".yaml" }

// Stacks are the names of the stacks that dir has a file for, sorted.
func Stacks(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, StackFile("*")))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
		if stackName.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// ReadStack reads and checks the configuration of one stack of the project in dir. The error is a *check.Error with every
// failure: a missing or malformed file, unknown keys at any depth, missing and malformed values, and whatever the components
// would refuse. Nothing is written and no engine is started.
func ReadStack(dir, stack string) (*Config, error) {
	found := check.New()
	if !stackName.MatchString(stack) {
		found.Fail("", stack, "is no name for a stack", "use letters, digits, dots, hyphens and underscores")
		return nil, found.Err("--stack")
	}
	if _, err := os.Stat(filepath.Join(dir, "Pulumi.yaml")); err != nil {
		found.Missing("", "there is no Pulumi.yaml in "+dir, "run this in the folder of the project, or say which with --dir")
		return nil, found.Err("Pulumi.yaml")
	}
	text, err := os.ReadFile(filepath.Join(dir, StackFile(stack)))
	if err != nil {
		return nil, missingStack(dir, stack, err)
	}
	config := decodeFile(text, found)
	if err := found.Err(StackFile(stack)); err != nil {
		return nil, err
	}
	return config, nil
}

func missingStack(dir, stack string, err error) error {
	found := check.New()
	if !errors.Is(err, fs.ErrNotExist) {
		found.Fail("", err.Error(), "was the answer when reading it", "make the file readable")
		return found.Err(StackFile(stack))
	}
	remedy := "create it; Pulumi.dev.yaml shows what belongs in it"
	if names, err := Stacks(dir); err == nil && len(names) > 0 {
		remedy = "the stacks here are " + strings.Join(names, ", ")
	}
	found.Missing("", fmt.Sprintf("stack %q has no such file", stack), remedy)
	return found.Err(StackFile(stack))
}

// topLevel are the keys that Pulumi itself allows at the top of a stack's file.
var topLevel = []string{"config", "secretsprovider", "encryptedkey", "encryptionsalt", "environment"}

func decodeFile(text []byte, found *check.Checker) *Config {
	var file yaml.Node
	if err := yaml.Unmarshal(text, &file); err != nil {
		failSyntax(err, found)
		return nil
	}
	top := strict.Keys(&file, "", topLevel, found)
	values := map[string]*yaml.Node{}
	if config := top["config"]; config != nil {
		values = strict.Keys(config, "config", nil, found)
	}
	var config *Config
	if root := values[KeyConfig]; root != nil {
		config = decodeConfig(root, found.At(KeyConfig))
	} else {
		found.Missing(KeyConfig, "everything about the stack stands there, under config", "add it; Pulumi.dev.yaml shows how")
	}
	checkKeys(values, config, found)
	return config
}

// failSyntax reports a text that is no YAML. The parser's message names the line.
func failSyntax(err error, found *check.Checker) {
	text := strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "yaml: ")), " ")
	line, problem, hasLine := strings.Cut(text, ": ")
	if !hasLine || !strings.HasPrefix(line, "line ") {
		found.Fail("", literal("the text"), "is no YAML: "+text, "correct it")
		return
	}
	// The parser is off by a line now and then.
	found.Fail("", literal("the text"), "is no YAML near "+line+": "+problem, "correct it there")
}
