package components

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

var dataPathSyntax = regexp.MustCompile(`^(/[A-Za-z0-9._-]+)+$`)

// inMemory are the folders of Linux that no volume is behind.
func inMemory() []string { return []string{"/dev", "/proc", "/run", "/sys", "/tmp", "/var/run"} }

func (a ResilientServiceArgs) checkProbe(c *check.Checker) {
	if a.Probe == nil {
		return
	}
	at := c.At("probe")
	image, err := naming.ParseImage(a.Probe.Image)
	switch {
	case a.Probe.Image == "":
		at.Missing("image", "the probe comes in a container image", imageRemedy)
	case err != nil:
		at.Fail("image", a.Probe.Image, err.Error(), imageRemedy)
	case image.Digest == "" && !a.AllowImageTags:
		at.Fail("image", a.Probe.Image, "names a tag, whose content can change between two launches", imageRemedy+", or set allowImageTags in development")
	default:
		a.checkImageHome(at, "image", image)
	}
	checkRange(at, "port", a.Probe.Port, 1, 65535, "as a TCP port")
	switch a.Probe.Port {
	case sshPort:
		at.Fail("port", a.Probe.Port, "is where sshd listens on the host", "choose another port, such as 9808")
	case a.Port:
		at.Fail("port", a.Probe.Port, "is the port of the container, which shares the host's network", "choose another port, such as 9808")
	}
	a.Probe.checkDataPaths(at)
}

func (p *ProbeArgs) checkDataPaths(at *check.Checker) {
	if len(p.DataPaths) > maxDataPaths {
		at.Fail("dataPaths", len(p.DataPaths), fmt.Sprintf("folders are more than %d", maxDataPaths), "name one folder for each volume")
	}
	first := map[string]int{}
	for index, each := range p.DataPaths {
		where := fmt.Sprintf("dataPaths[%d]", index)
		earlier, taken := first[each]
		switch {
		case len(each) > maxDataPathCharacter || !dataPathSyntax.MatchString(each) || path.Clean(each) != each:
			at.Fail(where, each, "is not the path of a folder in letters, digits and ._-", "give where the volume is mounted, such as /data")
		case isInMemory(each):
			at.Fail(where, each, "is in memory, where no volume can stall", "give where the volume is mounted, such as /data")
		case taken:
			at.Fail(where, each, fmt.Sprintf("is dataPaths[%d] too", earlier), "name each folder once")
		default:
			first[each] = index
		}
	}
}

func isInMemory(folder string) bool {
	for _, each := range inMemory() {
		if folder == each || strings.HasPrefix(folder, each+"/") {
			return true
		}
	}
	return false
}
