// Package awsmodel calls operations of AWS's APIs by name, as Systems Manager does, on the types of AWS's SDK: an operation that does not
// exist, a parameter that it does not take or has with another type, one that is required and missing, and an answer that
// it could not give are errors. What the answer is, a test says. It is for tests only.
package awsmodel

import (
	"context"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rdsdata"
	"github.com/aws/smithy-go/middleware"
)

// Answer answers one operation: input is the SDK's pointer to its input, the answer a pointer to its output.
type Answer func(service, operation string, input any) (output any, err error)

// service is a client of the SDK, and how its parameters are spelt on the wire.
type service struct {
	client any
	// lowerCamel services spell resourceArn what the SDK calls ResourceArn
	// (https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html).
	lowerCamel bool
}

// Model is the services by their namespaces in the AWS CLI.
type Model struct {
	services map[string]service
	answer   Answer
}

// New has RDS, its Data API, AWS Backup and IAM.
func New(answer Answer) *Model {
	m := &Model{answer: answer}
	m.services = map[string]service{
		"rds":      {client: rds.NewFromConfig(m.config("rds"))},
		"rds-data": {client: rdsdata.NewFromConfig(m.config("rds-data")), lowerCamel: true},
		"backup":   {client: backup.NewFromConfig(m.config("backup"))},
		"iam":      {client: iam.NewFromConfig(m.config("iam"))},
	}
	return m
}

// config answers every operation where it would be put on the wire: after the SDK has looked whether all that is required is there.
func (m *Model) config(name string) aws.Config {
	answered := middleware.SerializeMiddlewareFunc("answered", func(
		ctx context.Context, in middleware.SerializeInput, _ middleware.SerializeHandler,
	) (middleware.SerializeOutput, middleware.Metadata, error) {
		output, err := m.answer(name, middleware.GetOperationName(ctx), in.Parameters)
		return middleware.SerializeOutput{Result: output}, middleware.Metadata{}, err
	})
	return aws.Config{Region: "eu-central-1", RetryMaxAttempts: 1, APIOptions: []func(*middleware.Stack) error{
		func(stack *middleware.Stack) error { return stack.Serialize.Add(answered, middleware.Before) },
	}}
}

// Call calls an operation with parameters as a document states them.
func (m *Model) Call(ctx context.Context, name, operation string, parameters map[string]any) (map[string]any, error) {
	service, known := m.services[name]
	if !known {
		return nil, fmt.Errorf("the service %q is not known here", name)
	}
	method := reflect.ValueOf(service.client).MethodByName(operation)
	if !method.IsValid() || method.Type().NumIn() != 3 {
		return nil, fmt.Errorf("%s has no operation %q", name, operation)
	}
	input := reflect.New(method.Type().In(1).Elem())
	if err := decode(parameters, input.Elem(), service.lowerCamel, operation); err != nil {
		return nil, err
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), input})
	if err, failed := results[1].Interface().(error); failed {
		return nil, err
	}
	tree, err := encode(results[0], service.lowerCamel)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return tree.(map[string]any), nil
}
