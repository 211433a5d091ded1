package components_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

const probeImage = account + ".dkr.ecr.eu-central-1.amazonaws.com/aplomb/probe@" + digest

// probedArgs is a service with everything that the boot knows.
func probedArgs() *components.ResilientServiceArgs {
	args := fullArgs()
	args.Probe = &components.ProbeArgs{Image: probeImage, DataPaths: []string{"/data", "/srv/index"}}
	return args
}

// publicArgs is a service whose image takes no login, without a probe.
func publicArgs() *components.ResilientServiceArgs {
	args := serviceArgs()
	args.Image, args.NoSessions = "public.ecr.aws/nginx/nginx@"+digest, true
	args.Egress = egress("the registry", "0.0.0.0/0", 443)
	return args
}

// cloudConfig is user data as cloud-init reads it; a key that is not listed here is an error.
type cloudConfig struct {
	Users      []yaml.Node `yaml:"users"`
	WriteFiles []struct {
		Path        string `yaml:"path"`
		Owner       string `yaml:"owner"`
		Permissions string `yaml:"permissions"`
		Content     string `yaml:"content"`
	} `yaml:"write_files"`
	RunCommands []string `yaml:"runcmd"`
}

func (c cloudConfig) file(t recorder.TB, path string) (content, permissions string) {
	t.Helper()
	for _, each := range c.WriteFiles {
		if each.Path == path {
			return each.Content, each.Permissions
		}
	}
	t.Fatalf("user data writes no %s", path)
	return "", ""
}

// tb is a test or one round of a property.
type tb interface {
	recorder.TB
	Errorf(format string, args ...any)
	FailNow()
}

func userData(t tb, recording *recorder.Recording) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(recording.One(t, launchToken, "tickets-lt").Text(t, "userData"))
	require.NoError(t, err)
	return string(text)
}

func booted(t tb, args *components.ResilientServiceArgs) cloudConfig {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(userData(t, recordService(t, args))))
	decoder.KnownFields(true)
	var config cloudConfig
	require.NoError(t, decoder.Decode(&config))
	return config
}

func TestUserDataRunsTheContainer(t *testing.T) {
	golden.Text(t, "testdata/tickets.cloud-init.golden.yaml", userData(t, recordService(t, probedArgs())))
	golden.Text(t, "testdata/public-image.cloud-init.golden.yaml", userData(t, recordService(t, publicArgs())))
}

func TestOnlyRootReadsTheEnvironmentAndScriptsCanBeRun(t *testing.T) {
	config := booted(t, probedArgs())
	permissions := map[string]string{}
	for _, file := range config.WriteFiles {
		require.Equal(t, "root:root", file.Owner)
		permissions[file.Path] = file.Permissions
	}
	require.Equal(t, map[string]string{
		"/etc/aplomb/container.env":                    "0600",
		"/usr/local/bin/aplomb-pull":                   "0755",
		"/usr/local/bin/aplomb-stop":                   "0755",
		"/etc/systemd/system/aplomb-container.service": "0644",
		"/etc/systemd/system/aplomb-probe.service":     "0644",
	}, permissions)
}

func TestNothingIsDownloadedAtBootButTheImages(t *testing.T) {
	for _, args := range []*components.ResilientServiceArgs{probedArgs(), publicArgs()} {
		text := userData(t, recordService(t, args))
		require.NotRegexp(t, `\b(dnf|yum|apt|apt-get|rpm|packages?|pip|wget)\b`, text)
	}
}

func TestWithoutAProbeNothingOfItIsOnTheHost(t *testing.T) {
	require.NotContains(t, userData(t, recordService(t, publicArgs())), "probe")
}

// The time that a stop may take is what it needs: until the load balancer has noticed, for the requests that are left, and 10 s.
func TestAStopHasTheTimeThatItNeeds(t *testing.T) {
	args := probedArgs()
	args.DrainSeconds = 45
	args.HealthCheck = components.HealthCheckArgs{Interval: 10, Timeout: 4, UnhealthyThreshold: 3}
	config := booted(t, args)
	stop, _ := config.file(t, "/usr/local/bin/aplomb-stop")
	require.Contains(t, stop, "sleep 44\n", "(3+1)*10 + 4")
	unit, _ := config.file(t, "/etc/systemd/system/aplomb-container.service")
	require.Contains(t, unit, "TimeoutStopSec=99\n", "44 + 45 + 10")
	require.Contains(t, unit, "--stop-timeout 45 ")
	probe, _ := config.file(t, "/etc/systemd/system/aplomb-probe.service")
	require.Contains(t, probe, "--workload-timeout 3500ms ", "so that the probe answers before the load balancer gives up")
}

func TestEnvironmentThatCannotBeHandedOverIsRefused(t *testing.T) {
	for value, want := range map[string]string{
		"two\nlines":               "environment variable CERT of service tickets has a line break",
		"nul\x00":                  "environment variable CERT of service tickets has a line break or another control character",
		"paragraph\u2029":          "environment variable CERT of service tickets has a line break",
		"noncharacter\uFFFE":       "environment variable CERT of service tickets has a line break or another control character",
		strings.Repeat("x", 17000): "more than the 16384 that EC2 takes",
	} {
		args := serviceArgs()
		args.Environment = map[string]pulumi.StringInput{"CERT": pulumi.String(value)}
		_, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			_, err := components.NewResilientService(ctx, "tickets", args, provider)
			return err
		}))
		require.ErrorContains(t, err, want)
	}
}

