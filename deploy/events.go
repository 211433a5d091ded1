package deploy

// Operation is what is done to a whole stack.
type Operation string

// The operations on a stack.
const (
	OperationPreview Operation = "preview"
	OperationUp      Operation = "up"
	OperationRefresh Operation = "refresh"
	OperationDestroy Operation = "destroy"
)

// Phase is one part of an operation.
type Phase string

// The phases of operations, in the order in which they can come.
const (
	// PhaseSettle finds out what became of an earlier operation that was cut off.
	PhaseSettle Phase = "settle"
	// PhasePreview finds out what would be done.
	PhasePreview Phase = "preview"
	// PhaseLift takes protection off before a destroy.
	PhaseLift Phase = "lift protection"
	// PhaseUp writes, PhaseRefresh reads what stands, PhaseDestroy takes down.
	PhaseUp      Phase = "up"
	PhaseRefresh Phase = "refresh"
	PhaseDestroy Phase = "destroy"
)

// Event is one thing that happened. Events of one operation come one at a time.
type Event struct {
	Phase Phase
	// Component is the component it happened to, empty for what belongs to none; Type is the component's type.
	Component, Type string
	// Resource is the name of the resource that is done, and Op what was done to it. Both are empty when a phase begins.
	Resource string
	Op       Op
	// Done of Total resources of this component are done in this phase. Total is 0 when nobody knows.
	Done, Total int
	// Failed is true when this resource failed.
	Failed bool
}
