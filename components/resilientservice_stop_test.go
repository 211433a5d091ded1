package components_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stopped is what aplomb-stop does on a host where some commands fail, a line for each command.
func stopped(t *testing.T, mainPID string, failing ...string) []string {
	t.Helper()
	bash, dir := tool(t, "bash"), t.TempDir()
	script, _ := booted(t, probedArgs()).file(t, "/usr/local/bin/aplomb-stop")
	place(t, dir, "/aplomb-stop", script, 0o755)
	for _, command := range []string{"systemctl", "sleep", "docker"} {
		stand := "#!/bin/sh\necho \"" + command + " $*\" >>" + dir + "/commands\n"
		for _, each := range failing {
			stand += "[ \"" + command + " $*\" != \"" + each + "\" ] || exit 1\n"
		}
		place(t, dir, "/bin/"+command, stand, 0o755)
	}
	command := exec.Command(bash, filepath.Join(dir, "aplomb-stop"))
	command.Env = []string{"PATH=" + dir + "/bin:" + os.Getenv("PATH"), "MAINPID=" + mainPID}
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	commands, err := os.ReadFile(filepath.Join(dir, "commands"))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(commands)), "\n")
}

const drain, again = "systemctl kill --signal=SIGUSR1 aplomb-probe.service", "systemctl --no-block try-restart aplomb-probe.service"

func TestAStopWaitsUntilTheLoadBalancerHasNoticed(t *testing.T) {
	require.Equal(t, []string{drain, "sleep 17", "docker stop aplomb-container", again}, stopped(t, "4711"))
}

func TestAStopWithoutARunningProbeStopsTheContainerAllTheSame(t *testing.T) {
	require.Equal(t, []string{drain, "docker stop aplomb-container", again}, stopped(t, "4711", drain))
}

func TestAStopThatSystemdWillNotFollowByAStartSucceeds(t *testing.T) {
	require.Equal(t, []string{drain, "sleep 17", "docker stop aplomb-container", again}, stopped(t, "4711", again))
}

// systemd runs the commands of ExecStop also when the container has ended by itself: a restart must not wait for anything then.
func TestAContainerThatEndedByItselfIsStartedAgainAtOnce(t *testing.T) {
	require.Empty(t, stopped(t, ""))
}
