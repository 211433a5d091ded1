package automation

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

// ErrNoPython means that a document's script cannot be run here.
var ErrNoPython = errors.New("there is no python3 here")

// harness stands between a script and the world. Its boto3 has clients whose operations are asked of the test, a line of JSON a call, and its time
// has a sleep that lets time pass there.
const harness = `
import json, sys, types
out, sys.stdout = sys.stdout, sys.stderr
def ask(service, operation, parameters):
    out.write(json.dumps({"service": service, "operation": operation, "parameters": parameters}) + "\n")
    out.flush()
    answer = json.loads(sys.stdin.readline())
    if "error" in answer:
        raise Exception(answer["error"])
    return answer["response"]
def operation(name):
    return "".join("DB" if word == "db" else word.capitalize() for word in name.split("_"))
def sleep(seconds):
    out.write(json.dumps({"sleep": seconds}) + "\n")
    out.flush()
    sys.stdin.readline()
class Paginator:
    def __init__(self, service, operation):
        self.service, self.operation = service, operation
    def paginate(self, **parameters):
        while True:
            page = ask(self.service, self.operation, parameters)
            yield page
            if not page.get("NextToken"):
                return
            parameters = dict(parameters, NextToken=page["NextToken"])
class Client:
    def __init__(self, service):
        self.service = service
    def get_paginator(self, name):
        return Paginator(self.service, operation(name))
    def __getattr__(self, name):
        return lambda **parameters: ask(self.service, operation(name), parameters)
boto3 = types.ModuleType("boto3")
boto3.client = lambda service: Client(service)
sys.modules["boto3"] = boto3
clock = types.ModuleType("time")
clock.sleep = sleep
sys.modules["time"] = clock
start = json.loads(sys.stdin.readline())
scope = {}
try:
    exec(start["script"], scope)
    result = {"result": scope[start["handler"]](start["input"], {})}
except Exception as problem:
    result = {"problem": str(problem)}
out.write(json.dumps(result) + "\n")
out.flush()
`

// scriptSeconds is AWS's limit
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html).
const scriptSeconds = 600

type scriptLine struct {
	Service    string         `json:"service"`
	Operation  string         `json:"operation"`
	Parameters map[string]any `json:"parameters"`
	Result     map[string]any `json:"result"`
	Problem    string         `json:"problem"`
	Sleep      int            `json:"sleep"`
}

func (r *run) script(ctx context.Context, s step, inputs map[string]any) error {
	code, hasCode := inputs["Script"].(string)
	handler, hasHandler := inputs["Handler"].(string)
	if !hasCode || !hasHandler || inputs["Runtime"] != "python3.11" || inputs["InputPayload"] == nil || len(inputs) != 4 {
		return wrongf("a script has Runtime python3.11, Handler, Script and InputPayload here, and nothing else")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		return wrong{ErrNoPython}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	command := exec.CommandContext(ctx, python, "-c", harness)
	trouble := bytes.Buffer{}
	command.Stderr = &trouble
	in, err := command.StdinPipe()
	if err != nil {
		return wrong{err}
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return wrong{err}
	}
	if err := command.Start(); err != nil {
		return wrong{err}
	}
	defer func() { cancel(); _ = command.Wait() }()
	encoder := json.NewEncoder(in)
	if err := encoder.Encode(map[string]any{"script": code, "handler": handler, "input": inputs["InputPayload"]}); err != nil {
		return wrong{err}
	}
	slept := 0
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := scriptLine{}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return wrong{err}
		}
		switch {
		case line.Problem != "":
			return fmt.Errorf("the script says: %s", line.Problem)
		case line.Service == "" && line.Sleep == 0:
			return r.take(s, map[string]any{"Payload": any(line.Result)})
		}
		if slept += line.Sleep; slept > scriptSeconds {
			return fmt.Errorf("the script runs for more than %d s", scriptSeconds)
		}
		answer := r.answer(ctx, line)
		if err := encoder.Encode(answer); err != nil {
			return wrong{err}
		}
	}
	return wrongf("the script ended without an answer: %s", trouble.String())
}

// answer does what the script asks for: time passes, or AWS is called.
func (r *run) answer(ctx context.Context, line scriptLine) map[string]any {
	if line.Sleep > 0 {
		r.world.Pass(line.Sleep)
		return map[string]any{}
	}
	response, err := r.world.Call(ctx, line.Service, line.Operation, line.Parameters)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"response": response}
}
