package automation

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// The timeouts of actions when a step states none, in seconds: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-handling-timeouts.html
const (
	waitTimeout = 3600
	// pollSeconds stands for how often a wait asks, which AWS does not say.
	pollSeconds = 30
)

func (r *run) do(ctx context.Context, s step) (next string, err error) {
	inputs, err := r.filled(s.Inputs)
	if err != nil {
		return "", err
	}
	switch s.Action {
	case "aws:executeAwsApi":
		return "", r.call(ctx, s, inputs)
	case "aws:waitForAwsResourceProperty":
		return "", r.await(ctx, s, inputs)
	case "aws:assertAwsResourceProperty":
		value, desired, err := r.property(ctx, s, inputs)
		if err == nil && !slices.Contains(desired, value) {
			err = fmt.Errorf("the property is %q and not one of %q", value, desired)
		}
		return "", err
	case "aws:branch":
		return r.branch(inputs)
	case "aws:invokeLambdaFunction":
		return "", r.invoke(ctx, s, inputs)
	case "aws:executeScript":
		return "", r.script(ctx, s, inputs)
	case "aws:sleep":
		return "", r.sleep(inputs)
	}
	return "", wrongf("the action %q is not known here", s.Action)
}

// operation takes what is about the step itself out of the inputs; what stays are the operation's parameters.
func operation(inputs map[string]any) (service, api string, parameters map[string]any, err error) {
	parameters = maps.Clone(inputs)
	service, isService := parameters["Service"].(string)
	api, isAPI := parameters["Api"].(string)
	if !isService || !isAPI || service == "" || api == "" {
		return "", "", nil, wrongf("Service or Api is missing")
	}
	delete(parameters, "Service")
	delete(parameters, "Api")
	return service, api, parameters, nil
}

func (r *run) call(ctx context.Context, s step, inputs map[string]any) error {
	service, api, parameters, err := operation(inputs)
	if err != nil {
		return err
	}
	response, err := r.world.Call(ctx, service, api, parameters)
	if err != nil {
		return err
	}
	return r.take(s, response)
}

// take puts the outputs of a step where later steps find them. One that the response does not have is an error.
func (r *run) take(s step, response map[string]any) error {
	for _, each := range s.Outputs {
		value, err := selected(response, each.Selector)
		if err != nil {
			return err
		}
		_, isText := value.(string)
		_, isBool := value.(bool)
		if each.Type == "String" && !isText || each.Type == "Boolean" && !isBool || each.Type != "String" && each.Type != "Boolean" {
			return wrongf("output %s is %T and not %s", each.Name, value, each.Type)
		}
		r.values[s.Name+"."+each.Name] = value
	}
	return nil
}

// property calls the operation and takes the one property of its answer.
func (r *run) property(ctx context.Context, s step, inputs map[string]any) (value string, desired []string, err error) {
	service, api, parameters, err := operation(inputs)
	if err != nil {
		return "", nil, err
	}
	selector, isText := parameters["PropertySelector"].(string)
	list, isList := parameters["DesiredValues"].([]any)
	if !isText || !isList || len(list) == 0 {
		return "", nil, wrongf("PropertySelector or DesiredValues is missing")
	}
	for _, each := range list {
		text, is := each.(string)
		if !is {
			return "", nil, wrongf("a desired value is %T", each)
		}
		desired = append(desired, text)
	}
	delete(parameters, "PropertySelector")
	delete(parameters, "DesiredValues")
	response, err := r.world.Call(ctx, service, api, parameters)
	if err != nil {
		return "", nil, err
	}
	if err := r.take(s, response); err != nil {
		return "", nil, err
	}
	found, err := selected(response, selector)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprint(found), desired, nil
}

var duration = regexp.MustCompile(`^PT([0-9]+)S$`)

func (r *run) sleep(inputs map[string]any) error {
	text, _ := inputs["Duration"].(string)
	match := duration.FindStringSubmatch(text)
	if match == nil || len(inputs) != 1 {
		return wrongf("a sleep has a Duration in seconds here, such as PT60S, and nothing else")
	}
	seconds, err := strconv.Atoi(match[1])
	if err != nil {
		return wrong{err}
	}
	r.world.Pass(seconds)
	return nil
}

// await ends with the first error of the operation, and with the first answer that has no such property: AWS's documentation does not say
// that it would go on.
func (r *run) await(ctx context.Context, s step, inputs map[string]any) error {
	limit := s.TimeoutSeconds
	if limit == 0 {
		limit = waitTimeout
	}
	for passed := 0; ; passed += pollSeconds {
		value, desired, err := r.property(ctx, s, inputs)
		switch {
		case err != nil:
			return err
		case slices.Contains(desired, value):
			return nil
		case passed >= limit:
			return fmt.Errorf("after %d s the property is %q and not one of %q", limit, value, desired)
		}
		r.world.Pass(pollSeconds)
	}
}

func (r *run) branch(inputs map[string]any) (string, error) {
	choices, isList := inputs["Choices"].([]any)
	fallback, isText := inputs["Default"].(string)
	if !isList || !isText || len(inputs) != 2 {
		return "", wrongf("a branch has Choices and a Default here, and nothing else")
	}
	for _, each := range choices {
		choice, is := each.(map[string]any)
		variable, hasVariable := choice["Variable"].(string)
		equals, hasEquals := choice["StringEquals"].(string)
		next, hasNext := choice["NextStep"].(string)
		if !is || !hasVariable || !hasEquals || !hasNext || len(choice) != 3 {
			return "", wrongf("a choice has Variable, StringEquals and NextStep here, and nothing else")
		}
		if variable == equals {
			return next, nil
		}
	}
	return fallback, nil
}

// invoke has the outputs of the action. AWS's documentation does not say that the step fails when the function does. FunctionError is an output
// only then, as it is a header of Lambda's answer only then
// (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
func (r *run) invoke(ctx context.Context, s step, inputs map[string]any) error {
	function, hasFunction := inputs["FunctionName"].(string)
	payload, hasPayload := inputs["Payload"].(string)
	if !hasFunction || !hasPayload || inputs["InvocationType"] != "RequestResponse" || len(inputs) != 3 {
		return wrongf("an invocation has FunctionName, InvocationType RequestResponse and Payload here, and nothing else")
	}
	answer, failed, err := r.world.Invoke(ctx, function, payload)
	if err != nil {
		return err
	}
	r.values[s.Name+".Payload"], r.values[s.Name+".StatusCode"] = answer, "200"
	delete(r.values, s.Name+".FunctionError") // of an earlier attempt
	if failed {
		r.values[s.Name+".FunctionError"] = "Unhandled"
	}
	return nil
}
