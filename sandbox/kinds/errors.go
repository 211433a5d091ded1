package kinds

import "fmt"

// APIError is AWS's refusal, in the shape in which the real provider reports it.
type APIError struct {
	// Code is AWS's error code, such as InvalidSubnet. Message is what AWS says.
	Code, Message string
	// Doing is the provider's phrase, such as creating ELBv2 Load Balancer (web).
	Doing string
	// Service and Operation are the API that refused.
	Service, Operation string
}

// Error is the whole line, as in
// creating ELBv2 Load Balancer (web): operation error Elastic Load Balancing v2: CreateLoadBalancer, api error InvalidSubnet: ...
func (e *APIError) Error() string {
	return fmt.Sprintf("%s: operation error %s: %s, api error %s: %s", e.Doing, e.Service, e.Operation, e.Code, e.Message)
}

// refuse makes the error of one operation. The resource is named by its id, else by its physical name, as the provider does.
func (k *Kind) refuse(d *Draft, verb, operation, code, message string) *APIError {
	doing := verb + " " + k.API.Noun
	called := d.id
	if called == "" && k.Name != nil {
		called = d.Text(k.Name.Property)
	}
	if called != "" {
		doing += " (" + called + ")"
	}
	return &APIError{Code: code, Message: message, Doing: doing, Service: k.API.Service, Operation: operation}
}
