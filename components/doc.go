// Package components is the library of typed Pulumi components from which Aplomb builds services on AWS that heal
// themselves: each spans several Availability Zones, holds the capacity to lose one of them, and brings exactly the
// permissions it needs.
//
// Every component has the same shape: NewX(ctx, name, &XArgs{...}, opts...). What decides whether a resource exists is a
// plain Go value, so that a preview shows everything; what only fills a property may arrive late, as a Pulumi input.
// XArgs.Check reports everything that is wrong with the plain values at once, and the constructor registers nothing when
// it finds anything. A component asks AWS nothing (no invokes): the account is an argument, the Region follows from
// the zones, and the provider from the resource options, which children inherit.
//
// Every default can be overridden by an argument or, where there is none, by a Transform function, which sees the
// finished arguments of one inner resource last.
package components
