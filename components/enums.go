package components

import (
	"fmt"
	"slices"
	"strings"
)

// NATStrategy says how private subnets reach the internet. AWS's services do not count: they are reached through endpoints. It
// cannot be computed: it trades money for what a zone's failure takes along.
type NATStrategy string

const (
	// NATNone gives private subnets no way to the internet. No service may declare a destination there. The default.
	NATNone NATStrategy = "none"
	// NATPerZone gives every zone a NAT gateway of its own. Losing a zone takes only that zone's gateway, so the other
	// zones keep their way out. It costs one gateway a zone.
	NATPerZone NATStrategy = "per-zone"
	// NATSingle puts one NAT gateway into the first zone. It is the cheapest way out, and when that zone fails no private
	// subnet of any zone reaches the internet until somebody acts: instances go on serving what needs no destination there,
	// and are replaced as ever. For development only.
	NATSingle NATStrategy = "single"
)

// Exposure says which network a load balancer's addresses belong to.
type Exposure string

const (
	// Internal puts the load balancer into private subnets; its addresses are private. The default.
	Internal Exposure = "internal"
	// InternetFacing puts the load balancer into public subnets; its addresses are public. The instances stay private.
	InternetFacing Exposure = "internet-facing"
)

// Architecture is the processor architecture of an AMI and of the instance types that can boot it, in AWS's words
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html).
type Architecture string

const (
	// ARM64 is AWS Graviton.
	ARM64 Architecture = "arm64"
	// X8664 is Intel and AMD.
	X8664 Architecture = "x86_64"
)

// Protocol is the transport protocol of a security group rule.
type Protocol string

const (
	// TCP is the default.
	TCP Protocol = "tcp"
	// UDP is for protocols such as QUIC and NTP.
	UDP Protocol = "udp"
)

// LogRetention is for how many days CloudWatch Logs keeps an event. Only the values listed here exist
// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html).
type LogRetention int

// The retentions that CloudWatch Logs offers.
const (
	Retain1Day     LogRetention = 1
	Retain3Days    LogRetention = 3
	Retain5Days    LogRetention = 5
	Retain1Week    LogRetention = 7
	Retain2Weeks   LogRetention = 14
	Retain1Month   LogRetention = 30
	Retain2Months  LogRetention = 60
	Retain3Months  LogRetention = 90
	Retain4Months  LogRetention = 120
	Retain5Months  LogRetention = 150
	Retain6Months  LogRetention = 180
	Retain1Year    LogRetention = 365
	Retain13Months LogRetention = 400
	Retain18Months LogRetention = 545
	Retain2Years   LogRetention = 731
	Retain3Years   LogRetention = 1096
	Retain5Years   LogRetention = 1827
	Retain6Years   LogRetention = 2192
	Retain7Years   LogRetention = 2557
	Retain8Years   LogRetention = 2922
	Retain9Years   LogRetention = 3288
	Retain10Years  LogRetention = 3653
)

// NATStrategies lists every NATStrategy, the default first.
func NATStrategies() []NATStrategy { return []NATStrategy{NATNone, NATPerZone, NATSingle} }

// Exposures lists every Exposure, the default first.
func Exposures() []Exposure { return []Exposure{Internal, InternetFacing} }

// Architectures lists every Architecture.
func Architectures() []Architecture { return []Architecture{ARM64, X8664} }

// Protocols lists every Protocol, the default first.
func Protocols() []Protocol { return []Protocol{TCP, UDP} }

// LogRetentions lists every LogRetention, shortest first.
func LogRetentions() []LogRetention {
	return []LogRetention{
		Retain1Day, Retain3Days, Retain5Days, Retain1Week, Retain2Weeks, Retain1Month, Retain2Months, Retain3Months,
		Retain4Months, Retain5Months, Retain6Months, Retain1Year, Retain13Months, Retain18Months, Retain2Years,
		Retain3Years, Retain5Years, Retain6Years, Retain7Years, Retain8Years, Retain9Years, Retain10Years,
	}
}

// oneOf is the limit text "must be one of a, b, c" when value is not in allowed, otherwise empty.
func oneOf[T comparable](value T, allowed []T) string {
	if slices.Contains(allowed, value) {
		return ""
	}
	names := make([]string, len(allowed))
	for i, each := range allowed {
		names[i] = fmt.Sprint(each)
	}
	return "must be one of " + strings.Join(names, ", ")
}
