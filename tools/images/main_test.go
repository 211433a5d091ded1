// Layer: host (the real compiler, and a registry in memory). What the image holds, that it is always the same, and where it goes.
package main

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/require"
)

// built is the image of the sources as they are, compiled once.
var built = sync.OnceValues(func() (v1.ImageIndex, error) { return build(context.Background(), "../..") })

func digestOf(t *testing.T, index v1.ImageIndex) v1.Hash {
	t.Helper()
	digest, err := index.Digest()
	require.NoError(t, err)
	return digest
}

func TestTheSameSourcesMakeTheSameImageInAnyFolderAndEnvironment(t *testing.T) {
	here, err := built()
	require.NoError(t, err)
	elsewhere := t.TempDir()
	for _, part := range []string{"cmd/aplomb-probe", "internal/check"} {
		require.NoError(t, os.CopyFS(filepath.Join(elsewhere, part), os.DirFS(filepath.Join("../..", part))))
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("../..", file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(elsewhere, file), text, 0o600))
	}
	for variable, value := range map[string]string{"GOFLAGS": "-tags=netgo", "GOAMD64": "v3", "GOARM64": "v8.2", "GOEXPERIMENT": "jsonv2", "CGO_ENABLED": "1", "GOOS": "darwin"} {
		t.Setenv(variable, value)
	}
	there, err := build(t.Context(), elsewhere)
	require.NoError(t, err)
	require.Equal(t, digestOf(t, here), digestOf(t, there))
}

func TestTheImageIsOneStaticBinaryForEachArchitecture(t *testing.T) {
	index, err := built()
	require.NoError(t, err)
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	require.Equal(t, types.OCIImageIndex, manifest.MediaType)
	require.Len(t, manifest.Manifests, 2)
	for at, machine := range []elf.Machine{elf.EM_X86_64, elf.EM_AARCH64} {
		entry := manifest.Manifests[at]
		require.Equal(t, "linux/"+architectures[at], entry.Platform.String())
		image, err := index.Image(entry.Digest)
		require.NoError(t, err)
		config, err := image.ConfigFile()
		require.NoError(t, err)
		require.Equal(t, architectures[at], config.Architecture)
		require.Equal(t, "linux", config.OS)
		require.Equal(t, []string{"/aplomb-probe"}, config.Config.Entrypoint)
		require.True(t, config.Created.Equal(epoch))

		binary := onlyFile(t, image)
		checkStatic(t, binary, machine)
		if runtime.GOOS == "linux" && runtime.GOARCH == architectures[at] {
			require.Contains(t, output(t, binary, "--version"), "aplomb-probe devel ("+runtime.Version()+", linux/"+runtime.GOARCH+")")
		}
	}
}

// onlyFile is the one file of the one layer.
func onlyFile(t *testing.T, image v1.Image) []byte {
	t.Helper()
	layers, err := image.Layers()
	require.NoError(t, err)
	require.Len(t, layers, 1)
	kind, err := layers[0].MediaType()
	require.NoError(t, err)
	require.Equal(t, types.OCILayer, kind)
	contents, err := layers[0].Uncompressed()
	require.NoError(t, err)
	archive := tar.NewReader(contents)
	header, err := archive.Next()
	require.NoError(t, err)
	require.Equal(t, "aplomb-probe", header.Name)
	require.Equal(t, byte(tar.TypeReg), header.Typeflag)
	require.Equal(t, int64(0o755), header.Mode)
	require.Zero(t, header.Uid+header.Gid)
	require.Empty(t, header.Uname+header.Gname)
	require.True(t, header.ModTime.Equal(epoch))
	binary, err := io.ReadAll(archive)
	require.NoError(t, err)
	_, err = archive.Next()
	require.ErrorIs(t, err, io.EOF)
	return binary
}

// checkStatic holds that the binary needs no library, and that nothing in it tells where it comes from.
func checkStatic(t *testing.T, binary []byte, machine elf.Machine) {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(binary))
	require.NoError(t, err)
	require.Equal(t, machine, file.Machine)
	require.Equal(t, elf.ET_EXEC, file.Type)
	for _, segment := range file.Progs {
		require.NotEqual(t, elf.PT_INTERP, segment.Type)
		require.NotEqual(t, elf.PT_DYNAMIC, segment.Type)
	}
	info, err := buildinfo.Read(bytes.NewReader(binary))
	require.NoError(t, err)
	for _, setting := range info.Settings {
		require.False(t, strings.HasPrefix(setting.Key, "vcs"), setting.Key)
	}
	home, err := filepath.Abs("../..")
	require.NoError(t, err)
	require.NotContains(t, string(binary), home)
}

func output(t *testing.T, binary []byte, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "aplomb-probe")
	require.NoError(t, os.WriteFile(file, binary, 0o700))
	text, err := exec.Command(file, args...).CombinedOutput()
	require.NoError(t, err)
	return string(text)
}

