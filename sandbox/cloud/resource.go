// Package cloud is the sandbox's cloud: what exists, in one JSON file that outlives the process. Every change is written
// whole or not at all, by any number of goroutines and processes at once, and none is lost. It knows nothing of AWS.
package cloud

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Key is what tells one resource from every other. Ids are unique only among resources of one type in one place.
type Key struct {
	// Account is the AWS account number, Region its Region; Region is empty for what an account has once.
	Account, Region string
	// Type is the Pulumi type token, ID what AWS calls the resource.
	Type, ID string
}

// String is the key for an error message.
func (k Key) String() string {
	place := k.Account
	if k.Region != "" {
		place += "/" + k.Region
	}
	return fmt.Sprintf("%s %s in %s", k.Type, k.ID, place)
}

// Resource is one resource that exists.
type Resource struct {
	Key
	// URN is what the engine calls it.
	URN string
	// Serial is how many resources of the same URN were created before it.
	Serial int
	// Inputs is what was asked for last, Outputs what is true now. Secrets in them are sealed.
	Inputs, Outputs resource.PropertyMap
}

// ErrNotFound is wrapped by errors about a resource that does not exist.
var ErrNotFound = errors.New("no such resource")

func compareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}

// stackOf is the part of a URN that names its stack and project.
func stackOf(urn string) string {
	parts := strings.SplitN(urn, "::", 3)
	if len(parts) < 3 {
		return urn
	}
	return parts[0] + "::" + parts[1]
}
