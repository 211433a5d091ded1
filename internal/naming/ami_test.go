// Package naming_test is of the rules layer: pure functions, with the limits that AWS states.
package naming_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestIdsOfMachineImagesHaveEightOrSeventeenDigits(t *testing.T) {
	for _, id := range []string{"ami-0abcdef1", "ami-0abcdef1234567890"} {
		require.True(t, naming.IsAMI(id), id)
	}
	for _, id := range []string{"", "ami-", "ami-0abcdef12", "ami-0ABCDEF1234567890", "0abcdef1234567890", "ami-0abcdef1234567890 "} {
		require.False(t, naming.IsAMI(id), id)
	}
}

func TestPathsOfParametersHaveAtMostFifteenLevelsAndFitIntoATag(t *testing.T) {
	require.True(t, naming.IsParameterPath(strings.Repeat("/a", 15)))
	require.True(t, naming.IsParameterPath("/"+strings.Repeat("a", 255)))
	for _, path := range []string{"", "/", "a/b", "/a//b", "/a/", "/a b", "/ä", strings.Repeat("/a", 16), "/" + strings.Repeat("a", 256)} {
		require.False(t, naming.IsParameterPath(path), path)
	}
}

func TestOnlyTheECSOptimizedAmazonLinux2023TellsItsArchitecture(t *testing.T) {
	const ecs = "/aws/service/ecs/optimized-ami/"
	for path, want := range map[string]string{
		ecs + "amazon-linux-2023/arm64/recommended/image_id": "arm64",
		ecs + "amazon-linux-2023/recommended/image_id":       "x86_64",
		ecs + "amazon-linux-2023/gpu/recommended/image_id":   "x86_64",
		ecs + "amazon-linux-2/arm64/recommended/image_id":    "",
		"/aws/service/bottlerocket/aws-ecs-2/arm64/latest":   "",
		"/platform/arm64": "",
	} {
		require.Equal(t, want, naming.ECSParameterArchitecture(path), path)
	}
	require.True(t, naming.IsPublicParameter(ecs))
	require.False(t, naming.IsPublicParameter("/platform/aws/service/"))
}

func TestAnImageIsWrittenAsItWasRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reference := rapid.SampledFrom([]string{"public.ecr.aws", "localhost:5000", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"}).Draw(t, "registry") +
			"/" + rapid.StringMatching(`[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}`).Draw(t, "repository") +
			rapid.SampledFrom([]string{":v1", "@" + digest, ":v1@" + digest}).Draw(t, "version")
		image, err := naming.ParseImage(reference)
		require.NoError(t, err)
		require.Equal(t, reference, image.String())
	})
}
