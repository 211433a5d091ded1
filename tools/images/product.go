package main

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
)

// product is one image that this tool makes.
type product struct {
	// label is what its lines begin with, and the make target that makes it.
	label string
	// binary is the command, below cmd/ and at the image's root.
	binary string
	// repository is an example of one.
	repository string
	// apart means an image for each architecture and no index of them.
	apart bool
	// history is what the image says of its layer; nothing when empty.
	history string
	// files are what the image holds beside the binary, by their paths below its root.
	files map[string][]byte
}

// probe is pulled by hosts of either architecture by one digest, and is never run as a container.
func probe() product {
	return product{label: "probe-image", binary: "aplomb-probe", repository: "aplomb/probe"}
}

// bundlePath is where aplomb-sql reads the certificates of RDS's authorities.
const bundlePath = "etc/ssl/certs/rds-global-bundle.pem"

// sql is run by Lambda, which takes an image for one architecture only: "Lambda does not support functions that use multi-architecture container
// images" (https://docs.aws.amazon.com/lambda/latest/dg/images-create.html).
func sql(bundle []byte) product {
	return product{
		label: "sql-image", binary: "aplomb-sql", repository: "aplomb/sql", apart: true, history: "aplomb-sql and the certificates of RDS's authorities",
		files: map[string][]byte{bundlePath: bundle},
	}
}

// sqlOf reads and checks the file that a user downloaded.
func sqlOf(file string) (product, error) {
	if file == "" {
		return product{}, fmt.Errorf("--bundle is missing: download %s and run make sql-image RDS_BUNDLE=FILE", bundleSource)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return product{}, err
	}
	if err := checkBundle(text); err != nil {
		return product{}, fmt.Errorf("%s: %w; download it from %s", file, err, bundleSource)
	}
	return sql(text), nil
}

// entry is one thing in a layer.
type entry struct {
	name     string
	folder   bool
	mode     int64
	contents []byte
}

// entries is what the layer holds, in the order of the paths: the files, and the folders that they are in. Lambda runs the binary as a user of its own, who
// must be able to read everything.
func (p product) entries(binary []byte) []entry {
	all := []entry{{name: p.binary, mode: 0o755, contents: binary}}
	folders := map[string]bool{}
	for name, contents := range p.files {
		all = append(all, entry{name: name, mode: 0o644, contents: contents})
		for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
			folders[folder+"/"] = true
		}
	}
	for folder := range folders {
		all = append(all, entry{name: folder, folder: true, mode: 0o755})
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return all
}
