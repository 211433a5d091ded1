package recorder_test

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/internal/recorder"
)

// probe is a test that keeps its first failure and stops, as a test does.
type probe struct{ failure string }

func (p *probe) Helper() {}
func (p *probe) Fatalf(format string, args ...any) {
	p.failure = fmt.Sprintf(format, args...)
	panic(p)
}

// failure runs read and returns what it told the test.
func failure(read func(t recorder.TB)) (text string) {
	p := &probe{}
	defer func() {
		if caught := recover(); caught != nil && caught != p {
			panic(caught)
		}
		text = p.failure
	}()
	read(p)
	return ""
}

func oneSecret(t *testing.T) (*recorder.Recording, *recorder.Resource) {
	t.Helper()
	rec := recorder.Run(t, inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		_, err := secretsmanager.NewSecret(ctx, "key", &secretsmanager.SecretArgs{
			Description: pulumi.String("text"), ForceOverwriteReplicaSecret: pulumi.Bool(true), RecoveryWindowInDays: pulumi.Int(7),
			Replicas: secretsmanager.SecretReplicaArray{secretsmanager.SecretReplicaArgs{Region: pulumi.String("eu-west-1")}},
		}, parent)
		return err
	}))
	return rec, rec.One(t, secretType, "key")
}

func TestInputsAreReadByPathAndType(t *testing.T) {
	_, key := oneSecret(t)
	require.Equal(t, "text", key.Text(t, "description"))
	require.True(t, key.Bool(t, "forceOverwriteReplicaSecret"))
	require.Equal(t, 7, key.Int(t, "recoveryWindowInDays"))
	require.InDelta(t, 7, key.Number(t, "recoveryWindowInDays"), 0)
	require.Equal(t, "eu-west-1", key.Text(t, "replicas[0].region"))
	require.Equal(t, []any{map[string]any{"region": "eu-west-1"}}, key.List(t, "replicas"))
	require.Equal(t, map[string]any{"region": "eu-west-1"}, key.Map(t, "replicas[0]"))
	require.True(t, key.Has("replicas[0].region"))
	require.False(t, key.Has("replicas[1]"))
	require.False(t, key.Has("description.inner"))
	require.False(t, key.Has("description[0]"))
}

func TestAnAbsentOrMistypedInputFailsTheTest(t *testing.T) {
	_, key := oneSecret(t)
	for want, read := range map[string]func(t recorder.TB){
		"there is no input policy":                              func(t recorder.TB) { key.Text(t, "policy") },
		"there is no input replicas[0].kmsKeyId":                func(t recorder.TB) { key.Text(t, "replicas[0].kmsKeyId") },
		"the input recoveryWindowInDays is 7, not a string":     func(t recorder.TB) { key.Text(t, "recoveryWindowInDays") },
		`the input description is "text", not a number`:         func(t recorder.TB) { key.Int(t, "description") },
		`the input description is "text", not a boolean`:        func(t recorder.TB) { key.Bool(t, "description") },
		`the input description is "text", not a list`:           func(t recorder.TB) { key.Texts(t, "description") },
		`the input description is "text", not an object`:        func(t recorder.TB) { key.Map(t, "description") },
		`the input replicas[0] is map[string]interface {}{"reg`: func(t recorder.TB) { key.Texts(t, "replicas") },
		`"replicas[" is not a path`:                             func(t recorder.TB) { key.Text(t, "replicas[") },
	} {
		t.Run(want, func(t *testing.T) {
			require.Contains(t, failure(read), want)
		})
	}
}

func TestAResourceThatIsNotThereFailsTheTestAndNamesThoseThatAre(t *testing.T) {
	rec, _ := oneSecret(t)
	require.Equal(t, "recorder: there is no "+secretType+" called web; of that type there are: key",
		failure(func(t recorder.TB) { rec.One(t, secretType, "web") }))
	require.Equal(t, "recorder: there is no urn:x", failure(func(t recorder.TB) { rec.ByURN(t, "urn:x") }))
	require.Contains(t, failure(func(t recorder.TB) { rec.Output(t, "url") }), "the program exports no url")
}

func TestSeveralResourcesOfThatNameFailTheTest(t *testing.T) {
	rec := recorder.Run(t, func(ctx *pulumi.Context) error {
		outer, err := newComponent(ctx, "web")
		if err != nil {
			return err
		}
		if _, err := secretsmanager.NewSecret(ctx, "key", nil, pulumi.Parent(outer)); err != nil {
			return err
		}
		inner, err := newComponent(ctx, "inner", pulumi.Parent(outer))
		if err != nil {
			return err
		}
		_, err = secretsmanager.NewSecret(ctx, "key", nil, pulumi.Parent(inner))
		return err
	})
	require.Contains(t, failure(func(t recorder.TB) { rec.One(t, secretType, "key") }), "2 resources of type")
	require.Equal(t, "key", rec.ByURN(t, rec.OfType(secretType)[0].URN).Name)
}

func TestAProblemFailsTheTest(t *testing.T) {
	said := failure(func(t recorder.TB) {
		recorder.Run(t, func(ctx *pulumi.Context) error {
			_, err := secretsmanager.NewSecret(ctx, "orphan", nil)
			return err
		})
	})
	require.Contains(t, said, "recorder: urn:pulumi:test::aplomb::"+secretType+"::orphan: no component is among its parents")
}
