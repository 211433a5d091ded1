package components

import (
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
	Service, Image, Registry, Region, LogGroup string
	DrainSeconds                               int
	NoSessions                                 bool
	Environment                                map[string]string
}

// StopSeconds is for how long systemd waits for a container that has been told to stop.
func (u userData) StopSeconds() int { return u.DrainSeconds + 10 }

// Lines is the environment in the form that Docker reads, in the order of the names.
func (u userData) Lines() []string {
	var lines []string
	for _, name := range sortedKeys(u.Environment) {
		lines = append(lines, name+"="+u.Environment[name])
	}
	return lines
}

// The container shares the host's network: it then answers on the instance's own address, and reaches the instance metadata service
// although its hop limit is 1. An image that is there already is not pulled again, so that a restart needs no registry. Logs
// that cannot be delivered are dropped rather than block the application
// (https://docs.docker.com/engine/logging/configure/#configure-the-delivery-mode-of-log-messages-from-container-to-log-driver).
var userDataTemplate = template.Must(template.New("user data").Parse(`#cloud-config
write_files:
  - path: /etc/aplomb/container.env
    owner: root:root
    permissions: "0600"
    content: |
{{- range .Lines}}
      {{.}}
{{- end}}
  - path: /etc/aplomb/docker/config.json
    owner: root:root
    permissions: "0600"
    content: |
{{- if .Registry}}
      {"credHelpers": {"{{.Registry}}": "ecr-login"}}
{{- else}}
      {}
{{- end}}
  - path: /etc/systemd/system/aplomb-container.service
    owner: root:root
    permissions: "0644"
    content: |
      [Unit]
      Description=Container of service {{.Service}}
      Wants=network-online.target docker.service
      After=network-online.target docker.service
      StartLimitIntervalSec=0

      [Service]
      Restart=always
      RestartSec=5
      TimeoutStartSec=600
      TimeoutStopSec={{.StopSeconds}}
      Environment=HOME=/root
{{- if .Registry}}
      ExecStartPre=/bin/sh -c 'command -v docker-credential-ecr-login || dnf install --assumeyes amazon-ecr-credential-helper'
{{- end}}
      ExecStartPre=-/usr/bin/docker rm --force aplomb-container
      ExecStart=/usr/bin/docker --config /etc/aplomb/docker run --name aplomb-container --rm \
        --network host --env-file /etc/aplomb/container.env --security-opt no-new-privileges \
        --log-driver awslogs --log-opt awslogs-region={{.Region}} --log-opt awslogs-group={{.LogGroup}} \
        --log-opt awslogs-stream=%H/%b --log-opt mode=non-blocking --log-opt max-buffer-size=25m \
        {{.Image}}
      ExecStop=/usr/bin/docker stop --time {{.DrainSeconds}} aplomb-container

      [Install]
      WantedBy=multi-user.target
runcmd:
  - systemctl mask --now ecs.service
{{- if .NoSessions}}
  - systemctl mask --now amazon-ssm-agent.service
{{- end}}
  - systemctl daemon-reload
  - systemctl enable --now --no-block aplomb-container.service
`))

// render is the user data as text. A value that does not fit on one line, or text that AWS would refuse, is an error.
func (u userData) render() (string, error) {
	for _, name := range sortedKeys(u.Environment) {
		if strings.ContainsFunc(u.Environment[name], func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar || isLineBreak(r) }) {
			return "", fmt.Errorf("environment variable %s of service %s has a line break or another control character, which an environment file cannot hold; encode it, such as in base64", name, u.Service)
		}
	}
	var text strings.Builder
	if err := userDataTemplate.Execute(&text, u); err != nil {
		return "", fmt.Errorf("user data of service %s: %w", u.Service, err)
	}
	if text.Len() > maxUserData {
		return "", fmt.Errorf("user data of service %s has %d bytes, more than the %d that EC2 takes; shorten the environment", u.Service, text.Len(), maxUserData)
	}
	return text.String(), nil
}

// isLineBreak is for the two line breaks of Unicode that are no control characters; YAML 1.1 takes them for line ends.
func isLineBreak(r rune) bool { return r == '\u2028' || r == '\u2029' }
