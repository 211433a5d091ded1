package topology

import (
	"net/netip"
	"slices"
	"strings"
)

// serviceKeys are the physical names by which other resources refer to a service.
type serviceKeys struct {
	role           string
	securityGroups []string
}

// readServices makes a service of every Auto Scaling group, and follows AWS's own references to what belongs to it.
func (r *reader) readServices() {
	if len(r.byType[groupType]) == 0 {
		r.unknown("services", "the state holds no Auto Scaling group")
	}
	for _, group := range r.byType[groupType] {
		service := Service{Name: r.nameOf(group)}
		path := "services." + service.Name
		target, reason := r.targetOf(group)
		r.unknown(path+".target", reason)
		if reason == "" {
			r.readTarget(&service.Target, path+".target", target)
		}
		if balancer, why := r.balancerOf(target, reason); why == "" {
			r.readIngress(&service.Ingress, path+".ingress", balancer)
		} else {
			r.unknown(path+".ingress", why)
		}
		r.readFleet(&service.Fleet, path+".fleet", group)
		keys := r.keysOf(group, path)
		service.OpenEgress = r.openEgress(path+".openEgress", keys.securityGroups)
		r.readSaid(&service, path)
		r.made.Services, r.services = append(r.made.Services, service), append(r.services, keys)
	}
}

// nameOf is the service's name in the stack's output, which knows the group, or else the group's own.
func (r *reader) nameOf(group resource) string {
	services, _ := r.said("services").is.(map[string]any)
	for name := range services {
		if physical, reason := r.said("services", name, "autoScalingGroup").text(); reason == "" && physical == group.ID {
			return name
		}
	}
	return group.name()
}

// readSaid is what AWS does not hold.
func (r *reader) readSaid(service *Service, path string) {
	said := func(key string) value { return r.said("services", service.Name, key) }
	r.number(&service.Fleet.NeededAtPeak, path+".fleet.neededAtPeak", said("peakInstances"))
	r.truth(&service.Target.DiskProbe, path+".target.diskProbe", said("diskProbe"))
	r.texts(&service.Calls, path+".calls", said("calls"))
	slices.Sort(service.Calls)
	classes, reason := said("clients").list()
	r.unknown(path+".ingress.clients", reason)
	for _, each := range classes {
		var class ClientClass
		r.text(&class.Class, path+".ingress.clients", get(each, "class"))
		r.number(&class.Percent, path+".ingress.clients", get(each, "percent"))
		service.Ingress.Clients = append(service.Ingress.Clients, class)
	}
}

// find is the one resource of a type whose property is a value.
func (r *reader) find(typ, property, is string) (resource, bool) {
	for _, each := range r.byType[typ] {
		if is != "" && (each.textOr(property) == is || property == "id" && each.ID == is) {
			return each, true
		}
	}
	return resource{}, false
}

func (r *reader) targetOf(group resource) (resource, string) {
	arns, reason := group.get("targetGroupArns").texts()
	if reason != "" {
		return resource{}, reason
	}
	if len(arns) != 1 {
		return resource{}, "the Auto Scaling group has no target group, or several"
	}
	if target, exists := r.find(targetType, "arn", arns[0]); exists {
		return target, ""
	}
	return resource{}, "the state does not hold the target group of the Auto Scaling group"
}

func (r *reader) balancerOf(target resource, reason string) (resource, string) {
	if reason != "" {
		return resource{}, reason
	}
	for _, listener := range r.byType[listenerType] {
		if !r.forwards(listener, target.textOr("arn")) {
			continue
		}
		if balancer, exists := r.find(balancerType, "arn", listener.textOr("loadBalancerArn")); exists {
			return balancer, ""
		}
	}
	return resource{}, "the state does not hold a listener that forwards to the target group, or its load balancer"
}

func (r *reader) forwards(listener resource, target string) bool {
	actions, _ := listener.get("defaultActions").list()
	for _, action := range actions {
		if arn, reason := get(action, "targetGroupArn").text(); reason == "" && arn == target && target != "" {
			return true
		}
	}
	return false
}

func (r *reader) readTarget(target *Target, path string, from resource) {
	check := func(into *int, key string) {
		r.number(into, path+"."+key+"Seconds", from.get("healthCheck."+key))
	}
	check(&target.IntervalSeconds, "interval")
	check(&target.TimeoutSeconds, "timeout")
	r.number(&target.HealthyThreshold, path+".healthyThreshold", from.get("healthCheck.healthyThreshold"))
	r.number(&target.UnhealthyThreshold, path+".unhealthyThreshold", from.get("healthCheck.unhealthyThreshold"))
	r.number(&target.DrainSeconds, path+".drainSeconds", from.get("deregistrationDelay"))
	percent := from.get("targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsPercentage")
	if percent.is != "off" { // only the number of healthy targets counts then
		r.number(&target.FailOpenPercent, path+".failOpenPercent", percent)
	}
	// An Application Load Balancer is always cross-zone itself; the target group may turn it off.
	cross := from.get("loadBalancingCrossZoneEnabled")
	if cross.is == "use_load_balancer_configuration" {
		target.CrossZone = true
		return
	}
	r.truth(&target.CrossZone, path+".crossZone", cross)
}

