package naming

import (
	"regexp"
	"strings"
)

var (
	amiSyntax = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	// At most 15 levels of letters, digits and _.- (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html).
	parameterSyntax = regexp.MustCompile(`^(/[a-zA-Z0-9_.-]+){1,15}$`)
)

// maxParameterPath leaves room for the path in a tag, whose value may have 256 characters; a parameter's name may have more.
const maxParameterPath = 256

// IsAMI says whether id is the id of a machine image, such as ami-0abcdef1234567890.
func IsAMI(id string) bool { return amiSyntax.MatchString(id) }

// IsParameterPath says whether path is the path of an SSM parameter that fits into a tag.
func IsParameterPath(path string) bool {
	return len(path) <= maxParameterPath && parameterSyntax.MatchString(path)
}

// The public parameters of AWS's own images, and those of them that hold the ECS-optimized Amazon Linux 2023
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html).
const (
	publicParameters = "/aws/service/"
	ecsParameters    = "/aws/service/ecs/optimized-ami/amazon-linux-2023/"
)

// IsPublicParameter says whether AWS publishes the parameter.
func IsPublicParameter(path string) bool { return strings.HasPrefix(path, publicParameters) }

// ECSParameterArchitecture is the architecture of the image behind a parameter of the ECS-optimized Amazon Linux 2023, arm64 or
// x86_64, and empty for any other parameter.
func ECSParameterArchitecture(path string) string {
	variant, isECS := strings.CutPrefix(path, ecsParameters)
	switch {
	case !isECS:
		return ""
	case strings.HasPrefix(variant, "arm64/"):
		return "arm64"
	default:
		return "x86_64"
	}
}
