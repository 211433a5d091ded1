package kinds

import "slices"

// listenerRules are what the API refuses of a listener as a whole.
func listenerRules() []Rule { return append(listenerTLSRules(), listenerTargetRules()...) }

// listenerTLSRules are about protocols, certificates and security policies.
func listenerTLSRules() []Rule {
	isHTTPS := func(d *Draft) bool { return d.Text("protocol") == "HTTPS" }
	return []Rule{
		{Name: "protocol of the load balancer", Stage: AtApply, Code: "UnsupportedProtocol", Broken: func(d *Draft) *Refusal {
			if balancer := d.Find(LoadBalancer, d.Text("loadBalancerArn")); balancer != nil && !overHTTP(d.Text("protocol")) {
				return Refuse("protocol", "Listener protocol '%s' is not supported: the sandbox has Application Load Balancers, which take HTTP and HTTPS", d.Text("protocol"))
			}
			return nil
		}},
		apiRule("a certificate", "certificateArn", func(d *Draft) bool { return isHTTPS(d) && !d.Has("certificateArn") },
			"A certificate must be specified for HTTPS listeners"),
		apiRule("a certificate without TLS", "certificateArn", func(d *Draft) bool { return !isHTTPS(d) && d.Has("certificateArn") },
			"A certificate cannot be specified for HTTP listeners"),
		apiRule("a security policy without TLS", "sslPolicy", func(d *Draft) bool { return !isHTTPS(d) && d.Text("sslPolicy") != "" },
			"An SSL policy cannot be specified for HTTP listeners"),
		{Name: "certificate", Stage: AtApply, Code: "CertificateNotFound", Broken: func(d *Draft) *Refusal {
			if arn := d.Text("certificateArn"); arn != "" && !certificateOf(d, arn) {
				return Refuse("certificateArn", "Certificate '%s' not found", arn)
			}
			return nil
		}},
		{Name: "an issued certificate", Stage: AtApply, Code: "UnsupportedCertificate", Broken: func(d *Draft) *Refusal {
			certificate := d.Find(Certificate, d.Text("certificateArn"))
			if certificate == nil || issued(d, certificate.At) {
				return nil
			}
			return Refuse("certificateArn", "The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size.", certificate.ID)
		}},
		{Name: "security policy", Stage: AtApply, Code: "SSLPolicyNotFound", Broken: func(d *Draft) *Refusal {
			if name := d.Text("sslPolicy"); name != "" && !slices.Contains(tlsPolicies, name) {
				return Refuse("sslPolicy", "SSL policy '%s' not found", name)
			}
			return nil
		}},
	}
}

// listenerTargetRules are about ports and target groups.
func listenerTargetRules() []Rule {
	return []Rule{
		{Name: "listener on the port", Stage: AtApply, Code: "DuplicateListener", Broken: func(d *Draft) *Refusal {
			for _, other := range d.Others(Listener) {
				if other.Text("loadBalancerArn") == d.Text("loadBalancerArn") && other.At("port").Int() == d.Int("port") {
					return Refuse("port", "A listener already exists on this port for this load balancer '%s'", d.Text("loadBalancerArn"))
				}
			}
			return nil
		}},
		{Name: "target group of another VPC", Stage: AtApply, Code: "InvalidConfigurationRequest", Broken: func(d *Draft) *Refusal {
			balancer := d.Find(LoadBalancer, d.Text("loadBalancerArn"))
			for _, group := range listenerTargets(d) {
				if vpc := group.Text("vpcId"); balancer != nil && vpc != "" && vpc != balancer.Text("vpcId") {
					return Refuse("defaultActions", "The target group '%s' is in VPC %s and the load balancer in %s", group.ID, vpc, balancer.Text("vpcId"))
				}
			}
			return nil
		}},
		{Name: "protocol of the target group", Stage: AtApply, Code: "InvalidConfigurationRequest", Broken: func(d *Draft) *Refusal {
			for _, group := range listenerTargets(d) {
				if protocol := group.Text("protocol"); protocol != "" && !overHTTP(protocol) {
					return Refuse("defaultActions", "Listener protocol '%s' is not supported with a target group with the protocol %s", d.Text("protocol"), protocol)
				}
			}
			return nil
		}},
		{Name: "target group of another load balancer", Stage: AtApply, Code: "TargetGroupAssociationLimit", Broken: func(d *Draft) *Refusal {
			for _, group := range listenerTargets(d) {
				for _, balancer := range balancersOf(d, group.ID, d.ID()) {
					if balancer != d.Text("loadBalancerArn") {
						return Refuse("defaultActions", "The following target groups cannot be associated with more than one load balancer: %s", group.ID)
					}
				}
			}
			return nil
		}},
	}
}

// certificateOf is true for a well-formed certificate of the account and Region, or of IAM. A program may name one that a
// person requested, which the sandbox does not have; one of the sandbox's own must be there.
func certificateOf(d *Draft, text string) bool {
	arn := splitARN(text)
	if arn == nil || arn.partition != d.Partition() || arn.account != d.Account || !certificateID.MatchString(arn.resource) {
		return false
	}
	if arn.service == "acm" && arn.region == d.Region {
		return !sandboxCertificate.MatchString(arn.resource) || d.Find(Certificate, text) != nil
	}
	return arn.service == "iam" && arn.region == ""
}