func TestALayoutIsReplacedAndNothingElseIs(t *testing.T) {
	index, err := built()
	require.NoError(t, err)
	into := filepath.Join(t.TempDir(), "image")
	for range 2 {
		require.NoError(t, writeLayout(into, index))
	}
	read, err := layout.ImageIndexFromPath(into)
	require.NoError(t, err)
	manifest, err := read.IndexManifest()
	require.NoError(t, err)
	require.Len(t, manifest.Manifests, 1)
	require.Equal(t, digestOf(t, index), manifest.Manifests[0].Digest)

	other := t.TempDir()
	require.ErrorContains(t, writeLayout(other, index), "is no OCI image layout: name another folder")
	require.DirExists(t, other)
}

func TestWhatIsPushedIsWhatWasBuiltAndPushingAgainChangesNothing(t *testing.T) {
	index, err := built()
	require.NoError(t, err)
	var writes int
	inMemory := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
			writes++
		}
		inMemory.ServeHTTP(w, r)
	}))
	defer server.Close()
	repository, err := parseRepository(strings.TrimPrefix(server.URL, "http://") + "/aplomb/probe")
	require.NoError(t, err)
	digest := digestOf(t, index)

	var notes strings.Builder
	pushed, err := pushTo(t.Context(), *repository, index, &notes)
	require.NoError(t, err)
	require.Equal(t, repository.String()+"@"+digest.String(), pushed)
	require.Equal(t, "probe-image: pushed as "+repository.String()+":"+digest.Hex[:12]+"\n", notes.String())
	require.Equal(t, 3, writes, "two images and their index")

	reference, err := name.NewDigest(pushed)
	require.NoError(t, err)
	pulled, err := remote.Index(reference)
	require.NoError(t, err)
	require.NoError(t, validate.Index(pulled))
	require.Equal(t, digest, digestOf(t, pulled))

	notes.Reset()
	again, err := pushTo(t.Context(), *repository, index, &notes)
	require.NoError(t, err)
	require.Equal(t, pushed, again)
	require.Equal(t, "probe-image: the repository has it already\n", notes.String())
	require.Equal(t, 3, writes)
}

func TestARefusedPushSaysWhatIsMissing(t *testing.T) {
	index, err := built()
	require.NoError(t, err)
	for status, hint := range map[int]string{
		http.StatusUnauthorized: "\nlog in first: aws ecr get-login-password --region ",
		http.StatusForbidden:    "\nlog in first: aws ecr get-login-password --region ",
		http.StatusNotFound:     "\nthe repository may be missing: aws ecr create-repository --region REGION --repository-name aplomb/probe",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v2/" {
				w.WriteHeader(status)
			}
		}))
		repository, err := parseRepository(strings.TrimPrefix(server.URL, "http://") + "/aplomb/probe")
		require.NoError(t, err)
		_, err = pushTo(t.Context(), *repository, index, io.Discard)
		require.ErrorContains(t, err, hint)
		server.Close()
	}
}

func TestTheHintNamesTheRegionOfARegistry(t *testing.T) {
	repository, err := parseRepository("210987654321.dkr.ecr.eu-central-1.amazonaws.com/aplomb/probe")
	require.NoError(t, err)
	refused := hinting(*repository, &transport.Error{StatusCode: http.StatusUnauthorized})
	require.ErrorContains(t, refused, "--region eu-central-1 | docker login --username AWS --password-stdin 210987654321.dkr.ecr.eu-central-1.amazonaws.com")
}

func TestARepositoryWithATagIsRefused(t *testing.T) {
	for _, text := range []string{"registry.example/aplomb/probe:latest", "registry.example/aplomb/probe@sha256:aa", "Aplomb", "probe"} {
		_, err := parseRepository(text)
		require.ErrorContains(t, err, "is no repository without a tag", text)
	}
	repository, err := parseRepository("")
	require.NoError(t, err)
	require.Nil(t, repository)
}

func TestBadFlagsAreRefusedBeforeAnythingIsCompiled(t *testing.T) {
	require.ErrorContains(t, run(t.Context(), nil, io.Discard, io.Discard), "--out is missing")
	require.ErrorContains(t, run(t.Context(), []string{"--out", "x", "y"}, io.Discard, io.Discard), `"y" is no flag`)
	if runtime.Version() == toolchain {
		require.ErrorContains(t, run(t.Context(), []string{"--out", "x", "--push", "a:b"}, io.Discard, io.Discard), "--push")
	} else {
		require.ErrorContains(t, run(t.Context(), []string{"--out", "x"}, io.Discard, io.Discard), "makes another image than "+toolchain)
	}
}

func TestSourcesThatDoNotCompileAreShown(t *testing.T) {
	_, err := build(t.Context(), t.TempDir())
	var failed *exec.ExitError
	require.True(t, errors.As(err, &failed))
	require.ErrorContains(t, err, "compiling the probe for amd64")
}
