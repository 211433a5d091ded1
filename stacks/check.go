package stacks

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

var secretName = regexp.MustCompile(`^[a-z](-?[a-z0-9]){0,39}$`)

// check finds everything that is wrong with the decoded configuration: its own rules, then those of the components. Where
// both have something to say of one value, the stack's own words stand, as they speak of the configuration's keys.
func (c *Config) check(found *check.Checker) {
	all := check.New()
	if !naming.IsAccountID(c.Account) {
		all.Fail("account", c.Account, "must be the 12 digits of an AWS account", "write them in quotes")
	}
	c.checkRegion(all)
	c.checkTags(all.At("tags"))
	c.checkEndpoints(all)
	if len(c.Services) == 0 {
		all.Missing("services", "a stack is its services", "add one")
	}
	c.checkNames(all)
	c.checkCalls(all)
	c.checkZone(all)
	c.checkMachines(all)
	c.checkProbe(all)
	c.checkStorage(all)
	c.checkDatabases(all)
	c.checkBackups(all)
	c.checkRecovery(all)
	c.checkJobs(all)
	c.checkAlerting(all)
	for i := range c.Services {
		c.checkClaims(i, all)
		c.checkRoom(i, all)
	}
	for _, failure := range c.networkArgs().Check(networkName) {
		all.Add(networkFailure(failure))
	}
	for i := range c.Services {
		c.checkService(i, all)
	}
	found.Add(firstPerPath(all.Failures())...)
}

func firstPerPath(failures []check.Failure) []check.Failure {
	seen := map[string]bool{}
	var first []check.Failure
	for _, failure := range failures {
		if !seen[failure.Path] {
			first = append(first, failure)
		}
		seen[failure.Path] = true
	}
	return first
}

// checkRegion blames the Region when the zones agree on another one, and otherwise the zones that differ from it.
func (c *Config) checkRegion(found *check.Checker) {
	var elsewhere []int
	regions := map[string]bool{}
	for i, zone := range c.Zones {
		if parsed, err := zones.Parse(zone); err == nil && c.Region != "" {
			regions[parsed.Region] = true
			if parsed.Region != c.Region {
				elsewhere = append(elsewhere, i)
			}
		}
	}
	if len(regions) == 1 && len(elsewhere) > 0 {
		found.Fail("region", c.Region, "is not the Region of the zones", "write "+zones.Region(c.Zones[elsewhere[0]:])+", or name zones of the Region you mean")
		return
	}
	for _, i := range elsewhere {
		found.Fail("zones["+strconv.Itoa(i)+"]", c.Zones[i], "is in Region "+zones.Region(c.Zones[i:])+", not in "+c.Region, "use zones of one Region")
	}
}

// Limits of AWS on tags (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html): 50 on a
// resource, of which components take 40 from us, and we add two of our own. What a key and a value may be, they check.
const mostTags = 38

func (c *Config) checkTags(found *check.Checker) {
	if len(c.Tags) > mostTags {
		found.Fail("", len(c.Tags), fmt.Sprintf("tags are more than the %d that leave room for the program's own", mostTags), "drop some")
	}
	keys := make([]string, 0, len(c.Tags))
	for key := range c.Tags {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		if lower := strings.ToLower(key); strings.HasPrefix(lower, "aws:") || strings.HasPrefix(lower, "aplomb:") || lower == "name" {
			found.Fail(key, c.Tags[key], "is at a key that AWS or Aplomb sets", "choose another key")
		}
	}
}

// checkService applies the stack's rules to one service, and then the component's.
func (c *Config) checkService(index int, all *check.Checker) {
	service, profile := &c.Services[index], c.profile()
	at := all.At("services").At("[" + strconv.Itoa(index) + "]")
	c.checkHTTPS(service, at)
	if service.Machine == nil {
		at.Missing("machine", "neither the service nor the stack says what to run on", "add machine here or beside services")
	}
	if image, err := naming.ParseImage(service.Image); err == nil && image.Digest == "" && !profile.ImageTags {
		at.Fail("image", service.Image, "names a tag, whose content can change between two launches",
			"give the digest: "+image.Registry+"/"+image.Repository+"@sha256:…")
	}
	checkSecretNames(service.Secrets, at)
	zeros(service, at)
	for _, failure := range c.serviceArgs(service, c.placeholderPlacement(service), c.Tags, c.placeholders(service)).Check(service.Name) {
		if path, mine := c.serviceKey(index, failure.Path); mine {
			failure.Path = path
			all.Add(failure)
		}
	}
}

func checkSecretNames(names []string, at *check.Checker) {
	for i, name := range names {
		path := "secrets[" + strconv.Itoa(i) + "]"
		switch {
		case !secretName.MatchString(name):
			at.Fail(path, name, "must be a lower-case letter, then up to 39 lower-case letters, digits and single hyphens", "rename it")
		case slices.Contains(names[:i], name):
			at.Fail(path, name, "is listed twice", "remove one")
		}
	}
}

