package components_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// host is where aplomb-pull runs in these tests: this machine, with a Docker that only writes down what it is told, a metadata service
// and an ECR of our own, and /run elsewhere. curl is the real one.
type host struct {
	t      *testing.T
	dir    string
	script string
	imds   *fakeMetadata
	ecr    *fakeECR
}

// dockerStandIn writes down its arguments, knows one image once it was pulled, and keeps what a login would be made from.
const dockerStandIn = `#!/bin/bash
printf '%s\n' "docker $*" >>"$HOST/commands"
case $1 in
image) [[ -e $HOST/pulled ]] ;;
--config)
  stat -c '%a' "$2" >>"$HOST/modes"
  if [[ -e $2/config.json ]]; then
    stat -c '%a' "$2/config.json" >>"$HOST/modes"
    cp "$2/config.json" "$HOST/login"
  fi
  [[ ! -e $HOST/broken ]] && touch "$HOST/pulled"
  ;;
cp) echo "the agent" >"$4" ;;
esac
`

// curlStandIn writes down its arguments, as a list of processes would show them, and is curl otherwise.
const curlStandIn = `#!/bin/bash
printf '%s\n' "curl $*" >>"$HOST/commands"
exec CURL "$@"
`

// sleepStandIn writes down how long somebody would have waited.
const sleepStandIn = `#!/bin/bash
printf '%s\n' "$1" >>"$HOST/slept"
`

// newHost starts the host. The way to ECR is the addresses in turn.
func newHost(t *testing.T, addresses ...string) *host {
	t.Helper()
	t.Parallel()
	curl := tool(t, "curl")
	h := &host{t: t, dir: t.TempDir(), imds: startMetadata(t), ecr: startECR(t, addresses...)}
	h.script, _ = booted(t, probedArgs()).file(t, "/usr/local/bin/aplomb-pull")
	h.script = strings.ReplaceAll(h.script, "/run/", h.dir+"/run/")
	place(t, h.dir, "/run/keep", "", 0o600)
	place(t, h.dir, "/aplomb-pull", h.script, 0o755)
	place(t, h.dir, "/bin/docker", dockerStandIn, 0o755)
	place(t, h.dir, "/bin/curl", strings.Replace(curlStandIn, "CURL", curl, 1), 0o755)
	place(t, h.dir, "/bin/sleep", sleepStandIn, 0o755)
	place(t, h.dir, "/authority.pem", h.ecr.authority, 0o600)
	place(t, h.dir, "/.curlrc", strings.Join([]string{
		`connect-to = "169.254.169.254:80:` + h.imds.address + `"`,
		`connect-to = "api.ecr.eu-central-1.amazonaws.com:443:ecr.test:` + h.ecr.port + `"`,
		`resolve = "ecr.test:` + h.ecr.port + ":" + strings.Join(h.ecr.addresses, ",") + `"`,
		`cacert = "` + h.dir + `/authority.pem"`,
		`retry-delay = 1`,
	}, "\n"), 0o600)
	return h
}

// run runs the script as systemd would, and gives what it printed.
func (h *host) run(arguments ...string) (string, error) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(h.dir, "aplomb-pull"), arguments...)
	command.WaitDelay = time.Second // what it started may hold on to its output
	command.Env = []string{"PATH=" + h.dir + "/bin:" + os.Getenv("PATH"), "HOST=" + h.dir, "CURL_HOME=" + h.dir}
	output, err := command.CombinedOutput()
	require.NoError(h.t, ctx.Err(), "it took longer than a unit should: %s", output)
	for _, secret := range h.secrets() {
		require.NotContains(h.t, string(output), secret)
		require.NotContains(h.t, h.read("commands"), secret, "anybody on the host may list processes")
	}
	left, globErr := filepath.Glob(filepath.Join(h.dir, "run", "aplomb-pull.*"))
	require.NoError(h.t, globErr)
	require.Empty(h.t, left, "a login stays behind")
	return string(output), err
}

func (h *host) secrets() []string {
	return []string{h.imds.session, h.imds.secretKey, h.imds.token, h.ecr.authorization}
}

// read is the content of a file that a stand-in wrote; empty where it wrote none.
func (h *host) read(name string) string {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return ""
	}
	require.NoError(h.t, err)
	return string(text)
}

// docker is what Docker was told, a line each, with the name of the login's folder left out.
func (h *host) docker() []string {
	h.t.Helper()
	var lines []string
	for _, line := range strings.Split(h.read("commands"), "\n") {
		if arguments, isDocker := strings.CutPrefix(line, "docker "); isDocker {
			if rest, hasLogin := strings.CutPrefix(arguments, "--config "+h.dir+"/run/aplomb-pull."); hasLogin {
				_, rest, _ = strings.Cut(rest, " ")
				arguments = "--config /run " + rest
			}
			lines = append(lines, arguments)
		}
	}
	return lines
}