func (r *reader) readIngress(ingress *Ingress, path string, from resource) {
	ingress.Zones = r.zonesOf(path+".zones", from.get("subnets"))
	r.truth(&ingress.Internal, path+".internal", from.get("internal"))
	r.number(&ingress.KeepAliveSeconds, path+".keepAliveSeconds", from.get("clientKeepAlive"))
	r.number(&ingress.IdleSeconds, path+".idleSeconds", from.get("idleTimeout"))
	arn, name := from.textOr("arn"), from.textOr("dnsName")
	for _, group := range r.byType[endpointType] {
		endpoints, _ := group.get("endpointConfigurations").list()
		for _, endpoint := range endpoints {
			if id, reason := get(endpoint, "endpointId").text(); reason == "" && id == arn && arn != "" {
				ingress.Accelerated = true
			}
		}
	}
	if name == "" {
		r.unknown(path+".records", "the state does not hold the load balancer's DNS name")
		return
	}
	for _, each := range r.byType[recordType] {
		r.readRecord(ingress, path, each, name)
	}
	slices.SortFunc(ingress.Records, func(a, b Record) int { return strings.Compare(a.Name, b.Name) })
}

func (r *reader) readRecord(ingress *Ingress, path string, from resource, balancer string) {
	record := Record{Name: from.textOr("name")}
	aliases, _ := from.get("aliases").list()
	for _, alias := range aliases {
		to, _ := get(alias, "name").text()
		if leadsTo(to, balancer) {
			record.Alias = true
			ingress.Records = append(ingress.Records, record)
			return
		}
	}
	values, _ := from.get("records").texts()
	if slices.ContainsFunc(values, func(to string) bool { return leadsTo(to, balancer) }) {
		r.number(&record.TTLSeconds, path+".records."+record.Name+".ttlSeconds", from.get("ttl"))
		ingress.Records = append(ingress.Records, record)
	}
}

// leadsTo compares DNS names: Route 53 puts dualstack. before a load balancer's in the console, and case does not count.
func leadsTo(name, balancer string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	balancer = strings.TrimSuffix(strings.ToLower(balancer), ".")
	return name == balancer || name == "dualstack."+balancer
}

func (r *reader) readFleet(fleet *Fleet, path string, group resource) {
	r.number(&fleet.Min, path+".min", group.get("minSize"))
	r.number(&fleet.Max, path+".max", group.get("maxSize"))
	if desired := group.get("desiredCapacity"); desired.reason == "" {
		r.number(&fleet.Desired, path+".desired", desired)
	} else {
		fleet.Desired = fleet.Min
	}
	zones := r.zonesOf(path+".perZone", group.get("vpcZoneIdentifiers"))
	for index, zone := range zones {
		count := fleet.Desired / len(zones)
		if index < fleet.Desired%len(zones) {
			count++
		}
		fleet.PerZone = append(fleet.PerZone, ZoneCount{Zone: zone, Count: count})
	}
	var types string
	r.text(&types, path+".healthCheckTypes", group.get("healthCheckType"))
	for typ := range strings.SplitSeq(types, ",") {
		if typ = strings.TrimSpace(typ); typ != "" {
			fleet.HealthCheckTypes = append(fleet.HealthCheckTypes, typ)
		}
	}
	slices.Sort(fleet.HealthCheckTypes)
	r.number(&fleet.GraceSeconds, path+".graceSeconds", group.get("healthCheckGracePeriod"))
	overrides, reason := group.get("mixedInstancesPolicy.launchTemplate.overrides").list()
	for _, override := range overrides {
		typ, why := get(override, "instanceType").text()
		if reason == "" {
			reason = why
		}
		if typ != "" {
			fleet.InstanceTypes = append(fleet.InstanceTypes, typ)
		}
	}
	r.unknown(path+".instanceTypes", reason)
}

// keysOf follows the group's launch template to its instance profile and security groups.
func (r *reader) keysOf(group resource, path string) serviceKeys {
	var keys serviceKeys
	template, exists := r.find(templateType, "id", group.textOr("mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateId"))
	if !exists {
		template, exists = r.find(templateType, "id", group.textOr("launchTemplate.id"))
	}
	if !exists {
		why := "the state does not hold the launch template of the Auto Scaling group"
		r.unknown(path+".openEgress", why)
		r.unknown(path+".databases", why)
		r.unknown(path+".buckets", why)
		return keys
	}
	keys.securityGroups, _ = template.get("vpcSecurityGroupIds").texts()
	interfaces, _ := template.get("networkInterfaces").list()
	for _, each := range interfaces {
		groups, _ := get(each, "securityGroups").texts()
		keys.securityGroups = append(keys.securityGroups, groups...)
	}
	if len(keys.securityGroups) == 0 {
		r.unknown(path+".openEgress", "the launch template names no security group")
	}
	profile, exists := r.find(profileType, "arn", template.textOr("iamInstanceProfile.arn"))
	if !exists {
		profile, exists = r.find(profileType, "name", template.textOr("iamInstanceProfile.name"))
	}
	if keys.role = profile.textOr("role"); !exists || keys.role == "" {
		r.unknown(path+".databases", "the state does not hold the role of its instances")
		r.unknown(path+".buckets", "the state does not hold the role of its instances")
	}
	return keys
}

// openEgress says whether a rule of the security groups leads outside the VPC.
func (r *reader) openEgress(path string, groups []string) bool {
	for _, rule := range r.byType[egressType] {
		if !slices.Contains(groups, rule.textOr("securityGroupId")) {
			continue
		}
		block := rule.textOr("cidrIpv4") + rule.textOr("cidrIpv6")
		if block != "" && !r.inside(block) {
			return true
		}
		if block == "" && rule.textOr("referencedSecurityGroupId") == "" && rule.textOr("prefixListId") == "" {
			r.unknown(path, "the state does not hold where an egress rule leads")
		}
	}
	return false
}

func (r *reader) inside(block string) bool {
	to, err := netip.ParsePrefix(block)
	for _, vpc := range r.byType[vpcType] {
		own, ownErr := netip.ParsePrefix(vpc.textOr("cidrBlock"))
		if err == nil && ownErr == nil && own.Contains(to.Addr()) && own.Bits() <= to.Bits() {
			return true
		}
	}
	return false
}