// zeros refuses an explicit zero wherever a number may be left out, since the component would take it for its default.
func zeros(config any, at *check.Checker) { zerosIn(reflect.ValueOf(config).Elem(), at) }

func zerosIn(of reflect.Value, at *check.Checker) {
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("config"), ",")
		field := of.Field(i)
		if field.Kind() != reflect.Pointer || field.IsNil() {
			continue
		}
		switch within := field.Elem(); {
		case within.Kind() == reflect.Struct:
			zerosIn(within, at.At(name))
		case within.Kind() == reflect.Int && within.Int() == 0:
			at.Fail(name, 0, "is out of range", "leave the key out for the default, or give a number from 1")
		}
	}
}

// checkEndpoints refuses to list what every stack has, and anything twice.
func (c *Config) checkEndpoints(found *check.Checker) {
	for i, service := range c.Network.Endpoints {
		path := fmt.Sprintf("network.endpoints[%d]", i)
		if slices.Contains(components.DefaultEndpoints(), service) {
			found.Fail(path, string(service), "has an endpoint in every stack", "remove it")
		} else if slices.Contains(c.Network.Endpoints[:i], service) {
			found.Fail(path, string(service), "is listed twice", "remove one")
		}
	}
}

// networkFailure is a failure of the network component at the configuration's key.
func networkFailure(failure check.Failure) check.Failure {
	switch failure.Path {
	case "accountID":
		failure.Path = "account"
	case "cidr", "nat":
		failure.Path = "network." + failure.Path
	}
	var index int
	if _, err := fmt.Sscanf(failure.Path, "endpoints[%d]", &index); err == nil {
		failure.Path = fmt.Sprintf("network.endpoints[%d]", index-len(components.DefaultEndpoints()))
	}
	return failure
}

// networkRefused is an error of the network component in which failures that only AWS could tell of are at the configuration's keys.
func networkRefused(err error) error {
	var refused *check.Error
	if !errors.As(err, &refused) {
		return err
	}
	failures := slices.Clone(refused.Failures)
	for i := range failures {
		if failures[i].Path == "endpoints" {
			failures[i].Path = KeyConfig + ".network.endpoints"
		}
	}
	return &check.Error{Subject: refused.Subject, Failures: failures}
}

// serviceKey is the configuration's key for what the service component calls path. Placement is the network's matter, and
// the names of secrets and the ids of machine images are checked as they are configured, so none is reported again; what the stack's
// machine says is reported there, once.
func (c *Config) serviceKey(index int, path string) (key string, mine bool) {
	if strings.HasPrefix(path, "placement.") || strings.HasPrefix(path, "secrets.") {
		return "", false
	}
	if strings.HasPrefix(path, "tags") {
		return path, true
	}
	if path == "imageAccount" {
		return path, true
	}
	if strings.HasPrefix(path, "probe.") {
		return c.probeKey(index, path)
	}
	if key, isEdge := edgeKeys[path]; isEdge {
		return key, true
	}
	service := fmt.Sprintf("services[%d].", index)
	if !isMachine(path) {
		return service + path, true
	}
	switch c.Services[index].Machine {
	case nil:
		return service + "machine", true
	case c.Machine:
		return "machine." + path, path != "ami"
	default:
		return service + "machine." + path, path != "ami"
	}
}

// placeholderPlacement stands for the network of the stack while only the plain values matter. While the account is itself
// wrong, the certificate's stands in, so that it is not blamed too.
func (c *Config) placeholderPlacement(service *ServiceConfig) components.PlacementArgs {
	subnets := make([]string, len(c.Zones))
	account := c.Account
	if certificate, err := naming.ParseCertificate(service.CertificateARN); err == nil && !naming.IsAccountID(account) {
		account = certificate.Account
	}
	return components.PlacementArgs{
		AccountID: account, Zones: c.Zones, VPCID: pulumi.String("vpc"), VPCCIDR: c.Network.CIDR,
		PublicSubnetIDs: pulumi.ToStringArray(subnets), PrivateSubnetIDs: pulumi.ToStringArray(subnets),
		EndpointSecurityGroupID: pulumi.String("group"), S3PrefixListID: pulumi.String("list"), NAT: c.Network.NAT,
	}
}

// placeholders stand for the late values of a service while only its plain values matter.
func (c *Config) placeholders(service *ServiceConfig) late {
	values := newLate()
	switch {
	case c.LogBucket != "":
		values.logs = pulumi.String(c.LogBucket)
	case c.AccessLogs != nil:
		values.logs = pulumi.String(logBucketName)
	}
	for _, each := range service.claims() {
		values.environment[each.variable] = pulumi.String("")
	}
	for _, name := range service.Secrets {
		values.secrets[name] = pulumi.String("")
	}
	return values
}
