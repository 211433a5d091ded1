// Package naming_test is of the rules layer: pure functions, with the limits that AWS states.
package naming_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestTheLongestServiceNameFillsALoadBalancersNameExactly(t *testing.T) {
	name := strings.Repeat("a", naming.MaxServiceName)
	require.Equal(t, naming.Problem{}, naming.CheckName(name, naming.MaxServiceName))
	require.Len(t, name+"-alb-0123456", 32)
	require.Equal(t, "must have at most 20 characters, not 21", naming.CheckName(name+"a", naming.MaxServiceName).Limit)
}

func TestNamesThatAWSOrPeopleWouldTripOverAreRefused(t *testing.T) {
	for _, name := range []string{"Web", "1web", "web_api", "web--api", "-web", "web-", "wéb", "web api", "web.api", ""} {
		require.Equal(t, "must be lower-case letters, digits and single hyphens, a letter first", naming.CheckName(name, 20).Limit, name)
	}
	for name, limit := range map[string]string{
		"internal":     `begins with "internal-", which AWS reserves`,
		"internal-api": `begins with "internal-", which AWS reserves`,
		"sg":           `begins with "sg-", which AWS reserves`,
		"sg-web":       `begins with "sg-", which AWS reserves`,
	} {
		require.Equal(t, limit, naming.CheckName(name, 20).Limit)
	}
	for _, name := range []string{"web", "tickets-api", "a1", "internals", "sgx", "a-1-b"} {
		require.Equal(t, naming.Problem{}, naming.CheckName(name, 20), name)
	}
}

func TestAccountIDsHaveTwelveDigitsWithLeadingZeros(t *testing.T) {
	require.True(t, naming.IsAccountID("012345678901"))
	for _, id := range []string{"", "12345678901", "1234567890123", "12345678901a", "1234 5678901"} {
		require.False(t, naming.IsAccountID(id), id)
	}
}

func TestARNsCarryThePartitionOfTheirRegion(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1":   "arn:aws:logs:eu-central-1:123456789012:log-group:/a/b",
		"cn-north-1":     "arn:aws-cn:logs:cn-north-1:123456789012:log-group:/a/b",
		"us-gov-west-1":  "arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:/a/b",
		"eusc-de-east-1": "arn:aws-eusc:logs:eusc-de-east-1:123456789012:log-group:/a/b",
	} {
		require.Equal(t, want, naming.LogGroupARN(region, "123456789012", "/a/b"))
	}
	require.Equal(t, "arn:aws-cn:iam::123456789012:root", naming.AccountRoot("cn-north-1", "123456789012"))
	require.Equal(t, "logs.eu-central-1.amazonaws.com", naming.ServiceEndpoint("logs", "eu-central-1"))
	require.Equal(t, "logs.cn-north-1.amazonaws.com.cn", naming.ServiceEndpoint("logs", "cn-north-1"))
	require.Equal(t, "ec2.eusc-de-east-1.amazonaws.eu", naming.ServiceEndpoint("ec2", "eusc-de-east-1"))
}

func TestCertificateARNsAreTakenApart(t *testing.T) {
	certificate, err := naming.ParseCertificate("arn:aws:acm:eu-central-1:123456789012:certificate/5d0a3c1e-8f47-4b62-9d15-7ae2c30b94f8")
	require.NoError(t, err)
	require.Equal(t, naming.Certificate{
		Partition: "aws", Region: "eu-central-1", Account: "123456789012", ID: "5d0a3c1e-8f47-4b62-9d15-7ae2c30b94f8",
	}, certificate)
	for _, arn := range []string{
		"", "5d0a3c1e-8f47-4b62-9d15-7ae2c30b94f8", "arn:aws:iam::123456789012:server-certificate/web",
		"arn:aws:acm:eu-central-1:123456789012:certificate/", "arn:aws:acm:eu-central-1:12345:certificate/5d0a3c1e-8f47-4b62-9d15-7ae2c30b94f8",
	} {
		_, err := naming.ParseCertificate(arn)
		require.EqualError(t, err, "is not the ARN of an ACM certificate", arn)
	}
}

