package deploy

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// SetProgram makes the stack run another program than the real one.
func (s *Stack) SetProgram(program pulumi.RunFunc) { s.program = program }

// MinimumCLI is the oldest CLI that is accepted.
var MinimumCLI = minimumCLI

// LeavesDoubt says whether a failure with this message leaves open what was done.
func LeavesDoubt(message string) bool { return leavesDoubt(message) }

// Adoptee is something that stands, to be taken over into a state.
type Adoptee candidate

// NewAdoptee is the resource in a JSON text that stands under ids.
func NewAdoptee(text []byte, newest bool, ids ...string) (Adoptee, error) {
	var resource Resource
	err := json.Unmarshal(text, &resource)
	return Adoptee{doubt: doubt{resource: resource}, known: true, ids: ids, newest: newest}, err
}

// URN is the resource's.
func (a Adoptee) URN() string { return a.resource.URN }

// Adopt takes things over into an exported state.
func Adopt(exported string, all []Adoptee) (string, error) {
	var candidates []candidate
	for _, one := range all {
		candidates = append(candidates, candidate(one))
	}
	return adopt(exported, candidates, nil)
}

// Heed decides on what stands, where it was asked for, as the caller says, and returns under which ids it is taken over then.
func Heed(one Adoptee, say Settling) (ids []string, err error) {
	left := &unsettled{candidates: []candidate{candidate(one)}}
	err = left.heed("prod", say, &State{})
	return left.candidates[0].ids, err
}

// Gate holds what an update would do against what the old state protects and holds.
func Gate(steps []Step, old *State, unlock []string) (refused []Refusal, freed []Resource) {
	return gate(steps, old, unlock)
}
