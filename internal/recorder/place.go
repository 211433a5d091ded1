package recorder

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The account and Region of resources whose provider does not say.
const (
	defaultAccount = "123456789012"
	defaultRegion  = "eu-central-1"
)

// place is a resource together with the account and Region it is created in. It makes ids and ARNs that look like AWS's and
// follow from the URN alone.
type place struct {
	*Resource
	account, region, partition string
}

// place finds the account and Region: those of the explicit provider, or those of the configuration.
func (m *monitor) place(r *Resource) place {
	reference := r.Provider
	if r.Remote {
		reference = r.Providers["aws"]
	}
	at := m.placeOf(reference)
	at.Resource = r
	return at
}

// placeOf is where the provider of a reference works; none is the default provider.
func (m *monitor) placeOf(reference string) place {
	at := place{account: defaultAccount, region: defaultRegion}
	if region := m.settings.config["aws:region"]; region != "" {
		at.region = region
	}
	if provider := m.provider(reference); provider != nil {
		if region := provider.text("region"); region != "" {
			at.region = region
		}
		if accounts := provider.allowedAccounts(); len(accounts) > 0 {
			at.account = accounts[0]
		}
	}
	at.partition = partition(at.region)
	return at
}

// domain is what the names of AWS's endpoints end in.
func (p place) domain() string {
	if p.partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// provider finds a provider by its reference, which is URN::id.
func (m *monitor) provider(reference string) *Resource {
	end := strings.LastIndex(reference, "::")
	if end < 0 {
		return nil
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.byURN[reference[:end]]
}

// allowedAccounts reads allowedAccountIds, which the SDK sends as JSON in a string.
func (r *Resource) allowedAccounts() []string {
	found, _ := r.find("allowedAccountIds")
	var accounts []string
	switch {
	case found.exists && found.value.IsString():
		if err := json.Unmarshal([]byte(found.value.StringValue()), &accounts); err != nil {
			return nil
		}
	case found.exists && found.value.IsArray():
		for _, account := range found.value.ArrayValue() {
			if account.IsString() {
				accounts = append(accounts, account.StringValue())
			}
		}
	}
	return accounts
}

// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// hex is count hexadecimal digits that follow from the URN and the purpose. At most 64.
func (p place) hex(purpose string, count int) string {
	sum := sha256.Sum256([]byte(purpose + "\x00" + p.URN))
	return hex.EncodeToString(sum[:])[:count]
}

// ec2ID is an id of EC2, such as vpc-0 and 16 hexadecimal digits.
func (p place) ec2ID(prefix string) string { return prefix + "-0" + p.hex(prefix, 16) }

func (p place) uuid() string {
	text := p.hex("uuid", 32)
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

// unique is an id of IAM: its prefix and 17 capitals.
func (p place) unique(prefix string) string {
	return prefix + strings.ToUpper(p.hex(prefix, 17))
}

func (p place) arn(service, rest string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", p.partition, service, p.region, p.account, rest)
}

// globalARN is an ARN without a Region, as IAM's are.
func (p place) globalARN(service, rest string) string {
	return fmt.Sprintf("arn:%s:%s::%s:%s", p.partition, service, p.account, rest)
}

// autoName is the input name, or the logical name and seven digits as auto-naming makes it.
func (p place) autoName(property string) string {
	if name := p.text(property); name != "" {
		return name
	}
	return p.Name + "-" + p.hex("name", 7)
}

// text is the string at path, or "" when it is absent, unknown or something else.
func (r *Resource) text(path string) string {
	found, err := r.find(path)
	if err != nil || !found.exists || !found.value.IsString() {
		return ""
	}
	return found.value.StringValue()
}

// texts makes a list of strings for the engine.
func texts(values []string) resource.PropertyValue {
	list := make([]resource.PropertyValue, 0, len(values))
	for _, value := range values {
		list = append(list, resource.NewProperty(value))
	}
	return resource.NewProperty(list)
}

// digits is count decimal digits that follow from the URN and the purpose; the first is not zero. At most 32.
func (p place) digits(purpose string, count int) string {
	sum := sha256.Sum256([]byte(purpose + "\x00" + p.URN))
	digits := make([]byte, count)
	for index := range digits {
		digits[index] = '0' + sum[index]%10
	}
	if digits[0] == '0' {
		digits[0] = '1'
	}
	return string(digits)
}

// number is a whole number from 10 up to, but without, limit+10.
func (p place) number(purpose string, limit int) string {
	sum := sha256.Sum256([]byte(purpose + "\x00" + p.URN))
	return strconv.Itoa(10 + int(sum[0])%limit)
}
