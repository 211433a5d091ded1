package kinds

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// runbookStep is one step of a runbook. What may be a number or {{ a parameter }} is any.
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
type runbookStep struct {
	Name           string           `json:"name"`
	Action         string           `json:"action"`
	Description    string           `json:"description"`
	Inputs         map[string]any   `json:"inputs"`
	Outputs        []map[string]any `json:"outputs"`
	NextStep       string           `json:"nextStep"`
	IsEnd          any              `json:"isEnd"`
	IsCritical     any              `json:"isCritical"`
	OnFailure      string           `json:"onFailure"`
	OnCancel       string           `json:"onCancel"`
	MaxAttempts    any              `json:"maxAttempts"`
	TimeoutSeconds any              `json:"timeoutSeconds"`
}

// actionInputs are the inputs without which an action cannot be: of each list one at least.
var actionInputs = map[string][][]string{
	"aws:approve":                    {{"Approvers"}},
	"aws:assertAwsResourceProperty":  {{"Service"}, {"Api"}, {"PropertySelector"}, {"DesiredValues"}},
	"aws:branch":                     {{"Choices"}},
	"aws:changeInstanceState":        {{"InstanceIds"}, {"DesiredState"}},
	"aws:copyImage":                  {{"SourceImageId"}, {"SourceRegion"}, {"ImageName"}},
	"aws:createImage":                {{"InstanceId"}, {"ImageName"}},
	"aws:createStack":                {{"StackName"}, {"TemplateBody", "TemplateURL"}},
	"aws:createTags":                 {{"ResourceIds"}, {"Tags"}},
	"aws:deleteImage":                {{"ImageId"}},
	"aws:deleteStack":                {{"StackName"}},
	"aws:executeAutomation":          {{"DocumentName"}},
	"aws:executeAwsApi":              {{"Service"}, {"Api"}},
	"aws:executeScript":              {{"Runtime"}, {"Script", "Attachment"}},
	"aws:executeStateMachine":        {{"stateMachineArn"}},
	"aws:invokeLambdaFunction":       {{"FunctionName"}},
	"aws:invokeWebhook":              {{"IntegrationName"}},
	"aws:loop":                       {{"Steps"}},
	"aws:pause":                      nil,
	"aws:runCommand":                 {{"DocumentName"}},
	"aws:runInstances":               {{"ImageId"}},
	"aws:sleep":                      {{"Duration", "Timestamp"}},
	"aws:updateVariable":             {{"Name"}, {"Value"}},
	"aws:waitForAwsResourceProperty": {{"Service"}, {"Api"}, {"PropertySelector"}, {"DesiredValues"}},
}

// scriptRuntimes are what aws:executeScript runs on
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html).
var scriptRuntimes = regexp.MustCompile(`^(python3\.(6|7|8|9|10|11)|PowerShell Core 6\.0|PowerShell 7\.(0|4)|PowerShell7\.4)$`)

var stepName = regexp.MustCompile(`^[a-zA-Z0-9_]{3,128}$`)

// steps are all steps, those of loops included.
func (r runbook) steps() []runbookStep {
	var all []runbookStep
	for _, step := range r.MainSteps {
		all = append(all, step)
		all = append(all, step.inLoop()...)
	}
	return all
}

// inLoop are the steps that a step repeats.
func (s runbookStep) inLoop() []runbookStep {
	if s.Action != "aws:loop" {
		return nil
	}
	text, err := json.Marshal(s.Inputs["Steps"])
	if err != nil {
		return nil
	}
	var inner runbook
	if strictJSON(`{"mainSteps":`+string(text)+`}`, &inner) != nil {
		return nil
	}
	return inner.steps()
}

func (r runbook) hasStep(name string) bool {
	return slices.ContainsFunc(r.steps(), func(step runbookStep) bool { return step.Name == name })
}

// stepsProblem looks at the steps without what they do: their names, actions and the way from one to the next.
func (r runbook) stepsProblem() string {
	if len(r.MainSteps) == 0 {
		return "Document has no mainSteps."
	}
	seen := map[string]bool{}
	for _, step := range r.steps() {
		_, known := actionInputs[step.Action]
		switch {
		case !stepName.MatchString(step.Name):
			return fmt.Sprintf("Step name %q is invalid: it must have 3 to 128 letters, digits and underscores.", step.Name)
		case seen[step.Name]:
			return fmt.Sprintf("Step names must be unique: there are several called %s.", step.Name)
		case !known:
			return fmt.Sprintf("Action %q of step %s is not supported.", step.Action, step.Name)
		}
		seen[step.Name] = true
		if next := r.missingNext(step); next != "" {
			return fmt.Sprintf("Step %s leads to the step %s, which does not exist.", step.Name, next)
		}
		if !flow(step.OnFailure, "Abort", "Continue") || !flow(step.OnCancel, "Abort") {
			return fmt.Sprintf("Step %s: onFailure is Abort, Continue or step:NAME, onCancel Abort or step:NAME.", step.Name)
		}
	}
	return ""
}

func flow(text string, words ...string) bool {
	return text == "" || strings.HasPrefix(text, "step:") || slices.Contains(words, text)
}

// missingNext is the first step that this one leads to and that is not there.
func (r runbook) missingNext(step runbookStep) string {
	targets := []string{step.NextStep}
	for _, text := range []string{step.OnFailure, step.OnCancel} {
		if target, leads := strings.CutPrefix(text, "step:"); leads {
			targets = append(targets, target)
		}
	}
	if step.Action == "aws:branch" {
		standard, _ := step.Inputs["Default"].(string)
		targets = append(targets, standard)
		choices, _ := step.Inputs["Choices"].([]any)
		for _, choice := range choices {
			fields, _ := choice.(map[string]any)
			next, _ := fields["NextStep"].(string)
			targets = append(targets, next)
		}
	}
	for _, target := range targets {
		if target != "" && !r.hasStep(target) {
			return target
		}
	}
	return ""
}

// inputsProblem finds an action without an input that it needs.
func (r runbook) inputsProblem() string {
	for _, step := range r.steps() {
		for _, one := range actionInputs[step.Action] {
			if !slices.ContainsFunc(one, func(name string) bool { return step.Inputs[name] != nil }) {
				return fmt.Sprintf("Input %s of action %s in step %s is required.", strings.Join(one, " or "), step.Action, step.Name)
			}
		}
		if step.Action != "aws:executeScript" {
			continue
		}
		runtime, _ := step.Inputs["Runtime"].(string)
		if !scriptRuntimes.MatchString(runtime) {
			return fmt.Sprintf("Runtime %q of step %s is not supported.", runtime, step.Name)
		}
		if strings.HasPrefix(runtime, "python") && step.Inputs["Handler"] == nil {
			return fmt.Sprintf("Input Handler of action %s in step %s is required.", step.Action, step.Name)
		}
	}
	return ""
}
