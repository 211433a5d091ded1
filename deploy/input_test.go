package deploy_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/stretchr/testify/require"
)

func (r *rig) preview(t *testing.T) error {
	t.Helper()
	_, err := r.stack(t).Preview(context.Background())
	return err
}

func TestAStackWithoutARecordNeedsATarget(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.options.Target = nil
	err := r.preview(t)
	require.ErrorIs(t, err, deploy.ErrNoTarget)
	require.EqualError(t, err, "stack prod has no recorded target; say --sandbox or --aws")
}

func TestARecordedTargetNeedsNoFlagAndTakesNoOther(t *testing.T) {
	t.Parallel()
	r := newRigUp(t)
	r.options.Targets = []deploy.Target{r.options.Target}
	r.options.Target = nil
	require.Equal(t, 6, r.mustUp(t).Changes.Same)

	r.options.Target = deploy.AWS()
	var mismatch *deploy.TargetMismatchError
	require.ErrorAs(t, r.preview(t), &mismatch)
	require.Equal(t, "fake", mismatch.Recorded)
	require.Equal(t, "aws", mismatch.Given)

	r.options.Target, r.options.Targets = nil, nil
	require.ErrorContains(t, r.preview(t), `recorded as "fake", a target that is not known here`)
}

func TestADamagedRecordIsAnErrorThatNamesTheFile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := filepath.Join(r.dir, ".aplomb", "targets", "prod.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	for _, damage := range []string{"", "{", `{"target":""}`, `[]`} {
		require.NoError(t, os.WriteFile(path, []byte(damage), 0o600))
		var damaged *deploy.RecordError
		require.ErrorAs(t, r.preview(t), &damaged, damage)
		require.ErrorContains(t, damaged, path)
	}
}

func TestAMissingCLIIsToldWithEveryPlaceThatWasTried(t *testing.T) {
	r := newRig(t)
	t.Setenv("PATH", t.TempDir())
	r.options.Pulumi = ""
	err := r.preview(t)
	require.ErrorIs(t, err, deploy.ErrCLIMissing)
	require.ErrorContains(t, err, filepath.Join(r.dir, ".aplomb/pulumi/bin/pulumi")+", then pulumi on PATH")
	var missing *deploy.CLIError
	require.ErrorAs(t, err, &missing)
	require.Contains(t, missing.Hint(), "make pulumi")
}

func TestAnOldOrSilentCLIIsRefused(t *testing.T) {
	t.Parallel()
	for said, shown := range map[string]string{"echo v3.199.9": "v3.199.9", "true": "without a version", "exit 3": "that fails to say its version"} {
		r := newRig(t)
		r.options.Pulumi = t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(r.options.Pulumi, "pulumi"), []byte("#!/bin/sh\n"+said+"\n"), 0o755))
		err := r.preview(t)
		require.ErrorIs(t, err, deploy.ErrCLITooOld)
		require.ErrorContains(t, err, shown)
	}
}

func TestTheScriptThatObtainsTheCLIAcceptsTheSameVersions(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../tools/pulumi/get.sh")
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^minimum=(\d+)$`).FindStringSubmatch(string(text))
	require.NotNil(t, found)
	require.Equal(t, deploy.MinimumCLI.String(), "3."+found[1]+".0")
}

func TestBadConfigurationIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	r := newRig(t)
	require.NoError(t, os.Remove(filepath.Join(r.dir, "Pulumi.prod.yaml")))
	_, err := r.up(t)
	var refused *deploy.ConfigError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "Pulumi.prod.yaml", refused.Subject)
	require.Len(t, refused.Failures, 1)
	_, err = os.Stat(filepath.Join(r.dir, ".aplomb"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAFileThatIsNoYAMLIsToldAlikeByEveryOperation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, text := range []string{"", "a: [b\n", "- a list\n"} {
		r.write(t, "Pulumi.prod.yaml", text)
		told := r.preview(t)
		stack, ctx := r.stack(t), context.Background()
		_, outputs := stack.Outputs(ctx)
		_, export := stack.Export(ctx)
		_, refresh := stack.Refresh(ctx)
		_, destroy := stack.Destroy(ctx, deploy.DestroyOptions{})
		for _, err := range []error{told, outputs, export, refresh, destroy} {
			var refused *deploy.ConfigError
			require.ErrorAs(t, err, &refused, "%q", text)
			require.Equal(t, "Pulumi.prod.yaml", refused.Subject)
			require.EqualError(t, err, told.Error())
		}
	}
}

// onAWS makes the rig go to the AWS target, with a backend of its own and a program without resources.
func onAWS(t *testing.T, passphrase string) *rig {
	t.Helper()
	r := newRig(t)
	r.options.Target = deploy.AWS()
	state := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.MkdirAll(state, 0o700))
	t.Setenv("PULUMI_BACKEND_URL", "file://"+state)
	t.Setenv("PULUMI_HOME", filepath.Join(state, "home"))
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", passphrase)
	return r
}

func TestOnAWSEverySecretMustBeSet(t *testing.T) {
	r := onAWS(t, "right")
	_, err := r.up(t)
	var refused *deploy.ConfigError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Failures, 2)
	require.ErrorContains(t, err, "pulumi config set --stack prod --secret aplomb:secret.tickets.helpdesk-token")
}

// withoutSecrets takes the services' secrets out of the configuration.
func (r *rig) withoutSecrets(t *testing.T) {
	t.Helper()
	r.write(t, "Pulumi.prod.yaml", regexp.MustCompile(`(?m)^ *secrets: .*\n`).ReplaceAllString(r.read(t, "Pulumi.prod.yaml"), ""))
}

func TestAWrongOrMissingPassphraseIsToldAsThat(t *testing.T) {
	r := onAWS(t, "right")
	r.withoutSecrets(t)
	r.mustUp(t)
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
	var refused *deploy.PassphraseError
	require.ErrorAs(t, r.preview(t), &refused)
	require.False(t, refused.Missing)
	require.NoError(t, os.Unsetenv("PULUMI_CONFIG_PASSPHRASE"))
	require.ErrorAs(t, r.preview(t), &refused)
	require.True(t, refused.Missing)
	require.ErrorIs(t, refused, deploy.ErrPassphrase)
}

func TestABackendThatCannotBeReachedIsToldWithoutADump(t *testing.T) {
	r := onAWS(t, "right")
	r.withoutSecrets(t)
	t.Setenv("PULUMI_BACKEND_URL", "file://"+filepath.Join(r.dir, "Pulumi.yaml"))
	err := r.preview(t)
	var failed *deploy.EngineError
	require.ErrorAs(t, err, &failed)
	require.False(t, failed.Started)
	require.ErrorContains(t, err, "Pulumi.yaml")
	for _, dump := range []string{"stdout:", "stderr:", "code:"} {
		require.NotContains(t, err.Error(), dump)
	}
}

func TestAnOpenNeedsTheNameOfAStack(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "../prod", ".hidden", "a/b"} {
		_, err := deploy.Open(deploy.Options{Stack: name})
		require.Error(t, err, name)
	}
}
