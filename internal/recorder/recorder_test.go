// Package recorder_test is of the layer of the recorder: programs over mocks. Each test runs a small program that makes one
// mistake, or asks for one thing, and reads what the recorder says.
package recorder_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/internal/recorder"
)

const secretType = "aws:secretsmanager/secret:Secret"

type component struct{ pulumi.ResourceState }

func newComponent(ctx *pulumi.Context, name string, options ...pulumi.ResourceOption) (*component, error) {
	c := &component{}
	return c, ctx.RegisterComponentResource("aplomb:components:Thing", name, c, options...)
}

// inComponent runs build with the parent option of a component called web.
func inComponent(build func(ctx *pulumi.Context, parent pulumi.ResourceOption) error) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		c, err := newComponent(ctx, "web")
		if err != nil {
			return err
		}
		return build(ctx, pulumi.Parent(c))
	}
}

func TestAResourceIsRecordedWithEverythingTheProgramPassed(t *testing.T) {
	rec := recorder.Run(t, func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "eu", &aws.ProviderArgs{
			Region: pulumi.String("eu-west-1"), AllowedAccountIds: pulumi.ToStringArray([]string{"210987654321"}),
		})
		if err != nil {
			return err
		}
		c, err := newComponent(ctx, "web", pulumi.Provider(provider))
		if err != nil {
			return err
		}
		first, err := secretsmanager.NewSecret(ctx, "first", nil, pulumi.Parent(c))
		if err != nil {
			return err
		}
		_, err = secretsmanager.NewSecret(ctx, "second", &secretsmanager.SecretArgs{
			KmsKeyId: first.Arn, RecoveryWindowInDays: pulumi.Int(7), Description: pulumi.ToSecret(pulumi.String("hidden")).(pulumi.StringOutput),
			Tags: pulumi.StringMap{"aplomb:service": pulumi.String("web")},
		}, pulumi.Parent(c), pulumi.Protect(true), pulumi.RetainOnDelete(true), pulumi.IgnoreChanges([]string{"description"}))
		return err
	})
	first, second := rec.One(t, secretType, "first"), rec.One(t, secretType, "second")
	web := rec.One(t, "aplomb:components:Thing", "web")
	require.Equal(t, "urn:pulumi:test::aplomb::aplomb:components:Thing$aws:secretsmanager/secret:Secret::second", second.URN)
	require.Equal(t, web.URN, second.Parent)
	require.Equal(t, rec.StackURN(), web.Parent)
	require.Equal(t, []bool{true, true, true, false}, []bool{second.Protect, second.RetainOnDelete, second.Custom, second.Remote})
	require.False(t, first.Protect)
	require.False(t, web.Custom)
	require.Equal(t, []string{"description"}, second.IgnoreChanges)
	require.Equal(t, "6.83.2", second.Version)
	require.Regexp(t, `^urn:pulumi:test::aplomb::pulumi:providers:aws::eu::[0-9a-f-]{36}$`, second.Provider)
	require.Contains(t, second.DependsOn, first.URN)
	require.Equal(t, []string{first.URN}, second.PropertyDependencies["kmsKeyId"])
	require.Equal(t, first.ID, second.Text(t, "kmsKeyId"))
	require.Regexp(t, `^arn:aws:secretsmanager:eu-west-1:210987654321:secret:first-[0-9a-f]{7}-[0-9a-f]{6}$`, first.ID)
	require.Equal(t, 7, second.Int(t, "recoveryWindowInDays"))
	require.Equal(t, "web", second.Text(t, `tags["aplomb:service"]`))
	require.True(t, second.Secret("description"))
	require.Equal(t, "hidden", second.Text(t, "description"))
	require.False(t, second.Secret("kmsKeyId"))
	require.False(t, second.Has("policy"))
	require.Equal(t, map[string]int{secretType: 2, "aplomb:components:Thing": 1, "pulumi:providers:aws": 1}, rec.Count())
	require.Equal(t, []*recorder.Resource{first, second}, rec.ChildrenOf(web.URN))
	require.Equal(t, "hidden", second.Plain()["description"])
}