func TestAnyEnvironmentThatIsTakenArrivesUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ #:'"\\%${}\[\]&*!|>@-]{0,12}[ a-z]*`)).
			Filter(func(text string) bool { return !strings.ContainsFunc(text, refused) }).Draw(t, "value")
		args := probedArgs()
		args.Environment = map[string]pulumi.StringInput{"MOTTO": pulumi.String(value)}
		environment, _ := booted(t, args).file(t, "/etc/aplomb/container.env")
		require.Contains(t, environment, "\nMOTTO="+value+"\n")
	})
}

// refused is what an environment may not hold, said again in other words than the code's.
func refused(r rune) bool {
	return r < 0x20 || (r >= 0x7f && r < 0xa0) || r == 0x2028 || r == 0x2029 || r >= 0xfffd && r <= 0xffff
}

// tool is a program of the host that a test needs. Where it is not installed the test is skipped; .ci/run installs it.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: what it would say of the boot stays unsaid", name)
	}
	return path
}

func TestCloudInitAcceptsTheUserData(t *testing.T) {
	program := tool(t, "cloud-init")
	for name, args := range map[string]*components.ResilientServiceArgs{"probed": probedArgs(), "public": publicArgs()} {
		file := filepath.Join(t.TempDir(), name+".yaml")
		require.NoError(t, os.WriteFile(file, []byte(userData(t, recordService(t, args))), 0o600))
		output, err := exec.Command(program, "schema", "--config-file", file).CombinedOutput()
		require.NoError(t, err, "%s", output)
		require.NotContains(t, strings.ToLower(string(output)), "deprecat")
	}
}

func TestTheShellAcceptsTheScripts(t *testing.T) {
	bash := tool(t, "bash")
	config := booted(t, probedArgs())
	for _, path := range []string{"/usr/local/bin/aplomb-pull", "/usr/local/bin/aplomb-stop"} {
		script, _ := config.file(t, path)
		file := filepath.Join(t.TempDir(), filepath.Base(path))
		require.NoError(t, os.WriteFile(file, []byte(script), 0o700))
		output, err := exec.Command(bash, "-n", file).CombinedOutput()
		require.NoError(t, err, "%s", output)
		t.Run(filepath.Base(path), func(t *testing.T) {
			output, err := exec.Command(tool(t, "shellcheck"), "--severity=warning", file).CombinedOutput()
			require.NoError(t, err, "%s", output)
		})
	}
}

// TestSystemdAcceptsTheUnits verifies them in a root of their own, in which everything they name exists and nothing else does.
func TestSystemdAcceptsTheUnits(t *testing.T) {
	program := tool(t, "systemd-analyze")
	if help, err := exec.Command(program, "--help").Output(); err != nil || !strings.Contains(string(help), "--recursive-errors") {
		t.Skip("systemd-analyze is older than 250 and cannot verify units in a root of their own")
	}
	for name, args := range map[string]*components.ResilientServiceArgs{"probed": probedArgs(), "public": publicArgs()} {
		t.Run(name, func(t *testing.T) {
			root, config := t.TempDir(), booted(t, args)
			for _, executable := range []string{"/usr/bin/docker", "/usr/bin/install", "/run/aplomb/aplomb-probe"} {
				place(t, root, executable, "#!/bin/sh\n", 0o755)
			}
			for _, unit := range []string{"docker.service", "network-online.target", "multi-user.target", "sysinit.target", "basic.target", "shutdown.target"} {
				text := "[Unit]\nDescription=stands in\nDefaultDependencies=false\n"
				if strings.HasSuffix(unit, ".service") {
					text += "[Service]\nExecStart=/usr/bin/docker\n"
				}
				place(t, root, "/usr/lib/systemd/system/"+unit, text, 0o644)
			}
			var units []string
			for _, file := range config.WriteFiles {
				place(t, root, file.Path, file.Content, 0o755)
				if strings.HasSuffix(file.Path, ".service") {
					require.NoError(t, os.Chmod(filepath.Join(root, file.Path), 0o644))
					units = append(units, file.Path)
				}
			}
			output, err := exec.Command(program, append([]string{"verify", "--root=" + root, "--man=no", "--recursive-errors=yes"}, units...)...).CombinedOutput()
			require.NoError(t, err, "%s", output)
			require.NotContains(t, string(output), "aplomb-", "a warning about one of ours")
		})
	}
}

var commandSyntax = regexp.MustCompile(`(?m)^Exec[A-Za-z]+=[-+]*(\S+)`)

// Docker and coreutils are on the machine image; the rest comes with the user data.
func TestUnitsRunOnlyWhatIsOnTheHost(t *testing.T) {
	config, commands := booted(t, probedArgs()), map[string]bool{}
	for _, file := range config.WriteFiles {
		if strings.HasSuffix(file.Path, ".service") {
			for _, match := range commandSyntax.FindAllStringSubmatch(file.Content, -1) {
				commands[match[1]] = true
			}
		}
	}
	require.Equal(t, map[string]bool{
		"/usr/bin/docker": true, "/usr/bin/install": true, "/usr/local/bin/aplomb-pull": true, "/usr/local/bin/aplomb-stop": true,
		"/run/aplomb/aplomb-probe": true,
	}, commands)
}

func place(t *testing.T, root, path, content string, mode os.FileMode) {
	t.Helper()
	file := filepath.Join(root, path)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(content), mode))
}

func TestAHealthPathIsOneWordToSystemd(t *testing.T) {
	args := probedArgs()
	args.HealthCheck.Path = `/health?q="50%"&home=$HOME;\x`
	unit, _ := booted(t, args).file(t, "/etc/systemd/system/aplomb-probe.service")
	require.Contains(t, unit, fmt.Sprintf(` --workload %s --workload-timeout`, `"http://127.0.0.1:8080/health?q=\"50%%\"&home=$$HOME;\\x"`))
}
