package fault

import "sync"

// Plan deals faults out to the operations that they strike. Use it from any number of goroutines. The zero value and nil have
// no faults.
type Plan struct {
	mu     sync.Mutex
	faults []*armed
}

// armed is a fault and what has come of it.
type armed struct {
	fault  Fault
	struck []string
}

// NewPlan is a plan of faults. Of several that fit one operation, the first that is left strikes.
func NewPlan(faults ...Fault) *Plan {
	plan := &Plan{}
	for _, fault := range faults {
		plan.faults = append(plan.faults, &armed{fault: fault})
	}
	return plan
}

// Strike is the fault that strikes an operation on what is called that, and takes it off the plan, once. At most one fault
// strikes an operation. subject is what the plan remembers of it, such as a URN.
func (p *Plan) Strike(on Operation, typ, name, subject string) (Fault, bool) {
	if p == nil {
		return Fault{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.faults {
		if len(one.struck) < one.fault.Times && one.fault.strikes(on, typ, name) {
			one.struck = append(one.struck, subject)
			return one.fault, true
		}
	}
	return Fault{}, false
}

// Outcome is what has come of one fault.
type Outcome struct {
	// Fault is the fault as Parse reads it.
	Fault string `json:"fault"`
	// Struck are the subjects that it struck, in order.
	Struck []string `json:"struck"`
	// Left is how often it has still to strike.
	Left int `json:"left"`
}

// Outcomes is what has come of each fault so far, in the order of the plan.
func (p *Plan) Outcomes() []Outcome {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	outcomes := make([]Outcome, 0, len(p.faults))
	for _, one := range p.faults {
		outcomes = append(outcomes, Outcome{
			Fault: one.fault.String(), Struck: append([]string{}, one.struck...), Left: one.fault.Times - len(one.struck),
		})
	}
	return outcomes
}
