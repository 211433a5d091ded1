package kinds

import (
	"slices"
	"sort"
	"strings"
)

// Region is one AWS Region as far as the sandbox needs to know it.
type Region struct {
	// Name is its code, such as eu-central-1.
	Name string
	// Partition is aws, aws-cn or aws-us-gov; DNSSuffix the domain of its endpoints.
	Partition, DNSSuffix string
	// letters end the names of the Availability Zones that a new account sees.
	letters string
	// prefix begins the zones' ids, such as euc1; numbers are the ids' numbers, one a letter.
	prefix  string
	numbers string
	// hostedZone is the id of the hosted zone of Application Load Balancers.
	hostedZone string
}

// Zones is the names of the Region's Availability Zones, in order.
func (r Region) Zones() []string {
	zones := make([]string, 0, len(r.letters))
	for _, letter := range r.letters {
		zones = append(zones, r.Name+string(letter))
	}
	return zones
}

// ZoneIDs is the ids of the zones in the order of Zones. Which id a name has differs from account to account at AWS; the
// sandbox gives every account the same.
func (r Region) ZoneIDs() []string {
	ids := make([]string, 0, len(r.numbers))
	for _, number := range r.numbers {
		ids = append(ids, r.prefix+"-az"+string(number))
	}
	return ids
}

// ZoneID is the id of a zone, or "" when the Region has no such zone.
func (r Region) ZoneID(zone string) string {
	if index := slices.Index(r.Zones(), zone); index >= 0 {
		return r.ZoneIDs()[index]
	}
	return ""
}

// LoadBalancerZone is the id of the hosted zone in which the Region's Application Load Balancers have their names.
func (r Region) LoadBalancerZone() string { return r.hostedZone }

// KnownRegion is true for the Regions that the sandbox has.
func KnownRegion(name string) bool { _, known := regions[name]; return known }

// RegionOf is a Region by name. An unknown one, which the provider never configures, has no zones.
func RegionOf(name string) Region {
	region, known := regions[name]
	if !known {
		return Region{Name: name, Partition: "aws", DNSSuffix: "amazonaws.com"}
	}
	region.Name, region.Partition, region.DNSSuffix = name, "aws", "amazonaws.com"
	switch {
	case strings.HasPrefix(name, "cn-"):
		region.Partition, region.DNSSuffix = "aws-cn", "amazonaws.com.cn"
	case strings.HasPrefix(name, "us-gov-"):
		region.Partition = "aws-us-gov"
	}
	return region
}

// RegionNames is every Region that the sandbox has, sorted.
func RegionNames() []string {
	names := make([]string, 0, len(regions))
	for name := range regions {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// regions has the zones from https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
// and the hosted zones from https://docs.aws.amazon.com/general/latest/gr/elb.html. Where AWS gives an account fewer zones
// than the Region has, or skips letters, the table has what a new account commonly sees.
var regions = map[string]Region{
	"af-south-1":     {letters: "abc", prefix: "afs1", numbers: "123", hostedZone: "Z268VQBMOI5EKX"},
	"ap-east-1":      {letters: "abc", prefix: "ape1", numbers: "123", hostedZone: "Z3DQVH9N71FHZ0"},
	"ap-northeast-1": {letters: "acd", prefix: "apne1", numbers: "412", hostedZone: "Z14GRHDCWA56QT"},
	"ap-northeast-2": {letters: "abcd", prefix: "apne2", numbers: "1234", hostedZone: "ZWKZPGTI48KDX"},
	"ap-northeast-3": {letters: "abc", prefix: "apne3", numbers: "312", hostedZone: "Z5LXEXXYW11ES"},
	"ap-south-1":     {letters: "abc", prefix: "aps1", numbers: "132", hostedZone: "ZP97RAFLXTNZK"},
	"ap-southeast-1": {letters: "abc", prefix: "apse1", numbers: "123", hostedZone: "Z1LMS91P8CMLE5"},
	"ap-southeast-2": {letters: "abc", prefix: "apse2", numbers: "132", hostedZone: "Z1GM3OXH4ZPM65"},
	"ca-central-1":   {letters: "abd", prefix: "cac1", numbers: "124", hostedZone: "ZQSVJUPU6J1EY"},
	"cn-north-1":     {letters: "abd", prefix: "cnn1", numbers: "124", hostedZone: "Z1GDH35T77C1KE"},
	"cn-northwest-1": {letters: "abc", prefix: "cnnw1", numbers: "123", hostedZone: "ZM7IZAIOVVDZF"},
	"eu-central-1":   {letters: "abc", prefix: "euc1", numbers: "231", hostedZone: "Z215JYRZR1TBD5"},
	"eu-central-2":   {letters: "abc", prefix: "euc2", numbers: "123", hostedZone: "Z06391101F2ZOEP8P5EB3"},
	"eu-north-1":     {letters: "abc", prefix: "eun1", numbers: "123", hostedZone: "Z23TAZ6LKFMNIO"},
	"eu-south-1":     {letters: "abc", prefix: "eus1", numbers: "123", hostedZone: "Z3ULH7SSC9OV64"},
	"eu-south-2":     {letters: "abc", prefix: "eus2", numbers: "123", hostedZone: "Z0956581394HF5D5LXGAP"},
	"eu-west-1":      {letters: "abc", prefix: "euw1", numbers: "123", hostedZone: "Z32O12XQLNTSW2"},
	"eu-west-2":      {letters: "abc", prefix: "euw2", numbers: "231", hostedZone: "ZHURV8PSTC4K8"},
	"eu-west-3":      {letters: "abc", prefix: "euw3", numbers: "123", hostedZone: "Z3Q77PNBQS71R4"},
	"me-central-1":   {letters: "abc", prefix: "mec1", numbers: "123", hostedZone: "Z08230872XQRWHG2XF6I"},
	"me-south-1":     {letters: "abc", prefix: "mes1", numbers: "123", hostedZone: "ZS929ML54UICD"},
	"sa-east-1":      {letters: "abc", prefix: "sae1", numbers: "123", hostedZone: "Z2P70J7HTTTPLU"},
	"us-east-1":      {letters: "abcdef", prefix: "use1", numbers: "124635", hostedZone: "Z35SXDOTRQ7X7K"},
	"us-east-2":      {letters: "abc", prefix: "use2", numbers: "123", hostedZone: "Z3AADJGX6KTTL2"},
	"us-gov-east-1":  {letters: "abc", prefix: "usge1", numbers: "123", hostedZone: "Z166TLBEWOO7G0"},
	"us-gov-west-1":  {letters: "abc", prefix: "usgw1", numbers: "123", hostedZone: "Z33AYJ8TM3BH4J"},
	"us-west-1":      {letters: "ac", prefix: "usw1", numbers: "31", hostedZone: "Z368ELLRRE2KJ0"},
	"us-west-2":      {letters: "abcd", prefix: "usw2", numbers: "1234", hostedZone: "Z1H1FL5HABSF5"},
}