func TestTwoResourcesWithOneURNFail(t *testing.T) {
	rec, err := recorder.RunErr(inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		_, err := secretsmanager.NewSecret(ctx, "key", nil, parent)
		_, again := secretsmanager.NewSecret(ctx, "key", nil, parent)
		return errors.Join(err, again)
	}))
	require.ErrorContains(t, err, "duplicate URN urn:pulumi:test::aplomb::aplomb:components:Thing$aws:secretsmanager/secret:Secret::key")
	require.Len(t, rec.OfType(secretType), 1)
}

func TestChildrenOfTwoComponentsWithOneNameHaveOneURN(t *testing.T) {
	_, err := recorder.RunErr(func(ctx *pulumi.Context) error {
		for _, name := range []string{"web", "search"} {
			c, err := newComponent(ctx, name)
			if err != nil {
				return err
			}
			if _, err := secretsmanager.NewSecret(ctx, "key", nil, pulumi.Parent(c)); err != nil {
				return err
			}
		}
		return nil
	})
	require.ErrorContains(t, err, "duplicate URN")
}

func TestAResourceOutsideEveryComponentFails(t *testing.T) {
	orphan := func(ctx *pulumi.Context) error {
		first, err := secretsmanager.NewSecret(ctx, "orphan", nil)
		if err != nil {
			return err
		}
		_, err = secretsmanager.NewSecret(ctx, "child", nil, pulumi.Parent(first))
		return err
	}
	_, err := recorder.RunErr(orphan)
	require.ErrorContains(t, err, "urn:pulumi:test::aplomb::aws:secretsmanager/secret:Secret::orphan: no component is among its parents; pass pulumi.Parent")
	require.ErrorContains(t, err, "Secret::child: no component is among its parents")
	recorder.Run(t, orphan, recorder.AllowRoot(secretType))
}

func TestAChildOfAResourceOfAComponentIsNoOrphan(t *testing.T) {
	recorder.Run(t, inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		first, err := secretsmanager.NewSecret(ctx, "first", nil, parent)
		if err != nil {
			return err
		}
		_, err = secretsmanager.NewSecret(ctx, "child", nil, pulumi.Parent(first))
		return err
	}))
}

func TestAFunctionThatNobodyAnswersFails(t *testing.T) {
	program := func(ctx *pulumi.Context) error {
		region, err := aws.GetRegion(ctx, nil)
		if err != nil {
			return err
		}
		ctx.Export("region", pulumi.String(region.Name))
		return nil
	}
	_, err := recorder.RunErr(program)
	require.ErrorContains(t, err, "nobody answers the function aws:index/getRegion:getRegion; answer it with recorder.Answer")
	rec := recorder.Run(t, program, recorder.Answer("aws:index/getRegion:getRegion", func(resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.PropertyMap{"name": resource.NewProperty("eu-west-1")}, nil
	}))
	require.Equal(t, "eu-west-1", rec.Output(t, "region"))
}

func TestAFunctionThatNobodyAnswersFailsEvenIfTheProgramGoesOn(t *testing.T) {
	_, err := recorder.RunErr(func(ctx *pulumi.Context) error {
		_, _ = aws.GetRegion(ctx, nil)
		return nil
	})
	require.ErrorContains(t, err, "nobody answers the function")
}

func TestATypeWithoutDeclaredOutputsFails(t *testing.T) {
	program := inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		var queue struct{ pulumi.CustomResourceState }
		return ctx.RegisterResource("aws:nobody/thing:Thing", "jobs", pulumi.Map{}, &queue, parent)
	})
	_, err := recorder.RunErr(program)
	require.ErrorContains(t, err, "the recorder does not know the computed outputs of aws:nobody/thing:Thing")
	rec := recorder.Run(t, program, recorder.Output("aws:nobody/thing:Thing", func(r *recorder.Resource) (string, resource.PropertyMap, error) {
		return "https://sqs/" + r.Name, nil, nil
	}))
	require.Equal(t, "https://sqs/jobs", rec.One(t, "aws:nobody/thing:Thing", "jobs").ID)
	_, err = recorder.RunErr(program, recorder.Output("aws:nobody/thing:Thing", func(*recorder.Resource) (string, resource.PropertyMap, error) {
		return "", nil, errors.New("QueueDeletedRecently")
	}))
	require.ErrorContains(t, err, "Thing::jobs: QueueDeletedRecently")
}