func TestPullLogsInWithTheRole(t *testing.T) {
	h := newHost(t, "127.0.0.1")
	output, err := h.run(image)
	require.NoError(t, err, output)
	require.Equal(t, []string{"image inspect " + image, "--config /run pull --quiet " + image}, h.docker())
	require.JSONEq(t, `{"auths": {"`+account+`.dkr.ecr.eu-central-1.amazonaws.com": {"auth": "`+h.ecr.authorization+`"}}}`, h.read("login"))
	require.Equal(t, "700\n600\n", h.read("modes"), "the login's folder and file are root's alone")
	require.Equal(t, []string{
		"PUT /latest/api/token", "GET /latest/meta-data/iam/security-credentials/", "GET /latest/meta-data/iam/security-credentials/tickets-role",
	}, h.imds.requests())
	require.Equal(t, []string{"200 signed by ASIAEXAMPLE"}, h.ecr.requests())
}

func TestPullTriesAgainWhenAServiceFails(t *testing.T) {
	h := newHost(t, "127.0.0.1")
	h.imds.behave(1, "")
	h.ecr.behave(2, "")
	output, err := h.run(image)
	require.NoError(t, err, output)
	require.Equal(t, []string{"500 signed by ASIAEXAMPLE", "500 signed by ASIAEXAMPLE", "200 signed by ASIAEXAMPLE"}, h.ecr.requests())
	require.Len(t, h.imds.requests(), 4)
	require.Contains(t, h.read("login"), h.ecr.authorization)
}

func TestAnImageThatIsThereNeedsNoRegistry(t *testing.T) {
	h := newHost(t, "127.0.0.1")
	place(t, h.dir, "/pulled", "", 0o600)
	output, err := h.run(image)
	require.NoError(t, err, output)
	require.Equal(t, []string{"image inspect " + image}, h.docker())
	require.Empty(t, h.imds.requests())
	require.Empty(t, h.ecr.requests())
}

func TestAPublicImageTakesNoLogin(t *testing.T) {
	h := newHost(t, "127.0.0.1")
	output, err := h.run("public.ecr.aws/nginx/nginx@" + digest)
	require.NoError(t, err, output)
	require.Equal(t, "--config /run pull --quiet public.ecr.aws/nginx/nginx@"+digest, h.docker()[1])
	require.Empty(t, h.imds.requests())
	require.Empty(t, h.read("login"))
}

func TestARefusedLoginIsToldInTheWordsOfECR(t *testing.T) {
	h := newHost(t, "127.0.0.1")
	h.ecr.behave(0, `{"__type":"AccessDeniedException","Message":"no identity-based policy allows the ecr:GetAuthorizationToken action"}`)
	output, err := h.run(image)
	require.Error(t, err)
	require.Contains(t, output, "aplomb-pull "+image+": Amazon ECR gives role tickets-role no login: ")
	require.Contains(t, output, "no identity-based policy allows the ecr:GetAuthorizationToken action")
	require.Equal(t, []string{"image inspect " + image}, h.docker())
}

func TestAnECRThatCannotProveItsNameGetsNoCredentials(t *testing.T) {
	h := newHost(t, "127.0.0.1")
	place(t, h.dir, "/authority.pem", startECR(t, "127.0.0.1").authority, 0o600)
	output, err := h.run(image)
	require.Error(t, err)
	require.Contains(t, output, "certificate")
	require.Empty(t, h.ecr.requests())
}

func TestAPullThatFailsLeavesNoLogin(t *testing.T) {
	h := newHost(t, "127.0.0.1")
	place(t, h.dir, "/broken", "", 0o600)
	_, err := h.run(image)
	require.Error(t, err, "systemd tries again only after a failure; run has looked for what is left behind")
	require.NotEmpty(t, h.read("slept"), "systemd tries again at once, and every instance asks the same registry")
}

func TestTheProbeIsCopiedOutOfItsImageOnceABoot(t *testing.T) {
	h := newHost(t, "127.0.0.1")
	target := filepath.Join(h.dir, "run", "aplomb", "aplomb-probe")
	output, err := h.run(probeImage, "/aplomb-probe", target)
	require.NoError(t, err, output)
	require.Equal(t, []string{
		"image inspect " + probeImage, "--config /run pull --quiet " + probeImage, "rm --force aplomb-copy",
		"create --pull never --network none --name aplomb-copy " + probeImage + " /aplomb-probe",
		"cp --quiet aplomb-copy:/aplomb-probe " + target + ".new", "rm --force aplomb-copy",
	}, h.docker())
	for path, mode := range map[string]os.FileMode{target: 0o755, filepath.Dir(target): os.ModeDir | 0o755} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode(), "a user without rights must be able to run it")
	}
	told := len(h.docker())
	output, err = h.run(probeImage, "/aplomb-probe", target)
	require.NoError(t, err, output)
	require.Len(t, h.docker(), told, "a restart of the probe needs no Docker, whose folder is on the disk that may be gone")
}
