package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// epoch is the time of everything in the image.
var epoch = time.Unix(0, 0).UTC()

type platformImage struct {
	architecture string
	image        v1.Image
}

// imageOf is an image with one layer.
func imageOf(made product, architecture string, binary []byte) (v1.Image, error) {
	archive, err := archiveOf(made.entries(binary))
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive)), nil },
		tarball.WithMediaType(types.OCILayer), tarball.WithCompressionLevel(gzip.BestCompression), tarball.WithCompressedCaching)
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	base, err = mutate.ConfigFile(base, &v1.ConfigFile{
		Architecture: architecture, OS: "linux", Created: v1.Time{Time: epoch},
		RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{Entrypoint: []string{"/" + made.binary}},
	})
	if err != nil {
		return nil, err
	}
	addendum := mutate.Addendum{Layer: layer}
	if made.history != "" {
		addendum.History = v1.History{Created: v1.Time{Time: epoch}, CreatedBy: made.history}
	}
	return mutate.Append(base, addendum)
}

func archiveOf(entries []entry) ([]byte, error) {
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	for _, each := range entries {
		kind := byte(tar.TypeReg)
		if each.folder {
			kind = tar.TypeDir
		}
		err := writer.WriteHeader(&tar.Header{
			Typeflag: kind, Name: each.name, Size: int64(len(each.contents)), Mode: each.mode, ModTime: epoch, Format: tar.FormatUSTAR,
		})
		if err != nil {
			return nil, err
		}
		if _, err := writer.Write(each.contents); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}

// indexOf is one image for every architecture.
func indexOf(images []platformImage) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, each := range images {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: each.image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: each.architecture}},
		})
	}
	return index, nil
}

// writeLayout writes what was built as an OCI image layout
// (https://github.com/opencontainers/image-spec/blob/main/image-layout.md). A layout that is there is replaced, any other folder is not.
func writeLayout(into string, built []artifact) error {
	if _, err := os.Stat(into); err == nil {
		if _, err := os.Stat(filepath.Join(into, "oci-layout")); err != nil {
			return fmt.Errorf("%s exists and is no OCI image layout: name another folder", into)
		}
		if err := os.RemoveAll(into); err != nil {
			return err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	written, err := layout.Write(into, empty.Index)
	if err != nil {
		return err
	}
	for _, each := range built {
		if err := each.appendTo(written); err != nil {
			return err
		}
	}
	return nil
}