func TestATypeThatIsNoTokenFails(t *testing.T) {
	_, err := recorder.RunErr(func(ctx *pulumi.Context) error {
		return ctx.RegisterComponentResource("ResilientService", "web", &component{})
	})
	require.ErrorContains(t, err, "ResilientService web: the type is not a token of the form package:module:Type")
}

func TestTheErrorOfTheProgramIsKept(t *testing.T) {
	broken := errors.New("broken")
	rec, err := recorder.RunErr(inComponent(func(*pulumi.Context, pulumi.ResourceOption) error { return broken }))
	require.ErrorIs(t, err, broken)
	require.Len(t, rec.All(), 1)
}

func TestAPreviewKnowsInputsAndNoIDs(t *testing.T) {
	ran := false
	rec := recorder.Run(t, inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		first, err := secretsmanager.NewSecret(ctx, "first", &secretsmanager.SecretArgs{Description: pulumi.String("known")}, parent)
		if err != nil {
			return err
		}
		first.Arn.ApplyT(func(string) string { ran = true; return "" })
		ctx.Export("arn", first.Arn)
		ctx.Export("description", first.Description)
		_, err = secretsmanager.NewSecret(ctx, "second", &secretsmanager.SecretArgs{KmsKeyId: first.Arn}, parent)
		return err
	}), recorder.Preview())
	require.False(t, ran)
	require.Equal(t, []string{"arn", "description"}, rec.OutputNames())
	require.False(t, rec.OutputKnown("arn"))
	require.True(t, rec.OutputKnown("description"))
	second := rec.One(t, secretType, "second")
	require.Empty(t, second.ID)
	require.True(t, second.Has("kmsKeyId"))
	require.True(t, second.Unknown("kmsKeyId"))
	require.NotContains(t, second.Plain(), "kmsKeyId")
	require.Equal(t, "known", rec.One(t, secretType, "first").Text(t, "description"))
}

func TestStackOutputsKeepTheirSecrecy(t *testing.T) {
	rec := recorder.Run(t, inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		key := config.New(ctx, "aplomb").RequireSecret("pagerDutyKey")
		made, err := secretsmanager.NewSecret(ctx, "key", &secretsmanager.SecretArgs{Description: key}, parent)
		if err != nil {
			return err
		}
		ctx.Export("arn", made.Arn)
		ctx.Export("key", key)
		ctx.Export("zones", pulumi.ToStringArray([]string{"a", "b"}))
		return nil
	}), recorder.Secret("aplomb:pagerDutyKey", "hush"), recorder.Config(map[string]string{"aws:region": "us-east-1"}),
		recorder.Project("shop"), recorder.Stack("prod"))
	require.Equal(t, []string{"arn", "key", "zones"}, rec.OutputNames())
	require.True(t, rec.OutputSecret("key"))
	require.False(t, rec.OutputSecret("arn"))
	require.Equal(t, "hush", rec.Output(t, "key"))
	require.Equal(t, []string{"a", "b"}, rec.Output(t, "zones"))
	made := rec.One(t, secretType, "key")
	require.True(t, made.Secret("description"))
	require.Equal(t, made.ID, rec.Output(t, "arn"))
	require.Contains(t, made.ID, "arn:aws:secretsmanager:us-east-1:123456789012:")
	require.Equal(t, "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", rec.StackURN())
}

func TestTheRecordingIsTheSameEveryTime(t *testing.T) {
	run := func() []recorder.Resource {
		var all []recorder.Resource
		for _, each := range recorder.Run(t, many(50)).All() {
			all = append(all, *each)
		}
		return all
	}
	require.Equal(t, run(), run())
}

func TestAThousandResourcesAreRecordedOnceEach(t *testing.T) {
	rec := recorder.Run(t, many(1000))
	require.Equal(t, map[string]int{secretType: 1000, "aplomb:components:Thing": 1}, rec.Count())
	require.Len(t, rec.ChildrenOf(rec.One(t, "aplomb:components:Thing", "web").URN), 1000)
}

func many(count int) pulumi.RunFunc {
	return inComponent(func(ctx *pulumi.Context, parent pulumi.ResourceOption) error {
		for index := range count {
			if _, err := secretsmanager.NewSecret(ctx, fmt.Sprintf("s-%d", index), nil, parent); err != nil {
				return err
			}
		}
		return nil
	})
}
