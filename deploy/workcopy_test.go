package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/stretchr/testify/require"
)

func TestWhatTheUsersPassphraseEncryptsStaysOutOfASandbox(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x", secret: true}}})
	file := r.read(t, "Pulumi.prod.yaml") + `
  aplomb:secret.tickets.helpdesk-token:
    secure: v1:AAAAAAAAAAAAAAAA:bm90IG91cnMgdG8gcmVhZA==
encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:bm90IG91cnMgdG8gcmVhZA==
`
	r.write(t, "Pulumi.prod.yaml", file)
	r.mustUp(t)
	require.Contains(t, r.cloud.snapshot(), dummySecret)
	require.Equal(t, file, r.read(t, "Pulumi.prod.yaml"))
	require.Equal(t, 2, r.mustUp(t).Changes.Same)
}

// pulumi runs the CLI in the user's own folder, as a user does.
func (r *rig) pulumi(t *testing.T, stdin string, args ...string) {
	t.Helper()
	run := exec.Command(filepath.Join(pulumiDir(t), "pulumi"), append([]string{"--non-interactive"}, args...)...)
	run.Dir, run.Stdin = r.dir, strings.NewReader(stdin)
	output, err := run.CombinedOutput()
	require.NoError(t, err, string(output))
}

func TestASecretThatTheUserRemovesIsGoneFromThePrivateCopy(t *testing.T) {
	r := onAWS(t, "right")
	r.pulumi(t, "", "stack", "init", "prod", "--secrets-provider", "passphrase")
	without := r.read(t, "Pulumi.prod.yaml")
	for _, key := range []string{"aplomb:secret.tickets.helpdesk-token", "aplomb:secret.web.session-key"} {
		r.pulumi(t, "the user's own", "config", "set", "--stack", "prod", "--secret", key)
	}
	with := r.read(t, "Pulumi.prod.yaml")
	r.mustUp(t)
	require.Equal(t, with, r.read(t, "Pulumi.prod.yaml"))
	requireAbsent(t, r.dir, "the user's own")

	r.write(t, "Pulumi.prod.yaml", without)
	_, err := r.up(t)
	var refused *deploy.ConfigError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Failures, 2)
}

func TestARelativeBackendIsMeantFromTheProject(t *testing.T) {
	r := onAWS(t, "right")
	r.withoutSecrets(t)
	require.NoError(t, os.Unsetenv("PULUMI_BACKEND_URL"))
	require.NoError(t, os.Mkdir(filepath.Join(r.dir, "state"), 0o700))
	r.write(t, "Pulumi.yaml", r.read(t, "Pulumi.yaml")+"\nbackend:\n  url: file://state\n")
	r.mustUp(t)
	_, err := os.Stat(filepath.Join(r.dir, "state", ".pulumi"))
	require.NoError(t, err)
}

func TestTheAccountIsTheSameToTheEngineHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t, box{"web", []thing{{label: "page", kind: "x"}}})
	r.mustUp(t)
	copied, err := os.ReadFile(filepath.Join(r.dir, ".aplomb/work/fake/prod/copy/Pulumi.prod.yaml"))
	require.NoError(t, err)
	require.Regexp(t, regexp.MustCompile(`(?m)^ +account: "109876543210"$`), string(copied))
	require.Contains(t, string(copied), "aplomb:target: fake")
	require.Contains(t, string(copied), "encryptionsalt: ")
	require.NotContains(t, r.read(t, "Pulumi.prod.yaml"), "encryptionsalt")
}