func TestImagesAreTakenApart(t *testing.T) {
	for reference, want := range map[string]naming.Image{
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com/support/web@" + digest: {
			Registry: "123456789012.dkr.ecr.eu-central-1.amazonaws.com", Repository: "support/web", Digest: digest,
			Account: "123456789012", Region: "eu-central-1",
		},
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web:v1@" + digest: {
			Registry: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Repository: "web", Tag: "v1", Digest: digest,
			Account: "123456789012", Region: "cn-north-1",
		},
		"public.ecr.aws/nginx/nginx:1.29": {Registry: "public.ecr.aws", Repository: "nginx/nginx", Tag: "1.29"},
		"localhost:5000/web:dev":          {Registry: "localhost:5000", Repository: "web", Tag: "dev"},
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.example/web:v1": {
			Registry: "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.example", Repository: "web", Tag: "v1",
		},
	} {
		image, err := naming.ParseImage(reference)
		require.NoError(t, err, reference)
		require.Equal(t, want, image)
	}
}

func TestARepositoryHasAnARNInItsOwnAccountAndRegionOnly(t *testing.T) {
	image, err := naming.ParseImage("123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/support/web@" + digest)
	require.NoError(t, err)
	require.True(t, image.IsECR())
	require.Equal(t, "arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/support/web", image.RepositoryARN())
	image, err = naming.ParseImage("public.ecr.aws/nginx/nginx@" + digest)
	require.NoError(t, err)
	require.False(t, image.IsECR())
	require.Empty(t, image.RepositoryARN())
}

func TestImagesThatMeanDifferentThingsToDifferentMachinesAreRefused(t *testing.T) {
	for reference, want := range map[string]string{
		"nginx":                        "does not name its registry",
		"library/nginx:1":              "does not name its registry",
		"":                             "does not name its registry",
		"public.ecr.aws/nginx":         "has neither digest nor tag",
		"public.ecr.aws/Nginx:1":       `has no valid repository: "Nginx"`,
		"public.ecr.aws/:1":            `has no valid repository: ""`,
		"public.ecr.aws/nginx:":        `has no valid tag: ""`,
		"public.ecr.aws/nginx:a b":     `has no valid tag: "a b"`,
		"public.ecr.aws/nginx@sha256:": "has no valid digest: sha256: and 64 lower-case hexadecimal digits",
		"public.ecr.aws/nginx@":        "has no valid digest: sha256: and 64 lower-case hexadecimal digits",
		"Public.ecr.aws/nginx:1":       `has no valid registry: "Public.ecr.aws"`,
		"public.ecr.aws/a/$(reboot):1": `has no valid repository: "a/$(reboot)"`,
	} {
		_, err := naming.ParseImage(reference)
		require.EqualError(t, err, want, reference)
	}
}

// An image reference is written into a unit file, where white space, quotes, % and $ mean something.
func TestNoAcceptedImageCanBreakOutOfAUnitFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reference := "public.ecr.aws/" + rapid.String().Draw(t, "path") + rapid.SampledFrom([]string{"", ":v1", "@" + digest}).Draw(t, "end")
		if _, err := naming.ParseImage(reference); err == nil {
			require.Regexp(t, `^[A-Za-z0-9._/:@-]+$`, reference)
		}
	})
}

func FuzzParseImage(f *testing.F) {
	f.Add("123456789012.dkr.ecr.eu-central-1.amazonaws.com/support/web@" + digest)
	f.Add("localhost:5000/web:dev")
	f.Add("nginx")
	f.Fuzz(func(t *testing.T, reference string) {
		image, err := naming.ParseImage(reference)
		if err != nil {
			require.Equal(t, naming.Image{}, image)
			return
		}
		spelt := image.Registry + "/" + image.Repository
		if image.Tag != "" {
			spelt += ":" + image.Tag
		}
		if image.Digest != "" {
			spelt += "@" + image.Digest
		}
		require.Equal(t, reference, spelt)
		require.Regexp(t, `^[A-Za-z0-9._/:@-]+$`, reference)
	})
}
