package stacks

// Profile is what an Environment stands for.
type Profile struct {
	// Protect keeps keys from being deleted or replaced and load balancers from being deleted, by the engine and by AWS.
	Protect bool
	// PlainHTTP allows a service without a certificate.
	PlainHTTP bool
	// ImageTags allows a container image by tag, which can change between two launches of the same instance.
	ImageTags bool
	// LogRetentionDays is how long log groups keep events.
	LogRetentionDays int
}

// profiles is the whole difference between environments, on one screen.
var profiles = map[Environment]Profile{
	Production:  {Protect: true, PlainHTTP: false, ImageTags: false, LogRetentionDays: 365},
	Development: {Protect: false, PlainHTTP: true, ImageTags: true, LogRetentionDays: 30},
}
