package kinds

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// policyStatement is one statement of an IAM policy as AWS reads it: every list may be written as one text.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type policyStatement struct {
	Sid          string
	Effect       string
	Principal    policyPrincipals
	NotPrincipal policyPrincipals
	Action       policyTexts
	NotAction    policyTexts
	Resource     policyTexts
	NotResource  policyTexts
	Condition    map[string]map[string]policyTexts
}

// policyTexts is a list of texts, or one text.
type policyTexts []string

// UnmarshalJSON takes a text, a number or a boolean for a list of one, as IAM does.
func (t *policyTexts) UnmarshalJSON(data []byte) error {
	var one any
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	list, isList := one.([]any)
	if !isList {
		list = []any{one}
	}
	*t = policyTexts{}
	for _, element := range list {
		switch element.(type) {
		case string, float64, bool:
			*t = append(*t, fmt.Sprint(element))
		default:
			return fmt.Errorf("%s is not a text", data)
		}
	}
	return nil
}

// policyPrincipals are principals by kind (AWS, Service, Federated); "*" alone is AWS: "*".
type policyPrincipals map[string]policyTexts

// UnmarshalJSON takes "*" for every principal.
func (p *policyPrincipals) UnmarshalJSON(data []byte) error {
	var everyone string
	if json.Unmarshal(data, &everyone) == nil {
		if everyone != "*" {
			return fmt.Errorf("principal %q is not an object", everyone)
		}
		*p = policyPrincipals{"AWS": {"*"}}
		return nil
	}
	byKind := map[string]policyTexts{}
	if err := json.Unmarshal(data, &byKind); err != nil {
		return err
	}
	*p = byKind
	return nil
}

// kinds are the kinds of principals, sorted.
func (p policyPrincipals) kinds() []string {
	names := make([]string, 0, len(p))
	for name := range p {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// readPolicy reads a policy. What is wrong is said as IAM says it.
func readPolicy(text string) (statements []policyStatement, problem string) {
	var document struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	if err := strictJSON(text, &document); err != nil {
		return nil, "Syntax errors in policy. (" + err.Error() + ")"
	}
	if document.Version != "" && document.Version != "2012-10-17" && document.Version != "2008-10-17" {
		return nil, "The policy must contain a valid version string"
	}
	if len(document.Statement) == 0 {
		return nil, "Syntax errors in policy. (Missing required field Statement)"
	}
	if strings.HasPrefix(strings.TrimSpace(string(document.Statement)), "{") {
		document.Statement = json.RawMessage("[" + string(document.Statement) + "]")
	}
	if err := strictJSON(string(document.Statement), &statements); err != nil {
		return nil, "Syntax errors in policy. (" + err.Error() + ")"
	}
	if len(statements) == 0 {
		return nil, "Syntax errors in policy. (Missing required field Statement)"
	}
	for _, statement := range statements {
		if statement.Effect != "Allow" && statement.Effect != "Deny" {
			return nil, fmt.Sprintf("Syntax errors in policy. (Invalid effect: %s)", statement.Effect)
		}
	}
	return statements, repeatedSid(statements)
}

func repeatedSid(statements []policyStatement) string {
	seen := map[string]bool{}
	for _, statement := range statements {
		if statement.Sid != "" && seen[statement.Sid] {
			return "Statement IDs (SID) in a single policy must be unique."
		}
		seen[statement.Sid] = true
	}
	return ""
}

func strictJSON(text string, into any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return fmt.Errorf("there is something after the policy")
	}
	return nil
}

// policyJSON refuses at plan time what is no JSON, as the provider does. The provider also takes an object in place of a text;
// the sandbox wants the text, so that what is deployed is what a test can read.
func policyJSON(property string) Rule {
	return Rule{Name: "JSON of " + property, Broken: func(d *Draft) *Refusal {
		text := d.Text(property)
		if !d.Has(property) || d.At(property).Unknown() || json.Valid([]byte(text)) {
			return nil
		}
		return Refuse(property, "%q contains an invalid JSON policy", property)
	}}
}

// policySize counts characters without white space.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func policySize(text string) int {
	size := 0
	for _, character := range text {
		if !unicode.IsSpace(character) {
			size++
		}
	}
	return size
}

var vendorAction = regexp.MustCompile(`^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$`)

// identityPolicy is what IAM refuses of a policy that is attached to a role.
func identityPolicy(statements []policyStatement) string {
	for _, statement := range statements {
		if len(statement.Principal)+len(statement.NotPrincipal) > 0 {
			return "Policy document should not specify a principal."
		}
		if len(statement.Resource)+len(statement.NotResource) == 0 {
			return "Policy statement must contain resources."
		}
		if problem := policyActions(statement); problem != "" {
			return problem
		}
		for _, arn := range slices.Concat(statement.Resource, statement.NotResource) {
			if arn != "*" && !isARN(arn) {
				return fmt.Sprintf("Resource %s must be in ARN format or \"*\".", arn)
			}
		}
	}
	return ""
}

func policyActions(statement policyStatement) string {
	actions := slices.Concat(statement.Action, statement.NotAction)
	if len(actions) == 0 {
		return "Policy statement must contain actions."
	}
	for _, action := range actions {
		if action != "*" && !vendorAction.MatchString(action) {
			return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
		}
	}
	return ""
}

// unknownPrincipal is the first principal of a resource policy that AWS would not know: a malformed service, or a role of
// this account that does not exist. AWS answers it with its kind.
func unknownPrincipal(d *Draft, statements []policyStatement) string {
	for _, statement := range statements {
		for _, principals := range []policyPrincipals{statement.Principal, statement.NotPrincipal} {
			for _, kind := range principals.kinds() {
				for _, name := range principals[kind] {
					if !knownPrincipal(d, kind, name) {
						return fmt.Sprintf("%q:%q", strings.ToUpper(kind), name)
					}
				}
			}
		}
	}
	return ""
}

var (
	servicePrincipal = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)
	accountNumber    = regexp.MustCompile(`^[0-9]{12}$`)
	iamARN           = regexp.MustCompile(`^arn:([a-z-]+):(iam|sts)::([0-9]{12}):(root|role/.+|user/.+|assumed-role/.+|federated-user/.+)$`)
)

func knownPrincipal(d *Draft, kind, name string) bool {
	switch kind {
	case "Service":
		return servicePrincipal.MatchString(name)
	case "AWS":
		if name == "*" || accountNumber.MatchString(name) {
			return true
		}
		parts := iamARN.FindStringSubmatch(name)
		if parts == nil || parts[1] != d.Partition() {
			return false
		}
		isRole := strings.HasPrefix(parts[4], "role/") && !strings.HasPrefix(parts[4], "role/aws-service-role/")
		return parts[3] != d.Account || !isRole || d.FindBy(Role, "arn", name) != nil
	default:
		return kind == "Federated" || kind == "CanonicalUser"
	}
}

// matchesAny is true when one of the patterns, with * and ?, matches the text. IAM compares actions without regard to case.
func matchesAny(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, err := path.Match(globbed(pattern), globbed(text))
		return err == nil && matched
	})
}

// globbed lets * cross slashes, as it does in IAM, and takes brackets for themselves.
func globbed(text string) string {
	return strings.NewReplacer("/", "\x01", "[", "\x02", "]", "\x03", `\`, "\x04").Replace(strings.ToLower(text))
}
