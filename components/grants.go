package components

// GrantInvoke lets the caller's instances call this service: its load balancer admits them, and their own security group
// lets them out to it. Two security group rules are added and nothing else changes, so granting disturbs no other caller.
// Granting twice, to the service itself or across accounts or Regions is an error. Both services must be in one VPC or
// in peered ones.
func (s *ResilientService) GrantInvoke(caller *ResilientService) error {
	return s.grantInvoke(caller)
}
