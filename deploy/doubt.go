package deploy

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// doubt is something that may stand in the cloud although the state does not have it.
type doubt struct {
	// resource is how the state would have it, but for its id.
	resource Resource
	// reason is why nobody knows.
	reason string
	// over is the id of what it was to replace, empty for nothing.
	over string
}

// storedDoubt is a doubt as it is kept.
type storedDoubt struct {
	Resource rawResource `json:"resource"`
	Reason   string      `json:"reason"`
	Over     string      `json:"over,omitempty"`
}

// MarshalJSON keeps all that is known about the resource.
func (d doubt) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedDoubt{d.resource.raw, d.reason, d.over})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *doubt) UnmarshalJSON(text []byte) error {
	var stored storedDoubt
	if err := json.Unmarshal(text, &stored); err != nil {
		return err
	}
	resource, err := stored.Resource.typed()
	*d = doubt{resource, stored.Reason, stored.Over}
	return err
}

// typed is a resource of which everything is known as the engine keeps it.
func (r rawResource) typed() (Resource, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return Resource{}, err
	}
	var resource Resource
	return resource, json.Unmarshal(text, &resource)
}

const (
	reasonKilled = "the engine was ended while it was being created"
	reasonUnsaid = "its creation failed without an answer of AWS"
)

// doubts are the creations of the state of which the engine never heard the end. Components and providers are none: they are
// nothing in a cloud.
func (s *State) doubts() []doubt {
	var found []doubt
	for _, pending := range s.Pending {
		resource := pending.Resource
		if pending.Type != "creating" || !resource.Custom || strings.HasPrefix(resource.Type, providerPrefix) {
			continue
		}
		open := doubt{resource: resource, reason: reasonKilled}
		if old, stands := s.Find(resource.URN); stands {
			open.over = old.ID
		}
		found = append(found, open)
	}
	return found
}

// halfDone are the URNs of what stands in the state and was being changed, deleted or read when the engine ended: only the
// cloud knows how far that came.
func (s *State) halfDone() []string {
	var urns []string
	for _, pending := range s.Pending {
		if _, stands := s.Find(pending.Resource.URN); stands && pending.Type != "creating" {
			urns = append(urns, pending.Resource.URN)
		}
	}
	return urns
}

// settled says whether something stands in the state that the doubt could be about: whoever else worked on the stack has
// settled it.
func (d doubt) settled(in *State) bool {
	stands, exists := in.Find(d.resource.URN)
	return exists && stands.ID != d.over
}

var (
	// answered is a code that AWS answered with.
	answered = regexp.MustCompile(`api error ([A-Za-z.]+)`)
	// failed is the status of an answer that says that the service failed, with whatever code.
	failed = regexp.MustCompile(`StatusCode: 5[0-9][0-9]`)
	// unsent is a request that never came to AWS.
	unsent = regexp.MustCompile(`dial tcp|no such host|connection refused|TLS handshake timeout|get credentials:|failed to refresh cached credentials|no EC2 IMDS role found`)
	// unheard is a request whose answer was lost.
	unheard = regexp.MustCompile(`(?i)\bEOF\b|connection reset|broken pipe|timeout|timed out|deadline exceeded|cancell?ed|GOAWAY|` +
		`error reading from server|transport is closing|use of closed|connection was dropped|unavailable`)
)

// failedInside are the codes of services that failed after they took a request: they may have followed it.
var failedInside = []string{
	"InternalError", "InternalFailure", "InternalServerError", "InternalServiceError", "InternalServiceException", "InternalServerException",
	"KMSInternalException", "ServiceFailure", "ServiceUnavailable", "ServiceUnavailableException", "Unavailable", "RequestTimeout",
	"RequestTimeoutException",
}

// leavesDoubt says whether an operation that failed with this message may have been carried out all the same. AWS's own
// refusals leave none; a request that was sent and not answered does.
func leavesDoubt(message string) bool {
	if code := answered.FindStringSubmatch(message); code != nil {
		return slices.Contains(failedInside, code[1]) || failed.MatchString(message)
	}
	return unheard.MatchString(message) && !unsent.MatchString(message)
}
