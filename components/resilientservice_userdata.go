package components

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
	"unicode"
)

// maxUserData is AWS's limit in bytes, before base64
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html).
const maxUserData = 16384

// userData is what an instance is told at its first boot: which container to run, and how.
type userData struct {
	Service, Image, Region, LogGroup string
	// LoginHost is where ECR hands out logins in the Region.
	LoginHost                  string
	DrainSeconds, EvictSeconds int
	NoSessions                 bool
	Environment                map[string]string
	// Probe is nil where the load balancer asks the container itself.
	Probe *probeData
}

// StopSeconds is for how long systemd waits for a container that has been told to stop: until the load balancer has taken the
// instance out, until the requests it has are finished, and a little longer.
func (u userData) StopSeconds() int {
	if u.Probe == nil {
		return u.DrainSeconds + 10
	}
	return u.EvictSeconds + u.DrainSeconds + 10
}

// bootFile is a file that cloud-init writes.
type bootFile struct{ Path, Mode, Content string }

// Files are what the boot needs on the host. The environment holds the ARNs of secrets, so only root reads it.
func (u userData) Files() ([]bootFile, error) {
	type source struct{ path, mode, name string }
	sources := []source{
		{"/usr/local/bin/aplomb-pull", "0755", "pull.sh.tmpl"},
		{"/etc/systemd/system/aplomb-container.service", "0644", "container.service.tmpl"},
	}
	if u.Probe != nil {
		sources = append(sources,
			source{"/usr/local/bin/aplomb-stop", "0755", "stop.sh.tmpl"},
			source{"/etc/systemd/system/aplomb-probe.service", "0644", "probe.service.tmpl"})
	}
	files := []bootFile{{"/etc/aplomb/container.env", "0600", u.environmentFile()}}
	for _, each := range sources {
		var text strings.Builder
		if err := bootTemplates.ExecuteTemplate(&text, each.name, u); err != nil {
			return nil, err
		}
		files = append(files, bootFile{each.path, each.mode, text.String()})
	}
	return files, nil
}

// environmentFile is the environment in the form that Docker reads, in the order of the names.
func (u userData) environmentFile() string {
	var text strings.Builder
	for _, name := range sortedKeys(u.Environment) {
		text.WriteString(name + "=" + u.Environment[name] + "\n")
	}
	return text.String()
}

// Units are what systemd starts, now and at every later boot.
func (u userData) Units() []string {
	if u.Probe == nil {
		return []string{"aplomb-container.service"}
	}
	return []string{"aplomb-probe.service", "aplomb-container.service"}
}

//go:embed boot/*.tmpl
var bootSources embed.FS

var bootTemplates = template.Must(template.New("boot").
	Funcs(template.FuncMap{"indent": indent}).ParseFS(bootSources, "boot/*.tmpl"))

// indent moves every line that is not empty to the right, and drops the line break at the end.
func indent(by int, text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for index, line := range lines {
		if line != "" {
			lines[index] = strings.Repeat(" ", by) + line
		}
	}
	return strings.Join(lines, "\n")
}

// render is the user data as text. A value that does not fit on one line, or text that AWS would refuse, is an error.
func (u userData) render() (string, error) {
	for _, name := range sortedKeys(u.Environment) {
		if strings.ContainsFunc(u.Environment[name], isUnprintable) {
			return "", fmt.Errorf("environment variable %s of service %s has a line break or another control character, which an environment file cannot hold; encode it, such as in base64", name, u.Service)
		}
	}
	var text strings.Builder
	if err := bootTemplates.ExecuteTemplate(&text, "cloud-init.yaml.tmpl", u); err != nil {
		return "", fmt.Errorf("user data of service %s: %w", u.Service, err)
	}
	if text.Len() > maxUserData {
		return "", fmt.Errorf("user data of service %s has %d bytes, more than the %d that EC2 takes; shorten the environment", u.Service, text.Len(), maxUserData)
	}
	return text.String(), nil
}

// isUnprintable is for what ends a line or is no character to a reader of YAML 1.1, which cloud-init is: the two line breaks of Unicode
// that are no control characters are line ends to it, and noncharacters an error (https://yaml.org/spec/1.1/#id868524).
func isUnprintable(r rune) bool {
	return unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' || r == '\uFFFE' || r == '\uFFFF'
}
