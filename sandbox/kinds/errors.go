package kinds

import "fmt"

// byProvider stands in place of AWS's code where the provider itself refuses after it asked AWS, as when it waited in vain.
const byProvider = "provider"

// APIError is AWS's refusal, in the shape in which the real provider reports it.
type APIError struct {
	// Code is AWS's error code, such as InvalidSubnet. Message is what AWS says.
	Code, Message string
	// Doing is the provider's phrase, such as creating ELBv2 Load Balancer (web).
	Doing string
	// Service and Operation are the API that refused.
	Service, Operation string
	// Attempts is how often the provider tried before it gave up, 0 for a refusal that it does not try again.
	Attempts int
}

// Error is the whole line; without code and operation where the provider itself refuses. As in
// creating ELBv2 Load Balancer (web): operation error Elastic Load Balancing v2: CreateLoadBalancer, api error InvalidSubnet: ...
func (e *APIError) Error() string {
	if e.Code == byProvider {
		return e.Doing + ": " + e.Message
	}
	said := fmt.Sprintf("api error %s: %s", e.Code, e.Message)
	if e.Attempts > 0 {
		said = fmt.Sprintf("exceeded maximum number of attempts, %d, %s", e.Attempts, said)
	}
	if e.Operation != "" {
		said = fmt.Sprintf("operation error %s: %s, %s", e.Service, e.Operation, said)
	} else if e.Service != "" {
		said = fmt.Sprintf("operation error %s, %s", e.Service, said)
	}
	return e.Doing + ": " + said
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
